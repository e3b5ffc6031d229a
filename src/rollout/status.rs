//! The whole rollout, as `gate status` shows it. Reaches no verdict of its own: it repeats recorded ones with their age, and
//! asks nobody.

use serde::Serialize;

use super::{ClosedIncident, Next, OpenIncident, Owed, Rollout, StageStatus, Superseded};
use crate::ledger::{IncidentDay, incident_days};
use crate::plan::{Release, release_id};
use crate::units::Instant;

/// Where a rollout stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// As given on the command line.
    pub plan: String,
    /// Where the ledger is kept, in words; `None` for beside the plan.
    pub elsewhere: Option<String>,
    /// The release it is about.
    pub release: Release,
    /// When it was asked for.
    pub now: Instant,
    /// `None` if there is no ledger.
    pub kept: Option<Kept>,
    /// The versions of the release that others took the place of, oldest first.
    pub superseded: Vec<Superseded>,
    /// Stages that were started and are not (or no longer) in the plan.
    pub unknown_stages: Vec<String>,
    /// What blocks the rollout because of these, and what to do about it.
    pub held_elsewhere: Vec<String>,
    /// In plan order.
    pub stages: Vec<StageStatus>,
    /// What people still have to do for the gates in play, in plan order.
    pub outstanding: Vec<Owed>,
    /// In the order in which they were opened.
    pub incidents: Vec<OpenIncident>,
    /// In the order in which they were closed.
    pub closed_incidents: Vec<ClosedIncident>,
    /// How many there were on each day, oldest first.
    pub incident_days: Vec<IncidentDay>,
    /// What to do next; `None` if every stage was left.
    pub next: Option<Next>,
    /// What holds a stage before a stop trips that is on its way; only the record of its last check knows of one.
    pub to_hold: Option<Next>,
}

/// The ledger that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// How many entries it has.
    pub entries: usize,
    /// When the last one was made.
    pub last: Option<Instant>,
}

impl Status {
    /// The release by name and version, as the ledger has it by now.
    #[must_use]
    pub fn named(&self) -> String {
        let last = self.superseded.last();
        let version = last.map_or(&self.release.version, |last| &last.to);
        release_id(&self.release.name, version.as_deref())
    }
}

impl Rollout<'_> {
    /// Works out the status; `path` is the plan's, as given on the command line.
    #[must_use]
    pub fn status(&self, path: &str) -> Status {
        let stages: Vec<StageStatus> = (self.plan.stages.iter())
            .map(|stage| self.stage_status(stage))
            .collect();
        let outstanding = self.outstanding();
        let elsewhere = self.held_elsewhere();
        Status {
            plan: path.to_owned(),
            elsewhere: None,
            release: self.plan.release.clone(),
            now: self.now,
            kept: self.ledger.map(|ledger| Kept {
                entries: ledger.entries().len(),
                last: ledger.entries().last().map(|entry| entry.at),
            }),
            superseded: self
                .history()
                .superseded()
                .filter_map(Superseded::of)
                .collect(),
            unknown_stages: (self.unknown_stages().into_iter())
                .map(str::to_owned)
                .collect(),
            held_elsewhere: (elsewhere.iter()).map(|hold| self.told(hold)).collect(),
            next: self.next(&stages, &outstanding),
            to_hold: None,
            incidents: self.open_incidents(),
            closed_incidents: self.closed_incidents(),
            incident_days: incident_days(&self.incidents()),
            stages,
            outstanding,
        }
    }
}
