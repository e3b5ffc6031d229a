//! What is in play: the stage that runs, and those that come next. Must not judge whether they may.

use crate::evaluate::GateRef;
use crate::ledger::Ledger;
use crate::plan::{Gate, GateKind, Plan, Stage};

/// The stages that must be left before this one begins, as the plan says or in its order.
pub fn before<'a>(plan: &'a Plan, stage: &Stage) -> Vec<&'a Stage> {
    let named = |name: &String| plan.stages.iter().find(|one| one.name == *name);
    match &stage.after {
        Some(names) => names.iter().filter_map(named).collect(),
        None => {
            let earlier = plan.stages.iter().take_while(|one| one.name != stage.name);
            earlier.last().into_iter().collect()
        }
    }
}

/// The running stage, as the plan has it; `None` where nothing has begun or the plan no longer has it.
pub fn running<'a>(plan: &'a Plan, ledger: &Ledger) -> Option<&'a Stage> {
    let name = ledger.running()?;
    plan.stages.iter().find(|stage| stage.name == name)
}

/// The running stage and those that come next; where nothing has begun, those that come first.
pub fn stages<'a>(plan: &'a Plan, ledger: &Ledger) -> Vec<&'a Stage> {
    let running = running(plan, ledger);
    let is_next = |stage: &&Stage| {
        let before = before(plan, stage);
        match running {
            Some(running) => before.iter().any(|one| one.name == running.name),
            None => before.is_empty(),
        }
    };
    let next = plan.stages.iter().filter(is_next);
    running.into_iter().chain(next).collect()
}

/// The gates about which people are asked at present, in plan order: exit and recovery of the running stage, entry of the
/// next; where nothing has begun, those of the stages that come first.
pub fn gates<'a>(plan: &'a Plan, ledger: &Ledger) -> Vec<(&'a Stage, &'a Gate)> {
    let running = running(plan, ledger).map(|stage| stage.name.as_str());
    let is_asked = |stage: &Stage, gate: &Gate| match running {
        Some(running) => (stage.name == running) == (gate.kind != GateKind::Entry),
        None => true,
    };
    let playing = stages(plan, ledger);
    let playing =
        (plan.stages.iter()).filter(|stage| playing.iter().any(|one| one.name == stage.name));
    playing
        .flat_map(|stage| stage.gates.iter().map(move |gate| (stage, gate)))
        .filter(|(stage, gate)| is_asked(stage, gate))
        .collect()
}

/// The gates to be judged at present, in plan order: the exit of the running stage, its recovery while it is flagged, the
/// entry of the next. `None` where nothing has begun.
pub fn selection(plan: &Plan, ledger: &Ledger) -> Option<Vec<GateRef>> {
    running(plan, ledger)?;
    let playing = gates(plan, ledger);
    let is_judged = |stage: &Stage, gate: &Gate| {
        let asked = playing
            .iter()
            .any(|(one, of)| one.name == stage.name && of.kind == gate.kind);
        asked
            && (gate.kind != GateKind::Recovery || ledger.unrecovered(&stage.name, true).is_some())
    };
    let mut found = Vec::new();
    for (stage, of) in plan.stages.iter().enumerate() {
        for (gate, one) in of.gates.iter().enumerate() {
            if is_judged(of, one) {
                found.push(GateRef { stage, gate });
            }
        }
    }
    Some(found)
}
