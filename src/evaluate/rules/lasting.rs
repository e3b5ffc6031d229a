//! Rule 5: points that nobody measured do not show that a stop's bad state ended.

use super::scene::*;
use super::*;
use proptest::prelude::*;

/// Bad from the third point to the ninth, six minutes long, but for some points.
fn bad(but: &[(usize, Option<f64>)]) -> Vec<Option<f64>> {
    let bad: Vec<_> = (2..9).map(|position| (position, Some(9.0))).collect();
    with(with(flat(1.0), &bad), but)
}

fn trips(length: i64, samples: Vec<Option<f64>>) -> Scene {
    let condition = condition(
        None,
        Comparison::Greater,
        5.0,
        Some(Hold::For(minutes(length))),
    );
    Scene {
        coverage: Share::parse("50%").expect("a share"),
        ..stop(condition, samples)
    }
}

#[test]
fn rule_5_a_point_that_was_not_measured_does_not_end_a_bad_state() {
    for gone in [None, Some(f64::NAN)] {
        let scene = trips(6, bad(&[(4, gone)]));
        assert_eq!(scene.outcome(), (Outcome::Unknown, "low-coverage"));
        assert_eq!(
            scene.criterion().reason,
            "may have been > 5 for 6m: 6 of 7 points from 2026-11-19T23:52:00Z to 2026-11-19T23:58:00Z are, and the rest do not show that it ended: 1 not measured (at 2026-11-19T23:54:00Z)"
        );
        assert_eq!(scene.assessed().verdict, Verdict::Hold);
    }
    let enough = trips(4, bad(&[(3, None)]));
    assert_eq!(enough.outcome().0, Outcome::Tripped, "4m without a gap");
    let short = trips(7, bad(&[(4, None)]));
    assert_eq!(short.outcome().0, Outcome::Clear, "6m at most");
}

#[test]
fn rule_5_a_measured_good_point_ends_it() {
    let scene = trips(6, bad(&[(4, Some(1.0))]));
    assert_eq!(scene.outcome().0, Outcome::Clear);
    let both = trips(6, bad(&[(4, Some(1.0)), (5, None)]));
    assert_eq!(both.outcome().0, Outcome::Clear);
}

#[test]
fn rule_5_points_beside_a_bad_state_count_too() {
    let late = with(flat(1.0), &[(8, Some(9.0)), (9, Some(9.0)), (10, None)]);
    assert_eq!(
        trips(2, late.clone()).outcome(),
        (Outcome::Unknown, "low-coverage")
    );
    assert_eq!(trips(3, late).outcome().0, Outcome::Clear);
    let early = with(flat(1.0), &[(0, None), (1, None), (2, Some(9.0))]);
    assert_eq!(
        trips(2, early).outcome(),
        (Outcome::Unknown, "low-coverage")
    );
    let gap = with(flat(1.0), &[(3, None), (4, None), (5, None)]);
    assert_eq!(
        trips(2, gap).outcome().0,
        Outcome::Clear,
        "the coverage decides where nothing is bad"
    );
}

#[test]
fn rule_5_a_quiet_point_neither_ends_a_bad_state_nor_lengthens_it() {
    let quiet = |length, at: &[usize]| {
        let quiet: Vec<_> = at.iter().map(|position| (*position, Some(0.0))).collect();
        Scene {
            guard: true,
            guard_samples: with(flat(1.0), &quiet),
            ..trips(length, bad(&[]))
        }
    };
    let scene = quiet(5, &[4]);
    assert_eq!(scene.outcome(), (Outcome::Unknown, "quiet"));
    assert_eq!(
        scene.criterion().reason,
        "may have been > 5 for 5m: 6 of 7 points from 2026-11-19T23:52:00Z to 2026-11-19T23:58:00Z are, and the rest do not show that it ended: 1 quiet"
    );
    assert_eq!(quiet(6, &[4]).outcome().0, Outcome::Clear, "six bad points");
    let night = quiet(4, &[3, 4, 5, 6, 7]);
    assert_eq!(
        night.outcome().0,
        Outcome::Clear,
        "two bad points on both sides of a night"
    );
    let unguarded = Scene {
        guard_samples: with(flat(1.0), &[(4, None)]),
        ..quiet(6, &[])
    };
    assert_eq!(unguarded.outcome(), (Outcome::Unknown, "low-coverage"));
}

#[test]
fn rule_5_m4_a_point_without_a_partner_does_not_end_it() {
    let scene = Scene {
        baseline: Some(Baseline::Offset(minutes(60))),
        baseline_samples: with(flat(5.0), &[(4, None)]),
        condition: Condition {
            bound: Bound::Baseline,
            ..trips(6, Vec::new()).condition
        },
        ..trips(6, bad(&[]))
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "low-coverage"));
}

#[test]
fn rule_5_series_that_nothing_lists_need_not_have_been_there_before() {
    let begun = with(
        vec![None; N],
        &[(8, Some(9.0)), (9, Some(1.0)), (10, Some(1.0))],
    );
    let gone = with(vec![None; N], &[(6, Some(1.0)), (7, Some(9.0))]);
    let pods = |continuity, second: &Vec<Option<f64>>| Scene {
        per: Some("site"),
        continuity,
        samples: vec![flat(1.0), second.clone()],
        ..trips(2, Vec::new())
    };
    for continuity in [Continuity::Each, Continuity::Any] {
        assert_eq!(pods(continuity, &begun).outcome().0, Outcome::Clear);
    }
    assert_eq!(pods(Continuity::Any, &gone).outcome().0, Outcome::Clear);
    assert_eq!(
        pods(Continuity::Each, &gone).outcome(),
        (Outcome::Unknown, "low-coverage")
    );
    let between = with(begun.clone(), &[(6, Some(9.0))]);
    assert_eq!(
        pods(Continuity::Any, &between).outcome(),
        (Outcome::Unknown, "low-coverage")
    );
    let listed = Scene {
        expected: Some(vec!["s0".into(), "s1".into()]),
        coverage: Share::parse("1%").expect("a share"),
        ..pods(Continuity::Any, &gone)
    };
    assert_eq!(listed.outcome(), (Outcome::Unknown, "low-coverage"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2048, ..ProptestConfig::default() })]

    /// Whatever is taken away of what is not bad, of the values or of the guard, never clears a stop.
    #[test]
    fn rule_5_removing_what_is_not_bad_never_clears_a_stop(
        values in prop::collection::vec(prop_oneof![4 => Just(Some(9.0)), 2 => Just(Some(1.0)), 1 => Just(None), 1 => Just(Some(f64::NAN))], N),
        guard in prop::collection::vec(prop_oneof![6 => Just(Some(1.0)), 2 => Just(Some(0.0)), 1 => Just(None)], N),
        gone in prop::collection::vec(0..N, 0..4), of_guard in prop::collection::vec(0..N, 0..4), length in 1..8_i64,
    ) {
        let is_bad = |position: usize| values[position] == Some(9.0) && guard[position] == Some(1.0);
        let remove = |from: &[Option<f64>], gone: &[usize]| {
            let gone = gone.iter().filter(|position| !is_bad(**position));
            with(from.to_vec(), &gone.map(|position| (*position, None)).collect::<Vec<_>>())
        };
        let scene = |samples, guard_samples| Scene {
            guard: true,
            guard_samples,
            ..trips(length, samples)
        };
        let all = scene(values.clone(), guard.clone()).outcome().0;
        let fewer = scene(remove(&values, &gone), remove(&guard, &of_guard)).outcome().0;
        prop_assert_eq!(all == Outcome::Tripped, fewer == Outcome::Tripped);
        prop_assert!(all == Outcome::Clear || fewer != Outcome::Clear);
    }
}
