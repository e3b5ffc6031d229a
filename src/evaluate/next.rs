//! What to do after a check: one command, of the gates that decided it (L4). Must not judge.

use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::kind::Action;
use crate::rollout::{Next, NextStep, Rollout, steps};
use crate::verdict::Verdict;

/// The next command; `None` if nothing is left to do, or nothing rests on what was found.
pub(super) fn after(rollout: &Rollout<'_>, gates: &[GateAssessment]) -> Option<Next> {
    let deciding = || gates.iter().filter(|gate| !gate.outlook && !gate.look);
    // Of equals the first in plan order.
    let worst = deciding().rev().max_by_key(|gate| open(gate))?;
    match open(worst) {
        Verdict::Stop => of_a_stop(worst),
        Verdict::NoGo | Verdict::Hold => Some(of_what_is_open(worst)),
        Verdict::Go => deciding()
            .rev()
            .find_map(|gate| rollout.after_go(gate.kind, &gate.stage)),
    }
    .map(|next| next.asking(rollout.vars))
}

/// Has no criterion offer the start of a stage whose turn has not come: what leads there is offered instead.
pub(super) fn in_turn(rollout: &Rollout<'_>, criteria: &mut [CriterionAssessment]) {
    for criterion in criteria {
        let step = criterion.next_step.as_ref();
        let step = step.filter(|step| step.action == Action::Start);
        let stage = step.and_then(|step| rollout.stage(step.arguments.first()?));
        if let Some(stage) = stage {
            criterion.next_step = rollout.towards_start(stage);
        }
    }
}

/// The verdict that is left to deal with: nobody has to, where somebody proceeds anyway.
fn open(gate: &GateAssessment) -> Verdict {
    match gate.override_in_force() {
        Some(_) => Verdict::Go,
        None => gate.verdict,
    }
}

fn of_a_stop(gate: &GateAssessment) -> Option<Next> {
    let first = gate.after_stop.as_ref()?.commands.first()?;
    Some(Next::new(
        first.clone(),
        &format!("{} is STOP", gate.name()),
    ))
}

/// What settles the first criterion that decided and that somebody can settle; otherwise the gate is asked again, once there
/// is something new to find.
fn of_what_is_open(gate: &GateAssessment) -> Next {
    let cause = match gate.verdict {
        Verdict::NoGo | Verdict::Stop => Outcome::Unmet,
        Verdict::Hold | Verdict::Go => Outcome::Unknown,
    };
    let mut decided = gate.criteria.iter().filter(|one| one.outcome == cause);
    let step = decided.find_map(settling);
    let window = gate.window.as_ref();
    let runs = window.is_some_and(|window| !window.complete && window.completes_at.is_some());
    let why = if step.is_some() {
        "it settles what is open"
    } else if cause == Outcome::Unmet {
        "once what is unmet is dealt with"
    } else if runs {
        "once the window is complete"
    } else {
        "once what is open can be decided"
    };
    Next::new(step.unwrap_or_else(|| steps::check(&gate.name())), why)
}

fn settling(criterion: &CriterionAssessment) -> Option<NextStep> {
    let step = criterion.next_step.clone();
    step.filter(|step| step.action != Action::Check && !criterion.is_met_so_far())
}
