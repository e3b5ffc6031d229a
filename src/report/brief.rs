//! What a screen leaves out because it does not help at that moment (L2): records and files tell all of it. Must not leave out
//! what decided.

use super::decided::{self, ON_ITS_WAY};
use super::measured::measured;
use super::series::is_good;
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome, Window};
use crate::kind::List;
use crate::verdict::Verdict;

/// What is judged ahead of its turn.
pub(super) const OUTLOOK: &str = "outlook (decides nothing yet)";

/// Whether something is to be done about a criterion now: an answer that is due once the window is complete has time until its
/// end is near, and nothing counts before the stage begins.
pub(super) fn is_due(gate: &GateAssessment, criterion: &CriterionAssessment) -> bool {
    match decided::not_begun(gate) {
        Some(start) => std::ptr::eq(start, criterion),
        None => !(gate.window.as_ref().is_some_and(Window::has_time) && criterion.is_due_at_end()),
    }
}

/// `outlook (decides nothing yet) NO-GO wave-1/entry: peak unmet, 14 unknown`.
pub(super) fn ahead(gate: &GateAssessment) -> String {
    let with = |outcome: Outcome| {
        let all = gate.criteria.iter().filter(|one| one.list != List::Watch);
        all.filter(|one| one.outcome == outcome).collect::<Vec<_>>()
    };
    let (unmet, unknown) = (with(Outcome::Unmet), with(Outcome::Unknown));
    let unmet = (!unmet.is_empty()).then(|| format!("{} unmet", decided::names(&unmet)));
    let unknown = (!unknown.is_empty()).then(|| format!("{} unknown", unknown.len()));
    let open: Vec<String> = unmet.into_iter().chain(unknown).collect();
    let open = match open.as_slice() {
        [] => String::new(),
        open => format!(": {}", open.join(", ")),
    };
    format!("{OUTLOOK} {} {}{open}", gate.verdict.word(), gate.name())
}

/// What nothing contradicts while the window runs: `, 7 so far`; nothing if there is no such criterion.
pub(super) fn so_far(gate: &GateAssessment) -> String {
    let own = gate.criteria.iter().filter(|one| match one.list {
        List::Entry | List::Exit | List::Recovery => one.is_shown_so_far(),
        List::Stop | List::Watch => false,
    });
    match own.count() {
        0 => String::new(),
        count => format!(", {count} so far"),
    }
}

/// How many stops are clear, and what is said of those that may trip: `, 1 on its way`.
pub(super) fn clear(gate: &GateAssessment) -> (usize, String) {
    let with = |word: &str| {
        let criteria = gate.criteria.iter();
        criteria
            .filter(|one| decided::outcome_word(one) == word)
            .count()
    };
    let coming = match with(ON_ITS_WAY) {
        0 => String::new(),
        near => format!(", {near} {ON_ITS_WAY}"),
    };
    (with(Outcome::Clear.word()), coming)
}

/// What is open of a list by outcome, in one line: `unmet: exception_rate; unknown: warehouse-lead`. What is met so far is counted
/// with what is met.
pub(super) fn by_outcome(gate: &GateAssessment, list: List) -> Option<String> {
    let with = |outcome: Outcome| {
        let of_list = gate.criteria.iter().filter(|one| one.list == list);
        of_list.filter(move |one| one.outcome == outcome && !one.is_met_so_far())
    };
    let named = [Outcome::Tripped, Outcome::Unmet, Outcome::Unknown].map(|outcome| {
        let found: Vec<_> = with(outcome).collect();
        (!found.is_empty()).then(|| format!("{}: {}", outcome.word(), decided::names(&found)))
    });
    let all: Vec<String> = named.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// Whether a criterion has a line of its own on a screen; `is_alone`: the headline is about this gate only.
pub(super) fn has_a_line(
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    is_alone: bool,
) -> bool {
    if gate.verdict == Verdict::Stop {
        // What tripped is told with its reason; the rest can wait, and is told list by list.
        return false;
    }
    // In the headline of a window that runs; otherwise under `outstanding`.
    let is_asked = decided::nobody_said_anything(criterion);
    let is_in_headline =
        is_asked && (is_due(gate, criterion) || is_alone && decided::only_waits(gate));
    let is_start = decided::not_begun(gate).is_some_and(|start| std::ptr::eq(start, criterion));
    let is_told = is_in_headline || is_start && is_alone;
    !(is_told || criterion.list == List::Stop && is_quiet(criterion) || is_watched_well(criterion))
}

/// How many of a list have no line of their own, and where they are told: `, 6 open: see the headline`. With what is met and met so
/// far they are all that is asked.
pub(super) fn without_a_line(gate: &GateAssessment, list: List, is_alone: bool) -> Option<String> {
    let of_list = gate.criteria.iter().filter(|one| one.list == list);
    let missing = of_list.filter(|one| !has_a_line(gate, one, is_alone));
    let is_in_headline =
        is_alone && (decided::only_waits(gate) || decided::not_begun(gate).is_some());
    let place = if is_in_headline {
        "the headline"
    } else {
        "outstanding"
    };
    match missing.count() {
        0 => None,
        count => Some(format!(", {count} open: see {place}")),
    }
}

/// Whether there is nothing to say of what is only watched but how it stands.
pub(super) fn is_watched_well(criterion: &CriterionAssessment) -> bool {
    let is_well = is_good(criterion.outcome) || criterion.is_met_so_far();
    criterion.list == List::Watch && is_well && criterion.notes.is_empty()
}

/// `so far met: api_p95 150ms, cpu 37%`: what is watched and well, with what was measured.
pub(super) fn watched(gate: &GateAssessment) -> Option<String> {
    let well = || gate.criteria.iter().filter(|one| is_watched_well(one));
    let word = decided::outcome_word(well().next()?);
    let told = well().map(|one| match measured(one) {
        Some(value) => format!("{} {value}", one.name),
        None => one.name.clone(),
    });
    Some(format!("{word}: {}", told.collect::<Vec<_>>().join(", ")))
}

/// Whether there is nothing to say of a stop but that it is clear.
pub(super) fn is_quiet(stop: &CriterionAssessment) -> bool {
    let is_clear = stop.outcome == Outcome::Clear && stop.approach().is_none();
    is_clear && stop.notes.is_empty() && stop.based_on.is_empty()
}
