//! What a record and the ledger that holds its check say of each other. Data only; must not read a record, nor a ledger.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Chain, Occasion, Person, PlanThen};
use crate::kind::GateName;
use crate::units::Instant;
use crate::verdict::Verdict;

/// The entry that records a check, as far as the check's own record can know it: everything but the record's digest. So a
/// record finds out that the line of its entry, or any line before it, is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedAs {
    /// The entry's number, from 1.
    pub number: u64,
    /// SHA-256 of the line before it, 64 lower-case hex digits; zeros for the first.
    pub prev: String,
    /// When it was recorded.
    pub at: Instant,
    /// Who checked.
    pub by: Person,
    /// The plan as it was.
    pub plan: PlanThen,
    /// Why; empty if nobody said.
    pub why: String,
    /// Addresses that say more.
    pub links: Vec<String>,
}

impl RecordedAs {
    /// The entry that comes next in a ledger.
    #[must_use]
    pub fn next(chain: &Chain, occasion: &Occasion) -> Self {
        Self {
            number: chain.lines().len() as u64 + 1,
            prev: chain.head().to_owned(),
            at: occasion.at,
            by: occasion.by.clone(),
            plan: occasion.plan.clone(),
            why: occasion.why.clone(),
            links: occasion.links.clone(),
        }
    }
}

/// What a check found about a gate, as far as a check for an earlier time has to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterCheck {
    /// Which gate.
    pub gate: GateName,
    /// The number of the entry that records it.
    pub entry: u64,
    /// Its T.
    pub evaluated_at: Instant,
    /// Its verdict on the gate.
    pub verdict: Verdict,
    /// Variables that `--var` changed, as `NAME=VALUE`.
    pub vars: Vec<String>,
}

/// What was recorded after a time that is judged, speaks against a GO of a gate, and still stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterHold {
    /// Which gate.
    pub gate: GateName,
    /// The number of the entry that says so.
    pub entry: u64,
    /// What happened, who recorded it and when.
    pub says: String,
}

/// A ledger that is not there, though records speak of it or the plan requires one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostLedger {
    /// Its file name; with its place, if several machines share it.
    pub path: String,
    /// How many records were recorded in it; 0 if the plan only requires that somebody begins one.
    pub records: u64,
    /// How many entries it had, according to the last of them.
    pub entries: u64,
    /// T of the last of them.
    pub last: Option<Instant>,
    /// Folders of evidence with such records, as they were named, apart from the plan's own.
    pub folders: Vec<String>,
}

impl fmt::Display for LostLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            records,
            entries,
            last,
            folders: _,
        } = self;
        let Some(last) = last else {
            return write!(
                f,
                "the plan requires a ledger, and nobody has begun {path} yet"
            );
        };
        let spoken = match records {
            1 => "a record was".to_owned(),
            count => format!("{count} records were"),
        };
        let had = match entries {
            1 => "1 entry".to_owned(),
            count => format!("{count} entries"),
        };
        write!(
            f,
            "{path} is missing or empty, but {spoken} recorded in it: it had {had} at {last}"
        )
    }
}
