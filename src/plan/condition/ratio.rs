//! What conditions on a ratio of events say besides (R5 to R7): `overall`, `budget`, multiples of the error budget, look-backs.
//!
//! Must not know the rest of the grammar.

use std::ops::Range;

use super::{ConditionError, Cursor, Parsed, duration, quantity_error};
use crate::plan::problem::ProblemCode;
use crate::plan::{Bound, Hold, Ratio};
use crate::units::{Decimal, Duration, Finite, QuantityError, Unit};

const AS_RATIO: &str = "write the KPI as `ratio: { errors: …, total: … }`";

impl<'a> Cursor<'a> {
    /// What only a ratio of events has.
    pub(super) fn needs_ratio(&self, word: &str, range: Range<usize>) -> Parsed<&'a Ratio> {
        self.ratio.ok_or_else(|| ConditionError {
            code: ProblemCode::NeedsRatio,
            range,
            message: format!("`{word}` counts events, and this KPI is not a ratio of events"),
            help: Some(AS_RATIO),
        })
    }

    /// What is left for errors, as digits and a power of ten of one.
    pub(super) fn budget(&self, word: &str, range: Range<usize>) -> Parsed<(u64, i32)> {
        let objective = self.needs_ratio(word, range.clone())?.objective;
        let rest = objective.and_then(|objective| objective.share.rest());
        rest.ok_or_else(|| ConditionError {
            code: ProblemCode::NoObjective,
            range,
            message: format!("`{word}` needs the KPI's `objective`, which leaves an error budget"),
            help: Some("add `objective: 99.9%`, and the `period` that it is for (30d if omitted)"),
        })
    }

    /// The bound of `budget`: a percentage of it.
    pub(super) fn share_of_budget(&mut self, unit: Unit) -> Parsed<Bound> {
        let start = self.at;
        let number = (self.word() != "baseline").then(|| self.number());
        if let Some((number, _)) = number.transpose()?
            && self.take("%")
        {
            let power = if unit == Unit::Percent { 0 } else { -2 };
            let share = Finite::new(number.scaled(1, 1, power)).ok_or(QuantityError::Overflow);
            let range = self.trimmed(start..self.at);
            return share
                .map(Bound::Fixed)
                .map_err(|error| quantity_error(&error, range));
        }
        Err(ConditionError {
            code: ProblemCode::UnitMismatch,
            range: self.trimmed(start..self.text.len()),
            message: "`budget` is a share of the error budget".to_owned(),
            help: Some("write a percentage, such as `budget < 2%`"),
        })
    }

    /// So many times the error budget (R6).
    pub(super) fn multiple(
        &mut self,
        number: &Decimal,
        unit: Unit,
        range: Range<usize>,
    ) -> Parsed<Finite> {
        let (digits, power) = self.budget("x", range.clone())?;
        self.of_errors = true;
        let power = if unit == Unit::Percent {
            power + 2
        } else {
            power
        };
        let value = Finite::new(number.scaled(digits, 1, power)).ok_or(QuantityError::Overflow);
        value.map_err(|error| quantity_error(&error, range))
    }

    /// `over D [and D]`.
    pub(super) fn over(&mut self) -> Parsed<Hold> {
        let start = self.at;
        self.at += "over".len();
        self.needs_ratio("over", start..self.at)?;
        let first = self.lookback()?;
        if self.word() != "and" {
            return Ok(Hold::Over(first, None));
        }
        self.at += "and".len();
        let second = self.lookback()?;
        if second == first {
            let range = self.trimmed(start..self.at);
            let message = format!("`over {first} and {second}` names the same length twice");
            return Self::error(range, message, "such as `over 1h and 5m`");
        }
        Ok(Hold::Over(first, Some(second)))
    }

    /// The length of a look-back.
    pub(super) fn lookback(&mut self) -> Parsed<Duration> {
        let help = "such as `over 1h` or `over 1h and 5m`";
        let word = self.word();
        let range = self.at..self.at + word.len();
        if word.is_empty() {
            return self.unexpected("a duration", help);
        }
        let length = duration("over", word);
        length
            .inspect(|_| self.at = range.end)
            .map_err(|(code, message)| ConditionError {
                code,
                range,
                message,
                help: Some(help),
            })
    }
}
