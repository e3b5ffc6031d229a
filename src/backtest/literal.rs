//! A limit as the plan writes it, and another one in its place. Must not choose one.

use super::why_not::WhyNot;
use crate::plan::{Bound, Condition, Delta};
use crate::units::{Decimal, Finite, Unit};

/// The number of a condition's limit, where it is a single one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal {
    text: String,
    /// Where it stands in the text.
    place: std::ops::Range<usize>,
    /// `%`, `ms`.
    suffix: String,
    /// What one of it is in the KPI's unit, or of a share of the baseline.
    size: f64,
    bound: Bound,
    unit: Unit,
}

impl Literal {
    /// Of a condition; `None` where its limit is no single number, or not one of the KPI's values.
    pub fn of(condition: &Condition, unit: Unit) -> Option<Self> {
        if WhyNot::of_limit(condition).is_some() {
            return None;
        }
        let text = condition.text.clone();
        let ends = [" for ", " but ", " over "].map(|word| text.find(word));
        let end = ends.into_iter().flatten().min().unwrap_or(text.len());
        let limit = text.get(..end)?.trim_end();
        let is_part = |letter: char| {
            letter.is_ascii_alphanumeric() || matches!(letter, '.' | '%' | '/' | '_' | '-' | '+')
        };
        let start = limit
            .rfind(|letter| !is_part(letter))
            .map_or(0, |place| place + 1);
        let token = limit.get(start..)?;
        let sign = token.len() - token.trim_start_matches(['+', '-', '=', '<', '>']).len();
        let (start, token) = (start + sign, token.get(sign..)?);
        let digits =
            token.find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | '_')));
        let (_, suffix) = token.split_at(digits.unwrap_or(token.len()));
        let size = amount("1", &condition.bound, suffix, unit)?;
        Some(Self {
            place: start..start + token.len(),
            suffix: suffix.to_owned(),
            size,
            bound: condition.bound.clone(),
            unit,
            text,
        })
    }

    /// A limit rounded away from what is good, to two digits: up if higher values are worse. `exact` says whether the limit
    /// itself will do.
    pub fn rounded(&self, limit: f64, high: bool, exact: bool) -> Rounded {
        self.rounded_to(limit, 2, (high, exact))
    }

    /// The same to so many digits.
    pub fn rounded_to(&self, limit: f64, digits: i32, (high, exact): (bool, bool)) -> Rounded {
        let number = limit / self.size;
        let (mut coefficient, exponent) = few_digits(number, digits, high);
        let is_same = |coefficient: i64| self.value(coefficient, exponent) == limit;
        let is_short = |coefficient: i64| {
            let value = self.value(coefficient, exponent);
            if high { value < limit } else { value > limit }
        };
        let step = if high { 1 } else { -1 };
        while is_short(coefficient) || (!exact && is_same(coefficient)) {
            coefficient += step;
        }
        Rounded {
            coefficient,
            exponent,
            value: self.value(coefficient, exponent),
        }
    }

    /// The next tighter one with as many digits.
    pub fn tighter(&self, rounded: &Rounded, high: bool) -> Rounded {
        let step = if high { -1 } else { 1 };
        let coefficient = rounded.coefficient + step;
        Rounded {
            coefficient,
            value: self.value(coefficient, rounded.exponent),
            ..*rounded
        }
    }

    /// What the plan would read there, to the bit.
    fn value(&self, coefficient: i64, exponent: i32) -> f64 {
        let number = decimal(coefficient, exponent);
        amount(&number, &self.bound, &self.suffix, self.unit).unwrap_or(f64::NAN)
    }

    /// The condition with another limit.
    pub fn with(&self, rounded: &Rounded) -> String {
        let mut text = self.text.clone();
        text.replace_range(self.place.clone(), &self.written(rounded));
        text
    }

    /// A limit as the plan would write it.
    pub fn written(&self, rounded: &Rounded) -> String {
        let number = decimal(rounded.coefficient, rounded.exponent);
        format!("{number}{}", self.suffix)
    }

    /// The limit that the plan has, as it is written.
    pub fn own(&self) -> &str {
        self.text.get(self.place.clone()).unwrap_or_default()
    }

    /// A limit, in the words of the plan.
    pub fn show(&self, limit: f64) -> String {
        format!(
            "{}{}",
            crate::units::show_number(limit / self.size, 3),
            self.suffix
        )
    }
}

/// A number of few digits: `coefficient · 10^exponent` of a literal's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rounded {
    coefficient: i64,
    exponent: i32,
    /// In the words of the limit.
    pub value: f64,
}

/// A few digits of a number, rounded up or down, and their power of ten.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a few digits and a power of ten"
)]
fn few_digits(number: f64, digits: i32, up: bool) -> (i64, i32) {
    if number == 0.0 || !number.is_finite() {
        return (0, -1);
    }
    let exponent = number.abs().log10().floor() as i32 + 1 - digits;
    let scaled = number / 10_f64.powi(exponent);
    // 56.00000000000001 is 56: the division rounds.
    let nearest = scaled.round();
    if (scaled - nearest).abs() < 1e-9 {
        return (nearest as i64, exponent);
    }
    let rounded = if up { scaled.ceil() } else { scaled.floor() };
    (rounded as i64, exponent)
}

/// Written out, without needless zeros.
fn decimal(coefficient: i64, exponent: i32) -> String {
    let sign = if coefficient < 0 { "-" } else { "" };
    let digits = coefficient.unsigned_abs().to_string();
    if exponent >= 0 {
        let zeros = usize::try_from(exponent).unwrap_or(0);
        let zeros = if coefficient == 0 { 0 } else { zeros };
        return format!("{sign}{digits}{}", "0".repeat(zeros));
    }
    let decimals = usize::try_from(-exponent).unwrap_or(0);
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// What a number of a limit is, in the KPI's unit, or of a share of the baseline.
fn amount(number: &str, bound: &Bound, suffix: &str, unit: Unit) -> Option<f64> {
    let number = Decimal::parse(number).ok()?;
    let of = |delta| unit.quantity(&number, suffix, delta).ok().map(Finite::get);
    match bound {
        Bound::Fixed(_) => of(false),
        Bound::Times(_) => suffix.is_empty().then(|| number.scaled(1, 1, 0)),
        Bound::Above(delta) | Bound::Below(delta) => match delta {
            Delta::Absolute(_) => of(true),
            Delta::Relative(_) => (suffix == "%").then(|| number.scaled(1, 1, -2)),
            Delta::Max(..) | Delta::Min(..) => None,
        },
        Bound::Baseline => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Comparison, Hold};
    use crate::units::Duration;

    fn literal(text: &str, bound: Bound, unit: Unit) -> Literal {
        let condition = Condition {
            text: text.to_owned(),
            reducer: None,
            comparison: Comparison::Greater,
            bound,
            hold: Some(Hold::For(Duration::from_secs(600))),
            at: None,
            of_errors: false,
        };
        Literal::of(&condition, unit).expect(text)
    }

    fn fixed(value: f64) -> Bound {
        Bound::Fixed(Finite::new(value).expect("finite"))
    }

    #[test]
    fn b14_limits_are_rounded_outwards_to_two_digits_in_the_plans_words() {
        let rate = literal("> 5% for 10m", fixed(0.05), Unit::Ratio);
        let shown = |limit| rate.with(&rate.rounded(limit, true, true));
        assert_eq!(shown(0.0551), "> 5.6% for 10m");
        assert_eq!(shown(0.056), "> 5.6% for 10m");
        assert_eq!(shown(0.1234), "> 13% for 10m");
        assert_eq!(shown(0.000_991), "> 0.1% for 10m");
        let next = rate.with(&rate.rounded(0.056, true, false));
        assert_eq!(next, "> 5.7% for 10m");
        let low = rate.with(&rate.rounded(0.0551, false, true));
        assert_eq!(low, "> 5.5% for 10m");
        let wait = literal("p95 < 800ms", fixed(0.8), Unit::Seconds);
        assert_eq!(wait.with(&wait.rounded(0.8341, true, true)), "p95 < 840ms");
        let below = Bound::Below(Delta::Relative(Finite::new(0.1).expect("finite")));
        let drop = literal("< baseline - 10% for 15m", below, Unit::Ratio);
        assert_eq!(
            drop.with(&drop.rounded(0.127, true, true)),
            "< baseline - 13% for 15m"
        );
        let plain = literal(">0.25", fixed(0.25), Unit::None);
        assert_eq!(plain.with(&plain.rounded(1234.0, true, true)), ">1300");
    }
}
