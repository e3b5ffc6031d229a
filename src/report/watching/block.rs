//! The live view of a watch: the verdict and the window in one line, then a line for each criterion, what matters most first. No line
//! is longer than the terminal is wide, and there are no more than it is high. Where there is little room, a row is a name, the value
//! and the outcome, and the first line keeps the time that is left. Must not judge.

use unicode_width::UnicodeWidthStr;

use super::super::measured::{ends, focus, measured_alone, required, value_and_series, worst};
use super::super::series::is_good;
use super::super::status::bar;
use super::super::{Style, decided, escape, times, trend, words};
use super::fit::{cut, padded, squeezed};
use super::{length_observed, nearness, part, time_of_day};
use crate::assessment::{Approach, CriterionAssessment, GateAssessment, Outcome};
use crate::evidence::Evidence;
use crate::kind::List;

/// Columns of an outcome.
const OUTCOME: usize = 11;
/// Columns of a trend line.
const TREND: usize = 16;
/// A reason that is cut to less than this says nothing.
const TELLING: usize = 12;
/// From this width on there is room for conditions, and from this on for trends.
const ROOMY: (usize, usize) = (72, 100);

/// In at most so many rows, each at most as wide as the style says.
#[must_use]
pub fn block(evidence: &Evidence, style: &Style, rows: usize) -> String {
    let mut lines = vec![head(evidence, style)];
    let mut all: Vec<(&GateAssessment, &CriterionAssessment)> = evidence
        .deciding()
        .flat_map(|gate| gate.criteria.iter().map(move |one| (gate, one)))
        .filter(|(_, one)| is_shown(one))
        .collect();
    all.sort_by(|(_, one), (_, other)| urgency(other).total_cmp(&urgency(one)));
    let fits = all.len() < rows;
    let room = rows.saturating_sub(if fits { 1 } else { 2 });
    let widths = Widths::of(&all, style);
    let (shown, rest) = all.split_at(room.min(all.len()));
    lines.extend(shown.iter().map(|(_, one)| row(one, &widths, style)));
    if !rest.is_empty() {
        let all_good = rest.iter().all(|(_, one)| is_well(one));
        let clear = if all_good { ", all clear" } else { "" };
        lines.push(format!("… and {} more{clear}", rest.len()));
    }
    let width = style.width.saturating_sub(1);
    let lines = lines.into_iter().map(|line| cut(&line, width));
    lines.collect::<Vec<_>>().join("\n")
}

/// KPIs always; what else is asked only while it is open, and not only due once the window is over.
fn is_shown(criterion: &CriterionAssessment) -> bool {
    let is_open = !is_well(criterion) && !decided::waits(criterion);
    criterion.kpi.is_some() || is_open && !criterion.is_due_at_end()
}

fn is_well(criterion: &CriterionAssessment) -> bool {
    let is_near = criterion.approach().is_some();
    (is_good(criterion.outcome) || criterion.is_met_so_far()) && !is_near
}

/// What tripped first, then stops on their way, while something can be done about them, then what is unmet, what is unknown, and by
/// closeness to the limit.
fn urgency(criterion: &CriterionAssessment) -> f64 {
    const STEP: f64 = 1e6;
    let near = nearness(criterion).unwrap_or(0.0).min(STEP / 2.0);
    let is_watched = criterion.list == List::Watch;
    let rank = match criterion.outcome {
        Outcome::Tripped => 5.0,
        Outcome::Unmet if is_watched => 1.0,
        Outcome::Unmet => 4.0,
        Outcome::Unknown if criterion.is_met_so_far() => 0.0,
        Outcome::Unknown => 2.0,
        Outcome::Met | Outcome::Clear if criterion.approach().is_some() => 4.5,
        Outcome::Met | Outcome::Clear => 0.0,
    };
    rank * STEP + near
}

/// `NO-GO  pilot/exit  R1.0  31h12m of 48h  ############--------  complete 2026-11-27T05:00:00Z`; with little room
/// `NO-GO  pilot/exit  31h12m of 48h  16h48m left`.
fn head(evidence: &Evidence, style: &Style) -> String {
    let gates: Vec<String> = evidence
        .deciding()
        .map(|one| one.name().to_string())
        .collect();
    let (verdict, gates) = (evidence.verdict.word(), gates.join(" and "));
    let window = evidence.deciding().find_map(|gate| gate.window.as_ref());
    let at = window.and_then(|window| window.completes_at.filter(|_| !window.complete));
    let left = at.map(|at| format!("{} left", times::roughly(evidence.evaluated_at.until(at))));
    if style.width < ROOMY.0 {
        let parts: Vec<String> = window.map(part).into_iter().chain(left).collect();
        let parts = parts.join("  ");
        let taken = 1 + verdict.len() + 2 + 2 + parts.width();
        let gates = squeezed(&escape(&gates), style.width.saturating_sub(taken));
        return format!("{verdict}  {gates}  {parts}").trim_end().to_owned();
    }
    let head = format!("{verdict}  {gates}");
    let head = with(&escape(&head), Some(words::release(evidence)), style);
    let Some(window) = window else {
        return head;
    };
    let head = with(&head, Some(part(window)), style);
    let observed = length_observed(window);
    let bar = (style.width >= ROOMY.1).then(|| bar::of(observed, window.length, style.unicode));
    let head = with(&head, bar, style);
    let complete = at.map(|at| format!("complete {at}"));
    let whole = with(&head, complete.clone(), style);
    if complete.is_some() && whole == head {
        return with(&head, left, style);
    }
    whole
}

/// How wide the columns are.
struct Widths {
    name: usize,
    condition: usize,
    value: usize,
}

impl Widths {
    fn of(all: &[(&GateAssessment, &CriterionAssessment)], style: &Style) -> Self {
        let widest = |of: &dyn Fn(&CriterionAssessment) -> usize, most: usize| {
            let widths = all.iter().map(|(_, one)| of(one));
            widths.max().unwrap_or(0).min(most)
        };
        if style.width < ROOMY.0 {
            // What was measured is not cut; names are as long as there is room.
            let value = widest(&|one| bare(one).width(), style.width / 3);
            let word = widest(&|one| decided::outcome_word(one).width(), OUTCOME);
            let room = style.width.saturating_sub(value + word + 5);
            return Self {
                name: widest(&|one| name(one, style).width(), room),
                condition: 0,
                value,
            };
        }
        Self {
            name: widest(&|one| one.name.chars().count(), style.width / 3),
            condition: widest(&|one| required(one).chars().count(), style.width / 4),
            value: widest(&|one| value(one).chars().count(), style.width / 4),
        }
    }
}

fn value(criterion: &CriterionAssessment) -> String {
    measured_alone(criterion).unwrap_or_default()
}

/// The value without whose it is.
fn bare(criterion: &CriterionAssessment) -> String {
    value_and_series(criterion).map_or_else(String::new, |(value, _)| value)
}

/// `exception_rate  3.2%  unmet  BER1`: what tells rows apart comes first, then what was measured.
fn narrow_row(criterion: &CriterionAssessment, widths: &Widths, style: &Style) -> String {
    let (name, word) = (name(criterion, style), decided::outcome_word(criterion));
    if let Some((_, approach)) = criterion.approach() {
        let when = coming(approach);
        let room = style.width.saturating_sub(1 + 2 + when.width());
        let line = format!("{}  {when}", squeezed(&escape(&name), room));
        return with(&line, Some(bare(criterion)), style);
    }
    let name = padded(&squeezed(&escape(&name), widths.name), widths.name);
    let Some((value, series)) = value_and_series(criterion) else {
        let line = format!("{name}  {word}");
        let room = style.width.saturating_sub(1 + 2 + line.width());
        let reason = (room >= TELLING).then(|| cut(&escape(&criterion.reason), room));
        return with(&line, reason, style);
    };
    let value = padded(&escape(&value), widths.value);
    let line = format!("{name}  {value}  {word}");
    with(&line, series.map(str::to_owned), style)
}

/// `unmet    exception_rate  < 3%  3.2% (BER1)  ......_.._##  107%`.
fn row(criterion: &CriterionAssessment, widths: &Widths, style: &Style) -> String {
    if style.width < ROOMY.0 {
        return narrow_row(criterion, widths, style);
    }
    let word = decided::outcome_word(criterion);
    if let Some((_, approach)) = criterion.approach() {
        let (name, value) = (&criterion.name, value(criterion));
        let Approach { lasted, needed, .. } = approach;
        let when = coming(approach);
        let line = format!("{word}, {when}: {name} {value}, for {lasted} of {needed}");
        return escape(&line);
    }
    let name = padded(&squeezed(&criterion.name, widths.name), widths.name);
    let mut line = format!("{word:OUTCOME$} {name}");
    if criterion.kpi.is_none() {
        return escape(&format!("{line}  {}", criterion.reason));
    }
    let measured = value(criterion);
    if measured.is_empty() {
        return escape(&format!("{line}  {}", criterion.reason));
    }
    let condition = padded(&required(criterion), widths.condition);
    line.push_str(&format!("  {condition}"));
    line.push_str(&format!("  {}", padded(&measured, widths.value)));
    if style.width >= ROOMY.1 {
        let series = criterion.kpi.as_ref().and_then(focus);
        let line_of = |one: &crate::assessment::SeriesAssessment| {
            trend::line(
                &one.trend,
                one.common_bound(),
                worst(criterion),
                TREND,
                style.unicode,
            )
        };
        let drawn = series.map_or_else(String::new, line_of);
        line.push_str(&format!("  {}", padded(&drawn, TREND)));
    }
    let share = || nearness(criterion).map(|share| format!("{:.0}% of the limit", share * 100.0));
    with(&escape(&line), interval(criterion).or_else(share), style)
}

/// What the noise leaves of a difference, against its limit.
fn interval(criterion: &CriterionAssessment) -> Option<String> {
    let kpi = criterion.kpi.as_ref()?;
    Some(ends(kpi.unit, focus(kpi)?.certainty.as_ref()?))
}

/// `trips at 13:12:00Z`.
fn coming(approach: &Approach) -> String {
    match approach.trips_at {
        Some(at) => format!("trips at {}", time_of_day(at)),
        None => format!("last seen at {}", time_of_day(approach.last_seen)),
    }
}

/// Where there is no room for conditions, a stop is told from what an exit asks of the same KPI.
fn name(criterion: &CriterionAssessment, style: &Style) -> String {
    match criterion.list {
        List::Stop if style.width < ROOMY.0 => format!("stop {}", criterion.name),
        List::Stop | List::Entry | List::Exit | List::Recovery | List::Watch => {
            criterion.name.clone()
        }
    }
}

/// A line, with one more part where there is room for it.
fn with(line: &str, more: Option<String>, style: &Style) -> String {
    let longer = more.map(|more| format!("{line}  {}", escape(&more)));
    let longer = longer.filter(|longer| longer.width() < style.width);
    longer.unwrap_or_else(|| line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    fn drawn(evidence: &Evidence, width: usize, rows: usize) -> String {
        let style = Style {
            width,
            ..Style::FILE
        };
        block(evidence, &style, rows)
    }

    #[test]
    fn w19_it_fits_and_what_was_measured_is_never_cut() {
        for (name, evidence) in scenarios::all() {
            for (width, rows) in [(40, 9), (80, 21), (120, 37)] {
                let text = drawn(&evidence, width, rows);
                assert!(text.lines().count() <= rows, "{name}: {text}");
                assert!(
                    text.lines().all(|line| line.width() < width),
                    "{name}: {text}"
                );
            }
        }
        let evidence = scenarios::no_go();
        let criteria = evidence.gates.iter().flat_map(|gate| &gate.criteria);
        let measured: Vec<String> = criteria
            .filter(|one| one.kpi.is_some() && one.approach().is_none())
            .map(bare)
            .filter(|value| !value.is_empty() && value.chars().count() <= 13)
            .collect();
        assert!(!measured.is_empty());
        let text = drawn(&evidence, 40, 40);
        for value in measured {
            assert!(text.contains(&value), "{value} in {text}");
        }
        let head = text.lines().next().unwrap_or_default();
        assert!(head.ends_with("48h of 48h"), "{head}");
    }

    #[test]
    fn w19_where_there_is_little_room_rows_differ_and_the_time_stays() {
        let mut evidence = scenarios::no_go();
        let gate = &mut evidence.gates[0];
        let kpi = gate.criteria.iter().find(|one| one.kpi.is_some());
        let kpi = CriterionAssessment {
            list: List::Exit,
            ..kpi.expect("a KPI").clone()
        };
        gate.stage = "hypercare-of-the-european-sites".to_owned();
        gate.criteria = (0..4)
            .map(|one| CriterionAssessment {
                name: format!("indicator_with_a_long_name_{one}"),
                ..kpi.clone()
            })
            .collect();
        let window = gate.window.as_mut().expect("a window");
        window.complete = false;
        window.completes_at = Some(evidence.evaluated_at + crate::units::Duration::from_secs(5400));
        evidence.gates.truncate(1);
        let text = drawn(&evidence, 40, 9);
        let rows: std::collections::BTreeSet<&str> = text.lines().collect();
        assert_eq!(rows.len(), 5, "{text}");
        let head = text.lines().next().unwrap_or_default();
        assert!(head.ends_with("1h30m left"), "{head}");
        let value = bare(&kpi);
        let of_rows = text.lines().skip(1);
        assert!(
            of_rows.clone().all(|row| row.starts_with("indic")),
            "{text}"
        );
        assert!(of_rows.clone().all(|row| row.contains(&value)), "{text}");
        assert!(text.lines().all(|line| line.width() < 40), "{text}");
    }
}
