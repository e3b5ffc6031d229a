//! Whether a record and a ledger fit each other (T1). The one place that says so: checks, commands, `verify` and reports ask it.
//! Must not open a file; the beginning of a record is all that it needs.

use thiserror::Error;

use super::{Evidence, LedgerSeen};
use crate::digest::sha256_hex;
use crate::ledger::{Chain, RecordedAs};
use crate::units::Instant;
use crate::verdict::Verdict;

/// What a record says of the ledger that its check was recorded in.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// T.
    pub evaluated_at: Instant,
    /// The worst verdict of its gates.
    pub verdict: Verdict,
    /// The ledger.
    pub ledger: &'a LedgerSeen,
}

/// How a ledger contradicts a record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Disagreement {
    /// Entries that the check saw or made are gone.
    #[error("the ledger was set back: {seen} at {at}, {left} left", seen = were(*.seen), left = are(*.left))]
    SetBack {
        /// T of the check that saw them.
        at: Instant,
        /// How many there were.
        seen: u64,
        /// How many there are.
        left: u64,
    },
    /// An entry that the check saw is another one.
    #[error("entry {entry} is not the one that the check for {at} saw")]
    Changed {
        /// T of the check.
        at: Instant,
        /// The number of the entry.
        entry: u64,
    },
    /// The entry at the place of the check's own is another one.
    #[error("entry {entry} is not the one that records the check for {at}")]
    NotItsOwn {
        /// T of the check.
        at: Instant,
        /// The number of the entry.
        entry: u64,
    },
}

fn were(count: u64) -> String {
    match count {
        1 => "1 entry was seen".to_owned(),
        count => format!("{count} entries were seen"),
    }
}

fn are(count: u64) -> String {
    match count {
        0 => "none is".to_owned(),
        1 => "1 is".to_owned(),
        count => format!("{count} are"),
    }
}

impl<'a> Claim<'a> {
    /// What evidence says; `None` if its check read no ledger.
    #[must_use]
    pub fn of(evidence: &'a Evidence) -> Option<Self> {
        Some(Self {
            evaluated_at: evidence.evaluated_at,
            verdict: evidence.verdict,
            ledger: evidence.ledger.as_ref()?,
        })
    }

    /// How many entries the ledger had once the check was recorded.
    #[must_use]
    pub fn entries(&self) -> u64 {
        let seen = self.ledger.entries;
        let own = self.ledger.entry.as_ref();
        own.map_or(seen, |own| own.number.max(seen))
    }

    /// Whether the ledger still holds what the check saw, and its entry.
    ///
    /// # Errors
    /// How it does not.
    pub fn holds_in(&self, chain: &Chain) -> Result<(), Disagreement> {
        let left = chain.lines().len() as u64;
        let seen = self.entries();
        if seen > left {
            let at = self.evaluated_at;
            return Err(Disagreement::SetBack { at, seen, left });
        }
        let LedgerSeen {
            entries,
            head_sha256,
            ..
        } = self.ledger;
        if !is_head(chain, *entries, head_sha256) {
            return Err(self.changed(*entries));
        }
        match &self.ledger.entry {
            Some(own) => self.is_recorded(own, chain),
            None => Ok(()),
        }
    }

    fn changed(&self, entry: u64) -> Disagreement {
        let at = self.evaluated_at;
        Disagreement::Changed { at, entry }
    }

    fn not_its_own(&self, entry: u64) -> Disagreement {
        let at = self.evaluated_at;
        Disagreement::NotItsOwn { at, entry }
    }

    fn is_recorded(&self, own: &RecordedAs, chain: &Chain) -> Result<(), Disagreement> {
        let before = own.number.saturating_sub(1);
        if chain.digest(before) != Some(own.prev.as_str()) {
            return Err(self.changed(before));
        }
        let Some(entry) = chain.entry(own.number) else {
            return Err(self.not_its_own(own.number));
        };
        let same = (entry.at, &entry.by, &entry.plan) == (own.at, &own.by, &own.plan)
            && (&entry.why, &entry.links) == (&own.why, &own.links)
            && entry.event.checked().is_some_and(|checked| {
                checked.evaluated_at == self.evaluated_at && checked.verdict == self.verdict
            });
        if same {
            Ok(())
        } else {
            Err(self.not_its_own(own.number))
        }
    }
}

/// Whether a digest is what evidence names as the head of a ledger of so many entries.
fn is_head(chain: &Chain, entries: u64, sha256: &str) -> bool {
    match entries {
        0 => sha256_hex(&[""]) == sha256,
        count => chain.digest(count) == Some(sha256),
    }
}
