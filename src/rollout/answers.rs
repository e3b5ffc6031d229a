//! What was answered to a confirmation or an item of a checklist, and whether that is still said of the stage as it is. Must
//! not take silence for a yes.

use super::Rollout;
use crate::ledger::{Answer, Entry};

/// The answer of people to one question about a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered<'a> {
    /// Nobody has answered.
    Nobody,
    /// The last answer was taken back.
    TakenBack(&'a Entry),
    /// Yes, but the stage was rolled back since, as the second entry has it.
    BeforeRollback(&'a Entry, &'a Entry),
    /// Yes.
    Yes(&'a Entry),
    /// No; a rollback does not make up for that.
    No(&'a Entry),
}

impl<'a> Answered<'a> {
    /// The last answer, whatever has become of it.
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
    /// What is answered to `ID` of a confirmation, `LIST/ITEM` of a checklist, for a stage.
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
