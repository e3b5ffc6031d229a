//! The live view of a watch: the verdict and the window in one line, then a line for each criterion, what matters most first. No line
//! is longer than the terminal is wide, and there are no more than it is high. Must not judge.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::measured::{ends, focus, measured_alone, required, worst};
use super::super::series::is_good;
use super::super::status::bar;
use super::super::{Style, decided, escape, trend, words};
use super::{length_observed, nearness, part, time_of_day};
use crate::assessment::{Approach, CriterionAssessment, GateAssessment, Outcome};
use crate::evidence::Evidence;
use crate::kind::List;

/// Columns of an outcome.
const OUTCOME: usize = 11;
/// Columns of a trend line.
const TREND: usize = 16;
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

/// What tripped or is unmet first, then what is unknown, then stops on their way, then by closeness to the limit.
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
        Outcome::Met | Outcome::Clear if criterion.approach().is_some() => 3.0,
        Outcome::Met | Outcome::Clear => 0.0,
    };
    rank * STEP + near
}

/// `NO-GO  pilot/exit  R1.0  31h12m of 48h  ############--------  complete 2026-11-27T05:00:00Z`.
fn head(evidence: &Evidence, style: &Style) -> String {
    let gates: Vec<String> = evidence
        .deciding()
        .map(|one| one.name().to_string())
        .collect();
    let window = evidence.deciding().find_map(|gate| gate.window.as_ref());
    let head = format!("{}  {}", evidence.verdict.word(), gates.join(" and "));
    let release = (style.width >= ROOMY.0).then(|| words::release(evidence));
    let head = with(&escape(&head), release, style);
    let Some(window) = window else {
        return head;
    };
    let head = with(&head, Some(part(window)), style);
    let observed = length_observed(window);
    let bar = (style.width >= ROOMY.1).then(|| bar::of(observed, window.length, style.unicode));
    let head = with(&head, bar, style);
    let at = window.completes_at.filter(|_| !window.complete);
    with(&head, at.map(|at| format!("complete {at}")), style)
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
            let value = widest(&|one| value(one).chars().count(), style.width / 3);
            let room = style.width.saturating_sub(OUTCOME + value + 4);
            return Self {
                name: widest(&|one| name(one, style).chars().count(), room),
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

/// `unmet    exception_rate  < 3%  3.2% (BER1)  ......_.._##  107%`.
fn row(criterion: &CriterionAssessment, widths: &Widths, style: &Style) -> String {
    let word = decided::outcome_word(criterion);
    if let Some((_, approach)) = criterion.approach() {
        return escape(&format!("{word}, {}", coming(criterion, approach)));
    }
    let name = padded(&name(criterion, style), widths.name);
    let mut line = format!("{word:OUTCOME$} {name}");
    if criterion.kpi.is_none() {
        return escape(&format!("{line}  {}", criterion.reason));
    }
    let measured = value(criterion);
    if measured.is_empty() {
        return escape(&format!("{line}  {}", criterion.reason));
    }
    if style.width >= ROOMY.0 {
        line.push_str(&format!(
            "  {}",
            padded(&required(criterion), widths.condition)
        ));
    }
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

/// `trips at 13:12:00Z: error_rate 9.1% (BER1), for 4m of 10m`: the time first, so that a narrow terminal has it.
fn coming(criterion: &CriterionAssessment, approach: &Approach) -> String {
    let Approach {
        lasted,
        needed,
        last_seen,
        trips_at,
    } = approach;
    let when = match trips_at {
        Some(at) => format!("trips at {}", time_of_day(*at)),
        None => format!("last seen at {}", time_of_day(*last_seen)),
    };
    let (name, value) = (&criterion.name, value(criterion));
    format!("{when}: {name} {value}, for {lasted} of {needed}")
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

fn padded(text: &str, width: usize) -> String {
    let cut = cut(text, width);
    let used: usize = cut.chars().filter_map(UnicodeWidthChar::width).sum();
    format!("{cut}{}", " ".repeat(width.saturating_sub(used)))
}

/// At most so many columns; what is left out ends in an ellipsis.
fn cut(text: &str, width: usize) -> String {
    let total: usize = text.chars().filter_map(UnicodeWidthChar::width).sum();
    if total <= width {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), 0);
    for character in text.chars() {
        let columns = character.width().unwrap_or(0);
        if used + columns + 1 > width {
            break;
        }
        kept.push(character);
        used += columns;
    }
    kept.push('…');
    kept
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
            .filter_map(measured_alone)
            .filter(|value| value.chars().count() <= 13)
            .collect();
        assert!(!measured.is_empty());
        let text = drawn(&evidence, 40, 40);
        for value in measured {
            assert!(text.contains(&value), "{value} in {text}");
        }
        let head = text.lines().next().unwrap_or_default();
        assert!(!head.contains('…'), "{head}");
    }
}
