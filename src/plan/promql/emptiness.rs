//! `never-empty` and `constant-query`: values that exist although nothing is measured.
//!
//! Must not say that a value cannot be empty unless that is certain.

use std::ops::Range;

use super::shape::{Call, Chain, Level, Part, Shape, Step, selectors, shape};
use super::tokens::Kind;

/// Functions that give the time and need no metric.
const CLOCKS: [&str; 11] = [
    "time",
    "minute",
    "hour",
    "day_of_week",
    "day_of_month",
    "day_of_year",
    "days_in_month",
    "month",
    "year",
    "timestamp",
    "now",
];

/// Whether no metric is asked for; a placeholder could be one.
pub(super) fn is_constant(query: Part<'_>) -> bool {
    selectors(query).is_empty() && !query.iter().any(|token| token.kind == Kind::Template)
}

/// Whether a query looks at the clock: `hour() > 8` is a guard without a metric.
pub(super) fn reads_clock(query: Part<'_>) -> bool {
    query.iter().any(|token| CLOCKS.contains(&token.text))
}

/// The place of what keeps a value from being empty; `None` where the value can be empty.
pub(super) fn never_empty(query: Part<'_>) -> Option<Range<usize>> {
    if is_constant(query) {
        return None;
    }
    filled(query).filter(|range| !range.is_empty())
}

/// The place of what fills a part, an empty range if it is always there by itself; `None` where it can be empty.
fn filled(part: Part<'_>) -> Option<Range<usize>> {
    match shape(part) {
        Shape::Chain(chain) => filled_chain(&chain),
        Shape::Inner(part) => filled(part),
        Shape::Call(call) => filled_call(&call),
        Shape::Number(_) => Some(0..0),
        Shape::Selector(_) | Shape::Other => None,
    }
}

fn filled_chain(chain: &Chain<'_>) -> Option<Range<usize>> {
    let filters = chain.level == Level::Compare && !chain.steps.iter().all(|step| step.with_bool);
    if chain.level == Level::Or {
        return fallback(chain);
    }
    if filters || chain.has("unless") || chain.has("ifnot") {
        return None;
    }
    let mut found = 0..0;
    for operand in chain.operands() {
        let range = filled(operand)?;
        if found.is_empty() {
            found = range;
        }
    }
    Some(found)
}

/// From the first `or` whose right side is always there to the end of that side.
fn fallback(chain: &Chain<'_>) -> Option<Range<usize>> {
    for step in &chain.steps {
        if needs_nothing(step.right) || is_absence(step.right, chain.first) {
            let end = step.right.last().map_or(0, |token| token.range().end);
            return Some(step.token.at..end);
        }
    }
    let of_first = |step: &Step<'_>| is_absence(chain.first, step.right);
    (needs_nothing(chain.first) || chain.steps.iter().any(of_first)).then(|| {
        let start = chain.first.first().map_or(0, |token| token.at);
        start..chain.first.last().map_or(0, |token| token.range().end)
    })
}

/// Whether a part reads no metric, or is there without it. A constant that is there at times is no measurement either.
fn needs_nothing(part: Part<'_>) -> bool {
    !part.is_empty() && (is_constant(part) || filled(part).is_some())
}

/// Whether a part is there exactly where the value is not: `absent(x)` beside `x`.
fn is_absence(part: Part<'_>, value: Part<'_>) -> bool {
    let value = selectors(value);
    asks_for_absence(part)
        && selectors(part)
            .iter()
            .all(|found| value.iter().any(|other| other.name == found.name))
}

fn asks_for_absence(part: Part<'_>) -> bool {
    part.iter()
        .any(|token| matches!(token.text, "absent" | "absent_over_time"))
}

fn filled_call(call: &Call<'_>) -> Option<Range<usize>> {
    let measured = call.arguments.iter().find(|part| !is_constant(part));
    match (call.name.as_str(), measured) {
        // Of what has no buckets it is NaN, which is not measured.
        ("histogram_quantile", Some(_)) | ("absent" | "absent_over_time", _) => None,
        // `scalar()` of nothing is NaN as well, so that what it reads has to be there.
        (_, Some(part)) => filled(part),
        (_, None) => Some(0..0),
    }
}
