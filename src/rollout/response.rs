//! What people do about a stage that a stop, a rollback or a pause blocks, one answer for everybody: pause, roll back, do the steps,
//! show the recovery, resume. Must not decide whether a stop tripped.

use super::{Hold, NextStep, Rollout, steps};
use crate::kind::GateKind;
use crate::ledger::{Entry, Event, StepDone};

/// What to do after a stop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AfterStop {
    /// What has been done, each in a sentence fragment: `paused since … by …`.
    pub done: Vec<String>,
    /// The steps of the plan's `rollback:` that are not recorded as done, by number from 1.
    pub open_steps: Vec<usize>,
    /// Those that are recorded as done since the rollback.
    pub done_steps: Vec<usize>,
    /// What is due, in order; none if the ledger does not know that the stage has begun.
    pub commands: Vec<NextStep>,
}

impl<'a> Rollout<'a> {
    /// What to do about a stage with a stop that tripped, whether or not that is recorded yet.
    #[must_use]
    pub fn after_stop(&self, stage: &'a str) -> AfterStop {
        let history = self.history();
        let (paused, back) = (history.paused(stage), history.taken_back(stage));
        let open_steps = self.open_steps(stage);
        let mut commands = Vec::new();
        if back.is_some() {
            commands.push(self.after_rollback(stage, open_steps.first().copied()));
        } else if history.has_begun(stage) {
            commands.extend(paused.is_none().then(|| steps::pause(stage)));
            commands.push(steps::roll_back(stage));
        }
        let since =
            |what: &str, entry: &Entry| format!("{what} since {} by {}", entry.at, entry.by.name);
        let mut done: Vec<String> = Vec::new();
        done.extend(paused.map(|entry| since("paused", entry)));
        done.extend(back.map(|entry| since("rolled back", entry)));
        done.extend(back.and_then(|_| steps_done(self.plan.rollback.len(), open_steps.len())));
        AfterStop {
            done,
            open_steps,
            done_steps: back.map_or_else(Vec::new, |_| self.done_steps(stage)),
            commands,
        }
    }

    /// What comes next for a stage that is rolled back: the first step that is not done, then its recovery, then a resume.
    #[must_use]
    pub fn after_rollback(&self, stage: &'a str, open_step: Option<usize>) -> NextStep {
        let awaited = self
            .stage(stage)
            .filter(|stage| self.awaits_recovery(stage));
        match (open_step, awaited) {
            (Some(number), _) => steps::step_done(stage, number),
            (None, Some(_)) => steps::check(&GateKind::Recovery.of(stage)),
            (None, None) => steps::resume(stage),
        }
    }

    /// What comes next for a stage that something blocks; `None` if it is no longer in the plan.
    #[must_use]
    pub fn ends(&self, hold: &Hold<'a>) -> Option<NextStep> {
        let stage = &self.stage(hold.stage())?.name;
        let worst = self.holds(stage).next();
        if let Some(step) = self.begins_again(stage) {
            return Some(step);
        }
        let commands = match worst {
            Some(Hold::RolledBack(..) | Hold::Stopped(..)) => self.after_stop(stage).commands,
            Some(Hold::Paused(..)) | None => Vec::new(),
        };
        let first = commands.into_iter().next();
        Some(first.unwrap_or_else(|| steps::resume(stage)))
    }

    /// The entry that last said something about a step of the last rollback of a stage, and what it said.
    #[must_use]
    pub fn step_recorded(&self, stage: &str, number: usize) -> Option<(&'a Entry, &'a StepDone)> {
        let rolled_back = self.history().rolled_back(stage)?;
        let since = self.history().entries().iter().rev();
        let mut since = since.take_while(|entry| entry.number > rolled_back.number);
        let later = since.find_map(|entry| step_of(entry, stage, number));
        later.or_else(|| step_of(rolled_back, stage, number))
    }

    fn done_steps(&self, stage: &str) -> Vec<usize> {
        let numbers = 1..=self.plan.rollback.len();
        let recorded =
            numbers.filter_map(|number| Some((number, self.step_recorded(stage, number)?)));
        let done = recorded.filter(|(_, (_, step))| step.done);
        done.map(|(number, _)| number).collect()
    }

    fn open_steps(&self, stage: &str) -> Vec<usize> {
        let numbers = 1..=self.plan.rollback.len();
        let done = self.done_steps(stage);
        let is_done = |number: &usize| done.contains(number);
        let is_back = self.history().open_rollback(stage).is_some();
        let of = |number: &usize| {
            let step = self.plan.rollback.get(number.checked_sub(1)?)?;
            step.option.as_ref()
        };
        // One way is enough: once a step of one is done, those of the others are not due.
        let taken = numbers
            .clone()
            .filter(is_done)
            .filter_map(|number| of(&number));
        let taken: Vec<_> = taken.collect();
        let is_due =
            |number: &usize| taken.is_empty() || of(number).is_some_and(|of| taken.contains(&of));
        numbers
            .filter(|number| !is_back || (is_due(number) && !is_done(number)))
            .collect()
    }
}

/// What an entry says about a step.
fn step_of<'a>(entry: &'a Entry, stage: &str, number: usize) -> Option<(&'a Entry, &'a StepDone)> {
    if let Event::StepRecorded {
        stage: of,
        number: found,
        step,
    } = &entry.event
        && of == stage
        && *found == number
    {
        return Some((entry, step));
    }
    if let Event::RolledBack { stage: of, steps } = &entry.event
        && of == stage
    {
        return Some((entry, steps.get(number.checked_sub(1)?)?));
    }
    None
}

/// `both rollback steps done`, `1 of 2 rollback steps done`; nothing if the plan has none.
fn steps_done(all: usize, open: usize) -> Option<String> {
    match (all, open) {
        (0, _) => None,
        (1, 0) => Some("the rollback step is done".to_owned()),
        (2, 0) => Some("both rollback steps done".to_owned()),
        (all, 0) => Some(format!("all {all} rollback steps done")),
        (all, open) => Some(format!("{} of {all} rollback steps done", all - open)),
    }
}
