//! The incidents that are open, from the ledger. Must not say that there are none where nobody keeps it.

use super::StatusInput;
use crate::ledger::{Incident, IncidentDetails, Ledger};
use crate::units::{Duration, Instant};

/// An incident that nobody has closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIncident {
    /// Such as `INC-1`.
    pub id: String,
    /// The stage it happened in.
    pub stage: Option<String>,
    /// When it was opened.
    pub opened: Instant,
    /// What is known of it.
    pub details: IncidentDetails,
    /// How long ago it should have been solved.
    pub overdue: Option<Duration>,
}

/// In the order in which they were opened.
pub(super) fn open(asked: &StatusInput<'_>) -> Vec<OpenIncident> {
    let incidents = asked.ledger.map(Ledger::incidents).unwrap_or_default();
    let open = incidents.into_iter().filter(|one| one.closed.is_none());
    open.map(|incident| still_open(incident, asked.now))
        .collect()
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
