//! R3, R6, R7: all errors by all events, multiples of the error budget, the share of it that was used up; and what they are
//! compared with.

use super::*;

#[test]
fn r3_overall_weighs_each_point_by_its_events() {
    // Ten quiet points without errors, and one with a hundred times the events of which half fail.
    let errors = with(flat(0.0), &[(5, Some(5_000.0))]);
    let total = with(flat(100.0), &[(5, Some(10_000.0))]);
    let overall = exit("overall < 45%", errors.clone(), total.clone());
    assert_eq!(overall.outcome(), (Outcome::Unmet, "breach"));
    let value = overall.value().expect("a value");
    assert!((value - 5_000.0 / 11_000.0).abs() < 1e-15, "{value}");
    assert_eq!(
        overall.reason(),
        "overall of 11 points is 45.5%, not < 45%: 300000 errors in 660000 events"
    );
    let mean = exit("mean < 45%", errors, total);
    assert_eq!(
        mean.outcome(),
        (Outcome::Met, "met"),
        "the mean of points is 5%"
    );
}

#[test]
fn r3_other_reducers_and_conditions_look_at_the_values_of_points() {
    let errors = with(flat(0.5), &[(5, Some(3.0))]);
    let case = |condition| exit(condition, errors.clone(), flat(100.0)).outcome().0;
    assert_eq!(case("max < 3%"), Outcome::Unmet);
    assert_eq!(case("median < 0.6%"), Outcome::Met);
    assert_eq!(case("< 1% for 90%"), Outcome::Met);
    assert_eq!(case("< 1%"), Outcome::Unmet);
}

#[test]
fn r6_multiples_of_the_budget_are_exact() {
    let case = |keys, condition, errors| Case {
        keys,
        ..exit(condition, flat(errors), flat(100.0))
    };
    for (keys, unit) in [
        ("objective: 99.9%", 1.0),
        ("objective: 99.9%, unit: percent", 100.0),
    ] {
        let at = case(keys, "<= 14.4x", 1.44);
        assert_eq!(at.outcome().0, Outcome::Met, "{keys}");
        assert_eq!(
            at.criterion().kpi.expect("a KPI").series[0].bound,
            Some(0.0144 * unit)
        );
        assert_eq!(
            case(keys, "< 14.4x", 1.44).outcome().0,
            Outcome::Unmet,
            "{keys}"
        );
    }
}

#[test]
fn r6_multiples_speak_of_errors_also_where_good_events_are_counted() {
    let case = |list, condition, good: f64| Case {
        keys: "objective: 99%",
        part: "good",
        list,
        ..exit(condition, flat(good), flat(100.0))
    };
    let tripped = case(List::Stop, "> 2x", 97.0);
    assert_eq!(tripped.outcome(), (Outcome::Tripped, "breach"));
    assert_eq!(tripped.value(), Some(0.03));
    assert_eq!(
        case(List::Stop, "> 2x", 98.5).outcome(),
        (Outcome::Clear, "clear")
    );
    assert_eq!(
        case(List::Exit, "overall <= 2x", 98.5).outcome(),
        (Outcome::Met, "met")
    );
    assert_eq!(
        case(List::Stop, "> 2x over 5m", 97.0).outcome().0,
        Outcome::Tripped
    );
    let events = tripped.criterion().kpi.expect("a KPI").series[0]
        .events
        .expect("events");
    assert!((events.errors - 1_980.0).abs() < 1e-6, "{events:?}");
}

#[test]
fn r7_the_budget_that_a_span_used_up() {
    // 0.5% of errors over 10m of a budget of 1% for 1h40m: a twentieth of it.
    let case = |condition| Case {
        keys: "objective: 99%, period: 100m",
        ..exit(condition, flat(0.5), flat(100.0))
    };
    let value = case("budget < 6%").value().expect("a value");
    assert!((value - 0.05).abs() < 1e-15, "{value}");
    assert_eq!(case("budget < 6%").outcome(), (Outcome::Met, "met"));
    assert_eq!(case("budget < 4%").outcome(), (Outcome::Unmet, "breach"));
    assert_eq!(
        case("budget < 4%").reason(),
        "budget of 11 points is 5%, not < 4%: 330 errors in 66000 events"
    );
    let series = &case("budget < 4%").criterion().kpi.expect("a KPI").series[0];
    assert!(series.of_budget && series.common_bound().is_none());
    assert_eq!(series.breaches, [], "no point has a share of the budget");
    let good = Case {
        part: "good",
        errors: vec![flat(99.5)],
        ..case("budget < 6%")
    };
    let value = good.value().expect("a value");
    assert!((value - 0.05).abs() < 1e-12, "{value}");
    let month = Case {
        keys: "objective: 99%",
        ..case("budget < 6%")
    };
    let value = month.value().expect("a value");
    assert!((value - 0.5 / 4_320.0).abs() < 1e-15, "{value}");
}

#[test]
fn r6_a_baseline_is_compared_as_the_plan_says() {
    let case = |keys, condition, errors, baseline: (Samples, Samples)| Case {
        keys,
        baseline: Some(baseline),
        ..exit(condition, flat(errors), flat(100.0))
    };
    // The baseline has 1% at most points, but 10% of the many events of one.
    let uneven = || {
        let errors = with(flat(1.0), &[(5, Some(100.0))]);
        let total = with(flat(100.0), &[(5, Some(1_000.0))]);
        (errors, total)
    };
    let earlier = "baseline: {offset: 1h}";
    assert_eq!(
        case(earlier, "overall <= baseline", 5.0, uneven())
            .outcome()
            .0,
        Outcome::Met
    );
    assert_eq!(
        case(earlier, "overall <= baseline", 6.0, uneven())
            .outcome()
            .0,
        Outcome::Unmet
    );
    assert_eq!(
        case(earlier, "<= baseline", 5.0, uneven()).outcome().0,
        Outcome::Unmet
    );
    let overall = "baseline: {offset: 1h, as: overall}";
    assert_eq!(
        case(overall, "<= baseline", 5.0, uneven()).outcome().0,
        Outcome::Met
    );
    let points = "baseline: {offset: 1h, as: points}";
    assert_eq!(
        case(points, "overall <= baseline", 5.0, uneven())
            .outcome()
            .0,
        Outcome::Met
    );
    // Without a partner the one bad point of the baseline does not count.
    let mut unpaired = uneven();
    unpaired.1[5] = None;
    assert_eq!(
        case(points, "overall <= baseline", 5.0, unpaired)
            .outcome()
            .0,
        Outcome::Unmet
    );
    let before = "baseline: {before: 10m}";
    assert_eq!(
        case(before, "> baseline over 5m", 5.0, uneven())
            .outcome()
            .0,
        Outcome::Unmet
    );
    let impossible = (flat(101.0), flat(100.0));
    let code = case(earlier, "<= baseline", 5.0, impossible).outcome();
    assert_eq!(code, (Outcome::Unknown, "ratio-impossible"));
}

#[test]
fn r4_too_few_events_of_a_baseline_are_no_baseline() {
    for (condition, code) in [
        ("overall <= baseline", "baseline-unknown"),
        ("<= baseline", "baseline-unknown"),
    ] {
        let case = |least: &'static str| Case {
            keys: least,
            baseline: Some((flat(2.0), flat(10.0))),
            ..exit(condition, flat(1.0), flat(100.0))
        };
        let few = case("min_total: 6601, baseline: {offset: 1h}");
        assert_eq!(few.outcome(), (Outcome::Unknown, code), "{condition}");
        let enough = case("min_total: 6600, baseline: {offset: 1h}");
        assert_eq!(enough.outcome(), (Outcome::Met, "met"), "{condition}");
    }
}
