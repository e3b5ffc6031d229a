//! What to do after a check: one command, of the gates that decided it (L4). Must not judge.

use super::criteria::outside;
use super::{needed, past};
use crate::assessment::{Code, CriterionAssessment, GateAssessment, Outcome, Window};
use crate::kind::{Action, CriterionKind, GateKind, List};
use crate::plan::criteria::Ask;
use crate::rollout::{ACCEPT_MISSED, AtOnce, MISSED, Next, NextStep, Rollout, steps};
use crate::units::Instant;
use crate::verdict::Verdict;

/// The next command; `None` if nothing is left to do, or nothing rests on what was found. The check is recorded at that time.
pub(super) fn after(
    rollout: &Rollout<'_>,
    gates: &[GateAssessment],
    recorded_at: Option<Instant>,
) -> Option<Next> {
    let clock = recorded_at.unwrap_or(rollout.now);
    let deciding = || gates.iter().filter(|gate| !gate.outlook && !gate.look);
    // Of equals the first in plan order.
    let worst = deciding().rev().max_by_key(|gate| rank(rollout, gate))?;
    let due = rollout.step_due();
    let recovered = || {
        let mut gates = deciding().filter(|gate| gate.stage == worst.stage);
        gates.find_map(|gate| goes_on(rollout, gate))
    };
    match open(worst) {
        Verdict::Stop => of_a_stop(rollout, gates, worst),
        Verdict::NoGo | Verdict::Hold | Verdict::Go if due.is_some() => due,
        Verdict::NoGo | Verdict::Hold => {
            recovered().or_else(|| Some(of_what_is_open(rollout, gates, worst)))
        }
        Verdict::Go => after_go(rollout, deciding(), clock).or_else(|| {
            let exits = deciding().filter(|gate| gate.kind == GateKind::Exit);
            let exits: Vec<&str> = exits.map(|gate| gate.stage.as_str()).collect();
            rollout.asked_later(&exits)
        }),
    }
    .map(|next| next.asked(rollout))
}

/// What comes after gates that are GO: the first start in plan order, as the status says; or what comes after the last of them.
fn after_go<'g>(
    rollout: &Rollout<'_>,
    gates: impl Iterator<Item = &'g GateAssessment>,
    clock: Instant,
) -> Option<Next> {
    let mut all: Vec<Next> = gates
        .filter_map(|gate| rollout.after_go(gate.kind, &gate.stage, clock))
        .collect();
    let mut starts = all.iter();
    let first = starts.position(|next| next.command.action == Action::Start);
    match first {
        Some(first) => Some(all.swap_remove(first)),
        None => all.pop(),
    }
}

/// The resume of a stage that is rolled back and whose recovery gate was found GO: nothing else of it is due before that.
fn goes_on(rollout: &Rollout<'_>, gate: &GateAssessment) -> Option<Next> {
    let is_shown = gate.kind == GateKind::Recovery && gate.verdict == Verdict::Go;
    let stage = is_shown.then_some(gate.stage.as_str())?;
    rollout.history().open_rollback(stage)?;
    rollout.after_go(gate.kind, stage, rollout.now)
}

/// Has each criterion offer what somebody can type, and none the start of a stage whose turn has not come: what leads there is
/// offered instead.
pub(super) fn in_turn(rollout: &Rollout<'_>, criteria: &mut [CriterionAssessment]) {
    for criterion in criteria {
        let step = criterion.next_step.take();
        let step = step.and_then(|step| rollout.in_turn(step));
        criterion.next_step = step.map(|step| rollout.asked(step));
    }
}

/// Where a recovery gate is GO in a check, what is due in that check is to go on, and not to ask for the recovery again.
pub(super) fn go_on_once_recovered(rollout: &Rollout<'_>, gates: &mut [GateAssessment]) {
    let is_recovered = |gate: &&GateAssessment| {
        gate.kind == GateKind::Recovery
            && gate.verdict == Verdict::Go
            && !gate.outlook
            && !gate.look
    };
    let recovered = gates.iter().filter(is_recovered);
    let recovered: Vec<String> = recovered.map(|gate| gate.stage.clone()).collect();
    for stage in recovered {
        let Some(next) = rollout.after_go(GateKind::Recovery, &stage, rollout.now) else {
            continue;
        };
        let goes_on = rollout.asked(next.command);
        let asked = rollout.asked(steps::check(&GateKind::Recovery.of(&stage)));
        for gate in gates.iter_mut() {
            let stop = gate.after_stop.as_mut().map(|stop| &mut stop.commands);
            let commands = stop.into_iter().flatten();
            let criteria = gate.criteria.iter_mut();
            let steps = criteria.filter_map(|one| one.next_step.as_mut());
            let due = commands.chain(steps).filter(|step| **step == asked);
            due.for_each(|step| *step = goes_on.clone());
        }
    }
}

/// The verdict that is left to deal with: nobody has to, where somebody proceeds anyway.
fn open(gate: &GateAssessment) -> Verdict {
    match gate.override_in_force() {
        Some(_) => Verdict::Go,
        None => gate.verdict,
    }
}

/// A stop comes first; then, while a stage is rolled back, that it has recovered; then the worst verdict.
fn rank(rollout: &Rollout<'_>, gate: &GateAssessment) -> (bool, bool, Verdict) {
    let verdict = open(gate);
    let recovers = gate.kind == GateKind::Recovery
        && verdict != Verdict::Go
        && rollout.history().open_rollback(&gate.stage).is_some();
    (verdict == Verdict::Stop, recovers, verdict)
}

/// The gate again; the exit of a stage whose recovery is not shown yet together with that.
fn asked_again(rollout: &Rollout<'_>, gates: &[GateAssessment], gate: &GateAssessment) -> NextStep {
    let is_recovered = gates.iter().any(|one| {
        one.stage == gate.stage && one.kind == GateKind::Recovery && one.verdict == Verdict::Go
    });
    let stage = rollout.stage(&gate.stage).filter(|_| !is_recovered);
    let open = stage.and_then(|stage| rollout.recovery_open(stage));
    match (gate.kind, open) {
        (GateKind::Exit, Some(_)) => steps::check_in_play(),
        (GateKind::Exit | GateKind::Entry | GateKind::Recovery, _) => steps::check(&gate.name()),
    }
}

/// The first command that is due; where that asks for the recovery, what this check found of it or else until when its window runs.
fn of_a_stop(
    rollout: &Rollout<'_>,
    gates: &[GateAssessment],
    gate: &GateAssessment,
) -> Option<Next> {
    let first = gate.after_stop.as_ref()?.commands.first()?;
    let recovery = GateKind::Recovery.of(&gate.stage);
    let mut judged = gates.iter().filter(|one| one.name() == recovery);
    let judged = judged.find(|one| one.verdict != Verdict::Go && !one.look);
    if let Some(judged) = judged.filter(|_| first.gate().as_ref() == Some(&recovery)) {
        return Some(of_what_is_open(rollout, gates, judged));
    }
    let stage = rollout.stage(&gate.stage);
    let stage = stage.filter(|_| first.gate().is_some_and(|asked| asked == recovery));
    let at = stage.and_then(|stage| rollout.recovery_completes_at(stage));
    Some(Next {
        first: at.map(|at| format!("wait until {at}")),
        ..Next::new(first.clone(), &format!("{} is STOP", gate.name()))
    })
}

/// What has to be there first; then what settles the first criterion that decided and that somebody can settle; then the gate is
/// asked again.
fn of_what_is_open(rollout: &Rollout<'_>, gates: &[GateAssessment], gate: &GateAssessment) -> Next {
    let cause = match gate.verdict {
        Verdict::NoGo | Verdict::Stop => Outcome::Unmet,
        Verdict::Hold | Verdict::Go => Outcome::Unknown,
    };
    let decided = || {
        let criteria = gate.criteria.iter().filter(|one| one.list != List::Watch);
        criteria.filter(|one| one.outcome == cause && !one.is_met_so_far())
    };
    if decided().any(|one| one.code == Code::CutShort) {
        let why = "its window was cut short: only an override settles that";
        return Next::new(steps::accept(&gate.name()), why);
    }
    if is_missed_for_good(decided()) {
        return Next {
            first: Some(ACCEPT_MISSED.to_owned()),
            ..Next::new(steps::accept(&gate.name()), MISSED)
        };
    }
    let again = rollout.asked(asked_again(rollout, gates, gate));
    let has_time = gate.window.as_ref().is_some_and(Window::has_time);
    let due = decided().filter(|one| !(has_time && one.is_due_at_end()));
    let step = due.into_iter().find_map(|one| settling(one, &again));
    let runs = gate.window.as_ref().and_then(Window::runs_until).is_some();
    // The day of a checkpoint waits neither for what was bad nor for the window.
    let is_past = || past::good_again(gate, &decided().collect::<Vec<_>>(), rollout.now).is_some();
    let waits = match &step {
        Some(step) => runs && cause == Outcome::Unknown && is_an_answer(step.action),
        None => is_past(),
    };
    if let Some(held) = checkpoint(gate).filter(|_| waits) {
        let next = Next::new(held, "its day ends whatever the gate waits for");
        return Next {
            then: Some(again),
            ..next
        };
    }
    let why = if step.is_some() {
        "it settles what is open"
    } else if cause == Outcome::Unmet {
        "once what is unmet is dealt with"
    } else if runs {
        "once the window is complete"
    } else {
        "once what is open can be decided"
    };
    let then = step.as_ref().filter(|step| is_an_answer(step.action));
    let then = then.map(|_| again.clone());
    let all = step.as_ref().and_then(|step| rollout.at_once(step, &[]));
    // Nothing helps before the stage goes on, or its entry is passed.
    let comes_first = step.as_ref().is_some_and(|step| {
        let entry = step.gate().is_some_and(|one| one.kind == GateKind::Entry);
        step.action == Action::Resume || gate.kind == GateKind::Exit && entry
    });
    let missing = missing(rollout, gate, &decided().collect::<Vec<_>>());
    let missing = missing.filter(|_| !comes_first);
    let missing = missing.or_else(|| time_helps(gate).filter(|_| step.is_none()));
    let first = missing.into_iter().chain(all.iter().map(AtOnce::first));
    let first: Vec<String> = first.collect();
    Next {
        first: (!first.is_empty()).then(|| first.join(", ")),
        then,
        ..Next::new(all.map(|all| all.step).or(step).unwrap_or(again), why)
    }
}

/// What has to be there first, as far as the criteria that decided tell: that a value that is good again stays so; all files at
/// once; until when a calendar lasts.
fn missing(
    rollout: &Rollout<'_>,
    gate: &GateAssessment,
    decided: &[&CriterionAssessment],
) -> Option<String> {
    if let Some(waits) = past::good_again(gate, decided, rollout.now) {
        return Some(waits);
    }
    // What is good again is not what to deal with.
    let open = decided
        .iter()
        .filter(|one| past::of(gate, one, rollout.now).is_none());
    let mut open = open.filter_map(|one| Some((*one, needed::first(one)?)));
    let (first, said) = open.next()?;
    Some(match first.kind {
        CriterionKind::Artifacts => needed::files(decided),
        CriterionKind::Outside => match over_at(rollout, gate, first) {
            Some(at) => format!("{said} at {at}"),
            None => said,
        },
        CriterionKind::Kpis
        | CriterionKind::Deadline
        | CriterionKind::Checklists
        | CriterionKind::Confirmations
        | CriterionKind::Approvals
        | CriterionKind::Checkpoints
        | CriterionKind::Incidents
        | CriterionKind::NoIncidents
        | CriterionKind::Alerts
        | CriterionKind::NoAlerts
        | CriterionKind::Probes
        | CriterionKind::After
        | CriterionKind::Start
        | CriterionKind::Window
        | CriterionKind::Rollback
        | CriterionKind::Ledger
        | CriterionKind::Paused
        | CriterionKind::Newer
        | CriterionKind::Plan => said,
    })
}

/// The checkpoint of a day that is not over, which nobody has held yet.
fn checkpoint(gate: &GateAssessment) -> Option<NextStep> {
    let mut open = gate
        .criteria
        .iter()
        .filter(|one| one.kind == CriterionKind::Checkpoints && one.outcome == Outcome::Unknown);
    open.find_map(|one| one.next_step.clone())
        .filter(|step| step.action == Action::Note)
}

/// When the period of a calendar is over that a criterion fell into.
fn over_at(
    rollout: &Rollout<'_>,
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
) -> Option<Instant> {
    let stage = rollout.stage(&gate.stage)?;
    let mut asked = stage.gate(gate.kind)?.criteria.iter();
    asked.find_map(|one| {
        let Ask::Outside(ask) = &one.ask else {
            return None;
        };
        let is_this = one.ask.name() == criterion.name;
        outside::over(ask, stage, rollout.now).filter(|_| is_this)
    })
}

/// Until when to wait where nothing else is missing: the stage settles, or the window runs.
fn time_helps(gate: &GateAssessment) -> Option<String> {
    let window = gate.window.as_ref()?;
    if let Some(at) = window.settles_until() {
        return Some(format!("wait until {at}, when {} has settled", gate.stage));
    }
    let at = window.runs_until()?;
    Some(format!("wait until {at}"))
}

/// Whether nothing is unmet but checkpoints of days that are over: to ask again never helps.
fn is_missed_for_good<'a>(mut decided: impl Iterator<Item = &'a CriterionAssessment>) -> bool {
    let is_missed = |one: &CriterionAssessment| one.code == Code::CheckpointMissed;
    decided.next().is_some_and(is_missed) && decided.all(is_missed)
}

/// What somebody can do about a criterion; that the gate is asked `again` settles nothing, except for a later time.
fn settling(criterion: &CriterionAssessment, again: &NextStep) -> Option<NextStep> {
    let is_for_later = criterion.kind == CriterionKind::Newer;
    let step = criterion.next_step.clone();
    step.filter(|step| step != again || is_for_later)
}

/// Whether the gate has something new to find once this is done: an answer counts at once, a start or a pause does not.
fn is_an_answer(action: Action) -> bool {
    match action {
        Action::Approve | Action::Confirm | Action::Incident | Action::Note => true,
        Action::Check
        | Action::Ledger
        | Action::Override
        | Action::Pause
        | Action::Resume
        | Action::Rollback
        | Action::Supersede
        | Action::Start => false,
    }
}
