//! Text from outside, made harmless for a terminal. Everything that the report prints goes through here (see `page`).

use crate::evidence::is_hidden;

/// The text with everything that a terminal would obey, or a reader not see, in sight: `\u{1b}` for an escape character.
/// Line feeds and tabs become a space; nothing else changes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => shown.push(' '),
            hidden if is_hidden(hidden) => shown.extend(hidden.escape_unicode()),
            visible => shown.push(visible),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_codes_come_into_sight() {
        let cases = [
            ("\u{1b}[31mGO\u{1b}[0m", "\\u{1b}[31mGO\\u{1b}[0m"),
            ("a\u{9b}2Jb\u{7f}", "a\\u{9b}2Jb\\u{7f}"),
            ("oh\u{202e}OG", "oh\\u{202e}OG"),
            ("NO\u{200b}-GO", "NO\\u{200b}-GO"),
            ("two\nlines\tand\rback", "two lines and\\u{d}back"),
            ("Lager München 日本", "Lager München 日本"),
        ];
        for (text, shown) in cases {
            assert_eq!(escape(text), shown);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_hidden_survives(text in "\\PC*|.*") {
            proptest::prop_assert!(!escape(&text).chars().any(is_hidden));
        }
    }
}
