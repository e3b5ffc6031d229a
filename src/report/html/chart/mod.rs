//! The chart of one KPI: which series are drawn, and what remains of them at the resolution of a screen.
//! Merges points; must not lose a breach or a gap, and judges nothing.

mod columns;
mod draw;
mod legend;
mod marks;
mod scale;
mod words;

pub(super) use draw::figure;
pub(super) use marks::Mark;
pub(super) use words::{bound, called};

use crate::assessment::{CriterionAssessment, KpiAssessment, SeriesAssessment};
use crate::evaluate::KpiSamples;
use crate::report::measured::focus;
use crate::report::series::worst_first;
use crate::units::{Duration, Instant};
use columns::{baseline, sampled_line, sampled_times, trend_line, trend_times};

/// At most this many series are drawn, each with its own kind of line. The others are in the table.
pub(super) const MAX_LINES: usize = 6;

/// What is drawn for one KPI.
pub(super) struct Chart<'a> {
    pub(super) criterion: &'a CriterionAssessment,
    pub(super) kpi: &'a KpiAssessment,
    /// The gate's other criteria on the same KPI: their limits are drawn, too.
    pub(super) others: Vec<&'a CriterionAssessment>,
    /// What happened to the stage.
    pub(super) marks: Vec<Mark>,
    pub(super) times: Times,
    /// The worst first; at least one.
    pub(super) lines: Vec<DrawnSeries<'a>>,
    /// The samples of the first line's baseline, laid over the span.
    pub(super) baseline: Option<Vec<Option<Extent>>>,
    /// How many series are not drawn.
    pub(super) left_out: usize,
    pub(super) drawn_from: DrawnFrom,
}

/// What a chart is drawn from.
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
    /// How many columns they are merged into, at most one per point.
    pub(super) columns: usize,
    /// Where the judged part of the stage begins, if known.
    pub(super) settled: Option<Instant>,
    /// Where the stage began, if known.
    pub(super) started: Option<Instant>,
    /// Where the window ends, if it still runs.
    pub(super) until: Option<Instant>,
}

/// What is known of the stage around the judged span.
#[derive(Debug, Clone, Default)]
pub(super) struct Around {
    /// Where its judged part begins.
    pub(super) settled: Option<Instant>,
    /// Where it began.
    pub(super) started: Option<Instant>,
    /// Where the window ends, if it still runs.
    pub(super) until: Option<Instant>,
    /// What happened to it.
    pub(super) marks: Vec<Mark>,
}

/// One series.
pub(super) struct DrawnSeries<'a> {
    pub(super) series: &'a SeriesAssessment,
    /// One for each column; `None` if nothing was measured.
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
    /// The positions of a column's points: first, and one past the last.
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
    /// The chart of a criterion and of the others on its KPI; `None` if there is nothing to draw over time.
    pub(super) fn of(
        criterion: &'a CriterionAssessment,
        others: Vec<&'a CriterionAssessment>,
        samples: Option<&KpiSamples>,
        around: Around,
    ) -> Option<Self> {
        let kpi = criterion.kpi.as_ref()?;
        kpi.step?;
        // Series and samples are matched by position, so both must be there.
        let samples = samples.filter(|samples| samples.series.len() == kpi.series.len());
        let times = match samples {
            Some(samples) => sampled_times(samples, &around),
            None => trend_times(kpi, &around)?,
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
        let lines: Vec<DrawnSeries> = order.iter().take(MAX_LINES).filter_map(line).collect();
        let first = lines.first()?;
        Some(Self {
            criterion,
            kpi,
            others,
            marks: around.marks,
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

/// A limit of another criterion on the same KPI.
pub(super) struct OtherLimit<'a> {
    pub(super) criterion: &'a CriterionAssessment,
    pub(super) bound: f64,
}

impl<'a> Chart<'a> {
    /// The limits of the other criteria for the first line, each once; none where each point has its own.
    pub(super) fn other_limits(&self) -> Vec<OtherLimit<'a>> {
        let Some(first) = self.lines.first().map(|line| line.series) else {
            return Vec::new();
        };
        let limit = |criterion: &&'a CriterionAssessment| {
            let mut series = criterion.kpi.as_ref()?.series.iter();
            let same = series.find(|one| one.per == first.per && one.labels == first.labels)?;
            Some(OtherLimit {
                criterion,
                bound: same.common_bound()?,
            })
        };
        let mut found: Vec<OtherLimit<'_>> = Vec::new();
        for other in self.others.iter().filter_map(limit) {
            let is_known = |one: &OtherLimit<'_>| {
                one.criterion.list == other.criterion.list
                    && one.bound.to_bits() == other.bound.to_bits()
            };
            if !found.iter().any(is_known) {
                found.push(other);
            }
        }
        found
    }
}

/// What a series is called: its `per` value, its labels, or what the KPI is called if it has neither.
pub(super) fn name(criterion: &CriterionAssessment, series: &SeriesAssessment) -> String {
    match &series.per {
        Some(per) => per.clone(),
        None if series.labels.is_empty() => {
            criterion.title.as_ref().unwrap_or(&criterion.name).clone()
        }
        None => series.labels.to_string(),
    }
}
