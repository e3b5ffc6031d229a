//! The key of a chart, and for each line the values that hovering and the keyboard show. Values are written as everywhere
//! else and never computed again.

use maud::{Markup, html};

use super::scale::TimeScale;
use super::words::limit_class;
use super::{Chart, DrawnFrom, DrawnSeries, Extent, Missing, marks, name};
use crate::kind::List;
use crate::report::series::is_good;
use crate::units::Unit;

/// What the lines and shades mean.
pub(super) fn legend(chart: &Chart, time: &TimeScale) -> Markup {
    let any = |holds: &dyn Fn(&DrawnSeries) -> bool| chart.lines.iter().any(holds);
    let beyond = any(&|line| line.extents.iter().flatten().any(|extent| extent.beyond));
    let missing = any(&|line| {
        line.missing
            .iter()
            .any(|missing| *missing != Missing::Nothing)
    });
    html! {
        ul.legend {
            @for (index, line) in chart.lines.iter().enumerate() {
                li.series data-name=(name(chart.criterion, line.series)) data-values=(values(line, chart.kpi.unit)) {
                    (swatch(index))
                    @if chart.lines.len() > 1 { b { (index + 1) } " " }
                    (name(chart.criterion, line.series))
                    @if index == 0 && chart.lines.len() > 1 { (remark(chart, line)) }
                }
            }
            @if chart.lines.iter().any(|line| line.series.common_bound().is_some()) {
                @let class = limit_class(chart.criterion.list);
                li { (key(class)) (limit_name(chart.criterion.list)) }
            }
            @for other in chart.other_limits() {
                li { (key(limit_class(other.criterion.list))) (limit_name(other.criterion.list)) " " (chart.kpi.unit.show(other.bound)) }
            }
            @for mark in marks::in_words(&chart.marks, time) { li { (key("event")) (mark) } }
            @if chart.lines.iter().any(|line| line.series.baseline.is_some()) {
                @let sure = chart.lines.iter().any(|line| line.series.certainty.is_some());
                li { (key("base")) @if sure { "control" } @else { "baseline" } }
            }
            @if let Some(certainty) = chart.lines.first().and_then(|line| line.series.certainty.as_ref()) {
                li.remark { "ticks: the " (certainty.blocks.len()) " blocks of time that are compared" }
            }
            @if beyond { li { (key("beyond")) "beyond the limit" } }
            @if missing { li { (key("gap")) "not measured (half height: partly)" } }
            @if chart.times.columns < chart.times.points {
                li.remark { "lines: means of about " (chart.times.points / chart.times.columns.max(1)) " points, shaded from the lowest to the highest" }
            }
            @if chart.left_out > 0 {
                li.remark { (chart.left_out) " more series in the table below" }
            }
            @if chart.drawn_from == DrawnFrom::Trend {
                li.remark { "drawn from the recorded trend: the worst value of each of " (chart.times.columns) " parts" }
            }
        }
    }
}

fn limit_name(list: List) -> &'static str {
    match list {
        List::Stop => "stop",
        List::Watch => "watched limit",
        List::Entry | List::Exit | List::Recovery => "limit",
    }
}

/// What is special about the first of several lines: its breaches and gaps are shaded over the whole height.
fn remark(chart: &Chart, line: &DrawnSeries) -> &'static str {
    let beyond = line.extents.iter().flatten().any(|extent| extent.beyond);
    let shaded = beyond || line.missing.contains(&Missing::All);
    match (chart.decided() && !is_good(line.series.outcome), shaded) {
        (true, true) => " (decided, shaded)",
        (true, false) => " (decided)",
        (false, true) => " (shaded)",
        (false, false) => "",
    }
}

/// A piece of a line as it is drawn.
fn swatch(index: usize) -> Markup {
    html! {
        svg.swatch width="28" height="10" aria-hidden="true" focusable="false" {
            path class=(format!("line s{}", index + 1)) d="M1 5H27" {}
        }
    }
}

fn key(class: &str) -> Markup {
    html! {
        svg.swatch width="28" height="10" aria-hidden="true" focusable="false" {
            @if ["limit", "halt", "base", "event"].contains(&class) {
                path class=(class) d="M1 5H27" {}
            } @else {
                rect class=(format!("lane {class}")) x="4" y="1" width="20" height="8" {}
            }
        }
    }
}

/// The values of the columns, one word each: `0.42%`, `0.4%–9.3%!` if some are beyond the limit, `·` if nothing was
/// measured, nothing if unchanged.
fn values(line: &DrawnSeries, unit: Unit) -> String {
    let mut before = String::new();
    let mut words = Vec::with_capacity(line.extents.len());
    for extent in &line.extents {
        let word = extent.map_or_else(|| "·".to_owned(), |extent| value(&extent, line, unit));
        if word == before {
            words.push(String::new());
        } else {
            words.push(word.clone());
            before = word;
        }
    }
    words.join(" ")
}

fn value(extent: &Extent, line: &DrawnSeries, unit: Unit) -> String {
    let show = |value: f64| match line.series.bound {
        Some(bound) => unit.show_beside(value, bound).0,
        None => unit.show(value),
    };
    let (low, high) = (show(extent.low), show(extent.high));
    let mark = if extent.beyond { "!" } else { "" };
    if low == high {
        format!("{low}{mark}")
    } else {
        format!("{low}–{high}{mark}")
    }
}
