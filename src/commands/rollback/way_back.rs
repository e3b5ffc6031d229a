//! `gate rollback --to`: the rollout goes back to a stage (L7). `rollout` decides whether it can.

use crate::commands::deeds::context::{Decision, DecisionContext};
use crate::commands::deeds::refusal::Refusal;
use crate::kind::GateKind;
use crate::ledger::Event;
use crate::plan::Stage;
use crate::rollout::NoWayBack;

/// That the rollout goes back to a stage, and what that means.
pub(super) fn reopened(
    context: &DecisionContext<'_>,
    to: &Stage,
    from: &Stage,
) -> Result<Decision, Refusal> {
    let rollout = context.rollout;
    let stages = rollout.way_back(to, from).map_err(|no_way| {
        let refusal = Refusal::standing(no_way.to_string());
        let leads_there = match no_way {
            NoWayBack::NotBegun(_) | NoWayBack::Already(..) => rollout.towards_start(to),
            NoWayBack::Later(..) | NoWayBack::Beside(..) => None,
        };
        match leads_there {
            Some(step) => refusal.command(&context.typed(&step)),
            None => refusal,
        }
    })?;
    let names: Vec<String> = stages.into_iter().map(str::to_owned).collect();
    let listed = names.join(", ");
    let event = Event::Reopened {
        stage: to.name.clone(),
        stages: names,
    };
    let entry = to.gate(GateKind::Entry).map(|gate| gate.kind.of(&to.name));
    let asked = match &entry {
        Some(entry) => format!("{entry} is asked again: no check before this counts"),
        None if rollout.plan.before(to).is_empty() => format!(
            "{} has no entry gate: it begins when somebody starts it",
            to.name
        ),
        None => format!(
            "{} has no entry gate: it begins when somebody starts it, once what comes before it was left",
            to.name
        ),
    };
    let next = rollout.after_way_back(to);
    let decision = Decision::of(event, format!("back to {}", to.name)).meaning(asked);
    let means =
        format!("no longer begun: {listed}; what was signed, confirmed and observed there is void");
    Ok(decision.meaning(means).next(context.typed(&next)))
}
