//! What a gate asks without the plan saying so: the stages before were left with GO, the rollout is not paused, the stage
//! was not rolled back, its start is beyond dispute, its window is over. Must not add a criterion that could make a gate GO.

use super::after;
use super::cited::cited;
use super::context::{CriterionContext, Ruling, resume};
use super::kpi_question::incomplete;
use super::{Code, CriterionAssessment};
use crate::kind::{Action, CriterionKind, GateKind, List};
use crate::plan::{Ask, Criterion, Stage};

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
    let (stage, ledger) = (&context.stage.name, context.ledger?);
    let is_exit = context.gate.kind == GateKind::Exit;
    let ruling = match (context.moment.started, ledger.start_of(stage)) {
        (Some(given), Some(recorded)) if given != recorded => {
            let reason = format!(
                "{stage} began at {recorded} by the ledger, not at {given}: leave --started out"
            );
            Ruling::open(Code::StartDisputed, reason)
        }
        (_, None) if is_exit && ledger.running().is_some() => Ruling::open(
            Code::NotRecorded,
            format!("{stage} has not begun by the ledger"),
        )
        .next_step(Action::Start, &[stage]),
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
            let rolled_back = context.ledger?.taken_back(stage)?;
            let reason = format!("rolled back {}, and has not gone on", cited(rolled_back));
            Ruling {
                next_step: Some(resume(stage)),
                ..Ruling::open(Code::RolledBack, reason).based_on(rolled_back)
            }
            .requires("not rolled back")
        }
        GateKind::Recovery => {
            if context.moment.rolled_back.is_some() {
                return None;
            }
            Ruling::open(
                Code::NotRolledBack,
                format!("no rollback of {stage} is recorded"),
            )
            .next_step(Action::Rollback, &["--stage", stage, "--why", "<reason>"])
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

/// A pause holds the gates of its stage, and the entry gates after it. Recovery is looked at while the rollout is paused.
fn paused(context: &CriterionContext<'_>) -> Vec<CriterionAssessment> {
    let Some(ledger) = context.ledger else {
        return Vec::new();
    };
    let own = &context.stage.name;
    let earlier = context
        .plan
        .stages
        .iter()
        .take_while(|stage| stage.name != *own);
    let earlier = earlier.filter(|_| context.gate.kind == GateKind::Entry);
    let is_held = context.gate.kind != GateKind::Recovery;
    let own_stage = is_held.then_some(context.stage);
    let held = |stage: &Stage| {
        let paused = ledger.paused(&stage.name)?;
        let ruling = Ruling {
            next_step: Some(resume(&stage.name)),
            ..Ruling::open(Code::Paused, format!("paused {}", cited(paused))).based_on(paused)
        };
        let ruling = ruling.requires("not paused");
        Some(named(
            ruling,
            CriterionKind::Paused,
            &stage.name,
            context.gate.kind.list(),
        ))
    };
    earlier.chain(own_stage).filter_map(held).collect()
}
