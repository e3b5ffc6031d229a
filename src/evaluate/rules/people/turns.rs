//! L13: checklists that are gone through in order. An item counts once it was confirmed behind those before it.

use super::parts::*;
use super::rollout::*;
use crate::assessment::Code;
use crate::kind::{GateKind, List};
use crate::ledger::Answer;
use crate::verdict::Verdict;

const ENTRY: &str = "pilot/entry";

fn rollout() -> Rollout {
    let items = (1..=3).map(|number| turn(List::Entry, number)).collect();
    Rollout::of(vec![stage("pilot", vec![(GateKind::Entry, items)])])
}

/// Answers to the items, oldest first, a minute apart.
fn answered(answers: &[(usize, Answer)]) -> Rollout {
    let mut rollout = rollout();
    for ((number, answer), at) in answers.iter().zip((1..60).rev()) {
        rollout.answer(at, "pilot", &format!("migrations/m{number}"), *answer);
    }
    rollout
}

/// Which items are met.
fn met(answers: &[(usize, Answer)]) -> Vec<usize> {
    let gate = answered(answers).gate(ENTRY);
    let items = (1..).zip(&gate.criteria);
    let met = items.filter(|(_, one)| one.code == Code::Met);
    met.map(|(number, _)| number).collect()
}

use Answer::{No, Revoked, Yes};

#[test]
fn l13_items_that_are_confirmed_in_order_are_met() {
    let rollout = answered(&[(1, Yes), (2, Yes), (3, Yes)]);
    assert_eq!(rollout.verdict(ENTRY), Verdict::Go);
    let title = rollout.gate(ENTRY).criteria.remove(1).title;
    assert_eq!(title.as_deref(), Some("2. Migration 2 is in"));
}

#[test]
fn l13_an_entry_out_of_turn_is_as_if_nobody_had_answered() {
    let rollout = answered(&[(2, Yes), (1, Yes), (3, Yes)]);
    assert_eq!(rollout.verdict(ENTRY), Verdict::Hold);
    let gate = rollout.gate(ENTRY);
    assert_eq!(gate.criteria[0].code, Code::Met);
    let second = &gate.criteria[1];
    assert_eq!(second.code, Code::NotAnswered);
    assert_eq!(
        second.reason,
        "has to be confirmed again: confirmed by ada at 2026-11-19T23:01:00Z: because, before \"1. Migration 1 is in\", which comes first"
    );
    assert_eq!(
        command(second),
        "gate confirm plan.yaml migrations/m2 --stage pilot"
    );
    // The one behind it waits for it, too, and what settles it is the first that is open.
    assert_eq!(gate.criteria[2].code, Code::NotAnswered);
    assert_eq!(
        command(&gate.criteria[2]),
        "gate confirm plan.yaml migrations/m2 --stage pilot"
    );
}

#[test]
fn l13_what_is_confirmed_again_in_turn_counts() {
    assert_eq!(met(&[(2, Yes), (1, Yes), (2, Yes)]), [1, 2]);
    // Saying it once more takes nothing away from those behind it.
    assert_eq!(met(&[(1, Yes), (2, Yes), (1, Yes)]), [1, 2]);
    assert_eq!(met(&[(1, Yes), (2, Yes), (3, Yes), (2, Yes)]), [1, 2, 3]);
}

#[test]
fn l13_a_gap_a_no_and_an_answer_taken_back_hold_what_follows() {
    assert_eq!(met(&[(1, Yes), (3, Yes)]), [1]);
    assert_eq!(met(&[(1, Yes), (2, No), (3, Yes)]), [1]);
    assert!(met(&[(1, Yes), (2, Yes), (3, Yes), (1, Revoked)]).is_empty());
    // Done again, the first comes behind the others.
    let again = [(1, Yes), (2, Yes), (3, Yes), (1, Revoked), (1, Yes)];
    assert_eq!(met(&again), [1]);
    let redone = [(1, Yes), (2, Yes), (1, No), (1, Yes), (2, Yes), (3, Yes)];
    assert_eq!(met(&redone), [1, 2, 3]);
}

#[test]
fn l13_what_comes_first_is_what_is_done_next() {
    let gate = answered(&[(1, Yes)]).gate(ENTRY);
    let open = gate.criteria.iter().skip(1);
    for criterion in open {
        assert_eq!(
            command(criterion),
            "gate confirm plan.yaml migrations/m2 --stage pilot"
        );
    }
}

#[test]
fn l13_a_rollback_takes_the_order_back_as_well() {
    let items = (1..=2).map(|number| turn(List::Exit, number)).collect();
    let mut rollout = Rollout::exit(items).begun();
    rollout.answer(50, "pilot", "migrations/m1", Yes);
    rollout.answer(49, "pilot", "migrations/m2", Yes);
    rollout.roll_back(40, "pilot").resume(30, "pilot");
    rollout.answer(20, "pilot", "migrations/m2", Yes);
    rollout.answer(10, "pilot", "migrations/m1", Yes);
    let gate = rollout.gate("pilot/exit");
    let codes: Vec<Code> = gate.criteria.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::Met, Code::NotAnswered]);
}
