//! Rule 18: overrides.

use super::parts::*;
use super::rollout::*;
use crate::kind::List;
use crate::ledger::{Answer, EventKind};
use crate::plan::criteria::Ask;
use crate::verdict::Verdict;

const EXIT: &str = "pilot/exit";

/// A NO-GO on which somebody proceeds for another hour.
fn overridden() -> Rollout {
    let mut rollout = Rollout::exit(vec![kpi(List::Stop), confirmation(List::Exit)]);
    rollout
        .start(60, "pilot")
        .answer(55, "pilot", "lead", Answer::No);
    rollout.check(50, &[EXIT]).proceed(40, EXIT, -60);
    rollout
}

fn who(rollout: &Rollout) -> Option<String> {
    rollout
        .gate(EXIT)
        .overridden
        .map(|overridden| overridden.by)
}

#[test]
fn rule_18_an_override_names_a_person_and_leaves_the_verdict() {
    let rollout = overridden();
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
    let overridden = rollout.gate(EXIT).overridden.expect("an override");
    assert_eq!(
        (overridden.by.as_str(), overridden.why.as_str()),
        ("grace", "because")
    );
    assert_eq!((overridden.expires, overridden.entry), (ago(-60), 4));
}

#[test]
fn rule_18_an_override_ends_when_it_expires() {
    for (until, holds) in [(-1, true), (0, false), (10, false)] {
        let mut rollout = overridden();
        rollout.proceed(30, EXIT, until);
        assert_eq!(who(&rollout).is_some(), holds, "{until}");
    }
}

#[test]
fn rule_18_an_override_of_a_hold_is_not_one_of_a_no_go() {
    let mut rollout = Rollout::exit(vec![confirmation(List::Exit)]).begun();
    rollout.check(50, &[EXIT]).proceed(40, EXIT, -60);
    assert!(who(&rollout).is_some());
    rollout.answer(30, "pilot", "lead", Answer::No);
    assert_eq!(
        (rollout.verdict(EXIT), who(&rollout)),
        (Verdict::NoGo, None)
    );
    // A worse verdict in between ends it too.
    rollout
        .check(25, &[EXIT])
        .answer(20, "pilot", "lead", Answer::Revoked);
    assert_eq!(
        (rollout.verdict(EXIT), who(&rollout)),
        (Verdict::Hold, None)
    );
}

#[test]
fn rule_18_there_is_no_way_past_a_stop() {
    let mut rollout = overridden();
    rollout.bad = vec![(3, 2)];
    assert_eq!(
        (rollout.verdict(EXIT), who(&rollout)),
        (Verdict::Stop, None)
    );
    rollout.check(1, &[EXIT]).proceed(1, EXIT, -60);
    assert_eq!(who(&rollout), None);
}

#[test]
fn rule_18_an_override_of_a_stop_does_not_override_anything_less() {
    let mut rollout = overridden();
    rollout.bad = vec![(32, 31)];
    rollout.check(30, &[EXIT]).proceed(25, EXIT, -60);
    rollout.resume(20, "pilot");
    assert_eq!(
        (rollout.verdict(EXIT), who(&rollout)),
        (Verdict::NoGo, None)
    );
}

#[test]
fn rule_18_a_go_needs_no_override() {
    let mut rollout = overridden();
    rollout.answer(20, "pilot", "lead", Answer::Yes);
    assert_eq!((rollout.verdict(EXIT), who(&rollout)), (Verdict::Go, None));
}

#[test]
fn rule_18_an_override_is_for_one_gate_and_one_attempt() {
    let mut rollout = overridden();
    let other = stage(
        "pilot-2",
        vec![(crate::kind::GateKind::Exit, vec![confirmation(List::Exit)])],
    );
    rollout.plan.stages.push(other);
    assert!(rollout.gate("pilot-2/exit").overridden.is_none());
    rollout.roll_back(20, "pilot").resume(15, "pilot");
    assert_eq!(who(&rollout), None);
}

#[test]
fn rule_18_what_no_recorded_check_found_is_not_overridden() {
    let mut rollout = overridden();
    rollout
        .entries
        .retain(|entry| entry.event.kind() != EventKind::Checked);
    assert_eq!(who(&rollout), None);
}

/// One criterion is unmet, and somebody proceeds on that.
fn of_one() -> Rollout {
    let exit = vec![confirmation(List::Exit), kpi(List::Exit)];
    let mut rollout = Rollout::exit(exit);
    rollout
        .start(60, "pilot")
        .answer(55, "pilot", "lead", Answer::No);
    rollout.check(30, &[EXIT]).proceed(28, EXIT, -60);
    rollout
}

#[test]
fn t11_an_override_is_for_what_was_not_met_and_for_nothing_else() {
    let mut rollout = of_one();
    assert!(who(&rollout).is_some());
    rollout.bad = vec![(5, 2)];
    assert_eq!(
        (rollout.verdict(EXIT), who(&rollout)),
        (Verdict::NoGo, None),
        "the KPI is unmet too, and nobody has accepted that"
    );
    // Nor does it hold again once a check has seen that.
    rollout.check(1, &[EXIT]);
    rollout.bad = Vec::new();
    assert_eq!(who(&rollout), None);
    // What somebody accepted as unmet may become unknown.
    let mut rollout = of_one();
    rollout.answer(20, "pilot", "lead", Answer::Revoked);
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
    assert!(who(&rollout).is_some());
}

#[test]
fn t11_an_override_of_what_was_unknown_is_none_of_what_is_unmet() {
    let exit = vec![
        confirmation(List::Exit),
        item(List::Exit),
        asked(
            List::Exit,
            Ask::Confirmation(crate::plan::criteria::ConfirmationAsk {
                id: "more".into(),
                link: None,
            }),
        ),
    ];
    let mut rollout = Rollout::exit(exit);
    rollout
        .start(60, "pilot")
        .answer(55, "pilot", "lead", Answer::No);
    rollout.check(30, &[EXIT]).proceed(28, EXIT, -60);
    assert!(who(&rollout).is_some());
    rollout.answer(20, "pilot", "more", Answer::No);
    assert_eq!(
        (rollout.verdict(EXIT), who(&rollout)),
        (Verdict::NoGo, None)
    );
}

#[test]
fn t11_an_override_ends_with_the_plan_that_was_judged() {
    let mut rollout = of_one();
    for entry in &mut rollout.entries {
        if let crate::ledger::Event::Checked(check) = &mut entry.event {
            "p0".clone_into(&mut check.plan_sha256);
        }
    }
    assert_eq!(
        (rollout.verdict(EXIT), who(&rollout)),
        (Verdict::NoGo, None)
    );
}
