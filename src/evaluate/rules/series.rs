//! Rule 3: which series are judged, and which decides.

use super::scene::*;
use super::*;

#[test]
fn rule_3_several_series_where_one_belongs_are_unknown() {
    let scene = Scene {
        samples: vec![flat(9.0), flat(1.0)],
        ..exit(below_5(), flat(1.0))
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "several-series"));
}

#[test]
fn rule_3_each_series_is_judged_and_the_worst_decides() {
    let sites = |samples| Scene {
        per: Some("site"),
        samples,
        ..exit(below_5(), Vec::new())
    };
    assert_eq!(sites(vec![flat(1.0), flat(2.0)]).outcome().0, Outcome::Met);
    let scene = sites(vec![flat(1.0), flat(9.0), flat(7.0)]);
    assert_eq!(scene.outcome().0, Outcome::Unmet);
    assert!(
        scene.criterion().reason.starts_with("site=s1: 9 at"),
        "{}",
        scene.criterion().reason
    );
    assert!(scene.criterion().reason.ends_with("(2 of 3 series unmet)"));
}

#[test]
fn rule_3_a_missing_listed_value_is_unknown_and_named() {
    let listed = |samples| Scene {
        per: Some("site"),
        expected: Some(vec!["s0".into(), "s1".into()]),
        samples,
        ..exit(below_5(), Vec::new())
    };
    let scene = listed(vec![flat(1.0)]);
    assert_eq!(scene.outcome(), (Outcome::Unknown, "series-missing"));
    assert!(scene.criterion().reason.contains("s1"));
    assert_eq!(listed(vec![flat(1.0), flat(1.0)]).outcome().0, Outcome::Met);
    assert_eq!(
        listed(vec![flat(9.0)]).outcome().0,
        Outcome::Unmet,
        "missing data excuse nothing"
    );
    assert_eq!(
        listed(vec![flat(1.0), flat(1.0), flat(9.0)]).outcome().0,
        Outcome::Unmet,
        "unlisted series are judged too"
    );
    let half = with(vec![None; N], &[(10, Some(1.0))]);
    assert_eq!(
        listed(vec![flat(1.0), half]).outcome(),
        (Outcome::Unknown, "low-coverage"),
        "each by itself"
    );
}

#[test]
fn rule_3_with_nothing_listed_the_coverage_counts_points_of_any_series() {
    let halves = vec![
        with(flat(1.0), &[(0, None), (1, None), (2, None), (3, None)]),
        with(
            vec![None; N],
            &[
                (0, Some(1.0)),
                (1, Some(1.0)),
                (2, Some(1.0)),
                (3, Some(1.0)),
                (10, Some(1.0)),
            ],
        ),
    ];
    let scene = Scene {
        per: Some("site"),
        samples: halves,
        ..exit(below_5(), Vec::new())
    };
    assert_eq!(scene.outcome().0, Outcome::Met);
}

#[test]
fn rule_3_with_nothing_listed_a_series_without_a_measured_point_is_unknown() {
    let scene = Scene {
        per: Some("site"),
        samples: vec![flat(1.0), vec![Some(f64::NAN); N]],
        ..exit(below_5(), Vec::new())
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "no-data"));
    assert!(scene.criterion().reason.starts_with("site=s1"));
}

#[test]
fn rule_3_indistinguishable_series_are_unknown() {
    let scene = Scene {
        per: Some("carrier"),
        ..exit(below_5(), flat(1.0))
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "ambiguous-series"));
    let scene = Scene {
        per: Some("site"),
        ..exit(below_5(), flat(1.0))
    };
    let mut observations = scene.observations();
    for reply in observations.values_mut().flatten() {
        reply.series.push(reply.series[0].clone());
    }
    let criterion = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0)
        .criteria
        .remove(0);
    assert_eq!(criterion.code, Code::AmbiguousSeries);
}
