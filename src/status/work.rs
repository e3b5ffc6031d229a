//! What people owe to the gates in play. The gates are judged without samples, and only what needs none is taken over.

use super::Asked;
use super::order::in_play;
use super::stage::State;
use crate::evaluate::{self, Code, CriterionAssessment, GateAssessment, GateRef, Request, Settle};
use crate::ledger::{Event, Ledger};
use crate::plan::Stage;
use crate::samples::Observations;
use crate::units::Instant;

/// One thing that somebody owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The gate that waits for it: `STAGE/KIND`.
    pub gate: String,
    /// The YAML key.
    pub kind: &'static str,
    /// What the criterion is called.
    pub name: String,
    /// What it asks, for people.
    pub title: Option<String>,
    /// Why it is open.
    pub reason: String,
    /// What settles it.
    pub settle: Settle,
}

/// In plan order.
pub(super) fn outstanding(states: &[State], asked: &Asked<'_>) -> Vec<Owed> {
    let mut owed = Vec::new();
    for gate in in_play(states, asked) {
        for assessment in assess(gate, asked) {
            let name = assessment.name();
            let criteria = assessment.criteria.into_iter();
            owed.extend(criteria.filter_map(|criterion| of_criterion(criterion, &name, asked)));
        }
    }
    owed
}

fn of_criterion(criterion: CriterionAssessment, gate: &str, asked: &Asked<'_>) -> Option<Owed> {
    let settle = criterion.settle?;
    // What a signature is for cannot be told without samples: the last recorded check says it.
    let is_for_another_verdict =
        criterion.kind == "approvals" && criterion.code == Code::SignatureVoid;
    let signed = asked
        .ledger
        .is_some_and(|ledger| is_signed(ledger, gate, &criterion.name, asked.now));
    (!(is_for_another_verdict && signed)).then(|| Owed {
        gate: gate.to_owned(),
        kind: criterion.kind,
        name: criterion.name,
        title: criterion.title,
        reason: criterion.reason,
        settle,
    })
}

/// Whether the role's last signature holds for what was recorded since.
fn is_signed(ledger: &Ledger, gate: &str, role: &str, now: Instant) -> bool {
    let entries = ledger.entries();
    let signature = entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Approved {
            gate: of,
            role: by,
            apart,
            expires,
            revoked,
            ..
        } if of == gate && by == role => Some((entry.number, *apart, *expires, *revoked)),
        _ => None,
    });
    let Some((number, apart, expires, false)) = signature else {
        return false;
    };
    let since = entries.iter().filter(|entry| entry.number > number);
    let mut checks = since.filter_map(|entry| match &entry.event {
        Event::Checked(checked) => checked.gates.iter().find(|one| one.gate == gate),
        _ => None,
    });
    expires.is_none_or(|expires| expires > now) && checks.all(|check| check.apart == apart)
}

/// All gates of a stage, judged without samples.
pub(super) fn assessed(stage: &Stage, asked: &Asked<'_>) -> Vec<GateAssessment> {
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
fn assess(gate: GateRef, asked: &Asked<'_>) -> Vec<GateAssessment> {
    let request = Request {
        at: asked.now,
        started: None,
        gates: vec![gate],
        ledger: asked.ledger.cloned(),
        plan_sha256: Some(asked.sha256.to_owned()),
    };
    evaluate::assess(asked.plan, &request, &Observations::new()).gates
}
