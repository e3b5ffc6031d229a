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
    let stage = paused.event.stage().unwrap_or_default();
    let mut later = entries.iter().filter(|one| one.number > paused.number);
    let ended = later.find(|one| ends(one, stage));
    let went_on = ended.map_or_else(
        || Cell::text("NOT YET"),
        |entry| {
            let after = paused.at.until(entry.at);
            let to = match entry.event.stage().filter(|_| entry.event.reopens(stage)) {
                Some(to) => format!(", back to {to}"),
                None => String::new(),
            };
            let words = format!("{} after {after}, by {}{to}", entry.at, entry.by.called());
            because(words, entry)
        },
    );
    vec![
        Cell::text(paused.at.to_string()),
        Cell::text(stage),
        Cell::text(paused.by.called().to_owned()),
        because(String::new(), paused),
        went_on,
    ]
}

/// A pause ends when the stage goes on, or when the rollout goes back to it or to a stage before it.
fn ends(entry: &Entry, stage: &str) -> bool {
    let is_resumed = entry.event.kind() == EventKind::Resumed && entry.event.stage() == Some(stage);
    is_resumed || entry.event.reopens(stage)
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
