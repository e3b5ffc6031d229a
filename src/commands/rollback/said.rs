//! What the command line says about a rollback (L11), held against the plan. Must not take a step for done unless somebody said so.

use crate::cli::RollbackArgs;
use crate::commands::deeds::context::DecisionContext;
use crate::commands::deeds::refusal::Refusal;
use crate::ledger::{RollbackTold, StepState, StepTold};
use crate::rollout::{KnownOfRollback, Standing};
use crate::units::Duration;

/// What is said now; of the steps only those that are named. `known` is what was said before, with every step of the plan.
pub(super) fn told(
    arguments: &RollbackArgs,
    context: &DecisionContext<'_>,
    known: &KnownOfRollback<'_>,
) -> Result<RollbackTold, Refusal> {
    let options = known_options(arguments, known)?;
    Ok(RollbackTold {
        steps: steps(arguments, known)?,
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

/// A step that several ways have is done once: none is said to be done, or to be open, that is done under another number. `known`
/// is all that is known then.
pub(super) fn once(known: &KnownOfRollback<'_>, told: &RollbackTold) -> Result<(), Refusal> {
    let steps = known.steps();
    let standing = |number: usize| {
        let step = steps.iter().find(|step| step.told.number == number);
        step.map(|step| step.standing)
    };
    for step in &told.steps {
        let Some(Standing::As(other)) = standing(step.number) else {
            continue;
        };
        let is_done = standing(other) == Some(Standing::Done);
        let way_on = match step.state {
            StepState::Done if is_done => "it is done once".to_owned(),
            StepState::Open if is_done => format!("take that back with --not-done {other}"),
            StepState::Done | StepState::Open | StepState::NotNeeded => continue,
        };
        return Err(Refusal::standing(format!(
            "step {} is the same as step {other}, which is done: {way_on}",
            step.number
        )));
    }
    Ok(())
}

fn said(flag: &str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    match text.map(str::trim) {
        Some("") => Err(Refusal::usage(format!("{flag} says nothing"))),
        text => Ok(text.map(str::to_owned)),
    }
}

fn known_options(
    arguments: &RollbackArgs,
    known: &KnownOfRollback<'_>,
) -> Result<Vec<String>, Refusal> {
    let known = known.ways();
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

/// The steps that are named, by number.
fn steps(arguments: &RollbackArgs, known: &KnownOfRollback<'_>) -> Result<Vec<StepTold>, Refusal> {
    let taken = known.options();
    let mut steps: Vec<StepTold> = Vec::new();
    for (number, state, by) in named(arguments, known)? {
        let step = known.step(number);
        let step = step.ok_or_else(|| no_such_step(number, known))?;
        if steps.iter().any(|one| one.number == number) {
            return Err(Refusal::usage(format!(
                "step {number} is named twice: it is done, not done or not needed"
            )));
        }
        if state == StepState::Done {
            of_a_taken_way(arguments, known, step, &taken)?;
        }
        // Whoever adds how long it took did not do it for that.
        let done_by = known.done_by(number).filter(|_| state == StepState::Done);
        steps.push(StepTold {
            state,
            by: by.or_else(|| done_by.map(str::to_owned)),
            took: step.took.filter(|_| state == step.state),
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

fn named(arguments: &RollbackArgs, known: &KnownOfRollback<'_>) -> Result<Vec<Named>, Refusal> {
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
        let all = all_of_the_way(arguments, known)?;
        named.extend(all.iter().map(as_said(StepState::Done)));
    }
    Ok(named)
}

fn no_such_step(number: usize, known: &KnownOfRollback<'_>) -> Refusal {
    let steps = known.steps();
    let known: Vec<String> = (steps.iter())
        .map(|step| format!("{}: {}", step.told.number, step.told.action))
        .collect();
    if known.is_empty() {
        return Refusal::usage("the plan has no `rollback:` steps");
    }
    Refusal::usage(format!(
        "the plan's `rollback:` has no step {number}: it has {}",
        known.join("; ")
    ))
}

/// Where a way is taken, no step of another one is done by mistake.
fn of_a_taken_way(
    arguments: &RollbackArgs,
    known: &KnownOfRollback<'_>,
    step: &StepTold,
    taken: &[&str],
) -> Result<(), Refusal> {
    let Some(option) = &step.option else {
        return Ok(());
    };
    let named = arguments.options.iter().map(String::as_str);
    let others = taken.iter().copied();
    let others = others.filter(|way| !arguments.options.iter().any(|named| named == way));
    let ways: Vec<&str> = named.chain(others).collect();
    if ways.is_empty() || ways.contains(&option.as_str()) {
        return Ok(());
    }
    let same = known.same_elsewhere(step.number).into_iter();
    let mut in_way = same.filter_map(|number| known.step(number)).filter(|one| {
        let option = one.option.as_deref();
        option.is_some_and(|way| ways.contains(&way))
    });
    let way_on = match in_way.next() {
        Some(same) => format!("there it is step {}", same.number),
        None => format!("take it with --option {option}, or name another step"),
    };
    Err(Refusal::usage(format!(
        "step {} belongs to the way {option}, and {} {} taken: {way_on}",
        step.number,
        ways.join(" and "),
        if ways.len() == 1 { "is" } else { "are" }
    )))
}

/// What is open of the ways that are taken, but for what is not needed; of a plan with one way, all of it.
fn all_of_the_way(
    arguments: &RollbackArgs,
    known: &KnownOfRollback<'_>,
) -> Result<Vec<usize>, Refusal> {
    let named = RollbackTold {
        options: arguments.options.clone(),
        ..RollbackTold::default()
    };
    let then = known.and(&named);
    let ways = known.ways();
    if !ways.is_empty() && then.options().is_empty() {
        return Err(Refusal::usage(format!(
            "--all-done does not say which way was taken: name it with --option ({})",
            ways.join(", ")
        )));
    }
    let open = then.open_steps().into_iter();
    let open: Vec<usize> = open
        .filter(|number| !arguments.not_needed.contains(number))
        .collect();
    if open.is_empty() && !known.steps().is_empty() && !says_more(arguments) {
        return Err(Refusal::given("no step of the rollback is open any more"));
    }
    Ok(open)
}

/// Whether it says something besides that every step was done: that is recorded, though no step is open any more.
fn says_more(arguments: &RollbackArgs) -> bool {
    let lists = [
        arguments.options.is_empty(),
        arguments.not_needed.is_empty(),
        arguments.took.is_empty(),
        arguments.files.is_empty(),
    ];
    lists.contains(&false) || arguments.cause.is_some() || arguments.fix.is_some()
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
