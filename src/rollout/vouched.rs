//! Recorded checks whose own signature does not count, where the plan requires signatures (T13): which checks something may rest
//! on, and that nothing does without one. Must not look at a signature.

use std::collections::BTreeMap;

use super::{History, RecordedCheck, Rollout, Voided};
use crate::kind::{GateKind, GateName};
use crate::ledger::{Entry, Ledger};
use crate::verdict::Verdict;

/// So many of the last GOs of an exit or a recovery are looked at, since the first of them says since when it is GO. Another program
/// is asked about each.
const LAST: usize = 16;

impl<'a> History<'a> {
    /// The entries of the checks that something may rest on: of each gate the one that says how it stands, the last one and
    /// its last GOs, and what people approved or decided to proceed on.
    #[must_use]
    pub fn rested_on(ledger: &'a Ledger) -> BTreeMap<u64, &'a Entry> {
        let history = Self::of(Some(ledger));
        let gates = history.checked_gates();
        let of_gates = gates.iter().flat_map(|gate| history.rested_on_of(gate));
        let approved = ledger.standing_approvals().into_iter();
        let approved = approved.filter_map(|entry| {
            let (_, sha256) = entry.event.signed_evidence()?;
            ledger.entry_of(sha256)
        });
        let all = of_gates.chain(approved);
        all.map(|entry| (entry.number, entry)).collect()
    }

    fn checked_gates(self) -> Vec<&'a GateName> {
        let checks = self.entries().iter();
        let checks = checks.filter_map(|entry| entry.event.checked());
        let mut gates: Vec<&GateName> = checks
            .flat_map(|check| check.gates.iter().map(|one| &one.gate))
            .collect();
        gates.sort();
        gates.dedup();
        gates
    }

    fn rested_on_of(self, gate: &GateName) -> Vec<&'a Entry> {
        let go = |one: &RecordedCheck<'_>| one.gate.verdict == Verdict::Go;
        let count = match gate.kind {
            GateKind::Entry => 0,
            GateKind::Exit | GateKind::Recovery => LAST,
        };
        let last = self.checks(gate).rev().filter(go).take(count);
        let standing = self.last_check(gate).into_iter();
        let standing = standing.chain(self.checks(gate).next_back());
        let overridden = self.overriding(gate);
        let overridden = overridden.and_then(|found| self.check_with(gate, found.evidence_sha256));
        let all = last.chain(standing).chain(overridden);
        all.map(|one| one.entry).collect()
    }
}

impl<'a> Rollout<'a> {
    /// Why nothing may rest on a check: in words, that it has no signature that counts. `None` where none is required.
    #[must_use]
    pub fn unvouched(&self, check: RecordedCheck<'a>) -> Option<String> {
        let voided = self.disregarded(check.entry)?;
        if let Voided::Unsigned(why) = voided {
            return Some(format!(
                "the plan requires signatures, and that of this check does not count: {why}"
            ));
        }
        let (gate, verdict) = (&check.gate.gate, check.gate.verdict);
        Some(voided.in_words(verdict.word(), gate))
    }

    /// Whether something may rest on a check, as far as signatures go.
    pub(super) fn is_vouched_for(&self, check: RecordedCheck<'a>) -> bool {
        self.disregarded(check.entry).is_none()
    }
}
