//! Collects problems, and reads scalars that occur everywhere. Must not know any key of the plan format.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::PlainCondition;
use super::super::condition::{self, ConditionError};
use super::super::options::Options;
use super::super::problem::{NamedFile, Problem, ProblemCode, Span, did_you_mean};
use super::super::spanned::{OneOrMany, Spanned, Text};
use crate::units::{Duration, Instant, Share};
use chrono::NaiveDate;

/// Collects problems.
pub(in crate::plan) struct Checker<'a> {
    /// The plan's text.
    text: &'a str,
    pub(in crate::plan) options: &'a Options<'a>,
    pub(in crate::plan) problems: Vec<Problem>,
    /// The files of captured baselines.
    pub(in crate::plan) baseline_files: Vec<NamedFile>,
    /// The names of overrides that were used.
    pub(in crate::plan) used_overrides: BTreeSet<String>,
    /// Overrides of variables that the plan or a cohort defines, and whether any of those had other values.
    pub(in crate::plan) changed: BTreeMap<String, bool>,
}

impl<'a> Checker<'a> {
    pub(in crate::plan) fn new(text: &'a str, options: &'a Options<'a>) -> Self {
        Self {
            text,
            options,
            problems: Vec::new(),
            baseline_files: Vec::new(),
            used_overrides: BTreeSet::new(),
            changed: BTreeMap::new(),
        }
    }

    pub(in crate::plan) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Notes an error that needs no advice.
    pub(in crate::plan) fn error(
        &mut self,
        code: ProblemCode,
        span: &Span,
        message: impl Into<String>,
    ) {
        self.report(Problem::error(code, span.clone(), message));
    }

    /// A key that must be there; `at` is what it is missing from.
    pub(in crate::plan) fn required<'k, T>(
        &mut self,
        value: Option<&'k T>,
        key: &str,
        at: &Span,
        what: &str,
    ) -> Option<&'k T> {
        if value.is_none() {
            let message = format!("{what} needs `{key}`");
            self.error(ProblemCode::MissingKey, at, message);
        }
        value
    }

    /// A string that is not empty.
    pub(in crate::plan) fn filled(&mut self, text: &Text) -> Option<String> {
        if text.value.trim().is_empty() {
            self.error(ProblemCode::EmptyValue, &text.span, "this value is empty");
            return None;
        }
        Some(text.value.clone())
    }

    /// A name: not empty, on one line.
    pub(in crate::plan) fn name(&mut self, text: &Text, what: &str) -> Option<String> {
        let name = self.filled(text)?;
        if name.chars().any(char::is_control) || name.trim() != name {
            let message = format!("{what} has spaces around it or control characters in it");
            self.error(ProblemCode::BadName, &text.span, message);
            return None;
        }
        Some(name)
    }

    /// Names of which none occurs twice.
    pub(in crate::plan) fn names(&mut self, texts: &[Text], what: &str) -> Vec<Text> {
        let mut kept: Vec<Text> = Vec::new();
        for text in texts {
            if self.name(text, what).is_none() {
                continue;
            }
            match kept.iter().find(|other| other.value == text.value) {
                None => kept.push(text.clone()),
                Some(first) => self.duplicate(text, &first.span.clone(), what),
            }
        }
        kept
    }

    /// Like `names`, from a string or a list.
    pub(in crate::plan) fn names_of(&mut self, list: &Spanned<OneOrMany>, what: &str) -> Vec<Text> {
        self.names(&list.texts(), what)
    }

    pub(in crate::plan) fn duplicate(&mut self, text: &Text, first: &Span, what: &str) {
        let message = format!("{what} `{}` occurs twice", text.value);
        self.report(
            Problem::error(ProblemCode::DuplicateName, text.span.clone(), message)
                .related(first.clone(), "first here"),
        );
    }

    pub(in crate::plan) fn duration(&mut self, text: &Text) -> Option<Duration> {
        match Duration::parse(&text.value) {
            Ok(duration) => Some(duration),
            Err(error) => {
                self.error(ProblemCode::BadDuration, &text.span, error.to_string());
                None
            }
        }
    }

    /// A duration greater than zero; `what` is the key.
    pub(in crate::plan) fn positive(&mut self, text: &Text, what: &str) -> Option<Duration> {
        let duration = self.duration(text)?;
        if duration == Duration::ZERO {
            let message = format!("`{what}` must be longer than 0");
            self.error(ProblemCode::ZeroDuration, &text.span, message);
            return None;
        }
        Some(duration)
    }

    pub(in crate::plan) fn share(&mut self, text: &Text) -> Option<Share> {
        match Share::parse(&text.value) {
            Ok(share) => Some(share),
            Err(error) => {
                self.error(ProblemCode::BadShare, &text.span, error.to_string());
                None
            }
        }
    }

    pub(in crate::plan) fn instant(&mut self, text: &Text) -> Option<Instant> {
        match Instant::parse(&text.value) {
            Ok(instant) => Some(instant),
            Err(error) => {
                self.error(ProblemCode::BadTime, &text.span, error.to_string());
                None
            }
        }
    }

    /// A whole number of at least `least`.
    pub(in crate::plan) fn count(&mut self, text: &Text, least: u64) -> Option<u64> {
        let digits = text.value.bytes().all(|byte| byte.is_ascii_digit());
        match text.value.parse::<u64>() {
            Ok(count) if digits && count >= least => Some(count),
            _ => {
                let message = format!("`{}` is not a whole number of at least {least}", text.value);
                self.error(ProblemCode::BadNumber, &text.span, message);
                None
            }
        }
    }

    /// A SHA-256 digest, in lower case.
    pub(in crate::plan) fn digest(&mut self, text: &Text) -> Option<String> {
        let hex = text.value.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex && text.value.len() == 64 {
            return Some(text.value.to_ascii_lowercase());
        }
        let message = "a SHA-256 digest has 64 hexadecimal digits";
        let found = format!("this has {} characters", text.value.chars().count());
        self.report(Problem::error(ProblemCode::BadDigest, text.span.clone(), message).help(found));
        None
    }

    /// A comparison with a bare number.
    pub(in crate::plan) fn plain_condition(&mut self, text: &Text) -> Option<PlainCondition> {
        match condition::parse_plain(&text.value) {
            Ok(condition) => Some(condition),
            Err(error) => {
                self.condition_error(text, error);
                None
            }
        }
    }

    pub(in crate::plan) fn flag(&mut self, text: &Text) -> Option<bool> {
        self.word(
            text,
            "`true` or `false`",
            &[("true", true), ("false", false)],
        )
    }

    /// A day, such as `2026-11-27`.
    pub(in crate::plan) fn date(&mut self, text: &Text) -> Option<NaiveDate> {
        let day = NaiveDate::parse_from_str(&text.value, "%Y-%m-%d").ok();
        let day = day.filter(|day| day.to_string() == text.value);
        if day.is_none() {
            let message = format!("`{}` is not a day", text.value);
            self.report(
                Problem::error(ProblemCode::BadTime, text.span.clone(), message)
                    .help("such as `2026-11-27`"),
            );
        }
        day
    }

    /// One of a few words.
    pub(in crate::plan) fn word<T: Copy>(
        &mut self,
        text: &Text,
        what: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let known = words.iter().find(|(word, _)| *word == text.value);
        if known.is_none() {
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{}` is not {what}", text.value);
            let help = did_you_mean(&text.value, list.iter().copied())
                .unwrap_or_else(|| format!("one of {}", list.join(", ")));
            self.report(
                Problem::error(ProblemCode::UnknownWord, text.span.clone(), message).help(help),
            );
        }
        known.map(|(_, value)| *value)
    }

    /// A name that the plan defines elsewhere.
    pub(in crate::plan) fn unknown_reference<'k>(
        &mut self,
        text: &Text,
        what: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let message = format!("the plan defines no {what} `{}`", text.value);
        let list: Vec<&str> = known.clone().take(12).collect();
        let help = did_you_mean(&text.value, known).unwrap_or_else(|| {
            if list.is_empty() {
                format!("it defines no {what} at all")
            } else {
                format!("it defines {}", list.join(", "))
            }
        });
        self.report(
            Problem::error(ProblemCode::UnknownReference, text.span.clone(), message).help(help),
        );
    }

    /// A key that is known only to be refused.
    pub(in crate::plan) fn refuse<T>(
        &mut self,
        key: Option<&Spanned<T>>,
        name: &str,
        reason: &str,
    ) {
        if let Some(value) = key {
            let message = format!("`{name}` is not supported: {reason}");
            self.error(ProblemCode::UnsupportedKey, &value.span, message);
        }
    }

    /// A key that belongs elsewhere.
    pub(in crate::plan) fn misplaced(&mut self, span: Option<&Span>, message: &str, help: &str) {
        if let Some(span) = span {
            self.report(
                Problem::error(ProblemCode::MisplacedKey, span.clone(), message).help(help),
            );
        }
    }

    pub(in crate::plan) fn condition_error(&mut self, text: &Text, error: ConditionError) {
        let span = self.place(text, &error.range);
        let mut problem = Problem::error(error.code, span, error.message);
        problem.help = error.help.map(str::to_owned);
        self.report(problem);
    }

    /// Where a part of a scalar is in the file. A scalar may be quoted, folded or indented there: its characters are
    /// followed one by one, or its words looked up one after the other; if neither finds it, the place is the whole scalar.
    pub(in crate::plan) fn place(&self, text: &Text, range: &Range<usize>) -> Span {
        let written = self.text.get(text.span.clone()).unwrap_or_default();
        let value = text.value.as_str();
        let direct = written.find(value).filter(|_| !value.is_empty());
        let found = match direct {
            Some(at) => Some(at + range.start..at + range.end),
            None => {
                by_characters(written, value, range).or_else(|| by_words(written, value, range))
            }
        };
        found.map_or(text.span.clone(), |found| {
            text.span.start + found.start..text.span.start + found.end
        })
    }
}

/// The place of a range of `value` in `written`, which is the same in quotes with some characters escaped.
fn by_characters(written: &str, value: &str, range: &Range<usize>) -> Option<Span> {
    let quote = written
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    let (mut at, mut start) = (1, None);
    for (offset, character) in value.char_indices() {
        if offset == range.start {
            start = Some(at);
        }
        if offset == range.end {
            return Some(start?..at);
        }
        at += written_length(written.get(at..)?, character, quote)?;
    }
    Some(start?..at)
}

/// The bytes that a character takes in quotes; `None` where there is something else.
fn written_length(written: &str, character: char, quote: char) -> Option<usize> {
    let escape = if quote == '"' { '\\' } else { quote };
    let escaped = match character {
        '\n' => 'n',
        '\t' => 't',
        '\r' => 'r',
        _ => character,
    };
    let rest = written.strip_prefix(escape);
    if rest.is_some_and(|rest| rest.starts_with(escaped)) {
        return Some(escape.len_utf8() + escaped.len_utf8());
    }
    let plain = written.starts_with(character) && character != quote && character != escape;
    plain.then(|| character.len_utf8())
}

/// The place of a range of `value` in `written`, which holds the same words with other spaces between them.
fn by_words(written: &str, value: &str, range: &Range<usize>) -> Option<Span> {
    let mut from = 0;
    let mut start = None;
    for word in value.split_whitespace() {
        let at = word.as_ptr() as usize - value.as_ptr() as usize;
        let found = from + written.get(from..)?.find(word)?;
        from = found + word.len();
        if start.is_none() && range.start < at + word.len() {
            start = Some(found + range.start.saturating_sub(at));
        }
        if let Some(start) = start
            && range.end <= at + word.len()
        {
            let end = found + range.end.saturating_sub(at);
            return Some(start..end.max(start));
        }
    }
    start.map(|start| start..from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_folded_texts_are_found() {
        assert_eq!(by_words("a\n    bcd\n  e", "a bcd e", &(3..5)), Some(7..9));
        assert_eq!(
            by_words("|\n  sum(\n    x)", "sum(\n  x)", &(7..8)),
            Some(13..14)
        );
        assert_eq!(by_words("\"a\\tb\"", "a\tc", &(2..3)), None);
    }

    #[test]
    fn parts_of_quoted_texts_are_found() {
        for (written, value, range, part) in [
            (r#""x{a=\"b\"} < 1""#, "x{a=\"b\"} < 1", 9..10, "<"),
            (r#""x{a=\"b\"}""#, "x{a=\"b\"}", 4..7, r#"\"b\""#),
            (r"'x{a=''b''} < 1'", "x{a='b'} < 1", 9..12, "< 1"),
            (r#""a\\b\tc""#, "a\\b\tc", 4..5, "c"),
        ] {
            let found = by_characters(written, value, &range).expect(written);
            assert_eq!(&written[found], part, "{written}");
        }
        assert_eq!(by_characters(r#""a\u0041b""#, "aAb", &(2..3)), None);
        assert_eq!(by_characters("plain", "plain", &(2..3)), None);
    }
}
