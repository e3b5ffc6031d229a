//! C3 and C5: pairs → blocks of equal time, each with a difference from the bound and a weight. Must not weigh them up.

use super::Asked;
use crate::evaluate::kpi::reduce::{mean, reduce};
use crate::evaluate::sum::Sum;
use crate::plan::Reducer;

/// Into how many blocks a span is cut.
const BLOCKS: usize = 12;

/// A grid point at which both arms have a value; of a fixed limit there is no control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValuePair {
    /// Its position on the grid, from 0.
    pub at: usize,
    pub canary: f64,
    pub control: Option<f64>,
}

/// Events of an arm: those that are counted (errors, or good ones), and all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    pub counted: f64,
    pub total: f64,
}

impl Counts {
    /// The share of the counted ones.
    pub fn ratio(self) -> f64 {
        self.counted / self.total
    }
}

/// A grid point at which both arms have events; of a fixed limit there is no control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventPair {
    /// Its position on the grid, from 0.
    pub at: usize,
    pub canary: Counts,
    pub control: Option<Counts>,
}

/// The pairs, oldest first.
#[derive(Debug, Clone, Copy)]
pub enum Arms<'a> {
    /// Of values; each block counts by their mean.
    Means(&'a [ValuePair]),
    /// Of values; each block counts by their median.
    Medians(&'a [ValuePair]),
    /// Of counts.
    Events(&'a [EventPair]),
}

impl Arms<'_> {
    pub(super) fn count(self) -> usize {
        match self {
            Self::Means(pairs) | Self::Medians(pairs) => pairs.len(),
            Self::Events(pairs) => pairs.len(),
        }
    }

    /// Of all pairs of counts, of canary and control; `None` of values.
    pub fn events(self) -> Option<(Counts, Option<Counts>)> {
        match self {
            Self::Events(pairs) => Some(added(pairs)),
            Self::Means(_) | Self::Medians(_) => None,
        }
    }

    /// What canary and control come to over all pairs; `None` of no pairs.
    pub fn overall(self) -> Option<(f64, Option<f64>)> {
        match self {
            Self::Means(pairs) => centres(pairs, Reducer::Mean),
            Self::Medians(pairs) => centres(pairs, Reducer::Median),
            Self::Events(pairs) => {
                let (canary, control) = added(pairs);
                (!pairs.is_empty()).then(|| (canary.ratio(), control.map(Counts::ratio)))
            }
        }
    }
}

/// A block that counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// Which of the twelve, from 0.
    pub number: usize,
    /// The canary: mean, median or ratio.
    pub canary: f64,
    /// The control, if there is one.
    pub control: Option<f64>,
    /// The events of both, of counts.
    pub events: Option<(Counts, Option<Counts>)>,
    /// w.
    pub weight: f64,
    /// d: how far the canary is above its bound.
    pub difference: f64,
}

impl Block {
    /// The positions of its first and last grid point, of so many.
    pub fn positions(&self, points: usize) -> (usize, usize) {
        let next = first_of(self.number + 1, points);
        (first_of(self.number, points), next.saturating_sub(1))
    }
}

/// Position i is in block ⌊12 i / N⌋, so that block b begins at ⌈N b / 12⌉.
fn first_of(number: usize, points: usize) -> usize {
    (number * points).div_ceil(BLOCKS)
}

/// The blocks that count, oldest first.
pub(super) fn blocks(asked: Asked, arms: Arms<'_>) -> Vec<Block> {
    let block = |number| match arms {
        Arms::Means(pairs) => of_values(asked, number, inside(pairs, number, asked.points), Reducer::Mean),
        Arms::Medians(pairs) => of_values(asked, number, inside(pairs, number, asked.points), Reducer::Median),
        Arms::Events(pairs) => of_events(asked, number, inside(pairs, number, asked.points)),
    };
    (0..BLOCKS).filter_map(block).collect()
}

/// A pair's place.
trait Placed {
    fn at(&self) -> usize;
}

impl Placed for ValuePair {
    fn at(&self) -> usize {
        self.at
    }
}

impl Placed for EventPair {
    fn at(&self) -> usize {
        self.at
    }
}

/// The pairs of a block.
fn inside<P: Placed>(pairs: &[P], number: usize, points: usize) -> &[P] {
    let from = |number: usize| {
        let first = first_of(number, points);
        pairs.partition_point(|pair| pair.at() < first)
    };
    pairs.get(from(number)..from(number + 1)).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 points")]
fn of_values(asked: Asked, number: usize, pairs: &[ValuePair], by: Reducer) -> Option<Block> {
    let (canary, control) = centres(pairs, by)?;
    let margin = asked.margin;
    let difference = match control {
        Some(control) if margin.is_relative() => {
            (control > 0.0).then_some(())?;
            canary / control - margin.factor
        }
        Some(control) => canary - margin.offset - margin.factor * control,
        None => canary - margin.offset,
    };
    Some(Block {
        number,
        canary,
        control,
        events: None,
        weight: pairs.len() as f64,
        difference,
    })
}

/// Mean or median of each arm; `None` of no pairs.
fn centres(pairs: &[ValuePair], by: Reducer) -> Option<(f64, Option<f64>)> {
    let canary: Vec<f64> = pairs.iter().map(|pair| pair.canary).collect();
    let control: Vec<f64> = pairs.iter().filter_map(|pair| pair.control).collect();
    let centre = |values: &[f64]| match by {
        Reducer::Mean => mean(values),
        other => reduce(other, values),
    };
    Some((centre(&canary)?, centre(&control)))
}

fn of_events(asked: Asked, number: usize, pairs: &[EventPair]) -> Option<Block> {
    let (canary, control) = added(pairs);
    let is_empty = |counts: Counts| counts.total <= 0.0;
    if is_empty(canary) || control.is_some_and(is_empty) {
        return None;
    }
    let margin = asked.margin;
    let against = control.filter(|_| margin.factor != 0.0);
    let bound = margin.offset + against.map_or(0.0, |control| margin.factor * control.ratio());
    let weight = match against {
        Some(control) => canary.total * control.total / (canary.total + control.total),
        None => canary.total,
    };
    Some(Block {
        number,
        canary: canary.ratio(),
        control: control.map(Counts::ratio),
        events: Some((canary, control)),
        weight,
        difference: canary.ratio() - bound,
    })
}

/// All events of some pairs.
fn added(pairs: &[EventPair]) -> (Counts, Option<Counts>) {
    let (mut canary, mut control) = (Adding::default(), Adding::default());
    let mut has_control = false;
    for pair in pairs {
        canary.add(pair.canary);
        if let Some(counts) = pair.control {
            has_control = true;
            control.add(counts);
        }
    }
    (canary.counts(), has_control.then(|| control.counts()))
}

#[derive(Default)]
struct Adding {
    counted: Sum,
    total: Sum,
}

impl Adding {
    fn add(&mut self, counts: Counts) {
        self.counted.add(counts.counted);
        self.total.add(counts.total);
    }

    fn counts(&self) -> Counts {
        Counts {
            counted: self.counted.value(),
            total: self.total.value(),
        }
    }
}
