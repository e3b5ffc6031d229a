//! What is to be judged, and what is known for it. Must not judge.

use super::context::PlacedCriterion;
use super::span::Moment;
use crate::findings::Findings;
use crate::ledger::Ledger;
use crate::plan::criteria::Criterion;
use crate::plan::{Gate, Plan, Stage};
use crate::rollout::{History, Rollout};
use crate::samples::Observations;
use crate::units::Instant;

/// A gate of a plan, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateRef {
    /// Position of the stage.
    pub stage: usize,
    /// Position of the gate in its stage.
    pub gate: usize,
}

impl GateRef {
    /// The stage and the gate; `None` beside the plan.
    #[must_use]
    pub fn of(self, plan: &Plan) -> Option<(&Stage, &Gate)> {
        let stage = plan.stages.get(self.stage)?;
        Some((stage, stage.gates.get(self.gate)?))
    }
}

/// What is to be judged.
#[derive(Debug, Clone)]
pub struct Request {
    /// T.
    pub at: Instant,
    /// S, for every gate of the run; else the ledger says it.
    pub started: Option<Instant>,
    /// The gates, in plan order.
    pub gates: Vec<GateRef>,
    /// What people did up to T; `None` where no ledger is kept.
    pub ledger: Option<Ledger>,
    /// SHA-256 of the plan, 64 lower-case hex digits, where it is known.
    pub plan_sha256: Option<String>,
    /// Variables that are set otherwise than in the plan, as `NAME=VALUE`, sorted.
    pub vars: Vec<String>,
}

impl Request {
    pub(super) fn moment(&self, stage: &Stage) -> Moment {
        let (history, name) = (History::of(self.ledger.as_ref()), &stage.name);
        let first = history.first_start_of(name);
        Moment {
            at: self.at,
            started: self.started.or_else(|| history.start_of(name)),
            untouched: first.or(self.started),
            resumed: history.resumed(name).map(|entry| entry.at),
            rolled_back: history.rolled_back(name).map(|entry| entry.at),
        }
    }

    pub(super) fn placed<'a>(
        &self,
        stage: &'a Stage,
        gate: &'a Gate,
        criterion: &'a Criterion,
    ) -> PlacedCriterion<'a> {
        PlacedCriterion {
            stage,
            gate,
            criterion,
            moment: self.moment(stage),
        }
    }

    /// The rollout as it stands at T, for the question that is asked.
    pub(super) fn rollout<'a>(&'a self, plan: &'a Plan) -> Rollout<'a> {
        Rollout {
            plan,
            plan_sha256: self.plan_sha256.as_deref(),
            vars: &self.vars,
            ledger: self.ledger.as_ref(),
            now: self.at,
        }
    }
}

/// What is known beside the plan.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Samples.
    pub observations: &'a Observations,
    /// What was looked up beside samples.
    pub findings: &'a Findings,
}

/// Samples alone: whatever else is asked is unknown.
impl<'a> From<&'a Observations> for Facts<'a> {
    fn from(observations: &'a Observations) -> Self {
        Self {
            observations,
            findings: &NOTHING_FOUND,
        }
    }
}

static NOTHING_FOUND: Findings = Findings::new();
