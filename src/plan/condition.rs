//! The grammar of conditions (design 4.1): text → condition, with byte offsets in errors.
//!
//! Must not know where a condition stands in the plan, nor judge any value.

use std::ops::Range;

use super::problem::ProblemCode;
use super::{Bound, Comparison, Condition, Delta, Hold, PlainCondition, Reducer};
use crate::units::{Decimal, Duration, Finite, QuantityError, Share, Unit};

/// `max(…)` and `min(…)` may be nested this deep.
const MAX_DEPTH: usize = 8;

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConditionError {
    pub(super) code: ProblemCode,
    /// Bytes of the condition's text.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

type Parsed<T> = Result<T, ConditionError>;

/// Reads a whole condition against a KPI in `unit`.
pub(super) fn parse(text: &str, unit: Unit) -> Parsed<Condition> {
    let mut cursor = Cursor { text, at: 0 };
    let reducer = cursor.reducer()?;
    let comparison = cursor.comparison()?;
    let bound = cursor.bound(unit)?;
    let hold_at = cursor.at;
    let hold = cursor.hold()?;
    cursor.end()?;
    if reducer.is_some() && hold.is_some() {
        return Err(ConditionError {
            code: ProblemCode::ReducerWithFor,
            range: cursor.trimmed(hold_at..text.len()),
            message: "a reducer gives one value, which cannot hold `for` a while".to_owned(),
            help: Some("leave out either the reducer or `for …`"),
        });
    }
    Ok(Condition {
        text: text.trim().to_owned(),
        reducer,
        comparison,
        bound,
        hold,
    })
}

/// Reads a comparison with a bare number.
pub(super) fn parse_plain(text: &str) -> Parsed<PlainCondition> {
    let mut cursor = Cursor { text, at: 0 };
    let comparison = cursor.comparison()?;
    let (number, range) = cursor.number()?;
    let value = Unit::None.quantity(&number, "", false);
    let bound = value.map_err(|error| quantity_error(&error, range))?;
    cursor.end()?;
    Ok(PlainCondition { comparison, bound })
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a text if it comes next, after blanks.
    fn take(&mut self, expected: &str) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// The letters, digits and dots that come next, after blanks; not taken yet.
    fn word(&mut self) -> &'a str {
        self.skip_blanks();
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_')
            .unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// Where the next thing stands, up to the next blank.
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

    fn error<T>(&self, range: Range<usize>, message: String, help: &'static str) -> Parsed<T> {
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
        self.error(range, message, help)
    }

    fn end(&mut self) -> Parsed<()> {
        self.skip_blanks();
        if self.rest().is_empty() {
            return Ok(());
        }
        let message = format!("`{}` is not part of a condition", self.rest().trim_end());
        let range = self.trimmed(self.at..self.text.len());
        self.error(
            range,
            message,
            "behind the bound only `for 5m` or `for 99%` may follow; several conditions are a list",
        )
    }

    fn reducer(&mut self) -> Parsed<Option<Reducer>> {
        let word = self.word();
        let range = self.at..self.at + word.len();
        let reducer = match word {
            "" => return Ok(None),
            "last" => Reducer::Last,
            "mean" => Reducer::Mean,
            "median" => Reducer::Median,
            "min" => Reducer::Min,
            "max" => Reducer::Max,
            _ => match percentile(word) {
                Some(rank) => Reducer::Percentile(rank),
                None => {
                    let message = format!("`{word}` is not a reducer");
                    return self.error(
                        range,
                        message,
                        "one of last, mean, median, min, max, or a quantile from p0 to p100 such as p95 or p99.9",
                    );
                }
            },
        };
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
                return self.error(range, message, "write it flatter");
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
        unit.quantity(&number, suffix, delta)
            .map_err(|error| quantity_error(&error, range.start..self.at))
    }

    /// The unit behind a number; `for` is none.
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
        if suffix.is_empty() || suffix == "for" {
            self.at = before;
            return "";
        }
        self.at += end;
        suffix
    }

    /// A number, not yet converted, and where it stands.
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
            Err(error) => self.error(range, error.to_string(), "such as `5`, `0.25` or `1e-3`"),
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
        if self.word() != "for" {
            return Ok(None);
        }
        self.at += "for".len();
        self.skip_blanks();
        let rest = self.rest().trim_end();
        let range = self.at..self.at + rest.len();
        let help = "such as `for 5m` or `for 99%`";
        let hold = if rest.ends_with('%') {
            Share::parse(rest)
                .map(Hold::Share)
                .map_err(|error| (ProblemCode::BadShare, error.to_string()))
        } else {
            duration(rest).map(Hold::For)
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

fn duration(text: &str) -> Result<Duration, (ProblemCode, String)> {
    let duration =
        Duration::parse(text).map_err(|error| (ProblemCode::BadDuration, error.to_string()))?;
    if duration == Duration::ZERO {
        let message = format!("`for {text}` asks for no time at all");
        return Err((ProblemCode::ZeroDuration, message));
    }
    Ok(duration)
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
    let digits = |from: usize| {
        let tail = text.get(from..).unwrap_or_default();
        from + tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len()
    };
    let byte = |at: usize| text.as_bytes().get(at).copied();
    let start = usize::from(byte(0) == Some(b'-'));
    let mut end = digits(start);
    if end == start && byte(end) != Some(b'.') {
        return 0;
    }
    if byte(end) == Some(b'.') {
        end = digits(end + 1);
    }
    if matches!(byte(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(byte(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finite(value: f64) -> Finite {
        Finite::new(value).expect("finite")
    }

    fn code(text: &str, unit: Unit) -> (&'static str, Range<usize>) {
        let error = parse(text, unit).expect_err(text);
        (error.code.word(), error.range)
    }

    #[test]
    fn conditions_of_the_format_are_read() {
        let condition = parse("p99.9 <= baseline + max(0.5pp, 20%)", Unit::Ratio).expect("valid");
        assert_eq!(condition.reducer, Some(Reducer::Percentile(finite(99.9))));
        assert_eq!(
            condition.bound,
            Bound::Above(Delta::Max(
                Box::new(Delta::Absolute(finite(0.005))),
                Box::new(Delta::Relative(finite(0.2)))
            ))
        );
        let condition = parse("<4h for 99%", Unit::Seconds).expect("valid");
        assert_eq!(condition.bound, Bound::Fixed(finite(14_400.0)));
        assert_eq!(
            condition.hold,
            Some(Hold::Share(Share::parse("99%").expect("share")))
        );
        let condition = parse(" >  5 %   for 10m ", Unit::Ratio).expect("valid");
        assert_eq!(condition.bound, Bound::Fixed(finite(0.05)));
        assert_eq!(condition.hold, Some(Hold::For(Duration::from_secs(600))));
        assert_eq!(
            parse("<=baseline*1.25", Unit::Seconds)
                .expect("valid")
                .bound,
            Bound::Times(finite(1.25))
        );
        assert_eq!(
            parse("< 0.5/min", Unit::PerSecond).expect("valid").bound,
            Bound::Fixed(finite(0.5 / 60.0))
        );
        assert_eq!(
            parse("< 200 for 5m", Unit::Milliseconds)
                .expect("valid")
                .bound,
            Bound::Fixed(finite(200.0))
        );
    }

    #[test]
    fn mistakes_are_named_where_they_stand() {
        let cases = [
            ("", Unit::None, "bad-condition", 0..0),
            ("p101 < 5", Unit::None, "bad-condition", 0..4),
            ("avg < 5", Unit::None, "bad-condition", 0..3),
            ("= 5", Unit::None, "bad-condition", 0..1),
            ("< five", Unit::None, "bad-condition", 2..6),
            ("< NaN", Unit::None, "non-finite-number", 2..5),
            ("> -Inf", Unit::None, "non-finite-number", 2..6),
            ("< 1e400", Unit::None, "non-finite-number", 2..7),
            ("< 5%", Unit::Count, "unit-mismatch", 2..4),
            ("< 1pp", Unit::Ratio, "unit-mismatch", 2..5),
            ("< 5 parsecs", Unit::Seconds, "bad-condition", 2..11),
            ("< 5 and > 3", Unit::None, "bad-condition", 2..7),
            ("< 5 for 0s", Unit::None, "zero-duration", 8..10),
            ("< 5 for 0%", Unit::None, "bad-share", 8..10),
            ("< 5 for 10", Unit::None, "bad-duration", 8..10),
            ("< 5 for", Unit::None, "bad-duration", 7..7),
            ("mean < 5 for 5m", Unit::None, "reducer-with-for", 9..15),
            ("< baseline + max(1, 2", Unit::None, "bad-condition", 21..21),
            ("< .5", Unit::None, "bad-condition", 2..4),
            ("< 5.", Unit::None, "bad-condition", 2..4),
        ];
        for (text, unit, word, range) in cases {
            assert_eq!(code(text, unit), (word, range), "{text}");
        }
    }

    #[test]
    fn a_guard_compares_with_a_bare_number() {
        let plain = parse_plain(">= 0.1").expect("valid");
        assert_eq!(plain.comparison, Comparison::GreaterOrEqual);
        assert_eq!(plain.bound, finite(0.1));
        for bad in [">= 10%", "mean > 1", "> 1 for 5m", "> baseline", "1"] {
            assert!(parse_plain(bad).is_err(), "{bad}");
        }
    }

    fn delta() -> impl Strategy<Value = (String, Delta)> {
        let leaf = prop_oneof![
            (0..1000_u32).prop_map(|n| (format!("{n}"), Delta::Absolute(finite(f64::from(n))))),
            (0..1000_u32).prop_map(|n| {
                let fraction = Decimal::parse(&n.to_string())
                    .expect("number")
                    .scaled(1, 1, -2);
                (format!("{n}%"), Delta::Relative(finite(fraction)))
            }),
        ];
        leaf.prop_recursive(3, 8, 2, |inner| {
            (inner.clone(), inner, any::<bool>()).prop_map(|((lt, l), (rt, r), larger)| {
                let (l, r) = (Box::new(l), Box::new(r));
                if larger {
                    (format!("max({lt}, {rt})"), Delta::Max(l, r))
                } else {
                    (format!("min({lt},{rt})"), Delta::Min(l, r))
                }
            })
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_is_read(
            (text, delta) in delta(),
            above in any::<bool>(),
            blank in prop_oneof!["", " ", "  "],
            comparison in 0..6_usize,
        ) {
            let comparisons = [
                Comparison::Less, Comparison::LessOrEqual, Comparison::Greater,
                Comparison::GreaterOrEqual, Comparison::Equal, Comparison::NotEqual,
            ];
            let comparison = comparisons[comparison];
            let sign = if above { "+" } else { "-" };
            let written = format!("{}{blank}baseline{blank}{sign}{blank}{text}", comparison.symbol());
            let read = parse(&written, Unit::None).expect("valid");
            let bound = if above { Bound::Above(delta) } else { Bound::Below(delta) };
            prop_assert_eq!(read.bound, bound);
            prop_assert_eq!(read.comparison, comparison);
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = parse(&text, Unit::Ratio);
            let _ = parse_plain(&text);
        }

        #[test]
        fn no_near_condition_panics_and_ranges_fit(text in "(p9|max|min|baseline|for|<=|>|\\(|\\)|,|%|pp|1|\\.|e|-|\\+|\\*| |é){0,12}") {
            if let Err(error) = parse(&text, Unit::Ratio) {
                prop_assert!(text.get(error.range).is_some());
            }
        }
    }
}
