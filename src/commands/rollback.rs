//! `gate rollback`: a stage is rolled back, what is known of it, and to which stage the rollout goes back. Must not take a step for
//! done unless somebody said so.

mod said;
mod way_back;

use std::path::{Path, PathBuf};

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use crate::cli::{RollbackArgs, Signed};
use crate::kind::GateKind;
use crate::ledger::{Event, RollbackTold, StepTold};
use crate::plan::Stage;
use crate::rollout::{
    Case, GONE, KnownOfRollback, NextStep, completes_at, planned_step, steps as after,
};
use way_back::reopened;

impl Deed for RollbackArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn files(&self) -> &[PathBuf] {
        &self.files
    }

    fn makes_safe(&self) -> bool {
        true
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let to = self.to.as_deref();
        let to = to.map(|name| context.stage(name)).transpose()?;
        let stage = rolled_back(self, context, to)?;
        let case = case(self, context, stage)?;
        if case.is_none() && to.is_none() {
            not_of_one_that_is_over(self, context, stage)?;
        }
        let planned = planned(context, case.as_ref());
        let known = match &case {
            Some(case) => case.known.after(&planned),
            None => KnownOfRollback::of(vec![&planned]),
        };
        let told = said::told(self, context, &known)?;
        if case.is_none() || to.is_some() {
            context.reason_for("a rollback")?;
        }
        let reopened = to.map(|to| reopened(context, to, stage)).transpose()?;
        let says = told != RollbackTold::default();
        let decision = match (&case, &reopened) {
            (Some(_), Some(_)) if !says => None,
            (Some(case), _) => Some(further(context, stage, to, case, &told)?),
            (None, _) => Some(first(context, stage, to, told)?),
        };
        let decisions = decision.into_iter().chain(reopened);
        let both = decisions.reduce(Decision::and);
        both.ok_or_else(|| Refusal::standing("there is nothing to record"))
    }
}

impl RollbackArgs {
    /// Whether it says something that a recorded rollback can be added.
    fn adds(&self) -> bool {
        let lists = [
            self.options.is_empty(),
            self.done.is_empty(),
            self.not_done.is_empty(),
            self.not_needed.is_empty(),
            self.took.is_empty(),
            self.files.is_empty(),
        ];
        let said = self.all_done || self.cause.is_some() || self.fix.is_some();
        said || lists.contains(&false)
    }

    /// What is said about steps, cause, fix and files, to be typed once more.
    fn repeated(&self) -> Vec<String> {
        let done = self.done.iter().map(|(number, by)| match by {
            Some(by) => ("--done", format!("{number}={by}")),
            None => ("--done", number.to_string()),
        });
        let numbered = |flag: &'static str, numbers: &[usize]| {
            let numbers = numbers.iter().map(|number| (flag, number.to_string()));
            numbers.collect::<Vec<_>>()
        };
        let took = self.took.iter().map(|(number, length)| match number {
            Some(number) => ("--took", format!("{number}={length}")),
            None => ("--took", length.to_string()),
        });
        let texts = [("--cause", &self.cause), ("--fix", &self.fix)];
        let texts = texts
            .into_iter()
            .filter_map(|(flag, text)| Some((flag, text.clone()?)));
        let options = self.options.iter().map(|one| ("--option", one.clone()));
        let files = self.files.iter();
        let files = files.map(|file| ("--file", file.to_string_lossy().into_owned()));
        let all_done = self.all_done.then(|| "--all-done".to_owned());
        let pairs = options
            .chain(done)
            .chain(numbered("--not-done", &self.not_done))
            .chain(numbered("--not-needed", &self.not_needed))
            .chain(took)
            .chain(texts)
            .chain(files);
        let words = pairs.flat_map(|(flag, value)| [flag.to_owned(), value]);
        all_done.into_iter().chain(words).collect()
    }
}

/// What the plan asks for: of a rollback that is recorded, besides what that has.
fn planned(context: &DecisionContext<'_>, case: Option<&Case<'_>>) -> RollbackTold {
    match case {
        Some(case) => context.rollout.asked_besides(case),
        None => context.rollout.planned_rollback(),
    }
}

/// The rollback that is added to: the open one of the stage or, if that is asked for, the last one.
fn case<'a>(
    arguments: &RollbackArgs,
    context: &DecisionContext<'a>,
    stage: &Stage,
) -> Result<Option<Case<'a>>, Refusal> {
    let (history, name) = (context.history(), &stage.name);
    if !arguments.update {
        return Ok(history.open_case(name));
    }
    match history.last_case(name) {
        Some(case) => Ok(Some(case)),
        None => Err(Refusal::standing(format!(
            "{name} was never rolled back, so there is no rollback to add to"
        ))
        .command(&context.typed(&after::roll_back(name)))),
    }
}

/// Without a reason nothing is rolled back once more: what is said is about the rollback that is over, and takes `--update`.
fn not_of_one_that_is_over(
    arguments: &RollbackArgs,
    context: &DecisionContext<'_>,
    stage: &Stage,
) -> Result<(), Refusal> {
    let over = context.history().last_case(&stage.name);
    let over = over.filter(|_| context.why.is_empty() && arguments.adds());
    let Some(over) = over else {
        return Ok(());
    };
    let name = &stage.name;
    let update = after::update(name, &arguments.repeated());
    Err(Refusal::usage(format!(
        "{name} has gone on since it was rolled back, {} by {} (#{}): --update adds to that rollback",
        over.entry.at, over.entry.by.name, over.entry.number
    ))
    .command(&context.typed(&update))
    .line("to roll it back once more")
    .command(&context.typed(&after::roll_back(name))))
}

/// The stage that is rolled back: the named one, or else the only running one; where the rollout goes back to a stage, the
/// only one that runs on it. What is added to a rollback may be about a stage that has not begun any more.
fn rolled_back<'a>(
    arguments: &RollbackArgs,
    context: &DecisionContext<'a>,
    to: Option<&'a Stage>,
) -> Result<&'a Stage, Refusal> {
    let rollout = context.rollout;
    let history = context.history();
    let is_open = |stage: &&Stage| history.open_rollback(&stage.name).is_some();
    let was_back = |stage: &&Stage| history.rolled_back(&stage.name).is_some();
    if let Some(name) = &arguments.stage {
        let stage = context.stage(name)?;
        let is_known = is_open(&stage) || arguments.update;
        return if is_known {
            Ok(stage)
        } else {
            context.begun(Some(name))
        };
    }
    let stages = rollout.plan.stages.iter();
    let candidates: Vec<&Stage> = match to {
        Some(to) => (rollout.meant().into_iter())
            .filter(|one| one.name == to.name || rollout.rests_on(one, to))
            .collect(),
        None if arguments.update => stages.clone().filter(was_back).collect(),
        None if arguments.adds() => stages.clone().filter(is_open).collect(),
        None => Vec::new(),
    };
    // Without a reason it is about a rollback that was recorded.
    let candidates = if candidates.is_empty() && arguments.adds() && context.why.is_empty() {
        stages.filter(was_back).collect()
    } else {
        candidates
    };
    match candidates.as_slice() {
        [only] => Ok(only),
        _ => context.begun(None),
    }
}

fn first(
    context: &DecisionContext,
    stage: &Stage,
    to: Option<&Stage>,
    told: RollbackTold,
) -> Result<Decision, Refusal> {
    let planned = context.rollout.planned_rollback();
    said::once(&KnownOfRollback::of(vec![&planned, &told]), &told)?;
    let told = said::with_the_rest(told, planned);
    let known = KnownOfRollback::of(vec![&told]);
    let meaning = meaning(context, stage, to, &known, true);
    let event = Event::RolledBack {
        stage: stage.name.clone(),
        told: told.clone(),
    };
    let decision = Decision::of(event, format!("{} is rolled back", stage.name));
    let is_open = !known.open_steps().is_empty();
    Ok(taken(meaning.into(decision), &told, is_open))
}

/// What became known of a rollback that was recorded earlier.
fn further(
    context: &DecisionContext,
    stage: &Stage,
    to: Option<&Stage>,
    case: &Case<'_>,
    told: &RollbackTold,
) -> Result<Decision, Refusal> {
    let name = &stage.name;
    if *told == RollbackTold::default() {
        return Err(nothing_new(context, case));
    }
    let planned = planned(context, Some(case));
    let known = case.known.after(&planned).and(told);
    said::once(&known, told)?;
    if let Some(refusal) = said_before(case, told) {
        return Err(refusal);
    }
    let is_open = context.history().open_rollback(name).is_some();
    let meaning = meaning(context, stage, to, &known, is_open);
    let what = said_in_words(told);
    let event = Event::RollbackUpdated {
        stage: name.clone(),
        told: told.clone(),
    };
    let decision = Decision::of(event, format!("rollback of {name}, {what}"));
    let is_open = !known.open_steps().is_empty();
    Ok(taken(meaning.into(decision), told, is_open))
}

/// That a way which is named as taken stays so.
fn taken(decision: Decision, told: &RollbackTold, is_open: bool) -> Decision {
    match told.options.as_slice() {
        [] => decision,
        _ if !is_open => decision,
        ways => decision.meaning(format!(
            "{} stays recorded as taken: say with --not-needed N which steps nobody has to do",
            ways.join(" and ")
        )),
    }
}

/// That the stage is rolled back already, and how more is said about that.
fn nothing_new(context: &DecisionContext, case: &Case<'_>) -> Refusal {
    let (name, entry) = (case.stage, case.entry);
    let already = format!(
        "{name} is already rolled back, since {} by {} (#{}); add to it with --done N, --not-needed N, --cause TEXT, --fix TEXT or --file PATH",
        entry.at, entry.by.name, entry.number
    );
    if !context.rollout.is_ahead(entry.at) {
        return Refusal::given(already);
    }
    let by = context.rollout.now.until(entry.at);
    Refusal::standing(already)
        .line(format!(
            "#{} is dated {by} ahead of this clock: let the stage go on, and roll it back once more",
            entry.number
        ))
        .command(&context.resume(name))
}

/// `step 1, 2, cause, 2 files`.
fn said_in_words(told: &RollbackTold) -> String {
    let numbers: Vec<String> = (told.steps.iter())
        .map(|step| step.number.to_string())
        .collect();
    let options: Vec<String> = told
        .options
        .iter()
        .map(|one| format!("way {one}"))
        .collect();
    let steps = (!numbers.is_empty()).then(|| format!("step {}", numbers.join(", ")));
    let cause = told.cause.is_some().then(|| "cause".to_owned());
    let fix = told.fix.is_some().then(|| "fix".to_owned());
    let files = match told.files.len() {
        0 => None,
        1 => Some("a file".to_owned()),
        several => Some(format!("{several} files")),
    };
    let said = options
        .into_iter()
        .chain(steps)
        .chain(cause)
        .chain(fix)
        .chain(files);
    said.collect::<Vec<_>>().join(", ")
}

/// Nothing is recorded twice: why, if all that is said stands like that already.
fn said_before(case: &Case<'_>, told: &RollbackTold) -> Option<Refusal> {
    let steps = case.known.steps();
    let mut before = Vec::new();
    for step in &told.steps {
        let known = steps.iter().find(|one| one.told.number == step.number)?;
        if !says_the_same(known.told, step) {
            return None;
        }
        let number = case.said(known)?.number;
        before.push(format!(
            "step {} is already recorded as {} (#{number})",
            step.number,
            known.standing.words()
        ));
    }
    let options = case.known.options();
    let is_known = told
        .options
        .iter()
        .all(|one| options.contains(&one.as_str()))
        && told
            .cause
            .as_deref()
            .is_none_or(|text| last(case, |one| one.cause.as_deref()) == Some(text))
        && told
            .fix
            .as_deref()
            .is_none_or(|text| last(case, |one| one.fix.as_deref()) == Some(text))
        && told
            .files
            .iter()
            .all(|file| case.files().iter().any(|(_, known)| *known == file));
    if !is_known {
        return None;
    }
    if before.is_empty() {
        before.push("all of that is already recorded".to_owned());
    }
    Some(Refusal::given(before.join("; ")))
}

fn last<'a>(
    case: &Case<'a>,
    what: impl Fn(&'a RollbackTold) -> Option<&'a str>,
) -> Option<&'a str> {
    case.each(what).last().map(|(_, text)| text)
}

/// Whether a step stands like that, as far as it is said now.
fn says_the_same(known: &StepTold, now: &StepTold) -> bool {
    known.state == now.state
        && (now.by.is_none() || now.by == known.by)
        && (now.took.is_none() || now.took == known.took)
}

/// What a rollback comes to.
struct Meaning {
    /// Each step as it stands.
    lines: Vec<String>,
    next: Option<String>,
}

impl Meaning {
    fn into(self, decision: Decision) -> Decision {
        Decision {
            means: self.lines,
            next: self.next,
            ..decision
        }
    }
}

/// Each step as it stands, and what comes next.
fn meaning(
    context: &DecisionContext,
    stage: &Stage,
    to: Option<&Stage>,
    known: &KnownOfRollback<'_>,
    is_open: bool,
) -> Meaning {
    let plan = context.rollout.plan;
    let about = |step: &StepTold| {
        let planned = planned_step(plan, step);
        let owner = planned.and_then(|step| step.owner.clone());
        let about = planned.map_or(Some(GONE.to_owned()), |_| owner);
        about.map_or_else(String::new, |about| format!(" ({about})"))
    };
    let steps = known.steps().into_iter();
    let lines = steps.map(|step| {
        let (number, standing) = (step.told.number, step.standing.words());
        format!(
            "step {number}: {standing}: {}{}",
            step.told.action,
            about(step.told)
        )
    });
    let next = next(context, stage, to, known, is_open);
    let lines = lines.chain(recovery_window(context, stage, next.as_ref()));
    Meaning {
        lines: lines.collect(),
        next: next.map(|next| context.typed(&next)),
    }
}

/// When the window of the recovery is complete, where that is asked next.
fn recovery_window(
    context: &DecisionContext,
    stage: &Stage,
    next: Option<&NextStep>,
) -> Option<String> {
    let name = GateKind::Recovery.of(&stage.name);
    next.filter(|next| next.gate().is_some_and(|asked| asked == name))?;
    let gate = stage.gate(GateKind::Recovery)?;
    let (history, now) = (context.history(), context.rollout.now);
    let entry = history.open_rollback(&stage.name);
    let back = entry.map_or(now, |entry| entry.at);
    let at = completes_at(gate, stage, stage.observe, None, Some(back))?;
    (at > now).then(|| format!("the window of {name} is complete at {at}"))
}

/// Which way is taken, the first step that is open, or else the recovery gate; nothing where the rollout goes back to another stage, which says what
/// comes next, and where the stage has gone on.
fn next(
    context: &DecisionContext,
    stage: &Stage,
    to: Option<&Stage>,
    known: &KnownOfRollback<'_>,
    is_open: bool,
) -> Option<NextStep> {
    let asked = known.asked();
    if !is_open {
        return Some(after::update(&stage.name, &asked?.said()));
    }
    let has_begun = context.history().has_begun(&stage.name);
    match (asked, stage.gate(GateKind::Recovery)) {
        (Some(asked), _) => Some(after::step_asked(&stage.name, &asked)),
        (None, None) if to.is_some() || !has_begun => None,
        (None, Some(_)) => Some(after::check(&GateKind::Recovery.of(&stage.name))),
        (None, None) => Some(after::resume(&stage.name)),
    }
}
