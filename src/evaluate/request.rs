//! What to judge, and what is known about it. Must not judge.

use super::context::PlacedCriterion;
use super::span::Moment;
use crate::findings::Findings;
use crate::kind::GateKind;
use crate::ledger::{LaterCheck, LaterHold, Ledger, LostLedger};
use crate::plan::criteria::Criterion;
use crate::plan::{Gate, Observe, Plan, Stage};
use crate::rollout::{LaterStarts, Rollout};
use crate::samples::{Observations, SourceSeen};
use crate::units::{Duration, Instant};

/// A gate of a plan, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateRef {
    /// Position of the stage.
    pub stage: usize,
    /// Position of the gate in its stage.
    pub gate: usize,
}

impl GateRef {
    /// The stage and the gate; `None` if the plan has no such place.
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
    /// S, for every gate of the run; otherwise the ledger's.
    pub started: Option<Instant>,
    /// Starts in the ledger that were recorded after T.
    pub later_starts: LaterStarts,
    /// What checks for a later time found unmet that were recorded after T.
    pub later_checks: Vec<LaterCheck>,
    /// What was recorded after T, holds gates, and still does.
    pub later_holds: Vec<LaterHold>,
    /// Whether exit gates look at the last window, begun or not, even if the plan does not say so.
    pub trailing: bool,
    /// The gates, in plan order.
    pub gates: Vec<GateRef>,
    /// Those among them that come next and are judged ahead: they decide nothing.
    pub outlook: Vec<GateRef>,
    /// What people did up to T; `None` if there is no ledger.
    pub ledger: Option<Ledger>,
    /// SHA-256 of the plan, 64 lower-case hex digits, if known.
    pub plan_sha256: Option<String>,
    /// Variables that `--var` changed, as `NAME=VALUE`, sorted.
    pub vars: Vec<String>,
    /// Where the plan asks, as `NAME=ADDRESS`.
    pub addresses: Vec<String>,
}

impl Request {
    pub(super) fn moment(&self, plan: &Plan, stage: &Stage) -> Moment {
        let (rollout, name) = (self.rollout(plan), &stage.name);
        let history = rollout.history();
        let first = history.first_start_of(name);
        Moment {
            at: self.at,
            period: rollout.period(stage, self.started, &self.later_starts),
            observe: if self.trailing {
                Observe::Trailing
            } else {
                stage.observe
            },
            untouched: first.or(self.started),
            resumed: (history.lifting(name).map(|entry| entry.at))
                // A clock ahead of this one says nothing about what was measured by now (T6).
                .filter(|resumed| !rollout.is_ahead(*resumed)),
            rolled_back: history.rolled_back(name).map(|entry| entry.at),
            delay: Duration::ZERO,
        }
    }

    /// Whether a gate is only looked at: nothing rests on what is found.
    pub(super) fn is_look(&self, stage: &Stage, gate: &Gate) -> bool {
        self.trailing && gate.kind == GateKind::Exit && stage.observe == Observe::SinceStart
    }

    pub(super) fn placed<'a>(
        &self,
        plan: &Plan,
        stage: &'a Stage,
        gate: &'a Gate,
        criterion: &'a Criterion,
    ) -> PlacedCriterion<'a> {
        PlacedCriterion {
            stage,
            gate,
            criterion,
            moment: self.moment(plan, stage),
        }
    }

    /// The rollout as it stands at T, for the question that is asked.
    #[must_use]
    pub fn rollout<'a>(&'a self, plan: &'a Plan) -> Rollout<'a> {
        Rollout {
            plan,
            plan_sha256: self.plan_sha256.as_deref(),
            vars: &self.vars,
            addresses: &self.addresses,
            ledger: self.ledger.as_ref(),
            now: self.at,
        }
    }
}

/// What is known besides the plan.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Samples.
    pub observations: &'a Observations,
    /// What was looked up besides samples.
    pub findings: &'a Findings,
    /// The sources as they were found.
    pub sources: &'a [SourceSeen],
    /// The ledger that is not there, though records speak of it.
    pub lost_ledger: Option<&'a LostLedger>,
    /// Whether the plan has changed since, and cannot be used as it is now.
    pub plan_is_kept_out: bool,
    /// When the check is recorded, whatever time it judges; `None` if it is not.
    pub recorded_at: Option<Instant>,
}

/// Samples alone: whatever else is asked is unknown.
impl<'a> From<&'a Observations> for Facts<'a> {
    fn from(observations: &'a Observations) -> Self {
        Self {
            observations,
            findings: &NOTHING_FOUND,
            sources: &[],
            lost_ledger: None,
            plan_is_kept_out: false,
            recorded_at: None,
        }
    }
}

static NOTHING_FOUND: Findings = Findings::new();
