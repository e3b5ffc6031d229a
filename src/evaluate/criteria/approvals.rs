//! `approvals`: one role has signed for this gate, for its present verdict. `rollout` decides whether a signature holds.

use crate::assessment::Code;
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::rollout::{Approval, Voided};
use crate::verdict::Verdict;

/// Judges one role. `verdict` is the gate's without approvals, which a signature must be for.
pub(in crate::evaluate) fn assess(
    role: &str,
    verdict: Verdict,
    context: &CriterionContext<'_>,
) -> Ruling {
    let (rollout, stage, gate) = (context.rollout, &context.stage.name, context.gate_name());
    let approval = rollout.approval(stage, context.gate, role, Some(verdict));
    let reason = approval.in_words(role, &gate);
    let ruling = match approval {
        Approval::Holds(_) => Ruling::good(reason),
        Approval::Nobody | Approval::TakenBack(_) => Ruling::open(Code::NotAnswered, reason),
        Approval::Void(_, Voided::SamePerson(_)) => Ruling::open(Code::SameSigner, reason),
        Approval::Void(_, Voided::SameKey(_) | Voided::SamePrincipal(..)) => {
            Ruling::bad(Code::SameSigner, reason)
        }
        Approval::Void(
            _,
            Voided::NoSigners | Voided::ListUnread(_) | Voided::Unsigned(_) | Voided::Unvouched(_),
        ) => Ruling::open(Code::Unsigned, reason),
        Approval::Void(_, Voided::Replayed(_)) => Ruling::open(Code::SignatureReplayed, reason),
        Approval::Void(..) => Ruling::open(Code::SignatureVoid, reason),
    };
    let held = approval.holds();
    let signer = held.and_then(|held| rollout.signer_of(held.entry));
    let ruling = match signer {
        Some(signer) => ruling.noting(format!("signed with {}", signer.key)),
        None => ruling,
    };
    let ruling = Ruling {
        next_step: approval.next_step(
            role,
            &gate,
            Some(verdict),
            context.rollout.requires_signatures(),
        ),
        ..ruling.requires("signed")
    };
    match approval.signature() {
        Some(signature) => ruling.based_on(signature.entry),
        None => ruling,
    }
}
