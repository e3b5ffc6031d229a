//! M4: pairs and baselines are asked of each series by itself, also where nothing lists the series.

use super::scene::*;
use crate::assessment::Outcome;
use crate::plan::*;
use crate::units::Unit;

fn no_more_than_baseline() -> Condition {
    Condition {
        bound: Bound::Baseline,
        comparison: Comparison::LessOrEqual,
        ..below_5()
    }
}

/// Two sites; the baseline of the second holds these points.
fn two_sites(baseline: Baseline, of_second: Vec<Option<f64>>) -> Scene {
    Scene {
        per: Some("site"),
        baseline: Some(baseline),
        baseline_by_site: vec![flat(1.0), of_second],
        samples: vec![flat(1.0), flat(1.0)],
        ..exit(no_more_than_baseline(), Vec::new())
    }
}

fn few() -> Vec<Option<f64>> {
    with(vec![None; N], &[(0, Some(1.0)), (1, Some(1.0))])
}

#[test]
fn m4_a_site_with_few_points_in_the_baseline_is_unknown_beside_one_with_all() {
    let unknown = (Outcome::Unknown, "baseline-unknown");
    let hour = || Baseline::Offset(minutes(60));
    for baseline in [hour(), Baseline::Before(minutes(10))] {
        let whole = two_sites(baseline.clone(), flat(1.0));
        assert_eq!(whole.outcome().0, Outcome::Met, "{baseline:?}");
        let thin = two_sites(baseline, few());
        assert_eq!(thin.outcome(), unknown);
        let reason = thin.criterion().reason;
        let told = "site=s1: the baseline is unknown: 2 of 11 points";
        assert!(reason.starts_with(told), "{reason}");
        let reduced = Scene {
            condition: Condition {
                reducer: Some(Reducer::Max),
                ..no_more_than_baseline()
            },
            ..thin
        };
        assert_eq!(reduced.outcome(), unknown);
        let breach = Scene {
            samples: vec![flat(1.0), flat(9.0)],
            baseline: Some(hour()),
            condition: no_more_than_baseline(),
            ..reduced
        };
        assert_eq!(
            breach.outcome(),
            (Outcome::Unmet, "breach"),
            "one pair is enough"
        );
    }
}

#[test]
fn m4_a_site_that_began_late_needs_partners_for_its_own_points_alone() {
    let late: Vec<_> = (0..8).map(|position| (position, None)).collect();
    let scene = |baseline| Scene {
        samples: vec![flat(1.0), with(flat(1.0), &late)],
        ..two_sites(Baseline::Offset(minutes(60)), baseline)
    };
    assert_eq!(scene(with(flat(1.0), &late)).outcome().0, Outcome::Met);
    assert_eq!(
        scene(with(flat(1.0), &[(9, None)])).outcome(),
        (Outcome::Unknown, "baseline-unknown")
    );
}

#[test]
fn m4_of_sites_behind_one_number_each_needs_points_in_the_baseline() {
    for baseline in [
        Baseline::Offset(minutes(60)),
        Baseline::File("b.json".to_owned()),
    ] {
        let scene = |of_second| Scene {
            instant: true,
            samples: vec![vec![Some(1.0)]; 2],
            companion_samples: vec![flat(1.0), flat(1.0)],
            captured: Some(("max_over_time(x[600s])", Some(Unit::None), "guard")),
            ..two_sites(baseline.clone(), of_second)
        };
        assert_eq!(scene(flat(1.0)).outcome().0, Outcome::Met, "{baseline:?}");
        assert_eq!(
            scene(few()).outcome(),
            (Outcome::Unknown, "baseline-unknown"),
            "{baseline:?}"
        );
    }
}

#[test]
fn m4_a_site_with_few_points_in_a_captured_baseline_is_unknown() {
    let scene = |of_second| Scene {
        captured: Some(("x", Some(Unit::None), "guard")),
        ..two_sites(Baseline::File("b.json".to_owned()), of_second)
    };
    assert_eq!(scene(flat(1.0)).outcome().0, Outcome::Met);
    assert_eq!(
        scene(few()).outcome(),
        (Outcome::Unknown, "baseline-unknown")
    );
}
