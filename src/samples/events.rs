//! Events of a ratio KPI, point by point: how many there were of all, and how many of them count as the part that the ratio is of
//! (R1, R3). Must not know what the part is, nor what is required of it.

use std::ops::Range;

use crate::units::Duration;

/// What a ratio is made of: the part, and the total that it is a part of. Rates per second, or counts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Events {
    /// The errors, or the good events.
    pub part: f64,
    /// All of them.
    pub total: f64,
}

impl Events {
    /// The ratio; `None` without events, or where they are not finite numbers.
    #[must_use]
    pub fn ratio(self) -> Option<f64> {
        let is_measured = self.part.is_finite() && self.total.is_finite() && self.total > 0.0;
        is_measured.then(|| self.part / self.total)
    }

    /// The same events, with those that were not in the part as the part.
    #[must_use]
    pub fn others(self) -> Self {
        Self {
            part: self.total - self.part,
            ..self
        }
    }
}

/// One series of a ratio KPI: its rates at the points of a grid. Where one is missing, the point is not measured.
#[derive(Debug, Clone, PartialEq)]
pub struct EventSeries {
    /// By grid position, oldest first, in events per second.
    pub rates: Vec<Option<Events>>,
    /// How long each point stands for: the grid's step; of one number for a whole window, its length.
    pub each: Duration,
}

impl EventSeries {
    /// The rates at a position, if it is measured.
    #[must_use]
    pub fn at(&self, position: usize) -> Option<Events> {
        self.rates.get(position).copied().flatten()
    }

    /// The value of the point at a position: part by total.
    #[must_use]
    pub fn value(&self, position: usize) -> Option<f64> {
        self.at(position)?.ratio()
    }

    /// The events of the measured points at these positions: rate × time, in compensated sums.
    #[must_use]
    pub fn events(&self, positions: Range<usize>) -> Events {
        let rates = self.rates.get(positions).unwrap_or_default();
        rates
            .iter()
            .flatten()
            .copied()
            .collect::<EventSum>()
            .events(self.each)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Events {
        self.events(0..self.rates.len())
    }

    /// Takes away the points for which this does not hold.
    pub fn keep(&mut self, is_kept: impl Fn(usize) -> bool) {
        for (position, rates) in self.rates.iter_mut().enumerate() {
            if !is_kept(position) {
                *rates = None;
            }
        }
    }
}

/// A sum of rates that loses nothing to rounding on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EventSum {
    part: Sum,
    total: Sum,
}

impl EventSum {
    /// Adds the rates of one more point.
    #[must_use]
    pub fn and(self, rates: Events) -> Self {
        Self {
            part: self.part.and(rates.part),
            total: self.total.and(rates.total),
        }
    }

    /// The sum of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            part: self.part.with(other.part),
            total: self.total.with(other.total),
        }
    }

    /// The ratio of the sums.
    #[must_use]
    pub fn ratio(self) -> Option<f64> {
        self.rates().ratio()
    }

    /// In counts, where each point stands for so long.
    #[must_use]
    pub fn events(self, each: Duration) -> Events {
        let Events { part, total } = self.rates();
        Events {
            part: part * each.seconds(),
            total: total * each.seconds(),
        }
    }

    /// The sums of the rates.
    #[must_use]
    pub fn rates(self) -> Events {
        Events {
            part: self.part.value(),
            total: self.total.value(),
        }
    }
}

impl FromIterator<Events> for EventSum {
    fn from_iter<I: IntoIterator<Item = Events>>(rates: I) -> Self {
        rates.into_iter().fold(Self::default(), Self::and)
    }
}

/// A compensated sum (Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen").
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    /// Adds one more number.
    #[must_use]
    pub fn and(self, value: f64) -> Self {
        let sum = self.sum + value;
        let lost = if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        Self {
            sum,
            lost: self.lost + lost,
        }
    }

    /// The sum of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let both = self.and(other.sum);
        Self {
            lost: both.lost + other.lost,
            ..both
        }
    }

    /// What it comes to. With an infinity in the sum there is nothing to compensate.
    #[must_use]
    pub fn value(self) -> f64 {
        if self.sum.is_finite() {
            self.sum + self.lost
        } else {
            self.sum
        }
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        values.into_iter().fold(Self::default(), Self::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(part: f64, total: f64) -> Events {
        Events { part, total }
    }

    #[test]
    fn r1_a_ratio_needs_events_and_finite_numbers() {
        assert_eq!(events(1.0, 4.0).ratio(), Some(0.25));
        assert_eq!(events(0.0, 4.0).ratio(), Some(0.0));
        for nothing in [
            events(0.0, 0.0),
            events(0.0, f64::INFINITY),
            events(f64::NAN, 1.0),
            events(1.0, f64::NAN),
        ] {
            assert_eq!(nothing.ratio(), None, "{nothing:?}");
        }
        assert_eq!(events(1.0, 4.0).others(), events(3.0, 4.0));
    }

    #[test]
    fn r3_the_events_of_a_point_are_its_rate_times_its_step() {
        let series = EventSeries {
            rates: vec![Some(events(0.1, 1.0)), None, Some(events(0.2, 9.0))],
            each: Duration::from_secs(60),
        };
        assert_eq!(series.value(0), Some(0.1));
        assert_eq!(series.value(1), None);
        let all = series.all();
        assert!((all.part - 18.0).abs() < 1e-9 && (all.total - 600.0).abs() < 1e-9);
        assert_eq!(series.events(1..2), events(0.0, 0.0));
        let mut kept = series.clone();
        kept.keep(|position| position == 0);
        assert_eq!(kept.all(), events(6.0, 60.0));
    }

    #[test]
    fn sums_lose_nothing_in_any_grouping() {
        let values = [1e16, 1.0, -1e16, 1.0];
        let all: Sum = values.into_iter().collect();
        assert_eq!(all.value(), 2.0);
        let first: Sum = values.into_iter().take(2).collect();
        let rest: Sum = values.into_iter().skip(2).collect();
        assert_eq!(first.with(rest).value(), 2.0);
        assert_eq!(
            Sum::default().and(f64::INFINITY).and(1.0).value(),
            f64::INFINITY
        );
    }
}
