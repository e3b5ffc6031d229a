//! What is found for one series. Must not know how.

use crate::assessment::{Code, Outcome};

/// What was found for one series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SeriesRuling {
    pub outcome: Outcome,
    pub code: Code,
    pub reason: String,
    /// The reduced value, or the worst measured point.
    pub value: Option<f64>,
}

pub(super) fn found(
    outcome: Outcome,
    code: Code,
    reason: String,
    value: Option<f64>,
) -> SeriesRuling {
    SeriesRuling {
        outcome,
        code,
        reason,
        value,
    }
}
