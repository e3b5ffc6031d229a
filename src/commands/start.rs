//! `gate start`: a stage begins. Must not let one begin past a stop, nor on a GO that was contradicted since;
//! `rollout` decides whether it may.

use std::path::Path;

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use super::load::LoadedPlan;
use super::signatures_of;
use crate::assessment::{BasedOn, Code, CriterionAssessment, Outcome};
use crate::cli::{QuestionArgs, Signed, StartArgs};
use crate::evaluate::{self, GateRef, Request};
use crate::kind::{Action, GateKind};
use crate::ledger::{Entry, Event, EventKind, Ledger};
use crate::plan::{Stage, gate_of};
use crate::rollout::{
    self, Lacking, LaterStarts, Left, NextStep, Objection, Override, Permit, State, completes_at,
    has_stops, steps, stops_judged_later, turned,
};
use crate::samples::Observations;
use crate::units::Instant;

impl Deed for StartArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn question(&self) -> Option<&QuestionArgs> {
        Some(&self.question)
    }

    fn binds(&self) -> bool {
        true
    }

    fn signatures(&self, loaded: &LoadedPlan, ledger: Ledger) -> Ledger {
        signatures_of::start(loaded, self.allowed_signers.as_deref(), ledger)
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let stage = context.stage(&self.stage)?;
        if self.overriding {
            context.reason_for("beginning a stage with --override")?;
        }
        let at = began(self, context)?;
        not_yet_running(context, stage)?;
        if self.at.is_some() {
            after_rollback(context, stage, at)?;
        }
        if let Some(hold) = context.rollout.barred(stage) {
            let (reason, ends) = context.held(&hold);
            let refusal = cannot_begin(stage, &reason);
            return Err(match ends {
                Some(command) => refusal.line("once that is settled").command(&command),
                None => refusal,
            });
        }
        let permit = permit(context, stage, at);
        if at < context.rollout.now {
            backdated(
                context,
                stage,
                at,
                matches!(permit, Ok(Permit::WithoutGate)),
            )?;
        }
        if at < context.rollout.now && self.overriding {
            not_before_what_is_overridden(context, stage, at)?;
        }
        if let (Err(not_yet), false) = (&permit, self.overriding) {
            let NotYet {
                reason, settled_by, ..
            } = not_yet;
            let arguments = [&stage.name, "--override", "--why", "<reason>"];
            let overriding = context.command(Action::Start, &arguments);
            let mut refusal = cannot_begin(stage, reason);
            let waits = waits_for(context, stage);
            if !waits.is_empty() {
                let first = format!("its turn has not come; before it: {}", waits.join(", "));
                refusal = refusal.line(first);
            }
            let open = unanswered(context, stage, at);
            let lacking = lacking(context, stage, &open.names()).filter(|_| not_yet.is_own);
            if let Some(lacking) = lacking {
                refusal = refusal.line(lacking);
            }
            refusal = open
                .told(&stage.name)
                .into_iter()
                .fold(refusal, Refusal::line);
            refusal = entries_owed(context, stage, reason)
                .into_iter()
                .fold(refusal, |refusal, (said, entry)| {
                    refusal.line(said).command(&entry)
                });
            let asked = asked_of_people(context, stage).filter(|_| not_yet.is_own);
            if let Some(asked) = asked {
                refusal = refusal.command(&asked);
            }
            if context.history().answered_since_judged(&stage.name) {
                let refusal = refusal.line("answers came since then: check again");
                return Err(refusal.command(settled_by));
            }
            // Where asking again does not help, it is the same command.
            if *settled_by != overriding {
                refusal = refusal.command(settled_by);
            }
            let anyway = if waits.is_empty() {
                "to begin anyway"
            } else {
                "only as a last resort, past what comes before it and in your own name"
            };
            return Err(refusal.line(anyway).command(&overriding));
        }
        Ok(decision(context, stage, at, permit))
    }
}

/// The stages before it that are still to be left, each with where it stands: `pilot (running)`.
fn waits_for(context: &DecisionContext<'_>, stage: &Stage) -> Vec<String> {
    let rollout = &context.rollout;
    let stages = rollout.plan.stages.iter();
    let before = stages.filter(|one| rollout.rests_on(stage, one));
    let waits = before.map(|one| (one, rollout.state(one)));
    let waits = waits.filter(|(_, state)| !matches!(state, State::Left | State::Overridden));
    waits
        .map(|(one, state)| format!("{} ({})", one.name, state.word()))
        .collect()
}

fn cannot_begin(stage: &Stage, reason: &str) -> Refusal {
    Refusal::standing(format!("{} cannot begin: {reason}", stage.name))
}

/// S, in whole seconds.
fn began(arguments: &StartArgs, context: &DecisionContext) -> Result<Instant, Refusal> {
    let now = context.rollout.now;
    let at = arguments.at.map_or(now, |time| time.before(now));
    if at > now {
        return Err(Refusal::usage(format!(
            "--at {at} is in the future, it is {now} now: record a start once it has happened"
        )));
    }
    Ok(Instant::from_secs(at.millis().div_euclid(1000)))
}

/// Without `--at` it begins now.
fn as_of_now(refusal: Refusal, context: &DecisionContext<'_>, stage: &Stage) -> Refusal {
    let start = context.typed(&steps::start(&stage.name));
    refusal.line("to begin it as of now").command(&start)
}

fn not_yet_running(context: &DecisionContext, stage: &Stage) -> Result<(), Refusal> {
    let (history, name) = (context.rollout.history(), &stage.name);
    match history.start_of(name) {
        Some(start) if history.taken_back(name).is_none() => Err(Refusal::standing(format!(
            "{name} has already begun, at {start}"
        ))
        .command(&context.typed(&steps::check_in_play()))),
        _ => Ok(()),
    }
}

/// What was observed before a rollback, or of another version, says nothing about the release now.
fn after_rollback(context: &DecisionContext, stage: &Stage, at: Instant) -> Result<(), Refusal> {
    let set_back = context.rollout.history().set_back(&stage.name);
    match set_back.filter(|entry| entry.at > at) {
        Some(entry) => {
            let refusal = Refusal::usage(format!(
                "--at {at} is before {}, at {} (#{})",
                turned(&stage.name, entry),
                entry.at,
                entry.number
            ));
            Err(as_of_now(refusal, context, stage))
        }
        None => Ok(()),
    }
}

/// A start that is recorded late makes a window seem observed: no stage begins before one that it follows, and where no
/// recorded verdict says when it could begin, somebody says why they date it back.
fn backdated(
    context: &DecisionContext<'_>,
    stage: &Stage,
    at: Instant,
    rests_on_nothing: bool,
) -> Result<(), Refusal> {
    let before = context.rollout.plan.before(stage);
    if before.is_empty() && rests_on_nothing {
        return context.reason_for("dating the start of a first stage without an entry gate back");
    }
    let starts = before.iter().filter_map(|one| {
        let began = context.history().start_of(&one.name)?;
        (at < began).then_some((&one.name, began))
    });
    match starts.max_by_key(|(_, began)| *began) {
        Some((name, began)) => {
            let refusal = Refusal::usage(format!("--at {at} is before {name} began, at {began}"));
            Err(as_of_now(refusal, context, stage))
        }
        None => Ok(()),
    }
}

/// Nobody decides to begin in spite of a verdict before there was one.
fn not_before_what_is_overridden(
    context: &DecisionContext<'_>,
    stage: &Stage,
    at: Instant,
) -> Result<(), Refusal> {
    let newest = context.rollout.begins_on(stage);
    // When it was recorded, whatever earlier time it judged.
    match newest.filter(|check| at < check.entry.at) {
        Some(check) => Err(Refusal::usage(format!(
            "--at {at} is before {}, when check #{} judged {}: what is overridden was not known earlier",
            check.entry.at, check.entry.number, check.gate.gate
        ))),
        None => Ok(()),
    }
}

/// What the stage may begin on; or why it may not, and the command that settles that.
fn permit<'a>(
    context: &DecisionContext<'a>,
    stage: &'a Stage,
    at: Instant,
) -> Result<Permit<'a>, NotYet> {
    let permit = context
        .rollout
        .permit(stage, at)
        .map_err(|not_yet| NotYet {
            reason: not_yet.to_string(),
            is_own: is_own(&not_yet),
            settled_by: settled_by(context, stage, not_yet.next_step(&context.rollout)),
        })?;
    match permit {
        Permit::Earned(_) => match unmet(context, stage, at) {
            Some(reason) => Err(NotYet {
                reason: format!("{permit}, but {reason}"),
                is_own: false,
                settled_by: context.check(&GateKind::Entry.of(&stage.name)),
            }),
            None => Ok(permit),
        },
        Permit::Overridden(_, held) => match uncovered(context, stage, at, &held) {
            Some(reason) => Err(NotYet {
                reason: format!("{permit}, but {reason}"),
                is_own: false,
                settled_by: context.check(&GateKind::Entry.of(&stage.name)),
            }),
            None => Ok(permit),
        },
        Permit::WithoutGate => Ok(permit),
    }
}

/// What leads to the start: the start of a stage before it is offered only once that may begin.
fn settled_by(context: &DecisionContext<'_>, stage: &Stage, step: NextStep) -> String {
    let is_own = step.arguments.first() == Some(&stage.name);
    let there = if is_own {
        Some(step.clone())
    } else {
        context.rollout.in_turn(step.clone())
    };
    context.typed(&there.unwrap_or(step))
}

/// Why a stage may not begin yet, and the command that settles that.
struct NotYet {
    reason: String,
    /// Whether the last check of its own entry gate says so: what that found missing is told then.
    is_own: bool,
    settled_by: String,
}

/// Whether the last check of the entry gate was not GO.
fn is_own(not_yet: &rollout::NotYet<'_>) -> bool {
    matches!(
        not_yet,
        rollout::NotYet::Check(_, Objection::NotGo | Objection::OverrideOver(..))
    )
}

/// That an approval has no signature of its own.
const NO_SIGNATURE: [Code; 2] = [Code::Unsigned, Code::SignatureReplayed];

/// What has changed since the entry gate's GO, apart from sources: whatever needs none is judged again. Without
/// samples and findings, only what people and the clock decide can be unmet.
fn unmet(context: &DecisionContext, stage: &Stage, at: Instant) -> Option<String> {
    let criteria = entry_without_sources(context, stage, at);
    // A signature that is gone or no longer counts is as good as none (T13).
    let unmet = criteria
        .iter()
        .find(|one| one.outcome == Outcome::Unmet || NO_SIGNATURE.contains(&one.code))?;
    let outcome = unmet.outcome.word();
    Some(format!("{} is {outcome}: {}", unmet.name, unmet.reason))
}

/// What is not met now and was not when somebody decided to proceed, apart from sources: an override is for what its author
/// saw (T11).
fn uncovered(
    context: &DecisionContext,
    stage: &Stage,
    at: Instant,
    held: &Override<'_>,
) -> Option<String> {
    let entry = GateKind::Entry.of(&stage.name);
    let accepted = context.rollout.accepted(&entry, held);
    let criteria = entry_without_sources(context, stage, at);
    let new = criteria.iter().find(|one| {
        // What is only known by asking is unknown here.
        let not_met = one.not_met();
        let not_met = not_met.filter(|found| found.unmet || rests_on_later(one, held.entry));
        not_met.is_some_and(|not_met| !accepted.iter().any(|seen| seen.covers(&not_met)))
    })?;
    Some(format!(
        "{} is {}, which was not so when that was decided: {}",
        new.name,
        new.outcome.word(),
        new.reason
    ))
}

/// Whether it rests on an entry that somebody made after another.
fn rests_on_later(criterion: &CriterionAssessment, entry: &Entry) -> bool {
    criterion.based_on.iter().any(|based_on| match based_on {
        BasedOn::Entry { number, .. } => *number > entry.number,
        BasedOn::File { .. } => false,
    })
}

/// What the entry gate asks people.
struct Unanswered {
    /// What nobody has answered.
    open: Vec<String>,
    /// What was answered, and has to be answered again.
    void: Vec<String>,
}

impl Unanswered {
    /// All of it.
    fn names(&self) -> Vec<String> {
        self.open.iter().chain(&self.void).cloned().collect()
    }

    /// In words, a line each.
    fn told(&self, stage: &str) -> Vec<String> {
        let gate = GateKind::Entry.of(stage);
        let told = [
            (&self.open, "nobody has answered for"),
            (&self.void, "to be answered again for"),
        ];
        let told = told.into_iter().filter(|(names, _)| !names.is_empty());
        told.map(|(names, what)| format!("{what} {gate}: {}", names.join(", ")))
            .collect()
    }
}

/// The entries of stages before that are owed to the version that took these over (L6), besides what is said already, each with the
/// command that asks it.
fn entries_owed(
    context: &DecisionContext<'_>,
    stage: &Stage,
    reason: &str,
) -> Vec<(String, String)> {
    let rollout = context.rollout;
    let before = rollout.plan.before(stage).into_iter();
    let owed = before.filter_map(|one| {
        let owed = rollout.entry_owed(one)?;
        let said = rollout.still_owed(one)?;
        let entry = context.check(&GateKind::Entry.of(&one.name));
        (!reason.contains(&owed.to_string())).then_some((said, entry))
    });
    owed.collect()
}

/// What the entry gate asks people, and what of it is open.
fn unanswered(context: &DecisionContext, stage: &Stage, at: Instant) -> Unanswered {
    let criteria = entry_without_sources(context, stage, at).into_iter();
    let asks_people = |one: &CriterionAssessment| {
        let step = one.next_step.as_ref();
        step.is_some_and(|step| matches!(step.action, Action::Confirm | Action::Approve))
    };
    let open = criteria.filter(|one| one.outcome == Outcome::Unknown && asks_people(one));
    let (open, void): (Vec<_>, Vec<_>) = open.partition(|one| one.based_on.is_empty());
    let names = |all: Vec<CriterionAssessment>| all.into_iter().map(|one| one.name).collect();
    Unanswered {
        open: names(open),
        void: names(void),
    }
}

/// What the last check of the entry gate found missing, besides what nobody has answered.
fn lacking(context: &DecisionContext, stage: &Stage, open: &[String]) -> Option<String> {
    let gate = stage.gate(GateKind::Entry)?;
    let last = context.history().judged(&GateKind::Entry.of(&stage.name))?;
    let lacking = Lacking::of(gate, last).without(open).in_words()?;
    Some(format!("check #{} found {lacking}", last.entry.number))
}

/// What somebody has to do first of what the entry gate asks people.
fn asked_of_people(context: &DecisionContext, stage: &Stage) -> Option<String> {
    let entry = GateKind::Entry.of(&stage.name);
    let owed = context.rollout.outstanding();
    let mut owed = owed.iter().filter(|one| one.gate == entry);
    let step = &owed.find(|one| !one.is_implied())?.next_step;
    let all = context.rollout.at_once(step, &[]);
    Some(context.typed(all.as_ref().map_or(step, |all| &all.step)))
}

/// The entry gate, judged with the ledger and the clock alone.
fn entry_without_sources(
    context: &DecisionContext,
    stage: &Stage,
    at: Instant,
) -> Vec<CriterionAssessment> {
    let rollout = &context.rollout;
    let position = (rollout.plan.stages.iter()).position(|one| one.name == stage.name);
    let gate = (stage.gates.iter()).position(|gate| gate.kind == GateKind::Entry);
    let (Some(position), Some(gate)) = (position, gate) else {
        return Vec::new();
    };
    let request = Request {
        at,
        started: None,
        later_starts: LaterStarts::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        gates: vec![GateRef {
            stage: position,
            gate,
        }],
        ledger: rollout.ledger.cloned(),
        plan_sha256: rollout.plan_sha256.map(str::to_owned),
        vars: rollout.vars.to_vec(),
        addresses: rollout.addresses.to_vec(),
    };
    let assessed = evaluate::assess(rollout.plan, &request, &Observations::new());
    let gates = assessed.gates.into_iter();
    gates.flat_map(|gate| gate.criteria).collect()
}

/// The plan's own sources, and the headers that they are sent: every gate may ask them.
fn of_the_plan(places: &[String]) -> Vec<String> {
    let own = places.iter().filter(|place| gate_of(place).is_none());
    own.cloned().collect()
}

/// The checks that a stage begins on: of its entry, and of the exits before it. Whoever begins it anyway rests on none.
fn rests_on(
    context: &DecisionContext<'_>,
    stage: &Stage,
    permit: &Result<Permit<'_>, NotYet>,
) -> Vec<u64> {
    let own = match permit {
        Ok(Permit::Earned(check) | Permit::Overridden(check, _)) => Some(*check),
        Ok(Permit::WithoutGate) => None,
        Err(_) => return Vec::new(),
    };
    let before = context.rollout.plan.before(stage).into_iter();
    let left = before.filter_map(|one| match context.rollout.left(one).ok()? {
        Left::WithGo(check) | Left::Overridden(check, _) => Some(check),
        Left::WithoutGate(..) => None,
    });
    let all = left.chain(own);
    all.map(|check| check.entry.number).collect()
}

/// That a stage before it was left in somebody's own name, and what has got otherwise since.
fn on_overrides(context: &DecisionContext<'_>, stage: &Stage) -> Vec<String> {
    let rollout = &context.rollout;
    let before = rollout.plan.before(stage).into_iter();
    let left = before.filter_map(|one| rollout.left(one).ok());
    let mut lines = Vec::new();
    for left in left {
        if let Left::Overridden(check, found) = &left {
            lines.push(format!("it rests on {left}"));
            let accepted = rollout.accepted(&check.gate.gate, found);
            let not_met = check.gate.not_met.iter();
            let otherwise = not_met.filter_map(|now| {
                let said = found.measured_otherwise(&accepted, now)?;
                Some(format!("{}: {said}", now.name))
            });
            lines.extend(otherwise);
        }
    }
    lines
}

fn decision(
    context: &DecisionContext,
    stage: &Stage,
    at: Instant,
    permit: Result<Permit<'_>, NotYet>,
) -> Decision {
    let rests_on = rests_on(context, stage, &permit);
    let (overridden, line) = match permit {
        Ok(permit @ (Permit::Earned(_) | Permit::WithoutGate)) => (false, permit.to_string()),
        Ok(permit @ Permit::Overridden(..)) => (true, permit.to_string()),
        Err(not_yet) => (true, format!("OVERRIDDEN: {}", not_yet.reason)),
    };
    let overrides = on_overrides(context, stage);
    let event = Event::Started {
        stage: stage.name.clone(),
        at,
        overridden,
        vars: context.rollout.vars.to_vec(),
        sources: of_the_plan(context.rollout.addresses),
    };
    let counted = context.history().set_back(&stage.name);
    let counted = counted.filter(|set_back| set_back.at > at);
    let from = counted.map_or(at, |set_back| set_back.at);
    let after = context.next_after(&event);
    let begun = Decision::of(event, format!("{} began at {from}", stage.name))
        .meaning(line)
        .resting_on(rests_on);
    let begun = overrides.into_iter().fold(begun, Decision::meaning);
    let waits = waits_for(context, stage);
    let begun = if overridden && !waits.is_empty() {
        begun.meaning(format!("not left before it: {}", waits.join(", ")))
    } else {
        begun
    };
    let open = context.rollout.left_open(context.path);
    let begun = open.into_iter().fold(begun, Decision::meaning);
    if let Some(ahead) = counted {
        let is_version = ahead.event.kind() == EventKind::Superseded;
        let what = if is_version {
            "the change of version"
        } else {
            "its rollback"
        };
        let again = context.command(
            Action::Rollback,
            &["--stage", &stage.name, "--why", "<reason>"],
        );
        return begun
            .meaning(format!(
                "{what}, #{}, is dated {} ahead of this clock, and nothing is observed before that: once the clock is right, roll back and resume",
                ahead.number,
                at.until(ahead.at)
            ))
            .next(again);
    }
    let Some(gate) = stage.gate(GateKind::Exit) else {
        let begun = begun.meaning("it has no exit gate, so it counts as left");
        return match after {
            Some(next) => begun.next(next),
            None => begun.meaning("nothing comes after it"),
        };
    };
    let name = gate.kind.of(&stage.name);
    let later = stops_judged_later(stage, at, context.rollout.now).filter(|_| has_stops(gate));
    let later = later
        .map(|later| format!("its stops are judged {later}: until then nothing here stops it"));
    let complete = completes_at(gate, stage, stage.observe, Some(at), None);
    let complete =
        complete.map(|complete| format!("the window of {name} is complete at {complete}"));
    let told = later.into_iter().chain(complete);
    told.fold(begun, Decision::meaning)
        .next(context.check(&name))
}
