//! Gates: criterion by criterion to a verdict (design 3). Must not count an unknown as met.

use std::collections::BTreeSet;

use super::context::{CriterionContext, Ruling};
use super::span::{Moment, window};
use super::{
    alerts, approvals, artifacts, checklists, confirmations, deadline, flags, implied, incidents,
    kpis, outside, probes, sticky,
};
use crate::assessment::{Assessment, Counts, CriterionAssessment, GateAssessment, Outcome};
use crate::findings::{Findings, Inquiry};
use crate::kind::List;
use crate::ledger::Ledger;
use crate::plan::criteria::{Ask, Criterion};
use crate::plan::{Gate, Plan, Stage};
use crate::rollout::{History, Rollout};
use crate::samples::{Observations, Question};
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

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

/// What has to be asked, in plan order, equal questions once.
#[must_use]
pub fn questions(plan: &Plan, request: &Request) -> Vec<Question> {
    let mut seen = BTreeSet::new();
    let mut all = asked(plan, request, |place| match &place.criterion.ask {
        Ask::Kpi(ask) => kpis::questions(
            ask,
            place.criterion.list,
            place.stage,
            window_of(place.gate),
            place.moment,
        ),
        Ask::Alerts(ask) => alerts::questions(ask, &place),
        _ => Vec::new(),
    });
    all.retain(|question| seen.insert(question.clone()));
    all
}

/// What has to be looked up beside samples, in plan order, equal inquiries once.
#[must_use]
pub fn inquiries(plan: &Plan, request: &Request) -> Vec<Inquiry> {
    let mut seen = BTreeSet::new();
    let mut all = asked(plan, request, |place| match &place.criterion.ask {
        Ask::Alerts(ask) => alerts::inquiries(ask),
        Ask::Artifact(ask) => vec![artifacts::inquiry(ask)],
        Ask::Probe(ask) => vec![probes::inquiry(ask, &place)],
        Ask::Incidents(ask) => incidents::inquiries(ask),
        _ => Vec::new(),
    });
    all.retain(|inquiry| seen.insert(inquiry.clone()));
    all
}

/// A criterion where it stands.
pub(super) struct PlacedCriterion<'a> {
    pub stage: &'a Stage,
    pub gate: &'a Gate,
    pub criterion: &'a Criterion,
    pub moment: Moment,
}

fn asked<'a, T>(
    plan: &'a Plan,
    request: &Request,
    of: impl Fn(PlacedCriterion<'a>) -> Vec<T>,
) -> Vec<T> {
    let gates = request.gates.iter().filter_map(|gate| gate.of(plan));
    let places = gates.flat_map(|(stage, gate)| {
        let moment = request.moment(stage);
        let place = move |criterion| PlacedCriterion {
            stage,
            gate,
            criterion,
            moment,
        };
        gate.criteria.iter().map(place)
    });
    places.flat_map(of).collect()
}

/// Judges the gates on what is known, in the order given: a gate may look at those before it.
#[must_use]
pub fn assess<'a>(plan: &Plan, request: &Request, facts: impl Into<Facts<'a>>) -> Assessment {
    let (facts, rollout) = (facts.into(), request.rollout(plan));
    let mut gates: Vec<GateAssessment> = Vec::new();
    for (stage, gate) in request.gates.iter().filter_map(|gate| gate.of(plan)) {
        let context = CriterionContext {
            rollout,
            stage,
            gate,
            moment: request.moment(stage),
            observations: facts.observations,
            findings: facts.findings,
            judged: &gates,
        };
        let judged = assess_gate(&context);
        gates.push(judged);
    }
    flags::put(&rollout, &mut gates);
    Assessment { gates }
}

/// Judges a gate: what needs nothing else first, then what approvals sign for, then approvals themselves.
fn assess_gate(context: &CriterionContext<'_>) -> GateAssessment {
    let implied = implied::assess(context);
    let first: Vec<Option<CriterionAssessment>> = (context.gate.criteria.iter())
        .map(|criterion| first_pass(criterion, context))
        .collect();
    let signed = |_: &str| Ruling::good("signed");
    let verdict_without_approvals = verdict(&completed(&first, &implied, context, signed));
    let approved = |role: &str| approvals::assess(role, verdict_without_approvals, context);
    let criteria = completed(&first, &implied, context, approved);
    summed_up(context, criteria, verdict_without_approvals)
}

/// All criteria of a gate, approvals judged as given; then the deadline, which asks what became of the exit's own criteria;
/// then what trips because it did before.
fn completed(
    first: &[Option<CriterionAssessment>],
    implied: &[CriterionAssessment],
    context: &CriterionContext<'_>,
    approval: impl Fn(&str) -> Ruling,
) -> Vec<CriterionAssessment> {
    let plan_order = &context.gate.criteria;
    let mut criteria = first.to_vec();
    for (criterion, place) in plan_order.iter().zip(&mut criteria) {
        if let Ask::Approval { role, .. } = &criterion.ask {
            *place = Some(approval(role).on(criterion));
        }
    }
    let exit_met = (criteria.iter().flatten().chain(implied))
        .filter(|criterion| criterion.list == List::Exit)
        .all(|criterion| criterion.outcome == Outcome::Met);
    for (criterion, place) in plan_order.iter().zip(&mut criteria) {
        if let Ask::Deadline(length) = &criterion.ask {
            *place = Some(deadline::assess(*length, context.moment, exit_met));
        }
    }
    let own = criteria.into_iter().flatten().collect();
    implied::joined(implied.to_vec(), sticky::hold(own, context))
}

/// `None` for what is judged in a later pass.
fn first_pass(
    criterion: &Criterion,
    context: &CriterionContext<'_>,
) -> Option<CriterionAssessment> {
    let list = criterion.list;
    let ruling = match &criterion.ask {
        Ask::Kpi(ask) => {
            return Some(kpis::assess(
                ask,
                list,
                context.stage,
                window_of(context.gate),
                context.moment,
                context.observations,
            ));
        }
        Ask::Deadline(_) | Ask::Approval { .. } => return None,
        Ask::Checklist { list, item } => checklists::assess(list, item, context),
        Ask::Confirmation(id) => confirmations::assess(id, context),
        Ask::Incidents(ask) => incidents::assess(ask, list, context),
        Ask::Alerts(ask) => alerts::assess(ask, list, context),
        Ask::Artifact(ask) => artifacts::assess(ask, context),
        Ask::Probe(ask) => probes::assess(ask, criterion, context),
        Ask::Outside(ask) => outside::assess(ask, context),
    };
    Some(ruling.on(criterion))
}

/// The gate's window; without one, which validation rules out, nothing is asked and its KPIs are unknown.
pub(super) fn window_of(gate: &Gate) -> Duration {
    gate.window.unwrap_or(Duration::ZERO)
}

fn summed_up(
    context: &CriterionContext<'_>,
    criteria: Vec<CriterionAssessment>,
    verdict_without_approvals: Verdict,
) -> GateAssessment {
    let (stage, gate) = (context.stage, context.gate);
    let verdict = verdict(&criteria);
    GateAssessment {
        stage: stage.name.clone(),
        title: stage.title.clone(),
        traffic: stage.traffic.clone(),
        kind: gate.kind,
        verdict,
        counts: Counts::of(&criteria),
        window: window(stage, gate, context.moment),
        verdict_without_approvals,
        overridden: context
            .rollout
            .override_in_force(&context.gate_name(), verdict)
            .map(Into::into),
        flags: Vec::new(),
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
