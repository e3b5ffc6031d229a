//! The chart of one KPI: which series are drawn, and what of them is left at the resolution of a screen.
//! Joins points; must not lose a breach or a gap, and judges nothing.

mod draw;
mod legend;
mod scale;
mod words;

pub(super) use draw::figure;
pub(super) use words::bound;

use crate::evaluate::{CriterionAssessment, KpiAssessment, KpiSamples, Sampled, SeriesAssessment};
use crate::report::measured::{focus, worst};
use crate::report::series::worst_first;
use crate::report::trend::Worst;
use crate::units::{Duration, Instant};

/// So many series are drawn: each has a line of its own kind. The others stand in the table.
pub(super) const MAX_LINES: usize = 6;
/// Up to so many points are drawn one by one; more are joined.
const MAX_POINTS: usize = 720;
/// Into so many columns, each with its lowest and its highest value.
const COLUMNS: usize = 360;

/// What is drawn of one KPI.
pub(super) struct Chart<'a> {
    pub(super) criterion: &'a CriterionAssessment,
    pub(super) kpi: &'a KpiAssessment,
    pub(super) times: Times,
    /// The worst first; at least one.
    pub(super) lines: Vec<Line<'a>>,
    /// The samples of the first line's baseline, laid over the span.
    pub(super) baseline: Option<Vec<Option<Extent>>>,
    /// How many series are not drawn.
    pub(super) left_out: usize,
    pub(super) drawn_from: DrawnFrom,
}

/// What a chart stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DrawnFrom {
    /// Every sample.
    Samples,
    /// The worst value of each part of the span, as the evidence keeps it.
    Trend,
}

/// The columns of a chart in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    /// The first point.
    pub(super) first: Instant,
    /// From one point to the next.
    pub(super) step: Duration,
    /// How many points there are, at least one.
    pub(super) points: usize,
    /// How many columns they are joined into, at most as many.
    pub(super) columns: usize,
    /// Where the judged part of the stage begins, where that is known.
    pub(super) settled: Option<Instant>,
    /// Where the stage began, where that is known.
    pub(super) started: Option<Instant>,
}

/// One series.
pub(super) struct Line<'a> {
    pub(super) series: &'a SeriesAssessment,
    /// One for each column; `None` where nothing was measured.
    pub(super) extents: Vec<Option<Extent>>,
    /// Whether points of a column were not measured: some, or all.
    pub(super) missing: Vec<Missing>,
}

/// The measured values of one column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extent {
    pub(super) low: f64,
    pub(super) high: f64,
    /// The arithmetic mean.
    pub(super) mean: f64,
    /// The newest.
    pub(super) last: f64,
    /// Whether any of them is on the wrong side of the bound.
    pub(super) beyond: bool,
}

/// How much of a column was not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Nothing,
    Some,
    All,
}

impl Times {
    /// The positions of a column's points, from one up to and without the other.
    pub(super) fn positions(&self, column: usize) -> (usize, usize) {
        let at = |column: usize| column * self.points / self.columns.max(1);
        (at(column), at(column + 1))
    }

    /// The instant of a position.
    pub(super) fn at(&self, position: usize) -> Instant {
        let steps = i64::try_from(position).unwrap_or(i64::MAX);
        self.first + Duration::from_millis(self.step.millis().saturating_mul(steps))
    }

    /// The last point.
    pub(super) fn last(&self) -> Instant {
        self.at(self.points.saturating_sub(1))
    }
}

impl<'a> Chart<'a> {
    /// The chart of a criterion; `None` where there is nothing to be drawn over time.
    pub(super) fn of(
        criterion: &'a CriterionAssessment,
        samples: Option<&KpiSamples>,
        settled: Option<Instant>,
        started: Option<Instant>,
    ) -> Option<Self> {
        let kpi = criterion.kpi.as_ref()?;
        kpi.step?;
        // Series and samples belong together by position, so both must be there.
        let samples = samples.filter(|samples| samples.series.len() == kpi.series.len());
        let times = match samples {
            Some(samples) => sampled_times(samples, settled, started),
            None => trend_times(kpi, settled, started)?,
        };
        let line = |series: &&'a SeriesAssessment| match samples {
            Some(samples) => {
                let position = kpi
                    .series
                    .iter()
                    .position(|one| std::ptr::eq(one, *series))?;
                Some(sampled_line(
                    series,
                    &samples.series.get(position)?.points,
                    &times,
                ))
            }
            None => Some(trend_line(criterion, series, &times)),
        };
        let order = worst_first(kpi);
        let lines: Vec<Line> = order.iter().take(MAX_LINES).filter_map(line).collect();
        let first = lines.first()?;
        Some(Self {
            criterion,
            kpi,
            times,
            baseline: samples.and_then(|samples| baseline(samples, first, &times)),
            left_out: order.len().saturating_sub(lines.len()),
            lines,
            drawn_from: samples.map_or(DrawnFrom::Trend, |_| DrawnFrom::Samples),
        })
    }

    /// Whether the first line is the one that decided, or the only one.
    pub(super) fn decided(&self) -> bool {
        let first = self.lines.first().map(|line| line.series);
        match (first, focus(self.kpi)) {
            (Some(first), Some(focus)) => std::ptr::eq(first, focus),
            _ => false,
        }
    }
}

/// What a series is called: the value that tells it apart, its labels, or the KPI's name where it has neither.
pub(super) fn name(criterion: &CriterionAssessment, series: &SeriesAssessment) -> String {
    match &series.per {
        Some(per) => per.clone(),
        None if series.labels.is_empty() => criterion.name.clone(),
        None => series.labels.to_string(),
    }
}

fn sampled_times(
    samples: &KpiSamples,
    settled: Option<Instant>,
    started: Option<Instant>,
) -> Times {
    let points = samples.grid.count();
    Times {
        first: samples.grid.first(),
        step: samples.grid.step(),
        points,
        columns: if points > MAX_POINTS { COLUMNS } else { points },
        settled,
        started,
    }
}

/// The parts of the trend; `None` where the evidence has none.
fn trend_times(
    kpi: &KpiAssessment,
    settled: Option<Instant>,
    started: Option<Instant>,
) -> Option<Times> {
    let columns = kpi.series.iter().map(|series| series.trend.len()).max()?;
    let parts = i64::try_from(columns).ok().filter(|parts| *parts > 0)?;
    let length = kpi.start.until(kpi.end);
    Some(Times {
        first: kpi.start,
        step: Duration::from_millis((length.millis() / parts).max(1)),
        points: columns,
        columns,
        settled,
        started,
    })
}

fn sampled_line<'a>(series: &'a SeriesAssessment, points: &[Sampled], times: &Times) -> Line<'a> {
    let columns = || {
        (0..times.columns).map(|column| {
            let (from, to) = times.positions(column);
            points.get(from..to).unwrap_or_default()
        })
    };
    Line {
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
        // Halves, for the difference of two finite values may be infinite.
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
    let measured = points.iter().filter(|point| point.measured.is_some());
    match measured.count() {
        0 => Missing::All,
        count if count == points.len() => Missing::Nothing,
        _ => Missing::Some,
    }
}

fn trend_line<'a>(
    criterion: &CriterionAssessment,
    series: &'a SeriesAssessment,
    times: &Times,
) -> Line<'a> {
    let breached = |value: f64| {
        series.bound.is_some_and(|bound| match worst(criterion) {
            Worst::Highest => value > bound,
            Worst::Lowest => value < bound,
        }) && !series.breaches.is_empty()
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
    Line {
        series,
        extents: extents.collect(),
        missing: missing.collect(),
    }
}

/// The baseline's points laid over the span, point by point; `None` where its span is of another length.
fn baseline(samples: &KpiSamples, line: &Line, times: &Times) -> Option<Vec<Option<Extent>>> {
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

    fn sampled(values: &[Option<f64>], bound: f64) -> Vec<Sampled> {
        let point = |value: &Option<f64>| Sampled {
            sent: *value,
            measured: *value,
            beyond: value.is_some_and(|value| value > bound),
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
        }
    }

    proptest::proptest! {
        #[test]
        fn no_breach_no_gap_and_no_extreme_disappears(
            values in proptest::collection::vec(proptest::option::weighted(0.9, -10.0..10.0_f64), 1..2500),
        ) {
            let points = sampled(&values, 9.9);
            let times = times(points.len());
            let one = crate::report::scenarios::series(None, crate::evaluate::Outcome::Met, 1.0, 9.9);
            let line = sampled_line(&one, &points, &times);
            proptest::prop_assert_eq!(line.extents.len(), times.columns);
            for (position, value) in values.iter().enumerate() {
                let covers = |column: &usize| {
                    let (from, to) = times.positions(*column);
                    (from..to).contains(&position)
                };
                let columns: Vec<usize> = (0..times.columns).filter(covers).collect();
                proptest::prop_assert_eq!(columns.len(), 1);
                match value {
                    Some(value) => {
                        let extent = line.extents[columns[0]].expect("measured");
                        proptest::prop_assert!(extent.low <= *value && *value <= extent.high);
                        proptest::prop_assert!(extent.low - 1e-9 <= extent.mean && extent.mean <= extent.high + 1e-9);
                        proptest::prop_assert!(extent.beyond || *value <= 9.9);
                    }
                    None => proptest::prop_assert!(line.missing[columns[0]] != Missing::Nothing),
                }
            }
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
