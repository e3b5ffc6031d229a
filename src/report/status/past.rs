//! The incidents that are over, in short: the last of them with how they were solved, and how many there were on each day.
//! Must not hide that there were more.

use crate::ledger::IncidentDay;
use crate::report::page::{Cell, Page};
use crate::report::times::beside;
use crate::rollout::{ClosedIncident, Status};
use crate::units::Instant;

/// So many days are told.
const DAYS: usize = 7;
/// So many closed incidents are told.
const CLOSED: usize = 5;

/// The last days, if there is more than one, and the incidents that were closed last.
pub(super) fn write(page: &mut Page, status: &Status) {
    let days = &status.incident_days;
    if days.len() > 1 {
        heading(page, "incidents by day", days.len(), DAYS);
        for day in last(days, DAYS) {
            let label = [(day.date.len(), Cell::plain(&day.date))];
            page.labelled(2, &label, Cell::plain(&day_in_words(day)));
        }
    }
    let closed = &status.closed_incidents;
    if closed.is_empty() {
        return;
    }
    heading(page, "closed incidents", closed.len(), CLOSED);
    for incident in last(closed, CLOSED) {
        let id = Cell::plain(&incident.id);
        let label = [(id.width().min(page.width() / 3), id)];
        let line = closed_in_words(incident, status.now);
        page.labelled(2, &label, Cell::plain(&line));
    }
}

fn heading(page: &mut Page, what: &str, all: usize, most: usize) {
    page.blank();
    let more = if all > most {
        format!(" (the last {most} of {all})")
    } else {
        String::new()
    };
    page.line(0, Cell::heading(&format!("{what}{more}")));
}

fn last<T>(all: &[T], most: usize) -> &[T] {
    all.get(all.len().saturating_sub(most)..).unwrap_or(all)
}

/// `1 sev2, 2 sev3 opened; 1 closed; 2 open at its end`.
fn day_in_words(day: &IncidentDay) -> String {
    let opened: Vec<String> = (day.opened.iter())
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    let opened = (!opened.is_empty()).then(|| format!("{} opened", opened.join(", ")));
    let closed = (day.closed > 0).then(|| format!("{} closed", day.closed));
    let open = match day.open {
        0 => "none open at its end".to_owned(),
        open => format!("{open} open at its end"),
    };
    let parts: Vec<String> = opened.into_iter().chain(closed).chain([open]).collect();
    parts.join("; ")
}

/// `sev2: labels print twice; closed 2h ago (…) after 25m: printer replaced; https://issues.example.com/501`.
fn closed_in_words(incident: &ClosedIncident, now: Instant) -> String {
    let severity = incident.severity.as_deref().unwrap_or("severity unknown");
    let what = incident.description.as_deref().unwrap_or("no description");
    let solution = match &incident.solution {
        Some(solution) => format!(": {solution}"),
        None => "; nobody has said how it was solved".to_owned(),
    };
    let lasted = incident.opened.until(incident.closed);
    let closed = beside(incident.closed, now);
    let told = format!("{severity}: {what}; closed {closed} after {lasted}{solution}");
    let links = incident.links.iter().cloned();
    let parts: Vec<String> = std::iter::once(told).chain(links).collect();
    parts.join("; ")
}
