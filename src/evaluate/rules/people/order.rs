//! Rules 14 and 15: the order of stages, pauses, rollbacks, and the start.

use super::parts::*;
use super::rollout::*;
use crate::assessment::Outcome;
use crate::kind::{CriterionKind, GateKind, List};
use crate::ledger::Answer;
use crate::plan::criteria::Criterion;
use crate::units::Duration;
use crate::verdict::Verdict;

const EXIT: &str = "pilot/exit";
const WAVE: &str = "wave-1/entry";

fn both(exit: Vec<Criterion>) -> Rollout {
    let entry = |list| vec![kpi(list)];
    let mut rollout = Rollout::of(vec![
        stage("pilot", vec![(GateKind::Exit, exit)]),
        stage("wave-1", vec![(GateKind::Entry, entry(List::Entry))]),
    ]);
    rollout.start(100, "pilot");
    rollout
}

fn pilot_then_wave() -> Rollout {
    both(vec![kpi(List::Stop), kpi(List::Exit)])
}

#[test]
fn rule_14_an_entry_gate_requires_that_the_stage_before_was_left() {
    let mut rollout = pilot_then_wave();
    assert_eq!(rollout.found(WAVE, "after"), (Outcome::Unknown, "not-left"));
    let gate = rollout.gate(WAVE);
    assert_eq!(
        (
            gate.verdict,
            gate.counts.criteria.met,
            gate.counts.criteria.total
        ),
        (Verdict::Hold, 1, 2)
    );
    assert_eq!(
        (gate.criteria[0].kind, gate.criteria[0].name.as_str()),
        (CriterionKind::After, "pilot")
    );
    assert_eq!(
        command(&gate.criteria[0]),
        "gate check plan.yaml --gate pilot/exit"
    );
    rollout.check(50, &[EXIT]);
    assert_eq!(rollout.verdict(WAVE), Verdict::Go);
    assert_eq!(
        rollout.criterion(WAVE, "after").reason,
        "pilot/exit was GO at 2026-11-19T23:10:00Z"
    );
}

#[test]
fn rule_14_the_first_stage_and_one_after_none_ask_for_nothing() {
    let mut rollout = pilot_then_wave();
    rollout.plan.stages[1].after = Some(Vec::new());
    assert_eq!(rollout.gate(WAVE).criteria.len(), 1);
    rollout.plan.stages.remove(0);
    rollout.plan.stages[0].after = None;
    rollout.entries.clear();
    assert_eq!(rollout.verdict(WAVE), Verdict::Go);
}

#[test]
fn rule_14_every_named_stage_must_be_left() {
    let mut rollout = pilot_then_wave();
    let other = stage("staging", vec![(GateKind::Exit, vec![kpi(List::Exit)])]);
    rollout.plan.stages.insert(0, other);
    rollout.plan.stages[2].after = Some(vec!["staging".into(), "pilot".into()]);
    rollout.check(50, &[EXIT]);
    let gate = rollout.gate(WAVE);
    let outcomes: Vec<_> = gate.criteria.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unknown, Outcome::Met, Outcome::Met]);
}

#[test]
fn rule_14_the_same_check_takes_precedence_over_the_ledger() {
    let mut rollout = pilot_then_wave();
    rollout.check(50, &[EXIT]);
    let after = |rollout: &Rollout| {
        let mut gates = rollout.assessed_at(0, &[EXIT, WAVE]).gates;
        (gates[0].verdict, gates.remove(1).criteria.remove(0).outcome)
    };
    assert_eq!(after(&rollout), (Verdict::Go, Outcome::Met));
    rollout.bad = vec![(3, 2)];
    assert_eq!(after(&rollout), (Verdict::Stop, Outcome::Unmet));
    // Without any ledger the same check is enough.
    rollout.bad.clear();
    (rollout.kept, rollout.started) = (false, Some(30));
    assert_eq!(after(&rollout), (Verdict::Go, Outcome::Met));
    assert_eq!(
        rollout.found(WAVE, "after"),
        (Outcome::Unknown, "not-in-ledger")
    );
}

#[test]
fn rule_14_a_recorded_no_go_is_unmet_and_a_hold_unknown() {
    let mut rollout = both(vec![kpi(List::Exit)]);
    rollout.check(95, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::Hold);
    assert_eq!(rollout.found(WAVE, "after"), (Outcome::Unknown, "not-left"));
    rollout.bad = vec![(52, 51)];
    rollout.check(50, &[EXIT]);
    assert_eq!(rollout.found(WAVE, "after"), (Outcome::Unmet, "not-left"));
}

#[test]
fn rule_14_a_go_from_before_the_stage_began_does_not_count() {
    let mut rollout = pilot_then_wave();
    rollout.entries.clear();
    rollout.started = Some(90);
    rollout.check(70, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::Go);
    rollout.started = None;
    rollout.start(60, "pilot");
    assert_eq!(rollout.found(WAVE, "after"), (Outcome::Unknown, "not-left"));
}

#[test]
fn rule_14_a_go_is_void_once_the_stage_was_rolled_back() {
    let mut rollout = pilot_then_wave();
    rollout.check(50, &[EXIT]).roll_back(40, "pilot");
    assert_eq!(
        rollout.found(WAVE, "after"),
        (Outcome::Unmet, "rolled-back")
    );
    rollout.resume(30, "pilot");
    assert_eq!(rollout.found(WAVE, "after"), (Outcome::Unknown, "not-left"));
    rollout.check(10, &[EXIT]);
    assert_eq!(rollout.verdict(WAVE), Verdict::Go);
}

#[test]
fn rule_14_a_check_from_before_the_rollback_that_was_recorded_after_it_does_not_count() {
    let mut rollout = pilot_then_wave();
    rollout
        .roll_back(40, "pilot")
        .check_recorded(45, 39, &[EXIT]);
    rollout.resume(30, "pilot");
    assert_eq!(rollout.last(EXIT).1, Verdict::Go);
    assert_eq!(rollout.found(WAVE, "after").0, Outcome::Unknown);
}

#[test]
fn rule_14_judging_an_earlier_time_again_does_not_get_past_a_later_verdict() {
    let mut rollout = both(vec![kpi(List::Exit)]);
    rollout.bad = vec![(42, 41)];
    rollout.check(40, &[EXIT]).check_recorded(50, 35, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::Go);
    assert_eq!(rollout.found(WAVE, "after"), (Outcome::Unmet, "not-left"));
}

#[test]
fn rule_14_a_stop_that_nobody_resumed_blocks_the_next_stage() {
    let mut rollout = pilot_then_wave();
    rollout.bad = vec![(52, 51)];
    rollout.check(50, &[EXIT]);
    rollout.bad.clear();
    assert_eq!(
        rollout.found(WAVE, "after"),
        (Outcome::Unmet, "tripped-before")
    );
    let criterion = rollout.criterion(WAVE, "after");
    assert_eq!(
        command(&criterion),
        "gate pause plan.yaml --stage pilot --why <reason>"
    );
}

#[test]
fn rule_14_a_stage_without_an_exit_gate_is_left_once_it_began() {
    let mut rollout = pilot_then_wave();
    rollout.plan.stages[0].gates[0].kind = GateKind::Entry;
    assert_eq!(rollout.found(WAVE, "after").0, Outcome::Met);
    rollout.entries.clear();
    assert_eq!(rollout.found(WAVE, "after").0, Outcome::Unknown);
    assert_eq!(
        command(&rollout.criterion(WAVE, "after")),
        "gate check plan.yaml --gate pilot/entry"
    );
}

#[test]
fn rule_14_an_overridden_exit_lets_the_next_stage_begin_and_is_named() {
    let mut rollout = both(vec![kpi(List::Exit)]);
    rollout.bad = vec![(52, 51)];
    rollout.check(50, &[EXIT]).proceed(40, EXIT, -60);
    let criterion = rollout.criterion(WAVE, "after");
    assert_eq!(criterion.outcome, Outcome::Met);
    assert!(criterion.reason.contains("NO-GO") && criterion.reason.contains("OVERRIDDEN by grace"));
}

#[test]
fn t9_an_overridden_exit_is_none_once_a_signature_that_counted_has_expired() {
    // Somebody proceeds though security has not signed; product has, until a time after that.
    for (until, outcome) in [
        (-1, Outcome::Met),
        (0, Outcome::Unknown),
        (20, Outcome::Unknown),
    ] {
        let exit = vec![
            approval(List::Exit, "security", false),
            approval(List::Exit, "product", false),
        ];
        let mut rollout = both(exit);
        rollout.check(60, &[EXIT]);
        rollout.sign_until(55, "bob", EXIT, "product", Some(until));
        rollout.check(50, &[EXIT]).proceed(40, EXIT, -60);
        let criterion = rollout.criterion(WAVE, "after");
        assert_eq!(criterion.outcome, outcome, "{until}: {}", criterion.reason);
        let is_in_force = rollout.gate(EXIT).overridden.is_some();
        assert_eq!(is_in_force, outcome == Outcome::Met, "{until}");
        if outcome != Outcome::Met {
            assert!(criterion.reason.contains("product"), "{}", criterion.reason);
        }
    }
}

#[test]
fn t9_a_signature_that_an_override_did_not_need_may_expire() {
    // It had expired by the time of the check, and the override is for that, too.
    let exit = vec![
        approval(List::Exit, "security", false),
        approval(List::Exit, "product", false),
    ];
    let mut rollout = both(exit);
    rollout.check(60, &[EXIT]);
    rollout.sign_until(55, "bob", EXIT, "product", Some(52));
    rollout.check(50, &[EXIT]).proceed(40, EXIT, -60);
    let criterion = rollout.criterion(WAVE, "after");
    assert_eq!(criterion.outcome, Outcome::Met, "{}", criterion.reason);
}

#[test]
fn rule_14_a_stage_that_was_removed_from_the_plan_still_blocks() {
    let mut rollout = pilot_then_wave();
    rollout.check(50, &[EXIT]);
    let held = |rollout: &Rollout| {
        let gate = rollout.gate(WAVE);
        let gone = gate.criteria.into_iter().find(|one| one.name == "canary");
        gone.map(|one| one.outcome)
    };
    rollout.start(45, "canary");
    // Nobody has left it: the start of the wave asks for that, too.
    assert_eq!(held(&rollout), Some(Outcome::Unknown));
    assert_eq!(rollout.criterion(WAVE, "after").next_step, None);
    assert_eq!(rollout.verdict(WAVE), Verdict::Hold);
    let mut paused = rollout.clone();
    paused.pause(40, "canary");
    assert_eq!(held(&paused), Some(Outcome::Unknown));
    rollout.roll_back(40, "canary");
    assert_eq!(held(&rollout), Some(Outcome::Unmet));
    assert_eq!(rollout.verdict(WAVE), Verdict::NoGo);
    rollout.resume(30, "canary");
    assert_eq!(held(&rollout), Some(Outcome::Unknown));
}

#[test]
fn rule_14_a_go_with_other_variables_does_not_count() {
    let mut rollout = pilot_then_wave();
    rollout.check(50, &[EXIT]);
    assert_eq!(rollout.found(WAVE, "after").0, Outcome::Met);
    if let Some(crate::ledger::Event::Checked(checked)) =
        rollout.entries.last_mut().map(|entry| &mut entry.event)
    {
        checked.vars = vec!["env=staging".to_owned()];
    }
    assert_eq!(rollout.found(WAVE, "after").0, Outcome::Unknown);
}

#[test]
fn t8_a_go_for_another_version_of_the_plan_is_asked_again() {
    let mut rollout = pilot_then_wave();
    rollout.check(50, &[EXIT]);
    assert_eq!(rollout.found(WAVE, "after").0, Outcome::Met);
    if let Some(crate::ledger::Event::Checked(checked)) =
        rollout.entries.last_mut().map(|entry| &mut entry.event)
    {
        "p0".clone_into(&mut checked.plan_sha256);
    }
    let after = rollout.criterion(WAVE, "after");
    assert_eq!(
        (after.outcome, after.code.word()),
        (Outcome::Unknown, "not-left")
    );
    assert!(after.reason.ends_with(", but the plan has changed since"));
    assert_eq!(command(&after), "gate check plan.yaml --gate pilot/exit");
}

#[test]
fn t7_a_go_is_good_for_as_long_as_the_gate_says() {
    let judged = |valid: i64| {
        let mut rollout = pilot_then_wave();
        rollout.plan.stages[0].gates[0].valid = Duration::from_secs(60 * valid);
        rollout.check(50, &[EXIT]);
        rollout.criterion(WAVE, "after")
    };
    assert_eq!(judged(51).outcome, Outcome::Met);
    let after = judged(50);
    assert_eq!(
        (after.outcome, after.code.word()),
        (Outcome::Unknown, "go-expired")
    );
    assert!(
        after
            .reason
            .contains("but its GO has expired: it was good until")
    );
    assert_eq!(command(&after), "gate check plan.yaml --gate pilot/exit");
}

#[test]
fn rule_15_a_pause_blocks_its_stage_and_those_after_it_until_somebody_resumes() {
    let mut rollout = pilot_then_wave();
    rollout.check(50, &[EXIT]).pause(40, "pilot");
    for gate in [EXIT, WAVE] {
        assert_eq!(rollout.found(gate, "paused"), (Outcome::Unknown, "paused"));
        assert_eq!(rollout.verdict(gate), Verdict::Hold);
        let criterion = rollout.criterion(gate, "paused");
        assert_eq!(
            command(&criterion),
            "gate resume plan.yaml --stage pilot --why <reason>"
        );
    }
    let flags = rollout.gate(EXIT).flags;
    assert_eq!(
        flags,
        ["pilot was paused by ada at 2026-11-19T23:20:00Z: because"]
    );
    rollout.resume(30, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    assert!(rollout.gate(EXIT).flags.is_empty());
    // T7: the GO from before the pause says nothing about the stage since.
    assert_eq!(rollout.found(WAVE, "after"), (Outcome::Unknown, "not-left"));
    rollout.check(20, &[EXIT]);
    assert_eq!(rollout.verdict(WAVE), Verdict::Go);
}

#[test]
fn rule_15_a_pause_of_a_later_or_similarly_named_stage_blocks_nothing_before_it() {
    let mut rollout = pilot_then_wave();
    rollout
        .check(50, &[EXIT])
        .pause(40, "wave-1")
        .pause(40, "pilot-2");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    assert_eq!(rollout.verdict(WAVE), Verdict::Hold);
}

#[test]
fn rule_15_implied_criteria_come_first_in_their_list_and_are_counted() {
    let mut rollout = pilot_then_wave();
    rollout.roll_back(40, "pilot").pause(35, "pilot");
    let gate = rollout.gate(EXIT);
    let kinds: Vec<_> = gate
        .criteria
        .iter()
        .map(|one| (one.list, one.kind))
        .collect();
    let expected = [
        (List::Stop, CriterionKind::Kpis),
        (List::Exit, CriterionKind::Rollback),
        (List::Exit, CriterionKind::Paused),
        (List::Exit, CriterionKind::Kpis),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(
        (
            gate.counts.criteria.met,
            gate.counts.criteria.total,
            gate.counts.stops.total
        ),
        (1, 3, 1)
    );
}

#[test]
fn rule_15_after_a_rollback_the_exit_waits_until_the_stage_goes_on() {
    let mut rollout = pilot_then_wave();
    rollout.roll_back(40, "pilot");
    assert_eq!(
        rollout.found(EXIT, "rollback"),
        (Outcome::Unknown, "rolled-back")
    );
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
    let mut again = rollout.clone();
    rollout.resume(30, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    again.start(30, "pilot");
    assert_eq!(again.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_10_what_was_measured_before_a_rollback_completes_no_window() {
    let mut rollout = pilot_then_wave();
    rollout.roll_back(8, "pilot").resume(5, "pilot");
    let window = rollout.gate(EXIT).window.expect("a window");
    assert_eq!((window.started, window.complete), (Some(ago(5)), false));
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
    // Nor does a start dated before the rollback.
    let mut rollout = pilot_then_wave();
    rollout.roll_back(8, "pilot").start(90, "pilot");
    let window = rollout.gate(EXIT).window.expect("a window");
    assert_eq!((window.started, window.complete), (Some(ago(8)), false));
}

#[test]
fn rule_10_a_start_from_the_command_line_does_not_override_the_ledger() {
    let mut rollout = pilot_then_wave();
    rollout.entries.clear();
    rollout.start(5, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
    rollout.started = Some(90);
    assert_eq!(
        rollout.found(EXIT, "start"),
        (Outcome::Unknown, "start-disputed")
    );
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
    rollout.started = Some(5);
    assert!(
        rollout
            .gate(EXIT)
            .criteria
            .iter()
            .all(|one| one.kind != CriterionKind::Start)
    );
    // Where no start is recorded, the command line says it.
    rollout.entries.clear();
    rollout.started = Some(90);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_15_the_deadline_counts_what_is_implied_as_not_met() {
    let deadline = asked(
        List::Stop,
        crate::plan::criteria::Ask::Deadline(super::super::scene::minutes(60)),
    );
    let mut rollout = both(vec![deadline, kpi(List::Exit)]);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.pause(40, "pilot");
    assert_eq!(
        rollout.found(EXIT, "deadline"),
        (Outcome::Tripped, "deadline-passed")
    );
}

#[test]
fn rule_15_an_answer_to_a_paused_gate_does_not_end_the_pause() {
    let mut rollout = both(vec![confirmation(List::Exit)]);
    rollout
        .pause(40, "pilot")
        .answer(30, "pilot", "lead", Answer::Yes);
    rollout.start(20, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
}

#[test]
fn rule_10_an_exit_from_a_stage_that_has_not_begun_shows_nothing() {
    let mut rollout = pilot_then_wave();
    let gate = crate::plan::Gate {
        kind: GateKind::Exit,
        ..rollout.plan.stages[0].gates[0].clone()
    };
    rollout.plan.stages[1].gates.push(gate);
    let start = rollout.criterion("wave-1/exit", "start");
    assert_eq!(
        (start.outcome, start.code.word()),
        (Outcome::Unknown, "not-begun")
    );
    // Its turn has not come: what comes first is said, not the start (L4).
    assert_eq!(command(&start), "gate check plan.yaml --gate pilot/exit");
    assert_eq!(rollout.verdict("wave-1/exit"), Verdict::Hold);
    // Nor does it where somebody says on the command line when it began.
    rollout.started = Some(30);
    assert_eq!(rollout.verdict("wave-1/exit"), Verdict::Hold);
    rollout.started = None;
    rollout.start(30, "wave-1");
    assert_eq!(rollout.verdict("wave-1/exit"), Verdict::Go);
    // Where nobody records what begins, nothing has begun either.
    rollout.entries.clear();
    assert_eq!(rollout.verdict("wave-1/exit"), Verdict::Hold);
}

#[test]
fn rule_1_the_window_blocks_an_exit_that_asks_only_people() {
    let mut rollout = both(vec![kpi(List::Stop), confirmation(List::Exit)]);
    rollout.entries.clear();
    rollout
        .start(9, "pilot")
        .answer(5, "pilot", "lead", Answer::Yes);
    assert_eq!(
        rollout.found(EXIT, "window"),
        (Outcome::Unknown, "window-incomplete")
    );
    let gate = rollout.gate(EXIT);
    assert_eq!(
        (gate.verdict, gate.verdict_without_approvals),
        (Verdict::Hold, Verdict::Hold)
    );
    rollout.entries[0].event = crate::ledger::Event::Started {
        stage: "pilot".into(),
        at: ago(10),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    };
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_14_a_look_ahead_settles_nothing() {
    let mut held = both(vec![confirmation(List::Exit)]);
    held.check_recorded(-10, 60, &[EXIT]);
    assert_eq!(held.last(EXIT).1, Verdict::Hold);
    held.answer(55, "pilot", "lead", Answer::Yes);
    held.check(50, &[EXIT]);
    assert_eq!(held.verdict(WAVE), Verdict::Go);
    // And a GO for then does not get past a NO-GO of now.
    held.answer(45, "pilot", "lead", Answer::No)
        .check(40, &[EXIT]);
    held.answer(39, "pilot", "lead", Answer::Yes);
    held.check_recorded(-10, 38, &[EXIT]);
    assert_eq!(held.found(WAVE, "after").0, Outcome::Unmet);
}

#[test]
fn rule_14_a_go_for_a_future_time_does_not_count_even_once_that_time_has_come() {
    for begins in [95, 70] {
        let mut rollout = both(vec![confirmation(List::Exit)]);
        rollout.entries.clear();
        if begins > 80 {
            rollout.start(begins, "pilot");
        }
        rollout.answer(90, "pilot", "lead", Answer::Yes);
        rollout.started = Some(95);
        rollout.check_recorded(50, 80, &[EXIT]);
        rollout.started = None;
        assert_eq!(rollout.last(EXIT).1, Verdict::Go);
        if begins < 80 {
            rollout.start(begins, "pilot");
        }
        assert_eq!(rollout.found(WAVE, "after").0, Outcome::Unknown);
    }
}
