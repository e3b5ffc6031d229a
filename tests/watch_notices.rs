//! Who is told of a verdict, and what becomes of it (W16 to W18): against receivers on loopback, by `gate check --notify` and `gate
//! watch`.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::faulty::{Faulty, Received, answer};
use crate::support::live::{Live, Mood};
use crate::support::program::{Finished, Workplace};
use crate::support::tls::Authority;
use crate::watch::{Watching, entries};

const CANARY: &str = "c4nary-s3cret";

/// A stage that runs and has a stop that tripped: an incident that is open.
fn stopped(notify: &str) -> Workplace {
    let place = Workplace::with_plan(&format!(
        "release: {{ name: R1, version: 1.0.0 }}\nrollback: [{{ do: Disable the flag, takes: 2m }}]\nstages:\n  - name: pilot\n    entry: {{ confirmations: [ready] }}\n    stop: {{ incidents: {{ open: [sev1] }} }}\n    exit: {{ confirmations: [lead] }}\n{notify}"
    ));
    place
        .gate(&["confirm", "plan.yaml", "ready"])
        .says(0, "confirmed");
    place
        .gate(&["check", "plan.yaml"])
        .says(0, "GO pilot/entry");
    place
        .gate(&["start", "plan.yaml", "pilot"])
        .says(0, "pilot began");
    let opened = [
        "incident",
        "plan.yaml",
        "open",
        "--severity",
        "sev1",
        "--description",
        "x",
    ];
    place.gate(&opened);
    place
}

const CHECK: [&str; 3] = ["check", "plan.yaml", "--notify"];

/// Answers one request after the other with these statuses and further headers, the last one from then on.
fn receiver(answers: &'static [(&'static str, &'static str)]) -> Faulty {
    let count = Mutex::new(0);
    Faulty::answering(move |_| {
        let mut count = count.lock().expect("a number");
        let (status, header) = answers[(*count).min(answers.len() - 1)];
        *count += 1;
        format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n")
            .into_bytes()
    })
}

fn events(seen: &[Received]) -> Vec<Value> {
    let bodies = seen.iter();
    bodies
        .map(|asked| serde_json::from_str(&asked.body).expect("JSON"))
        .collect()
}

#[test]
fn w16_a_verdict_is_told_once_and_again_while_the_receiver_is_ill() {
    let ops = receiver(&[("503 Service Unavailable", ""), ("200 OK", "")]);
    let place = stopped(&format!(
        "notify:\n  - webhook: {}/hooks/gate\n    http_config: {{ authorization: {{ credentials_file: key }} }}\n",
        ops.url()
    ));
    place.write("key", CANARY);
    let told = place.gate(&CHECK);
    told.says(4, "STOP pilot/exit").never_says("not told");
    let seen = ops.seen();
    assert_eq!(seen.len(), 2, "{seen:?}");
    for asked in &seen {
        let head = asked.head.to_ascii_lowercase();
        assert!(head.starts_with("post /hooks/gate http/1.1"), "{head}");
        assert!(
            head.contains("content-type: application/cloudevents+json"),
            "{head}"
        );
        assert!(
            head.contains(&format!("authorization: bearer {CANARY}")),
            "{head}"
        );
    }
    assert_eq!(seen[0].body, seen[1].body);
    let event = &events(&seen)[1];
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["type"], "gate.verdict.changed");
    assert_eq!(event["source"], "gate/R1/pilot");
    assert_eq!(event["subject"], "pilot/exit");
    assert_eq!(event["id"].as_str().map(str::len), Some(64));
    let data = &event["data"];
    assert_eq!(
        (&data["verdict"], &data["exit_code"]),
        (&json!("STOP"), &json!(4))
    );
    assert_eq!(
        data["rollback"],
        json!([{"do": "Disable the flag", "owner": null, "takes": "2m"}])
    );
    assert!(
        data["next"]
            .as_str()
            .is_some_and(|next| next.starts_with("gate pause")),
        "{data}"
    );
    let record = data["evidence"]["path"].as_str().expect("a path");
    assert!(place.path().join(record).is_file(), "{record}");
    // The same verdict again is no news.
    place.gate(&CHECK).says(4, "STOP pilot/exit");
    assert_eq!(ops.seen().len(), 2);
}

#[test]
fn w16_retry_after_is_obeyed_and_what_is_refused_is_not_tried_again() {
    let busy = receiver(&[
        ("429 Too Many Requests", "Retry-After: 3\r\n"),
        ("204 No Content", ""),
    ]);
    let gone = receiver(&[("410 Gone", "")]);
    let place = stopped(&format!(
        "notify: [{{ webhook: '{}/a' }}, {{ slack: '{}/b' }}]\n",
        busy.url(),
        gone.url()
    ));
    let begin = Instant::now();
    place
        .gate(&CHECK)
        .says(
            4,
            "not told: slack 127.0.0.1 of gate.verdict.changed: answered 410",
        )
        .never_says("webhook 127.0.0.1");
    assert!(
        begin.elapsed() >= Duration::from_secs(3),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!((busy.seen().len(), gone.seen().len()), (2, 1));
    let slack = &events(&gone.seen())[0]["text"];
    assert_eq!(
        slack.as_str().map(|text| text.lines().count()),
        Some(5),
        "{slack}"
    );
}

#[test]
fn w16_a_receiver_that_hangs_or_asks_for_too_much_time_is_given_up_within_its_timeout() {
    let hangs = Faulty::new(|_, _| std::thread::sleep(Duration::from_secs(10)));
    let busy = receiver(&[("503 Service Unavailable", "Retry-After: 3600\r\n")]);
    let closed = "http://127.0.0.1:1/x";
    let place = stopped(&format!(
        "notify: [{{ webhook: '{}', timeout: 2s }}, {{ webhook: '{}', timeout: 2s }}, {{ slack: '{closed}', timeout: 2s }}]\n",
        hangs.url(),
        busy.url()
    ));
    let begin = Instant::now();
    let told = place.gate(&CHECK);
    told.says(4, "no answer within 2s")
        .says(4, "answered 503; given up, its timeout is 2s")
        .says(4, "cannot be reached");
    assert!(
        begin.elapsed() < Duration::from_secs(8),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(busy.seen().len(), 1);
}

#[test]
fn w16_a_redirect_to_a_page_is_not_delivered() {
    let page = receiver(&[("200 OK", "")]);
    let to = format!("Location: {}/login\r\n", page.url());
    let hook = Faulty::answering(move |_| {
        format!("HTTP/1.1 302 Found\r\n{to}Content-Length: 0\r\nConnection: close\r\n\r\n")
            .into_bytes()
    });
    let place = stopped(&format!("notify: [{{ webhook: '{}/x' }}]\n", hook.url()));
    place.gate(&CHECK).says(
        4,
        "answered 302 with a redirect that does not take a POST along",
    );
    assert!(page.seen().is_empty());
}

#[test]
fn w16_a_receiver_with_a_certificate_of_a_private_authority() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (certificate, key) = authority.issue("localhost");
    let delivered = |_: &Received| answer("200 OK", "text/plain", "");
    let ops = Faulty::secure((&certificate, &key), delivered);
    let notify = |file: &str| {
        format!(
            "notify:\n  - webhook: {}/hooks\n    http_config: {{ tls_config: {{ ca_file: {file} }} }}\n    timeout: 5s\n",
            ops.url()
        )
    };
    let place = stopped(&notify("ca.pem"));
    place.write("ca.pem", authority.pem());
    place
        .gate(&CHECK)
        .says(4, "STOP pilot/exit")
        .never_says("not told");
    assert_eq!(types(&ops.seen()), ["gate.verdict.changed"]);
    // Of another authority, or of none that was named: nothing is sent.
    let stranger = stopped(&notify("other.pem"));
    stranger.write("other.pem", other.pem());
    stranger
        .gate(&CHECK)
        .says(4, "not told: webhook localhost of gate.verdict.changed");
    let unnamed = stopped(&format!(
        "notify: [{{ webhook: '{}/x', timeout: 5s }}]\n",
        ops.url()
    ));
    unnamed.gate(&CHECK).says(4, "not told: webhook localhost");
    let gone = stopped(&notify("gone.pem"));
    gone.gate(&CHECK).says(4, "not told: webhook localhost");
    assert_eq!(ops.seen().len(), 1);
}

/// Everything below a folder but what holds the secret itself.
fn contents(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all += &contents(&path);
        } else {
            all += &String::from_utf8_lossy(&fs::read(&path).expect("a file"));
        }
    }
    all
}

#[test]
fn w18_no_address_is_in_any_output_or_file() {
    // A careless receiver says all that it was sent.
    let echo = Faulty::answering(|asked| {
        answer(
            "400 Bad Request",
            "text/plain",
            &asked.head.replace("\r\n", " "),
        )
    });
    let place = stopped(
        "notify:\n  - slack: ${SLACK}\n  - { webhook: '${HOOK}', http_config: { http_headers: { X-Key: { values: ['${KEY}'] } } } }\n  - { webhook: 'http://127.0.0.1:1/${KEY}/x', timeout: 1s }\n",
    );
    let slack = format!("{}/services/T0/{CANARY}", echo.url());
    let hook = format!("{}/h?sig={CANARY}", echo.url());
    let environment = [("SLACK", slack.as_str()), ("HOOK", &hook), ("KEY", CANARY)];
    let told = place.gate_with(&CHECK, &environment);
    told.says(4, "not told: slack 127.0.0.1")
        .says(4, "not told: webhook 127.0.0.1")
        .never_says(CANARY)
        .never_says("services/T0");
    assert_eq!(echo.seen().len(), 2, "{:?}", echo.seen());
    assert!(!contents(place.path()).contains(CANARY));
}

#[test]
fn w16_a_variable_that_is_not_set_stops_only_those_who_tell() {
    let place = stopped("notify:\n  - slack: ${SLACK_WEBHOOK}\n");
    place.gate(&["check", "plan.yaml"]).says(4, "STOP");
    place.gate(&["status", "plan.yaml"]).says(0, "pilot");
    place
        .gate(&CHECK)
        .says(2, "the environment has no `SLACK_WEBHOOK`")
        .says(2, "plan.yaml:9:12");
    let place = running(
        "http://127.0.0.1:1",
        "60s",
        "notify: [{ slack: '${SLACK_WEBHOOK}' }]\n",
    );
    watch(&place, &[])
        .says(2, "the environment has no `SLACK_WEBHOOK`")
        .says(2, "plan.yaml:9:20");
    assert_eq!(entries(&place).len(), 1, "nothing has begun");
}

/// A program that leaves a mark.
fn script(place: &Workplace, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    place.write("off.sh", format!("#!/bin/sh\n{text}\n"));
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.path().join("off.sh"), mode).expect("a mode");
}

#[test]
fn w16_a_program_is_run_only_where_the_command_line_allows_it() {
    let place = stopped("notify:\n  - { exec: [./off.sh, 'shipping v2'], on: [STOP] }\n");
    script(
        &place,
        "cat > input; echo \"$1 $GATE_VERDICT $GATE_GATE\" > mark; echo \"$GATE_PLAN $GATE_EVIDENCE\" > paths; printf 'done\\033[2J\\n'",
    );
    let mark = place.path().join("mark");
    place.gate(&CHECK).says(2, "allow that with --allow-exec");
    let watched = running(
        "http://127.0.0.1:1",
        "60s",
        "notify: [{ exec: [./off.sh] }]\n",
    );
    watch(&watched, &[]).says(2, "allow that with --allow-exec");
    assert_eq!(entries(&watched).len(), 1, "nothing has begun");
    place.gate(&["validate", "plan.yaml"]).says(0, "valid");
    place.gate(&["verify", "plan.yaml"]).says(0, "");
    assert!(!mark.exists());
    let told = place.gate(&[&CHECK[..], &["--allow-exec"]].concat());
    told.says(4, "exec off.sh: done\\u{1b}[2J");
    let read = |name: &str| fs::read_to_string(place.path().join(name)).expect(name);
    assert_eq!(read("mark"), "shipping v2 STOP pilot/exit\n");
    let event: Value = serde_json::from_str(&read("input")).expect("JSON");
    assert_eq!(event["data"]["verdict"], "STOP");
    let paths = read("paths");
    fs::remove_file(&mark).expect("a mark");
    place.gate(&["check", "plan.yaml"]).says(4, "STOP");
    assert!(!mark.exists(), "a check without --notify runs nothing");
    let paths: Vec<&Path> = paths.split_whitespace().map(Path::new).collect();
    assert!(
        paths
            .iter()
            .all(|path| path.is_absolute() && path.is_file()),
        "{paths:?}"
    );
}

#[test]
fn w16_a_program_that_takes_too_long_is_killed_with_all_that_it_started() {
    let place = stopped("notify:\n  - { exec: [./off.sh], timeout: 1s }\n");
    script(&place, "echo begun; (sleep 3; touch late) & sleep 30");
    let begin = Instant::now();
    let told = place.gate(&[&CHECK[..], &["--allow-exec"]].concat());
    told.says(4, "exec off.sh: begun")
        .says(4, "killed after 1s with all that it started");
    assert!(
        begin.elapsed() < Duration::from_secs(6),
        "{:?}",
        begin.elapsed()
    );
    std::thread::sleep(Duration::from_secs(4));
    assert!(!place.path().join("late").exists(), "a child went on");
}

#[test]
fn w16_a_program_that_fails_says_how_and_no_more_than_64_kib() {
    let place = stopped("notify:\n  - { exec: [./off.sh] }\n  - { exec: [./gone.sh] }\n");
    script(&place, "yes | head -c 300000; exit 3");
    let told = place.gate(&[&CHECK[..], &["--allow-exec"]].concat());
    told.says(4, "exit status: 3")
        .says(4, "no more than 64 KiB is shown");
    told.says(4, "exec gone.sh of gate.verdict.changed: cannot be started");
    let lines = told
        .err
        .lines()
        .filter(|line| *line == "exec off.sh: y")
        .count();
    assert_eq!(lines, 32 * 1024);
}

/// A stage that runs.
fn running(source: &str, window: &str, notify: &str) -> Workplace {
    let place = unbegun(source, (window, "1s"), notify);
    place
        .gate(&["start", "plan.yaml", "pilot"])
        .says(0, "pilot began");
    place
}

fn unbegun(source: &str, (window, step): (&str, &str), notify: &str) -> Workplace {
    Workplace::with_plan(&format!(
        "release: {{ name: R1, version: 1.0.0 }}\nsource: {source}\nkpis: {{ errors: {{ query: errors, unit: percent, step: {step}, per: site }} }}\nstages:\n  - name: pilot\n    window: {window}\n    stop: {{ kpis: {{ errors: '> 5% for 2s' }} }}\n    exit: {{ kpis: {{ errors: '< 1%' }} }}\n{notify}"
    ))
}

fn watch(place: &Workplace, more: &[&str]) -> Finished {
    Watching::begin(place, more).end()
}

fn types(seen: &[Received]) -> Vec<String> {
    let events = events(seen);
    let kinds = events
        .iter()
        .map(|event| event["type"].as_str().unwrap_or_default().to_owned());
    kinds.collect()
}

#[test]
fn w16_a_watch_tells_of_a_stop_and_of_its_end_and_a_second_one_tells_no_verdict_again() {
    let source = Live::new();
    source.has(6.0, 600.0, 9.0);
    let (ops, slack) = (
        receiver(&[("200 OK", "")]),
        Arc::new(Mutex::new(Vec::new())),
    );
    let times = Arc::clone(&slack);
    let slack = Faulty::answering(move |asked| {
        let text: Value = serde_json::from_str(&asked.body).expect("JSON");
        times
            .lock()
            .expect("times")
            .push((Instant::now(), text["text"].to_string()));
        answer("200 OK", "text/plain", "ok")
    });
    let notify = format!(
        "notify:\n  - {{ webhook: '{}/h', on: [STOP, end] }}\n  - {{ slack: '{}/s', on: [STOP, end] }}\n",
        ops.url(),
        slack.url()
    );
    let place = running(source.url(), "60s", &notify);
    watch(&place, &[])
        .says(4, "the watch ended: a stop tripped")
        .says(
            4,
            "tells webhook 127.0.0.1 (STOP, end), slack 127.0.0.1 (STOP, end)",
        )
        .never_says("not told");
    assert_eq!(
        types(&ops.seen()),
        ["gate.verdict.changed", "gate.watch.ended"]
    );
    let data = &events(&ops.seen())[0]["data"];
    assert_eq!(data["verdict"], "STOP");
    // A NO-GO may have been recorded in between, if it held for two rounds.
    assert!(["HOLD", "NO-GO"].contains(&data["from"].as_str().expect("a verdict")));
    let deciding = &data["deciding"][0];
    assert_eq!(
        (&deciding["list"], &deciding["name"]),
        (&json!("stop"), &json!("errors"))
    );
    assert_eq!(
        (&deciding["value"], &deciding["bound"]),
        (&json!(9.0), &json!(5.0))
    );
    assert_eq!(deciding["series"], json!({"site": "BER1"}));
    assert_eq!(slack.seen().len(), 2);
    let ended = entries(&place).pop().expect("an entry");
    assert_eq!(ended["kind"], "watch-ended");
    let told = json!({"to": "webhook 127.0.0.1", "event": "gate.verdict.changed", "result": "delivered", "attempts": 1});
    let notices = ended["notices"].as_array().expect("notices");
    assert!(notices.contains(&told) && notices.len() == 4, "{notices:?}");
    // The ledger shows the stop as recorded, and told.
    watch(&place, &[]).says(4, "the watch ended: a stop tripped");
    assert_eq!(types(&ops.seen())[2..], ["gate.watch.ended"]);
    watch(&place, &["--no-notify"]).says(4, "a stop tripped");
    assert_eq!(ops.seen().len(), 3);
}

#[test]
fn w16_slack_gets_no_more_than_one_message_a_second_and_a_source_that_goes_and_comes_is_told() {
    let source = Live::new();
    source.will_be(4.0, 8.0, Mood::Status(401));
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    let slack = Faulty::answering(move |_| {
        seen.lock().expect("times").push(Instant::now());
        answer("200 OK", "text/plain", "ok")
    });
    let ops = receiver(&[("404 Not Found", "")]);
    let notify = format!(
        "notify:\n  - {{ slack: '{}/s', on: [change, source-away, source-back, end] }}\n  - {{ webhook: '{}/h', on: [source-away, source-back] }}\n",
        slack.url(),
        ops.url()
    );
    let place = running(source.url(), "14s", &notify);
    watch(&place, &[]).says(
        0,
        "not told: webhook 127.0.0.1 of gate.source.away: answered 404",
    );
    assert_eq!(types(&ops.seen()), ["gate.source.away", "gate.source.back"]);
    assert_eq!(events(&ops.seen())[0]["data"]["source"], "default");
    let times = times.lock().expect("times").clone();
    let apart = times.windows(2).map(|pair| pair[1] - pair[0]);
    let shortest = apart.min().expect("several messages");
    assert!(
        times.len() == 4 && shortest >= Duration::from_millis(950),
        "{times:?}"
    );
    // What was through before the end stands in its record, the rest in the ledger.
    let last = place
        .files("plan.evidence", "-go.json")
        .pop()
        .expect("evidence");
    let last: Value = serde_json::from_slice(&fs::read(last).expect("evidence")).expect("JSON");
    let in_record = last["watch"]["notices"]
        .as_array()
        .expect("notices")
        .clone();
    let failed = json!({"to": "webhook 127.0.0.1", "event": "gate.source.away", "result": "answered 404", "attempts": 1});
    assert!(in_record.contains(&failed), "{in_record:?}");
    let ended = entries(&place).pop().expect("an entry");
    let of_end = ended["notices"].as_array().expect("notices").clone();
    assert_eq!(
        in_record.len() + of_end.len(),
        6,
        "{in_record:?} {of_end:?}"
    );
    assert_eq!(of_end.last().expect("one")["event"], "gate.watch.ended");
}

#[test]
fn w16_checkpoints_are_told_those_that_were_recorded_and_those_that_nobody_held() {
    let source = Live::new();
    let ops = receiver(&[("200 OK", "")]);
    let notify = format!(
        "notify: [{{ webhook: '{}/h', on: [checkpoint, checkpoint-due] }}]\n",
        ops.url()
    );
    let place = unbegun(source.url(), ("30h", "15s"), &notify);
    // The first day is over in some seconds, and not before the first round.
    let began = [
        "start",
        "plan.yaml",
        "pilot",
        "--at",
        "86388s",
        "--why",
        "begun by hand",
    ];
    place.gate(&began).says(0, "pilot began");
    watch(&place, &["--for", "17s", "--checkpoint", "86400s"]).says(3, "its time is over");
    let told = types(&ops.seen());
    assert_eq!(told, ["gate.checkpoint.due", "gate.checkpoint"]);
    let due = &events(&ops.seen())[0];
    let summary = due["data"]["summary"].as_str().expect("words");
    assert!(
        summary.starts_with("nobody has held a checkpoint since "),
        "{summary}"
    );
    // It is held now, and what had been told is not told again.
    let held = [
        "note",
        "plan.yaml",
        "all is well",
        "--checkpoint",
        "--stage",
        "pilot",
    ];
    place.gate(&held).says(0, "");
    watch(&place, &["--for", "3s"]).says(3, "its time is over");
    assert_eq!(ops.seen().len(), 2, "{:?}", types(&ops.seen()));
}

#[test]
fn w6_a_plan_that_was_taken_over_says_who_is_told_from_then_on() {
    let source = Live::new();
    let (first, second) = (receiver(&[("200 OK", "")]), receiver(&[("200 OK", "")]));
    let to = |url: &str| format!("notify: [{{ webhook: '{url}/h', on: [change, end] }}]\n");
    let place = running(source.url(), "60s", &to(first.url()));
    let plan = fs::read_to_string(place.path().join("plan.yaml")).expect("a plan");
    let other = plan.replace(first.url(), second.url());
    let watching = Watching::begin(&place, &[]);
    watching.until("recorded  HOLD");
    fs::write(place.path().join("plan.yaml"), other).expect("a plan");
    watching.until("the plan has changed");
    watching.signal("-TERM");
    watching.end().says(3, "interrupted");
    assert!(first.seen().is_empty());
    assert_eq!(types(&second.seen()), ["gate.watch.ended"]);
}

#[test]
fn w16_a_plan_that_names_nobody_says_so() {
    let place = stopped("");
    place
        .gate(&CHECK)
        .says(4, "plan.yaml names nobody under `notify`: nobody is told");
}
