//! Samples that are too sparse for what is asked of them: ranges in which too few scrapes lie, and points without the events that `at`
//! needs. Must not reach a verdict.

use super::selectors::{self, Ranged, Selected};
use crate::plan::Confidence;
use crate::plan::criteria::KpiAsk;
use crate::samples::{Asked, Grid, Observations, Point, Question, Reply, Series};
use crate::units::{Duration, Instant};

/// Over how long samples are counted, the better measure last. A second short, because older servers count both ends of a range.
const COUNTED: [Duration; 2] = [Duration::from_secs(3_599), Duration::from_secs(599)];
/// So many points of a series tell well enough how far apart they are.
const ENOUGH: f64 = 4.0;
/// At how many times in the span they are counted.
const MOMENTS: i64 = 12;
/// So many scrapes should lie in a range: one that is late or lost leaves no gap.
const ADVISED: i64 = 4;
/// Functions that need two samples in their range; others need one.
const OF_TWO: [&str; 9] = [
    "rate",
    "irate",
    "increase",
    "delta",
    "idelta",
    "deriv",
    "predict_linear",
    "holt_winters",
    "double_exponential_smoothing",
];
/// What rounding may take from a number of events.
const ROUNDING: f64 = 1e-9;

/// The ranges of a question, which may be too short.
pub(super) struct Ranges<'q> {
    question: &'q Question,
    from: Instant,
    to: Instant,
    ranged: Vec<Ranged>,
}

/// How many samples came in so long.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Measured {
    samples: f64,
    over: Duration,
}

impl<'q> Ranges<'q> {
    /// `None` for a question to a file, and for one without ranges that could be too short.
    pub(super) fn of(question: &'q Question) -> Option<Self> {
        let (from, to) = match &question.asked {
            Asked::Range(grid) => (grid.first(), grid.last()),
            Asked::At(at) => (*at, *at),
            Asked::Captured(_) => return None,
        };
        let longest = COUNTED.into_iter().max().unwrap_or_default();
        let mut ranged = selectors::ranged(&question.query);
        ranged.retain(|one| one.range < longest);
        (!ranged.is_empty()).then_some(Self {
            question,
            from,
            to,
            ranged,
        })
    }

    /// What is asked to measure how far apart samples come.
    pub(super) fn questions(&self) -> Vec<Question> {
        let each = self.ranged.iter();
        each.flat_map(|one| COUNTED.map(|over| self.counting(&one.selected, over)))
            .collect()
    }

    /// The most samples of any series that is old enough to have as many as it will ever have, at times all over the span: one
    /// that a target missed, or that has ended by then, hides nothing.
    fn counting(&self, selected: &Selected, over: Duration) -> Question {
        let (selector, seconds) = (selected.text(), over.millis() / 1000);
        let length = self.from.until(self.to).millis() / MOMENTS / 1000;
        let step = Duration::from_secs(length.max(600));
        let moments = Grid::inside(self.from, self.to, step);
        Question {
            origin: self.question.origin.clone(),
            query: format!(
                "max(count_over_time({selector}[{seconds}s]) and {selector} offset {seconds}s)"
            ),
            asked: moments.map_or(Asked::At(self.to), Asked::Range),
        }
    }

    fn measured(&self, selected: &Selected, seen: &Observations) -> Option<Measured> {
        let measures = COUNTED.into_iter().filter_map(|over| {
            let reply = seen.get(&self.counting(selected, over))?.as_ref().ok()?;
            let points = reply.series.iter().flat_map(|series| &series.points);
            let samples = points.map(|point| point.value).fold(0.0, f64::max);
            (samples.is_finite() && samples >= 2.0).then_some(Measured { samples, over })
        });
        let measures: Vec<Measured> = measures.collect();
        let good = measures.iter().rfind(|one| one.samples >= ENOUGH);
        good.or(measures.first()).copied()
    }

    /// The ranges that are too short, in words. `step` is that of the KPI, which `[$step]` stands for.
    pub(super) fn short(&self, seen: &Observations, step: Duration) -> Vec<String> {
        let measured = self.ranged.iter().filter_map(|one| {
            let measured = self.measured(&one.selected, seen)?;
            told(one, measured, step)
        });
        measured.collect()
    }
}

impl Measured {
    /// How far apart samples come, to the second.
    fn interval(self) -> Duration {
        let seconds = (self.over.seconds() / self.samples).round().max(1.0);
        #[expect(clippy::cast_possible_truncation, reason = "at most an hour")]
        Duration::from_secs(seconds as i64)
    }

    /// Whether so many intervals are certainly longer than a range: a sample more may lie just outside of what was counted.
    fn is_beyond(self, intervals: f64, range: Duration) -> bool {
        range.seconds() * (self.samples + 1.0) < intervals * self.over.seconds()
    }
}

/// Why a range is too short; `None` if it is not.
fn told(one: &Ranged, measured: Measured, step: Duration) -> Option<String> {
    let Ranged {
        selected,
        range,
        function,
    } = one;
    let needs_two = OF_TWO.contains(&function.as_str());
    if !measured.is_beyond(if needs_two { 2.0 } else { 1.0 }, *range) {
        return None;
    }
    let interval = measured.interval();
    let advised = Duration::from_millis(interval.millis() * ADVISED);
    let why = if needs_two {
        format!(
            "Prometheus' `{function}` needs at least two samples in its range: it finds nothing, or leaves gaps"
        )
    } else {
        "not every range has one: there are gaps".to_owned()
    };
    let of_step = if *range == step {
        format!(" (for `$step`: `step: {advised}`)")
    } else {
        String::new()
    };
    let metric = &selected.metric;
    Some(format!(
        "the range of `{metric}[{range}]` is too short: a sample comes about every {interval}, and {why}; use at least 4 scrapes, `[{advised}]`{of_step}"
    ))
}

/// That a comparison `at P` has too few points with events, in words. `reply` is what came back for all events of the ratio.
pub(super) fn few_events(question: &Question, reply: &Reply, ask: &KpiAsk) -> Option<String> {
    let least = Confidence::LEAST_PAIRS;
    let Asked::Range(grid) = &question.asked else {
        return None;
    };
    let counted = reply.series.iter();
    let counted = counted.map(|series| (with_events(series, *grid), series));
    let (points, series) = counted.min_by_key(|(points, _)| *points)?;
    if points >= least {
        return None;
    }
    let of = match &ask.kpi.per {
        Some(_) => format!(" of {}", series.labels),
        None => String::new(),
    };
    let (all, from, to) = (grid.count(), grid.first(), grid.last());
    Some(format!(
        "`at` needs {least} points with events, and {points} of {all}{of} from {from} to {to} have one: what is compared is likely to stay unknown (`too-few-samples` or `undecided`); a longer window, a coarser `step` or more traffic helps"
    ))
}

/// How many points of the grid stand for at least one event.
fn with_events(series: &Series, grid: Grid) -> usize {
    let has_one = |point: &&Point| {
        let is_asked = grid.position(point.at).is_some();
        is_asked && point.value * grid.step().seconds() >= 1.0 - ROUNDING
    };
    series.points.iter().filter(has_one).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m15_a_range_is_too_short_where_one_sample_more_would_not_fill_it() {
        let measured = |samples: f64, over: i64| Measured {
            samples,
            over: Duration::from_secs(over),
        };
        let of_two = |samples, over, range| {
            measured(samples, over).is_beyond(2.0, Duration::from_secs(range))
        };
        // Each 15s there are 39 or 40 of them in 599s, each minute 9 or 10, each 5m 11 or 12 in an hour.
        for samples in [39.0, 40.0] {
            assert!(of_two(samples, 599, 29) && !of_two(samples, 599, 30));
        }
        assert!(of_two(10.0, 599, 60) && !of_two(10.0, 599, 120));
        assert!(of_two(12.0, 3_599, 300) && !of_two(11.0, 3_599, 600));
        let shown = |samples, over| measured(samples, over).interval().to_string();
        assert_eq!(shown(40.0, 599), "15s");
        assert_eq!(shown(10.0, 599), "1m");
        assert_eq!(shown(12.0, 3_599), "5m");
        assert_eq!(shown(5_990.0, 599), "1s");
    }
}
