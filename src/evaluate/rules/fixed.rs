//! M4: one number for a whole window beside a baseline whose length the plan fixes: `$window` is as long there.

use super::scene::*;
use super::*;
use crate::samples::Asked;

/// One number for ten minutes, not above that of a baseline.
fn beside(baseline: Baseline) -> Scene {
    Scene {
        instant: true,
        baseline: Some(baseline),
        baseline_samples: vec![Some(9.0)],
        ..exit(
            Condition {
                bound: Bound::Baseline,
                ..condition(None, Comparison::LessOrEqual, 0.0, None)
            },
            vec![Some(1.0)],
        )
    }
}

fn accepted(scene: Scene) -> Scene {
    Scene {
        accept: vec![Accept::BaselineDiffers],
        ..scene
    }
}

/// Of an hour that ends half an hour before what is judged.
fn hour() -> Baseline {
    let ago = |minutes: i64| Instant::from_secs(T - minutes * MIN);
    Baseline::Between(ago(100), ago(40))
}

/// What `$window` covers of a baseline, and from when to when its points are asked for, in minutes before T.
fn asked(scene: &Scene) -> (String, i64, i64) {
    let questions = questions(&scene.plan(), &scene.request());
    let ago = |instant: Instant| instant.until(Instant::from_secs(T)).millis() / 60_000;
    let spans = questions
        .iter()
        .filter_map(|question| match &question.asked {
            Asked::Range(grid) => Some((ago(grid.first()), ago(grid.last()))),
            Asked::At(_) | Asked::Captured(_) => None,
        });
    let (from, to) = spans.max().expect("points");
    let number = questions.iter().find(|question| match &question.asked {
        Asked::At(at) => ago(*at) == to,
        Asked::Range(_) | Asked::Captured(_) => false,
    });
    let (_, length) = number.expect("a number").query.split_once('[').expect("[");
    (length.to_owned(), from, to)
}

#[test]
fn m4_a_baseline_of_fixed_length_is_asked_over_as_long_a_window_as_is_judged() {
    let ten = || "600s])".to_owned();
    assert_eq!(asked(&beside(hour())), (ten(), 50, 40));
    assert_eq!(
        asked(&beside(Baseline::Before(minutes(60)))),
        (ten(), 20, 10)
    );
    let stop = Scene {
        list: List::Stop,
        settle: 6 * MIN,
        ..beside(hour())
    };
    assert_eq!(asked(&stop), ("240s])".to_owned(), 44, 40));
    // Whoever says that lengths make no difference gets all of it.
    let (length, from, to) = asked(&accepted(beside(hour())));
    assert_eq!((length.as_str(), from, to), ("3600s])", 100, 40));
}

#[test]
fn m4_a_query_with_points_keeps_all_of_its_baseline() {
    let scene = Scene {
        instant: false,
        samples: vec![flat(1.0)],
        ..beside(hour())
    };
    let questions = questions(&scene.plan(), &scene.request());
    let longest = questions
        .iter()
        .filter_map(|question| match &question.asked {
            Asked::Range(grid) => Some(grid.count()),
            Asked::At(_) | Asked::Captured(_) => None,
        });
    assert_eq!(longest.max(), Some(61));
}

#[test]
fn m4_a_baseline_shorter_than_the_window_decides_nothing() {
    let short = || Baseline::Before(minutes(9));
    for samples in [1.0, 10.0] {
        let scene = Scene {
            samples: vec![vec![Some(samples)]],
            ..beside(short())
        };
        assert_eq!(scene.outcome(), (Outcome::Unknown, "baseline-differs"));
        let reason = scene.criterion().reason;
        let said =
            "the baseline is unknown: its span of 9m is shorter than the 10m that `$window` covers";
        assert!(reason.starts_with(said), "{reason}");
    }
    let scene = accepted(beside(short()));
    assert_eq!(scene.outcome(), (Outcome::Met, "met"));
    let note = "as the plan accepts: `$window` covers 9m of the baseline, not 10m";
    assert_eq!(scene.criterion().notes, [note]);
}

#[test]
fn m4_only_the_part_that_is_compared_can_overlap() {
    let overlaps = |scene: Scene| {
        let notes = scene.criterion().notes;
        notes.iter().any(|note| note.contains("overlaps"))
    };
    let ago = |minutes: i64| Instant::from_secs(T - minutes * MIN);
    let beyond = || beside(Baseline::Between(ago(30), ago(5)));
    assert!(overlaps(beyond()));
    let after = || beside(Baseline::Between(ago(5), ago(-5)));
    assert!(overlaps(accepted(after())));
    assert!(!overlaps(beside(hour())));
}
