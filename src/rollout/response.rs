//! What people do about a stage that a stop, a rollback or a pause blocks, one answer for everybody: pause, roll back, do the steps,
//! show the recovery, resume. Must not decide whether a stop tripped.

use super::steps_left::StepsLeft;
use super::{Hold, NextStep, Rollout, StepAsked, steps};
use crate::kind::{Action, GateKind};
use crate::ledger::Entry;

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

impl AfterStop {
    /// Whether a step is asked for: then the way is taken to which it belongs.
    #[must_use]
    pub fn asks_for_a_step(&self) -> bool {
        let mut commands = self.commands.iter();
        commands.any(|step| step.action == Action::Rollback && step.says("--done"))
    }
}

impl<'a> Rollout<'a> {
    /// What to do about a stage with a stop that tripped, whether or not that is recorded yet.
    #[must_use]
    pub fn after_stop(&self, stage: &'a str) -> AfterStop {
        let history = self.history();
        let (paused, back) = (history.paused(stage), history.taken_back(stage));
        let StepsLeft {
            open,
            done: done_steps,
            due,
            asked,
            ..
        } = self.steps_left(stage);
        let open_steps = open;
        let mut commands = Vec::new();
        if back.is_some() {
            commands.push(self.after_rollback(stage, asked.as_ref()));
        } else if history.has_begun(stage) {
            commands.extend(paused.is_none().then(|| steps::pause(stage)));
            commands.push(steps::roll_back(stage));
        }
        let since = |what: &str, entry: &Entry| {
            format!("{what} since {} by {}", entry.at, entry.by.called())
        };
        let mut done: Vec<String> = Vec::new();
        done.extend(paused.map(|entry| since("paused", entry)));
        done.extend(back.map(|entry| since("rolled back", entry)));
        done.extend(back.and_then(|_| steps_done(due, open_steps.len())));
        AfterStop {
            done,
            open_steps,
            done_steps,
            commands: commands.into_iter().map(|step| self.asked(step)).collect(),
        }
    }

    /// What comes next for a stage that is rolled back: which way is taken, the first step that is not done, then its recovery, then
    /// a resume.
    #[must_use]
    fn after_rollback(&self, stage: &'a str, step: Option<&StepAsked>) -> NextStep {
        let awaited = self
            .stage(stage)
            .filter(|stage| self.awaits_recovery(stage));
        match (step, awaited) {
            (Some(step), _) => steps::step_asked(stage, step),
            (None, Some(_)) => steps::check(&GateKind::Recovery.of(stage)),
            (None, None) => steps::resume(stage),
        }
    }

    /// What ends a hold. One of a stage that the plan no longer has ends once that is put back and resumed.
    #[must_use]
    pub fn settles(&self, hold: &Hold<'a>) -> NextStep {
        self.ends(hold)
            .unwrap_or_else(|| steps::resume(hold.stage()))
    }

    /// Whether another version took the place of the one that was stopped: it goes on, or is stopped itself.
    pub(super) fn was_stopped_before_another_version(&self, stage: &'a str) -> bool {
        let superseded = self.history().superseded_for(stage);
        let mut holds = self.holds(stage);
        holds.any(|hold| match hold {
            Hold::Stopped(_, stopped, _) => {
                superseded.is_some_and(|superseded| superseded.number > stopped.number)
            }
            Hold::RolledBack(..) | Hold::Paused(..) => false,
        })
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
            Some(Hold::Stopped(..)) if self.was_stopped_before_another_version(stage) => Vec::new(),
            Some(Hold::RolledBack(..) | Hold::Stopped(..)) => self.after_stop(stage).commands,
            Some(Hold::Paused(..)) if self.is_still_bad(stage) => self.after_stop(stage).commands,
            Some(Hold::Paused(..)) | None => Vec::new(),
        };
        let first = commands.into_iter().next();
        Some(first.unwrap_or_else(|| steps::resume(stage)))
    }
}

/// `2 rollback steps done, none is open`, `1 of 2 rollback steps done`, of those that are due; nothing if none is.
fn steps_done(all: usize, open: usize) -> Option<String> {
    match (all, open) {
        (0, _) => None,
        (1, 0) => Some("1 rollback step done, none is open".to_owned()),
        (all, 0) => Some(format!("{all} rollback steps done, none is open")),
        (all, open) => Some(format!("{} of {all} rollback steps done", all - open)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l11_steps_that_are_done_are_counted() {
        let told = |all, open| steps_done(all, open).unwrap_or_default();
        assert_eq!(told(0, 0), "");
        assert_eq!(told(1, 0), "1 rollback step done, none is open");
        assert_eq!(told(2, 0), "2 rollback steps done, none is open");
        assert_eq!(told(4, 1), "3 of 4 rollback steps done");
    }
}
