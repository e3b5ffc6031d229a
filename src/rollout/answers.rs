//! What was answered to a confirmation or an item of a checklist, and whether that still holds for the stage as it is. Must
//! not take silence for a yes.

use super::Rollout;
use crate::ledger::{Answer, Entry};

/// People's answer to one question about a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered<'a> {
    /// Nobody has answered.
    Nobody,
    /// The last answer was taken back.
    TakenBack(&'a Entry),
    /// Yes, but the stage has been rolled back since, by the second entry.
    BeforeRollback(&'a Entry, &'a Entry),
    /// Yes.
    Yes(&'a Entry),
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
            | Self::BeforeRollback(entry, _)
            | Self::Yes(entry)
            | Self::No(entry) => Some(entry),
        }
    }
}

impl<'a> Rollout<'a> {
    /// The answer to the `ID` of a confirmation, or the `LIST/ITEM` of a checklist, for a stage.
    #[must_use]
    pub fn answered(&self, stage: &str, id: &str) -> Answered<'a> {
        let history = self.history();
        match history.answer(stage, id) {
            None => Answered::Nobody,
            Some((entry, Answer::Revoked)) => Answered::TakenBack(entry),
            Some((entry, Answer::No)) => Answered::No(entry),
            Some((entry, Answer::Yes)) => match history.rolled_back_since(stage, entry) {
                Some(rolled_back) => Answered::BeforeRollback(entry, rolled_back),
                None => Answered::Yes(entry),
            },
        }
    }
}
