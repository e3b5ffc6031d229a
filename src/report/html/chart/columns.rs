//! From the points of a series to the columns of a chart: lowest, highest, mean, and what was not measured.
//! Must not lose a breach, a gap or an extreme.

use super::{Around, DrawnSeries, Extent, Missing, Times};
use crate::assessment::{CriterionAssessment, KpiAssessment, SeriesAssessment};
use crate::evaluate::{KpiSamples, Sampled};
use crate::report::measured::worst;
use crate::report::trend::Worst;
use crate::units::Duration;

/// Up to this many points are drawn individually; more are merged.
const MAX_POINTS: usize = 720;
/// Into this many columns, each with its lowest and its highest value.
const COLUMNS: usize = 360;

pub(super) fn sampled_times(samples: &KpiSamples, around: &Around) -> Times {
    let points = samples.grid.count();
    Times {
        first: samples.grid.first(),
        step: samples.grid.step(),
        points,
        columns: if points > MAX_POINTS { COLUMNS } else { points },
        settled: around.settled,
        started: around.started,
        until: around.until,
    }
}

/// The parts of the trend; `None` if the evidence has none.
pub(super) fn trend_times(kpi: &KpiAssessment, around: &Around) -> Option<Times> {
    let columns = kpi.series.iter().map(|series| series.trend.len()).max()?;
    let parts = i64::try_from(columns).ok().filter(|parts| *parts > 0)?;
    let length = kpi.start.until(kpi.end);
    Some(Times {
        first: kpi.start,
        step: Duration::from_millis((length.millis() / parts).max(1)),
        points: columns,
        columns,
        settled: around.settled,
        started: around.started,
        until: around.until,
    })
}

pub(super) fn sampled_line<'a>(
    series: &'a SeriesAssessment,
    points: &[Sampled],
    times: &Times,
) -> DrawnSeries<'a> {
    let columns = || {
        (0..times.columns).map(|column| {
            let (from, to) = times.positions(column);
            points.get(from..to).unwrap_or_default()
        })
    };
    DrawnSeries {
        series,
        extents: columns().map(extent).collect(),
        missing: columns().map(missing).collect(),
    }
}

/// The lowest, the highest and the mean of the measured points.
fn extent(points: &[Sampled]) -> Option<Extent> {
    let mut found: Option<Extent> = None;
    let mut count = 0.0;
    for point in points {
        let Some(value) = point.measured else {
            continue;
        };
        let so_far = found.get_or_insert(Extent {
            low: value,
            high: value,
            mean: 0.0,
            last: value,
            beyond: false,
        });
        count += 1.0;
        so_far.low = so_far.low.min(value);
        so_far.high = so_far.high.max(value);
        so_far.last = value;
        so_far.beyond |= point.beyond;
        // Halves, since the difference of two finite values may be infinite.
        so_far.mean += (value / 2.0 - so_far.mean / 2.0) / count * 2.0;
    }
    // Infinities of both signs have no mean; for a drawing the newest value will do.
    found.map(|extent| Extent {
        mean: if extent.mean.is_nan() {
            extent.last
        } else {
            extent.mean
        },
        ..extent
    })
}

fn missing(points: &[Sampled]) -> Missing {
    let measured = points
        .iter()
        .filter(|point| point.measured.is_some() || point.quiet);
    match measured.count() {
        0 => Missing::All,
        count if count == points.len() => Missing::Nothing,
        _ => Missing::Some,
    }
}

pub(super) fn trend_line<'a>(
    criterion: &CriterionAssessment,
    series: &'a SeriesAssessment,
    times: &Times,
) -> DrawnSeries<'a> {
    let breached = |value: f64| {
        series
            .common_bound()
            .is_some_and(|bound| match worst(criterion) {
                Worst::Highest => value > bound,
                Worst::Lowest => value < bound,
            })
            && !series.breaches.is_empty()
    };
    let value = |column: usize| series.trend.get(column).copied().flatten();
    let extents = (0..times.columns).map(|column| {
        value(column).map(|value| Extent {
            low: value,
            high: value,
            mean: value,
            last: value,
            beyond: breached(value),
        })
    });
    let missing = (0..times.columns).map(|column| match value(column) {
        Some(_) => Missing::Nothing,
        None => Missing::All,
    });
    DrawnSeries {
        series,
        extents: extents.collect(),
        missing: missing.collect(),
    }
}

/// The baseline's points laid over the span, point by point; `None` where its span is of another length.
pub(super) fn baseline(
    samples: &KpiSamples,
    line: &DrawnSeries,
    times: &Times,
) -> Option<Vec<Option<Extent>>> {
    let baseline = samples.baseline.as_ref()?;
    let mut series = baseline.series.iter();
    let points = &series.find(|one| one.per == line.series.per)?.points;
    let close = points.len().abs_diff(times.points) <= 1;
    if baseline.grid.step() != times.step || !close {
        return None;
    }
    let column = |column: usize| {
        let (from, to) = times.positions(column);
        extent(points.get(from..to.min(points.len())).unwrap_or_default())
    };
    Some((0..times.columns).map(column).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Instant;

    fn sampled(values: &[Option<f64>], bound: f64) -> Vec<Sampled> {
        let point = |value: &Option<f64>| Sampled {
            sent: *value,
            measured: *value,
            beyond: value.is_some_and(|value| value > bound),
            quiet: false,
            events: None,
        };
        values.iter().map(point).collect()
    }

    fn times(points: usize) -> Times {
        Times {
            first: Instant::from_secs(0),
            step: Duration::from_secs(60),
            points,
            columns: if points > MAX_POINTS { COLUMNS } else { points },
            settled: None,
            started: None,
            until: None,
        }
    }

    proptest::proptest! {
        #[test]
        fn no_breach_no_gap_and_no_extreme_disappears(
            values in proptest::collection::vec(proptest::option::weighted(0.9, -10.0..10.0_f64), 1..2500),
        ) {
            let points = sampled(&values, 9.9);
            let times = times(points.len());
            let one = crate::report::scenarios::series(None, crate::assessment::Outcome::Met, 1.0, 9.9);
            let line = sampled_line(&one, &points, &times);
            proptest::prop_assert_eq!(line.extents.len(), times.columns);
            let mut next = 0;
            for column in 0..times.columns {
                let (from, to) = times.positions(column);
                proptest::prop_assert_eq!(from, next);
                next = to;
                for value in &values[from..to] {
                    let Some(value) = value else {
                        proptest::prop_assert!(line.missing[column] != Missing::Nothing);
                        continue;
                    };
                    let extent = line.extents[column].expect("measured");
                    proptest::prop_assert!(extent.low <= *value && *value <= extent.high);
                    proptest::prop_assert!(extent.low - 1e-9 <= extent.mean && extent.mean <= extent.high + 1e-9);
                    proptest::prop_assert!(extent.beyond || *value <= 9.9);
                }
            }
            proptest::prop_assert_eq!(next, values.len());
        }
    }

    #[test]
    fn a_column_knows_its_extent_and_its_newest_value() {
        let of = |values: &[f64]| {
            let values: Vec<_> = values.iter().map(|value| Some(*value)).collect();
            extent(&sampled(&values, 2.5))
        };
        let wanted = Extent {
            low: 1.0,
            high: 3.0,
            mean: 2.0,
            last: 2.0,
            beyond: true,
        };
        assert_eq!(of(&[1.0, 3.0, 2.0]), Some(wanted));
        assert_eq!(of(&[]), None);
        let infinite = of(&[f64::INFINITY, f64::NEG_INFINITY]).expect("measured");
        assert!(!infinite.mean.is_nan());
        let wide = of(&[f64::MAX, f64::MIN]).expect("measured");
        assert!(wide.mean.is_finite());
    }
}
