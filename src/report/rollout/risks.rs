//! What can still go wrong: the risks that the plan names. Open incidents are told as incidents.

use super::RolloutFacts;
use crate::plan::Risk;
use crate::report::sheet::{Cell, Sheet};

const HEAD: [&str; 5] = ["Risk", "Likelihood", "Impact", "Owner", "Mitigation"];

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
    let shown = [
        &risk.text,
        &risk.likelihood,
        &risk.impact,
        &risk.owner,
        &risk.mitigation,
    ];
    shown.map(|text| Cell::of(text.as_ref())).to_vec()
}
