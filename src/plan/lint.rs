//! The codes of what is found in queries and limits (M12, M13), and which findings a KPI can accept.
//!
//! Must not find anything, nor say what to do about it.

use crate::kind::words;

/// Whether a plan with this problem can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but probably does not say what was meant.
    Warning,
}

words! {
    /// What is wrong with a query, or with the text around it.
    pub enum Lint: "finding about a KPI" {
        /// A comparison that drops points of the KPI's value.
        QueryFilter = "query-filter",
        /// A value that exists although nothing is measured.
        NeverEmpty = "never-empty",
        /// A guard that is measured although nothing is.
        GuardNeverEmpty = "guard-never-empty",
        /// Values of other times than those that are judged.
        OtherTime = "other-time",
        /// A query without a metric.
        ConstantQuery = "constant-query",
        /// What another tool would have filled in.
        UnfilledPlaceholder = "unfilled-placeholder",
        /// An empty variable in a matcher.
        EmptyVariable = "empty-variable",
        /// A limit that the query's value cannot exceed.
        LimitAlwaysHolds = "limit-always-holds",
        /// A range or an offset that is not a duration.
        BadRange = "bad-range",
        /// Events of a range where those of a second are counted.
        RatioIncrease = "ratio-increase",
        /// A ratio in percent, or a percentage as a ratio.
        UnitFactor = "unit-factor",
        /// A metric whose name suggests another unit.
        UnitName = "unit-name",
        /// A variable in one query of a ratio alone.
        OneSidedVariable = "one-sided-variable",
        /// A limit that a ratio or a percentage cannot reach.
        BoundOutOfRange = "bound-out-of-range",
        /// A third or a sixth of the points, rounded up.
        PercentOfPoints = "percent-of-points",
        /// A share of errors that has to be high.
        LimitDirection = "limit-direction",
        /// `irate`, which sees two samples.
        Irate = "irate",
        /// A counter without a rate.
        RawCounter = "raw-counter",
        /// A `rate()` over less than twice the step.
        ShortRange = "short-range",
        /// A gauge that is sampled too rarely.
        BetweenPoints = "between-points",
        /// A `max_age` that cannot detect silence.
        AgeBelowLookback = "age-below-lookback",
        /// A guard that holds whatever is measured.
        GuardAlwaysHolds = "guard-always-holds",
        /// A coverage that requires hardly anything.
        LaxCoverage = "lax-coverage",
        /// A baseline that is part of what is judged.
        BaselineOverlap = "baseline-overlap",
        /// A cohort that does not list the KPI's series.
        CohortNotPer = "cohort-not-per",
    }

    /// What a KPI can accept: findings about the plan, and what a check finds.
    pub enum Accept: "code that can be accepted" {
        /// A ratio or a percentage outside its range.
        ImpossibleValue = "impossible-value",
        /// A baseline of another unit, query or length.
        BaselineDiffers = "baseline-differs",
        /// A captured baseline that is one number for a window whose points nobody sees.
        UnseenWindow = "unseen-window",
        ;
        /// A finding about the plan.
        Lint(Lint)
    }
}

impl Lint {
    /// Whether a plan with it can be judged.
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::QueryFilter
            | Self::NeverEmpty
            | Self::GuardNeverEmpty
            | Self::OtherTime
            | Self::ConstantQuery
            | Self::UnfilledPlaceholder
            | Self::EmptyVariable
            | Self::LimitAlwaysHolds
            | Self::BadRange
            | Self::RatioIncrease => Severity::Error,
            Self::UnitFactor
            | Self::UnitName
            | Self::OneSidedVariable
            | Self::BoundOutOfRange
            | Self::PercentOfPoints
            | Self::LimitDirection
            | Self::Irate
            | Self::RawCounter
            | Self::ShortRange
            | Self::BetweenPoints
            | Self::AgeBelowLookback
            | Self::GuardAlwaysHolds
            | Self::LaxCoverage
            | Self::BaselineOverlap
            | Self::CohortNotPer => Severity::Warning,
        }
    }
}
