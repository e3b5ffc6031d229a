//! Gates: criterion by criterion to a verdict (design 3). Must not count an unknown as met.

use std::collections::BTreeSet;

use super::context::{CriterionContext, PlacedCriterion, Ruling};
use super::criteria::{self, approvals, deadline};
use super::kpi::question::Purpose;
use super::request::{Facts, Request};
use super::span::window;
use super::{begun, flags, implied, kpi, next, overrides, sticky};
use crate::assessment::{Assessment, Counts, CriterionAssessment, GateAssessment, Outcome};
use crate::findings::Inquiry;
use crate::kind::List;
use crate::plan::Plan;
use crate::plan::criteria::{Ask, KpiAsk};
use crate::samples::Question;
use crate::verdict::Verdict;

/// What has to be asked, in plan order, equal questions once.
#[must_use]
pub fn questions(plan: &Plan, request: &Request) -> Vec<Question> {
    let mut seen = BTreeSet::new();
    let mut all = asked(plan, request, criteria::questions);
    all.retain(|question| seen.insert(question.clone()));
    all
}

/// A question that a KPI asks.
pub struct AskedOfKpi<'a> {
    /// The criterion's list.
    pub list: List,
    /// The KPI and its condition.
    pub ask: &'a KpiAsk,
    /// What the question is for.
    pub purpose: Purpose,
    /// What is asked.
    pub question: Question,
}

/// What KPIs ask, in plan order; the same question once for each purpose.
#[must_use]
pub fn asked_of_kpis<'a>(plan: &'a Plan, request: &Request) -> Vec<AskedOfKpi<'a>> {
    asked(plan, request, |placed| {
        let criterion = placed.criterion;
        let ask = criterion.ask.kpi();
        let asked = ask.map(|ask| (ask, kpi::purposes(ask, placed)));
        let each = asked.into_iter().flat_map(|(ask, purposes)| {
            purposes
                .into_iter()
                .map(move |(purpose, question)| AskedOfKpi {
                    list: criterion.list,
                    ask,
                    purpose,
                    question,
                })
        });
        each.collect()
    })
}

/// What has to be looked up besides samples, in plan order, equal inquiries once.
#[must_use]
pub fn inquiries(plan: &Plan, request: &Request) -> Vec<Inquiry> {
    let mut seen = BTreeSet::new();
    let mut all = asked(plan, request, criteria::inquiries);
    all.retain(|inquiry| seen.insert(inquiry.clone()));
    all
}

fn asked<'a, T>(
    plan: &'a Plan,
    request: &Request,
    of: impl Fn(&PlacedCriterion<'a>) -> Vec<T>,
) -> Vec<T> {
    let gates = request.gates.iter().filter_map(|gate| gate.of(plan));
    let placed = gates.flat_map(|(stage, gate)| {
        let criteria = gate.criteria.iter();
        criteria.map(move |criterion| request.placed(plan, stage, gate, criterion))
    });
    placed.flat_map(|placed| of(&placed)).collect()
}

/// Judges the gates on what is known, in the order given: a gate may look at those before it.
#[must_use]
pub fn assess<'a>(plan: &Plan, request: &Request, facts: impl Into<Facts<'a>>) -> Assessment {
    let (facts, rollout) = (facts.into(), request.rollout(plan));
    let mut gates: Vec<GateAssessment> = Vec::new();
    for asked in &request.gates {
        let Some((stage, gate)) = asked.of(plan) else {
            continue;
        };
        let context = CriterionContext {
            rollout,
            stage,
            gate,
            moment: request.moment(plan, stage),
            is_look: request.is_look(stage, gate),
            is_outlook: request.outlook.contains(asked),
            observations: facts.observations,
            findings: facts.findings,
            sources: facts.sources,
            lost_ledger: facts.lost_ledger,
            plan_is_kept_out: facts.plan_is_kept_out,
            later_checks: &request.later_checks,
            later_holds: &request.later_holds,
            judged: &gates,
        };
        let judged = assess_gate(&context);
        gates.push(judged);
    }
    flags::put(&rollout, &mut gates);
    next::go_on_once_recovered(&rollout, &mut gates);
    let next = next::after(&rollout, &gates, facts.recorded_at);
    Assessment { gates, next }
}

/// Judges a gate: first what depends on nothing else, then the verdict that approvals sign, then the approvals. A GO has to get
/// past what was found for a later time.
fn assess_gate(context: &CriterionContext<'_>) -> GateAssessment {
    let mut implied = implied::assess(context);
    let first: Vec<Option<CriterionAssessment>> = (context.gate.criteria.iter())
        .map(|criterion| criteria::judged(criterion, context))
        .collect();
    let signed = |_: &str| Ruling::good("signed");
    let mut verdict_without_approvals = verdict(&completed(&first, &implied, context, signed));
    if verdict_without_approvals == Verdict::Go
        && let Some(newer) = implied::newer_check(context).or_else(|| implied::held_since(context))
    {
        implied.push(newer);
        verdict_without_approvals = verdict(&completed(&first, &implied, context, signed));
    }
    let approved = |role: &str| approvals::assess(role, verdict_without_approvals, context);
    let criteria = completed(&first, &implied, context, approved);
    summed_up(context, criteria, verdict_without_approvals)
}

/// All criteria of a gate, approvals judged as given; then the deadline, which depends on the exit's own criteria;
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
        if let Ask::Approval(ask) = &criterion.ask {
            *place = Some(approval(&ask.role).on(criterion));
        }
    }
    let exit_met = (criteria.iter().flatten().chain(implied))
        .filter(|criterion| criterion.list == List::Exit)
        .all(|criterion| criterion.outcome == Outcome::Met);
    for (criterion, place) in plan_order.iter().zip(&mut criteria) {
        if let Ask::Deadline(length) = &criterion.ask {
            let ruling = deadline::assess(*length, context.moment, exit_met);
            *place = Some(ruling.on(criterion));
        }
    }
    begun::require(criteria.iter_mut().flatten(), context);
    let own = criteria.into_iter().flatten().collect();
    implied::joined(implied.to_vec(), sticky::hold(own, context))
}

fn summed_up(
    context: &CriterionContext<'_>,
    mut criteria: Vec<CriterionAssessment>,
    verdict_without_approvals: Verdict,
) -> GateAssessment {
    let (stage, gate) = (context.stage, context.gate);
    let verdict = verdict(&criteria);
    let overridden = overrides::in_force(context, verdict, &mut criteria);
    next::in_turn(&context.rollout, &mut criteria);
    GateAssessment {
        stage: stage.name.clone(),
        title: stage.title.clone(),
        traffic: stage.traffic.clone(),
        kind: gate.kind,
        verdict,
        counts: Counts::of(&criteria),
        window: window(stage, gate, context.moment),
        verdict_without_approvals,
        overridden,
        look: context.is_look,
        outlook: context.is_outlook,
        flags: Vec::new(),
        after_stop: (verdict == Verdict::Stop).then(|| context.rollout.after_stop(&stage.name)),
        criteria,
    }
}

/// GO only if every criterion is met, every stop is clear, and there is at least one criterion.
fn verdict(criteria: &[CriterionAssessment]) -> Verdict {
    let criteria = criteria.iter();
    let all: Vec<(List, Outcome)> = criteria
        .map(|criterion| (criterion.list, criterion.outcome))
        .collect();
    verdict_of(&all)
}

/// The same of lists and outcomes alone.
pub(super) fn verdict_of(criteria: &[(List, Outcome)]) -> Verdict {
    let decisive = || criteria.iter().filter(|(list, _)| *list != List::Watch);
    let any = |outcome: Outcome| decisive().any(|(_, found)| *found == outcome);
    let asks_something = decisive().any(|(list, _)| *list != List::Stop);
    let is_good = |(list, outcome): &(List, Outcome)| {
        let is_stop = *list == List::Stop;
        *outcome
            == if is_stop {
                Outcome::Clear
            } else {
                Outcome::Met
            }
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
