//! One gate: its verdict, its window, what decided, all criteria as a table, then each KPI with its chart.
//! Must not count or judge again.

use maud::{Markup, html};

use super::chart::Chart;
use super::{badge, card, decisions, outcome, overridden, spark};
use crate::assessment::{CriterionAssessment, GateAssessment};
use crate::evaluate::Samples;
use crate::evidence::Evidence;
use crate::kind::{GateKind, List};
use crate::report::measured::{focus, measured, required};
use crate::report::series::is_good;
use crate::report::{gate, standing, table};
use crate::units::Instant;

/// A page with more charts than this becomes slow: those of good outcomes are left out first.
const MAX_CHARTS: usize = 60;

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
                    (gate::title(gate))
                }
                @if let Some(by) = gate.override_in_force() { p.note.flag { (standing::in_full(by)) } }
                p.counts { (gate::counts(gate)) }
                @if let Some(window) = &gate.window {
                    ul.window { @for line in gate::window(window, gate.kind) { li { (line) } } }
                }
                (decisions(gate))
                (criteria(gate, position))
            }
            @for (place, criterion) in gate.criteria.iter().enumerate() {
                @if criterion.kpi.is_some() {
                    (kpi(evidence, samples, (position, place), criterion))
                }
            }
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
            @for (place, criterion) in gate.criteria.iter().enumerate() {
                @if starts(criterion) { (list_heading(gate, criterion.list)) }
                (row(gate, criterion, position, place))
            }
        }
    }
}

fn list_heading(gate: &GateAssessment, list: List) -> Markup {
    html! {
        tbody.list role="rowgroup" { tr role="row" { th colspan="5" scope="colgroup" role="rowheader" { (table::list_in_words(gate, list)) } } }
    }
}

fn row(
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    position: usize,
    place: usize,
) -> Markup {
    html! {
        tbody role="rowgroup" {
            tr role="row" {
                td role="cell" { (outcome(criterion.outcome)) }
                th scope="row" role="rowheader" {
                    @if criterion.kpi.is_some() {
                        a href=(format!("#{}", card::id(position, place))) { (criterion.name) }
                    } @else { (criterion.name) }
                    @for line in table::remarks(gate, criterion) { p.reason { (line) } }
                }
                td.condition role="cell" { (required(criterion)) }
                td.measured role="cell" { (measured(criterion).as_deref().unwrap_or("—")) }
                td.trend role="cell" { @if let Some(series) = criterion.kpi.as_ref().and_then(focus) { (spark::spark(series)) } }
            }
        }
    }
}

/// The card of one KPI, with its chart if there is room for it.
fn kpi(
    evidence: &Evidence,
    samples: Option<&Samples>,
    (position, place): (usize, usize),
    criterion: &CriterionAssessment,
) -> Markup {
    let Some(gate) = evidence.gates.get(position) else {
        return html! {};
    };
    let drawn = is_drawn(evidence, position, place);
    let points = samples
        .filter(|_| drawn)
        .and_then(|samples| samples.of(position, gate.kpi_number(place)?));
    let settled = settled(
        gate,
        criterion,
        samples.and_then(|samples| samples.settled(position)),
    );
    let started = gate.window.as_ref().and_then(|window| window.started);
    let chart = drawn
        .then(|| Chart::of(criterion, points.as_ref(), settled, started))
        .flatten();
    let without = if drawn {
        why_no_chart(criterion)
    } else {
        "the chart is left out: the page has too many"
    };
    card::card(
        gate,
        criterion,
        &card::id(position, place),
        chart.as_ref(),
        without,
    )
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

/// Whether a criterion has a chart: bad and unknown outcomes first, then in order.
fn is_drawn(evidence: &Evidence, position: usize, place: usize) -> bool {
    let gates = evidence.gates.iter().enumerate();
    let kpis = gates.flat_map(|(gate, of)| {
        let criteria = of.criteria.iter().enumerate();
        criteria
            .filter(|(_, one)| one.kpi.is_some())
            .map(move |(place, one)| ((gate, place), one.outcome))
    });
    let (good, others): (Vec<_>, Vec<_>) = kpis.partition(|(_, outcome)| is_good(*outcome));
    let mut drawn = others.iter().chain(&good).take(MAX_CHARTS);
    drawn.any(|(at, _)| *at == (position, place))
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
