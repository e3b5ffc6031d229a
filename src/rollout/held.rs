//! What keeps a stage from going on, and the stages after it from beginning: a rollback, a stop, a pause. Must not forget a
//! stage that was removed from the plan.

use super::Rollout;
use crate::ledger::{Entry, EventKind, Trip};
use crate::plan::Stage;

/// Something that blocks the rollout until somebody resumes.
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
    /// The stage that it blocks.
    #[must_use]
    pub fn stage(&self) -> &'a str {
        match self {
            Self::RolledBack(stage, _) | Self::Stopped(stage, ..) | Self::Paused(stage, _) => stage,
        }
    }

    /// Whether it shows that the stage cannot go on; a pause leaves that open.
    #[must_use]
    pub fn is_unmet(&self) -> bool {
        match self {
            Self::RolledBack(..) | Self::Stopped(..) => true,
            Self::Paused(..) => false,
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
    /// What no check of a stage's exit gate makes up for: a rollback, or else the first stop that tripped.
    pub(super) fn turned_away(&self, stage: &'a str) -> Option<Hold<'a>> {
        self.rolled_back(stage).or_else(|| self.stopped(stage))
    }

    /// Everything that blocks a stage, the worst first.
    pub fn holds(&self, stage: &'a str) -> impl Iterator<Item = Hold<'a>> {
        let all = [
            self.rolled_back(stage),
            self.stopped(stage),
            self.paused(stage),
        ];
        all.into_iter().flatten()
    }

    /// What keeps a stage from beginning: whatever blocks a stage before it in the plan, or one that was removed from the plan;
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

    /// The rollbacks of stages before a running one: it runs on what was taken back (T6). Those before it in the plan, and those
    /// that an edit of the plan has removed or moved behind it since it began. One that the rollout has moved on from stays as it is.
    pub(super) fn undermined(&self, stage: &'a Stage) -> Vec<Hold<'a>> {
        let history = self.history();
        let start = history.last_of(&stage.name, &[EventKind::Started]);
        let Some(start) = start.filter(|_| !self.moved_on(stage)) else {
            return Vec::new();
        };
        let earlier = self.plan.stages.iter().map(|one| one.name.as_str());
        let earlier: Vec<&str> = earlier.take_while(|one| *one != stage.name).collect();
        let others = history.begun().into_iter();
        let others = others.filter(|one| *one != stage.name && !earlier.contains(one));
        let moved = others.filter_map(|one| self.rolled_back(one));
        // Whoever began it after that did so in their own name.
        let moved = moved.filter(|hold| {
            hold.entry().number > start.number && self.was_before(hold.stage(), stage)
        });
        let earlier = earlier.iter().filter_map(|one| self.rolled_back(one));
        earlier.chain(moved).collect()
    }

    /// What blocks stages that are no longer in the plan, the worst of each: removing or renaming a stage ends nothing.
    #[must_use]
    pub fn held_elsewhere(&self) -> Vec<Hold<'a>> {
        let gone = self.unknown_stages().into_iter();
        gone.filter_map(|name| self.holds(name).next()).collect()
    }

    /// The rollback that blocks a stage.
    #[must_use]
    pub fn rolled_back(&self, stage: &'a str) -> Option<Hold<'a>> {
        let entry = self.history().taken_back(stage)?;
        Some(Hold::RolledBack(stage, entry))
    }

    fn stopped(&self, stage: &'a str) -> Option<Hold<'a>> {
        let (check, trip) = self.history().trips(stage).into_iter().next()?;
        Some(Hold::Stopped(stage, check.entry, trip))
    }

    /// The pause that blocks a stage.
    #[must_use]
    pub fn paused(&self, stage: &'a str) -> Option<Hold<'a>> {
        let entry = self.history().paused(stage)?;
        Some(Hold::Paused(stage, entry))
    }
}
