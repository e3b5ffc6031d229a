//! Why nothing is known, or suggested, of other limits. Must not look for one.

use crate::plan::criteria::KpiAsk;
use crate::plan::{Bound, Comparison, Condition, Delta, Reducer};

/// Why nothing is known, or suggested, of other limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// `at 95%`.
    At,
    /// `budget`.
    Budget,
    /// `2x`: in multiples of the error budget.
    Multiple,
    /// The baseline itself, or two differences from it.
    NoNumber,
    /// `==`, `!=`.
    Equality,
    /// A stop on a share or a number of points, or on one value of all.
    GrowingStop,
    /// Nothing was measured.
    Unmeasured,
    /// Some starts were judged by themselves, with this limit alone.
    OneByOne,
    /// None keeps what is allowed.
    NoneKeeps,
}

impl WhyNot {
    /// Of a limit that is no number of its own in the plan's text.
    pub(super) fn of_limit(condition: &Condition) -> Option<Self> {
        if condition.at.is_some() {
            return Some(Self::At);
        }
        match condition.reducer {
            Some(Reducer::Budget) => return Some(Self::Budget),
            Some(
                Reducer::Last
                | Reducer::Mean
                | Reducer::Median
                | Reducer::Min
                | Reducer::Max
                | Reducer::Percentile(_)
                | Reducer::Overall,
            )
            | None => {}
        }
        if condition.of_errors {
            return Some(Self::Multiple);
        }
        match &condition.bound {
            Bound::Baseline
            | Bound::Above(Delta::Max(..) | Delta::Min(..))
            | Bound::Below(Delta::Max(..) | Delta::Min(..)) => Some(Self::NoNumber),
            Bound::Fixed(_)
            | Bound::Times(_)
            | Bound::Above(Delta::Absolute(_) | Delta::Relative(_))
            | Bound::Below(Delta::Absolute(_) | Delta::Relative(_)) => None,
        }
    }

    /// Of a condition, whatever was measured.
    pub(super) fn of(ask: &KpiAsk) -> Option<Self> {
        let condition = &ask.condition;
        if let Some(why) = Self::of_limit(condition) {
            return Some(why);
        }
        match condition.comparison {
            Comparison::Equal | Comparison::NotEqual => Some(Self::Equality),
            Comparison::Less
            | Comparison::LessOrEqual
            | Comparison::Greater
            | Comparison::GreaterOrEqual => None,
        }
    }

    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::At => {
                "with `at` the noise decides beside the value: what each start would need is no single number"
            }
            Self::Budget => "what each start would need is not known for conditions on `budget`",
            Self::Multiple => {
                "what each start would need is not known for multiples of the error budget (`2x`)"
            }
            Self::NoNumber => "its limit is no single number",
            Self::Equality => "with `==` and `!=` no limit is tighter than another",
            Self::GrowingStop => {
                "when a stop on a share, on a number of points or on one value would trip with another limit is not known"
            }
            Self::Unmeasured => "nothing was measured while it was quiet",
            Self::OneByOne => {
                "some starts were judged one by one, and what each of them would need is not known"
            }
            Self::NoneKeeps => "no limit keeps what is allowed",
        }
    }
}
