//! `confirmations`: one id, answered for this stage. Must not take silence for a yes.

use super::Code;
use super::cited::cited;
use super::setting::{Ruling, Setting};
use crate::ledger::{Answer, Entry};

/// Judges one confirmation.
pub(super) fn assess(id: &str, setting: &Setting<'_>) -> Ruling {
    answered(id, None, setting)
}

/// Judges what was answered to an id for this stage: `ID` of a confirmation, `LIST/ITEM` of a checklist.
pub(super) fn answered(id: &str, owner: Option<&str>, setting: &Setting<'_>) -> Ruling {
    let answer = setting
        .ledger
        .and_then(|ledger| ledger.answer(&setting.stage.name, id));
    match answer {
        None => unanswered(id, owner, setting),
        Some((entry, Answer::Revoked)) => {
            let reason = format!("the answer was taken back {}", cited(entry));
            open(id, owner, setting, reason).rests_on(entry)
        }
        Some((entry, Answer::No)) => {
            let reason = format!("answered no {}", cited(entry));
            Ruling::bad(Code::AnsweredNo, reason).rests_on(entry)
        }
        Some((entry, Answer::Yes)) => match rolled_back_since(entry, setting) {
            Some(rolled_back) => {
                let reason = format!(
                    "confirmed {}, before {} was rolled back at {}",
                    cited(entry),
                    setting.stage.name,
                    rolled_back.at
                );
                open(id, owner, setting, reason).rests_on(entry)
            }
            None => Ruling::good(format!("confirmed {}", cited(entry))).rests_on(entry),
        },
    }
    .requires("confirmed")
}

/// The rollback after which an answer or a signature no longer speaks of the stage as it is.
pub(super) fn rolled_back_since<'a>(entry: &Entry, setting: &Setting<'a>) -> Option<&'a Entry> {
    let rolled_back = setting.ledger?.rolled_back(&setting.stage.name)?;
    (rolled_back.number > entry.number).then_some(rolled_back)
}

fn unanswered(id: &str, owner: Option<&str>, setting: &Setting<'_>) -> Ruling {
    let stage = &setting.stage.name;
    let reason = match owner {
        Some(owner) => format!("{owner} has not confirmed it for {stage} yet"),
        None => format!("nobody has confirmed it for {stage} yet"),
    };
    open(id, owner, setting, reason)
}

fn open(id: &str, owner: Option<&str>, setting: &Setting<'_>, reason: String) -> Ruling {
    Ruling::open(Code::NotAnswered, reason)
        .settled_by("confirm", &[id, "--stage", &setting.stage.name])
        .owed_by(owner)
}
