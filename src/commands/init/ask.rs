//! Questions to a person at a terminal, each with a default. Must not be reached where nobody can answer.

use std::io::{BufRead as _, Read as _};

use crate::commands::diagnostics::say;

/// No answer is longer.
const MAX_BYTES: u64 = 4096;

/// What a person answers; the default where they only press enter. `None` where standard input has ended.
pub(super) fn answer(question: &str, default: &str) -> Option<String> {
    let shown = if default.is_empty() {
        question.to_owned()
    } else {
        format!("{question} [{default}]")
    };
    say(&shown);
    let mut line = String::new();
    let mut input = std::io::stdin().lock().take(MAX_BYTES);
    let read = input.read_line(&mut line).ok()?;
    let answer = line.trim();
    match (read, answer.is_empty()) {
        (0, _) => None,
        (_, true) => Some(default.to_owned()),
        (_, false) => Some(answer.to_owned()),
    }
}

/// Asks until the answer can be used, three times at most.
pub(super) fn answer_that<T>(
    question: &str,
    default: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    const TIMES: usize = 3;
    for _ in 0..TIMES {
        match read(&answer(question, default)?) {
            Ok(read) => return Some(read),
            Err(why) => say(&why),
        }
    }
    None
}
