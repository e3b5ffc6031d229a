//! The steps of a rollback that nobody has recorded yet, also once the rollout has gone on: what resume, start, status and check
//! say of them (L11). Must not keep anything from going on because of them.

use std::fmt::{self, Display, Formatter};

use super::steps_left::{GONE, StepsLeft};
use super::{Next, NextStep, Rollout, StepAsked, steps};
use crate::kind::GateKind;
use crate::ledger::Entry;

/// The open steps of the last rollback of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSteps<'a> {
    /// The stage that was rolled back.
    pub stage: &'a str,
    /// The entry that says so.
    pub entry: &'a Entry,
    /// Their numbers, at least one.
    pub numbers: Vec<usize>,
    /// Those that the plan does not have any more, with their words.
    pub gone: Vec<(usize, String)>,
    /// What people are asked for first.
    pub asked: StepAsked,
}

impl Display for OpenSteps<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (stage, entry) = (self.stage, self.entry.number);
        if let StepAsked::Way(_) = self.asked {
            return write!(f, "rollback of {stage} (#{entry}): {}", self.asked);
        }
        let numbers: Vec<String> = self.numbers.iter().map(|one| self.named(*one)).collect();
        let numbers = numbers.join(", ");
        match self.numbers.len() {
            1 => write!(
                f,
                "1 step of the rollback of {stage} (#{entry}) is open: {numbers}"
            ),
            several => write!(
                f,
                "{several} steps of the rollback of {stage} (#{entry}) are open: {numbers}"
            ),
        }
    }
}

impl OpenSteps<'_> {
    /// The command that says which way is taken, or records the first of them, whether or not the rollout has gone on.
    #[must_use]
    pub fn next_step(&self) -> NextStep {
        steps::update(self.stage, &self.asked.said())
    }

    /// `2`, `2 (Switch the flag off, no longer in the plan)`.
    fn named(&self, number: usize) -> String {
        let gone = self.gone.iter().find(|(one, _)| *one == number);
        match gone {
            Some((_, action)) => format!("{number} ({action}, {GONE})"),
            None => number.to_string(),
        }
    }
}

impl<'a> Rollout<'a> {
    /// The open steps of the last rollback of a stage; `None` if there are none. Once the rollout has gone on, what the plan asks
    /// for besides is none of them: nobody owed it then.
    #[must_use]
    pub fn open_steps(&self, stage: &'a str) -> Option<OpenSteps<'a>> {
        let case = self.history().last_case(stage)?;
        let StepsLeft {
            open, gone, asked, ..
        } = self.left_of(&case);
        Some(OpenSteps {
            stage,
            entry: case.entry,
            numbers: open,
            gone,
            asked: asked?,
        })
    }

    /// What rollbacks have left open, one line each: steps that are not recorded, and recoveries that nothing has shown.
    #[must_use]
    pub fn left_open(&self, plan: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for stage in &self.plan.stages {
            lines.extend(self.open_steps(&stage.name).map(|open| {
                let command = self.asked(open.next_step()).command(plan);
                match open.asked {
                    StepAsked::Way(_) => format!("{open}; say which: {command}"),
                    StepAsked::Done(_) => {
                        format!("{open}; record each as it is done: {command}")
                    }
                }
            }));
            lines.extend(
                self.recovery_open(stage)
                    .map(|why| format!("recovery has not been shown yet: {why}")),
            );
        }
        lines
    }

    /// The first step to record of a rollback that is still asked about: it comes before all else but a stop.
    #[must_use]
    pub fn step_due(&self) -> Option<Next> {
        let mut stages = self.plan.stages.iter();
        stages.find_map(|stage| {
            let name = stage.name.as_str();
            self.history().open_rollback(name)?;
            let asked = self.open_steps(name)?.asked;
            let why = format!("{name} was rolled back, and {asked}");
            Some(Next::new(steps::step_asked(name, &asked), &why))
        })
    }

    /// The recovery to show of a stage from which the rollout went back to one before: the stage itself has not begun any more.
    pub(super) fn recovery_behind(&self) -> Option<Next> {
        let mut stages = self.plan.stages.iter();
        let behind = stages.find(|stage| {
            let is_open = self.history().open_rollback(&stage.name).is_some();
            is_open && !self.history().has_begun(&stage.name) && self.awaits_recovery(stage)
        })?;
        let (name, gate) = (&behind.name, GateKind::Recovery.of(&behind.name));
        let why = self.recovery_shows(behind, &format!("{name} was rolled back"));
        Some(Next::new(steps::check(&gate), &why))
    }
}
