//! What the command line says about a rollback (L11), held against the plan. Must not take a step for done unless somebody said so.

use crate::cli::RollbackArgs;
use crate::commands::deeds::context::DecisionContext;
use crate::commands::deeds::refusal::Refusal;
use crate::ledger::{RollbackTold, StepState, StepTold};
use crate::plan::RollbackStep;
use crate::units::Duration;

/// What is said now; of the steps only those that are named. `taken` are the ways that are taken already.
pub(super) fn told(
    arguments: &RollbackArgs,
    context: &DecisionContext<'_>,
    taken: &[&str],
) -> Result<RollbackTold, Refusal> {
    let plan = &context.rollout.plan.rollback;
    let options = known_options(arguments, plan)?;
    Ok(RollbackTold {
        steps: steps(arguments, context, taken)?,
        options,
        cause: said("--cause", arguments.cause.as_deref())?,
        fix: said("--fix", arguments.fix.as_deref())?,
        files: context.files.to_vec(),
    })
}

/// The same with every other step of the plan, which is open.
pub(super) fn with_the_rest(mut told: RollbackTold, planned: RollbackTold) -> RollbackTold {
    for step in planned.steps {
        if !told.steps.iter().any(|one| one.number == step.number) {
            told.steps.push(step);
        }
    }
    told.steps.sort_by_key(|step| step.number);
    told
}

fn said(flag: &str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    match text.map(str::trim) {
        Some("") => Err(Refusal::usage(format!("{flag} says nothing"))),
        text => Ok(text.map(str::to_owned)),
    }
}

fn known_options(arguments: &RollbackArgs, plan: &[RollbackStep]) -> Result<Vec<String>, Refusal> {
    let known = options_of(plan);
    let unknown = arguments
        .options
        .iter()
        .find(|option| !known.contains(&option.as_str()));
    match unknown {
        None => Ok(arguments.options.clone()),
        Some(option) if known.is_empty() => Err(Refusal::usage(format!(
            "the plan's `rollback:` has no options, so none is called `{option}`: leave --option out"
        ))),
        Some(option) => Err(Refusal::usage(format!(
            "the plan's `rollback:` has no option `{option}`: it has {}",
            known.join(", ")
        ))),
    }
}

/// The names of the ways, in plan order.
fn options_of(plan: &[RollbackStep]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for option in plan.iter().filter_map(|step| step.option.as_ref()) {
        if !names.contains(&option.name.as_str()) {
            names.push(&option.name);
        }
    }
    names
}

/// The steps that are named, by number.
fn steps(
    arguments: &RollbackArgs,
    context: &DecisionContext<'_>,
    taken: &[&str],
) -> Result<Vec<StepTold>, Refusal> {
    let plan = &context.rollout.plan.rollback;
    let planned = context.rollout.planned_rollback().steps;
    let mut steps: Vec<StepTold> = Vec::new();
    for (number, state, by) in named(arguments, plan, taken)? {
        let step = planned.iter().find(|step| step.number == number);
        let step = step.ok_or_else(|| no_such_step(number, plan))?;
        if steps.iter().any(|one| one.number == number) {
            return Err(Refusal::usage(format!(
                "step {number} is named twice: it is done, not done or not needed"
            )));
        }
        if state == StepState::Done {
            of_a_taken_way(arguments, step, taken)?;
        }
        steps.push(StepTold {
            state,
            by,
            ..step.clone()
        });
    }
    steps.sort_by_key(|step| step.number);
    for (number, length) in &arguments.took {
        *took_of(&mut steps, *number)? = Some(*length);
    }
    Ok(steps)
}

/// A step that is named, what is said of it, and who did it.
type Named = (usize, StepState, Option<String>);

fn named(
    arguments: &RollbackArgs,
    plan: &[RollbackStep],
    taken: &[&str],
) -> Result<Vec<Named>, Refusal> {
    let as_said = |state: StepState| move |number: &usize| (*number, state, None);
    let done = arguments.done.iter();
    let mut named: Vec<Named> = done
        .map(|(number, by)| (*number, StepState::Done, by.clone()))
        .collect();
    named.extend(arguments.not_done.iter().map(as_said(StepState::Open)));
    named.extend(
        arguments
            .not_needed
            .iter()
            .map(as_said(StepState::NotNeeded)),
    );
    if arguments.all_done {
        let all = all_of_the_way(arguments, plan, taken)?;
        named.extend(all.iter().map(as_said(StepState::Done)));
    }
    Ok(named)
}

fn no_such_step(number: usize, plan: &[RollbackStep]) -> Refusal {
    let known = (1..).zip(plan);
    let known: Vec<String> = known
        .map(|(number, step)| format!("{number}: {}", step.action))
        .collect();
    if known.is_empty() {
        return Refusal::usage("the plan has no `rollback:` steps");
    }
    Refusal::usage(format!(
        "the plan's `rollback:` has no step {number}: it has {}",
        known.join("; ")
    ))
}

/// Where the ways are named, no step of another one is done by mistake.
fn of_a_taken_way(
    arguments: &RollbackArgs,
    step: &StepTold,
    taken: &[&str],
) -> Result<(), Refusal> {
    let option = step.option.as_ref();
    let Some(option) = option.filter(|_| !arguments.options.is_empty()) else {
        return Ok(());
    };
    if arguments.options.contains(option) || taken.contains(&option.as_str()) {
        return Ok(());
    }
    Err(Refusal::usage(format!(
        "step {} belongs to {option}, and {} is taken: name both with --option, or another step",
        step.number,
        arguments.options.join(" and ")
    )))
}

/// The steps of the ways that are taken, but for those that are not needed; of a plan with one way, all of them.
fn all_of_the_way(
    arguments: &RollbackArgs,
    plan: &[RollbackStep],
    taken: &[&str],
) -> Result<Vec<usize>, Refusal> {
    let named = arguments.options.iter().map(String::as_str);
    let ways: Vec<&str> = named.chain(taken.iter().copied()).collect();
    let known = options_of(plan);
    if !known.is_empty() && ways.is_empty() {
        return Err(Refusal::usage(format!(
            "--all-done does not say which way was taken: name it with --option ({})",
            known.join(", ")
        )));
    }
    let is_taken = |step: &RollbackStep| {
        let option = step.option.as_ref();
        option.is_none_or(|option| ways.contains(&option.name.as_str()))
    };
    let numbered = (1..).zip(plan).filter(|(_, step)| is_taken(step));
    let numbers = numbered.map(|(number, _)| number);
    Ok(numbers
        .filter(|number| !arguments.not_needed.contains(number))
        .collect())
}

/// Where it says how long a step took; without a number, of the only one that was done.
fn took_of(
    steps: &mut [StepTold],
    number: Option<usize>,
) -> Result<&mut Option<Duration>, Refusal> {
    let is_done = |step: &&mut StepTold| {
        step.state == StepState::Done && number.is_none_or(|number| step.number == number)
    };
    let mut done = steps.iter_mut().filter(is_done);
    match (done.next(), done.next()) {
        (Some(step), None) => Ok(&mut step.took),
        (None, _) => Err(Refusal::usage(
            "--took says how long a step took that was done: name the step with --done N",
        )),
        (Some(_), Some(_)) => Err(Refusal::usage(
            "--took does not say which step: several were done, so say --took N=LENGTH",
        )),
    }
}
