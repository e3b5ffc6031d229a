//! The frozen format: breaking one of these tests makes a `gate.evidence/v2`.

use serde_json::{Value, json};

use super::*;
use crate::evidence::Answers;
use crate::report::scenarios;
use crate::unicode_safety::is_hidden;

fn read(evidence: &Evidence) -> Value {
    serde_json::from_str(&to_json(evidence)).expect("JSON")
}

/// The keys at one level of indentation, in the order in which they are written.
fn keys(json: &str, indent: usize) -> String {
    let start = format!("{:indent$}\"", "");
    let keys: Vec<&str> = json
        .lines()
        .filter(|line| line.starts_with(&start) && line.contains("\": "))
        .filter_map(|line| line.trim_start().split('"').nth(1))
        .collect();
    keys.join(" ")
}

#[test]
fn the_keys_are_in_their_order() {
    // Each on a line of its own.
    let document = wire::Document::from(&scenarios::go());
    let json = serde_json::to_string_pretty(&document).expect("JSON");
    assert_eq!(
        keys(&json, 2),
        "schema tool evaluated_at started verdict exit_code accept_overrides plan vars answers ledger run sources asked gates next plan_changes rollback warnings accepted notes"
    );
    let gate = "gate stage title traffic verdict verdict_without_approvals look outlook flags counts window criteria";
    assert!(keys(&json, 6).contains(gate), "{}", keys(&json, 6));
    let window = "criteria stops observe start end step started complete length completes_at";
    assert!(keys(&json, 8).contains(window), "{}", keys(&json, 8));
    let criterion = "met total clear total list kind name condition outcome reason code notes query source unit span decisive series list";
    assert!(
        keys(&json, 10).starts_with(criterion),
        "{}",
        keys(&json, 10)
    );
    let series = "labels outcome code reason value bound points min mean max last breaches gaps trend labels";
    assert!(keys(&json, 14).contains(series), "{}", keys(&json, 14));
    assert!(to_json(&scenarios::go()).ends_with("}\n"));
}

#[test]
fn what_people_did_is_listed_entry_by_entry() {
    let json = read(&scenarios::outstanding());
    assert_eq!(json["ledger"]["entries"], 23);
    assert_eq!(json["ledger"]["path"], "logistics.ledger.jsonl");
    let criteria = &json["gates"][0]["criteria"];
    assert_eq!(
        criteria[0]["based_on"][0]["entry"],
        json!({"number": 4, "by": "Ada Lovelace <ada@example.com>", "at": "2026-11-20T11:00:00Z", "why": "contract tests of build 812", "links": []})
    );
    assert!(criteria[0].get("next_step").is_none() && criteria[1].get("based_on").is_none());
    assert_eq!(
        criteria[1]["next_step"],
        json!({"command": "gate confirm rollout-plans/logistics.yaml readiness/labels --stage pilot", "owner": "@warehouse"})
    );
    let file = &criteria[7]["based_on"][0]["file"];
    assert_eq!(file["path"], "../build/sbom.json");
    assert_eq!(file["bytes"], 48_213);
    assert_eq!(file["modified"], "2026-11-19T18:00:00Z");
}

#[test]
fn an_override_leaves_the_verdict_and_changes_the_exit_code_only_if_accepted() {
    let mut evidence = scenarios::overridden();
    let json = read(&evidence);
    assert_eq!(
        (&json["verdict"], &json["exit_code"]),
        (&"NO-GO".into(), &1.into())
    );
    assert_eq!(json["accept_overrides"], false);
    let overridden = &json["gates"][0]["overridden"];
    assert_eq!(overridden["by"], "Grace Hopper <grace@example.com>");
    assert_eq!(overridden["expires"], "2026-11-21T13:00:00Z");
    assert_eq!(overridden["entry"], 22);
    evidence.accept_overrides = true;
    let json = read(&evidence);
    assert_eq!(
        (&json["verdict"], &json["exit_code"]),
        (&"NO-GO".into(), &0.into())
    );
    assert_eq!(json["gates"][0]["verdict"], "NO-GO");
    assert_eq!(json["accept_overrides"], true);
}

#[test]
fn flags_and_the_verdict_without_approvals_are_with_their_gate() {
    let json = read(&scenarios::paused());
    let flag = json["gates"][0]["flags"][0].as_str().expect("a flag");
    assert!(flag.starts_with("pilot was paused by Ada"), "{flag}");
    assert_eq!(json["gates"][0]["verdict_without_approvals"], "HOLD");
    assert_eq!(read(&scenarios::go())["ledger"], Value::Null);
}

#[test]
fn the_exit_code_is_the_verdicts() {
    for (evidence, verdict, code) in [
        (scenarios::go(), "GO", 0),
        (scenarios::no_go(), "NO-GO", 1),
        (scenarios::hold_incomplete(), "HOLD", 3),
        (scenarios::stop(), "STOP", 4),
    ] {
        let json = read(&evidence);
        assert_eq!(json["verdict"], verdict);
        assert_eq!(json["exit_code"], code);
        assert_eq!(json["schema"], "gate.evidence/v1");
    }
}

#[test]
fn times_are_utc_and_durations_seconds() {
    let json = read(&scenarios::hold_incomplete());
    let window = &json["gates"][0]["window"];
    assert_eq!(window["end"], "2026-11-20T14:00:00Z");
    assert_eq!(window["completes_at"], "2026-11-21T07:00:00Z");
    assert_eq!(window["length"], 172_800);
    assert_eq!(window["step"], 60);
    assert_eq!(window["complete"], false);
    assert_eq!(json["rollback"][0]["takes"], 120);
}

#[test]
fn steps_that_differ_give_the_window_no_step() {
    let mut evidence = scenarios::go();
    let kpi = evidence.gates[0].criteria[0].kpi.as_mut().expect("a KPI");
    kpi.step = Some(crate::units::Duration::from_millis(1500));
    let json = read(&evidence);
    assert_eq!(json["gates"][0]["window"]["step"], Value::Null);
    assert_eq!(json["gates"][0]["criteria"][0]["span"]["step"], 1.5);
}

#[test]
fn values_that_json_cannot_hold_are_words_and_absent_ones_null() {
    let mut evidence = scenarios::go();
    let kpi = evidence.gates[0].criteria[0].kpi.as_mut().expect("a KPI");
    let series = &mut kpi.series[0];
    (series.value, series.bound) = (Some(f64::INFINITY), Some(0.1 + 0.2));
    (series.summary, series.trend) = (None, vec![None, Some(f64::NAN), Some(-0.0)]);
    let json = to_json(&evidence);
    let read: Value = serde_json::from_str(&json).expect("JSON");
    let series = &read["gates"][0]["criteria"][0]["series"][0];
    assert_eq!(series["value"], "+Inf");
    assert_eq!(
        series["bound"].as_f64().map(f64::to_bits),
        Some((0.1_f64 + 0.2).to_bits())
    );
    assert_eq!(series["mean"], Value::Null);
    assert_eq!(series["trend"][0], Value::Null);
    assert_eq!(series["trend"][1], "NaN");
    assert_eq!(
        series["trend"][2].as_f64().map(f64::to_bits),
        Some((-0.0_f64).to_bits())
    );
}

#[test]
fn answers_that_are_left_out_say_why() {
    let mut evidence = scenarios::go();
    assert_eq!(
        read(&evidence)["answers"]["path"],
        "20261120T140000Z-go.answers.json.gz"
    );
    evidence.answers = Answers::LeftOut("over 256 MiB".to_owned());
    let answers = &read(&evidence)["answers"];
    assert_eq!(answers.to_string(), "{\"left_out\":\"over 256 MiB\"}");
}

#[test]
fn what_nobody_measured_has_no_keys_of_a_kpi() {
    let json = read(&scenarios::no_go());
    let criterion = &json["gates"][1]["criteria"][0];
    assert_eq!(criterion["kind"], "checklists");
    assert_eq!(criterion["code"], "not-answered");
    assert!(criterion.get("query").is_none() && criterion.get("series").is_none());
    assert_eq!(json["gates"][1]["window"], Value::Null);
}

#[test]
fn hostile_texts_are_kept_but_do_nothing_on_a_terminal() {
    let evidence = scenarios::hostile();
    let json = to_json(&evidence);
    let acts = |character: char| character != '\n' && is_hidden(character);
    assert!(!json.chars().any(acts));
    assert_eq!(read(&evidence)["plan"]["path"], evidence.plan.path.as_str());
    assert_eq!(
        read(&evidence)["gates"][0]["title"].as_str(),
        evidence.gates[0].title.as_deref()
    );
}

#[test]
fn a_trend_is_one_line() {
    let mut evidence = scenarios::go();
    let kpi = evidence.gates[0].criteria[0].kpi.as_mut().expect("a KPI");
    kpi.series[0].trend = vec![Some(1.0); 400];
    kpi.series[0].trend.extend([None, Some(f64::INFINITY)]);
    let json = to_json(&evidence);
    assert!(json.contains("1.0, 1.0, null, \"+Inf\"]"), "{json}");
    let compact = |json: &str| {
        serde_json::from_str::<Value>(json)
            .expect("JSON")
            .to_string()
    };
    let plain = serde_json::to_string_pretty(&wire::Document::from(&evidence)).expect("JSON");
    assert_eq!(compact(&json), compact(&plain));
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    assert_eq!(to_json(&scenarios::no_go()), to_json(&scenarios::no_go()));
}

proptest::proptest! {
    #[test]
    fn every_text_reads_back_as_it_was(text in "(?s).{0,40}") {
        let mut evidence = scenarios::go();
        evidence.notes = vec![text.clone()];
        let json = read(&evidence);
        proptest::prop_assert_eq!(json["notes"][0].as_str(), Some(text.as_str()));
    }
}
