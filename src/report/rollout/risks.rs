//! What can still go wrong: the risks that the plan names. Open incidents are told as incidents.

use super::RolloutFacts;
use crate::plan::Risk;
use crate::report::sheet::{Cell, Sheet};

const HEAD: [&str; 7] = [
    "Risk",
    "Likelihood",
    "Impact",
    "Owner",
    "Due",
    "Status",
    "Actions",
];

/// The section.
pub(super) fn write(sheet: &mut Sheet, heading: &str, rollout: &RolloutFacts<'_>) {
    let risks = rollout
        .plan
        .map_or(&[][..], |plan| &plan.release.details.risks);
    let none = match rollout.plan {
        Some(_) => "the plan names no risk",
        None => "not known: the plan is not available",
    };
    sheet.table(heading, &HEAD, risks.iter().map(row).collect(), none);
}

fn row(risk: &Risk) -> Vec<Cell> {
    vec![
        Cell::text(risk.title.clone()),
        Cell::of(risk.likelihood.as_ref()),
        Cell::of(risk.impact.as_ref()),
        Cell::of(risk.owner.as_ref()),
        Cell::of(risk.due.map(|due| due.to_string()).as_ref()),
        Cell::of(risk.status.as_ref()),
        Cell::of(actions(risk).as_ref()),
    ]
}

/// What is done about it: numbered where there are several.
fn actions(risk: &Risk) -> Option<String> {
    match risk.actions.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        several => {
            let numbered = several.iter().zip(1..);
            let numbered = numbered.map(|(action, number)| format!("{number}. {action}"));
            Some(numbered.collect::<Vec<_>>().join("; "))
        }
    }
}
