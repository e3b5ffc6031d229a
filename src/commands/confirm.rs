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
use crate::rollout::steps;

impl Deed for ConfirmArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let answer = match (self.no, self.revoke) {
            (true, _) => Answer::No,
            (_, true) => Answer::Revoked,
            _ => Answer::Yes,
        };
        let mut answered = Vec::new();
        for id in &self.ids {
            let asked = asked(context, id, self.stage.as_deref())?;
            match answer {
                Answer::Revoked => has_answer(context, &asked)?,
                Answer::Yes => {
                    has_begun(context, &asked)?;
                    is_its_turn(context, &asked, &answered)?;
                }
                Answer::No => {}
            }
            if !answered.contains(&asked) {
                answered.push(asked);
            }
        }
        Ok(decision(context, &answered, answer))
    }
}

/// Something that a stage asks people to confirm.
#[derive(Clone, PartialEq, Eq)]
struct ConfirmationItem<'a> {
    stage: &'a str,
    /// As in the ledger: `ID`, or `LIST/ITEM`.
    id: String,
    /// The text that is asked.
    text: &'a str,
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
        Some((_, Answer::Yes | Answer::No)) => Ok(()),
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
    let why = format!("{id} is asked once {stage} has begun, and it has not: begin it first");
    Err(Refusal::standing(why).command(&context.typed(&steps::start(stage))))
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
        next: None,
    };
    if let Some(last) = answered.last() {
        look_ahead(context, answered, last, &mut decision);
    }
    decision
}

/// What is still open at the gate that asks for the last of them, or else the check of that gate.
fn look_ahead(
    context: &DecisionContext,
    answered: &[ConfirmationItem],
    last: &ConfirmationItem,
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
            context.command(Action::Confirm, &[first, "--stage", last.stage])
        }
        None => context.check(&name),
    });
}
