//! A report on a whole rollout as one self-contained HTML page. It loads nothing from elsewhere.

use maud::{Markup, html as markup};

use super::{Block, Cell, Sheet, Table, Tone};
use crate::report::html::{badge, link, outcome, overridden, shell, value_of, with_code};

/// The page, with a final newline.
pub(in crate::report) fn html(sheet: &Sheet, version: &str) -> String {
    let body = markup! {
        a.skip href="#sheet" { "Skip to the report" }
        header.headline {
            p.kind { (sheet.kind) }
            h1 { span.release { (sheet.title) } }
            @if let Some((tone, words)) = &sheet.standing { p class=(format!("standing {}", class(*tone))) { (words) } }
        }
        main id="sheet" tabindex="-1" {
            @for (position, section) in sections(&sheet.blocks).into_iter().enumerate() {
                (panel(position, section))
            }
        }
    };
    shell(&format!("{}: {}", sheet.kind, sheet.title), version, &body)
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Open => "open",
        Tone::Bad => "bad",
    }
}

/// The blocks from one heading to the next.
fn sections(blocks: &[Block]) -> Vec<&[Block]> {
    let sections =
        blocks.chunk_by(|_, next| !matches!(next, Block::Heading(_) | Block::Appendix(_)));
    sections.collect()
}

fn panel(position: usize, section: &[Block]) -> Markup {
    let id = format!("section-{}", position + 1);
    let named = matches!(
        section.first(),
        Some(Block::Heading(_) | Block::Appendix(_))
    );
    let appendix = matches!(section.first(), Some(Block::Appendix(_)));
    markup! {
        section.panel.appendix[appendix] aria-labelledby=[named.then_some(&id)] {
            @for one in section { (block(one, &id)) }
        }
    }
}

fn block(block: &Block, id: &str) -> Markup {
    markup! {
        @match block {
            Block::Heading(text) => h2 id=(id) { (text) },
            Block::Appendix(text) => h2 id=(id) { (text) },
            Block::Part(text) => h3.part { (text) },
            Block::Warning(text) => p.note.flag { (with_code(text)) },
            Block::Text(text) => p { (with_code(text)) },
            Block::Head(facts) => dl.facts { @for (name, value) in facts { div { dt { (name) } dd { (cell(value)) } } } },
            Block::Facts(facts) => dl.facts.wide { @for (name, value) in facts { div { dt { (name) } dd { (cell(value)) } } } },
            Block::List(items) => ul { @for item in items { li { (item) } } },
            Block::Table(table) => (rows(table)),
        }
    }
}

/// On a phone the rows are laid out as blocks, which may hide that this is a table: so its roles are explicit, and each cell
/// carries the name of its column.
fn rows(table: &Table) -> Markup {
    markup! {
        table.stacked.sheet role="table" {
            caption.unseen { (table.caption) }
            thead role="rowgroup" { tr role="row" { @for name in &table.head { th scope="col" role="columnheader" { (name) } } } }
            tbody role="rowgroup" {
                @for row in &table.rows {
                    tr role="row" {
                        @for (column, (one, name)) in row.iter().zip(&table.head).enumerate() {
                            @if column == 0 { th scope="row" role="rowheader" { (cell(one)) } } @else { td role="cell" data-label=(name) { (cell(one)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Whether it fits into a column of a printed page: a digest does.
fn is_whole(text: &str) -> bool {
    text.len() <= 64 && !text.contains(char::is_whitespace)
}

/// Whether several cells stay on one line: a verdict and a state do.
fn is_short(cells: &[Cell]) -> bool {
    let words = cells.iter().map(|one| match one {
        Cell::Verdict(_, false) | Cell::Outcome(_) => 6,
        Cell::Verdict(_, true) => 18,
        Cell::Plain(text) | Cell::Code(text) | Cell::Address(text) | Cell::Judged(text, _) => {
            text.len()
        }
        Cell::Several(_) => usize::MAX / 4,
    });
    words.fold(0, usize::saturating_add) <= 16
}

fn several(cells: &[Cell]) -> Markup {
    markup! { @for (place, one) in cells.iter().enumerate() { @if place > 0 { ", " } (cell(one)) } }
}

fn cell(one: &Cell) -> Markup {
    markup! {
        @match one {
            Cell::Plain(text) => (text),
            Cell::Code(text) => code.unbroken[is_whole(text)] { (text) },
            Cell::Address(text) => (link(text)),
            Cell::Several(cells) => @if is_short(cells) { span.whole { (several(cells)) } } @else { (several(cells)) },
            Cell::Judged(value, one) => (value_of(value, *one)),
            Cell::Outcome(one) => (outcome(*one)),
            Cell::Verdict(verdict, is_overridden) => {
                (badge(*verdict))
                @if *is_overridden { " " (overridden()) }
            },
        }
    }
}
