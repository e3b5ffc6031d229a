//! B12: what other limits would have done, from one pass. Must not suggest one.

use super::counted::{Counted, Counting, Period};
use super::literal::Literal;
use super::tried::{CriterionTried, Tried};
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

/// The curve of a criterion; `None` where its limit is no single number, or other limits need another pass.
#[must_use]
pub fn curve((tried, counted): (&Tried, &Counted), criterion: &CriterionTried) -> Option<Curve> {
    let scale = criterion.swept.scale.as_ref()?;
    let literal = criterion.literal.as_ref()?;
    let is_stop = criterion.list == List::Stop;
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
    let mut points: Vec<CurvePoint> = limits.into_iter().map(point).collect::<Option<_>>()?;
    if !scale.high {
        points.reverse();
    }
    let now = points.iter().position(|point| point.limit == scale.now)?;
    Some(Curve { points, now })
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
