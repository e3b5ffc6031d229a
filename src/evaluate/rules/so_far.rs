//! L2 and L3: what is told of a window that runs and of a stop that is on its way, while neither decides anything yet.

use super::scene::*;
use super::*;

fn running(condition: Condition, samples: Vec<Option<f64>>) -> Scene {
    Scene {
        started: Some(W - MIN),
        ..exit(condition, samples)
    }
}

#[test]
fn l2_what_nothing_contradicts_is_met_so_far_and_still_unknown() {
    let criterion = running(below_5(), flat(1.0)).criterion();
    assert_eq!(criterion.outcome, Outcome::Unknown);
    assert_eq!(criterion.code, Code::WindowIncomplete);
    assert!(criterion.is_met_so_far());
    let whole = Scene {
        started: Some(W),
        ..exit(below_5(), flat(1.0))
    };
    assert!(!whole.criterion().is_met_so_far(), "met is not so far met");
}

#[test]
fn l2_what_is_contradicted_thin_or_not_begun_is_not_met_so_far() {
    let breached = running(below_5(), with(flat(1.0), &[(8, Some(9.0))]));
    let thin = running(below_5(), vec![None; N]);
    let not_begun = Scene {
        started: None,
        ..exit(below_5(), flat(1.0))
    };
    for scene in [breached, thin, not_begun] {
        let criterion = scene.criterion();
        assert!(!criterion.is_met_so_far(), "{}", criterion.reason);
    }
}

#[test]
fn l2_one_series_that_is_not_fine_is_enough() {
    let scene = Scene {
        per: Some("site"),
        samples: vec![flat(1.0), with(vec![None; N], &[(2, Some(1.0))])],
        ..running(below_5(), Vec::new())
    };
    let criterion = scene.criterion();
    assert_eq!(criterion.outcome, Outcome::Unknown);
    assert!(!criterion.is_met_so_far(), "{}", criterion.reason);
}

fn trips_after(length: i64, samples: Vec<Option<f64>>) -> Scene {
    let hold = Some(Hold::For(minutes(length)));
    Scene {
        coverage: Share::parse("50%").expect("a share"),
        ..stop(condition(None, Comparison::Greater, 5.0, hold), samples)
    }
}

/// Bad from that position to the end.
fn bad_from(first: usize) -> Vec<Option<f64>> {
    let bad: Vec<_> = (first..N).map(|position| (position, Some(9.0))).collect();
    with(flat(1.0), &bad)
}

#[test]
fn l3_a_stop_on_its_way_says_how_far_it_is() {
    let criterion = trips_after(6, bad_from(7)).criterion();
    assert_eq!(
        (criterion.outcome, criterion.code),
        (Outcome::Clear, Code::Clear)
    );
    let (_, approach) = criterion.approach().expect("on its way");
    assert_eq!((approach.lasted, approach.needed), (minutes(3), minutes(6)));
    let words = "in its stop state for 3m of 6m, trips at 2026-11-20T00:03:00Z if it goes on";
    assert_eq!(approach.to_string(), words);
    assert!(criterion.reason.starts_with(words), "{}", criterion.reason);
    // It does trip then: not a minute earlier.
    assert_eq!(trips_after(3, bad_from(7)).outcome().0, Outcome::Tripped);
    assert_eq!(trips_after(4, bad_from(7)).outcome().0, Outcome::Clear);
}

#[test]
fn l3_a_stop_that_has_tripped_or_ended_is_not_on_its_way() {
    let ended = with(bad_from(7), &[(N - 1, Some(1.0))]);
    for scene in [
        trips_after(3, bad_from(7)),
        trips_after(6, ended),
        trips_after(6, flat(1.0)),
        stop(above_5(), flat(1.0)),
    ] {
        let criterion = scene.criterion();
        assert!(criterion.approach().is_none(), "{}", criterion.reason);
    }
    // That the newest point was not measured does not end it.
    let unseen = with(bad_from(7), &[(N - 1, None)]);
    let criterion = trips_after(6, unseen).criterion();
    let (_, approach) = criterion.approach().expect("on its way");
    assert_eq!(approach.lasted, minutes(2));
    assert!(approach.trips_at.is_some());
}

#[test]
fn l3_a_stop_that_nobody_has_seen_lately_trips_at_no_time() {
    // Bad for 2 minutes, then 2 points that nobody measured.
    let unseen = with(bad_from(6), &[(N - 2, None), (N - 1, None)]);
    let criterion = trips_after(6, unseen.clone()).criterion();
    let (_, approach) = criterion.approach().expect("on its way");
    assert_eq!((approach.lasted, approach.trips_at), (minutes(2), None));
    let words = "in its stop state for 2m of 6m, last seen at 2026-11-19T23:58:00Z; nothing was measured since";
    assert_eq!(approach.to_string(), words);
    // As soon as what was not measured may have made it long enough, it is never clear.
    let criterion = trips_after(4, unseen).criterion();
    assert_eq!(
        (criterion.outcome, criterion.code),
        (Outcome::Unknown, Code::LowCoverage)
    );
    let (_, approach) = criterion.approach().expect("on its way");
    assert_eq!(approach.trips_at, None);
}
