//! Stretches of consecutive grid points: breaches, gaps, and the small trend line.
//! Must not decide what is bad: callers do.

use crate::assessment::{Breach, Gap};
use crate::samples::Grid;

/// How many stretches a series shows: the longest.
const SHOWN: usize = 20;
/// How many buckets a trend line has at most.
const BUCKETS: usize = 48;

/// What makes a value worse than another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Worse {
    /// The higher, the worse.
    High,
    /// The lower, the worse.
    Low,
    /// The farther from the bound, the worse.
    Far(f64),
    /// The nearer to the bound, the worse.
    Near(f64),
}

impl Worse {
    /// Higher numbers are worse values.
    pub fn badness(self, value: f64) -> f64 {
        match self {
            Self::High => value,
            Self::Low => -value,
            Self::Far(bound) => distance(value, bound),
            Self::Near(bound) => -distance(value, bound),
        }
    }
}

/// |value − bound|, zero for equal infinities.
fn distance(value: f64, bound: f64) -> f64 {
    if value == bound {
        0.0
    } else {
        (value - bound).abs()
    }
}

/// A stretch of positions, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub first: usize,
    pub last: usize,
}

impl Stretch {
    fn length(self) -> usize {
        self.last - self.first
    }
}

/// The stretches of positions for which `belongs` holds, oldest first.
pub(super) fn stretches_of(count: usize, belongs: impl Fn(usize) -> bool) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for position in (0..count).filter(|position| belongs(*position)) {
        match found.last_mut() {
            Some(stretch) if stretch.last + 1 == position => stretch.last = position,
            _ => found.push(Stretch {
                first: position,
                last: position,
            }),
        }
    }
    found
}

/// The longest stretch; among equals, the oldest.
pub(super) fn longest(stretches: &[Stretch]) -> Option<Stretch> {
    stretches.iter().copied().reduce(|best, stretch| {
        if stretch.length() > best.length() {
            stretch
        } else {
            best
        }
    })
}

/// The longest few, oldest first.
fn shown(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    if stretches.len() > SHOWN {
        stretches.sort_by_key(|stretch| (std::cmp::Reverse(stretch.length()), stretch.first));
        stretches.truncate(SHOWN);
        stretches.sort_by_key(|stretch| stretch.first);
    }
    stretches
}

/// The position of the worst measured value among some positions, the first of equals. `badness` takes a position and its value.
pub(super) fn worst(
    values: &[Option<f64>],
    among: std::ops::Range<usize>,
    badness: impl Fn(usize, f64) -> f64,
) -> Option<usize> {
    let mut worst: Option<(usize, f64)> = None;
    for position in among {
        let Some(value) = values.get(position).copied().flatten() else {
            continue;
        };
        let badness = badness(position, value);
        if worst.is_none_or(|(_, most)| badness > most) {
            worst = Some((position, badness));
        }
    }
    worst.map(|(position, _)| position)
}

/// Stretches of points that are missing.
pub(super) fn gaps(grid: &Grid, is_missing: impl Fn(usize) -> bool) -> Vec<Gap> {
    shown(stretches_of(grid.count(), is_missing))
        .into_iter()
        .map(|stretch| Gap {
            start: grid.at(stretch.first),
            end: grid.at(stretch.last),
        })
        .collect()
}

/// Stretches of measured points that are bad, each with its worst value.
pub(super) fn breaches(
    values: &[Option<f64>],
    grid: &Grid,
    bad: &[Stretch],
    badness: impl Fn(usize, f64) -> f64,
) -> Vec<Breach> {
    let worst_of = |stretch: &Stretch| {
        let worst = worst(values, stretch.first..stretch.last + 1, &badness)?;
        values.get(worst).copied().flatten()
    };
    shown(bad.to_vec())
        .iter()
        .filter_map(|stretch| {
            Some(Breach {
                start: grid.at(stretch.first),
                end: grid.at(stretch.last),
                worst: worst_of(stretch)?,
            })
        })
        .collect()
}

/// At most 48 buckets of (nearly) equal length, each with its worst measured value.
pub(super) fn trend(
    values: &[Option<f64>],
    badness: impl Fn(usize, f64) -> f64,
) -> Vec<Option<f64>> {
    if values.len() < 2 {
        return Vec::new();
    }
    let buckets = values.len().min(BUCKETS);
    let edge = |bucket: usize| bucket * values.len() / buckets;
    (0..buckets)
        .map(|bucket| {
            let worst = worst(values, edge(bucket)..edge(bucket + 1), &badness)?;
            values.get(worst).copied().flatten()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Duration, Instant};

    fn grid(count: i64) -> Grid {
        Grid::inside(
            Instant::from_secs(0),
            Instant::from_secs(60 * (count - 1)),
            Duration::from_secs(60),
        )
        .expect("grid")
    }

    #[test]
    fn gaps_and_breaches_are_runs_of_points() {
        let values = [Some(1.0), None, None, Some(9.0), Some(7.0), None, Some(1.0)];
        let gaps = gaps(&grid(7), |position| values[position].is_none());
        assert_eq!(gaps.len(), 2);
        assert_eq!(
            gaps[0],
            Gap {
                start: Instant::from_secs(60),
                end: Instant::from_secs(120)
            }
        );
        let bad = stretches_of(7, |position| {
            values[position].is_some_and(|value| value > 5.0)
        });
        let breaches = breaches(&values, &grid(7), &bad, |_, value| value);
        assert_eq!(
            breaches,
            [Breach {
                start: Instant::from_secs(180),
                end: Instant::from_secs(240),
                worst: 9.0
            }]
        );
    }

    #[test]
    fn only_the_longest_stretches_are_shown() {
        let values: Vec<_> = (0..200)
            .map(|i| (i % 3 == 0 || (90..120).contains(&i)).then_some(1.0))
            .collect();
        let gaps = gaps(&grid(200), |position| values[position].is_none());
        assert_eq!(gaps.len(), SHOWN);
        assert!(gaps.windows(2).all(|pair| pair[0].start < pair[1].start));
    }

    #[test]
    fn a_trend_shows_the_worst_of_each_bucket() {
        let values: Vec<_> = (0..480)
            .map(|i| if i == 77 { Some(100.0) } else { Some(1.0) })
            .collect();
        let trend = trend(&values, |_, value| value);
        assert_eq!(trend.len(), BUCKETS);
        assert_eq!(trend[7], Some(100.0));
        assert_eq!(
            trend.iter().flatten().filter(|value| **value > 1.0).count(),
            1
        );
    }
}
