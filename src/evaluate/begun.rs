//! A stage that has not begun has no exit: what is measured is shown, but decides nothing. Must not judge a sample.

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
            series.reason = format!("{why}; measured anyway: {}", series.reason);
            (series.outcome, series.code) = (Outcome::Unknown, Code::NotBegun);
        }
    }
}

/// What was measured is shown too; what people or addresses say about a stage that has not begun does not count yet.
fn shown(why: &str, criterion: &CriterionAssessment) -> String {
    match &criterion.kpi {
        Some(_) => format!("{why}; measured anyway: {}", criterion.reason),
        None => why.to_owned(),
    }
}
