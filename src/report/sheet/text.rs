//! A report on a whole rollout as plain text, for a terminal. Must not write markup, nor leave out what the other formats say but
//! for the appendix, which it names.

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
    let mut blocks = sheet.blocks.iter();
    for block in blocks.by_ref() {
        if let Block::Appendix(name) = block {
            page.blank();
            page.line(0, Words::plain(&left_out(name, blocks.as_slice())));
            break;
        }
        write(&mut page, block);
    }
    page.finish()
}

/// That an appendix is for readers of a file, and what it holds.
fn left_out(name: &str, blocks: &[Block]) -> String {
    let headings = blocks.iter().filter_map(|block| match block {
        Block::Heading(text) => Some(text.as_str()),
        Block::Appendix(_)
        | Block::Part(_)
        | Block::Warning(_)
        | Block::Text(_)
        | Block::Facts(_)
        | Block::Head(_)
        | Block::List(_)
        | Block::Table(_) => None,
    });
    let headings: Vec<&str> = headings.collect();
    format!(
        "{name}, not on a terminal: {}; to a file with --output FILE",
        headings.join(", ")
    )
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

/// A value beside its name.
fn named(page: &mut Page, indent: usize, (width, name): (usize, &str), value: Words) {
    page.labelled(indent, &[(width, Words::plain(name))], value);
}

/// A row of a table that is not split takes so many lines at most; of one that is, less: it is read across two tables.
const LINES: (usize, usize) = (4, 2);

/// In columns where every word fits and no row becomes a tower; if need be in two tables that begin with the same column;
/// otherwise row by row. A column that says nothing is left out.
fn rows(page: &mut Page, table: &Table) {
    let columns = telling(table);
    let room = page.width().saturating_sub(INDENT);
    if let Some(widths) = fitting(table, &columns, room, LINES.0) {
        return side_by_side(page, table, &columns, &widths);
    }
    if let Some([left, right]) = halves(table, &columns, room) {
        side_by_side(page, table, &left.columns, &left.widths);
        page.blank();
        return side_by_side(page, table, &right.columns, &right.widths);
    }
    stacked(page, table, &columns);
}

/// Some columns of a table, as wide as they have to be.
struct Part {
    columns: Vec<usize>,
    widths: Vec<usize>,
    /// How many lines its rows take.
    lines: usize,
}

/// A table in two that begin with the same column, of all ways the one with the fewest lines.
fn halves(table: &Table, columns: &[usize], room: usize) -> Option<[Part; 2]> {
    let part = |columns: Vec<usize>| {
        let widths = fitting(table, &columns, room, LINES.1)?;
        let rows = cells_of(table, &columns);
        let lines = rows.iter().map(|row| height(row, &widths)).sum();
        Some(Part {
            columns,
            widths,
            lines,
        })
    };
    let ways = (2..columns.len()).filter_map(|place| {
        let (left, right) = columns.split_at(place);
        let right = columns.iter().take(1).chain(right).copied().collect();
        Some([part(left.to_vec())?, part(right)?])
    });
    ways.min_by_key(|[left, right]| left.lines + right.lines)
}

/// How many lines a row takes.
fn height(row: &[Words], widths: &[usize]) -> usize {
    let cells = row.iter().zip(widths);
    let lines = cells.map(|(cell, width)| cell.lines(*width));
    lines.max().unwrap_or(0)
}

/// The columns in which some row says something; the first names the rows.
fn telling(table: &Table) -> Vec<usize> {
    let says = |place: &usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(*place));
        *place == 0 || cells.any(|cell| !is_silent(cell))
    };
    (0..table.head.len()).filter(says).collect()
}

/// Whether a cell only says that there is nothing.
fn is_silent(cell: &Cell) -> bool {
    matches!(plain(cell).as_str(), "" | "—")
}

/// The heading and the rows, of these columns.
fn cells_of(table: &Table, columns: &[usize]) -> Vec<Vec<Words>> {
    let head = columns.iter().filter_map(|place| table.head.get(*place));
    let head = head.map(|name| Words::heading(name)).collect();
    let body = table.rows.iter().map(|row| {
        let cells = columns.iter().filter_map(|place| row.get(*place));
        cells.map(words).collect()
    });
    std::iter::once(head).chain(body).collect()
}

/// The widths of these columns, if they fit and no cell takes more lines than that.
fn fitting(table: &Table, columns: &[usize], room: usize, lines: usize) -> Option<Vec<usize>> {
    let all = cells_of(table, columns);
    let widths = widths(&all, room)?;
    let is_low = |row: &Vec<Words>| height(row, &widths) <= lines;
    all.iter().all(is_low).then_some(widths)
}

fn side_by_side(page: &mut Page, table: &Table, columns: &[usize], widths: &[usize]) {
    for row in cells_of(table, columns) {
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

/// Row by row; what a row does not say has no line.
fn stacked(page: &mut Page, table: &Table, columns: &[usize]) {
    let names = columns.iter().filter_map(|place| table.head.get(*place));
    let width = names.map(|name| Words::plain(name).width()).max();
    for row in &table.rows {
        for place in columns {
            let (Some(name), Some(cell)) = (table.head.get(*place), row.get(*place)) else {
                continue;
            };
            match place {
                0 => page.line(INDENT, words(cell)),
                _ if is_silent(cell) => {}
                _ => named(page, 2 * INDENT, (width.unwrap_or(0), name), words(cell)),
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

    fn shown(head: &[&str], row: &[&str], width: usize) -> String {
        let mut sheet = sheet();
        let row = row.iter().map(|&cell| Cell::text(cell)).collect();
        sheet.blocks.clear();
        sheet.table("T", head, vec![row], "");
        let style = Style {
            width,
            ..Style::FILE
        };
        let page = text(&sheet, &style);
        page.split_once("T\n").expect("a table").1.to_owned()
    }

    #[test]
    fn l14_a_wide_table_is_split_rather_than_stacked() {
        let head = ["Metric", "Limit", "1%", "5%", "25%", "Owner"];
        let row = [
            "api_p95",
            "< 200milliseconds",
            "152.33ms",
            "149.21ms",
            "161.42ms",
            "—",
        ];
        let split = "  Metric   Limit\n  api_p95  < 200milliseconds\n\n  \
                     Metric   1%        5%        25%\n  api_p95  152.33ms  149.21ms  161.42ms\n";
        assert_eq!(shown(&head, &row, 40), split);
        let whole = shown(&head, &row, 80);
        assert_eq!(whole.lines().count(), 2, "{whole}");
        // Nobody says who owns it.
        assert!(!whole.contains("Owner"), "{whole}");
    }

    #[test]
    fn l14_a_row_that_would_be_a_tower_is_stacked() {
        let text = "one two three four five six seven eight nine ten ".repeat(3);
        let stacked = shown(&["Risk", "Impact", "What"], &["R", "—", text.trim()], 40);
        let first = stacked.lines().next().expect("a line");
        assert_eq!(first.trim(), "R", "{stacked}");
        assert!(!stacked.contains("Impact"), "{stacked}");
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
