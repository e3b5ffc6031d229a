//! `gate rollback`: a stage is rolled back, which steps of the plan were done, and to which stage the rollout goes back. Must not
//! take a step for done unless somebody said so.

use std::path::Path;

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use crate::cli::{RollbackArgs, Signed};
use crate::kind::GateKind;
use crate::ledger::{Event, StepDone};
use crate::plan::{RollbackStep, Stage};
use crate::rollout::{NoWayBack, steps as after};

impl Deed for RollbackArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let to = self.to.as_deref();
        let to = to.map(|name| context.stage(name)).transpose()?;
        let stage = rolled_back(self, context, to)?;
        let steps = steps(self, context)?;
        let says = steps.iter().any(|told| told.done.is_some());
        let is_open = context.history().open_rollback(&stage.name).is_some();
        if !is_open || to.is_some() {
            context.reason_for("a rollback")?;
        }
        let reopened = to.map(|to| reopened(context, to, stage)).transpose()?;
        let decision = match (is_open, &reopened) {
            (true, Some(_)) if !says => None,
            (true, _) => Some(further(context, stage, to, steps)?),
            (false, _) => Some(first(context, stage, to, &steps)),
        };
        let decisions = decision.into_iter().chain(reopened);
        let both = decisions.reduce(Decision::and);
        both.ok_or_else(|| Refusal::standing("there is nothing to record"))
    }
}

/// The stage that is rolled back: the named one, or else the only running one; where the rollout goes back to a stage, the
/// only one that runs on it. What is said about steps may be about a stage that has not begun any more.
fn rolled_back<'a>(
    arguments: &RollbackArgs,
    context: &DecisionContext<'a>,
    to: Option<&'a Stage>,
) -> Result<&'a Stage, Refusal> {
    let rollout = context.rollout;
    let is_open = |stage: &&Stage| context.history().open_rollback(&stage.name).is_some();
    if let Some(name) = &arguments.stage {
        let stage = context.stage(name)?;
        return if is_open(&stage) {
            Ok(stage)
        } else {
            context.begun(Some(name))
        };
    }
    let says = arguments.all_done || !arguments.done.is_empty() || !arguments.not_done.is_empty();
    let candidates: Vec<&Stage> = match to {
        Some(to) => (rollout.meant().into_iter())
            .filter(|one| one.name == to.name || rollout.rests_on(one, to))
            .collect(),
        None if says => (rollout.plan.stages.iter().filter(is_open)).collect(),
        None => Vec::new(),
    };
    match candidates.as_slice() {
        [only] => Ok(only),
        _ => context.begun(None),
    }
}

/// That the rollout goes back to a stage, and what that means.
fn reopened(context: &DecisionContext<'_>, to: &Stage, from: &Stage) -> Result<Decision, Refusal> {
    let rollout = context.rollout;
    let stages = rollout.way_back(to, from).map_err(|no_way| {
        let refusal = Refusal::standing(no_way.to_string());
        let leads_there = match no_way {
            NoWayBack::NotBegun(_) | NoWayBack::Already(..) => rollout.towards_start(to),
            NoWayBack::Later(..) | NoWayBack::Beside(..) => None,
        };
        match leads_there {
            Some(step) => refusal.command(&context.typed(&step)),
            None => refusal,
        }
    })?;
    let names: Vec<String> = stages.iter().map(|stage| stage.name.clone()).collect();
    let listed = names.join(", ");
    let event = Event::Reopened {
        stage: to.name.clone(),
        stages: names,
    };
    let entry = to.gate(GateKind::Entry).map(|gate| gate.kind.of(&to.name));
    let asked = match &entry {
        Some(entry) => format!("{entry} is asked again: no check before this counts"),
        None => format!(
            "{} has no entry gate: it begins when somebody starts it",
            to.name
        ),
    };
    let next = match &entry {
        Some(entry) => after::check(entry),
        None => after::start(&to.name),
    };
    let decision = Decision::of(event, format!("back to {}", to.name)).meaning(asked);
    let means = format!(
        "not begun any more: {listed}; what was signed, confirmed and observed there is void"
    );
    Ok(decision.meaning(means).next(context.typed(&next)))
}

/// A step of the plan, and what was said about it; `None` if nothing was.
struct Told<'a> {
    number: usize,
    step: &'a RollbackStep,
    done: Option<bool>,
    by: Option<String>,
}

impl Told<'_> {
    fn recorded(&self) -> StepDone {
        StepDone {
            action: self.step.action.clone(),
            done: self.done.unwrap_or(false),
            by: self.by.clone(),
            took: None,
        }
    }
}

fn steps<'a>(
    arguments: &RollbackArgs,
    context: &DecisionContext<'a>,
) -> Result<Vec<Told<'a>>, Refusal> {
    let plan = &context.rollout.plan.rollback;
    let done = arguments.done.iter().map(|(number, _)| number);
    if let Some(number) =
        (done.chain(&arguments.not_done)).find(|at| !(1..=plan.len()).contains(*at))
    {
        return Err(no_such_step(*number, plan));
    }
    let steps = plan.iter().zip(1..).map(|(step, number)| {
        let done = arguments.done.iter().find(|(of, _)| *of == number);
        let not_done = arguments.not_done.contains(&number);
        if done.is_some() && not_done {
            return Err(Refusal::usage(format!(
                "step {number} cannot be both done and not done"
            )));
        }
        Ok(Told {
            number,
            step,
            done: match (done, not_done) {
                (Some(_), _) => Some(true),
                (None, true) => Some(false),
                (None, false) => arguments.all_done.then_some(true),
            },
            by: done.and_then(|(_, by)| by.clone()),
        })
    });
    steps.collect()
}

fn no_such_step(number: usize, plan: &[RollbackStep]) -> Refusal {
    let known = plan.iter().zip(1..);
    let known: Vec<String> = known
        .map(|(step, number)| format!("{number}: {}", step.action))
        .collect();
    if known.is_empty() {
        return Refusal::usage("the plan has no `rollback:` steps");
    }
    Refusal::usage(format!(
        "the plan's `rollback:` has no step {number}: it has {}",
        known.join("; ")
    ))
}

fn first(context: &DecisionContext, stage: &Stage, to: Option<&Stage>, steps: &[Told]) -> Decision {
    let event = Event::RolledBack {
        stage: stage.name.clone(),
        steps: steps.iter().map(Told::recorded).collect(),
    };
    let done = format!("{} is rolled back", stage.name);
    told(context, stage, to, Decision::of(event, done), steps)
}

/// Steps of a rollback that was recorded earlier.
fn further(
    context: &DecisionContext,
    stage: &Stage,
    to: Option<&Stage>,
    steps: Vec<Told>,
) -> Result<Decision, Refusal> {
    let name = &stage.name;
    let said: Vec<&Told> = steps.iter().filter(|told| told.done.is_some()).collect();
    if said.is_empty() {
        let since = context.history().rolled_back(name);
        let since = since.map_or_else(String::new, |entry| {
            format!(
                ", since {} by {} (#{})",
                entry.at, entry.by.name, entry.number
            )
        });
        let refusal = Refusal::standing(format!(
            "{name} is already rolled back{since}; record its steps with --done N or --not-done N"
        ));
        let dated = context.history().rolled_back(name);
        let Some(ahead) = dated.filter(|entry| context.rollout.is_ahead(entry.at)) else {
            return Err(refusal);
        };
        let by = context.rollout.now.until(ahead.at);
        return Err(refusal
            .line(format!(
                "#{} is dated {by} ahead of this clock: let the stage go on, and roll it back once more",
                ahead.number
            ))
            .command(&context.resume(name)));
    }
    if let Some(refusal) = said_before(context, name, &said) {
        return Err(refusal);
    }
    let events = said.iter().map(|told| Event::StepRecorded {
        stage: name.clone(),
        number: told.number,
        step: told.recorded(),
    });
    let events = events.collect();
    let numbers: Vec<String> = said.iter().map(|told| told.number.to_string()).collect();
    let decision = Decision {
        events,
        done: format!("rollback of {name}, step {}", numbers.join(", ")),
        means: Vec::new(),
        next: None,
    };
    let standing = with_earlier(context, name, steps);
    Ok(told(context, stage, to, decision, &standing))
}

/// Nothing is recorded twice: why, if every step that is named stands like that already.
fn said_before(context: &DecisionContext, stage: &str, said: &[&Told]) -> Option<Refusal> {
    let mut before = Vec::new();
    for told in said {
        let (entry, step) = context.rollout.step_recorded(stage, told.number)?;
        if Some(step.done) != told.done || told.by.is_some() && step.by != told.by {
            return None;
        }
        let standing = if step.done { "done" } else { "not done" };
        before.push(format!(
            "step {} is already recorded as {standing} (#{})",
            told.number, entry.number
        ));
    }
    Some(Refusal::standing(before.join("; ")))
}

/// The steps, with what earlier entries say about those that were not mentioned now.
fn with_earlier<'a>(
    context: &DecisionContext,
    stage: &str,
    mut steps: Vec<Told<'a>>,
) -> Vec<Told<'a>> {
    for told in steps.iter_mut().filter(|told| told.done.is_none()) {
        let earlier = context.rollout.step_recorded(stage, told.number);
        told.done = earlier.map(|(_, step)| step.done);
    }
    steps
}

/// Each step as it stands, and what comes next: the first that is not done, or else the recovery gate; nothing where the rollout
/// goes back to another stage, which says what comes next.
fn told(
    context: &DecisionContext,
    stage: &Stage,
    to: Option<&Stage>,
    mut decision: Decision,
    steps: &[Told],
) -> Decision {
    for told in steps {
        let standing = match (told.done == Some(true), is_due(told, steps)) {
            (true, _) => "done",
            (false, true) => "not done",
            (false, false) => "not needed",
        };
        let owner = told.step.owner.as_ref();
        let owner = owner.map_or_else(String::new, |owner| format!(" ({owner})"));
        decision = decision.meaning(format!(
            "step {}: {standing}: {}{owner}",
            told.number, told.step.action
        ));
    }
    let mut due = steps.iter().filter(|told| is_due(told, steps));
    let open = due.find(|told| told.done != Some(true));
    let next = match (open, stage.gate(GateKind::Recovery)) {
        (Some(told), _) => Some(after::step_done(&stage.name, told.number)),
        (None, _) if to.is_some() || !context.history().has_begun(&stage.name) => None,
        (None, Some(_)) => Some(after::check(&GateKind::Recovery.of(&stage.name))),
        (None, None) => Some(after::resume(&stage.name)),
    };
    decision.next = next.map(|next| context.typed(&next));
    decision
}

/// One way to roll back is enough: once a step of one is done, those of the others are not due.
fn is_due(told: &Told, steps: &[Told]) -> bool {
    let mut taken = steps.iter().filter(|one| one.done == Some(true)).peekable();
    taken.peek().is_none() || taken.any(|one| one.step.option == told.step.option)
}
