//! Text into lines of a given width, broken between words. Knows no colour: text is wrapped before it is coloured.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::kind::Action;

/// What is narrower is laid out as if it were this wide.
pub(super) const NARROWEST: usize = 40;
/// Longer lines are hard to read, however wide the terminal.
pub(super) const WIDEST: usize = 110;
/// How much further in than its first line a message goes on.
const HANGING: usize = 4;

/// The lines of a text, none wider than `width` columns (at least 2, since some letters take two), words separated by
/// single spaces. Wider words are broken. Empty text is one empty line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.extend(broken(word, width)),
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// A message, one line, as a terminal of `width` columns shows it best: broken between words, and never inside a command or a path,
/// which are copied as they are. Begins where the message does; what follows is further in. Wider gaps stay within a line: columns.
#[must_use]
pub fn fold(message: &str, width: usize) -> String {
    let width = width.clamp(NARROWEST, WIDEST);
    let text = message.trim_start_matches(' ');
    let indent = message.len() - text.len();
    let mut lines: Vec<String> = Vec::new();
    for (gap, piece) in pieces(text) {
        match lines.last_mut() {
            Some(line) if line.width() + gap + piece.width() <= width => {
                line.push_str(&" ".repeat(gap));
                line.push_str(&piece);
            }
            Some(_) => lines.push(" ".repeat(indent + HANGING) + &piece),
            None => lines.push(" ".repeat(indent) + &piece),
        }
    }
    lines.join("\n")
}

/// Words, and commands as one, each with how many spaces there are before it.
fn pieces(text: &str) -> Vec<(usize, String)> {
    let mut pieces: Vec<(usize, String)> = Vec::new();
    let (mut command, mut gap) = (false, 0);
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        gap += 1;
        if word.is_empty() {
            continue;
        }
        match pieces.last_mut().filter(|_| command) {
            Some((_, last)) => {
                last.push(' ');
                last.push_str(word);
            }
            None => pieces.push((gap, word.to_owned())),
        }
        gap = 0;
        let mut begins = || words.peek().is_some_and(|next| begins_command(word, next));
        command = (command || begins()) && !word.ends_with([',', ';', ':', ')', '`']);
    }
    pieces
}

/// Whether these two words are a command of this program that people type.
fn begins_command(word: &str, next: &str) -> bool {
    let others = ["records", "report", "status", "validate", "verify"];
    let is_known = Action::ALL.iter().any(|one| one.word() == next) || others.contains(&next);
    is_known && matches!(word.trim_start_matches(['`', '(']), "gate")
}

/// A word in pieces that fit. Only the first may begin with `::`, which a CI service would take for a command.
fn broken(word: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut taken = 0;
    let mut rest = word.chars();
    while let Some(character) = rest.next() {
        let wide = character.width().unwrap_or(0);
        let commands = character == ':' && rest.as_str().starts_with(':');
        if taken + wide > width {
            let kept = pieces.last_mut().filter(|_| commands).and_then(String::pop);
            taken = kept.and_then(UnicodeWidthChar::width).unwrap_or(0);
            pieces.push(kept.into_iter().collect());
        }
        taken += wide;
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("  one   two  ", 40), ["one two"]);
        assert_eq!(wrap("", 7), [""]);
    }

    #[test]
    fn long_words_are_broken_in_order() {
        assert_eq!(wrap("ab cdefghij k", 4), ["ab", "cdef", "ghij", "k"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
    }

    #[test]
    fn no_piece_of_a_word_is_a_command() {
        assert_eq!(wrap("abcd::error::e", 4), ["abc", "d::e", "rro", "r::e"]);
    }

    #[test]
    fn l2_a_message_goes_on_further_in_and_a_command_stays_whole() {
        let refused = "nothing was recorded: stage_25 cannot begin: stage_5 was rolled back; first gate check canary.yaml --gate stage_5/recovery, then begin";
        let shown = "nothing was recorded: stage_25 cannot\n    begin: stage_5 was rolled back;\n    first\n    gate check canary.yaml --gate stage_5/recovery,\n    then begin";
        assert_eq!(fold(refused, 40), shown);
        let next = "  next: gate rollback canary.yaml --stage stage_5 --why <reason>";
        assert_eq!(fold(next, 40).lines().count(), 2);
        let evidence = format!("evidence: {}/x.json", "deep".repeat(20));
        assert_eq!(fold(&evidence, 40), evidence.replacen(' ', "\n    ", 1));
        assert_eq!(
            fold("the gate check of today", 80),
            "the gate check of today"
        );
        assert_eq!(fold("", 80), "");
        let columns = "12:00:00Z  HOLD       pilot/exit: window runs";
        assert_eq!(fold(columns, 80), columns);
        assert_eq!(
            fold(columns, 40),
            "12:00:00Z  HOLD       pilot/exit: window\n    runs"
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_too_wide(text in "[a-z 日é]{0,80}", width in 2..20_usize) {
            let lines = wrap(&text, width);
            proptest::prop_assert!(lines.iter().all(|line| line.width() <= width));
            let letters = |text: &str| text.split(' ').collect::<String>();
            proptest::prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
