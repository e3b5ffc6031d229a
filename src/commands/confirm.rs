//! `gate confirm`: an answer to a confirmation or an item of a checklist. Must not guess a stage if several ask.

use std::path::Path;

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use crate::cli::{ConfirmArgs, Signed};
use crate::digest::sha256_hex;
use crate::kind::Action;
use crate::ledger::{Answer, Event};
use crate::plan::{Gate, Stage};
use crate::rollout::{Answered, in_place_of, steps};

impl Deed for ConfirmArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let answer = self.answer();
        if answer == Answer::NotApplicable {
            context.reason_for("answering that an item does not apply")?;
        }
        let (mut answered, mut given) = (Vec::new(), Vec::new());
        for asked in meant(self, context)? {
            if let Some(told) = given_already(self, context, &asked) {
                given.push(told);
                continue;
            }
            match answer {
                Answer::Revoked => has_answer(context, &asked)?,
                Answer::Yes | Answer::NotApplicable => {
                    has_begun(context, &asked)?;
                    is_its_turn(context, &asked, &answered)?;
                }
                Answer::No => {}
            }
            if !answered.contains(&asked) {
                answered.push(asked);
            }
        }
        if answered.is_empty() {
            return Err(Refusal::given(given.join("; ")));
        }
        let mut decision = decision(context, &answered, answer);
        if self.all {
            decision.means.extend(of_others(context, &answered));
        }
        Ok(given.into_iter().fold(decision, Decision::meaning))
    }
}

/// Whose items were answered together with the rest, by the plan: `of others, by the plan: @wh (doors, dock), @ops (radio)`.
fn of_others(context: &DecisionContext, answered: &[ConfirmationItem]) -> Option<String> {
    let mut owners: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in answered {
        let Some(owner) = one.owner.filter(|owner| !context.by.is_called(owner)) else {
            continue;
        };
        match owners.iter_mut().find(|(of, _)| *of == owner) {
            Some((_, ids)) => ids.push(&one.id),
            None => owners.push((owner, vec![&one.id])),
        }
    }
    let owners: Vec<String> = (owners.iter())
        .map(|(owner, ids)| format!("{owner} ({})", ids.join(", ")))
        .collect();
    let by = context.by.called();
    (!owners.is_empty()).then(|| {
        format!(
            "{by} answered for the owners in the plan: {}",
            owners.join(", ")
        )
    })
}

impl ConfirmArgs {
    fn answer(&self) -> Answer {
        match (self.no, self.revoke, self.not_applicable) {
            (true, ..) => Answer::No,
            (_, true, _) => Answer::Revoked,
            (.., true) => Answer::NotApplicable,
            (false, false, false) => Answer::Yes,
        }
    }
}

/// What is answered: what is named or, with `--all`, every item of the lists that are named.
fn meant<'a>(
    arguments: &ConfirmArgs,
    context: &DecisionContext<'a>,
) -> Result<Vec<ConfirmationItem<'a>>, Refusal> {
    let stage = arguments.stage.as_deref();
    let mut meant = Vec::new();
    for id in &arguments.ids {
        if arguments.all {
            meant.extend(whole_list(context, id, stage)?);
        } else {
            meant.push(asked(context, id, stage)?);
        }
    }
    Ok(meant)
}

/// Every item of a list, in its order: for the named stage, or else for the only one that asks for it, or else for the only one in
/// play. An item that somebody has answered with no is confirmed by itself, or not at all.
fn whole_list<'a>(
    context: &DecisionContext<'a>,
    list: &str,
    stage: Option<&str>,
) -> Result<Vec<ConfirmationItem<'a>>, Refusal> {
    let is_item = |one: &ConfirmationItem<'_>| {
        let in_list = one.id.split_once('/');
        in_list.is_some_and(|(of, _)| of == list)
    };
    let of = |every: Vec<ConfirmationItem<'a>>| -> Vec<ConfirmationItem<'a>> {
        every.into_iter().filter(is_item).collect()
    };
    let everywhere = match stage {
        Some(name) => of(asks(context.stage(name)?)),
        None => of(context.rollout.plan.stages.iter().flat_map(asks).collect()),
    };
    let in_play = of(asked_by(&context.rollout.in_play()));
    let items = if stages_of(&everywhere).len() > 1 && !in_play.is_empty() {
        in_play
    } else {
        everywhere
    };
    let no = items.iter().find_map(|one| {
        let answered = context.rollout.answered(one.stage, &one.id);
        matches!(answered, Answered::No(_)).then(|| (one, answered))
    });
    if let Some((one, answered)) = no {
        let why = format!(
            "{} of {} was {}: confirm it by itself once it holds",
            one.id,
            one.stage,
            answered.in_words(one.stage, None)
        );
        let step = steps::confirm(&one.id, one.stage, None);
        return Err(Refusal::standing(why).command(&context.typed(&step)));
    }
    match stages_of(&items).as_slice() {
        [] => Err(no_such_list(context, list, stage)),
        [_] => Ok(items),
        several => {
            let told = format!("several stages ask for `{list}`: choose one of these");
            let refusal = several.iter().fold(Refusal::usage(told), |refusal, stage| {
                let arguments = [list, "--all", "--stage", stage];
                refusal.command(&context.command(Action::Confirm, &arguments))
            });
            Err(refusal)
        }
    }
}

fn stages_of<'a>(items: &[ConfirmationItem<'a>]) -> Vec<&'a str> {
    let mut stages: Vec<&str> = Vec::new();
    for item in items {
        if !stages.contains(&item.stage) {
            stages.push(item.stage);
        }
    }
    stages
}

fn no_such_list(context: &DecisionContext, list: &str, stage: Option<&str>) -> Refusal {
    let stages = context.rollout.plan.stages.iter();
    let mut known: Vec<String> = Vec::new();
    for item in stages
        .filter(|one| stage.is_none_or(|name| one.name == name))
        .flat_map(asks)
    {
        if let Some((list, _)) = item.id.split_once('/')
            && !known.iter().any(|one| one == list)
        {
            known.push(list.to_owned());
        }
    }
    let who = stage.unwrap_or("the plan");
    if known.is_empty() {
        return Refusal::usage(format!("{who} asks for no checklist"));
    }
    Refusal::usage(format!(
        "{who} asks for no checklist `{list}`: it asks for {}",
        known.join(", ")
    ))
}

/// That an answer was given already, by whom and when; it holds still, so nothing is recorded.
fn given_already(
    arguments: &ConfirmArgs,
    context: &DecisionContext<'_>,
    asked: &ConfirmationItem<'_>,
) -> Option<String> {
    let answered = context.rollout.answered(asked.stage, &asked.id);
    let was = match answered {
        Answered::Yes(_) => Answer::Yes,
        Answered::No(_) => Answer::No,
        Answered::NotApplicable(_) => Answer::NotApplicable,
        Answered::Nobody
        | Answered::TakenBack(_)
        | Answered::Reworded(..)
        | Answered::BeforeRollback(..)
        | Answered::BeforeStart(..)
        | Answered::OutOfTurn(..) => return None,
    };
    // A whole list leaves alone what does not apply.
    let is_said = was == arguments.answer() || arguments.all && was == Answer::NotApplicable;
    let entry = answered.entry().filter(|_| is_said)?;
    Some(format!(
        "{} of {} was {} already (#{})",
        asked.id,
        asked.stage,
        answered.in_words(asked.stage, None),
        entry.number
    ))
}

/// Something that a stage asks people to confirm.
#[derive(Clone, PartialEq, Eq)]
struct ConfirmationItem<'a> {
    stage: &'a str,
    /// As in the ledger: `ID`, or `LIST/ITEM`.
    id: String,
    /// The text that is asked.
    text: &'a str,
    /// Who has to answer, if the plan says.
    owner: Option<&'a str>,
}

/// The one that is meant: named with its stage, or else the only one of that name, or else the only one in play.
fn asked<'a>(
    context: &DecisionContext<'a>,
    id: &str,
    stage: Option<&str>,
) -> Result<ConfirmationItem<'a>, Refusal> {
    let found = if let Some(name) = stage {
        matching(asks(context.stage(name)?), id)
    } else {
        let everywhere = matching(
            context.rollout.plan.stages.iter().flat_map(asks).collect(),
            id,
        );
        let in_play = matching(asked_by(&context.rollout.in_play()), id);
        if everywhere.len() > 1 && !in_play.is_empty() {
            in_play
        } else {
            everywhere
        }
    };
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(unknown(context, id, stage)),
        several => Err(ambiguous(context, id, several)),
    }
}

/// Those with exactly this id; if there are none, the checklist items with this name.
fn matching<'a>(every: Vec<ConfirmationItem<'a>>, id: &str) -> Vec<ConfirmationItem<'a>> {
    let is_item =
        |one: &ConfirmationItem| one.id.split_once('/').is_some_and(|(_, item)| item == id);
    let (exactly, others): (Vec<_>, Vec<_>) = every.into_iter().partition(|one| one.id == id);
    if exactly.is_empty() {
        return others.into_iter().filter(is_item).collect();
    }
    exactly
}

/// Everything that a stage asks people to confirm.
fn asks(stage: &Stage) -> Vec<ConfirmationItem<'_>> {
    let gates: Vec<_> = stage.gates.iter().map(|gate| (stage, gate)).collect();
    asked_by(&gates)
}

/// Everything that gates ask people to confirm, in plan order, each once for each stage.
fn asked_by<'a>(gates: &[(&'a Stage, &'a Gate)]) -> Vec<ConfirmationItem<'a>> {
    let mut asked: Vec<ConfirmationItem> = Vec::new();
    for (stage, gate) in gates {
        for criterion in &gate.criteria {
            let Some(text) = criterion.ask.wording() else {
                continue;
            };
            let one = ConfirmationItem {
                stage: &stage.name,
                id: criterion.ask.name(),
                text,
                owner: criterion.ask.owner(),
            };
            if !asked.contains(&one) {
                asked.push(one);
            }
        }
    }
    asked
}

/// What a gate asks people to confirm.
fn ids(gate: &Gate) -> Vec<String> {
    let criteria = gate.criteria.iter();
    let answered = criteria.filter(|criterion| criterion.ask.is_answered());
    answered.map(|criterion| criterion.ask.name()).collect()
}

fn unknown(context: &DecisionContext, id: &str, stage: Option<&str>) -> Refusal {
    let stages = context.rollout.plan.stages.iter();
    let asked: Vec<String> = stages
        .filter(|one| stage.is_none_or(|name| one.name == name))
        .filter_map(|stage| {
            let ids: Vec<String> = asks(stage).into_iter().map(|one| one.id).collect();
            (!ids.is_empty()).then(|| format!("{} asks for {}", stage.name, ids.join(", ")))
        })
        .collect();
    let lists = whole_list(context, id, stage);
    if let Some(first) = lists.iter().flatten().next() {
        let told = format!("`{id}` is a list: confirm an item of it, or all that is open");
        let all = steps::confirm_all(id, first.stage, None);
        return Refusal::usage(told).command(&context.typed(&all));
    }
    let who = stage.unwrap_or("the plan");
    if asked.is_empty() {
        return Refusal::usage(format!("{who} asks nobody to confirm anything"));
    }
    Refusal::usage(format!(
        "{who} does not ask for `{id}`: {}",
        asked.join("; ")
    ))
}

fn ambiguous(context: &DecisionContext, id: &str, several: &[ConfirmationItem]) -> Refusal {
    let told = format!("`{id}` is asked for in several places: choose one of these");
    several.iter().fold(Refusal::usage(told), |refusal, one| {
        let arguments = [&one.id, "--stage", one.stage];
        refusal.command(&context.command(Action::Confirm, &arguments))
    })
}

fn has_answer(context: &DecisionContext, asked: &ConfirmationItem) -> Result<(), Refusal> {
    match context.history().answer(asked.stage, &asked.id) {
        Some((_, Answer::Yes | Answer::No | Answer::NotApplicable)) => Ok(()),
        Some((_, Answer::Revoked)) | None => Err(Refusal::standing(format!(
            "there is no answer to {} of {} to take back",
            asked.id, asked.stage
        ))),
    }
}

/// What an exit asks is about a stage that runs (T10): nobody can have seen that before it began.
fn has_begun(context: &DecisionContext, asked: &ConfirmationItem) -> Result<(), Refusal> {
    let (stage, id) = (asked.stage, &asked.id);
    let began = context.history().has_begun(stage);
    if began || !context.rollout.asked_of_what_began(stage, id) {
        return Ok(());
    }
    let why = format!("{id} is asked once {stage} has begun, and it has not begun");
    let refusal = Refusal::standing(why);
    Err(match context.stage(stage) {
        Ok(stage) => context.towards(stage, refusal),
        Err(_) => refusal,
    })
}

/// An item of a list that is gone through in order comes after those before it (L13), which may be confirmed together with it.
fn is_its_turn(
    context: &DecisionContext,
    asked: &ConfirmationItem,
    answered: &[ConfirmationItem],
) -> Result<(), Refusal> {
    let (stage, id) = (asked.stage, &asked.id);
    let now = answered.iter().filter(|one| one.stage == stage);
    let now: Vec<&str> = now.map(|one| one.id.as_str()).collect();
    let Some(first) = context.rollout.waits_for(stage, id, &now) else {
        return Ok(());
    };
    let why = format!(
        "{id} of {stage} comes after {}, which is not confirmed: confirm that first",
        first.id
    );
    let step = steps::confirm(&first.id, stage, None);
    Err(Refusal::standing(why).command(&context.typed(&step)))
}

fn decision(context: &DecisionContext, answered: &[ConfirmationItem], answer: Answer) -> Decision {
    let events = answered.iter().map(|one| Event::Confirmed {
        stage: one.stage.to_owned(),
        id: one.id.clone(),
        answer,
        text_sha256: sha256_hex(&[one.text]),
    });
    let ids: Vec<String> = (answered.iter())
        .map(|one| format!("{} of {}", one.id, one.stage))
        .collect();
    let (word, meaning) = match answer {
        Answer::Yes => ("confirmed", None),
        Answer::NotApplicable => (
            "answered as not applicable",
            Some("it counts as answered, and every report says that it does not apply, and why"),
        ),
        Answer::No => (
            "answered with no",
            Some("the gate that asks for it is NO-GO until somebody confirms it"),
        ),
        Answer::Revoked => (
            "taken back",
            Some("the gate that asks for it is HOLD until somebody answers"),
        ),
    };
    let mut decision = Decision {
        events: events.collect(),
        done: format!("{} {word}", ids.join(", ")),
        means: meaning.into_iter().map(str::to_owned).collect(),
        rests_on: Vec::new(),
        next: None,
    };
    if matches!(answer, Answer::Yes | Answer::NotApplicable) {
        let others = answered.iter().filter_map(|one| {
            let other = (context.rollout).of_another(one.stage, &one.id, context.by, answer)?;
            let said = in_place_of(other);
            Some(format!("{} of {}: {said}", one.id, one.stage))
        });
        decision.means.extend(others);
    }
    if let Some(last) = answered.last() {
        look_ahead(context, answered, last, answer, &mut decision);
    }
    decision
}

/// What is still open at the gate that asks for the last of them, or else the check of that gate.
fn look_ahead(
    context: &DecisionContext,
    answered: &[ConfirmationItem],
    last: &ConfirmationItem,
    answer: Answer,
    decision: &mut Decision,
) {
    let stage = context.rollout.stage(last.stage);
    let asking = stage.and_then(|stage| {
        let mut gates = stage.gates.iter();
        let gate = gates.find(|gate| ids(gate).contains(&last.id))?;
        Some((stage, gate))
    });
    let Some((stage, gate)) = asking else {
        return;
    };
    let name = gate.kind.of(&stage.name);
    let mut open = ids(gate);
    open.retain(|id| {
        let now = (answered.iter()).any(|one| one.stage == last.stage && one.id == *id);
        !now && !context.rollout.answered(last.stage, id).holds()
    });
    decision.next = Some(match open.first() {
        Some(first) => {
            decision.means.push(format!(
                "nobody has answered yet for {name}: {}",
                open.join(", ")
            ));
            let now: Vec<&str> = (answered.iter())
                .filter(|one| one.stage == last.stage)
                .map(|one| one.id.as_str())
                .collect();
            let step = steps::confirm(first, last.stage, None);
            // A list with a no in it is not confirmed as a whole.
            let all = (answer != Answer::No).then(|| context.rollout.at_once(&step, &now));
            match all.flatten() {
                Some(all) => {
                    decision.means.push(format!("{} first", all.first()));
                    context.typed(&all.step)
                }
                None => context.typed(&step),
            }
        }
        None => context.check(&name),
    });
}
