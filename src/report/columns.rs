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

/// One line of the table. A name that does not fit its column has a line of its own, so that only its row suffers.
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
    /// Conditions with what a baseline comes to.
    Whole,
    /// Of what is fine, conditions as written, too.
    Short,
}

impl Columns {
    /// Columns for these lines: the widest text is narrowed until the line fits, the trend takes what is left.
    pub(super) fn fit(page: &Page, lines: impl Iterator<Item = [Cell; 3]>) -> Self {
        let available = available(page);
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

    /// Whether these lines fit side by side.
    pub(super) fn are_whole(page: &Page, lines: impl Iterator<Item = [Cell; 3]>) -> bool {
        natural(lines) <= available(page)
    }

    /// Whether a line fits side by side, whatever the others are like.
    pub(super) fn fits(page: &Page, cells: &[Cell; 3]) -> bool {
        cells.iter().map(Cell::width).sum::<usize>() <= available(page)
    }

    /// Whether a name is so wide that it would take the room of the other columns.
    pub(super) fn is_wide(page: &Page, name: &Cell) -> bool {
        name.width() > available(page) / 2
    }

    /// The same, in cells that say so much.
    pub(super) fn with_words(self, words: Words) -> Self {
        Self { words, ..self }
    }

    /// The same with names of up to this width where that leaves room for a trend.
    pub(super) fn with_names(self, page: &Page, names: impl Iterator<Item = usize>) -> Self {
        let Some([name, condition, measured]) = self.texts else {
            return self;
        };
        let taken = condition + measured + GAP + TREND.0;
        let most = available(page).saturating_sub(taken);
        let widest = names.filter(|width| *width <= most).max();
        let name = widest.map_or(name, |widest| widest.max(name));
        let texts = [name, condition, measured];
        let left = available(page).saturating_sub(texts.iter().sum::<usize>());
        Self {
            texts: Some(texts),
            trend: trend(left.saturating_sub(GAP)),
            ..self
        }
    }

    /// Whether a name with its title takes no line more than without.
    pub(super) fn has_room_for(&self, page: &Page, name: &Cell) -> bool {
        let room = match self.texts {
            Some([room, ..]) => room,
            None => page.width().saturating_sub(INDENT + OUTCOME_WIDTH + GAP),
        };
        name.width() <= room
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

/// The room for the three texts of a line.
fn available(page: &Page) -> usize {
    page.width()
        .saturating_sub(INDENT + OUTCOME_WIDTH + 3 * GAP)
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
        let [mut name, condition, measured] = self.texts;
        let mut label = (OUTCOME_WIDTH, self.outcome);
        let is_wide = (columns.texts).is_some_and(|[room, ..]| name.longest_word() > room);
        match (self.asked, columns.texts) {
            (Some(asked), Some(_)) if is_wide => return asked_below(page, label, name, asked),
            (Some(asked), Some([room, ..])) => {
                return page.labelled(INDENT, &[label, (room, name)], asked);
            }
            (Some(asked), None) => return asked_below(page, label, name, asked),
            (None, _) => {}
        }
        if is_wide {
            page.labelled(INDENT, &[label], name);
            (label, name) = ((OUTCOME_WIDTH, Cell::plain("")), Cell::plain(""));
        }
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

/// What is asked below a name that is wider than its column, or beside it where both fit on a line.
fn asked_below(page: &mut Page, label: (usize, Cell), name: Cell, asked: Cell) {
    let indent = INDENT + OUTCOME_WIDTH + GAP;
    let width = name.width();
    if indent + width + GAP + asked.width() <= page.width() {
        return page.labelled(INDENT, &[label, (width, name)], asked);
    }
    page.labelled(INDENT, &[label], name);
    if asked.width() > 0 {
        page.line(indent, asked);
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
