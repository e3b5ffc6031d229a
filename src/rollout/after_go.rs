//! What comes after the GO of a gate: a start, the next entry, a resume. Must not suggest beginning what no recorded check allows.

use super::{Next, NextStep, NotYet, Rollout, steps};
use crate::kind::{Action, GateKind};
use crate::plan::Stage;
use crate::units::Instant;

impl<'a> Rollout<'a> {
    /// What leads to the start of a stage that has not begun: the start itself only once its turn has come.
    #[must_use]
    pub fn towards_start(&self, stage: &'a Stage) -> Option<NextStep> {
        if let Some(hold) = self.barred(stage) {
            return self.ends(&hold);
        }
        let Err(not_yet) = self.permit(stage, self.now) else {
            return Some(steps::start(&stage.name));
        };
        let step = not_yet.next_step(self);
        let mut earlier = self.plan.before(stage).into_iter();
        // In spite of what waits for this one itself, only once nothing else comes before it.
        let goes_round = matches!(&not_yet, NotYet::Displaced(found) if found.waits);
        let not_left = earlier.clone().find_map(|one| self.left(one).err());
        if let Some(not_left) = not_left.filter(|_| goes_round) {
            return self.in_turn(not_left.next_step(self));
        }
        // An earlier stage that has to begin first has its own way there.
        match earlier.find(|one| step == steps::start(&one.name)) {
            Some(one) => self.towards_start(one),
            None => Some(step),
        }
    }

    /// A command, unless it would start a stage whose turn has not come: then what leads there, if anything does.
    #[must_use]
    pub fn in_turn(&self, step: NextStep) -> Option<NextStep> {
        if step.action != Action::Start {
            return Some(step);
        }
        match step.arguments.first().and_then(|name| self.stage(name)) {
            Some(stage) => self.towards_start(stage),
            None => Some(step),
        }
    }

    /// What comes after the GO of a gate, in the check that found it and that is recorded at `clock`; `None` if nothing does. A
    /// start needs a ledger.
    #[must_use]
    pub fn after_go(&self, kind: GateKind, stage: &str, clock: Instant) -> Option<Next> {
        let history = self.history();
        match kind {
            GateKind::Entry => {
                let stage = self.stage(stage).filter(|stage| self.can_begin(stage))?;
                let anyway = steps::start_anyway(&stage.name);
                let unfit = self.spent(stage, kind, clock, anyway);
                Some(unfit.unwrap_or_else(|| Self::begins(stage)))
            }
            GateKind::Recovery => {
                let stage = &self.stage(stage)?.name;
                history.taken_back(stage)?;
                // One that the rollout went back to has not begun: its start is what comes next.
                let again = self.begins_again(stage);
                let step = again.unwrap_or_else(|| steps::resume(stage));
                Some(Next::new(step, &format!("{stage} has recovered")))
            }
            GateKind::Exit => self.after_exit(self.stage(stage)?, clock),
        }
    }

    /// What runs and was not left, where only gates were asked that are over: none of those stages, whose exits were asked. Or else
    /// a stage that comes after none and has not begun.
    #[must_use]
    pub fn asked_later(&self, asked: &[&str]) -> Option<Next> {
        let mut stages = self.plan.stages.iter();
        let runs = stages.find(|one| {
            let is_new = one.gate(GateKind::Exit).is_some() && !asked.contains(&one.name.as_str());
            is_new && self.runs(one) && self.left(one).is_err()
        });
        if let Some(runs) = runs {
            let why = format!("{} runs", runs.name);
            return Some(Next::new(steps::check_in_play(), &why));
        }
        if !asked.iter().any(|one| self.history().has_begun(one)) {
            return None;
        }
        let mut stages = self.plan.stages.iter();
        let first = stages.find(|one| {
            self.plan.before(one).is_empty()
                && one.gate(GateKind::Entry).is_some()
                && !self.history().has_begun(&one.name)
        })?;
        let entry = GateKind::Entry.of(&first.name);
        let why = format!("{entry} decides whether {} may begin", first.name);
        Some(Next::new(steps::check(&entry), &why))
    }

    /// Whether a ledger can record that the stage begins: it has not, or was rolled back and nothing holds it.
    fn can_begin(&self, stage: &'a Stage) -> bool {
        let history = self.history();
        let begins_again =
            || history.taken_back(&stage.name).is_some() && self.barred(stage).is_none();
        self.ledger.is_some() && (!history.has_begun(&stage.name) || begins_again())
    }

    fn begins(stage: &Stage) -> Next {
        let name = &stage.name;
        Next::new(steps::start(name), &format!("{name} may begin"))
    }

    /// What is due in the place of a start that would rest on the GO of a gate, if nothing can begin on that (T7): it judged
    /// another time than that of the clock, or its age is told by an entry that is dated ahead, and asking again does not help.
    fn spent(
        &self,
        stage: &'a Stage,
        kind: GateKind,
        clock: Instant,
        anyway: NextStep,
    ) -> Option<Next> {
        let (gate, name) = (stage.gate(kind)?, kind.of(&stage.name));
        let then = Self {
            now: clock,
            ..*self
        };
        if then.is_ahead(self.now) {
            let by = clock.until(self.now);
            let why = format!("{name} was judged {by} ahead of the clock: nothing begins on that");
            return Some(Next::new(steps::check(&name), &why));
        }
        let past = then.past(self.now + gate.valid)?;
        let why = format!("the GO of {name} was good until {past}: nothing begins on it");
        let waits = past
            .shown_by
            .is_some_and(|ahead| ahead.outlasts(gate.valid));
        let step = if waits { anyway } else { steps::check(&name) };
        Some(Next::new(step, &why))
    }

    /// The first stage that follows and has not begun: its entry is asked, or it begins without one.
    fn after_exit(&self, stage: &'a Stage, clock: Instant) -> Option<Next> {
        let follows = |one: &&Stage| {
            let mut before = self.plan.before(one).into_iter();
            before.any(|before| before.name == stage.name) && !self.history().has_begun(&one.name)
        };
        let next = self.plan.stages.iter().find(follows)?;
        let name = &next.name;
        let mut others = self.plan.before(next).into_iter();
        let others = others.find_map(|one| self.left(one).err().filter(|_| one.name != stage.name));
        if let Some(not_left) = others {
            let why = format!("{name} waits: {not_left}");
            return Some(Next::new(self.in_turn(not_left.next_step(self))?, &why));
        }
        if let Some(hold) = self.barred(next) {
            return Some(self.held_back(next, &hold));
        }
        if next.gate(GateKind::Entry).is_some() {
            let entry = GateKind::Entry.of(name);
            let why = format!("{entry} decides whether {name} may begin");
            return Some(Next::new(steps::check(&entry), &why));
        }
        self.ledger?;
        if let Some(found) = self.displaced_before(next) {
            let why = format!("{name} waits: {found}");
            return Some(Next::new(found.next_step(), &why));
        }
        let spent = self.spent(stage, GateKind::Exit, clock, steps::start_anyway(name));
        Some(spent.unwrap_or_else(|| Self::begins(next)))
    }
}
