//! The entries of a ledger as a table: number, time, who, what, and below it why and where to read more. Judges nothing.

use super::Style;
use super::entry::{what, who};
use super::page::{Cell, GAP, Page};
use crate::ledger::Entry;

/// RFC 3339 to the second, in UTC.
const TIME: usize = 20;
/// Below this width what was done stands under the rest of its entry.
const SIDE_BY_SIDE_FROM: usize = 72;
/// Names take at most a third of the line.
const NAMES: usize = 3;

/// The entries, oldest first, a line or more for each.
#[must_use]
pub fn entries(entries: &[&Entry], style: &Style) -> String {
    let mut page = Page::new(style);
    let number = entries.last().map_or(1, |last| digits(last.number));
    let names = entries.iter().map(|one| Cell::plain(&who(&one.by)).width());
    let name = names.max().unwrap_or(0).min(page.width() / NAMES);
    for entry in entries {
        write(&mut page, entry, number, name);
    }
    page.finish()
}

fn digits(number: u64) -> usize {
    number.to_string().len()
}

fn write(page: &mut Page, entry: &Entry, number: usize, name: usize) {
    let mut labels = vec![
        (number, Cell::plain(&format!("{:>number$}", entry.number))),
        (TIME, Cell::plain(&entry.at.to_string())),
    ];
    let person = Cell::plain(&who(&entry.by));
    let below = if page.width() < SIDE_BY_SIDE_FROM {
        page.labelled(0, &labels, person);
        page.line(number + GAP, Cell::plain(&what(entry)));
        number + GAP
    } else {
        labels.push((name, person));
        page.labelled(0, &labels, Cell::plain(&what(entry)));
        labels.iter().map(|(width, _)| width + GAP).sum()
    };
    if !entry.why.is_empty() {
        page.line(below, Cell::plain(&format!("why: {}", entry.why)));
    }
    for link in &entry.links {
        page.line(below, Cell::plain(link));
    }
}
