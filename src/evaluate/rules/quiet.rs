//! M8 and M9: what was not measured is said, and quiet points are neither missing nor good.

use super::scene::*;
use crate::assessment::Outcome;
use crate::kind::List;
use crate::plan::*;
use crate::units::{Duration, Share};
use crate::verdict::Verdict;
use proptest::prelude::*;

/// A scene whose guard is measured as false at the first so many points.
fn closed_at_first(quiet: usize) -> Scene {
    let guard_samples = (0..N).map(|position| Some(if position < quiet { 0.25 } else { 1.0 }));
    Scene {
        guard: true,
        guard_samples: guard_samples.collect(),
        ..exit(below_5(), flat(1.0))
    }
}

fn share(text: &str) -> Share {
    Share::parse(text).expect("a share")
}

#[test]
fn m9_quiet_points_leave_the_denominator_of_coverage_and_are_counted_in_words() {
    let scene = closed_at_first(6);
    assert_eq!(scene.outcome(), (Outcome::Met, "met"));
    assert_eq!(scene.assessed().verdict, Verdict::Go);
    let criterion = scene.criterion();
    assert_eq!(
        criterion.notes,
        ["6 of 11 points quiet: guard 0.25 is not >= 1"]
    );
    let points = criterion.kpi.expect("a KPI").series.remove(0);
    assert_eq!(
        (
            points.points.expected,
            points.points.measured,
            points.points.quiet
        ),
        (11, 5, 6)
    );
    assert!(points.gaps.is_empty());
    let thin = Scene {
        samples: vec![with(flat(1.0), &[(8, None)])],
        ..scene
    };
    assert_eq!(thin.outcome(), (Outcome::Unknown, "low-coverage"));
    assert_eq!(
        thin.criterion().reason,
        "4 of 5 points measured, 90% needed; the only gap is at 2026-11-19T23:58:00Z; 6 of 11 points quiet: guard 0.25 is not >= 1; the newest point is 0s old (2026-11-20T00:00:00Z)"
    );
}

#[test]
fn m9_too_few_active_points_are_unknown_as_quiet() {
    assert_eq!(
        closed_at_first(8).outcome().0,
        Outcome::Met,
        "3 of 11 are active"
    );
    let scene = closed_at_first(9);
    assert_eq!(scene.outcome(), (Outcome::Unknown, "quiet"));
    assert_eq!(
        scene.criterion().reason,
        "9 of 11 points quiet: guard 0.25 is not >= 1; at least 20% must not be"
    );
    for (active, outcome) in [("27%", Outcome::Met), ("28%", Outcome::Unknown)] {
        let scene = Scene {
            active: share(active),
            ..closed_at_first(8)
        };
        assert_eq!(scene.outcome().0, outcome, "{active}");
    }
    let stop = Scene {
        list: List::Stop,
        condition: above_5(),
        ..closed_at_first(9)
    };
    assert_eq!(stop.outcome(), (Outcome::Unknown, "quiet"), "not clear");
}

#[test]
fn m9_what_breaches_beside_quiet_points_stays_a_breach() {
    for quiet in [1, 5, 10] {
        for (list, condition, outcome) in [
            (List::Exit, below_5(), Outcome::Unmet),
            (List::Stop, above_5(), Outcome::Tripped),
        ] {
            let scene = Scene {
                list,
                condition,
                quiet: Quiet::Met,
                samples: vec![with(flat(1.0), &[(10, Some(9.0))])],
                ..closed_at_first(quiet)
            };
            assert_eq!(scene.outcome(), (outcome, "breach"), "{quiet} quiet");
        }
    }
}

#[test]
fn m9_a_guard_that_is_not_measured_is_missing_data() {
    for gone in [None, Some(f64::NAN)] {
        let guard_samples = vec![gone; 6].into_iter().chain(vec![Some(1.0); 5]);
        let scene = Scene {
            guard_samples: guard_samples.collect(),
            quiet: Quiet::Met,
            ..closed_at_first(0)
        };
        assert_eq!(scene.outcome(), (Outcome::Unknown, "low-coverage"));
    }
    let nothing = Scene {
        guard_samples: Vec::new(),
        quiet: Quiet::Met,
        ..closed_at_first(0)
    };
    assert_eq!(nothing.outcome(), (Outcome::Unknown, "no-data"));
}

#[test]
fn m9_what_is_not_known_to_be_active_is_not_active() {
    let mut guard_samples = vec![None; N];
    guard_samples[10] = Some(1.0);
    let scene = Scene {
        guard_samples,
        coverage: share("1%"),
        ..closed_at_first(0)
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "low-coverage"));
    assert_eq!(
        scene.criterion().reason,
        "the guard holds at 1 of 11 points, 20% needed; it was not measured at 10; the newest point is 0s old (2026-11-20T00:00:00Z)"
    );
}

#[test]
fn m9_a_quiet_point_is_fresh() {
    let closing = |guard: Option<f64>| Scene {
        max_age: Some(Duration::from_secs(60)),
        samples: vec![with(flat(1.0), &[(8, None), (9, None), (10, None)])],
        guard_samples: with(flat(1.0), &[(8, guard), (9, guard), (10, guard)]),
        coverage: share("50%"),
        ..closed_at_first(0)
    };
    assert_eq!(closing(Some(0.0)).outcome().0, Outcome::Met);
    assert_eq!(closing(Some(1.0)).outcome(), (Outcome::Unknown, "stale"));
    assert_eq!(closing(None).outcome(), (Outcome::Unknown, "stale"));
}

/// Dead after the first two points, with a guard that is false but for these positions.
fn flapping(guard: Option<f64>, not_quiet: &[usize]) -> Scene {
    let dead: Vec<_> = (2..N).map(|position| (position, None)).collect();
    let guard_samples = (0..N).map(|position| match position {
        0 | 1 => Some(1.0),
        other if not_quiet.contains(&other) => guard,
        _ => Some(0.0),
    });
    Scene {
        max_age: Some(minutes(5)),
        guard_samples: guard_samples.collect(),
        samples: vec![with(flat(1.0), &dead)],
        coverage: share("10%"),
        active: share("1%"),
        ..closed_at_first(0)
    }
}

#[test]
fn m9_quiet_points_between_points_without_a_value_freshen_nothing() {
    let outcome = |guard, not_quiet: &[usize]| flapping(guard, not_quiet).outcome();
    let stale = (Outcome::Unknown, "stale");
    let active = Some(1.0);
    assert_eq!(outcome(active, &[]).0, Outcome::Met);
    // Whatever is not known to be quiet adds up.
    assert_eq!(outcome(None, &[3, 6]).0, Outcome::Met, "4m");
    assert_eq!(outcome(None, &[3, 6, 9]), stale, "6m");
    // Where there should have been values, and none came for longer than that, it is dead.
    assert_eq!(outcome(active, &[3, 8]).0, Outcome::Met, "5m");
    assert_eq!(outcome(active, &[3, 9]), stale, "6m");
    let listed = Scene {
        per: Some("site"),
        expected: Some(vec!["s0".to_owned()]),
        guard_by_site: vec![flapping(active, &[3, 9]).guard_samples],
        ..flapping(active, &[3, 9])
    };
    assert_eq!(listed.outcome(), stale);
    let unlisted = Scene {
        expected: None,
        ..listed
    };
    assert_eq!(unlisted.outcome(), stale, "together");
    let beside = Scene {
        samples: vec![unlisted.samples[0].clone(), flat(1.0)],
        guard_by_site: vec![unlisted.guard_samples.clone(), flat(1.0)],
        ..unlisted
    };
    assert_eq!(beside.outcome(), (Outcome::Unknown, "series-ended"));
    let behind = Scene {
        instant: true,
        samples: vec![vec![Some(1.0)]],
        companion_samples: flapping(active, &[3, 9]).samples,
        ..flapping(active, &[3, 9])
    };
    assert_eq!(behind.outcome(), stale, "behind one number");
}

#[test]
fn m9_a_site_that_only_the_guard_shows_is_judged_or_named() {
    let scene = Scene {
        per: Some("site"),
        guard_by_site: vec![flat(1.0), flat(1.0)],
        ..closed_at_first(0)
    };
    let zero = |scene| Scene {
        missing: Missing::Zero,
        condition: condition(None, Comparison::Greater, 0.0, None),
        ..scene
    };
    let reason = |scene: &Scene| scene.criterion().reason;
    assert_eq!(scene.outcome(), (Outcome::Unknown, "no-data"));
    assert!(
        reason(&scene).starts_with("site=s1: "),
        "{}",
        reason(&scene)
    );
    let any = Scene {
        continuity: Continuity::Any,
        ..scene
    };
    assert_eq!(any.outcome(), (Outcome::Met, "met"));
    assert_eq!(
        any.criterion().notes,
        ["the guard holds for site=s1, but the query has no such series"]
    );
    let quiet = Scene {
        continuity: Continuity::Each,
        guard_by_site: vec![flat(1.0), flat(0.0)],
        ..any
    };
    assert_eq!(quiet.outcome(), (Outcome::Met, "met"), "nothing to measure");
    let zeros = zero(Scene {
        guard_by_site: vec![flat(1.0), flat(1.0)],
        ..quiet
    });
    assert_eq!(zeros.outcome(), (Outcome::Unmet, "breach"));
    assert!(
        reason(&zeros).starts_with("site=s1: "),
        "{}",
        reason(&zeros)
    );
    let behind = Scene {
        instant: true,
        samples: vec![vec![Some(1.0)]],
        ..zeros
    };
    assert_eq!(behind.outcome(), (Outcome::Unmet, "breach"));
    let nothing = Scene {
        samples: vec![Vec::new()],
        ..behind
    };
    assert_eq!(
        nothing.outcome(),
        (Outcome::Unmet, "breach"),
        "no series at all"
    );
}

#[test]
fn m7_a_series_whose_guard_is_gone_has_not_ended_while_its_samples_go_on() {
    let gone: Vec<_> = (3..N).map(|position| (position, None)).collect();
    let scene = |samples| Scene {
        per: Some("site"),
        continuity: Continuity::Any,
        samples: vec![flat(1.0), samples],
        guard_by_site: vec![flat(1.0), with(flat(1.0), &gone)],
        ..closed_at_first(0)
    };
    let goes_on = scene(flat(1.0));
    assert_eq!(goes_on.outcome(), (Outcome::Unknown, "guard-unknown"));
    assert_eq!(
        goes_on.criterion().reason,
        "site=s1: the guard was not measured since, though samples go on: the newest point is 8m old (2026-11-19T23:52:00Z), at most 5m allowed (1 of 2 series unknown)"
    );
    assert!(
        goes_on
            .criterion()
            .notes
            .iter()
            .all(|note| !note.contains("ended"))
    );
    let ended = scene(with(flat(1.0), &gone));
    assert_eq!(ended.outcome(), (Outcome::Met, "met"));
    let breached = scene(with(flat(1.0), &[(1, Some(9.0))]));
    assert_eq!(breached.outcome(), (Outcome::Unmet, "breach"));
    let behind = Scene {
        instant: true,
        samples: vec![vec![Some(1.0)], vec![Some(1.0)]],
        companion_samples: vec![flat(1.0), flat(1.0)],
        ..goes_on
    };
    assert_eq!(behind.outcome(), (Outcome::Unknown, "guard-unknown"));
}

#[test]
fn m9_a_quiet_point_says_nothing_of_data_that_died_before() {
    let dead = |missing: std::ops::Range<usize>, max_age| {
        let gone = missing.clone().map(|position| (position, None));
        let quiet = (missing.end..N).map(|position| (position, Some(0.0)));
        Scene {
            max_age: Some(minutes(max_age)),
            samples: vec![with(flat(1.0), &gone.collect::<Vec<_>>())],
            guard_samples: with(flat(1.0), &quiet.collect::<Vec<_>>()),
            coverage: share("50%"),
            ..closed_at_first(0)
        }
    };
    assert_eq!(dead(6..8, 3).outcome().0, Outcome::Met, "3m between them");
    let scene = dead(6..9, 3);
    assert_eq!(scene.outcome(), (Outcome::Unknown, "stale"));
    let reason = scene.criterion().reason;
    assert!(
        reason.starts_with("the newest point is 5m old (2026-11-19T23:55:00Z), and went unmeasured for 4m of that while not quiet, at most 3m allowed"),
        "{reason}"
    );
    assert_eq!(
        dead(10..10, 0).outcome().0,
        Outcome::Met,
        "nothing is missing between them"
    );
    let sites = Scene {
        per: Some("site"),
        ..dead(6..9, 3)
    };
    assert_eq!(sites.outcome(), (Outcome::Unknown, "stale"));
    let one = Scene {
        per: Some("site"),
        samples: vec![flat(1.0), sites.samples[0].clone()],
        ..dead(6..9, 3)
    };
    assert_eq!(one.outcome(), (Outcome::Unknown, "series-ended"));
}

#[test]
fn m9_only_the_part_that_a_condition_looks_at_counts() {
    let last = condition(None, Comparison::Less, 5.0, Some(Hold::For(minutes(2))));
    let closed_at_night = Scene {
        condition: last,
        ..closed_at_first(8)
    };
    assert_eq!(closed_at_night.outcome().0, Outcome::Met);
    assert!(closed_at_night.criterion().notes.is_empty());
    let closed_now = Scene {
        guard_samples: with(
            flat(1.0),
            &[(8, Some(0.0)), (9, Some(0.0)), (10, Some(0.0))],
        ),
        ..closed_at_night
    };
    assert_eq!(closed_now.outcome(), (Outcome::Unknown, "quiet"));
}

#[test]
fn m9_quiet_met_needs_a_span_that_is_measured_as_quiet_throughout() {
    let scene = |quiet, guard: Vec<Option<f64>>| Scene {
        quiet,
        guard_samples: guard,
        ..closed_at_first(0)
    };
    let all = flat(0.0);
    assert_eq!(
        scene(Quiet::Hold, all.clone()).outcome(),
        (Outcome::Unknown, "quiet")
    );
    let met = scene(Quiet::Met, all.clone());
    assert_eq!(met.outcome(), (Outcome::Met, "quiet"));
    assert_eq!(met.assessed().verdict, Verdict::Go);
    assert_eq!(
        met.criterion().reason,
        "all 11 points quiet: guard 0 is not >= 1; `quiet: met` allows it"
    );
    for one in [None, Some(f64::NAN), Some(1.0)] {
        let nearly = scene(Quiet::Met, with(all.clone(), &[(4, one)]));
        assert_eq!(nearly.outcome(), (Outcome::Unknown, "quiet"), "{one:?}");
    }
    let stop = Scene {
        list: List::Stop,
        condition: above_5(),
        ..scene(Quiet::Met, all.clone())
    };
    assert_eq!(stop.outcome(), (Outcome::Clear, "quiet"));
    let running = Scene {
        started: Some(W / 2),
        guard_samples: all[..6].to_vec(),
        samples: vec![flat(1.0)[..6].to_vec()],
        ..scene(Quiet::Met, all)
    };
    assert_eq!(running.outcome(), (Outcome::Unknown, "window-incomplete"));
}

/// A source that repeats its last value, and a guard on the age of samples that fails at these points.
fn dead(at: impl Fn(usize) -> bool) -> Scene {
    let guard_samples = (0..N).map(|position| Some(if at(position) { 0.25 } else { 1.0 }));
    Scene {
        guard: true,
        guard_tells_age: true,
        guard_samples: guard_samples.collect(),
        max_age: Some(Duration::from_secs(60)),
        ..exit(below_5(), flat(1.0))
    }
}

#[test]
fn m6_m9_a_guard_on_the_age_of_samples_makes_a_dead_source_missing_and_not_quiet() {
    assert_eq!(dead(|_| false).outcome(), (Outcome::Met, "met"));
    let silent = dead(|position| position >= N - 2);
    let thin = Scene {
        coverage: share("50%"),
        ..silent
    };
    assert_eq!(thin.outcome(), (Outcome::Unknown, "stale"));
    let notes = thin.criterion().notes.join(" ");
    assert!(!notes.contains("quiet"), "{notes}");
    let all = dead(|_| true);
    assert_eq!(all.outcome(), (Outcome::Unknown, "no-data"));
    let zero = Scene {
        missing: Missing::Zero,
        samples: Vec::new(),
        ..dead(|_| true)
    };
    assert_eq!(zero.outcome().0, Outcome::Unknown);
    // What was measured while the source lived still counts.
    let bad = Scene {
        samples: vec![with(flat(1.0), &[(0, Some(9.0))])],
        ..dead(|position| position >= N - 2)
    };
    assert_eq!(bad.outcome().0, Outcome::Unmet);
    let behind = Scene {
        instant: true,
        samples: vec![vec![Some(1.0)]],
        companion_samples: vec![flat(1.0)],
        ..dead(|position| position >= N - 2)
    };
    assert_eq!(behind.outcome().0, Outcome::Unknown);
}

#[test]
fn m9_a_false_guard_of_a_window_query_is_quiet_with_the_numbers() {
    let scene = Scene {
        instant: true,
        guard_in_window: true,
        samples: vec![vec![Some(1.0)]],
        guard_samples: vec![Some(0.25)],
        ..closed_at_first(0)
    };
    assert_eq!(scene.outcome(), (Outcome::Unknown, "quiet"));
    assert_eq!(scene.criterion().reason, "quiet: guard 0.25 is not >= 1");
}

#[test]
fn m9_an_empty_answer_beside_a_false_guard_is_quiet_and_a_missing_site_is_missing() {
    let empty = Scene {
        samples: Vec::new(),
        quiet: Quiet::Met,
        ..closed_at_first(N)
    };
    assert_eq!(empty.outcome(), (Outcome::Met, "quiet"));
    let sites = Scene {
        per: Some("site"),
        expected: Some(vec!["s0".to_owned(), "s1".to_owned()]),
        samples: vec![flat(1.0)],
        quiet: Quiet::Met,
        ..closed_at_first(N)
    };
    assert_eq!(
        sites.outcome(),
        (Outcome::Unknown, "series-missing"),
        "the guard says nothing about s1 alone"
    );
}

#[test]
fn m8_what_was_not_measured_is_said_of_what_is_met_or_clear() {
    let gap = with(flat(1.0), &[(4, None)]);
    let note = "10 of 11 points measured; the only gap is at 2026-11-19T23:54:00Z";
    let met = exit(below_5(), gap.clone());
    assert_eq!(met.outcome().0, Outcome::Met);
    assert_eq!(met.criterion().notes, [note]);
    let clear = stop(above_5(), gap.clone());
    assert_eq!(clear.outcome().0, Outcome::Clear);
    assert_eq!(clear.criterion().notes, [note]);
    let mean = condition(Some(Reducer::Mean), Comparison::Less, 5.0, None);
    assert_eq!(exit(mean, gap.clone()).criterion().notes, [note]);
    assert!(exit(below_5(), flat(1.0)).criterion().notes.is_empty());
    let sites = Scene {
        per: Some("site"),
        samples: vec![gap.clone(), flat(1.0), gap],
        ..exit(below_5(), Vec::new())
    };
    assert_eq!(sites.criterion().notes, [format!("site=s0, s2: {note}")]);
    let thin = exit(below_5(), with(flat(1.0), &[(4, None), (5, None)]));
    assert!(thin.criterion().notes.is_empty(), "the reason says it");
}

#[test]
fn m8_points_without_a_partner_are_said() {
    let scene = Scene {
        baseline: Some(Baseline::Offset(Duration::from_secs(7 * 86_400))),
        baseline_samples: with(flat(1.0), &[(4, None)]),
        ..exit(
            Condition {
                bound: Bound::Baseline,
                ..condition(None, Comparison::LessOrEqual, 0.0, None)
            },
            flat(1.0),
        )
    };
    assert_eq!(scene.outcome().0, Outcome::Met);
    assert_eq!(
        scene.criterion().notes,
        ["11 of 11 points measured, 1 without a partner in the baseline"]
    );
}

/// Two sites, each with a guard of its own: the first closed throughout, the second open but at the first point, and silent
/// at some more.
fn beside_a_closed_site(silent: usize, active: &str) -> (Outcome, &'static str) {
    let gone: Vec<_> = (1..=silent).map(|position| (position, None)).collect();
    let scene = Scene {
        per: Some("site"),
        samples: vec![flat(1.0), with(flat(1.0), &gone)],
        active: share(active),
        quiet: Quiet::Met,
        guard_by_site: vec![flat(0.0), with(flat(1.0), &[(0, Some(0.0))])],
        ..closed_at_first(0)
    };
    scene.outcome()
}

#[test]
fn m9_that_one_site_is_closed_does_not_excuse_that_another_is_silent() {
    assert_eq!(beside_a_closed_site(1, "20%").0, Outcome::Met);
    assert_eq!(
        beside_a_closed_site(2, "20%"),
        (Outcome::Unknown, "low-coverage"),
        "8 of 10 points"
    );
}

#[test]
fn m9_how_many_points_are_quiet_is_asked_of_each_site_by_itself() {
    let sites = |active| Scene {
        per: Some("site"),
        samples: vec![flat(1.0), flat(1.0)],
        active: share(active),
        quiet: Quiet::Met,
        guard_by_site: vec![flat(0.0), with(flat(1.0), &[(0, Some(0.0))])],
        ..closed_at_first(0)
    };
    assert_eq!(sites("90%").outcome().0, Outcome::Met);
    assert_eq!(sites("91%").outcome(), (Outcome::Unknown, "quiet"));
}

fn any_guard() -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![
        4 => Just(Some(1.0)),
        4 => Just(Some(0.0)),
        1 => Just(None),
    ];
    prop::collection::vec(value, N)
}

fn any_value() -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![
        8 => Just(Some(1.0)),
        1 => Just(None),
    ];
    prop::collection::vec(value, N)
}

fn is_good(scene: &Scene) -> bool {
    matches!(scene.outcome().0, Outcome::Met | Outcome::Clear)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2048, ..ProptestConfig::default() })]

    /// Among values that are all good nothing can be hidden by removing some: so that removing any, of the guard or of the
    /// samples, never makes good what was not.
    #[test]
    fn m9_removing_data_never_yields_met(
        samples in any_value(), guard in any_guard(), gone in prop::collection::vec(0..N, 0..4), of_guard in prop::collection::vec(0..N, 0..4),
        coverage in prop::sample::select(vec!["1%", "20%", "50%", "90%"]), active in prop::sample::select(vec!["1%", "20%", "60%"]),
        good in any::<bool>(), stops in any::<bool>(), age in prop::option::of(0..4_i64),
    ) {
        let remove = |from: &[Option<f64>], gone: &[usize]| with(from.to_vec(), &gone.iter().map(|position| (*position, None)).collect::<Vec<_>>());
        let scene = |samples, guard_samples| Scene {
            list: if stops { List::Stop } else { List::Exit },
            condition: if stops { above_5() } else { below_5() },
            guard: true, guard_samples, samples: vec![samples], coverage: share(coverage), active: share(active),
            quiet: if good { Quiet::Met } else { Quiet::Hold }, max_age: age.map(minutes),
            ..exit(below_5(), Vec::new())
        };
        let (fewer, less) = (remove(&samples, &gone), remove(&guard, &of_guard));
        if is_good(&scene(fewer, less)) {
            prop_assert!(is_good(&scene(samples, guard)));
        }
    }

    /// Worse data at a point that is looked at, quiet points among them, never turn unmet into met.
    #[test]
    fn m9_worse_data_never_turn_unmet_into_met(samples in any_value(), guard in any_guard(), bad in 0..N, worse in 0..N, met in any::<bool>()) {
        let scene = |samples| Scene {
            guard: true, guard_samples: guard.clone(), samples: vec![samples],
            quiet: if met { Quiet::Met } else { Quiet::Hold },
            ..exit(below_5(), Vec::new())
        };
        let samples = with(samples, &[(bad, Some(7.0))]);
        let before = scene(samples.clone());
        let looked_at = guard[bad] == Some(1.0);
        prop_assert_eq!(before.outcome().0 == Outcome::Unmet, looked_at);
        let after = scene(with(samples, &[(worse, Some(9.0))]));
        prop_assert!(!looked_at || after.outcome().0 == Outcome::Unmet);
    }
}
