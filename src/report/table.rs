//! The criteria of a gate as a table: outcome, name, condition, what was measured, trend. In plan order, list by list.

use super::decided::{OUTCOME_WIDTH, decides};
use super::measured::{measured, required, resolved_bound, series_value, worst};
use super::page::{Cell, GAP, Page};
use super::trend;
use crate::evaluate::{
    CriterionAssessment, GateAssessment, KpiAssessment, Outcome, SeriesAssessment,
};
use crate::plan::List;

const INDENT: usize = 2;
/// Below this the columns would be too narrow to read: the cells of a criterion then stand below each other.
const TABLE_FROM: usize = 64;
/// A column is not narrowed below this.
const NARROWEST_COLUMN: usize = 9;
/// More series than this are counted, not listed; the evidence has them all.
const MAX_SERIES: usize = 8;

/// The cells of one line of the table.
struct Line {
    outcome: Cell,
    name: Cell,
    condition: Cell,
    measured: Cell,
    trend: Cell,
}

/// Widths of name, condition, measured and trend; `None` where they stand below each other.
type Widths = Option<[usize; 4]>;

/// All criteria of a gate, each list under its heading.
pub(super) fn write(page: &mut Page, gate: &GateAssessment) {
    let widths = widths(page, gate);
    let mut list = None;
    for criterion in &gate.criteria {
        if list != Some(criterion.list) {
            page.blank();
            heading(page, gate, criterion.list, widths, list.is_none());
            list = Some(criterion.list);
        }
        write_criterion(page, gate, criterion, widths);
    }
}

fn heading(page: &mut Page, gate: &GateAssessment, list: List, widths: Widths, first: bool) {
    let count = match list {
        List::Stop => format!("stop: {}/{} clear", gate.clear, gate.stops),
        List::Entry | List::Exit | List::Recovery => {
            format!("{}: {}/{} met", list.word(), gate.met, gate.of)
        }
        List::Watch => "watch (never decides)".to_owned(),
    };
    page.line(INDENT, Cell::heading(&count));
    if first && widths.is_some() {
        let head = Line {
            outcome: Cell::plain("outcome"),
            name: Cell::plain("criterion"),
            condition: Cell::plain("condition"),
            measured: Cell::plain("measured"),
            trend: Cell::plain("trend"),
        };
        write_line(page, head, widths);
    }
}

fn write_criterion(
    page: &mut Page,
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    widths: Widths,
) {
    write_line(page, criterion_line(page, criterion), widths);
    let below = INDENT + OUTCOME_WIDTH + GAP;
    if needs_reason(criterion) && !decides(gate, criterion) {
        page.line(below, Cell::plain(&criterion.reason));
    }
    for note in &criterion.notes {
        page.line(below, Cell::plain(&format!("note: {note}")));
    }
    if let Some(kpi) = &criterion.kpi {
        write_series(page, criterion, kpi, widths);
    }
}

/// What is not well is explained, and so is what is well although the worst point looks otherwise.
fn needs_reason(criterion: &CriterionAssessment) -> bool {
    let breached =
        |kpi: &KpiAssessment| kpi.series.iter().any(|series| !series.breaches.is_empty());
    !is_good(criterion.outcome) || criterion.kpi.as_ref().is_some_and(breached)
}

fn is_good(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Met | Outcome::Clear => true,
        Outcome::Unmet | Outcome::Unknown | Outcome::Tripped => false,
    }
}

/// Series by series, the worst first, where a criterion with several is not well.
fn write_series(
    page: &mut Page,
    criterion: &CriterionAssessment,
    kpi: &KpiAssessment,
    widths: Widths,
) {
    if is_good(criterion.outcome) || kpi.series.len() < 2 {
        return;
    }
    let order = worst_first(kpi);
    for series in order.iter().take(MAX_SERIES) {
        write_line(page, series_line(page, criterion, kpi, series), widths);
    }
    if let Some(rest) = order.get(MAX_SERIES..).filter(|rest| !rest.is_empty()) {
        let below = INDENT + OUTCOME_WIDTH + GAP;
        page.line(below + 2, Cell::plain(&rest_in_words(rest)));
    }
}

fn worst_first(kpi: &KpiAssessment) -> Vec<&SeriesAssessment> {
    let badness = |series: &SeriesAssessment| match series.outcome {
        Outcome::Tripped | Outcome::Unmet => 0,
        Outcome::Unknown => 1,
        Outcome::Met | Outcome::Clear => 2,
    };
    let mut order: Vec<_> = kpi.series.iter().enumerate().collect();
    order.sort_by(|(a_position, a), (b_position, b)| {
        let key = |position: &usize, series| (badness(series), Some(*position) != kpi.decisive);
        key(a_position, a)
            .cmp(&key(b_position, b))
            .then_with(|| beyond(b).total_cmp(&beyond(a)))
    });
    order.into_iter().map(|(_, series)| series).collect()
}

/// How far a value is beyond its bound; what keeps its bound counts as less the farther it keeps away.
fn beyond(series: &SeriesAssessment) -> f64 {
    let distance = match (series.value, series.bound) {
        (Some(value), Some(bound)) => (value - bound).abs(),
        _ => 0.0,
    };
    if is_good(series.outcome) {
        -distance
    } else {
        distance
    }
}

/// `and 4 more: 1 unknown, 3 met`.
fn rest_in_words(rest: &[&SeriesAssessment]) -> String {
    let mut counts: Vec<(Outcome, usize)> = Vec::new();
    for series in rest {
        match counts
            .iter_mut()
            .find(|(outcome, _)| *outcome == series.outcome)
        {
            Some((_, count)) => *count += 1,
            None => counts.push((series.outcome, 1)),
        }
    }
    let counts: Vec<_> = counts
        .iter()
        .map(|(outcome, count)| format!("{count} {}", outcome.word()))
        .collect();
    format!("and {} more: {}", rest.len(), counts.join(", "))
}

fn criterion_line(page: &Page, criterion: &CriterionAssessment) -> Line {
    let series = criterion.kpi.as_ref().and_then(super::measured::focus);
    let nothing = page.sign("—", "-");
    Line {
        outcome: Cell::outcome(criterion.outcome),
        name: Cell::plain(&criterion.name),
        condition: Cell::plain(&required(criterion)),
        measured: Cell::plain(measured(criterion).as_deref().unwrap_or(nothing)),
        trend: series.map_or_else(
            || Cell::plain(""),
            |series| trend_cell(page, criterion, series),
        ),
    }
}

fn series_line(
    page: &Page,
    criterion: &CriterionAssessment,
    kpi: &KpiAssessment,
    series: &SeriesAssessment,
) -> Line {
    let name = series
        .per
        .clone()
        .unwrap_or_else(|| series.labels.to_string());
    let nothing = page.sign("—", "-");
    let points = series.points;
    let condition = resolved_bound(kpi.unit, series)
        .unwrap_or_else(|| format!("{} of {} points", points.measured, points.expected));
    Line {
        outcome: Cell::outcome(series.outcome),
        name: Cell::plain(&format!("{} {name}", page.sign("└", "-"))),
        condition: Cell::plain(&condition),
        measured: Cell::plain(series_value(kpi, series).as_deref().unwrap_or(nothing)),
        trend: trend_cell(page, criterion, series),
    }
}

fn trend_cell(page: &Page, criterion: &CriterionAssessment, series: &SeriesAssessment) -> Cell {
    let drawn = trend::line(
        &series.trend,
        series.bound,
        worst(criterion),
        trend_width(page),
        page.unicode(),
    );
    Cell::plain(&drawn)
}

fn trend_width(page: &Page) -> usize {
    (page.width() / 2).saturating_sub(28).clamp(8, 24)
}

/// The widths that a gate's lines ask for, the widest narrowed until the table fits.
fn widths(page: &Page, gate: &GateAssessment) -> Widths {
    if page.width() < TABLE_FROM {
        return None;
    }
    let mut widths = [
        "criterion".len(),
        "condition".len(),
        "measured".len(),
        trend_width(page),
    ];
    for criterion in &gate.criteria {
        widen(&mut widths, &criterion_line(page, criterion));
    }
    let available = page.width() - INDENT - OUTCOME_WIDTH - 4 * GAP;
    while widths.iter().sum::<usize>() > available {
        let [name, condition, measured, _] = &mut widths;
        let widest = [condition, name, measured]
            .into_iter()
            .max_by_key(|width| **width)?;
        if *widest <= NARROWEST_COLUMN {
            return None;
        }
        *widest -= 1;
    }
    Some(widths)
}

fn widen(widths: &mut [usize; 4], line: &Line) {
    let cells = [&line.name, &line.condition, &line.measured, &line.trend];
    for (width, cell) in widths.iter_mut().zip(cells) {
        *width = (*width).max(cell.width());
    }
}

fn write_line(page: &mut Page, line: Line, widths: Widths) {
    let Line {
        outcome,
        name,
        condition,
        measured,
        trend,
    } = line;
    let label = (OUTCOME_WIDTH, outcome);
    if let Some([name_width, condition_width, measured_width, trend_width]) = widths {
        let columns = [
            label,
            (name_width, name),
            (condition_width, condition),
            (measured_width, measured),
            (trend_width, trend),
        ];
        return page.row(INDENT, &columns);
    }
    page.labelled(INDENT, &[label], name);
    for cell in [condition, measured, trend] {
        if cell.width() > 0 {
            page.line(INDENT + OUTCOME_WIDTH + GAP, cell);
        }
    }
}
