//! The columns of the criteria: as wide as their cells ask for and the terminal allows. On narrow terminals the cells of
//! a line stand below each other instead.

use super::decided::OUTCOME_WIDTH;
use super::page::{Cell, GAP, Page};

/// Where the table begins.
pub(super) const INDENT: usize = 2;
/// Below this the columns would be too narrow to read.
const TABLE_FROM: usize = 64;
/// A column is not narrowed below this, the width of its heading.
const NARROWEST_COLUMN: usize = 9;
/// A trend line is at least and at most so wide; text comes first.
const TREND: (usize, usize) = (12, 24);

/// One line of the table.
pub(super) struct Line {
    pub(super) outcome: Cell,
    /// Name, condition, what was measured.
    pub(super) texts: [Cell; 3],
    pub(super) trend: Cell,
}

/// How wide the columns are.
pub(super) struct Columns {
    /// Of the texts; `None` where they stand below each other.
    texts: Option<[usize; 3]>,
    trend: usize,
}

impl Columns {
    /// Columns for such lines: the widest text is narrowed until the line fits, the trend takes what is left.
    pub(super) fn fit(page: &Page, lines: impl Iterator<Item = [Cell; 3]>) -> Self {
        let available = page
            .width()
            .saturating_sub(INDENT + OUTCOME_WIDTH + 4 * GAP);
        let natural = lines.fold([NARROWEST_COLUMN; 3], |widths, cells| {
            let [name, condition, measured] = widths;
            let [a, b, c] = cells;
            [
                name.max(a.width()),
                condition.max(b.width()),
                measured.max(c.width()),
            ]
        });
        let texts = narrowed(natural, available.saturating_sub(TREND.0));
        let below = Self {
            texts: None,
            trend: TREND.1,
        };
        match texts {
            Some(texts) if page.width() >= TABLE_FROM => Self {
                texts: Some(texts),
                trend: (available - texts.iter().sum::<usize>()).min(TREND.1),
            },
            _ => below,
        }
    }

    /// Whether the cells of a line stand side by side.
    pub(super) fn is_table(&self) -> bool {
        self.texts.is_some()
    }

    /// How many columns a trend line may take.
    pub(super) fn trend(&self) -> usize {
        self.trend
    }
}

/// Takes from the widest, the condition first, until the sum fits; `None` where that leaves nothing readable.
fn narrowed(mut widths: [usize; 3], available: usize) -> Option<[usize; 3]> {
    while widths.iter().sum::<usize>() > available {
        let [name, condition, measured] = &mut widths;
        // Of equal ones `max_by_key` takes the last.
        let widest = [name, measured, condition]
            .into_iter()
            .max_by_key(|width| **width)?;
        if *widest <= NARROWEST_COLUMN {
            return None;
        }
        *widest -= 1;
    }
    Some(widths)
}

impl Line {
    /// Writes the line side by side, or its cells below each other.
    pub(super) fn write(self, page: &mut Page, columns: &Columns) {
        let [name, condition, measured] = self.texts;
        let label = (OUTCOME_WIDTH, self.outcome);
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
            if cell.width() > 0 {
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
        assert_eq!(narrowed([10, 40, 12], 50), Some([10, 28, 12]));
        assert_eq!(narrowed([10, 12, 12], 50), Some([10, 12, 12]));
        assert_eq!(narrowed([30, 30, 30], 26), None);
    }
}
