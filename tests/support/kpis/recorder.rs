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

    /// A counter that grows by about `rate(ago)` per second.
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

    /// A histogram of about `rate` events per second around `median(ago)` (log-logistic, shape 4: p95 is 2.09
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
        // Each bucket is the sum of whole events below it, so that a larger bucket never grows more slowly.
        let mut below = vec![0.0; medians.len()];
        let mut lower = vec![0.0; medians.len()];
        for bound in bounds.iter().copied().chain([f64::INFINITY]) {
            let mut band = 0.0;
            for (index, median) in medians.iter().enumerate() {
                let share = 1.0 / (1.0 + (median / bound).powi(4));
                band += events * (share - lower[index]);
                lower[index] = share;
                below[index] += band.floor();
            }
            let le = if bound.is_finite() {
                bound.to_string()
            } else {
                "+Inf".to_owned()
            };
            self.levels(format!("{name}_bucket{{{labels},le=\"{le}\"}}"), &below);
        }
        self.levels(format!("{name}_count{{{labels}}}"), &below);
        // The mean of this distribution is (π/4)/sin(π/4) medians.
        let mut sum = 0.0;
        let sums: Vec<f64> = medians
            .iter()
            .map(|median| {
                sum += events * median * 1.1107;
                f64::round(sum * 1e3) / 1e3
            })
            .collect();
        self.levels(format!("{name}_sum{{{labels}}}"), &sums);
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

    fn levels(&mut self, key: String, levels: &[f64]) {
        let points = self.times.iter().copied().zip(levels.iter().copied());
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
