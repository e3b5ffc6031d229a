//! R1, R2, R4: which points of a ratio are measured, which counts are impossible, and how many events are enough.

use super::*;

const MET: (Outcome, &str) = (Outcome::Met, "met");

#[test]
fn r1_a_point_is_what_was_counted_by_all_events() {
    let case = exit("< 1%", flat(0.5), flat(100.0));
    assert_eq!(case.outcome(), MET);
    assert_eq!(case.value(), Some(0.005));
    let kpi = case.criterion().kpi.expect("a KPI");
    assert_eq!(
        kpi.query,
        "(sum by (site) (rate(e[5m]))) / (sum by (site) (rate(n[5m])))"
    );
    let ratio = kpi.ratio.expect("its two queries");
    assert_eq!(ratio.total, "sum by (site) (rate(n[5m]))");
    assert_eq!(ratio.part, "sum by (site) (rate(e[5m]))");
    let percent = Case {
        keys: "unit: percent",
        ..exit("< 1%", flat(0.5), flat(100.0))
    };
    assert_eq!(percent.outcome(), MET);
    assert_eq!(percent.value(), Some(0.5));
}

#[test]
fn r1_good_events_mirror_errors() {
    let good = |condition, good: f64| Case {
        part: "good",
        ..exit(condition, flat(good), flat(100.0))
    };
    assert_eq!(good("> 99%", 99.5).outcome(), MET);
    assert_eq!(good("> 99%", 98.5).outcome(), (Outcome::Unmet, "breach"));
    let events = |case: &Case| case.criterion().kpi.expect("a KPI").series[0].events;
    let of_errors = events(&exit("< 1%", flat(0.5), flat(100.0))).expect("events");
    let of_good = events(&good("> 99%", 99.5)).expect("events");
    assert_eq!(of_errors, of_good);
    assert!((of_errors.total - 66_000.0).abs() < 1e-6);
    assert!((of_errors.errors - 330.0).abs() < 1e-6);
}

#[test]
fn r1_points_without_events_or_without_a_count_are_not_measured() {
    for (errors, total) in [
        (flat(0.0), flat(0.0)),
        (flat(0.0), vec![None; 11]),
        (flat(0.0), flat(f64::NAN)),
        (flat(f64::NAN), flat(100.0)),
        (vec![None; 11], flat(100.0)),
    ] {
        let case = exit("< 1%", errors.clone(), total.clone());
        assert_eq!(
            case.outcome(),
            (Outcome::Unknown, "no-data"),
            "{errors:?} {total:?}"
        );
    }
    let dark = exit(
        "< 1%",
        flat(0.0),
        with(flat(100.0), &[(3, None), (4, None)]),
    );
    assert_eq!(dark.outcome(), (Outcome::Unknown, "low-coverage"));
    let bad = exit("< 1%", flat(2.0), with(vec![None; 11], &[(3, Some(100.0))]));
    assert_eq!(
        bad.outcome(),
        (Outcome::Unmet, "breach"),
        "though it is thin"
    );
}

#[test]
fn r1_no_errors_series_while_there_are_events_is_no_errors_only_if_the_plan_says_so() {
    let none = |keys| Case {
        errors: Vec::new(),
        keys,
        ..exit("< 1%", Vec::new(), flat(100.0))
    };
    let silent = none("objective: 99%");
    assert_eq!(silent.outcome(), (Outcome::Unknown, "no-data"));
    assert!(
        silent.reason().contains(
            "at 11 points there are events but no value of `errors`, which `missing: zero` would count as none"
        ),
        "{}",
        silent.reason()
    );
    let zero = none("missing: zero");
    assert_eq!(zero.outcome(), MET);
    assert_eq!(zero.value(), Some(0.0));
    let said = "`errors` found no series in the whole span: counted as none (`missing: zero`)";
    assert_eq!(zero.criterion().notes, [said], "a wrong query looks alike");
    let idle = Case {
        total: vec![flat(0.0)],
        ..none("missing: zero")
    };
    assert_eq!(idle.outcome(), (Outcome::Unknown, "no-data"));
    assert!(
        idle.reason()
            .contains("at 11 points there are no events at all")
    );
    let nothing = Case {
        total: Vec::new(),
        ..none("missing: zero")
    };
    assert!(nothing.criterion().notes.is_empty(), "its reason says it");
    assert_eq!(nothing.outcome(), (Outcome::Unknown, "no-data"));
    let broken = Case {
        errors: vec![with(flat(0.0), &[(5, Some(f64::NAN))])],
        ..none("missing: zero, coverage: 100%")
    };
    assert_eq!(broken.outcome(), (Outcome::Unknown, "low-coverage"));
}

#[test]
fn r1_no_good_events_while_there_are_events_are_all_errors() {
    let case = Case {
        part: "good",
        errors: Vec::new(),
        keys: "missing: zero",
        ..exit("> 99%", Vec::new(), flat(100.0))
    };
    assert_eq!(case.outcome(), (Outcome::Unmet, "breach"));
}

#[test]
fn r2_counts_that_contradict_each_other_make_it_unknown_by_name() {
    for (errors, total, said) in [
        (-1.0, 100.0, "`errors` is -1/s at 2026-11-19T23:53:00Z"),
        (1.0, -100.0, "`total` is -100/s at 2026-11-19T23:53:00Z"),
        (
            101.0,
            100.0,
            "`errors` is 101/s at 2026-11-19T23:53:00Z, more than the 100/s of `total`",
        ),
        (
            1.0,
            0.0,
            "`errors` is 1/s at 2026-11-19T23:53:00Z, more than the 0/s of `total`",
        ),
        (f64::INFINITY, 100.0, "`errors` is +Inf at"),
        (0.0, f64::INFINITY, "`total` is +Inf at"),
    ] {
        for list in [List::Exit, List::Stop] {
            for condition in ["< 50%", "> 50%", "overall > 50%", "< 50% over 5m", "!= 7%"] {
                let case = Case {
                    list,
                    ..exit(
                        condition,
                        with(flat(1.0), &[(3, Some(errors)), (7, Some(errors))]),
                        with(flat(100.0), &[(3, Some(total)), (7, Some(total))]),
                    )
                };
                assert_eq!(
                    case.outcome(),
                    (Outcome::Unknown, "ratio-impossible"),
                    "{errors} of {total}: {condition}"
                );
                assert!(case.reason().starts_with(said), "{}", case.reason());
            }
        }
    }
}

#[test]
fn r2_extrapolated_counts_differ_a_little() {
    let just = exit("<= 100.001%", flat(100.00009), flat(100.0));
    assert_eq!(just.outcome(), MET);
    let more = exit("<= 100.001%", flat(100.00011), flat(100.0));
    assert_eq!(more.outcome(), (Outcome::Unknown, "ratio-impossible"));
}

#[test]
fn r2_what_its_guard_leaves_out_is_not_looked_at() {
    let case = |keys| Case {
        keys,
        guard: with(flat(1.0), &[(3, Some(0.0))]),
        ..exit("< 5%", with(flat(1.0), &[(3, Some(-1.0))]), flat(100.0))
    };
    let guarded = case("guard: {query: guard, is: '> 0'}");
    assert_eq!(guarded.outcome(), MET);
    assert_eq!(
        case("objective: 99%").outcome(),
        (Outcome::Unknown, "ratio-impossible")
    );
}

#[test]
fn r4_too_few_events_excuse_nothing_and_show_nothing() {
    // 11 points of 100 a second, a minute each: 66 000 events.
    let case = |keys, condition, errors| Case {
        keys,
        ..exit(condition, flat(errors), flat(100.0))
    };
    assert_eq!(case("min_total: 66000", "< 1%", 0.5).outcome(), MET);
    let few = case("min_total: 66001", "< 1%", 0.5);
    assert_eq!(few.outcome(), (Outcome::Unknown, "low-traffic"));
    assert_eq!(few.reason(), "66000 of 66001 events");
    let bad = case("min_total: 66001", "< 1%", 2.0);
    assert_eq!(bad.outcome(), (Outcome::Unmet, "breach"));
    let reduced = case("min_total: 66001", "overall < 1%", 2.0);
    assert_eq!(reduced.outcome(), (Outcome::Unknown, "low-traffic"));
    for (condition, outcome) in [
        ("> 1%", (Outcome::Tripped, "breach")),
        ("> 3%", (Outcome::Unknown, "low-traffic")),
    ] {
        let stop = Case {
            list: List::Stop,
            ..case("min_total: 66001", condition, 2.0)
        };
        assert_eq!(stop.outcome(), outcome, "{condition}");
    }
}

#[test]
fn r1_series_of_both_queries_are_matched_by_their_label() {
    let both = |errors: Vec<Samples>, total: Vec<Samples>, keys| Case {
        keys,
        errors,
        total,
        ..exit("< 1%", Vec::new(), Vec::new())
    };
    let (good, bad, all) = (flat(0.5), flat(2.0), flat(100.0));
    let fine = both(
        vec![good.clone(), good.clone()],
        vec![all.clone(), all.clone()],
        "per: site",
    );
    assert_eq!(fine.outcome(), MET);
    let one_bad = both(
        vec![good.clone(), bad],
        vec![all.clone(), all.clone()],
        "per: site",
    );
    assert_eq!(one_bad.outcome(), (Outcome::Unmet, "breach"));
    assert!(
        one_bad.reason().starts_with("site=s1: 2%"),
        "{}",
        one_bad.reason()
    );
    let no_errors = both(
        vec![good.clone()],
        vec![all.clone(), all.clone()],
        "per: site",
    );
    assert_eq!(no_errors.outcome(), (Outcome::Unknown, "no-data"));
    let zero = both(
        vec![good.clone()],
        vec![all.clone(), all.clone()],
        "per: site, missing: zero",
    );
    assert_eq!(zero.outcome(), MET);
    let no_total = both(
        vec![good.clone(), good.clone()],
        vec![all.clone()],
        "per: site, missing: zero",
    );
    assert_eq!(
        no_total.outcome(),
        (Outcome::Unknown, "no-data"),
        "errors without any event"
    );
    let several = both(vec![good.clone(), good], vec![all], "objective: 99%");
    assert_eq!(several.outcome(), (Outcome::Unknown, "several-series"));
}

#[test]
fn a_warning_on_either_answer_makes_it_unknown() {
    for part in ["(e", "(n"] {
        let case = Case {
            warned: Some(part),
            ..exit("< 1%", flat(0.5), flat(100.0))
        };
        assert_eq!(case.outcome(), (Outcome::Unknown, "answer-partial"));
    }
}

#[test]
fn quiet_points_need_no_events() {
    let case = |guard| Case {
        keys: "quiet: met, guard: {query: guard, is: '> 0'}",
        guard,
        ..exit("< 1%", flat(0.0), flat(0.0))
    };
    assert_eq!(case(flat(0.0)).outcome(), (Outcome::Met, "quiet"));
    assert_eq!(case(flat(1.0)).outcome(), (Outcome::Unknown, "no-data"));
}
