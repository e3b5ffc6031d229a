//! `after`: the stages before this one were left with GO, or somebody proceeds all the same, and nothing holds the rollout up
//! to it. What the same check found of a stage says more than what is recorded; all else is the rollout's word.

use super::context::{CriterionContext, Ruling};
use super::{Code, CriterionAssessment, GateAssessment, Overridden};
use crate::kind::{CriterionKind, GateKind, List};
use crate::plan::Stage;
use crate::rollout::{Hold, Left, NotLeft, RecordedCheck, short};
use crate::verdict::Verdict;

/// One criterion for each stage that has to be left, and for each that is held further back or was taken out of the plan;
/// none but for entry gates.
pub(super) fn assess(context: &CriterionContext<'_>) -> Vec<CriterionAssessment> {
    if context.gate.kind != GateKind::Entry {
        return Vec::new();
    }
    let rollout = context.rollout;
    let before = rollout.plan.before(context.stage).into_iter();
    let before = before.map(|stage| {
        let ruling = left(stage, context).requires("left with GO");
        named(ruling, &stage.name)
    });
    let beside = rollout.held_beside(context.stage).into_iter();
    let beside = beside.map(|hold| {
        let ruling = Ruling {
            next_step: rollout.ends(&hold),
            ..held(&hold)
        };
        named(ruling.requires("not held"), hold.stage())
    });
    let elsewhere = rollout.held_elsewhere().into_iter();
    let elsewhere = elsewhere.map(|hold| {
        let ruling = Ruling {
            reason: hold.of_unknown_stage(),
            ..held(&hold)
        };
        named(ruling.requires("not held"), hold.stage())
    });
    before.chain(beside).chain(elsewhere).collect()
}

fn named(ruling: Ruling, stage: &str) -> CriterionAssessment {
    ruling.named(List::Entry, CriterionKind::After, stage.to_owned())
}

fn left<'a>(stage: &'a Stage, context: &CriterionContext<'a>) -> Ruling {
    let is_exit = |gate: &GateAssessment| gate.stage == stage.name && gate.kind == GateKind::Exit;
    if let Some(gate) = context.judged.iter().find(|gate| is_exit(gate)) {
        return now(gate);
    }
    match context.rollout.left(stage) {
        Ok(left) => as_recorded(&left, context),
        Err(not_left) => not_recorded(&not_left, context),
    }
}

/// What the same check found.
fn now(gate: &GateAssessment) -> Ruling {
    let (name, verdict) = (gate.name(), gate.verdict);
    let reason = format!("{name} is {} in this check", verdict.word());
    match (verdict, &gate.overridden) {
        (Verdict::Go, _) => Ruling::good(reason),
        (Verdict::Hold | Verdict::NoGo, Some(overridden)) => {
            let (by, until) = (&overridden.by, overridden.expires);
            let reason = format!("{reason}, OVERRIDDEN by {by} until {until}");
            Ruling::good(reason).noting(proceeds(overridden))
        }
        (Verdict::NoGo | Verdict::Stop, _) => Ruling::bad(Code::NotLeft, reason),
        (Verdict::Hold, None) => Ruling::open(Code::NotLeft, reason),
    }
}

fn proceeds(overridden: &Overridden) -> String {
    format!("OVERRIDDEN by {}: {}", overridden.by, overridden.why)
}

fn as_recorded(left: &Left<'_>, context: &CriterionContext<'_>) -> Ruling {
    let ruling = Ruling::good(left.to_string());
    match left {
        Left::WithGo(check) => of_a_check(ruling, *check, context),
        Left::Overridden(check, found) => {
            let ruling = ruling.noting(proceeds(&(*found).into()));
            of_a_check(ruling, *check, context)
        }
        Left::WithoutGate(..) => ruling,
    }
}

fn not_recorded(not_left: &NotLeft<'_>, context: &CriterionContext<'_>) -> Ruling {
    let reason = not_left.to_string();
    let ruling = match not_left {
        NotLeft::Unread(_) => Ruling::open(Code::NotRecorded, reason),
        NotLeft::Held(hold) => held(hold),
        NotLeft::NotBegun(_) | NotLeft::Unchecked(_) => Ruling::open(Code::NotLeft, reason),
        NotLeft::TurnedSince(_, check, _) | NotLeft::OtherQuestion(check) => {
            Ruling::open(Code::NotLeft, reason).based_on(check.entry)
        }
        NotLeft::NotGo(check) => {
            let ruling = match check.gate.verdict {
                Verdict::NoGo | Verdict::Stop => Ruling::bad(Code::NotLeft, reason),
                Verdict::Hold | Verdict::Go => Ruling::open(Code::NotLeft, reason),
            };
            of_a_check(ruling, *check, context)
        }
    };
    Ruling {
        next_step: Some(not_left.next_step()),
        ..ruling
    }
}

/// What became of a stage that no check makes up for; a pause is open until somebody resumes.
fn held(hold: &Hold<'_>) -> Ruling {
    let reason = hold.to_string();
    let ruling = match hold {
        Hold::RolledBack(..) => Ruling::bad(Code::RolledBack, reason),
        Hold::Stopped(..) => Ruling::bad(Code::TrippedBefore, reason),
        Hold::Paused(..) => Ruling::open(Code::Paused, reason),
    };
    ruling.based_on(hold.entry())
}

/// Rests on a recorded check; that it judged another version of the plan is noted.
fn of_a_check(ruling: Ruling, check: RecordedCheck<'_>, context: &CriterionContext<'_>) -> Ruling {
    let ruling = ruling.based_on(check.entry);
    let then = check.check.plan_sha256.as_str();
    if context.rollout.plan_sha256.is_none_or(|now| now == then) {
        return ruling;
    }
    ruling.noting(format!(
        "that check judged another version of the plan (sha256 {}…)",
        short(then)
    ))
}
