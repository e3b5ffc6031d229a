//! Another version of the release took the place of the one before (L6): which stages it takes over, and for which what was found
//! and said before is void. Must not judge what that means for a gate.

use serde::Serialize;

use super::{History, Rollout};
use crate::ledger::{Entry, Event, EventKind};
use crate::plan::Stage;
use crate::units::Instant;

/// That another version of the release took the place of the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Superseded {
    /// The version before, if it had one.
    pub from: Option<String>,
    /// The version that took its place.
    pub to: Option<String>,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: String,
    /// Number of the ledger's entry.
    pub entry: u64,
    /// The stages that it took over.
    pub stages: Vec<String>,
    /// Whether their windows went on.
    pub keep_window: bool,
}

impl Superseded {
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let Event::Superseded {
            from,
            stages,
            keep_window,
        } = &entry.event
        else {
            return None;
        };
        Some(Self {
            from: from.clone(),
            to: entry.plan.version.clone(),
            at: entry.at,
            by: entry.by.name.clone(),
            entry: entry.number,
            stages: stages.clone(),
            keep_window: *keep_window,
        })
    }
}

/// `version 2.1 took the place of 2.0`.
#[must_use]
pub fn took_the_place(entry: &Entry) -> String {
    let Event::Superseded { from, .. } = &entry.event else {
        return String::new();
    };
    let now = entry.plan.version.as_deref().unwrap_or("(none)");
    let from = from.as_deref().unwrap_or("(none)");
    format!("version {now} took the place of {from}")
}

impl<'a> History<'a> {
    /// The entries with which another version of the release took the place of the one before (L6), oldest first.
    #[must_use]
    pub fn superseded(self) -> impl DoubleEndedIterator<Item = &'a Entry> {
        let entries = self.entries().iter();
        entries.filter(|entry| entry.event.kind() == EventKind::Superseded)
    }

    /// Whether what was found and said of a stage before an entry is of another version than the one that it runs or begins with
    /// since. What the rollout had moved on from by then stays as it was.
    pub(super) fn is_superseded_by(self, stage: &str, entry: &Entry) -> bool {
        let then = self.before(entry);
        let ran = || then.has_begun(stage) && then.taken_back(stage).is_none();
        entry.event.kind() == EventKind::Superseded && (entry.event.takes_over(stage) || !ran())
    }

    /// The last entry with which another version took the place of the one that the stage ran with, or would have begun with (L6).
    #[must_use]
    pub fn superseded_for(self, stage: &str) -> Option<&'a Entry> {
        let mut latest = self.superseded().rev();
        latest.find(|entry| self.is_superseded_by(stage, entry))
    }

    /// The last entry with which another version took the stage over while it ran.
    pub(super) fn taken_over(self, stage: &str) -> Option<&'a Entry> {
        let mut latest = self.superseded().rev();
        latest.find(|entry| entry.event.takes_over(stage))
    }

    /// The last entry with which another one took the place of this version.
    #[must_use]
    pub fn superseded_from(self, version: Option<&str>) -> Option<&'a Entry> {
        let mut latest = self.superseded().rev();
        latest.find(|entry| {
            matches!(&entry.event, Event::Superseded { from, .. } if from.as_deref() == version)
        })
    }
}

impl<'a> Rollout<'a> {
    /// The stages that another version of the release would take over now (L6), whether or not the plan still has them: those that
    /// run, and those in front of which nothing else runs any more, since all that came after was rolled back.
    #[must_use]
    pub fn to_be_taken_over(&self) -> Vec<&'a str> {
        let (history, stages) = (self.history(), || self.plan.stages.iter());
        let stands = |name: &str| history.has_begun(name) && history.taken_back(name).is_none();
        let is_in_front = |stage: &&Stage| {
            let mut later = stages().filter(|later| self.rests_on(later, stage));
            self.runs(stage) || !later.any(|later| stands(&later.name))
        };
        let known = stages().filter(|stage| stands(&stage.name));
        let known = known.filter(is_in_front).map(|stage| stage.name.as_str());
        let began = |name: &str| history.beginning(name).map(|(entry, _)| entry.number);
        let gone = self.unknown_stages().into_iter();
        let gone = gone.filter(|name| stands(name)).filter(|name| {
            let mut later = stages().filter(|later| stands(&later.name));
            !later.any(|later| began(&later.name) > began(name))
        });
        known.chain(gone).collect()
    }
}
