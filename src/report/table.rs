//! The criteria of a gate as a table: outcome, name, condition, what was measured, trend. In plan order, list by list.
//! Must not judge again.

use super::columns::{Columns, INDENT, TableRow};
use super::decided::{OUTCOME_WIDTH, decides, nobody_said_anything, outcome_word};
use super::measured::{focus, measured, required, resolved_bound, series_value, worst};
use super::page::{Cell, GAP, Page};
use super::series::{is_good, rest_in_words, worst_first};
use super::{based_on, trend};
use crate::assessment::{
    CriterionAssessment, GateAssessment, KpiAssessment, Outcome, SeriesAssessment,
};
use crate::kind::List;

/// More series than this are counted, not listed; the evidence has them all.
const MAX_SERIES: usize = 8;

/// All criteria of a gate, each list under its heading.
pub(super) fn write(page: &mut Page, gate: &GateAssessment) {
    let are_told = stops_are_clear(gate);
    let is_told = |one: &CriterionAssessment| are_told && one.list == List::Stop;
    let shown = gate.criteria.iter().filter(|one| !is_told(one));
    let columns = Columns::fit(page, shown.map(|one| texts(page, one)));
    let mut list = None;
    for criterion in &gate.criteria {
        let is_told = is_told(criterion);
        if list != Some(criterion.list) {
            heading(page, gate, criterion.list, is_told);
            list = Some(criterion.list);
        }
        if !is_told {
            write_criterion(page, gate, criterion, &columns);
        }
    }
}

/// Whether there is nothing to say of any stop but that it is clear.
fn stops_are_clear(gate: &GateAssessment) -> bool {
    let mut stops = gate.criteria.iter().filter(|one| one.list == List::Stop);
    stops.all(|one| {
        let is_clear = one.outcome == Outcome::Clear && one.approach().is_none();
        is_clear && one.notes.is_empty() && one.based_on.is_empty()
    })
}

/// `stop: 3/3 clear`.
pub(super) fn list_in_words(gate: &GateAssessment, list: List) -> String {
    match list {
        List::Stop => format!(
            "stop: {}/{} clear{}",
            gate.counts.stops.clear,
            gate.counts.stops.total,
            stops_from(gate)
        ),
        List::Entry | List::Exit | List::Recovery => {
            format!(
                "{}: {}/{} met",
                list.word(),
                gate.counts.criteria.met,
                gate.counts.criteria.total
            )
        }
        List::Watch => "watch (never decides)".to_owned(),
    }
}

/// The heading of a list; of stops that are all clear with their names, which is all there is to say.
fn heading(page: &mut Page, gate: &GateAssessment, list: List, is_told: bool) {
    let words = list_in_words(gate, list);
    if !is_told {
        return page.line(INDENT, Cell::heading(&words));
    }
    let stops = gate.criteria.iter().filter(|one| one.list == List::Stop);
    let names: Vec<&str> = stops.map(|one| one.name.as_str()).collect();
    page.line(
        INDENT,
        Cell::plain(&format!("{words}: {}", names.join(", "))),
    );
}

/// Stops look at everything since the start: said if that is more than the window.
fn stops_from(gate: &GateAssessment) -> String {
    let stops = gate.criteria.iter().filter(|one| one.list == List::Stop);
    let first = stops
        .filter_map(|one| one.kpi.as_ref().map(|kpi| kpi.start))
        .min();
    let window = gate.window.as_ref().map(|window| window.start);
    match first.filter(|first| window.is_some_and(|window| *first < window)) {
        Some(first) => format!(", judged from {first}"),
        None => String::new(),
    }
}

fn write_criterion(
    page: &mut Page,
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    columns: &Columns,
) {
    criterion_line(page, criterion, columns).write(page, columns);
    for line in remarks(gate, criterion) {
        page.line(INDENT + OUTCOME_WIDTH + GAP, Cell::plain(&line));
    }
    if let Some(kpi) = &criterion.kpi {
        write_series(page, criterion, kpi, columns);
    }
}

/// What goes below a criterion: its reason unless it is given elsewhere, its notes, what it is based on.
pub(super) fn remarks(gate: &GateAssessment, criterion: &CriterionAssessment) -> Vec<String> {
    let is_told = decides(gate, criterion) || nobody_said_anything(criterion);
    let reason = (needs_reason(criterion) && !is_told).then(|| criterion.reason.clone());
    let notes = criterion
        .notes
        .iter()
        .filter(|note| !was_said(gate, criterion, note));
    let notes = notes.map(|note| format!("note: {note}"));
    reason
        .into_iter()
        .chain(notes)
        .chain(based_on(criterion))
        .collect()
}

/// Whether an earlier criterion on the same KPI has the same note.
fn was_said(gate: &GateAssessment, criterion: &CriterionAssessment, note: &String) -> bool {
    let earlier = gate
        .criteria
        .iter()
        .take_while(|one| !std::ptr::eq(*one, criterion));
    let mut alike = earlier.filter(|one| one.kpi.is_some() && one.name == criterion.name);
    alike.any(|one| one.notes.contains(note))
}

/// Who answered, when and why; which file.
pub(super) fn based_on(criterion: &CriterionAssessment) -> Vec<String> {
    let told = told(criterion);
    let based_on = criterion.based_on.iter();
    based_on
        .map(|based_on| based_on::in_words(based_on, told))
        .collect()
}

/// What the report says about a criterion in any case.
fn told(criterion: &CriterionAssessment) -> &str {
    if needs_reason(criterion) {
        &criterion.reason
    } else {
        ""
    }
}

/// Bad and unknown outcomes are explained, and so are good ones whose worst point looks bad, or was compared with its
/// own partner in the baseline. For a reduced value the columns say everything.
fn needs_reason(criterion: &CriterionAssessment) -> bool {
    let more_than_columns = criterion.kpi.as_ref().is_some_and(|kpi| {
        let breached = kpi.series.iter().any(|series| !series.breaches.is_empty());
        let paired = kpi.series.iter().any(|series| series.partners.is_some());
        kpi.reducer.is_none() && (breached || paired)
    });
    !(is_good(criterion.outcome) || criterion.is_met_so_far()) || more_than_columns
}

/// Series by series, the worst first, if a criterion with several is bad or unknown because of one of them.
fn write_series(
    page: &mut Page,
    criterion: &CriterionAssessment,
    kpi: &KpiAssessment,
    columns: &Columns,
) {
    let all_good = kpi.series.iter().all(|series| is_good(series.outcome));
    let is_fine = is_good(criterion.outcome) || criterion.is_met_so_far();
    if is_fine || all_good || kpi.series.len() < 2 {
        return;
    }
    let order = worst_first(kpi);
    for series in order.iter().take(MAX_SERIES) {
        series_line(page, criterion, kpi, series, columns).write(page, columns);
        if series.outcome == Outcome::Unknown && series.reason != criterion.reason {
            page.line(
                INDENT + OUTCOME_WIDTH + GAP + 2,
                Cell::plain(&series.reason),
            );
        }
    }
    if let Some(rest) = order.get(MAX_SERIES..).filter(|rest| !rest.is_empty()) {
        let below = INDENT + OUTCOME_WIDTH + GAP;
        page.line(below + 2, Cell::plain(&rest_in_words(rest)));
    }
}

/// Name, condition and what was measured.
fn texts(page: &Page, criterion: &CriterionAssessment) -> [Cell; 3] {
    let nothing = page.sign("—", "-");
    [
        Cell::plain(&criterion.name),
        Cell::plain(&required(criterion)),
        Cell::plain(measured(criterion).as_deref().unwrap_or(nothing)),
    ]
}

fn criterion_line(page: &Page, criterion: &CriterionAssessment, columns: &Columns) -> TableRow {
    let series = criterion.kpi.as_ref().and_then(focus);
    TableRow {
        outcome: Cell::outcome_of(criterion, outcome_word(criterion)),
        texts: texts(page, criterion),
        trend: series.map_or_else(
            || Cell::plain(""),
            |series| trend_cell(page, criterion, series, columns),
        ),
    }
}

fn series_line(
    page: &Page,
    criterion: &CriterionAssessment,
    kpi: &KpiAssessment,
    series: &SeriesAssessment,
    columns: &Columns,
) -> TableRow {
    let name = series
        .per
        .clone()
        .unwrap_or_else(|| series.labels.to_string());
    let nothing = page.sign("—", "-");
    let points = series.points;
    let bound = resolved_bound(kpi.unit, series).map(|bound| format!("bound {bound}"));
    let condition =
        bound.unwrap_or_else(|| format!("{}/{} points", points.measured, points.expected));
    TableRow {
        outcome: Cell::outcome(series.outcome),
        texts: [
            Cell::plain(&format!("{} {name}", page.sign("└", "-"))),
            Cell::plain(&condition),
            Cell::plain(series_value(kpi, series).as_deref().unwrap_or(nothing)),
        ],
        trend: trend_cell(page, criterion, series, columns),
    }
}

fn trend_cell(
    page: &Page,
    criterion: &CriterionAssessment,
    series: &SeriesAssessment,
    columns: &Columns,
) -> Cell {
    if columns.trend() == 0 {
        return Cell::plain("");
    }
    let drawn = trend::line(
        &series.trend,
        series.bound,
        worst(criterion),
        columns.trend(),
        page.unicode(),
    );
    Cell::plain(&drawn)
}
