//! Gates: criterion by criterion to a verdict (design 3). Must not count an unknown as met.

use std::collections::BTreeSet;

use super::span::{Moment, window};
use super::{Assessment, CriterionAssessment, GateAssessment, Outcome, Verdict};
use super::{deadline, kpis, unsupported};
use crate::plan::{Ask, Criterion, Gate, GateKind, List, Plan, Stage};
use crate::samples::{Observations, Question};
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
    /// S, for every gate of the run.
    pub started: Option<Instant>,
    /// The gates, in plan order.
    pub gates: Vec<GateRef>,
}

impl Request {
    pub(super) fn moment(&self) -> Moment {
        Moment {
            at: self.at,
            started: self.started,
        }
    }
}

/// What has to be asked, in plan order, equal questions once.
#[must_use]
pub fn questions(plan: &Plan, request: &Request) -> Vec<Question> {
    let mut seen = BTreeSet::new();
    let mut questions = Vec::new();
    for (stage, gate) in request.gates.iter().filter_map(|gate| gate.of(plan)) {
        let asked = gate
            .criteria
            .iter()
            .flat_map(|criterion| asked(criterion, stage, gate, request.moment()));
        questions.extend(asked.filter(|question| seen.insert(question.clone())));
    }
    questions
}

fn asked(criterion: &Criterion, stage: &Stage, gate: &Gate, moment: Moment) -> Vec<Question> {
    match (&criterion.ask, gate.kind) {
        (Ask::Kpi(ask), GateKind::Entry | GateKind::Exit) => {
            kpis::questions(ask, criterion.list, stage, window_of(gate), moment)
        }
        _ => Vec::new(),
    }
}

/// Judges the gates on what came back.
#[must_use]
pub fn assess(plan: &Plan, request: &Request, observations: &Observations) -> Assessment {
    let gates = request.gates.iter().filter_map(|gate| gate.of(plan));
    Assessment {
        gates: gates
            .map(|(stage, gate)| assess_gate(stage, gate, request.moment(), observations))
            .collect(),
    }
}

fn assess_gate(
    stage: &Stage,
    gate: &Gate,
    moment: Moment,
    observations: &Observations,
) -> GateAssessment {
    let judged = |criterion: &Criterion| match (&criterion.ask, gate.kind) {
        (_, GateKind::Recovery) => Some(unsupported::assess(criterion, gate.kind)),
        (Ask::Kpi(ask), _) => Some(kpis::assess(
            ask,
            criterion.list,
            stage,
            window_of(gate),
            moment,
            observations,
        )),
        (Ask::Deadline(_), _) => None,
        _ => Some(unsupported::assess(criterion, gate.kind)),
    };
    let first: Vec<Option<CriterionAssessment>> = gate.criteria.iter().map(judged).collect();
    // A deadline asks what became of the exit's own criteria, so it comes after them.
    let exit_met = first
        .iter()
        .flatten()
        .filter(|criterion| criterion.list == List::Exit)
        .all(|criterion| criterion.outcome == Outcome::Met);
    let criteria =
        gate.criteria
            .iter()
            .zip(first)
            .filter_map(|(criterion, judged)| match &criterion.ask {
                Ask::Deadline(length) if judged.is_none() => {
                    Some(deadline::assess(*length, moment, exit_met))
                }
                _ => judged,
            });
    summed_up(stage, gate, moment, criteria.collect())
}

/// The gate's window; without one, which validation rules out, nothing is asked and its KPIs are unknown.
pub(super) fn window_of(gate: &Gate) -> Duration {
    gate.window.unwrap_or(Duration::ZERO)
}

fn summed_up(
    stage: &Stage,
    gate: &Gate,
    moment: Moment,
    criteria: Vec<CriterionAssessment>,
) -> GateAssessment {
    let deciding =
        |criterion: &&CriterionAssessment| !matches!(criterion.list, List::Stop | List::Watch);
    let stops = |criterion: &&CriterionAssessment| criterion.list == List::Stop;
    let of = criteria.iter().filter(deciding).count();
    let met = criteria
        .iter()
        .filter(deciding)
        .filter(|criterion| criterion.outcome == Outcome::Met)
        .count();
    let clear = criteria
        .iter()
        .filter(stops)
        .filter(|criterion| criterion.outcome == Outcome::Clear)
        .count();
    GateAssessment {
        stage: stage.name.clone(),
        title: stage.title.clone(),
        traffic: stage.traffic.clone(),
        kind: gate.kind,
        verdict: verdict(&criteria),
        met,
        of,
        clear,
        stops: criteria.iter().filter(stops).count(),
        window: window(stage, gate, moment),
        criteria,
    }
}

/// GO only where every criterion is met and every stop is clear, and there is something to be met.
fn verdict(criteria: &[CriterionAssessment]) -> Verdict {
    let decisive = || {
        criteria
            .iter()
            .filter(|criterion| criterion.list != List::Watch)
    };
    let any = |outcome: Outcome| decisive().any(|criterion| criterion.outcome == outcome);
    let asks_something = decisive().any(|criterion| criterion.list != List::Stop);
    let is_good = |criterion: &CriterionAssessment| match criterion.list {
        List::Stop => criterion.outcome == Outcome::Clear,
        _ => criterion.outcome == Outcome::Met,
    };
    if any(Outcome::Tripped) {
        Verdict::Stop
    } else if any(Outcome::Unmet) {
        Verdict::NoGo
    } else if asks_something && decisive().all(is_good) {
        Verdict::Go
    } else {
        Verdict::Hold
    }
}
