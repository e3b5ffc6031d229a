//! The samples behind a verdict are the ones that were judged: the same points, the same breaches, the same gaps.

use super::scene::*;
use crate::evaluate::*;
use crate::plan::*;
use crate::samples::Observations;
use crate::units::{Duration, Instant};
use proptest::prelude::*;

/// What was traced of a scene's first criterion.
fn traced(scene: &Scene) -> Option<KpiSamples> {
    let (plan, request, observations) = (scene.plan(), scene.request(), scene.observations());
    Samples::new(&plan, &request, &observations).of(0, 0)
}

fn any_value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        6 => (0..9).prop_map(|value| Some(f64::from(value))),
        1 => Just(None),
        1 => Just(Some(f64::NAN)),
    ]
}

proptest! {
    #[test]
    fn traced_points_are_the_judged_points(
        samples in prop::collection::vec(any_value(), N),
        guard in prop::collection::vec(any_value(), N),
        guarded: bool, stops: bool, zero: bool,
    ) {
        let base = if stops { stop(above_5(), samples.clone()) } else { exit(below_5(), samples.clone()) };
        let scene = Scene {
            guard: guarded,
            guard_samples: guard.clone(),
            missing: if guarded && zero { Missing::Zero } else { Missing::Hold },
            ..base
        };
        let judged = scene.criterion().kpi.expect("a KPI");
        let Some(traced) = traced(&scene) else {
            prop_assert!(judged.series.is_empty());
            return Ok(());
        };
        prop_assert_eq!(traced.series.len(), judged.series.len());
        for (points, series) in traced.series.iter().zip(&judged.series) {
            let measured = points.points.iter().filter(|point| point.measured.is_some()).count();
            prop_assert_eq!(measured, series.points.measured);
            for (position, point) in points.points.iter().enumerate() {
                let at = traced.grid.at(position);
                let inside = |start: Instant, end: Instant| start <= at && at <= end;
                prop_assert_eq!(point.beyond, series.breaches.iter().any(|one| inside(one.start, one.end)));
                let is_gap = series.gaps.iter().any(|one| inside(one.start, one.end));
                prop_assert!(point.measured.is_none() || !is_gap);
                prop_assert_eq!(point.measured.is_none() && !is_gap, guarded && guard[position].is_some_and(|value| value < 1.0));
            }
        }
    }
}

#[test]
fn what_was_sent_is_kept_even_if_it_was_not_measured() {
    let scene = Scene {
        guard: true,
        guard_samples: with(flat(1.0), &[(3, Some(0.0))]),
        ..exit(below_5(), with(flat(1.0), &[(4, Some(f64::NAN))]))
    };
    let points = traced(&scene).expect("samples").series.remove(0).points;
    assert_eq!((points[3].sent, points[3].measured), (Some(1.0), None));
    assert!(points[4].sent.is_some_and(f64::is_nan) && points[4].measured.is_none());
    assert_eq!(points[5].measured, Some(1.0));
}

#[test]
fn a_baseline_comes_with_its_own_grid() {
    let scene = Scene {
        baseline: Some(Baseline::Offset(Duration::from_secs(7 * 86_400))),
        baseline_samples: flat(4.0),
        condition: Condition {
            bound: Bound::Baseline,
            ..below_5()
        },
        ..exit(below_5(), flat(9.0))
    };
    let traced = traced(&scene).expect("samples");
    let baseline = traced.baseline.expect("a baseline");
    assert_eq!(baseline.grid.count(), traced.grid.count());
    assert_eq!(baseline.series[0].points[0].measured, Some(4.0));
    assert!(traced.series[0].points.iter().all(|point| point.beyond));
}

#[test]
fn what_was_not_answered_has_no_samples() {
    let scene = exit(below_5(), flat(1.0));
    let (plan, request) = (scene.plan(), scene.request());
    let nothing = Observations::new();
    let samples = Samples::new(&plan, &request, &nothing);
    assert!(samples.of(0, 0).is_none() && samples.of(0, 7).is_none() && samples.of(3, 0).is_none());
}

#[test]
fn the_settle_time_ends_where_judging_begins() {
    let scene = Scene {
        started: Some(W),
        settle: 2 * MIN,
        ..exit(below_5(), flat(1.0))
    };
    let (plan, request, observations) = (scene.plan(), scene.request(), scene.observations());
    let samples = Samples::new(&plan, &request, &observations);
    assert_eq!(
        samples.settled(0),
        Some(Instant::from_secs(T - W + 2 * MIN))
    );
    assert_eq!(samples.settled(1), None);
}
