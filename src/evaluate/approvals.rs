//! `approvals`: one role has signed for this gate, for the verdict that it has now. Whether a signature holds is the rollout's
//! word.

use super::Code;
use super::context::{CriterionContext, Ruling};
use crate::rollout::{Approval, steps};
use crate::verdict::Verdict;

/// Judges one role. `verdict` is the gate's, approvals aside: what a signature has to be for.
pub(super) fn assess(role: &str, verdict: Verdict, context: &CriterionContext<'_>) -> Ruling {
    let (stage, gate) = (&context.stage.name, context.gate_name());
    let signed = context
        .rollout
        .approval(stage, context.gate, role, Some(verdict));
    let reason = signed.in_words(role, &gate);
    let open = |code| Ruling {
        next_step: Some(steps::approve(role, &gate)),
        ..Ruling::open(code, reason.clone())
    };
    let ruling = match signed {
        Approval::Holds(_) => Ruling::good(reason),
        Approval::Nobody | Approval::TakenBack(_) => open(Code::NotAnswered),
        Approval::Void(..) => open(Code::SignatureVoid),
        Approval::SamePerson(..) => open(Code::SameSigner),
    };
    let ruling = ruling.requires("signed");
    match signed.signature() {
        Some(signature) => ruling.based_on(signature.entry),
        None => ruling,
    }
}
