//! What each code means, with an example and the cure: `docs/codes.md` taken apart, the one place where that is written.
//! Must not know which codes there are: a test holds the page to the enums.

use std::sync::LazyLock;

use regex_lite::Regex;

const PAGE: &str = include_str!("../docs/codes.md");

/// What is said of one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// The word.
    pub code: &'static str,
    /// The heading that it stands under.
    pub group: &'static str,
    /// What it means, in Markdown.
    pub meaning: &'static str,
    /// A sentence, or a part of a plan.
    pub example: Example,
    /// What to do.
    pub cure: &'static str,
}

/// An example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// A sentence.
    Words(&'static str),
    /// Keys of a plan that replace those of the smallest useful one.
    Keys(&'static str),
    /// A whole file.
    File(&'static str),
}

impl Explanation {
    /// The meaning's first sentence.
    #[must_use]
    pub fn in_short(&self) -> &'static str {
        let end = self.meaning.find(". ").unwrap_or(self.meaning.len());
        let short = self.meaning.get(..end).unwrap_or_default();
        short.trim_end_matches('.')
    }
}

/// All of them, in the order of the page.
pub fn all() -> impl Iterator<Item = Explanation> {
    let groups = PAGE.split("\n## ").skip(1);
    groups.flat_map(|group| {
        let heading = group.lines().next().unwrap_or_default();
        group
            .split("\n### ")
            .skip(1)
            .map(move |text| explanation(heading, text))
    })
}

/// What is said of a code, however it was copied: in any case, in quotes, as `error[code]`.
#[must_use]
pub fn find(word: &str) -> Option<Explanation> {
    let word = plain(word);
    all().find(|one| one.code.eq_ignore_ascii_case(&word))
}

/// A code without what it was copied with, in lower case.
#[must_use]
pub fn plain(word: &str) -> String {
    let word = word.trim();
    let inner = word.split_once('[').map_or(word, |(_, rest)| rest);
    let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let inner = inner.trim_matches(|letter: char| !letters(letter));
    inner.to_ascii_lowercase().replace('_', "-")
}

/// Markdown as a terminal shows it: links as their text.
#[must_use]
pub fn without_links(text: &str) -> String {
    static LINK: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\[([^\[\]]+)\]\([^()\s]+\)").ok());
    match LINK.as_ref() {
        Some(link) => link.replace_all(text, "$1").into_owned(),
        None => text.to_owned(),
    }
}

fn explanation(group: &'static str, text: &'static str) -> Explanation {
    let (heading, body) = text.split_once('\n').unwrap_or((text, ""));
    let (before, cure) = body.split_once("\nCure: ").unwrap_or((body, ""));
    let (meaning, example) = example(before);
    Explanation {
        code: heading.trim_matches('`'),
        group: group.trim(),
        meaning: meaning.trim(),
        example,
        cure: cure.trim(),
    }
}

fn example(text: &'static str) -> (&'static str, Example) {
    if let Some((meaning, block)) = text.split_once("\n```yaml") {
        let (info, rest) = block.split_once('\n').unwrap_or((block, ""));
        let yaml = rest.rsplit_once("```").map_or(rest, |(yaml, _)| yaml);
        return match info.trim() {
            "whole" => (meaning, Example::File(yaml)),
            _ => (meaning, Example::Keys(yaml)),
        };
    }
    let (meaning, words) = text.split_once("\nExample: ").unwrap_or((text, ""));
    (meaning, Example::Words(words.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_taken_apart() {
        let low = find("low-coverage").expect("it is there");
        assert_eq!(low.group, "Reasons: what was measured");
        assert!(low.meaning.starts_with("Fewer points"), "{}", low.meaning);
        assert!(matches!(low.example, Example::Words(words) if words.contains("31 of 240")));
        assert!(low.cure.starts_with("wait"), "{}", low.cure);
        let range = find("bad-range").expect("it is there");
        assert!(matches!(range.example, Example::Keys(yaml) if yaml.starts_with("kpis:\n")));
        assert_eq!(range.in_short(), "A range or an offset is not a duration");
    }

    #[test]
    fn a_code_is_found_however_it_was_copied() {
        for word in [
            "`Unknown-Key`",
            "error[unknown-key]",
            " unknown_key ",
            "[unknown-key]:",
            "\"unknown-key\",",
        ] {
            assert_eq!(
                find(word).map(|one| one.code),
                Some("unknown-key"),
                "{word}"
            );
        }
        assert_eq!(find("no-go").map(|one| one.code), Some("NO-GO"));
        assert_eq!(find("unknown-keys"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn links_are_shown_as_their_text() {
        assert_eq!(
            without_links("see [the plan](plan.md#kpis), `rate(x[5m])` and [b](c.md)"),
            "see the plan, `rate(x[5m])` and b"
        );
    }
}
