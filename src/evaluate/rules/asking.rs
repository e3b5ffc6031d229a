//! M8b, M10, M11: what a span holds behind one number, samples that come late, clocks that differ.

use super::scene::*;
use super::*;
use crate::assessment::{Code, CriterionAssessment};
use crate::evaluate::{Facts, clocks_differ};
use crate::findings::Findings;
use crate::samples::{Asked, SourceSeen};

/// One number for the whole window, and a point a minute behind it.
fn windowed(value: f64, behind: Vec<Option<f64>>) -> Scene {
    Scene {
        instant: true,
        companion_samples: vec![behind],
        ..exit(below_5(), vec![Some(value)])
    }
}

fn gone(from: usize) -> Vec<Option<f64>> {
    let points = (0..N).map(|position| (position < from).then_some(1.0));
    points.collect()
}

#[test]
fn m8b_a_companion_is_asked_with_5m_over_the_span_on_the_grid() {
    let scene = windowed(1.0, flat(1.0));
    let asked = questions(&scene.plan(), &scene.request());
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].query, "max_over_time(x[300s])");
    let Asked::Range(grid) = asked[1].asked else {
        panic!("a range")
    };
    assert_eq!((grid.count(), grid.last()), (N, Instant::from_secs(T)));
    assert_eq!(scene.outcome(), (Outcome::Met, "met"));
    let criterion = scene.criterion();
    let kpi = criterion.kpi.expect("a KPI");
    assert_eq!(kpi.companion.expect("a companion").query, asked[1].query);
    assert_eq!(kpi.series[0].points.expected, N);
}

#[test]
fn m8b_a_good_number_over_a_span_without_samples_is_unknown() {
    assert_eq!(
        windowed(1.0, gone(0)).outcome(),
        (Outcome::Unknown, "no-data")
    );
    let half = windowed(1.0, gone(N / 2));
    assert_eq!(half.outcome(), (Outcome::Unknown, "low-coverage"));
    let reason = half.criterion().reason;
    assert!(reason.contains("in the place of `$window`"), "{reason}");
    let stale = Scene {
        max_age: Some(minutes(0)),
        ..windowed(1.0, gone(N - 1))
    };
    assert_eq!(stale.outcome(), (Outcome::Unknown, "stale"));
}

#[test]
fn m8b_thin_data_do_not_excuse_a_bad_number() {
    for behind in [gone(0), gone(N / 2), flat(1.0)] {
        let (outcome, code) = windowed(9.0, behind).outcome();
        assert_eq!((outcome, code), (Outcome::Unmet, "breach"));
    }
    let tripped = Scene {
        list: List::Stop,
        condition: above_5(),
        ..windowed(9.0, gone(0))
    };
    assert_eq!(tripped.outcome().0, Outcome::Tripped);
    let clear = Scene {
        samples: vec![vec![Some(1.0)]],
        ..tripped
    };
    assert_eq!(clear.outcome().0, Outcome::Unknown);
}

#[test]
fn m8b_a_reduced_number_that_breaches_stays_unmet() {
    let scene = Scene {
        condition: condition(Some(Reducer::Max), Comparison::Less, 5.0, None),
        ..windowed(9.0, gone(0))
    };
    assert_eq!(scene.outcome().0, Outcome::Unmet);
}

#[test]
fn m8b_a_span_that_cannot_be_looked_into_is_unknown() {
    let scene = windowed(1.0, flat(1.0));
    let mut observations = scene.observations();
    for (question, observation) in &mut observations {
        if matches!(question.asked, Asked::Range(_)) {
            *observation = Err(Failure {
                code: FailureCode::QueryRejected,
                message: "the source refused the query".into(),
            });
        }
    }
    let gate = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0);
    let criterion = &gate.criteria[0];
    assert_eq!(criterion.outcome, Outcome::Unknown);
    assert_eq!(criterion.code, Code::UnseenWindow);
    assert_eq!(gate.verdict, Verdict::Hold);
}

#[test]
fn m7_m8b_a_series_that_ended_behind_a_number_is_unknown_by_name() {
    let sites = |continuity, ended: Vec<Option<f64>>| Scene {
        per: Some("site"),
        continuity,
        max_age: Some(minutes(2)),
        samples: vec![vec![Some(1.0)], vec![Some(1.0)]],
        companion_samples: vec![flat(1.0), ended],
        ..windowed(1.0, Vec::new())
    };
    let dark = sites(Continuity::Each, gone(N - 5));
    assert_eq!(dark.outcome(), (Outcome::Unknown, "series-ended"));
    let reason = dark.criterion().reason;
    assert!(
        reason.starts_with("site=s1: the series ended: the newest point is 5m old"),
        "{reason}"
    );
    let never = sites(Continuity::Each, gone(0));
    assert_eq!(never.outcome(), (Outcome::Unknown, "no-data"));
    let lit = sites(Continuity::Each, flat(1.0));
    assert_eq!(lit.outcome().0, Outcome::Met);
    let pods = sites(Continuity::Any, gone(N - 5)).criterion();
    assert_eq!(pods.outcome, Outcome::Met);
    assert!(pods.notes[0].contains("site=s1"), "{:?}", pods.notes);
}

fn late(delay: i64, started: Option<i64>) -> Scene {
    Scene {
        delay: minutes(delay),
        started,
        ..exit(below_5(), flat(1.0))
    }
}

#[test]
fn m10_spans_end_the_delay_before_t_and_freshness_counts_from_there() {
    let scene = late(5, Some(W + 5 * MIN));
    let asked = questions(&scene.plan(), &scene.request());
    let Asked::Range(grid) = asked[0].asked else {
        panic!("a range")
    };
    let end = Instant::from_secs(T) - minutes(5);
    assert_eq!((grid.last(), grid.count()), (end, N));
    let fresh = Scene {
        max_age: Some(minutes(0)),
        ..late(5, Some(W + 5 * MIN))
    };
    assert_eq!(fresh.outcome().0, Outcome::Met);
}

#[test]
fn m10_a_window_is_complete_once_late_samples_are_there() {
    let begun = |ago: i64| late(5, Some(W + ago * MIN));
    assert_eq!(begun(4).outcome(), (Outcome::Unknown, "window-incomplete"));
    let reason = begun(4).criterion().reason;
    let complete = Instant::from_secs(T) + minutes(1);
    assert!(
        reason.contains(&format!("complete at {complete}")),
        "{reason}"
    );
    assert_eq!(begun(5).outcome(), (Outcome::Met, "met"));
    let window = begun(4).assessed().window.expect("a window");
    assert_eq!(
        (window.complete, window.completes_at),
        (false, Some(complete))
    );
}

#[test]
fn m10_a_query_over_the_window_is_asked_the_delay_before_t() {
    let scene = Scene {
        delay: minutes(5),
        ..windowed(1.0, flat(1.0))
    };
    let asked = questions(&scene.plan(), &scene.request());
    let end = Instant::from_secs(T) - minutes(5);
    assert_eq!(asked[0].asked, Asked::At(end));
}

#[test]
fn m10_where_nothing_is_there_yet_the_delay_is_named() {
    for list in [List::Exit, List::Stop] {
        let scene = Scene {
            list,
            ..late(5, Some(3 * MIN))
        };
        let criterion = scene.criterion();
        assert_eq!(criterion.code, Code::EmptySpan);
        let (started, end) = (
            Instant::from_secs(T - 3 * MIN),
            Instant::from_secs(T) - minutes(5),
        );
        assert_eq!(
            criterion.reason,
            format!(
                "no point to judge yet: the stage started at {started}; samples come late, so that what is judged ends at {end} (the source's `delay: 5m`)"
            )
        );
    }
}

#[test]
fn m10_what_is_thin_or_stale_names_the_newest_sample_and_its_age() {
    let newest = Instant::from_secs(T) - minutes(8);
    let few = exit(below_5(), gone(N - 8)).criterion();
    assert_eq!(few.code, Code::LowCoverage);
    let told = format!("the newest point is 8m old ({newest})");
    assert!(few.reason.contains(&told), "{}", few.reason);
    let old = Scene {
        max_age: Some(minutes(0)),
        ..exit(below_5(), gone(N - 1))
    };
    let reason = old.criterion().reason;
    assert!(
        reason.contains("1m old") && reason.contains("`delay`"),
        "{reason}"
    );
}

fn judged_with_clock(scene: &Scene, ahead: Option<i64>) -> CriterionAssessment {
    let sources = [SourceSeen {
        name: "default".into(),
        clock_ahead: ahead.map(Duration::from_secs),
        ..SourceSeen::default()
    }];
    let (observations, findings) = (scene.observations(), Findings::new());
    let facts = Facts {
        observations: &observations,
        findings: &findings,
        sources: &sources,
        lost_ledger: None,
        plan_is_kept_out: false,
        recorded_at: None,
    };
    let mut gate = assess(&scene.plan(), &scene.request(), facts)
        .gates
        .remove(0);
    gate.criteria.remove(0)
}

#[test]
fn m11_clocks_that_differ_by_more_than_2m_leave_what_is_good_open() {
    let good = exit(below_5(), flat(1.0));
    for ahead in [None, Some(45), Some(-120), Some(120)] {
        let criterion = judged_with_clock(&good, ahead);
        assert_eq!(criterion.outcome, Outcome::Met, "{ahead:?}");
    }
    for ahead in [Some(-121), Some(480)] {
        let criterion = judged_with_clock(&good, ahead);
        assert_eq!(
            (criterion.outcome, criterion.code),
            (Outcome::Unknown, Code::ClockSkew)
        );
        let series = &criterion.kpi.expect("a KPI").series[0];
        assert_eq!(series.outcome, Outcome::Unknown);
    }
    let clear = judged_with_clock(&stop(above_5(), flat(1.0)), Some(480));
    assert_eq!(clear.code, Code::ClockSkew);
    let nothing = judged_with_clock(&exit(below_5(), gone(0)), Some(480));
    assert_eq!(nothing.code, Code::ClockSkew);
}

#[test]
fn m11_what_was_seen_to_be_bad_stays_bad() {
    let unmet = judged_with_clock(&exit(below_5(), flat(9.0)), Some(480));
    assert_eq!((unmet.outcome, unmet.code), (Outcome::Unmet, Code::Breach));
    assert!(unmet.notes[0].contains("8m ahead of"), "{:?}", unmet.notes);
    let tripped = judged_with_clock(&stop(above_5(), flat(9.0)), Some(-480));
    assert_eq!(tripped.outcome, Outcome::Tripped);
}

#[test]
fn m11_a_difference_is_told_with_its_direction() {
    let told = |seconds| clocks_differ("eu", Duration::from_secs(seconds));
    assert_eq!(
        told(45),
        "the clock of the source eu is 45s ahead of this machine's"
    );
    assert_eq!(
        told(-480),
        "the clock of the source eu is 8m behind this machine's"
    );
}
