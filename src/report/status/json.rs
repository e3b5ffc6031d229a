//! The status for programs: `gate.status/v1`. Holds no logic of its own.

use serde::Serialize;

use crate::rollout::{
    Day, GateStatus, LastCheck, Next, OpenIncident, Owed, Progress, StageStatus, Status, Tripped,
};
use crate::rollout::{NextStep, Overridden};
use crate::unicode_safety::escape_json;
use crate::units::Duration;

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
struct Document {
    schema: &'static str,
    plan: String,
    release: String,
    version: Option<String>,
    now: String,
    /// `null` if there is no ledger.
    ledger: Option<Ledger>,
    /// Stages that were started and that the plan does not have.
    unknown_stages: Vec<String>,
    stages: Vec<Stage>,
    outstanding: Vec<Outstanding>,
    incidents: Vec<Incident>,
    /// `null` if every stage was left.
    next: Option<NextCommand>,
}

#[derive(Serialize)]
struct Ledger {
    entries: usize,
    last: Option<String>,
}

#[derive(Serialize)]
struct Stage {
    #[serde(rename = "stage")]
    name: String,
    title: Option<String>,
    state: String,
    started: Option<String>,
    ended: Option<String>,
    begun_by_override: bool,
    deadline: Option<String>,
    flags: Vec<String>,
    windows: Vec<Window>,
    gates: Vec<Gate>,
    tripped: Vec<Trip>,
    missed_checkpoints: Vec<Missed>,
}

#[derive(Serialize)]
struct Window {
    kind: &'static str,
    observed: i64,
    length: i64,
    completes_at: String,
}

#[derive(Serialize)]
struct Gate {
    #[serde(rename = "gate")]
    name: String,
    last: Option<Check>,
    overridden: Option<Override>,
}

#[derive(Serialize)]
struct Check {
    verdict: &'static str,
    evaluated_at: String,
    entry: u64,
    evidence: String,
    before_start: bool,
    other_plan: bool,
    other_vars: bool,
}

#[derive(Serialize)]
struct Override {
    by: String,
    at: String,
    why: String,
    expires: String,
    entry: u64,
}

#[derive(Serialize)]
struct Trip {
    name: String,
    reason: String,
    at: String,
    entry: u64,
}

#[derive(Serialize)]
struct Missed {
    day: usize,
    start: String,
    end: String,
}

#[derive(Serialize)]
struct Outstanding {
    gate: String,
    kind: &'static str,
    name: String,
    title: Option<String>,
    reason: String,
    command: String,
    owner: Option<String>,
}

#[derive(Serialize)]
struct Incident {
    id: String,
    severity: Option<String>,
    description: Option<String>,
    workaround: Option<String>,
    owner: Option<String>,
    target: Option<String>,
    stage: Option<String>,
    opened: String,
    /// Seconds; `null` until the target.
    overdue: Option<i64>,
}

#[derive(Serialize)]
struct NextCommand {
    command: String,
    why: String,
}

impl From<&Status> for Document {
    fn from(status: &Status) -> Self {
        let command = |next_step: &NextStep| next_step.command(&status.plan);
        Self {
            schema: SCHEMA,
            plan: status.plan.clone(),
            release: status.release.name.clone(),
            version: status.release.version.clone(),
            now: status.now.to_string(),
            ledger: status.kept.as_ref().map(|kept| Ledger {
                entries: kept.entries,
                last: kept.last.map(|last| last.to_string()),
            }),
            unknown_stages: status.unknown_stages.clone(),
            stages: status.stages.iter().map(Into::into).collect(),
            outstanding: status
                .outstanding
                .iter()
                .map(|owed| outstanding(owed, command(&owed.next_step)))
                .collect(),
            incidents: status.incidents.iter().map(Into::into).collect(),
            next: status.next.as_ref().map(|next: &Next| NextCommand {
                command: command(&next.command),
                why: next.why.clone(),
            }),
        }
    }
}

fn outstanding(owed: &Owed, command: String) -> Outstanding {
    Outstanding {
        gate: owed.gate.to_string(),
        kind: owed.kind.word(),
        name: owed.name.clone(),
        title: owed.title.clone(),
        reason: owed.reason.clone(),
        command,
        owner: owed.next_step.owner.clone(),
    }
}

impl From<&StageStatus> for Stage {
    fn from(stage: &StageStatus) -> Self {
        Self {
            name: stage.name.clone(),
            title: stage.title.clone(),
            state: stage.state.word().to_lowercase().replace(' ', "-"),
            started: stage.started.map(|at| at.to_string()),
            ended: stage.ended.map(|at| at.to_string()),
            begun_by_override: stage.begun_by_override,
            deadline: stage.deadline.map(|at| at.to_string()),
            flags: stage.flags.clone(),
            windows: stage.windows.iter().map(Into::into).collect(),
            gates: stage.gates.iter().map(Into::into).collect(),
            tripped: stage.tripped.iter().map(Into::into).collect(),
            missed_checkpoints: stage.missed.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Progress> for Window {
    fn from(window: &Progress) -> Self {
        Self {
            kind: window.kind.word(),
            observed: seconds(window.observed),
            length: seconds(window.length),
            completes_at: window.completes_at.to_string(),
        }
    }
}

impl From<&GateStatus> for Gate {
    fn from(gate: &GateStatus) -> Self {
        Self {
            name: gate.gate.to_string(),
            last: gate.last.as_ref().map(Into::into),
            overridden: gate.overridden.as_ref().map(Into::into),
        }
    }
}

impl From<&LastCheck> for Check {
    fn from(check: &LastCheck) -> Self {
        Self {
            verdict: check.verdict.word(),
            evaluated_at: check.at.to_string(),
            entry: check.entry,
            evidence: check.evidence.clone(),
            before_start: check.before_start,
            other_plan: check.other_plan,
            other_vars: check.other_vars.is_some(),
        }
    }
}

impl From<&Overridden> for Override {
    fn from(overridden: &Overridden) -> Self {
        Self {
            by: overridden.by.clone(),
            at: overridden.at.to_string(),
            why: overridden.why.clone(),
            expires: overridden.expires.to_string(),
            entry: overridden.entry,
        }
    }
}

impl From<&Tripped> for Trip {
    fn from(trip: &Tripped) -> Self {
        Self {
            name: trip.name.clone(),
            reason: trip.reason.clone(),
            at: trip.at.to_string(),
            entry: trip.entry,
        }
    }
}

impl From<&Day> for Missed {
    fn from(day: &Day) -> Self {
        Self {
            day: day.number,
            start: day.start.to_string(),
            end: day.end.to_string(),
        }
    }
}

impl From<&OpenIncident> for Incident {
    fn from(incident: &OpenIncident) -> Self {
        let details = incident.details.clone();
        Self {
            id: incident.id.clone(),
            severity: details.severity,
            description: details.description,
            workaround: details.workaround,
            owner: details.owner,
            target: details.target.map(|at| at.to_string()),
            stage: incident.stage.clone(),
            opened: incident.opened.to_string(),
            overdue: incident.overdue.map(seconds),
        }
    }
}

/// Whole seconds.
fn seconds(duration: Duration) -> i64 {
    duration.millis() / 1000
}
