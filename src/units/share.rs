//! Shares of points, compared exactly. Must not compare through floats.

use std::fmt;

use thiserror::Error;

use super::{Decimal, DecimalError, Finite};

/// A share above 0 % and up to 100 %, exact: `coefficient / 10^scale` percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    coefficient: u128,
    scale: u32,
}

/// Why a text is not a share.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShareError {
    /// Not `N%`.
    #[error("`{0}` is not a share: write one such as `95%`")]
    Form(String),
    /// The number itself.
    #[error(transparent)]
    Number(#[from] DecimalError),
    /// Outside the range.
    #[error("`{0}` is out of range: a share is above 0% and at most 100%")]
    Range(String),
}

impl Share {
    /// 90 %, the default coverage (rule 4).
    pub const DEFAULT_COVERAGE: Self = Self {
        coefficient: 90,
        scale: 0,
    };

    /// 20 %, the default share of points that must not be quiet (rule 4).
    pub const DEFAULT_ACTIVE: Self = Self {
        coefficient: 20,
        scale: 0,
    };

    /// Reads `N%`.
    ///
    /// # Errors
    /// Another form, 0 %, over 100 %, more than 18 digits.
    pub fn parse(text: &str) -> Result<Self, ShareError> {
        let number = text
            .strip_suffix('%')
            .map(str::trim_end)
            .ok_or_else(|| ShareError::Form(text.to_owned()))?;
        let decimal = Decimal::parse(number)?;
        let range = || ShareError::Range(text.to_owned());
        let (coefficient, scale) = decimal.as_ratio().ok_or_else(range)?;
        let hundred = 100 * 10u128.pow(scale);
        if decimal.is_negative() || coefficient == 0 || coefficient > hundred {
            return Err(range());
        }
        Ok(Self { coefficient, scale })
    }

    /// What is left to 100 %, as digits and a power of ten of one: of 99.9 % it is `(1, -3)`. `None` where nothing is left, or
    /// it has more digits than fit.
    #[must_use]
    pub fn rest(self) -> Option<(u64, i32)> {
        let hundred = 100 * 10u128.pow(self.scale);
        let rest = u64::try_from(hundred.saturating_sub(self.coefficient)).ok()?;
        let power = -i32::try_from(self.scale).ok()? - 2;
        (rest > 0).then_some((rest, power))
    }

    /// What is left to 100 % as a fraction of one, rounded once.
    #[must_use]
    pub fn rest_of_one(self) -> Option<Finite> {
        let (digits, power) = self.rest()?;
        Finite::new(format!("{digits}e{power}").parse().ok()?)
    }

    /// Whether `part` of `whole` is at least this share: `part · 100 ≥ percent · whole`, without rounding.
    #[must_use]
    pub fn reached_by(self, part: usize, whole: usize) -> bool {
        let scale = 10u128.pow(self.scale);
        (part as u128) * 100 * scale >= self.coefficient * (whole as u128)
    }

    /// Whether this is less than another share.
    #[must_use]
    pub fn is_below(self, other: Self) -> bool {
        self.coefficient * 10u128.pow(other.scale) < other.coefficient * 10u128.pow(self.scale)
    }

    /// Whether this is a third or a sixth that was rounded up, so that as many points do not reach it: the part, the
    /// whole (3 or 6), and the largest share with as many digits that they do reach.
    #[must_use]
    pub fn rounded_up_from(self) -> Option<(u32, u32, Self)> {
        let hundred = 100 * 10u128.pow(self.scale);
        let candidates = [(1, 3), (2, 3), (1, 6), (5, 6)];
        candidates.into_iter().find_map(|(part, whole)| {
            let (exact, whole_parts) = (u128::from(part) * hundred, u128::from(whole));
            let rounded = (2 * exact + whole_parts) / (2 * whole_parts);
            // With decimals, nobody means anything else by the next share above it either.
            let above = exact / whole_parts + 1;
            let is_meant =
                rounded == self.coefficient || self.scale > 0 && above == self.coefficient;
            let is_above = is_meant && self.coefficient * whole_parts > exact;
            let below = Self {
                coefficient: self.coefficient.saturating_sub(1),
                ..self
            };
            is_above.then_some((part, whole, below))
        })
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!(
            "{:0>width$}",
            self.coefficient,
            width = self.scale as usize + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        if fraction.is_empty() {
            write!(f, "{whole}%")
        } else {
            write!(f, "{whole}.{fraction}%")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_4_coverage_is_compared_exactly() {
        let share = Share::parse("99.9%").expect("share");
        assert!(share.reached_by(999, 1000));
        assert!(!share.reached_by(998, 1000));
        assert!(Share::parse("33.3%").expect("share").reached_by(333, 1000));
        assert!(Share::DEFAULT_COVERAGE.reached_by(9, 10));
        assert!(!Share::DEFAULT_COVERAGE.reached_by(8, 9));
    }

    #[test]
    fn r6_what_is_left_is_exact() {
        for (share, rest) in [("99.9%", (1, -3)), ("99.95%", (5, -4)), ("50%", (50, -2))] {
            assert_eq!(Share::parse(share).expect("share").rest(), Some(rest));
        }
        assert_eq!(Share::parse("100%").expect("share").rest(), None);
    }

    #[test]
    fn shares_outside_the_range_are_refused() {
        for bad in ["0%", "-5%", "100.01%", "95", "%", "", "0.000%", "1e40%"] {
            assert!(Share::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Share::parse("99.90%").expect("share").to_string(), "99.9%");
        assert_eq!(Share::parse("0.05%").expect("share").to_string(), "0.05%");
        assert_eq!(Share::parse("100%").expect("share").to_string(), "100%");
    }
}
