//! The series that a query selects, and over which ranges: a scan of its tokens. Must not refuse a query: the source does that.

use crate::units::Duration;

/// One place of a query that selects series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selected {
    /// The metric's name, where the selector has one before its braces.
    pub(super) metric: String,
    /// What is between the braces, matcher by matcher.
    pub(super) matchers: Vec<Matcher>,
}

/// A selector that is read over a range, such as `x[5m]`. A subquery's range is none: its own step says how many points it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ranged {
    pub(super) selected: Selected,
    pub(super) range: Duration,
    /// The function around it; empty if there is none.
    pub(super) function: String,
}

/// Such as `job="checkout"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matcher {
    pub(super) label: String,
    /// The value without its quotes.
    pub(super) value: String,
    /// As written.
    pub(super) text: String,
}

impl Selected {
    /// All of it, as PromQL.
    pub(super) fn text(&self) -> String {
        self.with(&self.matchers)
    }

    /// The metric with these of its matchers.
    pub(super) fn with(&self, matchers: &[Matcher]) -> String {
        let texts: Vec<&str> = matchers.iter().map(|one| one.text.as_str()).collect();
        match (self.metric.is_empty(), texts.is_empty()) {
            (false, true) => self.metric.clone(),
            _ => format!("{}{{{}}}", self.metric, texts.join(",")),
        }
    }
}

/// Words that a list of labels follows.
const LISTING: [&str; 6] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];
/// Words that name no metric.
const WORDS: [&str; 8] = [
    "and", "or", "unless", "bool", "offset", "atan2", "inf", "nan",
];

/// Every selector of a query with a metric's name, each once.
pub(super) fn of(query: &str) -> Vec<Selected> {
    once(scan(query).into_iter().map(|one| one.selected))
}

/// Every selector with a metric's name and a range that is written out, each once for a range and a function.
pub(super) fn ranged(query: &str) -> Vec<Ranged> {
    once(scan(query).into_iter().filter_map(|one| {
        Some(Ranged {
            selected: one.selected,
            range: one.range?,
            function: one.function,
        })
    }))
}

fn once<T: PartialEq>(found: impl Iterator<Item = T>) -> Vec<T> {
    let mut once: Vec<T> = Vec::new();
    for one in found {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

/// A selector where it stands.
struct Found {
    selected: Selected,
    range: Option<Duration>,
    function: String,
}

fn scan(query: &str) -> Vec<Found> {
    let mut scan = Scan {
        rest: query,
        called: "",
    };
    let mut found = Vec::new();
    // What the parentheses belong to that are open.
    let mut open: Vec<&str> = Vec::new();
    while let Some(first) = scan.rest.chars().next() {
        match first {
            '"' | '\'' | '`' => {
                scan.string();
            }
            '#' => {
                scan.take_while(|c| c != '\n');
            }
            '[' => scan.past(']'),
            '{' => {
                scan.braces();
            }
            '(' => {
                open.push(std::mem::take(&mut scan.called));
                scan.skip(1);
            }
            ')' => {
                open.pop();
                scan.skip(1);
            }
            _ if first.is_ascii_digit() => {
                scan.take_while(|c| c.is_ascii_alphanumeric() || c == '.');
            }
            _ if is_name(first) => {
                let function = open.last().copied().unwrap_or_default();
                found.extend(scan.name().map(|selected| Found {
                    selected,
                    range: scan.range(),
                    function: function.to_owned(),
                }));
            }
            _ => scan.skip(first.len_utf8()),
        }
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == ':'
}

struct Scan<'q> {
    rest: &'q str,
    /// The name right before the parenthesis that comes next.
    called: &'q str,
}

impl<'q> Scan<'q> {
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn take_while(&mut self, goes_on: impl Fn(char) -> bool) -> &'q str {
        let end = self.rest.find(|c| !goes_on(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Everything up to and including a character; strings are skipped whole.
    fn past(&mut self, sign: char) {
        while let Some(c) = self.rest.chars().next() {
            if matches!(c, '"' | '\'' | '`') {
                self.string();
                continue;
            }
            self.skip(c.len_utf8());
            if c == sign {
                return;
            }
        }
    }

    /// A string with its quotes.
    fn string(&mut self) -> &'q str {
        let whole = self.rest;
        let quote = whole.chars().next().unwrap_or('"');
        let mut escaped = false;
        for (at, c) in whole.char_indices().skip(1) {
            match c {
                '\\' if !escaped && quote != '`' => escaped = true,
                _ if c == quote && !escaped => {
                    self.skip(at + 1);
                    return whole.get(..=at).unwrap_or_default();
                }
                _ => escaped = false,
            }
        }
        self.rest = "";
        whole
    }

    fn blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// A name: of a metric with its matchers, or of something else.
    fn name(&mut self) -> Option<Selected> {
        let name = self.take_while(|c| is_name(c) || c.is_ascii_digit());
        self.blanks();
        let word = name.to_ascii_lowercase();
        if LISTING.contains(&word.as_str()) {
            if self.rest.starts_with('(') {
                self.past(')');
            }
            return None;
        }
        if self.rest.starts_with('(') {
            self.called = name;
            return None;
        }
        if self.groups() || WORDS.contains(&word.as_str()) {
            return None;
        }
        let matchers = if self.rest.starts_with('{') {
            self.braces()
        } else {
            Vec::new()
        };
        Some(Selected {
            metric: name.to_owned(),
            matchers,
        })
    }

    /// The range that comes next, if it is a plain length of time.
    fn range(&mut self) -> Option<Duration> {
        self.blanks();
        let before = self.rest.strip_prefix('[')?;
        self.past(']');
        let length = before.len() - self.rest.len();
        let text = before.get(..length)?.strip_suffix(']')?;
        let range = Duration::parse(text.trim()).ok();
        range.filter(|range| *range > Duration::ZERO)
    }

    /// Whether `by (…)` or `without (…)` comes next: then the name was an aggregation's.
    fn groups(&self) -> bool {
        let mut next = Scan {
            rest: self.rest,
            called: "",
        };
        let word = next.take_while(is_name).to_ascii_lowercase();
        next.blanks();
        matches!(word.as_str(), "by" | "without") && next.rest.starts_with('(')
    }

    /// What is between braces.
    fn braces(&mut self) -> Vec<Matcher> {
        self.skip(1);
        let mut matchers = Vec::new();
        loop {
            self.take_while(|c| c.is_whitespace() || c == ',');
            let before = self.rest;
            match self.rest.chars().next() {
                None => return matchers,
                Some('}') => {
                    self.skip(1);
                    return matchers;
                }
                Some(_) => {}
            }
            let label = self.take_while(|c| is_name(c) || c.is_ascii_digit());
            self.blanks();
            self.take_while(|c| "=!~".contains(c));
            self.blanks();
            let quoted = match self.rest.chars().next() {
                Some('"' | '\'' | '`') => self.string(),
                Some(other) => {
                    self.skip(other.len_utf8());
                    continue;
                }
                None => return matchers,
            };
            let length = before.len() - self.rest.len();
            // A string alone is the name of a metric.
            if !label.is_empty() {
                matchers.push(Matcher {
                    label: label.to_owned(),
                    value: quoted.trim_matches(['"', '\'', '`']).to_owned(),
                    text: before.get(..length).unwrap_or_default().to_owned(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(query: &str) -> Vec<String> {
        of(query).iter().map(Selected::text).collect()
    }

    #[test]
    fn m15_selectors_are_found_among_functions_labels_and_strings() {
        for (query, expected) in [
            ("up", vec!["up"]),
            (
                r#"sum by (code) (rate(http_requests_total{job="a", code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))"#,
                vec![
                    r#"http_requests_total{job="a",code=~"5.."}"#,
                    "http_requests_total",
                ],
            ),
            (
                "histogram_quantile(0.95, sum(rate(d_bucket[5m])) by (le)) > bool 1e3",
                vec!["d_bucket"],
            ),
            (
                "a:b offset 5m and on (x, y) group_left (z) c_total @ end() # d_total",
                vec!["a:b", "c_total"],
            ),
            (
                r#"label_replace(x{a="{b\"}"}, "dst", "$1", "src", "(y.*)")"#,
                vec![r#"x{a="{b\"}"}"#],
            ),
            ("max_over_time((x + x)[1h:5m])", vec!["x"]),
            (r#"{__name__="x"}"#, vec![]),
            ("vector(1)", vec![]),
        ] {
            assert_eq!(texts(query), expected, "{query}");
        }
    }

    #[test]
    fn m15_a_selector_knows_its_range_and_what_reads_it() {
        let shown = |query: &str| -> Vec<String> {
            let all = ranged(query).into_iter();
            all.map(|one| format!("{} {}[{}]", one.function, one.selected.text(), one.range))
                .collect()
        };
        for (query, expected) in [
            ("up", vec![]),
            ("rate(x[5m]) / rate(x[5m])", vec!["rate x[5m]"]),
            (
                r#"sum by (le) (increase(x{a="b]"} [ 90s ] offset 1h)) + max_over_time(y[1m])"#,
                vec![r#"increase x{a="b]"}[1m30s]"#, "max_over_time y[1m]"],
            ),
            // Its own range, not that of the subquery around it.
            (
                "quantile_over_time(0.9, rate(x[1m])[1h:30s])",
                vec!["rate x[1m]"],
            ),
            ("max_over_time((x + x)[1h:5m])", vec![]),
            ("max_over_time(x[1h:])", vec![]),
            ("(rate)(x[1m])", vec![" x[1m]"]),
            ("rate(x[$step]) + rate(x[", vec![]),
        ] {
            assert_eq!(shown(query), expected, "{query}");
        }
    }

    proptest::proptest! {
        #[test]
        fn m15_no_query_breaks_the_scan(query in "([a-z_:]{1,3}|[{}()\\[\\]\"'`\\\\,=~!# ]|é|5m|by ){0,40}") {
            for one in of(&query) {
                let _ = one.text();
            }
            let _ = ranged(&query);
        }
    }
}
