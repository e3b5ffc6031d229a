//! The status for programs: `gate.status/v1`. Holds no logic of its own.

use serde::Serialize;

use crate::kind::{CriterionKind, GateName};
use crate::ledger::IncidentDay;
use crate::rollout::{
    ClosedIncident, Kept, Next, OpenIncident, Owed, StageStatus, Status, Superseded,
};
use crate::unicode_safety::escape_json;
use crate::units::Instant;

/// The value of `schema`.
const SCHEMA: &str = "gate.status/v1";

/// The status as JSON, keys in a fixed order, with a final newline. Times are RFC 3339 in UTC, durations whole seconds.
#[must_use]
pub fn status_json(status: &Status) -> String {
    let mut text = serde_json::to_string_pretty(&Document::from(status)).unwrap_or_default();
    text.push('\n');
    escape_json(&text)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    plan: &'a str,
    release: &'a str,
    version: Option<&'a str>,
    now: Instant,
    /// `null` if there is no ledger.
    ledger: Option<&'a Kept>,
    /// The versions that others took the place of, oldest first.
    superseded: &'a [Superseded],
    /// Stages that were started and that the plan does not have.
    unknown_stages: &'a [String],
    stages: &'a [StageStatus],
    outstanding: Vec<Outstanding<'a>>,
    incidents: Vec<Incident<'a>>,
    closed_incidents: Vec<Solved<'a>>,
    incident_days: Vec<Day<'a>>,
    /// `null` if every stage was left.
    next: Option<NextCommand<'a>>,
    /// What holds a stage before a stop trips that is on its way; `null` if none is.
    to_hold: Option<NextCommand<'a>>,
}

#[derive(Serialize)]
struct Outstanding<'a> {
    gate: &'a GateName,
    kind: CriterionKind,
    name: &'a str,
    title: Option<&'a str>,
    link: Option<&'a str>,
    reason: &'a str,
    command: String,
    owner: Option<&'a str>,
}

#[derive(Serialize)]
struct Incident<'a> {
    id: &'a str,
    severity: Option<&'a str>,
    description: Option<&'a str>,
    workaround: Option<&'a str>,
    owner: Option<&'a str>,
    target: Option<Instant>,
    stage: Option<&'a str>,
    opened: Instant,
    /// Seconds; `null` until the target.
    overdue: Option<i64>,
}

#[derive(Serialize)]
struct Solved<'a> {
    id: &'a str,
    severity: Option<&'a str>,
    description: Option<&'a str>,
    opened: Instant,
    closed: Instant,
    /// `null` if nobody said.
    solution: Option<&'a str>,
    links: &'a [String],
}

#[derive(Serialize)]
struct Day<'a> {
    date: &'a str,
    opened: Vec<Opened<'a>>,
    closed: usize,
    open: usize,
}

#[derive(Serialize)]
struct Opened<'a> {
    severity: &'a str,
    count: usize,
}

#[derive(Serialize)]
struct NextCommand<'a> {
    /// What has to be there, or done, before the command helps; `null` if the command is all.
    first: Option<&'a str>,
    command: String,
    why: &'a str,
}

impl<'a> From<&'a Status> for Document<'a> {
    fn from(status: &'a Status) -> Self {
        let outstanding = status.outstanding.iter();
        Self {
            schema: SCHEMA,
            plan: &status.plan,
            release: &status.release.name,
            version: status.release.version.as_deref(),
            now: status.now,
            ledger: status.kept.as_ref(),
            superseded: &status.superseded,
            unknown_stages: &status.unknown_stages,
            stages: &status.stages,
            outstanding: outstanding
                .map(|owed| Outstanding::of(owed, &status.plan))
                .collect(),
            incidents: status.incidents.iter().map(Into::into).collect(),
            closed_incidents: status.closed_incidents.iter().map(Into::into).collect(),
            incident_days: status.incident_days.iter().map(Into::into).collect(),
            next: status
                .next
                .as_ref()
                .map(|next| NextCommand::of(next, status)),
            to_hold: status
                .to_hold
                .as_ref()
                .map(|hold| NextCommand::of(hold, status)),
        }
    }
}

impl<'a> NextCommand<'a> {
    fn of(next: &'a Next, status: &Status) -> Self {
        Self {
            first: next.first.as_deref(),
            command: next.command.command(&status.plan),
            why: &next.why,
        }
    }
}

impl<'a> Outstanding<'a> {
    fn of(owed: &'a Owed, plan: &str) -> Self {
        Self {
            gate: &owed.gate,
            kind: owed.kind,
            name: &owed.name,
            title: owed.title.as_deref(),
            link: owed.link.as_deref(),
            reason: &owed.reason,
            command: owed.next_step.command(plan),
            owner: owed.next_step.owner.as_deref(),
        }
    }
}

impl<'a> From<&'a OpenIncident> for Incident<'a> {
    fn from(incident: &'a OpenIncident) -> Self {
        let details = &incident.details;
        Self {
            id: &incident.id,
            severity: details.severity.as_deref(),
            description: details.description.as_deref(),
            workaround: details.workaround.as_deref(),
            owner: details.owner.as_deref(),
            target: details.target,
            stage: incident.stage.as_deref(),
            opened: incident.opened,
            overdue: incident.overdue.map(|late| late.millis() / 1000),
        }
    }
}

impl<'a> From<&'a ClosedIncident> for Solved<'a> {
    fn from(incident: &'a ClosedIncident) -> Self {
        Self {
            id: &incident.id,
            severity: incident.severity.as_deref(),
            description: incident.description.as_deref(),
            opened: incident.opened,
            closed: incident.closed,
            solution: incident.solution.as_deref(),
            links: &incident.links,
        }
    }
}

impl<'a> From<&'a IncidentDay> for Day<'a> {
    fn from(day: &'a IncidentDay) -> Self {
        let opened = day.opened.iter();
        Self {
            date: &day.date,
            opened: opened
                .map(|(severity, count)| Opened {
                    severity,
                    count: *count,
                })
                .collect(),
            closed: day.closed,
            open: day.open,
        }
    }
}
