//! `empty-variable`: a variable without a value in a matcher, which then selects what lacks the label, or everything.
//!
//! Must not look at matchers that are written out: `x=""` by itself is intended.

use std::ops::Range;

use super::Finding;
use super::shape::{Matcher, Part, selectors};
use super::tokens::{Kind, Token};
use crate::plan::selector::string;
use crate::plan::template::Segment;
use crate::plan::{Lint, Pattern};

/// What no pattern matches that asks for anything in particular.
const ARBITRARY: &str = "\u{2603}\u{1F6A6}\u{2603}\u{1F6A6}";

/// Every matcher that a variable without a value leaves empty, or takes away.
pub(super) fn empty(query: Part<'_>, segments: &[Segment]) -> Vec<Finding> {
    let unset = segments.iter().filter(|one| one.may_be_empty);
    let unset: Vec<&Segment> = unset.filter(|one| one.variable.is_some()).collect();
    if unset.is_empty() {
        return Vec::new();
    }
    let matchers = selectors(query)
        .into_iter()
        .flat_map(|selector| selector.matchers);
    let mut found: Vec<Finding> = matchers
        .filter_map(|matcher| emptied(&matcher, &unset))
        .collect();
    found.extend(unset.into_iter().filter_map(|one| removed(query, one)));
    found
}

/// A matcher that selects too much because of a variable in its value.
fn emptied(matcher: &Matcher<'_>, unset: &[&Segment]) -> Option<Finding> {
    let range = matcher.value.range();
    let inside = |one: &&&Segment| range.start < one.range.start && one.range.end < range.end;
    let values: Vec<&&Segment> = unset.iter().filter(inside).collect();
    let first = values.first()?;
    // Nothing else is between the quotes.
    let filled: usize = values.iter().map(|value| value.range.len()).sum();
    let is_alone = range.len() == filled + 2;
    let what = selected(matcher, is_alone)?;
    let name = first.variable.as_deref()?;
    let is = if first.range.is_empty() {
        "is empty"
    } else {
        "has an empty value"
    };
    let (label, operator, text) = (matcher.label, matcher.operator, matcher.text());
    let message = format!("`${name}` {is}, and `{label}{operator}\"{text}\"` selects {what}");
    Some(finding(range, message, name))
}

/// What a matcher selects of series that nobody asked for.
fn selected(matcher: &Matcher<'_>, is_alone: bool) -> Option<String> {
    let without = || format!("every series without the label `{}`", matcher.label);
    let pattern = match matcher.operator {
        "=" => return is_alone.then(without),
        "=~" => {
            let value = string(matcher.value.text).map(|(value, _)| value);
            Pattern::new(&value.unwrap_or_else(|| matcher.text().to_owned()))
        }
        _ => return None,
    };
    let Ok(pattern) = pattern else {
        return is_alone.then(without);
    };
    match (pattern.matches(""), pattern.matches(ARBITRARY)) {
        (true, true) => Some("every series".to_owned()),
        (true, false) => Some(without()),
        (false, true) => Some(format!("every series with the label `{}`", matcher.label)),
        (false, false) => None,
    }
}

/// A variable that stands for a whole matcher: `x{$selector}`.
fn removed(query: Part<'_>, unset: &Segment) -> Option<Finding> {
    let name = unset.variable.as_deref()?;
    let at = unset.range.start;
    let in_braces = query.iter().enumerate().any(|(place, open)| {
        let close = query.get(place + open.partner);
        open.is(Kind::Open, "{") && open.at < at && close.is_some_and(|close| at <= close.at)
    });
    let before = query.iter().rfind(|token| token.range().end <= at);
    let after = query.iter().find(|token| token.at >= at);
    let (before, after) = before.zip(after)?;
    let touches = before.range().end <= after.at && !cuts(query, at);
    let is_whole = ends(before, "{") && ends(after, "}");
    if !unset.range.is_empty() || !in_braces || !touches || !is_whole {
        return None;
    }
    let message = format!("`${name}` is empty, so this selects every series");
    Some(finding(before.at..after.range().end, message, name))
}

/// Whether a place is inside a token.
fn cuts(query: Part<'_>, at: usize) -> bool {
    query
        .iter()
        .any(|token| token.at < at && at < token.range().end)
}

/// Whether a matcher begins or ends at a token: at a comma, or at the brace.
fn ends(token: &Token<'_>, brace: &str) -> bool {
    token.kind == Kind::Comma || token.text == brace
}

fn finding(range: Range<usize>, message: String, name: &str) -> Finding {
    let help = format!("give `{name}` a value, for example with `--var {name}=VALUE`");
    Finding::lint(Lint::EmptyVariable, range, message, help)
}
