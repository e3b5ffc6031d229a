//! `at P` in the whole program: the vectors of another implementation served as two series, what is recorded, and how often
//! it is wrong (acceptance tests 1, 6 and 8 of canary against control).

mod rates;
#[allow(dead_code, reason = "the bench uses the rest")]
mod simulate;

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::source_fake::{Fake, json};
use crate::support::program::Workplace;

const VECTORS: &str = include_str!("compare/vectors.json");
/// 2026-11-20T00:00:00Z.
const T: i64 = 1_795_132_800;

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(word) if word.starts_with("-Inf") => Some(f64::NEG_INFINITY),
        other => other.as_f64(),
    }
}

fn vectors() -> Vec<Value> {
    let text = VECTORS.replace("-Infinity", "\"-Infinity\"");
    serde_json::from_str(&text).expect("vectors")
}

/// The condition of a vector, in the unit of its KPI.
fn condition(vector: &Value) -> String {
    let args = &vector["args"];
    let (a, m) = (
        number(&args["a"]).expect("a"),
        number(&args["m"]).expect("m"),
    );
    let operator = if args["upper"] == false { ">=" } else { "<=" };
    let bound = match (a, m) {
        (a, 0.0) => format!("{a}"),
        (a, 1.0) if a < 0.0 => format!("baseline - {}", -a),
        (a, 1.0) => format!("baseline + {a}"),
        (_, m) => format!("baseline * {m}"),
    };
    format!("{operator} {bound} at 95%")
}

fn plan(vector: &Value, url: &str) -> String {
    let points = vector["points"].as_array().expect("points").len();
    let is_early = vector["args"]["complete"] == false;
    let window = (points - 1) * if is_early { 2 } else { 1 };
    let counted = if vector["args"]["upper"] == false {
        "good"
    } else {
        "errors"
    };
    let kpi = if vector["kind"] == "gauge" {
        "query: 'value{track=\"$track\"}', unit: seconds".to_owned()
    } else {
        format!(
            "ratio: {{ {counted}: 'part{{track=\"$track\"}}', total: 'total{{track=\"$track\"}}' }}"
        )
    };
    format!(
        "release: R1.0
source: {{ url: {url}, timeout: 5s }}
vars: {{ track: canary }}
baseline: {{ vars: {{ track: stable }} }}
kpis:
  compared: {{ {kpi}, step: 1m, coverage: 40% }}
stages:
  - name: canary
    window: {window}m
    exit: {{ kpis: {{ compared: '{}' }} }}
",
        condition(vector)
    )
}

/// The series that a query asks for, one point a minute up to T.
fn answer(vector: &Value, request: &str) -> Vec<u8> {
    let (is_part, is_total) = (request.contains("part"), request.contains("total"));
    let is_control = request.contains("stable");
    let place = match (vector["kind"] == "gauge", is_control, is_total) {
        (true, control, _) => usize::from(control),
        (false, control, total) => 2 * usize::from(control) + usize::from(total),
    };
    assert!(is_part || is_total || vector["kind"] == "gauge");
    let points = vector["points"].as_array().expect("points");
    let mut values = String::new();
    for (position, point) in points.iter().enumerate() {
        let Some(numbers) = point.as_array() else {
            continue;
        };
        let value = numbers[place].as_f64().expect("a number");
        // Counts of a minute as rates per second.
        let value = if vector["kind"] == "gauge" {
            value
        } else {
            value / 60.0
        };
        let behind = i64::try_from(points.len() - 1 - position).expect("small");
        let comma = if values.is_empty() { "" } else { "," };
        write!(values, "{comma}[{},\"{value:?}\"]", T - 60 * behind).expect("text");
    }
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{values}]}}]}}}}"#
    );
    json(200, &body)
}

fn near(found: &Value, asked: &Value, what: &str) {
    let found = number(found).unwrap_or_else(|| panic!("{what}: {found}"));
    let asked = number(asked).unwrap_or_else(|| panic!("{what}"));
    let off = (found - asked).abs() <= 1e-9 * asked.abs().max(1e-3);
    assert!(found == asked || off, "{what}: {found}, and not {asked}");
}

/// Outcome and numbers of the one series of the one criterion.
fn check(vector: &Value, evidence: &Value) {
    let (name, result) = (vector["name"].as_str().expect("a name"), &vector["result"]);
    let criteria = evidence["gates"][0]["criteria"]
        .as_array()
        .expect("criteria");
    let criterion = criteria
        .iter()
        .find(|one| one["kind"] == "kpis")
        .expect("a KPI");
    let series = &criterion["series"][0];
    let code = result["code"].as_str();
    let is_early = vector["args"]["complete"] == false;
    let expected = match (result["outcome"].as_str().expect("an outcome"), code) {
        ("good", _) if is_early => ("unknown", "window-incomplete"),
        ("good", _) => ("met", "met"),
        ("bad", _) => ("unmet", "breach"),
        (_, Some(code)) => ("unknown", code),
        (_, None) => ("unknown", "undecided"),
    };
    let found = (&series["outcome"], &series["code"]);
    assert_eq!(
        (found.0.as_str(), found.1.as_str()),
        (Some(expected.0), Some(expected.1)),
        "{name}: {}",
        series["reason"]
    );
    if code.is_some() {
        return;
    }
    let says = |key: &str, asked: &Value| near(&series[key], asked, &format!("{name}: {key}"));
    says("rho", &result["rho"]);
    says("se", &result["se_block"]);
    says("t", &result["t"]);
    assert_eq!(
        series["blocks"].as_array().map(Vec::len),
        Some(12),
        "{name}"
    );
    if vector["kind"] == "ratio" {
        says("z", &result["z"]);
        says("se_chance", &result["se_chance"]);
        says("value", &result["canary"]);
    }
    let half =
        (number(&series["high"]).expect("high") - number(&series["low"]).expect("low")) / 2.0;
    near(
        &Value::from(half),
        &result["half"],
        &format!("{name}: half"),
    );
    let margin = number(&series["margin"]).expect("margin");
    let difference = number(&series["estimate"]).expect("estimate") - margin;
    near(
        &Value::from(difference),
        &result["D"],
        &format!("{name}: D"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn compare_1_the_vectors_agree_in_the_whole_program() {
    for vector in vectors() {
        let told = vector.clone();
        let server = Fake::start(move |request| answer(&told, request)).await;
        let place = Workplace::with_plan(&plan(&vector, &server.url()));
        let points = vector["points"].as_array().expect("points").len();
        let started = format!("{}m", points - 1);
        let words = [
            "check",
            "plan.yaml",
            "--at",
            "2026-11-20T00:00:00Z",
            "--started",
            &started,
        ];
        let ran = place.gate(&words);
        assert!(
            [0, 1, 3].contains(&ran.code),
            "{}\n{}{}",
            vector["name"],
            ran.out,
            ran.err
        );
        check(&vector, &place.evidence());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn compare_8_what_was_shown_is_recomputed_to_the_byte() {
    let vectors = vectors();
    for name in ["three times the errors, early", "latency equal, margin 10%"] {
        let vector = vectors
            .iter()
            .find(|one| one["name"] == name)
            .expect("a vector");
        let told = vector.clone();
        let server = Fake::start(move |request| answer(&told, request)).await;
        let place = Workplace::with_plan(&plan(vector, &server.url()));
        let points = vector["points"].as_array().expect("points").len();
        let started = format!("{}m", points - 1);
        place.gate(&[
            "check",
            "plan.yaml",
            "--at",
            "2026-11-20T00:00:00Z",
            "--started",
            &started,
        ]);
        place.gate(&["verify", "plan.evidence"]).says(0, "");
        let answers = place.files("plan.evidence", ".answers.json.gz").remove(0);
        let record = place.files("plan.evidence", ".json").remove(0);
        let answers = answers.to_string_lossy().into_owned();
        place.gate(&[
            "check",
            "plan.yaml",
            "--replay",
            &answers,
            "--evidence",
            "again",
        ]);
        let again = place.files("again", ".json").remove(0);
        let read = |path| fs::read(path).expect("evidence");
        assert!(read(record.clone()) == read(again), "{name}");
        let text = String::from_utf8(read(record.clone())).expect("UTF-8");
        let at = text.find("\"rho\": ").expect("rho") + "\"rho\": ".len();
        let end = at + text[at..].find(',').expect("an end");
        fs::write(&record, format!("{}0.123{}", &text[..at], &text[end..])).expect("written");
        let altered = place.gate(&["verify", "plan.evidence"]);
        assert_eq!(altered.code, 1, "{}{}", altered.out, altered.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn canary_and_control_are_shown_side_by_side_in_every_report() {
    let vectors = vectors();
    let named = |name: &str| {
        vectors
            .iter()
            .find(|one| one["name"] == name)
            .expect("a vector")
            .clone()
    };
    let cases = [
        ("equal arms, margin 0.5pp", "1.02%, control 0.942%", "none"),
        ("latency equal, margin 10%", "x the control", "1.1x allowed"),
    ];
    for (name, measured, allowed) in cases {
        let vector = named(name);
        let told = vector.clone();
        let server = Fake::start(move |request| answer(&told, request)).await;
        let place = Workplace::with_plan(&plan(&vector, &server.url()));
        let check = [
            "check",
            "plan.yaml",
            "--at",
            "2026-11-20T00:00:00Z",
            "--started",
            "119m",
            "--format",
            "text=out.txt",
            "--format",
            "html=out.html",
            "--no-color",
        ];
        let ran = place.gate(&check[..6]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains(measured), "{}", ran.out);
        assert!(
            ran.out.contains("sure to 95% that it is at "),
            "{}",
            ran.out
        );
        let record = place
            .files("plan.evidence", ".json")
            .remove(0)
            .to_string_lossy()
            .into_owned();
        let html = place.gate(&["report", &record, "--format", "html"]);
        assert_eq!(html.code, 0, "{}", html.err);
        for part in [
            "figure class=\"interval\"",
            "sure to 95% to each side: from ",
            "ticks: the 12 blocks of time",
            "</svg>control",
        ] {
            assert!(html.out.contains(part), "{part} in {}", html.out);
        }
        assert!(html.out.contains(allowed) || allowed == "none", "{allowed}");
    }
}
