//! M14: values that stay two decades from their limit are noted, and decide as before.

use super::scene::*;
use crate::assessment::Outcome;
use crate::kind::List;
use crate::plan::{Comparison, Condition, Reducer};
use crate::units::Unit;

const BELOW: &str = "the worst, 2.41ms, is 1/330 of the limit: is the unit right?";

fn below_800() -> Condition {
    condition(None, Comparison::Less, 800.0, None)
}

fn milliseconds(condition: Condition, samples: Vec<Option<f64>>) -> Scene {
    Scene {
        unit: Unit::Milliseconds,
        ..exit(condition, samples)
    }
}

fn slow() -> Vec<Option<f64>> {
    with(flat(2.3), &[(3, Some(2.41)), (5, Some(0.0))])
}

#[test]
fn m14_a_value_that_stays_two_decades_below_its_limit_is_noted_and_met() {
    let scene = milliseconds(below_800(), slow());
    assert_eq!(scene.outcome().0, Outcome::Met);
    assert_eq!(scene.criterion().notes, [BELOW]);
}

#[test]
fn m14_what_comes_near_its_limit_once_or_is_zero_is_not_noted() {
    for samples in [
        with(slow(), &[(7, Some(8.1))]),
        flat(0.0),
        flat(300.0),
        vec![None; N],
    ] {
        let notes = milliseconds(below_800(), samples).criterion().notes;
        assert_eq!(notes, [""; 0]);
    }
}

#[test]
fn m14_ratios_percentages_counts_and_numbers_without_a_unit_are_not_noted() {
    for unit in Unit::ALL {
        let scene = Scene {
            unit,
            ..milliseconds(below_800(), flat(0.5))
        };
        let silent = [Unit::Ratio, Unit::Percent, Unit::Count, Unit::None].contains(&unit);
        assert_eq!(scene.criterion().notes.is_empty(), silent, "{unit}");
    }
}

#[test]
fn m14_a_breach_by_two_decades_is_noted_by_its_best_value() {
    let scene = milliseconds(below_800(), with(flat(3e6), &[(2, Some(2.4e6))]));
    assert_eq!(scene.outcome().0, Outcome::Unmet);
    assert_eq!(
        scene.criterion().notes,
        ["the best, 40m, is 3000 times the limit: is the unit right?"]
    );
}

#[test]
fn m14_a_reduced_value_is_named_by_its_reducer_and_no_point_may_be_near() {
    let p95 = || Condition {
        reducer: Some(Reducer::Max),
        ..below_800()
    };
    let notes = |samples| milliseconds(p95(), samples).criterion().notes;
    assert_eq!(
        notes(slow()),
        ["the max, 2.41ms, is 1/330 of the limit: is the unit right?"]
    );
    let mean = Condition {
        reducer: Some(Reducer::Mean),
        ..below_800()
    };
    let spike = milliseconds(mean, with(slow(), &[(7, Some(20.0))]));
    assert_eq!(spike.criterion().notes, [""; 0]);
}

#[test]
fn m14_one_series_near_its_limit_shows_that_the_unit_is_right() {
    let sites = |second: f64| Scene {
        per: Some("site"),
        samples: vec![slow(), flat(second)],
        ..milliseconds(below_800(), Vec::new())
    };
    assert_eq!(sites(1.0).criterion().notes, [BELOW]);
    assert_eq!(sites(100.0).criterion().notes, [""; 0]);
}

#[test]
fn m14_stops_and_equality() {
    let above = condition(None, Comparison::Greater, 800.0, None);
    let stop = Scene {
        list: List::Stop,
        ..milliseconds(above, slow())
    };
    assert_eq!(stop.outcome().0, Outcome::Clear);
    assert_eq!(stop.criterion().notes, [BELOW]);
    let other = condition(None, Comparison::NotEqual, 800.0, None);
    assert_eq!(milliseconds(other, slow()).criterion().notes, [""; 0]);
}
