//! How questions are asked (M6, M10, M11, M18, M20): what is sent with them, of what a server is told, what its clock says.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use crate::source_fake::*;
use crate::support::exposition::Series;
use crate::support::faulty::{Faulty, json as answered};
use crate::support::program::{Finished, Workplace};
use crate::support::servers::{Server, Version, prometheus, victoria_metrics};
use gate::http::{Clock, Pool};
use gate::plan::{Auth, Method, Param, SecretSource, Source};
use gate::samples::{FailureCode, SourceSeen};
use gate::secret::Secret;
use gate::units::{Duration, Instant};

const ONE: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[0,"1"],[60,"1"]]}]}}"#;
/// 2026-11-20T00:00:00Z.
const NOW: i64 = 1_795_132_800;

fn now() -> Clock {
    Clock::showing(Instant::from_secs(NOW))
}

/// What is seen of a source that answers everything with these headers and body.
async fn seen(source: &Source, clock: Option<Clock>) -> SourceSeen {
    let questions = [question("q", range(2))];
    let (sources, pool) = ([source.clone()], Pool::default());
    let request = gate::source::Request {
        clock,
        ..request(&sources, &questions, &pool, false)
    };
    let mut answered = gate::source::ask(request, &|_| {}, std::future::pending()).await;
    answered.sources.remove(0)
}

async fn dated(headers: &'static str) -> Fake {
    Fake::start(move |_| answer(200, "application/json", headers, ONE.as_bytes())).await
}

#[tokio::test]
async fn m11_the_date_of_answers_is_held_against_the_clock_that_t_is_from() {
    let cases = [
        ("Date: Fri, 20 Nov 2026 00:08:00 GMT\r\n", Some(480)),
        ("Date: Thu, 19 Nov 2026 23:59:15 GMT\r\n", Some(-45)),
        ("Date: Fri, 20 Nov 2026 00:00:20 GMT\r\n", None),
        ("Date: Thu, 19 Nov 2026 23:00:00 GMT\r\nAge: 3600\r\n", None),
        ("Date: Friday, 20-Nov-26 00:08:00 GMT\r\n", Some(480)),
        ("Date: Fri Nov 20 00:08:00 2026\r\n", Some(480)),
        (
            "Date: Thu, 19 Nov 2026 23:52:00 GMT\r\nAge: 480, 0\r\n",
            None,
        ),
        ("Date: Thu, 19 Nov 2026 23:52:00 GMT\r\nAge: soon\r\n", None),
        ("Date: soon\r\n", None),
        ("", None),
    ];
    for (headers, expected) in cases {
        let fake = dated(headers).await;
        let source = seen(&fake.source(), Some(now())).await;
        let ahead = source.clock_ahead;
        let undated = headers.is_empty() || headers.contains("soon");
        assert_eq!(source.clock_undated, undated, "{headers}");
        // A second may pass between the two.
        let near = match (ahead, expected) {
            (Some(ahead), Some(seconds)) => {
                (ahead.millis() - seconds * 1000).abs() <= 3000 && ahead.millis() % 1000 == 0
            }
            (ahead, expected) => ahead.is_none() && expected.is_none(),
        };
        assert!(near, "{headers}: {ahead:?}");
        let alone = seen(&fake.source(), None).await;
        assert_eq!((alone.clock_ahead, alone.clock_undated), (None, false));
    }
}

fn param(name: &str, value: &str, shown: &str) -> Param {
    Param {
        name: name.to_owned(),
        value: SecretSource::Inline(Secret::new(value.to_owned())),
        shown: shown.to_owned(),
    }
}

#[tokio::test]
async fn m18_params_go_with_every_question_and_into_the_record() {
    let fake = Fake::start(|_| json(200, ONE)).await;
    let source = Source {
        params: vec![
            param("dedup", "true", "true"),
            param("tenant", "hunter2", "***"),
        ],
        ..fake.source()
    };
    let kept = seen(&source, None).await.params;
    assert_eq!(kept["dedup"], "true");
    assert_eq!(kept["tenant"], "***");
    let requests = fake.requests();
    assert!(!requests.is_empty());
    for asked in &requests {
        assert!(
            asked.contains("dedup=true") && asked.contains("tenant=hunter2"),
            "{asked}"
        );
    }
}

#[tokio::test]
async fn m18_a_secret_param_is_in_no_message() {
    let fake = Fake::start(|_| html(400, "no tenant hunter2")).await;
    let source = Source {
        params: vec![param("tenant", "hunter2", "***")],
        ..fake.source()
    };
    let failure = ask(&source).await.expect_err("a failure");
    assert!(
        failure.message.contains("no tenant ***"),
        "{}",
        failure.message
    );
}

#[tokio::test]
async fn m18_auto_falls_back_to_get_once_where_the_method_is_refused() {
    for status in [400, 403, 404, 405, 501] {
        let fake = Fake::start(move |asked| {
            if asked.starts_with("POST") {
                html(status, "no")
            } else {
                json(200, ONE)
            }
        })
        .await;
        let source = Source {
            concurrency: 1,
            ..fake.source()
        };
        let questions = ["a", "b", "c"].map(|name| question(name, range(2)));
        let answered = ask_all(std::slice::from_ref(&source), &questions, false).await;
        let good = answered.observations.values().all(Result::is_ok);
        assert!(good, "{status}: {:?}", answered.observations);
        let posts = fake.requests();
        let posts = posts.iter().filter(|asked| asked.starts_with("POST"));
        assert_eq!(posts.count(), 1, "{status}");
    }
}

#[tokio::test]
async fn m18_what_the_api_says_of_a_query_is_not_asked_again() {
    let body = r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
    let fake = Fake::start(move |_| json(400, body)).await;
    let failure = ask(&fake.source()).await.expect_err("a failure");
    assert_eq!(failure.code, FailureCode::QueryRejected);
    let posts = fake.requests();
    let queries = posts.iter().filter(|asked| asked.contains("query_range"));
    assert_eq!(queries.count(), 1);
}

#[tokio::test]
async fn m18_a_method_that_the_plan_names_is_the_only_one() {
    for (method, word) in [(Method::Get, "GET /"), (Method::Post, "POST /")] {
        let fake = Fake::start(|_| html(405, "no")).await;
        let source = Source {
            method,
            ..fake.source()
        };
        assert!(ask(&source).await.is_err());
        let requests = fake.requests();
        let queries = requests
            .iter()
            .filter(|asked| asked.contains("query_range"));
        let queries: Vec<&String> = queries.collect();
        assert!(
            queries.len() == 1 && queries[0].starts_with(word),
            "{queries:?}"
        );
    }
}

#[tokio::test]
async fn m18_harmless_remarks_on_the_query_are_notes_and_others_are_not() {
    let body = |remark: &str| {
        ONE.replace(
            "\"status\"",
            &format!("\"warnings\":[\"{remark}\"],\"status\""),
        )
    };
    let cases = [
        ("PromQL info: metric might not be a counter", true),
        (
            "PromQL warning: this native histogram metric is not a counter: x",
            true,
        ),
        (
            "PromQL warning: encountered a mix of histograms and floats",
            false,
        ),
        ("remote_read: down", false),
    ];
    for (remark, harmless) in cases {
        let text = body(remark);
        let fake = Fake::start(move |_| json(200, &text)).await;
        let reply = ask(&fake.source()).await.expect("an answer");
        assert_eq!(reply.warnings.is_empty(), harmless, "{remark}");
        assert_eq!(reply.notes.len(), usize::from(harmless), "{remark}");
    }
}

#[tokio::test]
async fn m6_the_lookback_is_said_in_the_words_of_the_server() {
    let prometheus = answered(r#"{"status":"success","data":{"version":"3.5.3"}}"#);
    let victoria = String::from_utf8(answered("{}")).expect("text");
    let victoria = victoria.replacen("\r\n", "\r\nX-Server-Hostname: vm\r\n", 1);
    let cases: [(Vec<u8>, &[&str]); 3] = [
        (prometheus, &["lookback_delta"]),
        (victoria.into_bytes(), &["max_lookback"]),
        (html(404, "no"), &["lookback_delta", "max_lookback"]),
    ];
    for (build, names) in cases {
        let server = Faulty::answering(move |asked| {
            if asked.head.contains("buildinfo") {
                build.clone()
            } else {
                answered(ONE)
            }
        });
        let source = Source {
            lookback: Some(Duration::from_secs(60)),
            timeout: Duration::from_secs(10),
            ..source(server.url())
        };
        assert_eq!(seen(&source, None).await.lookback, source.lookback);
        let asked = server.seen();
        let query = asked
            .iter()
            .find(|asked| asked.head.contains("query_range"));
        let query = &query.expect("a query").body;
        for name in ["lookback_delta", "max_lookback"] {
            let said = query.contains(&format!("{name}=60000ms"));
            assert_eq!(said, names.contains(&name), "{name}: {query}");
        }
    }
}

#[tokio::test]
async fn m20_a_store_that_is_away_for_a_moment_is_asked_again() {
    static FIRST: AtomicBool = AtomicBool::new(true);
    let body = r#"{"status":"error","errorType":"execution","error":"expanding series: rpc error: code = Unavailable desc = store"}"#;
    let fake = Fake::start(move |asked| {
        if asked.contains("query_range") && FIRST.swap(false, SeqCst) {
            return json(422, body);
        }
        json(200, ONE)
    })
    .await;
    assert!(ask(&fake.source()).await.is_ok());
}

#[tokio::test]
async fn m20_an_unreachable_host_behind_a_redirect_or_a_proxy_is_named_with_the_first() {
    let fake =
        Fake::start(|_| answer(307, "text/plain", "Location: http://127.0.0.1:1/x\r\n", b"")).await;
    let failure = ask(&fake.source()).await.expect_err("a failure");
    let first = fake.url();
    assert!(
        failure.message.contains(&first)
            && failure
                .message
                .contains("redirected to http://127.0.0.1:1/x"),
        "{}",
        failure.message
    );
    let mut source = fake.source();
    source.http.proxy_url = Some(Secret::new("http://me:hunter2@127.0.0.1:1".to_owned()));
    let failure = ask(&source).await.expect_err("a failure");
    assert!(
        failure.message.contains(&first)
            && failure
                .message
                .contains("through the proxy http://127.0.0.1:1"),
        "{}",
        failure.message
    );
    assert!(!failure.message.contains("hunter2"));
}

#[tokio::test]
async fn m20_an_empty_token_and_an_encrypted_key_say_what_they_are() {
    let fake = Fake::start(|_| json(200, ONE)).await;
    let mut source = fake.source();
    source.http.auth = Some(Auth::Header {
        scheme: "Bearer".to_owned(),
        credentials: SecretSource::Inline(Secret::default()),
    });
    let failure = ask(&source).await.expect_err("a failure");
    assert_eq!(failure.code, FailureCode::SourceMisconfigured);
    assert!(failure.message.contains("is empty"), "{}", failure.message);

    let mut source = fake.source();
    source.url = Secret::new(fake.url().replace("http:", "https:"));
    let pem = |text: &str| Some(SecretSource::Inline(Secret::new(text.to_owned())));
    source.http.tls.insecure_skip_verify = true;
    source.http.tls.cert = pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    source.http.tls.key =
        pem("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let failure = ask(&source).await.expect_err("a failure");
    assert!(
        failure.message.contains("is encrypted"),
        "{}",
        failure.message
    );
}

fn plan(source: &str) -> String {
    format!(
        "release: test\nsource: {source}\nkpis: {{errors: {{query: 'rate(errors[5m])'}}}}\nstages: [{{name: canary, window: 10m, exit: {{kpis: {{errors: \"< 5\"}}}}}}]\n"
    )
}

/// A server that answers each range whole, up to the end, at this many seconds from the present.
#[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
pub fn whole(ahead: i64) -> Faulty {
    Faulty::answering(move |asked| {
        let date = chrono::Utc::now() + chrono::Duration::seconds(ahead);
        let date = date.format("%a, %d %b %Y %H:%M:%S GMT");
        let number = |name: &str| -> i64 {
            let rest = asked.body.split(&format!("{name}=")).nth(1);
            let digits = rest.and_then(|rest| rest.split('&').next());
            digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
        };
        let (start, end, step) = (number("start"), number("end"), number("step").max(1));
        let values: Vec<String> = (start..=end)
            .step_by(usize::try_from(step).expect("a step"))
            .map(|at| format!("[{at},\"1\"]"))
            .collect();
        let body = format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{}]}}]}}}}"#,
            values.join(",")
        );
        String::from_utf8(answered(&body))
            .expect("text")
            .replacen("\r\n", &format!("\r\nDate: {date}\r\n"), 1)
            .into_bytes()
    })
}

#[test]
fn m11_a_check_with_another_clock_than_the_source_is_no_go_and_replays_alike() {
    let workplace = Workplace::new();
    let right = whole(0);
    workplace.write("right.yaml", plan(right.url()));
    workplace
        .gate(&["check", "right.yaml", "--started", "1h"])
        .says(0, "GO");
    let near = whole(45);
    workplace.write("near.yaml", plan(near.url()));
    workplace
        .gate(&["check", "near.yaml", "--started", "1h"])
        .says(0, "note: the clock of the source default is");
    let far = whole(500);
    workplace.write("far.yaml", plan(far.url()));
    let checked = workplace.gate(&["check", "far.yaml", "--started", "1h"]);
    checked.says(
        3,
        "s ahead of this machine's: correct the clock that is wrong",
    );
    let answers = workplace.files("far.evidence", ".answers.json.gz");
    let answers = answers[0].to_str().expect("a path").to_owned();
    let again = workplace.gate(&["check", "far.yaml", "--replay", &answers]);
    again.says(
        3,
        "s ahead of this machine's: correct the clock that is wrong",
    );
    again.says(3, "judged again: nothing rests on it");
    workplace
        .gate(&[
            "check",
            "far.yaml",
            "--at",
            "2026-11-20T00:00:00Z",
            "--started",
            "1h",
        ])
        .says(0, "GO");
}

#[test]
fn m6_m18_answers_that_were_asked_with_other_settings_do_not_replay() {
    let workplace = Workplace::new();
    let server = whole(0);
    let source = |more: &str| plan(&format!("{{url: \"{}\"{more}}}", server.url()));
    workplace.write(
        "plan.yaml",
        source(", lookback: 1m, params: {tenant: \"7\"}"),
    );
    let checked = workplace.gate(&["check", "plan.yaml", "--started", "1h"]);
    checked.says(0, "lookback 1m, tenant=7");
    let answers = workplace.files("plan.evidence", ".answers.json.gz");
    let answers = answers[0].to_str().expect("a path").to_owned();
    let replay = ["check", "plan.yaml", "--replay", answers.as_str()];
    let again = workplace.gate(&replay);
    again.says(0, "not recorded, and nothing rests on it");
    again.says(0, "judged again: nothing rests on it");
    assert!(!again.out.contains("next:"), "{}", again.out);
    assert!(workplace.files("plan.evidence", ".json").len() == 1);
    let own = [&replay[..], &["--evidence", "plan.evidence"]].concat();
    workplace.gate(&own).says(2, "a replay is recorded nowhere");
    for other in [
        "",
        ", lookback: 2m, params: {tenant: \"7\"}",
        ", lookback: 1m, params: {tenant: \"8\"}",
    ] {
        workplace.write("plan.yaml", source(other));
        workplace
            .gate(&replay)
            .says(3, "another `lookback` or other `params`");
    }
}

#[test]
fn m10_another_address_leaves_the_other_keys_of_a_source() {
    let workplace = Workplace::new();
    let server = whole(0);
    workplace.write(
        "plan.yaml",
        plan("{url: \"http://127.0.0.1:1\", delay: 5m, timeout: 2s}"),
    );
    workplace
        .gate(&[
            "check",
            "plan.yaml",
            "--source",
            server.url(),
            "--started",
            "1h",
        ])
        .says(0, "delay 5m");
}

#[test]
fn m20_problems_of_the_command_line_point_there_and_errors_come_first() {
    let workplace = Workplace::new();
    workplace.write("plan.yaml", plan("http://127.0.0.1:1"));
    for url in [
        "http://127.0.0.1:1/graph",
        "http://127.0.0.1:1/api/v1/",
        "http://h?tenant=7",
        "h",
    ] {
        let said = workplace.gate(&["check", "plan.yaml", "--source", url]);
        said.says(2, "--> the command line");
    }
    workplace.write(
        "plan.yaml",
        plan("{url: \"http://h\", basic_auth: {username: a}}"),
    );
    workplace
        .gate(&["validate", "plan.yaml"])
        .says(2, "`basic_auth` belongs in `http_config`");
    let text = plan("http://127.0.0.1:1").replacen(
        "kpis: {errors:",
        "kpis: {unused: {query: up}, errors:",
        1,
    );
    workplace.write("plan.yaml", text.replace("\"< 5\"", "\"< \""));
    let said = workplace.gate(&["validate", "plan.yaml"]);
    let (error, warning) = (said.err.find("error["), said.err.find("warning["));
    assert!(error < warning && warning.is_some(), "{}", said.err);
}

/// Every server that is supported, with these samples.
fn servers(samples: &[Series]) -> Vec<(&'static str, Server)> {
    let mut all: Vec<(&str, Server)> = Version::ALL
        .map(|version| (version.number(), prometheus(version, samples)))
        .into();
    all.push(("VictoriaMetrics", victoria_metrics(samples)));
    all
}

/// A gauge of 1 every 15 s, from `from` to `to` seconds before T.
fn gauge(from: i64, to: i64) -> Vec<Series> {
    let times = (NOW - from..=NOW - to).step_by(15);
    vec![Series::new("errors", times.map(|at| (at, 1.0)))]
}

fn at_now(workplace: &Workplace, text: &str) -> Finished {
    workplace.write("plan.yaml", text);
    workplace.gate(&[
        "check",
        "plan.yaml",
        "--at",
        "1795132800",
        "--started",
        "9d",
    ])
}

fn bare(source: &str, max_age: &str) -> String {
    format!(
        "release: test\nsource: {source}\nkpis: {{errors: {{query: errors, max_age: {max_age}}}}}\nstages: [{{name: canary, window: 1h, exit: {{kpis: {{errors: \"< 5\"}}}}}}]\n"
    )
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m6_a_shorter_lookback_sees_a_source_that_went_silent() {
    let workplace = Workplace::new();
    for (name, server) in servers(&gauge(7200, 240)) {
        let url = server.url();
        let short = bare(&format!("{{url: \"{url}\", lookback: 1m}}"), "1m");
        let said = at_now(&workplace, &short);
        assert_eq!(said.code, 3, "{name}: {}", said.out);
        said.says(
            3,
            if name == "2.42" {
                "2.43 and later"
            } else {
                "old"
            },
        );
        if name != "VictoriaMetrics" {
            // The last sample is repeated for 5 minutes, and looks as fresh as any.
            at_now(&workplace, &bare(url, "1m")).says(0, "GO");
        }
    }
    let able = servers(&gauge(7200, 0)).into_iter();
    for (name, server) in able.filter(|(name, _)| *name != "2.42") {
        let short = bare(
            &format!("{{url: \"{}\", lookback: 1m}}", server.url()),
            "1m",
        );
        let said = at_now(&workplace, &short);
        assert_eq!(said.code, 0, "{name}: {}{}", said.out, said.err);
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m10_samples_that_come_late_are_waited_for() {
    let workplace = Workplace::new();
    for (name, server) in servers(&gauge(8200, 600)) {
        let url = server.url();
        let without = at_now(&workplace, &bare(url, "1m"));
        assert_eq!(without.code, 3, "{name}: {}", without.out);
        without.says(3, "`delay`");
        let with = bare(&format!("{{url: \"{url}\", delay: 10m}}"), "1m");
        let said = at_now(&workplace, &with);
        assert_eq!(said.code, 0, "{name}: {}{}", said.out, said.err);
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m18_params_and_methods_on_real_servers() {
    let workplace = Workplace::new();
    for (name, server) in servers(&gauge(7200, 0)) {
        for method in ["auto", "GET", "POST"] {
            let source = format!(
                "{{url: \"{}\", method: {method}, params: {{dedup: \"true\", nocache: \"1\"}}}}",
                server.url()
            );
            let said = at_now(&workplace, &bare(&source, "1m"));
            assert_eq!(said.code, 0, "{name} {method}: {}{}", said.out, said.err);
        }
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m8b_one_number_for_a_window_that_nobody_saw_is_no_go() {
    let counter = |to: i64| {
        let times = (NOW - 30 * 3600..=NOW - to).step_by(60);
        vec![Series::new(
            "errors_total",
            times
                .enumerate()
                .map(|(count, at)| (at, f64::from(u32::try_from(count).expect("small")) / 100.0)),
        )]
    };
    let text = |url: &str| {
        format!(
            "release: test\nsource: {url}\nkpis: {{errors: {{query: 'sum(increase(errors_total[$window]))', coverage: 99%, max_age: 1m, unit: count}}}}\nstages: [{{name: canary, window: 26h, exit: {{kpis: {{errors: \"< 50\"}}}}}}]\n"
        )
    };
    let workplace = Workplace::new();
    for (name, server) in servers(&counter(24 * 3600)) {
        let said = at_now(&workplace, &text(server.url()));
        assert_eq!(said.code, 3, "{name}: {}", said.out);
        said.says(3, "in the place of `$window`");
    }
    for (name, server) in servers(&counter(0)) {
        let said = at_now(&workplace, &text(server.url()));
        assert_eq!(said.code, 0, "{name}: {}{}", said.out, said.err);
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m5_spikes_of_45s_are_seen_at_the_default_step() {
    let spiky = |at: i64| if at.rem_euclid(3600) < 45 { 99.0 } else { 1.0 };
    let times = (NOW - 26 * 3600..=NOW).step_by(15);
    let samples = [Series::new("errors", times.map(|at| (at + 7, spiky(at))))];
    let server = prometheus(Version::V3_5, &samples);
    let workplace = Workplace::new();
    for window in ["1h", "6h", "24h"] {
        let text = bare(server.url(), "5m").replace("window: 1h", &format!("window: {window}"));
        at_now(&workplace, &text).says(1, "99");
    }
}

#[tokio::test]
async fn m20_an_address_at_which_nothing_listens_is_not_tried_for_the_whole_timeout() {
    let nowhere = Source {
        timeout: Duration::from_secs(60),
        ..source("http://127.0.0.1:1")
    };
    let begun = std::time::Instant::now();
    let failure = ask(&nowhere).await.expect_err("a failure");
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    assert_eq!(failure.code, FailureCode::SourceUnreachable);
    assert!(
        failure.message.ends_with("retried for 10s"),
        "{}",
        failure.message
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m8b_validate_names_the_points_behind_a_window() {
    let sparse = (NOW - 7200..=NOW).step_by(600);
    let sparse = [Series::new("errors_total", sparse.map(|at| (at, 1.0)))];
    let server = prometheus(Version::V3_5, &sparse);
    let workplace = Workplace::new();
    let text = plan(server.url()).replace("rate(errors[5m])", "increase(errors_total[$window])");
    workplace.write("plan.yaml", text.replace("10m", "1h"));
    let said = workplace.gate(&["validate", "plan.yaml", "--online", "--at", "1795132800"]);
    assert!(
        said.err.contains("the points behind `$window`"),
        "{}",
        said.err
    );
    said.says(0, "too few samples for a range of the query")
        .never_says("is too short");
    let checked = workplace.gate(&[
        "check",
        "plan.yaml",
        "--at",
        "1795132800",
        "--started",
        "2h",
    ]);
    checked.says(3, "use a fixed range");
}
