//! A report on a whole rollout as Markdown, as GitHub shows it. Must not let text from outside be anything but text.

use super::{Block, Cell, Sheet, Table, Tone};
use crate::report::markdown::{
    code, inline, link, opening, outcome_sign, overridden, sign, strong,
};

/// The report, with a final newline.
pub(in crate::report) fn markdown(sheet: &Sheet) -> String {
    let mut page = format!("# {}: {}\n\n", sheet.kind, inline(&sheet.title));
    if let Some((tone, words)) = &sheet.standing {
        page.push_str(&format!("{} {}\n\n", tone_sign(*tone), strong(words)));
    }
    page.extend(sheet.blocks.iter().map(block));
    page
}

fn tone_sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "✅",
        Tone::Open => "⚠️",
        Tone::Bad => "❌",
    }
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("## {}\n\n", inline(text)),
        Block::Appendix(text) => format!("---\n\n# {}\n\n", inline(text)),
        Block::Part(text) => format!("### {}\n\n", inline(text)),
        Block::Warning(text) => format!("> ⚠️ {}\n\n", strong(text)),
        Block::Text(text) => format!("{}\n\n", opening(text)),
        Block::Facts(facts) | Block::Head(facts) => {
            let lines = facts
                .iter()
                .map(|(name, value)| format!("- {}: {}\n", strong(name), cell(value)));
            lines.collect::<String>() + "\n"
        }
        Block::List(items) => {
            let lines = items.iter().map(|item| format!("- {}\n", opening(item)));
            lines.collect::<String>() + "\n"
        }
        Block::Table(table) => rows(table),
    }
}

fn rows(table: &Table) -> String {
    let head: Vec<String> = table.head.iter().map(|name| inline(name)).collect();
    let dashes = vec!["---"; table.head.len()];
    let mut shown = format!("| {} |\n| {} |\n", head.join(" | "), dashes.join(" | "));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        shown.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    shown.push('\n');
    shown
}

fn cell(one: &Cell) -> String {
    match one {
        Cell::Plain(text) => inline(text),
        Cell::Address(text) => link(text),
        Cell::Several(cells) => cells.iter().map(cell).collect::<Vec<_>>().join(", "),
        Cell::Code(text) => code(text),
        Cell::Judged(value, outcome) => format!("{} {}", inline(value), outcome_sign(*outcome)),
        Cell::Outcome(outcome) => format!("{} {}", outcome_sign(*outcome), outcome.word()),
        Cell::Verdict(verdict, is_overridden) => {
            format!(
                "{} {}{}",
                sign(*verdict),
                verdict.word(),
                overridden(*is_overridden)
            )
        }
    }
}
