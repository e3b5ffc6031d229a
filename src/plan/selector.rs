//! The text of an alert selector → its matchers: what PromQL allows between braces, except quoted label names.
//!
//! Must not guess: a misread selector would find no alert, and everything would seem fine.

use super::{LabelTest, Matcher, Pattern, Selector};

/// Labels that the query or the storage sets.
const TAKEN: [&str; 2] = ["alertstate", "__name__"];

/// Reads a selector such as `{severity=~"sev1|sev2", team!="x"}`.
///
/// # Errors
/// Why it is not a selector: a fragment for people.
pub(super) fn parse(text: &str) -> Result<Selector, String> {
    let text = text.trim();
    let inner = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let mut rest = inner.ok_or("it must be in braces")?.trim_start();
    let mut matchers = Vec::new();
    while !rest.is_empty() {
        let (matcher, after) = matcher(rest)?;
        matchers.push(matcher);
        rest = match after.trim_start() {
            "" => "",
            more => more
                .strip_prefix(',')
                .ok_or_else(|| format!("a comma is missing before `{more}`"))?
                .trim_start(),
        };
    }
    if matchers.is_empty() {
        return Err("it names no label".to_owned());
    }
    Ok(Selector {
        text: text.to_owned(),
        matchers,
    })
}

fn matcher(text: &str) -> Result<(Matcher, &str), String> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let (label, rest) = text.split_at(end);
    if label.is_empty() || label.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("expected a label name at `{text}`"));
    }
    if TAKEN.contains(&label) {
        return Err(format!(
            "a plan may not set `{label}`: the query asks for firing alerts"
        ));
    }
    let rest = rest.trim_start();
    let operator = ["=~", "!~", "!=", "="].into_iter();
    let operator = operator
        .into_iter()
        .find(|operator| rest.starts_with(operator))
        .ok_or_else(|| format!("`{label}` must be followed by =, !=, =~ or !~"))?;
    let rest = rest.get(operator.len()..).unwrap_or_default().trim_start();
    let (value, rest) = string(rest).ok_or_else(|| format!("`{label}` has no value in quotes"))?;
    let wanted = match operator {
        "=" => LabelTest::Equal(value),
        "!=" => LabelTest::NotEqual(value),
        "=~" => LabelTest::Matches(Pattern::new(&value)?),
        _ => LabelTest::MatchesNot(Pattern::new(&value)?),
    };
    let label = label.to_owned();
    let matcher = Matcher {
        label,
        test: wanted,
    };
    Ok((matcher, rest))
}

/// A PromQL string at the beginning of a text, and what follows it.
pub(super) fn string(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| "\"'`".contains(*c))?;
    let body = text.get(1..)?;
    if quote == '`' {
        let end = body.find('`')?;
        return Some((body.get(..end)?.to_owned(), body.get(end + 1..)?));
    }
    let mut value = String::new();
    let mut letters = body.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            _ if letter == quote => return Some((value, body.get(at + 1..)?)),
            '\\' => value.push(escaped(letters.next()?.1)?),
            '\n' => return None,
            _ => value.push(letter),
        }
    }
    None
}

/// The character after a backslash; the rarer numeric escapes are not read.
fn escaped(letter: char) -> Option<char> {
    match letter {
        '\\' | '"' | '\'' => Some(letter),
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<String> {
        let selector = parse(text).expect(text);
        let matchers = selector.matchers.into_iter();
        matchers.map(|matcher| matcher.label).collect()
    }

    #[test]
    fn selectors_are_read_as_prometheus_reads_them() {
        assert_eq!(labels(r#"{severity="sev1"}"#), ["severity"]);
        assert_eq!(labels(r" { a = 'x' , b!~`\d+`, } "), ["a", "b"]);
        let braces = parse(r#"{a="},{\"\\"}"#).expect("a selector");
        assert_eq!(braces.matchers[0].test, LabelTest::Equal("},{\"\\".into()));
    }

    #[test]
    fn what_is_in_doubt_is_refused() {
        let bad = [
            "severity=\"sev1\"",
            "{}",
            "{a}",
            "{a=b}",
            "{a==\"b\"}",
            "{a=\"b\" c=\"d\"}",
            "{a=\"b\",,}",
            "{a=~\"(\"}",
            "{\"my.label\"=\"b\"}",
            "{a=\"\\x41\"}",
            "{alertstate=\"pending\"}",
            "{__name__=\"up\"}",
        ];
        for text in bad {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in "\\PC{0,40}", inner in "[a-z=!~\"'`{},\\\\ (]{0,30}") {
            let _ = parse(&text);
            let _ = parse(&format!("{{{inner}}}"));
        }

        #[test]
        fn every_value_can_be_written(value in "[^\\\\\"\n]{0,20}") {
            let selector = parse(&format!("{{a=\"{value}\"}}")).expect("a selector");
            proptest::prop_assert!(selector.accepts(|_| Some(value.as_str())));
        }
    }
}
