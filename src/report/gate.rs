//! One gate: its verdict, its window, what decided, then all criteria. Must not count or judge again.

use super::page::{Cell, GAP, Page};
use super::times::{beside, part_of};
use super::{brief, decided, standing, table};
use crate::assessment::{Counts, CriterionAssessment, GateAssessment, Outcome, Window};
use crate::kind::GateKind;
use crate::plan::Observe;
use crate::units::Duration;

/// Where what is said of a gate begins.
const TABLE_INDENT: usize = 2;
/// Wide enough for `NO-GO`.
pub(super) const VERDICT_WIDTH: usize = 5;

/// The whole gate. Beside a headline that is about nothing else its verdict need not be repeated.
pub(super) fn write(page: &mut Page, gate: &GateAssessment, is_alone: bool) {
    let is_told = is_told(page, gate, is_alone);
    // Below a headline that tells all, each line of a screen counts (L2).
    if page.whole() || !is_told {
        page.blank();
    }
    let overridden = gate.override_in_force();
    let mut heading = title(gate);
    if overridden.is_some() {
        heading = format!("{} {} {heading}", standing::OVERRIDDEN, page.sign("·", "-"));
    }
    if is_alone {
        page.line(0, Cell::heading(&heading));
    } else {
        let label = [(VERDICT_WIDTH, Cell::verdict(gate.verdict))];
        page.labelled(0, &label, Cell::heading(&heading));
    }
    if let Some(overridden) = overridden {
        page.line(TABLE_INDENT, Cell::warning(&standing::in_full(overridden)));
    }
    for line in windows(gate, is_told) {
        page.line(TABLE_INDENT, Cell::plain(&line));
    }
    if !decided::deciding(gate).is_empty() && !is_told && !decided::only_waits(gate) {
        page.blank();
        decided::write(page, gate, is_alone);
        page.blank();
    }
    table::write(page, gate, is_alone);
}

/// Whether the headline says all about why a gate is not GO: a window runs, and what is open besides; or the stage has not begun.
fn is_told(page: &Page, gate: &GateAssessment, is_alone: bool) -> bool {
    let not_begun = !page.whole() && decided::not_begun(gate).is_some();
    is_alone && (decided::only_waits(gate) || not_begun)
}

fn windows(gate: &GateAssessment, is_told: bool) -> Vec<String> {
    let Some(of) = &gate.window else {
        return Vec::new();
    };
    match (is_told, gate.kind) {
        (true, GateKind::Exit) if of.started.is_some() => in_short(of),
        (true, GateKind::Exit) => Vec::new(),
        (true, GateKind::Entry | GateKind::Recovery) | (false, _) => window(of, gate.kind),
    }
}

/// A gate that is judged ahead: its verdict, what is unmet and why, what is unknown.
pub(super) fn write_ahead(page: &mut Page, gate: &GateAssessment) {
    let label = [(VERDICT_WIDTH, Cell::verdict(gate.verdict))];
    let about = gate.title.iter().map(|title| format!(": {title}"));
    let name = std::iter::once(gate.name().to_string()).chain(about);
    let line = format!("{}, {}", name.collect::<String>(), counts(gate));
    page.labelled(0, &label, Cell::plain(&line));
    let with = |outcome: Outcome| (gate.criteria.iter()).filter(move |one| one.outcome == outcome);
    for criterion in with(Outcome::Unmet) {
        let what = decided::in_words(criterion);
        let line = format!("unmet: {what}: {}", criterion.reason);
        page.line(VERDICT_WIDTH + GAP, Cell::plain(&line));
    }
    let unknown: Vec<&CriterionAssessment> = with(Outcome::Unknown).collect();
    if !unknown.is_empty() {
        let line = format!("unknown: {}", decided::names(&unknown));
        page.line(VERDICT_WIDTH + GAP, Cell::plain(&line));
    }
}

/// `pilot/exit: Pilot site Berlin, 5% of traffic`, `wave-1/entry (outlook): Wave 1`.
pub(super) fn title(gate: &GateAssessment) -> String {
    let name = if gate.outlook {
        format!("{} (outlook)", gate.name())
    } else {
        gate.name().to_string()
    };
    let traffic = gate
        .traffic
        .as_ref()
        .map(|share| format!("{share} of traffic"));
    let about: Vec<String> = gate.title.clone().into_iter().chain(traffic).collect();
    if about.is_empty() {
        return name;
    }
    format!("{name}: {}", about.join(", "))
}

/// `5/6 met, stops 3/3 clear`; `0/7 met, 7 so far, stops 3/3 clear`.
pub(super) fn counts(gate: &GateAssessment) -> String {
    let Counts { criteria, stops } = gate.counts;
    let so_far = brief::so_far(gate);
    let met = format!("{}/{} met{so_far}", criteria.met, criteria.total);
    if stops.total == 0 {
        return met;
    }
    let (clear, coming) = brief::clear(gate);
    let stops = format!("stops {clear}/{} clear{coming}", stops.total);
    if criteria.total == 0 {
        return stops;
    }
    format!("{met}, {stops}")
}

/// Recovery is observed from the rollback onwards; the stage's start does not matter.
fn since_rollback(window: &Window) -> String {
    let Window {
        start, end, length, ..
    } = window;
    let observed = start.until(*end).max(Duration::ZERO);
    match window.completes_at {
        None => format!("{length} window, no rollback recorded"),
        Some(_) if window.complete => {
            format!("{observed} observed of {length} since the rollback, {start} to {end}")
        }
        Some(at) => {
            let (at, part) = (beside(at, *end), part_of(observed, *length));
            format!("{part} observed since the rollback, complete {at}")
        }
    }
}

/// How much of the window has been observed, and when.
pub(super) fn window(window: &Window, kind: GateKind) -> Vec<String> {
    let Window {
        start, end, length, ..
    } = window;
    // Before a stage begins, its start does not matter.
    if kind == GateKind::Entry {
        return vec![format!("{length} window, {start} to {end}")];
    }
    if kind == GateKind::Recovery {
        return vec![since_rollback(window)];
    }
    let runs = period(window);
    if window.observe == Some(Observe::Trailing) {
        let trailing = format!("{length} trailing window, {start} to {end}");
        return std::iter::once(trailing).chain(runs).collect();
    }
    let Some(runs) = runs else {
        return vec![format!(
            "{length} window, {start} to {end}: the stage has not begun"
        )];
    };
    let observed = start.until(*end).max(Duration::ZERO);
    if window.complete {
        let observed = format!("{observed} observed of {length}, {start} to {end}");
        return vec![observed, runs];
    }
    let how_far = match (window.ended, window.completes_at) {
        (Some(_), _) => ", cut short".to_owned(),
        (None, Some(at)) => format!(", complete {}", beside(at, *end)),
        (None, None) => String::new(),
    };
    // While the stage settles, the judged span has not begun.
    let begins = window.completes_at.map(|at| at - *length);
    let judged = match begins.filter(|begins| begins > end) {
        Some(begins) => format!("{runs}, nothing is judged before {begins}"),
        None => format!("{runs}, judged from {start}"),
    };
    let part = part_of(observed, *length);
    vec![format!("{part} observed{how_far}"), judged]
}

/// Below a headline that says until when the window runs.
fn in_short(window: &Window) -> Vec<String> {
    let observed = window.start.until(window.end).max(Duration::ZERO);
    let since = period(window).map_or_else(String::new, |period| format!(", {period}"));
    let part = part_of(observed, window.length);
    vec![format!("{part} observed{since}")]
}

/// From when to when the stage runs.
fn period(window: &Window) -> Option<String> {
    let started = window.started?;
    Some(match window.ended {
        Some(ended) => format!("started {started}, ended {ended} where the next stage began"),
        None => format!("started {}", beside(started, window.end)),
    })
}
