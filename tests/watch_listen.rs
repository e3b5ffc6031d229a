//! What a watch answers on its port and writes for a textfile collector (W21, W22): against the program, in real time, with a small
//! Prometheus on loopback.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::live::{Live, Mood};
use crate::support::program::Workplace;
use crate::support::servers::{Version, promtool};
use crate::watch::{Watching, plan};

/// Long enough for a loaded machine, short enough to notice.
const PATIENCE: Duration = Duration::from_secs(40);

/// A source, and a plan whose stage has a window of so many seconds; a question may take long.
fn planned(window: u32) -> (Live, Workplace) {
    let live = Live::new();
    let plan = plan(live.url(), window, 4).replace("timeout: 3s", "timeout: 30s");
    (live, Workplace::with_plan(&plan))
}

/// Begins to watch a stage that began some time ago, without a ledger.
fn watching(workplace: &Workplace, ago: &str, more: &[&str]) -> Watching {
    let fixed = ["--no-ledger", "--started", ago];
    let all: Vec<&str> = fixed.iter().chain(more).copied().collect();
    Watching::begin(workplace, &all)
}

/// Waits until something is so.
#[track_caller]
fn until<T>(watching: &Watching, what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        let said = watching.said();
        assert!(began.elapsed() < PATIENCE, "{what} never came:\n{said}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Where it listens, once the first round is through.
fn address(watching: &Watching) -> SocketAddr {
    watching.until("listening on http://");
    let said = watching.said();
    let (_, rest) = said.split_once("listening on http://").expect("the line");
    let address = rest.split_whitespace().next().expect("an address");
    let address = address.parse().expect("an address");
    until(watching, "the first round", || {
        (get(address, "/metrics").status == 200).then_some(())
    });
    address
}

/// Sends SIGTERM; what it said.
#[track_caller]
fn interrupted(watching: Watching) -> String {
    watching.signal("-TERM");
    let ended = watching.end();
    assert_eq!(ended.code, 3, "{}", ended.err);
    ended.err
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, &address.to_string())
}

/// Status 0 where the connection was cut.
fn ask(address: SocketAddr, method: &str, path: &str, host: &str) -> Answer {
    let mut text = Vec::new();
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
        stream.read_to_end(&mut text)
    });
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Answer {
        status: status.filter(|_| asked.is_ok()).unwrap_or(0),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}

const PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];
const BOTH: [&str; 4] = ["--listen", "127.0.0.1:0", "--metrics", "gate.prom"];

#[test]
fn w21_what_a_watch_answers() {
    let (_live, workplace) = planned(3600);
    let watching = watching(&workplace, "10m", &BOTH);
    let port = address(&watching);

    let metrics = get(port, "/metrics");
    assert!(
        metrics
            .head
            .contains("content-type: text/plain; version=0.0.4"),
        "{metrics:?}"
    );
    for line in [
        r#"gate_verdict{release="checkout 2.1.0",stage="pilot",gate="pilot/exit",verdict="HOLD"} 1"#,
        r#"gate_verdict{release="checkout 2.1.0",stage="pilot",gate="pilot/exit",verdict="GO"} 0"#,
        r#"list="stop",kind="kpis",name="error_rate",condition="> 5% for 4s",outcome="clear"} 1"#,
        r#"list="exit",kind="kpis",name="error_rate",condition="< 1%",series="BER1"} 0.5"#,
        r#"gate_window_seconds{release="checkout 2.1.0",stage="pilot",gate="pilot/exit"} 3600"#,
        r#"source="main"} 1"#,
    ] {
        assert!(metrics.body.contains(line), "{line} in\n{}", metrics.body);
    }
    let written = fs::read_to_string(workplace.path().join("gate.prom")).expect("the file");
    assert!(written.contains("gate_rounds_total{") && written.ends_with('\n'));

    let status = get(port, "/status.json");
    let status: serde_json::Value = serde_json::from_str(&status.body).expect("JSON");
    assert_eq!(status["schema"], "gate.watch/v1");
    let schema = workplace.gate(&["schema", "watch"]);
    schema.says(0, "gate: how a watch stands");
    valid(&schema.out, &status);
    assert_eq!(status["gates"][0]["gate"], "pilot/exit");
    assert_eq!(status["verdict"], "HOLD");
    assert_eq!(status["away"], serde_json::json!([]));
    assert_eq!(
        status["recorded"]["verdict"], "HOLD",
        "the first round is recorded"
    );
    let criterion = &status["gates"][0]["criteria"];
    assert!(
        criterion.to_string().contains(r#""value":0.5"#),
        "{criterion}"
    );

    let page = get(port, "/");
    assert!(page.head.contains("refresh: 30") && page.head.contains("content-type: text/html"));
    assert!(page.body.contains("Content-Security-Policy") && page.body.contains("pilot"));
    for answer in [&metrics, &page] {
        assert!(answer.head.contains("x-content-type-options: nosniff"));
        assert!(answer.head.contains("cache-control: no-store"));
    }
    assert_eq!(get(port, "/healthz").status, 200);
    assert_eq!(get(port, "/metrics?x=1").status, 200);
    assert_eq!(get(port, "/evidence/../plan.yaml").status, 404);

    let head = ask(port, "HEAD", "/metrics", "localhost");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert!(head.head.contains("content-length: "));
    let sent = ask(port, "POST", "/metrics", "localhost");
    assert_eq!(sent.status, 405);
    assert!(sent.head.contains("allow: get, head"));
    assert_eq!(ask(port, "GET", "/", "evil.example").status, 421);
    assert_eq!(ask(port, "GET", "/no thing", "localhost").status, 400);

    interrupted(watching);
    let written = fs::read_to_string(workplace.path().join("gate.prom")).expect("the file");
    assert!(
        written.contains("gate_round_timestamp_seconds{"),
        "nobody watches any more: {written}"
    );
    assert!(TcpStream::connect(port).is_err());
}

#[track_caller]
fn valid(schema: &str, document: &serde_json::Value) {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    let place = "https://example.com/schema.json";
    let schema = serde_json::from_str(schema).expect("JSON");
    compiler.add_resource(place, schema).expect("a schema");
    let index = compiler.compile(place, &mut schemas).expect("a schema");
    let found = schemas.validate(document, index);
    assert!(found.is_ok(), "{:#}", found.expect_err("it is refused"));
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn w22_promtool_finds_nothing_wrong() {
    let (_live, workplace) = planned(3600);
    let watching = watching(&workplace, "10m", &BOTH);
    let served = get(address(&watching), "/metrics").body;
    interrupted(watching);
    let written = fs::read_to_string(workplace.path().join("gate.prom")).expect("the file");
    for text in [served, written] {
        for version in [Version::V2_42, Version::V3_5] {
            checked(&promtool(version), &text);
        }
    }
}

fn checked(promtool: &Path, text: &str) {
    let mut command = Command::new(promtool);
    command.args(["check", "metrics"]).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("promtool runs");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(text.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("promtool ends");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        output.status.success() && said.trim().is_empty(),
        "{said}\n{text}"
    );
}

#[test]
fn w21_a_round_that_hangs_is_not_healthy_and_the_one_before_is_still_shown() {
    let (live, workplace) = planned(3600);
    let watching = watching(&workplace, "10m", &PORT);
    let port = address(&watching);
    live.is(Mood::Late(Duration::from_secs(8)));
    let answer = until(&watching, "an overdue round", || {
        let answer = get(port, "/healthz");
        (answer.status == 503).then_some(answer)
    });
    assert!(answer.body.contains("3 rounds of 1s or more"), "{answer:?}");
    for path in ["/metrics", "/status.json", "/"] {
        assert_eq!(get(port, path).status, 200, "{path}");
    }
    live.is(Mood::Well);
    until(&watching, "the next round", || {
        (get(port, "/healthz").status == 200).then_some(())
    });
}

#[test]
fn w7_when_a_source_is_asked_again_that_has_been_away_for_long() {
    let (live, workplace) = planned(3600);
    let watching = watching(&workplace, "10m", &PORT);
    let port = address(&watching);
    let away = || {
        let status = get(port, "/status.json");
        let status: serde_json::Value = serde_json::from_str(&status.body).expect("JSON");
        status["away"][0].clone()
    };
    live.is(Mood::Status(403));
    watching.until("source main is away");
    let at_first = until(&watching, "a source that is away", || {
        Some(away()).filter(|one| !one.is_null())
    });
    assert_eq!(at_first["next_try"], serde_json::Value::Null);
    watching.until("source main stays away: next try at ");
    let rarely = until(&watching, "the next try", || {
        Some(away()).filter(|one| one["next_try"].is_string())
    });
    let time = rarely["next_try"].as_str().expect("a time");
    let (_, time) = time.split_once('T').expect("a time");
    watching.until(&format!("next try at {time}, then once a minute"));
    interrupted(watching);
}

#[test]
fn w21_a_thousand_connections_do_no_harm() {
    let (_live, workplace) = planned(3600);
    let watching = watching(&workplace, "10m", &PORT);
    let port = address(&watching);
    let rounds = || {
        let text = get(port, "/metrics").body;
        let line = text
            .lines()
            .find(|line| line.starts_with("gate_rounds_total"))?;
        line.rsplit_once(' ')?.1.parse::<u64>().ok()
    };
    let before = until(&watching, "a number of rounds", rounds);
    let idle: Vec<TcpStream> = (0..1000)
        .filter_map(|place| {
            let mut stream = TcpStream::connect(port).ok()?;
            if place % 2 == 0 {
                let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: ");
            }
            Some(stream)
        })
        .collect();
    assert!(idle.len() > 900, "{} connections", idle.len());
    let began = Instant::now();
    until(&watching, "an answer", || {
        (get(port, "/healthz").status == 200).then_some(())
    });
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    until(&watching, "more rounds", || {
        rounds().filter(|now| *now > before + 2)
    });
    drop(idle);
    interrupted(watching);
}

#[test]
fn w21_sixteen_connections_are_served_and_each_for_five_seconds() {
    let (_live, workplace) = planned(3600);
    let watching = watching(&workplace, "10m", &PORT);
    let port = address(&watching);
    let began = Instant::now();
    let connected = || TcpStream::connect(port).expect("a connection");
    let idle: Vec<TcpStream> = (0..16).map(|_| connected()).collect();
    let mut told = String::new();
    let read = connected().read_to_string(&mut told);
    assert!(read.is_ok() && told.starts_with("HTTP/1.1 503 "), "{told}");
    assert!(told.contains("Retry-After: 5"), "{told}");
    for mut one in idle {
        let cut = one.read(&mut [0; 16]).expect("it is closed");
        assert_eq!(cut, 0, "nothing was asked");
    }
    let lasted = began.elapsed();
    assert!((4..15).contains(&lasted.as_secs()), "{lasted:?}");
    assert_eq!(get(port, "/healthz").status, 200);
}

#[test]
fn w21_a_port_that_is_taken_and_a_place_that_is_not_there_are_refused_before_anything_is_asked() {
    let (live, workplace) = planned(3600);
    let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = holder.local_addr().expect("its address").to_string();
    let refused = |more: &[&str], says: &str| {
        let fixed = ["watch", "plan.yaml", "--started", "10m"];
        let arguments: Vec<&str> = fixed.iter().chain(more).copied().collect();
        workplace.gate(&arguments).says(2, says);
    };
    refused(&["--listen", &taken], "nothing is watched: --listen");
    drop(holder);
    refused(&["--listen", "9100"], "write an IP address and a port");
    refused(
        &["--metrics", "missing/gate.prom"],
        "its folder is not there",
    );
    refused(&["--metrics", "."], "it is not a file");
    assert!(live.asked().is_empty(), "nothing was asked");
    assert!(
        workplace.files(".", ".jsonl").is_empty(),
        "nothing was recorded"
    );
    assert!(workplace.files("plan.evidence", "").is_empty());
}

#[test]
fn w12_a_metrics_file_is_replaced_whole_and_one_that_cannot_be_written_ends_nothing() {
    let (_live, workplace) = planned(3600);
    let folder = workplace.path().join("collector");
    fs::create_dir(&folder).expect("a folder");
    let file = folder.join("gate.prom");
    let watching = watching(&workplace, "10m", &["--metrics", "collector/gate.prom"]);
    until(&watching, "the file", || file.exists().then_some(()));
    let (began, mut texts) = (Instant::now(), std::collections::BTreeSet::new());
    while began.elapsed() < Duration::from_secs(4) {
        let text = fs::read_to_string(&file).expect("the file is always there");
        let last = text.lines().last().unwrap_or_default();
        assert!(
            last.starts_with("gate_build_info{") && text.ends_with('\n'),
            "{text}"
        );
        texts.insert(text);
    }
    assert!(texts.len() > 1, "it was never replaced");

    fs::rename(&folder, workplace.path().join("elsewhere")).expect("moved");
    until(&watching, "the complaint", || {
        watching
            .said()
            .contains("gate.prom cannot be written")
            .then_some(())
    });
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(
        watching.said().matches("cannot be written").count(),
        1,
        "{}",
        watching.said()
    );
    fs::create_dir(&folder).expect("a folder");
    until(&watching, "the file again", || file.exists().then_some(()));
    let said = interrupted(watching);
    assert!(said.contains("could not be written"), "{said}");
    let names = fs::read_dir(&folder).expect("a folder").count();
    assert_eq!(names, 1, "nothing beside it");
}

#[test]
fn w22_a_watch_that_saw_its_stage_through_leaves_its_verdict_and_no_time() {
    let (_live, workplace) = planned(10);
    let ended = watching(&workplace, "7s", &["--metrics", "gate.prom"]).end();
    assert_eq!(ended.code, 0, "{}", ended.err);
    let text = fs::read_to_string(workplace.path().join("gate.prom")).expect("the file");
    assert!(text.contains("verdict=\"GO\"} 1"), "{text}");
    assert!(!text.contains("gate_round_timestamp_seconds"), "{text}");
}
