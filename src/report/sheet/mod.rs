//! A report on a whole rollout as blocks: what it says, not how it looks. The formats escape all text.

mod html;
mod markdown;
mod text;

pub(super) use html::html;
pub(super) use markdown::markdown;
pub(super) use text::text;

use crate::assessment::Outcome;
use crate::verdict::Verdict;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sheet {
    /// What kind of report it is.
    pub(super) kind: &'static str,
    /// What it is about.
    pub(super) title: String,
    /// How the rollout stands, and in which tone.
    pub(super) standing: Option<(Tone, String)>,
    /// From top to bottom.
    pub(super) blocks: Vec<Block>,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Open,
    Bad,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// Begins a section.
    Heading(String),
    /// Begins what only some readers need: on paper, a new page.
    Appendix(String),
    /// Begins a part of a section.
    Part(String),
    /// What must be seen.
    Warning(String),
    /// A paragraph.
    Text(String),
    /// Names and values.
    Facts(Vec<Fact>),
    /// Short ones, side by side where there is room.
    Head(Vec<Fact>),
    /// One below the other.
    List(Vec<String>),
    /// Rows and columns.
    Table(Table),
}

/// Rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// What it shows, for those who cannot see it.
    pub(super) caption: String,
    pub(super) head: Vec<String>,
    /// Each as long as the head; the first cell names the row.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Plain(String),
    /// Digests, file names, commands.
    Code(String),
    /// A link if it is a web address; otherwise text.
    Address(String),
    /// One after the other.
    Several(Vec<Cell>),
    Outcome(Outcome),
    /// A verdict, and whether somebody proceeds anyway.
    Verdict(Verdict, bool),
    /// A value, and whether it is good.
    Judged(String, Outcome),
}

impl Cell {
    /// A text, or a dash if there is none.
    pub(super) fn of(text: Option<&String>) -> Self {
        Self::Plain(text.map_or_else(|| "—".to_owned(), Clone::clone))
    }

    /// An address, or a dash if there is none.
    pub(super) fn address(text: Option<&String>) -> Self {
        text.map_or_else(|| Self::of(None), |text| Self::Address(text.clone()))
    }

    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Plain(text.into())
    }
}

impl Sheet {
    /// Adds a section with a table; without rows it says what is missing instead.
    pub(super) fn table(&mut self, heading: &str, head: &[&str], rows: Vec<Vec<Cell>>, none: &str) {
        self.blocks.push(Block::Heading(heading.to_owned()));
        if rows.is_empty() {
            self.blocks.push(Block::Text(none.to_owned()));
        } else {
            self.rows(heading, head, rows);
        }
    }

    /// Adds a table if it has rows.
    pub(super) fn rows(&mut self, caption: &str, head: &[&str], rows: Vec<Vec<Cell>>) {
        if !rows.is_empty() {
            self.blocks.push(Block::Table(Table {
                caption: caption.to_owned(),
                head: head.iter().map(|&name| name.to_owned()).collect(),
                rows,
            }));
        }
    }

    /// Adds names and values if there are any.
    pub(super) fn facts(&mut self, facts: Vec<Fact>) {
        if !facts.is_empty() {
            self.blocks.push(Block::Facts(facts));
        }
    }
}

/// A name with its value.
pub(super) type Fact = (String, Cell);

/// A name with its value.
pub(super) fn fact(name: &str, value: impl Into<String>) -> Fact {
    (name.to_owned(), Cell::Plain(value.into()))
}

/// A name with its address.
pub(super) fn address(name: &str, value: &str) -> Fact {
    (name.to_owned(), Cell::Address(value.to_owned()))
}
