//! Random changes to a healthy answer, and whether what is left of it earns a GO, by a second telling of the plan's rules.
//!
//! Must not use the crate under test: it is the second opinion.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::healthy::T;
use crate::support::random::Random;

/// Points of the five minutes before T.
const EXPECTED: usize = 21;
/// 90 % of them, rounded up.
const NEEDED: usize = 19;
const STEP_MS: i64 = 15_000;
/// Values to put in the place of healthy ones.
const VALUES: [&str; 14] = [
    "0.9",
    "0.9999999999999999",
    "1",
    "1.0",
    "1.5",
    "1e308",
    "1e999",
    "-1",
    "NaN",
    "+Inf",
    "-Inf",
    "",
    "abc",
    "0,5",
];
/// Milliseconds to move points by.
const MOVES: [i64; 8] = [
    1, -1, 7_000, 15_000, -15_000, 300_000, 3_600_000, -3_600_000,
];

/// The body with one to four changes to its content.
pub fn edited(body: &str, random: &mut Random) -> Vec<u8> {
    let mut value: Value = serde_json::from_str(body).expect("a healthy answer");
    for _ in 0..=random.below(4) {
        edit(&mut value, random);
    }
    value.to_string().into_bytes()
}

fn edit(value: &mut Value, random: &mut Random) {
    match random.below(12) {
        0 => value["warnings"] = json!(["results may be incomplete"]),
        1 => value["isPartial"] = json!(random.below(2) == 0),
        2 => value["infos"] = json!(["a remark"]),
        3 => value["data"]["result"]
            .as_array_mut()
            .expect("series")
            .reverse(),
        _ => edit_series(
            value["data"]["result"].as_array_mut().expect("series"),
            random,
        ),
    }
}

fn edit_series(series: &mut Vec<Value>, random: &mut Random) {
    if series.is_empty() {
        return;
    }
    let place = random.below(series.len());
    match random.below(12) {
        0 => drop(series.remove(place)),
        1 => series.push(series[place].clone()),
        2 => series[place]["metric"]["site"] = json!(["BER1", "LEJ2", "HAM3", ""][random.below(4)]),
        3 => {
            let mut more = series[place].clone();
            more["metric"]["site"] = json!("HAM3");
            series.push(more);
        }
        _ => edit_points(
            series[place]["values"].as_array_mut().expect("points"),
            random,
        ),
    }
}

fn edit_points(points: &mut Vec<Value>, random: &mut Random) {
    if points.is_empty() {
        return;
    }
    let place = random.below(points.len());
    match random.below(8) {
        0 => drop(points.remove(place)),
        1 => points.push(points[place].clone()),
        2 => points.reverse(),
        3 => points.truncate(place),
        4 => drop(points.drain(..place)),
        5 | 6 => points[place][1] = json!(VALUES[random.below(VALUES.len())]),
        _ => {
            let by = MOVES[random.below(MOVES.len())];
            let time = millis(&points[place][0]).unwrap_or_default() + by;
            let text = format!("{}.{:03}", time.div_euclid(1000), time.rem_euclid(1000));
            points[place][0] = serde_json::from_str(&text).expect("a number");
        }
    }
}

/// The body with one to six bytes changed, lost, doubled or inserted.
pub fn mutated(body: &str, random: &mut Random) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    for _ in 0..=random.below(6) {
        let place = random.below(bytes.len());
        match random.below(5) {
            0 => bytes[place] ^= 1 << random.below(8),
            1 => drop(bytes.remove(place)),
            2 => bytes.insert(place, bytes[place]),
            3 => bytes[place] = b"0123456789.,:\"[]{}-+eE \\"[random.below(24)],
            _ => {
                let end = (place + 1 + random.below(40)).min(bytes.len());
                bytes.drain(place..end);
            }
        }
    }
    bytes
}

/// Whether a body shows what the plan asks for: both sites, enough points, none too old, each below 1.
pub fn earned(body: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return false;
    };
    let nothing = |key: &str| match &value[key] {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    let doubtful = ["warnings", "isPartial", "error", "errorType"];
    let whole = value["status"] == "success"
        && value["data"]["resultType"] == "matrix"
        && doubtful.into_iter().all(nothing);
    let sites = value["data"]["result"]
        .as_array()
        .and_then(|series| sites(series));
    whole && sites.is_some_and(|sites| sites.contains("BER1") && sites.contains("LEJ2"))
}

/// The sites, where each series is good and no two are of one.
fn sites(series: &[Value]) -> Option<BTreeSet<String>> {
    let mut sites = BTreeSet::new();
    for series in series {
        let site = series["metric"]["site"]
            .as_str()
            .filter(|site| !site.is_empty())?;
        if !sites.insert(site.to_owned()) || !is_good(series["values"].as_array()?) {
            return None;
        }
    }
    Some(sites)
}

fn is_good(points: &[Value]) -> bool {
    let mut measured = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for point in points {
        let (Some(at), Some(text)) = (millis(&point[0]), point[1].as_str()) else {
            return false;
        };
        let value = match text {
            "NaN" => f64::NAN,
            "Inf" | "+Inf" => f64::INFINITY,
            "-Inf" => f64::NEG_INFINITY,
            text => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => value,
                _ => return false,
            },
        };
        if !seen.insert(at) {
            return false;
        }
        let on_grid = at % STEP_MS == 0 && (T * 1000 - 300_000..=T * 1000).contains(&at);
        if on_grid && !value.is_nan() {
            measured.insert(at, value);
        }
    }
    let newest = measured.keys().next_back().copied().unwrap_or(0);
    measured.len() <= EXPECTED
        && measured.len() >= NEEDED
        && newest >= T * 1000 - STEP_MS
        && measured.values().all(|value| *value < 1.0)
}

/// A time in whole milliseconds.
#[allow(clippy::cast_possible_truncation, reason = "times of this century")]
fn millis(time: &Value) -> Option<i64> {
    let millis = time.as_f64()? * 1000.0;
    (millis.abs() < 1e16).then(|| millis.round() as i64)
}
