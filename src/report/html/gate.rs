//! One gate: its verdict, its window, what decided, all criteria as a table, then each KPI with its chart.
//! Must not count or judge again.

use maud::{Markup, html};

use super::card::Card;
use super::chart::{self, Around, Chart, Mark};
use super::{badge, card, decisions, facts, outcome_of, outcome_of_series, overridden, spark};
use crate::assessment::{
    CriterionAssessment, GateAssessment, KpiAssessment, Outcome, SeriesAssessment,
};
use crate::evaluate::Samples;
use crate::evidence::Evidence;
use crate::kind::{GateKind, List};
use crate::ledger::EventKind;
use crate::report::measured::{focus, measured, required, series_value};
use crate::report::series::{rest_in_words, worst_first};
use crate::report::{based_on, gate, standing, table};
use crate::units::Instant;

/// A page with more charts than this becomes slow: those of good outcomes are left out first.
const MAX_CHARTS: usize = 60;
/// More series than this are counted in the table of criteria; their card lists them.
const MAX_ROWS: usize = 12;

/// The anchor of a gate.
pub(super) fn id(gate: usize) -> String {
    format!("gate-{}", gate + 1)
}

/// The whole gate, by its position in the record.
pub(super) fn section(evidence: &Evidence, samples: Option<&Samples>, position: usize) -> Markup {
    let Some(gate) = evidence.gates.get(position) else {
        return html! {};
    };
    let heading = format!("{}-heading", id(position));
    html! {
        section.gate id=(id(position)) aria-labelledby=(heading) {
            div.panel {
                h2 id=(heading) {
                    (badge(gate.verdict)) " "
                    @if gate.override_in_force().is_some() { (overridden()) " " }
                    span { (gate::title(gate)) }
                }
                @if let Some(by) = gate.override_in_force() { p.note.flag { (standing::in_full(by)) } }
                p.counts { (gate::counts(gate)) }
                @if let Some(window) = &gate.window {
                    ul.window { @for line in gate::window(window, gate.kind) { li { (line) } } }
                }
                (decisions(gate))
                (criteria(gate, position))
            }
            @for group in groups(gate) { (kpi(evidence, samples, position, &group)) }
        }
    }
}

/// All criteria, each list under its heading. On a phone the rows are laid out as blocks, which may hide that this is a table:
/// so its roles are explicit.
fn criteria(gate: &GateAssessment, position: usize) -> Markup {
    let mut list = None;
    let mut starts = |criterion: &CriterionAssessment| {
        let new = list != Some(criterion.list);
        list = Some(criterion.list);
        new
    };
    html! {
        table.stacked.criteria role="table" {
            caption.unseen { "Criteria of " (gate.name()) }
            thead role="rowgroup" {
                tr role="row" {
                    th scope="col" role="columnheader" { "Outcome" }
                    th scope="col" role="columnheader" { "Criterion" }
                    th scope="col" role="columnheader" { "Condition" }
                    th scope="col" role="columnheader" { "Measured" }
                    th.trend scope="col" role="columnheader" { "Trend" }
                }
            }
            @for criterion in &gate.criteria {
                @if starts(criterion) { (list_heading(gate, criterion.list)) }
                (row(gate, criterion, position))
            }
        }
    }
}

fn list_heading(gate: &GateAssessment, list: List) -> Markup {
    html! {
        tbody.list role="rowgroup" { tr role="row" { th colspan="5" scope="colgroup" role="rowheader" { (table::list_in_words(gate, list)) } } }
    }
}

fn row(gate: &GateAssessment, criterion: &CriterionAssessment, position: usize) -> Markup {
    let remarks = table::remarks(gate, criterion);
    html! {
        tbody role="rowgroup" {
            tr role="row" {
                td role="cell" { (outcome_of(criterion)) }
                th scope="row" role="rowheader" {
                    @match group(gate, &criterion.name).filter(|_| criterion.kpi.is_some()) {
                        Some(of) => a href=(format!("#{}", card::id(position, of.place))) { code.id { (criterion.name) } },
                        None => span.id { (criterion.name) },
                    }
                    @if let Some(title) = criterion.title.as_ref().filter(|_| criterion.kpi.is_some()) { " " span.title { (title) } }
                }
                td.condition role="cell" { (required(criterion)) }
                td.measured role="cell" { (measured(criterion).as_deref().unwrap_or("—")) }
                td.trend role="cell" { @if let Some(series) = criterion.kpi.as_ref().and_then(focus) { (spark::spark(series)) } }
            }
            @if !remarks.is_empty() {
                tr.per.remarks role="row" {
                    td role="cell" {}
                    td role="cell" colspan="4" { @for line in &remarks { p.reason { (facts::with_links(line, &based_on::addresses(criterion))) } } }
                }
            }
            @if let Some(kpi) = criterion.kpi.as_ref().filter(|kpi| kpi.series.len() > 1) {
                @for series in worst_first(kpi).into_iter().take(MAX_ROWS) { (series_row(criterion, kpi, series)) }
                @if let Some(rest) = worst_first(kpi).get(MAX_ROWS..).filter(|rest| !rest.is_empty()) {
                    tr.per role="row" { td role="cell" {} td.per-name role="cell" colspan="4" { (rest_in_words(rest)) } }
                }
            }
        }
    }
}

/// One of several series of a criterion: a site, a carrier.
fn series_row(
    criterion: &CriterionAssessment,
    kpi: &KpiAssessment,
    series: &SeriesAssessment,
) -> Markup {
    html! {
        tr.per role="row" {
            td role="cell" { (outcome_of_series(series)) }
            td.per-name role="cell" { (chart::name(criterion, series)) }
            td.per-limit role="cell" { (chart::bound(kpi.unit, series).as_deref().unwrap_or("—")) }
            td.measured role="cell" { (series_value(kpi, series).as_deref().unwrap_or("—")) }
            td.trend role="cell" { (spark::spark(series)) }
        }
    }
}

/// The criteria of a gate on one KPI.
struct Group<'a> {
    /// The position of the first, which names the card.
    place: usize,
    /// The one that is drawn: what decided, otherwise the one with the longest span.
    main: (usize, &'a CriterionAssessment),
    /// The others, in plan order.
    others: Vec<&'a CriterionAssessment>,
}

/// What counts against a verdict or is about to first, then what is open, what is good, and what is only watched.
fn rank(criterion: &CriterionAssessment) -> u8 {
    match (criterion.list, criterion.outcome) {
        (List::Watch, _) => 3,
        (_, Outcome::Tripped | Outcome::Unmet) => 0,
        (_, Outcome::Unknown | Outcome::Clear) if criterion.approach().is_some() => 0,
        (_, Outcome::Unknown) => 1,
        (_, Outcome::Met | Outcome::Clear) => 2,
    }
}

/// One for each KPI, what decided first.
fn groups(gate: &GateAssessment) -> Vec<Group<'_>> {
    let mut names: Vec<&str> = Vec::new();
    for criterion in gate.criteria.iter().filter(|one| one.kpi.is_some()) {
        if !names.contains(&criterion.name.as_str()) {
            names.push(&criterion.name);
        }
    }
    let mut groups: Vec<Group<'_>> = names
        .into_iter()
        .filter_map(|name| group(gate, name))
        .collect();
    groups.sort_by_key(|group| rank(group.main.1));
    groups
}

fn group<'a>(gate: &'a GateAssessment, name: &str) -> Option<Group<'a>> {
    let criteria = gate.criteria.iter().enumerate();
    let of = criteria.filter(|(_, one)| one.kpi.is_some() && one.name == name);
    let first = |(_, one): &(usize, &CriterionAssessment)| {
        (rank(one), one.kpi.as_ref().map(|kpi| kpi.start))
    };
    let main = of.clone().min_by_key(first)?;
    let others = of.clone().filter(|(place, _)| *place != main.0);
    Some(Group {
        place: of.clone().next()?.0,
        others: others.map(|(_, one)| one).collect(),
        main,
    })
}

/// The card of one KPI, with its chart if there is room for it.
fn kpi(
    evidence: &Evidence,
    samples: Option<&Samples>,
    position: usize,
    group: &Group<'_>,
) -> Markup {
    let Some(gate) = evidence.gates.get(position) else {
        return html! {};
    };
    let (place, criterion) = group.main;
    let drawn = is_drawn(evidence, position, group.place);
    let number = gate.kpi_number(place);
    let points = samples
        .filter(|_| drawn)
        .and_then(|samples| samples.of(position, number?));
    let around = around(gate, criterion, position, samples);
    let others = group.others.clone();
    let chart = drawn
        .then(|| Chart::of(criterion, others, points.as_ref(), around))
        .flatten();
    let without = if drawn {
        why_no_chart(criterion)
    } else {
        "the chart is left out: the page has too many"
    };
    card::card(&Card {
        gate,
        criterion,
        others: &group.others,
        id: &card::id(position, group.place),
        asked: samples.and_then(|samples| samples.kpi(position, number?)),
        chart: chart.as_ref(),
        without,
    })
}

/// What is known of the stage around the judged span.
fn around(
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    position: usize,
    samples: Option<&Samples>,
) -> Around {
    let window = gate.window.as_ref();
    let started = window.and_then(|window| window.started);
    let known = samples.and_then(|samples| samples.settled(position));
    let turns = samples
        .map(|samples| samples.turns(position))
        .unwrap_or_default();
    let mut marks: Vec<Mark> = turns.into_iter().filter_map(mark).collect();
    if marks.is_empty() {
        marks.extend(started.map(|at| Mark {
            at,
            what: "started",
        }));
    }
    Around {
        settled: settled(gate, criterion, known),
        started,
        until: window
            .filter(|window| !window.complete)
            .and_then(|window| window.completes_at),
        marks,
    }
}

fn mark((kind, at): (EventKind, Instant)) -> Option<Mark> {
    let what = match kind {
        EventKind::Started => "started",
        EventKind::Paused => "paused",
        EventKind::Resumed => "resumed",
        EventKind::RolledBack => "rolled back",
        EventKind::Reopened => "reopened",
        EventKind::Superseded => "another version",
        EventKind::Checked
        | EventKind::Confirmed
        | EventKind::Approved
        | EventKind::IncidentOpened
        | EventKind::IncidentUpdated
        | EventKind::IncidentClosed
        | EventKind::RollbackUpdated
        | EventKind::Overridden
        | EventKind::Noted
        | EventKind::Repaired
        | EventKind::LedgerBegun
        | EventKind::Imported
        | EventKind::WatchStarted
        | EventKind::WatchEnded => return None,
    };
    Some(Mark { at, what })
}

/// Why there is nothing to draw.
fn why_no_chart(criterion: &CriterionAssessment) -> &'static str {
    let instant = criterion.kpi.as_ref().is_some_and(|kpi| kpi.step.is_none());
    if instant {
        "asked once, at the end of the window: one value, so there is no chart"
    } else {
        "no samples to draw"
    }
}

/// Whether a KPI has a chart: what decided first, then in order.
fn is_drawn(evidence: &Evidence, position: usize, place: usize) -> bool {
    let gates = evidence.gates.iter().enumerate();
    let mut all: Vec<_> = gates
        .flat_map(|(gate, of)| {
            groups(of)
                .into_iter()
                .map(move |group| (rank(group.main.1), (gate, group.place)))
        })
        .collect();
    all.sort_by_key(|(rank, _)| *rank);
    let mut drawn = all.iter().take(MAX_CHARTS);
    drawn.any(|(_, at)| *at == (position, place))
}

/// When the judged part of the stage begins. Without the plan, stops and a window that is still running show it.
fn settled(
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    known: Option<Instant>,
) -> Option<Instant> {
    if gate.kind != GateKind::Exit {
        return None;
    }
    let window = gate.window.as_ref()?;
    window.started?;
    let stop = (criterion.list == List::Stop)
        .then(|| criterion.kpi.as_ref().map(|kpi| kpi.start))
        .flatten();
    let running = (!window.complete).then_some(window.start);
    known.or(stop).or(running)
}
