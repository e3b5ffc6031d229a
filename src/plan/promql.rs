//! Offline checks of queries: only what is certain without a server. What is in doubt passes.
//!
//! Must not become a PromQL parser: dialects differ, and each server knows its own best.

use std::ops::Range;

use super::problem::ProblemCode;

/// Functions over a range that need at least two samples in it.
const NEEDS_TWO_SAMPLES: [&str; 5] = ["rate", "increase", "irate", "delta", "idelta"];

/// What is wrong with a query; the range is bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueryError {
    pub(super) code: ProblemCode,
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

/// A `rate(…[5m])`: the function and the range, if that is written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RateRange {
    pub(super) function: String,
    pub(super) range: Range<usize>,
    pub(super) duration: String,
}

/// What the checks found out.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) errors: Vec<QueryError>,
    pub(super) rates: Vec<RateRange>,
}

/// Checks a query whose placeholders are still in it.
pub(super) fn check(text: &str) -> Checked {
    let mut scanner = Scanner::new(text);
    while let Some(character) = scanner.peek() {
        scanner.step(character);
    }
    scanner.finish()
}

/// What came before a place, as far as the checks care.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Before {
    /// Nothing yet, an operator, a comma or an opening delimiter.
    Nothing,
    Word(String),
    /// A closing delimiter, a string or a number.
    Operand,
}

struct Open {
    delimiter: char,
    at: usize,
    /// A parenthesis that only groups.
    grouping: bool,
    /// The function that it belongs to.
    function: Option<String>,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Open>,
    before: Before,
    /// Something other than comments was seen.
    substance: bool,
    broken: bool,
    found: Checked,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
            before: Before::Nothing,
            substance: false,
            broken: false,
            found: Checked::default(),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        if self.broken {
            return None;
        }
        self.rest().chars().next()
    }

    fn error(&mut self, code: ProblemCode, range: Range<usize>, message: impl Into<String>) {
        self.found.errors.push(QueryError {
            code,
            range,
            message: message.into(),
            help: None,
        });
    }

    fn step(&mut self, character: char) {
        match character {
            '#' => self.comment(),
            _ if character.is_whitespace() => self.at += character.len_utf8(),
            _ => {
                self.substance = true;
                self.token(character);
            }
        }
    }

    fn comment(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    fn token(&mut self, character: char) {
        match character {
            '"' | '\'' => self.string(character),
            '`' => self.raw_string(),
            '(' | '{' => self.open(character),
            '[' => self.range(),
            ')' | '}' | ']' => self.close(character),
            _ if character.is_alphanumeric() || "_:$.".contains(character) => self.word(),
            _ => {
                self.at += character.len_utf8();
                self.before = Before::Nothing;
            }
        }
    }

    fn string(&mut self, quote: char) {
        let start = self.at;
        let mut escaped = false;
        for (offset, character) in self.rest().char_indices().skip(1) {
            match character {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if character == quote => {
                    self.at = start + offset + 1;
                    self.before = Before::Operand;
                    return;
                }
                _ => {}
            }
        }
        self.unclosed(start, "this string is not closed");
    }

    fn raw_string(&mut self) {
        let start = self.at;
        let body = self.text.get(start + 1..).unwrap_or_default();
        match body.find('`') {
            Some(end) => {
                self.at = start + end + 2;
                self.before = Before::Operand;
            }
            None => self.unclosed(start, "this string is not closed"),
        }
    }

    fn unclosed(&mut self, at: usize, message: &str) {
        self.error(ProblemCode::QuerySyntax, at..at + 1, message);
        self.broken = true;
    }

    fn open(&mut self, delimiter: char) {
        let grouping = delimiter == '(' && self.before == Before::Nothing;
        let function = match &self.before {
            Before::Word(word) if delimiter == '(' => Some(word.clone()),
            _ => None,
        };
        self.open.push(Open {
            delimiter,
            at: self.at,
            grouping,
            function,
        });
        self.at += 1;
        self.before = Before::Nothing;
    }

    fn close(&mut self, delimiter: char) {
        let at = self.at;
        let expected = self.open.pop();
        let partner = match delimiter {
            ')' => '(',
            '}' => '{',
            _ => '[',
        };
        if expected
            .as_ref()
            .is_none_or(|open| open.delimiter != partner)
        {
            let message = format!("`{delimiter}` closes nothing that is open");
            self.error(ProblemCode::QuerySyntax, at..at + 1, message);
            self.broken = true;
        }
        self.at += 1;
        self.before = Before::Operand;
    }

    /// `[…]`: its durations, and whether a function takes the range.
    fn range(&mut self) {
        let start = self.at;
        let body = self.text.get(start + 1..).unwrap_or_default();
        let Some(length) = body.find(']') else {
            self.unclosed(start, "`[` is not closed");
            return;
        };
        let body = body.get(..length).unwrap_or_default();
        if self.open.iter().all(|open| open.grouping) {
            self.bare(start..start + length + 2);
        }
        let (range, step) = body
            .split_once(':')
            .map_or((body, ""), |(range, step)| (range, step));
        if range.trim().is_empty() {
            self.error(
                ProblemCode::QuerySyntax,
                start..start + length + 2,
                "a range without a duration",
            );
        }
        self.durations(start + 1, range);
        self.durations(start + 2 + range.len(), step);
        if !body.contains(':') {
            self.rate(start + 1, range);
        }
        self.at = start + length + 2;
        self.before = Before::Operand;
    }

    fn bare(&mut self, range: Range<usize>) {
        self.found.errors.push(QueryError {
            code: ProblemCode::BareRangeVector,
            range,
            message: "this query returns a range vector, which has no value to compare".to_owned(),
            help: Some("put a function such as `rate(…)` or `avg_over_time(…)` around it"),
        });
    }

    fn rate(&mut self, at: usize, range: &str) {
        let function = self.open.last().and_then(|open| open.function.clone());
        if let Some(function) =
            function.filter(|function| NEEDS_TWO_SAMPLES.contains(&function.as_str()))
        {
            let start = at + range.len() - range.trim_start().len();
            self.found.rates.push(RateRange {
                function,
                range: start..start + range.trim().len(),
                duration: range.trim().to_owned(),
            });
        }
    }

    /// A duration that is written out; expressions, numbers and placeholders pass.
    fn durations(&mut self, at: usize, text: &str) {
        let start = at + text.len() - text.trim_start().len();
        let text = text.trim();
        if let Some(message) = duration_mistake(text) {
            self.found.errors.push(QueryError {
                code: ProblemCode::QuerySyntax,
                range: start..start + text.len(),
                message,
                help: Some("write a duration such as `30s`, `5m`, `2h`, `1h30m` or `3d`"),
            });
        }
    }

    fn word(&mut self) {
        let rest = self.rest();
        let mut end = rest
            .find(|c: char| !c.is_alphanumeric() && !"_:$.{}".contains(c))
            .unwrap_or(rest.len());
        // Braces belong to a word only as part of `${name}`.
        if let Some(brace) = rest.get(..end).and_then(stray_brace) {
            end = brace.max(1);
        }
        let word = rest.get(..end).unwrap_or_default();
        let is_offset = self.before == Before::Word("offset".to_owned());
        if is_offset && word.starts_with(|c: char| c.is_ascii_digit()) {
            self.durations(self.at, word);
        }
        self.at += end.max(1);
        self.before = Before::Word(word.to_owned());
    }

    fn finish(mut self) -> Checked {
        if !self.broken {
            if let Some(open) = self.open.pop() {
                let message = format!("`{}` is not closed", open.delimiter);
                self.error(ProblemCode::QuerySyntax, open.at..open.at + 1, message);
            } else if !self.substance {
                self.error(
                    ProblemCode::QuerySyntax,
                    0..self.text.len(),
                    "the query is empty",
                );
            }
        }
        self.found
    }
}

/// The first brace that is not part of `${name}`.
fn stray_brace(word: &str) -> Option<usize> {
    let mut inside = false;
    let mut previous = ' ';
    for (at, character) in word.char_indices() {
        match character {
            '{' if previous == '$' => inside = true,
            '}' if inside => inside = false,
            '{' | '}' => return Some(at),
            _ => {}
        }
        previous = character;
    }
    None
}

/// What is wrong with `90min` and its like. Numbers alone are seconds in Prometheus 3, `5i` is five steps in
/// VictoriaMetrics; anything beyond ASCII letters and digits is an expression, not for us to judge.
fn duration_mistake(text: &str) -> Option<String> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !plain || !text.starts_with(|c: char| c.is_ascii_digit()) || text.starts_with("0x") {
        return None;
    }
    let units: Vec<&str> = text
        .split(|c: char| c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let known = ["ms", "s", "m", "h", "d", "w", "y", "i", "e", "E"];
    let unknown = units.iter().find(|unit| !known.contains(unit))?;
    Some(format!(
        "`{text}` is not a duration: `{unknown}` is not a unit of time"
    ))
}

#[cfg(test)]
mod tests;
