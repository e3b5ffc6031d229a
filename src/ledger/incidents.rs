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
    pub became: Became,
    /// The severities that it had before while it was open, oldest first.
    pub earlier: Vec<EarlierSeverity>,
    /// Number of the entry that opened it.
    pub entry: u64,
}

/// When an incident became what it is, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Became {
    /// When that was.
    pub at: Instant,
    /// When that was recorded.
    pub recorded: Instant,
    /// Number of the entry that says so.
    pub by: u64,
    /// Whether somebody says when that was; otherwise it was when the entry was made, and the order is that of the numbers.
    pub is_dated: bool,
}

impl Became {
    fn by(entry: &Entry) -> Self {
        Self {
            at: entry.at,
            recorded: entry.at,
            by: entry.number,
            is_dated: false,
        }
    }
}

/// A severity that an incident had while it was open, until somebody gave it another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierSeverity {
    /// Such as `sev2`.
    pub severity: String,
    /// Since when.
    pub became: Became,
    /// Until when it had it.
    pub until: Instant,
    /// The target that it had then and missed.
    pub missed: Option<Instant>,
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
                        // Closed once more, it is told how it was solved.
                        incident.closed = incident.closed.or(Some(entry.at));
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
                | Event::LedgerBegun { .. }
                | Event::Imported { .. }
                | Event::Watch(_) => {}
            }
        }
        incidents
    }

    /// The entries about an incident, oldest first.
    fn about(&self, incident: &Incident) -> impl Iterator<Item = &Entry> {
        let entries = self.entries().iter();
        entries.filter(|entry| entry.event.incident() == Some(incident.id.as_str()))
    }

    /// How an incident that is closed was solved, as somebody said last.
    #[must_use]
    pub fn solution(&self, incident: &Incident) -> Option<&str> {
        incident.closed?;
        let closing = |one: &&Entry| matches!(one.event, Event::IncidentClosed { .. });
        let said = self.about(incident).filter(closing).map(|one| &*one.why);
        said.filter(|why| !why.is_empty()).last()
    }

    /// Every address that somebody gave with an incident, each once.
    #[must_use]
    pub fn links_of(&self, incident: &Incident) -> Vec<&str> {
        let mut links: Vec<&str> = Vec::new();
        for link in self.about(incident).flat_map(|one| &one.links) {
            if !links.contains(&link.as_str()) {
                links.push(link);
            }
        }
        links
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
        became: Became::by(entry),
        earlier: Vec::new(),
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
                became: Became {
                    at,
                    is_dated: true,
                    ..self.became
                },
                ..self
            },
            None => self,
        }
    }

    /// Its present severity as one that it had until this time, or until it was closed.
    fn until_now(&self, at: Instant) -> Option<EarlierSeverity> {
        let until = self.closed.unwrap_or(at);
        let missed = self.details.target.filter(|target| *target < until);
        Some(EarlierSeverity {
            severity: self.details.severity.clone()?,
            became: self.became,
            until,
            missed,
        })
    }

    /// `sev3 (sev2 until 2026-11-20T14:00:00Z)`; `None` if none was ever given.
    #[must_use]
    pub fn severity_in_words(&self) -> Option<String> {
        let earlier = self.earlier.iter();
        let earlier: Vec<String> = earlier
            .map(|one| format!("{} until {}", one.severity, one.until))
            .collect();
        let now = self.details.severity.as_deref()?;
        Some(match earlier.as_slice() {
            [] => now.to_owned(),
            earlier => format!("{now} ({})", earlier.join(", ")),
        })
    }

    /// The worst severity that it ever had; of those whose order is not known the first. `None` if none was ever given.
    #[must_use]
    pub fn worst_severity(&self) -> Option<&str> {
        let all = self.severities();
        all.reduce(|worst, one| if is_worse(one, worst) { one } else { worst })
    }

    /// All that it ever had, oldest first.
    pub fn severities(&self) -> impl Iterator<Item = &str> {
        let earlier = self.earlier.iter().map(|one| one.severity.as_str());
        earlier.chain(self.details.severity.as_deref())
    }

    /// The target that it is open past.
    #[must_use]
    pub fn late(&self, now: Instant) -> Option<Instant> {
        let is_open = self.closed.is_none();
        self.details
            .target
            .filter(|target| is_open && *target < now)
    }

    /// The target that it missed, whatever its severity was then: still open past it, or closed after it.
    #[must_use]
    pub fn missed_target(&self, now: Instant) -> Option<Instant> {
        let earlier = self.earlier.iter().find_map(|one| one.missed);
        let until = self.closed.unwrap_or(now);
        earlier.or_else(|| self.details.target.filter(|target| *target < until))
    }

    fn update(&mut self, entry: &Entry, given: &IncidentDetails) {
        let new_severity = given.severity.is_some() && given.severity != self.details.severity;
        if new_severity {
            self.earlier.extend(self.until_now(entry.at));
        }
        if new_severity || self.closed.is_some() {
            self.became = Became::by(entry);
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

/// Whether a severity is known to be worse than another one: of the same form, with a lower number (`sev1` than `sev2`).
#[must_use]
pub fn is_worse(one: &str, than: &str) -> bool {
    numbered(one)
        .zip(numbered(than))
        .is_some_and(|((word, one), (same, than))| word == same && one < than)
}

/// `("sev", 1)`, in lower case.
fn numbered(severity: &str) -> Option<(String, u32)> {
    let severity = severity.trim().to_lowercase();
    let digits = severity.find(|c: char| c.is_ascii_digit())?;
    let (word, number) = severity.split_at_checked(digits)?;
    Some((word.to_owned(), number.parse().ok()?))
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
    fn l9_only_a_lower_number_of_the_same_form_is_known_to_be_worse() {
        assert!(is_worse("Sev1", "sev2") && is_worse("sev2", "sev10"));
        for (one, than) in [
            ("sev2", "sev1"),
            ("sev1", "sev1"),
            ("p1", "sev2"),
            ("high", "low"),
        ] {
            assert!(!is_worse(one, than), "{one} {than}");
        }
    }

    #[test]
    fn l18_both_times_are_told_only_where_they_are_more_than_a_minute_apart() {
        let at = Instant::from_secs;
        assert_eq!(recorded_apart(at(60), at(0)), None);
        let told = "recorded at 1970-01-01T00:01:01Z, opened at 1970-01-01T00:00:00Z";
        assert_eq!(recorded_apart(at(61), at(0)).as_deref(), Some(told));
    }
}
