//! The way back to a stage (L7): which stages have not begun any more then, why the rollout cannot go back there, and what comes
//! next. Must not decide whether the stage may begin again.

use std::fmt::{self, Display, Formatter};

use super::{NextStep, Rollout, cited};
use crate::ledger::{Entry, EventKind};
use crate::plan::Stage;

/// Why the rollout cannot go back to a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoWayBack<'a> {
    /// It comes after the one that is rolled back, the second.
    Later(&'a str, &'a str),
    /// It does not come before the one that is rolled back, the second.
    Beside(&'a str, &'a str),
    /// It has not begun.
    NotBegun(&'a str),
    /// The rollout went back to it already, and it has not begun since.
    Already(&'a str, &'a Entry),
}

impl Display for NoWayBack<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later(to, from) => write!(
                f,
                "{to} comes after {from}: the way back leads to {from} itself, or to a stage before it"
            ),
            Self::Beside(to, from) => write!(
                f,
                "{to} does not come before {from}: the way back leads to {from} itself, or to a stage before it"
            ),
            Self::NotBegun(to) => write!(f, "{to} has not begun, so there is no way back to it"),
            Self::Already(to, entry) => write!(
                f,
                "{to} was reopened already {} (#{}), and has not begun since",
                cited(entry),
                entry.number
            ),
        }
    }
}

impl<'a> Rollout<'a> {
    /// The stages that have not begun any more once the rollout goes back to a stage from one that is rolled back: those that
    /// have begun, of it and of all that come after it, in plan order; and those that began after it did and that the plan no
    /// longer has: putting one back must not bring its start back.
    ///
    /// # Errors
    /// Why it cannot go back there.
    pub fn way_back(&self, to: &'a Stage, from: &'a Stage) -> Result<Vec<&'a str>, NoWayBack<'a>> {
        let (history, name) = (self.history(), to.name.as_str());
        if let Some(entry) = self.reopened_and_waiting(name) {
            return Err(NoWayBack::Already(name, entry));
        }
        if self.rests_on(to, from) {
            return Err(NoWayBack::Later(name, &from.name));
        }
        if !history.has_begun(name) {
            return Err(NoWayBack::NotBegun(name));
        }
        if name != from.name && !self.rests_on(from, to) {
            return Err(NoWayBack::Beside(name, &from.name));
        }
        let stages = self.plan.stages.iter();
        let stages = stages.filter(|one| one.name == name || self.rests_on(one, to));
        let begun = stages.filter(|one| history.has_begun(&one.name));
        let begun = begun.map(|one| one.name.as_str());
        let first = |stage: &str| history.first_known(stage).map(|entry| entry.number);
        let gone = self.unknown_stages().into_iter();
        let gone = gone.filter(|one| first(one) > first(name));
        Ok(begun.chain(gone).collect())
    }

    /// The entry with which the rollout went back to a stage, if that has not begun since.
    #[must_use]
    pub fn reopened_and_waiting(&self, stage: &str) -> Option<&'a Entry> {
        let back = self.history().taken_back(stage)?;
        (back.event.kind() == EventKind::Reopened).then_some(back)
    }

    /// What leads to the new start of a stage to which the rollout went back; `None` if it did not, or something else blocks
    /// the stage.
    pub(super) fn begins_again(&self, stage: &'a str) -> Option<NextStep> {
        self.reopened_and_waiting(stage)?;
        if self.paused(stage).is_some() {
            return None;
        }
        self.towards_start(self.stage(stage)?)
    }
}
