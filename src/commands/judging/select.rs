//! Which gates of a plan are judged: `--gate`, `--before`, or what is in play. Must not drop a gate that was asked for.

use anyhow::{Context, bail};

use crate::evaluate::GateRef;
use crate::kind::{GateKind, GateName};
use crate::plan::Plan;
use crate::rollout::Rollout;

/// What the command line asks for.
pub enum Selection<'a> {
    /// What is in play after these entries; every entry and exit gate if nothing has begun. Recovery gates wait for a
    /// recorded rollback.
    InPlay(Rollout<'a>),
    /// These gates.
    Gates(&'a [GateName]),
    /// The exits of the stages before it, as `after` says, and its own entry.
    Before(&'a str),
}

/// The gates, in plan order.
///
/// # Errors
/// Stages and gates that are not in the plan; nothing left to judge.
pub fn select(plan: &Plan, selection: &Selection) -> anyhow::Result<Vec<GateRef>> {
    let all = every_gate(plan);
    let selected: Vec<GateRef> = match selection {
        Selection::InPlay(rollout) if rollout.running().is_empty() => entries_and_exits(&all),
        Selection::InPlay(rollout) => in_play(rollout, &all),
        Selection::Before(stage) => before(plan, stage, &all)?,
        Selection::Gates(names) => named(plan, names, &all)?,
    };
    if selected.is_empty() {
        match selection {
            Selection::Before(stage)
                if plan.stages.first().is_some_and(|one| one.name == *stage) =>
            {
                bail!(
                    "`{stage}` is the first stage and has no entry gate: there is nothing to judge before it"
                )
            }
            Selection::Before(stage) => {
                bail!(
                    "neither the stage before `{stage}` has an exit gate, nor `{stage}` an entry gate"
                )
            }
            Selection::InPlay(rollout) if !rollout.history().begun().is_empty() => bail!(
                "nothing is in play: the running stage has no exit gate, and none comes after it; name a gate with --gate"
            ),
            Selection::InPlay(_) | Selection::Gates(_) => bail!("the plan has no gate to judge"),
        }
    }
    Ok(selected)
}

fn in_play(rollout: &Rollout<'_>, all: &[(GateRef, GateKind)]) -> Vec<GateRef> {
    let mut gates: Vec<GateRef> = all.iter().map(|(gate, _)| *gate).collect();
    gates.retain(|gate| {
        let found = gate.of(rollout.plan);
        found.is_some_and(|(stage, gate)| rollout.is_in_play(stage, gate.kind))
    });
    gates
}

fn entries_and_exits(all: &[(GateRef, GateKind)]) -> Vec<GateRef> {
    let asked = all.iter().filter(|(_, kind)| *kind != GateKind::Recovery);
    asked.map(|(gate, _)| *gate).collect()
}

fn every_gate(plan: &Plan) -> Vec<(GateRef, GateKind)> {
    let mut all = Vec::new();
    for (stage, of) in plan.stages.iter().enumerate() {
        for (gate, found) in of.gates.iter().enumerate() {
            all.push((GateRef { stage, gate }, found.kind));
        }
    }
    all
}

fn before(plan: &Plan, name: &str, all: &[(GateRef, GateKind)]) -> anyhow::Result<Vec<GateRef>> {
    let stage = position(plan, name)?;
    let before: Vec<&str> = (plan.stages.get(stage).into_iter())
        .flat_map(|stage| plan.before(stage))
        .map(|stage| stage.name.as_str())
        .collect();
    let is_before = |gate: &GateRef| {
        let found = plan.stages.get(gate.stage);
        found.is_some_and(|stage| before.contains(&stage.name.as_str()))
    };
    let asked = all.iter().filter(|(gate, kind)| match kind {
        GateKind::Entry => gate.stage == stage,
        GateKind::Exit => is_before(gate),
        GateKind::Recovery => false,
    });
    Ok(asked.map(|(gate, _)| *gate).collect())
}

fn named(
    plan: &Plan,
    names: &[GateName],
    all: &[(GateRef, GateKind)],
) -> anyhow::Result<Vec<GateRef>> {
    let mut found = Vec::new();
    for name in names {
        let stage = position(plan, &name.stage)?;
        let gate = all
            .iter()
            .find(|(gate, kind)| gate.stage == stage && *kind == name.kind);
        let (gate, _) = gate.with_context(|| {
            format!(
                "the stage `{}` has no {} gate",
                name.stage,
                name.kind.word()
            )
        })?;
        found.push(*gate);
    }
    found.sort_by_key(|gate| (gate.stage, gate.gate));
    found.dedup();
    Ok(found)
}

fn position(plan: &Plan, name: &str) -> anyhow::Result<usize> {
    let found = plan.stages.iter().position(|stage| stage.name == name);
    found.with_context(|| {
        let names: Vec<&str> = plan.stages.iter().map(|one| one.name.as_str()).collect();
        format!(
            "the plan has no stage `{name}`: it has {}",
            names.join(", ")
        )
    })
}
