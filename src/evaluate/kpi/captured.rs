//! M14b: whether a captured baseline holds what the plan compares with it. Must not look at its values.

use super::question::{GuardedQuestion, KpiQuestion};
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::{Accept, Query};
use crate::samples::{Captured, Observations, Origin, Question};
use crate::units::{Duration, Unit};

/// Why a captured baseline must not be compared with; `None` where it was captured as what is asked, or the plan accepts
/// the difference.
pub(super) fn differs(case: &KpiQuestion, observations: &Observations) -> Option<Undecided> {
    let kpi = &case.ask.kpi;
    let words = difference(case, observations).filter(|_| !kpi.accepts(Accept::BaselineDiffers))?;
    let code = Accept::BaselineDiffers;
    let reason = format!(
        "the baseline is unknown: {words}; capture it again, or say `accept: [{code}]` if it is meant"
    );
    Some(Undecided::new(Code::BaselineDiffers, reason))
}

/// The difference that the plan accepts.
pub(super) fn accepted_note(case: &KpiQuestion, observations: &Observations) -> Option<String> {
    let words = difference(case, observations)?;
    let accepted = case.ask.kpi.accepts(Accept::BaselineDiffers);
    accepted.then(|| format!("as the plan accepts: {words}"))
}

/// How what was captured differs from what is asked, in words.
fn difference(case: &KpiQuestion, observations: &Observations) -> Option<String> {
    let asking = case.baseline.as_ref()?.as_ref().ok()?;
    let Origin::File(path) = &asking.question.origin else {
        return None;
    };
    let mut from = String::new();
    let mut differences = Vec::new();
    for (what, query, question) in asked(case, asking) {
        let Some(Ok(reply)) = observations.get(question) else {
            // That it cannot be read is said by whoever reads its points.
            continue;
        };
        let Some(captured) = &reply.captured else {
            return Some(format!("`{path}` does not say what was captured"));
        };
        from = format!(" ({}, captured at {})", captured.release, captured.at);
        if what == What::Values {
            differences.extend(other_unit(captured.unit, case.ask.kpi.unit));
        }
        differences.extend(other_query(what, query, question, captured));
    }
    (!differences.is_empty()).then(|| format!("`{path}`{from} {}", differences.join(", and ")))
}

/// What a question is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Values,
    /// The errors or the good events of a ratio.
    Part,
    Guard,
}

/// The questions to the file, each with the plan's own query.
fn asked<'a>(
    case: &'a KpiQuestion,
    asking: &'a GuardedQuestion,
) -> impl Iterator<Item = (What, &'a Query, &'a Question)> {
    let guard = case.ask.guard.as_ref().zip(asking.guard.as_ref());
    let guard = guard.map(|(guard, asked)| (What::Guard, &guard.query, &asked.question));
    let part = case.ask.part.as_ref().zip(asking.part.as_ref());
    let part = part.map(|(part, question)| (What::Part, part, question));
    std::iter::once((What::Values, &case.ask.query, &asking.question))
        .chain(part)
        .chain(guard)
}

fn other_unit(captured: Option<Unit>, asked: Unit) -> Option<String> {
    match captured {
        Some(unit) if unit == asked => None,
        Some(unit) => Some(format!("is in {unit}, not {asked}")),
        None => Some("names no unit".to_owned()),
    }
}

fn other_query(
    what: What,
    query: &Query,
    question: &Question,
    captured: &Captured,
) -> Option<String> {
    if captured.query == question.query {
        return None;
    }
    let lengths = window(query, &captured.query).zip(window(query, &question.query));
    Some(match (what, lengths) {
        (What::Values | What::Part, Some((then, now))) => {
            format!("covers a `$window` of {then}, not {now}")
        }
        (What::Values, None) => format!("answers another query, `{}`", captured.query),
        (What::Part, None) => format!("counts with another query, `{}`", captured.query),
        (What::Guard, Some((then, now))) => {
            format!("has a guard over a `$window` of {then}, not {now}")
        }
        (What::Guard, None) => format!("has another guard, `{}`", captured.query),
    })
}

/// How long `$window` is in the text of a query; `None` where it is the text of another query, or has no `$window`.
fn window(query: &Query, text: &str) -> Option<Duration> {
    let rest = text.strip_prefix(query.pieces.first()?.as_str())?;
    let (seconds, _) = rest.split_once('s').filter(|_| query.is_instant())?;
    let window = Duration::from_secs(seconds.parse().ok()?);
    (query.text(window) == text).then_some(window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m14b_the_same_query_over_another_window_is_told_from_another_query() {
        let pieces = ["increase(x[", "]) / increase(y[", "])"].map(str::to_owned);
        let query = Query {
            pieces: pieces.into(),
        };
        let hour = Duration::from_secs(3_600);
        assert_eq!(window(&query, &query.text(hour)), Some(hour));
        for other in [
            "increase(x[60s]) / increase(y[61s])",
            "increase(x[60s]) / increase(z[60s])",
            "increase(x[60m]) / increase(y[60m])",
            "increase(x[",
            "",
        ] {
            assert_eq!(window(&query, other), None, "{other}");
        }
        assert_eq!(window(&Query::plain("up"), "up"), None);
    }
}
