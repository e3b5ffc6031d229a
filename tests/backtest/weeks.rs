//! Four weeks of the logistics release's pilot on a real Prometheus, with two planted incidents: they are found, and suggested limits
//! keep their promise.
//!
//! ```text
//! tests/servers/fetch.sh
//! cargo test --test integration -- --ignored --nocapture four_weeks
//! ```
//!
//! What was typed and printed is left in `target/tmp/backtest`.

use std::fs;

use serde_json::Value;

use super::document;
use crate::support::kpis::{INCIDENTS, history};
use crate::support::program::Workplace;
use crate::support::scenario::repository;
use crate::support::servers::{Version, prometheus};

/// One false stop in four weeks may be suggested.
const MOST: u64 = 1;

fn stops(document: &Value) -> Vec<(String, u64, Vec<String>)> {
    let criteria = document["gates"][0]["criteria"]
        .as_array()
        .expect("criteria");
    let stops = criteria.iter().filter(|one| one["list"] == "stop");
    let told = stops.map(|one| {
        let incidents = one["incidents"].as_array().expect("incidents").iter();
        let caught = incidents.map(|one| one["caught"].as_str().expect("a word").to_owned());
        let condition = format!("{} {}", one["name"], one["condition"]);
        (
            condition,
            one["false_stops"].as_u64().expect("a count"),
            caught.collect(),
        )
    });
    told.collect()
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn four_weeks_with_two_incidents_are_found_and_tuned() {
    let server = prometheus(
        Version::V3_5,
        &history("logistics four-weeks").expect("samples"),
    );
    let plan = fs::read_to_string(repository().join("rollout-plans/logistics-r1.0.yaml"));
    let workplace = Workplace::with_plan(&plan.expect("the plan"));
    workplace.write("incidents.csv", INCIDENTS);
    let folder = repository().join("target/tmp/backtest");
    fs::create_dir_all(&folder).expect("a folder");
    let run = |words: &str, keep: Option<&str>| {
        let arguments: Vec<&str> = words.split_whitespace().collect();
        let finished = workplace.gate(&arguments);
        if let Some(name) = keep {
            let screen = format!("$ gate {words}\n{}{}", finished.out, finished.err);
            fs::write(folder.join(name), screen).expect("a screen");
        }
        finished
    };
    let of = "plan.yaml --stage pilot --incidents incidents.csv";
    let asked = format!(
        "backtest {of} --from 2026-10-23T00:00:00Z --to 2026-11-20T00:00:00Z --source {} --save weeks.json.gz",
        server.url()
    );
    let live = run(&asked, Some("backtest.txt"));
    assert_eq!(live.code, 0, "{}{}", live.out, live.err);
    drop(server);
    let replay = format!("{of} --replay weeks.json.gz");
    let page = format!("backtest {replay} --report html=page.html --format json");
    let before = document(&run(&page, None));
    let gate = &before["gates"][0];
    for incident in gate["incidents"].as_array().expect("incidents") {
        assert_eq!(incident["caught"], "caught", "{incident}");
    }
    assert_eq!(gate["false_stops"], 2, "two of the spikes last long enough");
    fs::copy(workplace.path().join("page.html"), folder.join("page.html")).expect("the page");
    let tuned = run(&format!("tune {replay}"), Some("tune.txt"));
    assert_eq!(tuned.code, 0, "{}{}", tuned.out, tuned.err);
    let diff = run(&format!("tune {replay} --diff"), Some("diff.txt"));
    workplace.write("limits.diff", &diff.out);
    let patch = std::process::Command::new("patch")
        .current_dir(workplace.path())
        .args(["-p0", "-i", "limits.diff"])
        .output();
    assert!(patch.expect("patch runs").status.success(), "{}", diff.out);
    workplace.gate(&["validate", "plan.yaml"]).says(0, "valid");
    let after = run(&format!("backtest {replay} --format json"), None);
    let (before, after) = (stops(&before), stops(&document(&after)));
    for ((was, _, caught), (is, false_stops, then)) in before.iter().zip(&after) {
        println!("{was} -> {is}: {false_stops} false stops, {then:?}");
        assert!(*false_stops <= MOST, "{is}: {false_stops} false stops");
        let lost = caught
            .iter()
            .zip(then)
            .filter(|(was, is)| *was == "caught" && *is != "caught");
        assert!(lost.count() == 0 || tuned.out.contains("LOSES"), "{is}");
    }
    let now = run(&format!("backtest {replay}"), Some("backtest-tuned.txt"));
    assert_eq!(now.code, 0, "{}", now.err);
}
