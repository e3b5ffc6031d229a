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
use crate::rollout::{Counts, IncidentSeen, is_one_of, required, steps};
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
    let mut counting: Vec<(&Record, String)> = records
        .iter()
        .filter_map(|record| Some((record, told(ask, record, context)?)))
        .collect();
    // An incident that counts as it is and as it was is one.
    counting.dedup_by(|later, first| later.0.until.is_some() && later.0.id == first.0.id);
    if missing.is_none() {
        missing = undecided(ask, &records, context);
    }
    let ruling = match (counting.first(), missing) {
        (Some((first, _)), _) => counted(&counting, first),
        (None, Some(missing)) => missing.ruling(context),
        (None, None) => Ruling::good(peace(ask, context.moment.started())),
    };
    ruling.requires(required(ask, list))
}

/// Why an incident counts, if it is known to.
fn told(ask: &IncidentsAsk, record: &Record, context: &CriterionContext<'_>) -> Option<String> {
    let started = context.moment.started();
    let dated_since = record.since.zip(started);
    let seen = IncidentSeen {
        severity: record.severity.as_deref(),
        open: record.open,
        came_up: record.came_up || dated_since.is_some_and(|(since, started)| since >= started),
        since: record.since,
        recorded: record.recorded,
        late: record.late,
    };
    let why = seen.counts(ask, started)?;
    Some(match why {
        Counts::Open => record.told("is open"),
        Counts::Overdue(target) => {
            format!(
                "{}, should have been solved by {target}",
                record.told("is open")
            )
        }
        Counts::Within(length) => record.told(&format!("came up within {length} of the start")),
        Counts::SinceStart => record.told("came up since the start"),
    })
}

fn counted(counting: &[(&Record, String)], first: &Record) -> Ruling {
    let named = counting.iter().take(NAMED).map(|(_, told)| told.as_str());
    let named: Vec<&str> = named.collect();
    let more = match counting.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let ruling = Ruling::bad(Code::Incident, format!("{}{more}", named.join("; ")));
    match &first.entry {
        Some(based_on) => {
            let ruling = ruling.based_on(based_on.clone());
            if first.open == Some(true) || first.late.is_some() {
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
    if ask.counts_from_start() && context.moment.started().is_none() {
        return Some(records::Missing::Start);
    }
    // What an incident was before somebody corrected it is no doubt about what it is.
    let mut present = records.iter().filter(|record| record.until.is_none());
    let doubt = present.find_map(|record| doubt(ask, record, context));
    if let Some(reason) = doubt {
        let undecided = Undecided::new(Code::ContentUnreadable, reason);
        return Some(records::Missing::Said(undecided));
    }
    let without_target = records.iter().find(|record| lacks_target(ask, record));
    if let Some(record) = without_target {
        let id = record.log.is_none().then(|| record.id.clone());
        return Some(records::Missing::Target(record.name(), id));
    }
    let (started, (_, length)) = context.moment.started().zip(ask.within.as_ref())?;
    let is_over = started + *length <= context.moment.at;
    (!is_over).then_some(records::Missing::Early(started, *length))
}

/// Whether it is unknown if an open incident is late.
fn lacks_target(ask: &IncidentsAsk, record: &Record) -> bool {
    let severity = record.severity.as_deref().unwrap_or_default();
    let matters = record.open == Some(true) && is_one_of(&ask.overdue, severity);
    matters && record.target.is_none()
}

/// Why it is unknown whether an incident counts.
fn doubt(ask: &IncidentsAsk, record: &Record, context: &CriterionContext<'_>) -> Option<String> {
    let name = record.name();
    if record.open.is_none() {
        return Some(format!("{name} does not say whether it is open"));
    }
    let matters = record.open == Some(true) || ask.counts_from_start();
    match record.severity.as_deref() {
        None if matters => Some(format!("{name} has no severity")),
        Some(severity) if matters && !is_known(context.rollout.plan, severity) => Some(format!(
            "{name} has the severity `{severity}`, which is not in the plan"
        )),
        Some(severity) if asks_since(ask, severity) && record.since.is_none() => {
            Some(format!("{name} does not say when it was opened"))
        }
        _ => None,
    }
}

/// Whether it matters when an incident of a severity was opened.
fn asks_since(ask: &IncidentsAsk, severity: &str) -> bool {
    let within = ask.within.as_ref();
    let within = within.is_some_and(|(severities, _)| is_one_of(severities, severity));
    within || is_one_of(&ask.since_start, severity)
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
    if !ask.overdue.is_empty() {
        said.push(format!(
            "no {} is past its target",
            ask.overdue.join(" or ")
        ));
    }
    if let Some((severities, length)) = &ask.within {
        let severities = severities.join(" or ");
        said.push(format!(
            "no {severities} came up within {length} of the start"
        ));
    }
    said.join(", ")
}
