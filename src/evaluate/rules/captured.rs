//! M14b: a captured baseline is compared only with what it was captured as.

use super::scene::*;
use crate::assessment::Outcome;
use crate::kind::List;
use crate::plan::{Accept, Baseline, Bound, Comparison, Condition};
use crate::units::{Instant, Unit};

type As = Option<(&'static str, Option<Unit>, &'static str)>;

/// Compared with a baseline of 9 that was captured so.
fn beside(captured: As, condition: Condition, samples: f64) -> Scene {
    Scene {
        unit: Unit::Seconds,
        baseline: Some(Baseline::File("base.json".into())),
        baseline_samples: flat(9.0),
        captured,
        ..exit(condition, flat(samples))
    }
}

fn relative(comparison: Comparison) -> Condition {
    Condition {
        bound: Bound::Baseline,
        ..condition(None, comparison, 0.0, None)
    }
}

fn at_most() -> Condition {
    relative(Comparison::LessOrEqual)
}

const RIGHT: As = Some(("x", Some(Unit::Seconds), "guard"));
/// What is captured here is from the time that is judged.
const OVERLAP: &str = "the baseline, from 2026-11-19T23:50:00Z to 2026-11-20T00:00:00Z, overlaps what is judged, from 2026-11-19T23:50:00Z to 2026-11-20T00:00:00Z: that part is compared with itself";
const IN_MILLISECONDS: As = Some(("x", Some(Unit::Milliseconds), "guard"));

#[test]
fn m14b_a_baseline_of_the_same_query_and_unit_is_compared() {
    assert_eq!(beside(RIGHT, at_most(), 1.0).outcome().0, Outcome::Met);
    assert_eq!(beside(RIGHT, at_most(), 10.0).outcome().0, Outcome::Unmet);
    assert_eq!(beside(RIGHT, at_most(), 1.0).criterion().notes, [OVERLAP]);
}

#[test]
fn m14b_a_baseline_that_overlaps_what_is_judged_is_noted() {
    let between = |from: i64, to: i64| {
        let at = |ago| Instant::from_secs(T - ago);
        let scene = Scene {
            baseline: Some(Baseline::Between(at(from), at(to))),
            captured: None,
            ..beside(RIGHT, at_most(), 1.0)
        };
        scene.criterion().notes
    };
    assert_eq!(between(600, 0), [OVERLAP]);
    // Ten minutes are judged.
    for (from, to, overlaps) in [
        (3_600, 540, true),
        (60, 0, true),
        (3_600, 600, false),
        (7_200, 3_600, false),
    ] {
        let notes = between(from, to);
        let found = notes.iter().any(|note| note.contains("overlaps"));
        assert_eq!(found, overlaps, "{from} {to}: {notes:?}");
    }
}

#[test]
fn m14b_a_baseline_of_another_unit_or_query_decides_nothing() {
    for (captured, said) in [
        (IN_MILLISECONDS, "is in milliseconds, not seconds"),
        (Some(("x", None, "guard")), "names no unit"),
        (
            Some(("y", Some(Unit::Seconds), "guard")),
            "answers another query, `y`",
        ),
        (
            Some(("y", Some(Unit::Bytes), "guard")),
            "is in bytes, not seconds, and answers another query, `y`",
        ),
    ] {
        for samples in [1.0, 10.0] {
            let scene = beside(captured, at_most(), samples);
            assert_eq!(scene.outcome(), (Outcome::Unknown, "baseline-differs"));
            assert_eq!(
                scene.criterion().reason,
                format!(
                    "the baseline is unknown: `base.json` (checkout v1, captured at 2026-11-19T23:00:00Z) {said}; capture it again, or say `accept: [baseline-differs]` if it is meant"
                )
            );
        }
    }
}

#[test]
fn m14b_a_stop_beside_another_baseline_is_neither_clear_nor_tripped() {
    let above = || relative(Comparison::Greater);
    for (captured, samples, outcome) in [
        (RIGHT, 1.0, Outcome::Clear),
        (RIGHT, 10.0, Outcome::Tripped),
        (IN_MILLISECONDS, 1.0, Outcome::Unknown),
        (IN_MILLISECONDS, 10.0, Outcome::Unknown),
    ] {
        let scene = Scene {
            list: List::Stop,
            ..beside(captured, above(), samples)
        };
        assert_eq!(scene.outcome().0, outcome, "{captured:?} {samples}");
    }
}

#[test]
fn m14b_an_accepted_difference_is_compared_and_noted() {
    for (samples, outcome) in [(1.0, Outcome::Met), (10.0, Outcome::Unmet)] {
        let scene = Scene {
            accept: vec![Accept::BaselineDiffers],
            ..beside(IN_MILLISECONDS, at_most(), samples)
        };
        assert_eq!(scene.outcome().0, outcome);
        assert_eq!(
            scene.criterion().notes,
            [
                "as the plan accepts: `base.json` (checkout v1, captured at 2026-11-19T23:00:00Z) is in milliseconds, not seconds",
                OVERLAP
            ]
        );
    }
    let other = Scene {
        accept: vec![Accept::ImpossibleValue],
        ..beside(IN_MILLISECONDS, at_most(), 1.0)
    };
    assert_eq!(other.outcome().1, "baseline-differs");
}

#[test]
fn m14b_the_guard_has_to_be_the_same_too() {
    let guarded = |guard| Scene {
        guard: true,
        guard_samples: flat(1.0),
        ..beside(Some(("x", Some(Unit::Seconds), guard)), at_most(), 1.0)
    };
    assert_eq!(guarded("guard").outcome().0, Outcome::Met);
    assert_eq!(guarded("other").outcome().1, "baseline-differs");
    let reason = guarded("other").criterion().reason;
    assert!(reason.contains("has another guard, `other`"), "{reason}");
}

#[test]
fn m14b_a_value_of_a_whole_window_is_compared_with_one_of_the_same_length() {
    let over = |query| Scene {
        instant: true,
        ..beside(Some((query, Some(Unit::Seconds), "guard")), at_most(), 1.0)
    };
    assert_eq!(over("max_over_time(x[600s])").outcome().0, Outcome::Met);
    let longer = over("max_over_time(x[7200s])");
    assert_eq!(longer.outcome().1, "baseline-differs");
    let reason = longer.criterion().reason;
    assert!(
        reason.contains("covers a `$window` of 2h, not 10m"),
        "{reason}"
    );
}

#[test]
fn m14b_a_baseline_that_is_not_asked_for_does_not_matter() {
    assert_eq!(
        beside(IN_MILLISECONDS, below_5(), 1.0).outcome().0,
        Outcome::Met
    );
}
