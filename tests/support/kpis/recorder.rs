//! Turns rates and levels into counters, gauges and histograms, as a scrape would see them.
//!
//! Times are given as `ago`: seconds before `END`.

use super::super::exposition::Series;
use super::super::random::Random;
use super::END;

/// Scrapes a made-up service.
pub struct Recorder {
    step: i64,
    times: Vec<i64>,
    series: Vec<Series>,
}

impl Recorder {
    /// Scrapes each `step` seconds during spans of `(from, to)` seconds ago, the oldest first.
    pub fn new(step: i64, spans: &[(i64, i64)]) -> Self {
        let times = spans
            .iter()
            .flat_map(|(from, to)| (-from..=-to).step_by(usize::try_from(step).expect("step")))
            .map(|offset| END + offset)
            .collect();
        Self {
            step,
            times,
            series: Vec::new(),
        }
    }

    /// What was scraped.
    pub fn finish(self) -> Vec<Series> {
        self.series
    }

    /// A gauge that is at `level(ago)`.
    pub fn gauge(&mut self, key: &str, level: impl Fn(i64) -> f64) {
        let points = self.times.iter().map(|at| (*at, level(END - at)));
        self.series.push(Series::new(key, points));
    }

    /// A gauge around `level(ago)`, with noise of `spread` (a share of the level).
    pub fn noisy_gauge(&mut self, key: &str, spread: f64, level: impl Fn(i64) -> f64) {
        let mut random = Random::named(key);
        let points = self.times.iter().map(|at| {
            let value = level(END - at) * (1.0 + spread * random.normal());
            (*at, (value * 1e4).round() / 1e4)
        });
        self.series.push(Series::new(key, points));
    }

    /// A counter that grows by about `rate(ago)` a second.
    pub fn counter(&mut self, key: &str, rate: impl Fn(i64) -> f64) {
        let mut random = Random::named(key);
        let mut total = 0.0;
        let step = seconds(self.step);
        let points = self.times.iter().map(|at| {
            total += (rate(END - at) * step * (1.0 + 0.03 * random.normal())).max(0.0);
            (*at, total.floor())
        });
        self.series.push(Series::new(key, points));
    }

    /// A histogram of about `rate` events a second around `median(ago)` (log-logistic, shape 4: p95 is 2.09
    /// medians, p99 3.15), with these labels and bucket bounds.
    pub fn histogram(
        &mut self,
        name: &str,
        labels: &str,
        bounds: &[f64],
        rate: f64,
        median: impl Fn(i64) -> f64,
    ) {
        let mut random = Random::named(&format!("{name}{labels}"));
        let medians: Vec<f64> = self
            .times
            .iter()
            .map(|at| median(END - at) * (1.0 + 0.02 * random.normal()))
            .collect();
        let events = rate * seconds(self.step);
        for bound in bounds {
            let share = |median: f64| 1.0 / (1.0 + (median / bound).powi(4));
            let key = format!("{name}_bucket{{{labels},le=\"{bound}\"}}");
            self.total(key, medians.iter().map(|median| events * share(*median)));
        }
        let all = || std::iter::repeat_n(events, medians.len());
        self.total(format!("{name}_bucket{{{labels},le=\"+Inf\"}}"), all());
        self.total(format!("{name}_count{{{labels}}}"), all());
        // The mean of this distribution is (π/4)/sin(π/4) medians.
        let sums = medians.iter().map(|median| events * median * 1.1107);
        self.total(format!("{name}_sum{{{labels}}}"), sums);
    }

    /// Drops what was scraped under `prefix` between `from` and `to` seconds ago: a gap.
    pub fn forget(&mut self, prefix: &str, from: i64, to: i64) {
        let gap = END - from..=END - to;
        for series in &mut self.series {
            if series.key.starts_with(prefix) {
                series.points.retain(|(at, _)| !gap.contains(at));
            }
        }
        self.series.retain(|series| !series.points.is_empty());
    }

    fn total(&mut self, key: String, growth: impl Iterator<Item = f64>) {
        let mut total = 0.0;
        let whole = !key.contains("_sum{");
        let points = self.times.iter().zip(growth).map(|(at, growth)| {
            total += growth;
            let shown = if whole {
                total.floor()
            } else {
                (total * 1e3).round() / 1e3
            };
            (*at, shown)
        });
        self.series.push(Series::new(key, points));
    }
}

/// `inside` while `ago` lies between `from` and `to` seconds ago, `outside` otherwise.
pub fn during(ago: i64, from: i64, to: i64, inside: f64, outside: f64) -> f64 {
    if (to..=from).contains(&ago) {
        inside
    } else {
        outside
    }
}

#[expect(clippy::cast_precision_loss, reason = "steps are small")]
fn seconds(step: i64) -> f64 {
    step as f64
}
