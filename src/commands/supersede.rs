//! `gate supersede`: another version of the release takes the place of the one before (L6), and the ledger goes on. Must not carry
//! a verdict, an approval or an answer over to it, nor end a stop or a pause.

use std::path::Path;

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use crate::cli::{Signed, SupersedeArgs};
use crate::kind::Action;
use crate::ledger::Event;
use crate::rollout::Hold;

impl Deed for SupersedeArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn supersedes(&self) -> bool {
        true
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        context.reason_for("superseding a version")?;
        let from = from(self, context)?;
        let stages = context.rollout.to_be_taken_over();
        if self.keep_window && stages.is_empty() {
            return Err(Refusal::standing(
                "no stage runs, so there is no window to keep: leave out --keep-window",
            ));
        }
        let holds = stages.iter().flat_map(|stage| context.rollout.holds(stage));
        let holds: Vec<Hold<'_>> = holds.collect();
        let shown = from.as_deref().unwrap_or("one without a version");
        let done = format!("version {} takes the place of {shown}", self.version);
        let event = Event::Superseded {
            from: from.clone(),
            stages: stages.iter().map(|&stage| stage.to_owned()).collect(),
            left: context.rollout.moved_on_from(),
            keep_window: self.keep_window,
        };
        let decision = Decision::of(event, done)
            .meaning(
                "void: what was found, confirmed, approved and overridden for the version before",
            )
            .meaning("incidents, pauses, stops and history stay");
        let decision = match stages.join(", ") {
            none if none.is_empty() => decision,
            kept if self.keep_window => decision.meaning(format!(
                "kept: the window of {kept}, though part of it was observed with the version before"
            )),
            anew => decision.meaning(format!("begins anew now: {anew}")),
        };
        Ok(with_holds(decision, context, &holds))
    }
}

/// What holds the stages as before, and what comes next.
fn with_holds<'a>(
    decision: Decision,
    context: &DecisionContext<'a>,
    holds: &[Hold<'a>],
) -> Decision {
    let first = holds.first().map(|hold| context.resume(hold.stage()));
    let next = first.unwrap_or_else(|| context.command(Action::Check, &[]));
    let told = holds.iter().map(|hold| context.held(hold).0);
    let decision = told.fold(decision, |decision, said| {
        decision.meaning(format!("as before: {said}"))
    });
    decision.next(next)
}

/// The version before.
fn from(
    arguments: &SupersedeArgs,
    context: &DecisionContext<'_>,
) -> Result<Option<String>, Refusal> {
    let (release, version) = (&context.rollout.plan.release, &arguments.version);
    let Some((name, then)) = context.history().release_then() else {
        return Err(Refusal::standing(format!(
            "nothing is recorded beside {} for any version, so there is none to supersede: a plan that was copied or renamed leaves its ledger behind",
            context.path
        )));
    };
    if name != release.name {
        return Err(Refusal::standing(format!(
            "the ledger is that of {name}, and the plan is for {}: another release has a ledger of its own",
            release.name
        )));
    }
    let named = release.version.as_deref().unwrap_or("none");
    let is_named = named == version;
    if then == Some(version) {
        let back = format!(
            ", and the plan names {named}: put {version} back into its `release: {{version}}`"
        );
        let back = if is_named { String::new() } else { back };
        return Err(Refusal::standing(format!(
            "the ledger is that of version {version} already{back}"
        )));
    }
    if let Some(entry) = context.history().superseded_from(Some(version)) {
        return Err(Refusal::standing(format!(
            "version {version} was superseded at {} (#{}), and what was decided for it is void: give what is deployed now a version of its own, such as {version}-2",
            entry.at, entry.number
        )));
    }
    if !is_named {
        return Err(Refusal::usage(format!(
            "the plan names version {named}, not {version}: change its `release: {{version}}` first"
        )));
    }
    Ok(then.map(str::to_owned))
}
