//! What no server accepts, as far as that is certain: malformed durations, range vectors without a function.
//!
//! What is in doubt passes: dialects differ, and the servers know their own best.

use std::ops::Range;
use std::slice;

use super::Finding;
use super::shape::is_zero;
use super::tokens::{Kind, Token};
use crate::plan::{Lint, ProblemCode};

/// Units of time, Prometheus' own; `i` (steps) of `VictoriaMetrics`; exponents of plain numbers.
const UNITS: [&str; 10] = ["ms", "s", "m", "h", "d", "w", "y", "i", "e", "E"];
const DURATIONS: &str =
    "write a duration such as `30s`, `5m`, `2h`, `1h30m` or `3d`; `$window` is the gate's window";

/// Looks at every range and offset.
pub(super) fn spans(tokens: &[Token<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    // Whether each bracket that is open belongs to a function.
    let mut open: Vec<bool> = Vec::new();
    let mut before: Option<&Token<'_>> = None;
    for token in tokens {
        let behind_word = before.is_some_and(|word| word.kind == Kind::Word);
        match token.kind {
            Kind::Open => open.push(behind_word && token.text == "("),
            Kind::Close => drop(open.pop()),
            Kind::Range => found.extend(range(token, open.contains(&true))),
            Kind::Number | Kind::Word
                if before.is_some_and(|word| word.is_word("offset"))
                    && !is_zero(slice::from_ref(token)) =>
            {
                found.extend(not_a_duration(token.text, token.at));
            }
            Kind::Number
            | Kind::Word
            | Kind::Text
            | Kind::Template
            | Kind::Comma
            | Kind::Operator => {}
        }
        before = Some(token);
    }
    found
}

fn range(token: &Token<'_>, in_function: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    if !in_function {
        found.push(Finding {
            help: "put a function such as `rate(…)` or `avg_over_time(…)` around it".to_owned(),
            ..Finding::error(
                ProblemCode::BareRangeVector,
                token.range(),
                "this query returns a range vector, which has no value to compare",
            )
        });
    }
    let (range, step) = token.range_and_step();
    if range.trim().is_empty() {
        let message = "this range has no duration";
        found.push(Finding::lint(
            Lint::BadRange,
            token.range(),
            message,
            DURATIONS,
        ));
    }
    found.extend(not_a_duration(range, token.at + 1));
    found.extend(not_a_duration(step, token.at + range.len() + 2));
    found
}

/// What is wrong with `90min`, `5 minutes`, `-5m` or `range` where a duration belongs. What holds operators or
/// brackets is an expression, not for us to judge; numbers alone are seconds in Prometheus 3.
fn not_a_duration(text: &str, at: usize) -> Option<Finding> {
    let start = at + text.len() - text.trim_start().len();
    let text = text.trim();
    let message = if text.is_empty() {
        return None;
    } else if let Some(unit) = unknown_unit(text) {
        format!("`{text}` is not a duration: unknown unit `{unit}`")
    } else if has_blanks(text) {
        format!("`{text}` is not a duration: the unit must directly follow the number")
    } else if is_nothing(text) {
        format!("`{text}` is not a range: it must be longer than 0")
    } else if is_name(text) && !is_capitals(text) {
        format!("`{text}` is not a duration")
    } else {
        return None;
    };
    let range = start..start + text.len();
    Some(Finding::lint(Lint::BadRange, range, message, DURATIONS))
}

fn unknown_unit(text: &str) -> Option<&str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !plain || !starts_with_digit(text) || text.starts_with("0x") {
        return None;
    }
    text.split(|c: char| c.is_ascii_digit())
        .find(|unit| !unit.is_empty() && !UNITS.contains(unit))
}

/// Two words in a row, the first of them a number: `5 minutes`, `1h 30m`.
fn has_blanks(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let alphanumeric = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    words.windows(2).any(|pair| {
        let [first, second] = pair else { return false };
        // Prometheus 3 takes `5 m`.
        let unit = UNITS.contains(second) && first.bytes().all(|byte| byte.is_ascii_digit());
        starts_with_digit(first) && alphanumeric(first) && alphanumeric(second) && !unit
    })
}

fn is_nothing(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let simple = text
        .strip_prefix('-')
        .unwrap_or(text)
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric());
    simple
        && (text.starts_with('-') || starts_with_digit(text))
        && (text.starts_with('-') || digits.bytes().all(|digit| digit == b'0'))
}

fn is_name(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(word)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The range of a name's bytes in capitals: `DURATION`.
pub(super) fn is_capitals(text: &str) -> bool {
    is_name(text) && text.len() > 1 && !text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Where something is in the query's text.
pub(super) fn shifted(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}
