//! What must hold for all data: missing data never earn anything, worse data never heal, order never matters.

use super::scene::*;
use crate::assessment::Outcome;
use crate::evaluate::*;
use crate::kind::List;
use crate::plan::*;
use crate::units::Share;
use proptest::prelude::*;

fn any_condition() -> impl Strategy<Value = Condition> {
    let comparison = prop::sample::select(vec![
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Equal,
        Comparison::NotEqual,
    ]);
    let form = prop_oneof![
        Just((None, None)),
        Just((None, Some(Hold::For(minutes(3))))),
        Just((None, Some(Hold::Share(Share::parse("80%").expect("share"))))),
        Just((None, Some(points(List::Stop, 3)))),
        Just((None, Some(points(List::Exit, 2)))),
        prop::sample::select(vec![
            Reducer::Last,
            Reducer::Mean,
            Reducer::Median,
            Reducer::Min,
            Reducer::Max,
            Reducer::Percentile(finite(95.0))
        ])
        .prop_map(|reducer| (Some(reducer), None)),
    ];
    (form, comparison, 0..4).prop_map(|((reducer, hold), comparison, bound)| {
        condition(reducer, comparison, f64::from(bound), hold)
    })
}

fn any_samples() -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![
        6 => (0..4).prop_map(|value| Some(f64::from(value))),
        1 => Just(None),
        1 => prop::sample::select(vec![Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY)]),
    ];
    prop::collection::vec(value, N)
}

fn any_list() -> impl Strategy<Value = List> {
    prop::sample::select(vec![List::Exit, List::Stop, List::Entry])
}

fn is_good(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Met | Outcome::Clear)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    /// A condition that every point must satisfy, and a stop without a reducer or share, cannot be healed by removing points that satisfy it.
    #[test]
    fn removing_data_never_turns_a_bad_outcome_of_whole_data_into_a_good_one_beyond_what_was_removed(condition in any_condition(), samples in any_samples(), list in any_list(), gone in prop::collection::vec(0..N, 2..N)) {
        let mut gone = gone; gone.sort_unstable(); gone.dedup();
        prop_assume!(gone.len() >= 2);
        let fewer = with(samples.clone(), &gone.iter().map(|position| (*position, None)).collect::<Vec<_>>());
        let scene = |samples| Scene { list, ..exit(condition.clone(), samples) };
        // Two points gone of eleven are below the coverage of 90 %, so nothing can be good (a `for 3m` looks at four).
        let (outcome, _) = scene(fewer.clone()).outcome();
        let narrowed = list != List::Stop && matches!(condition.hold, Some(Hold::For(_)));
        if !narrowed {
            prop_assert!(!is_good(outcome), "{outcome:?}");
        } else if fewer[N - 4..].iter().any(|value| value.is_none_or(f64::is_nan)) {
            prop_assert!(!is_good(outcome), "{outcome:?}");
        }
    }

    #[test]
    fn worse_data_never_turn_unmet_into_met(samples in any_samples(), position in 0..N, list in any_list(), reducer in prop::option::of(prop::sample::select(vec![Reducer::Mean, Reducer::Median, Reducer::Min, Reducer::Max, Reducer::Last]))) {
        // Higher is worse: exit `< 2`, stop `> 2`.
        let comparison = if list == List::Stop { Comparison::Greater } else { Comparison::Less };
        let scene = |samples| Scene { list, ..exit(condition(reducer, comparison, 2.0, None), samples) };
        let worse = with(samples.clone(), &[(position, samples[position].map(|value| value + 1.0))]);
        let (before, after) = (scene(samples).outcome().0, scene(worse).outcome().0);
        if !is_good(before) && before != Outcome::Unknown {
            prop_assert!(!is_good(after), "{before:?} became {after:?}");
        }
    }

    #[test]
    fn the_order_of_samples_never_matters(condition in any_condition(), samples in any_samples(), list in any_list(), seed in any::<u64>()) {
        let scene = Scene { list, per: Some("site"), samples: vec![samples.clone(), samples], ..exit(condition, Vec::new()) };
        let expected = scene.assessed();
        let mut observations = scene.observations();
        for reply in observations.values_mut().flatten() {
            reply.series.rotate_left(1);
            for series in &mut reply.series {
                let by = usize::try_from(seed % 7).expect("small").min(series.points.len());
                series.points.rotate_left(by);
                series.points.reverse();
            }
        }
        let shuffled = assess(&scene.plan(), &scene.request(), &observations).gates.remove(0);
        prop_assert_eq!(format!("{expected:?}"), format!("{shuffled:?}"));
    }

    #[test]
    fn a_good_outcome_has_no_bad_point_where_every_point_must_hold(samples in any_samples(), list in any_list()) {
        let comparison = if list == List::Stop { Comparison::Greater } else { Comparison::LessOrEqual };
        let scene = Scene { list, ..exit(condition(None, comparison, 2.0, None), samples.clone()) };
        if is_good(scene.outcome().0) {
            prop_assert!(samples.iter().flatten().filter(|value| !value.is_nan()).all(|value| *value <= 2.0));
            prop_assert!(samples.iter().flatten().filter(|value| !value.is_nan()).count() >= 10);
        }
    }
}
