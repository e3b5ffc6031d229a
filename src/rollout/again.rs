//! Whether a gate has to be judged again before somebody signs for it (L5): the last check no longer says how it stands. Must not
//! judge it.

use super::{RecordedCheck, Rollout, Voided, unchecked};
use crate::kind::GateKind;
use crate::ledger::{Entry, Event};
use crate::plan::{Gate, Stage};
use crate::verdict::Verdict;

impl<'a> Rollout<'a> {
    /// Why what the last check found is not what a check of now would rest on; `None` if nothing came since.
    #[must_use]
    pub fn to_be_judged_again(&self, stage: &Stage, gate: &Gate) -> Option<String> {
        let (history, name) = (self.history(), gate.kind.of(&stage.name));
        let Some(last) = history.last_check(&name) else {
            return Some(unchecked(&name, history.outlook_on(&name)));
        };
        self.outdated(stage, gate, last)
    }

    /// Why a check does not say how its gate stands now, if that is not sure.
    #[must_use]
    pub fn outdated(&self, stage: &Stage, gate: &Gate, last: RecordedCheck<'a>) -> Option<String> {
        let number = last.entry.number;
        if !last.asked_with(self.vars) || self.other_source(last).is_some() {
            return Some(format!("check #{number} answered another question"));
        }
        if self.plan_sha256 != Some(last.check.plan_sha256.as_str()) {
            return Some(format!("the plan has changed since check #{number}"));
        }
        // Where it is the list of signers that is wrong, another signature would count no more.
        let voided = self.disregarded(last.entry);
        if voided.is_some_and(|one| matches!(one, Voided::Unsigned(_) | Voided::Replayed(_))) {
            let why = self.unvouched(last).unwrap_or_default();
            return Some(format!("check #{number} does not count: {why}"));
        }
        let since = self.came_since(stage, gate, last);
        let since =
            since.map(|entry| format!("#{} was recorded since check #{number}", entry.number));
        let past = self.past(last.good_until(gate));
        since.or_else(|| {
            past.map(|past| format!("what check #{number} found was good until {past}"))
        })
    }

    /// The first entry that came after a check and that another one may judge otherwise: not signatures for the gate, which both
    /// are about, nor remarks; of other gates only what was not GO.
    fn came_since(&self, stage: &Stage, gate: &Gate, last: RecordedCheck<'a>) -> Option<&'a Entry> {
        let name = gate.kind.of(&stage.name);
        let entries = self.history().entries().iter();
        let mut since = entries.filter(|entry| entry.number > last.entry.number);
        since.find(|entry| match &entry.event {
            Event::Approved { gate: of, .. } => *of != name,
            Event::Noted {
                checkpoint,
                takes_back,
                ..
            } => *checkpoint || takes_back.is_some(),
            Event::Checked(check) => {
                let mut gates = check.gates.iter();
                gates.any(|one| one.gate != name && one.verdict != Verdict::Go && !one.outlook)
            }
            Event::Repaired { .. } | Event::Watch(_) => false,
            Event::Overridden { gate: of, .. } => of.kind == GateKind::Exit || *of == name,
            Event::Started { .. }
            | Event::Confirmed { .. }
            | Event::IncidentOpened { .. }
            | Event::IncidentUpdated { .. }
            | Event::IncidentClosed { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::RolledBack { .. }
            | Event::RollbackUpdated { .. }
            | Event::Reopened { .. }
            | Event::Superseded { .. }
            | Event::LedgerBegun { .. }
            | Event::Imported { .. } => true,
        })
    }
}
