//! The columns of the criteria: as wide as their cells need and the terminal allows. On narrow terminals the cells of
//! a line are stacked instead.

use super::decided::OUTCOME_WIDTH;
use super::page::{Cell, GAP, Page};

/// Where the table begins.
pub(super) const INDENT: usize = 2;
/// Below this the columns would be too narrow to read.
const TABLE_FROM: usize = 64;
/// A column is not narrowed below this, the width of its heading.
const NARROWEST_COLUMN: usize = 9;
/// Words up to this long are not broken to make room.
const LONGEST_WORD: usize = 28;
/// The least and greatest width of a trend line; text comes first.
const TREND: (usize, usize) = (12, 24);

/// One line of the table.
pub(super) struct TableRow {
    pub(super) outcome: Cell,
    /// Name, condition, what was measured.
    pub(super) texts: [Cell; 3],
    /// Instead of condition and measured value: what is asked that is not measured.
    pub(super) asked: Option<Cell>,
    pub(super) trend: Cell,
}

/// How wide the columns are.
pub(super) struct Columns {
    /// Of the texts; `None` if they are stacked.
    texts: Option<[usize; 3]>,
    trend: usize,
    words: Words,
}

/// How much the cells say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Names with their titles, conditions with what a baseline comes to.
    Titled,
    /// Names alone.
    Named,
    /// Of what is fine, conditions as written, too.
    Short,
}

impl Columns {
    /// Columns for these lines: the widest text is narrowed until the line fits, the trend takes what is left.
    pub(super) fn fit(page: &Page, lines: impl Iterator<Item = [Cell; 3]>) -> Self {
        let available = page
            .width()
            .saturating_sub(INDENT + OUTCOME_WIDTH + 3 * GAP);
        let (natural, words) =
            lines.fold(([NARROWEST_COLUMN; 3], [0; 3]), |(widths, words), cells| {
                (
                    larger(widths, cells.each_ref().map(Cell::width)),
                    larger(words, cells.each_ref().map(Cell::longest_word)),
                )
            });
        // Names stay whole, so that they can be searched for (L18).
        let [name, ..] = natural;
        let [_, condition, measured] =
            words.map(|width| width.clamp(NARROWEST_COLUMN, LONGEST_WORD));
        let whole_words = [name, condition, measured];
        // Rather no trend than texts on several lines.
        let whole = (natural.iter().sum::<usize>() <= available).then_some(natural);
        let texts = whole
            .or_else(|| narrowed(natural, whole_words, available))
            .or_else(|| {
                narrowed(
                    natural,
                    [name, NARROWEST_COLUMN, NARROWEST_COLUMN],
                    available,
                )
            });
        let below = Self {
            texts: None,
            trend: TREND.1,
            words: Words::Short,
        };
        match texts {
            Some(texts) if page.width() >= TABLE_FROM => Self {
                texts: Some(texts),
                trend: trend((available - texts.iter().sum::<usize>()).saturating_sub(GAP)),
                words: Words::Short,
            },
            _ => below,
        }
    }

    /// Whether these lines fit side by side, with a trend beside them.
    pub(super) fn have_room(page: &Page, lines: impl Iterator<Item = [Cell; 3]>) -> bool {
        let taken = INDENT + OUTCOME_WIDTH + 4 * GAP + TREND.0;
        taken + natural(lines) <= page.width()
    }

    /// Whether these lines fit side by side.
    pub(super) fn are_whole(page: &Page, lines: impl Iterator<Item = [Cell; 3]>) -> bool {
        INDENT + OUTCOME_WIDTH + 3 * GAP + natural(lines) <= page.width()
    }

    /// The same, in cells that say so much.
    pub(super) fn with_words(self, words: Words) -> Self {
        Self { words, ..self }
    }

    /// How much the cells say.
    pub(super) fn words(&self) -> Words {
        self.words
    }

    /// How many columns a trend line may take.
    pub(super) fn trend(&self) -> usize {
        self.trend
    }
}

/// How wide the texts of these lines are side by side.
fn natural(lines: impl Iterator<Item = [Cell; 3]>) -> usize {
    let widths = lines.fold([NARROWEST_COLUMN; 3], |widths, cells| {
        larger(widths, cells.each_ref().map(Cell::width))
    });
    widths.iter().sum()
}

/// How wide a trend line is in that room: none where it would say nothing.
fn trend(room: usize) -> usize {
    if room < TREND.0 / 2 {
        0
    } else {
        room.min(TREND.1)
    }
}

/// The larger of each pair.
fn larger(a: [usize; 3], b: [usize; 3]) -> [usize; 3] {
    let ([a0, a1, a2], [b0, b1, b2]) = (a, b);
    [a0.max(b0), a1.max(b1), a2.max(b2)]
}

/// Narrows the widest column that is above its minimum, the condition first, until the sum fits; `None` if it cannot.
fn narrowed(mut widths: [usize; 3], least: [usize; 3], available: usize) -> Option<[usize; 3]> {
    while widths.iter().sum::<usize>() > available {
        // Among equals `max_by_key` takes the last: the measured value stays whole longest.
        let (widest, _) = widths
            .iter_mut()
            .zip(least)
            .rev()
            .filter(|(width, least)| **width > *least)
            .max_by_key(|(width, _)| **width)?;
        *widest -= 1;
    }
    Some(widths)
}

impl TableRow {
    /// Writes the line side by side, or its cells stacked.
    pub(super) fn write(self, page: &mut Page, columns: &Columns) {
        let [name, condition, measured] = self.texts;
        let label = (OUTCOME_WIDTH, self.outcome);
        if let (Some(asked), Some([name_width, ..])) = (&self.asked, columns.texts) {
            return page.labelled(INDENT, &[label, (name_width, name)], asked.clone());
        }
        let condition = self.asked.unwrap_or(condition);
        if let Some([name_width, condition_width, measured_width]) = columns.texts {
            let cells = [
                label,
                (name_width, name),
                (condition_width, condition),
                (measured_width, measured),
                (columns.trend, self.trend),
            ];
            return page.row(INDENT, &cells);
        }
        page.labelled(INDENT, &[label], name);
        for cell in [condition, measured, self.trend] {
            // A dash for what was not measured says nothing without a column.
            if cell.width() > 1 {
                page.line(INDENT + OUTCOME_WIDTH + GAP, cell);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_text_gives_way() {
        assert_eq!(narrowed([10, 40, 12], [9; 3], 50), Some([10, 28, 12]));
        assert_eq!(narrowed([10, 12, 12], [9; 3], 50), Some([10, 12, 12]));
        assert_eq!(narrowed([30, 30, 30], [9; 3], 26), None);
    }

    #[test]
    fn names_stay_whole_where_there_is_room() {
        assert_eq!(narrowed([28, 28, 28], [28, 9, 12], 60), Some([28, 16, 16]));
    }
}
