//! What a watch tells the ledger: from when to when somebody watched, and why it ended. Data only.

use serde::{Deserialize, Serialize};

use crate::kind::{GateName, words};
use crate::units::Duration;
use crate::verdict::Verdict;

/// The beginning or the end of a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watch {
    /// It began.
    Started {
        /// What is watched.
        gates: Vec<GateName>,
        /// How often it is judged, at least 1 s.
        every: Duration,
        /// The name of the machine that watches.
        host: String,
    },
    /// It ended. One that was killed has no end.
    Ended {
        /// The number of the entry with which it began.
        began: u64,
        /// Why.
        reason: WatchEnd,
        /// The verdict that it recorded last; `None` if it recorded none.
        verdict: Option<Verdict>,
        /// How many rounds it judged.
        rounds: u64,
        /// For how long it watched, gaps left out, in whole seconds.
        watched: Duration,
        /// SHA-256 of the record of that verdict, 64 lower-case hex digits.
        evidence_sha256: Option<String>,
        /// What was told at the end, or not through by then: all that the record does not hold.
        notices: Vec<Notified>,
    },
}

/// A notice, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notified {
    /// Kind and host of the receiver: `slack hooks.slack.com`.
    pub to: String,
    /// The type of the notice, such as `gate.verdict.changed`.
    pub event: String,
    /// `delivered`, or why it was not.
    pub result: String,
    /// How often it was tried.
    pub attempts: u64,
}

impl Notified {
    /// The word for what arrived.
    pub const DELIVERED: &'static str = "delivered";

    /// Whether it arrived.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.result == Self::DELIVERED
    }
}

words! {
    /// Why a watch ended.
    pub enum WatchEnd: "end of a watch" {
        /// A stop tripped.
        Stop = "stop",
        /// The window is complete, and the gate is GO or NO-GO.
        Complete = "complete",
        /// The window is complete, and for the time of `--grace` the gate could not be decided.
        Grace = "grace",
        /// `--for` or `--until`.
        Limit = "limit",
        /// `--fail-fast`: NO-GO.
        FailFast = "fail-fast",
        /// The stage was left: the next one has begun.
        Left = "left",
        /// The stage was rolled back, and has no recovery gate; or it was reopened.
        RolledBack = "rolled-back",
        /// A signal.
        Interrupted = "interrupted",
        /// Nothing could be recorded any more.
        Unrecorded = "unrecorded",
    }
}
