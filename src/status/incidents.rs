//! The incidents that are open, from the ledger. Must not say that there are none where nobody keeps it.

use super::Asked;
use crate::ledger::{Event, IncidentDetails};
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
pub(super) fn open(asked: &Asked<'_>) -> Vec<OpenIncident> {
    let mut open: Vec<OpenIncident> = Vec::new();
    for entry in asked.entries() {
        match &entry.event {
            Event::IncidentOpened { id, stage, details } => open.push(OpenIncident {
                id: id.clone(),
                stage: stage.clone(),
                opened: entry.at,
                details: details.clone(),
                overdue: None,
            }),
            Event::IncidentUpdated { id, details } => {
                for incident in open.iter_mut().filter(|one| one.id == *id) {
                    update(&mut incident.details, details);
                }
            }
            Event::IncidentClosed { id } => open.retain(|incident| incident.id != *id),
            _ => {}
        }
    }
    for incident in &mut open {
        let target = incident.details.target;
        let late = target.filter(|target| *target < asked.now);
        incident.overdue = late.map(|target| target.until(asked.now));
    }
    open
}

/// What is given replaces what was known.
fn update(known: &mut IncidentDetails, given: &IncidentDetails) {
    let replace = |known: &mut Option<String>, given: &Option<String>| {
        if given.is_some() {
            known.clone_from(given);
        }
    };
    replace(&mut known.severity, &given.severity);
    replace(&mut known.description, &given.description);
    replace(&mut known.workaround, &given.workaround);
    replace(&mut known.owner, &given.owner);
    known.target = given.target.or(known.target);
}
