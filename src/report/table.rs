//! The criteria of a gate as a table: outcome, name, condition, what was measured, trend. In plan order, list by list.
//! Must not judge again.

use super::columns::{Columns, INDENT, TableRow, Words};
use super::decided::{OUTCOME_WIDTH, decides, nobody_said_anything, outcome_word, series_word};
use super::measured::{focus, measured, required, resolved_bound, series_value, worst, written};
use super::page::{Cell, GAP, Page};
use super::series::{is_good, rest_in_words, worst_first};
use super::{based_on, brief, decided, outstanding, trend};
use crate::assessment::{
    CriterionAssessment, GateAssessment, KpiAssessment, Outcome, SeriesAssessment,
};
use crate::kind::List;
use crate::verdict::Verdict;

/// More series than this are counted, not listed; the evidence has them all.
const MAX_SERIES: usize = 8;

/// The criteria of a gate, each list under its heading.
pub(super) fn write(page: &mut Page, gate: &GateAssessment, is_alone: bool) {
    let (whole, are_told) = (page.whole(), stops_are_clear(gate));
    let has_a_line = |one: &CriterionAssessment| match (whole, one.list) {
        (true, List::Stop) => !are_told,
        (true, List::Entry | List::Exit | List::Recovery | List::Watch) => true,
        (false, _) => brief::has_a_line(gate, one, is_alone),
    };
    let shown = gate.criteria.iter().filter(|one| has_a_line(one));
    let columns = columns_of(page, &shown);
    let mut list = None;
    for criterion in &gate.criteria {
        if list != Some(criterion.list) {
            heading(page, gate, criterion.list, is_alone);
            list = Some(criterion.list);
        }
        if has_a_line(criterion) {
            write_criterion(page, gate, criterion, &columns);
        }
    }
}

/// Columns for these criteria, in cells that say as much as there is room for.
fn columns_of<'a>(
    page: &Page,
    shown: &(impl Iterator<Item = &'a CriterionAssessment> + Clone),
) -> Columns {
    let apart = are_wide_apart(page, shown);
    let cells = |words: Words| {
        shown.clone().map(move |one| match texts(page, one, words) {
            [name, rest @ ..] if apart && Columns::is_wide(page, &name) => {
                let [condition, measured] = rest;
                [Cell::plain(""), condition, measured]
            }
            all => all,
        })
    };
    let words = if page.whole() || Columns::are_whole(page, cells(Words::Whole)) {
        Words::Whole
    } else {
        Words::Short
    };
    let titled = shown.clone().filter_map(titled).map(|name| name.width());
    let columns = Columns::fit(page, cells(words)).with_words(words);
    columns.with_names(page, titled)
}

/// Whether names that would take the room of the other columns get lines of their own, so that only their rows suffer: unless
/// everything fits as it is, or every KPI is called so.
fn are_wide_apart<'a>(
    page: &Page,
    shown: &(impl Iterator<Item = &'a CriterionAssessment> + Clone),
) -> bool {
    let widest = shown
        .clone()
        .map(|one| Cell::plain(&one.name).width())
        .max();
    let fits = |one: &CriterionAssessment| {
        let name = Cell::plain(&" ".repeat(widest.unwrap_or(0)));
        let [_, condition, measured] = texts(page, one, Words::Short);
        let condition = asked(page, one).unwrap_or(condition);
        Columns::fits(page, &[name, condition, measured])
    };
    let mut kpis = shown.clone().filter(|one| one.kpi.is_some()).peekable();
    let are_all_wide =
        kpis.peek().is_some() && kpis.all(|one| Columns::is_wide(page, &Cell::plain(&one.name)));
    !are_all_wide && !shown.clone().all(fits)
}

/// Whether there is nothing to say of any stop but that it is clear.
fn stops_are_clear(gate: &GateAssessment) -> bool {
    let mut stops = gate.criteria.iter().filter(|one| one.list == List::Stop);
    stops.all(brief::is_quiet)
}

/// `stops: 3 of 3 clear`, `exit: 0 of 7 met, 7 so far`.
pub(super) fn list_in_words(gate: &GateAssessment, list: List) -> String {
    match list {
        List::Stop => {
            let (clear, coming) = brief::clear(gate);
            format!(
                "stops: {clear} of {} clear{coming}{}",
                gate.counts.stops.total,
                stops_from(gate)
            )
        }
        List::Entry | List::Exit | List::Recovery => {
            format!(
                "{}: {} of {} met{}",
                list.word(),
                gate.counts.criteria.met,
                gate.counts.criteria.total,
                brief::so_far(gate)
            )
        }
        List::Watch => "watch (never decides)".to_owned(),
    }
}

/// The heading of a list with what has no line of its own: stops that are clear by name; after a stop, the rest by outcome.
fn heading(page: &mut Page, gate: &GateAssessment, list: List, is_alone: bool) {
    let words = list_in_words(gate, list);
    let is_stopped = !page.whole() && gate.verdict == Verdict::Stop;
    match list {
        List::Stop if !page.whole() || stops_are_clear(gate) => stops(page, gate, &words),
        List::Stop => page.line(INDENT, Cell::heading(&words)),
        List::Entry | List::Exit | List::Recovery if is_stopped => {
            let open = brief::by_outcome(gate, list).map(|open| format!("; {open}"));
            let line = format!("{words}{}", open.unwrap_or_default());
            page.line(INDENT, Cell::plain(&line));
        }
        List::Watch if is_stopped => {}
        List::Watch => watched(page, gate, &words),
        List::Entry | List::Exit | List::Recovery => {
            let open = brief::without_a_line(gate, list, is_alone).filter(|_| !page.whole());
            let line = format!("{words}{}", open.unwrap_or_default());
            page.line(INDENT, Cell::heading(&line));
        }
    }
}

/// On a screen with what is well, which has no line of its own there.
fn watched(page: &mut Page, gate: &GateAssessment, words: &str) {
    match brief::watched(gate).filter(|_| !page.whole()) {
        Some(well) => page.line(INDENT, Cell::plain(&format!("{words}; {well}"))),
        None => page.line(INDENT, Cell::heading(words)),
    }
}

/// On a screen without the names where they do not fit on the line.
fn stops(page: &mut Page, gate: &GateAssessment, words: &str) {
    let quiet = gate.criteria.iter().filter(|one| one.list == List::Stop);
    let names: Vec<&CriterionAssessment> = quiet.filter(|one| brief::is_quiet(one)).collect();
    let line = format!("{words}: {}", decided::counted_names(&names));
    let is_short = INDENT + Cell::plain(&line).width() <= page.width();
    let mut words = words.to_owned();
    if !names.is_empty() && (page.whole() || is_short) {
        words = line;
    }
    let is_stopped = !page.whole() && gate.verdict == Verdict::Stop;
    if let Some(others) = brief::by_outcome(gate, List::Stop).filter(|_| is_stopped) {
        words.push_str(&format!("; {others}"));
    }
    page.line(INDENT, Cell::plain(&words));
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
    for line in below(page, gate, criterion) {
        page.line(INDENT + OUTCOME_WIDTH + GAP, Cell::plain(&line));
    }
    if let Some(kpi) = &criterion.kpi {
        write_series(page, criterion, kpi, columns);
    }
}

/// What goes below the line of a criterion. On a screen who answered is beside it; a stop on its way says so, whatever its outcome.
fn below(page: &Page, gate: &GateAssessment, criterion: &CriterionAssessment) -> Vec<String> {
    if page.whole() {
        return remarks(gate, criterion);
    }
    if criterion.is_shown_so_far() {
        return notes(gate, criterion).collect();
    }
    if let Some((_, approach)) = criterion.approach() {
        let is_open = !is_good(criterion.outcome);
        let reason = is_open.then(|| criterion.reason.clone());
        let told = std::iter::once(approach.to_string()).chain(reason);
        return told.chain(notes(gate, criterion)).collect();
    }
    let is_good = is_good(criterion.outcome);
    let needs_reason = needs_reason(criterion);
    match (is_good, needs_reason) {
        (true, true) => std::iter::once(criterion.reason.clone())
            .chain(notes(gate, criterion))
            .collect(),
        (true, false) => notes(gate, criterion).collect(),
        (false, _) => (unmeasured(gate, criterion).into_iter())
            .chain(said(gate, criterion))
            .collect(),
    }
}

/// Of a stage that has not begun: why nothing is measured, said once.
fn unmeasured(gate: &GateAssessment, criterion: &CriterionAssessment) -> Option<String> {
    let is_empty = |one: &CriterionAssessment| one.kpi.is_some() && measured(one).is_none();
    let earlier = gate.criteria.iter();
    let mut earlier = earlier.take_while(|one| !std::ptr::eq(*one, criterion));
    let is_told = earlier.any(|one| is_empty(one) && one.reason == criterion.reason);
    let says = is_empty(criterion) && decided::not_begun(gate).is_some() && !is_told;
    says.then(|| criterion.reason.clone())
}

/// What goes below a criterion, and where people see what it asks.
pub(super) fn remarks(gate: &GateAssessment, criterion: &CriterionAssessment) -> Vec<String> {
    let link = criterion.link.as_deref().map(outstanding::see);
    said(gate, criterion).into_iter().chain(link).collect()
}

/// Its reason unless it is given elsewhere, its notes, what it is based on.
fn said(gate: &GateAssessment, criterion: &CriterionAssessment) -> Vec<String> {
    // A window that runs has no list of what decided.
    let is_listed = decides(gate, criterion) && !decided::only_waits(gate);
    let is_told = is_listed || nobody_said_anything(criterion);
    let reason = (needs_reason(criterion) && !is_told).then(|| criterion.reason.clone());
    let approach = criterion.approach();
    let approach = approach.map(|(_, approach)| approach.to_string());
    let approach = approach.filter(|approach| !criterion.reason.contains(approach));
    reason
        .into_iter()
        .chain(approach)
        .chain(notes(gate, criterion))
        .chain(based_on(criterion))
        .collect()
}

fn notes<'a>(
    gate: &'a GateAssessment,
    criterion: &'a CriterionAssessment,
) -> impl Iterator<Item = String> + 'a {
    let notes = criterion.notes.iter();
    notes
        .filter(|note| !was_said(gate, criterion, note))
        // Its line says so.
        .filter(|note| !criterion.is_not_applicable() || **note != criterion.reason)
        .map(|note| format!("note: {note}"))
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
    if needs_reason(criterion) || criterion.is_not_applicable() {
        &criterion.reason
    } else {
        ""
    }
}

/// Bad and unknown outcomes are explained, and so are good ones whose worst point looks bad, or was compared with its
/// own partner in the baseline, and what is sure of a comparison with the noise counted. For a reduced value the columns say
/// everything.
fn needs_reason(criterion: &CriterionAssessment) -> bool {
    let more_than_columns = criterion.kpi.as_ref().is_some_and(|kpi| {
        let breached = kpi.series.iter().any(|series| !series.breaches.is_empty());
        let paired = kpi.series.iter().any(|series| series.partners.is_some());
        let is_sure = kpi.series.iter().any(|series| series.certainty.is_some());
        is_sure || (kpi.reducer.is_none() && (breached || paired))
    });
    !(is_good(criterion.outcome) || criterion.is_shown_so_far()) || more_than_columns
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
        if series.outcome == Outcome::Unknown
            && !series.is_met_so_far()
            && series.reason != criterion.reason
        {
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

/// The name of a KPI with its title, if it has one.
fn titled(criterion: &CriterionAssessment) -> Option<Cell> {
    let title = criterion.title.as_ref();
    let title = title.filter(|_| criterion.kpi.is_some())?;
    Some(Cell::plain(&format!("{} ({title})", criterion.name)))
}

/// Name, condition and what was measured; of what is not measured only the name: the rest of the line is for what is asked.
fn texts(page: &Page, criterion: &CriterionAssessment, words: Words) -> [Cell; 3] {
    let name = Cell::plain(&criterion.name);
    let nothing = page.sign("—", "-");
    if criterion.kpi.is_none() {
        return [name, Cell::plain(""), Cell::plain("")];
    }
    // What a baseline comes to matters where a limit is not kept, and where there is room.
    let is_fine = is_good(criterion.outcome) || criterion.is_met_so_far();
    let condition = if is_fine && words == Words::Short {
        written(criterion)
    } else {
        required(criterion)
    };
    [
        name,
        Cell::plain(&condition),
        Cell::plain(measured(criterion).as_deref().unwrap_or(nothing)),
    ]
}

/// What is asked that is not measured; on a screen with who answered.
fn asked(page: &Page, criterion: &CriterionAssessment) -> Option<Cell> {
    let said_by = based_on::said_by(criterion).filter(|_| !page.whole());
    let words: Vec<String> = [required(criterion)].into_iter().chain(said_by).collect();
    criterion
        .kpi
        .is_none()
        .then(|| Cell::plain(&words.join("; ")))
}

fn criterion_line(page: &Page, criterion: &CriterionAssessment, columns: &Columns) -> TableRow {
    let series = criterion.kpi.as_ref().and_then(focus);
    let [name, condition, measured] = texts(page, criterion, columns.words());
    let titled = titled(criterion).filter(|titled| columns.has_room_for(page, titled));
    TableRow {
        outcome: Cell::outcome_of(criterion, outcome_word(criterion)),
        texts: [titled.unwrap_or(name), condition, measured],
        asked: asked(page, criterion),
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
        outcome: Cell::outcome_of_series(series, series_word(series)),
        texts: [
            Cell::plain(&format!("{} {name}", page.sign("└", "-"))),
            Cell::plain(&condition),
            Cell::plain(series_value(kpi, series).as_deref().unwrap_or(nothing)),
        ],
        asked: None,
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
        series.bound_of_points(),
        worst(criterion),
        columns.trend(),
        page.unicode(),
    );
    Cell::plain(&drawn)
}
