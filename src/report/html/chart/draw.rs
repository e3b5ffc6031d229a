//! The figure: an SVG that stretches with the page while its text keeps its size. Draws what `Chart` holds and nothing
//! else; the template escapes the text.

use maud::{Markup, html};

use super::scale::{TimeScale, ValueScale, WIDTH};
use super::{Chart, DrawnFrom, DrawnSeries, Extent, Missing, legend, marks, words};
use crate::report::measured::worst;
use crate::report::trend::Worst;
use crate::units::Instant;

/// Height of the plot in pixels, and of the space above it.
const PLOT: f64 = 168.0;
const TOP: f64 = 20.0;
/// Height of the lane of a line below the plot, and of the space to the next.
const LANE: f64 = 7.0;
const LANE_GAP: f64 = 4.0;
/// Width of the names of values at the left, and of lines at the right.
const SCALE: f64 = 62.0;
const NAMES: f64 = 18.0;
/// Space for the times.
const AXIS: f64 = 20.0;
/// Nothing that matters is drawn narrower than this, of [`WIDTH`].
const NARROWEST: f64 = 2.5;
/// Labels closer than this would cover each other.
const CLOSE: f64 = 14.0;

/// The chart with its key and the control that reads values off it. `id` is unique on the page.
pub(in crate::report::html) fn figure(chart: &Chart, id: &str, gate: &str) -> Markup {
    let (time, value) = (
        TimeScale::of(&chart.times),
        ValueScale::of(chart, TOP, PLOT),
    );
    let times = &chart.times;
    let part = chart.drawn_from == DrawnFrom::Trend;
    html! {
        figure.chart
            data-first=(times.first.millis()) data-step=(times.step.millis()) data-points=(times.points)
            data-columns=(times.columns) data-left=(time.left.millis()) data-right=(time.right.millis())
            data-part[part]
        {
            (drawing(chart, id, gate, &time, &value))
            input.scrub type="range" min="0" max=(times.columns.saturating_sub(1)) value="0" hidden
                aria-label=(format!("time on the chart of {}", words::called(chart.criterion)));
            output.readout hidden {}
            figcaption { (legend::legend(chart, &time)) }
        }
    }
}

/// The drawing between the names of its values and of its lines. The three are side by side, so that text keeps its size
/// while the drawing stretches.
fn drawing(chart: &Chart, id: &str, gate: &str, time: &TimeScale, value: &ValueScale) -> Markup {
    let lanes = value.bottom() + LANE_GAP;
    let height = lanes + lane_top(chart.lines.len()) + AXIS;
    html! {
        div.frame {
            svg.scale width=(SCALE) height=(height) aria-hidden="true" focusable="false" {
                @for tick in value.ticks(chart.kpi.unit) {
                    text.tick x=(SCALE - 6.0) y=(short(value.y(tick) + 4.0)) { (chart.kpi.unit.show(tick)) }
                }
                text.tick x=(SCALE - 6.0) y=(short(height - 4.0)) { "UTC" }
            }
            svg.plot width="100%" height=(height) role="img" focusable="false" aria-labelledby=(format!("{id}-title {id}-text")) {
                title id=(format!("{id}-title")) { (words::title(chart, gate)) }
                desc id=(format!("{id}-text")) { (words::description(chart)) }
                svg width="100%" height=(height) viewBox=(format!("0 0 {WIDTH} {height}")) preserveAspectRatio="none" {
                    (backdrop(chart, time, value))
                    (limits(chart, value))
                    @if let Some(baseline) = &chart.baseline {
                        path.base.samples d=(path(baseline, chart, time, value)) {}
                    }
                    @for (index, line) in chart.lines.iter().enumerate().rev() {
                        @if let Some(spread) = spread(line, chart, time, value) {
                            path class=(format!("spread s{} t{0}{1}", index + 1, if index > 0 { " dim" } else { "" })) d=(spread) {}
                        }
                        path class=(format!("line s{}", index + 1)) d=(path(&line.extents, chart, time, value)) {}
                    }
                    @for (index, line) in chart.lines.iter().enumerate() {
                        (lane(chart, line, lanes + lane_top(index), time))
                    }
                }
                (labels(chart, time, value, height))
                line.cursor x1="0" x2="0" y1=(TOP) y2=(short(height - AXIS)) visibility="hidden" {}
            }
            svg.names width=(NAMES) height=(height) aria-hidden="true" focusable="false" {
                @if chart.lines.len() > 1 {
                    @for index in 0..chart.lines.len() {
                        text.number x="5" y=(short(lanes + lane_top(index) + LANE)) { (index + 1) }
                    }
                    (ends(chart, value))
                }
            }
        }
    }
}

/// Where the lane of a line begins, below the first one.
#[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
fn lane_top(index: usize) -> f64 {
    index as f64 * (LANE + LANE_GAP)
}

/// What is behind the lines: round values, settle time, the wrong side of the limit, and the breaches and gaps of the
/// first line.
fn backdrop(chart: &Chart, time: &TimeScale, value: &ValueScale) -> Markup {
    let first = chart.lines.first();
    let settled = chart.times.settled.filter(|settled| *settled > time.left);
    html! {
        @for tick in value.ticks(chart.kpi.unit) {
            (across("grid", value.y(tick)))
        }
        @if let Some((top, height)) = first.and_then(|line| wrong_side(chart, line, value)) {
            rect.wrong x="0" y=(short(top)) width=(WIDTH) height=(short(height)) {}
        }
        @if let Some(settled) = settled {
            rect.settle x="0" y=(TOP) width=(short(time.x(settled))) height=(PLOT) {}
        }
        @if let Some(certainty) = first.and_then(|line| line.series.certainty.as_ref()) {
            @for block in certainty.blocks.iter().skip(1) {
                path.block d=(format!("M{} {TOP}v6M{} {}v-6", short(time.x(block.start)), short(time.x(block.start)), TOP + PLOT)) {}
            }
        }
        @if let Some(line) = first {
            @for (from, to) in runs(&line.missing, |missing| *missing == Missing::All) {
                (band("shade gap", chart, time, (from, to), (TOP, PLOT)))
            }
            @for (from, to) in runs(&line.extents, |extent| extent.is_some_and(|extent| extent.beyond)) {
                (band("shade beyond", chart, time, (from, to), (TOP, PLOT)))
            }
        }
    }
}

/// The side of the limit on which a point is a breach, as top and height; `None` if there is not just one side (`==`).
fn wrong_side(chart: &Chart, line: &DrawnSeries, value: &ValueScale) -> Option<(f64, f64)> {
    let y = value.y(line.series.common_bound()?);
    let written = chart.criterion.condition.as_deref()?;
    written
        .contains(['<', '>'])
        .then(|| match worst(chart.criterion) {
            Worst::Highest => (value.top(), y - value.top()),
            Worst::Lowest => (y, value.bottom() - y),
        })
}

/// The limit and the baseline of each line, those of the others faint; then the limits of the other criteria.
fn limits(chart: &Chart, value: &ValueScale) -> Markup {
    let mut drawn = Vec::new();
    let own = words::limit_class(chart.criterion.list);
    html! {
        @for other in chart.other_limits() {
            (across(words::limit_class(other.criterion.list), value.y(other.bound)))
        }
        @for (index, line) in chart.lines.iter().enumerate() {
            @for (class, mark) in [(own, line.series.common_bound()), ("base", line.series.common_baseline())] {
                @if let Some(mark) = mark.filter(|mark| !drawn.contains(&(class, mark.to_bits()))) {
                    ({ drawn.push((class, mark.to_bits())); across(&format!("{class}{}", if index == 0 { "" } else { " other" }), value.y(mark)) })
                }
            }
        }
    }
}

fn across(class: &str, y: f64) -> Markup {
    html! { path class=(class) d=(format!("M0 {}H{WIDTH}", short(y))) {} }
}

/// A line through the means of the columns, broken where nothing was measured. A lone column is a dot.
fn path(extents: &[Option<Extent>], chart: &Chart, time: &TimeScale, value: &ValueScale) -> String {
    let (mut path, mut pen_down) = (String::new(), false);
    for (column, extent) in extents.iter().enumerate() {
        let Some(extent) = extent else {
            pen_down = false;
            continue;
        };
        let (x, y) = (
            short(time.x(middle(chart, column))),
            short(value.y(extent.mean)),
        );
        path.push_str(&if pen_down {
            format!("L{x} {y}")
        } else {
            format!("M{x} {y}h0")
        });
        pen_down = true;
    }
    path
}

/// From the lowest to the highest value of each column, if columns merge several points: along the top, then back.
fn spread(
    line: &DrawnSeries,
    chart: &Chart,
    time: &TimeScale,
    value: &ValueScale,
) -> Option<String> {
    if chart.times.columns == chart.times.points {
        return None;
    }
    let mut path = String::new();
    for (first, last) in runs(&line.extents, Option::is_some) {
        let measured = || {
            let columns = (first..=last)
                .filter_map(|column| Some((column, line.extents.get(column)?.as_ref()?)));
            columns.map(|(column, extent)| (short(time.x(middle(chart, column))), extent))
        };
        let top: Vec<String> = measured()
            .map(|(x, of)| format!("{x} {}", short(value.y(of.high))))
            .collect();
        let mut back: Vec<String> = measured()
            .map(|(x, of)| format!("{x} {}", short(value.y(of.low))))
            .collect();
        back.reverse();
        path.push_str(&format!("M{}L{}Z", top.join("L"), back.join("L")));
    }
    Some(path)
}

/// The middle of a column in time.
fn middle(chart: &Chart, column: usize) -> Instant {
    let (start, end) = edges(chart, column, column);
    Instant::from_millis(i64::midpoint(start.millis(), end.millis()))
}

/// From the first to the last instant of columns. A part of the trend lasts until the next begins.
fn edges(chart: &Chart, from: usize, to: usize) -> (Instant, Instant) {
    let times = &chart.times;
    let (first, after) = (times.positions(from).0, times.positions(to).1);
    let last = match chart.drawn_from {
        DrawnFrom::Samples => after.saturating_sub(1).max(first),
        DrawnFrom::Trend => after,
    };
    (times.at(first), times.at(last))
}

/// Where a line was measured, and where it was beyond the limit.
fn lane(chart: &Chart, line: &DrawnSeries, top: f64, time: &TimeScale) -> Markup {
    let half = LANE / 2.0;
    html! {
        @for run in runs(&line.missing, |missing| *missing != Missing::All) {
            (band("lane measured", chart, time, run, (top, LANE)))
        }
        @for run in runs(&line.missing, |missing| *missing == Missing::All) {
            (band("lane gap", chart, time, run, (top, LANE)))
        }
        @for run in runs(&line.missing, |missing| *missing == Missing::Some) {
            (band("lane gap", chart, time, run, (top + half, half)))
        }
        @for run in runs(&line.extents, |extent| extent.is_some_and(|extent| extent.beyond)) {
            (band("lane beyond", chart, time, run, (top, LANE)))
        }
    }
}

/// A shade over columns. A point is in the middle of its time, so half a step belongs to either side.
fn band(
    class: &str,
    chart: &Chart,
    time: &TimeScale,
    (from, to): (usize, usize),
    (top, height): (f64, f64),
) -> Markup {
    let (start, end) = edges(chart, from, to);
    let half = crate::units::Duration::from_millis(match chart.drawn_from {
        DrawnFrom::Samples => chart.times.step.millis() / 2,
        DrawnFrom::Trend => 0,
    });
    let (left, right) = (time.x(start - half), time.x(end + half));
    let width = (right - left).max(NARROWEST);
    let left = left.min(WIDTH - width);
    html! {
        rect class=(class) x=(short(left)) y=(short(top)) width=(short(width)) height=(short(height)) {}
    }
}

/// Runs of items that satisfy a condition, as first and last position.
fn runs<T>(items: &[T], holds: impl Fn(&T) -> bool) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (position, item) in items.iter().enumerate() {
        match found.last_mut() {
            _ if !holds(item) => {}
            Some((_, last)) if *last + 1 == position => *last = position,
            _ => found.push((position, position)),
        }
    }
    found
}

/// The texts of the plot.
fn labels(chart: &Chart, time: &TimeScale, value: &ValueScale, height: f64) -> Markup {
    let settled = chart.times.settled.filter(|settled| *settled > time.left);
    html! {
        @for (index, (at, word)) in time.ticks().into_iter().enumerate() {
            text.tick.time.sparse[index % 2 == 1] x=(percent(time.percent(at))) y=(short(height - 4.0)) { (word) }
        }
        @if let Some(settled) = settled {
            text.tick.settling x="2" y=(short(TOP - 6.0)) { "settling" }
            line.settled x1=(percent(time.percent(settled))) x2=(percent(time.percent(settled))) y1=(TOP) y2=(TOP + PLOT) {}
        }
        (ahead(chart, time))
        (marks::drawn(&chart.marks, time, settled.is_some(), (TOP, PLOT)))
        (names(chart, value))
    }
}

/// Up to when was measured, where the window still runs.
fn ahead(chart: &Chart, time: &TimeScale) -> Markup {
    let now = chart.times.last();
    let runs = chart.times.until.is_some_and(|until| until > now);
    let x = percent(time.percent(now));
    html! {
        @if runs {
            line.now x1=(x) x2=(x) y1=(TOP) y2=(TOP + PLOT) {}
            text.tick.now x=(x) dx="3" y=(short(TOP + PLOT - 6.0)) { "judged up to here" }
        }
    }
}

/// The names of the horizontal lines: the limit, the baseline, and the compared value if it is not one of the points.
fn names(chart: &Chart, value: &ValueScale) -> Markup {
    let Some(series) = chart.lines.first().map(|line| line.series) else {
        return html! {};
    };
    let unit = chart.kpi.unit;
    let word = chart.kpi.reducer.map(crate::plan::Reducer::word);
    let limit = words::bound(unit, series).map(|bound| words::limit(chart.criterion, &bound));
    let baseline = series
        .common_baseline()
        .map(|baseline| (baseline, unit.show(baseline)));
    let limit_y = series.common_bound().map(|bound| value.y(bound));
    let below = |y: f64| limit_y.is_some_and(|limit| (limit - y).abs() < CLOSE && y >= limit);
    html! {
        @if let (Some(y), Some(text)) = (limit_y, limit) {
            text class=(format!("mark {}", words::limit_class(chart.criterion.list))) x="99.5%" y=(short((y - 4.0).max(11.0))) { (text) }
        }
        @for other in chart.other_limits() {
            text class=(format!("mark left {}", words::limit_class(other.criterion.list))) x="0.5%" y=(short((value.y(other.bound) - 4.0).max(11.0))) {
                (words::limit(other.criterion, &unit.show(other.bound)))
            }
        }
        @if let Some((baseline, shown)) = baseline {
            @let y = value.y(baseline);
            text.mark.base x="99.5%" y=(short(if below(y) { y + 13.0 } else { y - 4.0 })) { "baseline " (shown) }
        }
        @if let (Some(reducer), Some(compared)) = (&word, series.value) {
            text.mark.value x="50%" y=(short((value.y(compared) - 4.0).max(11.0))) {
                (reducer) " " (match series.bound { Some(bound) => unit.show_beside(compared, bound).0, None => unit.show(compared) })
            }
            line.value x1="0" x2="100%" y1=(short(value.y(compared))) y2=(short(value.y(compared))) {}
        }
    }
}

/// The number of each line at its right end, moved apart where they would cover each other.
fn ends(chart: &Chart, value: &ValueScale) -> Markup {
    let mut ends: Vec<(usize, f64)> = Vec::new();
    for (index, line) in chart.lines.iter().enumerate() {
        let last = line.extents.iter().rev().flatten().next();
        if let Some(extent) = last {
            ends.push((index, value.y(extent.last) + 3.0));
        }
    }
    ends.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let mut lowest = value.bottom();
    for (_, y) in &mut ends {
        *y = y.min(lowest);
        lowest = *y - 10.0;
    }
    html! {
        @for (index, y) in ends {
            text class=(format!("number t{}", index + 1)) x="5" y=(short(y)) { (index + 1) }
        }
    }
}

/// One decimal is finer than a pixel.
fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn percent(share: f64) -> String {
    format!("{}%", short(share))
}
