//! Everything that decides on the gates of a plan, in words: for reports that show what a plan says. Must not show a credential.

use super::parts;
use crate::kind::{CriterionKind, GateName, List};
use crate::plan::Plan;

/// Something that the plan says of a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its gate.
    pub gate: GateName,
    /// In which list; `None` for the gate's window and what it asks.
    pub list: Option<List>,
    /// The kind of the criterion; `None` for a source.
    pub kind: Option<CriterionKind>,
    /// What the criterion or the source is called.
    pub name: String,
    /// Which part of it, such as `condition` or `query`.
    pub part: String,
    /// As the plan has it, defaults and variables filled in.
    pub text: String,
}

/// Everything that decides, gate by gate.
#[must_use]
pub fn said(plan: &Plan) -> Vec<Said> {
    let stages = plan.stages.iter();
    let gates = stages.flat_map(|stage| stage.gates.iter().map(|gate| gate.kind.of(&stage.name)));
    let said = gates.flat_map(|gate| {
        let parts = parts(plan, &gate).into_iter();
        let parts: Vec<Said> = parts.map(|part| of_gate(&gate, part)).collect();
        parts
    });
    said.collect()
}

fn of_gate(gate: &GateName, part: super::Part) -> Said {
    Said {
        gate: gate.clone(),
        list: part.list,
        kind: part.kind,
        name: part.name,
        part: part.what,
        text: part.text,
    }
}
