//! Rule 4: missing data: coverage, age, guards, what fills a gap.

use super::scene::*;
use super::*;

#[test]
fn rule_4_nothing_at_all_is_unknown() {
    assert_eq!(
        exit(below_5(), Vec::new()).outcome(),
        (Outcome::Unknown, "no-data")
    );
    assert_eq!(
        exit(below_5(), vec![Some(f64::NAN); N]).outcome(),
        (Outcome::Unknown, "no-data")
    );
    assert_eq!(
        stop(above_5(), Vec::new()).outcome(),
        (Outcome::Unknown, "no-data")
    );
}

#[test]
fn rule_4_coverage_is_ninety_percent_of_the_grid() {
    let one = with(flat(1.0), &[(4, None)]);
    assert_eq!(
        exit(below_5(), one.clone()).outcome().0,
        Outcome::Met,
        "10 of 11 points"
    );
    let two = with(one, &[(5, Some(f64::NAN))]);
    let scene = exit(below_5(), two);
    assert_eq!(scene.outcome(), (Outcome::Unknown, "low-coverage"));
    assert!(scene.criterion().reason.contains("9 of 11 points measured, 90% needed; the only gap is 2026-11-19T23:54:00Z to 2026-11-19T23:55:00Z"), "{}", scene.criterion().reason);
}

#[test]
fn rule_4_the_newest_point_must_not_be_too_old() {
    let samples = with(flat(1.0), &[(10, None)]);
    let scene = |max_age| Scene {
        max_age: Some(Duration::from_secs(max_age)),
        ..exit(below_5(), samples.clone())
    };
    assert_eq!(scene(60).outcome().0, Outcome::Met);
    assert_eq!(scene(59).outcome(), (Outcome::Unknown, "stale"));
}

#[test]
fn rule_4_thin_data_never_excuse_what_was_measured() {
    let thin = |value| with(vec![None; N], &[(3, Some(value))]);
    assert_eq!(exit(below_5(), thin(9.0)).outcome().0, Outcome::Unmet);
    assert_eq!(exit(below_5(), thin(1.0)).outcome().0, Outcome::Unknown);
    assert_eq!(stop(above_5(), thin(9.0)).outcome().0, Outcome::Tripped);
    assert_eq!(
        stop(above_5(), thin(1.0)).outcome().0,
        Outcome::Unknown,
        "not clear"
    );
}

#[test]
fn rule_4_a_reducer_or_a_share_is_unknown_on_thin_data() {
    let thin = with(vec![None; N], &[(3, Some(9.0)), (4, Some(9.0))]);
    let reduced = || condition(Some(Reducer::Max), Comparison::Less, 5.0, None);
    let share = || {
        condition(
            None,
            Comparison::Less,
            5.0,
            Some(Hold::Share(Share::parse("99%").expect("share"))),
        )
    };
    for condition in [reduced(), share()] {
        assert_eq!(
            exit(condition.clone(), thin.clone()).outcome(),
            (Outcome::Unknown, "low-coverage")
        );
        assert_eq!(
            stop(condition, thin.clone()).outcome(),
            (Outcome::Unknown, "low-coverage")
        );
    }
}

#[test]
fn rule_4_nothing_is_measured_while_the_guard_does_not_hold() {
    let guarded = |guard_samples| Scene {
        guard: true,
        guard_samples,
        ..exit(below_5(), with(flat(1.0), &[(2, Some(9.0))]))
    };
    assert_eq!(guarded(flat(1.0)).outcome().0, Outcome::Unmet);
    assert_eq!(
        guarded(with(flat(1.0), &[(2, Some(0.5))])).outcome().0,
        Outcome::Met
    );
    assert_eq!(
        guarded(with(flat(1.0), &[(2, None)])).outcome().0,
        Outcome::Met
    );
    assert_eq!(
        guarded(Vec::new()).outcome(),
        (Outcome::Unknown, "no-data"),
        "a missing guard holds nowhere"
    );
}

#[test]
fn rule_4_missing_zero_fills_absent_points_while_the_guard_holds() {
    let zero = |samples, guard_samples| Scene {
        guard: true,
        missing: Missing::Zero,
        guard_samples,
        ..exit(
            condition(Some(Reducer::Max), Comparison::Equal, 0.0, None),
            samples,
        )
    };
    assert_eq!(
        zero(Vec::new(), flat(1.0)).outcome().0,
        Outcome::Met,
        "no series at all"
    );
    assert_eq!(zero(Vec::new(), Vec::new()).outcome().0, Outcome::Unknown);
    assert_eq!(
        zero(vec![Some(f64::NAN); N], flat(1.0)).outcome().0,
        Outcome::Unknown,
        "NaN is not absent"
    );
    for (guard, outcome) in [(None, Outcome::Unknown), (Some(0.0), Outcome::Met)] {
        let guard_samples = with(flat(1.0), &[(1, guard), (2, guard)]);
        let scene = zero(Vec::new(), guard_samples);
        assert_eq!(scene.outcome().0, outcome, "a guard of {guard:?}");
    }
}

#[test]
fn rule_4_infinities_are_values() {
    assert_eq!(
        exit(below_5(), with(flat(1.0), &[(2, Some(f64::INFINITY))]))
            .outcome()
            .0,
        Outcome::Unmet
    );
    assert_eq!(
        exit(below_5(), flat(f64::NEG_INFINITY)).outcome().0,
        Outcome::Met
    );
}

#[test]
fn the_same_instant_twice_is_unknown() {
    let scene = exit(below_5(), flat(9.0));
    let mut observations = scene.observations();
    for reply in observations.values_mut().flatten() {
        let again = reply.series[0].points[3];
        reply.series[0].points.push(again);
    }
    let criterion = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0)
        .criteria
        .remove(0);
    assert_eq!(
        (criterion.outcome, criterion.code),
        (Outcome::Unknown, Code::DuplicatePoints)
    );
}
