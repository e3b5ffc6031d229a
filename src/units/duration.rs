//! Lengths of time, written as Prometheus writes them. Must not take a number without its unit.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// The units, longest first, in milliseconds (a year has 365 days, as in Prometheus).
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];
/// A century: anything longer is a typo, and sums of a few stay far from overflow.
const MAX_MILLIS: i64 = 100 * 365 * 86_400_000;

/// A length of time in whole milliseconds, from 0 to 100 years when parsed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DurationError {
    /// A number without a unit.
    #[error("`{0}` has no unit: write `{0}s`, `{0}m`, `{0}h` or `{0}d`")]
    NoUnit(String),
    /// Not of the form.
    #[error(
        "`{0}` is not a duration: expected one such as `15s`, `5m`, `2h`, `1h30m`, `3d` or `1w`, units from long to short, each once"
    )]
    Form(String),
    /// Longer than a century.
    #[error("`{0}` is longer than 100 years")]
    TooLong(String),
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * 1000)
    }

    /// In milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// In seconds.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "durations are far below 2^53 ms"
    )]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// For the standard library; zero if negative.
    #[must_use]
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }

    /// Twice as long.
    #[must_use]
    pub const fn doubled(self) -> Self {
        Self(self.0 * 2)
    }

    /// Reads a whole text such as `1h30m`; `0` needs no unit.
    ///
    /// # Errors
    /// Units that are unknown, repeated or not from long to short, fractions, signs, over 100 years.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        if text == "0" {
            return Ok(Self::ZERO);
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DurationError::NoUnit(text.to_owned()));
        }
        let form = || DurationError::Form(text.to_owned());
        let too_long = || DurationError::TooLong(text.to_owned());
        let (mut rest, mut units, mut total) = (text, UNITS.as_slice(), 0_i64);
        if rest.is_empty() {
            return Err(form());
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, behind) = rest.split_at(digits);
            let letters = behind.len()
                - behind
                    .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                    .len();
            let (name, after) = behind.split_at(letters);
            let position = units
                .iter()
                .position(|(unit, _)| *unit == name)
                .ok_or_else(form)?;
            let (found, later) = units.split_at(position + 1);
            let factor = found.last().map_or(0, |(_, factor)| *factor);
            if number.is_empty() {
                return Err(form());
            }
            let part = number
                .parse::<i64>()
                .ok()
                .and_then(|n| n.checked_mul(factor))
                .ok_or_else(too_long)?;
            total = total
                .checked_add(part)
                .filter(|sum| *sum <= MAX_MILLIS)
                .ok_or_else(too_long)?;
            (rest, units) = (after, later);
        }
        Ok(Self(total))
    }
}

/// A number of seconds, milliseconds behind the point.
impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            serializer.serialize_i64(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.seconds())
        }
    }
}

impl<'de> Deserialize<'de> for Duration {
    #[expect(clippy::cast_possible_truncation, reason = "bounded before")]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let millis = (f64::deserialize(deserializer)? * 1000.0).round();
        if millis.abs() < 1e16 {
            Ok(Self(millis as i64))
        } else {
            Err(serde::de::Error::custom("not a length of time"))
        }
    }
}

impl std::ops::Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Duration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Days and shorter, no weeks or years: `47h59m` is `1d23h59m`, as people read it.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        // Two days read better as 48h: people give windows in hours.
        let days_from = 3 * 86_400_000;
        for (name, factor) in UNITS.iter().skip(2) {
            let factor = factor.unsigned_abs();
            if *name == "d" && self.0.unsigned_abs() < days_from {
                continue;
            }
            if rest >= factor {
                write!(f, "{}{name}", rest / factor)?;
                rest %= factor;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_prometheus_reads_them() {
        let cases = [
            ("15s", 15_000),
            ("1h30m", 5_400_000),
            ("3d", 259_200_000),
            ("1w", 604_800_000),
            ("250ms", 250),
            ("1y", 31_536_000_000),
            ("0", 0),
            ("0s", 0),
        ];
        for (text, millis) in cases {
            assert_eq!(Duration::parse(text), Ok(Duration(millis)), "{text}");
        }
    }

    #[test]
    fn what_prometheus_refuses_is_refused() {
        for bad in [
            "", "m", "1.5h", "30m1h", "1d1d", "1h 30m", "-5m", "5min", "5M", "1h30",
        ] {
            assert!(
                matches!(Duration::parse(bad), Err(DurationError::Form(_))),
                "{bad}"
            );
        }
        assert_eq!(
            Duration::parse("30"),
            Err(DurationError::NoUnit("30".into()))
        );
        assert!(matches!(
            Duration::parse("99999999999999999999s"),
            Err(DurationError::TooLong(_))
        ));
        assert!(matches!(
            Duration::parse("101y"),
            Err(DurationError::TooLong(_))
        ));
    }

    #[test]
    fn durations_print_short() {
        let cases = [
            (48 * 3_600_000, "48h"),
            (72 * 3_600_000, "3d"),
            (5_400_000, "1h30m"),
            (90_061_000, "25h1m1s"),
            (0, "0s"),
            (1500, "1s500ms"),
        ];
        for (millis, text) in cases {
            assert_eq!(Duration(millis).to_string(), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn printing_and_reading_agree(millis in 0..MAX_MILLIS) {
            proptest::prop_assert_eq!(Duration::parse(&Duration(millis).to_string()), Ok(Duration(millis)));
        }
        #[test]
        fn no_text_panics(text in ".{0,12}") {
            let _ = Duration::parse(&text);
        }
    }
}
