//! Another version of the release took the place of the one before (L6): which stages it takes over, and for which what was found
//! and said before is void, and what a turn of a stage is called. Must not judge what that means for a gate.

use serde::Serialize;

use super::{History, Rollout};
use crate::ledger::{Entry, Event, EventKind, LetGo, StageLeft};
use crate::plan::{Stage, is_same_version};
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
    /// What spoke against them then, and counts no more.
    pub let_go: Vec<LetGo>,
}

impl Superseded {
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let Event::Superseded {
            from,
            stages,
            keep_window,
            left: _,
            let_go,
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
            let_go: let_go.clone(),
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

/// What a turn of a stage did: `pilot was rolled back`, `version 2.1 took the place of 2.0`.
#[must_use]
pub fn turned(stage: &str, entry: &Entry) -> String {
    let what = match &entry.event {
        Event::Superseded { .. } => return took_the_place(entry),
        Event::Started { .. } => "began",
        Event::RolledBack { .. } => "was rolled back",
        Event::Reopened { .. } => "was reopened",
        Event::Resumed { .. } => "went on",
        Event::Checked(_)
        | Event::Confirmed { .. }
        | Event::Approved { .. }
        | Event::IncidentOpened { .. }
        | Event::IncidentUpdated { .. }
        | Event::IncidentClosed { .. }
        | Event::Paused { .. }
        | Event::RollbackUpdated { .. }
        | Event::Overridden { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. }
        | Event::Watch(_) => "changed",
    };
    // What stood behind a stage was taken back.
    let of = entry.event.stage().filter(|_| !entry.event.reopens(stage));
    format!("{} {what}", of.unwrap_or(stage))
}

impl<'a> History<'a> {
    /// The entries with which another version of the release took the place of the one before (L6), oldest first.
    #[must_use]
    pub fn superseded(self) -> impl DoubleEndedIterator<Item = &'a Entry> {
        let entries = self.entries().iter();
        entries.filter(|entry| entry.event.kind() == EventKind::Superseded)
    }

    /// Since which entry what was found and said of a stage is void because another version took the place of the one before with
    /// this entry. What the rollout had moved on from by then stands as long as a stage after it does; once nothing stands behind
    /// it any more, it has to be left with the version that is there now.
    pub(super) fn void_since(self, stage: &str, entry: &'a Entry) -> Option<&'a Entry> {
        if entry.event.kind() != EventKind::Superseded {
            return None;
        }
        if entry.event.takes_over(stage) || !self.ran_before(stage, entry) {
            return Some(entry);
        }
        self.let_go(stage, entry)
    }

    fn ran_before(self, stage: &str, entry: &Entry) -> bool {
        let then = self.before(entry);
        then.has_begun(stage) && then.taken_back(stage).is_none()
    }

    /// The entry with which the last of the stages that stood behind this one was taken back, if none of them stands any more
    /// since it began before another version took the place of the one before.
    pub(super) fn let_go(self, stage: &str, superseded: &'a Entry) -> Option<&'a Entry> {
        let mut last = superseded;
        for behind in superseded.event.followed_by(stage) {
            let gone = self.gone_since(behind, superseded)?;
            if gone.number > last.number {
                last = gone;
            }
        }
        Some(last)
    }

    /// The rollback or reopening with which a stage that stood before an entry ceased to, even if it has been started since.
    fn gone_since(self, stage: &str, entry: &Entry) -> Option<&'a Entry> {
        let later = self.entries().iter();
        let later = later.filter(|one| one.number > entry.number);
        let mut gone = None;
        for one in later.filter(|one| one.event.stage() == Some(stage) || one.event.reopens(stage))
        {
            match one.event.kind() {
                EventKind::RolledBack | EventKind::Reopened => gone = gone.or(Some(one)),
                EventKind::Resumed => gone = None,
                EventKind::Started => break,
                EventKind::Checked
                | EventKind::Confirmed
                | EventKind::Approved
                | EventKind::IncidentOpened
                | EventKind::IncidentUpdated
                | EventKind::IncidentClosed
                | EventKind::Paused
                | EventKind::RollbackUpdated
                | EventKind::Superseded
                | EventKind::Overridden
                | EventKind::Noted
                | EventKind::Repaired
                | EventKind::LedgerBegun
                | EventKind::Imported
                | EventKind::WatchStarted
                | EventKind::WatchEnded => {}
            }
        }
        gone
    }

    /// The last entry since which what was found and said of a stage is void because of another version of the release (L6).
    #[must_use]
    pub fn superseded_for(self, stage: &str) -> Option<&'a Entry> {
        let mut latest = self.superseded().rev();
        latest.find_map(|entry| self.void_since(stage, entry))
    }

    /// The same, of a stage that ran then or had been left.
    pub(super) fn taken_over(self, stage: &str) -> Option<&'a Entry> {
        let mut latest = self.superseded().rev();
        latest.find_map(|entry| {
            let ran = entry.event.takes_over(stage) || self.ran_before(stage, entry);
            self.void_since(stage, entry).filter(|_| ran)
        })
    }

    /// The last entry with which another one took the place of this version.
    #[must_use]
    pub fn superseded_from(self, version: Option<&str>) -> Option<&'a Entry> {
        let mut latest = self.superseded().rev();
        latest.find(|entry| {
            matches!(&entry.event, Event::Superseded { from, .. } if is_same_version(from.as_deref(), version))
        })
    }
}

impl<'a> Rollout<'a> {
    /// The stages that another version of the release would take over now (L6), whether or not the plan still has them: those that
    /// run, and those in front of which nothing else runs any more, since all that came after was rolled back.
    #[must_use]
    pub fn to_be_taken_over(&self) -> Vec<&'a str> {
        let is_in_front = |stage: &str| self.standing_behind(stage).is_empty();
        let known = self.plan.stages.iter();
        let known = known.filter(|stage| self.is_standing(&stage.name));
        let known = known.filter(|stage| self.runs(stage) || is_in_front(&stage.name));
        let gone = self.unknown_stages().into_iter();
        let gone = gone.filter(|name| self.is_standing(name) && is_in_front(name));
        known.map(|stage| stage.name.as_str()).chain(gone).collect()
    }

    /// The stages that the rollout has moved on from, and which of those after them stand.
    #[must_use]
    pub fn moved_on_from(&self) -> Vec<StageLeft> {
        let taken_over = self.to_be_taken_over();
        let begun = self.history().begun().into_iter();
        let left = begun.filter(|name| self.is_standing(name) && !taken_over.contains(name));
        let left = left.map(|name| StageLeft {
            stage: name.to_owned(),
            followed_by: (self.standing_behind(name).into_iter())
                .map(str::to_owned)
                .collect(),
        });
        left.collect()
    }

    fn is_standing(&self, stage: &str) -> bool {
        self.history().has_begun(stage) && self.history().taken_back(stage).is_none()
    }

    /// The stages after one that stand; after one that the plan no longer has, those that began later.
    fn standing_behind(&self, name: &str) -> Vec<&'a str> {
        let began = |name: &str| {
            let beginning = self.history().beginning(name);
            beginning.map(|(entry, _)| entry.number)
        };
        let own = self.stage(name);
        let behind = |later: &&Stage| match own {
            Some(own) => self.rests_on(later, own),
            None => began(&later.name) > began(name),
        };
        let stages = self.plan.stages.iter().filter(behind);
        let standing = stages.filter(|later| self.is_standing(&later.name));
        standing.map(|later| later.name.as_str()).collect()
    }
}
