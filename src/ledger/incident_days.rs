//! How many incidents there were on each day (UTC), by severity. Must not judge a severity.

use std::collections::BTreeMap;

use super::Incident;
use crate::units::Instant;

const UNKNOWN: &str = "unknown";

/// A day on which an incident was opened or closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentDay {
    /// `2026-11-20`.
    pub date: String,
    /// How many were opened, by the worst severity that each ever had.
    pub opened: BTreeMap<String, usize>,
    /// How many were closed.
    pub closed: usize,
    /// How many were open at its end.
    pub open: usize,
}

/// The days, oldest first.
#[must_use]
pub fn incident_days(incidents: &[Incident]) -> Vec<IncidentDay> {
    let mut dates: Vec<String> = incidents
        .iter()
        .flat_map(|one| std::iter::once(one.opened).chain(one.closed))
        .map(date)
        .collect();
    dates.sort_unstable();
    dates.dedup();
    let day = |date: String| of_day(date, incidents);
    dates.into_iter().map(day).collect()
}

fn of_day(of: String, incidents: &[Incident]) -> IncidentDay {
    let mut opened = BTreeMap::new();
    for incident in incidents.iter().filter(|one| date(one.opened) == of) {
        let severity = incident.worst_severity().unwrap_or(UNKNOWN).to_owned();
        *opened.entry(severity).or_default() += 1;
    }
    let closed = |one: &Incident| one.closed.map(date);
    IncidentDay {
        opened,
        closed: (incidents.iter())
            .filter(|one| closed(one).as_ref() == Some(&of))
            .count(),
        open: (incidents.iter())
            .filter(|one| date(one.opened) <= of && closed(one).is_none_or(|at| at > of))
            .count(),
        date: of,
    }
}

fn date(at: Instant) -> String {
    let text = at.to_string();
    text.get(..10).unwrap_or(&text).to_owned()
}
