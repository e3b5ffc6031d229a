//! The incidents of a rollout: what happened, what helps, how it was solved, and how many there were on each day.
//! Must not judge a severity.

use std::collections::BTreeSet;

use super::RolloutFacts;
use crate::ledger::{Incident, IncidentDay, Ledger, incident_days};
use crate::report::sheet::{Block, Cell, Sheet, Table};

const HEAD: [&str; 6] = [
    "Incident",
    "Severity",
    "What",
    "Owner",
    "State",
    "Solution or workaround",
];

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
    vec![
        Cell::text(named(incident)),
        Cell::of(incident.severity_in_words().as_ref()),
        Cell::of(known.description.as_ref()),
        Cell::of(known.owner.as_ref()),
        Cell::text(state(incident)),
        solution(ledger, incident),
    ]
}

/// `INC-1 in pilot`.
pub(super) fn named(incident: &Incident) -> String {
    match &incident.stage {
        Some(stage) => format!("{} in {stage}", incident.id),
        None => incident.id.clone(),
    }
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
    let solved = ledger.solution(incident).map(str::to_owned);
    let workaround = incident.details.workaround.as_ref();
    let workaround = workaround.map(|text| format!("workaround: {text}"));
    let words = solved.into_iter().chain(workaround).map(Cell::Plain);
    let links = ledger.links_of(incident).into_iter();
    let links = links.map(|link| Cell::Address(link.to_owned()));
    let cells: Vec<Cell> = words.chain(links).collect();
    if cells.is_empty() {
        return Cell::of(None);
    }
    Cell::Several(cells)
}

/// How many there were on each day (UTC); `None` where all happened on one day, which the rows show already.
fn trend(incidents: &[Incident]) -> Option<Table> {
    let days = incident_days(incidents);
    let severities: BTreeSet<&String> = days.iter().flat_map(|day| day.opened.keys()).collect();
    let head = ["Day".to_owned()].into_iter();
    let head = head.chain(severities.iter().map(|one| format!("{one} opened")));
    let head = head.chain(["Closed", "Open at its end"].map(str::to_owned));
    let row = |day: &IncidentDay| {
        let opened = severities.iter().map(|one| day.opened.get(*one));
        let opened = opened.map(|count| count.copied().unwrap_or(0));
        let counts = opened.chain([day.closed, day.open]);
        let counts = counts.map(|count| Cell::text(count.to_string()));
        std::iter::once(Cell::text(&day.date))
            .chain(counts)
            .collect()
    };
    (days.len() > 1).then(|| Table {
        caption: "Incidents by day".to_owned(),
        head: head.collect(),
        rows: days.iter().map(row).collect(),
    })
}
