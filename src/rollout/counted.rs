//! What an answer or a signature counted for that would not count now: of a gate that its stage has passed, the check it passed on.
//! Must not tell so of a gate that is still asked, of an answer that came after that check, nor of one that nobody can vouch for.

use super::{Answered, Approval, RecordedCheck, Rollout, State, Voided};
use crate::kind::{CriterionKind, GateKind};
use crate::ledger::{Answer, Entry, Event, EventKind};
use crate::plan::{Gate, Stage};

impl<'a> Rollout<'a> {
    /// The last answer to a question of a gate as it counted, and the check in which it did, where it would not count today only
    /// because of what the stage did since.
    #[must_use]
    pub fn answer_counted(
        &self,
        stage: &'a Stage,
        kind: GateKind,
        id: &str,
    ) -> Option<(Answered<'a>, RecordedCheck<'a>)> {
        let entry = match self.answered(&stage.name, id) {
            // For another version it counts for nothing (L6).
            Answered::BeforeRollback(_, since) if is_another_version(since) => return None,
            Answered::BeforeRollback(entry, _) | Answered::BeforeStart(entry, _) => entry,
            Answered::Nobody
            | Answered::TakenBack(_)
            | Answered::Reworded(..)
            | Answered::OutOfTurn(..)
            | Answered::Yes(_)
            | Answered::NotApplicable(_)
            | Answered::No(_) => return None,
        };
        let kinds = [CriterionKind::Confirmations, CriterionKind::Checklists];
        let check = self.passed_with(stage, kind, entry, &kinds, id)?;
        let applies = !matches!(
            entry.event,
            Event::Confirmed {
                answer: Answer::NotApplicable,
                ..
            }
        );
        let then = if applies {
            Answered::Yes(entry)
        } else {
            Answered::NotApplicable(entry)
        };
        Some((then, check))
    }

    /// The same of the signature of a role.
    #[must_use]
    pub fn signature_counted(
        &self,
        stage: &'a Stage,
        gate: &'a Gate,
        role: &str,
    ) -> Option<RecordedCheck<'a>> {
        let Approval::Void(signature, voided) = self.approval(&stage.name, gate, role, None) else {
            return None;
        };
        match voided {
            Voided::SetBack(since) if is_another_version(since) => return None,
            Voided::Expired(_)
            | Voided::SetBack(_)
            | Voided::OtherPlan(_)
            | Voided::Contradicted(_) => {}
            Voided::Unrecorded
            | Voided::OtherQuestion(_)
            | Voided::OtherSource(_)
            | Voided::Otherwise(_)
            | Voided::NotGo
            | Voided::SamePerson(_)
            | Voided::SameKey(_)
            | Voided::SamePrincipal(..)
            | Voided::NoSigners
            | Voided::ListUnread(_)
            | Voided::Replayed(_)
            | Voided::Unsigned(_)
            | Voided::Unvouched(_) => return None,
        }
        let kinds = [CriterionKind::Approvals];
        self.passed_with(stage, gate.kind, signature.entry, &kinds, role)
    }

    /// The check that a gate was passed on, if it knew this entry, and what that answers was met in it.
    fn passed_with(
        &self,
        stage: &'a Stage,
        kind: GateKind,
        entry: &Entry,
        kinds: &[CriterionKind],
        name: &str,
    ) -> Option<RecordedCheck<'a>> {
        let check = self.passed_on(stage, kind)?;
        let mut not_met = check.gate.not_met.iter();
        let was_met = !not_met.any(|one| kinds.contains(&one.kind) && one.name == name);
        (was_met && check.knew(entry)).then_some(check)
    }

    /// The check with which a stage that runs, or was left, passed its entry; and its exit, if it was left.
    fn passed_on(&self, stage: &'a Stage, kind: GateKind) -> Option<RecordedCheck<'a>> {
        let (history, name) = (self.history(), kind.of(&stage.name));
        let (has_begun, was_left) = match self.state(stage) {
            State::Left | State::Overridden => (true, true),
            State::Running | State::Paused | State::Stopped => (true, false),
            State::NotStarted | State::AtEntry | State::RolledBack => (false, false),
        };
        match kind {
            GateKind::Entry if has_begun => {
                let start = history.last_of(&stage.name, &[EventKind::Started])?;
                history.before(start).judged(&name)
            }
            GateKind::Exit if was_left => {
                let next = self.ended_by(stage, history.start_of(&stage.name)?);
                next.map_or(history, |next| history.before(next))
                    .judged(&name)
            }
            GateKind::Entry | GateKind::Exit | GateKind::Recovery => None,
        }
    }
}

/// Whether another version of the release took the place of the one before.
fn is_another_version(since: &Entry) -> bool {
    since.event.kind() == EventKind::Superseded
}
