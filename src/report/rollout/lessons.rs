//! What was learned, in the words of those who learned it. Must not sort it into good and bad.

use super::RolloutFacts;
use crate::ledger::{Entry, Event, Ledger};
use crate::report::sheet::{Block, Sheet};

/// A section with each lesson, oldest first.
pub(super) fn write(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    sheet
        .blocks
        .push(Block::Heading("Lessons learned".to_owned()));
    let Some(ledger) = rollout.ledger else {
        let none = "not known: no ledger is available";
        sheet.blocks.push(Block::Text(none.to_owned()));
        return;
    };
    let lessons = told(ledger);
    sheet.blocks.push(if lessons.is_empty() {
        Block::Text("none is recorded: gate note --lesson records one".to_owned())
    } else {
        Block::List(lessons)
    });
}

fn told(ledger: &Ledger) -> Vec<String> {
    ledger.entries().iter().filter_map(lesson).collect()
}

/// `Warm the cache before traffic (ada, canary-25)`.
fn lesson(entry: &Entry) -> Option<String> {
    let Event::Noted {
        text,
        stage,
        lesson: true,
        ..
    } = &entry.event
    else {
        return None;
    };
    let stage = stage.iter().map(String::as_str);
    let about: Vec<&str> = std::iter::once(entry.by.called()).chain(stage).collect();
    Some(format!("{text} ({})", about.join(", ")))
}
