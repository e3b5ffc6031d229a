//! What a KPI must satisfy, in its own unit (design 4.1). Must not parse text or compare values.

use std::num::NonZeroU32;

use crate::units::{Duration, Finite, Share};

/// A comparison with a bare number, as in a guard's `is`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlainCondition {
    /// How.
    pub comparison: Comparison,
    /// With what.
    pub bound: Finite,
}

impl PlainCondition {
    /// Whether it asks for more than nothing: of a guard over a whole window, a part in which it is above zero is then active.
    #[must_use]
    pub fn asks_for_activity(&self) -> bool {
        let asks_for_more = match self.comparison {
            Comparison::Greater | Comparison::GreaterOrEqual => true,
            Comparison::Less
            | Comparison::LessOrEqual
            | Comparison::Equal
            | Comparison::NotEqual => false,
        };
        asks_for_more && self.bound.get() >= 0.0
    }
}

/// What a KPI must satisfy (design 4.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// As written.
    pub text: String,
    /// Reduce the points to one value first.
    pub reducer: Option<Reducer>,
    /// How.
    pub comparison: Comparison,
    /// With what, in the KPI's unit.
    pub bound: Bound,
    /// For how long, for which share of the points, at how many of them, or over which look-backs.
    pub hold: Option<Hold>,
    /// How sure the comparison has to be; the reducer is then the one that is written, or the one that is meant.
    pub at: Option<Confidence>,
    /// Whether it speaks of the errors of a ratio, also where the KPI counts good events: its bound is in multiples of the error
    /// budget, or it is about the budget (R6, R7).
    pub of_errors: bool,
}

/// How sure a comparison has to be: `at 95%`, from 80 % to 99.9 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence {
    share: Share,
    error: Finite,
}

impl Confidence {
    /// Fewer pairs of points show nothing (C2).
    pub const LEAST_PAIRS: usize = 48;

    /// `None` for 100 %.
    #[must_use]
    pub fn new(share: Share) -> Option<Self> {
        let error = share.rest_of_one()?;
        Some(Self { share, error })
    }

    /// As written.
    #[must_use]
    pub fn share(self) -> Share {
        self.share
    }

    /// How often it may be wrong: 0.05 of 95 %.
    #[must_use]
    pub fn error(self) -> f64 {
        self.error.get()
    }
}

impl Condition {
    /// Whether it compares with a baseline.
    #[must_use]
    pub fn is_relative(&self) -> bool {
        !matches!(self.bound, Bound::Fixed(_))
    }

    /// Whether the value that a check finds is the limit at which its verdict would flip.
    #[must_use]
    pub fn compares_value_with_number(&self) -> bool {
        self.hold.is_none() && !self.is_relative()
    }

    /// What has to hold for the good state: in stop, the opposite of what is written.
    #[must_use]
    pub fn wanted(&self, in_stop: bool) -> Comparison {
        if in_stop {
            self.comparison.negated()
        } else {
            self.comparison
        }
    }
}

/// Points → one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reducer {
    /// The last measured point.
    Last,
    /// The arithmetic mean.
    Mean,
    /// The median: the 50 % quantile.
    Median,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// A quantile in percent: 0 to 100 (`p99.9` is 99.9).
    Percentile(Finite),
    /// Of a ratio: all errors (or good events) by all events (R3).
    Overall,
    /// Of a ratio with an objective: the share of the period's error budget that was used up (R7).
    Budget,
}

impl Reducer {
    /// Whether only a ratio of events has it.
    #[must_use]
    pub fn needs_events(self) -> bool {
        match self {
            Self::Overall | Self::Budget => true,
            Self::Last
            | Self::Mean
            | Self::Median
            | Self::Min
            | Self::Max
            | Self::Percentile(_) => false,
        }
    }

    /// As written in conditions: `mean`, `p99.9`.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Last => "last".to_owned(),
            Self::Mean => "mean".to_owned(),
            Self::Median => "median".to_owned(),
            Self::Min => "min".to_owned(),
            Self::Max => "max".to_owned(),
            Self::Percentile(percent) => format!("p{}", percent.get()),
            Self::Overall => "overall".to_owned(),
            Self::Budget => "budget".to_owned(),
        }
    }
}

/// How a value is compared with a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the operators themselves")]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Comparison {
    /// What holds exactly where this does not, NaN aside.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
        }
    }

    /// Whether it limits values from above.
    #[must_use]
    pub fn is_upper(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }

    /// The operator as written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }
}

/// The right-hand side of a comparison, in the KPI's unit.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// A number.
    Fixed(Finite),
    /// `baseline`.
    Baseline,
    /// `baseline + delta`.
    Above(Delta),
    /// `baseline - delta`.
    Below(Delta),
    /// `baseline * number`.
    Times(Finite),
}

/// A difference from the baseline.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// In the KPI's unit.
    Absolute(Finite),
    /// A fraction of the baseline's magnitude (`20%` is 0.2).
    Relative(Finite),
    /// The larger of two.
    Max(Box<Delta>, Box<Delta>),
    /// The smaller of two.
    Min(Box<Delta>, Box<Delta>),
}

/// For how long, for which share of the points, at how many of them, or over which look-backs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// `for 5m`.
    For(Duration),
    /// `for 99%`.
    Share(Share),
    /// `for 3 points`: of a stop, so many bad points of the judged span trip it, wherever they lie.
    Points(NonZeroU32),
    /// `but 3 points`: of what describes the good state, so many points of the judged span may be bad.
    But(NonZeroU32),
    /// `over 1h`, `over 1h and 5m`: of a ratio, its value in each look-back of that length (R5).
    Over(Duration, Option<Duration>),
}

impl Hold {
    /// As written: `for 5m`, `over 1h and 5m`.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::For(length) => format!("for {length}"),
            Self::Share(share) => format!("for {share}"),
            Self::Points(count) => format!("for {}", points(count)),
            Self::But(count) => format!("but {}", points(count)),
            Self::Over(first, None) => format!("over {first}"),
            Self::Over(first, Some(second)) => format!("over {first} and {second}"),
        }
    }

    /// The lengths of its look-backs, as written; none for the other forms.
    #[must_use]
    pub fn lookbacks(self) -> Vec<Duration> {
        match self {
            Self::Over(first, second) => std::iter::once(first).chain(second).collect(),
            Self::For(_) | Self::Share(_) | Self::Points(_) | Self::But(_) => Vec::new(),
        }
    }

    /// How many bad points decide, wherever they lie: one more than may be bad. `None` for the other forms.
    #[must_use]
    pub fn decisive_points(self) -> Option<usize> {
        let count = |count: NonZeroU32| usize::try_from(count.get()).unwrap_or(usize::MAX);
        match self {
            Self::Points(needed) => Some(count(needed)),
            Self::But(allowed) => Some(count(allowed).saturating_add(1)),
            Self::For(_) | Self::Share(_) | Self::Over(..) => None,
        }
    }
}

/// `1 point`, `3 points`.
fn points(count: NonZeroU32) -> String {
    let s = if count.get() == 1 { "" } else { "s" };
    format!("{count} point{s}")
}
