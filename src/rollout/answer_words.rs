//! What people said and signed, and why it counts no more, in words. Must not decide anything.

use super::{
    Answered, Approval, Contradiction, Ended, Voided, cited, not_applicable, short, turned,
};
use crate::kind::GateName;
use crate::ledger::{Answer, Entry, Event, NotMet};

/// `has to be confirmed again: confirmed by Ada at …`; what did not apply was not confirmed.
fn again(entry: &Entry) -> String {
    let answer = if let Event::Confirmed { answer, .. } = &entry.event {
        *answer
    } else {
        Answer::Yes
    };
    let anew = match answer {
        Answer::Yes => "confirmed",
        Answer::NotApplicable | Answer::No | Answer::Revoked => "answered",
    };
    let was = answered_as(answer);
    format!("has to be {anew} again: {was} {}", cited(entry))
}

fn answered_as(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "confirmed",
        Answer::NotApplicable => "answered as not applicable",
        Answer::No | Answer::Revoked => "answered no",
    }
}

impl Answered<'_> {
    /// In words, for a stage; `owner` has to answer.
    #[must_use]
    pub fn in_words(self, stage: &str, owner: Option<&str>) -> String {
        match (self, owner) {
            (Self::Nobody, Some(owner)) => {
                format!("{owner} has not confirmed it for {stage} yet")
            }
            (Self::Nobody, None) => format!("nobody has confirmed it for {stage} yet"),
            (Self::TakenBack(entry), _) => format!("the answer was taken back {}", cited(entry)),
            (Self::BeforeRollback(entry, set_back), _) => format!(
                "{}, before {} at {}",
                again(entry),
                turned(stage, set_back),
                set_back.at
            ),
            (Self::Reworded(entry, answer), _) => format!(
                "has to be answered again: the text has changed since it was {} {}",
                answered_as(answer),
                cited(entry)
            ),
            (Self::BeforeStart(entry, began), _) => {
                format!("{}, before {stage} began at {}", again(entry), began.at)
            }
            (Self::OutOfTurn(entry, earlier), _) => format!(
                "{}, before \"{}\", which comes first",
                again(entry),
                earlier.shown()
            ),
            (Self::Yes(entry), _) => format!("confirmed {}", cited(entry)),
            (Self::NotApplicable(entry), _) => not_applicable(entry),
            (Self::No(entry), _) => format!("answered no {}", cited(entry)),
        }
    }
}

impl Approval<'_> {
    /// In words, for a role of a gate.
    #[must_use]
    pub fn in_words(self, role: &str, gate: &GateName) -> String {
        match self {
            Self::Nobody => format!("nobody has signed for {gate} as {role} yet"),
            Self::TakenBack(signature) => {
                format!("the signature was taken back {}", cited(signature.entry))
            }
            Self::Void(signature, voided) => {
                let but = voided.in_words(signature.verdict_without_approvals.word(), gate);
                format!("signed {}, but {but}", cited(signature.entry))
            }
            Self::Holds(signature) => {
                let until = signature.expires;
                let until = until.map_or(String::new(), |at| format!(", holds until {at}"));
                format!("signed {}{until}", cited(signature.entry))
            }
        }
    }
}

impl Voided<'_> {
    /// In words that follow `signed, but `; `signed` is the verdict that was signed.
    #[must_use]
    pub fn in_words(self, signed: &str, gate: &GateName) -> String {
        match self {
            Self::Expired(at) => format!("it held only until {at}"),
            Self::SetBack(entry) => format!("{} at {}", turned(&gate.stage, entry), entry.at),
            Self::Unrecorded => format!("the evidence is not from a recorded check of {gate}"),
            Self::OtherQuestion(check) => format!(
                "that check was made {}: that is another question",
                check.question()
            ),
            Self::OtherSource(other) => other.to_string(),
            Self::OtherPlan(check) => format!(
                "that check judged another version of the plan (sha256 {}…)",
                short(&check.check.plan_sha256)
            ),
            Self::Contradicted(check) => format!(
                "that was for {signed}, and the check at {} found {}",
                check.check.evaluated_at,
                check.gate.verdict_without_approvals.word()
            ),
            Self::SamePerson(other) => format!("as {other} too, and two people have to sign"),
            Self::SameKey(other) => {
                format!("with the key that signed as {other} too, and two people have to sign")
            }
            Self::SamePrincipal(other, principal) => format!(
                "with another key of {principal}, who signed as {other} too, and two people have to sign"
            ),
            Self::ListUnread(why) => format!(
                "the plan requires signatures, and {why}: name the file of allowed signers with --allowed-signers FILE, or in the plan as `signatures: {{allowed: FILE}}`"
            ),
            Self::Replayed(first) => format!(
                "that repeats the signature of #{first}, which counts once"
            ),
            Self::NoSigners => "the plan requires signatures, and nothing says whose keys count: name the file of allowed signers with --allowed-signers FILE, or in the plan as `signatures: {allowed: FILE}`".to_owned(),
            Self::Unsigned(why) => {
                format!("the plan requires a signature, and that does not count: {why}")
            }
            Self::Unvouched(check) => format!(
                "the plan requires signatures, and check #{} has none of its own that counts",
                check.entry.number
            ),
            Self::NotGo => format!(
                "that is for {signed}: sign again once {gate} is GO apart from approvals"
            ),
            Self::Otherwise(now) => format!(
                "that was for {signed}, and the gate is {} now, apart from approvals",
                now.word()
            ),
        }
    }
}

impl Ended<'_> {
    /// In words, for a gate.
    #[must_use]
    pub fn in_words(&self, gate: &GateName) -> String {
        match self {
            Self::Expired(at) => format!("expired at {at}"),
            Self::Replaced(entry) => format!("replaced by entry {}", entry.number),
            Self::Turned(entry) => {
                let what = turned(&gate.stage, entry);
                format!("over since {what} at {}", entry.at)
            }
            Self::Unrecorded => {
                format!("does not count: its evidence is not from a recorded check of {gate}")
            }
            Self::StartDisputed(check) => format!(
                "does not count: check #{} was made with a --started that contradicts the ledger",
                check.entry.number
            ),
            Self::OtherQuestion(check) => format!(
                "does not count: check #{} was made {}, and that is another question",
                check.entry.number,
                check.question()
            ),
            Self::Worse(check) => format!(
                "over since the check at {} found {}",
                check.check.evaluated_at,
                check.gate.verdict.word()
            ),
            Self::OtherSource(other) => format!("does not count: {other}"),
            Self::Unvouched(why) => format!("does not count: {why}"),
            Self::OtherPlan(check) => format!(
                "over since the plan has changed: check #{} judged another version of it",
                check.entry.number
            ),
            Self::Besides(check, other) => format!(
                "over since the check at {} found {}, which it is not for",
                check.check.evaluated_at,
                lacking(other)
            ),
            Self::Contradicted(Contradiction::Said(entry, what)) => {
                format!(
                    "over since {what} (#{} by {})",
                    entry.number,
                    entry.by.called()
                )
            }
            Self::Contradicted(found) => format!("over: {found}"),
            Self::OutOfOrder(why) => format!("over: {why}, which it is not for"),
            Self::Now(verdict) => format!("over: {gate} is {} now", verdict.word()),
            Self::BesidesNow(other) => {
                format!("over: {} now, which it is not for", lacking(other))
            }
        }
    }
}

/// `exception_rate unmet`.
fn lacking(one: &NotMet) -> String {
    let how = if one.unmet { "unmet" } else { "unknown" };
    format!("{} {how}", one.name)
}
