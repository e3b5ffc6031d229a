//! Criteria that people answer: they have their place, but this version cannot judge them, so they are unknown.

use super::{Code, CriterionAssessment, Outcome};
use crate::plan::{Ask, Criterion, GateKind};

/// A criterion that is never met.
pub(super) fn assess(criterion: &Criterion, gate: GateKind) -> CriterionAssessment {
    let kind = criterion.ask.kind(criterion.list);
    let reason = match gate {
        GateKind::Recovery => {
            "a recovery gate is judged from a recorded rollback on, and this version records none"
                .to_owned()
        }
        GateKind::Entry | GateKind::Exit => {
            format!(
                "this version of gate does not judge `{kind}`: a person has to{}",
                item(&criterion.ask)
            )
        }
    };
    CriterionAssessment {
        list: criterion.list,
        kind,
        name: criterion.ask.name(),
        title: None,
        condition: None,
        outcome: Outcome::Unknown,
        code: Code::NotYetSupported,
        reason,
        notes: Vec::new(),
        kpi: None,
    }
}

/// What a person finds on the checklist, and who owes it.
fn item(ask: &Ask) -> String {
    let Ask::Checklist { item, .. } = ask else {
        return String::new();
    };
    let owner = item
        .owner
        .as_ref()
        .map_or(String::new(), |owner| format!(" ({owner})"));
    format!(": {}{owner}", item.text)
}
