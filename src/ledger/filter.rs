//! Some of the entries: those of a stage, those of a kind, those that a judgement rests on. Must not judge what they mean.

use std::collections::BTreeSet;

use super::{Entry, Event, EventKind, Ledger};
use crate::kind::GateName;

impl Ledger {
    /// The entries that concern a stage, if one is given, and are of one of the kinds, if any are given; in order.
    #[must_use]
    pub fn filter(&self, stage: Option<&str>, kinds: &[EventKind]) -> Vec<&Entry> {
        let incidents = stage.map(|stage| self.incidents_of(stage));
        let concerns = |event: &Event, stage: &str| {
            event.concerns(stage)
                || (event.incident().zip(incidents.as_ref()))
                    .is_some_and(|(id, incidents)| incidents.contains(id))
        };
        let mut entries: Vec<&Entry> = self.entries().iter().collect();
        entries.retain(|entry| stage.is_none_or(|stage| concerns(&entry.event, stage)));
        entries.retain(|entry| kinds.is_empty() || kinds.contains(&entry.event.kind()));
        entries
    }

    /// What the judgement of some gates rests on, in order: what people did in their stages, incidents, versions that took the place of
    /// others, and the last check of each gate in which a stop tripped. A remark decides nothing.
    #[must_use]
    pub fn judging(&self, gates: &[GateName]) -> Vec<&Entry> {
        let trips = gates.iter().filter_map(|gate| self.last_trip(gate));
        let trips: BTreeSet<u64> = trips.collect();
        let in_stage = |event: &Event| gates.iter().any(|gate| event.concerns(&gate.stage));
        let counts = |entry: &&Entry| match &entry.event {
            Event::Checked(_) => trips.contains(&entry.number),
            Event::Superseded { .. }
            | Event::IncidentOpened { .. }
            | Event::IncidentUpdated { .. }
            | Event::IncidentClosed { .. } => true,
            Event::Started { .. }
            | Event::Confirmed { .. }
            | Event::Approved { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::RolledBack { .. }
            | Event::RollbackUpdated { .. }
            | Event::Reopened { .. }
            | Event::Overridden { .. } => in_stage(&entry.event),
            Event::Noted {
                checkpoint,
                reviewed_issues,
                takes_back,
                ..
            } => {
                (*checkpoint || *reviewed_issues || takes_back.is_some()) && in_stage(&entry.event)
            }
            Event::Repaired { .. }
            | Event::LedgerBegun { .. }
            | Event::Imported { .. }
            | Event::Watch(_) => false,
        };
        self.entries().iter().filter(counts).collect()
    }

    /// The number of the last check of a gate in which a stop tripped: it stands until somebody resumes.
    fn last_trip(&self, gate: &GateName) -> Option<u64> {
        let has_tripped = |entry: &&Entry| {
            let check = entry.event.checked();
            let mut gates = check.into_iter().flat_map(|check| &check.gates);
            gates.any(|one| one.gate == *gate && !one.tripped.is_empty())
        };
        let mut entries = self.entries().iter().rev();
        entries.find(has_tripped).map(|entry| entry.number)
    }

    /// The incidents that were opened in a stage: what happens to them later concerns it too.
    fn incidents_of(&self, stage: &str) -> BTreeSet<&str> {
        let events = self.entries().iter().map(|entry| &entry.event);
        (events.filter(|event| event.concerns(stage)))
            .filter_map(Event::incident)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{CriterionKind, GateKind};
    use crate::ledger::{Checked, GateChecked, IdentitySource, IncidentDetails, Person, Trip};
    use crate::units::Instant;
    use crate::verdict::Verdict;

    fn ledger(events: Vec<Event>) -> Ledger {
        let entry = |(number, event)| Entry {
            nonce: None,
            number,
            at: Instant::from_secs(0),
            by: Person {
                name: "ada".into(),
                identity_source: IdentitySource::Given,
            },
            plan: "plan.yaml".into(),
            why: String::new(),
            links: Vec::new(),
            event,
        };
        Ledger::new((1..).zip(events).map(entry).collect())
    }

    fn opened(id: &str, stage: Option<&str>) -> Event {
        Event::IncidentOpened {
            id: id.into(),
            stage: stage.map(str::to_owned),
            opened_at: None,
            details: IncidentDetails::default(),
        }
    }

    fn events() -> Ledger {
        ledger(vec![
            Event::Paused {
                stage: "pilot".into(),
            },
            Event::Resumed {
                stage: "wave".into(),
            },
            opened("INC-1", Some("pilot")),
            opened("INC-2", None),
            Event::IncidentClosed { id: "INC-1".into() },
            Event::IncidentClosed { id: "INC-2".into() },
            Event::Approved {
                gate: GateKind::Exit.of("pilot"),
                role: "product".into(),
                evidence_sha256: String::new(),
                evidence_path: String::new(),
                verdict_without_approvals: crate::verdict::Verdict::Go,
                expires: None,
                revoked: false,
            },
        ])
    }

    fn numbers(stage: Option<&str>, kinds: &[EventKind]) -> Vec<u64> {
        let ledger = events();
        let found = ledger.filter(stage, kinds);
        found.iter().map(|entry| entry.number).collect()
    }

    #[test]
    fn a_stage_has_its_gates_and_everything_about_its_incidents() {
        assert_eq!(numbers(Some("pilot"), &[]), [1, 3, 5, 7]);
        assert_eq!(numbers(Some("wave"), &[]), [2]);
        assert_eq!(numbers(Some("pil"), &[]), [0; 0]);
    }

    fn noted(checkpoint: bool) -> Event {
        Event::Noted {
            stage: Some("pilot".into()),
            text: "quiet".into(),
            checkpoint,
            role: None,
            reviewed_issues: false,
            lesson: false,
            takes_back: None,
        }
    }

    fn checked(gate: &str, is_tripped: bool, look: bool) -> Event {
        let trip = Trip {
            kind: CriterionKind::Incidents,
            name: "incidents".into(),
            condition: Some("sev1 open".into()),
            reason: "INC-1 is open".into(),
        };
        let gate = GateChecked {
            gate: gate.parse().expect("a gate"),
            verdict: Verdict::Hold,
            verdict_without_approvals: Verdict::Hold,
            look,
            outlook: false,
            start_disputed: false,
            tripped: is_tripped.then_some(trip).into_iter().collect(),
            not_met: Vec::new(),
        };
        Event::Checked(Checked {
            evaluated_at: Instant::from_secs(0),
            release: "R1".into(),
            plan_sha256: String::new(),
            vars: Vec::new(),
            sources: Vec::new(),
            evidence_path: String::new(),
            evidence_sha256: String::new(),
            verdict: Verdict::Hold,
            gates: vec![gate],
        })
    }

    #[test]
    fn r6_a_judgement_rests_on_what_was_done_in_its_stage_and_on_the_last_stop_of_its_gate() {
        let mut events = vec![
            checked("pilot/exit", false, false),
            checked("pilot/exit", true, false),
            checked("pilot/exit", false, false),
            checked("pilot/exit", false, false),
            checked("pilot/exit", false, true),
            checked("wave/exit", false, false),
            noted(false),
            noted(true),
            Event::Repaired { torn: "{".into() },
        ];
        events.extend(
            self::events()
                .entries()
                .iter()
                .map(|entry| entry.event.clone()),
        );
        let ledger = ledger(events);
        let numbers = |gates: &[&str]| -> Vec<u64> {
            let gates: Vec<GateName> = gates
                .iter()
                .map(|gate| gate.parse().expect("a gate"))
                .collect();
            let found = ledger.judging(&gates);
            found.iter().map(|entry| entry.number).collect()
        };
        assert_eq!(numbers(&["pilot/exit"]), [2, 8, 10, 12, 13, 14, 15, 16]);
        assert_eq!(numbers(&["wave/exit"]), [11, 12, 13, 14, 15]);
        assert_eq!(numbers(&[]), [12, 13, 14, 15]);
    }

    #[test]
    fn kinds_and_stage_narrow_together() {
        assert_eq!(
            numbers(None, &[EventKind::Paused, EventKind::Resumed]),
            [1, 2]
        );
        assert_eq!(numbers(Some("pilot"), &[EventKind::IncidentClosed]), [5]);
        assert_eq!(numbers(None, &[]).len(), 7);
    }
}
