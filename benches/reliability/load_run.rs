//! Many plans, many gates, and a source that allows little, against a real Prometheus.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::document;
use crate::healthy::{AT, T};
use crate::support::exposition::Series;
use crate::support::faulty::{Faulty, Received};
use crate::support::program::Workplace;
use crate::support::servers::{Server, Version, prometheus};

const GATE: &str = env!("CARGO_BIN_EXE_gate");
const KPIS: usize = 50;

/// Measures each load once and writes the table.
pub fn load() {
    let server = fifty();
    let mut text =
        "| load | queries | time | peak memory | queries at a time |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for plans in [1, 25, 50, 100, 200] {
        let source = format!("{{url: \"{}\"}}", server.url());
        text += &several(plans, &source, "at most 8");
    }
    let (proxy, most) = counting(server.port());
    let source = format!("{{url: \"{}\", concurrency: 2}}", proxy.url());
    let row = several(20, &source, "MOST seen by a proxy, 2 allowed");
    text += &row.replace("MOST", &most.load(Ordering::SeqCst).to_string());
    assert_eq!(most.load(Ordering::SeqCst), 2);
    text += &gates(500, server.url());
    print!("{text}");
    document::replace("load", &text);
}

/// 50 series of three hours.
fn fifty() -> Server {
    let series = |kpi| {
        let points = (T - 3 * 3600..=T).step_by(15).map(|at| (at, 0.25));
        Series::new(format!("errors{{kpi=\"{kpi}\"}}"), points)
    };
    prometheus(Version::V3_5, &(0..KPIS).map(series).collect::<Vec<_>>())
}

fn kpis() -> (String, String) {
    let (mut list, mut asks) = (String::new(), Vec::new());
    for kpi in 0..KPIS {
        list += &format!("  k{kpi}: {{query: 'errors{{kpi=\"{kpi}\"}}'}}\n");
        asks.push(format!("k{kpi}: \"< 1\""));
    }
    (list, asks.join(", "))
}

/// This many plans of 50 KPIs in one call; each must be GO.
fn several(plans: usize, source: &str, at_a_time: &str) -> String {
    let workplace = Workplace::new();
    let (list, asks) = kpis();
    let plan = format!(
        "release: test\nsource: {source}\nkpis:\n{list}stages: [{{name: pilot, observe: trailing, window: 1h, exit: {{kpis: {{{asks}}}}}}}]\n"
    );
    let names: Vec<String> = (0..plans).map(|number| format!("p{number}.yaml")).collect();
    for name in &names {
        workplace.write(name, &plan);
    }
    let (seconds, peak) = measure(&workplace, &names);
    for name in &names {
        let records = workplace.files(&name.replace(".yaml", ".evidence"), "-go.json");
        assert_eq!(records.len(), 1, "{name}");
    }
    row(
        &format!("{plans} plans of {KPIS} KPIs in one call"),
        plans * KPIS,
        (seconds, peak),
        at_a_time,
    )
}

/// One plan of this many stages, each with an entry and an exit gate.
fn gates(stages: usize, url: &str) -> String {
    let (list, _) = kpis();
    let mut text = format!("release: test\nsource: {url}\nkpis:\n{list}stages:\n");
    for stage in 0..stages {
        let kpi = stage % KPIS;
        writeln!(
            text,
            "  - {{name: s{stage}, observe: trailing, window: 1h, entry: {{kpis: {{k{kpi}: \"< 1\"}}}}, exit: {{kpis: {{k{kpi}: \"< 1\"}}}}}}"
        )
        .expect("text");
    }
    let workplace = Workplace::with_plan(&text);
    let figures = measure(&workplace, &["plan.yaml".to_owned()]);
    let gates = format!("1 plan of {} gates", 2 * stages);
    row(&gates, KPIS, figures, "at most 8")
}

fn row(load: &str, queries: usize, (seconds, peak): (f64, f64), at_a_time: &str) -> String {
    format!("| {load} | {queries} | {seconds:.2} s | {peak:.0} MiB | {at_a_time} |\n")
}

/// Seconds and MiB of a check that must be GO.
fn measure(workplace: &Workplace, plans: &[String]) -> (f64, f64) {
    let mut command = Command::new("/usr/bin/time");
    command
        .args([
            "--format=%M",
            "--output=figures",
            GATE,
            "check",
            "--all",
            "--at",
            AT,
        ])
        .args(plans)
        .current_dir(workplace.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let begin = Instant::now();
    let status = command.status().expect("/usr/bin/time (GNU time) runs");
    let seconds = begin.elapsed().as_secs_f64();
    assert!(status.success(), "{status}");
    let peak = fs::read_to_string(workplace.path().join("figures")).expect("figures of GNU time");
    let peak: f64 = peak.trim().parse().expect("a number");
    (seconds, peak / 1024.0)
}

/// A proxy that counts how many queries it sees at a time, and remembers the most.
fn counting(port: u16) -> (Faulty, Arc<AtomicUsize>) {
    let (running, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let peak = Arc::clone(&most);
    let proxy = Faulty::new(move |asked, stream| {
        let is_query = asked.head.contains("query_range");
        if is_query {
            peak.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        }
        let answer = passed_on(asked, port);
        if is_query {
            running.fetch_sub(1, Ordering::SeqCst);
        }
        let _ = stream.write_all(&answer);
    });
    (proxy, most)
}

fn passed_on(asked: &Received, port: u16) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server");
    write!(
        stream,
        "{}\r\nConnection: close\r\n\r\n{}",
        asked.head, asked.body
    )
    .expect("asked");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    answer
}
