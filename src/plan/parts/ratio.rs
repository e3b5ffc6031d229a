//! `ratio:` of a KPI, and the keys that only such a KPI has: `min_total`, `objective`, `period` (R1, R4, R6, R7).
//!
//! Must not fill variables in, nor read conditions.

use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::{Spanned, Text};
use super::super::{Counted, Objective, Ratio};
use super::checker::Checker;
use super::kpi_maps::{Kpi, RatioParts};
use super::templates::{Templated, templated};
use crate::units::{Duration, Finite, Unit};

/// An error budget is for so long, unless the plan says otherwise.
const PERIOD: Duration = Duration::from_secs(30 * 24 * 3_600);

/// What is asked for the values of a KPI: its query, or the total of a ratio; and the part that is counted beside it.
pub(in crate::plan) struct Queries {
    pub(in crate::plan) query: Templated,
    pub(in crate::plan) part: Option<Templated>,
}

/// Reads `query`, or the two of `ratio`.
pub(in crate::plan) fn queries(
    checker: &mut Checker<'_>,
    name: &Text,
    written: &Kpi,
) -> Option<Queries> {
    let Some(ratio) = &written.ratio else {
        let query = written.query.as_ref();
        let query = checker.required(query, "query` or `ratio", &name.span, "a KPI")?;
        let query = templated(checker, query)?;
        return Some(Queries { query, part: None });
    };
    if let Some(query) = &written.query {
        let message =
            "`query` beside `ratio`: the KPI's value is the quotient of the two queries of `ratio`";
        checker.report(
            Problem::error(ProblemCode::ConflictingKeys, query.span.clone(), message)
                .related(ratio.span.clone(), "the two queries")
                .help("omit one of them"),
        );
        return None;
    }
    let counted = counted(checker, ratio);
    let total = ratio.value.total.as_ref();
    let total = checker.required(total, "total", &ratio.span, "`ratio`");
    let total = total.and_then(|total| templated(checker, total));
    let (_, part) = counted?;
    let part = templated(checker, part)?;
    let query = total?;
    one_length_for_both(checker, &query, &part);
    Some(Queries {
        query,
        part: Some(part),
    })
}

/// Which of `errors` and `good` is written: exactly one.
fn counted<'w>(
    checker: &mut Checker<'_>,
    ratio: &'w Spanned<RatioParts>,
) -> Option<(Counted, &'w Text)> {
    match (&ratio.value.errors, &ratio.value.good) {
        (Some(errors), None) => Some((Counted::Errors, errors)),
        (None, Some(good)) => Some((Counted::Good, good)),
        (Some(errors), Some(good)) => {
            let message = "`errors` and `good` exclude each other: either is what the other leaves of the total";
            checker.report(
                Problem::error(ProblemCode::ConflictingKeys, good.span.clone(), message)
                    .related(errors.span.clone(), "the errors")
                    .help("omit one of them"),
            );
            None
        }
        (None, None) => {
            let message = "`ratio` needs `errors` or `good`";
            checker.error(ProblemCode::MissingKey, &ratio.span, message);
            None
        }
    }
}

/// R8: both queries give one number for the whole window, or neither.
fn one_length_for_both(checker: &mut Checker<'_>, total: &Templated, part: &Templated) {
    if total.is_instant() == part.is_instant() {
        return;
    }
    let (with, without) = if part.is_instant() {
        (part, total)
    } else {
        (total, part)
    };
    let message =
        "only one query of this ratio uses `$window`: the two would count different times";
    checker.report(
        Problem::error(
            ProblemCode::RatioWithWindow,
            with.text.span.clone(),
            message,
        )
        .related(without.text.span.clone(), "without `$window`")
        .help("write `[$step]` in both to have points, or `[$window]` in both for one number"),
    );
}

/// Reads what a KPI is a ratio of: `None` if something in it is wrong, `Some(None)` if it is no ratio.
#[expect(
    clippy::option_option,
    reason = "not written and wrong are different things"
)]
pub(in crate::plan) fn ratio(checker: &mut Checker<'_>, written: &Kpi) -> Option<Option<Ratio>> {
    let Some(parts) = &written.ratio else {
        return without_ratio(checker, written).then_some(None);
    };
    let min_total = match &written.min_total {
        Some(text) => Some(count(checker, text)?),
        None => None,
    };
    let objective = objective(checker, written)?;
    let of = match (&parts.value.errors, &parts.value.good) {
        (Some(_), None) => Counted::Errors,
        (None, Some(_)) => Counted::Good,
        // Reported with the queries.
        (Some(_), Some(_)) | (None, None) => return None,
    };
    Some(Some(Ratio {
        of,
        min_total,
        objective,
    }))
}

/// The keys that only a ratio has; whether none is written.
fn without_ratio(checker: &mut Checker<'_>, written: &Kpi) -> bool {
    let keys = [
        ("min_total", &written.min_total),
        ("objective", &written.objective),
        ("period", &written.period),
    ];
    let mut is_none = true;
    for (key, text) in keys {
        let Some(text) = text else { continue };
        is_none = false;
        let message = format!("`{key}` counts events, and this KPI is not a ratio of events");
        checker.report(
            Problem::error(ProblemCode::NeedsRatio, text.span.clone(), message)
                .help("write the KPI as `ratio: { errors: …, total: … }` in the place of `query`"),
        );
    }
    is_none
}

fn count(checker: &mut Checker<'_>, text: &Text) -> Option<Finite> {
    let count = checker.count(text, 1)?;
    // Up to 2^53 every whole number is a float.
    let exact = u32::try_from(count).ok().map(f64::from);
    let finite = exact.and_then(Finite::new);
    if finite.is_none() {
        let message = format!("`min_total: {count}` is more than any span holds");
        checker.error(ProblemCode::BadNumber, &text.span, message);
    }
    finite
}

/// Reads `objective` and `period`.
#[expect(
    clippy::option_option,
    reason = "not written and wrong are different things"
)]
fn objective(checker: &mut Checker<'_>, written: &Kpi) -> Option<Option<Objective>> {
    let period = match &written.period {
        Some(text) => checker.positive(text, "period")?,
        None => PERIOD,
    };
    let Some(text) = &written.objective else {
        if let Some(period) = &written.period {
            let message = "`period` without `objective`: there is no error budget for it";
            checker.report(
                Problem::error(ProblemCode::NoObjective, period.span.clone(), message)
                    .help("add `objective: 99.9%`, or omit `period`"),
            );
            return None;
        }
        return Some(None);
    };
    let share = checker.share(text)?;
    let Some(budget) = share.rest_of_one() else {
        let message = format!("an objective of {share} leaves no error budget");
        checker.report(
            Problem::error(ProblemCode::BadShare, text.span.clone(), message)
                .help("such as `99.9%`, which leaves 0.1% of the events"),
        );
        return None;
    };
    Some(Some(Objective {
        share,
        budget,
        period,
    }))
}

/// The unit of a ratio: `ratio` unless the plan says `percent`.
pub(in crate::plan) fn unit(
    checker: &mut Checker<'_>,
    text: Option<&Text>,
    unit: Unit,
) -> Option<Unit> {
    match (text, unit.whole()) {
        (None, _) => Some(Unit::Ratio),
        (Some(_), Some(_)) => Some(unit),
        (Some(text), None) => {
            let message = format!("a ratio of events cannot be in `{unit}`");
            checker.report(
                Problem::error(ProblemCode::UnitMismatch, text.span.clone(), message)
                    .help("omit `unit`, or write `ratio` or `percent`"),
            );
            None
        }
    }
}
