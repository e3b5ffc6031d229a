//! Verdicts on a later time than the one that is judged (T7): a GO for an earlier time does not get past them. Must not judge a
//! gate again.

use super::{History, Hold, NotLeft, RecordedCheck, Rollout};
use crate::kind::{GateKind, GateName};
use crate::ledger::{Entry, Event, LaterCheck, LaterHold, Ledger};
use crate::plan::{Gate, Stage};
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

/// What was recorded in a whole ledger after `at`, speaks against a GO of a gate, and still stands: of each gate the first.
#[must_use]
pub fn later_holds(rollout: &Rollout<'_>, at: Instant) -> Vec<LaterHold> {
    let stages = rollout.plan.stages.iter();
    let gates = stages.flat_map(|stage| stage.gates.iter().map(move |gate| (stage, gate)));
    gates
        .filter_map(|(stage, gate)| rollout.later_hold(stage, gate, at))
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
    /// Whether a check judged an earlier attempt: its stage was started, rolled back, reopened or taken over by another version after it was recorded. An entry
    /// gate is judged before its stage begins.
    pub(super) fn is_of_earlier_attempt(self, check: &RecordedCheck<'a>) -> bool {
        let gate = &check.gate.gate;
        let turned = match gate.kind {
            GateKind::Entry => self.asked_anew(&gate.stage),
            GateKind::Exit | GateKind::Recovery => self.turned(&gate.stage),
        };
        turned.is_some_and(|turned| turned.number > check.entry.number)
    }
}

impl<'a> Rollout<'a> {
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
    /// The first hold that a check for an earlier time does not know; or else the first thing that somebody said and that has not
    /// been taken back, a stage before it that was not left, or a signature that has expired.
    fn later_hold(&self, stage: &'a Stage, gate: &'a Gate, at: Instant) -> Option<LaterHold> {
        let ledger = self.ledger?;
        let known = ledger.until(at) as u64;
        let mut holds = self.holds_of(stage, gate.kind).into_iter();
        let first = holds.find(|hold| hold.entry().number > known);
        let held = first.map(|hold| {
            (
                hold.entry().number,
                format!("{} (#{})", self.told(&hold), hold.entry().number),
            )
        });
        let said = || {
            let entries = ledger.entries().iter();
            let mut later = entries.filter(|entry| entry.number > known && self.stands(entry));
            later.find_map(|entry| {
                let what = self.against(stage, gate, entry)?;
                Some((
                    entry.number,
                    format!("{what} (#{} by {})", entry.number, entry.by.called()),
                ))
            })
        };
        let not_left = || {
            let before = self.plan.before(stage).into_iter();
            let mut before = before.filter(|_| gate.kind == GateKind::Entry);
            before.find_map(|one| self.not_left_since(one, known))
        };
        let expired = || {
            let (entry, found) = self.expired_signature(stage, gate)?;
            Some((entry.number, format!("{found} (#{})", entry.number)))
        };
        let found = held.or_else(said).or_else(not_left).or_else(expired);
        let (entry, says) = found?;
        Some(LaterHold {
            gate: gate.kind.of(&stage.name),
            entry,
            says,
        })
    }

    /// That a check which was recorded after this entry found that a stage was not left.
    fn not_left_since(&self, stage: &'a Stage, known: u64) -> Option<(u64, String)> {
        let Err(NotLeft::NotGo(check)) = self.left(stage) else {
            return None;
        };
        let number = check.entry.number;
        (number > known).then(|| (number, format!("{} (#{number})", check.found())))
    }

    /// What holds a gate of a stage, as a start or a check of now would find it.
    fn holds_of(&self, stage: &'a Stage, kind: GateKind) -> Vec<Hold<'a>> {
        match kind {
            GateKind::Entry => self.holds_before(stage),
            GateKind::Exit => (self.holds(&stage.name))
                .chain(self.undermined(stage))
                .collect(),
            GateKind::Recovery => (self.rolled_back(&stage.name).into_iter())
                .chain(self.undermined(stage))
                .collect(),
        }
    }

    /// Whether what an entry says about an answer, a signature, an incident or the way back has neither been replaced nor settled
    /// since.
    fn stands(&self, entry: &Entry) -> bool {
        let later = self.history().entries().iter();
        let mut later = later.filter(|later| later.number > entry.number);
        match &entry.event {
            Event::Confirmed { .. }
            | Event::Approved { .. }
            | Event::IncidentOpened { .. }
            | Event::IncidentUpdated { .. } => !later.any(|one| one.event.settles(&entry.event)),
            // What was measured before is of another version; a checkpoint that was taken back stays so.
            Event::Superseded { .. }
            | Event::Noted {
                takes_back: Some(_),
                ..
            } => true,
            Event::Reopened { stages, .. } => {
                let mut stages = stages.iter();
                stages.any(|stage| !self.history().has_begun(stage))
            }
            // What holds a stage is asked for as a whole; the rest says nothing against a gate.
            Event::RolledBack { .. }
            | Event::Paused { .. }
            | Event::Started { .. }
            | Event::Checked(_)
            | Event::IncidentClosed { .. }
            | Event::Resumed { .. }
            | Event::RollbackUpdated { .. }
            | Event::Overridden { .. }
            | Event::Noted { .. }
            | Event::Repaired { .. }
            | Event::LedgerBegun { .. }
            | Event::Imported { .. }
            | Event::Watch(_) => false,
        }
    }
}

impl Event {
    /// Whether it replaces what was said earlier, or ends it: another answer or signature, the end of an incident, a resume, a
    /// start.
    pub(super) fn settles(&self, earlier: &Self) -> bool {
        match earlier {
            Self::Confirmed { stage, id, .. } => {
                matches!(self, Self::Confirmed { stage: of, id: other, .. } if of == stage && other == id)
            }
            Self::Approved { gate, role, .. } => {
                matches!(self, Self::Approved { gate: of, role: other, .. } if of == gate && other == role)
            }
            Self::IncidentOpened { id, .. } | Self::IncidentUpdated { id, .. } => {
                matches!(self, Self::IncidentClosed { id: other, .. } if other == id)
            }
            Self::Paused { stage } => matches!(self, Self::Resumed { stage: of } if of == stage),
            Self::RolledBack { stage, .. } => {
                matches!(self, Self::Resumed { stage: of } | Self::Started { stage: of, .. } if of == stage)
            }
            Self::Reopened { stage, .. } => {
                matches!(self, Self::Started { stage: of, .. } if of == stage)
            }
            Self::Started { .. }
            | Self::Checked(_)
            | Self::IncidentClosed { .. }
            | Self::Resumed { .. }
            | Self::RollbackUpdated { .. }
            | Self::Overridden { .. }
            | Self::Noted { .. }
            | Self::Repaired { .. }
            | Self::Superseded { .. }
            | Self::LedgerBegun { .. }
            | Self::Imported { .. }
            | Self::Watch(_) => false,
        }
    }
}
