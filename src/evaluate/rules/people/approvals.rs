//! Rule 12: approvals.

use super::parts::*;
use super::rollout::*;
use crate::assessment::{Code, Outcome};
use crate::kind::{GateKind, List};
use crate::ledger::{Answer, Event};
use crate::verdict::Verdict;

const EXIT: &str = "pilot/exit";

/// A confirmation that is given, and a role that has to sign.
fn confirmed() -> Rollout {
    let mut rollout = Rollout::exit(vec![
        confirmation(List::Exit),
        approval(List::Exit, "product", false),
    ])
    .begun();
    rollout.answer(60, "pilot", "lead", Answer::Yes);
    rollout
}

fn two_roles() -> Rollout {
    let mut rollout = Rollout::exit(vec![
        approval(List::Exit, "product", true),
        approval(List::Exit, "security", true),
    ])
    .begun();
    rollout.check(50, &[EXIT]);
    rollout
}

#[test]
fn rule_12_a_role_signs_for_what_the_gate_is_but_for_approvals() {
    let mut rollout = confirmed();
    rollout.check(50, &[EXIT]);
    assert_eq!(rollout.last(EXIT).1, Verdict::Hold);
    assert_eq!(rollout.last(EXIT).2, Verdict::Go);
    rollout.sign(40, "bob", EXIT, "product");
    assert_eq!(rollout.found(EXIT, "approvals"), (Outcome::Met, "met"));
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    // Checks that find the same do not touch it.
    rollout.check(30, &[EXIT]).check(20, &[EXIT]);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_12_without_a_signature_the_gate_holds_and_names_the_command() {
    let mut rollout = confirmed();
    let criterion = rollout.criterion(EXIT, "approvals");
    assert_eq!(criterion.code, Code::NotAnswered);
    assert_eq!(
        command(&criterion),
        "gate approve plan.yaml product --gate pilot/exit"
    );
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
    // A signature for anything but a GO would not hold: nobody is asked for one.
    rollout.kept = false;
    let criterion = rollout.criterion(EXIT, "approvals");
    assert_eq!(criterion.code, Code::NotAnswered);
    assert_eq!(criterion.next_step, None);
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
}

#[test]
fn rule_12_a_signature_that_is_taken_back_is_none() {
    let mut rollout = confirmed();
    rollout.check(50, &[EXIT]).sign(40, "bob", EXIT, "product");
    rollout.revoke(30, EXIT, "product");
    assert_eq!(
        rollout.found(EXIT, "approvals"),
        (Outcome::Unknown, "not-answered")
    );
}

#[test]
fn rule_12_a_signature_is_for_the_plan_and_the_variables_that_were_judged() {
    let mut rollout = confirmed();
    rollout.check(50, &[EXIT]).sign(40, "bob", EXIT, "product");
    let judged = |change: fn(&mut crate::ledger::Checked)| {
        let mut rollout = rollout.clone();
        for entry in &mut rollout.entries {
            if let Event::Checked(checked) = &mut entry.event {
                change(checked);
            }
        }
        rollout.found(EXIT, "approvals")
    };
    let void = (Outcome::Unknown, "signature-void");
    assert_eq!(judged(|_| {}), (Outcome::Met, "met"));
    assert_eq!(
        judged(|checked| "p0".clone_into(&mut checked.plan_sha256)),
        void
    );
    assert_eq!(
        judged(|checked| checked.vars = vec!["env=staging".to_owned()]),
        void
    );
}

#[test]
fn rule_12_a_signature_ends_when_it_expires() {
    for (until, outcome) in [
        (-1, Outcome::Met),
        (0, Outcome::Unknown),
        (5, Outcome::Unknown),
    ] {
        let mut rollout = confirmed();
        rollout.check(50, &[EXIT]);
        rollout.sign_until(40, "bob", EXIT, "product", Some(until));
        assert_eq!(rollout.found(EXIT, "approvals").0, outcome, "{until}");
    }
}

#[test]
fn rule_12_a_signature_for_another_verdict_is_void() {
    let mut rollout = Rollout::exit(vec![
        confirmation(List::Exit),
        approval(List::Exit, "product", false),
    ])
    .begun();
    rollout.check(50, &[EXIT]).sign(40, "bob", EXIT, "product");
    assert_eq!(rollout.last(EXIT).2, Verdict::Hold);
    rollout.answer(30, "pilot", "lead", Answer::Yes);
    assert_eq!(
        rollout.found(EXIT, "approvals"),
        (Outcome::Unknown, "signature-void")
    );
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
}

#[test]
fn rule_12_a_check_in_between_with_another_verdict_voids_a_signature() {
    let mut rollout = confirmed();
    rollout.check(50, &[EXIT]).sign(40, "bob", EXIT, "product");
    rollout.answer(35, "pilot", "lead", Answer::No);
    rollout.check(30, &[EXIT]);
    rollout.answer(20, "pilot", "lead", Answer::Yes);
    assert_eq!(
        rollout.found(EXIT, "approvals"),
        (Outcome::Unknown, "signature-void")
    );
    let reason = rollout.criterion(EXIT, "approvals").reason;
    assert!(
        reason.ends_with("but that was for GO, and the check at 2026-11-19T23:30:00Z found NO-GO"),
        "{reason}"
    );
}

#[test]
fn rule_12_evidence_that_a_later_check_contradicts_can_no_longer_be_signed() {
    let mut rollout = confirmed();
    rollout.check(50, &[EXIT]);
    let (good, ..) = rollout.last(EXIT);
    rollout
        .answer(45, "pilot", "lead", Answer::No)
        .check(40, &[EXIT]);
    rollout.answer(35, "pilot", "lead", Answer::Yes);
    rollout.sign(30, "bob", EXIT, "product");
    if let Some(Event::Approved {
        evidence_sha256,
        verdict_without_approvals,
        ..
    }) = rollout.entries.last_mut().map(|entry| &mut entry.event)
    {
        (*evidence_sha256, *verdict_without_approvals) = (good, Verdict::Go);
    }
    assert_eq!(rollout.found(EXIT, "approvals").1, "signature-void");
}

#[test]
fn rule_12_judging_an_earlier_time_again_gives_nothing_to_sign() {
    let mut rollout = confirmed();
    rollout
        .answer(45, "pilot", "lead", Answer::No)
        .check(40, &[EXIT]);
    // As of 50 minutes ago it was GO; recorded after the check that found another verdict.
    rollout.check_recorded(50, 35, &[EXIT]);
    assert_eq!(rollout.last(EXIT).2, Verdict::Go);
    rollout.sign(30, "bob", EXIT, "product");
    rollout.answer(20, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.found(EXIT, "approvals").1, "signature-void");
}

#[test]
fn rule_12_evidence_of_no_recorded_check_cannot_be_signed() {
    let mut rollout = confirmed();
    rollout.check(50, &[EXIT]).sign(40, "bob", EXIT, "product");
    rollout.entries.remove(1);
    assert_eq!(rollout.found(EXIT, "approvals").1, "signature-void");
}

#[test]
fn rule_12_a_signature_is_for_one_gate() {
    let gates = || {
        let entry = vec![
            confirmation(List::Entry),
            approval(List::Entry, "product", false),
        ];
        let exit = vec![
            confirmation(List::Exit),
            approval(List::Exit, "product", false),
        ];
        vec![(GateKind::Entry, entry), (GateKind::Exit, exit)]
    };
    let mut rollout = Rollout::of(vec![stage("pilot", gates()), stage("pilot-2", gates())]);
    rollout.answer(60, "pilot", "lead", Answer::Yes);
    rollout.answer(60, "pilot-2", "lead", Answer::Yes);
    rollout.start(120, "pilot").start(100, "pilot-2");
    let all = ["pilot/entry", EXIT, "pilot-2/entry", "pilot-2/exit"];
    rollout.check(50, &all).sign(40, "bob", EXIT, "product");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    for other in ["pilot/entry", "pilot-2/entry", "pilot-2/exit"] {
        assert_eq!(
            rollout.found(other, "approvals").0,
            Outcome::Unknown,
            "{other}"
        );
    }
}

#[test]
fn rule_12_a_signature_from_before_a_rollback_is_void() {
    let mut rollout = confirmed();
    rollout.start(55, "pilot").check(50, &[EXIT]);
    rollout.sign(40, "bob", EXIT, "product");
    rollout.roll_back(30, "pilot").resume(20, "pilot");
    rollout.answer(15, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.found(EXIT, "approvals").1, "signature-void");
}

#[test]
fn rule_12_distinct_people_sign_if_the_plan_asks_for_them() {
    let mut rollout = two_roles();
    rollout.sign(40, "bob", EXIT, "product");
    rollout.sign(30, "eve", EXIT, "security");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    for alias in ["bob", "@Bob", " BOB "] {
        let mut rollout = two_roles();
        rollout.sign(40, "bob", EXIT, "product");
        rollout.sign(30, alias, EXIT, "security");
        let gate = rollout.gate(EXIT);
        let codes: Vec<_> = gate.criteria.iter().map(|one| one.code).collect();
        assert_eq!(codes, [Code::SameSigner, Code::SameSigner], "{alias}");
        assert_eq!(gate.verdict, Verdict::Hold);
    }
}

#[test]
fn rule_12_one_person_may_sign_twice_if_the_plan_does_not_mind() {
    let mut rollout = Rollout::exit(vec![
        approval(List::Exit, "product", false),
        approval(List::Exit, "security", false),
    ])
    .begun();
    rollout.check(50, &[EXIT]).sign(40, "bob", EXIT, "product");
    rollout.sign(30, "bob", EXIT, "security");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_12_a_signature_does_not_make_a_bad_gate_good() {
    let mut rollout = confirmed();
    rollout
        .answer(55, "pilot", "lead", Answer::No)
        .check(50, &[EXIT]);
    rollout.sign(40, "bob", EXIT, "product");
    assert_eq!(
        rollout.found(EXIT, "approvals"),
        (Outcome::Unknown, "signature-void")
    );
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
}

#[test]
fn rule_12_a_signature_for_a_hold_counts_for_nothing_before_and_after_it() {
    let mut rollout = confirmed();
    rollout
        .answer(55, "pilot", "lead", Answer::Revoked)
        .check(50, &[EXIT]);
    assert_eq!(rollout.last(EXIT).2, Verdict::Hold);
    rollout.sign(40, "bob", EXIT, "product");
    let on_hold = rollout.criterion(EXIT, "approvals");
    assert_eq!(
        (on_hold.outcome, on_hold.code),
        (Outcome::Unknown, Code::SignatureVoid)
    );
    let again = "but that is for HOLD: sign again once pilot/exit is GO apart from approvals";
    assert!(on_hold.reason.contains(again), "{}", on_hold.reason);
    assert_eq!(on_hold.next_step, None, "nobody signs again for a HOLD");
    rollout
        .answer(30, "pilot", "lead", Answer::Yes)
        .check(20, &[EXIT]);
    assert_eq!(
        rollout.found(EXIT, "approvals"),
        (Outcome::Unknown, "signature-void")
    );
    rollout.sign(10, "bob", EXIT, "product");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_12_a_stop_that_is_held_is_part_of_what_is_signed() {
    let mut rollout = Rollout::exit(vec![
        kpi(List::Stop),
        confirmation(List::Exit),
        approval(List::Exit, "product", false),
    ]);
    rollout.bad = vec![(40, 38)];
    rollout
        .start(60, "pilot")
        .answer(55, "pilot", "lead", Answer::Yes);
    rollout.check(39, &[EXIT]);
    rollout.bad.clear();
    assert_eq!(rollout.gate(EXIT).verdict_without_approvals, Verdict::Stop);
}

#[test]
fn rule_12_a_signature_says_about_its_evidence_what_the_check_found() {
    let mut rollout = Rollout::exit(vec![
        confirmation(List::Exit),
        approval(List::Exit, "product", false),
    ])
    .begun();
    rollout.check(50, &[EXIT]);
    assert_eq!(rollout.last(EXIT).2, Verdict::Hold);
    rollout.sign(40, "bob", EXIT, "product");
    if let Some(Event::Approved {
        verdict_without_approvals,
        ..
    }) = rollout.entries.last_mut().map(|entry| &mut entry.event)
    {
        *verdict_without_approvals = Verdict::Go;
    }
    // Only the wrong word stands between this signature and a GO.
    rollout.answer(30, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.found(EXIT, "approvals").1, "signature-void");
}

#[test]
fn rule_12_a_deadline_that_passed_is_part_of_what_is_signed_unless_the_signature_is_what_it_waits_for()
 {
    let deadline = || {
        asked(
            List::Stop,
            crate::plan::criteria::Ask::Deadline(crate::evaluate::rules::scene::minutes(60)),
        )
    };
    let asks = || {
        vec![
            deadline(),
            confirmation(List::Exit),
            approval(List::Exit, "product", false),
        ]
    };
    let mut rollout = Rollout::exit(asks());
    rollout.start(90, "pilot");
    let gate = rollout.gate(EXIT);
    assert_eq!(
        (gate.verdict, gate.verdict_without_approvals),
        (Verdict::Stop, Verdict::Stop)
    );
    rollout.answer(80, "pilot", "lead", Answer::Yes);
    let gate = rollout.gate(EXIT);
    assert_eq!(
        (gate.verdict, gate.verdict_without_approvals),
        (Verdict::Stop, Verdict::Go)
    );
}

#[test]
fn rule_12_a_look_ahead_from_before_the_signed_check_voids_nothing() {
    let mut rollout = confirmed();
    rollout.entries.clear();
    rollout.start(120, "pilot").check_recorded(-10, 70, &[EXIT]);
    assert_eq!(rollout.last(EXIT).2, Verdict::Hold);
    rollout.answer(60, "pilot", "lead", Answer::Yes);
    rollout.check(50, &[EXIT]).sign(40, "bob", EXIT, "product");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}
