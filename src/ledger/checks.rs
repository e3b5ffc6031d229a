//! What recorded checks found, and who signed for it or proceeds against it. Must not know a plan, nor judge.

use super::{Checked, Entry, Event, GateChecked, Ledger, Trip};
use crate::kind::GateName;
use crate::units::Instant;
use crate::verdict::Verdict;

/// A recorded check of one gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedCheck<'a> {
    /// The entry that holds it.
    pub entry: &'a Entry,
    /// The check as a whole.
    pub check: &'a Checked,
    /// What it found about the gate.
    pub gate: &'a GateChecked,
}

/// The last word of a role on a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature<'a> {
    /// The entry that holds it.
    pub entry: &'a Entry,
    /// SHA-256 of the evidence that was signed.
    pub evidence_sha256: &'a str,
    /// The verdict that was signed, approvals aside.
    pub verdict_without_approvals: Verdict,
    /// Until when it holds.
    pub expires: Option<Instant>,
    /// Whether an earlier signature is taken back.
    pub revoked: bool,
}

/// Somebody's decision to proceed all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl Checked {
    /// How this check was made with other variables than one with these: in words; `None` where they are the same.
    #[must_use]
    pub fn varied(&self, vars: &[String]) -> Option<String> {
        let given = |vars: &[String]| match vars {
            [] => "without --var".to_owned(),
            vars => format!("with --var {}", vars.join(" --var ")),
        };
        (self.vars != vars).then(|| given(&self.vars))
    }
}

impl Trip {
    /// Whether both are the same criterion, whatever the reason.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        (&self.kind, &self.name, &self.condition) == (&other.kind, &other.name, &other.condition)
    }
}

impl Ledger {
    /// The recorded checks of a gate, in the order in which they were recorded. Not those that were made for a time still to
    /// come: a look ahead is a forecast, and nothing rests on it, not even when its time has come.
    #[must_use]
    pub fn checks(&self, gate: &GateName) -> impl DoubleEndedIterator<Item = RecordedCheck<'_>> {
        self.entries().iter().filter_map(move |entry| {
            let Event::Checked(check) = &entry.event else {
                return None;
            };
            if check.evaluated_at > entry.at {
                return None;
            }
            let gate = check.gates.iter().find(|one| one.gate == *gate)?;
            Some(RecordedCheck { entry, check, gate })
        })
    }

    /// The check that says how a gate stands: the one that was recorded last; but where another was made for a later time
    /// and found worse, that one. So nobody gets past a verdict by judging an earlier time once more.
    #[must_use]
    pub fn last_check(&self, gate: &GateName) -> Option<RecordedCheck<'_>> {
        let recorded = self.checks(gate).next_back()?;
        let latest = self
            .checks(gate)
            .max_by_key(|recorded| (recorded.check.evaluated_at, recorded.entry.number));
        Some(match latest {
            Some(latest) if latest.gate.verdict > recorded.gate.verdict => latest,
            _ => recorded,
        })
    }

    /// The release of which the last check is; `None` where none is recorded.
    #[must_use]
    pub fn release(&self) -> Option<&str> {
        self.entries()
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::Checked(checked) => Some(checked.release.as_str()),
                _ => None,
            })
    }

    /// The recorded check of a gate with this evidence.
    #[must_use]
    pub fn check_with(&self, gate: &GateName, evidence_sha256: &str) -> Option<RecordedCheck<'_>> {
        self.checks(gate)
            .find(|recorded| recorded.check.evidence_sha256 == evidence_sha256)
    }

    /// The checks of a gate that came after another: recorded later, or made for a later time.
    pub fn checks_after<'a>(
        &'a self,
        gate: &GateName,
        earlier: RecordedCheck<'a>,
    ) -> impl Iterator<Item = RecordedCheck<'a>> {
        self.checks(gate).filter(move |later| {
            later.entry.number > earlier.entry.number
                || later.check.evaluated_at > earlier.check.evaluated_at
        })
    }

    /// The entries that a check did not know: recorded after it, or for a later time than the one it judged. A check takes
    /// its time, and one of an earlier time knows only what was recorded by then.
    pub fn unknown_to<'a>(
        &'a self,
        recorded: RecordedCheck<'a>,
    ) -> impl Iterator<Item = &'a Entry> {
        let RecordedCheck { entry, check, .. } = recorded;
        self.entries()
            .iter()
            .filter(move |other| other.number != entry.number)
            .filter(move |other| other.number > entry.number || other.at > check.evaluated_at)
    }

    /// The last word of a role on a gate.
    #[must_use]
    pub fn signature(&self, gate: &GateName, role: &str) -> Option<Signature<'_>> {
        self.entries()
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::Approved {
                    gate: of,
                    role: signed,
                    evidence_sha256,
                    verdict_without_approvals,
                    expires,
                    revoked,
                    ..
                } if of == gate && signed == role => Some(Signature {
                    entry,
                    evidence_sha256,
                    verdict_without_approvals: *verdict_without_approvals,
                    expires: *expires,
                    revoked: *revoked,
                }),
                _ => None,
            })
    }

    /// The last decision to proceed on a gate all the same.
    #[must_use]
    pub fn overriding(&self, gate: &GateName) -> Option<Override<'_>> {
        self.entries()
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::Overridden {
                    gate: of,
                    verdict,
                    evidence_sha256,
                    expires,
                } if of == gate => Some(Override {
                    entry,
                    evidence_sha256,
                    verdict: *verdict,
                    expires: *expires,
                }),
                _ => None,
            })
    }
}
