//! The rules of judgement (design 5), each by number, on whole gates: only what a reader of the contract would ask.

mod asking;
mod behind;
mod captured;
mod decades;
mod fixed;
mod lasting;
mod pairs;
mod people;
mod properties;
mod quiet;
mod scene;
mod so_far;
mod traced;

use super::*;
use crate::assessment::{Code, Outcome};
use crate::kind::List;
use crate::plan::criteria::{Ask, Criterion};
use crate::plan::*;
use crate::samples::*;
use crate::units::{Duration, Instant, Share, Unit};
use crate::verdict::Verdict;
use scene::*;

// Rule 1: window

#[test]
fn rule_1_a_complete_window_can_be_met() {
    let scene = Scene {
        started: Some(W),
        ..exit(below_5(), flat(1.0))
    };
    assert_eq!(scene.outcome(), (Outcome::Met, "met"));
    assert_eq!(scene.assessed().verdict, Verdict::Go);
}

#[test]
fn rule_1_nothing_is_met_while_the_window_runs() {
    for condition in [
        below_5(),
        condition(Some(Reducer::Max), Comparison::Less, 5.0, None),
    ] {
        let scene = Scene {
            started: Some(W - MIN),
            ..exit(condition, flat(1.0))
        };
        assert_eq!(scene.outcome(), (Outcome::Unknown, "window-incomplete"));
        assert!(
            scene
                .criterion()
                .reason
                .starts_with("9m of 10m observed, complete at 2026-11-20T00:01:00Z")
        );
        assert_eq!(scene.assessed().verdict, Verdict::Hold);
    }
}

#[test]
fn rule_1_what_the_observed_part_contradicts_is_unmet() {
    let scene = Scene {
        started: Some(W - MIN),
        ..exit(below_5(), with(flat(1.0), &[(8, Some(9.0))]))
    };
    assert_eq!(scene.outcome(), (Outcome::Unmet, "breach"));
}

#[test]
fn rule_1_points_before_the_start_and_its_settling_are_not_judged() {
    let early = with(flat(1.0), &[(0, Some(9.0)), (3, Some(9.0))]);
    let scene = Scene {
        started: Some(8 * MIN),
        settle: 2 * MIN,
        ..stop(above_5(), early.clone())
    };
    assert_eq!(scene.outcome().0, Outcome::Clear);
    let scene = Scene {
        started: Some(8 * MIN),
        settle: 0,
        ..stop(above_5(), early)
    };
    assert_eq!(scene.outcome().0, Outcome::Tripped);
}

#[test]
fn rule_1_a_stop_knows_no_incomplete_window_only_an_empty_span() {
    let scene = Scene {
        started: Some(3 * MIN),
        ..stop(above_5(), flat(1.0))
    };
    assert_eq!(scene.outcome().0, Outcome::Clear);
    let scene = Scene {
        started: Some(MIN),
        settle: 2 * MIN,
        ..stop(above_5(), flat(1.0))
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "empty-span"));
}

#[test]
fn rule_1_an_entry_gate_is_judged_on_its_own_window_whatever_the_start() {
    let scene = Scene {
        list: List::Entry,
        started: Some(MIN),
        ..exit(below_5(), flat(1.0))
    };
    assert_eq!(scene.outcome().0, Outcome::Met);
}

#[test]
fn a_gate_without_a_window_shows_nothing() {
    let scene = exit(below_5(), flat(1.0));
    let mut plan = scene.plan();
    plan.stages[0].gates[0].window = None;
    assert!(questions(&plan, &scene.request()).is_empty());
    let gate = assess(&plan, &scene.request(), &scene.observations())
        .gates
        .remove(0);
    assert_eq!(
        (gate.verdict, gate.criteria[0].code.word()),
        (Verdict::Hold, "empty-span")
    );
}

// Rule 2: grid

#[test]
fn rule_2_questions_lie_on_multiples_of_the_step_inside_the_span() {
    let scene = exit(below_5(), flat(1.0));
    let request = Request {
        later_starts: std::collections::BTreeMap::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        at: Instant::from_secs(T + 17),
        ..scene.request()
    };
    let asked = questions(&scene.plan(), &request).remove(0).asked;
    let Asked::Range(grid) = asked else {
        panic!("a range")
    };
    assert_eq!(
        (grid.first(), grid.last()),
        (Instant::from_secs(T - W + MIN), Instant::from_secs(T))
    );
}

#[test]
fn rule_2_points_off_the_grid_are_not_measured() {
    let scene = exit(below_5(), flat(1.0));
    let mut observations = scene.observations();
    for reply in observations.values_mut().flatten() {
        for point in reply
            .series
            .iter_mut()
            .flat_map(|series| &mut series.points)
        {
            point.at = point.at + Duration::from_millis(500);
        }
    }
    let criterion = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0)
        .criteria
        .remove(0);
    assert_eq!(
        (criterion.outcome, criterion.code),
        (Outcome::Unknown, Code::NoData)
    );
}

#[test]
fn a_query_that_uses_the_window_is_sent_once_for_its_end() {
    let scene = Scene {
        instant: true,
        ..exit(below_5(), vec![Some(1.0)])
    };
    let question = questions(&scene.plan(), &scene.request()).remove(0);
    assert_eq!(question.query, "max_over_time(x[600s])");
    assert_eq!(question.asked, Asked::At(Instant::from_secs(T)));
    assert_eq!(scene.outcome().0, Outcome::Met);
}

// Rule 3: series

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

// M7: series that end

/// Three sites, of which the third has no point after `last`.
fn dark_site(condition: Condition, last: usize, continuity: Continuity) -> Scene {
    let gone: Vec<_> = (last + 1..N).map(|position| (position, None)).collect();
    Scene {
        per: Some("site"),
        max_age: Some(minutes(2)),
        continuity,
        samples: vec![flat(1.0), flat(1.0), with(flat(1.0), &gone)],
        ..exit(condition, Vec::new())
    }
}

#[test]
fn m7_a_series_that_ended_is_unknown_by_name() {
    for condition in [
        below_5(),
        condition(Some(Reducer::Max), Comparison::Less, 5.0, None),
    ] {
        let scene = dark_site(condition.clone(), 5, Continuity::Each);
        assert_eq!(scene.outcome(), (Outcome::Unknown, "series-ended"));
        assert_eq!(
            scene.criterion().reason,
            "site=s2: the series ended: the newest point is 5m old (2026-11-19T23:55:00Z), at most 2m allowed (1 of 3 series unknown)"
        );
        assert_eq!(scene.assessed().verdict, Verdict::Hold);
        let fresh = dark_site(condition, 8, Continuity::Each);
        assert_eq!(fresh.outcome().0, Outcome::Met, "two minutes old is fresh");
    }
}

#[test]
fn m7_a_stop_is_not_clear_while_a_series_has_ended() {
    let scene = |last| Scene {
        list: List::Stop,
        ..dark_site(above_5(), last, Continuity::Each)
    };
    assert_eq!(scene(5).outcome(), (Outcome::Unknown, "series-ended"));
    assert_eq!(scene(8).outcome().0, Outcome::Clear);
}

#[test]
fn m7_what_an_ended_series_breached_before_counts() {
    for continuity in [Continuity::Each, Continuity::Any] {
        let mut scene = dark_site(below_5(), 5, continuity);
        scene.samples[2][3] = Some(9.0);
        assert_eq!(scene.outcome(), (Outcome::Unmet, "breach"));
    }
}

#[test]
fn m7_series_that_may_come_and_go_are_named_in_a_note() {
    let scene = dark_site(below_5(), 5, Continuity::Any);
    assert_eq!(scene.outcome().0, Outcome::Met);
    assert_eq!(
        scene.criterion().notes,
        [
            "series that ended, as the plan allows: site=s2 at 2026-11-19T23:55:00Z",
            "site=s2: 6 of 11 points measured; the only gap is 2026-11-19T23:56:00Z to 2026-11-20T00:00:00Z"
        ]
    );
    let notes = dark_site(below_5(), 8, Continuity::Any).criterion().notes;
    assert!(
        !notes.iter().any(|note| note.contains("ended")),
        "{notes:?}"
    );
}

#[test]
fn m7_which_series_there_are_is_seen_from_the_whole_span() {
    let last = condition(None, Comparison::Less, 5.0, Some(Hold::For(minutes(2))));
    let scene = dark_site(last.clone(), 5, Continuity::Each);
    let asked = questions(&scene.plan(), &scene.request());
    let Asked::Range(grid) = asked[0].asked else {
        panic!("a range")
    };
    assert_eq!((asked.len(), grid.count()), (1, N));
    assert_eq!(scene.outcome(), (Outcome::Unknown, "series-ended"));
    assert_eq!(
        scene.criterion().reason,
        "site=s2: the series ended: the newest point is 5m old (2026-11-19T23:55:00Z), at most 2m allowed (1 of 3 series unknown)"
    );
    let any = dark_site(last.clone(), 5, Continuity::Any);
    assert_eq!(any.outcome(), (Outcome::Met, "met"));
    let criterion = any.criterion();
    assert_eq!(
        criterion.notes,
        ["series that ended, as the plan allows: site=s2 at 2026-11-19T23:55:00Z"]
    );
    assert_eq!(criterion.kpi.expect("a KPI").series.len(), 2);
    let mut early = dark_site(last.clone(), 10, Continuity::Each);
    early.samples[2][5] = Some(9.0);
    assert_eq!(
        early.outcome().0,
        Outcome::Met,
        "only the last 2m are judged"
    );
    let all_gone = Scene {
        samples: vec![dark_site(last, 5, Continuity::Any).samples.remove(2)],
        ..any
    };
    assert_eq!(all_gone.outcome(), (Outcome::Unknown, "no-data"));
}

#[test]
fn m7_of_series_that_come_and_go_one_that_never_had_a_value_is_left_out() {
    let last = condition(None, Comparison::Less, 5.0, Some(Hold::For(minutes(2))));
    let with_nan = |position, continuity| {
        let mut scene = dark_site(last.clone(), 10, continuity);
        scene.samples[2] = with(vec![None; N], &[(position, Some(f64::NAN))]);
        scene.outcome()
    };
    assert_eq!(with_nan(3, Continuity::Any).0, Outcome::Met);
    assert_eq!(with_nan(9, Continuity::Any), (Outcome::Unknown, "no-data"));
    assert_eq!(with_nan(3, Continuity::Each), (Outcome::Unknown, "no-data"));
}

#[test]
fn m7_m9_a_series_that_died_before_a_quiet_part_is_not_met_by_quiet() {
    let last = condition(None, Comparison::Less, 5.0, Some(Hold::For(minutes(2))));
    let quiet = [(8, Some(0.0)), (9, Some(0.0)), (10, Some(0.0))];
    let scene = Scene {
        guard: true,
        guard_samples: with(flat(1.0), &quiet),
        quiet: Quiet::Met,
        ..dark_site(last, 3, Continuity::Each)
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "series-ended"));
    let lit = Scene {
        samples: vec![flat(1.0)],
        ..scene
    };
    assert_eq!(lit.outcome(), (Outcome::Met, "quiet"));
}

// M14b: impossible values

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

// Rule 4: missing data

#[test]
fn rule_4_nothing_at_all_is_unknown() {
    assert_eq!(
        exit(below_5(), Vec::new()).outcome(),
        (Outcome::Unknown, "no-data")
    );
    assert_eq!(
        exit(below_5(), vec![Some(f64::NAN); N]).outcome(),
        (Outcome::Unknown, "no-data")
    );
    assert_eq!(
        stop(above_5(), Vec::new()).outcome(),
        (Outcome::Unknown, "no-data")
    );
}

#[test]
fn rule_4_coverage_is_ninety_percent_of_the_grid() {
    let one = with(flat(1.0), &[(4, None)]);
    assert_eq!(
        exit(below_5(), one.clone()).outcome().0,
        Outcome::Met,
        "10 of 11 points"
    );
    let two = with(one, &[(5, Some(f64::NAN))]);
    let scene = exit(below_5(), two);
    assert_eq!(scene.outcome(), (Outcome::Unknown, "low-coverage"));
    assert!(scene.criterion().reason.contains("9 of 11 points measured, 90% needed; the only gap is 2026-11-19T23:54:00Z to 2026-11-19T23:55:00Z"), "{}", scene.criterion().reason);
}

#[test]
fn rule_4_the_newest_point_must_not_be_too_old() {
    let samples = with(flat(1.0), &[(10, None)]);
    let scene = |max_age| Scene {
        max_age: Some(Duration::from_secs(max_age)),
        ..exit(below_5(), samples.clone())
    };
    assert_eq!(scene(60).outcome().0, Outcome::Met);
    assert_eq!(scene(59).outcome(), (Outcome::Unknown, "stale"));
}

#[test]
fn rule_4_thin_data_never_excuse_what_was_measured() {
    let thin = |value| with(vec![None; N], &[(3, Some(value))]);
    assert_eq!(exit(below_5(), thin(9.0)).outcome().0, Outcome::Unmet);
    assert_eq!(exit(below_5(), thin(1.0)).outcome().0, Outcome::Unknown);
    assert_eq!(stop(above_5(), thin(9.0)).outcome().0, Outcome::Tripped);
    assert_eq!(
        stop(above_5(), thin(1.0)).outcome().0,
        Outcome::Unknown,
        "not clear"
    );
}

#[test]
fn rule_4_a_reducer_or_a_share_is_unknown_on_thin_data() {
    let thin = with(vec![None; N], &[(3, Some(9.0)), (4, Some(9.0))]);
    let reduced = || condition(Some(Reducer::Max), Comparison::Less, 5.0, None);
    let share = || {
        condition(
            None,
            Comparison::Less,
            5.0,
            Some(Hold::Share(Share::parse("99%").expect("share"))),
        )
    };
    for condition in [reduced(), share()] {
        assert_eq!(
            exit(condition.clone(), thin.clone()).outcome(),
            (Outcome::Unknown, "low-coverage")
        );
        assert_eq!(
            stop(condition, thin.clone()).outcome(),
            (Outcome::Unknown, "low-coverage")
        );
    }
}

#[test]
fn rule_4_nothing_is_measured_while_the_guard_does_not_hold() {
    let guarded = |guard_samples| Scene {
        guard: true,
        guard_samples,
        ..exit(below_5(), with(flat(1.0), &[(2, Some(9.0))]))
    };
    assert_eq!(guarded(flat(1.0)).outcome().0, Outcome::Unmet);
    assert_eq!(
        guarded(with(flat(1.0), &[(2, Some(0.5))])).outcome().0,
        Outcome::Met
    );
    assert_eq!(
        guarded(with(flat(1.0), &[(2, None)])).outcome().0,
        Outcome::Met
    );
    assert_eq!(
        guarded(Vec::new()).outcome(),
        (Outcome::Unknown, "no-data"),
        "a missing guard holds nowhere"
    );
}

#[test]
fn rule_4_missing_zero_fills_absent_points_while_the_guard_holds() {
    let zero = |samples, guard_samples| Scene {
        guard: true,
        missing: Missing::Zero,
        guard_samples,
        ..exit(
            condition(Some(Reducer::Max), Comparison::Equal, 0.0, None),
            samples,
        )
    };
    assert_eq!(
        zero(Vec::new(), flat(1.0)).outcome().0,
        Outcome::Met,
        "no series at all"
    );
    assert_eq!(zero(Vec::new(), Vec::new()).outcome().0, Outcome::Unknown);
    assert_eq!(
        zero(vec![Some(f64::NAN); N], flat(1.0)).outcome().0,
        Outcome::Unknown,
        "NaN is not absent"
    );
    for (guard, outcome) in [(None, Outcome::Unknown), (Some(0.0), Outcome::Met)] {
        let guard_samples = with(flat(1.0), &[(1, guard), (2, guard)]);
        let scene = zero(Vec::new(), guard_samples);
        assert_eq!(scene.outcome().0, outcome, "a guard of {guard:?}");
    }
}

#[test]
fn rule_4_infinities_are_values() {
    assert_eq!(
        exit(below_5(), with(flat(1.0), &[(2, Some(f64::INFINITY))]))
            .outcome()
            .0,
        Outcome::Unmet
    );
    assert_eq!(
        exit(below_5(), flat(f64::NEG_INFINITY)).outcome().0,
        Outcome::Met
    );
}

#[test]
fn the_same_instant_twice_is_unknown() {
    let scene = exit(below_5(), flat(9.0));
    let mut observations = scene.observations();
    for reply in observations.values_mut().flatten() {
        let again = reply.series[0].points[3];
        reply.series[0].points.push(again);
    }
    let criterion = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0)
        .criteria
        .remove(0);
    assert_eq!(
        (criterion.outcome, criterion.code),
        (Outcome::Unknown, Code::DuplicatePoints)
    );
}

// Rule 5: conditions

#[test]
fn rule_5_without_a_reducer_every_point_must_satisfy_the_condition() {
    assert_eq!(
        exit(below_5(), with(flat(1.0), &[(7, Some(5.0))]))
            .outcome()
            .0,
        Outcome::Unmet
    );
    let reason = exit(
        below_5(),
        with(flat(1.0), &[(6, Some(5.0)), (7, Some(8.0))]),
    )
    .criterion()
    .reason;
    assert_eq!(
        reason,
        "8 at 2026-11-19T23:57:00Z is not < 5: 2 of 11 points, the longest stretch 1m from 2026-11-19T23:56:00Z to 2026-11-19T23:57:00Z"
    );
}

#[test]
fn rule_5_a_share_of_the_points_is_compared_exactly() {
    let share = |text: &str| {
        condition(
            None,
            Comparison::Less,
            5.0,
            Some(Hold::Share(Share::parse(text).expect("share"))),
        )
    };
    let samples = with(flat(1.0), &[(7, Some(9.0))]);
    assert_eq!(
        exit(share("90.9%"), samples.clone()).outcome().0,
        Outcome::Met,
        "10 of 11 is 90.909… %"
    );
    assert_eq!(
        exit(share("90.91%"), samples.clone()).outcome().0,
        Outcome::Unmet
    );
    let trips = condition(
        None,
        Comparison::Greater,
        5.0,
        Some(Hold::Share(Share::parse("9%").expect("share"))),
    );
    assert_eq!(stop(trips, samples).outcome().0, Outcome::Tripped);
}

#[test]
fn rule_5_for_a_duration_narrows_to_the_last_part_both_ends_in() {
    let last = |length| {
        condition(
            None,
            Comparison::Less,
            5.0,
            Some(Hold::For(minutes(length))),
        )
    };
    let samples = with(flat(1.0), &[(7, Some(9.0))]);
    assert_eq!(exit(last(2), samples.clone()).outcome().0, Outcome::Met);
    assert_eq!(exit(last(3), samples).outcome().0, Outcome::Unmet);
}

#[test]
fn rule_5_a_stop_with_for_needs_an_unbroken_stretch_first_to_last() {
    let trips = |length| {
        condition(
            None,
            Comparison::Greater,
            5.0,
            Some(Hold::For(minutes(length))),
        )
    };
    let samples = with(flat(1.0), &[(2, Some(9.0)), (3, Some(9.0)), (4, Some(9.0))]);
    assert_eq!(
        stop(trips(2), samples.clone()).outcome().0,
        Outcome::Tripped,
        "three points are two minutes"
    );
    assert_eq!(stop(trips(3), samples.clone()).outcome().0, Outcome::Clear);
    assert_eq!(
        stop(trips(2), with(samples, &[(3, Some(1.0))])).outcome().0,
        Outcome::Clear,
        "a good point breaks it"
    );
    assert_eq!(
        stop(above_5(), with(flat(1.0), &[(0, Some(9.0))]))
            .outcome()
            .0,
        Outcome::Tripped,
        "one point without for"
    );
}

#[test]
fn rule_5_with_a_reducer_one_value_is_compared() {
    let p50 = condition(Some(Reducer::Median), Comparison::Less, 5.0, None);
    let samples = with(flat(1.0), &[(7, Some(900.0))]);
    assert_eq!(exit(p50.clone(), samples.clone()).outcome().0, Outcome::Met);
    assert_eq!(
        exit(p50, samples).criterion().reason,
        "median of 11 points is 1, < 5"
    );
    let mean = condition(Some(Reducer::Mean), Comparison::Greater, 5.0, None);
    assert_eq!(stop(mean, flat(9.0)).outcome().0, Outcome::Tripped);
    let nan = condition(Some(Reducer::Mean), Comparison::Less, 5.0, None);
    let scene = exit(
        nan,
        with(flat(f64::INFINITY), &[(1, Some(f64::NEG_INFINITY))]),
    );
    assert_eq!(scene.outcome(), (Outcome::Unknown, "not-a-number"));
}

// Rule 6: baseline

fn relative(bound: Bound) -> Condition {
    Condition { bound, ..below_5() }
}

fn ten_percent() -> Delta {
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

// M4: point by point

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

// Rule 8: asking

#[test]
fn rule_8_a_source_that_fails_makes_its_criterion_unknown_with_its_own_words() {
    let scene = exit(below_5(), flat(1.0));
    let failure = Failure {
        code: FailureCode::SourceUnreachable,
        message: "connection refused".into(),
    };
    let observations = questions(&scene.plan(), &scene.request())
        .into_iter()
        .map(|question| (question, Err(failure.clone())))
        .collect();
    let gate = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0);
    assert_eq!(gate.verdict, Verdict::Hold);
    assert_eq!(
        (
            gate.criteria[0].code.word(),
            gate.criteria[0].reason.as_str()
        ),
        ("source-unreachable", "connection refused")
    );
}

#[test]
fn rule_8_an_answer_with_warnings_is_unknown_even_where_a_point_is_bad() {
    for scene in [
        exit(below_5(), flat(9.0)),
        stop(above_5(), flat(9.0)),
        exit(below_5(), flat(1.0)),
    ] {
        let scene = Scene {
            warnings: vec!["results truncated due to limit".into()],
            ..scene
        };
        assert_eq!(scene.outcome(), (Outcome::Unknown, "answer-partial"));
    }
}

#[test]
fn a_question_without_an_answer_is_unknown() {
    let scene = exit(below_5(), flat(1.0));
    let gate = assess(&scene.plan(), &scene.request(), &Observations::new())
        .gates
        .remove(0);
    assert_eq!(
        (gate.verdict, gate.criteria[0].code.word()),
        (Verdict::Hold, "not-recorded")
    );
}

#[test]
fn rule_8_equal_questions_are_asked_once() {
    let mut plan = exit(below_5(), flat(1.0)).plan();
    let again = plan.stages[0].gates[0].criteria[0].clone();
    plan.stages[0].gates[0].criteria.push(again);
    assert_eq!(
        questions(&plan, &exit(below_5(), Vec::new()).request()).len(),
        1
    );
}

// Design 3: verdicts

#[test]
fn criteria_that_people_answer_hold_a_gate() {
    let scene = exit(below_5(), flat(1.0));
    let mut plan = scene.plan();
    plan.stages[0].gates[0].criteria.push(Criterion {
        list: List::Exit,
        ask: Ask::Confirmation(crate::plan::criteria::ConfirmationAsk {
            id: "warehouse-lead".into(),
            link: None,
        }),
    });
    let gate = assess(&plan, &scene.request(), &scene.observations())
        .gates
        .remove(0);
    assert_eq!(
        (
            gate.verdict,
            gate.counts.criteria.met,
            gate.counts.criteria.total
        ),
        (Verdict::Hold, 1, 2)
    );
    assert_eq!(gate.criteria[1].code.word(), "not-answered");
}

#[test]
fn a_tripped_stop_outweighs_everything_and_watch_nothing() {
    let scene = stop(above_5(), flat(9.0));
    assert_eq!(scene.assessed().verdict, Verdict::Stop);
    let watched = Scene {
        list: List::Watch,
        ..exit(below_5(), flat(9.0))
    };
    assert_eq!(watched.outcome().0, Outcome::Unmet);
    assert_eq!(
        (
            watched.assessed().verdict,
            watched.assessed().counts.criteria.total
        ),
        (Verdict::Go, 1)
    );
}

#[test]
fn an_unknown_stop_holds_and_beside_an_unmet_criterion_is_a_no_go() {
    let scene = stop(above_5(), Vec::new());
    assert_eq!(scene.assessed().verdict, Verdict::Hold);
    let mut observations = scene.observations();
    for (question, reply) in &mut observations {
        if let ("good", Ok(reply)) = (question.query.as_str(), reply) {
            reply.series[0].points[0].value = 99.0;
        }
    }
    let gate = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0);
    assert_eq!(gate.verdict, Verdict::NoGo);
}
