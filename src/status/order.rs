//! The order of stages: what state each is in, and which gates are in play. Must not judge a gate.

use super::StatusInput;
use super::stage::{State, has_gate, last_check, override_in_force};
use crate::evaluate::GateRef;
use crate::kind::GateKind;
use crate::ledger::{Event, Ledger};
use crate::plan::{Plan, Stage};
use crate::verdict::Verdict;

/// The state of each stage, in plan order.
pub(super) fn states(asked: &StatusInput<'_>) -> Vec<State> {
    let mut states: Vec<State> = Vec::new();
    for stage in &asked.plan.stages {
        let state = started(stage, asked).unwrap_or_else(|| unstarted(stage, &states, asked));
        states.push(state);
    }
    states
}

/// `None` where it was not started.
fn started(stage: &Stage, asked: &StatusInput<'_>) -> Option<State> {
    let ledger = asked.ledger?;
    ledger.start_of(&stage.name)?;
    Some(if ledger.taken_back(&stage.name).is_some() {
        State::RolledBack
    } else if !ledger.trips(&stage.name).is_empty() {
        State::Stopped
    } else if ledger.paused(&stage.name).is_some() {
        State::Paused
    } else {
        left(stage, ledger, asked).unwrap_or(State::Running)
    })
}

/// `earlier` holds the states of the stages before it in the plan.
fn unstarted(stage: &Stage, earlier: &[State], asked: &StatusInput<'_>) -> State {
    let before = asked.plan.before(stage);
    let mut states = asked.plan.stages.iter().zip(earlier);
    let waits = states
        .any(|(one, state)| before.iter().any(|named| named.name == one.name) && !state.is_left());
    if waits {
        State::NotStarted
    } else {
        State::EntryOpen
    }
}

/// How a started stage was left; `None` while it was not.
fn left(stage: &Stage, ledger: &Ledger, asked: &StatusInput<'_>) -> Option<State> {
    let moved_on = moved_on(asked.plan, ledger, &stage.name);
    if !has_gate(stage, GateKind::Exit) {
        return moved_on.then_some(State::Left);
    }
    let gate = GateKind::Exit.of(&stage.name);
    let check = last_check(&gate, asked).filter(|check| !check.before_start);
    if check.is_some_and(|check| check.verdict == Verdict::Go) {
        return Some(State::Left);
    }
    let overridden = override_in_force(stage, GateKind::Exit, asked).is_some();
    (overridden || moved_on).then_some(State::Overridden)
}

/// Whether a stage that comes after this one was started since it began; others may run beside it.
#[must_use]
pub fn moved_on(plan: &Plan, ledger: &Ledger, stage: &str) -> bool {
    let since = ledger.turned(stage).map_or(0, |entry| entry.number);
    let comes_after = |name: &str| {
        let later = plan.stages.iter().find(|one| one.name == name);
        later.is_some_and(|later| plan.before(later).iter().any(|one| one.name == stage))
    };
    let mut later = ledger.entries().iter().filter(|one| one.number > since);
    later.any(|entry| matches!(&entry.event, Event::Started { stage, .. } if comes_after(stage)))
}

/// The gates in play: exit and, while it is flagged, recovery of what was begun and not left; entry of what comes next.
pub(super) fn in_play(states: &[State], asked: &StatusInput<'_>) -> Vec<GateRef> {
    let mut found = Vec::new();
    for (position, (stage, reached)) in asked.plan.stages.iter().zip(states).enumerate() {
        for (gate, one) in stage.gates.iter().enumerate() {
            if is_in_play(stage, *reached, one.kind, asked) {
                found.push(GateRef {
                    stage: position,
                    gate,
                });
            }
        }
    }
    found
}

pub(super) fn is_in_play(
    stage: &Stage,
    reached: State,
    kind: GateKind,
    asked: &StatusInput<'_>,
) -> bool {
    match (kind, reached) {
        (GateKind::Entry, State::EntryOpen) => true,
        (GateKind::Entry, State::NotStarted) => comes_next(stage, asked),
        (GateKind::Exit, State::Running | State::Paused | State::Stopped | State::RolledBack) => {
            true
        }
        (GateKind::Recovery, _) => awaits_recovery(stage, asked),
        (GateKind::Entry | GateKind::Exit, _) => false,
    }
}

/// Whether everything before it has at least begun.
fn comes_next(stage: &Stage, asked: &StatusInput<'_>) -> bool {
    let begun = |one: &&Stage| {
        let ledger = asked.ledger;
        ledger.is_some_and(|ledger| ledger.start_of(&one.name).is_some())
    };
    asked.plan.before(stage).iter().all(begun)
}

/// Whether the stage was rolled back, and no check since has shown that it is well again.
pub(super) fn awaits_recovery(stage: &Stage, asked: &StatusInput<'_>) -> bool {
    let unrecovered = asked
        .ledger
        .and_then(|ledger| ledger.unrecovered(&stage.name, true));
    has_gate(stage, GateKind::Recovery) && unrecovered.is_some()
}

/// Stages that were started and that the plan does not have (any more), each once.
pub(super) fn unknown_stages(asked: &StatusInput<'_>) -> Vec<String> {
    let planned = |name: &str| asked.plan.stages.iter().any(|one| one.name == name);
    let begun = asked.ledger.map(Ledger::begun).unwrap_or_default();
    let unknown_stages = begun.into_iter().filter(|name| !planned(name));
    unknown_stages.map(str::to_owned).collect()
}
