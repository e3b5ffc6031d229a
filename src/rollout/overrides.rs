//! Somebody proceeds on a NO-GO or HOLD in their own name: whether that still holds. Must not touch a verdict, nor let
//! anybody past a STOP.

use serde::{Deserialize, Serialize};

use super::checks::can_be_overridden;
use super::{History, Rollout};
use crate::kind::{GateKind, GateName};
use crate::ledger::{Entry, Event};
use crate::units::Instant;
use crate::verdict::Verdict;

/// Somebody's decision to proceed anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Override<'a> {
    /// The entry that holds it.
    pub entry: &'a Entry,
    /// SHA-256 of the evidence of the verdict that is overridden.
    pub evidence_sha256: &'a str,
    /// The verdict that is overridden.
    pub verdict: Verdict,
    /// Until when it holds.
    pub expires: Instant,
}

/// Somebody proceeds on a NO-GO or HOLD in their own name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overridden {
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub why: String,
    /// Until when it holds.
    pub expires: Instant,
    /// Number of the ledger's entry.
    pub entry: u64,
}

impl From<Override<'_>> for Overridden {
    fn from(found: Override<'_>) -> Self {
        Self {
            by: found.entry.by.name.clone(),
            at: found.entry.at,
            why: found.entry.why.clone(),
            expires: found.expires,
            entry: found.entry.number,
        }
    }
}

impl<'a> History<'a> {
    /// The last decision to proceed on a gate anyway, whether or not it still holds.
    fn overriding(self, gate: &GateName) -> Option<Override<'a>> {
        let mut latest = self.entries().iter().rev();
        latest.find_map(|entry| {
            let Event::Overridden {
                gate: of,
                verdict,
                evidence_sha256,
                expires,
            } = &entry.event
            else {
                return None;
            };
            (of == gate).then_some(Override {
                entry,
                evidence_sha256,
                verdict: *verdict,
                expires: *expires,
            })
        })
    }
}

impl<'a> Rollout<'a> {
    /// The override that holds for a gate with this verdict.
    ///
    /// It is for the verdict that its author saw, not for a worse one, now or in a check since; for the question that
    /// was answered then; and for the stage as it was, not for what follows a start or a rollback.
    #[must_use]
    pub fn override_in_force(&self, gate: &GateName, verdict: Verdict) -> Option<Override<'a>> {
        let history = self.history();
        let found = history.overriding(gate)?;
        let covers = can_be_overridden(verdict)
            && can_be_overridden(found.verdict)
            && verdict <= found.verdict;
        let rolled_back = history.rolled_back_since(&gate.stage, found.entry);
        let holds = covers
            && self.now < found.expires
            && rolled_back.is_none()
            && self.was_seen(&found, gate);
        holds.then_some(found)
    }

    /// The override that holds for the check that says how a gate stands; none if that answered another question.
    #[must_use]
    pub fn proceeds(&self, gate: &GateName) -> Option<Override<'a>> {
        let last = self.history().last_check(gate)?;
        if !last.asked_with(self.vars) {
            return None;
        }
        self.override_in_force(gate, last.gate.verdict)
    }

    /// Whether a recorded check of this attempt wrote the evidence that was overridden, and none after it found worse.
    fn was_seen(&self, found: &Override<'_>, gate: &GateName) -> bool {
        let history = self.history();
        let Some(check) = history.check_with(gate, found.evidence_sha256) else {
            return false;
        };
        // An entry gate is judged before its stage begins, all others after.
        let turned = match gate.kind {
            GateKind::Entry => None,
            GateKind::Exit | GateKind::Recovery => history.turned_since(&gate.stage, check),
        };
        turned.is_none()
            && check.asked_with(self.vars)
            && check.gate.verdict == found.verdict
            && !history
                .checks_after(gate, check)
                .any(|later| later.gate.verdict > found.verdict)
    }
}
