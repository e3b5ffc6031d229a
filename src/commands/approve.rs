//! `gate approve`: somebody signs for a gate in a role, bound to the evidence of a recorded check. Must not sign for
//! evidence that no check recorded, nor for a verdict that the gate no longer has.

mod first;
mod sealed;

use std::path::Path;

use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use super::deeds::{Deed, record};
use super::surroundings::Surroundings;
use crate::cli::{ApproveArgs, QuestionArgs, Signed};
use crate::exit::Exit;
use crate::kind::GateName;
use crate::ledger::Event;
use crate::plan::Gate;
use crate::rollout::{RecordedCheck, is_distinct, roles, short, steps, unchecked};
use crate::units::Instant;
use crate::verdict::Verdict;

/// Records it, signed if a key is named. The gate is signed as it would be judged now: it is judged first if anything came since
/// its last check (L5).
pub async fn approve(
    arguments: &ApproveArgs,
    words: &[String],
    surroundings: &Surroundings,
) -> Exit {
    if let Err(exit) = first::judged(arguments, words, surroundings).await {
        return exit;
    }
    match &arguments.sign {
        Some(key) => sealed::record(arguments, key, surroundings),
        None => record(arguments, surroundings),
    }
}

impl Deed for ApproveArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn question(&self) -> Option<&QuestionArgs> {
        Some(&self.question)
    }

    fn file(&self) -> Option<&Path> {
        self.evidence.as_deref()
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let (name, gate) = asking(self, context)?;
        if self.revoke {
            return revoked(context, &name, &self.role);
        }
        signed_where_demanded(self, context)?;
        let recorded = approved(context, &name, gate)?;
        context.of_this_question(&name, recorded)?;
        let RecordedCheck {
            entry,
            check,
            gate: found,
        } = recorded;
        signs_once(context, gate, &name, &self.role)?;
        let expires = not_expired(self, context)?;
        would_hold(context, &name, recorded)?;
        if let Some(told) = given_already(self, context, &name, &check.evidence_sha256, expires) {
            return Err(Refusal::given(told));
        }
        let event = Event::Approved {
            gate: name.clone(),
            role: self.role.clone(),
            evidence_sha256: check.evidence_sha256.clone(),
            evidence_path: check.evidence_path.clone(),
            verdict_without_approvals: found.verdict_without_approvals,
            expires,
            revoked: false,
        };
        let done = format!(
            "{} signed for {name}, which is {} apart from approvals in check #{} at {} (evidence {})",
            self.role,
            found.verdict_without_approvals.word(),
            entry.number,
            entry.at,
            short(&check.evidence_sha256)
        );
        let worth = "the signature is void as soon as a check finds anything but GO";
        let mut signed = Decision::of(event, done).meaning(worth);
        let counted = expires.and_then(|expires| context.counted_from(expires));
        signed.means.extend(counted);
        signed.means.extend(context.for_whom(recorded));
        signed.means.extend(not_looked_at(self, context));
        Ok(signed.next(next(context, gate, &name, &self.role)))
    }
}

/// Until when it holds, which is still to come.
fn not_expired(
    arguments: &ApproveArgs,
    context: &DecisionContext<'_>,
) -> Result<Option<Instant>, Refusal> {
    let until = arguments
        .expires
        .map(|until| until.after(context.rollout.present()));
    let expires = until.map(|until| context.ahead(until, "--expires"));
    expires.transpose()
}

/// That this person has signed for the same evidence already, and that it holds: nothing is recorded twice (L5).
fn given_already(
    arguments: &ApproveArgs,
    context: &DecisionContext<'_>,
    gate: &GateName,
    evidence_sha256: &str,
    expires: Option<Instant>,
) -> Option<String> {
    let own = context.rollout.approval_alone(gate, &arguments.role, None);
    let signed = own.stands().filter(|signed| {
        signed.entry.by.is(context.by)
            && signed.evidence_sha256 == evidence_sha256
            && signed.expires == expires
            && arguments.sign.is_none()
    })?;
    Some(format!(
        "{} was signed for {gate} already by {} at {} (#{}), and that holds",
        arguments.role, signed.entry.by.name, signed.entry.at, signed.entry.number
    ))
}

/// If the plan requires signatures, an approval without one is not recorded at all.
fn signed_where_demanded(
    arguments: &ApproveArgs,
    context: &DecisionContext<'_>,
) -> Result<(), Refusal> {
    let signatures = context.rollout.plan.trust.signatures.as_ref();
    if signatures.is_some_and(|signatures| signatures.required) && arguments.sign.is_none() {
        return Err(Refusal::usage(
            "the plan requires signed approvals: name your SSH key with --sign",
        ));
    }
    Ok(())
}

/// Nobody can say whose key it is where the plan names no list of signers.
fn not_looked_at(arguments: &ApproveArgs, context: &DecisionContext<'_>) -> Option<String> {
    let signatures = context.rollout.plan.trust.signatures.as_ref();
    let demanded = signatures.filter(|signatures| signatures.required)?;
    (arguments.sign.is_some() && demanded.allowed.is_none()).then(|| {
        "the plan names no list of signers, so whose key it is was not looked at: a check does, with --allowed-signers FILE"
            .to_owned()
    })
}

/// Nobody signs for what would not hold: a signature counts for a gate that is GO apart from approvals.
fn would_hold(
    context: &DecisionContext<'_>,
    gate: &GateName,
    check: RecordedCheck<'_>,
) -> Result<(), Refusal> {
    match check.gate.verdict_without_approvals {
        Verdict::Go => Ok(()),
        verdict @ (Verdict::Hold | Verdict::NoGo | Verdict::Stop) => {
            let why = format!(
                "{gate} is {} apart from approvals in check #{}, and a signature for that would not hold",
                verdict.word(),
                check.entry.number
            );
            Err(Refusal::standing(why).command(&context.check(gate)))
        }
    }
}

/// The gate: the named one, or the only one that asks for the role, or the only one in play that does.
fn asking<'a>(
    arguments: &ApproveArgs,
    context: &DecisionContext<'a>,
) -> Result<(GateName, &'a Gate), Refusal> {
    let role = &arguments.role;
    let all = asking_gates(context, role);
    if let Some(name) = &arguments.gate {
        context.stage_of(name)?;
        let found = all.into_iter().find(|(of, _)| of == name);
        return found.ok_or_else(|| {
            Refusal::usage(format!(
                "{name} does not ask for `{role}`: {}",
                who_signs(context)
            ))
        });
    }
    let playing: Vec<GateName> = (context.rollout.in_play().iter())
        .map(|(stage, gate)| gate.kind.of(&stage.name))
        .collect();
    let meant: Vec<_> = if all.len() > 1 {
        (all.iter().filter(|(name, _)| playing.contains(name)))
            .cloned()
            .collect()
    } else {
        all.clone()
    };
    match meant.as_slice() {
        [only] => Ok(only.clone()),
        [] if all.is_empty() => Err(Refusal::usage(format!(
            "no gate asks for `{role}`: {}",
            who_signs(context)
        ))),
        [] => Err(choose(context, role, &all)),
        several => Err(choose(context, role, several)),
    }
}

fn asking_gates<'a>(context: &DecisionContext<'a>, role: &str) -> Vec<(GateName, &'a Gate)> {
    let mut asking = Vec::new();
    for stage in &context.rollout.plan.stages {
        for gate in &stage.gates {
            if roles(gate).any(|one| one == role) {
                asking.push((gate.kind.of(&stage.name), gate));
            }
        }
    }
    asking
}

/// Which gates ask for which roles, for people.
fn who_signs(context: &DecisionContext) -> String {
    let mut asking = Vec::new();
    for stage in &context.rollout.plan.stages {
        for gate in &stage.gates {
            let roles: Vec<&str> = roles(gate).collect();
            if !roles.is_empty() {
                let name = gate.kind.of(&stage.name);
                asking.push(format!("{name} asks for {}", roles.join(", ")));
            }
        }
    }
    if asking.is_empty() {
        return "the plan asks for no approval".to_owned();
    }
    asking.join("; ")
}

fn choose(context: &DecisionContext, role: &str, several: &[(GateName, &Gate)]) -> Refusal {
    let told = format!("several gates ask for `{role}`: choose one of these");
    let choices = several.iter().map(|(gate, _)| steps::approve(role, gate));
    choices.fold(Refusal::usage(told), |refusal, choice| {
        refusal.command(&context.typed(&choice))
    })
}

/// The check whose evidence is approved: that of the file, or else the gate's latest.
fn approved<'a>(
    context: &DecisionContext<'a>,
    gate: &GateName,
    asking: &Gate,
) -> Result<RecordedCheck<'a>, Refusal> {
    let Some(latest) = context.history().last_check(gate) else {
        let none = unchecked(gate, context.history().outlook_on(gate));
        return Err(Refusal::standing(format!(
            "{none}, so there is nothing to sign: {}",
            context.check(gate)
        )));
    };
    let Some(sha256) = context.file_sha256 else {
        context.of_this_plan(gate, latest)?;
        still_so(context, gate, latest, "check again")?;
        return Ok(latest);
    };
    let Some(check) = context.history().check_with(gate, sha256) else {
        return Err(Refusal::standing(format!(
            "the file is not the evidence of a recorded check of {gate} (its sha256 is {}…)",
            short(sha256)
        )));
    };
    context.of_this_plan(gate, check)?;
    still_so(context, gate, check, "omit --evidence")?;
    up_to_date(context, gate, asking, check)?;
    Ok(check)
}

/// A named file is not judged again: what came since its check may have changed the verdict, and nobody signs for what is not so
/// any more (L5).
fn up_to_date<'a>(
    context: &DecisionContext<'a>,
    gate: &GateName,
    asking: &Gate,
    check: RecordedCheck<'a>,
) -> Result<(), Refusal> {
    context.of_this_question(gate, check)?;
    let stage = context.stage(&gate.stage)?;
    match context.rollout.outdated(stage, asking, check) {
        Some(why) => {
            let why = format!("the file does not say how {gate} stands now: {why}");
            Err(Refusal::standing(why).command(&context.check(gate)))
        }
        None => Ok(()),
    }
}

/// A later check with another verdict has voided a signature on this evidence before it was given.
fn still_so<'a>(
    context: &DecisionContext<'a>,
    gate: &GateName,
    signed: RecordedCheck<'a>,
    advice: &str,
) -> Result<(), Refusal> {
    let other = context
        .history()
        .checks_after(gate, signed)
        .filter(|later| {
            later.gate.verdict_without_approvals != signed.gate.verdict_without_approvals
        })
        .last();
    match other {
        Some(later) => {
            let (first, then) = (signed.gate, later.gate);
            let why = format!(
                "check #{} found {} apart from approvals, and check #{}, for a later time, found {}: a signature for the earlier one is void; {advice}",
                signed.entry.number,
                first.verdict_without_approvals.word(),
                later.entry.number,
                then.verdict_without_approvals.word()
            );
            Err(Refusal::standing(why).command(&context.check(gate)))
        }
        None => Ok(()),
    }
}

/// If the plan asks for distinct people, nobody signs in two roles.
fn signs_once(
    context: &DecisionContext,
    gate: &Gate,
    name: &GateName,
    role: &str,
) -> Result<(), Refusal> {
    if !is_distinct(gate, role) {
        return Ok(());
    }
    for other in roles(gate).filter(|other| *other != role) {
        let signed = context.rollout.approval_alone(name, other, None).holds();
        if let Some(signed) = signed.filter(|one| one.entry.by.is(context.by)) {
            return Err(Refusal::standing(format!(
                "{} already signed for {name} as {other} (#{}), and the plan asks for distinct people",
                signed.entry.by.name, signed.entry.number
            )));
        }
    }
    Ok(())
}

fn revoked(context: &DecisionContext, gate: &GateName, role: &str) -> Result<Decision, Refusal> {
    let last = context.history().signature(gate, role);
    let Some((last, (path, _))) = last
        .filter(|last| !last.revoked)
        .and_then(|last| Some((last, last.entry.event.signed_evidence()?)))
    else {
        return Err(Refusal::standing(format!(
            "there is no signature as {role} for {gate} to take back"
        )));
    };
    let event = Event::Approved {
        gate: gate.clone(),
        role: role.to_owned(),
        evidence_sha256: last.evidence_sha256.to_owned(),
        evidence_path: path.to_owned(),
        verdict_without_approvals: last.verdict_without_approvals,
        expires: last.expires,
        revoked: true,
    };
    let done = format!("the signature as {role} for {gate} is taken back");
    let meaning = format!("{gate} is not GO until {role} signs");
    let taken_back = Decision::of(event, done).meaning(meaning);
    Ok(taken_back.next(match context.rollout.to_be_signed(gate) {
        Some(Verdict::Go) => context.typed(&steps::approve(role, gate)),
        Some(Verdict::Hold | Verdict::NoGo | Verdict::Stop) | None => context.check(gate),
    }))
}

/// The next role whose signature is due, or else the check.
fn next(context: &DecisionContext, gate: &Gate, name: &GateName, signed: &str) -> String {
    let verdict = context.rollout.to_be_signed(name);
    let mut others = roles(gate).filter(|role| *role != signed);
    let due = others.find_map(|role| {
        let approval = context.rollout.approval(&name.stage, gate, role, None);
        approval.next_step(role, name, verdict, context.rollout.requires_signatures())
    });
    due.map_or_else(|| context.check(name), |step| context.typed(&step))
}
