//! What must hold of all ratios: missing counts never earn anything, more errors never heal, good events mirror errors.

use super::*;
use proptest::prelude::*;

/// Errors among events: whole numbers, mostly fewer errors than events.
fn any_counts() -> impl Strategy<Value = (Samples, Samples)> {
    let point = prop_oneof![
        8 => (0..4_u32, 4..9_u32).prop_map(|(errors, total)| (Some(errors), Some(total))),
        1 => (0..4_u32).prop_map(|errors| (Some(errors), None)),
        1 => Just((None, Some(5))),
        1 => Just((Some(0), Some(0))),
    ];
    let counts = |rates: Option<u32>| rates.map(f64::from);
    prop::collection::vec(point, 11).prop_map(move |points| {
        points
            .into_iter()
            .map(|(errors, total)| (counts(errors), counts(total)))
            .unzip()
    })
}

/// Conditions that hold where there are few errors.
fn any_condition() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "< 30%",
        "<= 25x",
        "overall < 25%",
        "budget < 1%",
        "mean < 25%",
        "< 30% over 5m",
        "< 40% over 8m and 2m",
        "< 30% for 80%",
        "< 30% for 3m",
    ])
}

fn is_good(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Met | Outcome::Clear)
}

fn is_bad(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Unmet | Outcome::Tripped)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_was_not_counted_never_earns_anything(
        (errors, total) in any_counts(),
        condition in any_condition().prop_filter("looks at all", |text| !text.contains("for 3m")),
        gone in prop::collection::btree_set(0..11_usize, 2..11),
        of_errors in any::<bool>(),
    ) {
        let changes: Vec<_> = gone.iter().map(|at| (*at, None)).collect();
        // The coverage is 90 %, and two of eleven points are gone.
        let case = if of_errors {
            exit(condition, with(errors, &changes), total)
        } else {
            exit(condition, errors, with(total, &changes))
        };
        prop_assert!(!is_good(case.outcome().0), "{}", case.reason());
    }

    #[test]
    fn more_errors_never_heal((errors, total) in any_counts(), condition in any_condition(), at in 0..11_usize) {
        let worse = with(errors.clone(), &[(at, errors[at].map(|errors| errors + 1.0))]);
        let before = exit(condition, errors, total.clone()).outcome().0;
        let after = exit(condition, worse, total).outcome().0;
        prop_assert!(!(is_bad(before) && is_good(after)), "{before:?} became {after:?}");
    }

    #[test]
    fn good_events_mirror_errors((errors, total) in any_counts(), over in any::<bool>()) {
        let good = errors.iter().zip(&total).map(|(errors, total)| Some((*total)? - (*errors)?)).collect();
        let (of_errors, of_good) = if over {
            ("<= 25x over 5m", "<= 25x over 5m")
        } else {
            ("overall < 25%", "overall > 75%")
        };
        let mirrored = Case { part: "good", ..exit(of_good, good, total.clone()) };
        let plain = exit(of_errors, errors, total);
        prop_assert_eq!(mirrored.outcome().0, plain.outcome().0, "{} / {}", mirrored.reason(), plain.reason());
    }
}
