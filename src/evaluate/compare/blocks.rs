//! C3 and C5: pairs → blocks of equal time, each with a difference from the bound and a weight. Must not weigh them up.

use super::Asked;
use crate::samples::{EventSum, Events};

/// Into how many blocks a span is cut.
pub const BLOCKS: usize = 12;

/// Numbers that lie closer together, as a share of their size, are the same.
pub(super) const SAME: f64 = 1e-12;

/// A grid point at which both arms have a value; of a fixed limit there is no control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValuePair {
    /// Its position on the grid, from 0.
    pub at: usize,
    pub canary: f64,
    pub control: Option<f64>,
}

/// A grid point at which both arms have events; of a fixed limit there is no control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventPair {
    /// Its position on the grid, from 0.
    pub at: usize,
    pub canary: Events,
    pub control: Option<Events>,
}

/// What some values come to; `None` of none.
pub type Centre = fn(&[f64]) -> Option<f64>;

/// The pairs, oldest first.
#[derive(Debug, Clone, Copy)]
pub enum Arms<'a> {
    /// Of values, and what those of a block come to: their mean, or their median.
    Values(&'a [ValuePair], Centre),
    /// Of counts.
    Events(&'a [EventPair]),
}

impl Arms<'_> {
    pub(super) fn count(self) -> usize {
        match self {
            Self::Values(pairs, _) => pairs.len(),
            Self::Events(pairs) => pairs.len(),
        }
    }

    /// Of all pairs of counts, of canary and control; `None` of values.
    pub fn events(self) -> Option<(Events, Option<Events>)> {
        match self {
            Self::Events(pairs) => Some(added(pairs)),
            Self::Values(..) => None,
        }
    }

    /// What canary and control come to over all pairs; `None` of no pairs.
    pub fn overall(self) -> Option<(f64, Option<f64>)> {
        match self {
            Self::Values(pairs, centre) => centres(pairs, centre),
            Self::Events(pairs) => {
                let (canary, control) = added(pairs);
                Some((canary.ratio()?, control.and_then(Events::ratio)))
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
    pub events: Option<(Events, Option<Events>)>,
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
        Arms::Values(pairs, centre) => {
            let pairs = inside(pairs, number, asked.points);
            of_values(asked, number, pairs, centre)
        }
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
    pairs
        .get(from(number)..from(number + 1))
        .unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 points")]
fn of_values(asked: Asked, number: usize, pairs: &[ValuePair], centre: Centre) -> Option<Block> {
    let (canary, control) = centres(pairs, centre)?;
    let margin = asked.margin;
    let difference = match control {
        Some(control) if margin.is_relative() => {
            (control > 0.0).then_some(())?;
            beyond(canary / control, 0.0, margin.factor)
        }
        Some(control) => beyond(canary, margin.offset, margin.factor * control),
        None => beyond(canary, margin.offset, 0.0),
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

/// How far a value is beyond `offset + scaled`; nothing where that is but the rounding of what is compared.
fn beyond(value: f64, offset: f64, scaled: f64) -> f64 {
    let difference = value - offset - scaled;
    let size = value.abs().max(offset.abs()).max(scaled.abs());
    // Infinity is within any share of itself, and is no rounding.
    if difference.is_finite() && difference.abs() <= SAME * size {
        0.0
    } else {
        difference
    }
}

/// What each arm comes to; `None` of no pairs.
fn centres(pairs: &[ValuePair], centre: Centre) -> Option<(f64, Option<f64>)> {
    let canary: Vec<f64> = pairs.iter().map(|pair| pair.canary).collect();
    let control: Vec<f64> = pairs.iter().filter_map(|pair| pair.control).collect();
    Some((centre(&canary)?, centre(&control)))
}

fn of_events(asked: Asked, number: usize, pairs: &[EventPair]) -> Option<Block> {
    let (canary, control) = added(pairs);
    let of_canary = canary.ratio()?;
    let of_control = match control {
        Some(control) => Some(control.ratio()?),
        None => None,
    };
    let margin = asked.margin;
    let (scaled, weight) = match (of_control, control) {
        (Some(ratio), Some(control)) if margin.factor != 0.0 => (
            margin.factor * ratio,
            canary.total * control.total / (canary.total + control.total),
        ),
        _ => (0.0, canary.total),
    };
    Some(Block {
        number,
        canary: of_canary,
        control: of_control,
        events: Some((canary, control)),
        weight,
        difference: beyond(of_canary, margin.offset, scaled),
    })
}

/// All events of some pairs.
fn added(pairs: &[EventPair]) -> (Events, Option<Events>) {
    let canary: EventSum = pairs.iter().map(|pair| pair.canary).collect();
    let control = pairs.iter().map(|pair| pair.control);
    let control: Option<EventSum> = control.collect();
    (canary.rates(), control.map(EventSum::rates))
}
