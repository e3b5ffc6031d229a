//! How many points: `for 3 points`, `but 3 points`.
//!
//! Must not know in which list a condition is, nor how many points a window holds.

use std::num::NonZeroU32;

use super::{ConditionError, Cursor, Parsed};
use crate::plan::Hold;
use crate::plan::problem::ProblemCode;

const WHOLE: &str = "write a whole number from 1 on, such as `for 3 points` in stop, or `but 3 points` in exit and entry";

/// Whether what follows `for` counts points.
pub(super) fn is_of_points(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        word.trim_start_matches(|c: char| c.is_ascii_digit())
            .starts_with("point")
    })
}

impl<'a> Cursor<'a> {
    /// What is left up to the next word that says for how long or at how many; not taken yet.
    pub(super) fn up_to_the_next(&mut self) -> &'a str {
        self.skip_blanks();
        let rest = self.rest();
        let mut end = rest.len();
        for word in ["for", "but", "over"] {
            let found = rest.match_indices(word).map(|(at, _)| at);
            let mut found = found.filter(|at| is_word(rest, *at, word.len()));
            end = found.next().map_or(end, |at| end.min(at));
        }
        rest.get(..end).unwrap_or_default().trim_end()
    }

    /// `but N points`.
    pub(super) fn but(&mut self) -> Parsed<Hold> {
        self.at += "but".len();
        let rest = self.up_to_the_next();
        if rest.is_empty() || !is_of_points(rest) {
            return self.unexpected(
                "a number of points",
                "such as `but 3 points`: so many points may be bad",
            );
        }
        self.points("but").map(Hold::But)
    }

    /// `N points`, after `for` or `but`.
    pub(super) fn points(&mut self, before: &str) -> Parsed<NonZeroU32> {
        let text = self.up_to_the_next();
        let range = self.at..self.at + text.len();
        let error = |message: String, help| ConditionError {
            code: ProblemCode::BadNumber,
            range: range.clone(),
            message,
            help: Some(help),
        };
        let mut words = text.split_whitespace();
        let (number, unit, more) = (words.next(), words.next(), words.next());
        let number = number.unwrap_or_default();
        if number.starts_with("point") {
            return Err(error(
                format!("`{before} {text}` does not say how many points"),
                WHOLE,
            ));
        }
        if text.contains("consecutive") || text.contains("in a row") {
            let message = format!("`{before} {text}`: points are counted wherever they lie");
            let help = "say how long a bad state has to last, such as `for 5m`, or omit the word";
            return Err(error(message, help));
        }
        let is_unit = matches!(unit, Some("point" | "points")) && more.is_none();
        if !is_unit {
            return Err(error(
                format!("`{before} {text}` is not a number of points"),
                WHOLE,
            ));
        }
        let is_whole = number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_whole {
            return Err(error(
                format!("`{number}` is not a whole number of points"),
                WHOLE,
            ));
        }
        let Ok(count) = number.parse::<u32>() else {
            return Err(error(
                format!("`{number}` points are more than any window holds"),
                WHOLE,
            ));
        };
        let Some(count) = NonZeroU32::new(count) else {
            let (message, help) = match before {
                "but" => (
                    "`but 0 points` allows no bad point, as the condition does without it",
                    "omit it, or allow at least one: `but 1 point`",
                ),
                _ => ("`for 0 points` would trip without a bad point", WHOLE),
            };
            return Err(error(message.to_owned(), help));
        };
        self.at = range.end;
        Ok(count)
    }
}

/// Whether a word stands alone there.
fn is_word(text: &str, at: usize, length: usize) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let after = text
        .get(at + length..)
        .and_then(|after| after.chars().next());
    !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
}
