//! What decided a gate, before all the rest: the criteria behind its verdict with their reasons.
//! Must not decide again.

use super::measured::{measured, required};
use super::page::{Cell, Page};
use crate::assessment::{Code, CriterionAssessment, GateAssessment, Outcome, SeriesAssessment};
use crate::kind::{CriterionKind, GateName, List};
use crate::verdict::Verdict;

/// Wide enough for `so far met`.
pub(super) const OUTCOME_WIDTH: usize = 10;
/// What a person says does not apply; their words are beside it.
const NOT_APPLICABLE: &str = "n/a";
/// What nothing contradicts while the window runs.
pub(super) const SO_FAR_MET: &str = "so far met";
/// A stop whose bad state lasts now, and not yet long enough to trip.
pub(super) const ON_ITS_WAY: &str = "on its way";
/// Said of several criteria once; on a screen `outstanding` is enough.
const NOBODY_YET: &str = "nobody has answered these yet: see what is outstanding below";
/// More names than this in one entry are counted, not listed; the table has them all.
const MAX_NAMES: usize = 12;

/// The outcome that causes a verdict; a GO takes all criteria together.
fn deciding_outcome(verdict: Verdict) -> Option<Outcome> {
    match verdict {
        Verdict::Go => None,
        Verdict::Hold => Some(Outcome::Unknown),
        Verdict::NoGo => Some(Outcome::Unmet),
        Verdict::Stop => Some(Outcome::Tripped),
    }
}

/// Whether a criterion decided its gate. That the window runs is told once for all.
pub(super) fn decides(gate: &GateAssessment, criterion: &CriterionAssessment) -> bool {
    criterion.list != List::Watch
        && Some(criterion.outcome) == deciding_outcome(gate.verdict)
        && !waits(criterion)
}

/// Whether nothing but the end of the window is missing.
pub(super) fn waits(criterion: &CriterionAssessment) -> bool {
    let is_window = criterion.kind == CriterionKind::Window;
    criterion.is_met_so_far() || is_window && criterion.code == Code::WindowIncomplete
}

/// Whether a gate only waits: for the end of its window and, besides, for nothing but answers that nobody has given.
pub(super) fn only_waits(gate: &GateAssessment) -> bool {
    let criteria = gate.criteria.iter().filter(|one| one.list != List::Watch);
    let mut unknown = criteria.filter(|one| one.outcome == Outcome::Unknown);
    gate.verdict == Verdict::Hold
        && gate.criteria.iter().any(waits)
        && unknown.all(|one| {
            waits(one) || is_due_later(one) || nobody_said_anything(one) || one.is_due_at_end()
        })
}

/// Whether what is asked for besides KPIs is due only once the window is complete, and nothing contradicts it.
pub(super) fn is_due_later(criterion: &CriterionAssessment) -> bool {
    criterion.kind != CriterionKind::Kpis
        && criterion.code == Code::WindowIncomplete
        && !criterion.is_met_so_far()
}

/// The word for an outcome, which says of what only waits for the end of the window how it stands so far, and of a stop that it is
/// on its way.
pub(super) fn outcome_word(criterion: &CriterionAssessment) -> &'static str {
    if criterion.approach().is_some() {
        ON_ITS_WAY
    } else if criterion.is_shown_so_far() {
        SO_FAR_MET
    } else if criterion.is_not_applicable() {
        NOT_APPLICABLE
    } else {
        criterion.outcome.word()
    }
}

/// The same of one of its series.
pub(super) fn series_word(series: &SeriesAssessment) -> &'static str {
    if series.is_on_its_way() {
        ON_ITS_WAY
    } else if series.is_met_so_far() {
        SO_FAR_MET
    } else {
        series.outcome.word()
    }
}

/// That a stage has not begun, where everything that its gate asks waits for that.
pub(super) fn not_begun(gate: &GateAssessment) -> Option<&CriterionAssessment> {
    let mut criteria = gate.criteria.iter();
    let start = criteria.find(|one| one.kind == CriterionKind::Start && one.code == Code::NotBegun);
    start.filter(|start| {
        let is_good = |outcome| matches!(outcome, Outcome::Met | Outcome::Clear);
        let mut others = gate.criteria.iter().filter(|one| one.list != List::Watch);
        start.outcome == Outcome::Unknown
            && others.all(|one| one.code == Code::NotBegun || is_good(one.outcome))
    })
}

/// The criteria that decided, in plan order.
pub(super) fn deciding(gate: &GateAssessment) -> Vec<&CriterionAssessment> {
    gate.criteria
        .iter()
        .filter(|criterion| decides(gate, criterion))
        .collect()
}

/// Criteria that decided, with the reason that they share.
pub(super) struct Decision {
    pub(super) outcome: Outcome,
    /// The one criterion with what was measured, or the names of several.
    pub(super) what: String,
    pub(super) reason: String,
    /// What is noted of a stop that tripped: on a screen it has no line of its own.
    notes: Vec<String>,
}

/// Each criterion that decided with its reason. Those with the same reason (a source that cannot be reached) share an entry.
pub(super) fn decisions(gate: &GateAssessment) -> Vec<Decision> {
    let groups = by_reason(deciding(gate));
    groups
        .iter()
        .filter_map(|group| decision(gate, group))
        .collect()
}

fn decision(gate: &GateAssessment, group: &[&CriterionAssessment]) -> Option<Decision> {
    let first = group.first()?;
    let what = match group {
        [only] => in_words(only),
        several => names(several),
    };
    let what = match labelled(gate, group) {
        Some(list) => format!("{list}: {what}"),
        None => what,
    };
    let is_asked = group.len() > 1 && nobody_said_anything(first);
    let reason = is_asked.then(|| NOBODY_YET.to_owned());
    let tripped = group.iter().filter(|one| one.outcome == Outcome::Tripped);
    Some(Decision {
        notes: tripped.flat_map(|one| one.notes.clone()).collect(),
        outcome: first.outcome,
        what,
        reason: reason.unwrap_or_else(|| first.reason.clone()),
    })
}

/// The list of what is unknown, where the gate has stops: what is unmet is of the exit, what tripped is a stop (L18).
fn labelled(gate: &GateAssessment, group: &[&CriterionAssessment]) -> Option<&'static str> {
    let first = group.first()?;
    let has_stops = gate.counts.stops.total > 0;
    let is_one_list = group.iter().all(|one| one.list == first.list);
    let is_open = first.outcome == Outcome::Unknown && first.kpi.is_some();
    (has_stops && is_one_list && is_open).then(|| first.list.word())
}

/// Writes them one below the other. On a screen the first is by its name only, if the headline has told all of it.
pub(super) fn write(page: &mut Page, gate: &GateAssessment, is_alone: bool) {
    let mut decisions = decisions(gate);
    let not_begun = not_begun(gate).filter(|_| !page.whole());
    if let Some(start) = not_begun {
        decisions = decision(gate, &[start]).into_iter().collect();
    }
    if !page.whole()
        && is_alone
        && let (Some(first), Some(name)) = (decisions.first_mut(), in_headline(gate))
    {
        first.what = name;
    }
    if !page.whole() {
        decisions.retain(|one| one.reason != NOBODY_YET);
    }
    for decision in decisions {
        let label = [(OUTCOME_WIDTH, Cell::outcome(decision.outcome))];
        page.labelled(2, &label, Cell::heading(&decision.what));
        page.line(2 + OUTCOME_WIDTH + 2, Cell::plain(&decision.reason));
        let notes = if page.whole() {
            Vec::new()
        } else {
            decision.notes
        };
        for note in notes {
            page.line(2 + OUTCOME_WIDTH + 2, Cell::plain(&note));
        }
    }
}

/// The first criterion that decided by its name, unless others share its entry.
fn in_headline(gate: &GateAssessment) -> Option<String> {
    let groups = by_reason(deciding(gate));
    match groups.first()?.as_slice() {
        [only] => Some(called(only.kind, &only.name)),
        _ => None,
    }
}

fn by_reason(criteria: Vec<&CriterionAssessment>) -> Vec<Vec<&CriterionAssessment>> {
    let mut groups: Vec<Vec<&CriterionAssessment>> = Vec::new();
    for criterion in criteria {
        let group = groups
            .iter_mut()
            .find(|group| (group.first()).is_some_and(|first| share_a_reason(first, criterion)));
        match group {
            Some(group) => group.push(criterion),
            None => groups.push(vec![criterion]),
        }
    }
    groups
}

fn share_a_reason(left: &CriterionAssessment, right: &CriterionAssessment) -> bool {
    left.reason == right.reason || nobody_said_anything(left) && nobody_said_anything(right)
}

/// Nobody has answered, nor taken an answer back. What would settle it is under `outstanding`. A checkpoint is not such an answer: it
/// has its day, whatever the window does.
pub(super) fn nobody_said_anything(criterion: &CriterionAssessment) -> bool {
    criterion.code == Code::NotAnswered
        && criterion.kind != CriterionKind::Checkpoints
        && criterion.based_on.is_empty()
        && criterion.next_step.is_some()
}

/// `exception_rate 3.4%, required < 3%`; a stop's condition is what it trips at.
pub(super) fn in_words(criterion: &CriterionAssessment) -> String {
    if is_told_by_reason(criterion.kind) {
        return called(criterion.kind, &criterion.name);
    }
    let mut words = criterion.name.clone();
    if let Some(title) = criterion.title.as_ref().filter(|_| criterion.kpi.is_some()) {
        words.push_str(&format!(" ({title})"));
    }
    if let Some(value) = measured(criterion) {
        words.push_str(&format!(" {value}"));
    }
    let required = required(criterion);
    if !required.is_empty() {
        let asks = criterion.kpi.is_none() && criterion.title.is_some();
        let verb = match (criterion.list, criterion.condition.is_some() && !asks) {
            (_, false) => ":",
            (List::Stop, true) if criterion.kpi.is_none() => ":",
            (List::Stop, true) => ", trips at",
            (List::Entry | List::Exit | List::Recovery | List::Watch, true) => ", required",
        };
        words.push_str(&format!("{verb} {required}"));
    }
    words
}

/// Whether the reason says all of it: what people or the ledger have to say, whose condition is one word.
pub(super) fn is_told_by_reason(kind: CriterionKind) -> bool {
    match kind {
        CriterionKind::After
        | CriterionKind::Approvals
        | CriterionKind::Confirmations
        | CriterionKind::Deadline
        | CriterionKind::Ledger
        | CriterionKind::Newer
        | CriterionKind::Paused
        | CriterionKind::Plan
        | CriterionKind::Rollback
        | CriterionKind::Start
        | CriterionKind::Window => true,
        CriterionKind::Kpis
        | CriterionKind::Checkpoints
        | CriterionKind::Checklists
        | CriterionKind::Incidents
        | CriterionKind::NoIncidents
        | CriterionKind::Alerts
        | CriterionKind::NoAlerts
        | CriterionKind::Artifacts
        | CriterionKind::Probes
        | CriterionKind::Outside => false,
    }
}

/// What a criterion is called among others: criteria implied by the ledger are named after a stage, or after a gate, which says it
/// all.
pub(super) fn called(kind: CriterionKind, name: &str) -> String {
    match kind.of_stage() {
        Some(what) if name.parse::<GateName>().is_err() => format!("{what} of {name}"),
        Some(_) | None => name.to_owned(),
    }
}

/// `a, b (2), c`: each name once, with how many have it.
pub(super) fn counted_names(criteria: &[&CriterionAssessment]) -> String {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for criterion in criteria {
        match names.iter_mut().find(|(name, _)| *name == criterion.name) {
            Some((_, count)) => *count += 1,
            None => names.push((&criterion.name, 1)),
        }
    }
    let told = names.iter().map(|(name, count)| match count {
        1 => (*name).to_owned(),
        several => format!("{name} ({several})"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// `a, b, c`, each name once.
pub(super) fn names(criteria: &[&CriterionAssessment]) -> String {
    named(criteria.iter().map(|one| (one.kind, one.name.as_str())))
}

/// The same of kinds and names.
pub(super) fn named<'n>(criteria: impl IntoIterator<Item = (CriterionKind, &'n str)>) -> String {
    let mut names: Vec<String> = Vec::new();
    for (kind, name) in criteria {
        let name = called(kind, name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let listed: Vec<&str> = names.iter().take(MAX_NAMES).map(String::as_str).collect();
    let listed = listed.join(", ");
    match names.len().saturating_sub(MAX_NAMES) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}
