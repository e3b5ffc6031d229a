//! A stage that has not begun has no exit: whatever is measured is shown, and nothing of it decides. Must not judge a sample.

use super::context::CriterionContext;
use crate::assessment::{Code, CriterionAssessment, Outcome};
use crate::kind::GateKind;

/// Leaves every criterion of an exit gate open while the stage has not begun.
pub(super) fn require<'c>(
    criteria: impl Iterator<Item = &'c mut CriterionAssessment>,
    context: &CriterionContext<'_>,
) {
    let not_begun = context.moment.not_begun();
    let Some(why) = not_begun.filter(|_| context.gate.kind == GateKind::Exit) else {
        return;
    };
    let why = why.in_words(&context.stage.name);
    for criterion in criteria {
        criterion.reason = shown(&why, criterion);
        (criterion.outcome, criterion.code) = (Outcome::Unknown, Code::NotBegun);
        let series = criterion.kpi.iter_mut().flat_map(|kpi| &mut kpi.series);
        for series in series {
            series.reason = format!("{why}; measured all the same: {}", series.reason);
            (series.outcome, series.code) = (Outcome::Unknown, Code::NotBegun);
        }
    }
}

/// What was measured before stands beside it; what people or addresses say of a stage that has not begun is nothing yet.
fn shown(why: &str, criterion: &CriterionAssessment) -> String {
    match &criterion.kpi {
        Some(_) => format!("{why}; measured all the same: {}", criterion.reason),
        None => why.to_owned(),
    }
}
