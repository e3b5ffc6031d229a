//! One gate: its verdict, its window, what decided, then all criteria. Must not count or judge again.

use super::page::{Cell, GAP, Page};
use super::{decided, standing, table};
use crate::assessment::{Counts, CriterionAssessment, GateAssessment, Outcome, Window};
use crate::kind::GateKind;
use crate::plan::Observe;
use crate::units::Duration;

/// Wide enough for `NO-GO`.
pub(super) const VERDICT_WIDTH: usize = 5;

/// The whole gate.
pub(super) fn write(page: &mut Page, gate: &GateAssessment) {
    page.blank();
    let label = [(VERDICT_WIDTH, Cell::verdict(gate.verdict))];
    let overridden = gate.override_in_force();
    let mut heading = title(gate);
    if overridden.is_some() {
        heading = format!("{} {} {heading}", standing::OVERRIDDEN, page.sign("·", "-"));
    }
    page.labelled(0, &label, Cell::heading(&heading));
    if let Some(overridden) = overridden {
        let line = standing::in_full(overridden);
        page.line(VERDICT_WIDTH + GAP, Cell::warning(&line));
    }
    let mut about = vec![counts(gate)];
    about.extend(gate.window.iter().flat_map(|one| window(one, gate.kind)));
    for line in about {
        page.line(VERDICT_WIDTH + GAP, Cell::plain(&line));
    }
    if !decided::deciding(gate).is_empty() {
        page.blank();
        decided::write(page, gate);
    }
    table::write(page, gate);
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

/// `5/6 met, stops 3/3 clear`.
pub(super) fn counts(gate: &GateAssessment) -> String {
    let Counts { criteria, stops } = gate.counts;
    let met = format!("{}/{} met", criteria.met, criteria.total);
    if stops.total == 0 {
        return met;
    }
    let stops = format!("stops {}/{} clear", stops.clear, stops.total);
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
        Some(at) => format!("{observed} of {length} observed since the rollback, complete at {at}"),
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
        (None, Some(at)) => format!(", complete at {at}"),
        (None, None) => String::new(),
    };
    // While the stage settles, the judged span has not begun.
    let begins = window.completes_at.map(|at| at - *length);
    let judged = match begins.filter(|begins| begins > end) {
        Some(begins) => format!("{runs}, nothing is judged before {begins}"),
        None => format!("{runs}, judged from {start}"),
    };
    vec![format!("{observed} of {length} observed{how_far}"), judged]
}

/// From when to when the stage runs.
fn period(window: &Window) -> Option<String> {
    let started = window.started?;
    Some(match window.ended {
        Some(ended) => format!("started {started}, ended {ended} where the next stage began"),
        None => format!("started {started}"),
    })
}
