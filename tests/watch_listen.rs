//! What a watch answers on its port and writes for a textfile collector (W21, W22): against the program, in real time, with a small
//! Prometheus on loopback.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use crate::support::faulty::{Faulty, Received, json};
use crate::support::program::Workplace;
use crate::support::servers::{Version, promtool};

/// Long enough for a loaded machine, short enough to notice.
const PATIENCE: Duration = Duration::from_secs(40);

/// A Prometheus that knows one value, and answers when it is let.
struct Source {
    server: Faulty,
    hangs: Arc<AtomicBool>,
}

impl Source {
    fn new() -> Self {
        let hangs = Arc::new(AtomicBool::new(false));
        let held = Arc::clone(&hangs);
        let server = Faulty::answering(move |asked| {
            let began = Instant::now();
            while held.load(Ordering::SeqCst) && began.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(50));
            }
            json(&answered(asked))
        });
        Self { server, hangs }
    }

    fn hang(&self, hangs: bool) {
        self.hangs.store(hangs, Ordering::SeqCst);
    }

    fn plan(&self, window: &str) -> String {
        format!(
            "release: {{ name: checkout, version: 2.1.0 }}
source: {}
kpis:
  error_rate: {{ query: errors, unit: percent, step: 1s, per: site }}
stages:
  - name: pilot
    window: {window}
    exit: {{ kpis: {{ error_rate: '< 1%' }} }}
    stop: {{ kpis: {{ error_rate: '> 5% for 4s' }} }}
",
            self.server.url()
        )
    }
}

#[expect(clippy::disallowed_methods, reason = "the server has its own clock")]
fn answered(asked: &Received) -> String {
    let field = |name: &str| {
        let mut pairs = asked
            .body
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(key, _)| *key == name);
        found.and_then(|(_, value)| value.parse::<f64>().ok())
    };
    let (Some(start), Some(end), Some(step)) = (field("start"), field("end"), field("step")) else {
        return r#"{"status":"success","data":{"version":"2.53.0"}}"#.to_owned();
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("a clock after 1970").as_secs_f64();
    let count = ((end.min(now) - start) / step).floor() as i64;
    let points = (0..=count).map(|place| format!("[{},\"0.5\"]", start + place as f64 * step));
    let points = points.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{"site":"BER\"1"}},"values":[{points}]}}]}}}}"#
    )
}

/// A watch that runs; dropping it ends it.
struct Watching {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Watching {
    fn begin(workplace: &Workplace, more: &[&str]) -> Self {
        let fixed = ["watch", "plan.yaml", "--every", "1s", "--no-ledger"];
        let arguments: Vec<&str> = fixed.iter().chain(more).copied().collect();
        let mut command = workplace.command(&arguments, &[]);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("gate runs");
        let stderr = child.stderr.take().expect("standard error");
        let said = Arc::new(Mutex::new(String::new()));
        let log = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                log.lock().expect("the log").push_str(&format!("{line}\n"));
            }
        });
        Self { child, said }
    }

    fn said(&self) -> String {
        self.said.lock().expect("the log").clone()
    }

    /// Waits until something is so.
    #[track_caller]
    fn until<T>(&self, what: &str, mut found: impl FnMut() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = found() {
                return found;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{what} never came:\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Where it listens, once the first round is through.
    fn address(&self) -> SocketAddr {
        let address = self.until("the port", || {
            let said = self.said();
            let (_, rest) = said.split_once("listening on http://")?;
            rest.split_whitespace().next()?.parse().ok()
        });
        self.until("the first round", || {
            (get(address, "/metrics").status == 200).then_some(())
        });
        address
    }

    /// Sends SIGTERM; the exit code.
    fn end(mut self) -> (i32, String) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill runs").success());
        let code = self.wait();
        (code, self.said())
    }

    fn wait(&mut self) -> i32 {
        let status = self.child.wait().expect("it ends");
        // What it said last is read by another thread.
        std::thread::sleep(Duration::from_millis(200));
        status.code().unwrap_or(-1)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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

const PORT: [&str; 4] = ["--started", "10m", "--listen", "127.0.0.1:0"];

#[test]
fn w21_what_a_watch_answers() {
    let source = Source::new();
    let workplace = Workplace::with_plan(&source.plan("1h"));
    let more: Vec<&str> = PORT.into_iter().chain(["--metrics", "gate.prom"]).collect();
    let watching = Watching::begin(&workplace, &more);
    let address = watching.address();

    let metrics = get(address, "/metrics");
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
        r#"list="exit",kind="kpis",name="error_rate",condition="< 1%",series="BER\"1"} 0.5"#,
        r#"gate_window_seconds{release="checkout 2.1.0",stage="pilot",gate="pilot/exit"} 3600"#,
        r#"source="default"} 1"#,
    ] {
        assert!(metrics.body.contains(line), "{line} in\n{}", metrics.body);
    }
    let written = fs::read_to_string(workplace.path().join("gate.prom")).expect("the file");
    assert!(written.contains("gate_rounds_total{") && written.ends_with('\n'));

    let status = get(address, "/status.json");
    let status: serde_json::Value = serde_json::from_str(&status.body).expect("JSON");
    assert_eq!(status["schema"], "gate.watch/v1");
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

    let page = get(address, "/");
    assert!(page.head.contains("refresh: 30") && page.head.contains("content-type: text/html"));
    assert!(page.body.contains("Content-Security-Policy") && page.body.contains("pilot"));
    for answer in [&metrics, &page] {
        assert!(answer.head.contains("x-content-type-options: nosniff"));
        assert!(answer.head.contains("cache-control: no-store"));
    }
    assert_eq!(get(address, "/healthz").status, 200);
    assert_eq!(get(address, "/metrics?x=1").status, 200);
    assert_eq!(get(address, "/evidence/../plan.yaml").status, 404);

    let head = ask(address, "HEAD", "/metrics", "localhost");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert!(head.head.contains("content-length: "));
    let post = ask(address, "POST", "/metrics", "localhost");
    assert_eq!(post.status, 405);
    assert!(post.head.contains("allow: get, head"));
    assert_eq!(ask(address, "GET", "/", "evil.example").status, 421);
    assert_eq!(ask(address, "GET", "nonsense", "localhost").status, 400);

    let (code, said) = watching.end();
    assert_eq!(code, 3, "{said}");
    let written = fs::read_to_string(workplace.path().join("gate.prom")).expect("the file");
    assert!(
        written.contains("gate_round_timestamp_seconds{"),
        "nobody watches any more: {written}"
    );
    assert!(TcpStream::connect(address).is_err());
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn w22_promtool_finds_nothing_wrong() {
    let source = Source::new();
    let workplace = Workplace::with_plan(&source.plan("1h"));
    let more: Vec<&str> = PORT.into_iter().chain(["--metrics", "gate.prom"]).collect();
    let watching = Watching::begin(&workplace, &more);
    let served = get(watching.address(), "/metrics").body;
    assert_eq!(watching.end().0, 3);
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
    let source = Source::new();
    let workplace = Workplace::with_plan(&source.plan("1h"));
    let watching = Watching::begin(&workplace, &PORT);
    let address = watching.address();
    source.hang(true);
    let answer = watching.until("an overdue round", || {
        let answer = get(address, "/healthz");
        (answer.status == 503).then_some(answer)
    });
    assert!(answer.body.contains("3 rounds of 1s or more"), "{answer:?}");
    for path in ["/metrics", "/status.json", "/"] {
        assert_eq!(get(address, path).status, 200, "{path}");
    }
    source.hang(false);
    watching.until("the next round", || {
        (get(address, "/healthz").status == 200).then_some(())
    });
}

#[test]
fn w21_a_thousand_connections_do_no_harm() {
    let source = Source::new();
    let workplace = Workplace::with_plan(&source.plan("1h"));
    let watching = Watching::begin(&workplace, &PORT);
    let address = watching.address();
    let rounds = || {
        let text = get(address, "/metrics").body;
        let line = text
            .lines()
            .find(|line| line.starts_with("gate_rounds_total"))?;
        line.rsplit_once(' ')?.1.parse::<u64>().ok()
    };
    let before = watching.until("a number of rounds", rounds);
    let idle: Vec<TcpStream> = (0..1000)
        .filter_map(|place| {
            let mut stream = TcpStream::connect(address).ok()?;
            if place % 2 == 0 {
                let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: ");
            }
            Some(stream)
        })
        .collect();
    assert!(idle.len() > 900, "{} connections", idle.len());
    let began = Instant::now();
    watching.until("an answer", || {
        (get(address, "/healthz").status == 200).then_some(())
    });
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    watching.until("more rounds", || rounds().filter(|now| *now > before + 2));
    drop(idle);
    assert_eq!(watching.end().0, 3);
}

#[test]
fn w21_a_port_that_is_taken_and_a_place_that_is_not_there_are_refused_before_anything_is_asked() {
    let source = Source::new();
    let workplace = Workplace::with_plan(&source.plan("1h"));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("its address").to_string();
    let holder = TcpListener::bind(&taken).expect("the same port");
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
    assert!(source.server.seen().is_empty(), "nothing was asked");
    assert!(
        workplace.files(".", ".jsonl").is_empty(),
        "nothing was recorded"
    );
    assert!(workplace.files("plan.evidence", "").is_empty());
}

#[test]
fn w12_a_metrics_file_is_replaced_whole_and_one_that_cannot_be_written_ends_nothing() {
    let source = Source::new();
    let workplace = Workplace::with_plan(&source.plan("1h"));
    let folder = workplace.path().join("collector");
    fs::create_dir(&folder).expect("a folder");
    let file = folder.join("gate.prom");
    let more = ["--started", "10m", "--metrics", "collector/gate.prom"];
    let watching = Watching::begin(&workplace, &more);
    watching.until("the file", || file.exists().then_some(()));
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
    watching.until("the complaint", || {
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
    watching.until("the file again", || file.exists().then_some(()));
    let (code, said) = watching.end();
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("could not be written"), "{said}");
    let names = fs::read_dir(&folder).expect("a folder").count();
    assert_eq!(names, 1, "nothing beside it");
}

#[test]
fn w22_a_watch_that_saw_its_stage_through_leaves_its_verdict_and_no_time() {
    let source = Source::new();
    let workplace = Workplace::with_plan(&source.plan("10s"));
    let more = ["--started", "7s", "--metrics", "gate.prom"];
    let mut watching = Watching::begin(&workplace, &more);
    assert_eq!(watching.wait(), 0, "{}", watching.said());
    let text = fs::read_to_string(workplace.path().join("gate.prom")).expect("the file");
    assert!(text.contains("verdict=\"GO\"} 1"), "{text}");
    assert!(!text.contains("gate_round_timestamp_seconds"), "{text}");
}
