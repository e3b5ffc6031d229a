//! `unfilled-placeholder`: what another tool would have filled in, in queries and in addresses.
//!
//! Must not know the plan's own variables: they are filled in before.

use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::Finding;
use super::syntax::{is_capitals, shifted};
use super::tokens::{Kind, Token, template_length};
use crate::plan::Lint;

/// Placeholders in a query.
pub(super) fn in_query(tokens: &[Token<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut before: Option<&Token<'_>> = None;
    for token in tokens {
        for placeholder in in_text(token.text) {
            let text = token.text.get(placeholder.range.clone());
            let range = shifted(&placeholder.range, token.at);
            found.push(finding(range, text.unwrap_or_default(), placeholder.help));
        }
        let behind_offset = before.is_some_and(|word| word.is_word("offset"));
        if token.kind == Kind::Range || behind_offset {
            found.extend(capitals(token));
        }
        before = Some(token);
    }
    found
}

/// `[DURATION]`, `[RANGE:STEP]`, `offset OFFSET`.
fn capitals(token: &Token<'_>) -> Vec<Finding> {
    let words = token.text.split(['[', ']', ':']);
    let words = words.map(str::trim).filter(|word| is_capitals(word));
    words
        .map(|word| {
            let start = token.at + (word.as_ptr() as usize - token.text.as_ptr() as usize);
            let help = "write a duration such as `5m`, or `$window` for the gate's window";
            finding(start..start + word.len(), word, help)
        })
        .collect()
}

fn finding(range: Range<usize>, text: &str, help: &str) -> Finding {
    let message = format!("nothing fills in `{text}`: it would be sent as is");
    Finding::lint(Lint::UnfilledPlaceholder, range, message, help)
}

/// A placeholder in some text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placeholder {
    pub(super) range: Range<usize>,
    /// What to write instead.
    help: &'static str,
}

/// Placeholders in an address, `[DURATION]` included, whether it is written plainly or with `%5B`.
pub(super) fn in_address(text: &str) -> Vec<String> {
    let text = percent_decode_str(text).decode_utf8_lossy();
    let templates = in_text(&text).into_iter();
    let templates = templates.filter_map(|one| text.get(one.range).map(str::to_owned));
    let brackets = text.match_indices('[').filter_map(|(at, _)| {
        let (head, rest) = text.split_at_checked(at)?;
        let (name, _) = rest.strip_prefix('[')?.split_once(']')?;
        let is_own = is_capitals(name) && !head.ends_with('[');
        is_own.then(|| format!("[{name}]"))
    });
    templates.chain(brackets).collect()
}

/// `{{ … }}`, `[[name]]`, and Grafana's `$__name` and `${name:format}`.
pub(super) fn in_text(text: &str) -> Vec<Placeholder> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = template_length(rest).max(dollar_length(rest));
        if length == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let placeholder = rest.get(..length).unwrap_or_default();
        found.push(Placeholder {
            range: at..at + length,
            help: help(placeholder),
        });
        at += length;
    }
    found
}

/// The bytes of Grafana's own `$__name`, `${__name}` or `${name:format}`; 0 for any other text.
fn dollar_length(text: &str) -> usize {
    let Some(rest) = text.strip_prefix('$') else {
        return 0;
    };
    if let Some(body) = rest.strip_prefix('{') {
        let body = body.split_once('}').map_or("", |(body, _)| body);
        let name = name_length(body);
        let grafana =
            body.starts_with("__") || body.get(name..).is_some_and(|f| f.starts_with(':'));
        return if name > 0 && grafana {
            body.len() + 3
        } else {
            0
        };
    }
    if rest.starts_with("__") {
        1 + name_length(rest)
    } else {
        0
    }
}

/// The length of the name that a text begins with.
fn name_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len())
}

fn help(placeholder: &str) -> &'static str {
    let name = placeholder.trim_start_matches(['$', '{', '[', ' ']);
    let is = |grafana: &str| name.starts_with(grafana);
    if is("__rate_interval") {
        "write a duration of at least four scrape intervals, such as `5m`"
    } else if is("__range") {
        "write `$window`: the gate's window"
    } else if is("__interval") {
        "write `$step`: the interval between points"
    } else if placeholder.starts_with('$') && is("__") {
        "only Grafana fills this in: write what it stands for"
    } else {
        "write `$name` and define it in `vars` or in the stage's `cohort`"
    }
}
