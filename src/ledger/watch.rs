//! What a watch tells the ledger: from when to when somebody watched, and why it ended. Data only.

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
    },
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
