//! R5: `over`, held against a brute-force reading of the rule.

use super::*;
use crate::units::Duration;
use proptest::prelude::*;

#[test]
fn r5_a_stop_trips_at_the_first_point_at_which_every_look_back_is_bad() {
    // A burst of three minutes: 5m are bad from its second minute on, 10m once it is over.
    let mut errors = vec![Some(0.0); 31];
    for errors in &mut errors[15..18] {
        *errors = Some(40.0);
    }
    let case = |condition| Case {
        window: "30m",
        started: Some(30),
        ..stop(condition, errors.clone(), vec![Some(100.0); 31])
    };
    let both = case("> 10% over 10m and 5m");
    assert_eq!(both.outcome(), (Outcome::Tripped, "breach"));
    assert!(
        both.reason().starts_with(
            "> 10% over 10m and 5m, first at 2026-11-19T23:47:00Z, 4 of 21 look-backs; the worst is 12% at 2026-11-19T23:47:00Z"
        ),
        "{}",
        both.reason()
    );
    assert_eq!(case("> 10% over 20m").outcome(), (Outcome::Clear, "clear"));
    // 12% over 10m, but never above 24% over 5m.
    assert_eq!(case("> 23% over 5m").outcome().0, Outcome::Tripped);
    assert_eq!(case("> 23% over 10m and 5m").outcome().0, Outcome::Clear);
    let breaches = both.criterion().kpi.expect("a KPI").series[0]
        .breaches
        .clone();
    assert_eq!(breaches.len(), 1);
    assert_eq!(breaches[0].end, Instant::from_secs(T - 10 * 60));
}

#[test]
fn r5_elsewhere_each_look_back_must_be_good() {
    let mut errors = vec![Some(0.0); 31];
    errors[20] = Some(40.0);
    let case = |condition| Case {
        window: "30m",
        started: Some(30),
        ..exit(condition, errors.clone(), vec![Some(100.0); 31])
    };
    assert_eq!(case("< 5% over 10m").outcome(), (Outcome::Met, "met"));
    let unmet = case("< 5% over 10m and 5m");
    assert_eq!(unmet.outcome(), (Outcome::Unmet, "breach"));
    assert!(
        unmet
            .reason()
            .starts_with("8% over 10m and 5m at 2026-11-19T23:50:00Z is not < 5%"),
        "{}",
        unmet.reason()
    );
}

#[test]
fn r5_a_look_back_does_not_begin_before_the_span() {
    // The errors are at the first point, which stands for the minute before the span.
    let errors = with(flat(0.0), &[(0, Some(100.0))]);
    let case = stop("> 1% over 10m", errors, flat(100.0));
    assert_eq!(case.outcome(), (Outcome::Clear, "clear"));
    let errors = with(flat(0.0), &[(1, Some(100.0))]);
    let case = stop("> 1% over 10m", errors, flat(100.0));
    assert_eq!(case.outcome(), (Outcome::Tripped, "breach"));
}

#[test]
fn r5_a_span_that_is_shorter_than_a_look_back_is_unknown() {
    for list in [List::Exit, List::Stop] {
        for condition in ["< 1% over 8m", "> 99% over 8m and 2m"] {
            let case = Case {
                list,
                started: Some(7),
                ..exit(
                    condition,
                    flat(50.0)[3..].to_vec(),
                    flat(100.0)[3..].to_vec(),
                )
            };
            let expected = match (list, condition) {
                // The other look-back is there, and bad.
                (List::Exit, "> 99% over 8m and 2m") => (Outcome::Unmet, "breach"),
                _ => (Outcome::Unknown, "empty-span"),
            };
            assert_eq!(case.outcome(), expected, "{condition}");
        }
    }
    let case = Case {
        started: Some(7),
        ..stop(
            "> 1% over 8m",
            flat(50.0)[3..].to_vec(),
            flat(100.0)[3..].to_vec(),
        )
    };
    assert_eq!(
        case.reason(),
        "no look-back of 8m lies in the judged span of 7m yet"
    );
}

#[test]
fn r5_a_look_back_across_a_gap_is_not_measured() {
    let mut total = vec![Some(100.0); 31];
    total[13..16].fill(None);
    let case = |list, condition, errors: f64| Case {
        list,
        window: "30m",
        started: Some(30),
        ..exit(condition, vec![Some(errors); 31], total.clone())
    };
    // 28 of 31 points are measured, but 7 of 10 around the gap.
    let kpi = case(List::Stop, "> 1% over 10m", 2.0)
        .criterion()
        .kpi
        .expect("a KPI");
    assert_eq!(kpi.series[0].points.measured, 28);
    assert_eq!(
        case(List::Stop, "> 1% over 10m", 2.0).outcome().0,
        Outcome::Tripped
    );
    assert_eq!(
        case(List::Stop, "> 1% over 10m", 0.5).outcome().0,
        Outcome::Clear
    );
    assert_eq!(
        case(List::Exit, "< 1% over 10m", 0.5).outcome(),
        (Outcome::Unknown, "low-coverage"),
        "most look-backs are not measured"
    );
    assert_eq!(
        case(List::Exit, "< 1% over 10m", 2.0).outcome().0,
        Outcome::Unmet
    );
    let all_gone = Case {
        total: vec![vec![Some(0.0); 31]],
        ..case(List::Stop, "> 1% over 10m", 0.0)
    };
    assert_eq!(all_gone.outcome(), (Outcome::Unknown, "no-data"));
}

#[test]
fn r5_a_window_that_runs_has_met_nothing_yet() {
    let case = Case {
        window: "20m",
        ..exit("< 1% over 5m", flat(0.5), flat(100.0))
    };
    assert_eq!(case.outcome(), (Outcome::Unknown, "window-incomplete"));
}

/// The rule as it is written, look-back by look-back.
fn first_trip(errors: &Samples, total: &Samples, lengths: &[usize], limit: f64) -> Option<usize> {
    let is_bad = |end: usize, length: usize| {
        let look_back = end + 1 - length..=end;
        let measured: Vec<usize> = look_back
            .filter(|at| errors[*at].is_some() && total[*at].is_some_and(|total| total > 0.0))
            .collect();
        let sum =
            |samples: &Samples| -> f64 { measured.iter().filter_map(|at| samples[*at]).sum() };
        let is_measured = measured.len() * 100 >= 90 * length && sum(total) > 0.0;
        is_measured && sum(errors) / sum(total) > limit
    };
    let longest = *lengths.iter().max()?;
    (longest..total.len()).find(|end| lengths.iter().all(|length| is_bad(*end, *length)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn r5_the_first_trip_is_that_of_the_rule_as_it_is_written(
        points in prop::collection::vec((0..8_u32, 0..40_u32, 0..16_u32), 61),
        both in any::<bool>(),
    ) {
        let errors: Samples = points.iter().map(|(errors, _, gap)| (*gap != 0).then_some(f64::from(*errors))).collect();
        let total: Samples = points.iter().map(|(errors, more, gap)| {
            let all = f64::from(errors + more);
            // Now and then nobody asks for anything.
            (*gap != 1).then_some(all)
        }).collect();
        let (condition, lengths) = if both {
            ("> 17.3% over 12m and 4m", vec![12, 4])
        } else {
            ("> 17.3% over 6m", vec![6])
        };
        let case = Case { window: "1h", started: Some(60), ..stop(condition, errors.clone(), total.clone()) };
        let criterion = case.criterion();
        let series = &criterion.kpi.as_ref().expect("a KPI").series[0];
        let expected = first_trip(&errors, &total, &lengths, 0.173);
        let first = series.breaches.first().map(|breach| breach.start);
        if series.breaches.len() < 20 {
            let at = |end: usize| Instant::from_secs(T) - Duration::from_secs(60 * (60 - i64::try_from(end).expect("small")));
            prop_assert_eq!(first, expected.map(at));
        }
        prop_assert_eq!(criterion.outcome == Outcome::Tripped, expected.is_some());
    }
}
