//! `confirmations`: one id, answered for this stage. Must not take silence for a yes.

use crate::assessment::Code;
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::rollout::Answered;

/// Judges one confirmation.
pub(super) fn assess(id: &str, context: &CriterionContext<'_>) -> Ruling {
    answered(id, None, context)
}

/// Judges the answer to an id for this stage: the `ID` of a confirmation, or `LIST/ITEM` of a checklist. A no may be
/// answered again.
pub(super) fn answered(id: &str, owner: Option<&str>, context: &CriterionContext<'_>) -> Ruling {
    let stage = &context.stage.name;
    let answered = context.rollout.answered(stage, id);
    let reason = context.rollout.answer_in_words(stage, id, owner);
    let ruling = match answered {
        // Never silent: somebody else has said no.
        Answered::Yes(_) if context.rollout.overruled(stage, id).is_some() => {
            Ruling::good(reason.clone()).noting(reason)
        }
        Answered::Yes(_) => Ruling::good(reason),
        // Never silent: what does not apply was not confirmed.
        Answered::NotApplicable(_) => Ruling::not_applicable(reason.clone()).noting(reason),
        Answered::No(_) => Ruling::bad(Code::AnsweredNo, reason),
        Answered::Nobody
        | Answered::TakenBack(_)
        | Answered::Reworded(..)
        | Answered::BeforeRollback(..)
        | Answered::BeforeStart(..)
        | Answered::OutOfTurn(..) => Ruling::open(Code::NotAnswered, reason),
    };
    let ruling = Ruling {
        next_step: context.rollout.step_to_answer(stage, id, owner),
        ..ruling.requires("confirmed")
    };
    match answered.entry() {
        Some(entry) => ruling.based_on(entry),
        None => ruling,
    }
}
