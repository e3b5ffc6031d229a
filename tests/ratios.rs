//! Ratios of events through the program: both queries are asked, kept and judged again to the byte.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::faulty::{Faulty, Received, json};
use crate::support::program::{Finished, Workplace};

/// T: 2026-11-20T00:00:00Z.
const T: f64 = 1_795_132_800.0;
const AT: &str = "1795132800";

/// Answers ranges: errors and events a second, from a minute of the day on others. Without errors there is no series of them.
fn server(errors: &'static [(f64, f64)], total: f64) -> Faulty {
    Faulty::answering(move |asked| answered(asked, errors, total))
}

fn answered(asked: &Received, errors: &[(f64, f64)], total: f64) -> Vec<u8> {
    let keys: BTreeMap<String, String> = url_pairs(&asked.body);
    let number = |key: &str| keys.get(key).and_then(|text| text.parse::<f64>().ok());
    let (Some(start), Some(end), Some(step)) = (number("start"), number("end"), number("step"))
    else {
        return json(r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#);
    };
    let counts_errors = keys["query"].contains("errors");
    let mut points = Vec::new();
    let mut at = start;
    while at <= end {
        let before_t = (T - at) / 60.0;
        let found = errors.iter().rev().find(|(from, _)| before_t <= *from);
        let value = if counts_errors {
            found.map(|(_, rate)| *rate)
        } else {
            Some(total)
        };
        points.extend(value.map(|value| format!("[{at},\"{value}\"]")));
        at += step;
    }
    let series = format!("{{\"metric\":{{}},\"values\":[{}]}}", points.join(","));
    let series = if points.is_empty() {
        String::new()
    } else {
        series
    };
    json(&format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}"
    ))
}

/// The keys of a form.
fn url_pairs(form: &str) -> BTreeMap<String, String> {
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    let plain = |text: &str| text.replace('+', " ");
    pairs
        .map(|(key, value)| (plain(key), plain(value)))
        .collect()
}

fn workplace(server: &Faulty, keys: &str, exit: &str) -> Workplace {
    Workplace::with_plan(&format!(
        "release: shop\nsource: {}\nkpis:\n  error_rate: {{ratio: {{errors: 'errors', total: 'all'}}, objective: 99.9%, step: 1m{keys}}}\n\
stages:\n  - {{name: canary, observe: trailing, window: 2h, stop: {{kpis: {{error_rate: '> 14.4x over 1h and 5m'}}}}, exit: {{kpis: {{error_rate: [{exit}]}}}}}}\n",
        server.url()
    ))
}

/// The first criterion on a KPI in a list.
fn criterion<'e>(evidence: &'e Value, list: &str) -> &'e Value {
    let all = evidence["gates"][0]["criteria"].as_array();
    let mut of_list = all.expect("criteria").iter();
    let found = of_list.find(|one| one["list"] == list && one["kind"] == "kpis");
    found.expect("a criterion")
}

fn check(workplace: &Workplace) -> Finished {
    workplace.gate(&["check", "plan.yaml", "--at", AT])
}

#[test]
fn a_verdict_on_a_ratio_is_the_same_to_the_byte_when_it_is_judged_again() {
    let server = server(&[(120.0, 0.01), (30.0, 0.05)], 20.0);
    let workplace = workplace(&server, ", min_total: 2000", "overall < 0.2%, budget < 2%");
    let first = check(&workplace);
    first.says(0, "GO");
    let evidence = workplace.evidence();
    let criterion = criterion(&evidence, "exit");
    assert_eq!(criterion["ratio"]["errors"], "errors");
    assert_eq!(criterion["ratio"]["total"], "all");
    assert_eq!(criterion["query"], "(errors) / (all)");
    let events = &criterion["series"][0]["events"];
    let count = |key: &str| events[key].as_f64().expect("a count");
    assert!((count("total") - 145_200.0).abs() < 1e-6, "{events}");
    workplace
        .gate(&["verify", "plan.evidence"])
        .says(0, "1 of 1 verified, 0 not shown, 0 off");
    let answers = workplace
        .files("plan.evidence", ".answers.json.gz")
        .remove(0);
    let answers = answers.to_string_lossy().into_owned();
    let again = [
        "check",
        "plan.yaml",
        "--replay",
        &answers,
        "--evidence",
        "again",
    ];
    let again = workplace.gate(&again);
    again.says(0, "judged again from recorded answers");
    let read = |folder: &str| {
        let path = workplace.files(folder, "-go.json").remove(0);
        std::fs::read(workplace.path().join(path)).expect("evidence")
    };
    assert_eq!(read("plan.evidence"), read("again"));
}

#[test]
fn a_burn_rate_trips_at_its_first_look_back() {
    let server = server(&[(120.0, 0.01), (20.0, 1.0)], 20.0);
    let workplace = workplace(&server, "", "overall < 5%");
    check(&workplace).says(4, "STOP");
    let evidence = workplace.evidence();
    let reason = criterion(&evidence, "stop")["reason"].as_str();
    let reason = reason.expect("a reason");
    assert!(
        reason.starts_with("> 1.44% over 1h and 5m, first at 2026-11-19T23:56:00Z"),
        "{reason}"
    );
}

#[test]
fn no_series_of_errors_is_no_errors_only_if_the_plan_says_so() {
    let server = server(&[], 20.0);
    let silent = workplace(&server, "", "overall < 0.2%");
    check(&silent).says(3, "`missing: zero`");
    let zero = workplace(&server, ", missing: zero", "overall < 0.2%");
    check(&zero).says(0, "note: `errors` found no series in the whole span");
}

#[test]
fn samples_of_a_ratio_have_their_events_in_the_table() {
    let server = server(&[(120.0, 0.5)], 20.0);
    let workplace = workplace(&server, "", "overall < 5%");
    let report = [
        "check",
        "plan.yaml",
        "--at",
        AT,
        "--report",
        "csv=samples.csv",
        "--report",
        "html=page.html",
    ];
    workplace.gate(&report).says(4, "STOP");
    let table = std::fs::read_to_string(workplace.path().join("samples.csv")).expect("a table");
    let row = table
        .lines()
        .find(|row| row.contains("2026-11-19T23:59:00Z"));
    assert!(row.expect("a row").ends_with(",30.0,1200.0,,,"), "{row:?}");
    let page = std::fs::read_to_string(workplace.path().join("page.html")).expect("a page");
    assert!(page.contains("3630 errors in 145200 events"));
}

/// Errors of the canary over the events of both sides look good whatever the canary does (R1, C1).
#[test]
fn a_baseline_that_changes_one_query_of_a_ratio_alone_is_refused() {
    let plan = |errors: &str, total: &str| {
        format!(
            "release: x\nsource: http://127.0.0.1:9\nvars: {{ track: canary }}\nbaseline: {{ vars: {{ track: stable }} }}\nkpis: {{ err: {{ ratio: {{ errors: 'sum(rate(e{errors}[$step]))', total: 'sum(rate(n{total}[$step]))' }} }} }}\nstages:\n  - name: a\n    window: 2h\n    stop: {{ kpis: {{ err: '> 5% for 5m' }} }}\n    exit: {{ kpis: {{ err: '<= baseline + 0.5pp at 95%' }} }}\n"
        )
    };
    let validated = |errors: &str, total: &str| {
        Workplace::with_plan(&plan(errors, total)).gate(&["validate", "plan.yaml"])
    };
    let own = "{track=\"$track\"}";
    validated(own, own).says(0, "valid");
    validated(own, "").says(2, "changes `errors` of `err` and not `total`");
    validated("", own).says(2, "changes `total` of `err` and not `errors`");
}
