//! Rule 1: the window: what it takes for it to be complete, and what of it is judged.

use super::scene::*;
use super::*;

#[test]
fn rule_1_a_complete_window_can_be_met() {
    let scene = Scene {
        started: Some(W),
        ..exit(below_5(), flat(1.0))
    };
    assert_eq!(scene.outcome(), (Outcome::Met, "met"));
    assert_eq!(scene.assessed().verdict, Verdict::Go);
}

#[test]
fn rule_1_nothing_is_met_while_the_window_runs() {
    for condition in [
        below_5(),
        condition(Some(Reducer::Max), Comparison::Less, 5.0, None),
    ] {
        let scene = Scene {
            started: Some(W - MIN),
            ..exit(condition, flat(1.0))
        };
        assert_eq!(scene.outcome(), (Outcome::Unknown, "window-incomplete"));
        assert!(
            scene
                .criterion()
                .reason
                .starts_with("9m of 10m observed, complete at 2026-11-20T00:01:00Z")
        );
        assert_eq!(scene.assessed().verdict, Verdict::Hold);
    }
}

#[test]
fn rule_1_what_the_observed_part_contradicts_is_unmet() {
    let scene = Scene {
        started: Some(W - MIN),
        ..exit(below_5(), with(flat(1.0), &[(8, Some(9.0))]))
    };
    assert_eq!(scene.outcome(), (Outcome::Unmet, "breach"));
}

#[test]
fn rule_1_points_before_the_start_and_its_settling_are_not_judged() {
    let early = with(flat(1.0), &[(0, Some(9.0)), (3, Some(9.0))]);
    let scene = Scene {
        started: Some(8 * MIN),
        settle: 2 * MIN,
        ..stop(above_5(), early.clone())
    };
    assert_eq!(scene.outcome().0, Outcome::Clear);
    let scene = Scene {
        started: Some(8 * MIN),
        settle: 0,
        ..stop(above_5(), early)
    };
    assert_eq!(scene.outcome().0, Outcome::Tripped);
}

#[test]
fn rule_1_a_stop_knows_no_incomplete_window_only_an_empty_span() {
    let scene = Scene {
        started: Some(3 * MIN),
        ..stop(above_5(), flat(1.0))
    };
    assert_eq!(scene.outcome().0, Outcome::Clear);
    let scene = Scene {
        started: Some(MIN),
        settle: 2 * MIN,
        ..stop(above_5(), flat(1.0))
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "empty-span"));
}

#[test]
fn rule_1_an_entry_gate_is_judged_on_its_own_window_whatever_the_start() {
    let scene = Scene {
        list: List::Entry,
        started: Some(MIN),
        ..exit(below_5(), flat(1.0))
    };
    assert_eq!(scene.outcome().0, Outcome::Met);
}

#[test]
fn a_gate_without_a_window_shows_nothing() {
    let scene = exit(below_5(), flat(1.0));
    let mut plan = scene.plan();
    plan.stages[0].gates[0].window = None;
    assert!(questions(&plan, &scene.request()).is_empty());
    let gate = assess(&plan, &scene.request(), &scene.observations())
        .gates
        .remove(0);
    assert_eq!(
        (gate.verdict, gate.criteria[0].code.word()),
        (Verdict::Hold, "empty-span")
    );
}
