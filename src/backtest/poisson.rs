//! B10: what a count of rare events proves. Must not round.

use crate::units::Duration;

/// The rate per unit of time that so many events leave possible at 95 %: the exact one-sided upper bound of Poisson (Garwood 1936,
/// "Fiducial limits for the Poisson distribution").
#[must_use]
pub fn upper_bound(events: usize) -> f64 {
    let (mut low, mut high) = (0.0, 10.0 + 3.0 * as_f64(events));
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if at_most(events, middle) > 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The probability of at most so many events where this many are expected.
fn at_most(events: usize, expected: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for event in 1..=events {
        term *= expected / as_f64(event);
        sum += term;
    }
    // In logarithms: the terms outgrow what the exponential takes away.
    (f64::ln(sum) - expected).exp()
}

/// How many a week that are in such a time; `None` in no time.
#[must_use]
pub fn per_week(events: f64, time: Duration) -> Option<f64> {
    let weeks = weeks(time);
    (weeks > 0.0).then(|| events / weeks)
}

/// In weeks.
#[must_use]
pub fn weeks(time: Duration) -> f64 {
    time.seconds() / (7.0 * 86_400.0)
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 events")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b10_bounds_are_exact() {
        let four_weeks = Duration::from_secs(28 * 86_400);
        let bound = |events| per_week(upper_bound(events), four_weeks).expect("a time");
        // R: qchisq(0.95, 2 * (k + 1)) / 2
        assert_eq!(format!("{:.2}", bound(0)), "0.75");
        assert_eq!(format!("{:.2}", bound(2)), "1.57");
        assert_eq!(format!("{:.3}", upper_bound(1)), "4.744");
        assert_eq!(format!("{:.2}", upper_bound(100)), "118.08");
        assert_eq!(per_week(1.0, Duration::ZERO), None);
    }
}
