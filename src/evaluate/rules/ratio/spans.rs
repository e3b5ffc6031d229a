//! R8: ratios of one number for the whole window, and what lies behind them.

use super::*;

fn in_window(condition: &'static str, errors: Samples, total: Samples) -> Case {
    Case {
        keys: "in_window, objective: 99%, period: 100m",
        ..exit(condition, errors, total)
    }
}

#[test]
fn r8_one_number_for_the_window_has_an_overall_value_and_a_budget() {
    let case = in_window("overall < 1%", flat(0.5), flat(100.0));
    assert_eq!(case.outcome(), (Outcome::Met, "met"), "{}", case.reason());
    assert_eq!(case.value(), Some(0.005));
    let kpi = case.criterion().kpi.expect("a KPI");
    assert_eq!(
        kpi.query,
        "(sum by (site) (rate(e[600s]))) / (sum by (site) (rate(n[600s])))"
    );
    let events = kpi.series[0].events.expect("events");
    assert!(
        (events.total - 60_000.0).abs() < 1e-6,
        "a rate over ten minutes"
    );
    let budget = in_window("budget < 4%", flat(0.5), flat(100.0));
    assert_eq!(budget.outcome(), (Outcome::Unmet, "breach"));
    let few = Case {
        keys: "in_window, min_total: 60001",
        ..in_window("overall < 1%", flat(0.5), flat(100.0))
    };
    assert_eq!(few.outcome(), (Outcome::Unknown, "low-traffic"));
    let bad = in_window("overall < 1%", flat(2.0), flat(100.0));
    assert_eq!(bad.outcome(), (Outcome::Unmet, "breach"));
}

#[test]
fn r8_what_lies_behind_a_good_number_has_to_be_seen() {
    let gap = [(3, None), (4, None)];
    for (errors, total) in [
        (flat(0.5), with(flat(100.0), &gap)),
        (with(flat(0.5), &gap), flat(100.0)),
    ] {
        let case = in_window("overall < 1%", errors.clone(), total.clone());
        assert_eq!(case.outcome(), (Outcome::Unknown, "low-coverage"));
        let bad = in_window("overall > 1%", errors, total);
        assert_eq!(bad.outcome(), (Outcome::Unmet, "breach"));
    }
    let zero = Case {
        keys: "in_window, missing: zero",
        ..in_window("overall < 1%", with(flat(0.5), &gap), flat(100.0))
    };
    assert_eq!(zero.outcome(), (Outcome::Met, "met"), "{}", zero.reason());
}

#[test]
fn r8_each_question_is_asked_once() {
    let asked = |case: &Case| -> Vec<String> {
        let questions = questions(&case.plan(), &case.request()).into_iter();
        questions.map(|question| question.query).collect()
    };
    let both = asked(&in_window("overall < 1%", flat(0.5), flat(100.0)));
    assert_eq!(
        both,
        [
            "sum by (site) (rate(n[600s]))",
            "sum by (site) (rate(e[600s]))",
            "sum by (site) (rate(n[300s]))",
            "sum by (site) (rate(e[300s]))"
        ]
    );
    let zero = Case {
        keys: "in_window, missing: zero",
        ..in_window("overall < 1%", flat(0.5), flat(100.0))
    };
    assert_eq!(asked(&zero).len(), 3);
    let points = exit("< 1%", flat(0.5), flat(100.0));
    assert_eq!(
        asked(&points),
        ["sum by (site) (rate(n[5m]))", "sum by (site) (rate(e[5m]))"]
    );
}
