//! The page that a report is written on: rows of cells, wrapped to the terminal. A `Cell` can only be made from escaped
//! text and a `Page` only be filled with cells, so that nothing from outside reaches the terminal unescaped.

use anstyle::{AnsiColor, Style as Ansi};
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Padding, Style as Borders, Width};
use unicode_width::UnicodeWidthStr;

use super::wrap::{NARROWEST, WIDEST, wrap};
use super::{Style, escape};
use crate::assessment::{CriterionAssessment, Outcome, SeriesAssessment};
use crate::rollout::State;
use crate::verdict::Verdict;

/// Spaces between two columns.
pub(super) const GAP: usize = 2;

/// How a cell looks with colour, which never says more than the words do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Heading,
    Good,
    Open,
    Bad,
}

impl Look {
    fn ansi(self) -> Ansi {
        let bold = Ansi::new().bold();
        match self {
            Self::Plain => Ansi::new(),
            Self::Heading => bold,
            Self::Good => bold.fg_color(Some(AnsiColor::Green.into())),
            Self::Open => bold.fg_color(Some(AnsiColor::Yellow.into())),
            Self::Bad => bold.fg_color(Some(AnsiColor::Red.into())),
        }
    }
}

/// Escaped text.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: String,
    look: Look,
}

impl Cell {
    pub(super) fn plain(text: &str) -> Self {
        Self::new(text, Look::Plain)
    }

    pub(super) fn heading(text: &str) -> Self {
        Self::new(text, Look::Heading)
    }

    /// What must not be overlooked.
    pub(super) fn warning(text: &str) -> Self {
        Self::new(text, Look::Bad)
    }

    /// The word of a criterion's outcome, as the report says it.
    pub(super) fn outcome_of(criterion: &CriterionAssessment, word: &str) -> Self {
        let look = if criterion.approach().is_some() {
            Look::Bad
        } else if criterion.is_shown_so_far() {
            Look::Good
        } else {
            Self::outcome(criterion.outcome).look
        };
        Self::new(word, look)
    }

    /// The same of one of its series.
    pub(super) fn outcome_of_series(series: &SeriesAssessment, word: &str) -> Self {
        let look = if series.is_on_its_way() {
            Look::Bad
        } else if series.is_met_so_far() {
            Look::Good
        } else {
            Self::outcome(series.outcome).look
        };
        Self::new(word, look)
    }

    /// The state of a stage.
    pub(super) fn state(state: State) -> Self {
        let look = match state {
            State::NotStarted => Look::Plain,
            State::AtEntry | State::Running => Look::Open,
            State::Left => Look::Good,
            State::Paused | State::Stopped | State::RolledBack | State::Overridden => Look::Bad,
        };
        Self::new(state.word(), look)
    }

    pub(super) fn verdict(verdict: Verdict) -> Self {
        let look = match verdict {
            Verdict::Go => Look::Good,
            Verdict::Hold => Look::Open,
            Verdict::NoGo | Verdict::Stop => Look::Bad,
        };
        Self::new(verdict.word(), look)
    }

    pub(super) fn outcome(outcome: Outcome) -> Self {
        let look = match outcome {
            Outcome::Met | Outcome::Clear => Look::Good,
            Outcome::Unknown => Look::Open,
            Outcome::Unmet | Outcome::Tripped => Look::Bad,
        };
        Self::new(outcome.word(), look)
    }

    pub(super) fn new(text: &str, look: Look) -> Self {
        Self {
            text: escape(text),
            look,
        }
    }

    /// Its width on one line, in columns.
    pub(super) fn width(&self) -> usize {
        self.text.width()
    }

    /// The width of its longest word, in columns.
    pub(super) fn longest_word(&self) -> usize {
        let words = self.text.split(' ').map(UnicodeWidthStr::width);
        words.max().unwrap_or(0)
    }

    /// How many lines it takes at a width.
    pub(super) fn lines(&self, width: usize) -> usize {
        wrap(&self.text, width).len()
    }

    /// Wrapped to a width; each line is coloured by itself, so that padding stays plain.
    fn rendered(&self, width: usize, colour: bool) -> String {
        let ansi = if colour && !self.text.is_empty() {
            self.look.ansi()
        } else {
            Ansi::new()
        };
        let lines: Vec<String> = wrap(&self.text, width)
            .iter()
            .map(|line| format!("{ansi}{line}{ansi:#}"))
            .collect();
        lines.join("\n")
    }
}

/// Text being written.
#[derive(Debug)]
pub(super) struct Page {
    style: Style,
    text: String,
    /// The last rows, as long as the next one may have the same columns.
    table: Option<Table>,
}

/// Rows of the same columns, one below the other.
#[derive(Debug)]
struct Table {
    indent: usize,
    widths: Vec<usize>,
    rows: Builder,
}

impl Table {
    fn laid_out(self) -> String {
        let mut table = self.rows.build();
        table
            .with(Borders::empty())
            .with(Padding::new(0, GAP, 0, 0));
        for (position, width) in self.widths.iter().enumerate() {
            table.modify(Columns::one(position), Width::increase(*width));
        }
        let indent = " ".repeat(self.indent);
        let table = table.to_string();
        let lines = table.lines().map(|line| format!("{indent}{line}"));
        lines.fold(String::new(), |text, line| text + line.trim_end() + "\n")
    }
}

impl Page {
    pub(super) fn new(style: &Style) -> Self {
        let width = style.width.clamp(NARROWEST, WIDEST);
        Self {
            style: Style { width, ..*style },
            text: String::new(),
            table: None,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.style.width
    }

    /// Whether also that is told which does not help at that moment.
    pub(super) fn whole(&self) -> bool {
        self.style.whole
    }

    pub(super) fn unicode(&self) -> bool {
        self.style.unicode
    }

    /// One of two forms of a sign that we draw ourselves.
    pub(super) fn sign(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.style.unicode { unicode } else { ascii }
    }

    /// An empty line, but never two in a row or one at the top.
    pub(super) fn blank(&mut self) {
        self.end_table();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A paragraph. It begins further left rather than cut a word: names are searched for, links are followed.
    pub(super) fn line(&mut self, indent: usize, cell: Cell) {
        // What is wider than the page is cut in any case.
        let most = self.width().checked_sub(cell.longest_word());
        self.labelled(indent.min(most.unwrap_or(indent)), &[], cell);
    }

    /// Cells of given widths, then one that takes the rest of the line; each wraps inside its column. The last begins a line of
    /// its own rather than have a word cut.
    pub(super) fn labelled(&mut self, indent: usize, labels: &[(usize, Cell)], rest: Cell) {
        let taken: usize = labels.iter().map(|(width, _)| width + GAP).sum();
        let left = self.width().saturating_sub(indent + taken).max(1);
        let longest = rest.longest_word();
        if !labels.is_empty() && longest > left && longest <= self.width() {
            self.row(indent, labels);
            return self.line(indent + taken, rest);
        }
        let mut columns = labels.to_vec();
        columns.push((left, rest));
        self.row(indent, &columns);
    }

    /// Cells of given widths; a row of the columns of the row before continues its table.
    pub(super) fn row(&mut self, indent: usize, columns: &[(usize, Cell)]) {
        let widths: Vec<usize> = columns.iter().map(|(width, _)| *width).collect();
        let cells: Vec<String> = columns
            .iter()
            .map(|(width, cell)| cell.rendered(*width, self.style.colour))
            .collect();
        let continues = |table: &Table| table.indent == indent && table.widths == widths;
        if !self.table.as_ref().is_some_and(continues) {
            self.end_table();
        }
        let table = self.table.get_or_insert_with(|| Table {
            indent,
            widths,
            rows: Builder::default(),
        });
        table.rows.push_record(cells);
    }

    fn end_table(&mut self) {
        if let Some(table) = self.table.take() {
            self.text.push_str(&table.laid_out());
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.end_table();
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize, colour: bool) -> Page {
        Page::new(&Style {
            width,
            colour,
            ..Style::FILE
        })
    }

    #[test]
    fn cells_wrap_inside_their_column_at_words() {
        let mut page = page(40, false);
        page.labelled(
            2,
            &[(7, Cell::plain("unmet"))],
            Cell::plain("the p95 was above 4h at 41 of 2881 points"),
        );
        assert_eq!(
            page.finish(),
            "  unmet    the p95 was above 4h at 41 of\n           2881 points\n"
        );
    }

    #[test]
    fn l18_a_line_begins_further_left_rather_than_cut_a_word() {
        let mut page = page(40, false);
        page.line(8, Cell::plain(&format!("see {}", "x".repeat(36))));
        let see = format!("    see\n    {}\n", "x".repeat(36));
        assert_eq!(page.finish(), see);
    }

    #[test]
    fn words_that_are_too_long_are_broken() {
        let mut page = page(40, false);
        page.line(2, Cell::plain(&"x".repeat(100)));
        assert!(page.finish().lines().all(|line| line.width() <= 40));
    }

    #[test]
    fn only_our_own_codes_reach_the_terminal() {
        let mut page = page(80, true);
        page.labelled(
            0,
            &[(7, Cell::outcome(Outcome::Unmet))],
            Cell::plain("\u{1b}[32mmet\u{9b}0m"),
        );
        let text = page.finish();
        assert_eq!(
            text.matches('\u{1b}').count(),
            2 + usize::from(text.contains("\u{1b}[1m\u{1b}[31m"))
        );
        assert!(text.contains("\\u{1b}[32mmet\\u{9b}0m"));
    }
}
