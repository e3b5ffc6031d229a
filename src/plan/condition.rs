//! The grammar of conditions (design 4.1): text → condition, with byte offsets in errors.
//!
//! Must not know where in the plan a condition is, nor judge any value.

use std::ops::Range;

use super::problem::ProblemCode;
use super::{Bound, Comparison, Condition, Delta, Hold, PlainCondition, Ratio, Reducer};
use crate::units::{Decimal, Duration, Finite, QuantityError, Share, Unit};

/// `max(…)` and `min(…)` may be nested this deep.
const MAX_DEPTH: usize = 8;

const REDUCERS: &str = "one of last, mean, median, min, max, a quantile from p0 to p100 such as p95 or p99.9, and of a `ratio` overall and budget";

/// Why a text is not a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConditionError {
    pub(super) code: ProblemCode,
    /// Bytes of the condition's text.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

type Parsed<T> = Result<T, ConditionError>;

/// Reads a whole condition against a KPI in `unit`; `ratio` says what it is a ratio of, if it is one of events.
pub(super) fn parse(text: &str, unit: Unit, ratio: Option<&Ratio>) -> Parsed<Condition> {
    let (whole, (text, sure)) = (text, confidence::split(text));
    let at = match &sure {
        Some(range) => Some(confidence::read(whole, range.clone())?),
        None => None,
    };
    let mut cursor = Cursor {
        ratio,
        ..Cursor::new(text)
    };
    let reducer = cursor.reducer()?;
    let comparison = cursor.comparison()?;
    let bound = if reducer == Some(Reducer::Budget) {
        cursor.share_of_budget(unit)?
    } else {
        cursor.bound(unit)?
    };
    let hold_at = cursor.at;
    let hold = cursor.hold()?;
    cursor.end()?;
    if let (Some(_), Some(hold), None) = (reducer, hold, at) {
        let word = hold_word(hold);
        return Err(ConditionError {
            code: ProblemCode::ReducerWithFor,
            range: cursor.trimmed(hold_at..text.len()),
            message: format!("a reducer gives one value, so it cannot be combined with `{word}`"),
            help: Some("omit either the reducer or what follows the bound"),
        });
    }
    let mut condition = Condition {
        text: whole.trim().to_owned(),
        reducer,
        comparison,
        bound,
        hold,
        at,
        of_errors: cursor.of_errors || reducer == Some(Reducer::Budget),
    };
    if let Some(range) = sure {
        confidence::check(&mut condition, ratio, range)?;
    }
    Ok(condition)
}

/// The word that a hold begins with.
pub(super) fn hold_word(hold: Hold) -> &'static str {
    match hold {
        Hold::For(_) | Hold::Share(_) | Hold::Points(_) => "for",
        Hold::But(_) => "but",
        Hold::Over(..) => "over",
    }
}

/// Reads a comparison with a bare number.
pub(super) fn parse_plain(text: &str) -> Parsed<PlainCondition> {
    let mut cursor = Cursor::new(text);
    let comparison = cursor.comparison()?;
    let (number, range) = cursor.number()?;
    let value = Unit::None.quantity(&number, "", false);
    let bound = value.map_err(|error| quantity_error(&error, range))?;
    cursor.end()?;
    Ok(PlainCondition { comparison, bound })
}

/// What is wrong with the word that a condition begins with, and what people mean by it.
fn not_a_reducer(word: &str) -> (String, &'static str) {
    let no_comparison = || format!("expected a comparison before `{word}`");
    match word {
        "baseline" => (
            no_comparison(),
            "say on which side of it values must lie, such as `<= baseline + 10%`",
        ),
        "less" | "lower" | "smaller" | "below" | "under" | "fewer" => (
            format!("`{word}` is not a comparison"),
            "write `<`, or `<=` for at most, such as `< 200ms`",
        ),
        "more" | "greater" | "larger" | "higher" | "above" | "over" => (
            format!("`{word}` is not a comparison"),
            "write `>`, or `>=` for at least, such as `> 99%`",
        ),
        "at" | "up" | "between" | "within" | "not" | "no" | "is" | "equals" | "equal" => (
            format!("`{word}` is not a comparison"),
            "write one of < <= > >= == !=, such as `<= 5%`; several conditions are a list",
        ),
        _ if word.starts_with(|first: char| first.is_ascii_digit() || first == '.') => (
            no_comparison(),
            "say on which side of it values must lie, such as `< 200ms` or `>= 99%`",
        ),
        _ => (format!("`{word}` is not a reducer"), REDUCERS),
    }
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// What the KPI is a ratio of.
    ratio: Option<&'a Ratio>,
    /// Whether a quantity was written in multiples of the error budget.
    of_errors: bool,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            ratio: None,
            of_errors: false,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a text if it comes next, after spaces.
    fn take(&mut self, expected: &str) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// The letters, digits and dots that come next, after spaces; not taken yet.
    fn word(&mut self) -> &'a str {
        self.skip_blanks();
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_')
            .unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// Where the next word is, up to the next space.
    fn here(&mut self) -> Range<usize> {
        self.skip_blanks();
        let rest = self.rest();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.at..self.at + end
    }

    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let part = self.text.get(range.clone()).unwrap_or_default();
        let start = range.start + part.len() - part.trim_start().len();
        start..(start + part.trim().len())
    }

    fn error<T>(range: Range<usize>, message: String, help: &'static str) -> Parsed<T> {
        Err(ConditionError {
            code: ProblemCode::BadCondition,
            range,
            message,
            help: Some(help),
        })
    }

    fn unexpected<T>(&mut self, expected: &str, help: &'static str) -> Parsed<T> {
        let range = self.here();
        let found = self.text.get(range.clone()).unwrap_or_default();
        let message = if found.is_empty() {
            format!("expected {expected} at the end of `{}`", self.text.trim())
        } else {
            format!("expected {expected}, found `{found}`")
        };
        Self::error(range, message, help)
    }

    fn end(&mut self) -> Parsed<()> {
        self.skip_blanks();
        if self.rest().is_empty() {
            return Ok(());
        }
        let range = self.trimmed(self.at..self.text.len());
        if matches!(self.word(), "for" | "but" | "over") {
            let message = format!(
                "`{}` cannot be combined with what is before it",
                self.rest().trim_end()
            );
            let help = "only one of `for`, `but` and `over` may follow the bound; write several conditions as a list";
            return Self::error(range, message, help);
        }
        let message = format!("`{}` is not part of a condition", self.rest().trim_end());
        Self::error(
            range,
            message,
            "only `for 5m`, `for 99%`, `for 3 points`, `but 3 points`, `over 1h` or `at 95%` may follow the bound; write several conditions as a list",
        )
    }

    fn reducer(&mut self) -> Parsed<Option<Reducer>> {
        let word = self.word();
        let range = self.at..self.at + word.len();
        if word.is_empty() {
            return Ok(None);
        }
        let Some(reducer) = Reducer::from_word(word) else {
            let (message, help) = not_a_reducer(word);
            return Self::error(range, message, help);
        };
        if reducer.needs_events() {
            self.needs_ratio(word, range.clone())?;
        }
        if reducer == Reducer::Budget {
            self.budget(word, range.clone())?;
        }
        self.at = range.end;
        Ok(Some(reducer))
    }

    fn comparison(&mut self) -> Parsed<Comparison> {
        for (symbol, comparison) in [
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ] {
            if self.take(symbol) {
                return Ok(comparison);
            }
        }
        self.unexpected("a comparison", "one of < <= > >= == !=")
    }

    fn bound(&mut self, unit: Unit) -> Parsed<Bound> {
        if self.word() != "baseline" {
            return Ok(Bound::Fixed(self.quantity(unit, false)?));
        }
        self.at += "baseline".len();
        if self.take("+") {
            return Ok(Bound::Above(self.delta(unit, 0)?));
        }
        if self.take("-") {
            return Ok(Bound::Below(self.delta(unit, 0)?));
        }
        if self.take("*") {
            let (number, range) = self.number()?;
            let factor = Unit::None.quantity(&number, "", false);
            return factor
                .map(Bound::Times)
                .map_err(|error| quantity_error(&error, range));
        }
        Ok(Bound::Baseline)
    }

    fn delta(&mut self, unit: Unit, depth: usize) -> Parsed<Delta> {
        let word = self.word();
        if word == "max" || word == "min" {
            if depth == MAX_DEPTH {
                let range = self.here();
                let message = format!("`max` and `min` are nested more than {MAX_DEPTH} deep");
                return Self::error(range, message, "nest them less deeply");
            }
            self.at += word.len();
            let (left, right) = self.pair(unit, depth)?;
            return Ok(if word == "max" {
                Delta::Max(left, right)
            } else {
                Delta::Min(left, right)
            });
        }
        let start = self.at;
        let (number, range) = self.number()?;
        if self.take("%") {
            let fraction = Finite::new(number.scaled(1, 1, -2)).ok_or(QuantityError::Overflow);
            return fraction
                .map(Delta::Relative)
                .map_err(|error| quantity_error(&error, range));
        }
        self.at = start;
        Ok(Delta::Absolute(self.quantity(unit, true)?))
    }

    fn pair(&mut self, unit: Unit, depth: usize) -> Parsed<(Box<Delta>, Box<Delta>)> {
        let help = "such as `max(0.5pp, 20%)`";
        if !self.take("(") {
            return self.unexpected("`(`", help);
        }
        let left = self.delta(unit, depth + 1)?;
        if !self.take(",") {
            return self.unexpected("`,`", help);
        }
        let right = self.delta(unit, depth + 1)?;
        if !self.take(")") {
            return self.unexpected("`)`", help);
        }
        Ok((Box::new(left), Box::new(right)))
    }

    fn quantity(&mut self, unit: Unit, delta: bool) -> Parsed<Finite> {
        let (number, range) = self.number()?;
        let suffix = self.suffix();
        if suffix == "x" {
            return self.multiple(&number, unit, range.start..self.at);
        }
        unit.quantity(&number, suffix, delta)
            .map_err(|error| quantity_error(&error, range.start..self.at))
    }

    /// The unit after a number; `for`, `but` and `over` are none.
    fn suffix(&mut self) -> &'a str {
        let before = self.at;
        self.skip_blanks();
        let rest = self.rest();
        let letters = |from: usize| {
            let tail = rest.get(from..).unwrap_or_default();
            from + tail
                .find(|c: char| !c.is_alphabetic())
                .unwrap_or(tail.len())
        };
        let end = match rest.chars().next() {
            Some('%') => 1,
            Some('/') => letters(1),
            _ => letters(0),
        };
        let suffix = rest.get(..end).unwrap_or_default();
        if matches!(suffix, "" | "for" | "but" | "over") {
            self.at = before;
            return "";
        }
        self.at += end;
        suffix
    }

    /// A number, not yet converted, and its place.
    fn number(&mut self) -> Parsed<(Decimal, Range<usize>)> {
        self.skip_blanks();
        let range = self.at..self.at + number_length(self.rest());
        let digits = self.text.get(range.clone()).unwrap_or_default();
        if range.is_empty() {
            return self.no_number();
        }
        self.at = range.end;
        match Decimal::parse(digits) {
            Ok(number) => Ok((number, range)),
            Err(error) => Self::error(range, error.to_string(), "such as `5`, `0.25` or `1e-3`"),
        }
    }

    fn no_number<T>(&mut self) -> Parsed<T> {
        let word = self.rest().trim_start_matches(['+', '-']);
        let word = word.to_ascii_lowercase();
        if ["nan", "inf"].iter().any(|bad| word.starts_with(bad)) {
            let range = self.here();
            let message = format!(
                "`{}` is not a finite number",
                self.text.get(range.clone()).unwrap_or_default()
            );
            return Err(ConditionError {
                code: ProblemCode::NonFiniteNumber,
                range,
                message,
                help: Some("a limit is a number such as `5`, `0.25` or `1e-3`"),
            });
        }
        self.unexpected(
            "a number or `baseline`",
            "such as `< 200ms` or `<= baseline + 10%`",
        )
    }

    fn hold(&mut self) -> Parsed<Option<Hold>> {
        match self.word() {
            "for" => self.lasting(),
            "but" => self.but().map(Some),
            "over" => self.over().map(Some),
            _ => Ok(None),
        }
    }

    fn lasting(&mut self) -> Parsed<Option<Hold>> {
        self.at += "for".len();
        let rest = self.up_to_the_next();
        let range = self.at..self.at + rest.len();
        if points::is_of_points(rest) {
            return self.points("for").map(Hold::Points).map(Some);
        }
        let help = "such as `for 5m`, `for 99%` or, in stop, `for 3 points`";
        let hold = if rest.ends_with('%') {
            Share::parse(rest)
                .map(Hold::Share)
                .map_err(|error| (ProblemCode::BadShare, error.to_string()))
        } else {
            duration("for", rest).map(Hold::For)
        };
        match hold {
            Ok(hold) => {
                self.at = range.end;
                Ok(Some(hold))
            }
            Err((code, message)) => Err(ConditionError {
                code,
                range,
                message,
                help: Some(help),
            }),
        }
    }
}

fn duration(before: &str, text: &str) -> Result<Duration, (ProblemCode, String)> {
    let duration =
        Duration::parse(text).map_err(|error| (ProblemCode::BadDuration, error.to_string()))?;
    if duration == Duration::ZERO {
        let message = format!("`{before} {text}` must be longer than 0");
        return Err((ProblemCode::ZeroDuration, message));
    }
    Ok(duration)
}

impl Reducer {
    /// As written in conditions; `None` for anything else.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "last" => Some(Self::Last),
            "mean" => Some(Self::Mean),
            "median" => Some(Self::Median),
            "min" => Some(Self::Min),
            "max" => Some(Self::Max),
            "overall" => Some(Self::Overall),
            "budget" => Some(Self::Budget),
            _ => percentile(word).map(Self::Percentile),
        }
    }
}

/// `p95` → 95.
fn percentile(word: &str) -> Option<Finite> {
    let rank = word.strip_prefix('p')?;
    if !rank
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return None;
    }
    let rank = Decimal::parse(rank).ok()?.scaled(1, 1, 0);
    Finite::new(rank).filter(|rank| (0.0..=100.0).contains(&rank.get()))
}

/// How many bytes `[-]digits[.digits][e[±]digits]` takes, leniently: what it takes is checked afterwards.
fn number_length(text: &str) -> usize {
    let byte = |at: usize| text.as_bytes().get(at).copied();
    let start = usize::from(byte(0) == Some(b'-'));
    let mut end = after_digits(text, start);
    if end == start && byte(end) != Some(b'.') {
        return 0;
    }
    if byte(end) == Some(b'.') {
        end = after_digits(text, end + 1);
    }
    if matches!(byte(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(byte(end + 1), Some(b'+' | b'-')));
        let exponent = after_digits(text, end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// Where the digits end that stand at a place.
fn after_digits(text: &str, from: usize) -> usize {
    let tail = text.get(from..).unwrap_or_default();
    from + tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len()
}

fn quantity_error(error: &QuantityError, range: Range<usize>) -> ConditionError {
    let code = match error {
        QuantityError::Overflow => ProblemCode::NonFiniteNumber,
        QuantityError::Unknown { .. } => ProblemCode::BadCondition,
        QuantityError::Mismatch { .. } | QuantityError::PointsOutsideDelta => {
            ProblemCode::UnitMismatch
        }
    };
    ConditionError {
        code,
        range,
        message: error.to_string(),
        help: None,
    }
}

mod confidence;
mod points;
mod ratio;
#[cfg(test)]
mod tests;
