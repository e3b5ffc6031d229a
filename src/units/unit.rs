//! What the values of a KPI are: converting thresholds into its unit, and printing values for people.
//! Must not print a value that contradicts its outcome.

use crate::kind::words;
use thiserror::Error;

use super::Decimal;

/// A finite 64-bit float: thresholds cannot be NaN or infinite.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Finite(f64);

impl Finite {
    /// `None` for NaN and infinities.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

words! {
    /// The unit of a KPI's values.
    #[derive(Default)]
    #[expect(missing_docs, reason = "the words of the plan format")]
    pub enum Unit: "unit" {
        Ratio = "ratio",
        Percent = "percent",
        Seconds = "seconds",
        Milliseconds = "milliseconds",
        Bytes = "bytes",
        Count = "count",
        PerSecond = "per_second",
        PerMinute = "per_minute",
        #[default]
        None = "none",
    }
}

/// Why a quantity cannot be compared with a KPI.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// Not a unit of the grammar.
    #[error("`{suffix}` is not a unit: expected one of % pp ms s m h d B KiB MiB GiB /s /min")]
    Unknown {
        /// As written.
        suffix: String,
    },
    /// A unit of another kind.
    #[error("`{suffix}` cannot be compared with a KPI in `{unit}`: write {accepted}")]
    Mismatch {
        /// As written.
        suffix: String,
        /// The KPI's unit.
        unit: &'static str,
        /// What is accepted.
        accepted: &'static str,
    },
    /// `pp` outside a delta.
    #[error(
        "`pp` (percentage points) is a difference from the baseline: write `baseline + 0.5pp`, or `%` for a fixed bound"
    )]
    PointsOutsideDelta,
    /// Too large for a 64-bit float.
    #[error("the number is too large for a 64-bit float")]
    Overflow,
}

impl Unit {
    /// What stands for all of it in this unit, and is the highest value: 1 or 100; `None` of what is no share.
    #[must_use]
    pub fn whole(self) -> Option<f64> {
        match self {
            Self::Ratio => Some(1.0),
            Self::Percent => Some(100.0),
            Self::Seconds
            | Self::Milliseconds
            | Self::Bytes
            | Self::Count
            | Self::PerSecond
            | Self::PerMinute
            | Self::None => None,
        }
    }

    /// Converts a quantity into this unit, exactly in decimal and rounded once.
    /// `delta` says whether it is a difference from a baseline, the only place for `pp`.
    ///
    /// # Errors
    /// Suffixes that are unknown or of another kind of unit; numbers beyond 64-bit floats.
    pub fn quantity(
        self,
        number: &Decimal,
        suffix: &str,
        delta: bool,
    ) -> Result<Finite, QuantityError> {
        let (numerator, denominator, power) = self.factor(suffix, delta)?;
        Finite::new(number.scaled(numerator, denominator, power)).ok_or(QuantityError::Overflow)
    }

    /// `(numerator, denominator, power of ten)` from a suffix to this unit.
    fn factor(self, suffix: &str, delta: bool) -> Result<(u64, u64, i32), QuantityError> {
        let mismatch = || QuantityError::Mismatch {
            suffix: suffix.to_owned(),
            unit: self.word(),
            accepted: self.accepted(),
        };
        match (suffix, self) {
            ("", _) => Ok((1, 1, 0)),
            ("pp", _) if !delta => Err(QuantityError::PointsOutsideDelta),
            ("%" | "pp", Self::Ratio) => Ok((1, 1, -2)),
            ("%" | "pp", Self::Percent) => Ok((1, 1, 0)),
            ("ms" | "s" | "m" | "h" | "d", Self::Seconds) => Ok(time_factor(suffix, -3)),
            ("ms" | "s" | "m" | "h" | "d", Self::Milliseconds) => Ok(time_factor(suffix, 0)),
            ("B", Self::Bytes) => Ok((1, 1, 0)),
            ("KiB", Self::Bytes) => Ok((1 << 10, 1, 0)),
            ("MiB", Self::Bytes) => Ok((1 << 20, 1, 0)),
            ("GiB", Self::Bytes) => Ok((1 << 30, 1, 0)),
            ("/s", Self::PerSecond) | ("/min", Self::PerMinute) => Ok((1, 1, 0)),
            ("/min", Self::PerSecond) => Ok((1, 60, 0)),
            ("/s", Self::PerMinute) => Ok((60, 1, 0)),
            (
                "%" | "pp" | "ms" | "s" | "m" | "h" | "d" | "B" | "KiB" | "MiB" | "GiB" | "/s"
                | "/min",
                _,
            ) => Err(mismatch()),
            _ => Err(QuantityError::Unknown {
                suffix: suffix.to_owned(),
            }),
        }
    }

    /// What thresholds in this unit may look like.
    fn accepted(self) -> &'static str {
        match self {
            Self::Ratio => "a bare ratio such as `0.01`, or `1%`",
            Self::Percent => "a bare percentage such as `1`, or `1%`",
            Self::Seconds => "a bare number of seconds, or `200ms`, `4h`",
            Self::Milliseconds => "a bare number of milliseconds, or `200ms`, `4h`",
            Self::Bytes => "a bare number of bytes, or `64MiB`",
            Self::PerSecond => "a bare number per second, or `30/s`, `0.5/min`",
            Self::PerMinute => "a bare number per minute, or `30/s`, `0.5/min`",
            Self::Count | Self::None => "a bare number, or give the KPI a `unit`",
        }
    }

    /// A value for people, at three significant digits: a ratio of 0.0042 is `0.42%`, 14 400 seconds are `4h`.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        self.show_digits(value, 3)
    }

    /// A value and a bound for people, with enough digits to show their order:
    /// a printed value never contradicts its outcome.
    #[must_use]
    pub fn show_beside(self, value: f64, bound: f64) -> (String, String) {
        for digits in 3..=17 {
            let shown = (
                self.show_digits(value, digits),
                self.show_digits(bound, digits),
            );
            // 999.9ms and 1s differ as texts at three digits, but read the same.
            let rounded = |number: f64| format!("{number:.*e}", digits - 1);
            let told_apart = shown.0 != shown.1 && rounded(value) != rounded(bound);
            if value == bound || told_apart {
                return shown;
            }
        }
        (format!("{value:?}"), format!("{bound:?}"))
    }

    /// The size of a difference for people, with enough digits to tell it from another: `0.31pp` of percentages.
    #[must_use]
    pub fn show_difference(self, size: f64, beside: f64) -> String {
        let (shown, _) = self.show_beside(size, beside);
        match shown.strip_suffix('%') {
            Some(number) => format!("{number}pp"),
            None => shown,
        }
    }

    fn show_digits(self, value: f64, digits: usize) -> String {
        if !value.is_finite() {
            return show_number(value, digits);
        }
        match self {
            Self::Ratio => format!("{}%", show_number(value * 100.0, digits)),
            Self::Percent => format!("{}%", show_number(value, digits)),
            Self::Seconds => show_seconds(value, digits),
            Self::Milliseconds => show_seconds(value / 1000.0, digits),
            Self::Bytes => show_bytes(value, digits),
            Self::PerSecond => format!("{}/s", show_number(value, digits)),
            Self::PerMinute => format!("{}/min", show_number(value, digits)),
            Self::Count | Self::None => show_number(value, digits),
        }
    }
}

/// Factor from a duration's suffix to `10^power` of a millisecond, as `(numerator, denominator, power)`.
fn time_factor(suffix: &str, power: i32) -> (u64, u64, i32) {
    match suffix {
        "ms" => (1, 1, power),
        "s" => (1, 1, power + 3),
        "m" => (60, 1, power + 3),
        "h" => (3_600, 1, power + 3),
        _ => (86_400, 1, power + 3),
    }
}

/// A number with so many significant digits, whole numbers in full, trailing zeros dropped.
#[must_use]
pub fn show_number(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let magnitude = value.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if !(1e-6..1e15).contains(&magnitude) {
        return format!("{value:.*e}", digits - 1);
    }
    #[expect(clippy::cast_possible_truncation, reason = "between -6 and 15")]
    let exponent = magnitude.log10().floor() as i32;
    let decimals = i32::try_from(digits).unwrap_or(17) - 1 - exponent;
    let text = format!("{value:.*}", usize::try_from(decimals.max(0)).unwrap_or(0));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A multiple for people, with enough digits to tell it from another: `1.04x`.
#[must_use]
pub fn show_times(value: f64, beside: f64) -> String {
    format!("{}x", Unit::None.show_beside(value, beside).0)
}

/// Below a second in milliseconds, below a minute in seconds, from there on as `1d2h3m4s`.
fn show_seconds(value: f64, digits: usize) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 {
        return "0s".to_owned();
    }
    if magnitude < 1.0 {
        return format!("{}ms", show_number(value * 1000.0, digits));
    }
    if !(60.0..=1e10).contains(&magnitude) {
        return format!("{}s", show_number(value, digits));
    }
    #[expect(clippy::cast_possible_truncation, reason = "between 1 and 10")]
    let whole_digits = magnitude.log10().floor() as i32 + 1;
    let decimals = usize::try_from(i32::try_from(digits).unwrap_or(17) - whole_digits).unwrap_or(0);
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}", compound(&format!("{magnitude:.decimals$}")))
}

/// `93784.5` (seconds) as `1d2h3m4.5s`.
fn compound(seconds: &str) -> String {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut rest: u64 = whole.parse().unwrap_or(0);
    let mut text = String::new();
    for (name, factor) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if rest >= factor && !(name == "d" && rest < 3 * factor) {
            text.push_str(&format!("{}{name}", rest / factor));
            rest %= factor;
        }
    }
    match (rest, fraction) {
        (0, "") => {}
        (rest, "") => text.push_str(&format!("{rest}s")),
        (rest, fraction) => text.push_str(&format!("{rest}.{fraction}s")),
    }
    text
}

fn show_bytes(value: f64, digits: usize) -> String {
    let magnitude = value.abs();
    for (name, factor) in [
        ("GiB", 1_073_741_824.0),
        ("MiB", 1_048_576.0),
        ("KiB", 1024.0),
    ] {
        if magnitude >= factor {
            return format!("{}{name}", show_number(value / factor, digits));
        }
    }
    format!("{}B", show_number(value, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(unit: Unit, number: &str, suffix: &str) -> Result<f64, QuantityError> {
        unit.quantity(&Decimal::parse(number).expect("number"), suffix, false)
            .map(Finite::get)
    }

    #[test]
    fn quantities_are_converted_to_the_unit_of_the_kpi() {
        let cases = [
            (Unit::Ratio, "1", "%", 0.01),
            (Unit::Ratio, "0.07", "%", 0.0007),
            (Unit::Percent, "1", "%", 1.0),
            (Unit::Seconds, "200", "ms", 0.2),
            (Unit::Seconds, "4", "h", 14_400.0),
            (Unit::Milliseconds, "0.25", "s", 250.0),
            (Unit::Bytes, "1.5", "KiB", 1536.0),
            (Unit::PerSecond, "0.5", "/min", 0.5 / 60.0),
            (Unit::PerMinute, "2", "/s", 120.0),
            (Unit::Count, "3", "", 3.0),
        ];
        for (unit, number, suffix, expected) in cases {
            assert_eq!(
                quantity(unit, number, suffix),
                Ok(expected),
                "{number}{suffix} in {unit:?}"
            );
        }
    }

    #[test]
    fn units_that_cannot_be_compared_are_errors() {
        for (unit, suffix) in [
            (Unit::Count, "%"),
            (Unit::None, "%"),
            (Unit::Count, "s"),
            (Unit::Ratio, "ms"),
            (Unit::Seconds, "%"),
            (Unit::Bytes, "/s"),
        ] {
            assert!(
                matches!(
                    quantity(unit, "1", suffix),
                    Err(QuantityError::Mismatch { .. })
                ),
                "{unit:?} {suffix}"
            );
        }
        assert!(matches!(
            quantity(Unit::Ratio, "1", "percent"),
            Err(QuantityError::Unknown { .. })
        ));
        assert_eq!(
            quantity(Unit::Ratio, "1", "pp"),
            Err(QuantityError::PointsOutsideDelta)
        );
        assert_eq!(
            quantity(Unit::None, "1e400", ""),
            Err(QuantityError::Overflow)
        );
    }

    #[test]
    fn values_are_printed_for_people() {
        let cases = [
            (Unit::Ratio, 0.0042, "0.42%"),
            (Unit::Ratio, 0.07, "7%"),
            (Unit::Seconds, 14_400.0, "4h"),
            (Unit::Seconds, 0.1234, "123ms"),
            (Unit::Seconds, 95.0, "1m35s"),
            (Unit::Seconds, 2.5, "2.5s"),
            (Unit::Milliseconds, 250.0, "250ms"),
            (Unit::Bytes, 1536.0, "1.5KiB"),
            (Unit::PerMinute, 0.4, "0.4/min"),
            (Unit::Count, 12345.0, "12345"),
            (Unit::None, f64::INFINITY, "+Inf"),
            (Unit::None, -0.0, "0"),
        ];
        for (unit, value, text) in cases {
            assert_eq!(unit.show(value), text, "{value} in {unit:?}");
        }
    }

    #[test]
    fn a_printed_value_never_contradicts_its_outcome() {
        let above = 0.010_000_1;
        assert_eq!(
            Unit::Ratio.show_beside(above, 0.01),
            ("1.00001%".to_owned(), "1%".to_owned())
        );
        assert_eq!(
            Unit::Seconds.show_beside(14_400.2, 14_400.0),
            ("4h0.2s".to_owned(), "4h".to_owned())
        );
        assert_eq!(
            Unit::None.show_beside(1.0, 1.0),
            ("1".to_owned(), "1".to_owned())
        );
    }

    proptest::proptest! {
        #[test]
        fn different_values_print_differently(value in -1e18..1e18_f64, bound in -1e18..1e18_f64, index in 0..9_usize) {
            let unit = Unit::ALL[index];
            for bound in [bound, f64::from_bits(value.to_bits() + 1)] {
                let (shown, limit) = unit.show_beside(value, bound);
                proptest::prop_assert_eq!(shown == limit, value == bound);
            }
        }
    }
}
