//! Which gates of a plan are judged: `--gate`, `--before`, `--all`, or what is in play. Must not drop a gate that was asked
//! for, nor let one decide whose turn has not come.

use anyhow::{Context, bail};

use crate::evaluate::GateRef;
use crate::kind::{GateKind, GateName};
use crate::plan::{Plan, Stage};
use crate::rollout::{Part, Rollout};

/// What the command line asks for.
pub enum Selection<'a> {
    /// What is in play after these entries.
    InPlay {
        rollout: Rollout<'a>,
        /// The plan's path, for a command that people can type.
        path: &'a str,
        /// Whether `--started` says when a stage began.
        is_started: bool,
        /// Whether exits are looked at, begun or not (`--trailing`).
        is_look: bool,
    },
    /// Every gate.
    All,
    /// These gates.
    Gates(&'a [GateName]),
    /// The exits of the stages before it, as `after` says, and its own entry.
    Before(&'a str),
}

/// The gates that are judged, in plan order.
pub struct Selected {
    pub gates: Vec<GateRef>,
    /// Those among them that are judged ahead.
    pub outlook: Vec<GateRef>,
}

impl Selected {
    /// Gates that all decide.
    pub fn deciding(gates: Vec<GateRef>) -> Self {
        let outlook = Vec::new();
        Self { gates, outlook }
    }
}

/// The gates, in plan order.
///
/// # Errors
/// Stages and gates that are not in the plan; nothing left to judge; `--started` of one of several stages.
pub fn select(plan: &Plan, selection: &Selection) -> anyhow::Result<Selected> {
    let all = every_gate(plan);
    match selection {
        Selection::InPlay {
            rollout,
            path,
            is_started,
            is_look,
        } => in_play((rollout, path), &all, *is_started, *is_look),
        Selection::All => {
            let gates: Vec<GateRef> = all.iter().map(|(gate, _)| *gate).collect();
            if gates.is_empty() {
                bail!("the plan has no gate to judge");
            }
            Ok(Selected::deciding(gates))
        }
        Selection::Before(stage) => before(plan, stage, &all).map(Selected::deciding),
        Selection::Gates(names) => named(plan, names, &all).map(Selected::deciding),
    }
}

fn in_play(
    (rollout, path): (&Rollout<'_>, &str),
    all: &[(GateRef, GateKind)],
    is_started: bool,
    is_look: bool,
) -> anyhow::Result<Selected> {
    if rollout.history().begun().is_empty() && (is_started || is_look) {
        return exits_before_any_start(rollout.plan, all, is_started);
    }
    let parts: Vec<(GateRef, Part)> = (all.iter())
        .filter_map(|(gate, kind)| {
            let (stage, _) = gate.of(rollout.plan)?;
            Some((*gate, rollout.part(stage, *kind)?))
        })
        .collect();
    let outlook = parts.iter().filter(|(_, part)| *part == Part::Outlook);
    let outlook: Vec<GateRef> = outlook.map(|(gate, _)| *gate).collect();
    if outlook.len() == parts.len() {
        bail!("{}", nothing_to_judge(rollout, path));
    }
    let gates = parts.into_iter().map(|(gate, _)| gate).collect();
    Ok(Selected { gates, outlook })
}

/// That no gate is in play, as the status says it.
fn nothing_to_judge(rollout: &Rollout<'_>, path: &str) -> String {
    let what = match rollout.status(path).next {
        Some(next) => format!("{}: {}", next.why, next.in_order(path)),
        None => "every stage was left".to_owned(),
    };
    format!("nothing is in play to judge; {what}")
}

/// Where nothing was started according to the ledger, `--started` says when the stage of a plan with a single one began, and
/// `--trailing` looks at the stages that come first.
fn exits_before_any_start(
    plan: &Plan,
    all: &[(GateRef, GateKind)],
    is_started: bool,
) -> anyhow::Result<Selected> {
    if is_started && plan.stages.len() > 1 {
        bail!(
            "no start is recorded, and the plan has several stages: \
             name what `--started` is of, with --gate {}, or with --before {}",
            of_each(plan, |stage| GateKind::Exit.of(&stage.name).to_string()),
            of_each(plan, |stage| stage.name.clone()),
        );
    }
    let exits = all.iter().filter(|(gate, kind)| {
        let is_first = gate
            .of(plan)
            .is_some_and(|(stage, _)| plan.before(stage).is_empty());
        *kind == GateKind::Exit && is_first
    });
    let exits: Vec<GateRef> = exits.map(|(gate, _)| *gate).collect();
    if exits.is_empty() {
        bail!("the first stage has no exit gate to judge: name a gate with --gate");
    }
    Ok(Selected::deciding(exits))
}

/// `a, b or c`.
fn of_each(plan: &Plan, word: impl Fn(&Stage) -> String) -> String {
    let words: Vec<String> = plan.stages.iter().map(word).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
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
    let asked: Vec<GateRef> = asked.map(|(gate, _)| *gate).collect();
    if asked.is_empty() && before.is_empty() {
        bail!(
            "`{name}` is the first stage and has no entry gate: there is nothing to judge before it"
        );
    }
    if asked.is_empty() {
        bail!("neither the stage before `{name}` has an exit gate, nor `{name}` an entry gate");
    }
    Ok(asked)
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
