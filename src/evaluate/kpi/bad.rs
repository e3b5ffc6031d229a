//! Rule 5: which measured points of a series are bad, and which is the worst. Must not look at labels, sources or other series.

use std::cell::OnceCell;

use super::limits::Limits;
use super::presence::Known;
use super::ratio::Tally;
use super::reduce::compare;
use super::ruling::{SeriesRuling, found};
use super::stretches::{self, Stretch, Worse, stretches_of};
use crate::assessment::{Code, Outcome};
use crate::evaluate::context::Undecided;
use crate::kind::List;
use crate::plan::{Comparison, Condition, Reducer};
use crate::samples::Grid;
use crate::units::{Duration, Unit};

/// Everything that a judgement looks at.
pub(super) struct SeriesJudge<'a> {
    pub condition: &'a Condition,
    pub list: List,
    pub unit: Unit,
    pub grid: &'a Grid,
    /// A value for each measured grid point, oldest first.
    pub values: &'a [Option<f64>],
    /// What is known of each.
    pub points: &'a [Known],
    /// At which of them the series has to be there.
    pub expected: Expected,
    /// Why the points are not enough for a decision that needs all of them.
    pub thin: Option<&'a Undecided>,
    /// How late samples come.
    pub delay: Duration,
    /// What they are compared with.
    pub limits: &'a Limits,
    /// Of a ratio: its events.
    pub tally: Option<Tally<'a>>,
    /// What was found already.
    pub looked: Looked,
}

/// What the points are asked more than once, so that it is looked for once.
#[derive(Default)]
pub(super) struct Looked {
    bad: OnceCell<Vec<Stretch>>,
    worst: OnceCell<Option<usize>>,
}

/// When a series has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// It is listed, or the only one.
    Throughout,
    /// Nothing lists it: from its first point on.
    OnceThere,
    /// Nothing lists it, and it may come and go: from its first point to its last.
    WhileThere,
}

/// Which values are worse, for a condition in a list: a stop describes the bad state, all others the good one.
pub(super) fn worse(comparison: Comparison, list: List, bound: f64) -> Worse {
    match (comparison, list == List::Stop) {
        (Comparison::Less | Comparison::LessOrEqual, false) => Worse::High,
        (Comparison::Less | Comparison::LessOrEqual, true) => Worse::Low,
        (Comparison::Greater | Comparison::GreaterOrEqual, false) => Worse::Low,
        (Comparison::Greater | Comparison::GreaterOrEqual, true) => Worse::High,
        (Comparison::Equal, false) | (Comparison::NotEqual, true) => Worse::Far(bound),
        (Comparison::NotEqual, false) | (Comparison::Equal, true) => Worse::Near(bound),
    }
}

/// Whether a measured value violates a good condition, or satisfies a stop's; not if the bound is NaN.
pub(super) fn is_bad(condition: &Condition, list: List, bound: f64, value: f64) -> bool {
    compare(value, condition.comparison, bound) == Some(list == List::Stop)
}

/// How bad a series is: first by its outcome (and whether it is met so far), then by how far its value is from its bound.
pub(super) fn standing(
    condition: &Condition,
    list: List,
    (outcome, is_met_so_far): (Outcome, bool),
    beside: Option<(f64, f64)>,
) -> (u8, f64) {
    let rank = match outcome {
        Outcome::Unmet | Outcome::Tripped => 3,
        Outcome::Unknown if is_met_so_far => 1,
        Outcome::Unknown => return (2, 0.0),
        Outcome::Met | Outcome::Clear => 0,
    };
    let Some((value, bound)) = beside else {
        return (rank, 0.0);
    };
    let worse = worse(condition.comparison, list, bound);
    (rank, worse.badness(value) - worse.badness(bound))
}

impl SeriesJudge<'_> {
    /// The stretches of measured points in the bad state.
    pub fn bad(&self) -> &[Stretch] {
        self.looked.bad.get_or_init(|| {
            // A share of the budget is not that of a point.
            if self.condition.reducer == Some(Reducer::Budget) {
                return Vec::new();
            }
            let is_bad = self.badly();
            stretches_of(self.values.len(), |position| {
                let value = self.at(position);
                value.is_some_and(|value| is_bad(position, value))
            })
        })
    }

    /// Whether the value at a position is bad. What all points have in common is looked up once.
    pub(super) fn badly(&self) -> impl Fn(usize, f64) -> bool {
        let common = self.limits.of_all();
        move |position, value| {
            let bound = common.unwrap_or_else(|| self.limits.bound(position));
            is_bad(self.condition, self.list, bound, value)
        }
    }

    pub(super) fn is_bad(&self, position: usize, value: f64) -> bool {
        self.badly()(position, value)
    }

    /// Higher numbers are worse points: by their value, or where each has a bound of its own by how far they are beyond it.
    pub fn badness(&self) -> impl Fn(usize, f64) -> f64 {
        let worse = |bound: f64| {
            let bound = if bound.is_nan() { 0.0 } else { bound };
            let worse = worse(self.condition.comparison, self.list, bound);
            (worse, bound)
        };
        let common = self.limits.of_all().map(worse);
        move |position, value| {
            if let Some((worse, _)) = common {
                return worse.badness(value);
            }
            let (worse, bound) = worse(self.limits.bound(position));
            worse.badness(value) - worse.badness(bound)
        }
    }

    /// The position of the worst measured point, the first of equals.
    pub fn worst(&self) -> Option<usize> {
        let worst = || stretches::worst(self.values, 0..self.values.len(), self.badness());
        *self.looked.worst.get_or_init(worst)
    }

    pub(super) fn at(&self, position: usize) -> Option<f64> {
        self.values.get(position).copied().flatten()
    }

    pub(super) fn measured(&self) -> impl Iterator<Item = f64> {
        self.values.iter().flatten().copied()
    }

    /// The worst point: where, its value, and the bound that it has.
    pub(super) fn worst_point(&self) -> Option<WorstPoint> {
        let position = self.worst()?;
        Some(WorstPoint {
            position,
            value: self.at(position)?,
            bound: self.limits.bound(position),
        })
    }

    /// A good outcome needs enough points.
    pub(super) fn unless_thin(
        &self,
        outcome: Outcome,
        code: Code,
        reason: String,
        value: Option<f64>,
    ) -> SeriesRuling {
        match self.thin {
            Some(_) => SeriesRuling {
                value,
                ..self.undecided()
            },
            None => found(outcome, code, reason, value),
        }
    }

    pub(super) fn undecided(&self) -> SeriesRuling {
        let nothing = || Undecided::new(Code::NoData, "nothing was measured");
        let Undecided { code, reason } = self.thin.cloned().unwrap_or_else(nothing);
        SeriesRuling {
            outcome: Outcome::Unknown,
            code,
            reason,
            value: self.worst().and_then(|position| self.at(position)),
        }
    }
}

/// A point that is worst.
pub(super) struct WorstPoint {
    pub position: usize,
    pub value: f64,
    pub bound: f64,
}
