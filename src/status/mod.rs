//! Where a rollout stands: plan + ledger + now → facts for people. Reaches no verdict of its own: it repeats recorded ones
//! with their age, and asks nobody.
//!
//! `stage` (one stage) · `order` (which stages come next) · `work` (what people owe) · `checkpoints` (days without one) ·
//! `incidents` (what is open) · `next` (what to do now).

mod checkpoints;
mod incidents;
mod next;
mod order;
#[cfg(test)]
pub(crate) mod scenarios;
mod stage;
#[cfg(test)]
mod tests;
mod work;

pub use checkpoints::Day;
pub use incidents::OpenIncident;
pub use next::Next;
pub use order::moved_on;
pub use stage::{GateStatus, LastCheck, Progress, StageStatus, State, Tripped};
pub use work::Owed;

use crate::ledger::{Entry, Ledger};
use crate::plan::{Plan, Release};
use crate::units::Instant;

/// What the status is taken of.
#[derive(Debug, Clone, Copy)]
pub struct StatusInput<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// As given on the command line.
    pub path: &'a str,
    /// SHA-256 of its bytes, 64 lower-case hex digits.
    pub sha256: &'a str,
    /// `None` where no ledger is kept.
    pub ledger: Option<&'a Ledger>,
    /// The clock.
    pub now: Instant,
}

impl StatusInput<'_> {
    fn entries(&self) -> &[Entry] {
        self.ledger.map_or(&[], Ledger::entries)
    }
}

/// Where a rollout stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// As given on the command line.
    pub plan: String,
    /// The release it is about.
    pub release: Release,
    /// When it was asked for.
    pub now: Instant,
    /// `None` where no ledger is kept.
    pub kept: Option<Kept>,
    /// Stages that were started and that the plan does not have (any more).
    pub unknown_stages: Vec<String>,
    /// In plan order.
    pub stages: Vec<StageStatus>,
    /// What people owe to the gates in play, in plan order.
    pub outstanding: Vec<Owed>,
    /// In the order in which they were opened.
    pub incidents: Vec<OpenIncident>,
    /// What to do next; `None` where every stage was left.
    pub next: Option<Next>,
}

/// The ledger that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// How many entries it has.
    pub entries: usize,
    /// When the last one was made.
    pub last: Option<Instant>,
}

/// Takes the status.
#[must_use]
pub fn of(asked: &StatusInput<'_>) -> Status {
    let reached = order::states(asked);
    let stages: Vec<StageStatus> = asked
        .plan
        .stages
        .iter()
        .zip(&reached)
        .map(|(stage, reached)| stage::of(stage, *reached, asked))
        .collect();
    let outstanding = work::outstanding(&reached, asked);
    Status {
        plan: asked.path.to_owned(),
        release: asked.plan.release.clone(),
        now: asked.now,
        kept: asked.ledger.map(|ledger| Kept {
            entries: ledger.entries().len(),
            last: ledger.entries().last().map(|entry| entry.at),
        }),
        unknown_stages: order::unknown_stages(asked),
        next: next::of(&stages, &outstanding, asked),
        incidents: incidents::open(asked),
        stages,
        outstanding,
    }
}
