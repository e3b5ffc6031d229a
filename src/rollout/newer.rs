//! Verdicts on a later time than the one that is judged (T7): a GO for an earlier time does not get past them. Must not judge a
//! gate again.

use super::{History, RecordedCheck, Rollout};
use crate::kind::{GateKind, GateName};
use crate::ledger::{LaterCheck, Ledger};
use crate::units::Instant;
use crate::verdict::Verdict;

/// What the checks of a whole ledger that were recorded after `at`, and judged a later time, found unmet.
#[must_use]
pub fn later_checks(ledger: &Ledger, at: Instant) -> Vec<LaterCheck> {
    let known = ledger.until(at);
    let unknown = ledger.entries().iter().skip(known);
    let gates = unknown.filter_map(|entry| Some((entry, entry.event.checked()?)));
    let checks = gates.flat_map(|(entry, check)| {
        let gates = check.gates.iter();
        gates.map(move |gate| RecordedCheck { entry, check, gate })
    });
    checks
        .filter(|check| check.is_heard() && check.is_unmet() && check.is_for_later_than(at))
        .map(|check| check.as_later())
        .collect()
}

impl RecordedCheck<'_> {
    /// Whether it judged a time after this one.
    pub(super) fn is_for_later_than(&self, at: Instant) -> bool {
        self.check.evaluated_at > at
    }

    /// Whether it found the gate in a state that speaks against it.
    fn is_unmet(&self) -> bool {
        match self.gate.verdict {
            Verdict::NoGo | Verdict::Stop => true,
            Verdict::Go | Verdict::Hold => false,
        }
    }

    fn as_later(&self) -> LaterCheck {
        LaterCheck {
            gate: self.gate.gate.clone(),
            entry: self.entry.number,
            evaluated_at: self.check.evaluated_at,
            verdict: self.gate.verdict,
            vars: self.check.vars.clone(),
        }
    }
}

impl<'a> History<'a> {
    /// Whether a check judged an earlier attempt: its stage was started or rolled back after it was recorded. An entry gate is
    /// judged before its stage begins.
    pub(super) fn is_of_earlier_attempt(self, check: &RecordedCheck<'a>) -> bool {
        let gate = &check.gate.gate;
        match gate.kind {
            GateKind::Entry => false,
            GateKind::Exit | GateKind::Recovery => self
                .turned(&gate.stage)
                .is_some_and(|turned| turned.number > check.entry.number),
        }
    }
}

impl Rollout<'_> {
    /// The check for the latest time after the judged one that found the gate unmet, for the same question; `later` are those
    /// that were recorded after T.
    #[must_use]
    pub fn newer_unmet(&self, gate: &GateName, later: &[LaterCheck]) -> Option<LaterCheck> {
        let history = self.history();
        let known = history
            .checks(gate)
            .filter(|check| check.is_for_later_than(self.now) && check.is_unmet())
            .filter(|check| !history.is_of_earlier_attempt(check))
            .map(|check| check.as_later());
        let later = later.iter().filter(|check| check.gate == *gate).cloned();
        known
            .chain(later)
            .filter(|check| check.vars == self.vars)
            .max_by_key(|check| check.evaluated_at)
    }
}
