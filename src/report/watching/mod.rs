//! What a watch says while it lasts: one line for what it watches, what changes, and how it stands; and the live view (`block`). In
//! the words of the reports; whom it asks (`asking`). For programs: how it stands (`now`), as metrics and as JSON (`metrics`, `status`). Must not judge, nor
//! know a clock.

mod asking;
mod block;
mod fit;
mod metrics;
mod now;
mod status;

use super::decided::{self, outcome_word};
use super::measured::{measured, measured_alone, required};
use super::series::is_good;
use super::{escape, times, words};
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome, SeriesAssessment, Window};
use crate::evidence::Evidence;
use crate::kind::{CriterionKind, List};
use crate::rollout::steps;
use crate::units::{Duration, Instant};

pub use asking::{asking, below, failed, rarely_tried};
pub use block::block;
pub use metrics::metrics;
pub use now::{AwayNow, LastRecord, Notices, Now};
pub use status::status;

/// What the ledger asked for, and does no more.
const SETTLED: &str = "settled";
/// So wide is a verdict or an outcome at the beginning of a line.
const WIDTH: usize = 10;

/// `12:00:02Z  words`: the time of day, in UTC.
#[must_use]
pub fn at_time(at: Instant, words: &str) -> String {
    format!("{}  {}", time_of_day(at), escape(words))
}

/// `12:00:02Z`.
#[must_use]
pub fn time_of_day(at: Instant) -> String {
    let text = at.to_string();
    let (_, time) = text.split_once('T').unwrap_or(("", &text));
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    format!("{}Z", time.trim_end_matches('Z'))
}

/// `watching pilot/exit of R1.0 every 1m, 31h of 48h observed, complete 2026-11-27T05:00:00Z`.
#[must_use]
pub fn opening(evidence: &Evidence, every: Duration) -> String {
    let gates: Vec<String> = evidence
        .deciding()
        .map(|gate| gate.name().to_string())
        .collect();
    let window = evidence
        .deciding()
        .find_map(|gate| gate.window.as_ref().map(progress));
    let window = window.map_or_else(String::new, |window| format!(", {window}"));
    format!(
        "watching {} of {} every {every}{window}",
        gates.join(" and "),
        words::release(evidence)
    )
}

/// `31h of 48h observed, complete 2026-11-27T05:00:00Z`.
fn progress(window: &Window) -> String {
    let part = part(window);
    match window.completes_at.filter(|_| !window.complete) {
        Some(at) => format!("{part} observed, complete {at}"),
        None => format!("{part} observed"),
    }
}

/// What is different from the round before, a line each: verdicts first, then outcomes.
#[must_use]
pub fn changes(before: &Evidence, now: &Evidence) -> Vec<String> {
    let plan = &now.plan.path;
    let mut lines = Vec::new();
    for gate in now.deciding() {
        let was = before.deciding().find(|one| one.name() == gate.name());
        if was.is_none_or(|was| was.verdict != gate.verdict) {
            lines.push(labelled(
                gate.verdict.word(),
                &format!("{}: {}", gate.name(), words::gate_in_words(gate)),
            ));
        }
        let Some(was) = was else {
            continue;
        };
        lines.extend(gate.criteria.iter().filter_map(|criterion| {
            let word = outcome_word(criterion);
            let is_new = match same(was, criterion) {
                Some(was) => outcome_word(was) != word,
                // What the ledger asks comes and goes: a pause, a rollback.
                None => !is_good(criterion.outcome),
            };
            is_new.then(|| labelled(word, &told(criterion, gate, plan)))
        }));
        let gone = was.criteria.iter().filter(|one| same(gate, one).is_none());
        let gone = gone.filter(|one| !is_good(one.outcome));
        // What becomes of the plan is said when it is read.
        let gone = gone.filter(|one| one.kind != CriterionKind::Plan);
        lines.extend(gone.map(|one| match one.kind.of_stage() {
            Some(_) => labelled(SETTLED, &decided::called(one.kind, &one.name)),
            None => no_longer_asked(one),
        }));
    }
    lines
}

/// `no longer asked: error_rate < 2.5%`.
fn no_longer_asked(criterion: &CriterionAssessment) -> String {
    let condition = criterion.condition.as_deref().unwrap_or_default();
    let asked = format!("{} {condition}", criterion.name);
    format!("no longer asked: {}", asked.trim_end())
}

fn same<'a>(
    gate: &'a GateAssessment,
    criterion: &CriterionAssessment,
) -> Option<&'a CriterionAssessment> {
    let mut criteria = gate.criteria.iter();
    criteria.find(|one| {
        (one.list, one.kind, &one.name, &one.condition)
            == (
                criterion.list,
                criterion.kind,
                &criterion.name,
                &criterion.condition,
            )
    })
}

fn labelled(word: &str, what: &str) -> String {
    format!("{word:WIDTH$} {what}")
}

/// `exception_rate (BER1) 3.2%, required < 3%`, with the reason where nothing was measured; of a stop on its way, when it trips and what
/// holds the stage before that.
fn told(criterion: &CriterionAssessment, gate: &GateAssessment, plan: &str) -> String {
    if let Some((series, approach)) = criterion.approach() {
        let per = series.per.iter().map(|per| format!(" ({per})"));
        let name: String = std::iter::once(criterion.name.clone()).chain(per).collect();
        let pause = steps::pause(&gate.stage).command(plan);
        return format!("{name} {approach}; to hold it: {pause}");
    }
    let is_missing = criterion.outcome == Outcome::Unknown && !criterion.is_met_so_far();
    if measured(criterion).is_some() && !is_missing {
        return decided::in_words(criterion);
    }
    let name = decided::called(criterion.kind, &criterion.name);
    format!("{name}: {}", criterion.reason)
}

/// How it stands, in one line: `HOLD pilot/exit 35m of 2h; window runs, …; nothing speaks against it; closest: error_rate 0.62%, < 1%`.
#[must_use]
pub fn heartbeat(evidence: &Evidence) -> String {
    let gates: Vec<String> = evidence.deciding().map(observed).collect();
    let decided = words::decided_by(evidence);
    let mut decided = decided.as_str();
    if let Some(gate) = evidence.deciding().next() {
        let name = format!("{}: ", gate.name());
        decided = decided.strip_prefix(name.as_str()).unwrap_or(decided);
    }
    let closest = closest(evidence).map(|closest| format!("; closest: {closest}"));
    format!(
        "{} {}; {decided}{}",
        evidence.verdict.word(),
        gates.join(" and "),
        closest.unwrap_or_default()
    )
}

/// `pilot/exit 35m of 2h`.
fn observed(gate: &GateAssessment) -> String {
    let part = gate.window.as_ref().map(part);
    let part = part.map_or_else(String::new, |part| format!(" {part}"));
    format!("{}{part}", gate.name())
}

fn part(window: &Window) -> String {
    times::part_of(length_observed(window), window.length)
}

/// How much of a window was observed.
fn length_observed(window: &Window) -> Duration {
    window.start.until(window.end).min(window.length)
}

/// Of what is good, what has least room to its limit.
fn closest(evidence: &Evidence) -> Option<String> {
    let criteria = evidence.deciding().flat_map(|gate| &gate.criteria);
    let good = criteria.filter(|one| is_good(one.outcome) || one.is_met_so_far());
    let near = good.filter_map(|criterion| Some((nearness(criterion)?, criterion)));
    let (_, criterion) = near.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    let value = measured_alone(criterion)?;
    Some(format!(
        "{} {value}, {}",
        criterion.name,
        required(criterion)
    ))
}

/// How much of its room to the limit a criterion on a KPI has used up, 1 at the limit; `None` where that says nothing.
#[must_use]
pub fn nearness(criterion: &CriterionAssessment) -> Option<f64> {
    let kpi = criterion.kpi.as_ref()?;
    let of_series = kpi.series.iter().filter_map(|series| {
        let (value, bound) = (series.value?, series.common_bound()?);
        let share = if limits_above(criterion, series) {
            value / bound
        } else {
            bound / value
        };
        (share.is_finite() && share >= 0.0).then_some(share)
    });
    of_series.max_by(f64::total_cmp)
}

/// Whether the limit is an upper one: a stop trips beyond it, the other lists ask for less.
fn limits_above(criterion: &CriterionAssessment, series: &SeriesAssessment) -> bool {
    let is_above = criterion
        .condition
        .as_deref()
        .is_some_and(|condition| condition.contains('>'));
    match criterion.list {
        List::Stop => is_above,
        List::Entry | List::Exit | List::Recovery | List::Watch => {
            !is_above && series.bound.is_some()
        }
    }
}
