//! Rule 16: a stop that tripped stays tripped.

use super::parts::*;
use super::rollout::*;
use crate::assessment::{Code, Outcome};
use crate::kind::{GateKind, List};
use crate::verdict::Verdict;

const EXIT: &str = "pilot/exit";

/// Tripped 40 minutes ago, clear since.
fn tripped() -> Rollout {
    let mut rollout = Rollout::exit(vec![kpi(List::Stop), kpi(List::Exit)]);
    rollout.start(60, "pilot");
    rollout.bad = vec![(42, 41)];
    rollout.check(40, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::Stop);
    rollout
}

#[test]
fn rule_16_a_stop_that_recovered_stays_tripped_until_somebody_resumes() {
    let mut rollout = tripped();
    // The samples from then are gone, as if they had never been bad.
    rollout.bad.clear();
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
    assert_eq!(
        rollout.found(EXIT, "kpis"),
        (Outcome::Tripped, "tripped-before")
    );
    let criterion = rollout.criterion(EXIT, "kpis");
    assert!(
        criterion
            .reason
            .starts_with("tripped at 2026-11-19T23:20:00Z: 9 at")
            && criterion
                .reason
                .ends_with("; now clear, and nobody has resumed"),
        "{}",
        criterion.reason
    );
    assert_eq!(
        command(&criterion),
        "gate pause plan.yaml --stage pilot --why <reason>"
    );
    rollout.check(30, &[EXIT]).resume(20, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_16_neither_a_start_nor_a_pause_nor_a_resume_of_another_stage_clears_it() {
    let mut rollout = tripped();
    rollout.bad.clear();
    rollout
        .start(30, "pilot")
        .pause(29, "pilot")
        .resume(28, "pilot-2");
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
}

#[test]
fn rule_16_after_a_resume_stops_look_no_further_back_than_it() {
    let mut rollout = tripped();
    rollout.resume(30, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.bad.push((3, 2));
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
    assert_eq!(rollout.found(EXIT, "kpis").1, "breach");
}

#[test]
fn rule_16_a_resume_that_ends_a_pause_alone_hides_nothing_from_the_stops() {
    let mut rollout = Rollout::exit(vec![kpi(List::Stop), kpi(List::Exit)]);
    rollout.start(60, "pilot").check(45, &[EXIT]);
    rollout.bad = vec![(42, 41)];
    rollout.pause(40, "pilot").resume(30, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
    rollout.check(20, &[EXIT]).resume(10, "pilot");
    assert_eq!(rollout.found(EXIT, "kpis").0, Outcome::Clear);
    // Nor does the pause of a stop that was lifted before bring that back.
    rollout.pause(8, "pilot").resume(7, "pilot");
    assert_eq!(rollout.found(EXIT, "kpis").0, Outcome::Clear);
}

#[test]
fn rule_16_a_stop_that_trips_again_after_the_resume_stays_tripped_again() {
    let mut rollout = tripped();
    rollout.resume(30, "pilot");
    rollout.bad = vec![(22, 21)];
    rollout.check(20, &[EXIT]);
    rollout.bad.clear();
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
}

#[test]
fn rule_16_a_tripped_stop_does_not_vanish_with_an_edit_of_the_plan() {
    let mut rollout = tripped();
    rollout.bad.clear();
    rollout.plan.stages[0].gates[0].criteria.remove(0);
    let gate = rollout.gate(EXIT);
    assert_eq!(gate.verdict, Verdict::Stop);
    let criterion = &gate.criteria[0];
    assert_eq!(
        (criterion.list, criterion.kind.word()),
        (List::Stop, "kpis")
    );
    assert_eq!(
        (criterion.outcome, criterion.code),
        (Outcome::Tripped, Code::TrippedBefore)
    );
    assert!(criterion.reason.contains("it is no longer in the plan"));
    // Nor if its condition was made laxer.
    let mut rollout = tripped();
    rollout.bad.clear();
    let stop = &mut rollout.plan.stages[0].gates[0].criteria[0];
    if let crate::plan::criteria::Ask::Kpi(ask) = &mut stop.ask {
        "> 50".clone_into(&mut ask.condition.text);
    }
    let gate = rollout.gate(EXIT);
    assert_eq!(
        (
            gate.verdict,
            gate.counts.stops.total,
            gate.counts.stops.clear
        ),
        (Verdict::Stop, 2, 1)
    );
    rollout.resume(20, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_16_a_check_for_a_time_before_the_resume_trips_nothing_again() {
    let mut rollout = tripped();
    rollout.resume(30, "pilot").check_recorded(38, 20, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::Stop);
    rollout.check(10, &[EXIT]);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_16_a_stop_affects_the_exit_gate_of_its_stage_and_the_end_of_the_rollout() {
    let mut rollout = tripped();
    let exit = vec![(GateKind::Exit, vec![kpi(List::Exit)])];
    rollout.plan.stages.push(stage("wave", exit));
    rollout.start(35, "wave");
    assert_ne!(rollout.verdict("wave/exit"), Verdict::Go);
    let entry = vec![(GateKind::Entry, vec![kpi(List::Entry)])];
    rollout.plan.stages.push(stage("last", entry));
    assert_eq!(rollout.verdict("wave/exit"), Verdict::Go);
}

#[test]
fn rule_16_an_incident_that_stopped_the_rollout_still_blocks_it_once_closed() {
    let stop = incidents(List::Stop, &["sev1"], &[], None);
    let mut rollout = Rollout::exit(vec![stop, kpi(List::Exit)]);
    rollout.start(60, "pilot").open(50, "INC-1", "sev1");
    rollout.check(45, &[EXIT]).close(40, "INC-1");
    assert_eq!(
        rollout.found(EXIT, "incidents"),
        (Outcome::Tripped, "tripped-before")
    );
    rollout.resume(30, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_16_what_tripped_in_a_look_ahead_is_cleared_by_the_resume_after_it() {
    let mut rollout = tripped();
    rollout.bad = vec![(-5, -6)];
    rollout.check_recorded(-10, 35, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::Stop);
    rollout.resume(30, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}
