//! The pauses of a rollout: when, by whom, why, and how each ended. Must not say that a stage runs.

use super::RolloutFacts;
use crate::ledger::{Entry, EventKind, Ledger};
use crate::report::sheet::{Cell, Sheet};

const HEAD: [&str; 5] = ["Paused", "Stage", "By", "Why", "Went on"];

/// A section with a row for each, if there are any.
pub(super) fn write(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let entries = rollout.ledger.map_or(&[][..], Ledger::entries);
    let paused = entries
        .iter()
        .filter(|one| one.event.kind() == EventKind::Paused);
    let rows: Vec<Vec<Cell>> = paused.map(|one| row(entries, one)).collect();
    if !rows.is_empty() {
        sheet.table("Pauses", &HEAD, rows, "");
    }
}

fn row(entries: &[Entry], paused: &Entry) -> Vec<Cell> {
    let stage = paused.event.stage();
    let mut later = entries.iter().filter(|one| one.number > paused.number);
    let resumed =
        later.find(|one| one.event.kind() == EventKind::Resumed && one.event.stage() == stage);
    let went_on = resumed.map_or_else(
        || Cell::text("NOT YET"),
        |entry| {
            let after = paused.at.until(entry.at);
            let words = format!("{} after {after}, by {}", entry.at, entry.by.called());
            because(words, entry)
        },
    );
    vec![
        Cell::text(paused.at.to_string()),
        Cell::text(stage.unwrap_or_default()),
        Cell::text(paused.by.called().to_owned()),
        because(String::new(), paused),
        went_on,
    ]
}

/// The words, why it was done, and the addresses that say more.
fn because(words: String, entry: &Entry) -> Cell {
    let texts = [words, entry.why.clone()]
        .into_iter()
        .filter(|text| !text.is_empty());
    let links = entry.links.iter().cloned().map(Cell::Address);
    let cells: Vec<Cell> = texts.map(Cell::Plain).chain(links).collect();
    if cells.is_empty() {
        return Cell::text("not said");
    }
    Cell::Several(cells)
}
