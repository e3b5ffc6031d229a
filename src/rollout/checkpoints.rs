//! The daily checkpoint of hypercare: which full days since the start have none. Must not take an ordinary remark for one.

use serde::Serialize;

use super::Rollout;
use crate::ledger::{Entry, Event};
use crate::plan::Stage;
use crate::units::{Duration, Instant};

const DAY: Duration = Duration::from_secs(86_400);
/// Days are counted up to this many: a stage that was forgotten for years is not in hypercare.
const MAX_DAYS: usize = 1000;

/// A full 24 h since S without a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Day {
    /// From 1.
    #[serde(rename = "day")]
    pub number: usize,
    /// Where it begins, inclusive.
    pub start: Instant,
    /// Where it ends, exclusive.
    pub end: Instant,
}

impl Rollout<'_> {
    /// The full days since the start without a checkpoint, oldest first.
    pub(super) fn missed(&self, stage: &Stage, start: Instant) -> Vec<Day> {
        let entries = self.history().entries().iter();
        let held: Vec<Instant> = entries
            .filter(|entry| is_checkpoint(entry, &stage.name))
            .map(|entry| entry.at)
            .collect();
        days(start)
            .take_while(|day| day.end <= self.now)
            .filter(|day| !held.iter().any(|at| (day.start..day.end).contains(at)))
            .collect()
    }
}

fn days(start: Instant) -> impl Iterator<Item = Day> {
    let first = Day {
        number: 1,
        start,
        end: start + DAY,
    };
    let all = std::iter::successors(Some(first), |day| {
        Some(Day {
            number: day.number + 1,
            start: day.end,
            end: day.end + DAY,
        })
    });
    all.take(MAX_DAYS)
}

/// A checkpoint of this stage, or one without a stage.
fn is_checkpoint(entry: &Entry, stage: &str) -> bool {
    let Event::Noted {
        stage: of,
        checkpoint,
        ..
    } = &entry.event
    else {
        return false;
    };
    *checkpoint && of.as_deref().is_none_or(|of| of == stage)
}
