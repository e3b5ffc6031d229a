//! One answer for everybody: on random ledgers `status`, `check`, `start` and the summary agree on what was left, what is
//! running, what is blocked and what is outstanding. Drives what each of them prints from, not the rules behind it.

use super::making::*;
use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::commands::judging::select::{Selected, select};
use crate::evaluate::GateRef;
use crate::kind::{Action, CriterionKind, GateKind};
use crate::ledger::Ledger;
use crate::rollout::{GateStatus, History, StageStatus, State, Status};
use crate::verdict::Verdict;

fn stage<'a>(status: &'a Status, name: &str) -> &'a StageStatus {
    let found = status.stages.iter().find(|one| one.name == name);
    found.expect("a stage")
}

fn is_held(state: State) -> bool {
    matches!(state, State::Paused | State::Stopped | State::RolledBack)
}

fn exit_of(stage: &StageStatus) -> Option<&GateStatus> {
    let mut gates = stage.gates.iter();
    gates.find(|gate| gate.gate.kind == GateKind::Exit)
}

/// Whether `gate status` says that something counts against the last GO of a stage's exit.
fn is_contradicted(stage: &StageStatus) -> bool {
    let last = exit_of(stage).and_then(|gate| gate.last.as_ref());
    last.is_some_and(|last| last.contradicted.is_some())
}

/// Whether `gate status` calls a stage left, by override or not, and says nothing against that.
fn is_left(stage: &StageStatus) -> bool {
    let exit = exit_of(stage);
    let overridden = exit.is_some_and(|gate| gate.overridden.is_some());
    stage.state == State::Left && !is_contradicted(stage)
        || stage.state == State::Overridden && overridden
}

/// What `gate check` says that keeps a stage from beginning, except what its own entry gate asks people.
fn keeps(criterion: &CriterionAssessment) -> bool {
    let of_order = matches!(criterion.kind, CriterionKind::After | CriterionKind::Paused);
    of_order && criterion.outcome != Outcome::Met
}

/// The criterion that asks whether a stage was left.
fn asks_left<'a>(gate: &'a GateAssessment, name: &str) -> Option<&'a CriterionAssessment> {
    let mut criteria = gate.criteria.iter();
    criteria.find(|one| {
        let condition = one.condition.as_deref();
        one.kind == CriterionKind::After && one.name == name && condition == Some("left with GO")
    })
}

/// Whether `gate check` says that something recorded of a stage that has begun blocks it.
fn holds(exit: &GateAssessment, ledger: &Ledger) -> bool {
    let has_tripped = !History::of(Some(ledger)).trips(&exit.stage).is_empty();
    exit.criteria.iter().any(|one| match one.kind {
        CriterionKind::Paused | CriterionKind::Rollback => {
            one.name == exit.stage && one.next_step.is_some()
        }
        _ => one.outcome == Outcome::Tripped && has_tripped && one.next_step.is_some(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn left_is_one_answer(rollout in any_rollout(), staging in any::<bool>()) {
        let vars = vars(staging);
        let status = rollout.status(&vars);
        for one in &rollout.plan.stages {
            let Some(entry) = rollout.gate(&GateKind::Entry.of(&one.name), &vars) else { continue };
            let has_begun = stage(&status, &one.name).started.is_some();
            for before in rollout.plan.before(one) {
                let asked = asks_left(&entry, &before.name);
                // What a stage was started on is not asked again, whichever version took that stage over since.
                prop_assert!(asked.is_some() || has_begun, "a criterion for each stage before");
                let Some(asked) = asked else { continue };
                let known = stage(&status, &before.name);
                // A pause is reported separately, even for a stage that was left.
                if known.state != State::Paused {
                    prop_assert_eq!(asked.outcome == Outcome::Met, is_left(known), "{}: {}", before.name, asked.reason);
                }
            }
        }
    }

    #[test]
    fn whose_turn_it_is_is_one_answer(rollout in any_rollout(), staging in any::<bool>()) {
        let vars = vars(staging);
        let status = rollout.status(&vars);
        for one in &rollout.plan.stages {
            let known = stage(&status, &one.name);
            let entry = rollout.gate(&GateKind::Entry.of(&one.name), &vars);
            let has_begun = known.started.is_some();
            let refused = rollout.start(&one.name, &vars).err().unwrap_or_default();
            if let Some(entry) = entry.as_ref().filter(|_| !has_begun) {
                let kept = entry.criteria.iter().find(|one| keeps(one));
                prop_assert_eq!(known.state == State::AtEntry, kept.is_none(), "{}: {:?}", one.name, kept);
            }
            prop_assert_eq!(refused.contains("has already begun"), has_begun && known.state != State::RolledBack, "{}: {}", one.name, refused);
            let own = refused.lines().next().is_some_and(|why| why.contains(&format!("{}/entry", one.name)));
            let overridden = known.gates.iter().any(|gate| gate.gate.kind == GateKind::Entry && gate.overridden.is_some());
            if !has_begun && !overridden {
                prop_assert_eq!(known.state == State::AtEntry, refused.is_empty() || own, "{}: {}", one.name, refused);
            }
            let offered = status.next.as_ref().is_some_and(|next| next.command.action == Action::Start && next.command.arguments.first() == Some(&one.name));
            if offered && known.state == State::AtEntry {
                prop_assert!(refused.is_empty(), "status offers what start refuses: {}", refused);
            }
        }
    }

    #[test]
    fn what_is_running_is_one_answer(rollout in any_rollout(), staging in any::<bool>()) {
        let vars = vars(staging);
        let status = rollout.status(&vars);
        let ledger = rollout.ledger();
        let words: Vec<&str> = status.stages.iter().map(|one| one.state.word()).collect();
        prop_assert_eq!(rollout.summary(&vars), words);
        let known = status.stages.iter().flat_map(|one| &one.gates);
        let known: Vec<String> = known.filter(|gate| gate.in_play).map(|gate| gate.gate.to_string()).collect();
        let selected = select(&rollout.plan, &in_play(rollout.rollout(&ledger, &vars)));
        let judged = selected.map(|Selected { gates, .. }| {
            let name = |gate: &GateRef| {
                let (stage, gate) = gate.of(&rollout.plan).expect("a gate");
                gate.kind.of(&stage.name).to_string()
            };
            gates.iter().map(name).collect::<Vec<_>>()
        });
        prop_assert_eq!(judged.unwrap_or_default(), known);
    }

    #[test]
    fn what_is_blocked_is_one_answer(rollout in any_rollout(), staging in any::<bool>()) {
        let vars = vars(staging);
        let status = rollout.status(&vars);
        for (position, one) in rollout.plan.stages.iter().enumerate() {
            let known = stage(&status, &one.name);
            if let Some(exit) = rollout.gate(&GateKind::Exit.of(&one.name), &vars).filter(|_| known.started.is_some()) {
                prop_assert_eq!(holds(&exit, &rollout.ledger()), is_held(known.state), "{}: {:?}", one.name, known.state);
            }
            if !is_held(known.state) {
                continue;
            }
            for later in rollout.plan.stages.iter().skip(position + 1) {
                let begun = stage(&status, &later.name);
                if begun.started.is_some() {
                    continue;
                }
                prop_assert_eq!(begun.state, State::NotStarted, "{} is held before {}", one.name, later.name);
                if let Some(entry) = rollout.gate(&GateKind::Entry.of(&later.name), &vars) {
                    prop_assert_ne!(entry.verdict, Verdict::Go, "{} is held before {}", one.name, later.name);
                }
                prop_assert!(rollout.start(&later.name, &vars).is_err(), "{} is held before {}", one.name, later.name);
            }
        }
    }

    #[test]
    fn what_is_outstanding_is_one_answer(rollout in any_rollout(), staging in any::<bool>()) {
        let (mut rollout, vars) = (rollout, vars(staging));
        // Only a check that decides can say whether a signature is for the gate as it now stands: it is recorded, then
        // everybody is asked.
        if let Some(event) = rollout.check_of_all(staging) {
            rollout.record("ci", event);
        }
        let status = rollout.status(&vars);
        let owed: BTreeSet<(String, String)> = status.outstanding.iter()
            .map(|one| (one.gate.to_string(), one.next_step.command("plan.yaml")))
            .collect();
        let in_play = status.stages.iter().flat_map(|one| &one.gates).filter(|gate| gate.in_play);
        let mut asked = BTreeSet::new();
        for gate in in_play {
            // A stage that was left is watched until the next begins; nobody owes it anything.
            let known = stage(&status, &gate.gate.stage);
            let is_left = known.state == State::Left && !is_contradicted(known);
            if gate.gate.kind == GateKind::Exit && (is_left || known.started.is_none()) {
                continue;
            }
            let judged = rollout.gate(&gate.gate, &vars).expect("a gate");
            for step in judged.criteria.iter().filter_map(|one| one.next_step.as_ref()) {
                if step.action != Action::Check {
                    asked.insert((gate.gate.to_string(), step.command("plan.yaml")));
                }
            }
        }
        prop_assert_eq!(owed, asked);
    }
}
