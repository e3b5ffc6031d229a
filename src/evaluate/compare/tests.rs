//! The vectors (`tests/compare/vectors.json`): an implementation in another language made them.

use serde_json::Value;

use super::*;
use crate::samples::Events;

const VECTORS: &str = include_str!("../../../tests/compare/vectors.json");

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(word) if word == "-Infinity" => Some(f64::NEG_INFINITY),
        other => other.as_f64(),
    }
}

fn asked(vector: &Value) -> Asked {
    let args = &vector["args"];
    let flag = |key: &str| args[key].as_bool().unwrap_or(true);
    Asked {
        points: vector["points"].as_array().expect("points").len(),
        margin: Margin {
            offset: number(&args["a"]).expect("a"),
            factor: number(&args["m"]).expect("m"),
        },
        high_is_bad: flag("upper"),
        levels: Levels::new(0.05, 1, !flag("complete")),
    }
}

fn compared(vector: &Value) -> Compared {
    let asked = asked(vector);
    let points = vector["points"].as_array().expect("points").iter();
    let numbers = points.map(|point| {
        let point = point.as_array();
        let each = point.map(|point| point.iter().map(|one| one.as_f64().expect("a number")));
        each.map(Iterator::collect::<Vec<_>>)
    });
    let placed = numbers
        .enumerate()
        .filter_map(|(at, point)| Some((at, point?)));
    let has_control = asked.margin.factor != 0.0;
    if vector["kind"] == "gauge" {
        let pair = |(at, point): (usize, Vec<f64>)| ValuePair {
            at,
            canary: point[0],
            control: has_control.then(|| point[1]),
        };
        return compare(
            asked,
            Arms::Values(&placed.map(pair).collect::<Vec<_>>(), mean),
        );
    }
    let pair = |(at, point): (usize, Vec<f64>)| {
        let counts = |part: f64, total: f64| Events { part, total };
        EventPair {
            at,
            canary: counts(point[0], point[1]),
            control: has_control.then(|| counts(point[2], point[3])),
        }
    };
    compare(asked, Arms::Events(&placed.map(pair).collect::<Vec<_>>()))
}

fn near(found: f64, asked: &Value, what: &str) {
    let asked = number(asked).unwrap_or_else(|| panic!("{what}"));
    let off = (found - asked).abs() <= 1e-9 * asked.abs().max(1e-6);
    assert!(found == asked || off, "{what}: {found}, and not {asked}");
}

fn check(name: &str, result: &Value, found: &Estimate) {
    let outcome = match found.shown {
        Shown::Good => "good",
        Shown::Bad => "bad",
        Shown::Undecided => "undecided",
    };
    assert_eq!(result["outcome"], outcome, "{name}");
    assert_eq!(result["blocks"].as_u64(), Some(found.blocks.len() as u64));
    for (key, found) in [
        ("D", Some(found.difference)),
        ("se_block", Some(found.se)),
        ("rho", Some(found.rho)),
        ("se_chance", found.se_chance),
        ("t", Some(found.t)),
        ("z", found.z),
        ("half", Some(found.half)),
    ] {
        match found {
            Some(found) => near(found, &result[key], &format!("{name}: {key}")),
            None => assert!(result[key].is_null(), "{name}: {key}"),
        }
    }
}

#[test]
fn compare_1_the_vectors_agree() {
    let text = VECTORS.replace("-Infinity", "\"-Infinity\"");
    let vectors: Vec<Value> = serde_json::from_str(&text).expect("vectors");
    assert!(vectors.len() > 10);
    for vector in vectors {
        let (name, result) = (vector["name"].as_str().expect("name"), &vector["result"]);
        match compared(&vector) {
            Compared::Estimated(found) => check(name, result, &found),
            Compared::FewPairs(_) | Compared::FewBlocks(_) => {
                assert_eq!(result["code"], "too-few-samples", "{name}");
            }
            Compared::NotFinite => panic!("{name}: not finite"),
        }
    }
}
