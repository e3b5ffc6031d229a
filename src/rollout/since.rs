//! What speaks against a recorded GO that something rests on, though the check did not know about it: an answer, a signature,
//! an incident, a pause, a rollback. Must not judge a gate again.

use super::{RecordedCheck, Rollout, is_one_of};
use crate::kind::GateKind;
use crate::ledger::{Answer, Entry, Event};
use crate::plan::{Gate, Stage};
use crate::units::Instant;

/// What counts against a GO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contradiction<'a> {
    /// Somebody did something that may have worsened the verdict.
    Said(&'a Entry, String),
    /// A signature in this role held until then.
    Expired(&'a str, Instant),
}

impl Contradiction<'_> {
    /// Whether it came after the check was recorded: the GO was good until then. Otherwise it never was.
    pub(super) fn is_later_than(&self, check: &RecordedCheck<'_>) -> bool {
        match self {
            Self::Said(entry, _) => entry.number > check.entry.number,
            Self::Expired(_, until) => *until > check.check.evaluated_at,
        }
    }
}

impl<'a> Rollout<'a> {
    /// The first thing that counts against the GO of a gate by a time; a later check of the gate speaks for itself.
    pub(super) fn contradicted(
        &self,
        stage: &Stage,
        gate: &'a Gate,
        check: RecordedCheck<'a>,
        at: Instant,
    ) -> Option<Contradiction<'a>> {
        let mut unknown = self.history().unknown_to(check);
        unknown
            .find_map(|entry| Some((entry, self.against(stage, gate, &entry.event)?)))
            .map(|(entry, what)| Contradiction::Said(entry, what))
            .or_else(|| self.expired(stage, gate, at))
    }

    /// A signature that has expired by a time.
    fn expired(&self, stage: &Stage, gate: &'a Gate, at: Instant) -> Option<Contradiction<'a>> {
        let name = gate.kind.of(&stage.name);
        super::signatures::roles(gate).find_map(|role| {
            let expires = self.history().signature(&name, role)?.expires?;
            (expires <= at).then_some(Contradiction::Expired(role, expires))
        })
    }

    /// What counts against an earlier GO of a gate. Stops block the stage anyway.
    fn against(&self, stage: &Stage, gate: &Gate, event: &Event) -> Option<String> {
        let own = |of: &str| of == stage.name;
        // An entry rests on all that came before it, an exit on its own stage.
        let rests_on = |of: &str| own(of) || gate.kind == GateKind::Entry;
        match event {
            Event::Confirmed {
                stage: of,
                id,
                answer,
            } => answered_against(*answer, id).filter(|_| own(of) && asks(gate, id)),
            Event::Approved {
                gate: of,
                role,
                revoked,
                ..
            } => (*revoked && *of == gate.kind.of(&stage.name))
                .then(|| format!("the signature as {role} was taken back")),
            Event::IncidentOpened { id, .. } => {
                self.may_count(gate, id).then(|| format!("{id} was opened"))
            }
            Event::IncidentUpdated { id, .. } => self
                .may_count(gate, id)
                .then(|| format!("{id} has changed")),
            Event::RolledBack { stage: of, .. } => {
                rests_on(of).then(|| format!("{of} was rolled back"))
            }
            Event::Paused { stage: of } => rests_on(of).then(|| format!("{of} was paused")),
            Event::Started { .. }
            | Event::Checked(_)
            | Event::IncidentClosed { .. }
            | Event::Resumed { .. }
            | Event::StepRecorded { .. }
            | Event::Overridden { .. }
            | Event::Noted { .. }
            | Event::Repaired { .. } => None,
        }
    }

    /// Whether an incident may count for a gate: its severity is one that the gate asks about, or unknown.
    fn may_count(&self, gate: &Gate, id: &str) -> bool {
        let incidents = self.incidents();
        let incident = incidents.iter().find(|one| one.id == id);
        let severity = incident.and_then(|one| one.details.severity.as_deref());
        let mut asked = gate.criteria.iter().filter_map(|one| one.ask.incidents());
        asked.any(|ask| {
            severity.is_none_or(|severity| {
                is_one_of(&ask.open, severity) || is_one_of(&ask.since_start, severity)
            })
        })
    }
}

fn answered_against(answer: Answer, id: &str) -> Option<String> {
    match answer {
        Answer::Yes => None,
        Answer::No => Some(format!("{id} was answered with no")),
        Answer::Revoked => Some(format!("the answer to {id} was taken back")),
    }
}

/// Whether a gate asks for this confirmation, or this item of a checklist.
fn asks(gate: &Gate, id: &str) -> bool {
    let mut asked = gate.criteria.iter().map(|one| &one.ask);
    asked.any(|ask| ask.is_answered() && ask.name() == id)
}
