//! The stops that were on their way when a stage was last checked: the ledger holds verdicts, and only the check's record knows of a
//! stop that has not tripped yet. Must not judge, nor decide what follows.

use crate::assessment::Approach;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::kind::{GateKind, List};
use crate::ledger::{Chain, LetGo};
use crate::plan::criteria::Ask;
use crate::plan::{Gate, Hold, Stage};
use crate::rollout::Rollout;
use crate::units::Instant;

/// A stop that was on its way in the last check of the exit of a stage.
pub struct Near {
    /// The stage.
    pub stage: String,
    /// The stop, with the site: `errors (BER1)`.
    pub stop: String,
    /// How far it was; `None` if the record of that check is not at hand.
    pub approach: Option<Approach>,
    /// The number of that check.
    pub check: u64,
}

impl Near {
    /// `stop errors on its way: in its stop state for 3m of 5m, … (check #17)`, as it is told at a time.
    pub fn in_words(&self, now: Instant) -> String {
        let Self { stop, check, .. } = self;
        match &self.approach {
            Some(approach) => {
                format!(
                    "stop {stop} on its way: {} (check #{check})",
                    approach.told_at(now)
                )
            }
            None => {
                format!("perhaps a stop on its way: the record of check #{check} is not at hand")
            }
        }
    }
}

/// Of some stages, as an entry keeps it.
pub fn on_its_way(
    rollout: &Rollout<'_>,
    stages: &[&str],
    witnesses: &Witnesses,
    chain: &Chain,
) -> Vec<LetGo> {
    let stages = stages.iter().filter_map(|name| rollout.stage(name));
    let near = stages.flat_map(|stage| of_stage(rollout, stage, witnesses, chain));
    let let_go = near.map(|near| LetGo {
        what: near.in_words(rollout.now),
        stage: near.stage,
    });
    let_go.collect()
}

/// Of the stages that run.
pub fn of_running(rollout: &Rollout<'_>, witnesses: &Witnesses, chain: &Chain) -> Vec<Near> {
    let running = rollout.running().into_iter();
    let near = running.flat_map(|stage| of_stage(rollout, stage, witnesses, chain));
    near.collect()
}

fn of_stage(
    rollout: &Rollout<'_>,
    stage: &Stage,
    witnesses: &Witnesses,
    chain: &Chain,
) -> Vec<Near> {
    let exit = GateKind::Exit.of(&stage.name);
    let check = rollout.history().judged(&exit);
    let asks = stage.gate(GateKind::Exit).is_some_and(may_be_on_its_way);
    let Some(check) = check.filter(|_| asks) else {
        return Vec::new();
    };
    let near = |stop: String, approach: Option<Approach>| Near {
        stage: stage.name.clone(),
        stop,
        approach,
        check: check.entry.number,
    };
    let Some(evidence) = witnesses.record(chain, check.check) else {
        return vec![near(String::new(), None)];
    };
    let gates = evidence.gates.iter().filter(|gate| gate.name() == exit);
    let criteria = gates.flat_map(|gate| &gate.criteria);
    let stops = criteria.filter_map(|one| {
        let (series, approach) = one.approach()?;
        let per = series.per.as_ref();
        let per = per.map_or_else(String::new, |per| format!(" ({per})"));
        Some(near(format!("{}{per}", one.name), Some(*approach)))
    });
    stops.collect()
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
