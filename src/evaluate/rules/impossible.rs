//! M14b: values that cannot be.

use super::scene::*;
use super::*;

fn ratio(condition: Condition, samples: Vec<Option<f64>>) -> Scene {
    Scene {
        unit: Unit::Ratio,
        ..exit(condition, samples)
    }
}

fn below_half() -> Condition {
    condition(None, Comparison::Less, 0.5, None)
}

#[test]
fn m14b_an_impossible_ratio_or_percentage_is_unknown_by_its_first_place() {
    for (unit, value, shown) in [
        (Unit::Ratio, -0.25, "-25%"),
        (Unit::Ratio, 1.5, "150%"),
        (Unit::Ratio, f64::INFINITY, "+Inf"),
        (Unit::Percent, -1.0, "-1%"),
        (Unit::Percent, 101.0, "101%"),
        (Unit::Percent, 100.1, "100.1%"),
        (Unit::Ratio, 1.000_001, "100.0001%"),
        (Unit::Percent, f64::NEG_INFINITY, "-Inf"),
    ] {
        let samples = with(flat(0.25), &[(3, Some(value)), (7, Some(value))]);
        let scene = Scene {
            unit,
            ..ratio(condition(None, Comparison::NotEqual, 0.5, None), samples)
        };
        assert_eq!(scene.outcome(), (Outcome::Unknown, "impossible-value"));
        assert_eq!(
            scene.criterion().reason,
            format!(
                "{shown} at 2026-11-19T23:53:00Z lies outside 0% to 100%: check the query and `unit: {unit}`, or say `accept: [impossible-value]`"
            )
        );
        assert_eq!(scene.assessed().verdict, Verdict::Hold);
    }
}

#[test]
fn m14b_ends_of_the_range_rounding_and_other_units_are_possible() {
    for value in [0.0, 1.0, 1.0 + 1e-10, -1e-10] {
        let scene = ratio(condition(None, Comparison::Less, 2.0, None), flat(value));
        assert_eq!(scene.outcome().0, Outcome::Met, "{value}");
    }
    for unit in Unit::ALL {
        let free = unit != Unit::Ratio && unit != Unit::Percent;
        let scene = Scene {
            unit,
            ..exit(below_5(), flat(-3.0))
        };
        assert_eq!(scene.outcome().0 == Outcome::Met, free, "{unit}");
    }
}

#[test]
fn m14b_a_reducer_or_a_stop_over_impossible_values_decides_nothing() {
    let odd = with(flat(0.25), &[(3, Some(-8.0))]);
    let reduced = condition(Some(Reducer::Max), Comparison::Less, 0.5, None);
    assert_eq!(
        ratio(reduced, odd.clone()).outcome(),
        (Outcome::Unknown, "impossible-value")
    );
    let above = condition(None, Comparison::Greater, 0.5, None);
    let scene = Scene {
        list: List::Stop,
        ..ratio(above, odd)
    };
    assert_eq!(
        scene.outcome(),
        (Outcome::Unknown, "impossible-value"),
        "not clear"
    );
}

#[test]
fn m14b_what_breaches_on_possible_values_stays_a_breach() {
    let odd = with(flat(0.25), &[(3, Some(-8.0)), (4, Some(0.75))]);
    let scene = ratio(below_half(), odd.clone());
    assert_eq!(scene.outcome(), (Outcome::Unmet, "breach"));
    assert!(
        scene.criterion().reason.contains("(though -800% at "),
        "{}",
        scene.criterion().reason
    );
    let above = condition(None, Comparison::Greater, 0.5, None);
    let scene = Scene {
        list: List::Stop,
        ..ratio(above, odd)
    };
    assert_eq!(scene.outcome(), (Outcome::Tripped, "breach"));
}

#[test]
fn m14b_an_impossible_value_alone_is_no_breach() {
    let scene = ratio(below_half(), with(flat(0.25), &[(3, Some(7.0))]));
    assert_eq!(scene.outcome(), (Outcome::Unknown, "impossible-value"));
}

#[test]
fn m14b_an_accepted_value_is_judged_like_any_other() {
    let accepting = |samples| Scene {
        accept: vec![Accept::ImpossibleValue],
        ..ratio(below_half(), samples)
    };
    assert_eq!(accepting(flat(-0.25)).outcome().0, Outcome::Met);
    let high = with(flat(0.25), &[(3, Some(7.0))]);
    assert_eq!(accepting(high).outcome().0, Outcome::Unmet);
}

#[test]
fn m14b_where_the_guard_does_not_hold_no_value_is_impossible() {
    let scene = Scene {
        guard: true,
        guard_samples: with(flat(1.0), &[(3, Some(0.0))]),
        ..ratio(below_half(), with(flat(0.25), &[(3, Some(7.0))]))
    };
    assert_eq!(scene.outcome().0, Outcome::Met);
}

#[test]
fn m14b_a_baseline_must_be_possible_too() {
    let scene = |baseline_samples| Scene {
        baseline: Some(Baseline::Offset(Duration::from_secs(86_400))),
        baseline_samples,
        ..ratio(
            Condition {
                bound: Bound::Baseline,
                ..condition(None, Comparison::LessOrEqual, 0.0, None)
            },
            flat(0.25),
        )
    };
    assert_eq!(scene(flat(0.25)).outcome().0, Outcome::Met);
    let odd = scene(with(flat(0.25), &[(3, Some(7.0))]));
    assert_eq!(odd.outcome(), (Outcome::Unknown, "impossible-value"));
    assert!(
        odd.criterion()
            .reason
            .starts_with("the baseline is unknown: 700% at 2026-11-18T23:53:00Z"),
        "{}",
        odd.criterion().reason
    );
}
