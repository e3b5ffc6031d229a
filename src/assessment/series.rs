//! What was measured for a KPI, series by series. Data only.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Code, Outcome};
use crate::plan::{BaselineAs, Counted, Reducer};
use crate::samples::Labels;
use crate::units::{Duration, Instant, Share, Unit};

/// How the KPI of a criterion was queried and judged.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiAssessment {
    /// The query that was sent; of a ratio, the quotient of the two.
    pub query: String,
    /// Of a ratio of events, the two queries that were sent.
    pub ratio: Option<RatioSeen>,
    /// To which source.
    pub source: String,
    /// What showed the points of the span, where the query itself gives one number for all of it.
    pub companion: Option<CompanionSeen>,
    /// What the values are.
    pub unit: Unit,
    /// The reducer of the condition, if it has one.
    pub reducer: Option<Reducer>,
    /// What becomes of the baseline's points, if the condition compares with one.
    pub baseline_as: Option<BaselineAs>,
    /// The judged span: where it begins.
    pub start: Instant,
    /// The judged span: where it ends.
    pub end: Instant,
    /// The grid's step; `None` for an instant query.
    pub step: Option<Duration>,
    /// Each series, by label; the one that decided is marked.
    pub series: Vec<SeriesAssessment>,
    /// Position of the series that decided, if one did.
    pub decisive: Option<usize>,
}

impl KpiAssessment {
    /// What was measured of the series that decided, or of the only one: `4.1% (BER1)`.
    #[must_use]
    pub fn decisive_value(&self) -> Option<String> {
        let series = match (self.decisive, self.series.as_slice()) {
            (Some(position), series) => series.get(position)?,
            (None, [only]) => only,
            (None, _) => return None,
        };
        let value = self.unit.show(series.value?);
        Some(match &series.per {
            Some(per) => format!("{value} ({per})"),
            None => value,
        })
    }
}

/// The two queries of a ratio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatioSeen {
    /// What is counted beside all events.
    pub of: Counted,
    /// The query of those.
    pub part: String,
    /// The query of all events.
    pub total: String,
}

/// The query that showed the points behind a number for the whole span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanionSeen {
    /// As it was asked.
    pub query: String,
    /// The step of its points.
    pub step: Duration,
}

/// One series, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesAssessment {
    /// Its labels.
    pub labels: Labels,
    /// The value of `per`'s label, if the KPI has one.
    pub per: Option<String>,
    /// Its own outcome.
    pub outcome: Outcome,
    /// Why, for programs.
    pub code: Code,
    /// Why, for people.
    pub reason: String,
    /// What was compared: the reduced value, the instant value, or the worst measured point. `None` if nothing was measured.
    pub value: Option<f64>,
    /// Where that worst point lies; `None` if the value is a reduced one.
    pub value_at: Option<Instant>,
    /// What it was compared with, in the KPI's unit.
    pub bound: Option<f64>,
    /// The baseline's value from which the bound comes, if the condition has one.
    pub baseline: Option<f64>,
    /// If each point is compared with its own partner in the baseline: those of the measured points.
    pub partners: Option<Partners>,
    /// Whether value and bound are shares of the error budget, which no single point has.
    pub of_budget: bool,
    /// Of a ratio: the events at the measured points.
    pub events: Option<EventCount>,
    /// How many points there should be and how many were measured.
    pub points: PointCount,
    /// Of the measured points; `None` if there are none.
    pub summary: Option<Summary>,
    /// Stretches of points on the wrong side of the bound, oldest first, at most 20 (the longest).
    pub breaches: Vec<Breach>,
    /// Stretches without measured points, oldest first, at most 20 (the longest).
    pub gaps: Vec<Gap>,
    /// A stop that is on its way: the bad state lasts now, but not yet long enough to trip.
    pub approach: Option<Approach>,
    /// What the noise leaves of the difference, where the condition says `at P` and there is enough to estimate it.
    pub certainty: Option<Certainty>,
    /// At most 48 buckets of equal length over the span, each with its worst measured value; empty for an instant query.
    pub trend: Vec<Option<f64>>,
}

impl SeriesAssessment {
    /// Whether it is met so far, and only the window still runs.
    #[must_use]
    pub fn is_met_so_far(&self) -> bool {
        self.outcome == Outcome::Unknown && self.code == Code::WindowIncomplete
    }

    /// Whether it is that of a stop which is on its way.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        self.approach.is_some() && self.outcome != Outcome::Tripped
    }

    /// The bound that all its values are compared with; `None` if each has its own, or it is not known.
    #[must_use]
    pub fn common_bound(&self) -> Option<f64> {
        self.bound_of_points().filter(|_| self.partners.is_none())
    }

    /// The bound that the worst point is compared with; `None` if it is one of the budget, or not known.
    #[must_use]
    pub fn bound_of_points(&self) -> Option<f64> {
        self.bound.filter(|_| !self.of_budget)
    }

    /// The baseline from which that bound comes.
    #[must_use]
    pub fn common_baseline(&self) -> Option<f64> {
        self.baseline.filter(|_| self.partners.is_none())
    }
}

/// A difference with its noise (C2 to C10), in the KPI's unit; of values that are compared as a quotient (`+ 10%`), in multiples of
/// the control.
#[derive(Debug, Clone, PartialEq)]
pub struct Certainty {
    /// As the condition says.
    pub confidence: Share,
    /// The level that a bad outcome needs.
    pub level: f64,
    /// Points at which both canary and control were measured.
    pub pairs: usize,
    /// At most 12, oldest first.
    pub blocks: Vec<Block>,
    /// How it stands against the margin.
    pub estimate: f64,
    /// Where the estimate's interval begins, at the confidence to each side.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// What the estimate is compared with.
    pub margin: f64,
    /// What these are.
    pub measures: Measures,
    /// How much neighbouring blocks resemble each other, as far as it is counted.
    pub rho: f64,
    /// The standard error of the estimate, from its blocks.
    pub se: f64,
    /// The one that chance alone makes, of counts.
    pub se_chance: Option<f64>,
    /// How many of the first the estimate is beyond the margin; above 0 is bad.
    pub t: f64,
    /// How many of the second.
    pub z: Option<f64>,
    /// The events of the control, of counts.
    pub control_events: Option<EventCount>,
}

/// What an estimate is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measures {
    /// The canary itself, against a fixed limit.
    Value,
    /// Canary less control.
    Difference,
    /// Canary by control.
    Quotient,
    /// Canary less that many times the control.
    Beyond(f64),
}

/// A part of the judged span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// Its first point.
    pub start: Instant,
    /// Its last point.
    pub end: Instant,
    /// The canary: mean, median or ratio of the pairs in it.
    pub canary: f64,
    /// The control.
    pub control: Option<f64>,
    /// How much it counts.
    pub weight: f64,
    /// The canary's events, of counts.
    pub events: Option<EventCount>,
    /// The control's.
    pub control_events: Option<EventCount>,
}

/// How far the bad state of a stop has lasted, up to the newest measured point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approach {
    /// For how long so far.
    pub lasted: Duration,
    /// For how long it has to last.
    pub needed: Duration,
    /// Its newest point: nothing newer was measured.
    pub last_seen: Instant,
    /// When a check sees it trip if it goes on; `None` if nobody can say, since the newest point is older than a step, or that time
    /// has passed.
    pub trips_at: Option<Instant>,
}

impl Approach {
    /// What trips first comes first, and what has not been seen lately comes last.
    #[must_use]
    pub fn order(&self) -> (bool, Option<Instant>) {
        (self.trips_at.is_none(), self.trips_at)
    }
}

impl Approach {
    /// What it comes to, told at the time of the check or later: `trips at … if it goes on`.
    #[must_use]
    pub fn outcome_at(&self, now: Instant) -> String {
        match self.trips_at {
            Some(at) if at <= now => format!("has tripped since {at} if it went on"),
            Some(_) | None => self.outcome(),
        }
    }

    /// The same at the time of the check.
    #[must_use]
    pub fn outcome(&self) -> String {
        match self.trips_at {
            Some(at) => format!("trips at {at} if it goes on"),
            None => format!("was in its stop state when last seen at {}", self.last_seen),
        }
    }

    /// Whether a check of a later time may find it tripped.
    #[must_use]
    pub fn may_have_tripped(&self, now: Instant) -> bool {
        self.trips_at.is_some_and(|at| at <= now)
    }

    /// All of it, told at a later time than that of the check.
    #[must_use]
    pub fn told_at(&self, now: Instant) -> String {
        if !self.may_have_tripped(now) {
            return self.to_string();
        }
        let Self {
            lasted,
            needed,
            last_seen,
            ..
        } = self;
        let outcome = self.outcome_at(now);
        format!("in its stop state for {lasted} of {needed} at {last_seen}, {outcome}")
    }
}

impl fmt::Display for Approach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lasted,
            needed,
            last_seen,
            trips_at,
        } = self;
        write!(f, "in its stop state for {lasted} of {needed}, ")?;
        match trips_at {
            Some(at) => write!(f, "trips at {at} if it goes on"),
            None => write!(f, "last seen at {last_seen}; nothing was measured since"),
        }
    }
}

/// The baseline's points, each beside a measured one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Partners {
    /// Where the partner of the worst point lies.
    pub at: Instant,
    /// The arithmetic mean of all, in the KPI's unit.
    pub mean: f64,
}

/// Events of a ratio: rates times the time that they stand for, so that they need not be whole numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventCount {
    /// Those that went wrong.
    pub errors: f64,
    /// All of them.
    pub total: f64,
}

impl fmt::Display for EventCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |count: f64| Unit::Count.show(count);
        write!(
            f,
            "{} errors in {} events",
            show(self.errors),
            show(self.total)
        )
    }
}

/// Points on the grid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointCount {
    /// On the grid of the judged span.
    pub expected: usize,
    /// Measured.
    pub measured: usize,
    /// Quiet: the guard was measured there, and does not hold.
    pub quiet: usize,
}

/// Of the measured points, in the KPI's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The smallest.
    pub min: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The largest.
    pub max: f64,
    /// The newest.
    pub last: f64,
}

/// A stretch of points on the wrong side of the bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breach {
    /// Its first point.
    pub start: Instant,
    /// Its last point.
    pub end: Instant,
    /// Its worst value.
    pub worst: f64,
}

/// A stretch without measured points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Its first missing point.
    pub start: Instant,
    /// Its last missing point.
    pub end: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l3_a_time_that_has_passed_is_not_told_as_one_to_come() {
        let at = |seconds: i64| Instant::from_secs(1_795_183_200 + seconds);
        let near = Approach {
            lasted: Duration::from_secs(180),
            needed: Duration::from_secs(300),
            last_seen: at(0),
            trips_at: Some(at(120)),
        };
        assert_eq!(near.told_at(at(119)), near.to_string());
        assert!(!near.may_have_tripped(at(119)) && near.may_have_tripped(at(120)));
        assert_eq!(
            near.told_at(at(120)),
            "in its stop state for 3m of 5m at 2026-11-20T14:00:00Z, has tripped since 2026-11-20T14:02:00Z if it went on"
        );
        assert_eq!(
            near.outcome_at(at(0)),
            "trips at 2026-11-20T14:02:00Z if it goes on"
        );
    }
}
