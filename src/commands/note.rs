//! `gate note`: a dated remark, or the daily checkpoint of hypercare. Must not change where the rollout stands.

use std::path::Path;

use super::deeds::Deed;
use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use crate::cli::{NoteArgs, Signed};
use crate::ledger::Event;
use crate::units::Duration;

impl Deed for NoteArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let text = self.text.trim();
        if text.is_empty() {
            return Err(Refusal::usage("a note without text says nothing"));
        }
        let stage = match (&self.stage, self.checkpoint) {
            (named, true) => Some(context.begun(named.as_deref())?.name.clone()),
            (Some(name), false) => Some(context.stage(name)?.name.clone()),
            (None, false) => context.running_alone(),
        };
        let event = Event::Noted {
            stage: stage.clone(),
            text: text.to_owned(),
            checkpoint: self.checkpoint,
        };
        let done = match (&stage, self.checkpoint) {
            (Some(stage), true) => format!("daily checkpoint of {stage}: {text}"),
            (Some(stage), false) => format!("a note on {stage}: {text}"),
            (None, _) => format!("a note: {text}"),
        };
        let noted = Decision::of(event, done);
        Ok(match stage.and_then(|stage| day_of(context, &stage)) {
            Some(day) if self.checkpoint => noted.meaning(day),
            _ => noted,
        })
    }
}

/// `day 2 since the start at …`: days are full 24 hours, counted from 1.
fn day_of(context: &DecisionContext, stage: &str) -> Option<String> {
    let start = context.history().start_of(stage)?;
    let day = Duration::from_secs(86_400).millis();
    let number = start.until(context.rollout.now).millis().max(0) / day + 1;
    Some(format!("it is day {number} since the start at {start}"))
}
