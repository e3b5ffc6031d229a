//! M8b, M9: what lies behind one number for a whole window, beside guards of each kind, and behind its baseline.

use super::scene::*;
use super::*;
use crate::samples::Asked;
use proptest::prelude::*;

/// One number for the whole window, a guard with a point a minute, and the values behind the number.
fn guarded(guard: Vec<Option<f64>>, behind: Vec<Option<f64>>) -> Scene {
    Scene {
        instant: true,
        guard: true,
        guard_samples: guard,
        companion_samples: vec![behind],
        ..exit(below_5(), vec![Some(1.0)])
    }
}

fn zero(scene: Scene) -> Scene {
    Scene {
        missing: Missing::Zero,
        samples: vec![Vec::new()],
        ..scene
    }
}

/// Quiet at the first so many points, where there is no value either.
fn closed(quiet: usize) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
    let at = |value: Option<f64>| (0..quiet).map(move |position| (position, value));
    let guard = with(flat(1.0), &at(Some(0.25)).collect::<Vec<_>>());
    let nan = with(flat(1.0), &at(Some(f64::NAN)).collect::<Vec<_>>());
    (guard, nan)
}

#[test]
fn m8b_a_guard_without_window_is_asked_over_the_span_in_place_of_its_end() {
    let scene = guarded(flat(1.0), flat(1.0));
    let asked = questions(&scene.plan(), &scene.request());
    let told: Vec<_> = asked.iter().map(|one| one.query.as_str()).collect();
    assert_eq!(
        told,
        ["max_over_time(x[600s])", "guard", "max_over_time(x[300s])"]
    );
    assert!(matches!(asked[1].asked, Asked::Range(grid) if grid.count() == N));
    assert_eq!(scene.outcome(), (Outcome::Met, "met"));
    let zero = zero(scene);
    assert_eq!(questions(&zero.plan(), &zero.request()).len(), 2);
    assert_eq!(zero.outcome(), (Outcome::Met, "met"));
}

#[test]
fn m9_quiet_points_behind_a_number_are_the_guards() {
    let (guard, nan) = closed(6);
    for scene in [
        guarded(guard.clone(), nan.clone()),
        zero(guarded(guard.clone(), Vec::new())),
    ] {
        assert_eq!(scene.outcome(), (Outcome::Met, "met"));
        let criterion = scene.criterion();
        assert_eq!(
            criterion.notes,
            ["6 of 11 points quiet: guard 0.25 is not >= 1"]
        );
        let points = criterion.kpi.expect("a KPI").series[0].points;
        assert_eq!((points.measured, points.quiet), (5, 6));
    }
    let thin = guarded(guard, with(nan, &[(8, Some(f64::NAN))]));
    assert_eq!(thin.outcome(), (Outcome::Unknown, "low-coverage"));
}

#[test]
fn m9_a_number_over_a_span_that_is_mostly_quiet_is_unknown() {
    let (guard, nan) = closed(9);
    for scene in [
        guarded(guard.clone(), nan.clone()),
        zero(guarded(guard.clone(), Vec::new())),
    ] {
        assert_eq!(scene.outcome(), (Outcome::Unknown, "quiet"));
        let reason = scene.criterion().reason;
        assert!(
            reason.starts_with(
                "9 of 11 points quiet: guard 0.25 is not >= 1; at least 20% must not be"
            ),
            "{reason}"
        );
        let bad = Scene {
            condition: condition(None, Comparison::Greater, 5.0, None),
            ..scene
        };
        assert_eq!(bad.outcome(), (Outcome::Unmet, "breach"), "it was measured");
    }
}

#[test]
fn m9_a_guard_that_is_false_at_the_end_alone_does_not_make_a_number_quiet() {
    let guard = with(flat(1.0), &[(10, Some(0.0))]);
    assert_eq!(guarded(guard, flat(1.0)).outcome(), (Outcome::Met, "met"));
    let unmeasured = with(flat(1.0), &[(9, None), (10, None)]);
    assert_eq!(
        guarded(unmeasured, flat(1.0)).outcome(),
        (Outcome::Unknown, "low-coverage")
    );
    let never = with(flat(0.0), &[(3, None)]);
    assert_eq!(
        guarded(never, flat(1.0)).outcome(),
        (Outcome::Unknown, "quiet"),
        "not known to hold anywhere"
    );
}

#[test]
fn m9_quiet_met_behind_a_number_needs_a_guard_that_was_measured_throughout() {
    let met = |scene| Scene {
        quiet: Quiet::Met,
        ..scene
    };
    let (guard, nan) = closed(N);
    for scene in [
        met(guarded(guard.clone(), nan.clone())),
        met(zero(guarded(guard.clone(), Vec::new()))),
    ] {
        assert_eq!(scene.outcome(), (Outcome::Met, "quiet"));
        assert_eq!(
            scene.criterion().reason,
            "all 11 points quiet: guard 0.25 is not >= 1; `quiet: met` allows it"
        );
        let gap = Scene {
            guard_samples: with(guard.clone(), &[(4, None)]),
            ..scene
        };
        assert_eq!(gap.outcome(), (Outcome::Unknown, "quiet"));
    }
}

/// A guard that asks for so much over the whole window, and what it counts behind that number.
fn counted(count: f64, behind: Vec<Option<f64>>) -> Scene {
    Scene {
        guard_in_window: true,
        guard_is: (Comparison::Greater, 1000.0),
        guard_samples: vec![Some(count)],
        companion_samples: vec![behind],
        ..guarded(Vec::new(), Vec::new())
    }
}

#[test]
fn m8b_the_limit_of_a_guard_over_the_window_is_not_held_against_a_part_of_it() {
    let scene = zero(counted(2000.0, flat(30.0)));
    let asked = questions(&scene.plan(), &scene.request());
    let told: Vec<_> = asked.iter().map(|one| one.query.as_str()).collect();
    assert_eq!(
        told,
        ["max_over_time(x[600s])", "guard[600s]", "guard[300s]"]
    );
    assert_eq!(scene.outcome(), (Outcome::Met, "met"));
    let nothing: Vec<_> = (0..9).map(|position| (position, Some(0.0))).collect();
    let idle = |value| zero(counted(value, with(flat(30.0), &nothing)));
    assert_eq!(idle(2000.0).outcome(), (Outcome::Unknown, "quiet"));
    assert_eq!(idle(2.0).outcome(), (Outcome::Unknown, "quiet"));
    let gone: Vec<_> = (0..6).map(|position| (position, None)).collect();
    let dark = zero(counted(2000.0, with(flat(30.0), &gone)));
    assert_eq!(dark.outcome(), (Outcome::Unknown, "low-coverage"));
    for is in [
        (Comparison::Less, 5000.0),
        (Comparison::NotEqual, 3.0),
        (Comparison::Greater, -1.0),
    ] {
        let unlike = Scene {
            guard_is: is,
            ..zero(counted(2000.0, flat(30.0)))
        };
        assert_eq!(
            unlike.outcome(),
            (Outcome::Unknown, "unseen-window"),
            "{is:?}"
        );
    }
}

#[test]
fn m8b_nan_behind_a_number_is_not_measured_whatever_the_guard_over_the_window_says() {
    let (_, nan) = closed(6);
    let alone = Scene {
        guard: false,
        ..guarded(Vec::new(), nan.clone())
    };
    assert_eq!(alone.outcome(), (Outcome::Unknown, "low-coverage"));
    let scene = counted(2000.0, nan);
    assert_eq!(scene.outcome(), (Outcome::Unknown, "low-coverage"));
    let reason = scene.criterion().reason;
    assert!(
        reason.contains("a guard without `$window` would tell quiet points from missing ones"),
        "{reason}"
    );
    assert_eq!(counted(2000.0, flat(1.0)).outcome(), (Outcome::Met, "met"));
}

#[test]
fn m9_quiet_met_by_a_guard_over_the_window_is_seen_only_where_its_points_are() {
    let met = |scene| Scene {
        quiet: Quiet::Met,
        ..scene
    };
    let scene = met(counted(2.0, flat(1.0)));
    assert_eq!(scene.outcome(), (Outcome::Unknown, "unseen-window"));
    let held = counted(2.0, flat(1.0));
    assert_eq!(held.outcome(), (Outcome::Unknown, "quiet"));
    assert_eq!(
        met(zero(counted(2.0, flat(0.0)))).outcome(),
        (Outcome::Met, "quiet")
    );
    let gap = met(zero(counted(2.0, with(flat(0.0), &[(4, None)]))));
    assert_eq!(gap.outcome(), (Outcome::Unknown, "low-coverage"));
}

#[test]
fn m7_m8b_a_series_that_only_the_points_show_is_judged() {
    let mut ended = flat(1.0);
    ended[6..].fill(None);
    let scene = |continuity, points| Scene {
        per: Some("site"),
        continuity,
        max_age: Some(minutes(2)),
        companion_samples: vec![flat(1.0), points],
        ..guarded(flat(1.0), Vec::new())
    };
    let each = scene(Continuity::Each, ended.clone());
    assert_eq!(each.outcome(), (Outcome::Unknown, "series-ended"));
    assert!(
        each.criterion()
            .reason
            .starts_with("site=s1: the series ended")
    );
    let fresh = scene(Continuity::Each, flat(1.0));
    assert_eq!(fresh.outcome(), (Outcome::Unknown, "no-data"));
    assert_eq!(scene(Continuity::Any, ended).outcome().0, Outcome::Met);
}

fn beside(baseline: Baseline, behind: Vec<Option<f64>>) -> Scene {
    Scene {
        instant: true,
        baseline: Some(baseline),
        baseline_samples: vec![Some(2.0)],
        baseline_behind: behind,
        ..exit(
            Condition {
                bound: Bound::Baseline,
                ..condition(None, Comparison::LessOrEqual, 0.0, None)
            },
            vec![Some(1.0)],
        )
    }
}

fn half() -> Vec<Option<f64>> {
    let gone: Vec<_> = (0..5).map(|position| (position, None)).collect();
    with(flat(1.0), &gone)
}

#[test]
fn m8b_the_points_behind_the_number_of_a_baseline_are_asked_for() {
    for baseline in [
        Baseline::Offset(minutes(60)),
        Baseline::Before(minutes(10)),
        Baseline::Between(
            Instant::from_secs(T - 90 * MIN),
            Instant::from_secs(T - 80 * MIN),
        ),
    ] {
        let scene = beside(baseline.clone(), flat(1.0));
        assert_eq!(questions(&scene.plan(), &scene.request()).len(), 4);
        assert_eq!(scene.outcome(), (Outcome::Met, "met"));
        let thin = beside(baseline, half());
        assert_eq!(thin.outcome(), (Outcome::Unknown, "baseline-unknown"));
        let reason = thin.criterion().reason;
        assert!(
            reason.starts_with("the baseline is unknown: 6 of 11 points measured"),
            "{reason}"
        );
    }
}

#[test]
fn m4_m8b_a_number_that_breaches_beside_a_thin_partner_stays_unmet() {
    let scene = Scene {
        samples: vec![vec![Some(9.0)]],
        ..beside(Baseline::Offset(minutes(60)), half())
    };
    assert_eq!(scene.outcome(), (Outcome::Unmet, "breach"));
    let one = Scene {
        baseline_as: Some(BaselineAs::One(Reducer::Mean)),
        ..scene
    };
    assert_eq!(one.outcome(), (Outcome::Unknown, "baseline-unknown"));
}

fn captured(behind: Vec<Option<f64>>) -> Scene {
    Scene {
        captured: Some(("max_over_time(x[600s])", Some(Unit::None), "guard")),
        ..beside(Baseline::File("base.json".into()), behind)
    }
}

#[test]
fn m8b_the_points_behind_a_captured_number_were_captured_with_it() {
    assert_eq!(captured(flat(1.0)).outcome(), (Outcome::Met, "met"));
    let thin = captured(half());
    assert_eq!(thin.outcome(), (Outcome::Unknown, "baseline-unknown"));
    let guarded = Scene {
        guard: true,
        guard_samples: closed(6).0,
        ..captured(closed(6).1)
    };
    assert_eq!(
        Scene {
            companion_samples: vec![flat(1.0)],
            ..guarded
        }
        .outcome(),
        (Outcome::Met, "met")
    );
}

#[test]
fn m8b_a_captured_number_without_points_is_unknown_unless_that_is_accepted() {
    let judged = |scene: &Scene| {
        let mut observations = scene.observations();
        for (question, observation) in &mut observations {
            if matches!(&question.asked, Asked::Captured(name) if name.ends_with(" points")) {
                *observation = Err(Failure {
                    code: FailureCode::BaselineFile,
                    message: "it holds no `error_rate points`".into(),
                });
            }
        }
        let mut gates = assess(&scene.plan(), &scene.request(), &observations).gates;
        gates.remove(0).criteria.remove(0)
    };
    let criterion = judged(&captured(flat(1.0)));
    assert_eq!(
        (criterion.outcome, criterion.code),
        (Outcome::Unknown, Code::UnseenWindow)
    );
    assert_eq!(
        criterion.reason,
        "the baseline is unknown: the window cannot be looked into: `base.json` holds one number for it, and no points: capture it again, or say `accept: [unseen-window]`"
    );
    let accepted = Scene {
        accept: vec![Accept::UnseenWindow],
        ..captured(flat(1.0))
    };
    assert_eq!(judged(&accepted).outcome, Outcome::Met);
}

fn any_points(least: f64) -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![
        6 => Just(Some(1.0)),
        3 => Just(Some(least)),
        1 => Just(None),
    ];
    prop::collection::vec(value, N)
}

fn is_good(scene: &Scene) -> bool {
    matches!(scene.outcome().0, Outcome::Met | Outcome::Clear)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2048, ..ProptestConfig::default() })]

    /// Whatever is taken away behind a good number, of its values or of its guard, never makes good what was not.
    #[test]
    fn m8b_m9_removing_points_behind_a_number_never_yields_met(
        values in any_points(f64::NAN), guard in any_points(0.0), in_window: bool, guarded: bool, absent: bool, met: bool, stops: bool,
        gone in prop::collection::vec(0..N, 0..4), of_guard in prop::collection::vec(0..N, 0..4),
        coverage in prop::sample::select(vec!["1%", "50%", "90%"]), active in prop::sample::select(vec!["1%", "20%", "60%"]),
        age in prop::option::of(0..4_i64),
    ) {
        let remove = |from: &[Option<f64>], gone: &[usize]| with(from.to_vec(), &gone.iter().map(|position| (*position, None)).collect::<Vec<_>>());
        let share = |text: &str| Share::parse(text).expect("a share");
        let scene = |values: Vec<Option<f64>>, points: Vec<Option<f64>>| {
            let zeroed = guarded && absent;
            let behind = if zeroed { points.clone() } else { values };
            Scene {
                list: if stops { List::Stop } else { List::Exit },
                condition: if stops { above_5() } else { below_5() },
                guard: guarded, guard_in_window: in_window,
                missing: if zeroed { Missing::Zero } else { Missing::Hold },
                quiet: if met { Quiet::Met } else { Quiet::Hold },
                coverage: share(coverage), active: share(active), max_age: age.map(minutes),
                ..guarded_by(in_window, points, behind)
            }
        };
        let fewer = scene(remove(&values, &gone), remove(&guard, &of_guard));
        if is_good(&fewer) {
            prop_assert!(is_good(&scene(values, guard)));
        }
    }
}

/// A good number; a guard with points of its own, or one number for all of them.
fn guarded_by(in_window: bool, points: Vec<Option<f64>>, behind: Vec<Option<f64>>) -> Scene {
    Scene {
        guard_samples: if in_window { vec![Some(1.0)] } else { points },
        ..guarded(Vec::new(), behind)
    }
}
