//! Recorded answers: written as they come, read again for `--replay` and as captured baselines.
//!
//! Same observations, same bytes. Must not judge, nor fill in what a file does not hold.

pub mod captured;
pub mod recorded;

mod collect;
mod document;
mod exchange;
mod finding;
mod join;
mod read;
mod series;
mod text;
mod visit;

pub use exchange::{Exchange, Recording};

pub(super) use collect::{Collected, Collector};
pub(super) use exchange::{Recorder, Records, Times};
pub(super) use join::{Join, Outcome, Piece};
