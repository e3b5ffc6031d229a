//! Rule 11: confirmations and checklists.

use super::parts::*;
use super::rollout::*;
use crate::assessment::{BasedOn, Code, Outcome};
use crate::kind::{GateKind, List};
use crate::ledger::Answer;
use crate::plan::criteria::Ask;
use crate::verdict::Verdict;

const EXIT: &str = "pilot/exit";

fn asks() -> Rollout {
    Rollout::exit(vec![confirmation(List::Exit), item(List::Exit)]).begun()
}

#[test]
fn rule_11_what_is_answered_with_yes_is_met() {
    let mut rollout = asks();
    rollout.answer(9, "pilot", "lead", Answer::Yes);
    rollout.answer(8, "pilot", "readiness/rollback", Answer::Yes);
    let gate = rollout.gate(EXIT);
    assert_eq!(
        (
            gate.verdict,
            gate.counts.criteria.met,
            gate.counts.criteria.total
        ),
        (Verdict::Go, 2, 2)
    );
    let criterion = &gate.criteria[0];
    assert_eq!(
        criterion.reason,
        "confirmed by ada at 2026-11-19T23:51:00Z: because"
    );
    assert!(criterion.next_step.is_none());
    assert!(matches!(
        criterion.based_on[..],
        [BasedOn::Entry { number: 2, .. }]
    ));
}

#[test]
fn rule_11_what_is_answered_with_no_is_unmet() {
    let mut rollout = asks();
    rollout.answer(9, "pilot", "lead", Answer::No);
    rollout.answer(8, "pilot", "readiness/rollback", Answer::Yes);
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
    let criterion = rollout.criterion(EXIT, "confirmations");
    assert_eq!(criterion.code, Code::AnsweredNo);
    rollout.answer(7, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_11_what_nobody_answered_is_unknown_with_who_owes_it_and_the_command() {
    let mut rollout = asks();
    for kept in [true, false] {
        rollout.kept = kept;
        assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
        let lead = rollout.criterion(EXIT, "confirmations");
        assert_eq!(lead.code, Code::NotAnswered);
        assert_eq!(command(&lead), "gate confirm plan.yaml lead --stage pilot");
        let item = rollout.criterion(EXIT, "checklists");
        assert_eq!(item.reason, "@ops has not confirmed it for pilot yet");
        assert_eq!(
            command(&item),
            "gate confirm plan.yaml readiness/rollback --stage pilot"
        );
        assert_eq!(
            item.next_step
                .and_then(|next_step| next_step.owner)
                .as_deref(),
            Some("@ops")
        );
        assert_eq!(item.title.as_deref(), Some("Rollback validated"));
    }
}

#[test]
fn rule_11_an_answer_that_is_taken_back_is_none() {
    let mut rollout = Rollout::exit(vec![confirmation(List::Exit)]).begun();
    rollout.answer(9, "pilot", "lead", Answer::Yes);
    rollout.answer(8, "pilot", "lead", Answer::Revoked);
    assert_eq!(
        rollout.found(EXIT, "confirmations"),
        (Outcome::Unknown, "not-answered")
    );
    let reason = rollout.criterion(EXIT, "confirmations").reason;
    assert!(
        reason.starts_with("the answer was taken back by ada"),
        "{reason}"
    );
}

#[test]
fn rule_11_an_answer_for_another_stage_or_of_like_name_is_none() {
    let mut rollout = asks();
    for stage in ["pilot-2", "pilo", "Pilot", "wave"] {
        rollout.answer(9, stage, "lead", Answer::Yes);
    }
    for id in ["leader", "rollback", "readiness", "readiness/rollback "] {
        rollout.answer(9, "pilot", id, Answer::Yes);
    }
    assert_eq!(
        (
            rollout.gate(EXIT).counts.criteria.met,
            rollout.verdict(EXIT)
        ),
        (0, Verdict::Hold)
    );
}

#[test]
fn rule_11_an_answer_holds_for_every_gate_of_its_stage() {
    let gates = vec![
        (GateKind::Entry, vec![confirmation(List::Entry)]),
        (GateKind::Exit, vec![confirmation(List::Exit)]),
    ];
    let mut rollout = Rollout::of(vec![stage("pilot", gates)]).begun();
    rollout.answer(9, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.verdict("pilot/entry"), Verdict::Go);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_11_a_yes_from_before_a_rollback_is_no_longer_one() {
    let mut rollout = Rollout::exit(vec![confirmation(List::Exit)]);
    rollout.start(60, "pilot");
    rollout.answer(40, "pilot", "lead", Answer::Yes);
    rollout.roll_back(30, "pilot").resume(20, "pilot");
    assert_eq!(
        rollout.found(EXIT, "confirmations"),
        (Outcome::Unknown, "not-answered")
    );
    rollout.answer(5, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_11_a_no_from_before_a_rollback_stays_one() {
    let mut rollout = Rollout::exit(vec![confirmation(List::Exit)]);
    rollout.answer(40, "pilot", "lead", Answer::No);
    rollout.roll_back(30, "pilot").resume(20, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
}

#[test]
fn t10_a_reworded_item_is_unanswered_again_and_the_old_answer_is_shown() {
    for (answer, shown) in [(Answer::Yes, "confirmed"), (Answer::No, "answered no")] {
        let mut rollout = Rollout::exit(vec![item(List::Exit)]).begun();
        rollout.answer(9, "pilot", "readiness/rollback", answer);
        let Ask::Checklist { item, .. } = &mut rollout.plan.stages[0].gates[0].criteria[0].ask
        else {
            panic!("an item");
        };
        let text = item.text.clone();
        "Failover was rehearsed".clone_into(&mut item.text);
        let criterion = rollout.criterion(EXIT, "checklists");
        assert_eq!(
            (criterion.outcome, criterion.code.word()),
            (Outcome::Unknown, "not-answered")
        );
        assert_eq!(
            criterion.reason,
            format!(
                "has to be answered again: the text has changed since it was {shown} by ada at 2026-11-19T23:51:00Z: because"
            )
        );
        assert_eq!(
            command(&criterion),
            "gate confirm plan.yaml readiness/rollback --stage pilot"
        );
        // Answered as it reads now, it counts; and so does the old answer for the old words.
        let mut again = rollout.clone();
        again.answer(5, "pilot", "readiness/rollback", Answer::Yes);
        assert_eq!(again.verdict(EXIT), Verdict::Go);
        let Ask::Checklist { item, .. } = &mut rollout.plan.stages[0].gates[0].criteria[0].ask
        else {
            panic!("an item");
        };
        item.text = text;
        assert_ne!(rollout.verdict(EXIT), Verdict::Hold);
    }
}

#[test]
fn t10_what_was_confirmed_before_the_stage_began_says_nothing_about_its_exit() {
    let mut rollout = Rollout::exit(vec![confirmation(List::Exit)]);
    rollout
        .answer(70, "pilot", "lead", Answer::Yes)
        .start(60, "pilot");
    let lead = rollout.criterion(EXIT, "confirmations");
    assert_eq!(
        (lead.outcome, lead.code.word()),
        (Outcome::Unknown, "not-answered")
    );
    assert_eq!(
        lead.reason,
        "has to be confirmed again: confirmed by ada at 2026-11-19T22:50:00Z: because, before pilot began at 2026-11-19T23:00:00Z"
    );
    rollout.answer(50, "pilot", "lead", Answer::Yes);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    // A no stays one, whenever it was said.
    let mut rollout = Rollout::exit(vec![confirmation(List::Exit)]);
    rollout
        .answer(70, "pilot", "lead", Answer::No)
        .start(60, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
}
