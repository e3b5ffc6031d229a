//! Rule 5: conditions: every point, a share of them, a stretch, a reduced value.

use super::scene::*;
use super::*;

#[test]
fn rule_5_without_a_reducer_every_point_must_satisfy_the_condition() {
    assert_eq!(
        exit(below_5(), with(flat(1.0), &[(7, Some(5.0))]))
            .outcome()
            .0,
        Outcome::Unmet
    );
    let reason = exit(
        below_5(),
        with(flat(1.0), &[(6, Some(5.0)), (7, Some(8.0))]),
    )
    .criterion()
    .reason;
    assert_eq!(
        reason,
        "8 at 2026-11-19T23:57:00Z is not < 5: 2 of 11 points, the longest stretch 1m from 2026-11-19T23:56:00Z to 2026-11-19T23:57:00Z"
    );
}

#[test]
fn rule_5_a_share_of_the_points_is_compared_exactly() {
    let share = |text: &str| {
        condition(
            None,
            Comparison::Less,
            5.0,
            Some(Hold::Share(Share::parse(text).expect("share"))),
        )
    };
    let samples = with(flat(1.0), &[(7, Some(9.0))]);
    assert_eq!(
        exit(share("90.9%"), samples.clone()).outcome().0,
        Outcome::Met,
        "10 of 11 is 90.909… %"
    );
    assert_eq!(
        exit(share("90.91%"), samples.clone()).outcome().0,
        Outcome::Unmet
    );
    let trips = condition(
        None,
        Comparison::Greater,
        5.0,
        Some(Hold::Share(Share::parse("9%").expect("share"))),
    );
    assert_eq!(stop(trips, samples).outcome().0, Outcome::Tripped);
}

#[test]
fn rule_5_for_a_duration_narrows_to_the_last_part_both_ends_in() {
    let last = |length| {
        condition(
            None,
            Comparison::Less,
            5.0,
            Some(Hold::For(minutes(length))),
        )
    };
    let samples = with(flat(1.0), &[(7, Some(9.0))]);
    assert_eq!(exit(last(2), samples.clone()).outcome().0, Outcome::Met);
    assert_eq!(exit(last(3), samples).outcome().0, Outcome::Unmet);
}

#[test]
fn rule_5_a_stop_with_for_needs_an_unbroken_stretch_first_to_last() {
    let trips = |length| {
        condition(
            None,
            Comparison::Greater,
            5.0,
            Some(Hold::For(minutes(length))),
        )
    };
    let samples = with(flat(1.0), &[(2, Some(9.0)), (3, Some(9.0)), (4, Some(9.0))]);
    assert_eq!(
        stop(trips(2), samples.clone()).outcome().0,
        Outcome::Tripped,
        "three points are two minutes"
    );
    assert_eq!(stop(trips(3), samples.clone()).outcome().0, Outcome::Clear);
    assert_eq!(
        stop(trips(2), with(samples, &[(3, Some(1.0))])).outcome().0,
        Outcome::Clear,
        "a good point breaks it"
    );
    assert_eq!(
        stop(above_5(), with(flat(1.0), &[(0, Some(9.0))]))
            .outcome()
            .0,
        Outcome::Tripped,
        "one point without for"
    );
}

#[test]
fn rule_5_with_a_reducer_one_value_is_compared() {
    let p50 = condition(Some(Reducer::Median), Comparison::Less, 5.0, None);
    let samples = with(flat(1.0), &[(7, Some(900.0))]);
    assert_eq!(exit(p50.clone(), samples.clone()).outcome().0, Outcome::Met);
    assert_eq!(
        exit(p50, samples).criterion().reason,
        "median of 11 points is 1, < 5"
    );
    let mean = condition(Some(Reducer::Mean), Comparison::Greater, 5.0, None);
    assert_eq!(stop(mean, flat(9.0)).outcome().0, Outcome::Tripped);
    let nan = condition(Some(Reducer::Mean), Comparison::Less, 5.0, None);
    let scene = exit(
        nan,
        with(flat(f64::INFINITY), &[(1, Some(f64::NEG_INFINITY))]),
    );
    assert_eq!(scene.outcome(), (Outcome::Unknown, "not-a-number"));
}
