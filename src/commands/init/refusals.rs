//! Why nothing was found, in words: what comes near, and where a selector is wrong. Text only.

use super::Unwritten;
use crate::plan::nearest;

/// That no metric helps, with why of the first ones.
pub(super) fn nothing(left: &[(String, String)]) -> Unwritten {
    const SHOWN: usize = 5;
    let shown: Vec<String> = (left.iter().take(SHOWN))
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    let more = left.len().saturating_sub(SHOWN);
    let more = if more == 0 {
        String::new()
    } else {
        format!("; and {more} more")
    };
    Unwritten::Source(format!(
        "no metric was found that a plan could ask about: {}{more}",
        shown.join("; ")
    ))
}

/// What comes nearest to a value among those that are known.
pub(super) fn near<'a>(value: &str, known: impl Iterator<Item = &'a str>) -> String {
    let near = nearest(value, known);
    if near.is_empty() {
        return String::new();
    }
    format!("; the nearest are {}", near.join(", "))
}

/// A selector under what the server says of it, with a caret where it says that something is wrong.
pub(super) fn with_caret(selector: &str, said: &str) -> String {
    let place = said.split_whitespace().find_map(|word| {
        let (line, column) = word.trim_end_matches(':').split_once(':')?;
        line.parse::<usize>().ok()?;
        column.parse::<usize>().ok()
    });
    let caret = place.map_or_else(String::new, |column| {
        let before = column.saturating_sub(1).min(selector.chars().count());
        format!("\n  {}^", " ".repeat(before))
    });
    format!("--match is refused: {said}\n  {selector}{caret}")
}
