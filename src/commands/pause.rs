//! `gate pause`: the rollout is halted. Must not pause without a reason.

use std::path::Path;

use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use super::deeds::running::other_version;
use super::deeds::{Deed, record};
use super::surroundings::Surroundings;
use crate::cli::{PauseArgs, Signed};
use crate::exit::Exit;
use crate::kind::Action;
use crate::ledger::Event;

/// `gate pause`.
pub struct Pause<'a>(pub &'a PauseArgs);

/// Records it.
pub fn pause(arguments: &PauseArgs, surroundings: &Surroundings) -> Exit {
    record(&Pause(arguments), surroundings)
}

impl Deed for Pause<'_> {
    fn plan(&self) -> &Path {
        &self.0.plan
    }

    fn signed(&self) -> &Signed {
        &self.0.signed
    }

    fn makes_safe(&self) -> bool {
        true
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        context.reason_for("a pause")?;
        let stage = context.begun(self.0.stage.as_deref())?;
        let name = &stage.name;
        if let Some(entry) = context.history().paused(name) {
            let refusal = Refusal::given(format!(
                "{name} is already paused, since {} by {} (#{})",
                entry.at, entry.by.name, entry.number
            ));
            return Err(then(context, refusal, next(context, name)));
        }
        let event = Event::Paused {
            stage: name.clone(),
        };
        let paused = Decision::of(event, format!("{name} is paused"))
            .meaning("none of its gates and no later entry is GO until somebody resumes");
        Ok(paused.next(next(context, name)))
    }
}

/// What comes next; of another version than the plan names, what can be typed before the plan is put back.
fn then(context: &DecisionContext<'_>, refusal: Refusal, next: String) -> Refusal {
    let release = &context.rollout.plan.release;
    let Some(other) = other_version(release, context.history(), context.path) else {
        return refusal.command(&next);
    };
    let told = other.next(Some(next));
    let refusal = told.lines.into_iter().fold(refusal, Refusal::line);
    let next = told.next.iter();
    next.fold(refusal, |refusal, next| refusal.command(next))
}

/// After a stop the stage is rolled back, not resumed; also after one that was lifted, if it is still bad.
fn next<'a>(context: &DecisionContext<'a>, stage: &'a str) -> String {
    let history = context.history();
    let is_bad = !history.trips(stage).is_empty() || context.rollout.is_still_bad(stage);
    if !is_bad && history.taken_back(stage).is_none() {
        return context.resume(stage);
    }
    let commands = context.rollout.after_stop(stage).commands.into_iter();
    let mut rest = commands.filter(|step| step.action != Action::Pause);
    let first = rest.next();
    first.map_or_else(|| context.resume(stage), |step| context.typed(&step))
}
