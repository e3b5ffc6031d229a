//! Whether a stage may begin: its turn has come, and its entry gate was GO when last judged, with nothing said
//! against it since. Must not let anything past a stop, nor ask a source.

use super::{Hold, NotLeft, Override, RecordedCheck, Rollout};
use crate::kind::{GateKind, GateName};
use crate::ledger::{Answer, Entry, Event};
use crate::plan::{Gate, Stage};
use crate::units::Instant;
use crate::verdict::Verdict;

/// What a stage may begin on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit<'a> {
    /// Its turn has come, and its entry gate was GO.
    Earned(RecordedCheck<'a>),
    /// Its turn has come, and it has no entry gate.
    WithoutGate,
    /// Somebody has overridden its entry gate, and with it what that says about the order.
    Overridden(RecordedCheck<'a>, Override<'a>),
}

/// Why a stage may not begin yet. Somebody may begin it anyway, in their own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotYet<'a> {
    /// A stage before it was not left.
    NotLeft(NotLeft<'a>),
    /// No check of its entry gate is recorded.
    Unchecked(GateName),
    /// The check that says how its entry gate stands does not let it begin.
    Check(RecordedCheck<'a>, Objection<'a>),
}

/// What keeps a recorded check from allowing a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection<'a> {
    /// It was not GO.
    NotGo,
    /// The plan has changed since.
    OtherPlan,
    /// It was made with other variables.
    OtherQuestion,
    /// It is for a later time than the stated start of the stage.
    Later(Instant),
    /// Somebody did something that it did not know about and that may have worsened its verdict.
    SpokenAgainst(&'a Entry, String),
    /// A signature in this role has expired.
    Expired(&'a str, Instant),
}

impl<'a> Rollout<'a> {
    /// What a stage cannot begin past for any reason: the first hold.
    #[must_use]
    pub fn barred(&self, stage: &'a Stage) -> Option<Hold<'a>> {
        self.holds_before(stage).into_iter().next()
    }

    /// What a stage that nothing blocks may begin on, at a time.
    ///
    /// # Errors
    /// Why it may not.
    pub fn permit(&self, stage: &'a Stage, at: Instant) -> Result<Permit<'a>, NotYet<'a>> {
        let entry = GateKind::Entry.of(&stage.name);
        let last = self.history().last_check(&entry);
        if let (Some(check), Some(held)) = (last, self.proceeds(&entry)) {
            return Ok(Permit::Overridden(check, held));
        }
        let mut before = self.plan.before(stage).into_iter();
        if let Some(not_left) = before.find_map(|one| self.left(one).err()) {
            return Err(NotYet::NotLeft(not_left));
        }
        let Some(gate) = stage.gate(GateKind::Entry) else {
            return Ok(Permit::WithoutGate);
        };
        let check = last.ok_or(NotYet::Unchecked(entry))?;
        match self.objection(stage, gate, check, at) {
            Some(objection) => Err(NotYet::Check(check, objection)),
            None => Ok(Permit::Earned(check)),
        }
    }

    fn objection(
        &self,
        stage: &'a Stage,
        gate: &'a Gate,
        check: RecordedCheck<'a>,
        at: Instant,
    ) -> Option<Objection<'a>> {
        if check.gate.verdict != Verdict::Go {
            return Some(Objection::NotGo);
        }
        if self.plan_sha256 != Some(&check.check.plan_sha256) {
            return Some(Objection::OtherPlan);
        }
        if !check.asked_with(self.vars) {
            return Some(Objection::OtherQuestion);
        }
        if at < check.check.evaluated_at {
            return Some(Objection::Later(at));
        }
        let mut unknown = self.history().unknown_to(check);
        unknown
            .find_map(|entry| Some((entry, against(stage, gate, &entry.event)?)))
            .map(|(entry, what)| Objection::SpokenAgainst(entry, what))
            .or_else(|| self.expired(stage, gate, at))
    }

    /// A signature that has expired by a time.
    fn expired(&self, stage: &Stage, gate: &'a Gate, at: Instant) -> Option<Objection<'a>> {
        let name = gate.kind.of(&stage.name);
        super::signatures::roles(gate).find_map(|role| {
            let expires = self.history().signature(&name, role)?.expires?;
            (expires <= at).then_some(Objection::Expired(role, expires))
        })
    }
}

/// What counts against an earlier GO of an entry gate. Pauses and stops block the stage anyway, and a later check speaks for
/// itself.
fn against(stage: &Stage, gate: &Gate, event: &Event) -> Option<String> {
    let asks_incidents = (gate.criteria.iter()).any(|one| one.ask.incidents().is_some());
    match event {
        Event::Confirmed {
            stage: of,
            id,
            answer,
        } => match answer {
            Answer::No if *of == stage.name => Some(format!("{id} was answered with no")),
            Answer::Revoked if *of == stage.name => {
                Some(format!("the answer to {id} was taken back"))
            }
            Answer::Yes | Answer::No | Answer::Revoked => None,
        },
        Event::Approved {
            gate: of,
            role,
            revoked,
            ..
        } => (*revoked && *of == gate.kind.of(&stage.name))
            .then(|| format!("the signature as {role} was taken back")),
        Event::IncidentOpened { id, .. } => asks_incidents.then(|| format!("{id} was opened")),
        Event::IncidentUpdated { id, .. } => asks_incidents.then(|| format!("{id} has changed")),
        Event::RolledBack { stage: of, .. } => Some(format!("{of} was rolled back")),
        Event::Started { .. }
        | Event::Checked(_)
        | Event::IncidentClosed { .. }
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::StepRecorded { .. }
        | Event::Overridden { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. } => None,
    }
}
