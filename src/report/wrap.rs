//! Text into lines of a given width, broken between words. Knows no colour: text is wrapped before it is coloured.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

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
