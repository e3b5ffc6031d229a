//! What was found when the signatures of a ledger's approvals were looked at (T13). Must not look at one.

use std::collections::BTreeMap;

use super::{Entry, Event, Ledger};
use crate::provenance::SignaturesSeen;

impl Ledger {
    /// The same entries, with what was found about their signatures.
    #[must_use]
    pub fn with_signatures(mut self, signatures: Option<SignaturesSeen>) -> Self {
        self.signatures = signatures;
        self
    }

    /// What was found about the signatures of approvals; `None` where nobody looked.
    #[must_use]
    pub fn signatures(&self) -> Option<&SignaturesSeen> {
        self.signatures.as_ref()
    }

    /// The approvals whose signature matters: the last word of each role on each gate, unless it takes one back.
    #[must_use]
    pub fn standing_approvals(&self) -> Vec<&Entry> {
        let mut last = BTreeMap::new();
        for entry in self.entries() {
            if let Event::Approved { gate, role, .. } = &entry.event {
                last.insert((gate, role), entry);
            }
        }
        let is_given =
            |entry: &&Entry| matches!(entry.event, Event::Approved { revoked: false, .. });
        last.into_values().filter(is_given).collect()
    }
}
