//! What a criterion was at many times. Data only.

use crate::assessment::{Code, Outcome};
use crate::units::{Duration, Instant};

/// A criterion at one time of many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgedAt {
    /// What a check says then.
    pub outcome: Outcome,
    /// Why, for programs.
    pub code: Code,
    /// What was compared, of the series that decided.
    pub value: Option<f64>,
    /// B12: the limit at which the verdict would flip, in the words of the plan: a value, or a difference from the baseline. `None`
    /// where nothing was measured, or no single number is the limit.
    pub critical: Option<f64>,
    /// The first time at which a check sees a stop trip, and of which series.
    pub trip: Option<FirstTrip>,
}

/// A stop that trips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstTrip {
    /// When a check sees it.
    pub at: Instant,
    /// Of which series, by its place among the names.
    pub series: usize,
}

/// A criterion at many times.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Swept {
    /// The series, by the value of `per`'s label.
    pub names: Vec<Option<String>>,
    /// One for each time.
    pub judged: Vec<JudgedAt>,
    /// Of each time whether the judge of a single check decided: then only what it found is known of other limits.
    pub alone: Vec<bool>,
    /// Where any limit is judged by one comparison.
    pub scale: Option<Scale>,
}

impl Swept {
    /// At how many times the judge of a single check decided.
    #[must_use]
    pub fn one_by_one(&self) -> usize {
        self.alone.iter().filter(|alone| **alone).count()
    }

    /// Whether nothing came at a time that any limit could be compared with: it is unknown at each.
    #[must_use]
    pub fn is_empty_at(&self, time: usize) -> bool {
        let is_one = !self.names.is_empty() && self.names.iter().all(Option::is_none);
        let found = self.judged.get(time);
        is_one
            && found.is_some_and(|found| {
                let is_unknown = found.outcome == Outcome::Unknown && found.code == Code::NoData;
                is_unknown && found.value.is_none() && found.trip.is_none()
            })
    }
}

/// What any limit is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// The limit that the plan has.
    pub now: f64,
    /// Whether higher values are worse.
    pub high: bool,
    /// Whether a value that equals the limit is good.
    pub strict: bool,
    /// Of a stop: when which level was held for as long as it takes.
    pub track: Option<Track>,
}

impl Scale {
    /// Whether a critical value is on the bad side of a limit.
    #[must_use]
    pub fn is_beyond(&self, critical: f64, limit: f64) -> bool {
        let is_worse = if self.high {
            critical > limit
        } else {
            critical < limit
        };
        is_worse || (!self.strict && critical == limit)
    }
}

/// The levels that were held, series by series, and the windows in which a stop looks at them.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// The first position.
    pub first: Instant,
    /// The interval between positions.
    pub step: Duration,
    /// How much later a check sees it.
    pub delay: Duration,
    /// By series: at each position the worst level that was held up to it; NaN where none was.
    pub held: Vec<Vec<f64>>,
    /// For each time: from which position to which a stop can trip; `None` where a single check decided.
    pub windows: Vec<Option<(usize, usize)>>,
    /// Whether a check is made at the end of a window alone: of moments.
    pub at_end: bool,
}

impl Track {
    /// When a check sees what was held up to a position.
    #[must_use]
    pub fn at(&self, position: usize) -> Instant {
        let steps = i64::try_from(position).unwrap_or(i64::MAX);
        let after = Duration::from_millis(steps.saturating_mul(self.step.millis()));
        self.first + after + self.delay
    }

    /// The position of a time at which a check was made; the first for an earlier time.
    #[must_use]
    pub fn position(&self, at: Instant) -> usize {
        let steps = self.first.until(at - self.delay).millis() / self.step.millis().max(1);
        usize::try_from(steps).unwrap_or_default()
    }
}
