//! A report on a whole rollout as plain text, for a terminal. Must not write markup, nor leave out what the other formats say.

use super::{Block, Cell, Sheet, Table, Tone};
use crate::report::Style;
use crate::report::page::{Cell as Words, GAP, Look, Page};
use crate::report::series::is_good;
use crate::report::standing::OVERRIDDEN;

/// Below a heading.
const INDENT: usize = 2;

/// The report, with a final newline.
pub(in crate::report) fn text(sheet: &Sheet, style: &Style) -> String {
    let mut page = Page::new(style);
    page.line(
        0,
        Words::heading(&format!("{}: {}", sheet.kind, sheet.title)),
    );
    if let Some((tone, words)) = &sheet.standing {
        page.line(0, Words::new(words, look(*tone)));
    }
    for block in &sheet.blocks {
        write(&mut page, block);
    }
    page.finish()
}

fn look(tone: Tone) -> Look {
    match tone {
        Tone::Good => Look::Good,
        Tone::Open => Look::Open,
        Tone::Bad => Look::Bad,
    }
}

fn write(page: &mut Page, block: &Block) {
    match block {
        Block::Heading(text) | Block::Appendix(text) => {
            page.blank();
            page.line(0, Words::heading(text));
        }
        Block::Part(text) => page.line(INDENT, Words::heading(text)),
        Block::Warning(text) => page.line(0, Words::warning(text)),
        Block::Text(text) => page.line(INDENT, Words::plain(text)),
        Block::Facts(facts) | Block::Head(facts) => {
            let width = facts
                .iter()
                .map(|(name, _)| Words::plain(name).width())
                .max();
            for (name, value) in facts {
                named(page, INDENT, (width.unwrap_or(0), name), words(value));
            }
        }
        Block::List(items) => {
            for item in items {
                page.labelled(INDENT, &[(1, Words::plain("-"))], Words::plain(item));
            }
        }
        Block::Table(table) => rows(page, table),
    }
}

/// A value beside its name; below it where a word of the value would be cut otherwise.
fn named(page: &mut Page, indent: usize, (width, name): (usize, &str), value: Words) {
    let name = Words::plain(name);
    if value.longest_word() > page.width().saturating_sub(indent + width + GAP) {
        page.line(indent, name);
        page.line(indent, value);
    } else {
        page.labelled(indent, &[(width, name)], value);
    }
}

/// In columns where every word fits, otherwise row by row.
fn rows(page: &mut Page, table: &Table) {
    let head = table.head.iter().map(|name| Words::heading(name)).collect();
    let body = table.rows.iter().map(|row| row.iter().map(words).collect());
    let all: Vec<Vec<Words>> = std::iter::once(head).chain(body).collect();
    let Some(widths) = widths(&all, page.width().saturating_sub(INDENT)) else {
        return stacked(page, table);
    };
    for row in all {
        let cells: Vec<(usize, Words)> = widths.iter().copied().zip(row).collect();
        page.row(INDENT, &cells);
    }
}

/// The widths of the columns: the widest gives way first, down to its longest word; `None` if not even that fits.
fn widths(rows: &[Vec<Words>], room: usize) -> Option<Vec<usize>> {
    let columns = rows.first()?.len();
    let of = |width: fn(&Words) -> usize| -> Vec<usize> {
        let column = |place: usize| rows.iter().filter_map(move |row| row.get(place)).map(width);
        (0..columns)
            .map(|place| column(place).max().unwrap_or(0))
            .collect()
    };
    let (mut widths, least) = (of(Words::width), of(Words::longest_word));
    let room = room.checked_sub(GAP * columns.saturating_sub(1))?;
    while widths.iter().sum::<usize>() > room {
        let shrinkable = widths
            .iter_mut()
            .zip(&least)
            .filter(|(width, least)| **width > **least);
        let (widest, _) = shrinkable.max_by_key(|(width, _)| **width)?;
        *widest -= 1;
    }
    Some(widths)
}

fn stacked(page: &mut Page, table: &Table) {
    let width = table.head.iter().map(String::len).max().unwrap_or(0);
    for row in &table.rows {
        for (place, (name, cell)) in table.head.iter().zip(row).enumerate() {
            match place {
                0 => page.line(INDENT, words(cell)),
                _ => named(page, 2 * INDENT, (width, name), words(cell)),
            }
        }
    }
}

fn words(cell: &Cell) -> Words {
    match cell {
        Cell::Outcome(outcome) => Words::outcome(*outcome),
        Cell::Judged(_, outcome) if !is_good(*outcome) => Words::warning(&plain(cell)),
        Cell::Verdict(verdict, false) => Words::verdict(*verdict),
        Cell::Verdict(_, true) => Words::warning(&plain(cell)),
        Cell::Plain(_) | Cell::Code(_) | Cell::Address(_) | Cell::Several(_) | Cell::Judged(..) => {
            Words::plain(&plain(cell))
        }
    }
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Plain(text) | Cell::Code(text) | Cell::Address(text) => text.clone(),
        Cell::Several(cells) => cells.iter().map(plain).collect::<Vec<_>>().join(", "),
        Cell::Outcome(outcome) => outcome.word().to_owned(),
        Cell::Verdict(verdict, false) => verdict.word().to_owned(),
        Cell::Verdict(verdict, true) => format!("{} {OVERRIDDEN}", verdict.word()),
        Cell::Judged(value, outcome) if is_good(*outcome) => value.clone(),
        Cell::Judged(value, outcome) => format!("{value} {}", outcome.word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let mut sheet = Sheet {
            kind: "Summary",
            title: "R1.0 @ops".to_owned(),
            standing: Some((Tone::Bad, "FAILED: pilot STOPPED".to_owned())),
            blocks: Vec::new(),
        };
        let row = vec![
            Cell::text("pilot"),
            Cell::Address("https://grafana.example.com/d/orders".to_owned()),
            Cell::text("what was measured in some more words than fit"),
        ];
        sheet.table("Stages", &["Stage", "Where", "What"], vec![row], "");
        sheet
    }

    #[test]
    fn l15_a_terminal_shows_text_and_cuts_no_word() {
        for width in [40, 80, 120] {
            let style = Style {
                width,
                colour: false,
                unicode: true,
                whole: true,
            };
            let shown = text(&sheet(), &style);
            assert!(
                shown.starts_with("Summary: R1.0 @ops\nFAILED: pilot STOPPED\n"),
                "{shown}"
            );
            assert!(
                shown.contains("https://grafana.example.com/d/orders"),
                "{shown}"
            );
            assert!(!shown.contains(['|', '\\', '*', '`']), "{shown}");
            assert!(shown.lines().all(|line| line.len() <= width), "{shown}");
        }
    }
}
