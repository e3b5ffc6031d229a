//! What every report has to say about a stage before anything else, put on the gates of a check. Must not judge.

use crate::assessment::GateAssessment;
use crate::kind::GateKind;
use crate::rollout::Rollout;
use crate::verdict::Verdict;

/// The flag that says that nothing rests on a gate.
fn look(gate: &GateAssessment) -> Option<String> {
    gate.look.then(|| {
        format!(
            "{} is a look at the last window, begun or not (--trailing): nothing rests on it",
            gate.name()
        )
    })
}

/// Puts the flags on the gates of a check. A recovery gate that is GO in it removes the flag of its stage.
pub(super) fn put(rollout: &Rollout<'_>, gates: &mut [GateAssessment]) {
    let recovered: Vec<String> = gates
        .iter()
        .filter(|gate| gate.kind == GateKind::Recovery && gate.verdict == Verdict::Go)
        .map(|gate| gate.stage.clone())
        .collect();
    for gate in gates {
        if let Some(stage) = rollout.stage(&gate.stage) {
            gate.flags = rollout.flags(stage, recovered.contains(&stage.name));
            gate.flags.extend(rollout.history().let_go_of(&stage.name));
            gate.flags.extend(rollout.not_asked(stage, gate.kind));
            gate.flags.extend(look(gate));
        }
    }
}
