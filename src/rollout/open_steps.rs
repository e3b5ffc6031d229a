//! The steps of a rollback that nobody has recorded yet, also once the rollout has gone on: what resume, start, status and check
//! say of them (L11). Must not keep anything from going on because of them.

use std::fmt::{self, Display, Formatter};

use super::{Next, NextStep, Rollout, steps};
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
}

impl Display for OpenSteps<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (stage, entry) = (self.stage, self.entry.number);
        let numbers: Vec<String> = self.numbers.iter().map(usize::to_string).collect();
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
    /// The command that records the first of them, whether or not the rollout has gone on.
    #[must_use]
    pub fn next_step(&self) -> Option<NextStep> {
        let number = self.numbers.first()?;
        let done = ["--done".to_owned(), number.to_string()];
        Some(steps::update(self.stage, &done))
    }
}

impl<'a> Rollout<'a> {
    /// The open steps of the last rollback of a stage; `None` if there are none. Once the rollout has gone on, what the plan asks
    /// for besides is none of them: nobody owed it then.
    #[must_use]
    pub fn open_steps(&self, stage: &'a str) -> Option<OpenSteps<'a>> {
        let history = self.history();
        let case = history.last_case(stage)?;
        let numbers = match history.open_rollback(stage) {
            Some(_) => self.steps_left(stage).open,
            None => case.open_steps(),
        };
        (!numbers.is_empty()).then_some(OpenSteps {
            stage,
            entry: case.entry,
            numbers,
        })
    }

    /// What rollbacks have left open, one line each: steps that are not recorded, and recoveries that nothing has shown.
    #[must_use]
    pub fn left_open(&self, plan: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for stage in &self.plan.stages {
            lines.extend(self.open_steps(&stage.name).and_then(|open| {
                let command = self.asked(open.next_step()?).command(plan);
                Some(format!("{open}; record each as it is done: {command}"))
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
            let number = *self.open_steps(name)?.numbers.first()?;
            let why = format!("{name} was rolled back, and not all steps are done");
            Some(Next::new(steps::step_done(name, number), &why))
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
        let why = format!("{name} was rolled back; {gate} shows whether it has recovered");
        Some(Next::new(steps::check(&gate), &why))
    }
}
