//! T6, T7: clocks that disagree. The order is that of the entries, and no GO gets past what was found for a later time.

use super::parts::*;
use super::rollout::*;
use crate::assessment::Outcome;
use crate::evaluate::Request;
use crate::kind::{GateKind, List};
use crate::ledger::Ledger;
use crate::rollout::later_checks;
use crate::verdict::Verdict;

const EXIT: &str = "pilot/exit";

/// The whole ledger, as a check knows it that names no time, whatever the clocks say.
fn knowing_all(rollout: &Rollout, at: i64, gate: &str) -> Request {
    Request {
        ledger: Some(Ledger::new(rollout.entries.clone())),
        ..rollout.request(at, &[gate], false)
    }
}

fn verdict(rollout: &Rollout, at: i64, gate: &str) -> (Verdict, Vec<(Outcome, &'static str)>) {
    let mut gates = rollout.judged(&knowing_all(rollout, at, gate)).gates;
    let gate = gates.remove(0);
    let found = gate
        .criteria
        .iter()
        .map(|one| (one.outcome, one.code.word()));
    (gate.verdict, found.collect())
}

#[test]
fn t6_an_incident_recorded_after_the_start_came_up_since_whatever_its_date() {
    let ask = incidents(List::Exit, &[], &["sev1"], None);
    let mut rollout = Rollout::exit(vec![ask]);
    rollout.start(60, "pilot");
    rollout.open(63, "INC-1", "sev1").close(62, "INC-1");
    let unmet = vec![(Outcome::Unmet, "incident")];
    assert_eq!(verdict(&rollout, 0, EXIT), (Verdict::NoGo, unmet.clone()));
    // One that is dated after the start counts, too, though it was recorded before it.
    let mut before = Rollout::exit(vec![incidents(List::Exit, &[], &["sev1"], None)]);
    before.open(59, "INC-1", "sev1").close(58, "INC-1");
    before.start(60, "pilot");
    assert_eq!(verdict(&before, 0, EXIT), (Verdict::NoGo, unmet));
}

#[test]
fn t6_a_stop_recorded_after_a_resume_sticks_whatever_its_date() {
    let tripped = |judged, recorded| {
        let mut rollout = Rollout::exit(vec![kpi(List::Stop), kpi(List::Exit)]);
        rollout
            .start(60, "pilot")
            .pause(50, "pilot")
            .resume(30, "pilot");
        rollout.bad = vec![(42, 35)];
        // A clock that is behind: it judges a time before the resume, which it does not know.
        let mut known = rollout.clone();
        known.entries.truncate(1);
        let found = known.judged(&known.request(judged, &[EXIT], false));
        rollout.record(judged, recorded, &found);
        rollout.bad.clear();
        verdict(&rollout, 0, EXIT).0
    };
    assert_eq!(tripped(34, 34), Verdict::Stop);
    assert_eq!(tripped(36, 34), Verdict::Stop, "clocks differ by 2 minutes");
    // The resume is dated after a check that was recorded later: its date says nothing about moments.
    assert_eq!(tripped(37, 34), Verdict::Stop);
    // A check for a past moment found what the resume has cleared.
    assert_eq!(tripped(34, 20), Verdict::Go);
}

#[test]
fn t7_no_go_gets_past_what_was_found_for_a_later_time() {
    let mut rollout = Rollout::exit(vec![kpi(List::Exit)]);
    rollout.start(60, "pilot");
    assert_eq!(verdict(&rollout, 10, EXIT).0, Verdict::Go);
    rollout.bad = vec![(8, 8)];
    rollout.check(5, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::NoGo);
    // It was asked before, and recorded after.
    let met = (Outcome::Met, "met");
    let newer = (Outcome::Unknown, "newer-check");
    assert_eq!(
        verdict(&rollout, 10, EXIT),
        (Verdict::Hold, vec![newer, met])
    );
    let found = rollout.judged(&knowing_all(&rollout, 10, EXIT)).gates;
    assert_eq!(
        found[0].criteria[0].reason,
        "pilot/exit was NO-GO at 2026-11-19T23:55:00Z, in check #2, and this check is for 2026-11-19T23:50:00Z: check again for a later time"
    );
    assert_eq!(found[0].verdict_without_approvals, Verdict::Hold);
    // Once the time is later, it speaks for itself.
    rollout.bad.clear();
    assert_eq!(verdict(&rollout, 4, EXIT).0, Verdict::Go);
    // A check for a past moment knows what was recorded by then, and of this nevertheless.
    let mut then = rollout.request(10, &[EXIT], false);
    assert_eq!(rollout.judged(&then).gates[0].verdict, Verdict::Go);
    then.later_checks = later_checks(&Ledger::new(rollout.entries.clone()), ago(10));
    assert_eq!(then.later_checks.len(), 1);
    assert_eq!(rollout.judged(&then).gates[0].verdict, Verdict::Hold);
}

#[test]
fn t7_a_no_go_by_a_clock_ahead_names_the_way_past_it() {
    let mut rollout = Rollout::exit(vec![kpi(List::Exit)]);
    rollout.start(60, "pilot");
    rollout.bad = vec![(-1438, -1440)];
    rollout.check(-1440, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::NoGo);
    rollout.bad.clear();
    let found = rollout.judged(&knowing_all(&rollout, 0, EXIT)).gates;
    let newer = &found[0].criteria[0];
    assert!(
        newer
            .reason
            .contains("which is dated 24h ahead of this one"),
        "{}",
        newer.reason
    );
    assert_eq!(
        command(newer),
        "gate override plan.yaml pilot/exit --why <reason> --expires 4h"
    );
}

#[test]
fn t7_a_later_hold_or_another_attempt_says_nothing() {
    let mut rollout = Rollout::exit(vec![kpi(List::Exit)]);
    rollout.start(60, "pilot");
    rollout.check(5, &[EXIT]);
    assert_eq!(verdict(&rollout, 10, EXIT).0, Verdict::Go);
    rollout.bad = vec![(8, 8)];
    rollout.check(5, &[EXIT]);
    rollout.bad.clear();
    assert_eq!(verdict(&rollout, 10, EXIT).0, Verdict::Hold);
    rollout.roll_back(40, "pilot").start(40, "pilot");
    assert_eq!(verdict(&rollout, 10, EXIT).0, Verdict::Go);
}

#[test]
fn t6_a_rollback_of_an_earlier_stage_holds_what_runs_on_it() {
    let stages = |recovery| {
        let exit = vec![(GateKind::Exit, vec![kpi(List::Exit)])];
        let mut last = exit.clone();
        last.push((GateKind::Recovery, recovery));
        vec![
            stage("pilot", exit.clone()),
            stage("wave-1", last),
            stage("wave-2", exit),
        ]
    };
    let mut rollout = Rollout::of(stages(vec![kpi(List::Recovery)]));
    rollout
        .start(100, "pilot")
        .check(80, &[EXIT])
        .start(70, "wave-1");
    assert_eq!(verdict(&rollout, 0, "wave-1/exit").0, Verdict::Go);
    rollout.roll_back(60, "pilot");
    let held = vec![(Outcome::Unknown, "rolled-back"), (Outcome::Met, "met")];
    assert_eq!(verdict(&rollout, 0, "wave-1/exit"), (Verdict::Hold, held));
    let criterion = rollout.criterion("wave-1/exit", "rollback");
    assert_eq!(criterion.name, "pilot");
    assert_eq!(
        command(&criterion),
        "gate resume plan.yaml --stage pilot --why <reason>"
    );
    let mut both = rollout.clone();
    both.roll_back(50, "wave-1");
    assert_eq!(verdict(&both, 0, "wave-1/recovery").0, Verdict::Hold);
    both.resume(45, "pilot");
    assert_eq!(verdict(&both, 0, "wave-1/recovery").0, Verdict::Go);
    // One that the rollout has moved on from stays as it is.
    rollout.start(55, "wave-2");
    assert_eq!(verdict(&rollout, 0, "wave-1/exit").0, Verdict::Go);
    rollout.resume(50, "pilot");
    assert_eq!(verdict(&rollout, 0, "wave-2/exit").0, Verdict::Go);
}

#[test]
fn t6_a_resume_by_a_clock_ahead_hides_nothing_from_a_stop() {
    let mut rollout = Rollout::exit(vec![kpi(List::Stop), kpi(List::Exit)]);
    rollout
        .start(60, "pilot")
        .pause(50, "pilot")
        .resume(-1440, "pilot");
    rollout.bad = vec![(20, 15)];
    assert_eq!(verdict(&rollout, 0, EXIT).0, Verdict::Stop);
    // The way on is a resume by the right clock.
    let found = rollout.judged(&knowing_all(&rollout, 0, EXIT));
    rollout.record(0, 0, &found).resume(0, "pilot");
    assert_ne!(verdict(&rollout, 0, EXIT).0, Verdict::Stop);
}
