//! M1 to M3: a stage that has not begun has no exit, and one that has ended is judged on its own time.

use super::super::scene::minutes;
use super::parts::*;
use super::rollout::*;
use crate::assessment::{GateAssessment, Outcome};
use crate::kind::{GateKind, List};
use crate::ledger::Answer;
use crate::plan::Observe;
use crate::plan::criteria::Ask;
use crate::rollout::{LaterStart, NotBegun};
use crate::verdict::Verdict;

const EXIT: &str = "pilot/exit";
const WAVE: &str = "wave/exit";
const ENTRY: &str = "wave/entry";

/// Two stages with windows of ten minutes: a stop and an exit on the KPI; somebody says that all is well.
fn two() -> Rollout {
    let exit = || vec![kpi(List::Stop), kpi(List::Exit), confirmation(List::Exit)];
    let entry = (GateKind::Entry, vec![kpi(List::Entry)]);
    Rollout::of(vec![
        stage("pilot", vec![(GateKind::Exit, exit())]),
        stage("wave", vec![entry, (GateKind::Exit, exit())]),
    ])
}

fn trailing(mut rollout: Rollout) -> Rollout {
    for stage in &mut rollout.plan.stages {
        stage.observe = Observe::Trailing;
    }
    rollout
}

fn codes(gate: &GateAssessment) -> Vec<&'static str> {
    gate.criteria.iter().map(|one| one.code.word()).collect()
}

#[test]
fn m1_a_stage_that_has_not_begun_has_no_exit() {
    for kept in [true, false] {
        let mut rollout = two();
        rollout.kept = kept;
        rollout.answer(30, "pilot", "lead", Answer::Yes);
        let gate = rollout.gate(EXIT);
        assert_eq!(gate.verdict, Verdict::Hold);
        assert_eq!(codes(&gate), ["not-begun"; 4]);
        assert!(
            gate.criteria
                .iter()
                .all(|one| one.outcome == Outcome::Unknown)
        );
        let start = rollout.criterion(EXIT, "start");
        assert_eq!(
            start.reason,
            "pilot has not begun: record its start, or pass `--started TIME`"
        );
        assert_eq!(command(&start), "gate start plan.yaml pilot");
    }
}

#[test]
fn m1_a_first_look_shows_values_that_decide_nothing() {
    let mut rollout = two();
    rollout.bad = vec![(5, 4)];
    let gate = rollout.gate(EXIT);
    assert_eq!(gate.verdict, Verdict::Hold, "whatever was measured");
    let kpis = gate.criteria.iter().filter(|one| one.kpi.is_some());
    for criterion in kpis {
        assert!(
            criterion.reason.contains("measured anyway: 9"),
            "{}",
            criterion.reason
        );
        let kpi = criterion.kpi.as_ref().expect("a KPI");
        assert_eq!((kpi.start, kpi.end), (ago(10), ago(0)));
        assert_eq!(kpi.series[0].value, Some(9.0));
        assert_eq!(kpi.series[0].outcome, Outcome::Unknown);
    }
    let window = gate.window.expect("a window");
    assert_eq!((window.complete, window.started), (false, None));
}

#[test]
fn m1_a_stage_that_has_begun_is_judged_from_its_start() {
    let mut rollout = two();
    rollout
        .start(30, "pilot")
        .answer(20, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    assert_eq!(rollout.verdict(WAVE), Verdict::Hold);
    let mut given = two();
    given.kept = false;
    given.started = Some(30);
    assert_eq!(codes(&given.gate(EXIT)), ["clear", "met", "not-answered"]);
}

#[test]
fn m1_a_trailing_stage_is_judged_on_the_last_window_begun_or_not() {
    let mut rollout = trailing(two());
    rollout.answer(30, "pilot", "lead", Answer::Yes);
    let gate = rollout.gate(EXIT);
    assert_eq!((gate.verdict, gate.look), (Verdict::Go, false));
    let window = gate.window.expect("a window");
    assert_eq!(window.observe, Some(Observe::Trailing));
    assert_eq!(
        (window.start, window.end, window.complete),
        (ago(10), ago(0), true)
    );
    rollout.bad = vec![(9, 9)];
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
    // Its stops look back to its start, if known.
    rollout.bad = vec![(25, 25)];
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.start(30, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
}

#[test]
fn m1_a_deadline_counts_from_a_start() {
    let deadline = asked(List::Stop, Ask::Deadline(minutes(60)));
    let rollout = trailing(Rollout::exit(vec![deadline, kpi(List::Exit)]));
    assert_eq!(
        rollout.found(EXIT, "deadline"),
        (Outcome::Unknown, "not-begun")
    );
}

#[test]
fn m1_nothing_rests_on_a_look() {
    let mut rollout = two();
    rollout
        .answer(30, "pilot", "lead", Answer::Yes)
        .look(20, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::Go, "the look itself");
    let looked = rollout.looked_at(0, &[EXIT, ENTRY]).gates;
    assert_eq!((looked[0].verdict, looked[0].look), (Verdict::Go, true));
    assert!(!looked[1].look, "an entry gate has a window of its own");
    assert_eq!(looked[1].verdict, Verdict::Hold, "in the same check");
    assert!(looked[0].flags[0].contains("nothing rests on it"));
    // Nor in a later one: the stage was not left by the look.
    rollout.start(25, "pilot");
    let left = rollout.criterion(ENTRY, "after");
    assert_eq!(left.reason, "no check of pilot/exit is recorded");
    rollout.answer(10, "pilot", "lead", Answer::Yes);
    rollout.check(5, &[EXIT]);
    assert_eq!(rollout.verdict(ENTRY), Verdict::Go);
}

#[test]
fn m1_a_stop_that_a_look_saw_trip_stays_tripped_once_the_stage_has_begun() {
    let mut rollout = two();
    rollout.start(30, "pilot");
    rollout.bad = vec![(21, 21)];
    rollout.look(20, &[EXIT]);
    rollout.bad.clear();
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
    // Before it began, what was seen was not the stage's.
    let mut rollout = two();
    rollout.bad = vec![(21, 21)];
    rollout.look(20, &[EXIT]);
    rollout.bad.clear();
    rollout
        .start(15, "pilot")
        .answer(12, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn m2_a_start_after_the_judged_time_does_not_count() {
    let mut rollout = two();
    rollout
        .start(30, "pilot")
        .answer(30, "pilot", "lead", Answer::Yes);
    let mut request = rollout.request(31, &[EXIT], false);
    request.later_starts.insert(
        "pilot".into(),
        LaterStart {
            started_at: ago(30),
            recorded_at: ago(30),
        },
    );
    let gate = rollout.judged(&request).gates.remove(0);
    assert_eq!(gate.verdict, Verdict::Hold);
    let began = NotBegun::After(ago(30)).in_words("pilot");
    assert!(began.ends_with("after the time that is judged"), "{began}");
    assert!(
        gate.criteria
            .iter()
            .all(|one| one.reason.starts_with(&began))
    );
    // Whatever the command line says about it.
    request.started = Some(ago(90));
    assert_eq!(rollout.judged(&request).gates[0].verdict, Verdict::Hold);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go, "a time after it");
}

/// The first ended at 20 minutes before T, where the second began; it is bad from then on.
fn moved_on() -> Rollout {
    let mut rollout = two();
    rollout
        .start(60, "pilot")
        .answer(50, "pilot", "lead", Answer::Yes)
        .check(30, &[EXIT])
        .start(20, "wave");
    rollout.bad = vec![(19, 0)];
    rollout
}

#[test]
fn m3_what_happens_in_the_next_stage_does_not_count_for_the_first() {
    let rollout = moved_on();
    let gate = rollout.gate(EXIT);
    assert_eq!(gate.verdict, Verdict::Go);
    let window = gate.window.as_ref().expect("a window");
    assert_eq!((window.start, window.end), (ago(30), ago(20)));
    assert_eq!((window.ended, window.complete), (Some(ago(20)), true));
    for criterion in gate.criteria.iter().filter_map(|one| one.kpi.as_ref()) {
        assert_eq!(criterion.end, ago(20));
    }
    assert_eq!(rollout.verdict(WAVE), Verdict::Stop);
    // What happened before does, even at the very end.
    let mut bad = moved_on();
    bad.bad = vec![(20, 20)];
    assert_eq!(bad.verdict(EXIT), Verdict::Stop);
}

#[test]
fn m3_a_stage_that_was_cut_short_never_completes() {
    let mut rollout = two();
    rollout
        .start(25, "pilot")
        .answer(24, "pilot", "lead", Answer::Yes)
        .check(22, &[EXIT])
        .start(20, "wave");
    let gate = rollout.gate(EXIT);
    assert_eq!(gate.verdict, Verdict::Hold);
    let kpi = gate.criteria.iter().find(|one| one.list == List::Exit);
    let kpi = kpi.expect("the exit's KPI");
    assert_eq!(kpi.code.word(), "cut-short");
    assert!(
        kpi.reason.starts_with("cut short: 5m of 10m observed"),
        "{}",
        kpi.reason
    );
    rollout.check(5, &[EXIT]).proceed(4, EXIT, -60);
    assert!(
        rollout.gate(EXIT).overridden.is_some(),
        "an override settles it"
    );
    // What it saw in that time still counts.
    rollout.bad = vec![(22, 22)];
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
}

#[test]
fn m3_a_stage_that_asks_only_people_can_be_cut_short_too() {
    let mut rollout = two();
    rollout.plan.stages[0].gates[0].criteria = vec![confirmation(List::Exit)];
    rollout
        .start(25, "pilot")
        .answer(24, "pilot", "lead", Answer::Yes)
        .start(20, "wave");
    assert_eq!(
        rollout.found(EXIT, "window"),
        (Outcome::Unknown, "cut-short")
    );
}

#[test]
fn m3_a_deadline_is_kept_by_a_stage_that_had_ended() {
    let deadline = asked(List::Stop, Ask::Deadline(minutes(30)));
    let mut rollout = two();
    rollout.plan.stages[0].gates[0].criteria.push(deadline);
    rollout.start(60, "pilot").start(35, "wave");
    assert_eq!(rollout.found(EXIT, "deadline").0, Outcome::Clear);
    let mut late = two();
    let deadline = asked(List::Stop, Ask::Deadline(minutes(30)));
    late.plan.stages[0].gates[0].criteria.push(deadline);
    late.start(60, "pilot").start(20, "wave");
    assert_eq!(late.found(EXIT, "deadline").0, Outcome::Tripped);
}

#[test]
fn m3_a_stop_resumed_after_the_end_has_nothing_to_judge() {
    let mut rollout = moved_on();
    rollout.bad = vec![(42, 41)];
    rollout.check(15, &[EXIT]).resume(10, "pilot");
    let stop = rollout.gate(EXIT).criteria.remove(0);
    assert_eq!(
        (stop.outcome, stop.code.word()),
        (Outcome::Unknown, "empty-span")
    );
    assert!(
        stop.reason.contains("after the stage had ended"),
        "{}",
        stop.reason
    );
}
