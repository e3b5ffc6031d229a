//! Text from outside, made harmless for terminals and for CI services that read commands from it. Everything that the report prints goes through here (see `page`).

use crate::unicode_safety::is_hidden;

/// The text with everything made visible that a terminal would obey or a reader not see: `\u{1b}` for an escape character.
/// Line feeds and tabs become a space. What GitHub Actions would obey in the log of a step is disarmed too: `::error::` at the
/// beginning of a word (see `wrap`), which may end up at the beginning of a line, and `##[error]` anywhere. Nothing else
/// changes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\n' | '\t' => shown.push(' '),
            ':' if rest.as_str().starts_with(':')
                && (begins_word(&shown) || shown.ends_with(':')) =>
            {
                shown.extend(character.escape_unicode());
            }
            '#' if rest.as_str().starts_with('[') && shown.ends_with('#') => {
                shown.extend(character.escape_unicode());
            }
            hidden if is_hidden(hidden) => shown.extend(hidden.escape_unicode()),
            visible => shown.push(visible),
        }
    }
    shown
}

/// Whether the next character begins a word, for a reader that trims lines.
fn begins_word(before: &str) -> bool {
    before.chars().next_back().is_none_or(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_codes_become_visible() {
        let cases = [
            ("\u{1b}[31mGO\u{1b}[0m", "\\u{1b}[31mGO\\u{1b}[0m"),
            ("a\u{9b}2Jb\u{7f}", "a\\u{9b}2Jb\\u{7f}"),
            ("oh\u{202e}OG", "oh\\u{202e}OG"),
            ("NO\u{200b}-GO", "NO\\u{200b}-GO"),
            ("two\nlines\tand\rback", "two lines and\\u{d}back"),
            ("Lager München 日本", "Lager München 日本"),
            ("::error::no", "\\u{3a}:error::no"),
            ("no\n::stop-commands::x", "no \\u{3a}:stop-commands::x"),
            (
                "http://[::1]:9090 job::x ## [a]",
                "http://[::1]:9090 job::x ## [a]",
            ),
            ("a:::b", "a:\\u{3a}:b"),
            ("##[error]no", "#\\u{23}[error]no"),
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
