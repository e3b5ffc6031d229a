//! `gate validate --online` against real servers: it asks what a check would ask, and says why nothing comes back (M15).

mod sparse;

use std::time::{Duration, Instant};

use crate::support::exposition::Series;
use crate::support::program::{Finished, Workplace};
use crate::support::servers::{self, Options, Server, Version};

/// T: 2026-11-20T00:00:00Z.
const T: i64 = 1_795_132_800;
const AT: &str = "1795132800";
const DAY: i64 = 86_400;

/// Three hours of requests to four services, one series that ended ten days before, and a gauge.
fn samples() -> Vec<Series> {
    let hours = || (T - 3 * 3600..=T).step_by(15);
    let counter = |at: i64| f64::from(i32::try_from(at - T + 20_000).expect("small"));
    let mut samples: Vec<Series> = ["checkout", "catalogue", "payment", "search"]
        .iter()
        .map(|job| {
            let key = format!("http_requests_total{{job=\"{job}\",code=\"200\"}}");
            Series::new(key, hours().map(move |at| (at, counter(at))))
        })
        .collect();
    let past = (T - 10 * DAY..=T - 9 * DAY).step_by(60);
    samples.push(Series::new("old_total", past.map(|at| (at, 1.0))));
    samples.push(Series::new("warm", hours().map(|at| (at, 20.0))));
    samples
}

fn plan(source: &str, kpi: &str) -> String {
    format!(
        "release: r\nsource: {source}\nkpis: {{k: {{{kpi}}}}}\n\
         stages:\n  - {{name: pilot, window: 1h, exit: {{kpis: {{k: '< 1000'}}}}}}\n"
    )
}

fn online(server: &Server, kpi: &str, at: &str) -> Finished {
    let workplace = Workplace::with_plan(&plan(server.url(), kpi));
    workplace.gate(&["validate", "plan.yaml", "--online", "--at", at])
}

fn servers() -> Vec<Server> {
    let mut servers: Vec<Server> = Version::ALL
        .into_iter()
        .map(|version| servers::prometheus(version, &samples()))
        .collect();
    servers.push(servers::victoria_metrics(&samples()));
    servers
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m15_an_empty_answer_is_explained_by_each_server() {
    for server in servers() {
        let query = |query: &str, at: &str| online(&server, &format!("query: '{query}'"), at);
        // What is right is valid, without a warning.
        let right = query(r#"sum(rate(http_requests_total{job="checkout"}[5m]))"#, AT);
        right.says(0, "plan.yaml: valid (1 stage, 2 gates, 2 criteria, 1 KPI)");
        assert!(
            !right.err.contains("warning") && !right.err.contains("not asked"),
            "{}",
            right.err
        );
        query("sum(rate(htp_requests_total[5m]))", AT).says(
            0,
            "warning: the query finds no series: no such metric: `htp_requests_total`",
        );
        query(r#"sum(rate(http_requests_total{job="chekout"}[5m]))"#, AT).says(
            0,
            r#"`job="chekout"` matches nothing in `http_requests_total`; the nearest values of `job` are "checkout", "#,
        );
        query(r#"sum(rate(http_requests_total{site="BER1"}[5m]))"#, AT)
            .says(0, "no series of `http_requests_total` has the label `site`");
        query("sum(rate(old_total[5m]))", AT).says(
            0,
            "`old_total` has data, but none from 2026-11-19T22:55:00Z to 2026-11-20T00:00:00Z",
        );
        query("sum(rate(http_requests_total[5m]))", "2020-01-01T00:00:00Z").says(
            0,
            "the source holds no data at all from 2019-12-31T22:55:00Z",
        );
        query("warm * on (job) http_requests_total", AT)
            .says(0, "do the labels of both sides match?");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m15_series_that_per_cannot_tell_apart_are_an_error() {
    for server in servers() {
        let kpi = |kpi: &str| online(&server, kpi, AT);
        let query = "query: 'http_requests_total'";
        kpi(&format!("{query}, per: job")).says(0, "valid");
        kpi(&format!("{query}, per: code")).says(2, "`per: code` cannot tell");
        kpi(&format!("{query}, per: site")).says(2, "has no label `site`");
        kpi(query).says(2, "4 series come back where one belongs");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m15_remarks_of_the_server_are_passed_on() {
    let server = servers::prometheus(Version::V3_5, &samples());
    online(&server, "query: 'sum(rate(warm[5m]))'", AT).says(
        0,
        "the source remarks: PromQL info: metric might not be a counter",
    );
}

/// Errors of the last three hours, asked by the exit for itself and by recovery for its baseline, 7 days earlier as well.
#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m15_the_same_query_over_another_span_is_told_by_its_own_place() {
    let server = servers::prometheus(Version::V3_5, &samples());
    let workplace = Workplace::with_plan(&format!(
        "release: r\nsource: {}\nbaseline: {{offset: 7d}}\nkpis: {{k: {{query: warm}}}}\n\
         stages:\n  - name: pilot\n    window: 1h\n    exit: {{kpis: {{k: '< 1000'}}}}\n    recovery: {{window: 1h, kpis: {{k: 'max <= baseline'}}}}\n",
        server.url()
    ));
    let said = workplace.gate(&["validate", "plan.yaml", "--online", "--at", AT]);
    let seen = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
    let empty = "pilot/recovery: k (baseline): warning: the query finds no series";
    assert!(seen.contains(empty), "{}", said.err);
    assert!(!seen.contains("pilot/exit: k"), "{}", said.err);
}

/// A Prometheus that watches this one (or itself), and keeps its histograms only as native ones.
fn with_native_histograms(version: Version, watched: Option<&Server>) -> Server {
    let options = Options {
        config: "scrape_configs: [{job_name: self, scrape_interval: 1s, file_sd_configs: [{files: [sd.json], refresh_interval: 1s}]}]\n".to_owned(),
        args: vec!["--enable-feature=native-histograms".to_owned()],
        files: vec![("sd.json".to_owned(), "[]".to_owned())],
        ..Options::default()
    };
    let server = servers::prometheus_with(version, &[], &options);
    let port = watched.map_or(server.port(), Server::port);
    let targets = format!("[{{\"targets\": [\"127.0.0.1:{port}\"]}}]");
    std::fs::write(server.folder().join("sd.json"), targets).expect("a target");
    let begin = Instant::now();
    let native = "/api/v1/query?query=count(histogram_count(prometheus_http_request_duration_seconds%20offset%2030s))";
    while !server.get(native).1.contains("\"value\"") {
        assert!(
            begin.elapsed() < Duration::from_mins(1),
            "no native histogram came"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    server
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m15_a_native_histogram_queried_as_a_classic_one_is_named() {
    let new = with_native_histograms(Version::V3_5, None);
    // The older one has no native histograms of its own.
    let old = with_native_histograms(Version::V2_42, Some(&new));
    for server in [new, old] {
        let query = "histogram_quantile(0.95, sum by (le) (rate(prometheus_http_request_duration_seconds_bucket[5m])))";
        online(&server, &format!("query: '{query}'"), "0s").says(
            0,
            "`prometheus_http_request_duration_seconds` is a native histogram, queried as a classic one",
        );
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m15_a_check_names_the_query_that_found_nothing() {
    let server = servers::prometheus(Version::V3_5, &samples());
    let text = plan(
        server.url(),
        "query: 'sum(rate(http_requests_total{job=\"$job\"}[5m]))'",
    );
    let workplace = Workplace::with_plan(&format!("{text}vars: {{job: chekout}}\n"));
    let finished = workplace.gate(&[
        "check",
        "plan.yaml",
        "--at",
        AT,
        "--gate",
        "pilot/exit",
        "--started",
        "2h",
    ]);
    assert_eq!(finished.code, 3, "{}", finished.out);
    let evidence = workplace.evidence();
    let criterion = &evidence["gates"][0]["criteria"];
    let reason = criterion.to_string();
    assert!(
reason.contains(r#"the query found no series: `sum(rate(http_requests_total{job=\"chekout\"}[5m]))`; `gate validate --online` says why"#),
        "{reason}"
    );
}

#[test]
fn m15_a_missing_baseline_file_is_found_offline() {
    let text = plan(
        "http://127.0.0.1:9",
        "query: up, baseline: {file: base.json.gz}",
    )
    .replace("< 1000", "< baseline");
    let workplace = Workplace::with_plan(&text);
    let validate = || workplace.gate(&["validate", "plan.yaml"]);
    validate().says(
        2,
        "the baseline file `base.json.gz` cannot be used: No such file",
    );
    validate().says(2, "`gate capture plan.yaml -o base.json.gz` writes it");
    validate()
        .says(2, "error[baseline-file]")
        .says(2, "file: base.json.gz}")
        .says(2, "^^^^^^^^^^^^");
    workplace.write("base.json.gz", "{}");
    validate().says(2, "the baseline file `base.json.gz` cannot be used");
    std::fs::create_dir(workplace.path().join("plans")).expect("a folder");
    workplace.write("plans/plan.yaml", &text);
    workplace.gate(&["validate", "plans/plan.yaml"]).says(
        2,
        "`gate capture plans/plan.yaml -o plans/base.json.gz` writes it",
    );
}

#[test]
fn m15_what_is_said_of_queries_is_in_the_order_of_the_plan() {
    let text = "release: r\nsource: { url: 'http://127.0.0.1:9', timeout: 1s }\nkpis:\n  z: { query: z_gauge }\n  a: { query: a_gauge }\n  m: { query: m_gauge }\nstages:\n  - { name: s, window: 1h, exit: { kpis: { z: '< 1', a: '< 1', m: '< 1' } } }\n";
    let workplace = Workplace::with_plan(text);
    let finished = workplace.gate(&["validate", "plan.yaml", "--online"]);
    let asked = finished.err.lines();
    let asked = asked.filter_map(|line| line.strip_prefix("  the query is "));
    let asked: Vec<&str> = asked.collect();
    assert_eq!(asked, ["z_gauge", "a_gauge", "m_gauge"], "{}", finished.err);
}

#[test]
fn m15_queries_that_were_not_asked_are_not_called_valid() {
    let workplace = Workplace::with_plan(&plan("http://127.0.0.1:9", "query: up"));
    let validate = |more: &[&str]| workplace.gate(&[&["validate", "plan.yaml"], more].concat());
    validate(&[]).says(0, "1 KPI); queries not asked (--online)");
    validate(&["--online"]).says(3, "not every query could be tried");
    validate(&["--at", "2h"]).says(2, "--online");
}

/// Requests of what runs, and none of the canary, which has not begun.
const BEFORE_CANARY: &str = r#"release: r
source: SOURCE
kpis:
  errors: { query: 'sum by (track) (rate(http_requests_total{track=~"$track",code="500"}[5m]))', per: track }
  served: { query: 'sum(rate(http_requests_total{track=~"$track"}[5m]))' }
  typo: { query: 'sum(rate(http_requests_total{track=~"$track",cod="500"}[5m]))' }
  unknown: { query: 'sum(rate(htp_requests_total{track=~"$track"}[5m]))' }
stages:
  - { name: beta, window: 1h, cohort: { track: [stable] }, exit: { kpis: { served: '> 1' } } }
  - name: canary
    window: 1h
    cohort: { track: [canary] }
    entry: { window: 5m, kpis: { served: '> 1' } }
    stop: { kpis: { errors: '> 5' } }
    exit: { kpis: { errors: '< 1', served: '> 1', typo: '< 1', unknown: '< 1' } }
"#;

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m15_what_a_stage_brings_that_has_not_begun_is_expected_to_be_missing() {
    let hours = || (T - 3 * 3600..=T).step_by(15);
    let counter = |at: i64| f64::from(i32::try_from(at - T + 20_000).expect("small"));
    let key = r#"http_requests_total{track="stable",code="500"}"#;
    let server = servers::prometheus(
        Version::V3_5,
        &[Series::new(
            key.to_owned(),
            hours().map(move |at| (at, counter(at))),
        )],
    );
    let workplace = Workplace::with_plan(&BEFORE_CANARY.replace("SOURCE", server.url()));
    let validate = || {
        let said = workplace.gate(&["validate", "plan.yaml", "--online", "--at", AT]);
        assert_eq!(said.code, 0, "{}", said.err);
        said.err
    };
    let said = validate();
    let lines = |of: &str| -> Vec<&str> {
        let lines = said.lines();
        lines
            .filter_map(|line| {
                line.split_once(&format!("plan.yaml: {of}: "))
                    .map(|(_, told)| told)
            })
            .collect()
    };
    let expected = r#"the query finds no series yet: `track=~"canary"` selects what comes with canary, so this is expected before canary begins; until then the nearest values of `track` are "stable""#;
    for place in [
        "canary/stop: errors",
        "canary/exit: served",
        "canary/recovery: errors",
    ] {
        assert_eq!(lines(place), [expected], "{place}");
    }
    // Its entry is asked before it begins, and another mistake is one all the same.
    let entry = r#"warning: the query finds no series: `track=~"canary"` matches nothing in `http_requests_total`; the nearest values of `track` are "stable""#;
    assert_eq!(lines("canary/entry: served"), [entry]);
    let typo = "warning: the query finds no series: `cod=\"500\"` matches nothing: no series of `http_requests_total` has the label `cod`";
    assert_eq!(lines("canary/exit: typo"), [typo]);
    let unknown = "warning: the query finds no series: no such metric: `htp_requests_total`";
    assert_eq!(lines("canary/exit: unknown"), [unknown]);
    assert!(!said.contains("beta/exit"), "{said}");
    // Once it has begun, nothing is expected to be missing.
    let start = [
        "start",
        "plan.yaml",
        "canary",
        "--override",
        "--why",
        "a try",
    ];
    workplace.gate(&start).says(0, "canary began");
    let begun = validate();
    assert!(!begun.contains("no series yet"), "{begun}");
    assert!(begun.contains("canary/exit: served: warning"), "{begun}");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn r1_errors_that_never_were_are_told_from_none_of_late() {
    let mut all = samples();
    let past = (T - 3 * DAY..=T - 3 * DAY + 3600).step_by(60);
    let key = "http_requests_total{job=\"checkout\",code=\"500\"}";
    all.push(Series::new(key, past.map(|at| (at, 7.0))));
    let server = servers::prometheus(Version::V3_5, &all);
    let ratio = |code: &str| {
        let errors = format!("sum(rate(http_requests_total{{code=\"{code}\"}}[5m]))");
        let kpi = format!(
            "ratio: {{errors: '{errors}', total: 'sum(rate(http_requests_total[5m]))'}}, missing: zero"
        );
        let workplace = Workplace::with_plan(&plan(server.url(), &kpi).replace("< 1000", "< 1%"));
        workplace.gate(&["validate", "plan.yaml", "--online", "--at", AT])
    };
    let of_late = ratio("500");
    of_late
        .says(
            0,
            "which `missing: zero` counts as none: there were some within 7d",
        )
        .never_says("warning");
    ratio("5oo").says(
        0,
        "there was none within 7d: `missing: zero` counts that as no errors, and a misspelt label looks the same",
    );
}
