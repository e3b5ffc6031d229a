//! Of all series at one time, the one that decides, and the first that trips. Must not judge one.

use std::cmp::Ordering;

use super::flip::limit_in_words;
use super::kind::Ruled;
use crate::assessment::Outcome;
use crate::evaluate::kpi::bad::standing;
use crate::evaluate::swept::{FirstTrip, JudgedAt, Scale, Track};
use crate::kind::List;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Bound, Comparison};
use crate::units::Instant;

/// What is found of a series, and when it trips first.
pub(super) struct Found {
    pub ruled: Ruled,
    pub trip: Option<Instant>,
}

/// The series that decides so far, and the first that tripped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    pub standing: (u8, f64),
    pub judged: JudgedAt,
    /// Whether a series is bad whose critical value is not known: then nobody knows that of all.
    pub is_open: bool,
}

impl Best {
    /// Takes in one more series: of equals the first decides, and the first that trips.
    pub fn add(
        best: &mut Option<Self>,
        found: &Found,
        (ask, list): (&KpiAsk, List),
        limits: Option<&Scale>,
        series: usize,
    ) {
        let Found { ruled, trip } = found;
        let beside = ruled.value.zip(ruled.bound);
        let standing = standing(&ask.condition, list, (ruled.outcome, false), beside);
        let trip = trip.map(|at| FirstTrip { at, series });
        let is_bad = match ruled.outcome {
            Outcome::Unmet | Outcome::Tripped => true,
            Outcome::Unknown | Outcome::Met | Outcome::Clear => trip.is_some(),
        };
        let new = Self {
            is_open: is_bad && ruled.critical.is_none(),
            standing,
            judged: JudgedAt {
                outcome: ruled.outcome,
                code: ruled.code,
                value: ruled.value,
                critical: ruled.critical,
                trip,
            },
        };
        let Some(before) = best else {
            *best = Some(new);
            return;
        };
        let is_worse = new.standing.partial_cmp(&before.standing) == Some(Ordering::Greater);
        let first = [before.judged.trip, trip]
            .into_iter()
            .flatten()
            .min_by_key(|trip| trip.at);
        let is_open = before.is_open || new.is_open;
        let critical = worst_critical(before.judged.critical, ruled.critical, limits);
        if is_worse {
            *before = new;
        }
        before.is_open = is_open;
        before.judged.trip = first;
        before.judged.critical = critical.filter(|_| !is_open);
    }
}

/// The limit at which the verdict flips is that of the series that needs the loosest.
fn worst_critical(one: Option<f64>, other: Option<f64>, limits: Option<&Scale>) -> Option<f64> {
    let (Some(one), Some(other)) = (one, other) else {
        return one.or(other);
    };
    let limits = limits?;
    Some(if limits.high {
        one.max(other)
    } else {
        one.min(other)
    })
}

/// What any limit of a condition is compared with.
pub(super) fn scale_of(ask: &KpiAsk, list: Option<List>, track: Option<Track>) -> Option<Scale> {
    let (condition, list) = (&ask.condition, list?);
    let now = limit_in_words(&condition.bound)?;
    let (value, comparison) = (condition.comparison, condition.wanted(list == List::Stop));
    let strict = match value {
        Comparison::Less | Comparison::Greater => list == List::Stop,
        Comparison::LessOrEqual | Comparison::GreaterOrEqual => list != List::Stop,
        Comparison::Equal | Comparison::NotEqual => return None,
    };
    let below = matches!(condition.bound, Bound::Below(_));
    Some(Scale {
        now,
        high: comparison.is_upper() != below,
        strict,
        track,
    })
}
