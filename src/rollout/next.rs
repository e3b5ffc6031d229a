//! What to do next: one command. Must not suggest beginning what no recorded check allows.

use std::fmt::Display;

use super::implied::Gone;
use super::{
    Contradiction, GateStatus, Hold, NextStep, NotLeft, NotYet, Owed, Rollout, StageStatus, State,
    Unlike, steps,
};
use crate::kind::{Action, GateKind};
use crate::ledger::{Event, EventKind};
use crate::plan::Stage;

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

    /// First what has to be there, then the command, then the one after it: `provide e2e.xml, then gate check …`.
    #[must_use]
    pub fn in_order(&self, plan: &str) -> String {
        let commands = std::iter::once(&self.command).chain(&self.then);
        let commands = commands.map(|step| step.command(plan));
        let all: Vec<String> = self.first.clone().into_iter().chain(commands).collect();
        all.join(", then ")
    }

    /// The same as somebody can type it: a stage that the plan no longer has is put back first.
    pub(crate) fn asked(self, rollout: &Rollout<'_>) -> Self {
        let back = rollout.put_back(&self.command);
        let first = back.into_iter().chain(self.first);
        let first: Vec<String> = first.collect();
        Self {
            first: (!first.is_empty()).then(|| first.join(", ")),
            command: rollout.asked(self.command),
            then: self.then.map(|then| rollout.asked(then)),
            why: self.why,
        }
    }
}

impl<'a> Rollout<'a> {
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
        if let Some(gone) = self.left_behind() {
            return Some(gone);
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
        if self.was_stopped_before_another_version(name) {
            let why = format!(
                "{name} tripped a stop with the version before: resume in your own name once it is dealt with"
            );
            return Some(Next::new(steps::resume(name), &why));
        }
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
        } else if stage.gate(GateKind::Recovery).is_some() {
            format!(
                "{name} was rolled back and has recovered: it begins again when somebody resumes"
            )
        } else {
            format!("{name} was rolled back, and begins again when somebody resumes")
        };
        Some(Next::new(step, &why))
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
    pub(super) fn answer(&self, owed: &Owed, waits: &str) -> Next {
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
        if let Some(found) = self.displaced_before(stage) {
            return Next::new(found.next_step(), &format!("{name} waits: {found}"));
        }
        let why = format!("{name} waits for its turn");
        Next::new(Self::asked_first(stage), &why)
    }

    /// What ends a hold that keeps a stage from beginning. One of a stage that the plan no longer has ends once that is put back.
    pub(super) fn held_back(&self, stage: &'a Stage, hold: &Hold<'a>) -> Next {
        let why = format!("{} waits: {}", stage.name, self.told(hold));
        Next::new(self.settles(hold), &why)
    }

    /// What ends what a stage has left behind that is no longer in the plan: taking it out is no end of it, nor of the rollout.
    fn left_behind(&self) -> Option<Next> {
        let held = self.held_elsewhere().into_iter().next();
        let mut stages = self.plan.stages.iter();
        let gone = held.map(Gone::Held).or_else(|| {
            let found = stages.find_map(|stage| self.dropped_behind(stage))?;
            Some(Gone::NotLeft(found))
        });
        Some(self.put_right(&gone?))
    }

    /// What ends what a stage has left open.
    pub(super) fn put_right(&self, gone: &Gone<'a>) -> Next {
        match gone {
            Gone::Held(hold) => Next::new(self.settles(hold), &self.told(hold)),
            Gone::NotLeft(found) => Next::new(found.next_step(), found),
        }
    }

    /// What has to be done before a command about a stage can be typed that the plan no longer has.
    fn put_back(&self, step: &NextStep) -> Option<String> {
        let stage = step.stage()?;
        let is_gone = self.stage(&stage).is_none();
        is_gone.then(|| format!("put {stage} back into the plan"))
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
