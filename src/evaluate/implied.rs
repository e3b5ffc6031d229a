//! What a gate asks without the plan saying so: the stages before were left with GO, the rollout is not paused, the stage
//! was not rolled back, its start is beyond dispute, its window is over. Must not add a criterion that could make a gate GO.

use super::after;
use super::case::incomplete;
use super::cited::cited;
use super::setting::{Ruling, Setting, resume};
use super::{Code, CriterionAssessment};
use crate::plan::{Ask, Criterion, GateKind, List, Stage};

/// Judges what follows from the ledger and the order of stages.
pub(super) fn assess(setting: &Setting<'_>) -> Vec<CriterionAssessment> {
    let mut implied = after::assess(setting);
    implied.extend(start(setting));
    implied.extend(window(setting));
    implied.extend(rollback(setting));
    implied.extend(paused(setting));
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

/// The list of what decides on a gate.
fn list(setting: &Setting<'_>) -> List {
    match setting.gate.kind {
        GateKind::Entry => List::Entry,
        GateKind::Exit => List::Exit,
        GateKind::Recovery => List::Recovery,
    }
}

fn named(ruling: Ruling, kind: &'static str, stage: &str, list: List) -> CriterionAssessment {
    ruling.named(list, kind, stage.to_owned())
}

/// A start from the command line that the ledger knows better: with an earlier one a window would seem complete. And an
/// exit from a stage that has not begun, where people record what begins.
fn start(setting: &Setting<'_>) -> Option<CriterionAssessment> {
    let (stage, ledger) = (&setting.stage.name, setting.ledger?);
    let is_exit = setting.gate.kind == GateKind::Exit;
    let ruling = match (setting.moment.started, ledger.start_of(stage)) {
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
        .settled_by("start", &[stage]),
        _ => return None,
    };
    Some(named(
        ruling.requires("begun"),
        "start",
        stage,
        list(setting),
    ))
}

/// The window holds an exit and a recovery gate that asks about no KPI as well: what people answer is no observation.
fn window(setting: &Setting<'_>) -> Option<CriterionAssessment> {
    let (stage, gate, list) = (setting.stage, setting.gate, list(setting));
    let length = match gate.kind {
        GateKind::Entry => None,
        GateKind::Exit => stage.window,
        GateKind::Recovery => gate.window,
    }?;
    let is_observed = |one: &Criterion| one.list == list && matches!(one.ask, Ask::Kpi(_));
    if gate.criteria.iter().any(is_observed) {
        return None;
    }
    let running = incomplete(list, stage, length, setting.moment)?;
    let ruling = Ruling::open(running.code, running.reason).requires("observed");
    Some(named(ruling, "window", &stage.name, list))
}

/// An exit gate waits until a stage that was rolled back goes on; a recovery gate waits for a rollback.
fn rollback(setting: &Setting<'_>) -> Option<CriterionAssessment> {
    let stage = &setting.stage.name;
    let ruling = match setting.gate.kind {
        GateKind::Entry => return None,
        GateKind::Exit => {
            let rolled_back = setting.ledger?.taken_back(stage)?;
            let reason = format!("rolled back {}, and has not gone on", cited(rolled_back));
            Ruling {
                settle: Some(resume(stage)),
                ..Ruling::open(Code::RolledBack, reason).rests_on(rolled_back)
            }
            .requires("not rolled back")
        }
        GateKind::Recovery => {
            if setting.moment.rolled_back.is_some() {
                return None;
            }
            Ruling::open(
                Code::NotRolledBack,
                format!("no rollback of {stage} is recorded"),
            )
            .settled_by("rollback", &["--stage", stage, "--why", "<reason>"])
            .requires("rolled back")
        }
    };
    Some(named(ruling, "rollback", stage, list(setting)))
}

/// A pause holds the gates of its stage, and the entry gates after it. Recovery is looked at while the rollout is paused.
fn paused(setting: &Setting<'_>) -> Vec<CriterionAssessment> {
    let Some(ledger) = setting.ledger else {
        return Vec::new();
    };
    let own = &setting.stage.name;
    let earlier = setting
        .plan
        .stages
        .iter()
        .take_while(|stage| stage.name != *own);
    let earlier = earlier.filter(|_| setting.gate.kind == GateKind::Entry);
    let is_held = setting.gate.kind != GateKind::Recovery;
    let own_stage = is_held.then_some(setting.stage);
    let held = |stage: &Stage| {
        let paused = ledger.paused(&stage.name)?;
        let ruling = Ruling {
            settle: Some(resume(&stage.name)),
            ..Ruling::open(Code::Paused, format!("paused {}", cited(paused))).rests_on(paused)
        };
        let ruling = ruling.requires("not paused");
        Some(named(ruling, "paused", &stage.name, list(setting)))
    };
    earlier.chain(own_stage).filter_map(held).collect()
}
