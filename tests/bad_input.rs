//! Bad input: for each kind, the exit code and the sentence that the user sees.

use std::time::{Duration, Instant};

use crate::support::exposition::Series;
use crate::support::faulty::{Faulty, answer, json};
use crate::support::program::{Finished, Workplace};
use crate::support::servers::{Version, prometheus};

/// T: 2026-11-20T00:00:00Z.
const T: i64 = 1_795_132_800;
const AT: &str = "1795132800";

fn plan(source: &str, query: &str) -> String {
    format!(
        "release: test\nsource: {{url: \"{source}\", timeout: 2s}}\nkpis:\n  errors:\n    query: {query}\nstages:\n  - name: canary\n    window: 10m\n    exit: {{kpis: {{errors: \"< 1\"}}}}\n"
    )
}

fn check(plan: &str) -> Finished {
    Workplace::with_plan(plan).gate(&["check", "plan.yaml", "--at", AT, "--trailing"])
}

fn against(source: &str) -> Finished {
    check(&plan(source, "errors"))
}

// Plans

#[test]
fn a_plan_that_does_not_exist() {
    let workplace = Workplace::new();
    workplace.gate(&["check", "nowhere.yaml"]).says(
        2,
        "no verdict was reached: the plan nowhere.yaml cannot be read: No such file or directory",
    );
    workplace
        .gate(&["check", "."])
        .says(2, "the plan . cannot be read: it is a folder");
}

#[test]
fn an_empty_plan() {
    check("").says(2, "no verdict was reached: the plan plan.yaml has 1 error");
}

#[test]
fn a_huge_plan() {
    let workplace = Workplace::new();
    workplace.write("plan.yaml", vec![b'#'; 11 * 1024 * 1024]);
    workplace
        .gate(&["check", "plan.yaml"])
        .says(2, "but a plan may have at most 10485760");
}

#[test]
fn a_bomb_and_a_tower_of_brackets_are_refused_quickly() {
    let begun = Instant::now();
    let bomb = (1..12).fold("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned(), |bomb, level| {
        let before = format!("*a{}", level - 1);
        bomb + &format!("a{level}: &a{level} [{}]\n", vec![before; 9].join(","))
    });
    check(&bomb).says(2, "plan.yaml:6:").says(
        2,
        "with its aliases expanded, the plan has more than 200000 values",
    );
    check(&"[".repeat(100_000)).says(2, "error");
    let deep = (0..3000).fold(String::new(), |deep, depth| {
        deep + &" ".repeat(depth) + "a:\n"
    });
    check(&deep).says(2, "error");
    assert!(
        begun.elapsed() < Duration::from_mins(5),
        "it took {:?}",
        begun.elapsed()
    );
}

#[test]
fn an_error_as_long_as_a_plan_is_reported_in_a_few_lines() {
    let endless = plan("http://127.0.0.1:1", "errors").replace("< 1", &"max(".repeat(100_000));
    let finished = check(&endless);
    finished.says(2, "bad-condition");
    assert!(finished.err.len() < 3000, "{} bytes", finished.err.len());
}

#[test]
fn a_span_of_more_points_than_can_be_held_does_not_exhaust_memory() {
    let server = Faulty::answering(|_| {
        json(r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
    });
    let plan = plan(server.url(), "errors\n    step: 1ms").replace("window: 10m", "window: 3000d");
    check(&plan).says(3, "choose a longer step");
    assert!(
        server
            .seen()
            .iter()
            .all(|asked| !asked.head.contains("query_range"))
    );
    let capture =
        |workplace: &Workplace| workplace.gate(&["capture", "plan.yaml", "-o", "base.json"]);
    let workplace = Workplace::with_plan(&plan);
    capture(&workplace).says(2, "nothing was captured: errors: the span");
}

#[test]
fn a_file_that_claims_more_points_than_can_be_held_is_refused() {
    let answers = |schema: &str, header: &str, kpi: &str| {
        format!(
            r#"{{"schema":"{schema}",{header},"sources":[],"answers":[{{"source":"default",{kpi}"query":"errors","start":"1970-01-01T00:00:00Z","end":"2170-01-01T00:00:00Z","step":0.001,"series":[{{"labels":{{}},"values":["1"]}}]}}]}}"#
        )
    };
    let relative = plan("http://127.0.0.1:1", "errors")
        .replace("kpis:\n", "baseline: {file: base.json}\nkpis:\n")
        .replace("< 1", "<= baseline");
    let workplace = Workplace::with_plan(&relative);
    let header = r#""baseline":{"release":"r","plan":"p","from":"1970-01-01T00:00:00Z","to":"2170-01-01T00:00:00Z","captured_at":"2170-01-01T00:00:00Z"}"#;
    workplace.write(
        "base.json",
        answers("gate.baseline/v1", header, r#""kpi":"errors","#),
    );
    workplace
        .gate(&["check", "plan.yaml", "--at", "1795132800"])
        .says(3, "HOLD");
    let header = r#""check":{"plan":{"path":"plan.yaml","sha256":"0"},"at":"2026-11-20T00:00:00Z","vars":[],"gates":["a/exit"],"run":{"user":"u","host":"h","command":[]}}"#;
    workplace.write("answers.json", answers("gate.answers/v1", header, ""));
    workplace
        .gate(&["check", "plan.yaml", "--replay", "answers.json"])
        .says(2, "too far apart");
}

#[test]
fn several_errors_are_reported_together_each_with_its_place() {
    let text = plan("http://127.0.0.1:9", "errors")
        .replace("window: 10m", "window: 10")
        .replace("< 1", "< one")
        + "    deadlin: 3h\n";
    check(&text)
        .says(2, "plan.yaml:8:13")
        .says(2, "plan.yaml:9:30")
        .says(2, "plan.yaml:10:5")
        .says(2, "did you mean `deadline`")
        .says(2, "no verdict was reached: the plan plan.yaml has 3 errors");
}

#[test]
fn a_plan_in_another_encoding() {
    let workplace = Workplace::new();
    workplace.write("plan.yaml", b"release: caf\xe9\n");
    workplace.gate(&["check", "plan.yaml"]).says(2, "UTF-8");
}

#[test]
fn a_gate_and_a_stage_that_are_not_in_the_plan() {
    let workplace = Workplace::with_plan(&plan("http://127.0.0.1:9", "errors"));
    workplace
        .gate(&["check", "plan.yaml", "--gate", "wave/exit"])
        .says(2, "the plan has no stage `wave`: it has canary");
    workplace
        .gate(&["check", "plan.yaml", "--gate", "canary/entry"])
        .says(2, "the stage `canary` has no entry gate");
    workplace
        .gate(&["check", "plan.yaml", "--gate", "canary"])
        .says(
            2,
            "does not name a gate: write STAGE/entry, STAGE/exit or STAGE/recovery",
        );
    workplace
        .gate(&["check", "plan.yaml", "--before", "canary"])
        .says(2, "`canary` is the first stage and has no entry gate");
    workplace
        .gate(&["check", "plan.yaml", "--var", "nobody=x"])
        .says(2, "nobody");
    workplace
        .gate(&[
            "check",
            "plan.yaml",
            "--at",
            AT,
            "--started",
            "2026-11-20T00:00:01Z",
        ])
        .says(
            2,
            "the stage would have started at 2026-11-20T00:00:01Z, after the judged time 2026-11-20T00:00:00Z",
        );
    workplace
        .gate(&["check", "plan.yaml", "--at", "2026-11-20 10:00"])
        .says(2, "has no time zone: write `2026-11-20T10:00:00Z`");
    assert!(
        workplace.files("plan.evidence", "").is_empty(),
        "nothing was judged"
    );
}

// Servers that cannot be asked

#[test]
fn an_address_that_does_not_resolve() {
    against("http://gate-test.invalid:9090")
        .says(3, "HOLD")
        .says(3, "dns error");
}

#[test]
fn a_refused_connection() {
    against("http://127.0.0.1:1")
        .says(3, "HOLD")
        .says(3, "Connection refused");
}

#[test]
fn a_server_that_never_answers_holds_within_the_timeout() {
    let begun = Instant::now();
    let server = Faulty::new(|_, _| std::thread::sleep(Duration::from_secs(30)));
    against(server.url()).says(3, "no complete answer within 2s");
    assert!(begun.elapsed() < Duration::from_secs(6));
}

#[test]
fn a_server_that_hangs_does_not_delay_every_question() {
    let begun = Instant::now();
    let server = Faulty::new(|_, _| std::thread::sleep(Duration::from_mins(1)));
    let kpis: Vec<String> = (0..100)
        .map(|i| format!("k{i}: {{query: up{i}}}"))
        .collect();
    let conditions: Vec<String> = (0..100).map(|i| format!("k{i}: \"< 1\"")).collect();
    let plan = format!(
        "release: test\nsource: {{url: \"{}\", timeout: 1s}}\nkpis: {{{}}}\nstages: [{{name: a, observe: trailing, window: 10m, exit: {{kpis: {{{}}}}}}}]\n",
        server.url(),
        kpis.join(", "),
        conditions.join(", ")
    );
    check(&plan).says(3, "no complete answer within 1s");
    assert!(
        begun.elapsed() < Duration::from_secs(6),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn statuses_are_named_for_what_they_are() {
    for (status, sentence) in [
        ("401 Unauthorized", "401"),
        ("403 Forbidden", "403"),
        ("404 Not Found", "404"),
        ("429 Too Many Requests", "429"),
        ("500 Internal Server Error", "500"),
        ("503 Service Unavailable", "503"),
    ] {
        let server =
            Faulty::answering(move |_| answer(status, "text/plain", "the server's own words"));
        against(server.url())
            .says(3, "HOLD")
            .says(3, sentence)
            .says(3, "the server's own words");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_server_that_heals_is_asked_again() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let healthy = prometheus(Version::V3_5, &[healthy()]);
    let port = healthy.port();
    let server = Faulty::new(move |asked, stream| {
        let before = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let reply = if before == 0 {
            answer("503 Service Unavailable", "text/plain", "not yet")
        } else {
            forward(port, asked)
        };
        let _ = std::io::Write::write_all(stream, &reply);
    });
    against(server.url()).says(0, "GO");
}

fn forward(port: u16, asked: &crate::support::faulty::Received) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("the server");
    write!(
        stream,
        "{}\r\nConnection: close\r\n\r\n{}",
        asked.head, asked.body
    )
    .expect("asked");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("answered");
    reply
}

#[test]
fn a_login_page_is_not_an_empty_answer() {
    let server =
        Faulty::answering(|_| answer("200 OK", "text/html", "<html><title>Sign in</title></html>"));
    against(server.url()).says(3, "HOLD").says(3, "login page");
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn a_cut_body_is_never_half_an_answer() {
    let whole = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1795132200,"0"],[1795132260,"0"]]}]}}"#;
    for end in [1, 20, 60, 90, whole.len() - 1] {
        let body = whole[..end].to_owned();
        let server = Faulty::answering(move |_| {
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{body}").into_bytes()
        });
        against(server.url()).says(3, "HOLD");
    }
    let server = Faulty::answering(|_| {
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"status\":".to_vec()
    });
    against(server.url()).says(3, "HOLD");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_refused_query_carries_the_servers_own_words() {
    let server = prometheus(Version::V3_5, &[]);
    check(&plan(
        server.url(),
        "'sum(rate(errors[5m])) by(x) / on(y) group_left() nothing_such(errors{a=\"b\"})'",
    ))
    .says(3, "unknown function");
}

#[test]
fn a_hostile_answer_cannot_speak_to_the_terminal() {
    let server = Faulty::answering(|_| {
        json(r#"{"status":"error","errorType":"bad_data","error":"\u001b[2J\u001b[32mGO\u202e"}"#)
    });
    let finished = against(server.url());
    finished
        .says(3, "HOLD")
        .never_says("\u{1b}")
        .never_says("\u{202e}");
}

#[test]
fn native_histograms_have_no_value_to_compare() {
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1795132800,{"count":"3","sum":"1.5"}]]}]}}"#;
    let server = Faulty::answering(move |_| json(body));
    against(server.url()).says(3, "native histogram");
}

#[test]
fn an_answer_with_warnings_is_incomplete() {
    let points: Vec<String> = (0..=10)
        .map(|i| format!("[{},\"0\"]", T - 600 + 60 * i))
        .collect();
    let body = format!(
        r#"{{"status":"success","warnings":["remote_read: cut off"],"data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{}]}}]}}}}"#,
        points.join(",")
    );
    let server = Faulty::answering(move |_| json(&body));
    let with_step = plan(server.url(), "errors\n    step: 1m");
    check(&with_step).says(3, "remote_read: cut off");
    check(&with_step.replace("timeout: 2s", "timeout: 2s, partial: allow")).says(0, "GO");
}

// Samples

fn healthy() -> Series {
    Series::new("errors", (T - 3600..=T).step_by(15).map(|at| (at, 0.5)))
}

fn with(samples: impl IntoIterator<Item = (i64, f64)>) -> Finished {
    let server = prometheus(Version::V2_42, &[Series::new("errors", samples)]);
    against(server.url())
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn samples_that_prove_nothing() {
    let minutes = |from: i64, to: i64| (T - from * 60..=T - to * 60).step_by(15);
    with(minutes(60, 0).map(|at| (at, f64::NAN))).says(3, "none of 41 points was measured");
    with(minutes(60, 0).map(|at| (at, f64::INFINITY))).says(1, "+Inf");
    with(minutes(60, 0).map(|at| (at, f64::NEG_INFINITY))).says(0, "GO");
    with(minutes(120, 60).map(|at| (at, 0.5))).says(3, "the query found no series");
    with(
        minutes(60, 0)
            .filter(|at| !(T - 540..T - 60).contains(at))
            .map(|at| (at, 0.5)),
    )
    .says(3, "points measured, 90% needed; the only gap is");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn stale_samples() {
    let server = prometheus(
        Version::V3_5,
        &[Series::new(
            "errors",
            (T - 3600..=T - 400).step_by(15).map(|at| (at, 0.5)),
        )],
    );
    let text = plan(server.url(), "errors\n    coverage: 50%\n    max_age: 1m");
    check(&text).says(
        3,
        "the newest point is 2m old (2026-11-19T23:58:00Z), at most 1m allowed",
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn several_series_where_one_belongs() {
    let two =
        ["a", "b"].map(|site| Series::new(format!("errors{{site=\"{site}\"}}"), healthy().points));
    let server = prometheus(Version::V3_5, &two);
    against(server.url()).says(3, "2 series came back where one belongs, such as");
    let per_site = plan(server.url(), "errors\n    per: site");
    check(&per_site).says(0, "GO");
    let listed = per_site.replace("window: 10m", "window: 10m\n    cohort: {site: [a, b, c]}");
    check(&listed).says(3, "no series with site=\"c\" came back");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_time_in_the_future_is_judged_as_it_is() {
    let server = prometheus(Version::V3_5, &[healthy()]);
    let workplace = Workplace::with_plan(&plan(server.url(), "errors"));
    workplace
        .gate(&["check", "plan.yaml", "--at", "2027-01-01T00:00:00Z"])
        .says(3, "the query found no series");
}

// Evidence

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn an_evidence_folder_that_cannot_be_written_gives_no_verdict() {
    let server = prometheus(Version::V3_5, &[healthy()]);
    let workplace = Workplace::with_plan(&plan(server.url(), "errors"));
    workplace.write("plan.evidence", "a file in the folder's place");
    let finished = workplace.gate(&["check", "plan.yaml", "--at", AT]);
    finished.says(
        5,
        "no verdict was reached: plan.evidence cannot be read: Not a directory",
    );
    finished.says(5, "  gate ledger plan.yaml verify\n");
    assert_eq!(finished.out, "", "a verdict without evidence is no verdict");
}

#[test]
fn a_time_that_is_none_and_a_source_that_is_not_needed() {
    let workplace = Workplace::with_plan(
        "release: a\nsource: http://127.0.0.1:1\nkpis: { errors: { query: up } }\nstages:\n  - { name: canary, window: 1h, entry: { confirmations: [lead] }, exit: { kpis: { errors: '< 5' } } }\n",
    );
    let entry = ["check", "plan.yaml", "--gate", "canary/entry"];
    workplace
        .gate(&entry)
        .says(3, "http://127.0.0.1:1, not asked");
    workplace
        .gate(&[&entry[..], &["--at", "2 hours"]].concat())
        .says(2, "`2 hours` is not a time: expected RFC 3339")
        .says(2, "or a length of time such as `2h`");
}

#[test]
fn while_a_stage_settles_nothing_is_judged_and_nothing_is_asked() {
    let workplace = Workplace::with_plan(
        "release: a\nsource: http://127.0.0.1:1\nkpis: { errors: { query: up } }\nstages:\n  - { name: canary, window: 1h, settle: 10m, exit: { kpis: { errors: '< 5' } } }\n",
    );
    let check = ["check", "plan.yaml", "--gate", "canary/exit", "--no-ledger"];
    workplace
        .gate(
            &[
                &check[..],
                &["--at", "2026-11-20T00:05:00Z", "--started", "5m"],
            ]
            .concat(),
        )
        .says(
            3,
            "(2026-11-20T00:00:00Z), nothing is judged before 2026-11-20T00:10:00Z",
        )
        .says(3, "http://127.0.0.1:1, not asked");
}

#[test]
fn m20_answers_of_another_plan_are_named() {
    let workplace = Workplace::with_plan(
        "release: a\nstages:\n  - { name: canary, window: 1h, exit: { confirmations: [lead] } }\n",
    );
    workplace
        .gate(&["check", "plan.yaml", "--gate", "canary/exit"])
        .says(3, "HOLD");
    let record = workplace.evidence();
    let answers = record["answers"]["path"].as_str().expect("a path");
    let answers = format!("plan.evidence/{answers}");
    workplace.write(
        "other.yaml",
        "release: b\nstages:\n  - { name: pilot, window: 1h, exit: { confirmations: [lead] } }\n",
    );
    workplace
        .gate(&["check", "other.yaml", "--replay", &answers])
        .says(
            2,
            "the answers were recorded for another plan or version, plan.yaml (sha256 ",
        )
        .says(2, "canary");
}

#[test]
fn recorded_answers_that_are_missing_or_something_else() {
    let workplace = Workplace::with_plan(&plan("http://127.0.0.1:1", "errors"));
    workplace
        .gate(&["check", "plan.yaml", "--replay", "nowhere.json"])
        .says(2, "the recorded answers nowhere.json cannot be read");
    for garbage in [
        "",
        "{}",
        "null",
        "{\"schema\":\"gate.answers/v2\"}",
        "\u{1f}\u{8b}",
    ] {
        workplace.write("answers.json", garbage);
        workplace
            .gate(&["check", "plan.yaml", "--replay", "answers.json"])
            .says(2, "the recorded answers answers.json cannot be used");
    }
}
