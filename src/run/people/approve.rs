//! `gate approve`: somebody signs for a gate in a role, bound to the evidence of a recorded check. Must not sign for
//! evidence that no check recorded, nor for a verdict that the gate no longer has.

use crate::kind::{Action, GateName};
use std::path::Path;

use super::Deed;
use super::context::{Decision, DecisionContext};
use super::overrule::named_gate;
use super::refusal::Refusal;
use crate::cli::{ApproveArgs, Signed};
use crate::ledger::{Event, RecordedCheck};
use crate::plan::{Ask, Gate};
use crate::run::in_play;
use crate::verdict::Verdict;

impl Deed for ApproveArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
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
        let RecordedCheck {
            entry,
            check,
            gate: found,
        } = approved(context, &name)?;
        signs_once(context, gate, &name, &self.role)?;
        let until = self.expires.map(|until| until.after(context.now));
        let expires = until.map(|until| context.ahead(until, "--expires"));
        let event = Event::Approved {
            gate: name.clone(),
            role: self.role.clone(),
            evidence_sha256: check.evidence_sha256.clone(),
            evidence_path: check.evidence_path.clone(),
            verdict_without_approvals: found.verdict_without_approvals,
            expires: expires.transpose()?,
            revoked: false,
        };
        let done = format!(
            "{} signed for {name}, which is {} but for approvals in check #{} at {} (evidence {})",
            self.role,
            found.verdict_without_approvals.word(),
            entry.number,
            entry.at,
            short(&check.evidence_sha256)
        );
        let signed = Decision::of(event, done).meaning(worth(found.verdict_without_approvals));
        Ok(signed.next(next(context, gate, &name, &self.role)))
    }
}

/// Where the plan demands signatures, an approval without one is not recorded at all.
fn signed_where_demanded(
    arguments: &ApproveArgs,
    context: &DecisionContext<'_>,
) -> Result<(), Refusal> {
    let signatures = context.plan.trust.signatures.as_ref();
    if signatures.is_some_and(|signatures| signatures.required) && arguments.sign.is_none() {
        return Err(Refusal::usage(
            "the plan demands that approvals are signed: name your SSH key with --sign",
        ));
    }
    Ok(())
}

/// What a signature for such a verdict is worth.
fn worth(verdict_without_approvals: Verdict) -> String {
    match verdict_without_approvals {
        Verdict::Go => "the signature is void as soon as a check finds anything but GO".to_owned(),
        Verdict::Hold | Verdict::NoGo | Verdict::Stop => format!(
            "this is a signature for {}: once a check finds otherwise it is void, and has to be given again",
            verdict_without_approvals.word()
        ),
    }
}

/// The first digits, by which people tell evidence apart.
fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

/// The gate that is meant: named, or the only one that asks for the role, or the only one in play that does.
fn asking<'a>(
    arguments: &ApproveArgs,
    context: &DecisionContext<'a>,
) -> Result<(GateName, &'a Gate), Refusal> {
    let role = &arguments.role;
    let all = asking_gates(context, role);
    if let Some(name) = &arguments.gate {
        named_gate(context, name)?;
        let found = all.into_iter().find(|(of, _)| of == name);
        return found.ok_or_else(|| {
            Refusal::usage(format!(
                "{name} does not ask for `{role}`: {}",
                roles(context)
            ))
        });
    }
    let playing: Vec<GateName> = in_play::gates(context.plan, context.ledger)
        .iter()
        .map(|(stage, gate)| gate.kind.of(&stage.name))
        .collect();
    let meant: Vec<_> = if all.len() > 1 {
        let in_play = |(name, _): &&(GateName, &Gate)| playing.contains(name);
        all.iter().filter(in_play).cloned().collect()
    } else {
        all.clone()
    };
    match meant.as_slice() {
        [only] => Ok(only.clone()),
        [] if all.is_empty() => Err(Refusal::usage(format!(
            "no gate asks for `{role}`: {}",
            roles(context)
        ))),
        [] => Err(choose(context, role, &all)),
        several => Err(choose(context, role, several)),
    }
}

fn asking_gates<'a>(context: &DecisionContext<'a>, role: &str) -> Vec<(GateName, &'a Gate)> {
    let gates = (context.plan.stages.iter()).flat_map(|stage| {
        let named = |gate: &'a Gate| (gate.kind.of(&stage.name), gate);
        stage.gates.iter().map(named)
    });
    let asks = |(_, gate): &(GateName, &Gate)| gate_roles(gate).contains(&role);
    gates.filter(asks).collect()
}

fn gate_roles(gate: &Gate) -> Vec<&str> {
    let roles = gate.criteria.iter().filter_map(|one| match &one.ask {
        Ask::Approval { role, .. } => Some(role.as_str()),
        _ => None,
    });
    roles.collect()
}

/// Which gates ask for which roles, for people.
fn roles(context: &DecisionContext) -> String {
    let mut asking = Vec::new();
    for stage in &context.plan.stages {
        for gate in &stage.gates {
            let roles = gate_roles(gate);
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
    let choices: Vec<String> = several
        .iter()
        .map(|(gate, _)| context.command(Action::Approve, &[role, "--gate", &gate.to_string()]))
        .collect();
    Refusal::usage(format!(
        "several gates ask for `{role}`: choose one of {}",
        choices.join(" | ")
    ))
}

/// The check whose evidence is approved: that of the file, else the gate's latest.
fn approved<'a>(
    context: &DecisionContext<'a>,
    gate: &GateName,
) -> Result<RecordedCheck<'a>, Refusal> {
    let Some(latest) = context.ledger.last_check(gate) else {
        return Err(Refusal::standing(format!(
            "no check of {gate} is recorded, so there is nothing to sign for: {}",
            context.check(gate)
        )));
    };
    let Some(sha256) = context.file_sha256 else {
        of_this_plan(context, gate, latest)?;
        return Ok(latest);
    };
    let Some(check) = context.ledger.check_with(gate, sha256) else {
        return Err(Refusal::standing(format!(
            "the file is not the evidence of a recorded check of {gate} (its sha256 is {}…)",
            short(sha256)
        )));
    };
    of_this_plan(context, gate, check)?;
    still_so(context, gate, check)?;
    Ok(check)
}

/// Nobody signs for what the plan no longer asks.
fn of_this_plan(
    context: &DecisionContext,
    gate: &GateName,
    recorded: RecordedCheck<'_>,
) -> Result<(), Refusal> {
    if recorded.check.plan_sha256 == context.plan_sha256 {
        return Ok(());
    }
    Err(Refusal::standing(format!(
        "the plan has changed since check #{}: {}",
        recorded.entry.number,
        context.check(gate)
    )))
}

/// A later check with another verdict has voided a signature on this evidence before it was given.
fn still_so<'a>(
    context: &DecisionContext<'a>,
    gate: &GateName,
    signed: RecordedCheck<'a>,
) -> Result<(), Refusal> {
    let other = context
        .ledger
        .checks_after(gate, signed)
        .filter(|later| {
            later.gate.verdict_without_approvals != signed.gate.verdict_without_approvals
        })
        .last();
    match other {
        Some(later) => Err(Refusal::standing(format!(
            "check #{} found {} but for approvals, and check #{} after it found {}: a signature for the earlier is void; leave --evidence out",
            signed.entry.number,
            signed.gate.verdict_without_approvals.word(),
            later.entry.number,
            later.gate.verdict_without_approvals.word()
        ))),
        None => Ok(()),
    }
}

/// Where the plan asks for distinct people, nobody signs in two roles.
fn signs_once(
    context: &DecisionContext,
    gate: &Gate,
    name: &GateName,
    role: &str,
) -> Result<(), Refusal> {
    let distinct = gate
        .criteria
        .iter()
        .any(|one| matches!(&one.ask, Ask::Approval { role: of, distinct: true } if of == role));
    if !distinct {
        return Ok(());
    }
    let others = gate_roles(gate).into_iter().filter(|other| *other != role);
    for other in others {
        let signed = context.ledger.signature(name, other);
        if let Some(signed) = signed.filter(|one| !one.revoked && one.entry.by.is(context.by)) {
            return Err(Refusal::standing(format!(
                "{} signed for {name} as {other} already (#{}), and the plan asks for distinct people",
                signed.entry.by.name, signed.entry.number
            )));
        }
    }
    Ok(())
}

fn revoked(context: &DecisionContext, gate: &GateName, role: &str) -> Result<Decision, Refusal> {
    let last = context.ledger.signature(gate, role);
    let event = match last.map(|last| last.entry.event.clone()) {
        Some(Event::Approved {
            gate,
            role,
            evidence_sha256,
            evidence_path,
            verdict_without_approvals,
            expires,
            revoked: false,
        }) => Event::Approved {
            gate,
            role,
            evidence_sha256,
            evidence_path,
            verdict_without_approvals,
            expires,
            revoked: true,
        },
        _ => {
            return Err(Refusal::standing(format!(
                "there is no signature of {role} for {gate} that could be taken back"
            )));
        }
    };
    let done = format!("the signature of {role} for {gate} is taken back");
    let meaning = format!("{gate} is not GO until {role} signs");
    let taken_back = Decision::of(event, done).meaning(meaning);
    Ok(taken_back.next(context.command(Action::Approve, &[role, "--gate", &gate.to_string()])))
}

/// The next role that has not signed, else the check.
fn next(context: &DecisionContext, gate: &Gate, name: &GateName, signed: &str) -> String {
    let owes = |role: &&str| {
        let last = context.ledger.signature(name, role);
        *role != signed && last.is_none_or(|last| last.revoked)
    };
    match gate_roles(gate).into_iter().find(owes) {
        Some(role) => context.command(Action::Approve, &[role, "--gate", &name.to_string()]),
        None => context.check(name),
    }
}
