//! Some of the entries: those of a stage, those of a kind. Must not judge what they mean.

use std::collections::BTreeSet;

use super::{Entry, Event, EventKind, Ledger};

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
    use crate::kind::GateKind;
    use crate::ledger::{IdentitySource, IncidentDetails, Person};
    use crate::units::Instant;

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
