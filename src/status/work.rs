//! What people owe to the gates in play. The gates are judged without samples, and only what needs none is taken over.

use super::StatusInput;
use super::order::in_play;
use super::stage::State;
use crate::evaluate::{
    self, Code, CriterionAssessment, GateAssessment, GateRef, NextStep, Request,
};
use crate::kind::{Action, CriterionKind, GateName, List};
use crate::ledger::{Entry, Ledger};
use crate::plan::{Ask, Gate, Stage};
use crate::samples::Observations;

/// One thing that somebody owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The gate that waits for it.
    pub gate: GateName,
    /// What it asks.
    pub kind: CriterionKind,
    /// What the criterion is called.
    pub name: String,
    /// What it asks, for people.
    pub title: Option<String>,
    /// Why it is open.
    pub reason: String,
    /// Whether somebody has answered, or taken an answer back: `reason` then says who.
    pub was_answered: bool,
    /// What settles it.
    pub next_step: NextStep,
}

/// In plan order.
pub(super) fn outstanding(states: &[State], asked: &StatusInput<'_>) -> Vec<Owed> {
    let mut owed = Vec::new();
    for place in in_play(states, asked) {
        let Some((_, gate)) = place.of(asked.plan) else {
            continue;
        };
        for assessment in assess(place, asked) {
            let name = assessment.name();
            let criteria = assessment.criteria.iter();
            let open = criteria.filter(|criterion| !is_signed(criterion, &name, gate, asked));
            owed.extend(open.filter_map(|criterion| of_criterion(criterion, &name, asked)));
        }
    }
    owed
}

/// What a check would settle is no work of people. Whoever answered no may answer anew.
fn of_criterion(
    criterion: &CriterionAssessment,
    gate: &GateName,
    asked: &StatusInput<'_>,
) -> Option<Owed> {
    let next_step = criterion
        .next_step
        .clone()
        .or_else(|| answer(criterion, gate));
    let next_step = next_step.filter(|next_step| next_step.action != Action::Check)?;
    Some(Owed {
        gate: gate.clone(),
        kind: criterion.kind,
        name: criterion.name.clone(),
        title: criterion.title.clone(),
        was_answered: !criterion.based_on.is_empty()
            && matches!(next_step.action, Action::Confirm | Action::Approve),
        reason: reason(criterion, gate, asked),
        next_step,
    })
}

/// Without what only samples could say: none were asked for.
fn reason(criterion: &CriterionAssessment, gate: &GateName, asked: &StatusInput<'_>) -> String {
    let role = &criterion.name;
    let stands = |ledger| standing(ledger, gate, role, asked).is_some();
    match (criterion.list, criterion.code) {
        (List::Stop, Code::TrippedBefore) => "it tripped, and nobody has resumed since".to_owned(),
        (_, Code::SignatureVoid) if asked.ledger.is_some_and(stands) => {
            "one person signed in two roles, and two have to".to_owned()
        }
        _ => criterion.reason.clone(),
    }
}

/// The command by which a no becomes a yes.
fn answer(criterion: &CriterionAssessment, gate: &GateName) -> Option<NextStep> {
    let arguments = [criterion.name.as_str(), "--stage", &gate.stage];
    (criterion.code == Code::AnsweredNo).then(|| NextStep::new(Action::Confirm, &arguments))
}

/// Whether a signature is void only because the gate was judged without samples here: what it was given for is what the
/// recorded checks have found ever since.
fn is_signed(
    criterion: &CriterionAssessment,
    name: &GateName,
    gate: &Gate,
    asked: &StatusInput<'_>,
) -> bool {
    let Some(ledger) = asked.ledger else {
        return false;
    };
    let stands = |role: &str| standing(ledger, name, role, asked);
    let own = stands(&criterion.name);
    let is_void =
        criterion.kind == CriterionKind::Approvals && criterion.code == Code::SignatureVoid;
    let somebody_else = |other: &String| {
        let other = stands(other);
        other.is_none_or(|other| own.is_none_or(|own| !own.by.is(&other.by)))
    };
    is_void && own.is_some() && others(&criterion.name, gate).iter().all(somebody_else)
}

/// The roles beside this one that somebody else has to sign in.
fn others(role: &str, gate: &Gate) -> Vec<String> {
    let others = gate.criteria.iter().filter_map(|one| match &one.ask {
        Ask::Approval {
            role: other,
            distinct: true,
        } if other != role => Some(other.clone()),
        _ => None,
    });
    others.collect()
}

/// The role's signature, while it holds for what was recorded since.
fn standing<'a>(
    ledger: &'a Ledger,
    gate: &GateName,
    role: &str,
    asked: &StatusInput<'_>,
) -> Option<&'a Entry> {
    let signature = ledger.signature(gate, role)?;
    let signed = ledger.check_with(gate, signature.evidence_sha256)?;
    let rolled_back = ledger.rolled_back(&gate.stage);
    let holds = !signature.revoked
        && signature.expires.is_none_or(|expires| expires > asked.now)
        && signed.check.plan_sha256 == asked.sha256
        && rolled_back.is_none_or(|entry| entry.number < signature.entry.number)
        && signed.gate.verdict_without_approvals == signature.verdict_without_approvals
        && ledger.checks_after(gate, signed).all(|later| {
            later.gate.verdict_without_approvals == signature.verdict_without_approvals
        });
    holds.then_some(signature.entry)
}

/// All gates of a stage, judged without samples.
pub(super) fn assessed(stage: &Stage, asked: &StatusInput<'_>) -> Vec<GateAssessment> {
    let position = asked
        .plan
        .stages
        .iter()
        .position(|one| one.name == stage.name);
    let gates = (0..stage.gates.len()).filter_map(|gate| {
        Some(GateRef {
            stage: position?,
            gate,
        })
    });
    gates.flat_map(|gate| assess(gate, asked)).collect()
}

/// By itself: beside others, an exit that was judged without samples would stand for the recorded one.
fn assess(gate: GateRef, asked: &StatusInput<'_>) -> Vec<GateAssessment> {
    let request = Request {
        at: asked.now,
        started: None,
        gates: vec![gate],
        ledger: asked.ledger.cloned(),
        plan_sha256: Some(asked.sha256.to_owned()),
        vars: Vec::new(),
    };
    evaluate::assess(asked.plan, &request, &Observations::new()).gates
}
