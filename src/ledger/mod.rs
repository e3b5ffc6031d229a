//! The record of what people did: entries, the chain that holds them, the format of their lines. Has no opinion on where a
//! rollout stands after them: `rollout` says that.
//!
//! `entry` (what is recorded) · `approval` (what somebody signs who approves) · `line` (the lines of the file, chained) · `wire` (an entry as the keys of its line) ·
//! `strict_json` (JSON in its order) · `filter` (some of the entries) · `incidents` (as they are after the entries) ·
//! `recorded_as` (what a record and its ledger say of each other) · `signatures` (what was found about those of approvals). Must
//! not open a file or read a clock.

mod approval;
mod entry;
mod filter;
mod incident_days;
mod incidents;
pub mod line;
mod recorded_as;
mod signatures;
mod strict_json;
mod watch;
mod wire;

pub use approval::Statement;
pub use entry::{
    Answer, Checked, Entry, Event, EventKind, FileKept, GateChecked, IdentitySource,
    IncidentDetails, LetGo, NotMet, Person, PlanThen, RollbackTold, SetAside, StageLeft, StepState,
    StepTold, Trip, known_as, without_address,
};
pub use incident_days::{IncidentDay, incident_days};
pub use incidents::{Became, EarlierSeverity, Incident, is_worse, recorded_apart};
pub use line::{Chain, Damage, LedgerError, Occasion, Unwritable};
pub use recorded_as::{LaterCheck, LaterHold, LostLedger, RecordedAs};
pub use watch::{Notified, Watch, WatchEnd};

/// The last part of a path, whichever system wrote it.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

use crate::provenance::SignaturesSeen;
use crate::units::Instant;

/// The entries of one plan, oldest first. Their reader has verified the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: Vec<Entry>,
    signatures: Option<SignaturesSeen>,
}

impl Ledger {
    /// Of entries in their order.
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        Self {
            entries,
            signatures: None,
        }
    }

    /// The entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What was recorded before an entry, with what is known of the signatures.
    #[must_use]
    pub fn before(&self, entry: &Entry) -> Self {
        let known = self.entries.iter();
        let known = known.take_while(|one| one.number < entry.number);
        Self {
            entries: known.cloned().collect(),
            signatures: self.signatures.clone(),
        }
    }

    /// How many entries the longest prefix has whose last entry is not after `at`: what was known then.
    #[must_use]
    pub fn until(&self, at: Instant) -> usize {
        let last = self.entries.iter().rposition(|entry| entry.at <= at);
        last.map_or(0, |position| position + 1)
    }

    /// The number of the entry that comes next.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.entries.len() as u64 + 1
    }

    /// With one more entry, which is not recorded.
    #[must_use]
    pub fn with_draft(mut self, draft: Entry) -> Self {
        self.entries.push(draft);
        self
    }

    /// The file names of the records that were set aside when this ledger took the place of another.
    pub fn set_aside(&self) -> impl Iterator<Item = &str> {
        let records = self
            .entries
            .iter()
            .flat_map(|entry| entry.event.set_aside());
        records.map(|record| file_name(&record.path))
    }

    /// The entry that records the check with this evidence.
    #[must_use]
    pub fn entry_of(&self, evidence_sha256: &str) -> Option<&Entry> {
        let mut entries = self.entries.iter();
        entries.find(|entry| {
            let check = entry.event.checked();
            check.is_some_and(|check| check.evidence_sha256 == evidence_sha256)
        })
    }
}
