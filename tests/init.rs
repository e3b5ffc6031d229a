//! `gate init`: a plan to start from, and everything that can be wrong with what it is started from (I1 to I11).

mod metrics;
mod real;
mod rows;

use std::fs;

use crate::support::faulty::{Faulty, answer};
use crate::support::program::{Finished, Workplace, finished};
use metrics::{Held, Measured, form, held, server};

const AT: &str = "1795132800";

/// An HTTP service of three sites.
fn shop() -> Vec<Held> {
    let mut all = Vec::new();
    for site in ["BER1", "HAM1", "MUC1", "CGN1", "LEJ1"] {
        for code in ["200", "404", "500"] {
            all.push(held(&format!(
                "http_requests_total{{job=shop-api,site={site},code={code}}}"
            )));
        }
        for le in ["0.1", "1", "10", "+Inf"] {
            all.push(held(&format!(
                "http_request_duration_seconds_bucket{{job=shop-api,site={site},le={le}}}"
            )));
        }
        all.push(held(&format!(
            "http_request_duration_seconds_count{{job=shop-api,site={site}}}"
        )));
        all.push(held(&format!(
            "http_request_duration_seconds_sum{{job=shop-api,site={site}}}"
        )));
    }
    all.push(held(
        "webhook_last_received_timestamp_seconds{job=shop-api}",
    ));
    all.push(held("process_cpu_seconds_total{job=shop-api}"));
    all.push(held("bench_gauge{job=shop-api}"));
    all
}

fn init(workplace: &Workplace, source: &str, more: &[&str]) -> Finished {
    let own = ["init", "--source", source, "--at", AT];
    let all: Vec<&str> = own.iter().chain(more).copied().collect();
    workplace.gate(&all)
}

const YES: [&str; 3] = ["--yes", "--match", "{job=\"shop-api\"}"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    YES.iter().chain(more).copied().collect()
}

#[test]
fn f5_the_worked_example_of_each_template_is_written_and_validates() {
    for template in ["canary", "pilot", "batch", "staged", "minimal"] {
        let workplace = Workplace::new();
        let run = workplace.gate(&["init", "--template", template, "--no-source"]);
        run.says(
            0,
            &format!("plan.yaml: the worked example of the template {template}"),
        );
        run.says(
            0,
            "next: edit plan.yaml, then gate validate plan.yaml --online",
        );
        workplace
            .gate(&["validate", "plan.yaml"])
            .says(0, "plan.yaml: valid");
        let before = fs::read(workplace.path().join("plan.yaml")).expect("the plan");
        let again = workplace.gate(&["init", "--template", template, "--no-source"]);
        again.says(5, "nothing was written: `plan.yaml` already exists");
        let after = fs::read(workplace.path().join("plan.yaml")).expect("the plan");
        assert_eq!(before, after);
        let printed = workplace.gate(&["init", "--template", template, "--no-source", "-o", "-"]);
        assert_eq!(
            (printed.code, printed.out.as_bytes()),
            (0, before.as_slice())
        );
    }
}

#[test]
fn bad_input_is_refused_before_anything_is_asked() {
    let workplace = Workplace::new();
    workplace.write("there.yaml", "mine");
    workplace.write(
        "inline.yaml",
        "basic_auth: {username: ada, password: geheim-1234}\n",
    );
    workplace.write("list.yaml", "- 1\n");
    let asked = Faulty::answering(|_| answer("500 Error", "text/plain", "asked"));
    let cases: [(&[&str], i32, &str); 12] = [
        (
            &["--yes", "-o", "there.yaml"],
            5,
            "`there.yaml` already exists",
        ),
        (
            &["--yes", "-o", "away/plan.yaml"],
            5,
            "`away/plan.yaml` cannot be written",
        ),
        (
            &["--template", "canary"],
            2,
            "these are missing: --service NAME or --match SELECTOR; --yes takes defaults",
        ),
        (&["--service", "a"], 2, "these are missing: --template NAME"),
        (&["--yes", "--stages", "5,1"], 2, "`1` does not rise"),
        (
            &["--yes", "--stages", "50,150"],
            2,
            "`150` is more than all of the traffic",
        ),
        (
            &["--yes", "--template", "pilot", "--stages", "5,50"],
            2,
            "the stages of the template pilot are no shares of traffic",
        ),
        (
            &["--yes", "--match", "up"],
            2,
            "--match up is not in braces",
        ),
        (
            &["--yes", "--http-config", "inline.yaml"],
            2,
            "holds a password, which a plan must not",
        ),
        (
            &["--yes", "--http-config", "list.yaml"],
            2,
            "holds no settings",
        ),
        (
            &["--yes", "--control", "track=a", "--canary", "version=b"],
            2,
            "name two values of one label",
        ),
        (
            &["--yes", "--control", "track=a", "--canary", "track=a"],
            2,
            "the same series",
        ),
    ];
    for (more, code, sentence) in cases {
        let run = init(&workplace, asked.url(), more);
        run.says(code, sentence).never_says("geheim-1234");
    }
    let secret = asked.url().replace("http://", "http://ada:geheim-1234@");
    let run = init(&workplace, &secret, &["--yes"]);
    run.says(2, "--source holds a user or a password")
        .never_says("geheim-1234");
    let run = workplace.gate(&["init", "--template", "canary"]);
    run.says(
        2,
        "these are missing: --source URL, --service NAME or --match SELECTOR",
    );
    let run = workplace.gate(&["init", "--yes"]);
    run.says(2, "these are missing: --source URL;");
    let ahead = workplace.gate(&[
        "init",
        "--source",
        asked.url(),
        "--yes",
        "--at",
        "4102444800",
    ]);
    ahead.says(2, "lies ahead");
    assert!(asked.seen().is_empty(), "{:?}", asked.seen());
    assert_eq!(
        fs::read(workplace.path().join("there.yaml")).expect("mine"),
        b"mine"
    );
    assert!(!workplace.path().join("plan.yaml").exists());
}

#[test]
fn a_source_that_does_not_answer_is_said_in_its_own_words() {
    let workplace = Workplace::new();
    let cases: [(&str, &str, &str, &str); 3] = [
        (
            "401 Unauthorized",
            "text/plain",
            "who are you",
            "answered 401",
        ),
        ("403 Forbidden", "text/plain", "not you", "answered 403"),
        (
            "200 OK",
            "text/html",
            "<html><title>Sign in</title></html>",
            "Sign in",
        ),
    ];
    for (status, kind, body, said) in cases {
        let (status, kind, body) = (status.to_owned(), kind.to_owned(), body.to_owned());
        let source = Faulty::answering(move |_| answer(&status, &kind, &body));
        init(&workplace, source.url(), &["--yes"]).says(3, said);
    }
    let refused = r#"{"status":"error","errorType":"bad_data","error":"invalid parameter \"match[]\": 1:6: parse error: unexpected \"}\""}"#;
    let source = Faulty::answering(move |_| answer("400 Bad Request", "application/json", refused));
    let run = init(&workplace, source.url(), &["--yes", "--match", "{job=}"]);
    run.says(2, "--match is refused");
    assert!(run.err.contains("\n  {job=}\n       ^"), "{}", run.err);
    assert!(!workplace.path().join("plan.yaml").exists());
}

#[test]
fn what_nothing_has_is_named_with_what_comes_near() {
    let workplace = Workplace::new();
    let mut series = shop();
    series.push(held("jobs_total{app=worker,job=worker}"));
    let source = server(series, Measured::default());
    let run = init(&workplace, source.url(), &["--yes", "--service", "shop-ap"]);
    run.says(
        2,
        "no series of the last hour is of the service shop-ap; the nearest are shop-api",
    );
    let run = init(&workplace, source.url(), &["--yes", "--service", "worker"]);
    run.says(
        2,
        "worker is the value of several labels: say which is meant",
    );
    for line in ["--match '{job=\"worker\"}'", "--match '{app=\"worker\"}'"] {
        assert!(run.err.contains(line), "{}", run.err);
    }
    let run = init(
        &workplace,
        source.url(),
        &["--yes", "--match", "{job=\"shop-apy\"}"],
    );
    run.says(
        2,
        "no series of the last hour matches {job=\"shop-apy\"}; the nearest are shop-api",
    );
    let run = init(
        &workplace,
        source.url(),
        &["--yes", "--match", "{job=\"worker\"}"],
    );
    run.says(3, "no metric was found that a plan could ask about: jobs_total: nothing says what it measures");
    let run = init(&workplace, source.url(), &with(&["--sites", "shelf"]));
    run.says(2, "no series of the last hour has the label shelf");
    let many: Vec<Held> = (0..20_001)
        .map(|one| held(&format!("m{one}_total{{job=x}}")))
        .collect();
    let source = server(many, Measured::default());
    init(&workplace, source.url(), &["--yes"])
        .says(2, "more than 20,000 metric names: narrow with --match");
}

#[test]
fn the_same_source_and_time_give_the_same_bytes_in_few_requests() {
    let source = server(shop(), Measured::default());
    let mut plans = Vec::new();
    for _ in 0..2 {
        let workplace = Workplace::new();
        let before = source.seen().len();
        let run = init(
            &workplace,
            source.url(),
            &with(&["--template", "canary", "--since", "1d"]),
        );
        run.says(
            0,
            "plan.yaml: 5 stages, 4 KPIs, valid, every query answered",
        );
        run.says(
            0,
            "next: gate backtest plan.yaml --from 24h, then gate start plan.yaml canary-1",
        );
        let asked: Vec<_> = source.seen()[before..].iter().map(form).collect();
        let lists = asked.iter().filter(|(path, _)| path == "/api/v1/series");
        for (_, form) in lists {
            let selector = form
                .iter()
                .find(|(key, _)| key == "match[]")
                .expect("a selector");
            assert!(
                !selector.1.starts_with('{'),
                "of one metric: {}",
                selector.1
            );
        }
        plans.push(fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan"));
    }
    assert_eq!(plans[0], plans[1]);
    let workplace = Workplace::new();
    let before = source.seen().len();
    let run = init(
        &workplace,
        source.url(),
        &[
            "--yes",
            "--service",
            "shop-api",
            "--sites",
            "site",
            "--list",
        ],
    );
    run.says(0, "per site: 5");
    let count = source.seen().len() - before;
    assert!(count <= 40, "{count} requests");
    assert!(!workplace.path().join("plan.yaml").exists());
}

#[test]
fn a_server_that_ignores_the_limit_is_not_read_to_its_end() {
    let mut series = shop();
    series.extend((0..2_000).map(|one| {
        held(&format!(
            "http_requests_total{{job=shop-api,code=200,pod=p{one}}}"
        ))
    }));
    let all = series.clone();
    let limited = server(series, Measured::default());
    let boundless = Faulty::answering(move |asked| {
        let mut asked = asked.clone();
        asked.head = asked.head.replace("limit=", "nothing=");
        metrics::respond_to(&all, Measured::default(), &asked)
    });
    let plans = [limited, boundless].map(|source| {
        let workplace = Workplace::new();
        init(
            &workplace,
            source.url(),
            &with(&["--template", "minimal", "--no-history"]),
        )
        .says(0, "valid, every query answered");
        let text = fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan");
        text.replace(&source.url()["http://".len()..], "HOST")
    });
    assert_eq!(plans[0], plans[1]);
}

/// Every line that a limit or a length stands in says why, on itself or right above.
fn each_number_says_why(plan: &str) {
    let mut above = false;
    let (_, judged) = plan.split_once("\ndefaults:\n").expect("the defaults");
    for line in judged.lines() {
        let is_comment = line.trim_start().starts_with('#');
        // Names of stages, sites and severities.
        let is_name = ["- name:", "cohort:", "incidents:", "no_incidents:"]
            .iter()
            .any(|key| line.trim_start().starts_with(key));
        let has_number = line.chars().any(|c| c.is_ascii_digit());
        assert!(
            is_comment || is_name || !has_number || above || line.contains('#'),
            "{line}\n{plan}"
        );
        above = is_comment;
    }
}

#[test]
fn each_template_gives_a_plan_that_validates_and_says_what_each_number_rests_on() {
    let source = server(shop(), Measured::default());
    for template in ["canary", "pilot", "batch", "staged", "minimal"] {
        for more in [
            &["--no-history"][..],
            &["--no-history", "--sites", "site"][..],
        ] {
            let workplace = Workplace::new();
            let mut all = with(&["--template", template]);
            all.extend(more);
            let run = init(&workplace, source.url(), &all);
            run.says(0, "valid, every query answered")
                .never_says("warning");
            let plan = fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan");
            each_number_says_why(&plan);
            let limits = plan
                .lines()
                .filter(|line| line.contains("error_rate: \"") || line.contains("latency_p95: \""));
            for line in limits {
                assert!(line.contains("baseline"), "{line}");
            }
        }
    }
}

#[test]
fn an_hour_of_history_gives_relative_conditions_alone() {
    let young = Measured {
        past: 3700.0,
        ..Measured::default()
    };
    let source = server(shop(), young);
    let workplace = Workplace::new();
    let run = init(&workplace, source.url(), &with(&["--template", "canary"]));
    run.says(
        0,
        "limits none from the past (1h of history are less than a day)",
    );
    let plan = fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan");
    each_number_says_why(&plan);
    assert!(plan.contains("baseline: { before: 1h }"), "{plan}");
    assert!(
        plan.contains("error_rate: \"> baseline + max(1pp, 100%) for 10m\""),
        "{plan}"
    );
}

/// Canary and control, both with traffic.
fn versions() -> Vec<Held> {
    let mut all = Vec::new();
    for track in ["canary", "stable"] {
        for code in ["200", "500"] {
            all.push(held(&format!(
                "http_requests_total{{job=shop-api,track={track},code={code}}}"
            )));
        }
    }
    all
}

#[test]
fn two_versions_are_compared_where_somebody_says_so_and_never_assumed() {
    let both = Measured {
        both_run: true,
        ..Measured::default()
    };
    let source = server(versions(), both);
    let workplace = Workplace::new();
    let run = init(
        &workplace,
        source.url(),
        &with(&["--template", "canary", "--since", "1d"]),
    );
    run.says(
        0,
        "two versions have traffic by track: canary, stable; --canary and --control compare them",
    );
    let plan = fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan");
    assert!(
        !plan.contains("at 95%") && !plan.contains("$track"),
        "{plan}"
    );
    let named = [
        "--template",
        "canary",
        "--canary",
        "track=canary",
        "--control",
        "track=stable",
        "-o",
        "named.yaml",
        "--since",
        "1d",
    ];
    init(&workplace, source.url(), &with(&named)).says(0, "valid, every query answered");
    let named = fs::read_to_string(workplace.path().join("named.yaml")).expect("the plan");
    each_number_says_why(&named);
    for text in [
        "vars: { track: canary }",
        "baseline: { vars: { track: stable } }",
        "track=\"$track\"",
        "at 95%",
        "window: 2h",
    ] {
        assert!(named.contains(text), "{text}\n{named}");
    }
    let gate = env!("CARGO_BIN_EXE_gate");
    let line = format!(
        "exec {gate} init --source {} --at {AT} --match '{{job=\"shop-api\"}}' --template canary --since 1d -o x.yaml",
        source.url()
    );
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &line, "/dev/null"]);
    script
        .current_dir(workplace.path())
        .stdin(std::process::Stdio::piped());
    script
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = script.spawn().expect("script, of util-linux");
    let mut input = child.stdin.take().expect("its input");
    std::io::Write::write_all(&mut input, b"canary\n").expect("an answer");
    let run = finished(&child.wait_with_output().expect("its output"));
    drop(input);
    assert!(run.out.contains("which is the canary"), "{}", run.out);
    let asked = fs::read_to_string(workplace.path().join("x.yaml")).expect("the plan");
    assert_eq!(asked, named.replace("named.yaml", "x.yaml"));
}

#[test]
fn credentials_are_referred_to_and_never_written() {
    let token = "geheim-9876543210";
    let all = shop();
    let source = Faulty::answering(move |asked| {
        if asked
            .head
            .to_ascii_lowercase()
            .contains("authorization: bearer geheim-9876543210")
        {
            metrics::respond_to(&all, Measured::default(), asked)
        } else {
            answer("401 Unauthorized", "text/plain", "who are you")
        }
    });
    let workplace = Workplace::new();
    workplace.write("token", token);
    workplace.write("http.yaml", "authorization:\n  credentials_file: token\n");
    let run = init(
        &workplace,
        source.url(),
        &with(&[
            "--template",
            "minimal",
            "--http-config",
            "http.yaml",
            "--no-history",
        ]),
    );
    run.says(0, "valid, every query answered").never_says(token);
    let plan = fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan");
    assert!(
        plan.contains(r#"http_config: {"authorization":{"credentials_file":"token"}}"#),
        "{plan}"
    );
    assert!(!plan.contains(token));
}

#[test]
fn metadata_is_never_asked() {
    let source = server(shop(), Measured::default());
    let workplace = Workplace::new();
    init(&workplace, source.url(), &with(&["--list"]))
        .says(0, "http_requests_total{code=~\"5..\"} of all");
    let asked = source.seen();
    assert!(asked.iter().all(|asked| !asked.head.contains("metadata")));
}
