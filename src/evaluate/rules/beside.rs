//! M4: a baseline point by point.

use super::baselines::{relative, ten_percent};
use super::scene::*;
use super::*;

/// A night in the middle of a span.
fn night() -> Vec<Option<f64>> {
    let dark = [
        (3, Some(10.0)),
        (4, Some(10.0)),
        (5, Some(10.0)),
        (6, Some(10.0)),
    ];
    with(flat(100.0), &dark)
}

fn beside_last_week(
    condition: Condition,
    samples: Vec<Option<f64>>,
    last_week: Vec<Option<f64>>,
) -> Scene {
    Scene {
        baseline: Some(Baseline::Offset(Duration::from_secs(7 * 86_400))),
        baseline_samples: last_week,
        ..exit(condition, samples)
    }
}

fn at_least_baseline_less_ten_percent() -> Condition {
    Condition {
        bound: Bound::Below(ten_percent()),
        ..condition(None, Comparison::GreaterOrEqual, 0.0, None)
    }
}

#[test]
fn m4_a_series_that_equals_its_own_last_week_is_met_and_clear() {
    let scene = beside_last_week(at_least_baseline_less_ten_percent(), night(), night());
    assert_eq!(scene.outcome().0, Outcome::Met);
    for hold in [None, Some(Hold::For(minutes(2)))] {
        let below = Condition {
            bound: Bound::Below(ten_percent()),
            ..condition(None, Comparison::Less, 0.0, hold)
        };
        let stop = Scene {
            list: List::Stop,
            ..beside_last_week(below, night(), night())
        };
        assert_eq!(stop.outcome().0, Outcome::Clear);
    }
    let median = Scene {
        baseline_as: Some(BaselineAs::One(Reducer::Median)),
        ..scene
    };
    assert_eq!(
        median.outcome().0,
        Outcome::Unmet,
        "`as: median` compares with one value"
    );
}

#[test]
fn m4_the_worst_pair_is_named_with_its_place() {
    let samples = with(night(), &[(4, Some(7.0))]);
    let scene = beside_last_week(at_least_baseline_less_ten_percent(), samples, night());
    assert_eq!(scene.outcome(), (Outcome::Unmet, "breach"));
    let criterion = scene.criterion();
    assert_eq!(
        criterion.reason,
        "7 at 2026-11-19T23:54:00Z, 30% below the 10 of 7d before, is not >= 9: 1 of 11 points, the longest stretch at 2026-11-19T23:54:00Z"
    );
    let series = criterion.kpi.expect("a KPI").series.remove(0);
    assert_eq!(
        (series.value, series.bound, series.baseline),
        (Some(7.0), Some(9.0), Some(10.0))
    );
    let at = Instant::from_secs(T - 6 * MIN);
    assert_eq!(series.value_at, Some(at));
    let partners = series.partners.expect("partners");
    assert_eq!(partners.at, at - Duration::from_secs(7 * 86_400));
    assert_eq!(partners.mean, (7.0 * 100.0 + 4.0 * 10.0) / 11.0);
    let met = beside_last_week(
        at_least_baseline_less_ten_percent(),
        with(night(), &[(4, Some(9.5))]),
        night(),
    );
    assert_eq!(
        met.criterion().reason,
        "all 11 points are >= their limits, the worst is 9.5 at 2026-11-19T23:54:00Z, 5% below the 10 of 7d before"
    );
}

#[test]
fn m4_a_share_counts_pairs() {
    let share = |percent: &str| Condition {
        hold: Some(Hold::Share(Share::parse(percent).expect("a share"))),
        ..at_least_baseline_less_ten_percent()
    };
    let samples = with(night(), &[(4, Some(7.0))]);
    assert_eq!(
        beside_last_week(share("90%"), samples.clone(), night())
            .outcome()
            .0,
        Outcome::Met
    );
    assert_eq!(
        beside_last_week(share("91%"), samples, night()).outcome().0,
        Outcome::Unmet
    );
}

#[test]
fn m4_a_point_without_a_partner_is_not_measured() {
    let scene = |changes: &[(usize, Option<f64>)]| {
        beside_last_week(
            at_least_baseline_less_ten_percent(),
            flat(100.0),
            with(flat(100.0), changes),
        )
    };
    assert_eq!(
        scene(&[(2, None)]).outcome().0,
        Outcome::Met,
        "10 of 11 pairs"
    );
    for gone in [None, Some(f64::INFINITY), Some(f64::NAN)] {
        let few = scene(&[(2, gone), (3, gone)]);
        assert_eq!(few.outcome(), (Outcome::Unknown, "baseline-unknown"));
        assert_eq!(
            few.criterion().reason,
            "the baseline is unknown: 9 of 11 points have a partner in it, 90% needed; the newest point is 0s old (2026-11-20T00:00:00Z)"
        );
    }
    let newest = [(9, None), (10, None)];
    let stale = Scene {
        max_age: Some(Duration::from_secs(30)),
        ..scene(&newest[1..])
    };
    assert_eq!(
        stale.outcome().0,
        Outcome::Met,
        "its own newest point is fresh"
    );
}

#[test]
fn m4_one_pair_that_breaches_counts_although_the_baseline_is_thin() {
    let last_week = with(vec![None; N], &[(3, Some(100.0))]);
    let scene = |value| {
        beside_last_week(
            at_least_baseline_less_ten_percent(),
            flat(value),
            last_week.clone(),
        )
    };
    assert_eq!(scene(50.0).outcome(), (Outcome::Unmet, "breach"));
    assert_eq!(
        scene(100.0).outcome(),
        (Outcome::Unknown, "baseline-unknown")
    );
}

#[test]
fn m4_beside_a_reducer_points_restrict_both_sides_to_pairs() {
    let mean = Condition {
        reducer: Some(Reducer::Mean),
        ..at_least_baseline_less_ten_percent()
    };
    let scene = |baseline_as| Scene {
        baseline_as,
        ..beside_last_week(
            mean.clone(),
            flat(100.0),
            with(flat(100.0), &[(2, Some(f64::INFINITY))]),
        )
    };
    assert_eq!(scene(Some(BaselineAs::Points)).outcome().0, Outcome::Met);
    assert_eq!(
        scene(None).outcome(),
        (Outcome::Unknown, "baseline-unknown")
    );
}

#[test]
fn an_infinite_baseline_lets_nothing_pass() {
    let scene = Scene {
        baseline: Some(Baseline::Offset(minutes(60))),
        baseline_samples: flat(f64::INFINITY),
        ..exit(relative(Bound::Above(ten_percent())), flat(1.0))
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "baseline-unknown"));
}
