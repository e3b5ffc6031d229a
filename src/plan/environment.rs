//! `${NAME}` and `${NAME:-default}` in addresses and in how they are reached. Must not read any environment: it gets one.

use std::ops::Range;

/// Why a setting has no value. Ranges are bytes of the setting's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EnvironmentError {
    /// The environment does not have it.
    Unset(String, Range<usize>),
    /// `${` that is not followed by a name and `}`.
    Malformed(Range<usize>),
}

/// Whether a text has a placeholder.
pub(super) fn has_placeholder(text: &str) -> bool {
    text.contains("${")
}

/// The same for a setting outside of any source; `None` where the environment has no such variable, or a placeholder is malformed.
pub(crate) fn filled(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    fill(text, environment).ok()
}

/// Fills placeholders in. `$${` is a literal `${`; an empty value counts as unset if there is a default.
pub(super) fn fill(
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, EnvironmentError> {
    let mut filled = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("${")) {
        let start = at + found;
        filled.push_str(text.get(at..start).unwrap_or_default());
        if filled.ends_with('$') {
            filled.push('{');
            at = start + 2;
            continue;
        }
        let body = text.get(start + 2..).unwrap_or_default();
        let length = body
            .find('}')
            .ok_or(EnvironmentError::Malformed(start..text.len()))?;
        let range = start..start + length + 3;
        filled.push_str(&value(
            body.get(..length).unwrap_or_default(),
            &range,
            environment,
        )?);
        at = range.end;
    }
    filled.push_str(text.get(at..).unwrap_or_default());
    Ok(filled)
}

fn value(
    body: &str,
    range: &Range<usize>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, EnvironmentError> {
    let (name, default) = match body.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (body, None),
    };
    if !super::template::is_name(name) {
        return Err(EnvironmentError::Malformed(range.clone()));
    }
    let found = environment(name);
    match (found, default) {
        (Some(value), None) => Ok(value),
        (Some(value), Some(_)) if !value.is_empty() => Ok(value),
        (_, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(EnvironmentError::Unset(name.to_owned(), range.clone())),
    }
}

/// The text without `${NAME}`; of `${NAME:-default}` the default stays.
pub(super) fn without_placeholders(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once("${") {
        left.push_str(head);
        let (body, behind) = tail.split_once('}').unwrap_or((tail, ""));
        if head.ends_with('$') {
            left.push_str(body);
        } else {
            left.push_str(body.split_once(":-").map_or("", |(_, default)| default));
        }
        rest = behind;
    }
    left + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        match name {
            "A" => Some("1".into()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn placeholders_take_the_environment_or_their_default() {
        for (text, result) in [
            ("x${A}y", "x1y"),
            ("${B:-http://h:1}", "http://h:1"),
            ("${EMPTY:-d}${EMPTY}", "d"),
            ("$A $ $$ pa$$word", "$A $ $$ pa$$word"),
            ("$${A}", "${A}"),
        ] {
            assert_eq!(fill(text, &environment).as_deref(), Ok(result), "{text}");
        }
    }

    #[test]
    fn what_has_no_value_is_named() {
        assert_eq!(
            fill("a${B}", &environment),
            Err(EnvironmentError::Unset("B".into(), 1..5))
        );
        for bad in ["${", "${}", "${1}", "${a-b}", "${A"] {
            assert!(matches!(
                fill(bad, &environment),
                Err(EnvironmentError::Malformed(_))
            ));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(\\$|\\{|\\}|A|:-|://|@|é|/){0,20}") {
            let _ = fill(&text, &environment);
        }
    }
}
