//! Windows that move over points: their worst one, their order statistics, their counts and sums, each in a step or a few whatever
//! the length of the window. Must not know what a value means.
//!
//! Both ends of a window only move forward.

use std::collections::VecDeque;

/// How many of the points have a property, in any window: prefix sums.
pub(super) struct Counts(Vec<u32>);

impl Counts {
    pub fn of(points: impl Iterator<Item = bool>) -> Self {
        let mut sums = vec![0];
        let mut sum = 0;
        for has in points {
            sum += u32::from(has);
            sums.push(sum);
        }
        Self(sums)
    }

    /// In the window from one position to another, both included.
    pub fn within(&self, (first, last): (usize, usize)) -> usize {
        let upto = |end: usize| self.0.get(end).copied().unwrap_or_default();
        (upto(last + 1) - upto(first)) as usize
    }
}

/// The highest level of a window: a monotonic deque. Of equals the oldest; NaN is no level.
#[derive(Default)]
pub(super) struct Highest {
    /// Positions with falling levels.
    candidates: VecDeque<usize>,
    /// Up to where levels were taken in.
    end: usize,
}

impl Highest {
    /// Its position, and its level.
    pub fn within(
        &mut self,
        levels: &[f64],
        (first, last): (usize, usize),
    ) -> Option<(usize, f64)> {
        let at = |position: usize| levels.get(position).copied().unwrap_or(f64::NAN);
        for position in self.end.max(first)..=last {
            let level = at(position);
            if level.is_nan() {
                continue;
            }
            while self.candidates.back().is_some_and(|back| at(*back) < level) {
                self.candidates.pop_back();
            }
            self.candidates.push_back(position);
        }
        self.end = self.end.max(last + 1);
        while self.candidates.front().is_some_and(|front| *front < first) {
            self.candidates.pop_front();
        }
        let highest = *self.candidates.front()?;
        Some((highest, at(highest)))
    }
}

/// For each position the lowest of so many levels up to it, where none of them is NaN; otherwise NaN.
pub(super) fn held(levels: &[f64], length: usize) -> Vec<f64> {
    let mut candidates: VecDeque<usize> = VecDeque::new();
    let at = |position: usize| levels.get(position).copied().unwrap_or(f64::NAN);
    let (mut held, mut run) = (Vec::with_capacity(levels.len()), 0);
    for (position, level) in levels.iter().enumerate() {
        if level.is_nan() {
            candidates.clear();
            run = 0;
            held.push(f64::NAN);
            continue;
        }
        run += 1;
        while candidates.back().is_some_and(|back| at(*back) > *level) {
            candidates.pop_back();
        }
        candidates.push_back(position);
        while candidates
            .front()
            .is_some_and(|front| front + length <= position)
        {
            candidates.pop_front();
        }
        let lowest = candidates.front().map_or(f64::NAN, |front| at(*front));
        held.push(if run >= length { lowest } else { f64::NAN });
    }
    held
}

/// The values of a window in order: a Fenwick tree of how many there are of each rank (Fenwick 1994, "A new data structure for
/// cumulative frequency tables").
pub(super) struct Ranks {
    /// All values, in total order, each once for each point.
    sorted: Vec<f64>,
    /// The rank of each position; `u32::MAX` where there is no value.
    of: Vec<u32>,
    tree: Vec<u32>,
    window: (usize, usize),
    pub count: usize,
}

const NONE: u32 = u32::MAX;

impl Ranks {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a grid has at most 2^24 points"
    )]
    pub fn of(values: &[f64]) -> Self {
        let measured = values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan());
        let mut order: Vec<(f64, u32)> = measured
            .map(|(position, value)| (*value, position as u32))
            .collect();
        order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let mut ranks = vec![NONE; values.len()];
        for (rank, (_, position)) in order.iter().enumerate() {
            if let Some(place) = ranks.get_mut(*position as usize) {
                *place = rank as u32;
            }
        }
        let sorted: Vec<f64> = order.into_iter().map(|(value, _)| value).collect();
        Self {
            tree: vec![0; sorted.len() + 1],
            sorted,
            of: ranks,
            window: (0, 0),
            count: 0,
        }
    }

    /// Moves to the window from one position to another, both included; one that lies further back begins anew.
    pub fn move_to(&mut self, (first, last): (usize, usize)) {
        if first < self.window.0 || last + 1 < self.window.1 || first >= self.window.1 {
            for position in self.window.0..self.window.1 {
                self.change(position, false);
            }
            self.window = (first, first);
        }
        for position in self.window.1..=last {
            self.change(position, true);
        }
        for position in self.window.0..first {
            self.change(position, false);
        }
        self.window = (first, last + 1);
    }

    fn change(&mut self, position: usize, enters: bool) {
        let rank = self.of.get(position).copied().unwrap_or(NONE);
        if rank == NONE {
            return;
        }
        self.count = if enters {
            self.count + 1
        } else {
            self.count - 1
        };
        let mut node = rank as usize + 1;
        while let Some(count) = self.tree.get_mut(node) {
            *count = if enters { *count + 1 } else { *count - 1 };
            node += node & node.wrapping_neg();
        }
    }

    /// The value with so many before it in the window's order; `None` if there are not so many.
    pub fn value(&self, before: usize) -> Option<f64> {
        if before >= self.count {
            return None;
        }
        let (mut node, mut left) = (0, before);
        let mut step = self.tree.len().next_power_of_two() / 2;
        while step > 0 {
            let next = node + step;
            if let Some(count) = self.tree.get(next).filter(|count| **count as usize <= left) {
                left -= *count as usize;
                node = next;
            }
            step /= 2;
        }
        self.sorted.get(node).copied()
    }
}

/// Sums of any window, in twice the precision (Knuth's two-sum).
pub(super) struct Sums {
    sums: Vec<(f64, f64)>,
    magnitudes: Vec<f64>,
}

/// A sum, and by how much it may be off from the one that is compensated value by value.
pub(super) struct Sum {
    pub value: f64,
    pub error: f64,
}

impl Sums {
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let (mut high, mut low, mut magnitude) = (0.0_f64, 0.0_f64, 0.0_f64);
        let mut sums = vec![(0.0, 0.0)];
        let mut magnitudes = vec![0.0];
        for value in values {
            let value = if value.is_finite() { value } else { 0.0 };
            let sum = high + value;
            let part = sum - high;
            low += (high - (sum - part)) + (value - part);
            high = sum;
            magnitude += value.abs();
            sums.push((high, low));
            magnitudes.push(magnitude);
        }
        Self { sums, magnitudes }
    }

    /// Of the finite values of a window.
    #[expect(clippy::cast_precision_loss, reason = "a grid has at most 2^24 points")]
    pub fn within(&self, (first, last): (usize, usize)) -> Sum {
        let upto = |end: usize| self.sums.get(end).copied().unwrap_or_default();
        let magnitude = |end: usize| self.magnitudes.get(end).copied().unwrap_or_default();
        let ((from, from_low), (to, to_low)) = (upto(first), upto(last + 1));
        let (length, all) = ((last + 1 - first) as f64, (last + 1) as f64);
        let within = magnitude(last + 1) - magnitude(first);
        let unit = f64::EPSILON;
        Sum {
            value: (to - from) + (to_low - from_low),
            error: length * unit * within + all * unit * unit * magnitude(last + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn levels() -> impl Strategy<Value = Vec<f64>> {
        let level = prop_oneof![3 => (-5..5_i32).prop_map(f64::from), 1 => Just(f64::NAN)];
        prop::collection::vec(level, 1..60)
    }

    fn measured(levels: &[f64]) -> Vec<f64> {
        levels
            .iter()
            .copied()
            .filter(|level| !level.is_nan())
            .collect()
    }

    proptest! {
        #[test]
        fn b11_windows_that_move_say_what_brute_force_says(levels in levels(), length in 1..20_usize, hold in 1..6_usize) {
            let (mut highest, mut ranks) = (Highest::default(), Ranks::of(&levels));
            let (counts, sums) = (Counts::of(levels.iter().map(|level| *level > 1.0)), Sums::of(levels.iter().copied()));
            let held = held(&levels, hold);
            for last in 0..levels.len() {
                let first = (last + 1).saturating_sub(length);
                let mut window = measured(&levels[first..=last]);
                let most = window.iter().copied().reduce(f64::max);
                prop_assert_eq!(highest.within(&levels, (first, last)).map(|(_, level)| level), most);
                prop_assert_eq!(counts.within((first, last)), window.iter().filter(|level| **level > 1.0).count());
                let sum: f64 = window.iter().sum();
                prop_assert!((sums.within((first, last)).value - sum).abs() < 1e-9);
                window.sort_by(f64::total_cmp);
                ranks.move_to((first, last));
                prop_assert_eq!(ranks.count, window.len());
                for (place, value) in window.iter().enumerate() {
                    prop_assert_eq!(ranks.value(place), Some(*value));
                }
                prop_assert_eq!(ranks.value(window.len()), None);
                let run = (last + 1).checked_sub(hold).map(|from| &levels[from..=last]);
                let lowest = run.filter(|run| run.iter().all(|level| !level.is_nan()))
                    .and_then(|run| run.iter().copied().reduce(f64::min));
                prop_assert_eq!(Some(held[last]).filter(|level| !level.is_nan()), lowest);
            }
        }
    }
}
