//! C6 to C8 and C10: blocks → the difference, its noise, and what both show. Must not know what was measured.

use super::blocks::{Block, SAME};
use super::{Asked, Levels, Margin, quantile};
use crate::samples::{EventSum, Events, Sum};

/// More resemblance of neighbours is not counted (C7); at it, the difference drifts.
const MOST_RHO: f64 = 0.8;

/// What an estimate shows at the levels that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Good,
    Bad,
    Undecided,
}

/// How far the canary is from its bound, and how sure that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    pub shown: Shown,
    pub margin: Margin,
    pub levels: Levels,
    /// How many pairs there were.
    pub pairs: usize,
    /// The blocks that count.
    pub blocks: Vec<Block>,
    /// D: how far the canary is above its bound, as measured.
    pub difference: f64,
    /// SE.
    pub se: f64,
    pub rho: f64,
    /// SE0, of counts.
    pub se_chance: Option<f64>,
    /// D/SE, turned so that above 0 is bad.
    pub t: f64,
    /// D/SE0, turned alike, of counts.
    pub z: Option<f64>,
    /// Half the interval at the level of a good outcome.
    pub half: f64,
}

impl Estimate {
    /// What is estimated of the margin: D and the margin's own number.
    pub fn estimate(&self) -> f64 {
        self.difference + self.of_margin()
    }

    /// The margin's own number: a, or m where values are compared as a quotient.
    pub fn of_margin(&self) -> f64 {
        if self.is_quotient() {
            self.margin.factor
        } else {
            self.margin.offset
        }
    }

    /// Whether canary and control are compared as a quotient.
    pub fn is_quotient(&self) -> bool {
        self.margin.is_relative() && self.se_chance.is_none()
    }

    /// The estimate over some of the blocks.
    pub fn over(&self, blocks: &[Block]) -> f64 {
        weighed(blocks) + self.of_margin()
    }

    /// Whether the difference drifts more than is counted.
    pub fn drifts(&self) -> bool {
        self.rho >= MOST_RHO
    }

    /// C12: how many times the span more would show a good outcome; `None` where it is not on the good side.
    pub fn more_needed(&self) -> Option<f64> {
        let is_good = self.t < 0.0 && self.difference != 0.0;
        is_good.then(|| (self.half / self.difference) * (self.half / self.difference) - 1.0)
    }
}

/// Estimates from enough blocks with finite differences.
pub(super) fn estimate(asked: Asked, blocks: Vec<Block>, pairs: usize) -> Estimate {
    let difference = weighed(&blocks);
    let turned = if asked.high_is_bad {
        difference
    } else {
        -difference
    };
    let Noise { se, rho } = noise(&blocks, difference);
    let t = match se {
        Some(se) => turned / se,
        None if difference == 0.0 => 0.0,
        None => f64::INFINITY.copysign(turned),
    };
    let se = se.unwrap_or_default();
    let se_chance = chance(&blocks, asked.margin);
    let z = se_chance.map(|se| turned / se);
    let good = Quantiles::of(asked.levels.good, &blocks);
    let bad = Quantiles::of(asked.levels.bad, &blocks);
    let shown = if good.are_reached(-t, z.map(|z| -z)) {
        Shown::Good
    } else if bad.are_reached(t, z) {
        Shown::Bad
    } else {
        Shown::Undecided
    };
    let of_chance = se_chance.map_or(0.0, |se| good.normal * se);
    let half = (good.student * se).max(of_chance);
    Estimate {
        shown,
        margin: asked.margin,
        levels: asked.levels,
        pairs,
        blocks,
        difference,
        se,
        rho,
        se_chance,
        t,
        z,
        half,
    }
}

/// What has to be reached at a level.
struct Quantiles {
    student: f64,
    normal: f64,
}

impl Quantiles {
    fn of(level: f64, blocks: &[Block]) -> Self {
        Self {
            student: quantile::student(level, degrees(blocks)),
            normal: quantile::normal(level),
        }
    }

    /// C10: by both, and by t alone of values.
    fn are_reached(&self, t: f64, z: Option<f64>) -> bool {
        t >= self.student && z.is_none_or(|z| z >= self.normal)
    }
}

/// D: the differences, weighed.
fn weighed(blocks: &[Block]) -> f64 {
    let above = blocks.iter().map(|block| block.weight * block.difference);
    sum(above) / weight(blocks)
}

fn weight(blocks: &[Block]) -> f64 {
    sum(blocks.iter().map(|block| block.weight))
}

struct Noise {
    /// `None` where all blocks are the same.
    se: Option<f64>,
    rho: f64,
}

/// C7.
fn noise(blocks: &[Block], difference: f64) -> Noise {
    let largest = blocks.iter().map(|block| block.difference.abs());
    let largest = largest.fold(0.0, f64::max);
    let off = |block: &Block| block.difference - difference;
    if blocks
        .iter()
        .all(|block| off(block).abs() <= SAME * largest)
    {
        return Noise { se: None, rho: 0.0 };
    }
    let spread: Vec<f64> = blocks
        .iter()
        .map(|block| block.weight * off(block))
        .collect();
    let squares = sum(spread.iter().map(|one| one * one));
    let neighbours = spread.iter().zip(spread.iter().skip(1));
    let r = sum(neighbours.map(|(one, next)| one * next)) / squares;
    let count = f64::from(degrees(blocks)) + 1.0;
    let rho = ((count * r + 1.0) / (count - 4.0)).clamp(0.0, MOST_RHO);
    let variance = count / (count - 1.0) * squares / (weight(blocks) * weight(blocks));
    Noise {
        se: Some((variance * (1.0 + rho) / (1.0 - rho)).sqrt()),
        rho,
    }
}

/// C8: the noise of chance alone, were the canary exactly at its bound; `None` of values.
fn chance(blocks: &[Block], margin: Margin) -> Option<f64> {
    let (a, m) = (margin.offset, margin.factor);
    let events: Option<Vec<_>> = blocks.iter().map(|block| block.events).collect();
    let (canary, control): (Vec<Events>, Vec<Option<Events>>) = events?.into_iter().unzip();
    let control = control
        .into_iter()
        .map(|events| events.filter(|_| m != 0.0));
    let control: Vec<Events> = control.map(Option::unwrap_or_default).collect();
    let all = |of: &[Events]| of.iter().copied().collect::<EventSum>().rates();
    let (of_canary, of_control) = (all(&canary), all(&control));
    let least = 1.0 / (of_canary.total + of_control.total + 2.0);
    let possible = |share: f64| share.clamp(least, 1.0 - least);
    let errors = of_canary.part + of_control.part + 1.0 - of_canary.total * a;
    let p_c = possible(errors / (m * of_canary.total + of_control.total + 2.0));
    if m == 0.0 {
        return Some(variance(possible(a), blocks, &canary).sqrt());
    }
    let p_t = possible(a + m * p_c);
    let of_both = variance(p_t, blocks, &canary) + m * m * variance(p_c, blocks, &control);
    Some(of_both.sqrt())
}

/// p (1 − p) Σ(w²/N) / (Σw)².
fn variance(p: f64, blocks: &[Block], events: &[Events]) -> f64 {
    let each = blocks.iter().zip(events);
    let spread = sum(each.map(|(block, events)| block.weight * block.weight / events.total));
    p * (1.0 - p) * spread / (weight(blocks) * weight(blocks))
}

/// A compensated sum.
fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().collect::<Sum>().value()
}

/// B − 1.
fn degrees(blocks: &[Block]) -> u32 {
    u32::try_from(blocks.len())
        .unwrap_or(u32::MAX)
        .saturating_sub(1)
}
