//! A stop that tripped stays tripped until a named person resumes, even if what tripped it has recovered, or it was removed
//! from the plan.

use super::context::{CriterionContext, Ruling};
use crate::assessment::{Code, CriterionAssessment, Outcome};
use crate::kind::{GateKind, List};
use crate::ledger::{Entry, Event, Trip};
use crate::rollout::steps;

/// Keeps stops tripped that tripped in an earlier check. Those that are no longer in the plan come first.
pub(super) fn hold(
    mut criteria: Vec<CriterionAssessment>,
    context: &CriterionContext<'_>,
) -> Vec<CriterionAssessment> {
    if context.gate.kind != GateKind::Exit {
        return criteria;
    }
    let mut gone = Vec::new();
    for (entry, trip) in context.rollout.history().trips(&context.stage.name) {
        let mut known = false;
        for criterion in criteria.iter_mut().filter(|one| is(one, trip)) {
            known = true;
            held(criterion, entry, trip, &context.stage.name);
        }
        if !known {
            gone.push(missing(entry, trip, &context.stage.name));
        }
    }
    gone.append(&mut criteria);
    gone
}

fn is(criterion: &CriterionAssessment, trip: &Trip) -> bool {
    criterion.list == List::Stop
        && criterion.kind == trip.kind
        && criterion.name == trip.name
        && criterion.condition == trip.condition
}

/// When it was first seen, and why it had tripped.
fn story(entry: &Entry, trip: &Trip) -> String {
    let at = match &entry.event {
        Event::Checked(checked) => checked.evaluated_at,
        _ => entry.at,
    };
    format!("tripped at {at}: {}", trip.reason)
}

/// A criterion of the plan. If it trips now too, what is measured now says more.
fn held(criterion: &mut CriterionAssessment, entry: &Entry, trip: &Trip, stage: &str) {
    let story = story(entry, trip);
    if criterion.outcome == Outcome::Tripped {
        criterion.notes.push(format!("first {story}"));
    } else {
        let now = criterion.outcome.word();
        criterion
            .notes
            .push(format!("now {now}: {}", criterion.reason));
        criterion.reason = format!("{story}; now {now}, and nobody has resumed");
        criterion.code = Code::TrippedBefore;
        criterion.outcome = Outcome::Tripped;
    }
    criterion.next_step = Some(steps::resume(stage));
    criterion.based_on.push(entry.into());
}

/// A criterion that is no longer in the plan: removing it does not undo what it saw.
fn missing(entry: &Entry, trip: &Trip, stage: &str) -> CriterionAssessment {
    let reason = format!(
        "{}; it is no longer in the plan, and nobody has resumed",
        story(entry, trip)
    );
    let ruling = Ruling {
        condition: trip.condition.clone(),
        ..Ruling::bad(Code::TrippedBefore, reason)
            .based_on(entry)
            .settled_by(steps::resume(stage))
    };
    ruling.named(List::Stop, trip.kind, trip.name.clone())
}
