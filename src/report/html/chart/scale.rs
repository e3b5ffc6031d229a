//! From values and times to places on a chart. Must not put a value on the other side of its bound.

use super::{Chart, Times};
use crate::units::{Duration, Instant, Unit};

/// Width of the drawing in its own units; the browser stretches it.
pub(super) const WIDTH: f64 = 1000.0;
/// Space above the highest and below the lowest value, as a part of the extent.
const MARGIN: f64 = 0.06;
/// The time before the first point is shown for up to this part of the span.
const MAX_LEAD: i64 = 8;

/// Time from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeScale {
    pub(super) left: Instant,
    pub(super) right: Instant,
}

impl TimeScale {
    /// The points, the settle time before them if it is visible, and what is still to come of the window.
    pub(super) fn of(times: &Times) -> Self {
        let (first, last) = (times.first, times.last());
        let length = first.until(last).max(times.step);
        let longest = Duration::from_millis(length.millis() / MAX_LEAD);
        // The grid begins at most a step after the settle time.
        let follows = |settled: &Instant| *settled <= first && settled.until(first) <= times.step;
        let left = match (times.started, times.settled.filter(follows)) {
            (Some(started), Some(_)) => started.max(first - longest).min(first),
            _ => first,
        };
        Self {
            left,
            // A window that still runs is shown to its end.
            right: times
                .until
                .map_or(last, |until| last.max(until))
                .max(first + times.step),
        }
    }

    /// 0 to [`WIDTH`].
    pub(super) fn x(&self, at: Instant) -> f64 {
        let length = self.left.until(self.right).seconds().max(0.001);
        (self.left.until(at).seconds() / length).clamp(0.0, 1.0) * WIDTH
    }

    /// Percent of the drawing's width.
    pub(super) fn percent(&self, at: Instant) -> f64 {
        self.x(at) / WIDTH * 100.0
    }

    /// At most seven round times, far enough from the ends to be written.
    pub(super) fn ticks(&self) -> Vec<(Instant, String)> {
        const MINUTE: i64 = 60_000;
        let round = [
            1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080,
        ];
        let length = self.left.until(self.right).millis();
        let step = round.into_iter().map(|minutes| minutes * MINUTE);
        let step = step.clone().find(|step| length / step <= 7);
        let step = step.unwrap_or((length / 6).max(1));
        let first = self.left.millis() - self.left.millis().rem_euclid(step) + step;
        (0..8)
            .map(|number| Instant::from_millis(first + number * step))
            .filter(|at| (20.0..970.0).contains(&self.x(*at)) && *at < self.right)
            .map(|at| (at, clock(at)))
            .collect()
    }
}

/// `14:00`, and the day at midnight.
fn clock(at: Instant) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    let time = part(11, 16);
    if time != "00:00" {
        return time;
    }
    let month = part(5, 7).parse::<usize>().unwrap_or(0);
    let name = MONTHS.get(month.wrapping_sub(1)).copied();
    format!("{} {}", part(8, 10), name.unwrap_or_default())
}

/// Values from bottom to top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ValueScale {
    low: f64,
    high: f64,
    top: f64,
    height: f64,
}

impl ValueScale {
    /// Everything that is drawn has its place: values, bounds, baselines. Zero is visible if it is near.
    pub(super) fn of(chart: &Chart, top: f64, height: f64) -> Self {
        let drawn = chart.lines.iter().flat_map(|line| {
            let series = line.series;
            let marks = [
                series.common_bound(),
                series.common_baseline(),
                series.value,
            ];
            let extents = line.extents.iter().flatten();
            let values = extents.flat_map(|extent| [extent.low, extent.high]);
            values.chain(marks.into_iter().flatten())
        });
        let baseline = chart.baseline.iter().flatten().flatten();
        let others = chart.other_limits().into_iter().map(|other| other.bound);
        let all = drawn
            .chain(others)
            .chain(baseline.flat_map(|extent| [extent.low, extent.high]));
        let (low, high) = all
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        Self::between(low, high, top, height)
    }

    fn between(low: f64, high: f64, top: f64, height: f64) -> Self {
        let (low, high) = match (low <= high, low < high) {
            (false, _) => (0.0, 1.0),
            (true, false) if low == 0.0 => (0.0, 1.0),
            (true, false) => (low - low.abs() / 2.0, high + high.abs() / 2.0),
            (true, true) => (low, high),
        };
        let from_zero = low >= 0.0 && low < high * 0.6;
        // Halved, since the difference of two finite values may be infinite.
        let margin = (high / 2.0 - low / 2.0) * 2.0 * MARGIN;
        let low = if from_zero { 0.0 } else { low - margin };
        Self {
            low: low.max(f64::MIN),
            high: (high + margin).min(f64::MAX),
            top,
            height,
        }
    }

    /// From the top, in pixels; infinities are at the edges.
    pub(super) fn y(&self, value: f64) -> f64 {
        let extent = self.high / 2.0 - self.low / 2.0;
        let share = if value.is_infinite() {
            if value > 0.0 { 1.0 } else { 0.0 }
        } else {
            ((value / 2.0 - self.low / 2.0) / extent).clamp(0.0, 1.0)
        };
        self.top + (1.0 - share) * self.height
    }

    pub(super) fn top(&self) -> f64 {
        self.top
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Two to five round values of the unit.
    pub(super) fn ticks(&self, unit: Unit) -> Vec<f64> {
        let step = round_step((self.high / 2.0 - self.low / 2.0) / 2.0, unit);
        if !(step.is_finite() && step > 0.0) {
            return Vec::new();
        }
        let first = (self.low / step).ceil();
        (0..8_u8)
            .map(|number| (first + f64::from(number)) * step)
            .take_while(|value| *value <= self.high)
            .collect()
    }
}

/// The next round number, at least the given one.
fn round_step(wanted: f64, unit: Unit) -> f64 {
    let (least, factors): (f64, &[f64]) = match unit {
        Unit::Seconds if wanted > 10.0 => (
            1.0,
            &[
                15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0,
                21_600.0, 43_200.0, 86_400.0,
            ],
        ),
        Unit::Bytes if wanted > 1024.0 => (
            1024.0_f64.powf((wanted.ln() / 1024.0_f64.ln()).floor()),
            &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1024.0],
        ),
        Unit::Ratio
        | Unit::Percent
        | Unit::Seconds
        | Unit::Milliseconds
        | Unit::Bytes
        | Unit::Count
        | Unit::PerSecond
        | Unit::PerMinute
        | Unit::None => (
            10.0_f64.powf(wanted.log10().floor()),
            &[1.0, 2.0, 2.5, 5.0, 10.0],
        ),
    };
    let fitting = factors.iter().map(|factor| factor * least);
    fitting
        .clone()
        .find(|step| *step >= wanted)
        .unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_in_the_unit() {
        let ticks = |low, high, unit| ValueScale::between(low, high, 0.0, 100.0).ticks(unit);
        assert_eq!(ticks(0.0, 9.0, Unit::Percent), [0.0, 2.5, 5.0, 7.5]);
        assert_eq!(
            ticks(0.0, 10_270.0, Unit::Seconds),
            [0.0, 3_600.0, 7_200.0, 10_800.0]
        );
        assert!(ticks(f64::MIN, f64::MAX, Unit::None).len() < 8);
    }

    #[test]
    fn values_stay_on_their_side_of_the_bound() {
        let scale = ValueScale::between(-3.0, 9.0, 0.0, 100.0);
        assert!(scale.y(9.0) < scale.y(4.0) && scale.y(4.0) < scale.y(-3.0));
        assert!((scale.y(f64::INFINITY) - scale.top()).abs() < 0.01);
        assert!((scale.y(f64::NEG_INFINITY) - scale.bottom()).abs() < 0.01);
    }

    #[test]
    fn days_are_named_at_midnight() {
        assert_eq!(clock(Instant::from_secs(1_795_132_800)), "20 Nov");
        assert_eq!(clock(Instant::from_secs(1_795_132_800 + 3_660)), "01:01");
    }

    #[test]
    fn times_are_round_and_few() {
        let scale = TimeScale {
            left: Instant::from_secs(1_795_132_800),
            right: Instant::from_secs(1_795_132_800 + 72 * 3600),
        };
        let words: Vec<_> = scale.ticks().into_iter().map(|(_, word)| word).collect();
        assert_eq!(words, ["12:00", "21 Nov", "12:00", "22 Nov", "12:00"]);
    }

    proptest::proptest! {
        #[test]
        fn every_value_has_its_place(low: f64, high: f64, value: f64) {
            proptest::prop_assume!(low.is_finite() && high.is_finite() && !value.is_nan());
            let scale = ValueScale::between(low.min(high), low.max(high), 10.0, 100.0);
            let y = scale.y(value);
            proptest::prop_assert!((10.0..=110.0).contains(&y), "{y}");
            proptest::prop_assert!(scale.ticks(Unit::Seconds).len() <= 8);
        }
    }
}
