//! M7: series that end inside the judged span.

use super::scene::*;
use super::*;

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
