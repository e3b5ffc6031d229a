//! Incidents: which count for a gate, and which are open. Must not say that there are none if people record nothing.

use super::Rollout;
use crate::kind::List;
use crate::ledger::{Incident, IncidentDetails, Ledger};
use crate::plan::criteria::IncidentsAsk;
use crate::units::{Duration, Instant};

/// Why an incident counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// It is open.
    Open,
    /// It came up since the start of the stage, open or not.
    SinceStart,
}

/// Why an incident of this severity counts for a gate, if it is known to: `open` and `since` (when it became what it is)
/// are `None` if unknown.
#[must_use]
pub fn counts(
    ask: &IncidentsAsk,
    severity: Option<&str>,
    open: Option<bool>,
    since: Option<Instant>,
    started: Option<Instant>,
) -> Option<Counts> {
    let severity = severity?;
    if is_one_of(&ask.open, severity) && open == Some(true) {
        return Some(Counts::Open);
    }
    let came_up = since
        .zip(started)
        .is_some_and(|(since, started)| since >= started);
    (came_up && is_one_of(&ask.since_start, severity)).then_some(Counts::SinceStart)
}

/// Whether a severity is one of those that are asked about, ignoring case.
#[must_use]
pub fn is_one_of(severities: &[String], severity: &str) -> bool {
    let severity = severity.trim().to_lowercase();
    severities
        .iter()
        .any(|asked| asked.trim().to_lowercase() == severity)
}

/// What is asked, in words; a stop describes the bad state. The words distinguish stops from each other.
#[must_use]
pub fn required(ask: &IncidentsAsk, list: List) -> String {
    let good = if list == List::Stop { "" } else { "no " };
    let mut said = Vec::new();
    if !ask.open.is_empty() {
        said.push(format!("{good}{} open", ask.open.join(", ")));
    }
    if !ask.since_start.is_empty() {
        said.push(format!(
            "{good}{} since the start",
            ask.since_start.join(", ")
        ));
    }
    said.join("; ")
}

/// An incident that nobody has closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIncident {
    /// Such as `INC-1`.
    pub id: String,
    /// The stage it happened in.
    pub stage: Option<String>,
    /// When it was opened.
    pub opened: Instant,
    /// What is known about it.
    pub details: IncidentDetails,
    /// How long ago it should have been solved.
    pub overdue: Option<Duration>,
}

impl Rollout<'_> {
    /// The incidents of the ledger, in the order in which they were opened.
    #[must_use]
    pub fn incidents(&self) -> Vec<Incident> {
        self.ledger.map(Ledger::incidents).unwrap_or_default()
    }

    /// Those that are open.
    pub(super) fn open_incidents(&self) -> Vec<OpenIncident> {
        let incidents = self.incidents().into_iter();
        incidents
            .filter(|incident| incident.closed.is_none())
            .map(|incident| still_open(incident, self.now))
            .collect()
    }
}

fn still_open(incident: Incident, now: Instant) -> OpenIncident {
    let late = incident.details.target.filter(|target| *target < now);
    OpenIncident {
        id: incident.id,
        stage: incident.stage,
        opened: incident.opened,
        details: incident.details,
        overdue: late.map(|target| target.until(now)),
    }
}
