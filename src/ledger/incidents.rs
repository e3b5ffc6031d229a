//! Incidents as they are after the entries. Must not judge a severity.

use super::{Entry, Event, IncidentDetails, Ledger};
use crate::units::Instant;

/// An incident as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its id.
    pub id: String,
    /// The stage it happened in.
    pub stage: Option<String>,
    /// What is known about it.
    pub details: IncidentDetails,
    /// When it was opened: as somebody says, otherwise when it was recorded.
    pub opened: Instant,
    /// When it was recorded.
    pub recorded: Instant,
    /// When it was closed; `None` while it is open. Updating a closed incident reopens it.
    pub closed: Option<Instant>,
    /// When it became what it is: opened, reopened or given its present severity, whichever came last.
    pub became: Instant,
    /// Number of the entry with which it became that.
    pub became_by: u64,
    /// Whether somebody says when that was; otherwise it was when the entry was made, and the order is that of the numbers.
    pub is_dated: bool,
    /// Number of the entry that opened it.
    pub entry: u64,
}

impl Ledger {
    /// The incidents, in the order in which they were opened.
    #[must_use]
    pub fn incidents(&self) -> Vec<Incident> {
        let mut incidents = Vec::new();
        for entry in self.entries() {
            match &entry.event {
                Event::IncidentOpened {
                    id,
                    stage,
                    opened_at,
                    details,
                } => {
                    let incident = opened(entry, id, stage.as_ref(), details);
                    incidents.push(incident.since(*opened_at));
                }
                Event::IncidentUpdated { id, details } => match last(&mut incidents, id) {
                    Some(incident) => incident.update(entry, details),
                    // Somebody updated an incident that nobody opened: it exists.
                    None => incidents.push(opened(entry, id, None, details)),
                },
                Event::IncidentClosed { id } => {
                    if let Some(incident) = last(&mut incidents, id) {
                        incident.closed = Some(entry.at);
                    }
                }
                Event::Started { .. }
                | Event::Checked(_)
                | Event::Confirmed { .. }
                | Event::Approved { .. }
                | Event::Paused { .. }
                | Event::Resumed { .. }
                | Event::RolledBack { .. }
                | Event::RollbackUpdated { .. }
                | Event::Reopened { .. }
                | Event::Superseded { .. }
                | Event::Overridden { .. }
                | Event::Noted { .. }
                | Event::Repaired { .. }
                | Event::LedgerBegun { .. } => {}
            }
        }
        incidents
    }
}

fn opened(entry: &Entry, id: &str, stage: Option<&String>, details: &IncidentDetails) -> Incident {
    Incident {
        id: id.to_owned(),
        stage: stage.cloned(),
        details: details.clone(),
        opened: entry.at,
        recorded: entry.at,
        closed: None,
        became: entry.at,
        became_by: entry.number,
        is_dated: false,
        entry: entry.number,
    }
}

fn last<'a>(incidents: &'a mut [Incident], id: &str) -> Option<&'a mut Incident> {
    incidents
        .iter_mut()
        .rev()
        .find(|incident| incident.id == id)
}

/// How far apart an incident's opening and its record have to be for both to be told.
const APART: i64 = 60_000;

/// `recorded at 2026-11-20T14:00:00Z, opened at 2026-11-20T09:30:00Z`, where the two are more than a minute apart.
#[must_use]
pub fn recorded_apart(recorded: Instant, opened: Instant) -> Option<String> {
    let apart = (recorded.millis() - opened.millis()).abs() > APART;
    apart.then(|| format!("recorded at {recorded}, opened at {opened}"))
}

impl Incident {
    /// When it was recorded and opened, where the two are more than a minute apart.
    #[must_use]
    pub fn apart(&self) -> Option<String> {
        recorded_apart(self.recorded, self.opened)
    }

    /// The same, opened when somebody says it was.
    fn since(self, opened_at: Option<Instant>) -> Self {
        match opened_at {
            Some(at) => Self {
                opened: at,
                became: at,
                is_dated: true,
                ..self
            },
            None => self,
        }
    }

    fn update(&mut self, entry: &Entry, given: &IncidentDetails) {
        let new_severity = given.severity.is_some() && given.severity != self.details.severity;
        if new_severity || self.closed.is_some() {
            (self.became, self.became_by) = (entry.at, entry.number);
            self.is_dated = false;
        }
        self.closed = None;
        let known = &mut self.details;
        replace(&mut known.severity, given.severity.as_ref());
        replace(&mut known.description, given.description.as_ref());
        replace(&mut known.workaround, given.workaround.as_ref());
        replace(&mut known.owner, given.owner.as_ref());
        replace(&mut known.target, given.target.as_ref());
    }
}

fn replace<T: Clone>(known: &mut Option<T>, given: Option<&T>) {
    if given.is_some() {
        *known = given.cloned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l18_both_times_are_told_only_where_they_are_more_than_a_minute_apart() {
        let at = Instant::from_secs;
        assert_eq!(recorded_apart(at(60), at(0)), None);
        let told = "recorded at 1970-01-01T00:01:01Z, opened at 1970-01-01T00:00:00Z";
        assert_eq!(recorded_apart(at(61), at(0)).as_deref(), Some(told));
    }
}
