//! What to do next: one command. Must not propose to begin what no recorded check allows.

use super::stage::{GateStatus, StageStatus, State};
use super::work::Owed;
use super::{StatusInput, order};
use crate::evaluate::NextStep;
use crate::kind::{Action, GateKind};
use crate::verdict::Verdict;

/// The next command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The command.
    pub command: NextStep,
    /// Why this one.
    pub why: String,
}

impl Next {
    fn new(action: Action, arguments: &[&str], why: impl Into<String>) -> Self {
        Self {
            command: NextStep::new(action, arguments),
            why: why.into(),
        }
    }
}

/// Trouble first, then what runs, then what comes next.
pub(super) fn of(stages: &[StageStatus], owed: &[Owed], asked: &StatusInput<'_>) -> Option<Next> {
    let with = |state: State| stages.iter().find(move |stage| stage.state == state);
    with(State::Stopped)
        .map(stopped)
        .or_else(|| with(State::RolledBack).map(|stage| rolled_back(stage, asked)))
        .or_else(|| with(State::Paused).map(paused))
        .or_else(|| with(State::Running).map(|stage| running(stage, asked)))
        .or_else(|| with(State::EntryOpen).map(|stage| entry(stage, owed)))
}

fn stopped(stage: &StageStatus) -> Next {
    Next::new(
        Action::Rollback,
        &["--stage", &stage.name, "--why", "<reason>"],
        format!(
            "{} tripped a stop: roll back, or resume in your own name once it is dealt with",
            stage.name
        ),
    )
}

fn rolled_back(stage: &StageStatus, asked: &StatusInput<'_>) -> Next {
    let mut stages = asked.plan.stages.iter();
    let planned = stages.find(|one| one.name == stage.name);
    if planned.is_some_and(|planned| order::awaits_recovery(planned, asked)) {
        let gate = GateKind::Recovery.of(&stage.name);
        return Next::new(
            Action::Check,
            &["--gate", &gate.to_string()],
            format!("rolled back; {gate} shows whether it is well again"),
        );
    }
    Next::new(
        Action::Resume,
        &["--stage", &stage.name, "--why", "<reason>"],
        format!(
            "{} was rolled back, and begins anew when somebody resumes",
            stage.name
        ),
    )
}

fn paused(stage: &StageStatus) -> Next {
    Next::new(
        Action::Resume,
        &["--stage", &stage.name, "--why", "<reason>"],
        format!("{} is paused until somebody resumes", stage.name),
    )
}

fn running(stage: &StageStatus, asked: &StatusInput<'_>) -> Next {
    let gate = GateKind::Exit.of(&stage.name);
    let window = stage
        .windows
        .iter()
        .find(|window| window.kind == GateKind::Exit);
    let why = match window.map(|window| window.completes_at) {
        Some(at) if at > asked.now => {
            format!(
                "{gate} judges its stops now, and all of it once the window is complete at {at}"
            )
        }
        Some(at) => format!("the window of {gate} is complete since {at}"),
        None => format!("{gate} decides whether the rollout may move on"),
    };
    Next::new(Action::Check, &["--gate", &gate.to_string()], why)
}

/// A stage begins on a recorded GO of its entry gate; before, whoever owes something, then a check.
fn entry(stage: &StageStatus, owed: &[Owed]) -> Next {
    let name = GateKind::Entry.of(&stage.name);
    let Some(gate) = stage.gates.iter().find(|gate| gate.gate == name) else {
        return Next::new(
            Action::Start,
            &[&stage.name],
            format!("{} has no entry gate", stage.name),
        );
    };
    let last = gate.last.as_ref().map(|check| check.verdict);
    if last == Some(Verdict::Go) {
        return Next::new(
            Action::Start,
            &[&stage.name],
            format!("{name} was GO when it was judged last"),
        );
    }
    match owed.iter().find(|one| one.gate == name) {
        Some(one) if last.is_some() => Next {
            command: one.next_step.clone(),
            why: format!("{name} waits for it: {}", waiting(gate)),
        },
        _ => Next::new(
            Action::Check,
            &["--gate", &name.to_string()],
            format!("{name} decides whether it may begin"),
        ),
    }
}

/// What the last check said.
fn waiting(gate: &GateStatus) -> String {
    gate.last.as_ref().map_or_else(
        || "it was not judged yet".to_owned(),
        |check| format!("the last check said {}", check.verdict.word()),
    )
}
