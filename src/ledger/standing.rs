//! Where a rollout stands after the entries: one question, one function. Must not know a plan, nor judge.
//!
//! A question about a stage looks at what was recorded since its rollout began anew: see [`Ledger::start_of`].

use super::{Answer, Checked, Entry, Event, GateChecked, IncidentDetails, Ledger, Trip};
use crate::units::Instant;
use crate::verdict::Verdict;

/// A signature for a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature<'a> {
    /// The entry that holds it.
    pub entry: &'a Entry,
    /// The verdict that was signed, approvals aside.
    pub apart: Verdict,
    /// Until when it holds.
    pub expires: Option<Instant>,
}

/// Somebody's decision to proceed all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override<'a> {
    /// The entry that holds it.
    pub entry: &'a Entry,
    /// The verdict that is overridden.
    pub verdict: Verdict,
    /// Until when it holds.
    pub expires: Instant,
}

/// An incident as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its id.
    pub id: String,
    /// The stage it happened in.
    pub stage: Option<String>,
    /// What is known of it.
    pub details: IncidentDetails,
    /// When it was opened.
    pub opened: Instant,
    /// When it was closed; `None` while it is open.
    pub closed: Option<Instant>,
    /// Number of the entry that opened it.
    pub entry: u64,
}

impl Ledger {
    /// S: when the stage began; where it was rolled back and went on again, when it went on, since what was observed
    /// before was not the release's.
    #[must_use]
    pub fn start_of(&self, stage: &str) -> Option<Instant> {
        let mut start = None;
        let mut rolled_back = false;
        for entry in self.entries() {
            match &entry.event {
                Event::Started { stage: of, at, .. } if of == stage => {
                    start = Some(*at);
                    rolled_back = false;
                }
                Event::RolledBack { stage: of, .. } if of == stage => rolled_back = true,
                Event::Resumed { stage: of } if of == stage && rolled_back => {
                    start = Some(entry.at);
                    rolled_back = false;
                }
                _ => {}
            }
        }
        start
    }

    /// The last resume of the stage.
    #[must_use]
    pub fn resumed(&self, stage: &str) -> Option<&Entry> {
        self.last(|event| matches!(event, Event::Resumed { stage: of } if of == stage))
    }

    /// The pause of the stage that nobody has ended by a resume.
    #[must_use]
    pub fn paused(&self, stage: &str) -> Option<&Entry> {
        let paused =
            self.last(|event| matches!(event, Event::Paused { stage: of } if of == stage))?;
        let ended = self
            .resumed(stage)
            .is_some_and(|resumed| resumed.number > paused.number);
        (!ended).then_some(paused)
    }

    /// The last rollback of the stage, whatever came of it.
    #[must_use]
    pub fn rolled_back(&self, stage: &str) -> Option<&Entry> {
        self.last(|event| matches!(event, Event::RolledBack { stage: of, .. } if of == stage))
    }

    /// The stage that was started last.
    #[must_use]
    pub fn running(&self) -> Option<&str> {
        let entry = self.last(|event| matches!(event, Event::Started { .. }))?;
        match &entry.event {
            Event::Started { stage, .. } => Some(stage),
            _ => None,
        }
    }

    /// Whether people keep this ledger: it holds more than checks.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.entries()
            .iter()
            .any(|entry| !matches!(entry.event, Event::Checked(_) | Event::Repaired { .. }))
    }

    /// The last check of a gate, and what it said of that gate.
    #[must_use]
    pub fn last_check(&self, gate: &str) -> Option<(&Entry, &Checked, &GateChecked)> {
        self.entries()
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::Checked(checked) => {
                    let found = checked.gates.iter().find(|one| one.gate == gate)?;
                    Some((entry, checked, found))
                }
                _ => None,
            })
    }

    /// The last answer to a confirmation of a stage.
    #[must_use]
    pub fn answer(&self, stage: &str, id: &str) -> Option<(&Entry, Answer)> {
        self.entries()
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::Confirmed {
                    stage: of,
                    id: found,
                    answer,
                } if of == stage && found == id => Some((entry, *answer)),
                _ => None,
            })
    }

    /// The stop criteria of a stage that tripped in a recorded check after its last resume, each with the first check that
    /// saw it.
    #[must_use]
    pub fn trips(&self, stage: &str) -> Vec<(&Entry, &Trip)> {
        let since = self.resumed(stage).map_or(0, |entry| entry.number);
        let gate = format!("{stage}/exit");
        let mut trips: Vec<(&Entry, &Trip)> = Vec::new();
        for entry in self.entries().iter().filter(|entry| entry.number > since) {
            let Event::Checked(checked) = &entry.event else {
                continue;
            };
            let gates = checked.gates.iter().filter(|one| one.gate == gate);
            for trip in gates.flat_map(|one| &one.tripped) {
                let known = |(_, seen): &(&Entry, &Trip)| {
                    (&seen.kind, &seen.name, &seen.condition)
                        == (&trip.kind, &trip.name, &trip.condition)
                };
                if !trips.iter().any(known) {
                    trips.push((entry, trip));
                }
            }
        }
        trips
    }

    fn last(&self, is: impl Fn(&Event) -> bool) -> Option<&Entry> {
        self.entries().iter().rev().find(|entry| is(&entry.event))
    }
}
