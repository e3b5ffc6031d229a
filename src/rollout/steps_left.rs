//! Which steps of a rollback people are asked for (L11): those of its case, under the numbers they had when it was recorded, and what
//! the plan asks for since. Must not lose a step because the plan was edited.

use super::{Case, KnownOfRollback, Rollout, Standing, StepAsked};
use crate::ledger::{RollbackTold, StepState, StepTold};
use crate::plan::{Plan, RollbackOption, RollbackStep};

/// What is said of a step that only the case has.
pub const GONE: &str = "no longer in the plan";

/// How far people are with the steps of a rollback.
pub(super) struct StepsLeft {
    /// Numbers of those that are open.
    pub(super) open: Vec<usize>,
    /// Numbers of those that were done.
    pub(super) done: Vec<usize>,
    /// How many were or are to be done.
    pub(super) due: usize,
    /// What people are asked for first.
    pub(super) asked: Option<StepAsked>,
    /// Of those that are open, what the plan does not have any more.
    pub(super) gone: Vec<(usize, String)>,
}

impl StepsLeft {
    pub(super) fn of(plan: &Plan, known: &KnownOfRollback<'_>) -> Self {
        let open = known.open_steps();
        let told = open.iter().filter_map(|number| known.step(*number));
        let gone = told.filter(|step| planned_step(plan, step).is_none());
        Self {
            gone: gone
                .map(|step| (step.number, step.action.clone()))
                .collect(),
            done: known.numbers(Standing::Done),
            due: known.due(),
            asked: known.asked(),
            open,
        }
    }
}

/// What the plan says of a step of a case: found by its way and text, since a plan is edited.
#[must_use]
pub fn planned_step<'p>(plan: &'p Plan, told: &StepTold) -> Option<&'p RollbackStep> {
    plan.rollback.iter().find(|step| {
        let option = step.option.as_ref().map(|option| &option.name);
        step.action == told.action && option == told.option.as_ref()
    })
}

impl Rollout<'_> {
    /// A rollback of which nobody has said anything yet: every step of the plan is open.
    #[must_use]
    pub fn planned_rollback(&self) -> RollbackTold {
        let numbered = (1..).zip(&self.plan.rollback);
        let steps = numbered.map(|(number, step)| StepTold {
            number,
            option: step.option.as_ref().map(|option| option.name.clone()),
            action: step.action.clone(),
            state: StepState::Open,
            by: None,
            took: None,
        });
        RollbackTold {
            steps: steps.collect(),
            ..RollbackTold::default()
        }
    }

    /// What the plan asks for besides what a case has, numbered after that. Once the rollout has gone on, nobody owes what the plan
    /// asks for since.
    #[must_use]
    pub fn asked_besides(&self, case: &Case<'_>) -> RollbackTold {
        let last = case.known.last_number();
        let open = self.history().open_rollback(case.stage);
        let is_open = open.is_some_and(|entry| entry.number == case.entry.number);
        if !is_open && last > 0 {
            return RollbackTold::default();
        }
        let planned = self.planned_rollback();
        let new = KnownOfRollback::of(vec![&planned]).besides(&case.known);
        let numbered = (last + 1..).zip(new);
        let steps = numbered.map(|(number, step)| StepTold {
            number,
            ..step.clone()
        });
        RollbackTold {
            steps: steps.collect(),
            ..RollbackTold::default()
        }
    }

    /// The steps that are open, and those that were done since a stage was rolled back, by its case and by what the plan has
    /// besides; of a stage that is not rolled back all are open.
    pub(super) fn steps_left(&self, stage: &str) -> StepsLeft {
        if let Some(case) = self.history().open_case(stage) {
            return self.left_of(&case);
        }
        let planned = self.planned_rollback();
        StepsLeft::of(self.plan, &KnownOfRollback::of(vec![&planned]))
    }

    /// The same of a case.
    pub(super) fn left_of(&self, case: &Case<'_>) -> StepsLeft {
        let besides = self.asked_besides(case);
        StepsLeft::of(self.plan, &case.known.after(&besides))
    }

    /// The steps under the numbers with which people are asked for them: those of the first rollback that is open, each with what
    /// the plan says of it, and otherwise those of the plan.
    #[must_use]
    pub fn rollback_steps(&self) -> Vec<RollbackStep> {
        let mut stages = self.plan.stages.iter();
        let Some(case) = stages.find_map(|stage| self.history().open_case(&stage.name)) else {
            return self.plan.rollback.clone();
        };
        let besides = self.asked_besides(&case);
        let steps = case.known.after(&besides).steps();
        let told = steps.iter().map(|step| self.as_planned(step.told));
        told.collect()
    }

    fn as_planned(&self, told: &StepTold) -> RollbackStep {
        let planned = planned_step(self.plan, told).cloned();
        planned.unwrap_or_else(|| RollbackStep {
            action: format!("{} ({GONE})", told.action),
            option: told.option.as_ref().map(|name| self.way(name)),
            ..RollbackStep::default()
        })
    }

    /// A way by its name, with what the plan says of it.
    fn way(&self, name: &str) -> RollbackOption {
        let mut ways = self
            .plan
            .rollback
            .iter()
            .filter_map(|step| step.option.as_ref());
        let planned = ways.find(|way| way.name == name).cloned();
        planned.unwrap_or_else(|| RollbackOption {
            name: name.to_owned(),
            when: None,
        })
    }
}
