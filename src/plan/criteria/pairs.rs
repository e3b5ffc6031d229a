//! What `at P` needs of a KPI and its baseline (C1): points of canary and control side by side, and enough of them. Must not judge
//! any.

use super::super::parts::checker::Checker;
use super::super::parts::kpis::KpiDefinition;
use super::super::parts::queries::Place;
use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::Text;
use super::super::{Condition, Confidence};
use crate::units::Duration;

/// Reports what makes a condition with `at` undecidable.
pub(super) fn check(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    definition: &KpiDefinition,
    (text, condition): (&Text, &Condition),
    step: Duration,
) {
    let Some(at) = condition.at else { return };
    let mut refuse = |message: String, help: &'static str| {
        let problem = Problem::error(ProblemCode::AtNeedsPairs, text.span.clone(), message);
        checker.report(problem.help(help));
    };
    let (name, share) = (&definition.kpi.name, at.share());
    if definition.query.is_instant() {
        refuse(
            format!(
                "`at {share}` with a query that uses `$window`: `{name}` gives one value for the whole window"
            ),
            "write a duration into the query: the noise is seen from point to point",
        );
        return;
    }
    let found = definition.baseline.as_ref().or(place.baseline);
    if condition.is_relative() && found.is_some_and(|found| !found.has_partners()) {
        refuse(
            format!(
                "`at {share}` with a baseline whose points do not stand beside those of `{name}`"
            ),
            "compare with `vars` or `offset`, without `as`",
        );
    }
    if let Some(window) = place.window.filter(|window| holds_few(*window, step)) {
        refuse(
            format!(
                "`at {share}` needs {LEAST_PAIRS} points, but the window of {window} holds fewer at a step of {step}"
            ),
            "use a longer window or a shorter `step`",
        );
    }
}

const LEAST_PAIRS: usize = Confidence::LEAST_PAIRS;

/// Whether a window that long never holds enough points: both its ends may be one.
fn holds_few(window: Duration, step: Duration) -> bool {
    let most = window.millis() / step.millis().max(1) + 1;
    usize::try_from(most).is_ok_and(|most| most < LEAST_PAIRS)
}
