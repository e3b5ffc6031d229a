//! The second judge's reading of ratios of events: points, sums and look-backs, each written out.

use super::judge::{Came, JudgeInput, Measured, Time, Values, Word};
use gate::kind::List;
use gate::plan::Reducer;

/// What a KPI is a ratio of, and what its conditions say besides.
#[derive(Debug, Clone, Copy)]
pub struct RatioInput {
    /// Whether good events are counted, and not errors.
    pub good: bool,
    /// Whether the condition speaks of errors anyway.
    pub of_errors: bool,
    pub min_total: Option<u32>,
    /// One look-back, or two.
    pub over: Option<(Time, Option<Time>)>,
}

/// The error budget of every scene: a quarter of the events, for so long.
pub const BUDGET: f64 = 0.25;
pub const PERIOD: Time = 3_600_000;

/// Rates at a point: of the part and of all events.
pub type Rates = (f64, f64);

fn at(line: Option<&Values>, time: Time) -> Option<f64> {
    let found = line?.points.iter().find(|(at, _)| *at == time);
    found.map(|(_, value)| *value)
}

fn named<'a>(lines: &'a Came, name: Option<&String>, per: bool) -> Option<&'a Values> {
    let mut lines = lines.iter().flatten();
    lines.find(|line| !per || line.per.as_ref() == name)
}

/// Whether no counts can be like these.
fn contradict(part: Option<f64>, total: Option<f64>) -> bool {
    let wrong = |rate: Option<f64>| rate.is_some_and(|rate| rate < 0.0 || rate.is_infinite());
    let more = match (part, total) {
        (Some(part), Some(total)) => part > total + 1e-6 * total,
        _ => false,
    };
    wrong(part) || wrong(total) || more
}

impl JudgeInput {
    /// The rates at a time where both are there and there are events, and whether they contradict each other.
    pub fn rates(&self, total: &Values, parts: &Came, time: Time) -> (Option<Rates>, bool) {
        let ratio = self.ratio.expect("a ratio");
        let part = at(named(parts, total.per.as_ref(), self.per), time);
        let total = at(Some(total), time);
        let counted = part.or(self.zero.then_some(0.0));
        let rates = match (counted, total) {
            (Some(part), Some(total))
                if total > 0.0 && !part.is_nan() && total.is_finite() && part.is_finite() =>
            {
                let part = if ratio.good && ratio.of_errors {
                    total - part
                } else {
                    part
                };
                Some((part, total))
            }
            _ => None,
        };
        (rates, contradict(part, total))
    }

    /// A hundred percent.
    pub fn whole(&self) -> f64 {
        if self.percent { 100.0 } else { 1.0 }
    }

    /// The value of a point.
    pub fn value_of(&self, (part, total): Rates) -> f64 {
        part / total * self.whole()
    }

    /// All of the part by all events.
    pub fn overall(&self, events: &[(Time, Option<Rates>)]) -> Option<f64> {
        let there = || events.iter().filter_map(|(_, rates)| *rates);
        let total: f64 = there().map(|rates| rates.1).sum();
        let part: f64 = there().map(|rates| rates.0).sum();
        (total > 0.0).then(|| part / total * self.whole())
    }

    /// One value of all events.
    pub fn of_events(&self, reducer: Reducer, measured: &Measured) -> Option<f64> {
        let overall = self.overall(&measured.events)?;
        let (start, end) = self.spans().1;
        match reducer {
            Reducer::Overall => Some(overall),
            Reducer::Budget => {
                #[expect(clippy::cast_precision_loss, reason = "small lengths")]
                let part = (end - start) as f64 / PERIOD as f64;
                Some(overall * part / BUDGET)
            }
            _ => None,
        }
    }

    /// Whether fewer events were measured than the plan asks for; a point stands for so long.
    #[expect(clippy::cast_precision_loss, reason = "small lengths")]
    pub fn has_few_events(&self, measured: &Measured, each: Time) -> bool {
        let Some(least) = self.ratio.and_then(|ratio| ratio.min_total) else {
            return false;
        };
        let there = measured.events.iter().filter_map(|(_, rates)| *rates);
        let total: f64 = there.map(|rates| rates.1 * each as f64 / 1000.0).sum();
        total < f64::from(least) * (1.0 - 1e-9)
    }

    /// Judges the look-backs, each in turn.
    pub fn looked_back(&self, measured: &Measured, limit: f64, over: (Time, Option<Time>)) -> Word {
        let begins = self.spans().1.0.div_euclid(self.step) * self.step;
        let lengths: Vec<Time> = std::iter::once(over.0).chain(over.1).collect();
        let stop = self.list == List::Stop;
        let (mut there, mut missing, mut tripped, mut unmet) = (0, 0, false, false);
        let mut whole = 0;
        let mut never = lengths.clone();
        for (end, _) in &measured.points {
            let mut bad = Vec::new();
            for length in &lengths {
                let value = self.look_back(measured, *end, *length, begins);
                match value {
                    Look::Early => bad.push(None),
                    Look::Quiet => {
                        never.retain(|one| one != length);
                        bad.push(None);
                    }
                    Look::Missing => {
                        never.retain(|one| one != length);
                        missing += 1;
                        bad.push(None);
                    }
                    Look::Value(value) => {
                        never.retain(|one| one != length);
                        there += 1;
                        bad.push(Some(self.satisfies(value, limit) == stop));
                    }
                }
            }
            tripped |= bad.iter().all(|one| *one == Some(true));
            unmet |= bad.contains(&Some(true));
            whole += usize::from(bad.iter().all(Option::is_some));
        }
        let is_bad = if stop { tripped } else { unmet };
        let is_few = self.is_few(there, there + missing);
        let seen = if stop {
            whole > 0
        } else {
            there > 0 && !is_few
        };
        match (is_bad, measured.thin || !seen || !never.is_empty()) {
            (true, _) => Some(false),
            (false, true) => None,
            (false, false) => Some(true),
        }
    }

    fn look_back(&self, measured: &Measured, end: Time, length: Time, begins: Time) -> Look {
        if end - length < begins {
            return Look::Early;
        }
        let inside = |time: Time| time > end - length && time <= end;
        let quiet = measured.quiet.iter().filter(|time| inside(**time)).count();
        let points = usize::try_from(length / self.step).expect("small");
        if quiet == points {
            return Look::Quiet;
        }
        let events: Vec<(Time, Option<Rates>)> = measured
            .events
            .iter()
            .filter(|(time, rates)| inside(*time) && rates.is_some())
            .copied()
            .collect();
        match self.overall(&events) {
            Some(value) if !self.is_few(events.len(), points - quiet) => Look::Value(value),
            _ => Look::Missing,
        }
    }
}

enum Look {
    Early,
    Quiet,
    Missing,
    Value(f64),
}
