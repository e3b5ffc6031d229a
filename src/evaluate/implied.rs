//! What a gate asks without the plan saying so: the ledger is there, the plan can be used, the stages before were left with GO, the rollout is not paused, the stage
//! was not rolled back, its start is undisputed, its window is over, and no check for a later time found it unmet. Must not add a criterion that could make a gate GO.

use super::context::{CriterionContext, Ruling};
use super::kpi::question::incomplete;
use crate::assessment::{Code, CriterionAssessment, GateAssessment};
use crate::kind::{CriterionKind, GateKind, List};
use crate::plan::{Observe, Stage};
use crate::rollout::Overridden;
use crate::rollout::{
    Contradiction, Displaced, EntryAgain, Hold, Implied, Left, NotBegun, NotLeft, RecordedCheck,
    Unlike, observed_for, short, steps,
};
use crate::units::Duration;
use crate::verdict::Verdict;

/// No check takes that long: one that knows of another which is that far ahead is told so by a wrong clock, and waiting is no way.
const TOO_FAR: Duration = Duration::from_secs(3600);

/// Judges what follows from the ledger and the order of stages.
pub(super) fn assess(context: &CriterionContext<'_>) -> Vec<CriterionAssessment> {
    let (stage, kind) = (context.stage, context.gate.kind);
    let implied = context.rollout.implied(stage, kind).into_iter();
    let implied = implied.map(|one| judged(&one, context));
    lost_ledger(context)
        .into_iter()
        .chain(kept_out(context))
        .chain(implied)
        .chain(start(context))
        .chain(unlike_start(context))
        .chain(window(context))
        .chain(rollback(context))
        .collect()
}

/// What people did and checks found is not known, though it was recorded.
fn lost_ledger(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let ledger = context.lost_ledger?;
    let ruling = Ruling::open(Code::LedgerMissing, ledger.to_string())
        .requires("there")
        .settled_by(steps::begin_missing(ledger));
    let list = context.gate.kind.list();
    Some(ruling.named(list, CriterionKind::Ledger, "ledger".to_owned()))
}

/// Nothing is GO by a plan that is not the one that is there (W6).
fn kept_out(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let reason = "the plan has changed, and cannot be used: judged as it was before";
    let ruling = Ruling::open(Code::PlanChanged, reason).requires("valid, or as it was");
    let list = context.gate.kind.list();
    let criterion = ruling.named(list, CriterionKind::Plan, "plan".to_owned());
    context.plan_is_kept_out.then_some(criterion)
}

/// A GO for an earlier time than a check that found the gate unmet: whoever rests on it has not seen that yet (T7).
pub(super) fn newer_check(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let (rollout, gate) = (context.rollout, context.gate_name());
    let newer = rollout.newer_unmet(&gate, context.later_checks)?;
    let found = format!(
        "{gate} was {} at {}, in check #{}",
        newer.verdict.word(),
        newer.evaluated_at,
        newer.entry
    );
    // It was recorded by the time that is judged, and is dated after it.
    let mut known = rollout.history().entries().iter();
    let is_ahead = known.any(|entry| entry.number == newer.entry)
        && rollout.now.until(newer.evaluated_at) >= TOO_FAR;
    let (reason, step) = if is_ahead {
        let by = rollout.now.until(newer.evaluated_at);
        let reason = format!(
            "{found}, which is dated {by} ahead of this one: if that clock was wrong, accept this check with `gate override`"
        );
        (reason, steps::accept(&gate))
    } else {
        let reason = format!(
            "{found}, and this check is for {}: check again for a later time",
            rollout.now
        );
        (reason, steps::check(&gate))
    };
    let ruling = Ruling::open(Code::NewerCheck, reason)
        .requires("nothing unmet for a later time")
        .settled_by(step);
    let (stage, list) = (&context.stage.name, context.gate.kind.list());
    Some(named(ruling, CriterionKind::Newer, stage, list))
}

/// A GO for an earlier time than something that people recorded since, and that still stands: nothing begins on it (T7).
pub(super) fn held_since(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let (at, gate) = (context.rollout.now, context.gate_name());
    let found = context.later_holds.iter().find(|one| one.gate == gate)?;
    let reason = format!(
        "{}, after {at}, which this check is for: nothing begins on it",
        found.says
    );
    let ruling = Ruling::open(Code::HeldSince, reason)
        .requires("nothing against it since")
        .settled_by(steps::check(&gate));
    let (stage, list) = (&context.stage.name, context.gate.kind.list());
    Some(named(ruling, CriterionKind::Newer, stage, list))
}

/// What the order of stages and people's actions ask for.
fn judged<'a>(implied: &Implied<'a>, context: &CriterionContext<'a>) -> CriterionAssessment {
    let rollout = context.rollout;
    let ruling = match implied {
        Implied::Left(before) => {
            let again = rollout.passed_over_again(context.stage, before);
            let notes = again.map(|again| again.to_string());
            notes
                .into_iter()
                .fold(left(before, context), Ruling::noting)
        }
        Implied::NotDisplaced(found) => displaced(found, context),
        Implied::EntryAgain(again) => entry_again(again, context),
        Implied::NotHeld(hold) => unmet(hold, rollout.told(hold)),
        Implied::GoesOn(hold) => {
            Ruling::open(Code::RolledBack, rollout.told(hold)).based_on(hold.entry())
        }
        Implied::NotPaused(hold) => {
            Ruling::open(Code::Paused, rollout.told(hold)).based_on(hold.entry())
        }
    };
    let next_step = match implied {
        Implied::Left(_) | Implied::NotDisplaced(_) | Implied::EntryAgain(_) => {
            ruling.next_step.clone()
        }
        Implied::NotHeld(hold) | Implied::GoesOn(hold) | Implied::NotPaused(hold) => {
            Some(rollout.settles(hold))
        }
    };
    let ruling = Ruling {
        next_step,
        ..ruling.requires(implied.condition())
    };
    let list = context.gate.kind.list();
    named(ruling, implied.kind(), &implied.name(), list)
}

/// A stage that was taken out of the way counts as it stands.
fn displaced(found: &Displaced<'_>, context: &CriterionContext<'_>) -> Ruling {
    let reason = found.to_string();
    let ruling = if found.is_unmet() {
        Ruling::bad(Code::NotLeft, reason)
    } else {
        Ruling::open(Code::NotLeft, reason)
    };
    let ruling = match found.exit {
        Some(check) => of_a_check(ruling, check, context),
        None => ruling,
    };
    ruling.settled_by(found.next_step())
}

/// Only a resume makes up for a rollback or a stop; a pause is open until then.
fn unmet(hold: &Hold<'_>, reason: String) -> Ruling {
    let ruling = match hold {
        Hold::RolledBack(..) => Ruling::bad(Code::RolledBack, reason),
        Hold::Stopped(..) => Ruling::bad(Code::TrippedBefore, reason),
        Hold::Paused(..) => Ruling::open(Code::Paused, reason),
    };
    ruling.based_on(hold.entry())
}

/// Whether a stage was left: what the same check found takes precedence over what is recorded. Where a ledger is read, that
/// holds only for a stage that has begun according to it: `--started` makes no stage begin that another one rests on.
fn left<'a>(stage: &'a Stage, context: &CriterionContext<'a>) -> Ruling {
    let rollout = context.rollout;
    let mut exits = (context.judged.iter()).filter(|gate| gate.kind == GateKind::Exit);
    if let Some(gate) = exits.find(|gate| gate.stage == stage.name && !gate.look) {
        if rollout.ledger.is_some() && !rollout.history().has_begun(&stage.name) {
            return not_recorded(&NotLeft::NotBegun(&stage.name), context);
        }
        return now(gate);
    }
    match context.rollout.left(stage) {
        Ok(left) => as_recorded(&left, context),
        Err(not_left) => not_recorded(&not_left, context),
    }
}

/// The entry of a stage that another version took over: what the same check found of it takes precedence, too.
fn entry_again<'a>(again: &EntryAgain<'a>, context: &CriterionContext<'a>) -> Ruling {
    let mut judged = context.judged.iter();
    match judged.find(|gate| gate.name() == again.gate) {
        Some(gate) => now(gate),
        None => match &again.found {
            Ok(passed) => as_recorded(passed, context),
            Err(owed) => not_recorded(owed, context),
        },
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
        NotLeft::Held(hold) => unmet(hold, reason),
        NotLeft::NotBegun(_) | NotLeft::Unchecked(_) => Ruling::open(Code::NotLeft, reason),
        NotLeft::PassedOver(found) => Ruling::open(Code::NotLeft, reason).based_on(found.start),
        NotLeft::EntryUnchecked(_, since) => Ruling::open(Code::NotLeft, reason).based_on(*since),
        NotLeft::TurnedSince(_, check, _) | NotLeft::OtherQuestion(check) => {
            Ruling::open(Code::NotLeft, reason).based_on(check.entry)
        }
        NotLeft::Contradicted(check, found) => {
            Ruling::open(spoken_against(found), reason).based_on(check.entry)
        }
        NotLeft::NotGo(check) | NotLeft::GateGone(check) => {
            let ruling = if not_left.is_unmet() {
                Ruling::bad(Code::NotLeft, reason)
            } else {
                Ruling::open(Code::NotLeft, reason)
            };
            of_a_check(ruling, *check, context)
        }
    };
    // No check of the exit helps: somebody accepts this one.
    let step = if not_left.waits_for_a_clock() {
        steps::accept(&context.gate_name())
    } else {
        not_left.next_step(&context.rollout)
    };
    Ruling {
        next_step: Some(step),
        ..ruling
    }
}

/// Why a GO lets nothing begin.
fn spoken_against(found: &Contradiction<'_>) -> Code {
    match found {
        Contradiction::TooOld(_) => Code::GoExpired,
        Contradiction::OtherSource(_) => Code::AnotherSource,
        Contradiction::Said(..)
        | Contradiction::Unapproved(_)
        | Contradiction::Expired(..)
        | Contradiction::OtherPlan(_)
        | Contradiction::EntryOwed(..)
        | Contradiction::PassedOver(_)
        | Contradiction::Unvouched(_)
        | Contradiction::Ahead(_) => Code::NotLeft,
    }
}

/// Based on a recorded check; if that judged another version of the plan, this is noted.
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

/// A start from the command line that contradicts the ledger: with an earlier one a window would seem complete. And the
/// exit of a stage that has not begun, if people record starts.
fn start(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let (stage, history) = (&context.stage.name, context.rollout.history());
    let is_exit = context.gate.kind == GateKind::Exit;
    let is_trailing = context.moment.observe == Observe::Trailing;
    if let Some(ahead) = context.rollout.start_ahead(stage).filter(|_| is_exit) {
        let reason = format!(
            "{stage} has not begun: {ahead}, its start: correct the clock that is wrong, or roll {stage} back and begin it again"
        );
        let ruling = Ruling::open(Code::NotBegun, reason).settled_by(steps::roll_back(stage));
        return Some(begun(ruling, context));
    }
    if let Some(why) = context.moment.not_begun().filter(|_| is_exit) {
        let ruling = Ruling::open(Code::NotBegun, why.advice(stage));
        return Some(begun(
            match why {
                NotBegun::Unrecorded => ruling.settled_by(steps::start(stage)),
                NotBegun::After(_) | NotBegun::RecordedAfter(..) => ruling,
            },
            context,
        ));
    }
    let ruling = match (context.moment.started(), history.start_of(stage)) {
        (Some(given), Some(recorded)) if given != recorded => {
            let reason = format!(
                "{stage} began at {recorded} according to the ledger, not at {given}: omit --started"
            );
            Ruling::open(Code::StartDisputed, reason)
        }
        (_, None) if is_exit && !is_trailing && !history.begun().is_empty() => {
            let reason = format!("{stage} has not begun according to the ledger");
            Ruling::open(Code::NotRecorded, reason).settled_by(steps::start(stage))
        }
        _ => return None,
    };
    Some(begun(ruling, context))
}

/// What runs was started with one question and certain sources: its later gates answer no other.
fn unlike_start(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let stage = &context.stage.name;
    match context.gate.kind {
        GateKind::Entry => return None,
        GateKind::Exit | GateKind::Recovery => {}
    }
    let unlike = context.rollout.unlike_start(stage)?;
    let (reason, again) = (unlike.in_words(stage), steps::check(&context.gate_name()));
    let ruling = match unlike {
        Unlike::Question(..) => Ruling::open(Code::AnotherQuestion, reason).settled_by(again),
        Unlike::Source(_, other) => {
            let gate = context.gate_name();
            let one_source = context.rollout.plan.sources.len() == 1;
            let again = match other.address_then().filter(|_| one_source) {
                Some(address) => steps::check_on(&gate, address),
                None => steps::accept(&gate),
            };
            Ruling::open(Code::AnotherSource, reason).settled_by(again)
        }
    };
    Some(named(
        ruling.requires("asked as it was started"),
        CriterionKind::Start,
        stage,
        context.gate.kind.list(),
    ))
}

fn begun(ruling: Ruling, context: &CriterionContext<'_>) -> CriterionAssessment {
    named(
        ruling.requires("begun"),
        CriterionKind::Start,
        &context.stage.name,
        context.gate.kind.list(),
    )
}

/// The window also blocks an exit or recovery gate that asks about no KPI: people's answers are not an observation.
fn window(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let (stage, gate, list) = (context.stage, context.gate, context.gate.kind.list());
    let length = observed_for(stage, gate)?;
    let mut observed = gate.criteria.iter().filter(|one| one.list == list);
    if observed.any(|one| one.ask.kpi().is_some()) {
        return None;
    }
    let running = incomplete(list, stage, length, context.moment)?;
    let ruling = Ruling::open(running.code, running.reason).requires("observed in full");
    Some(named(ruling, CriterionKind::Window, &stage.name, list))
}

/// A recovery gate waits for a rollback.
fn rollback(context: &CriterionContext<'_>) -> Option<CriterionAssessment> {
    let (stage, kind) = (&context.stage.name, context.gate.kind);
    if kind != GateKind::Recovery || context.moment.rolled_back.is_some() {
        return None;
    }
    let reason = format!("no rollback of {stage} is recorded: there is nothing to recover from");
    let ruling = Ruling::open(Code::NotRolledBack, reason).requires("rolled back");
    let is_stopped = !context.rollout.history().trips(stage).is_empty();
    let due = context
        .rollout
        .after_stop(stage)
        .commands
        .into_iter()
        .next();
    let ruling = Ruling {
        next_step: due.filter(|_| is_stopped),
        ..ruling
    };
    Some(named(ruling, CriterionKind::Rollback, stage, kind.list()))
}
