//! The default step of a KPI (M5): the shorter the window and the ranges, the nearer the points. Must not fill in variables.

use crate::units::Duration;

const HOUR: i64 = 3_600;

/// From the longest to the shortest.
const STEPS: [Duration; 3] = [
    Duration::from_secs(60),
    Duration::from_secs(30),
    Duration::from_secs(15),
];

/// By the window, and never more than half the shortest range that the query or its guard looks over: what happens between
/// two points is then seen by one of them. Never below 15 s.
pub(in crate::plan) fn default_step(
    window: Duration,
    shortest_range: Option<Duration>,
) -> Duration {
    let [longest, middle, shortest] = STEPS;
    let by_window = if window <= Duration::from_secs(6 * HOUR) {
        shortest
    } else if window <= Duration::from_secs(48 * HOUR) {
        middle
    } else {
        longest
    };
    let fits = |step: &Duration| shortest_range.is_none_or(|range| step.doubled() <= range);
    let by_range = STEPS.into_iter().find(fits).unwrap_or(shortest);
    by_window.min(by_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m5_the_default_step_follows_the_window() {
        let step = |hours: i64| default_step(Duration::from_secs(hours * HOUR), None).seconds();
        let steps = [
            (1, 15.0),
            (6, 15.0),
            (7, 30.0),
            (48, 30.0),
            (49, 60.0),
            (720, 60.0),
        ];
        for (hours, expected) in steps {
            assert_eq!(step(hours), expected, "{hours}h");
        }
    }

    #[test]
    fn m5_two_points_lie_in_the_shortest_range_but_none_nearer_than_15s() {
        let long = Duration::from_secs(100 * HOUR);
        let step = |range: i64| default_step(long, Some(Duration::from_secs(range))).seconds();
        let steps = [
            (300, 60.0),
            (120, 60.0),
            (119, 30.0),
            (60, 30.0),
            (45, 15.0),
            (10, 15.0),
        ];
        for (range, expected) in steps {
            assert_eq!(step(range), expected, "{range}s");
        }
    }
}
