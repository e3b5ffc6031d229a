//! What happened that people are told of: its type, its id, its words. Must not know what is said of the gate, nor who is told.

use crate::digest::sha256_hex;
use crate::kind::{GateName, words as listed};
use crate::ledger::WatchEnd;
use crate::plan::ToldOf;
use crate::units::Instant;
use crate::verdict::Verdict;

listed! {
    /// The type of a notice.
    pub enum NoticeKind: "type of a notice" {
        /// The recorded verdict of a gate has changed.
        Changed = "gate.verdict.changed",
        /// A source does not answer any more.
        SourceAway = "gate.source.away",
        /// It answers again.
        SourceBack = "gate.source.back",
        /// A watch recorded its checkpoint.
        Checkpoint = "gate.checkpoint",
        /// For a full day nobody has held a checkpoint.
        CheckpointDue = "gate.checkpoint.due",
        /// A watch ended.
        Ended = "gate.watch.ended",
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence<'a> {
    /// The recorded verdict is another one; `None` if it is the first.
    Changed(Option<Verdict>),
    /// A source does not answer any more.
    SourceAway(&'a str),
    /// It answers again; since when it did not.
    SourceBack(&'a str, Instant),
    /// A watch recorded its checkpoint.
    Checkpoint,
    /// For a full day nobody has held a checkpoint: since when.
    CheckpointDue(Instant),
    /// A watch ended.
    Ended(WatchEnd),
}

impl Occurrence<'_> {
    pub(super) fn kind(self) -> NoticeKind {
        match self {
            Self::Changed(_) => NoticeKind::Changed,
            Self::SourceAway(_) => NoticeKind::SourceAway,
            Self::SourceBack(..) => NoticeKind::SourceBack,
            Self::Checkpoint => NoticeKind::Checkpoint,
            Self::CheckpointDue(_) => NoticeKind::CheckpointDue,
            Self::Ended(_) => NoticeKind::Ended,
        }
    }

    pub(super) fn event(self, verdict: Verdict) -> ToldOf {
        match self {
            Self::Changed(_) => ToldOf::change_to(verdict),
            Self::SourceAway(_) => ToldOf::SourceAway,
            Self::SourceBack(..) => ToldOf::SourceBack,
            Self::Checkpoint => ToldOf::Checkpoint,
            Self::CheckpointDue(_) => ToldOf::CheckpointDue,
            Self::Ended(_) => ToldOf::End,
        }
    }

    pub(super) fn source(&self) -> Option<&str> {
        match self {
            Self::SourceAway(source) | Self::SourceBack(source, _) => Some(source),
            Self::Changed(_) | Self::Checkpoint | Self::CheckpointDue(_) | Self::Ended(_) => None,
        }
    }

    /// Two sources may go away in one round.
    pub(super) fn id(self, plan_sha256: &str, gate: &GateName, at: Instant) -> String {
        let (gate, at) = (gate.to_string(), at.to_string());
        let parts = [plan_sha256, &gate, &at, self.kind().word()];
        let parts: Vec<&str> = parts.into_iter().chain(self.source()).collect();
        sha256_hex(&[parts.join("\n")])
    }

    /// In a few words.
    pub(super) fn in_words(self, at: Instant) -> String {
        match self {
            Self::Changed(Some(from)) => format!("was {}", from.word()),
            Self::Changed(None) => "the first verdict".to_owned(),
            Self::SourceAway(source) => format!("source {source} does not answer"),
            Self::SourceBack(source, since) => {
                format!("source {source} is back after {}", since.until(at))
            }
            Self::Checkpoint => "a checkpoint of the watch was recorded".to_owned(),
            Self::CheckpointDue(since) => {
                format!("nobody has held a checkpoint since {since}")
            }
            Self::Ended(reason) => ended(reason).to_owned(),
        }
    }
}

/// Why a watch ended, in words.
#[must_use]
pub fn ended(reason: WatchEnd) -> &'static str {
    match reason {
        WatchEnd::Stop => "the watch ended: a stop tripped",
        WatchEnd::Complete => "the watch ended: the window is complete",
        WatchEnd::Grace => {
            "the watch ended: the window is complete, and something could not be decided for the time of --grace"
        }
        WatchEnd::Limit => "the watch ended: its time is over (--for, --until)",
        WatchEnd::FailFast => "the watch ended: NO-GO, and --fail-fast was given",
        WatchEnd::Left => "the watch ended: the stage was left",
        WatchEnd::RolledBack => {
            "the watch ended: the stage was rolled back, and nothing asks whether it has recovered"
        }
        WatchEnd::Interrupted => "the watch ended: interrupted",
        WatchEnd::Unrecorded => "the watch ended: nothing could be recorded any more",
    }
}
