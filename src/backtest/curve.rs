//! B12: what other limits would have done, from one pass. Must not suggest one.

use super::counted::{Counted, Counting, Period};
use super::literal::Literal;
use super::tried::{CriterionTried, Tried};
use super::why_not::WhyNot;
use crate::assessment::Outcome;
use crate::evaluate::Scale;
use crate::kind::List;

/// Limits, from tight to loose, and what each would have done.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// At most some sixty.
    pub points: Vec<CurvePoint>,
    /// Which of them is the plan's.
    pub now: usize,
}

/// A limit.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvePoint {
    /// As a value, or a share of the baseline.
    pub limit: f64,
    /// As the plan would write it.
    pub written: String,
    /// Distinct false stops; of an exit, quiet releases that fail.
    pub false_ones: usize,
    /// Incidents caught, and those that could have been.
    pub caught: (usize, usize),
}

/// The curve of a criterion.
///
/// # Errors
/// Where what other limits would have done is not known of each start that counts.
pub fn curve(
    (tried, counted): (&Tried, &Counted),
    criterion: &CriterionTried,
) -> Result<Curve, WhyNot> {
    if let Some(why) = criterion.why_not {
        return Err(why);
    }
    let scale = criterion.swept.scale.as_ref().ok_or(WhyNot::NoNumber)?;
    let literal = criterion.literal.as_ref().ok_or(WhyNot::NoNumber)?;
    let is_stop = criterion.list == List::Stop;
    if is_stop && scale.track.is_none() {
        return Err(criterion.without_track());
    }
    let mut counts = counted.periods.iter().enumerate();
    if !counts.all(|(time, period)| !is_counted(*period, is_stop) || criterion.is_known_at(time)) {
        return Err(WhyNot::OneByOne);
    }
    let limits = limits(criterion, scale, literal);
    let counting = Counting {
        tried,
        periods: &counted.periods,
        incidents: &counted.incidents,
    };
    let point = |(limit, written): (f64, String)| {
        if !is_stop {
            let judged = criterion.swept.judged.iter().zip(&counted.periods);
            let fails = judged.filter(|(judged, period)| {
                let beyond = judged
                    .critical
                    .is_some_and(|critical| scale.is_beyond(critical, limit));
                beyond && **period == Period::Quiet
            });
            return Some(CurvePoint {
                limit,
                written,
                false_ones: fails.count(),
                caught: (0, 0),
            });
        }
        let trips = criterion.trips_at(limit)?;
        Some(CurvePoint {
            limit,
            written,
            false_ones: counting.false_stops(&trips, criterion.lasts),
            caught: Counted::caught_of(&counting.caught(&trips, criterion.lasts)),
        })
    };
    let points: Option<Vec<CurvePoint>> = limits.into_iter().map(point).collect();
    let mut points = points.ok_or(WhyNot::OneByOne)?;
    if !scale.high {
        points.reverse();
    }
    let now = points.iter().position(|point| point.limit == scale.now);
    let now = now.ok_or(WhyNot::NoNumber)?;
    Ok(Curve { points, now })
}

/// Whether starts of a period are counted: quiet ones, and of stops those that meet an incident.
fn is_counted(period: Period, is_stop: bool) -> bool {
    match period {
        Period::Quiet => true,
        Period::Incident => is_stop,
        Period::After => false,
    }
}

impl CriterionTried {
    /// Whether it is known of a start what any limit would have done.
    fn is_known_at(&self, time: usize) -> bool {
        let swept = &self.swept;
        let Some(judged) = swept.judged.get(time) else {
            return false;
        };
        if swept.is_empty_at(time) {
            return true;
        }
        if self.list == List::Stop {
            let windows = swept.scale.as_ref().and_then(|scale| scale.track.as_ref());
            let window = windows.and_then(|track| track.windows.get(time).copied().flatten());
            return window.is_some();
        }
        // In passing, what has no critical value is unknown, or met, at any limit: too few points, or quiet throughout.
        let is_open = judged.outcome != Outcome::Unknown && judged.value.is_some();
        let is_alone = swept.alone.get(time).copied().unwrap_or(true);
        judged.critical.is_some() || !(is_alone || is_open)
    }

    /// Why it is not known when a stop would trip.
    fn without_track(&self) -> WhyNot {
        if self.is_on_points {
            WhyNot::OneByOne
        } else {
            WhyNot::GrowingStop
        }
    }
}

/// The plan's own, and some of those at which a verdict flips, rounded outwards to what people write, in order.
fn limits(criterion: &CriterionTried, scale: &Scale, literal: &Literal) -> Vec<(f64, String)> {
    const MOST: usize = 60;
    const DIGITS: i32 = 3;
    let criticals = criterion
        .swept
        .judged
        .iter()
        .filter_map(|judged| judged.critical);
    let mut all: Vec<f64> = criticals.filter(|critical| critical.is_finite()).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    let some: Vec<f64> = if all.len() > MOST {
        let place = |part: usize| part * (all.len() - 1) / (MOST - 1);
        (0..MOST)
            .filter_map(|part| all.get(place(part)).copied())
            .collect()
    } else {
        all
    };
    let written = some.into_iter().map(|critical| {
        let rounded = literal.rounded_to(critical, DIGITS, (scale.high, true));
        (rounded.value, literal.written(&rounded))
    });
    let own = (scale.now, literal.own().to_owned());
    let mut limits: Vec<(f64, String)> = std::iter::once(own).chain(written).collect();
    // The plan's own comes first among equals, and stays.
    limits.sort_by(|one, other| one.0.total_cmp(&other.0));
    limits.dedup_by(|later, earlier| later.0 == earlier.0);
    limits
}
