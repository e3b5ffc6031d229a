//! The entries of a ledger as a table: number, time, who, what was done and why. Judges nothing.

use super::Style;
use super::entry::{what, who};
use super::page::{Cell, GAP, Page};
use crate::ledger::Entry;

/// RFC 3339 to the second, in UTC.
const TIME: usize = 20;
/// Below this width, what was done goes under the rest of its entry.
const SIDE_BY_SIDE_FROM: usize = 72;
/// Names take at most a third of the line.
const NAMES: usize = 3;

/// The entries, oldest first, one or more lines each.
#[must_use]
pub fn entries(entries: &[&Entry], style: &Style) -> String {
    let mut page = Page::new(style);
    let number = entries
        .last()
        .map_or(1, |last| last.number.to_string().len());
    let names = entries.iter().map(|one| Cell::plain(&who(&one.by)).width());
    let name = names.max().unwrap_or(0).min(page.width() / NAMES);
    // A name is not broken: what was done goes below it instead.
    let words = entries.iter().flat_map(|one| {
        let name = who(&one.by);
        let widths = name.split(' ').map(|word| Cell::plain(word).width());
        widths.collect::<Vec<_>>()
    });
    let fits = words.max().unwrap_or(0) <= name && page.width() >= SIDE_BY_SIDE_FROM;
    for entry in entries {
        write(&mut page, entry, number, fits.then_some(name));
    }
    page.finish()
}

/// One entry; `name` is the width of the column of names, if columns are side by side.
fn write(page: &mut Page, entry: &Entry, number: usize, name: Option<usize>) {
    let position = (number, Cell::plain(&entry.number.to_string()));
    let time = Cell::plain(&entry.at.to_string());
    let person = Cell::plain(&who(&entry.by));
    let story = Cell::plain(&story(entry));
    let Some(name) = name else {
        page.labelled(0, &[position], time);
        page.line(number + GAP, person);
        return page.line(number + GAP, story);
    };
    page.labelled(0, &[position, (TIME, time), (name, person)], story);
}

/// What was done, why, and where to read more.
fn story(entry: &Entry) -> String {
    let mut story = what(entry);
    if !entry.why.is_empty() {
        story.push_str(&format!("; why: {}", entry.why));
    }
    for link in &entry.links {
        story.push_str(&format!("; see {link}"));
    }
    story
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Event, IdentitySource, Person};
    use crate::units::Instant;

    fn entry(number: u64) -> Entry {
        Entry {
            nonce: None,
            number,
            at: Instant::from_secs(1_795_132_800),
            by: Person {
                name: "Ada Lovelace <ada@example.com>".into(),
                identity_source: IdentitySource::Git,
            },
            plan: "plan.yaml".into(),
            why: "the carrier is down".into(),
            links: vec!["https://status.example.com".into()],
            event: Event::Paused {
                stage: "pilot".into(),
            },
        }
    }

    fn shown(width: usize) -> String {
        let style = Style {
            width,
            ..Style::FILE
        };
        entries(&[&entry(9), &entry(10)], &style)
    }

    #[test]
    fn columns_are_side_by_side_if_there_is_room() {
        let line = "2026-11-20T00:00:00Z  Ada Lovelace <ada@example.com>       paused pilot; why: the carrier is down;\n                          (git)                                see https://status.example.com\n";
        assert_eq!(shown(105), format!("9   {line}10  {line}"));
    }

    #[test]
    fn on_a_narrow_terminal_the_story_goes_below() {
        let entry = "2026-11-20T00:00:00Z\n    Ada Lovelace <ada@example.com> (git)\n    paused pilot; why: the carrier is\n    down; see https://status.example.com\n";
        assert_eq!(shown(40), format!("9   {entry}10  {entry}"));
    }

    #[test]
    fn a_name_is_not_broken_within_a_word() {
        let mut entry = entry(9);
        entry.by.name = "Ada <ada.lovelace@analytical-engines.example.com>".into();
        let style = Style {
            width: 80,
            ..Style::FILE
        };
        let shown = entries(&[&entry], &style);
        assert!(
            shown.contains("Ada <ada.lovelace@analytical-engines.example.com> (git)\n"),
            "{shown}"
        );
    }

    #[test]
    fn no_entries_give_no_lines() {
        assert_eq!(entries(&[], &Style::FILE), "");
    }
}
