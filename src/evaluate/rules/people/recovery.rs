//! Rule 17: recovery gates.

use super::parts::*;
use super::rollout::*;
use crate::assessment::{Code, Outcome};
use crate::evaluate::rules::scene::minutes;
use crate::kind::{GateKind, List};
use crate::ledger::Answer;
use crate::plan::criteria::Ask;
use crate::plan::{Baseline, Bound};
use crate::verdict::Verdict;

const RECOVERY: &str = "pilot/recovery";

fn recovers() -> Rollout {
    let gates = vec![
        (GateKind::Exit, vec![kpi(List::Exit)]),
        (GateKind::Recovery, vec![kpi(List::Recovery)]),
    ];
    let mut rollout = Rollout::of(vec![stage("pilot", gates)]);
    rollout.start(60, "pilot");
    rollout
}

#[test]
fn rule_17_without_a_rollback_there_is_nothing_to_recover_from() {
    let rollout = recovers();
    assert_eq!(
        rollout.found(RECOVERY, "kpis"),
        (Outcome::Unknown, "not-rolled-back")
    );
    assert_eq!(
        rollout.found(RECOVERY, "rollback"),
        (Outcome::Unknown, "not-rolled-back")
    );
    let gate = rollout.gate(RECOVERY);
    assert_eq!(gate.verdict, Verdict::Hold);
    assert!(!gate.window.expect("a window").complete);
}

#[test]
fn rule_17_recovery_is_observed_from_the_rollback_on() {
    let mut rollout = recovers();
    rollout.roll_back(30, "pilot");
    // Bad until the rollback.
    rollout.bad = vec![(60, 31)];
    let complete = rollout.assessed_at(20, &[RECOVERY]).gates.remove(0);
    assert_eq!(complete.verdict, Verdict::Go);
    let early = rollout.assessed_at(25, &[RECOVERY]).gates.remove(0);
    assert_eq!(early.criteria[0].code, Code::WindowIncomplete);
    assert!(
        early.criteria[0]
            .reason
            .starts_with("5m of 10m observed since the rollback, complete at 2026-11-19T23:40:00Z"),
        "{}",
        early.criteria[0].reason
    );
    rollout.bad = vec![(28, 28)];
    let early = rollout.assessed_at(25, &[RECOVERY]).gates.remove(0);
    assert_eq!(early.verdict, Verdict::NoGo);
}

#[test]
fn rule_17_the_last_rollback_counts() {
    let mut rollout = recovers();
    rollout
        .roll_back(40, "pilot")
        .resume(30, "pilot")
        .roll_back(5, "pilot");
    assert_eq!(rollout.found(RECOVERY, "kpis").1, "window-incomplete");
}

#[test]
fn rule_17_a_pause_does_not_block_it_and_people_may_be_asked() {
    let mut rollout = recovers();
    let gate = &mut rollout.plan.stages[0].gates[1];
    gate.criteria.push(confirmation(List::Recovery));
    rollout.answer(50, "pilot", "lead", Answer::Yes);
    rollout.pause(45, "pilot").roll_back(40, "pilot");
    assert_eq!(rollout.found(RECOVERY, "confirmations").0, Outcome::Unknown);
    rollout.answer(30, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.verdict(RECOVERY), Verdict::Go);
}

#[test]
fn rule_17_the_stage_stays_flagged_until_recovery_is_go() {
    let mut rollout = recovers();
    let flags = |rollout: &Rollout| rollout.gate("pilot/exit").flags;
    assert!(flags(&rollout).is_empty());
    rollout.roll_back(40, "pilot");
    let flag = "pilot was rolled back by ada at 2026-11-19T23:20:00Z: because; not yet recovered: check pilot/recovery";
    assert_eq!(flags(&rollout), [flag]);
    rollout.check(35, &[RECOVERY]).resume(33, "pilot");
    assert_eq!(flags(&rollout), [flag]);
    // The same check removes the flag, even from gates before it.
    let gates = rollout.assessed_at(0, &["pilot/exit", RECOVERY]).gates;
    assert!(gates.iter().all(|gate| gate.flags.is_empty()));
    rollout.check(20, &[RECOVERY]);
    assert!(flags(&rollout).is_empty());
    rollout.roll_back(10, "pilot");
    assert_eq!(flags(&rollout).len(), 1);
}

#[test]
fn rule_17_a_recovery_from_an_earlier_rollback_does_not_count() {
    let mut rollout = recovers();
    rollout
        .roll_back(50, "pilot")
        .check(35, &[RECOVERY])
        .roll_back(30, "pilot");
    // Judged as of before the second rollback, recorded after it.
    rollout.check_recorded(32, 29, &[RECOVERY]);
    assert_eq!(rollout.last(RECOVERY).1, Verdict::Go);
    assert_eq!(rollout.gate("pilot/exit").flags.len(), 1);
}

#[test]
fn rule_17_without_a_recovery_gate_the_flag_ends_when_the_stage_goes_on() {
    let mut rollout = recovers();
    rollout.plan.stages[0].gates.pop();
    rollout.roll_back(40, "pilot");
    assert_eq!(rollout.gate("pilot/exit").flags.len(), 1);
    rollout.resume(30, "pilot");
    assert!(rollout.gate("pilot/exit").flags.is_empty());
}

#[test]
fn rule_10_a_baseline_before_the_start_ends_before_the_release_touched_the_stage() {
    let mut rollout = recovers();
    for gate in &mut rollout.plan.stages[0].gates {
        if let Ask::Kpi(ask) = &mut gate.criteria[0].ask {
            ask.baseline = Some(Baseline::Before(minutes(20)));
            ask.condition.bound = Bound::Baseline;
            ask.condition.comparison = crate::plan::Comparison::LessOrEqual;
        }
    }
    // All was bad while the release was there: nothing to compare with.
    rollout.bad = vec![(59, 30), (10, 0)];
    rollout.roll_back(30, "pilot").resume(25, "pilot");
    for gate in [RECOVERY, "pilot/exit"] {
        assert_eq!(
            rollout.found(gate, "kpis"),
            (Outcome::Unmet, "breach"),
            "{gate}"
        );
    }
}

#[test]
fn rule_17_the_window_blocks_a_recovery_that_asks_only_people() {
    let gates = vec![(GateKind::Recovery, vec![confirmation(List::Recovery)])];
    let mut rollout = Rollout::of(vec![stage("pilot", gates)]);
    rollout.start(60, "pilot").roll_back(9, "pilot");
    rollout.answer(5, "pilot", "lead", Answer::Yes);
    assert_eq!(
        rollout.found(RECOVERY, "window"),
        (Outcome::Unknown, "window-incomplete")
    );
    assert_eq!(rollout.verdict(RECOVERY), Verdict::Hold);
    rollout.entries[1].at = ago(10);
    assert_eq!(rollout.verdict(RECOVERY), Verdict::Go);
}

#[test]
fn l11_what_comes_after_a_recovery_that_was_shown_is_a_resume() {
    let mut rollout = recovers();
    rollout.roll_back(30, "pilot");
    let resume = "gate resume plan.yaml --stage pilot --why <reason>";
    for gates in [&["pilot/exit", RECOVERY][..], &[RECOVERY]] {
        let assessed = rollout.assessed_at(0, gates);
        let next = assessed.next.expect("a next step");
        assert_eq!(next.command.command("plan.yaml"), resume);
        assert_eq!(next.first, None);
    }
    // Nor does any criterion ask for the recovery again.
    let assessed = rollout.assessed_at(0, &["pilot/exit", RECOVERY]);
    let steps = assessed.gates.iter().flat_map(|gate| &gate.criteria);
    let steps: Vec<String> = steps
        .filter_map(|one| Some(one.next_step.as_ref()?.command("plan.yaml")))
        .collect();
    assert_eq!(steps, [resume]);
}
