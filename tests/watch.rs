//! `gate watch` against a server of this moment, in real time: steps of 1 s, windows of seconds. What is recorded is what a check says, a
//! stop ends it at once, no failure of a source does, and 0 is only ever a recorded GO of a complete window.

mod away;
mod course;
mod killed;
mod long;
mod refused;
mod screens;
mod signals;
mod told;
mod untold;
mod waits;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::live::Live;
use crate::support::program::{Finished, Workplace};

/// A plan with one KPI: a window of so many seconds, NO-GO from 1 % on, STOP above 5 % for so many seconds.
pub fn plan(url: &str, window: u32, trips: u32) -> String {
    format!(
        "release: {{name: checkout, version: 2.1.0}}\n\
         sources: {{main: {{url: \"{url}\", timeout: 3s}}}}\n\
         kpis:\n  error_rate: {{query: errors, unit: percent, step: 1s, per: site}}\n\
         stages:\n  - name: pilot\n    window: {window}s\n    exit: {{kpis: {{error_rate: \"< 1%\"}}}}\n\
         \x20   stop: {{kpis: {{error_rate: \"> 5% for {trips}s\"}}}}\n\
         \x20   recovery: {{window: 5s, kpis: {{error_rate: \"< 1%\"}}}}\n"
    )
}

/// A server and a stage that has just begun.
pub fn begun(window: u32, trips: u32) -> (Live, Workplace) {
    let live = Live::new();
    let workplace = Workplace::with_plan(&plan(live.url(), window, trips));
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    (live, workplace)
}

/// `gate watch`, running: until it ends, or the test does.
pub struct Watching {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and need not.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Watching {
    /// Begins it.
    pub fn begin(workplace: &Workplace, more: &[&str]) -> Self {
        let mut arguments = vec!["watch", "plan.yaml", "--by", "ada"];
        arguments.extend(more);
        if !more.contains(&"--every") {
            arguments.extend(["--every", "1s"]);
        }
        Self::run(workplace, &arguments)
    }

    /// The same of another command that goes on for a while.
    pub fn run(workplace: &Workplace, arguments: &[&str]) -> Self {
        let cache = workplace.path().join("cache");
        let cache = cache.to_string_lossy().into_owned();
        let mut command = workplace.command(arguments, &[("XDG_CACHE_HOME", &cache)]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("gate");
        let err = child.stderr.take().expect("standard error");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&lines);
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                seen.lock().expect("the lines").push(line);
            }
        });
        Self {
            child,
            lines,
            reader: Some(reader),
        }
    }

    /// Its resident memory, in KiB; 0 once it has ended.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let resident = status.lines().find_map(|line| {
            let rest = line.strip_prefix("VmRSS:")?;
            rest.trim().trim_end_matches(" kB").parse().ok()
        });
        resident.unwrap_or(0)
    }

    /// Its number.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Whether it goes on.
    pub fn goes_on(&mut self) -> bool {
        self.child.try_wait().expect("gate").is_none()
    }

    /// What was said so far.
    pub fn said(&self) -> String {
        self.lines.lock().expect("the lines").join("\n")
    }

    /// Waits until it says something.
    #[track_caller]
    pub fn until(&self, words: &str) {
        let began = Instant::now();
        while !self.said().contains(words) {
            assert!(
                began.elapsed() < Duration::from_mins(1),
                "`{words}` in:\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args([name, &process])
            .status();
        assert!(sent.expect("kill").success());
    }

    /// Waits until it has ended.
    pub fn end(mut self) -> Finished {
        let mut out = Vec::new();
        let mut stdout = self.child.stdout.take().expect("standard output");
        stdout.read_to_end(&mut out).expect("standard output");
        let status = self.child.wait().expect("gate");
        // Its last lines may not be read yet.
        let reader = self.reader.take().expect("it ends once");
        reader.join().expect("the lines");
        Finished {
            code: status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&out).into_owned(),
            err: self.said(),
        }
    }
}

/// The records of a workplace, oldest first.
pub fn records(workplace: &Workplace) -> Vec<Value> {
    let mut files = workplace.files("plan.evidence", ".json");
    files.sort();
    let read = files.iter().map(|path| {
        let text = std::fs::read_to_string(path).expect("a record");
        serde_json::from_str(&text).expect("JSON")
    });
    read.collect()
}

/// The rounds of all watches of a workplace.
pub fn rounds(workplace: &Workplace) -> Vec<Value> {
    let mut files = workplace.files("plan.evidence", ".rounds.jsonl");
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(path).expect("rounds");
        all.extend(
            text.lines()
                .map(|line| serde_json::from_str(line).expect("a round")),
        );
    }
    all
}

/// The entries of the ledger, oldest first.
pub fn entries(workplace: &Workplace) -> Vec<Value> {
    let text = std::fs::read_to_string(workplace.path().join("plan.ledger.jsonl"));
    let text = text.expect("a ledger");
    let entries = text.lines().map(serde_json::from_str);
    entries.collect::<Result<_, _>>().expect("entries")
}

/// The kinds of entries in the ledger, oldest first.
pub fn kinds(workplace: &Workplace) -> Vec<String> {
    let entries = entries(workplace);
    let kinds = entries
        .iter()
        .map(|entry| entry["kind"].as_str().expect("a kind").to_owned());
    kinds.collect()
}

/// Whether everything that is recorded holds.
#[track_caller]
pub fn verified(workplace: &Workplace) {
    let verify = workplace.gate(&["verify", "plan.yaml"]);
    assert!(
        verify.out.contains(" 0 off"),
        "{}{}",
        verify.out,
        verify.err
    );
}
