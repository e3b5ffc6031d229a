//! A stop that tripped stays tripped until a named person resumes, even if what tripped it has recovered, or it was removed
//! from the plan.

use super::context::{CriterionContext, Ruling};
use crate::assessment::{Code, CriterionAssessment, Outcome};
use crate::kind::{GateKind, List};
use crate::ledger::Trip;
use crate::rollout::RecordedCheck;

/// Keeps stops tripped that tripped in an earlier check. Those that are no longer in the plan come first.
pub(super) fn hold(
    mut criteria: Vec<CriterionAssessment>,
    context: &CriterionContext<'_>,
) -> Vec<CriterionAssessment> {
    if context.gate.kind != GateKind::Exit {
        return criteria;
    }
    let mut gone = Vec::new();
    for (check, trip) in context.rollout.history().trips(&context.stage.name) {
        let mut known = false;
        for criterion in criteria.iter_mut().filter(|one| is(one, trip)) {
            known = true;
            held(criterion, check, trip);
        }
        if !known {
            gone.push(missing(check, trip));
        }
    }
    gone.append(&mut criteria);
    let commands = context.rollout.after_stop(&context.stage.name).commands;
    for criterion in gone
        .iter_mut()
        .filter(|one| one.outcome == Outcome::Tripped)
    {
        criterion.next_step = commands.first().cloned();
    }
    gone
}

fn is(criterion: &CriterionAssessment, trip: &Trip) -> bool {
    criterion.list == List::Stop
        && criterion.kind == trip.kind
        && criterion.name == trip.name
        && criterion.condition == trip.condition
}

/// When it was first seen, and why it had tripped.
fn story(check: RecordedCheck<'_>, trip: &Trip) -> String {
    let at = check.check.evaluated_at;
    format!("tripped at {at}: {}", trip.reason)
}

/// A criterion of the plan. If it trips now too, what is measured now says more.
fn held(criterion: &mut CriterionAssessment, check: RecordedCheck<'_>, trip: &Trip) {
    let story = story(check, trip);
    if criterion.outcome == Outcome::Tripped {
        let (at, number) = (check.check.evaluated_at, check.entry.number);
        criterion
            .notes
            .push(format!("first tripped at {at}, in check #{number}"));
    } else {
        let now = criterion.outcome.word();
        criterion
            .notes
            .push(format!("now {now}: {}", criterion.reason));
        criterion.reason = format!("{story}; now {now}, and nobody has resumed");
        criterion.code = Code::TrippedBefore;
        criterion.outcome = Outcome::Tripped;
    }
    criterion.based_on.push(check.entry.into());
}

/// A criterion that is no longer in the plan: removing it does not undo what it saw.
fn missing(check: RecordedCheck<'_>, trip: &Trip) -> CriterionAssessment {
    let reason = format!(
        "{}; it is no longer in the plan, and nobody has resumed",
        story(check, trip)
    );
    let ruling = Ruling {
        condition: trip.condition.clone(),
        ..Ruling::bad(Code::TrippedBefore, reason).based_on(check.entry)
    };
    ruling.named(List::Stop, trip.kind, trip.name.clone())
}
