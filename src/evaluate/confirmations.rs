//! `confirmations`: one id, answered for this stage. Must not take silence for a yes.

use super::Code;
use super::cited::cited;
use super::context::{CriterionContext, Ruling};
use crate::kind::Action;
use crate::ledger::{Answer, Entry};

/// Judges one confirmation.
pub(super) fn assess(id: &str, context: &CriterionContext<'_>) -> Ruling {
    answered(id, None, context)
}

/// Judges what was answered to an id for this stage: `ID` of a confirmation, `LIST/ITEM` of a checklist.
pub(super) fn answered(id: &str, owner: Option<&str>, context: &CriterionContext<'_>) -> Ruling {
    let answer = context
        .ledger
        .and_then(|ledger| ledger.answer(&context.stage.name, id));
    match answer {
        None => unanswered(id, owner, context),
        Some((entry, Answer::Revoked)) => {
            let reason = format!("the answer was taken back {}", cited(entry));
            open(id, owner, context, reason).based_on(entry)
        }
        Some((entry, Answer::No)) => {
            let reason = format!("answered no {}", cited(entry));
            Ruling::bad(Code::AnsweredNo, reason).based_on(entry)
        }
        Some((entry, Answer::Yes)) => match rolled_back_since(entry, context) {
            Some(rolled_back) => {
                let reason = format!(
                    "confirmed {}, before {} was rolled back at {}",
                    cited(entry),
                    context.stage.name,
                    rolled_back.at
                );
                open(id, owner, context, reason).based_on(entry)
            }
            None => Ruling::good(format!("confirmed {}", cited(entry))).based_on(entry),
        },
    }
    .requires("confirmed")
}

/// The rollback after which an answer or a signature no longer speaks of the stage as it is.
pub(super) fn rolled_back_since<'a>(
    entry: &Entry,
    context: &CriterionContext<'a>,
) -> Option<&'a Entry> {
    let rolled_back = context.ledger?.rolled_back(&context.stage.name)?;
    (rolled_back.number > entry.number).then_some(rolled_back)
}

fn unanswered(id: &str, owner: Option<&str>, context: &CriterionContext<'_>) -> Ruling {
    let stage = &context.stage.name;
    let reason = match owner {
        Some(owner) => format!("{owner} has not confirmed it for {stage} yet"),
        None => format!("nobody has confirmed it for {stage} yet"),
    };
    open(id, owner, context, reason)
}

fn open(id: &str, owner: Option<&str>, context: &CriterionContext<'_>, reason: String) -> Ruling {
    Ruling::open(Code::NotAnswered, reason)
        .next_step(Action::Confirm, &[id, "--stage", &context.stage.name])
        .owner(owner)
}
