//! `no_incidents`, and `incidents` in stop: none of these severities is open, or was opened since the start.
//! Must not take an empty record for an answer unless incidents are being recorded.

use super::records::{self, Record};
use super::severity::is_known;
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::findings::Inquiry;
use crate::kind::List;
use crate::plan::criteria::IncidentsAsk;
use crate::rollout::{Counts, counts, is_one_of, required, steps};
use crate::units::Instant;

/// How many incidents a reason names.
const NAMED: usize = 3;

/// The team's issue log, if the plan names one.
pub(super) fn inquiries(ask: &IncidentsAsk) -> Vec<Inquiry> {
    (ask.issue_log.iter())
        .map(|path| Inquiry::IssueLog { path: path.clone() })
        .collect()
}

/// Judges the severities together. What is known to be open counts, even if another record cannot be read.
pub(super) fn assess(ask: &IncidentsAsk, list: List, context: &CriterionContext<'_>) -> Ruling {
    let (records, mut missing) = records::of(ask, context);
    let started = context.moment.started();
    let counting: Vec<String> = records
        .iter()
        .filter_map(|record| told(ask, record, started))
        .collect();
    let first = records
        .iter()
        .find(|record| told(ask, record, started).is_some());
    if missing.is_none() {
        missing = undecided(ask, &records, context);
    }
    let ruling = match (first, missing) {
        (Some(first), _) => counted(&counting, first),
        (None, Some(missing)) => missing.ruling(context),
        (None, None) => Ruling::good(peace(ask, started)),
    };
    ruling.requires(required(ask, list))
}

/// Why an incident counts, if it is known to.
fn told(ask: &IncidentsAsk, record: &Record, started: Option<Instant>) -> Option<String> {
    let severity = record.severity.as_deref();
    let dated_since = record.since.zip(started);
    let came_up = record.came_up || dated_since.is_some_and(|(since, started)| since >= started);
    let why = match counts(ask, severity, record.open, came_up)? {
        Counts::Open => "is open",
        Counts::SinceStart => "came up since the start",
    };
    Some(record.told(why))
}

fn counted(counting: &[String], first: &Record) -> Ruling {
    let named: Vec<&str> = counting.iter().take(NAMED).map(String::as_str).collect();
    let more = match counting.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let ruling = Ruling::bad(Code::Incident, format!("{}{more}", named.join("; ")));
    match &first.entry {
        Some(based_on) => {
            let ruling = ruling.based_on(based_on.clone());
            if first.open == Some(true) {
                ruling.settled_by(steps::close(&first.id, first.owner.as_deref()))
            } else {
                ruling
            }
        }
        None => ruling,
    }
}

/// What cannot be decided although every record could be read.
fn undecided(
    ask: &IncidentsAsk,
    records: &[Record],
    context: &CriterionContext<'_>,
) -> Option<records::Missing> {
    if !ask.since_start.is_empty() && context.moment.started().is_none() {
        return Some(records::Missing::Start);
    }
    let doubt = records
        .iter()
        .find_map(|record| doubt(ask, record, context));
    doubt.map(|reason| records::Missing::Said(Undecided::new(Code::ContentUnreadable, reason)))
}

/// Why it is unknown whether an incident counts.
fn doubt(ask: &IncidentsAsk, record: &Record, context: &CriterionContext<'_>) -> Option<String> {
    let name = record.name();
    if record.open.is_none() {
        return Some(format!("{name} does not say whether it is open"));
    }
    let matters = record.open == Some(true) || !ask.since_start.is_empty();
    match record.severity.as_deref() {
        None if matters => Some(format!("{name} has no severity")),
        Some(severity) if matters && !is_known(context.rollout.plan, severity) => Some(format!(
            "{name} has the severity `{severity}`, which is not in the plan"
        )),
        Some(severity) if is_one_of(&ask.since_start, severity) && record.since.is_none() => {
            Some(format!("{name} does not say when it was opened"))
        }
        _ => None,
    }
}

fn peace(ask: &IncidentsAsk, started: Option<Instant>) -> String {
    let mut said = Vec::new();
    if !ask.open.is_empty() {
        said.push(format!("no {} is open", ask.open.join(" or ")));
    }
    if let Some(started) = started.filter(|_| !ask.since_start.is_empty()) {
        let severities = ask.since_start.join(" or ");
        said.push(format!(
            "no {severities} came up since the start at {started}"
        ));
    }
    said.join(", ")
}
