//! One KPI: what was required and measured, why, its chart, its series as a table, its stretches, its query.
//! Must not judge again.

use maud::{Markup, html};

use super::chart::{self, Chart};
use super::{facts, interval, links, outcome_of, outcome_of_series};
use crate::assessment::{
    Certainty, CriterionAssessment, GateAssessment, KpiAssessment, PointCount, SeriesAssessment,
};
use crate::kind::List;
use crate::plan::Kpi;
use crate::report::measured::{focus, measured, required, series_value};
use crate::report::series::{is_good, rest_in_words, worst_first};
use crate::units::Unit;

/// More series than this are counted, not listed; the evidence has them all.
const MAX_SERIES: usize = 100;
/// Stretches are listed for at most this many series, the worst first.
const MAX_LISTED: usize = 12;

/// The anchor of a card.
pub(super) fn id(gate: usize, criterion: usize) -> String {
    format!("gate-{}-criterion-{}", gate + 1, criterion + 1)
}

/// What a card shows.
pub(super) struct Card<'a> {
    pub(super) gate: &'a GateAssessment,
    /// The criterion that is drawn.
    pub(super) criterion: &'a CriterionAssessment,
    /// The gate's others on the same KPI.
    pub(super) others: &'a [&'a CriterionAssessment],
    /// Unique on the page.
    pub(super) id: &'a str,
    /// What the plan says about the KPI; `None` if the plan is not there.
    pub(super) asked: Option<&'a Kpi>,
    pub(super) chart: Option<&'a Chart<'a>>,
    /// Why there is no chart, if there is none.
    pub(super) without: &'a str,
}

/// The whole card.
pub(super) fn card(card: &Card<'_>) -> Markup {
    let Some(kpi) = &card.criterion.kpi else {
        return html! {};
    };
    let heading = format!("{}-heading", card.id);
    let all = std::iter::once(card.criterion).chain(card.others.iter().copied());
    html! {
        article.panel.card id=(card.id) aria-labelledby=(heading) {
            div.keep {
                (head(card, kpi, &heading))
                @match card.chart {
                    Some(chart) => (chart::figure(chart, card.id, &card.gate.name().to_string())),
                    None => p.remark { (card.without) },
                }
            }
            (query(card.criterion, kpi))
            @for (place, one) in all.enumerate() {
                @if let Some(kpi) = one.kpi.as_ref().filter(|kpi| shows_series(place, kpi)) {
                    (series(one, kpi, &format!("{}-{place}", card.id)))
                    (stretches(one, kpi))
                }
            }
        }
    }
}

/// Of the others only what the criterion that is drawn does not show: several series.
fn shows_series(place: usize, kpi: &KpiAssessment) -> bool {
    !kpi.series.is_empty() && (place == 0 || kpi.series.len() > 1)
}

/// What the KPI is, where to look, and what each criterion required, measured and says.
fn head(card: &Card<'_>, kpi: &KpiAssessment, id: &str) -> Markup {
    let criterion = card.criterion;
    html! {
        h3 id=(id) {
            (outcome_of(criterion)) " " (criterion.title.as_ref().unwrap_or(&criterion.name))
            @if criterion.title.is_some() { " " code.id { (criterion.name) } }
        }
        @if let Some(asked) = card.asked { (links::links(asked, kpi)) }
        @for one in std::iter::once(&criterion).chain(card.others) { (asked(one)) }
    }
}

/// What one criterion required and measured, and why its outcome is what it is.
fn asked(criterion: &CriterionAssessment) -> Markup {
    let span = criterion.kpi.as_ref();
    let span = span.map(|kpi| [kpi.start, kpi.end].map(|at| at.to_string()));
    html! {
        div.asked {
            dl.facts {
                div { dt { (list(criterion.list)) } dd { (outcome_of(criterion)) } }
                div { dt { (verb(criterion.list)) } dd { (required(criterion)) } }
                div { dt { "Measured" } dd { (measured(criterion).as_deref().unwrap_or("—")) } }
                @if let Some([from, to]) = span {
                    div { dt { "Judged on" } dd { (facts::time(&from)) " to " (facts::time(&to)) } }
                }
            }
            p.reason { (facts::with_code(&criterion.reason)) }
            @if let Some((unit, certainty)) = certainty(criterion) { (interval::bar(unit, certainty)) }
            @for note in &criterion.notes { p.note { "Note: " (facts::with_code(note)) } }
        }
    }
}

/// What the noise leaves of the difference of the series that decided.
fn certainty(criterion: &CriterionAssessment) -> Option<(Unit, &Certainty)> {
    let kpi = criterion.kpi.as_ref()?;
    Some((kpi.unit, focus(kpi)?.certainty.as_ref()?))
}

fn list(list: List) -> &'static str {
    match list {
        List::Stop => "Stop criterion",
        List::Watch => "Watched, never decides",
        List::Entry => "Entry criterion",
        List::Exit => "Exit criterion",
        List::Recovery => "Recovery criterion",
    }
}

fn verb(list: List) -> &'static str {
    match list {
        List::Stop => "Trips at",
        List::Entry | List::Exit | List::Recovery | List::Watch => "Required",
    }
}

/// Every series with its figures, the worst first.
fn series(criterion: &CriterionAssessment, kpi: &KpiAssessment, id: &str) -> Markup {
    let order = worst_first(kpi);
    let baselines = order.iter().any(|series| series.baseline.is_some());
    let caption = format!("{id}-series");
    html! {
        div.scroll tabindex="0" role="group" aria-labelledby=(caption) {
            table.figures {
                caption id=(caption) { "Series of " (chart::called(criterion)) ", " (criterion.list.word()) }
                thead {
                    tr {
                        th scope="col" { "Series" } th scope="col" { "Outcome" }
                        @for heading in ["Compared", "Limit"] { th.number scope="col" { (heading) } }
                        @if baselines { th.number scope="col" { "Baseline" } }
                        @for heading in ["Points", "Min", "Mean", "Max", "Last"] { th.number scope="col" { (heading) } }
                    }
                }
                tbody { @for series in order.iter().take(MAX_SERIES) { (series_row(criterion, kpi, series, baselines)) } }
            }
        }
        @if let Some(rest) = order.get(MAX_SERIES..).filter(|rest| !rest.is_empty()) {
            p.remark { (rest_in_words(rest)) }
        }
        @for series in order.iter().take(MAX_LISTED).filter(|one| says_why(one) && one.reason != criterion.reason) {
            p.reason { (chart::name(criterion, series)) ": " (series.reason) }
        }
    }
}

/// Whether its outcome needs a reason.
fn says_why(series: &SeriesAssessment) -> bool {
    !is_good(series.outcome) && !series.is_met_so_far()
}

fn series_row(
    criterion: &CriterionAssessment,
    kpi: &KpiAssessment,
    series: &SeriesAssessment,
    baselines: bool,
) -> Markup {
    let unit = kpi.unit;
    let shown = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| unit.show(value));
    let of = series.summary;
    let figures = [
        of.map(|of| of.min),
        of.map(|of| of.mean),
        of.map(|of| of.max),
        of.map(|of| of.last),
    ];
    html! {
        tr {
            th scope="row" { (chart::name(criterion, series)) }
            td { (outcome_of_series(series)) }
            td.number { (series_value(kpi, series).as_deref().unwrap_or("—")) }
            td.number { (chart::bound(unit, series).as_deref().unwrap_or("—")) }
            @if baselines { td.number { (shown(series.baseline)) } }
            td.number { (points(series.points)) }
            @for figure in figures { td.number { (shown(figure)) } }
        }
    }
}

/// `2057/2881, 824 quiet`.
fn points(points: PointCount) -> String {
    let quiet = match points.quiet {
        0 => String::new(),
        quiet => format!(", {quiet} quiet"),
    };
    format!("{}/{}{quiet}", points.measured, points.expected)
}

/// When the limit was broken and when nothing was measured.
fn stretches(criterion: &CriterionAssessment, kpi: &KpiAssessment) -> Markup {
    let listed: Vec<&SeriesAssessment> = worst_first(kpi)
        .into_iter()
        .filter(|series| !series.breaches.is_empty() || !series.gaps.is_empty())
        .take(MAX_LISTED)
        .collect();
    html! {
        @if !listed.is_empty() {
            details open {
                summary { "Beyond the limit, not measured" }
                div.scroll tabindex="0" role="group" aria-label="Stretches beyond the limit and without measured points" { table.figures {
                    caption.unseen { "Stretches beyond the limit and without measured points, at most 20 of each per series" }
                    thead { tr {
                        th scope="col" { "Series" } th scope="col" { "What" }
                        th scope="col" { "From" } th scope="col" { "To" } th.number scope="col" { "Worst" }
                    } }
                    tbody {
                        @for series in listed {
                            @for breach in &series.breaches {
                                (stretch(&chart::name(criterion, series), "beyond the limit", [breach.start.to_string(), breach.end.to_string()], &kpi.unit.show(breach.worst)))
                            }
                            @for gap in &series.gaps {
                                (stretch(&chart::name(criterion, series), "not measured", [gap.start.to_string(), gap.end.to_string()], "—"))
                            }
                        }
                    }
                } }
            }
        }
    }
}

fn stretch(name: &str, what: &str, [from, to]: [String; 2], worst: &str) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            td { (what) } td { (facts::time(&from)) } td { (facts::time(&to)) } td.number { (worst) }
        }
    }
}

/// What a ratio was counted from, series by series.
fn events(kpi: &KpiAssessment) -> impl Iterator<Item = String> + '_ {
    let counted = kpi
        .series
        .iter()
        .filter_map(|series| Some((series, series.events?)));
    counted.map(|(series, events)| match &series.per {
        Some(per) => format!("{per}: {events}"),
        None => events.to_string(),
    })
}

fn query(criterion: &CriterionAssessment, kpi: &KpiAssessment) -> Markup {
    let step = kpi.step.map_or_else(
        || "once, at the end".to_owned(),
        |step| format!("every {step}"),
    );
    html! {
        details open {
            summary { "Query" }
            pre tabindex="0" { code { (kpi.query) } }
            dl.facts {
                @for events in events(kpi) { div { dt { "Events" } dd { (events) } } }
                div { dt { "Source" } dd { (kpi.source) } }
                div { dt { "Asked" } dd { (step) } }
                div { dt { "Unit" } dd { (kpi.unit.word()) } }
                div { dt { "Code" } dd { (criterion.code.word()) } }
            }
        }
    }
}
