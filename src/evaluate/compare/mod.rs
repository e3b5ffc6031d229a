//! `at P`: whether a difference between canary and control (or a limit) is shown, with the noise counted. Pure statistics: pairs of
//! values or of counts in, an estimate and what it shows out.
//!
//! `blocks` (C3, C5) · `estimate` (C6 to C8) · `quantile` (C13). Must not know plans, queries or words.
//!
//! Twelve blocks of time, each weighed by what it knows (Mantel & Haenszel 1959), so that shared incidents, the day's curve and a
//! changing share of traffic cancel out; their spread, widened where neighbours resemble each other, is the noise. A chance
//! floor at the margin (Dunnett & Gent 1977) makes no errors at all evidence in proportion to traffic. Early looks need much more (Haybittle 1971, Peto 1976).

mod blocks;
mod estimate;
mod quantile;

pub use blocks::{Arms, BLOCKS, EventPair, ValuePair};
pub use estimate::{Estimate, Shown};

use self::blocks::blocks;
use self::estimate::estimate;
use crate::plan::Confidence;

/// Fewer blocks show nothing (C3).
pub const LEAST_BLOCKS: usize = 8;

/// How much less likely an error may be at a look before the end (C9).
const EARLY: f64 = 50.0;

/// The bound: `offset + factor · control`, C4's a and m.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// a.
    pub offset: f64,
    /// m; 0 for a limit without control.
    pub factor: f64,
}

impl Margin {
    /// Whether the arms are compared as a quotient: only values of a control that is scaled are.
    pub fn is_relative(self) -> bool {
        self.factor != 0.0 && self.factor != 1.0
    }
}

/// How sure one has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// Of a good outcome, and of the interval: 1 − P.
    pub good: f64,
    /// Of a bad one.
    pub bad: f64,
}

impl Levels {
    /// C9: `error` is 1 − P, `series` how many are judged together, `is_early` whether the judged span is shorter than the window.
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 series")]
    pub fn new(error: f64, series: usize, is_early: bool) -> Self {
        let looks = if is_early { EARLY } else { 1.0 };
        Self {
            good: error,
            bad: error / series.max(1) as f64 / looks,
        }
    }
}

/// What is asked of the pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Grid points of the judged span.
    pub points: usize,
    pub margin: Margin,
    /// Whether values above the bound are the bad ones.
    pub high_is_bad: bool,
    pub levels: Levels,
}

/// What the pairs say.
#[derive(Debug, Clone, PartialEq)]
pub enum Compared {
    /// Fewer than [`Confidence::LEAST_PAIRS`].
    FewPairs(usize),
    /// Fewer than [`LEAST_BLOCKS`].
    FewBlocks(usize),
    /// A value that is not finite, so that no noise can be told.
    NotFinite,
    /// An estimate.
    Estimated(Estimate),
}

/// Compares the arms.
pub fn compare(asked: Asked, arms: Arms<'_>) -> Compared {
    let pairs = arms.count();
    if pairs < Confidence::LEAST_PAIRS {
        return Compared::FewPairs(pairs);
    }
    let blocks = blocks(asked, arms);
    if blocks.len() < LEAST_BLOCKS {
        return Compared::FewBlocks(blocks.len());
    }
    if blocks.iter().any(|block| !block.difference.is_finite()) {
        return Compared::NotFinite;
    }
    Compared::Estimated(estimate(asked, blocks, pairs))
}

#[cfg(test)]
mod tests;
