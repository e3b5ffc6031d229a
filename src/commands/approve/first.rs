//! Before somebody signs for a gate (L5): where anything came since its last check, it is judged again, and that check is recorded.
//! Must not sign.

use super::{asking, not_expired, signed_where_demanded, signs_once, would_hold};
use crate::cli::{ApproveArgs, CheckArgs, TrustArgs};
use crate::commands::check;
use crate::commands::deeds::context::DecisionContext;
use crate::commands::deeds::refusal::Refusal;
use crate::commands::deeds::{NOTHING, look};
use crate::commands::diagnostics::say;
use crate::commands::surroundings::Surroundings;
use crate::exit::Exit;
use crate::kind::GateName;

/// Judges the gate if that is needed.
///
/// # Errors
/// What would not be signed, whatever a check finds; a check that is not recorded, or that does not find GO apart from
/// approvals: all has been said.
pub(super) async fn judged(
    arguments: &ApproveArgs,
    words: &[String],
    surroundings: &Surroundings,
) -> Result<(), Exit> {
    if arguments.revoke || arguments.evidence.is_some() {
        return Ok(());
    }
    let Some((gate, why)) = look(arguments, surroundings, |context| due(arguments, context))?
    else {
        return Ok(());
    };
    say(&format!("{gate} is judged before it is signed: {why}"));
    match check::briefly(&as_check(arguments, &gate), words, surroundings).await {
        Exit::Go | Exit::Hold | Exit::NoGo | Exit::Refused | Exit::Stop => {}
        exit @ (Exit::Usage | Exit::Unrecorded) => return Err(exit),
    }
    look(arguments, surroundings, |context| is_go(context, &gate))
}

/// Which gate has to be judged first, and why.
fn due(
    arguments: &ApproveArgs,
    context: &DecisionContext<'_>,
) -> Result<Option<(GateName, String)>, Refusal> {
    let (name, gate) = asking(arguments, context)?;
    signed_where_demanded(arguments, context)?;
    signs_once(context, gate, &name, &arguments.role)?;
    not_expired(arguments, context)?;
    let stage = context.stage(&name.stage)?;
    let why = context.rollout.to_be_judged_again(stage, gate);
    Ok(why.map(|why| (name, why)))
}

fn as_check(arguments: &ApproveArgs, gate: &GateName) -> CheckArgs {
    CheckArgs {
        plans: vec![arguments.plan.clone()],
        gates: vec![gate.clone()],
        vars: arguments.question.vars.clone(),
        source: arguments.question.source.clone(),
        by: arguments.signed.by.clone(),
        trust: TrustArgs {
            sign: arguments.sign.clone(),
            ..TrustArgs::default()
        },
        ..CheckArgs::default()
    }
}

/// Nobody who asked for a signature now wants one that is void.
fn is_go(context: &DecisionContext<'_>, gate: &GateName) -> Result<(), Refusal> {
    match context.history().last_check(gate) {
        Some(last) => would_hold(context, gate, last),
        None => Err(Refusal::standing(format!("{NOTHING} of {gate}"))),
    }
}
