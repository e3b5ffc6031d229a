//! What was answered to a confirmation or an item of a checklist, and whether that still holds for the stage as it is and the
//! words as they are. Must not take silence for a yes.

use super::Rollout;
use crate::digest::sha256_hex;
use crate::kind::GateKind;
use crate::ledger::{Answer, Entry, Event, Person};
use crate::plan::criteria::ChecklistItem;
use crate::plan::{Observe, Stage};

/// People's answer to one question about a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered<'a> {
    /// Nobody has answered.
    Nobody,
    /// The last answer was taken back.
    TakenBack(&'a Entry),
    /// Answered, but the text was another one: nobody has answered this one.
    Reworded(&'a Entry, Answer),
    /// Yes, but before this item, which comes first in a list that is gone through in order, and is not confirmed, or was later.
    OutOfTurn(&'a Entry, &'a ChecklistItem),
    /// Yes, but the stage has been rolled back or reopened since, by the second entry.
    BeforeRollback(&'a Entry, &'a Entry),
    /// Yes, but the stage began only after that, by the second entry, and it is its exit that asks.
    BeforeStart(&'a Entry, &'a Entry),
    /// Yes.
    Yes(&'a Entry),
    /// It does not apply: counts as a yes, and is never shown as one (L5).
    NotApplicable(&'a Entry),
    /// No; a rollback does not undo that.
    No(&'a Entry),
}

impl<'a> Answered<'a> {
    /// The last answer, whether or not it still holds.
    #[must_use]
    pub fn entry(self) -> Option<&'a Entry> {
        match self {
            Self::Nobody => None,
            Self::TakenBack(entry)
            | Self::Reworded(entry, _)
            | Self::BeforeRollback(entry, _)
            | Self::BeforeStart(entry, _)
            | Self::OutOfTurn(entry, _)
            | Self::Yes(entry)
            | Self::NotApplicable(entry)
            | Self::No(entry) => Some(entry),
        }
    }

    /// Whether the question needs no further answer.
    #[must_use]
    pub fn is_settled(self) -> bool {
        match self {
            Self::Yes(_) | Self::NotApplicable(_) => true,
            Self::No(_)
            | Self::Nobody
            | Self::TakenBack(_)
            | Self::Reworded(..)
            | Self::BeforeRollback(..)
            | Self::BeforeStart(..)
            | Self::OutOfTurn(..) => false,
        }
    }

    /// Whether the last answer still holds.
    #[must_use]
    pub fn holds(self) -> bool {
        match self {
            Self::Yes(_) | Self::NotApplicable(_) | Self::No(_) => true,
            Self::Nobody
            | Self::TakenBack(_)
            | Self::Reworded(..)
            | Self::BeforeRollback(..)
            | Self::BeforeStart(..)
            | Self::OutOfTurn(..) => false,
        }
    }
}

impl<'a> Rollout<'a> {
    /// The answer to the `ID` of a confirmation, or the `LIST/ITEM` of a checklist, for a stage.
    #[must_use]
    pub fn answered(&self, stage: &str, id: &str) -> Answered<'a> {
        let Some((entry, answer)) = self.history().answer(stage, id) else {
            return Answered::Nobody;
        };
        let answered = self.by_itself(stage, id, entry, answer);
        if let Answered::Yes(entry) | Answered::NotApplicable(entry) = answered
            && let Some(earlier) = self.confirmed_before(stage, id)
        {
            return Answered::OutOfTurn(entry, earlier);
        }
        answered
    }

    /// The no of somebody that an answer of this person takes the place of; of what does not apply, also the yes that holds. Whoever
    /// gave it has said nothing else since.
    #[must_use]
    pub fn of_another(&self, stage: &str, id: &str, by: &Person, now: Answer) -> Option<&'a Entry> {
        let (mut since, mut yes) = (vec![by], None);
        for (entry, answer) in self.history().answers(stage, id) {
            let is_another = !since.iter().any(|person| person.is(&entry.by));
            if answer == Answer::No && is_another && !self.was_reworded(stage, id, entry) {
                return Some(entry);
            }
            let holds = || matches!(self.by_itself(stage, id, entry, answer), Answered::Yes(_));
            if now == Answer::NotApplicable && is_another && holds() {
                yes = yes.or(Some(entry));
            }
            since.push(&entry.by);
        }
        yes
    }

    /// The answer of somebody else that the one which holds takes the place of.
    #[must_use]
    pub fn overruled(&self, stage: &str, id: &str) -> Option<&'a Entry> {
        let answered = self.answered(stage, id);
        let (holds, now) = match answered {
            Answered::Yes(entry) => (entry, Answer::Yes),
            Answered::NotApplicable(entry) => (entry, Answer::NotApplicable),
            Answered::No(_)
            | Answered::Nobody
            | Answered::TakenBack(_)
            | Answered::Reworded(..)
            | Answered::BeforeRollback(..)
            | Answered::BeforeStart(..)
            | Answered::OutOfTurn(..) => return None,
        };
        self.of_another(stage, id, &holds.by, now)
    }

    /// What an answer is worth by itself, whatever the items before it in a list.
    pub(super) fn by_itself(
        &self,
        stage: &str,
        id: &str,
        entry: &'a Entry,
        answer: Answer,
    ) -> Answered<'a> {
        let history = self.history();
        if answer == Answer::Revoked {
            return Answered::TakenBack(entry);
        }
        if self.was_reworded(stage, id, entry) {
            return Answered::Reworded(entry, answer);
        }
        if answer == Answer::No {
            return Answered::No(entry);
        }
        if let Some(rolled_back) = history.set_back_since(stage, entry) {
            return Answered::BeforeRollback(entry, rolled_back);
        }
        let beginnings = history.beginnings(stage);
        let began = beginnings.last().map(|(began, _)| *began);
        match began.filter(|began| began.number > entry.number) {
            Some(began) if self.asked_of_what_began(stage, id) => {
                Answered::BeforeStart(entry, began)
            }
            Some(_) | None if answer == Answer::NotApplicable => Answered::NotApplicable(entry),
            Some(_) | None => Answered::Yes(entry),
        }
    }

    /// Whether an answer is to other words than the plan asks (T10); of a stage or a question that the plan no longer has,
    /// nothing asks.
    fn was_reworded(&self, stage: &str, id: &str, entry: &Entry) -> bool {
        let Event::Confirmed { text_sha256, .. } = &entry.event else {
            return true;
        };
        let asked = self.stage(stage).and_then(|stage| stage.asking(id).next());
        asked.is_some_and(|(_, text)| sha256_hex(&[text]) != *text_sha256)
    }

    /// Whether only gates ask this that are judged after the stage has begun: what is answered before does not describe it
    /// (T10).
    #[must_use]
    pub fn asked_of_what_began(&self, stage: &str, id: &str) -> bool {
        let judged_once_begun = |stage: &&Stage| stage.observe == Observe::SinceStart;
        let stage = self.stage(stage).filter(judged_once_begun);
        stage.is_some_and(|stage| {
            let mut asking = stage.asking(id).peekable();
            asking.peek().is_some() && asking.all(|(gate, _)| gate.kind != GateKind::Entry)
        })
    }
}
