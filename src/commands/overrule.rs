//! `gate override`: somebody proceeds on a NO-GO or HOLD in their own name. Must not let anybody past a STOP.

use std::path::Path;

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use crate::cli::{OverrideArgs, QuestionArgs, Signed};
use crate::kind::{Action, GateKind, GateName};
use crate::ledger::Event;
use crate::plan::Stage;
use crate::rollout::{RecordedCheck, steps, turned, unchecked};
use crate::verdict::Verdict;

impl Deed for OverrideArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn question(&self) -> Option<&QuestionArgs> {
        Some(&self.question)
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        context.reason_for("an override")?;
        let (stage, gate) = (context.stage_of(&self.gate)?, &self.gate);
        let expires = context.ahead(self.expires.after(context.rollout.present()), "--expires")?;
        let again = context.check(gate);
        let Some(last) = context.rollout.to_be_overridden(gate) else {
            let history = context.history();
            let anew = history.asked_anew(&gate.stage);
            let none = match anew.filter(|_| history.last_check(gate).is_some()) {
                Some(anew) => format!(
                    "{gate} was not checked since {} (#{})",
                    turned(&gate.stage, anew),
                    anew.number
                ),
                None => unchecked(gate, history.outlook_on(gate)),
            };
            return Err(Refusal::standing(format!(
                "{none}, so there is no verdict to override: {again}"
            )));
        };
        may_be_overridden(context, stage, gate)?;
        context.of_this_plan(gate, last)?;
        context.vouched_for(gate, last)?;
        context.of_this_question(gate, last)?;
        if last.gate.start_disputed {
            return Err(Refusal::standing(format!(
                "check #{} was made with a --started that contradicts the ledger: check again without it, {again}",
                last.entry.number
            )));
        }
        let event = Event::Overridden {
            gate: gate.clone(),
            verdict: last.gate.verdict,
            evidence_sha256: last.check.evidence_sha256.clone(),
            expires,
        };
        let word = last.gate.verdict.word();
        let done = format!(
            "{gate}, {word} in check #{}, is OVERRIDDEN until {expires}",
            last.entry.number
        );
        let meaning = format!(
            "the verdict stays {word}; the override ends earlier if a check finds worse than {word} or another criterion not met, or the plan is changed"
        );
        let mut overridden = Decision::of(event, done).meaning(meaning);
        overridden
            .means
            .extend(found_otherwise(context, gate, last));
        overridden.means.extend(context.counted_from(expires));
        overridden.means.extend(context.for_whom(last));
        Ok(overridden.next(next(context, stage, &self.gate)))
    }
}

/// What the check recorded last found, where the one that says how the gate stands is another: for a later time, and worse.
fn found_otherwise(
    context: &DecisionContext<'_>,
    gate: &GateName,
    standing: RecordedCheck<'_>,
) -> Option<String> {
    let last = context.history().checks(gate).next_back()?;
    (last.entry.number != standing.entry.number).then(|| {
        format!(
            "check #{} judged {}, a later time than #{}, which found {}: the override is for what both found",
            standing.entry.number,
            standing.check.evaluated_at,
            last.entry.number,
            last.gate.verdict.word()
        )
    })
}

fn may_be_overridden(
    context: &DecisionContext,
    stage: &Stage,
    gate: &GateName,
) -> Result<(), Refusal> {
    let last = context.rollout.to_be_overridden(gate);
    let stopped = gate.kind == GateKind::Exit && !context.history().trips(&stage.name).is_empty();
    match last.map(|last| last.gate.verdict) {
        Some(Verdict::Go) => Err(Refusal::standing(format!(
            "{gate} is GO: there is nothing to override"
        ))),
        Some(Verdict::Stop) => Err(stop(context, stage, gate)),
        Some(Verdict::NoGo | Verdict::Hold) if stopped => Err(stop(context, stage, gate)),
        Some(Verdict::NoGo | Verdict::Hold) | None => Ok(()),
    }
}

fn stop(context: &DecisionContext, stage: &Stage, gate: &GateName) -> Refusal {
    let first = context
        .rollout
        .after_stop(&stage.name)
        .commands
        .into_iter()
        .next();
    let next = first.map_or_else(|| context.resume(&stage.name), |step| context.typed(&step));
    Refusal::standing(format!("{gate} is STOP, which nobody can override: {next}"))
}

/// After an entry the stage may begin; after any other gate, check again.
fn next<'a>(context: &DecisionContext<'a>, stage: &'a Stage, gate: &GateName) -> String {
    match gate.kind {
        // It is asked again for another version: the stage runs.
        GateKind::Entry if context.rollout.entry_again(stage).is_some() => {
            context.typed(&steps::check_in_play())
        }
        GateKind::Entry => context.command(Action::Start, &[&stage.name]),
        GateKind::Exit | GateKind::Recovery => context.command(
            Action::Check,
            &["--gate", &gate.to_string(), "--accept-overrides"],
        ),
    }
}
