//! A backtest as one self-contained page: pretend releases as cells, the value that decides over time, other limits. It loads nothing
//! and says all without its script. Must not count.

use maud::{Markup, html as markup};

use super::strip::{Day, days, weekday};
use super::words;
use crate::backtest::{Backtest, Counted, CriterionTried, Curve, Tried, curve};
use crate::kind::List;
use crate::report::html::{Assets, shell_of};
use crate::units::Instant;
use crate::verdict::Verdict;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The page, with a final newline.
#[must_use]
pub fn html(whole: &Backtest) -> String {
    let (from, to) = whole.span;
    let title = format!("backtest of {}", whole.release);
    let body = markup! {
        header.headline {
            p.kind { "Backtest of a rollout plan" }
            h1 { (whole.release) }
            p.lead { "What this plan would have said from " time { (from) } " to " time { (to) } ", started every " (whole.every) "." }
            p { "Quiet by the list of incidents that was given." }
            @if let Some(said) = words::late_samples(whole) { p.note { (said) } }
        }
        main id="gates" tabindex="-1" {
            @for (tried, counted) in &whole.gates { (gate(whole, tried, counted)) }
            (releases(whole))
            (record(whole))
        }
    };
    let assets = Assets {
        more_style: STYLE,
        script: SCRIPT,
    };
    shell_of(&title, &whole.tool_version, &body, &assets)
}

fn gate(whole: &Backtest, tried: &Tried, counted: &Counted) -> Markup {
    markup! {
        section.gate {
            div.panel {
                h2 { (words::gate(whole, tried)) }
                p { (words::trials(whole, tried.outcomes.len())) ", " (words::days(counted.quiet_time)) " quiet" }
                (outcomes(counted))
                @if let Some(said) = words::after(whole, counted) { p.remark { (said) } }
                @for said in words::unknown(tried) { p.note { (said) } }
                @if let Some(said) = words::no_incidents(whole, tried, counted) { p.note { (said) } }
                @for said in words::left(tried) { p.remark { (said) } }
            }
            div.panel { h3 { "By start" } (cells(tried, counted)) }
            @if !counted.stops.is_empty() { div.panel { h3 { "Stops" } (stops(tried, counted)) } }
            @if !counted.incidents.all.is_empty() { div.panel { h3 { "Incidents" } (incidents(counted)) } }
            @for criterion in &tried.criteria { (over_time(tried, counted, criterion)) }
        }
    }
}

fn outcomes(counted: &Counted) -> Markup {
    markup! {
        table {
            thead { tr { th { "outcome" } th { "all" } th { "quiet" } th { "with an incident" } } }
            tbody {
                @for count in &counted.outcomes {
                    tr { th scope="row" { (count.verdict.word()) } td { (count.all) } td { (count.quiet) } td { (count.incident) } }
                }
            }
        }
    }
}

fn stops(tried: &Tried, counted: &Counted) -> Markup {
    markup! {
        div.scroll tabindex="0" role="group" aria-label="What each stop did" {
            table {
                thead { tr { th { "stop" } th { "false a week" } th { "caught" } th { "in" } th { "closest call" } th { "only it" } } }
                tbody {
                    @for stop in &counted.stops {
                        @if let Some(criterion) = tried.criteria.get(stop.criterion) {
                            tr {
                                th scope="row" { (words::criterion(criterion)) }
                                td { (words::rate(counted, stop.false_stops)) }
                                td { (words::caught(&stop.caught)) }
                                td { (words::detection(&stop.caught)) }
                                td { (stop.closest.map_or_else(|| "-".to_owned(), |closest| words::closest(criterion, closest.value, closest.limit.0))) }
                                td { (stop.only) }
                            }
                        }
                    }
                    tr {
                        th scope="row" { "all together" }
                        td { (words::rate(counted, counted.false_stops)) }
                        td { (words::caught(&counted.caught)) }
                        td { (words::detection(&counted.caught)) }
                        td {} td {}
                    }
                }
            }
        }
    }
}

fn incidents(counted: &Counted) -> Markup {
    markup! {
        div.scroll tabindex="0" role="group" aria-label="How each incident was caught" {
            table {
                thead { tr { th { "incident" } th { "from" } th { "to" } th { "caught" } } }
                tbody {
                    @for (incident, caught) in counted.incidents.all.iter().zip(&counted.caught) {
                        tr {
                            th scope="row" { (incident.name) }
                            td { time { (incident.start) } } td { time { (incident.end) } }
                            td { (words::how(*caught)) }
                        }
                    }
                }
            }
        }
    }
}

const CELL: usize = 18;
const LABEL: usize = 120;

/// A cell an hour, a row a day; what is hidden behind a colour is said in a title.
fn cells(tried: &Tried, counted: &Counted) -> Markup {
    let days = days(tried, counted);
    let (width, height) = (LABEL + 24 * CELL, (days.len() + 1) * CELL);
    markup! {
        svg.cells width=(width) height=(height) viewBox=(format!("0 0 {width} {height}")) role="img" aria-label="outcomes of pretend releases by day and hour of their start" {
            @for hour in (0..24).step_by(6) { text x=(LABEL + hour * CELL) y="12" { (format!("{hour:02}")) } }
            @for (row, day) in days.iter().enumerate() { (day_of_cells(day, (row + 1) * CELL, counted)) }
        }
        p.remark { "Green GO, amber HOLD, red NO-GO, dark STOP; of several starts in an hour the worst. Hours (UTC) of incidents are outlined." }
    }
}

fn day_of_cells(day: &Day, y: usize, counted: &Counted) -> Markup {
    let label = format!("{} {}", words::day(day.at), weekday(day.at));
    let hours = day
        .hours
        .iter()
        .enumerate()
        .filter_map(|(hour, verdict)| Some((hour, (*verdict)?)));
    let side = CELL - 2;
    markup! {
        text x="0" y=(y + 12) { (label) }
        @for (hour, verdict) in hours {
            rect class=(class(verdict)) x=(LABEL + hour * CELL) y=(y) width=(side) height=(side) {
                title { (label) " " (format!("{hour:02}:00")) ": " (verdict.word()) }
            }
        }
        @for hour in 0..24 {
            @if let Some(name) = incident_in(day.at, hour, counted) {
                rect.incident x=(LABEL + hour * CELL) y=(y) width=(side) height=(side) { title { (name) } }
            }
        }
    }
}

fn incident_in(day: Instant, hour: usize, counted: &Counted) -> Option<String> {
    const HOUR: i64 = 3_600_000;
    let hour = i64::try_from(hour).ok()?;
    let from = Instant::from_millis(day.millis() + hour * HOUR);
    let to = Instant::from_millis(from.millis() + HOUR - 1);
    let mut all = counted.incidents.all.iter();
    let found = all.find(|one| one.start <= to && from <= one.end)?;
    Some(format!("{} {} to {}", found.name, found.start, found.end))
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go => "go",
        Verdict::Hold => "hold",
        Verdict::NoGo => "no-go",
        Verdict::Stop => "stop",
    }
}

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 140.0;

/// The critical value over time against the limit, and what other limits would have done.
fn over_time(tried: &Tried, counted: &Counted, criterion: &CriterionTried) -> Markup {
    let curve = curve((tried, counted), criterion);
    let is_judged = criterion.unit.is_some();
    let heading = markup! { h3 { (criterion.list.word()) ": " (words::criterion(criterion)) } };
    let why =
        (curve.as_ref().err()).map(|why| format!("Other limits are not shown: {}.", why.words()));
    let why = markup! { @if let Some(why) = why { p.remark { (why) } } };
    let criticals: Vec<Option<f64>> = (criterion.swept.judged.iter())
        .map(|judged| judged.critical.filter(|critical| critical.is_finite()))
        .collect();
    let known = criticals.iter().any(Option::is_some);
    let Some(scale) = criterion.swept.scale.as_ref().filter(|_| known) else {
        return markup! { @if is_judged { section.panel { (heading) (why) } } };
    };
    let finite = criticals.iter().flatten().copied().chain([scale.now]);
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let y = |value: f64| {
        let extent = high - low;
        let share = if extent > 0.0 {
            (value - low) / extent
        } else {
            0.5
        };
        4.0 + (1.0 - share) * (HEIGHT - 8.0)
    };
    markup! {
        section.panel {
            (heading)
            p.remark { "The limit at which the verdict would flip, by start, from " (words::limit(criterion, low)) " to " (words::limit(criterion, high)) "; the line across is the plan's limit, " (words::limit(criterion, scale.now)) "." }
            svg.over viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label="critical value by start" {
                path.limit d=(format!("M0 {:.1}H{WIDTH}", y(scale.now))) {}
                path.pick d="" {}
                path.line d=(path(&criticals, y)) {}
            }
            @if let Ok(curve) = curve { (choose(counted, criterion, &curve, &y)) }
            (why)
        }
    }
}

/// A slider over limits, with a table for those who run no script.
fn choose(
    counted: &Counted,
    criterion: &CriterionTried,
    curve: &Curve,
    y: &dyn Fn(f64) -> f64,
) -> Markup {
    let points: Vec<(String, String, f64)> = (curve.points.iter())
        .map(|point| {
            let counts = counts(counted, criterion, point.false_ones, point.caught);
            (
                point.written.clone(),
                counts,
                (y(point.limit) * 10.0).round() / 10.0,
            )
        })
        .collect();
    let now = points.get(curve.now).cloned().unwrap_or_default();
    markup! {
        div.choose data-curve=(serde_json::to_string(&points).unwrap_or_default()) {
            p { "At " strong.chosen { (now.0) } ": " span.counts { (now.1) } }
            input type="range" hidden min="0" max=(points.len().saturating_sub(1)) value=(curve.now) aria-label=(format!("limit of {}", words::criterion(criterion)));
        }
        details {
            summary { "Other limits" }
            table {
                thead { tr { th { "limit" } th { "would have done" } } }
                tbody { @for point in &points { tr { td { (point.0) } td { (point.1) } } } }
            }
        }
    }
}

fn counts(
    counted: &Counted,
    criterion: &CriterionTried,
    false_ones: usize,
    caught: (usize, usize),
) -> String {
    if criterion.list == List::Stop {
        format!(
            "{} false a week, {} of {} incidents caught",
            words::rate(counted, false_ones),
            caught.0,
            caught.1
        )
    } else {
        format!("{false_ones} quiet releases would fail")
    }
}

/// A line through what was decided, broken where nothing was.
#[expect(clippy::cast_precision_loss, reason = "at most ten thousand")]
fn path(values: &[Option<f64>], y: impl Fn(f64) -> f64) -> String {
    let step = WIDTH / values.len().max(1) as f64;
    let (mut path, mut pen_down) = (String::new(), false);
    for (place, value) in values.iter().enumerate() {
        let Some(value) = value else {
            pen_down = false;
            continue;
        };
        let pen = if pen_down { 'L' } else { 'M' };
        path.push_str(&format!("{pen}{:.1} {:.1}", step * place as f64, y(*value)));
        pen_down = true;
    }
    path
}

/// Releases that were begun, apart from those that are pretended.
fn releases(whole: &Backtest) -> Markup {
    let all = words::releases(whole);
    if all.is_empty() {
        return markup! {};
    }
    markup! {
        section.panel {
            h2 { "Releases that were begun" }
            div.scroll tabindex="0" role="group" aria-label="What the plan would have said of releases that were begun" {
                table {
                    thead { tr { th { "release" } th { "what the plan would have said" } } }
                    tbody { @for (release, said) in all { tr { th scope="row" { (release) } td { (said) } } } }
                }
            }
        }
    }
}

fn record(whole: &Backtest) -> Markup {
    markup! {
        section.panel.record {
            h2 { "Record" }
            dl.facts.wide {
                div { dt { "Plan" } dd { (whole.plan.0) " " code { (whole.plan.1) } } }
                @for source in &whole.sources { div { dt { "Source" } dd { (source.name) " " (source.url) } } }
                @if let Some(sha256) = &whole.answers_sha256 { div { dt { "Answers" } dd { code { (sha256) } } } }
                div { dt { "Incidents from" } dd { @if whole.incidents_from.is_empty() { "nobody" } @else { (whole.incidents_from.iter().map(|from| from.name.as_str()).collect::<Vec<_>>().join(", ")) } } }
                div { dt { "Quiet again" } dd { (whole.incidents.quiet_after) " after an incident" } }
            }
            @for one in words::remarks(whole) { p.(if one.is_warning { "note" } else { "remark" }) { (one.text) } }
        }
    }
}
