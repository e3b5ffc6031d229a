//! What a gate asks without the plan saying so: the stages before were left with GO, the rollout is not paused, the stage
//! was not rolled back, its start is beyond dispute, its window is over. Must not add a criterion that could make a gate GO.

use super::after;
use super::context::{CriterionContext, Ruling};
use super::kpi_question::incomplete;
use super::{Code, CriterionAssessment};
use crate::kind::{CriterionKind, GateKind, List};
use crate::plan::{Ask, Criterion};
use crate::rollout::steps;

/// Judges what follows from the ledger and the order of stages.
pub(super) fn assess(context: &CriterionContext<'_>) -> Vec<CriterionAssessment> {
    let mut implied = after::assess(context);
    implied.extend(start(context));
    implied.extend(window(context));
    implied.extend(rollback(context));
    implied.extend(paused(context));
    implied
}

/// Implied criteria come first in their list.
pub(super) fn joined(
    implied: Vec<CriterionAssessment>,
    own: Vec<CriterionAssessment>,
) -> Vec<CriterionAssessment> {
    let mut all = own;
    for criterion in implied.into_iter().rev() {
        let place = all.iter().position(|one| one.list == criterion.list);
        all.insert(place.unwrap_or(all.len()), criterion);
    }
    all
}

fn named(ruling: Ruling, kind: CriterionKind, stage: &str, list: List) -> CriterionAssessment {
    ruling.named(list, kind, stage.to_owned())
}

/// A start from the command line that the ledger knows better: with an earlier one a window would seem complete. And an
/// exit from a stage that has not begun, where people record what begins.
fn start(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let (stage, history) = (&context.stage.name, context.rollout.history());
    let is_exit = context.gate.kind == GateKind::Exit;
    let ruling = match (context.moment.started, history.start_of(stage)) {
        (Some(given), Some(recorded)) if given != recorded => {
            let reason = format!(
                "{stage} began at {recorded} by the ledger, not at {given}: leave --started out"
            );
            Ruling::open(Code::StartDisputed, reason)
        }
        (_, None) if is_exit && !history.begun().is_empty() => {
            let reason = format!("{stage} has not begun by the ledger");
            Ruling::open(Code::NotRecorded, reason).settled_by(steps::start(stage))
        }
        _ => return None,
    };
    Some(named(
        ruling.requires("begun"),
        CriterionKind::Start,
        stage,
        context.gate.kind.list(),
    ))
}

/// The window holds an exit and a recovery gate that asks about no KPI as well: what people answer is no observation.
fn window(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let (stage, gate, list) = (context.stage, context.gate, context.gate.kind.list());
    let length = match gate.kind {
        GateKind::Entry => None,
        GateKind::Exit => stage.window,
        GateKind::Recovery => gate.window,
    }?;
    let is_observed = |one: &Criterion| one.list == list && matches!(one.ask, Ask::Kpi(_));
    if gate.criteria.iter().any(is_observed) {
        return None;
    }
    let running = incomplete(list, stage, length, context.moment)?;
    let ruling = Ruling::open(running.code, running.reason).requires("observed");
    Some(named(ruling, CriterionKind::Window, &stage.name, list))
}

/// An exit gate waits until a stage that was rolled back goes on; a recovery gate waits for a rollback.
fn rollback(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let stage = &context.stage.name;
    let ruling = match context.gate.kind {
        GateKind::Entry => return None,
        GateKind::Exit => {
            let hold = context.rollout.rolled_back(stage)?;
            let reason = format!("{hold}, and has not gone on");
            Ruling::open(Code::RolledBack, reason)
                .based_on(hold.entry())
                .settled_by(steps::resume(stage))
                .requires("not rolled back")
        }
        GateKind::Recovery => {
            if context.moment.rolled_back.is_some() {
                return None;
            }
            let reason = format!("no rollback of {stage} is recorded");
            Ruling::open(Code::NotRolledBack, reason)
                .settled_by(steps::roll_back(stage))
                .requires("rolled back")
        }
    };
    Some(named(
        ruling,
        CriterionKind::Rollback,
        stage,
        context.gate.kind.list(),
    ))
}

/// A pause holds the gates of its stage, and the entry gates after it.
fn paused(context: &CriterionContext<'_>) -> impl Iterator<Item = CriterionAssessment> {
    let (kind, rollout) = (context.gate.kind, context.rollout);
    let pauses = rollout.pauses(context.stage, kind).into_iter();
    pauses.map(move |hold| {
        let ruling = Ruling::open(Code::Paused, hold.to_string())
            .based_on(hold.entry())
            .settled_by(steps::resume(hold.stage()))
            .requires("not paused");
        named(ruling, CriterionKind::Paused, hold.stage(), kind.list())
    })
}
