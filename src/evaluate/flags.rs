//! What every report has to say of a stage before anything else: paused, rolled back and not yet well again. Must not judge.

use super::cited::cited;
use super::{GateAssessment, Verdict};
use crate::kind::GateKind;
use crate::ledger::Ledger;
use crate::plan::{Plan, Stage};

/// Puts the flags on the gates of a check. A recovery gate that is GO in it takes the flag of its stage away.
pub(super) fn put(plan: &Plan, ledger: Option<&Ledger>, gates: &mut [GateAssessment]) {
    let Some(ledger) = ledger else {
        return;
    };
    let recovered: Vec<String> = gates
        .iter()
        .filter(|gate| gate.kind == GateKind::Recovery && gate.verdict == Verdict::Go)
        .map(|gate| gate.stage.clone())
        .collect();
    for gate in gates {
        if let Some(stage) = plan.stages.iter().find(|stage| stage.name == gate.stage) {
            gate.flags = of(stage, ledger, recovered.contains(&stage.name));
        }
    }
}

fn of(stage: &Stage, ledger: &Ledger, recovered: bool) -> Vec<String> {
    let name = &stage.name;
    let has_recovery = stage
        .gates
        .iter()
        .any(|gate| gate.kind == GateKind::Recovery);
    let paused = ledger
        .paused(name)
        .map(|paused| format!("{name} is paused {}", cited(paused)));
    let rolled_back = ledger
        .unrecovered(name, has_recovery)
        .filter(|_| !recovered);
    let rolled_back = rolled_back.map(|entry| {
        let open = if has_recovery {
            format!("not yet recovered: check {}", GateKind::Recovery.of(name))
        } else {
            "has not gone on".to_owned()
        };
        format!("{name} was rolled back {}; {open}", cited(entry))
    });
    paused.into_iter().chain(rolled_back).collect()
}
