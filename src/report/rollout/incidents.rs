//! The incidents of a rollout: what happened, what helps, how it was solved, and how many there were on each day.
//! Must not judge a severity.

use super::RolloutFacts;
use crate::ledger::{Entry, Event, Incident, Ledger};
use crate::report::sheet::{Block, Cell, Sheet, Table};
use crate::units::Instant;

const HEAD: [&str; 6] = [
    "Incident",
    "Severity",
    "What",
    "Owner",
    "State",
    "Solution or workaround",
];
const UNKNOWN: &str = "unknown";

/// A section with a row for each incident, open ones first, and the trend.
pub(super) fn write(sheet: &mut Sheet, heading: &str, rollout: &RolloutFacts<'_>) {
    let Some(ledger) = rollout.ledger else {
        sheet.table(
            heading,
            &HEAD,
            Vec::new(),
            "not known: no ledger is available",
        );
        return;
    };
    let (open, closed): (Vec<_>, Vec<_>) =
        (ledger.incidents().into_iter()).partition(|one| one.closed.is_none());
    let all = open.iter().chain(&closed);
    let rows = all.map(|one| row(ledger, one)).collect();
    sheet.table(heading, &HEAD, rows, "no incidents recorded");
    if let Some(trend) = trend(&ledger.incidents()) {
        sheet.blocks.push(Block::Table(trend));
    }
}

/// `2, 1 of them open`.
pub(super) fn counted(ledger: &Ledger) -> String {
    let all = ledger.incidents();
    let open = all.iter().filter(|one| one.closed.is_none()).count();
    match (all.len(), open) {
        (0, _) => "none".to_owned(),
        (all, 0) => format!("{all}, none open"),
        (all, open) => format!("{all}, {open} of them OPEN"),
    }
}

fn row(ledger: &Ledger, incident: &Incident) -> Vec<Cell> {
    let known = &incident.details;
    let stage = incident.stage.as_ref().map(|stage| format!(" in {stage}"));
    vec![
        Cell::text(format!("{}{}", incident.id, stage.unwrap_or_default())),
        Cell::of(incident.severity_in_words().as_ref()),
        Cell::of(known.description.as_ref()),
        Cell::of(known.owner.as_ref()),
        Cell::text(state(incident)),
        solution(ledger, incident),
    ]
}

/// `closed 2026-11-20T10:20:00Z after 25m`, `OPEN since …, to be solved by …`; with the time of the record, where that was another.
pub(super) fn state(incident: &Incident) -> String {
    let (opened, apart) = (incident.opened, incident.apart());
    let apart = apart.map(|apart| format!(", {apart}"));
    if let Some(closed) = incident.closed {
        let apart = apart.unwrap_or_default();
        let missed = incident.missed_target(closed);
        let missed = missed.map(|target| format!(", past its target {target}"));
        return format!(
            "closed {closed} after {}{}{apart}",
            opened.until(closed),
            missed.unwrap_or_default()
        );
    }
    let since = apart.unwrap_or_else(|| format!(" since {opened}"));
    let target = incident.details.target;
    let target = target.map(|at| format!(", to be solved by {at}"));
    format!("OPEN{since}{}", target.unwrap_or_default())
}

/// How it was solved, or what helps until then, and every address that somebody gave.
pub(super) fn solution(ledger: &Ledger, incident: &Incident) -> Cell {
    let about: Vec<&Entry> = entries(ledger, incident).collect();
    let closing = about
        .iter()
        .rev()
        .find(|one| matches!(one.event, Event::IncidentClosed { .. }));
    let solved = closing.filter(|_| incident.closed.is_some());
    let solved = solved
        .map(|one| one.why.clone())
        .filter(|why| !why.is_empty());
    let workaround = incident.details.workaround.as_ref();
    let workaround = workaround.map(|text| format!("workaround: {text}"));
    let words = solved.into_iter().chain(workaround).map(Cell::Plain);
    let mut cells: Vec<Cell> = words.collect();
    for link in about.iter().flat_map(|one| &one.links) {
        let link = Cell::Address(link.clone());
        if !cells.contains(&link) {
            cells.push(link);
        }
    }
    if cells.is_empty() {
        return Cell::of(None);
    }
    Cell::Several(cells)
}

/// The entries about an incident, oldest first.
fn entries<'a>(ledger: &'a Ledger, incident: &'a Incident) -> impl Iterator<Item = &'a Entry> {
    let entries = ledger.entries().iter();
    entries.filter(|entry| entry.event.incident() == Some(incident.id.as_str()))
}

/// How many were opened on each day (UTC), by the worst severity that they ever had, how many were closed, and how many were open at its end; `None`
/// where all happened on one day, which the rows show already.
fn trend(incidents: &[Incident]) -> Option<Table> {
    let mut days: Vec<String> = Vec::new();
    let mut severities: Vec<&str> = Vec::new();
    for incident in incidents {
        days.push(day(incident.opened));
        days.extend(incident.closed.map(day));
        severities.push(severity(incident));
    }
    severities.sort_unstable();
    severities.dedup();
    days.sort_unstable();
    days.dedup();
    let head = ["Day".to_owned()].into_iter();
    let head = head.chain(severities.iter().map(|one| format!("{one} opened")));
    let head = head.chain(["Closed", "Open at its end"].map(str::to_owned));
    (days.len() > 1).then(|| Table {
        caption: "Incidents by day".to_owned(),
        head: head.collect(),
        rows: days
            .iter()
            .map(|day| trend_row(day, &severities, incidents))
            .collect(),
    })
}

fn trend_row(of: &str, severities: &[&str], incidents: &[Incident]) -> Vec<Cell> {
    let count = |holds: &dyn Fn(&&Incident) -> bool| {
        Cell::text(
            incidents
                .iter()
                .filter(|one| holds(one))
                .count()
                .to_string(),
        )
    };
    let opened = |one: &Incident| day(one.opened);
    let closed = |one: &Incident| one.closed.map(day);
    let mut row = vec![Cell::text(of)];
    row.extend(
        severities
            .iter()
            .map(|severity_of| count(&|one| opened(one) == of && severity(one) == *severity_of)),
    );
    row.push(count(&|one| closed(one).is_some_and(|closed| closed == of)));
    row.push(count(&|one| {
        opened(one).as_str() <= of && closed(one).is_none_or(|closed| closed.as_str() > of)
    }));
    row
}

fn severity(incident: &Incident) -> &str {
    incident.worst_severity().unwrap_or(UNKNOWN)
}

/// `2026-11-20`.
fn day(at: Instant) -> String {
    let text = at.to_string();
    text.get(..10).unwrap_or(&text).to_owned()
}
