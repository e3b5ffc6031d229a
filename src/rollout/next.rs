//! What to do next: one command. Must not suggest beginning what no recorded check allows.

use std::fmt::Display;

use super::{
    Contradiction, Day, GateStatus, Hold, Implied, MISSED, NextStep, NotLeft, NotYet, Owed,
    Rollout, StageStatus, State, Unlike, has_stops, steps, stops_judged_later,
};
use crate::kind::{Action, CriterionKind, GateKind, GateName};
use crate::ledger::{Event, EventKind};
use crate::plan::Stage;
use crate::units::Instant;
use crate::verdict::Verdict;

/// The next command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// What has to be there, or done, before the command helps: `provide reports/e2e.xml`, `read each item of readiness`. `None` if
    /// the command is all.
    pub first: Option<String>,
    /// The command.
    pub command: NextStep,
    /// What to run after it.
    pub then: Option<NextStep>,
    /// Why this one.
    pub why: String,
}

impl Next {
    /// A command and why this one.
    pub(crate) fn new(command: NextStep, why: &(impl Display + ?Sized)) -> Self {
        Self {
            first: None,
            command,
            then: None,
            why: why.to_string(),
        }
    }

    /// The same as somebody can type it.
    pub(crate) fn asked(self, rollout: &Rollout<'_>) -> Self {
        Self {
            command: rollout.asked(self.command),
            then: self.then.map(|then| rollout.asked(then)),
            ..self
        }
    }
}

impl<'a> Rollout<'a> {
    /// What leads to the start of a stage that has not begun: the start itself only once its turn has come.
    #[must_use]
    pub fn towards_start(&self, stage: &'a Stage) -> Option<NextStep> {
        if let Some(hold) = self.barred(stage) {
            return self.ends(&hold);
        }
        let step = match self.permit(stage, self.now) {
            Ok(_) => return Some(steps::start(&stage.name)),
            Err(not_yet) => not_yet.next_step(self),
        };
        // An earlier stage that has to begin first has its own way there.
        let earlier = self.plan.before(stage).into_iter();
        let mut earlier = earlier.filter(|one| step == steps::start(&one.name));
        match earlier.next() {
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
            GateKind::Recovery => (history.taken_back(stage).is_some())
                .then(|| Next::new(steps::resume(stage), &format!("{stage} has recovered"))),
            GateKind::Exit => self.after_exit(self.stage(stage)?, clock),
        }
    }

    /// What runs and was not left, where only gates were asked that are over: none of those stages, whose exits were asked.
    #[must_use]
    pub fn asked_later(&self, asked: &[&str]) -> Option<Next> {
        let mut stages = self.plan.stages.iter();
        let runs = stages.find(|one| {
            let is_new = one.gate(GateKind::Exit).is_some() && !asked.contains(&one.name.as_str());
            is_new && self.runs(one) && self.left(one).is_err()
        })?;
        let why = format!("{} runs", runs.name);
        Some(Next::new(steps::check_in_play(), &why))
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
        let spent = self.spent(stage, GateKind::Exit, clock, steps::start_anyway(name));
        Some(spent.unwrap_or_else(|| Self::begins(next)))
    }

    /// Trouble first, then what is running, then what comes next, then what keeps the rest waiting.
    pub(super) fn next(&self, stages: &[StageStatus], owed: &[Owed]) -> Option<Next> {
        Some(self.due(stages, owed)?.asked(self))
    }

    fn due(&self, stages: &[StageStatus], owed: &[Owed]) -> Option<Next> {
        let mut both = self.plan.stages.iter().zip(stages);
        let with = |state: State| both.clone().find(|(_, one)| one.state == state);
        if let Some((stage, _)) = with(State::Stopped) {
            return self.after_trip(stage);
        }
        if let Some(step) = self.step_due() {
            return Some(step);
        }
        if let Some((stage, _)) = with(State::RolledBack) {
            return self.back(stage);
        }
        if let Some((stage, _)) = with(State::Paused) {
            return Some(self.paused_until(stage));
        }
        let mut running = (both.clone()).filter(|(_, one)| one.state == State::Running);
        if let Some((stage, status)) = running.find(|(stage, _)| !self.is_left_there(stage)) {
            return Some(self.while_running(stage, status, owed));
        }
        if let Some(recovery) = self.recovery_behind() {
            return Some(recovery);
        }
        if let Some((stage, status)) = with(State::AtEntry) {
            return Some(self.entry(stage, status, owed));
        }
        if let Some((stage, _)) = both.find(|(_, one)| one.state == State::NotStarted) {
            return Some(self.held_up(stage));
        }
        let (stage, why) = self.disputed_end()?;
        let exit = GateKind::Exit.of(&stage.name);
        Some(Next::new(steps::check(&exit), &why))
    }

    /// A stage that the rollout ended with, and that something said after the GO of its exit speaks against, with what.
    #[must_use]
    pub fn disputed_end(&self) -> Option<(&'a Stage, String)> {
        let mut last = self.running().into_iter();
        last.find_map(|stage| {
            let not_left = self.left(stage).err()?;
            let NotLeft::Contradicted(check, Contradiction::Said(entry, _)) = &not_left else {
                return None;
            };
            // Whoever paused it meanwhile has said nothing against it.
            let is_said = matches!(
                entry.event,
                Event::Confirmed { .. }
                    | Event::Approved { .. }
                    | Event::IncidentOpened { .. }
                    | Event::IncidentUpdated { .. }
                    | Event::Noted { .. }
            );
            let is_later = entry.number > check.entry.number;
            (is_said && is_later).then(|| (stage, not_left.to_string()))
        })
    }

    /// Pause, then roll back; or resume.
    fn after_trip(&self, stage: &'a Stage) -> Option<Next> {
        let name = &stage.name;
        let step = self.after_stop(name).commands.into_iter().next()?;
        let first = if step.action == Action::Pause {
            "pause it, then roll back"
        } else {
            "roll back"
        };
        let why = format!(
            "{name} tripped a stop: {first}; or resume in your own name once it is dealt with"
        );
        Some(Next::new(step, &why))
    }

    fn paused_until(&self, stage: &'a Stage) -> Next {
        let name = &stage.name;
        if self.is_still_bad(name) {
            let exit = GateKind::Exit.of(name);
            let why = format!(
                "{name} is paused, a stop of it was lifted, and {exit} has not been better than NO-GO since: roll it back, or resume in your own name"
            );
            return Next::new(steps::roll_back(name), &why);
        }
        let mut why = format!("{name} is paused until somebody resumes");
        for what in self.trips_next(stage) {
            why.push_str(&format!("; {what}: the next check will stop"));
        }
        Next::new(steps::resume(name), &why)
    }

    fn back(&self, stage: &'a Stage) -> Option<Next> {
        let name = &stage.name;
        let step = self.after_stop(name).commands.into_iter().next()?;
        let why = if self.awaits_recovery(stage) {
            self.recovery_shows(stage, "rolled back")
        } else {
            format!("{name} was rolled back, and begins again when somebody resumes")
        };
        Some(Next::new(step, &why))
    }

    /// `rolled back; pilot/recovery shows whether it has recovered, once its window is complete at …`.
    pub(super) fn recovery_shows(&self, stage: &Stage, what: &str) -> String {
        let gate = GateKind::Recovery.of(&stage.name);
        let shows = format!("{what}; {gate} shows whether it has recovered");
        match self.recovery_completes_at(stage) {
            Some(at) => format!("{shows}, once its window is complete at {at}"),
            None => shows,
        }
    }

    fn while_running(&self, stage: &'a Stage, status: &StageStatus, owed: &[Owed]) -> Next {
        let below = self.undermined(stage).into_iter().next();
        let ended = below.and_then(|hold| Some((self.ends(&hold)?, hold)));
        if let Some((step, hold)) = ended {
            return Next::new(step, &self.told(&hold));
        }
        if let Some(next) = self.begun_ahead(&stage.name) {
            return next;
        }
        if let Some(recovery) = self.recovery_open(stage) {
            let why = format!(
                "{} goes on, and its recovery is asked, too: {recovery}",
                stage.name
            );
            return Next::new(steps::check_in_play(), &why);
        }
        if let Some(open) = self.entry_owed(stage) {
            return self.towards_entry(stage, &open, owed);
        }
        let gate = GateKind::Exit.of(&stage.name);
        if let Some(next) = self.missed_for_good(stage, &gate, &status.missed) {
            return next;
        }
        let mut windows = status.windows.iter();
        let window = windows.find(|window| window.kind == GateKind::Exit);
        let complete = window.map(|window| window.completes_at);
        let why = match complete {
            Some(at) if at > self.now => self.while_its_window_runs(stage, &gate, at),
            Some(at) => {
                if let Some(next) = self.found_lacking(&gate, owed) {
                    return next;
                }
                format!("the window of {gate} has been complete since {at}")
            }
            None => {
                if let Some(next) = self.found_lacking(&gate, owed) {
                    return next;
                }
                format!("{gate} decides whether the rollout may move on")
            }
        };
        // A stage runs for the question, and on the sources, that it was started with.
        let again = match self.unlike_start(&stage.name) {
            Some(Unlike::Source(_, other)) => match other.address_then() {
                Some(address) if self.plan.sources.len() == 1 => steps::check_on(&gate, address),
                Some(_) | None => steps::check(&gate),
            },
            Some(Unlike::Question(..)) | None => steps::check(&gate),
        };
        Next::new(again, &why)
    }

    /// What is judged until the window is complete: stops from when on the stage has settled.
    fn while_its_window_runs(&self, stage: &Stage, gate: &GateName, complete: Instant) -> String {
        let all = format!("all of it once the window is complete at {complete}");
        if !stage.gate(GateKind::Exit).is_some_and(has_stops) {
            return format!("{gate} judges {all}");
        }
        let start = self.history().start_of(&stage.name);
        let later = start.and_then(|start| stops_judged_later(stage, start, self.now));
        let stops = later.unwrap_or_else(|| "now".to_owned());
        format!("{gate} judges its stops {stops}, and {all}")
    }

    /// What people owe a gate that nothing but that keeps from another verdict, as its last check found it: the first answer of
    /// those that decided. A checkpoint has its own day, whatever was found.
    fn found_lacking(&self, gate: &GateName, owed: &[Owed]) -> Option<Next> {
        let check = self.history().judged(gate)?;
        let is_no_go = check.gate.verdict == Verdict::NoGo;
        let decided = |one: &Owed| {
            let mut found = check.gate.not_met.iter();
            found.any(|found| {
                (found.kind, &found.name, found.unmet) == (one.kind, &one.name, is_no_go)
            })
        };
        let is_due =
            |one: &&Owed| one.kind == CriterionKind::Checkpoints && !is_no_go || decided(one);
        let answers = owed.iter().filter(|one| one.gate == *gate);
        let mut answers = answers.filter(|one| one.next_step.action != Action::Check);
        let first = answers.find(is_due)?;
        let waits = format!("{gate} was {} in its last check", check.gate.verdict.word());
        Some(self.answer(first, &waits))
    }

    /// What leads to the GO of an entry that is asked again beside the exit (L6): what people owe once it was judged, then a check.
    fn towards_entry(&self, stage: &'a Stage, open: &NotLeft<'a>, owed: &[Owed]) -> Next {
        let name = GateKind::Entry.of(&stage.name);
        let was_judged = !matches!(open, NotLeft::EntryUnchecked(..));
        // What it rests on is asked with it.
        let mut asked = self.implied(stage, GateKind::Entry).into_iter();
        let not_left = asked.find_map(|asked| match asked {
            Implied::Left(before) => self.left(before).err(),
            Implied::NotDisplaced(_)
            | Implied::NotHeld(_)
            | Implied::GoesOn(_)
            | Implied::NotPaused(_)
            | Implied::EntryAgain(_) => None,
        });
        if let Some(why) = not_left.filter(|why| was_judged && !why.waits_for_a_clock()) {
            let for_stage = &stage.name;
            let step = NotYet::NotLeft {
                for_stage,
                why: why.clone(),
            }
            .next_step(self);
            return Next::new(
                self.in_turn(step.clone()).unwrap_or(step),
                &format!("{open}: {why}"),
            );
        }
        match owed.iter().find(|one| was_judged && one.gate == name) {
            Some(one) => self.answer(one, &open.to_string()),
            None => Next::new(open.next_step(self), open),
        }
    }

    /// That to ask again never helps, where a check has found a checkpoint missed that the plan asks for, and nobody proceeds.
    fn missed_for_good(&self, stage: &Stage, gate: &GateName, missed: &[Day]) -> Option<Next> {
        let day = missed.first()?;
        Self::checkpoint_asks(stage).next()?;
        let found = self.history().judged(gate)?;
        let is_open = found.gate.verdict == Verdict::NoGo && self.proceeds(gate).is_none();
        let why = format!(
            "{}: {} on day {}; {MISSED}",
            stage.name,
            day.missing(),
            day.number
        );
        is_open.then(|| Next::new(steps::accept(gate), &why))
    }

    /// That a clock ahead of this one has dated the start of a stage: until then nothing of it is judged.
    fn begun_ahead(&self, stage: &str) -> Option<Next> {
        let ahead = self.start_ahead(stage)?;
        let why = format!(
            "{ahead}, so {stage} has not begun yet: correct the clock that is wrong, or roll it back and begin it again"
        );
        let next = Next::new(steps::roll_back(stage), &why);
        Some(Next {
            then: Some(steps::start(stage)),
            ..next
        })
    }

    /// A stage begins on a recorded GO of its entry gate; before that come outstanding answers, then a check.
    fn entry(&self, stage: &'a Stage, status: &StageStatus, owed: &[Owed]) -> Next {
        let name = GateKind::Entry.of(&stage.name);
        let permit = self.permit(stage, self.now);
        let gate = status.gates.iter().find(|gate| gate.gate == name);
        let (not_yet, gate) = match (permit, gate) {
            (Ok(permit), _) => {
                let begin = steps::start(&stage.name);
                return Next::new(begin, &format!("{} may begin: {permit}", stage.name));
            }
            (Err(not_yet), gate) => (not_yet, gate),
        };
        let judged = gate.filter(|gate| gate.last.is_some());
        match (owed.iter().find(|one| one.gate == name), judged) {
            (Some(one), Some(gate)) => self.answer(one, &waiting(gate)),
            (_, Some(_)) => Next::new(not_yet.next_step(self), &not_yet),
            (_, None) => {
                let why = format!("{name} decides whether it may begin");
                Next::new(steps::check(&name), &why)
            }
        }
    }

    /// What somebody has to answer; a whole list where one person may.
    fn answer(&self, owed: &Owed, waits: &str) -> Next {
        let Some(all) = self.at_once(&owed.next_step, &[]) else {
            let why = format!("{waits}, and this is open: {}", owed.name);
            return Next::new(owed.next_step.clone(), &why);
        };
        let (list, first) = (&all.list, all.first());
        let why = format!("{waits}, and {list} is open: {first} first");
        Next {
            first: Some(first),
            ..Next::new(all.step, &why)
        }
    }

    /// What keeps a stage from coming next if nothing is running, and nothing in the plan is blocked.
    fn held_up(&self, stage: &'a Stage) -> Next {
        let name = &stage.name;
        // Nobody begins past it, not even in their own name.
        if let Some(hold) = self.barred(stage) {
            return self.held_back(stage, &hold);
        }
        let mut before = self.plan.before(stage).into_iter();
        let not_left: Option<NotLeft<'_>> = before.find_map(|one| self.left(one).err());
        if let Some(not_left) = not_left {
            let why = format!("{name} waits: {not_left}");
            let step = if not_left.waits_for_a_clock() {
                steps::start_anyway(name)
            } else {
                let there = self.on_its_question(stage, &not_left);
                there.unwrap_or_else(|| not_left.next_step(self))
            };
            return Next::new(step, &why);
        }
        if let Some(displaced) = self.displaced_before(stage) {
            let not_yet = NotYet::Displaced(displaced);
            return Next::new(not_yet.next_step(self), &format!("{name} waits: {not_yet}"));
        }
        let why = format!("{name} waits for its turn");
        Next::new(Self::asked_first(stage), &why)
    }

    /// What ends a hold that keeps a stage from beginning. One of a stage that the plan no longer has ends once that is put back.
    fn held_back(&self, stage: &'a Stage, hold: &Hold<'a>) -> Next {
        let blocked = hold.stage();
        let why = format!("{} waits: {}", stage.name, self.told(hold));
        match self.ends(hold) {
            Some(step) => Next::new(step, &why),
            None => Next {
                first: Some(format!("put {blocked} back into the plan")),
                ..Next::new(steps::resume(blocked), &why)
            },
        }
    }

    /// Its entry gate is asked; without one, the stage begins.
    fn asked_first(stage: &Stage) -> NextStep {
        match stage.gate(GateKind::Entry) {
            Some(gate) => steps::check(&gate.kind.of(&stage.name)),
            None => steps::start(&stage.name),
        }
    }

    /// What comes next once the rollout has gone back to a stage: all that its entry rests on is asked with it, if that is too old.
    #[must_use]
    pub fn after_way_back(&self, to: &'a Stage) -> NextStep {
        let mut before = self.plan.before(to).into_iter();
        let not_left = before.find_map(|one| self.left(one).err());
        match not_left {
            Some(why) => {
                let for_stage = &to.name;
                NotYet::NotLeft { for_stage, why }.next_step(self)
            }
            None => Self::asked_first(to),
        }
    }

    /// The rollout for the question that the stage was last started with.
    fn as_started(&self, stage: &str) -> Option<Rollout<'a>> {
        let start = self.history().last_of(stage, &[EventKind::Started])?;
        let Event::Started { vars, sources, .. } = &start.event else {
            return None;
        };
        Some(Rollout {
            vars,
            addresses: sources,
            ..*self
        })
    }

    /// Whether a stage that runs for another question was left there: nothing more is asked of it here.
    fn is_left_there(&self, stage: &'a Stage) -> bool {
        self.unlike_start(&stage.name).is_some()
            && (self.as_started(&stage.name)).is_some_and(|there| there.left(stage).is_ok())
    }

    /// What leads to the start of a stage if one before it runs for another question than this, or on another source: the same
    /// there. Where others before it run for yet another one, somebody has to begin it in their own name.
    fn on_its_question(&self, stage: &'a Stage, why: &NotLeft<'a>) -> Option<NextStep> {
        let (NotLeft::OtherQuestion(found)
        | NotLeft::Contradicted(found, Contradiction::OtherSource(_))) = why
        else {
            return None;
        };
        let earlier = &found.gate.gate.stage;
        let (unlike, there) = (self.unlike_start(earlier)?, self.as_started(earlier)?);
        let mut before = self.plan.before(stage).into_iter();
        if !before.all(|one| there.left(one).is_ok()) {
            return Some(steps::start_anyway(&stage.name));
        }
        let step = there.towards_start(stage)?;
        Some(match unlike {
            Unlike::Question(_, vars) => step.asking(vars),
            Unlike::Source(_, other) => match other.address_then() {
                Some(address) if self.plan.sources.len() == 1 => step.on(address),
                Some(_) | None => steps::start_anyway(&stage.name),
            },
        })
    }
}

/// `pilot/entry was HOLD in its last check`.
fn waiting(gate: &GateStatus) -> String {
    let name = &gate.gate;
    gate.last.as_ref().map_or_else(
        || format!("{name} has not been judged yet"),
        |check| format!("{name} was {} in its last check", check.verdict.word()),
    )
}
