//! What is in play: the stage that runs, and those that come next. Must not judge whether they may.

use crate::evaluate::GateRef;
use crate::ledger::{Event, Ledger};
use crate::plan::{GateKind, Plan, Stage};
use crate::verdict::Verdict;

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

/// The gates in play, in plan order: the exit of the running stage, its recovery while it is flagged, the entry of the
/// next. `None` where nothing has begun.
pub fn gates(plan: &Plan, ledger: &Ledger) -> Option<Vec<GateRef>> {
    let running = running(plan, ledger)?;
    let playing: Vec<&str> = stages(plan, ledger)
        .iter()
        .map(|stage| stage.name.as_str())
        .collect();
    let is_in_play = |stage: &Stage, kind: GateKind| match kind {
        GateKind::Exit => stage.name == running.name,
        GateKind::Recovery => stage.name == running.name && awaits_recovery(ledger, &stage.name),
        GateKind::Entry => stage.name != running.name && playing.contains(&stage.name.as_str()),
    };
    let mut found = Vec::new();
    for (stage, of) in plan.stages.iter().enumerate() {
        for (gate, one) in of.gates.iter().enumerate() {
            if is_in_play(of, one.kind) {
                found.push(GateRef { stage, gate });
            }
        }
    }
    Some(found)
}

/// Whether the stage was rolled back, and no check since has shown that it is well again.
fn awaits_recovery(ledger: &Ledger, stage: &str) -> bool {
    let Some(rolled_back) = ledger.rolled_back(stage) else {
        return false;
    };
    let gate = format!("{stage}/{}", GateKind::Recovery.word());
    let since = |number: u64| number > rolled_back.number;
    !ledger.entries().iter().any(|entry| match &entry.event {
        Event::Checked(checked) if since(entry.number) => {
            let mut gates = checked.gates.iter();
            gates.any(|one| one.gate == gate && one.verdict == Verdict::Go)
        }
        _ => false,
    })
}
