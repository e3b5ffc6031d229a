//! Rule 6: a baseline of another span.

use super::scene::*;
use super::*;

pub(super) fn relative(bound: Bound) -> Condition {
    Condition { bound, ..below_5() }
}

pub(super) fn ten_percent() -> Delta {
    Delta::Relative(finite(0.1))
}

#[test]
fn rule_6_a_baseline_of_another_span_is_its_median_where_there_is_no_reducer() {
    let scene = |value| Scene {
        baseline: Some(Baseline::Before(minutes(10))),
        started: Some(W),
        baseline_samples: with(flat(10.0), &[(0, Some(1000.0))]),
        ..exit(relative(Bound::Above(ten_percent())), flat(value))
    };
    assert_eq!(scene(10.9).outcome().0, Outcome::Met);
    assert_eq!(scene(11.0).outcome().0, Outcome::Unmet);
    let series = scene(11.0).criterion().kpi.expect("kpi").series.remove(0);
    assert_eq!((series.baseline, series.bound), (Some(10.0), Some(11.0)));
}

#[test]
fn rule_6_no_baseline_is_unknown() {
    let scene = |baseline, baseline_samples, started| Scene {
        baseline: Some(baseline),
        baseline_samples,
        started,
        ..exit(relative(Bound::Baseline), flat(1.0))
    };
    let offset = || Baseline::Offset(minutes(60));
    assert_eq!(
        scene(offset(), Vec::new(), Some(W)).outcome(),
        (Outcome::Unknown, "baseline-unknown")
    );
    assert_eq!(
        scene(offset(), with(flat(9.0), &[(0, None), (1, None)]), Some(W)).outcome(),
        (Outcome::Unknown, "baseline-unknown"),
        "coverage applies"
    );
    let no_start = Scene {
        list: List::Entry,
        ..scene(Baseline::Before(minutes(5)), flat(9.0), None)
    };
    assert_eq!(
        no_start.outcome(),
        (Outcome::Unknown, "baseline-unknown"),
        "no start"
    );
    assert_eq!(
        scene(Baseline::Before(minutes(5)), flat(9.0), Some(W))
            .outcome()
            .0,
        Outcome::Met
    );
    let file = scene(Baseline::File("base.json".into()), flat(9.0), Some(W));
    assert_eq!(file.outcome(), (Outcome::Unknown, "baseline-differs"));
}
