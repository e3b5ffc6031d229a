//! One KPI: what was required and measured, why, its chart, its series as a table, its stretches, its query.
//! Must not judge again.

use maud::{Markup, html};

use super::chart::{self, Chart};
use super::{facts, outcome};
use crate::assessment::{
    CriterionAssessment, GateAssessment, KpiAssessment, PointCount, SeriesAssessment,
};
use crate::kind::List;
use crate::report::measured::{measured, required, series_value};
use crate::report::series::{is_good, rest_in_words, worst_first};

/// More series than this are counted, not listed; the evidence has them all.
const MAX_SERIES: usize = 100;
/// Stretches are listed for at most this many series, the worst first.
const MAX_LISTED: usize = 12;

/// The anchor of a card.
pub(super) fn id(gate: usize, criterion: usize) -> String {
    format!("gate-{}-criterion-{}", gate + 1, criterion + 1)
}

/// The whole card. `without` says why there is no chart, if there is none.
pub(super) fn card(
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    id: &str,
    chart: Option<&Chart>,
    without: &str,
) -> Markup {
    let Some(kpi) = &criterion.kpi else {
        return html! {};
    };
    let heading = format!("{id}-heading");
    html! {
        article.panel.card id=(id) aria-labelledby=(heading) {
            div.keep {
                (head(criterion, kpi, &heading))
                @match chart {
                    Some(chart) => (chart::figure(chart, id, &gate.name().to_string())),
                    None => p.remark { (without) },
                }
            }
            @if !kpi.series.is_empty() { (series(criterion, kpi, id)) }
            (stretches(criterion, kpi))
            (query(criterion, kpi))
        }
    }
}

/// What was required and measured, and why the outcome is what it is.
fn head(criterion: &CriterionAssessment, kpi: &KpiAssessment, id: &str) -> Markup {
    let [from, to] = [kpi.start, kpi.end].map(|at| at.to_string());
    html! {
        h3 id=(id) {
            (outcome(criterion.outcome)) " " (criterion.name)
            span.list { " " (list(criterion.list)) }
        }
        @if let Some(title) = &criterion.title { p.title { (title) } }
        dl.facts {
            div { dt { (verb(criterion.list)) } dd { (required(criterion)) } }
            div { dt { "Measured" } dd { (measured(criterion).as_deref().unwrap_or("—")) } }
            div { dt { "Judged on" } dd { (facts::time(&from)) " to " (facts::time(&to)) } }
        }
        p.reason { (criterion.reason) }
        @for note in &criterion.notes { p.note { "Note: " (note) } }
    }
}

fn list(list: List) -> &'static str {
    match list {
        List::Stop => "stop criterion",
        List::Watch => "watched, never decides",
        List::Entry | List::Exit | List::Recovery => "",
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
                caption id=(caption) { "Series of " (criterion.name) }
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
        @for series in order.iter().take(MAX_LISTED).filter(|one| !is_good(one.outcome) && one.reason != criterion.reason) {
            p.reason { (chart::name(criterion, series)) ": " (series.reason) }
        }
    }
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
            td { (outcome(series.outcome)) }
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
                table.figures {
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
                }
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
                div { dt { "Source" } dd { (kpi.source) } }
                div { dt { "Asked" } dd { (step) } }
                div { dt { "Unit" } dd { (kpi.unit.word()) } }
                div { dt { "Code" } dd { (criterion.code.word()) } }
            }
        }
    }
}
