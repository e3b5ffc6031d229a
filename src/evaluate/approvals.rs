//! `approvals`: one role has signed for this gate, for the verdict that it has now. Must not carry a signature over to another verdict.

use super::cited::cited;
use super::confirmations::rolled_back_since;
use super::context::{CriterionContext, Ruling};
use super::{Code, Undecided};
use crate::kind::{Action, GateName};
use crate::ledger::{Ledger, RecordedCheck, Signature};
use crate::plan::Ask;
use crate::verdict::Verdict;

/// Judges one role. `verdict_without_approvals` is the gate's verdict, approvals aside: what a signature has to be for.
pub(super) fn assess(
    role: &str,
    distinct: bool,
    verdict_without_approvals: Verdict,
    context: &CriterionContext<'_>,
) -> Ruling {
    let gate = context.gate_name();
    let signature = standing(role, verdict_without_approvals, context).and_then(|signature| {
        if distinct {
            signs_once(role, &signature, verdict_without_approvals, context)?;
        }
        Ok(signature)
    });
    let ruling = match &signature {
        Ok(signature) => Ruling::good(format!("signed {}", until(signature))),
        Err(undecided) => Ruling::open(undecided.code, undecided.reason.clone())
            .next_step(Action::Approve, &[role, "--gate", &gate.to_string()])
            .owner(Some(role)),
    };
    let last = context
        .ledger
        .and_then(|ledger| ledger.signature(&gate, role));
    let ruling = ruling.requires("signed");
    match last {
        Some(signature) => ruling.based_on(signature.entry),
        None => ruling,
    }
}

fn until(signature: &Signature<'_>) -> String {
    let holds = signature
        .expires
        .map(|expires| format!(", holds until {expires}"));
    format!("{}{}", cited(signature.entry), holds.unwrap_or_default())
}

/// The signature of a role, where it stands for what the gate is now.
fn standing<'a>(
    role: &str,
    verdict_without_approvals: Verdict,
    context: &CriterionContext<'a>,
) -> Result<Signature<'a>, Undecided> {
    let gate = context.gate_name();
    let nobody = || {
        let reason = format!("nobody has signed for {gate} as {role} yet");
        Undecided::new(Code::NotAnswered, reason)
    };
    let ledger = context.ledger.ok_or_else(nobody)?;
    let signature = ledger.signature(&gate, role).ok_or_else(nobody)?;
    if signature.revoked {
        let reason = format!("the signature was taken back {}", cited(signature.entry));
        return Err(Undecided::new(Code::NotAnswered, reason));
    }
    match voided(
        &signature,
        &gate,
        verdict_without_approvals,
        ledger,
        context,
    ) {
        Some(by) => {
            let reason = format!("signed {}, but {by}", cited(signature.entry));
            Err(Undecided::new(Code::SignatureVoid, reason))
        }
        None => Ok(signature),
    }
}

/// What has become of a signature since it was given.
fn voided(
    signature: &Signature<'_>,
    gate: &GateName,
    verdict_without_approvals: Verdict,
    ledger: &Ledger,
    context: &CriterionContext<'_>,
) -> Option<String> {
    let signed = signature.verdict_without_approvals;
    if let Some(expires) = signature
        .expires
        .filter(|expires| *expires <= context.moment.at)
    {
        return Some(format!("only until {expires}"));
    }
    if let Some(rolled_back) = rolled_back_since(signature.entry, context) {
        return Some(format!(
            "{} was rolled back at {}",
            context.stage.name, rolled_back.at
        ));
    }
    let found = ledger
        .check_with(gate, signature.evidence_sha256)
        .filter(|found| found.gate.verdict_without_approvals == signed);
    let Some(found) = found else {
        return Some(format!(
            "for evidence that no recorded check of {gate} left"
        ));
    };
    if let Some(vars) = found.check.varied(context.vars) {
        return Some(format!("for a check {vars}: that is another question"));
    }
    let then = found.check.plan_sha256.as_str();
    if context.plan_sha256.is_some_and(|now| now != then) {
        let then = then.get(..12).unwrap_or(then);
        return Some(format!("for another version of the plan (sha256 {then}…)"));
    }
    if let Some(later) = otherwise(found, gate, signed, ledger) {
        let (signed, found) = (signed.word(), later.gate.verdict_without_approvals.word());
        return Some(format!(
            "for {signed}, and the check at {} found {found}",
            later.check.evaluated_at
        ));
    }
    let (signed, verdict_without_approvals) = (
        signed.word(),
        (verdict_without_approvals != signed)
            .then_some(verdict_without_approvals)?
            .word(),
    );
    Some(format!(
        "for {signed}, and the gate is {verdict_without_approvals} now, approvals aside"
    ))
}

/// A check after the one that was signed that found otherwise.
fn otherwise<'a>(
    signed: RecordedCheck<'a>,
    gate: &GateName,
    verdict_without_approvals: Verdict,
    ledger: &'a Ledger,
) -> Option<RecordedCheck<'a>> {
    ledger
        .checks_after(gate, signed)
        .find(|later| later.gate.verdict_without_approvals != verdict_without_approvals)
}

/// Where distinct people have to sign, nobody does so in two roles of a gate.
fn signs_once(
    role: &str,
    signature: &Signature<'_>,
    verdict_without_approvals: Verdict,
    context: &CriterionContext<'_>,
) -> Result<(), Undecided> {
    let roles = context
        .gate
        .criteria
        .iter()
        .filter_map(|one| match &one.ask {
            Ask::Approval { role: other, .. } if other != role => Some(other),
            _ => None,
        });
    for other in roles {
        let Ok(also) = standing(other, verdict_without_approvals, context) else {
            continue;
        };
        if also.entry.by.is(&signature.entry.by) {
            let reason = format!(
                "{} signed as {role} and as {other}, and two people have to",
                signature.entry.by.name
            );
            return Err(Undecided::new(Code::SameSigner, reason));
        }
    }
    Ok(())
}
