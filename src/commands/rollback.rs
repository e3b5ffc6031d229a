//! `gate rollback`: a stage is rolled back, and which steps of the plan were done. Must not take a step for done unless
//! somebody said so.

use std::path::Path;

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use crate::cli::{RollbackArgs, Signed};
use crate::kind::{Action, GateKind};
use crate::ledger::{Event, StepDone};
use crate::plan::{RollbackStep, Stage};

impl Deed for RollbackArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let stage = context.begun(self.stage.as_deref())?;
        let steps = steps(self, context)?;
        let decision = if context.history().taken_back(&stage.name).is_some() {
            further(context, stage, steps)?
        } else {
            context.reason_for("a rollback")?;
            first(context, stage, &steps)
        };
        Ok(decision)
    }
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

fn first(context: &DecisionContext, stage: &Stage, steps: &[Told]) -> Decision {
    let event = Event::RolledBack {
        stage: stage.name.clone(),
        steps: steps.iter().map(Told::recorded).collect(),
    };
    let done = format!("{} is rolled back", stage.name);
    told(context, stage, Decision::of(event, done), steps)
}

/// Steps of a rollback that was recorded earlier.
fn further(
    context: &DecisionContext,
    stage: &Stage,
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
        return Err(Refusal::standing(format!(
            "{name} is already rolled back{since}; record its steps with --done N or --not-done N"
        )));
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
    Ok(told(context, stage, decision, &standing))
}

/// The steps, with what earlier entries say about those that were not mentioned now.
fn with_earlier<'a>(
    context: &DecisionContext,
    stage: &str,
    mut steps: Vec<Told<'a>>,
) -> Vec<Told<'a>> {
    let since = context
        .history()
        .rolled_back(stage)
        .map_or(0, |entry| entry.number);
    let entries = context.history().entries().iter();
    let entries: Vec<_> = entries.filter(|entry| entry.number >= since).collect();
    for told in steps.iter_mut().filter(|told| told.done.is_none()) {
        let earlier = entries.iter().rev().find_map(|entry| match &entry.event {
            Event::StepRecorded {
                stage: of,
                number,
                step,
            } if of == stage && *number == told.number => Some(step),
            Event::RolledBack { stage: of, steps } if of == stage => {
                steps.get(told.number.checked_sub(1)?)
            }
            Event::StepRecorded { .. }
            | Event::RolledBack { .. }
            | Event::Started { .. }
            | Event::Checked(_)
            | Event::Confirmed { .. }
            | Event::Approved { .. }
            | Event::IncidentOpened { .. }
            | Event::IncidentUpdated { .. }
            | Event::IncidentClosed { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Overridden { .. }
            | Event::Noted { .. }
            | Event::Repaired { .. } => None,
        });
        told.done = earlier.map(|step| step.done);
    }
    steps
}

/// Each step as it stands, and what comes next: the first that is not done, or else the recovery gate.
fn told(
    context: &DecisionContext,
    stage: &Stage,
    mut decision: Decision,
    steps: &[Told],
) -> Decision {
    for told in steps {
        let standing = if told.done == Some(true) {
            "done"
        } else {
            "not done"
        };
        let owner = told.step.owner.as_ref();
        let owner = owner.map_or_else(String::new, |owner| format!(" ({owner})"));
        decision = decision.meaning(format!(
            "step {}: {standing}: {}{owner}",
            told.number, told.step.action
        ));
    }
    let open = steps.iter().find(|told| told.done != Some(true));
    let name = &stage.name;
    decision.next = Some(match open {
        Some(told) => context.command(
            Action::Rollback,
            &["--stage", name, "--done", &told.number.to_string()],
        ),
        None if stage.gate(GateKind::Recovery).is_some() => {
            context.check(&GateKind::Recovery.of(&stage.name))
        }
        None => context.resume(name),
    });
    decision
}
