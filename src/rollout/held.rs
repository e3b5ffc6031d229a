//! What keeps a stage from going on, and the stages after it from beginning: a rollback, a stop, a pause. Must not let a
//! stage that was taken out of the plan be forgotten.

use super::Rollout;
use crate::ledger::{Entry, Trip};
use crate::plan::Stage;

/// Something that holds the rollout until somebody resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold<'a> {
    /// The stage was rolled back, and has neither been started nor resumed since.
    RolledBack(&'a str, &'a Entry),
    /// A stop of the stage tripped in a recorded check, and nobody has resumed since.
    Stopped(&'a str, &'a Entry, &'a Trip),
    /// The stage was paused, and nobody has resumed since.
    Paused(&'a str, &'a Entry),
}

impl<'a> Hold<'a> {
    /// The stage that it holds.
    #[must_use]
    pub fn stage(&self) -> &'a str {
        match self {
            Self::RolledBack(stage, _) | Self::Stopped(stage, ..) | Self::Paused(stage, _) => stage,
        }
    }

    /// The entry that says so.
    #[must_use]
    pub fn entry(&self) -> &'a Entry {
        match self {
            Self::RolledBack(_, entry) | Self::Stopped(_, entry, _) | Self::Paused(_, entry) => {
                entry
            }
        }
    }
}

impl<'a> Rollout<'a> {
    /// What became of a stage that no check of its exit gate makes up for: a rollback, else the first stop that tripped.
    pub(super) fn turned_away(&self, stage: &'a str) -> Option<Hold<'a>> {
        self.rolled_back(stage).or_else(|| self.stopped(stage))
    }

    /// Everything that holds a stage, the worst first.
    pub fn holds(&self, stage: &'a str) -> impl Iterator<Item = Hold<'a>> {
        let all = [
            self.rolled_back(stage),
            self.stopped(stage),
            self.paused(stage),
        ];
        all.into_iter().flatten()
    }

    /// What keeps a stage from beginning: whatever holds a stage before it in the plan, or one that the plan no longer has;
    /// and its own stop or pause, which a new start does not end.
    pub(super) fn holds_before(&self, stage: &'a Stage) -> Vec<Hold<'a>> {
        let earlier = self.plan.stages.iter();
        let earlier = earlier
            .take_while(|one| one.name != stage.name)
            .flat_map(|one| self.holds(&one.name));
        let own = [self.stopped(&stage.name), self.paused(&stage.name)];
        earlier
            .chain(own.into_iter().flatten())
            .chain(self.held_elsewhere())
            .collect()
    }

    /// What holds stages that the plan no longer has, the worst of each: taking one out, or giving it another name, ends
    /// nothing.
    #[must_use]
    pub fn held_elsewhere(&self) -> Vec<Hold<'a>> {
        let gone = self.unknown_stages().into_iter();
        gone.filter_map(|name| self.holds(name).next()).collect()
    }

    /// The rollback that holds a stage.
    #[must_use]
    pub fn rolled_back(&self, stage: &'a str) -> Option<Hold<'a>> {
        let entry = self.history().taken_back(stage)?;
        Some(Hold::RolledBack(stage, entry))
    }

    fn stopped(&self, stage: &'a str) -> Option<Hold<'a>> {
        let (entry, trip) = self.history().trips(stage).into_iter().next()?;
        Some(Hold::Stopped(stage, entry, trip))
    }

    /// The pause that holds a stage.
    #[must_use]
    pub fn paused(&self, stage: &'a str) -> Option<Hold<'a>> {
        let entry = self.history().paused(stage)?;
        Some(Hold::Paused(stage, entry))
    }
}
