//! `gate start`: a stage begins. Must not let one begin past a stop, nor on a GO that something has spoken against since.

use super::Deed;
use super::context::{Decision, DecisionContext};
use super::expired;
use super::order::NotYet;
use super::refusal::Refusal;
use crate::cli::{Signed, StartArgs};
use crate::kind::{Action, GateKind, GateName};
use crate::ledger::{Answer, Event, RecordedCheck};
use crate::plan::{Ask, Stage};
use crate::units::Instant;
use crate::verdict::Verdict;
use std::path::Path;

impl Deed for StartArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let stage = context.stage(&self.stage)?;
        if self.overriding {
            context.reason_for("beginning a stage with --override")?;
        }
        let at = began(self, context)?;
        not_yet_running(context, stage)?;
        after_rollback(context, stage, at)?;
        if let Some(reason) = context.held_up(stage) {
            return Err(Refusal::standing(format!(
                "{} cannot begin: {reason}",
                stage.name
            )));
        }
        let permit = permit(context, stage, at);
        if let (Err(NotYet { reason, next_step }), false) = (&permit, self.overriding) {
            return Err(Refusal::standing(format!(
                "{} cannot begin: {reason}: {next_step}; to begin all the same: {}",
                stage.name,
                context.command(
                    Action::Start,
                    &[&stage.name, "--override", "--why", "<reason>"]
                )
            )));
        }
        Ok(decision(context, stage, at, permit))
    }
}

/// On what a stage begins.
enum Permit {
    /// Its turn has come, and its entry gate, if it has one, was GO: in words.
    Earned(String),
    /// Somebody has overridden its entry gate: in words.
    Overridden(String),
}

/// S, in whole seconds.
fn began(arguments: &StartArgs, context: &DecisionContext) -> Result<Instant, Refusal> {
    let at = arguments
        .at
        .map_or(context.now, |time| time.before(context.now));
    if at > context.now {
        return Err(Refusal::usage(format!(
            "--at {at} is after now, {}: record a start when it has happened",
            context.now
        )));
    }
    Ok(Instant::from_secs(at.millis().div_euclid(1000)))
}

fn not_yet_running(context: &DecisionContext, stage: &Stage) -> Result<(), Refusal> {
    let name = &stage.name;
    match context.ledger.start_of(name) {
        Some(start) if context.ledger.taken_back(name).is_none() => Err(Refusal::standing(
            format!("{name} has begun already, at {start}"),
        )),
        _ => Ok(()),
    }
}

/// What was observed before a rollback was not the release's.
fn after_rollback(context: &DecisionContext, stage: &Stage, at: Instant) -> Result<(), Refusal> {
    let rolled_back = context.ledger.rolled_back(&stage.name);
    match rolled_back.filter(|entry| entry.at > at) {
        Some(entry) => Err(Refusal::usage(format!(
            "--at {at} is before {} was rolled back, at {} (#{})",
            stage.name, entry.at, entry.number
        ))),
        None => Ok(()),
    }
}

/// Why the stage may begin, or why not. Whoever overrides the entry gate overrides what it says of the order, too.
fn permit(context: &DecisionContext, stage: &Stage, at: Instant) -> Result<Permit, NotYet> {
    let gate = GateKind::Entry.of(&stage.name);
    let last = context.ledger.last_check(&gate);
    let held = context.override_in_force(stage, GateKind::Entry);
    if let (Some(last), Some(held)) = (last, held) {
        return Ok(Permit::Overridden(format!(
            "{gate} was {} in check #{} at {}, OVERRIDDEN by {} until {} (#{})",
            last.gate.verdict.word(),
            last.entry.number,
            last.entry.at,
            held.by,
            held.expires,
            held.entry
        )));
    }
    if let Some(reason) = context.out_of_turn(stage) {
        return Err(reason);
    }
    match DecisionContext::gate(stage, GateKind::Entry) {
        Some(_) => entry_was_go(context, stage, at, &gate).map(Permit::Earned),
        None => Ok(Permit::Earned("it has no entry gate".to_owned())),
    }
}

fn entry_was_go(
    context: &DecisionContext,
    stage: &Stage,
    at: Instant,
    gate: &GateName,
) -> Result<String, NotYet> {
    let again = |reason: String| NotYet::new(reason, context.check(gate));
    let Some(last) = context.ledger.last_check(gate) else {
        return Err(again(format!("no check of {gate} is recorded")));
    };
    let RecordedCheck {
        entry,
        check,
        gate: found,
    } = last;
    let verdict = found.verdict.word();
    let seen = format!(
        "{gate} was {verdict} in check #{} at {}",
        entry.number, entry.at
    );
    if found.verdict != Verdict::Go {
        return Err(again(seen));
    }
    if check.plan_sha256 != context.plan_sha256 {
        return Err(again(format!("{seen}, but the plan has changed since")));
    }
    if let Some(vars) = check.varied(&[]) {
        return Err(again(format!("{seen}, but judged {vars}")));
    }
    if at < check.evaluated_at {
        let judged = check.evaluated_at;
        return Err(again(format!(
            "{seen}, but that is for {judged}, and it is said to have begun at {at}"
        )));
    }
    match spoken_against(context, stage, last).or_else(|| expired::reason(context, stage, at)) {
        Some(reason) => Err(again(format!("{seen}, but {reason}"))),
        None => Ok(seen),
    }
}

/// What somebody did that a check of the entry gate did not know, and that may have changed its verdict for the worse.
fn spoken_against(
    context: &DecisionContext,
    stage: &Stage,
    last: RecordedCheck<'_>,
) -> Option<String> {
    let mut unknown = context.ledger.unknown_to(last);
    unknown.find_map(|entry| {
        let what = against(stage, &entry.event)?;
        Some(format!(
            "{what} since (#{} by {})",
            entry.number, entry.by.name
        ))
    })
}

fn against(stage: &Stage, event: &Event) -> Option<String> {
    let gate = DecisionContext::gate(stage, GateKind::Entry)?;
    let asks_incidents = (gate.criteria.iter()).any(|one| matches!(one.ask, Ask::Incidents(_)));
    match event {
        Event::Confirmed {
            stage: of,
            id,
            answer,
        } if *of == stage.name => match answer {
            Answer::Yes => None,
            Answer::No => Some(format!("{id} was answered with no")),
            Answer::Revoked => Some(format!("the answer to {id} was taken back")),
        },
        Event::Approved {
            gate: of,
            role,
            revoked: true,
            ..
        } if *of == GateKind::Entry.of(&stage.name) => {
            Some(format!("the signature as {role} was taken back"))
        }
        Event::IncidentOpened { id, .. } if asks_incidents => Some(format!("{id} was opened")),
        Event::IncidentUpdated { id, .. } if asks_incidents => Some(format!("{id} has changed")),
        Event::RolledBack { stage: of, .. } => Some(format!("{of} was rolled back")),
        _ => None,
    }
}

fn decision(
    context: &DecisionContext,
    stage: &Stage,
    at: Instant,
    permit: Result<Permit, NotYet>,
) -> Decision {
    let (overridden, line) = match permit {
        Ok(Permit::Earned(line)) => (false, line),
        Ok(Permit::Overridden(line)) => (true, line),
        Err(NotYet { reason, .. }) => (true, format!("OVERRIDDEN: {reason}")),
    };
    let event = Event::Started {
        stage: stage.name.clone(),
        at,
        overridden,
    };
    let begun = Decision::of(event, format!("{} began at {at}", stage.name)).meaning(line);
    let Some(gate) = DecisionContext::gate(stage, GateKind::Exit) else {
        return begun.meaning("it has no exit gate: the next stage may be entered");
    };
    let name = GateKind::Exit.of(&stage.name);
    let next = context.check(&name);
    match gate.window {
        Some(window) => begun.meaning(format!(
            "the window of {name} is complete at {}",
            at + stage.settle + window
        )),
        None => begun,
    }
    .next(next)
}
