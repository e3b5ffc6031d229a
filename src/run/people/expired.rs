//! What time has made of a GO of an entry gate: signatures end, calendars begin. Must not ask a source.

use super::context::DecisionContext;
use crate::evaluate::{self, GateRef, Outcome, Request};
use crate::kind::GateKind;
use crate::plan::{Ask, Gate, Stage};
use crate::samples::Observations;
use crate::units::Instant;

/// Why the entry gate of a stage is not GO for a start at this time, whatever a source would say: what needs none is
/// judged once more.
pub fn reason(context: &DecisionContext, stage: &Stage, at: Instant) -> Option<String> {
    let gate = DecisionContext::gate(stage, GateKind::Entry)?;
    signature(context, stage, gate, at).or_else(|| unmet(context, stage, at))
}

fn signature(context: &DecisionContext, stage: &Stage, gate: &Gate, at: Instant) -> Option<String> {
    let name = gate.kind.of(&stage.name);
    gate.criteria.iter().find_map(|one| {
        let Ask::Approval { role, .. } = &one.ask else {
            return None;
        };
        let signature = context.ledger.signature(&name, role)?;
        let expires = signature.expires.filter(|expires| *expires <= at)?;
        Some(format!("the signature as {role} held until {expires}"))
    })
}

/// Without samples and findings only what people and the clock decide can be unmet.
fn unmet(context: &DecisionContext, stage: &Stage, at: Instant) -> Option<String> {
    let position = (context.plan.stages.iter()).position(|one| one.name == stage.name)?;
    let gate = (stage.gates.iter()).position(|gate| gate.kind == GateKind::Entry)?;
    let request = Request {
        at,
        started: None,
        gates: vec![GateRef {
            stage: position,
            gate,
        }],
        ledger: Some(context.ledger.clone()),
        plan_sha256: Some(context.plan_sha256.to_owned()),
        vars: Vec::new(),
    };
    let assessed = evaluate::assess(context.plan, &request, &Observations::new());
    let mut criteria = assessed.gates.iter().flat_map(|gate| &gate.criteria);
    let unmet = criteria.find(|one| one.outcome == Outcome::Unmet)?;
    Some(format!("{} is unmet: {}", unmet.name, unmet.reason))
}
