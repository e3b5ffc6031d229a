//! What is found in the plan, at the foot of every report: its warnings, and what its author accepts.
//!
//! Must not decide whether that matters.

use crate::evidence::Evidence;
use crate::plan::PlanWarning;

/// The warnings, then what is accepted; empty where there is neither.
pub(super) fn lines(evidence: &Evidence) -> Vec<String> {
    let path = &evidence.plan.path;
    let warnings = evidence.warnings.iter();
    let warnings = warnings.map(|one| format!("warning: {}", in_words(path, one)));
    warnings.chain(accepted(evidence)).collect()
}

/// `accepted: error_rate query-filter`, a line for each KPI.
pub(super) fn accepted(evidence: &Evidence) -> impl Iterator<Item = String> {
    evidence.accepted.iter().map(|one| {
        let words: Vec<&str> = one.codes.iter().map(|code| code.word()).collect();
        format!("accepted: {} {}", one.kpi, words.join(", "))
    })
}

/// `plan.yaml:5:12: … [query-filter]`.
fn in_words(path: &str, warning: &PlanWarning) -> String {
    let mut place = path.to_owned();
    for number in [warning.line, warning.column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    format!("{place}: {} [{}]", warning.message, warning.code)
}
