//! Decimal numbers as written, converted exactly and rounded once. Must not pass through a float on the way.

use thiserror::Error;

/// More digits than this are refused: no threshold needs them, and conversion stays cheap.
const MAX_DIGITS: usize = 64;
/// Larger exponents are refused: they overflow every f64.
const MAX_EXPONENT: i32 = 400;
/// A decimal quotient carried to this many digits, with a sticky last one, rounds like the exact value:
/// no midpoint between two f64 has more than 767 significant digits.
const QUOTIENT_DIGITS: usize = 800;

/// `[-]digits[.digits][e[±]digits]`, kept as digits and a power of ten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i32,
}

/// Why a text is not a number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecimalError {
    /// Not of the form.
    #[error("`{0}` is not a number: expected digits such as `5`, `0.25` or `1e-3`")]
    Form(String),
    /// Too many digits or too large an exponent.
    #[error(
        "`{0}` is out of range: a number has at most 64 digits and an exponent of at most ±400"
    )]
    Size(String),
}

impl Decimal {
    /// Reads a whole text.
    ///
    /// # Errors
    /// Anything but `[-]digits[.digits][e[±]digits]`, over 64 digits, or an exponent beyond ±400.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let form = || DecimalError::Form(text.to_owned());
        let size = || DecimalError::Size(text.to_owned());
        let (negative, body) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = body.split_once(['e', 'E']).unwrap_or((body, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let is_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let power_digits = power.strip_prefix(['+', '-']).unwrap_or(power);
        if !is_digits(whole) || !is_digits(fraction) || !is_digits(power_digits) {
            return Err(form());
        }
        let fraction = if mantissa.contains('.') { fraction } else { "" };
        if whole.len() + fraction.len() > MAX_DIGITS {
            return Err(size());
        }
        let power: i32 = power.parse().map_err(|_| size())?;
        if power.abs() > MAX_EXPONENT {
            return Err(size());
        }
        let shift = i32::try_from(fraction.len()).map_err(|_| size())?;
        let digits = whole
            .bytes()
            .chain(fraction.bytes())
            .map(|byte| byte - b'0')
            .collect();
        Ok(Self {
            negative,
            digits,
            exponent: power - shift,
        })
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative && self.digits.iter().any(|digit| *digit != 0)
    }

    /// The f64 nearest to `self · numerator / denominator · 10^power`; infinite if that overflows.
    #[must_use]
    pub fn scaled(&self, numerator: u64, denominator: u64, power: i32) -> f64 {
        let product = multiply(&self.digits, numerator);
        let (quotient, extra) = divide(&product, denominator.max(1));
        let mut text = String::with_capacity(quotient.len() + 8);
        if self.negative {
            text.push('-');
        }
        text.extend(quotient.iter().map(|digit| char::from(digit + b'0')));
        text.push_str(&format!("e{}", self.exponent + power - extra));
        text.parse().unwrap_or(f64::NAN)
    }

    /// As `coefficient / 10^scale`, exactly; `None` if that needs more than 18 digits on either side.
    #[must_use]
    pub fn as_ratio(&self) -> Option<(u128, u32)> {
        let trailing = self
            .digits
            .iter()
            .rev()
            .take_while(|digit| **digit == 0)
            .count();
        let kept = self.digits.len() - trailing;
        let exponent = self.exponent + i32::try_from(trailing).ok()?;
        let mut coefficient: u128 = 0;
        for digit in self.digits.iter().take(kept) {
            coefficient = coefficient
                .checked_mul(10)?
                .checked_add(u128::from(*digit))?;
        }
        if coefficient == 0 {
            return Some((0, 0));
        }
        let limit = 10u128.pow(18);
        let (coefficient, scale) = if exponent >= 0 {
            (
                coefficient.checked_mul(10u128.checked_pow(exponent.unsigned_abs())?)?,
                0,
            )
        } else {
            (coefficient, exponent.unsigned_abs())
        };
        (coefficient <= limit && scale <= 18).then_some((coefficient, scale))
    }
}

/// Schoolbook multiplication of decimal digits, most significant first.
fn multiply(digits: &[u8], factor: u64) -> Vec<u8> {
    let mut reversed = Vec::with_capacity(digits.len() + 20);
    let mut carry: u128 = 0;
    for digit in digits.iter().rev() {
        carry += u128::from(*digit) * u128::from(factor);
        reversed.push(low_digit(carry));
        carry /= 10;
    }
    while carry > 0 {
        reversed.push(low_digit(carry));
        carry /= 10;
    }
    reversed.reverse();
    reversed
}

/// Long division; returns the digits and how many of them are after the point.
/// A remainder after the last digit becomes a final 1 (sticky), so that rounding stays right.
fn divide(digits: &[u8], divisor: u64) -> (Vec<u8>, i32) {
    let divisor = u128::from(divisor);
    let mut quotient = Vec::with_capacity(digits.len());
    let mut remainder: u128 = 0;
    for digit in digits {
        remainder = remainder * 10 + u128::from(*digit);
        quotient.push(low_digit(remainder / divisor));
        remainder %= divisor;
    }
    let mut extra = 0;
    while remainder > 0 && quotient.len() < QUOTIENT_DIGITS {
        remainder *= 10;
        quotient.push(low_digit(remainder / divisor));
        remainder %= divisor;
        extra += 1;
    }
    if remainder > 0 {
        quotient.push(1);
        extra += 1;
    }
    (quotient, extra)
}

/// The last decimal digit.
fn low_digit(value: u128) -> u8 {
    u8::try_from(value % 10).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(text: &str, numerator: u64, denominator: u64, power: i32) -> f64 {
        Decimal::parse(text)
            .expect(text)
            .scaled(numerator, denominator, power)
    }

    #[test]
    fn conversion_rounds_once() {
        // 0.07 / 100 in floats is 0.0007000000000000001.
        assert_eq!(scaled("0.07", 1, 1, -2).to_bits(), 0.0007_f64.to_bits());
        assert_eq!(scaled("200", 1, 1, -3).to_bits(), 0.2_f64.to_bits());
        assert_eq!(
            scaled("0.5", 1, 60, 0).to_bits(),
            (0.5_f64 / 60.0).to_bits()
        );
        assert_eq!(scaled("1.1", 3600, 1, 0).to_bits(), 3960.0_f64.to_bits());
        assert_eq!(scaled("-2.5e2", 1, 1, 0).to_bits(), (-250.0_f64).to_bits());
    }

    #[test]
    fn only_numbers_of_the_grammar_are_numbers() {
        for bad in [
            "", "-", ".5", "5.", "1e", "+1", "0x1f", "1_000", "NaN", "inf", "1e5.5", "١",
        ] {
            assert!(Decimal::parse(bad).is_err(), "{bad}");
        }
        assert!(matches!(
            Decimal::parse("1e9999"),
            Err(DecimalError::Size(_))
        ));
    }

    #[test]
    fn ratios_are_exact() {
        assert_eq!(
            Decimal::parse("99.9").expect("number").as_ratio(),
            Some((999, 1))
        );
        assert_eq!(
            Decimal::parse("90.00").expect("number").as_ratio(),
            Some((90, 0))
        );
        assert_eq!(
            Decimal::parse("1e2").expect("number").as_ratio(),
            Some((100, 0))
        );
    }

    proptest::proptest! {
        #[test]
        fn an_unscaled_decimal_is_what_rust_reads(text in "-?[0-9]{1,20}(\\.[0-9]{1,20})?(e-?[0-9]{1,2})?") {
            let expected: f64 = text.parse().expect("a float");
            proptest::prop_assert_eq!(scaled(&text, 1, 1, 0).to_bits(), expected.to_bits());
        }
    }
}
