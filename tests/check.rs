//! `gate check` end to end against real servers: verdicts, exit codes, selection, evidence, replay.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::exposition::Series;
use crate::support::faulty::Faulty;
use crate::support::program::Workplace;
use crate::support::servers::{Server, Version, prometheus, victoria_metrics};

/// T: 2026-11-20T00:00:00Z.
const T: i64 = 1_795_132_800;
const AT: &str = "1795132800";

/// Three hours of an error ratio, with a spike of twelve minutes that ends half an hour before T, and of a latency.
fn samples() -> Vec<Series> {
    let times = || (T - 3 * 3600..=T).step_by(15);
    let spike = T - 42 * 60..=T - 30 * 60;
    let errors = times().map(|at| (at, if spike.contains(&at) { 0.031 } else { 0.0004 }));
    let latency = |site: &str, value: f64| {
        Series::new(
            format!("latency{{site=\"{site}\"}}"),
            times().map(move |at| (at, value)),
        )
    };
    vec![
        Series::new("errors", errors),
        latency("BER1", 0.120),
        latency("LEJ2", 0.180),
    ]
}

fn plan(source: &str) -> String {
    format!(
        r#"release: {{name: checkout, version: 2.1.0}}
source: {source}
kpis:
  error_rate: {{query: errors, unit: ratio}}
  latency: {{query: 'latency{{site=~"$site"}}', unit: seconds, per: site}}
rollback:
  - {{do: Disable flag checkout.v2, owner: "@ops", takes: 2m}}
stages:
  - name: pilot
    window: 20m
    cohort: {{site: [BER1, LEJ2]}}
    stop: {{kpis: {{error_rate: "> 1% for 10m"}}}}
    exit: {{kpis: {{error_rate: "< 0.1%", latency: "p95 < 200ms"}}}}
  - name: wave
    window: 20m
    cohort: {{site: [BER1]}}
    entry: {{window: 30m, kpis: {{latency: "< 150ms"}}}}
    exit: {{kpis: {{latency: "max < 100ms"}}}}
"#
    )
}

struct Bench {
    server: Server,
    workplace: Workplace,
}

fn bench() -> Bench {
    let server = prometheus(Version::V3_5, &samples());
    let workplace = Workplace::with_plan(&plan(server.url()));
    Bench { server, workplace }
}

impl Bench {
    fn check(&self, more: &[&str]) -> crate::support::program::Finished {
        let mut arguments = vec!["check", "plan.yaml"];
        if !more.contains(&"--at") {
            arguments.extend(["--at", AT]);
        }
        // Every stage began one window ago, unless a test says otherwise.
        if !more.contains(&"--started") && !more.contains(&"--trailing") {
            arguments.extend(["--started", "20m"]);
        }
        arguments.extend(more);
        self.workplace.gate(&arguments)
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn each_verdict_has_its_exit_code() {
    let bench = bench();
    bench.check(&["--gate", "pilot/exit"]).says(0, "GO");
    bench.check(&["--gate", "wave/exit"]).says(1, "NO-GO");
    bench
        .check(&["--gate", "pilot/exit", "--started", "10m"])
        .says(
            3,
            "window runs, complete in 10m (2026-11-20T00:10:00Z); nothing speaks against it",
        );
    bench
        .check(&["--gate", "pilot/exit", "--started", "2h"])
        .says(4, "STOP")
        .says(4, "Disable flag checkout.v2 (@ops, 2m)");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn of_several_gates_the_worst_counts() {
    let bench = bench();
    bench.check(&["--all"]).says(1, "wave/exit");
    // Of the stage before, only `--started` says that it began: no entry rests on that unless no ledger is kept.
    let before = ["--before", "wave"];
    bench.check(&before).says(3, "exit of pilot");
    let bare = [&before[..], &["--no-ledger"]].concat();
    bench.check(&bare).says(0, "wave/entry");
    bench
        .check(&[
            "--no-ledger",
            "--gate",
            "wave/entry",
            "--gate",
            "pilot/exit",
        ])
        .says(0, "pilot/exit");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m1_a_stage_without_a_start_has_no_exit_but_a_look_shows_the_last_window() {
    let bench = bench();
    let check = ["check", "plan.yaml", "--at", AT, "--gate", "pilot/exit"];
    bench
        .workplace
        .gate(&check)
        .says(
            3,
            "pilot has not begun: record its start, or pass `--started TIME`",
        )
        .says(3, "measured anyway: p95 of 81 points is 180ms");
    bench
        .check(&["--gate", "pilot/exit", "--trailing"])
        .says(
            0,
            "20m trailing window, 2026-11-19T23:40:00Z to 2026-11-20T00:00:00Z",
        )
        .says(0, "nothing rests on it");
    let trailing = plan(bench.server.url())
        .replace("    window: 20m", "    observe: trailing\n    window: 20m");
    bench.workplace.write("plan.yaml", trailing);
    bench
        .workplace
        .gate(&check)
        .says(0, "20m trailing window")
        .never_says("nothing rests on it");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn the_same_plan_judges_alike_on_every_server() {
    let servers = [
        prometheus(Version::V2_42, &samples()),
        prometheus(Version::V3_5, &samples()),
        victoria_metrics(&samples()),
    ];
    for server in &servers {
        let workplace = Workplace::with_plan(&plan(server.url()));
        workplace
            .gate(&[
                "check",
                "plan.yaml",
                "--at",
                AT,
                "--started",
                "20m",
                "--before",
                "wave",
                "--no-ledger",
            ])
            .says(0, "GO");
        let evidence = workplace.evidence();
        let series = &evidence["gates"][0]["criteria"][1]["series"][0];
        assert_eq!(series["points"]["measured"], 81, "{}", server.url());
        assert_eq!(series["max"], 0.0004, "{}", server.url());
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn another_source_and_another_value_of_a_variable() {
    let bench = bench();
    let url = bench.server.url().to_owned();
    let text = fs::read_to_string(bench.workplace.path().join("plan.yaml"))
        .expect("plan")
        .replace(&url, "${NOWHERE_URL}");
    bench.workplace.write("plan.yaml", text);
    bench
        .check(&["--gate", "pilot/exit"])
        .says(2, "NOWHERE_URL");
    bench
        .check(&["--gate", "pilot/exit", "--source", &url])
        .says(0, "GO");
    let arguments = [
        "check",
        "plan.yaml",
        "--at",
        AT,
        "--gate",
        "pilot/exit",
        "--started",
        "20m",
    ];
    bench
        .workplace
        .gate_with(&arguments, &[("NOWHERE_URL", &url)])
        .says(0, "GO");
    bench
        .check(&[
            "--gate",
            "wave/entry",
            "--source",
            &url,
            "--var",
            "site=LEJ2",
        ])
        .says(1, "180ms");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn evidence_is_written_whatever_the_verdict() {
    let bench = bench();
    for (more, verdict, code) in [
        (["--gate", "pilot/exit"], "GO", 0),
        (["--gate", "wave/exit"], "NO-GO", 1),
    ] {
        bench.check(&more);
        let stem = format!("20261120T000000Z-{}", verdict.to_lowercase());
        let folder = bench.workplace.path().join("plan.evidence");
        let json: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join(format!("{stem}.json"))).expect("json"))
                .expect("JSON");
        assert_eq!(
            (
                json["schema"].as_str(),
                json["verdict"].as_str(),
                json["exit_code"].as_i64()
            ),
            (Some("gate.evidence/v1"), Some(verdict), Some(code))
        );
        assert_eq!(json["answers"]["path"], format!("{stem}.answers.json.gz"));
        assert!(
            json["sources"][0]["server"]["version"]
                .as_str()
                .is_some_and(|version| version.starts_with("3."))
        );
        let text = fs::read_to_string(folder.join(format!("{stem}.txt"))).expect("text");
        assert!(text.starts_with(verdict), "{text}");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn the_recorded_digests_are_those_of_the_files() {
    let bench = bench();
    bench.check(&["--gate", "pilot/exit"]);
    let evidence = bench.workplace.evidence();
    let digest = |path: &str| {
        let output = Command::new("sha256sum")
            .arg(bench.workplace.path().join(path))
            .output()
            .expect("sha256sum");
        String::from_utf8(output.stdout).expect("text")[..64].to_owned()
    };
    assert_eq!(evidence["plan"]["sha256"], digest("plan.yaml"));
    let answers = evidence["answers"]["path"].as_str().expect("a path");
    assert_eq!(
        evidence["answers"]["sha256"],
        digest(&format!("plan.evidence/{answers}"))
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_second_check_in_the_same_second_gets_its_own_name() {
    let bench = bench();
    for _ in 0..3 {
        bench.check(&["--gate", "pilot/exit"]).says(0, "GO");
    }
    assert_eq!(bench.workplace.files("plan.evidence", ".json").len(), 3);
    assert_eq!(bench.workplace.files("plan.evidence", ".txt").len(), 3);
    assert_eq!(
        bench
            .workplace
            .files("plan.evidence", ".answers.json.gz")
            .len(),
        3
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn judging_again_from_the_recorded_answers_gives_the_same_bytes() {
    let bench = bench();
    for (more, name) in [
        (vec!["--gate", "pilot/exit"], "go"),
        (vec!["--gate", "pilot/exit", "--started", "2h"], "stop"),
        (vec!["--gate", "pilot/exit", "--started", "10m"], "hold"),
        (vec!["--gate", "wave/entry", "--var", "site=LEJ2"], "no-go"),
    ] {
        let first = bench.check(&more);
        let answers = format!("plan.evidence/20261120T000000Z-{name}.answers.json.gz");
        let again = bench.workplace.gate(&[
            "check",
            "plan.yaml",
            "--replay",
            &answers,
            "--evidence",
            "again",
        ]);
        again.says(first.code, "judged again from recorded answers");
        for ending in ["json", "txt", "answers.json.gz"] {
            let file = |folder: &str| {
                fs::read(
                    bench
                        .workplace
                        .path()
                        .join(folder)
                        .join(format!("20261120T000000Z-{name}.{ending}")),
                )
                .expect(ending)
            };
            assert!(file("plan.evidence") == file("again"), "{name}.{ending}");
        }
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn recorded_answers_are_read_uncompressed_too_and_a_changed_plan_is_reported() {
    let bench = bench();
    bench.check(&["--gate", "pilot/exit"]);
    let answers = bench
        .workplace
        .files("plan.evidence", ".answers.json.gz")
        .remove(0);
    let plain = Command::new("zcat")
        .arg(answers)
        .output()
        .expect("zcat")
        .stdout;
    let parsed: serde_json::Value = serde_json::from_slice(&plain).expect("one JSON document");
    assert_eq!(parsed["schema"], "gate.answers/v1");
    bench.workplace.write("plain.json", plain);
    bench
        .workplace
        .gate(&["check", "plan.yaml", "--replay", "plain.json"])
        .says(0, "GO");
    let stricter = plan(bench.server.url()).replace("< 0.1%", "< 0.01%");
    bench.workplace.write("plan.yaml", stricter);
    bench
        .workplace
        .gate(&["check", "plan.yaml", "--replay", "plain.json"])
        .says(1, "the plan has changed since its answers were recorded");
    let other = plan(bench.server.url()).replace("query: errors", "query: errors * 2");
    bench.workplace.write("plan.yaml", other);
    bench
        .workplace
        .gate(&["check", "plan.yaml", "--replay", "plain.json"])
        .says(3, "HOLD");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn json_is_the_evidence_document_and_nothing_else() {
    let bench = bench();
    let finished = bench.check(&["--gate", "wave/exit", "--format", "json"]);
    assert_eq!(
        finished.code, 1,
        "the exit code never depends on the output format"
    );
    let written = fs::read_to_string(bench.workplace.files("plan.evidence", ".json").remove(0))
        .expect("evidence");
    assert_eq!(finished.out, written);
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn answers_are_left_out_on_request_and_the_evidence_says_so() {
    let bench = bench();
    bench
        .check(&["--gate", "pilot/exit", "--no-answers"])
        .says(0, "--no-answers");
    assert!(
        bench
            .workplace
            .files("plan.evidence", ".answers.json.gz")
            .is_empty()
    );
    assert!(
        bench.workplace.evidence()["answers"]["left_out"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty())
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn several_plans_in_one_call_each_with_its_evidence() {
    let bench = bench();
    bench.workplace.write(
        "other.yaml",
        plan(bench.server.url()).replace("< 0.1%", "< 0.01%"),
    );
    let finished = bench.workplace.gate(&[
        "check",
        "plan.yaml",
        "other.yaml",
        "--at",
        AT,
        "--started",
        "20m",
        "--gate",
        "pilot/exit",
    ]);
    finished.says(1, "GO plan.yaml").says(1, "NO-GO other.yaml");
    assert_eq!(bench.workplace.files("other.evidence", ".json").len(), 1);
    assert_eq!(bench.workplace.evidence()["verdict"], "GO");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn if_one_plan_of_several_is_wrong_nothing_is_judged() {
    let bench = bench();
    bench.workplace.write("other.yaml", "release: x\n");
    bench
        .workplace
        .gate(&["check", "plan.yaml", "other.yaml", "--at", AT])
        .says(2, "the plan other.yaml has");
    assert!(bench.workplace.files("plan.evidence", "").is_empty());
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_span_beyond_what_servers_allow_is_joined_without_a_gap() {
    let times = (T - 50 * 3600..=T).step_by(15);
    let server = prometheus(
        Version::V3_5,
        &[Series::new(
            "up",
            times.map(|at| (at, f64::from(u32::try_from(at % 997).expect("small")))),
        )],
    );
    let text = format!(
        "release: x\nsource: {}\nkpis: {{up: {{query: up, step: 15s}}}}\nstages: [{{name: a, window: 50h, exit: {{kpis: {{up: \">= 0\"}}}}}}]\n",
        server.url()
    );
    let workplace = Workplace::with_plan(&text);
    workplace
        .gate(&["check", "plan.yaml", "--at", AT, "--trailing"])
        .says(0, "GO");
    let points = &workplace.evidence()["gates"][0]["criteria"][0]["series"][0]["points"];
    assert_eq!(
        (points["expected"].as_u64(), points["measured"].as_u64()),
        (Some(12_001), Some(12_001))
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_query_that_uses_the_window_is_sent_once() {
    let server = prometheus(Version::V2_42, &samples());
    let text = format!(
        "release: x\nsource: {}\nkpis: {{peak: {{query: 'max_over_time(errors[$window])', unit: ratio}}}}\nstages: [{{name: a, window: 20m, exit: {{kpis: {{peak: \"< 1%\"}}}}}}, {{name: b, window: 1h, exit: {{kpis: {{peak: \"< 1%\"}}}}}}]\n",
        server.url()
    );
    let workplace = Workplace::with_plan(&text);
    workplace
        .gate(&[
            "check",
            "plan.yaml",
            "--at",
            AT,
            "--trailing",
            "--gate",
            "a/exit",
        ])
        .says(0, "GO");
    workplace
        .gate(&[
            "check",
            "plan.yaml",
            "--at",
            AT,
            "--trailing",
            "--gate",
            "b/exit",
        ])
        .says(1, "3.1%");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn baselines_by_offset_by_variables_and_from_a_file() {
    let bench = bench();
    let text = |baseline: &str| {
        format!(
            "release: x\nsource: {}\nvars: {{site: BER1}}\nkpis: {{latency: {{query: 'latency{{site=\"$site\"}}', unit: seconds, baseline: {baseline}}}}}\nstages: [{{name: a, window: 20m, exit: {{kpis: {{latency: \"<= baseline + 10%\"}}}}}}]\n",
            bench.server.url()
        )
    };
    let check = |baseline: &str, more: &[&str]| {
        bench.workplace.write("plan.yaml", text(baseline));
        bench.check(more)
    };
    check("{offset: 1h}", &[]).says(0, "GO");
    check("{vars: {site: LEJ2}}", &[]).says(0, "GO");
    check("{vars: {site: LEJ2}}", &["--var", "site=LEJ2"]).says(2, "compared with itself");
    check(
        "{from: 2026-11-19T22:00:00Z, to: 2026-11-19T23:00:00Z}",
        &[],
    )
    .says(0, "GO");
    check("{before: 30m}", &["--started", "20m"]).says(0, "GO");
    check("{before: 30m}", &["--trailing"])
        .says(3, "the start of the stage is not recorded: pass --started");
    check("{offset: 30d}", &[]).says(3, "the baseline is unknown");
    check("{file: base.json}", &[]).says(3, "base.json");
    let capture = [
        "capture",
        "plan.yaml",
        "--from",
        "1795125600",
        "--to",
        AT,
        "-o",
        "base.json",
    ];
    bench.workplace.gate(&capture).says(
        0,
        "captured 1 query from 2026-11-19T22:00:00Z to 2026-11-20T00:00:00Z",
    );
    check("{file: base.json}", &[]).says(0, "GO");
    check("{file: base.json}", &["--var", "site=LEJ2"]).says(3, "answers another query");
    check(
        "{file: base.json}, accept: baseline-differs",
        &["--var", "site=LEJ2"],
    )
    .says(1, "180ms");
    bench.workplace.gate(&capture).says(
        5,
        "base.json already exists, and a baseline is never overwritten",
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn validate_looks_at_plans_with_and_without_a_server() {
    let bench = bench();
    let validate = |more: &[&str]| {
        bench
            .workplace
            .gate(&[&["validate", "plan.yaml"], more].concat())
    };
    validate(&[]).says(
        0,
        "plan.yaml: valid (2 stages, 5 gates, 8 criteria, 2 KPIs); queries not asked (--online)",
    );
    assert_eq!(validate(&[]).out, "", "validate writes to standard error");
    let now = plan(bench.server.url()).replace(
        "query: errors,",
        "query: 'sum by (nothing) (rate(errors[5m])) / on() group_right() vector(1)',",
    );
    bench.workplace.write("plan.yaml", now);
    validate(&["--online"]).says(0, "warning: the query finds no series");
    bench.workplace.write(
        "plan.yaml",
        plan(bench.server.url()).replace("query: errors,", "query: 'nothing_such(errors)',"),
    );
    validate(&["--online"]).says(2, "refused the query");
    bench
        .workplace
        .write("plan.yaml", plan("http://127.0.0.1:1"));
    validate(&["--online"]).says(3, "the query could not be tried");
    let slow = plan(bench.server.url()).replace("query: errors,", "query: 'rate(errors[15s])',");
    bench.workplace.write("plan.yaml", slow);
    validate(&[]).says(0, "warning");
}

#[test]
fn an_interrupted_check_says_what_was_decided_and_leaves_whole_files() {
    let server = Faulty::new(|_, _| std::thread::sleep(Duration::from_mins(1)));
    let workplace = Workplace::with_plan(&plan(server.url()));
    let arguments = [
        "check",
        "plan.yaml",
        "--at",
        AT,
        "--trailing",
        "--gate",
        "pilot/exit",
    ];
    let mut command = workplace.command(&arguments, &[]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("gate runs");
    while server.seen().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.expect("kill").success());
    let output = child.wait_with_output().expect("gate ends");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("HOLD"));
    let evidence = workplace.evidence();
    assert_eq!(evidence["verdict"], "HOLD");
    assert_eq!(evidence["gates"][0]["criteria"][0]["code"], "interrupted");
}
