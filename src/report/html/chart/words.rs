//! What a chart shows, in words: for those who cannot see it. Repeats the assessment; computes nothing.

use super::{Chart, DrawnFrom, name};
use crate::assessment::{CriterionAssessment, KpiAssessment, SeriesAssessment};
use crate::kind::List;
use crate::report::decided;
use crate::report::measured::{resolved_bound, series_value};
use crate::units::Unit;

/// At most this many stretches are named in a sentence.
const MAX_NAMED: usize = 3;

/// `order_to_ship_p95, pilot/exit: 2 series from … to …`.
pub(super) fn title(chart: &Chart, gate: &str) -> String {
    let count = match chart.kpi.series.len() {
        1 => "1 series".to_owned(),
        count => format!("{count} series"),
    };
    format!(
        "{}, {gate}: {count} from {} to {}",
        called(chart.criterion),
        chart.kpi.start,
        chart.kpi.end
    )
}

/// `API P95 (api_p95)`.
pub(in crate::report::html) fn called(criterion: &CriterionAssessment) -> String {
    match &criterion.title {
        Some(title) => format!("{title} ({})", criterion.name),
        None => criterion.name.clone(),
    }
}

/// What the chart shows, line by line.
pub(super) fn description(chart: &Chart) -> String {
    let mut sentences: Vec<String> = chart
        .lines
        .iter()
        .map(|line| summary(chart.criterion, chart.kpi, line.series))
        .collect();
    if chart.left_out > 0 {
        sentences.push(format!("{} more series are not drawn.", chart.left_out));
    }
    if chart.drawn_from == DrawnFrom::Trend {
        sentences.push("Drawn from the recorded trend.".to_owned());
    }
    sentences.join(" ")
}

/// A series in one sentence.
pub(super) fn summary(
    criterion: &CriterionAssessment,
    kpi: &KpiAssessment,
    series: &SeriesAssessment,
) -> String {
    let unit = kpi.unit;
    let points = series.points;
    let mut parts = vec![format!(
        "{} of {} points measured",
        points.measured, points.expected
    )];
    if points.quiet > 0 {
        parts.push(format!("{} quiet", points.quiet));
    }
    if let Some(of) = series.summary {
        parts.push(format!(
            "from {} to {}, mean {}, last {}",
            unit.show(of.min),
            unit.show(of.max),
            unit.show(of.mean),
            unit.show(of.last)
        ));
    }
    if let Some(value) = series_value(kpi, series) {
        parts.push(format!("compared {value}"));
    }
    if let Some(bound) = bound(unit, series) {
        let there = if series.partners.is_some() {
            " there"
        } else {
            ""
        };
        parts.push(format!("limit{there} {bound}"));
    }
    parts.push(stretches(
        "beyond the limit",
        series
            .breaches
            .iter()
            .map(|breach| (breach.start.to_string(), breach.end.to_string())),
    ));
    parts.push(stretches(
        "not measured",
        series
            .gaps
            .iter()
            .map(|gap| (gap.start.to_string(), gap.end.to_string())),
    ));
    format!(
        "{} {}: {}.",
        name(criterion, series),
        decided::series_word(series),
        parts.join("; ")
    )
}

/// `limit 200ms`, `limit mean 200ms`, `stops at 200ms`.
pub(super) fn limit(criterion: &CriterionAssessment, bound: &str) -> String {
    let reducer = criterion.kpi.as_ref().and_then(|kpi| kpi.reducer);
    let of = reducer.map_or_else(String::new, |reducer| format!("{} ", reducer.word()));
    match criterion.list {
        List::Stop => format!("stops at {of}{bound}"),
        List::Watch => format!("watched limit {of}{bound}"),
        List::Entry | List::Exit | List::Recovery => format!("limit {of}{bound}"),
    }
}

/// How a limit is drawn: that of a stop differently.
pub(super) fn limit_class(list: List) -> &'static str {
    match list {
        List::Stop => "halt",
        List::Entry | List::Exit | List::Recovery | List::Watch => "limit",
    }
}

/// The bound, with enough digits not to contradict the outcome.
pub(in crate::report::html) fn bound(unit: Unit, series: &SeriesAssessment) -> Option<String> {
    let bound = series.bound?;
    Some(match (resolved_bound(unit, series), series.value) {
        (Some(resolved), _) => resolved,
        (None, Some(value)) => unit.show_beside(value, bound).1,
        (None, None) => unit.show(bound),
    })
}

/// `beyond the limit from … to … and 2 more times`, or `never beyond the limit`.
fn stretches(what: &str, all: impl Iterator<Item = (String, String)>) -> String {
    let all: Vec<(String, String)> = all.collect();
    let named = all.iter().take(MAX_NAMED).map(|(start, end)| {
        if start == end {
            format!("at {start}")
        } else {
            format!("from {start} to {end}")
        }
    });
    let named: Vec<String> = named.collect();
    match (named.is_empty(), all.len().saturating_sub(MAX_NAMED)) {
        (true, _) => format!("never {what}"),
        (false, 0) => format!("{what} {}", named.join(", ")),
        (false, more) => format!("{what} {} and {more} more times", named.join(", ")),
    }
}
