//! `after`: the stages before this one were left with GO, or somebody proceeds all the same. Must not take a GO for one
//! that was found before the stage began anew.

use super::cited::cited;
use super::context::{CriterionContext, Ruling, resume};
use super::overrides;
use super::{Code, CriterionAssessment, GateAssessment, Overridden};
use crate::kind::{Action, CriterionKind, GateKind, GateName, List};
use crate::ledger::{Checked, Ledger, RecordedCheck};
use crate::plan::Stage;
use crate::verdict::Verdict;

/// One criterion for each stage that has to be left; none but for entry gates.
pub(super) fn assess(context: &CriterionContext<'_>) -> Vec<CriterionAssessment> {
    if context.gate.kind != GateKind::Entry {
        return Vec::new();
    }
    let judged = |name: String| {
        let ruling = match context.plan.stages.iter().find(|stage| stage.name == name) {
            Some(stage) => left(stage, context),
            None => Ruling::open(Code::NotLeft, format!("the plan has no stage {name}")),
        };
        ruling
            .requires("left with GO")
            .named(List::Entry, CriterionKind::After, name)
    };
    let own = before(context).into_iter().map(judged);
    own.chain(gone(context)).collect()
}

/// Stages that the plan no longer has and that nobody made up for: taking one out of the plan, or giving it another name,
/// ends neither a stop nor a rollback nor a pause.
fn gone(context: &CriterionContext<'_>) -> Vec<CriterionAssessment> {
    let Some(ledger) = context.ledger else {
        return Vec::new();
    };
    let is_planned = |name: &str| context.plan.stages.iter().any(|one| one.name == name);
    let unknown_stages = ledger.begun().into_iter().filter(|name| !is_planned(name));
    let held = unknown_stages.filter_map(|name| {
        let ruling = turned_away(name, ledger).or_else(|| {
            let paused = ledger.paused(name)?;
            let reason = format!("{name} was paused {}", cited(paused));
            Some(Ruling::open(Code::Paused, reason).based_on(paused))
        })?;
        let ruling = Ruling {
            reason: format!(
                "{}; the plan no longer has {name}: put it back, and resume it",
                ruling.reason
            ),
            next_step: None,
            ..ruling
        };
        let ruling = ruling.requires("not held");
        Some(ruling.named(List::Entry, CriterionKind::After, name.to_owned()))
    });
    held.collect()
}

/// The stages that have to be left: those that the plan names, or the one before.
fn before(context: &CriterionContext<'_>) -> Vec<String> {
    let own = &context.stage.name;
    context.stage.after.clone().unwrap_or_else(|| {
        let stages = context.plan.stages.iter();
        let earlier = stages.take_while(|stage| stage.name != *own);
        earlier
            .last()
            .map(|stage| stage.name.clone())
            .into_iter()
            .collect()
    })
}

fn left(stage: &Stage, context: &CriterionContext<'_>) -> Ruling {
    let has_exit = stage.gates.iter().any(|gate| gate.kind == GateKind::Exit);
    let exit = GateKind::Exit.of(&stage.name);
    if let Some(gate) = context.judged.iter().find(|gate| gate.name() == exit) {
        return now(gate);
    }
    let Some(ledger) = context.ledger else {
        let reason = format!(
            "no ledger was read, so nothing shows that {} was left",
            stage.name
        );
        return Ruling::open(Code::NotRecorded, reason)
            .next_step(Action::Check, &["--gate", &exit.to_string()]);
    };
    if let Some(ruling) = turned_away(&stage.name, ledger) {
        return ruling;
    }
    if has_exit {
        recorded(stage, &exit, ledger, context)
    } else {
        begun(stage, ledger)
    }
}

/// What the same check found.
fn now(gate: &GateAssessment) -> Ruling {
    let (name, verdict) = (gate.name(), gate.verdict);
    let reason = format!("{name} is {} in this check", verdict.word());
    standing(verdict, reason, gate.overridden.as_ref())
}

fn standing(verdict: Verdict, reason: String, overridden: Option<&Overridden>) -> Ruling {
    match (verdict, overridden) {
        (Verdict::Go, _) => Ruling::good(reason),
        (Verdict::Hold | Verdict::NoGo, Some(overridden)) => {
            let until = overridden.expires;
            Ruling::good(format!(
                "{reason}, OVERRIDDEN by {} until {until}",
                overridden.by
            ))
            .noting(format!(
                "OVERRIDDEN by {}: {}",
                overridden.by, overridden.why
            ))
        }
        (Verdict::NoGo | Verdict::Stop, _) => Ruling::bad(Code::NotLeft, reason),
        (Verdict::Hold, None) => Ruling::open(Code::NotLeft, reason),
    }
}

/// What became of the stage that no check of its exit gate makes up for.
fn turned_away(name: &str, ledger: &Ledger) -> Option<Ruling> {
    let ruling = if let Some(rolled_back) = ledger.taken_back(name) {
        let reason = format!("{name} was rolled back {}", cited(rolled_back));
        Ruling::bad(Code::RolledBack, reason).based_on(rolled_back)
    } else {
        let trips = ledger.trips(name);
        let (entry, trip) = trips.first()?;
        let reason = format!(
            "{name} tripped a stop, and nobody has resumed: {}",
            trip.reason
        );
        Ruling::bad(Code::TrippedBefore, reason).based_on(*entry)
    };
    Some(Ruling {
        next_step: Some(resume(name)),
        ..ruling
    })
}

/// What the last recorded check found.
fn recorded(
    stage: &Stage,
    exit: &GateName,
    ledger: &Ledger,
    context: &CriterionContext<'_>,
) -> Ruling {
    let unchecked = |reason: String| {
        Ruling::open(Code::NotLeft, reason).next_step(Action::Check, &["--gate", &exit.to_string()])
    };
    let Some(last) = ledger.last_check(exit) else {
        return unchecked(format!("no check of {exit} is recorded"));
    };
    let RecordedCheck { entry, check, gate } = last;
    if let Some(turned) = ledger.turned_since(&stage.name, last) {
        let name = &stage.name;
        return unchecked(format!(
            "{exit} was not checked since {name} began at {}",
            turned.at
        ))
        .based_on(entry);
    }
    if let Some(vars) = check.varied(context.vars) {
        let at = check.evaluated_at;
        return unchecked(format!(
            "{exit} was judged {vars} at {at}: that is another question"
        ))
        .based_on(entry);
    }
    let at = check.evaluated_at;
    let reason = format!("{exit} was {} at {at}", gate.verdict.word());
    let verdict = gate.verdict;
    let overridden = overrides::in_force(verdict, exit, ledger, context.moment.at);
    let ruling = standing(verdict, reason, overridden.as_ref());
    let ruling = match verdict {
        Verdict::Hold if overridden.is_none() => {
            ruling.next_step(Action::Check, &["--gate", &exit.to_string()])
        }
        _ => ruling,
    };
    of_another_plan(ruling, check, context).based_on(entry)
}

fn of_another_plan(ruling: Ruling, check: &Checked, context: &CriterionContext<'_>) -> Ruling {
    let then = check.plan_sha256.as_str();
    match context.plan_sha256.filter(|sha256| *sha256 != then) {
        Some(_) => {
            let then = then.get(..12).unwrap_or(then);
            ruling.noting(format!(
                "that check judged another version of the plan (sha256 {then}…)"
            ))
        }
        None => ruling,
    }
}

/// A stage that has no exit gate is left once it has begun.
fn begun(stage: &Stage, ledger: &Ledger) -> Ruling {
    let name = &stage.name;
    match ledger.start_of(name) {
        Some(start) => Ruling::good(format!("{name} has no exit gate, and began at {start}")),
        None => Ruling::open(Code::NotLeft, format!("{name} has not begun"))
            .next_step(Action::Start, &[name]),
    }
}
