//! The stops that were on their way when a stage was last checked: the ledger holds verdicts, and only the check's record knows of a
//! stop that has not tripped yet. Must not judge, nor decide what follows.

use crate::commands::ledger_file::agreement::Witnesses;
use crate::kind::{GateKind, List};
use crate::ledger::{Chain, LetGo};
use crate::plan::criteria::Ask;
use crate::plan::{Gate, Hold, Stage};
use crate::rollout::Rollout;

/// Of the stages that another version would take over now.
pub fn on_its_way(rollout: &Rollout<'_>, witnesses: &Witnesses, chain: &Chain) -> Vec<LetGo> {
    let stages = rollout.to_be_taken_over().into_iter();
    let stages = stages.filter_map(|name| rollout.stage(name));
    of(stages, rollout, witnesses, chain)
}

/// Of the stages that run.
pub fn of_running(rollout: &Rollout<'_>, witnesses: &Witnesses, chain: &Chain) -> Vec<LetGo> {
    of(rollout.running().into_iter(), rollout, witnesses, chain)
}

fn of<'s>(
    stages: impl Iterator<Item = &'s Stage>,
    rollout: &Rollout<'_>,
    witnesses: &Witnesses,
    chain: &Chain,
) -> Vec<LetGo> {
    let found = stages.flat_map(|stage| {
        let what = of_stage(rollout, stage, witnesses, chain).into_iter();
        what.map(|what| LetGo {
            stage: stage.name.clone(),
            what,
        })
    });
    found.collect()
}

fn of_stage(
    rollout: &Rollout<'_>,
    stage: &Stage,
    witnesses: &Witnesses,
    chain: &Chain,
) -> Vec<String> {
    let exit = GateKind::Exit.of(&stage.name);
    let check = rollout.history().judged(&exit);
    let asks = stage.gate(GateKind::Exit).is_some_and(may_be_on_its_way);
    let Some(check) = check.filter(|_| asks) else {
        return Vec::new();
    };
    let number = check.entry.number;
    let Some(evidence) = witnesses.record(chain, check.check) else {
        return vec![format!(
            "perhaps a stop on its way: the record of check #{number} is not at hand"
        )];
    };
    let gates = evidence.gates.iter().filter(|gate| gate.name() == exit);
    let criteria = gates.flat_map(|gate| &gate.criteria);
    let near = criteria.filter_map(|one| {
        let (series, approach) = one.approach()?;
        let per = series.per.as_ref();
        let per = per.map_or_else(String::new, |per| format!(" ({per})"));
        let name = &one.name;
        Some(format!(
            "stop {name}{per} on its way: {approach} (check #{number})"
        ))
    });
    near.collect()
}

/// Whether a stop of a gate has to last.
fn may_be_on_its_way(gate: &Gate) -> bool {
    let stops = gate.criteria.iter().filter(|one| one.list == List::Stop);
    stops.into_iter().any(|one| match &one.ask {
        Ask::Kpi(ask) => matches!(ask.condition.hold, Some(Hold::For(_))),
        Ask::Checkpoint(_)
        | Ask::Deadline(_)
        | Ask::Checklist { .. }
        | Ask::Confirmation(_)
        | Ask::Approval(_)
        | Ask::Incidents(_)
        | Ask::Alerts(_)
        | Ask::Artifact(_)
        | Ask::Probe(_)
        | Ask::Outside(_) => false,
    })
}
