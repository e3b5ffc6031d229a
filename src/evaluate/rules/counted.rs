//! Rule 5: so many bad points, wherever they lie, and the points that nobody measured.

use super::scene::*;
use super::*;

/// Bad at these positions.
fn bad_at(positions: &[usize]) -> Vec<Option<f64>> {
    let bad: Vec<_> = positions.iter().map(|at| (*at, Some(9.0))).collect();
    with(flat(1.0), &bad)
}

fn trips_at(count: u32, samples: Vec<Option<f64>>) -> Scene {
    let hold = Some(points(List::Stop, count));
    stop(condition(None, Comparison::Greater, 5.0, hold), samples)
}

fn below_but(count: u32, samples: Vec<Option<f64>>) -> Scene {
    let hold = Some(points(List::Exit, count));
    exit(condition(None, Comparison::Less, 5.0, hold), samples)
}

fn lax(scene: Scene) -> Scene {
    Scene {
        coverage: Share::parse("50%").expect("a share"),
        ..scene
    }
}

#[test]
fn rule_5_a_stop_for_points_trips_at_that_many_bad_points_wherever_they_lie() {
    let samples = bad_at(&[1, 4, 9]);
    let tripped = trips_at(3, samples.clone()).criterion();
    assert_eq!(tripped.outcome, Outcome::Tripped);
    assert_eq!(
        tripped.reason,
        "3 of 11 points are > 5, 3 are enough; the worst is 9 at 2026-11-19T23:51:00Z"
    );
    let clear = trips_at(4, samples).criterion();
    assert_eq!(clear.outcome, Outcome::Clear);
    assert_eq!(
        clear.reason,
        "3 of 11 points are > 5, 4 are enough; the worst is 9 at 2026-11-19T23:51:00Z"
    );
}

#[test]
fn rule_5_but_points_is_met_up_to_that_many_bad_points() {
    let samples = bad_at(&[1, 4, 9]);
    let met = below_but(3, samples.clone()).criterion();
    assert_eq!(met.outcome, Outcome::Met);
    assert_eq!(
        met.reason,
        "3 of 11 points are not < 5, at most 3 may be; the worst is 9 at 2026-11-19T23:51:00Z"
    );
    let unmet = below_but(2, samples).criterion();
    assert_eq!((unmet.outcome, unmet.code), (Outcome::Unmet, Code::Breach));
    assert_eq!(below_but(1, flat(1.0)).outcome().0, Outcome::Met);
}

#[test]
fn rule_5_points_that_nobody_measured_may_be_bad_too_once_one_is() {
    for gone in [None, Some(f64::NAN)] {
        let gaps = |bad: &[usize]| with(bad_at(bad), &[(6, gone), (7, gone)]);
        assert_eq!(
            lax(trips_at(3, gaps(&[2]))).outcome(),
            (Outcome::Unknown, "low-coverage"),
            "1 and 2 more"
        );
        assert_eq!(lax(trips_at(4, gaps(&[2]))).outcome().0, Outcome::Clear);
        let open = lax(below_but(2, gaps(&[2]))).criterion();
        assert_eq!(
            (open.outcome, open.code),
            (Outcome::Unknown, Code::LowCoverage)
        );
        assert_eq!(
            open.reason,
            "1 of 9 points are not < 5, at most 2 may be; the worst is 9 at 2026-11-19T23:52:00Z; 2 not measured (2026-11-19T23:56:00Z to 2026-11-19T23:57:00Z), and might be, too"
        );
        assert_eq!(lax(below_but(3, gaps(&[2]))).outcome().0, Outcome::Met);
        // Where nothing is bad, the coverage decides.
        assert_eq!(lax(below_but(1, gaps(&[]))).outcome().0, Outcome::Met);
        assert_eq!(
            below_but(1, gaps(&[])).outcome().0,
            Outcome::Unknown,
            "2 of 11 are gone"
        );
        assert_eq!(trips_at(1, gaps(&[])).outcome().0, Outcome::Unknown);
        // Thin data excuse nothing.
        assert_eq!(trips_at(2, gaps(&[2, 4])).outcome().0, Outcome::Tripped);
        assert_eq!(below_but(1, gaps(&[2, 4])).outcome().0, Outcome::Unmet);
    }
}

#[test]
fn rule_5_quiet_points_are_neither_bad_nor_missing() {
    let guarded = |scene: Scene| Scene {
        guard: true,
        guard_samples: with(flat(1.0), &[(6, Some(0.0)), (7, Some(0.0))]),
        ..scene
    };
    let samples = bad_at(&[2, 6, 7]);
    assert_eq!(
        guarded(trips_at(3, samples.clone())).outcome().0,
        Outcome::Clear
    );
    assert_eq!(
        guarded(below_but(1, samples.clone())).outcome().0,
        Outcome::Met
    );
    let dark = |scene: Scene| Scene {
        guard: true,
        guard_samples: with(flat(1.0), &[(6, None), (7, None)]),
        ..lax(scene)
    };
    assert_eq!(
        dark(trips_at(3, samples.clone())).outcome().0,
        Outcome::Unknown
    );
    assert_eq!(dark(below_but(2, samples)).outcome().0, Outcome::Unknown);
}

#[test]
fn rule_1_while_the_window_runs_one_bad_point_too_many_is_unmet_and_nothing_is_met() {
    let running = |scene: Scene| Scene {
        started: Some(W - MIN),
        ..scene
    };
    assert_eq!(
        running(below_but(1, bad_at(&[4, 7]))).outcome().0,
        Outcome::Unmet
    );
    let so_far = running(below_but(2, bad_at(&[4, 7]))).criterion();
    assert_eq!(so_far.code, Code::WindowIncomplete);
    assert!(so_far.is_met_so_far(), "{}", so_far.reason);
}

#[test]
fn rule_3_the_worst_series_decides_a_number_of_points_too() {
    let scene = Scene {
        per: Some("site"),
        samples: vec![bad_at(&[1, 4]), bad_at(&[2])],
        ..below_but(1, Vec::new())
    };
    assert_eq!(scene.outcome().0, Outcome::Unmet);
    // Bad points of several series are not added up.
    let each = Scene {
        per: Some("site"),
        samples: vec![bad_at(&[1]), bad_at(&[2])],
        ..below_but(1, Vec::new())
    };
    assert_eq!(each.outcome().0, Outcome::Met);
}
