//! What is looked up besides samples, end to end: alerts of real servers, probes, files; met, unmet and unknown.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::support::faulty::{Faulty, answer, json};
use crate::support::program::{Finished, Workplace};
use crate::support::servers::{self, Options, Server, Version};
use serde_json::Value;

/// One rule fires, one does not, one cannot be evaluated; `sev4` has none.
const RULES: &str = r#"groups:
  - name: checkout
    interval: 1s
    rules:
      - {alert: CheckoutDown, expr: vector(1), labels: {severity: sev1, service: checkout}}
      - {alert: CheckoutSlow, expr: vector(1) > 2, labels: {severity: sev2}}
      - alert: CheckoutBroken
        expr: >-
          vector(1) + on() (label_replace(vector(1), "a", "1", "", "") or label_replace(vector(1), "a", "2", "", ""))
        labels: {severity: sev3}
"#;

/// A Prometheus with these rules, once each was evaluated and what fires is stored.
pub(crate) fn with_rules(version: Version, more: &str) -> Server {
    let options = Options {
        config: format!("global: {{evaluation_interval: 1s}}\nrule_files: [rules.yml]\n{more}"),
        files: vec![("rules.yml".to_owned(), RULES.to_owned())],
        // Alerts from before the Alertmanager was found are sent again.
        args: vec!["--rules.alert.resend-delay=1s".to_owned()],
        ..Options::default()
    };
    let server = servers::prometheus_with(version, &[], &options);
    until(|| {
        let (_, rules) = server.get("/api/v1/rules");
        let (_, alerts) = server.get("/api/v1/query?query=ALERTS%20offset%202s");
        !rules.contains("\"health\":\"unknown\"") && alerts.contains("CheckoutDown")
    });
    server
}

#[track_caller]
pub(crate) fn until(is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it never came");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A plan whose only gate asks only this.
pub(crate) fn plan(source: &str, entry: &str) -> String {
    format!(
        "release: checkout\nsource: {source}\ncalendars: {{peak: {{timezone: Europe/Berlin, weekly: ['Mon-Fri 08:00-18:00']}}}}\n\
         stages:\n  - name: pilot\n    window: 48h\n    entry: {entry}\n"
    )
}

/// How one criterion turned out.
pub(crate) struct Judged {
    pub(crate) finished: Finished,
    pub(crate) criterion: Value,
    pub(crate) workplace: Workplace,
}

impl Judged {
    #[track_caller]
    pub(crate) fn is(self, outcome: &str, code: &str, reason: &str) -> Self {
        let said = |key: &str| self.criterion[key].as_str().unwrap_or_default().to_owned();
        let seen = (said("outcome"), said("code"));
        assert_eq!(
            seen,
            (outcome.to_owned(), code.to_owned()),
            "{}",
            self.criterion
        );
        assert!(said("reason").contains(reason), "{}", self.criterion);
        let go = self.finished.code == 0;
        assert_eq!(
            go,
            outcome == "met" || outcome == "clear",
            "{}",
            self.finished.out
        );
        self
    }

    /// The recorded answers give the same criterion again, without asking anybody, and are rewritten identically.
    #[track_caller]
    pub(crate) fn replays(self) {
        let answers = self.workplace.files("plan.evidence", ".answers.json.gz");
        let [path] = answers.as_slice() else {
            panic!("one recording: {answers:?}")
        };
        let path = path.to_string_lossy().into_owned();
        let arguments = [
            "check",
            "plan.yaml",
            "--replay",
            &path,
            "--evidence",
            "again",
        ];
        let finished = self.workplace.gate(&arguments);
        assert_eq!(finished.code, self.finished.code, "{}", finished.err);
        let again = self.workplace.files("again", ".answers.json.gz");
        let bytes = |path: &std::path::Path| std::fs::read(path).expect("answers");
        assert!(bytes(&again[0]) == bytes(&answers[0]), "other bytes");
        let evidence = self.workplace.files("again", "o.json").into_iter();
        let evidence = evidence
            .chain(self.workplace.files("again", "d.json"))
            .next();
        let evidence = bytes(&evidence.expect("evidence"));
        let evidence: Value = serde_json::from_slice(&evidence).expect("JSON");
        assert_eq!(found(&evidence), self.criterion);
    }
}

pub(crate) fn found(evidence: &Value) -> Value {
    let criteria = evidence["gates"][0]["criteria"]
        .as_array()
        .expect("criteria")
        .clone();
    let kinds = ["no_alerts", "artifacts", "probes", "outside", "alerts"];
    let is_ours = |one: &Value| kinds.contains(&one["kind"].as_str().unwrap_or_default());
    criteria.into_iter().find(is_ours).expect("the criterion")
}

#[track_caller]
fn judged_in(workplace: Workplace, more: &[&str]) -> Judged {
    let mut arguments = vec!["check", "plan.yaml"];
    arguments.extend(more);
    let finished = workplace.gate(&arguments);
    assert_ne!(finished.code, 2, "{}", finished.err);
    let criterion = found(&workplace.evidence());
    Judged {
        finished,
        criterion,
        workplace,
    }
}

#[track_caller]
fn judged(source: &str, entry: &str, more: &[&str]) -> Judged {
    judged_in(Workplace::with_plan(&plan(source, entry)), more)
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn alerts_of_a_source_are_met_unmet_and_unknown() {
    for version in Version::ALL {
        let server = with_rules(version, "");
        let alerts =
            |selector: &str| judged(server.url(), &format!("{{no_alerts: ['{selector}']}}"), &[]);
        alerts(r#"{severity="sev1"}"#)
            .is(
                "unmet",
                "alert",
                r#"{alertname="CheckoutDown", service="checkout", severity="sev1"} fired"#,
            )
            .replays();
        alerts(r#"{severity="sev2"}"#)
            .is("met", "met", "1 healthy rule")
            .replays();
        alerts(r#"{severity="sev3"}"#)
            .is("unknown", "alert-rule-broken", "CheckoutBroken")
            .replays();
        alerts(r#"{severity="sev4"}"#).is("unknown", "no-alert-rule", "none of 3 rules");
        alerts(r#"{severty="sev2"}"#).is("unknown", "no-alert-rule", "no rule sets a label");
        alerts(r#"{severity=~"sev(1|2)"}"#).is("unmet", "alert", "CheckoutDown");
        alerts(r#"{alertname="CheckoutSlow"}"#).is(
            "met",
            "met",
            "1 healthy rule could have raised it",
        );
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn an_alert_that_fires_between_the_points_is_not_missed() {
    // Half a minute of one alert, hours ago and off the grid of a minute, on a server whose rule no longer fires.
    let now = i64::try_from(
        std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .expect("a time")
            .as_secs(),
    )
    .expect("seconds");
    let at = (now - 4 * 3600) / 60 * 60 + 10;
    let alert = r#"ALERTS{alertname="CheckoutSlow",alertstate="firing",severity="sev2"}"#;
    let flicker = crate::support::exposition::Series::new(alert, [(at, 1.0), (at + 1, 1.0)]);
    let marker = crate::support::exposition::Series::new(
        alert.replace("firing", "pending"),
        (at - 3600..at + 3600).step_by(60).map(|at| (at, 1.0)),
    );
    let options = Options {
        config: "global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n".to_owned(),
        files: vec![("rules.yml".to_owned(), RULES.to_owned())],
        ..Options::default()
    };
    let server = servers::prometheus_with(Version::V3_5, &[flicker, marker], &options);
    until(|| {
        !server
            .get("/api/v1/rules")
            .1
            .contains("\"health\":\"unknown\"")
    });
    let entry =
        |window: &str| format!("{{window: {window}, no_alerts: ['{{severity=\"sev2\"}}']}}");
    judged(server.url(), &entry("8h"), &[]).is("unmet", "alert", "CheckoutSlow");
    judged(server.url(), &entry("1h"), &[]).is("met", "met", "nothing fired");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_rule_that_was_not_evaluated_up_to_t_proves_nothing() {
    let server = with_rules(Version::V3_5, "");
    let later = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("a time")
        .as_secs()
        + 3600;
    judged(
        server.url(),
        r#"{no_alerts: ['{severity="sev2"}']}"#,
        &["--at", &later.to_string()],
    )
    .is("unknown", "alert-rule-broken", "was last evaluated at");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_running_window_holds_and_a_stop_trips() {
    let server = with_rules(Version::V3_5, "");
    let stage = |rest: &str| {
        let source = server.url();
        let text = format!(
            "release: r\nsource: {source}\nstages:\n  - name: pilot\n    window: 48h\n{rest}"
        );
        judged_in(Workplace::with_plan(&text), &["--started", "2m"])
    };
    stage("    exit: {no_alerts: ['{severity=\"sev2\"}']}\n").is(
        "unknown",
        "window-incomplete",
        "nothing fired",
    );
    stage("    stop: {alerts: ['{severity=\"sev1\"}']}\n    exit: {confirmations: [a]}\n").is(
        "tripped",
        "alert",
        "CheckoutDown",
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn alerts_of_an_alertmanager_count_with_silences_as_the_plan_says() {
    let manager = servers::alertmanager("route: {receiver: none}\nreceivers: [{name: none}]\n");
    let port = manager.port();
    let target = format!(
        "alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]}}\n"
    );
    let server = with_rules(Version::V3_5, &target);
    until(|| manager.get("/api/v2/alerts").1.contains("CheckoutDown"));
    let alerts = |selector: &str, more: &str| {
        let url = manager.url();
        let entry = format!(
            "{{no_alerts: {{firing: ['{selector}'], source: {{alertmanager: '{url}'}}{more}}}}}"
        );
        judged(server.url(), &entry, &[])
    };
    let (sev1, sev2) = (r#"{severity="sev1"}"#, r#"{severity="sev2"}"#);
    alerts(sev1, "")
        .is("unmet", "alert", "CheckoutDown")
        .replays();
    alerts(sev2, "").is("met", "met", "nothing fires").replays();
    alerts(r#"{severity="sev4"}"#, "").is("unknown", "no-alert-rule", "could raise it");
    silence(&manager);
    alerts(sev1, "").is("unmet", "alert", "silenced or inhibited");
    alerts(sev1, ", silenced: true").is("unmet", "alert", "silenced or inhibited");
    alerts(sev1, ", silenced: false")
        .is("met", "met", "nothing fires")
        .replays();
}

fn silence(manager: &Server) {
    let silence = r#"{"matchers":[{"name":"severity","value":"sev1","isRegex":false,"isEqual":true}],
        "startsAt":"2020-01-01T00:00:00Z","endsAt":"2100-01-01T00:00:00Z","createdBy":"ann","comment":"known"}"#;
    let (status, body) = manager.post("/api/v2/silences", silence);
    assert_eq!(status, 200, "{body}");
    until(|| manager.get("/api/v2/alerts").1.contains("suppressed"));
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn an_alertmanager_that_does_not_receive_alerts_proves_nothing() {
    let manager = servers::alertmanager("route: {receiver: none}\nreceivers: [{name: none}]\n");
    let server = with_rules(Version::V3_5, "");
    let url = manager.url();
    let entry = format!(
        "{{no_alerts: {{firing: ['{{severity=\"sev1\"}}'], source: {{alertmanager: '{url}'}}}}}}"
    );
    judged(server.url(), &entry, &[]).is("unknown", "alert-rule-broken", "does not have it");
    let text = plan("x", &entry).replace("source: x\n", "");
    judged_in(Workplace::with_plan(&text), &[]).is(
        "unknown",
        "no-alert-rule",
        "no source whose rules",
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_server_without_rules_proves_nothing() {
    let entry = r#"{no_alerts: ['{severity="sev1"}']}"#;
    let victoria = servers::victoria_metrics(&[]);
    judged(victoria.url(), entry, &[]).is("unknown", "no-alert-rule", "no alerting rule");
    let bare = servers::prometheus(Version::V2_42, &[]);
    judged(bare.url(), entry, &[]).is("unknown", "no-alert-rule", "no alerting rule");
}

/// Bodies that are not what was asked for, by what is wrong with them.
fn faults() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "login page",
            answer("200 OK", "text/html", "<html><title>Sign in</title></html>"),
        ),
        (
            "404",
            answer("404 Not Found", "text/plain", "404 page not found"),
        ),
        (
            "garbled",
            json("{\"status\":\"success\",\"data\":{\"groups\":["),
        ),
        ("empty", json("")),
        ("empty list", json("[]")),
        ("empty object", json("{}")),
        (
            "no groups",
            json("{\"status\":\"success\",\"data\":{\"groups\":[]}}"),
        ),
        ("silent", Vec::new()),
    ]
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn no_faulty_server_passes() {
    for (what, bytes) in faults() {
        let server = Faulty::answering(move |_| bytes.clone());
        let source = format!("{{url: {}, timeout: 1s}}", server.url());
        let entry = r#"{no_alerts: ['{severity="sev1"}']}"#;
        let judged = judged(&source, entry, &[]);
        assert_eq!(
            judged.criterion["outcome"], "unknown",
            "{what}: {}",
            judged.criterion
        );
        judged.replays();
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn no_faulty_alertmanager_passes() {
    let source = with_rules(Version::V3_5, "");
    for (what, bytes) in faults() {
        // Transient faults are retried for half a minute; one of them is enough.
        if ["garbled", "empty", "silent"].contains(&what) {
            continue;
        }
        let manager = Faulty::answering(move |_| bytes.clone());
        let url = manager.url();
        let entry = format!(
            "{{no_alerts: {{firing: ['{{severity=\"sev2\"}}'], source: {{alertmanager: '{url}'}}}}}}"
        );
        let judged = judged(source.url(), &entry, &[]);
        assert_eq!(
            judged.criterion["outcome"], "unknown",
            "{what}: {}",
            judged.criterion
        );
    }
}

/// A server whose only rule is inactive and was evaluated `ahead` seconds from now, with this change to what it says of
/// its rules.
pub(crate) fn with_rules_said(ahead: i64, change: impl Fn(String) -> String) -> Faulty {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let now = i64::try_from(since.expect("a time").as_secs()).expect("seconds");
    let now = gate::units::Instant::from_secs(now + ahead);
    let rules = format!(
        r#"{{"status":"success","data":{{"groups":[{{"name":"g","interval":15,"rules":[
            {{"state":"inactive","name":"Down","labels":{{"severity":"sev1"}},"alerts":[],"health":"ok","lastEvaluation":"{now}","type":"alerting"}}]}}]}}}}"#
    );
    let rules = change(rules);
    Faulty::answering(move |asked| {
        if asked.head.contains("/api/v1/rules") {
            return json(&rules);
        }
        let shape = ["vector", "matrix"][usize::from(asked.head.contains("query_range"))];
        json(&format!(
            r#"{{"status":"success","data":{{"resultType":"{shape}","result":[]}}}}"#
        ))
    })
}

#[test]
fn m14c_rules_that_are_not_whole_or_not_understood_prove_nothing() {
    let alerts = |from: &'static str, to: &'static str| {
        let server = with_rules_said(0, move |rules| {
            assert!(rules.contains(from), "{from}");
            rules.replacen(from, to, 1)
        });
        judged(server.url(), r#"{no_alerts: ['{severity="sev1"}']}"#, &[])
    };
    alerts("", "").is("met", "met", "1 healthy rule").replays();
    alerts("\"inactive\"", "\"Inactive\"").is("met", "met", "1 healthy rule");
    alerts("\"success\"", "\"error\"").is("unknown", "source-error", "did not list its rules");
    alerts("{\"groups\"", "{\"isPartial\":true,\"groups\"").is(
        "unknown",
        "source-error",
        "partial",
    );
    alerts(
        "\"alerts\":[]",
        r#""alerts":[{"labels":{"severity":"sev1"},"state":"Firing"}]"#,
    )
    .is("unmet", "alert", "is firing when the rules are fetched")
    .replays();
    alerts("\"inactive\"", "\"alerting\"")
        .is("unknown", "alert-rule-broken", "is in the state `alerting`")
        .replays();
    alerts(
        "\"alerts\":[]",
        r#""alerts":[{"labels":{},"state":"NoData"}]"#,
    )
    .is("unknown", "alert-rule-broken", "is in the state `NoData`");
    let future = with_rules_said(3_600, |rules| rules);
    judged(future.url(), r#"{no_alerts: ['{severity="sev1"}']}"#, &[])
        .is("unknown", "alert-rule-broken", "in the future")
        .replays();
}

#[test]
fn m14c_an_answer_with_a_second_document_after_its_first_is_refused() {
    let gzip = |text: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).expect("packed");
        packed.finish().expect("packed")
    };
    let probe = |body: Vec<u8>| {
        let length = body.len();
        let mut bytes = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n").into_bytes();
        bytes.extend(body);
        let server = Faulty::answering(move |_| bytes.clone());
        let entry = format!(
            "{{probes: [{{url: '{}', json: {{/version: v2}}}}]}}",
            server.url()
        );
        judged("http://127.0.0.1:9", &entry, &[])
    };
    let (new, old) = (r#"{"version":"v2"}"#, r#"{"version":"v1"}"#);
    probe(gzip(new)).is("met", "met", "/version is v2");
    probe([gzip("{\"version\""), gzip(":\"v2\"}")].concat()).is("met", "met", "/version is v2");
    let two = probe([gzip(new), gzip(old)].concat());
    assert_ne!(two.criterion["outcome"], "met", "{}", two.criterion);
    let twice = r#"{"version":"v1","version":"v2"}"#;
    probe(gzip(twice))
        .is("unknown", "answer-garbled", "the key `version` twice")
        .replays();
}

#[test]
fn m14c_files_that_say_two_things_or_hold_less_than_they_say_are_unknown() {
    let artifact = |name: &str, text: &str, rest: &str| {
        let entry = format!("{{artifacts: [{{path: {name}, {rest}}}]}}");
        let workplace = Workplace::with_plan(&plan("http://127.0.0.1:9", &entry));
        workplace.write(name, text);
        judged_in(workplace, &[])
    };
    let failed = "json: {/failed: '== 0'}";
    artifact("r.json", r#"{"failed":0}"#, failed).is("met", "met", "/failed is 0");
    artifact("r.json", r#"{"failed":3,"failed":0}"#, failed)
        .is("unknown", "content-unreadable", "the key `failed` twice")
        .replays();
    let junit = "junit: {failures: 0, min_tests: 1}";
    artifact(
        "r.xml",
        r#"<testsuite tests="1"><testcase/></testsuite>"#,
        junit,
    )
    .is("met", "met", "1 test, 0 failed");
    artifact(
        "r.xml",
        r#"<testsuite tests="500"><testcase/></testsuite>"#,
        junit,
    )
    .is(
        "unknown",
        "content-unreadable",
        "claims 500 test cases, but holds 1",
    )
    .replays();
}

#[test]
fn m14c_an_issue_log_that_is_not_whole_is_unknown() {
    let log = |name: &str, text: &str| {
        let entry = format!("{{no_incidents: {{open: [sev1], issue_log: {name}}}}}");
        let workplace = Workplace::with_plan(&plan("http://127.0.0.1:9", &entry));
        workplace.write(name, text);
        let finished = workplace.gate(&["check", "plan.yaml", "--no-ledger"]);
        let evidence = workplace.evidence();
        let criteria = evidence["gates"][0]["criteria"]
            .as_array()
            .expect("criteria")
            .clone();
        let ours = criteria
            .into_iter()
            .find(|one| one["kind"] == "no_incidents");
        let ours = ours.expect("the criterion");
        let said = |key: &str| ours[key].as_str().unwrap_or_default().to_owned();
        (finished.code, said("outcome"), said("code"), said("reason"))
    };
    let unknown = |name: &str, text: &str, reason: &str| {
        let (code, outcome, word, said) = log(name, text);
        assert_eq!(
            (code, outcome.as_str(), word.as_str()),
            (3, "unknown", "file-unreadable"),
            "{said}"
        );
        assert!(said.contains(reason), "{said}");
    };
    let head = "id,severity,status,description\n";
    let (code, ..) = log(
        "log.csv",
        &format!("{head}P-1,sev2,closed,\"slow, then fast\"\nP-2,sev1,closed,\n"),
    );
    assert_eq!(code, 0);
    let open = format!("{head}P-1,sev2,closed,\"slow\nP-2,sev1,open,down\n");
    unknown("log.csv", &open, "line 2: a quote is never closed");
    let page = r#"{"total":120,"issues":[{"id":"P-1","severity":"sev2","status":"closed"}]}"#;
    unknown(
        "log.json",
        page,
        "it is only one of several pages: it lists 1, and says `total: 120`",
    );
    assert_eq!(log("log.json", &page.replace("120", "1")).0, 0);
}

#[test]
fn probes_are_met_unmet_and_unknown() {
    let server = Faulty::answering(|asked| match asked.head.split(' ').nth(1) {
        Some("/healthz") => json(r#"{"version":"v1.0.0","replicas":3}"#),
        Some("/busy") => answer("503 Service Unavailable", "text/plain", "busy"),
        Some("/old") => answer("302 Found\r\nLocation: /healthz", "text/plain", ""),
        _ => answer("200 OK", "text/html", "<html>login</html>"),
    });
    let probe = |rest: &str| {
        let url = server.url();
        judged(
            "http://127.0.0.1:9",
            &format!("{{probes: [{{url: '{url}{rest}}}]}}"),
            &[],
        )
    };
    probe("/healthz'").is("met", "met", "status 200").replays();
    probe("/healthz', json: {/version: v1.0.0, /replicas: 3}")
        .is("met", "met", "/version is v1.0.0")
        .replays();
    probe("/healthz', json: {/version: v2.0.0}")
        .is("unmet", "content-unfit", "/version is \"v1.0.0\"")
        .replays();
    probe("/healthz', json: {/commit: x}").is("unmet", "content-unfit", "no value at /commit");
    probe("/login', json: {/version: v1.0.0}").is("unmet", "content-unfit", "no value at /version");
    probe("/busy'").is("unmet", "probe-unfit", "status 503");
    probe("/old'").is("unmet", "probe-unfit", "status 302");
    probe("/old', status: 302").is("met", "met", "status 302");
}

#[test]
fn a_probe_that_is_not_answered_is_unknown() {
    let slow = Faulty::new(|_, stream| {
        std::thread::sleep(Duration::from_secs(3));
        let _ = stream.write_all(&json("{}"));
    });
    let cut = Faulty::answering(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec());
    let probe = |url: &str| {
        let entry = format!("{{probes: [{{url: '{url}', timeout: 1s, json: {{/a: b}}}}]}}");
        judged("http://127.0.0.1:9", &entry, &[])
    };
    probe(slow.url())
        .is("unknown", "source-timeout", "no complete answer within 1s")
        .replays();
    probe(cut.url()).is("unknown", "answer-garbled", "broke off");
    probe("http://127.0.0.1:1/").is(
        "unknown",
        "source-unreachable",
        "the address cannot be reached",
    );
    let plain = slow.url().replace("http:", "https:");
    assert_eq!(probe(&plain).criterion["outcome"], "unknown");
}

#[test]
fn a_probes_secrets_reach_nobody_but_its_server() {
    let echo = Faulty::answering(|asked| json(&format!("{{\"said\":{:?}}}", asked.head)));
    let host = echo.url().trim_start_matches("http://").to_owned();
    let url = format!("http://ann:hunter2secret@{host}/v?key=t0psecret");
    let judged = judged(
        "http://127.0.0.1:9",
        &format!("{{probes: [{{url: '{url}', json: {{/said: x}}}}]}}"),
        &[],
    );
    let sent = echo
        .seen()
        .iter()
        .map(|asked| asked.head.clone())
        .collect::<String>();
    assert!(
        sent.contains("key=t0psecret") && sent.to_lowercase().contains("authorization: basic"),
        "{sent}"
    );
    let judged = judged.is("unmet", "content-unfit", "/said is");
    for secret in ["hunter2secret", "t0psecret", "YW5uOmh1bnRlcjJzZWNyZXQ="] {
        judged.finished.never_says(secret);
        for file in judged.workplace.files("plan.evidence", "") {
            let mut text = String::new();
            let bytes = std::fs::read(&file).expect("a file");
            if file.extension().is_some_and(|extension| extension == "gz") {
                std::io::Read::read_to_string(
                    &mut flate2::read::MultiGzDecoder::new(&bytes[..]),
                    &mut text,
                )
                .expect("gzip");
            } else {
                text = String::from_utf8(bytes).expect("text");
            }
            assert!(!text.contains(secret), "{secret} in {}", file.display());
        }
    }
}

#[test]
fn artifacts_are_met_unmet_and_unknown() {
    let artifact = |name: &str, text: Option<&str>, rest: &str| {
        let entry = format!("{{artifacts: [{{path: {name}{rest}}}]}}");
        let workplace = Workplace::with_plan(&plan("http://127.0.0.1:9", &entry));
        if let Some(text) = text {
            workplace.write(name, text);
        }
        judged_in(workplace, &[])
    };
    artifact("a.txt", Some("x"), ", max_age: 1d")
        .is("met", "met", "1 bytes")
        .replays();
    artifact("a.txt", Some(""), "").is("unmet", "artifact-unfit", "empty");
    artifact("a.txt", None, "")
        .is("unmet", "artifact-unfit", "does not exist")
        .replays();
    let other = format!(", sha256: {}", "ab".repeat(32));
    artifact("a.txt", Some("x"), &other)
        .is("unmet", "artifact-unfit", "the wrong file")
        .replays();
    let junit = ", junit: {failures: 0, min_tests: 2}";
    let report = "<testsuite><testcase/><testcase/></testsuite>";
    artifact("r.xml", Some(report), junit)
        .is("met", "met", "2 tests, 0 failed")
        .replays();
    artifact(
        "r.xml",
        Some(&report.replacen("<testcase/>", "<testcase><failure/></testcase>", 1)),
        junit,
    )
    .is("unmet", "content-unfit", "1 of 2 tests failed");
    artifact("r.xml", Some("<testsuite><testcase/>"), junit)
        .is("unknown", "content-unreadable", "cut")
        .replays();
    let sarif = ", sarif: {max: {error: 0}}";
    let log = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[]}]}"#;
    artifact("s.sarif", Some(log), sarif)
        .is("met", "met", "0 of level error")
        .replays();
    artifact(
        "s.sarif",
        Some(&log.replace("[]", "[{\"level\":\"error\"}]")),
        sarif,
    )
    .is("unmet", "content-unfit", "1 findings");
    artifact("s.sarif", Some("{}"), sarif).is("unknown", "content-unreadable", "not SARIF");
    let coverage = ", json: {/total/lines/pct: '>= 90'}";
    artifact(
        "c.json",
        Some(r#"{"total":{"lines":{"pct":91.5}}}"#),
        coverage,
    )
    .is("met", "met", "91.5")
    .replays();
    artifact(
        "c.json",
        Some(r#"{"total":{"lines":{"pct":89.9}}}"#),
        coverage,
    )
    .is("unmet", "content-unfit", "89.9");
    artifact("c.json", Some("{}"), coverage).is("unmet", "content-unfit", "no value at");
    artifact("c.json", Some("{"), coverage).is("unknown", "content-unreadable", "cannot be read");
}

#[test]
fn a_folder_and_a_pipe_are_not_files() {
    let workplace = Workplace::with_plan(&plan("http://127.0.0.1:9", "{artifacts: [here]}"));
    std::fs::create_dir(workplace.path().join("here")).expect("a folder");
    judged_in(workplace, &[]).is("unknown", "file-unreadable", "not a regular file");
    let workplace = Workplace::with_plan(&plan("http://127.0.0.1:9", "{artifacts: [here]}"));
    let made = std::process::Command::new("mkfifo")
        .arg(workplace.path().join("here"))
        .status();
    assert!(made.is_ok_and(|made| made.success()), "no pipe");
    judged_in(workplace, &[]).is("unknown", "file-unreadable", "not a regular file");
}

#[test]
fn what_begins_at_t_avoids_a_calendar() {
    let outside = |entry: &str, at: &str| {
        judged(
            "http://127.0.0.1:9",
            &format!("{{outside: {entry}}}"),
            &["--at", at],
        )
    };
    // A Friday evening in Berlin: 48h reach Sunday evening, five days do not fit before Monday.
    outside("[peak]", "2026-11-20T18:00:00Z")
        .is("met", "met", "48h from")
        .replays();
    outside("peak", "2026-11-20T10:00:00Z").is(
        "unmet",
        "in-calendar",
        "lasts from 2026-11-20T07:00:00Z to 2026-11-20T17:00:00Z",
    );
    outside("peak", "2026-11-18T18:00:00Z").is("unmet", "in-calendar", "2026-11-19T07:00:00Z");
    outside("{calendars: peak, for: 2h}", "2026-11-18T18:00:00Z").is("met", "met", "2h from");
    outside("{calendars: [peak], for: 14h}", "2026-11-18T18:00:00Z").is(
        "unmet",
        "in-calendar",
        "14h from",
    );
}

#[test]
fn an_interrupted_look_up_is_unknown() {
    let slow = Faulty::new(|_, _| std::thread::sleep(Duration::from_secs(20)));
    let entry = format!("{{probes: [{{url: '{}', timeout: 20s}}]}}", slow.url());
    let workplace = Workplace::with_plan(&plan("http://127.0.0.1:9", &entry));
    let mut child = workplace
        .command(&["check", "plan.yaml"], &[])
        .spawn()
        .expect("gate runs");
    until(|| !slow.seen().is_empty());
    let begin = Instant::now();
    let stopped = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(stopped.is_ok_and(|stopped| stopped.success()));
    let status = child.wait().expect("gate ends");
    assert_eq!(status.code(), Some(3));
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(found(&workplace.evidence())["code"], "interrupted");
}
