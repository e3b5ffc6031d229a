//! Alert selectors: which labels an alert must have. Holds matchers and tests values against them; parses no text.

use regex_lite::Regex;

/// Which alerts are meant, such as `{severity="sev1"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// As it is sent, variables filled in.
    pub text: String,
    /// All of them must hold; at least one.
    pub matchers: Vec<Matcher>,
}

impl Selector {
    /// Whether labels satisfy it; `value` gives a label's value, or nothing if there is no such label.
    pub fn accepts<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.matchers
            .iter()
            .all(|matcher| matcher.accepts(value(&matcher.label).unwrap_or_default()))
    }
}

/// What one label must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// What its value must be; an absent label has an empty one.
    pub test: LabelTest,
}

impl Matcher {
    /// Whether a value satisfies it; an absent label is the empty value.
    #[must_use]
    pub fn accepts(&self, value: &str) -> bool {
        match &self.test {
            LabelTest::Equal(text) => value == text,
            LabelTest::NotEqual(text) => value != text,
            LabelTest::Matches(pattern) => pattern.matches(value),
            LabelTest::MatchesNot(pattern) => !pattern.matches(value),
        }
    }
}

/// What a label's value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelTest {
    /// `=`
    Equal(String),
    /// `!=`
    NotEqual(String),
    /// `=~`
    Matches(Pattern),
    /// `!~`
    MatchesNot(Pattern),
}

/// A regular expression that a whole value must match.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles one, anchored at both ends, and with `.` matching line breaks too, as in Prometheus.
    ///
    /// # Errors
    /// Text that is not a regular expression, or one that cannot be matched here (Unicode classes).
    pub fn new(text: &str) -> Result<Self, String> {
        // Alone first: an unbalanced group could close the one that anchors it.
        let regex = Regex::new(text).and_then(|_| Regex::new(&format!("^(?s:{text})$")));
        Ok(Self {
            text: text.to_owned(),
            regex: regex.map_err(|error| error.to_string())?,
        })
    }

    /// Whether a whole value matches.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(test: LabelTest) -> Matcher {
        Matcher {
            label: "severity".into(),
            test,
        }
    }

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text).expect("a pattern")
    }

    #[test]
    fn patterns_match_whole_values_only() {
        let either = matcher(LabelTest::Matches(pattern("sev1|sev2")));
        for (value, expected) in [
            ("sev1", true),
            ("sev2", true),
            ("sev12", false),
            ("", false),
        ] {
            assert_eq!(either.accepts(value), expected, "{value}");
        }
        assert!(pattern("a.b").matches("a\nb"));
        assert!(!pattern("a").matches("a\n"));
    }

    #[test]
    fn an_absent_label_is_an_empty_value() {
        let selector = |test| Selector {
            text: String::new(),
            matchers: vec![matcher(test)],
        };
        let none = |_: &str| None;
        assert!(selector(LabelTest::NotEqual("info".into())).accepts(none));
        assert!(selector(LabelTest::Equal(String::new())).accepts(none));
        assert!(selector(LabelTest::Matches(pattern(".*"))).accepts(none));
        assert!(!selector(LabelTest::Matches(pattern(".+"))).accepts(none));
    }

    #[test]
    fn a_group_cannot_break_out_of_the_anchors() {
        assert!(Pattern::new("a)|(b").is_err());
        assert!(Pattern::new("(").is_err());
    }
}
