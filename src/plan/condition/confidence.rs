//! `at P` behind a condition: how sure a comparison has to be (C1). Must not know which KPI it is about.

use std::ops::Range;

use super::{ConditionError, Parsed, hold_word};
use crate::plan::problem::ProblemCode;
use crate::plan::{Comparison, Condition, Confidence, Ratio, Reducer};
use crate::units::Share;

const LEAST: &str = "80%";
const MOST: &str = "99.9%";

/// A condition without its `at P`, and where that stands. Elsewhere no condition has the word.
pub(super) fn split(text: &str) -> (&str, Option<Range<usize>>) {
    let words = text.match_indices("at").filter(|(at, _)| {
        let before = text.get(..*at).and_then(|rest| rest.chars().next_back());
        let after = text.get(at + 2..).and_then(|rest| rest.chars().next());
        let ends_a_word = before.is_some_and(|c| c.is_whitespace() || c == ')' || c == '%');
        let begins_one = after.is_none_or(|c| c.is_whitespace() || c.is_ascii_digit());
        let stands_behind = text
            .get(..*at)
            .is_some_and(|rest| rest.contains(['<', '>', '=']));
        ends_a_word && begins_one && stands_behind
    });
    match words.last() {
        Some((at, _)) => {
            let end = text.trim_end().len().max(at + 2);
            (text.get(..at).unwrap_or_default(), Some(at..end))
        }
        None => (text, None),
    }
}

/// Reads `at P`.
pub(super) fn read(text: &str, range: Range<usize>) -> Parsed<Confidence> {
    let words = text.get(range.start + 2..range.end).unwrap_or_default();
    let error = |message: String| ConditionError {
        code: ProblemCode::BadConfidence,
        range: range.clone(),
        message,
        help: Some("say how sure the comparison has to be, such as `at 95%`"),
    };
    let share = Share::parse(words.trim()).map_err(|problem| error(problem.to_string()))?;
    let bounds = Share::parse(LEAST).ok().zip(Share::parse(MOST).ok());
    let is_inside = |(least, most): (Share, Share)| !share.is_below(least) && !most.is_below(share);
    let confidence = bounds.is_some_and(is_inside).then_some(share);
    confidence.and_then(Confidence::new).ok_or_else(|| {
        error(format!(
            "`at {share}` is out of range: from {LEAST} to {MOST}"
        ))
    })
}

/// What does not go with `at`, and the reducer that it stands for: one value for the span, from all its points.
pub(super) fn check(
    condition: &mut Condition,
    ratio: Option<&Ratio>,
    range: Range<usize>,
) -> Parsed<()> {
    let error = |code, message: String, help| {
        Err(ConditionError {
            code,
            range: range.clone(),
            message,
            help: Some(help),
        })
    };
    if let Some(hold) = condition.hold {
        let word = hold_word(hold);
        return error(
            ProblemCode::AtWithFor,
            format!("`at` looks at the whole span, so it cannot be combined with `{word}`"),
            "omit one of them; several conditions are a list",
        );
    }
    match condition.comparison {
        Comparison::Less
        | Comparison::LessOrEqual
        | Comparison::Greater
        | Comparison::GreaterOrEqual => {}
        Comparison::Equal | Comparison::NotEqual => {
            let symbol = condition.comparison.symbol();
            return error(
                ProblemCode::BadConfidence,
                format!("`{symbol}` cannot be shown to hold: noise never leaves two values equal"),
                "with `at`, write one of < <= > >=",
            );
        }
    }
    let (meant, help) = if ratio.is_some() {
        (
            Reducer::Overall,
            "with `at`, write `overall`, or nothing, which is the same",
        )
    } else {
        (
            Reducer::Mean,
            "with `at`, write `mean`, `median`, or nothing, which is the mean",
        )
    };
    match (condition.reducer, ratio) {
        (None, _) => condition.reducer = Some(meant),
        (Some(Reducer::Overall), Some(_)) | (Some(Reducer::Mean | Reducer::Median), None) => {}
        (Some(other), _) => {
            let message = format!("the noise of `{}` is not known", other.word());
            return error(ProblemCode::AtWithReducer, message, help);
        }
    }
    Ok(())
}
