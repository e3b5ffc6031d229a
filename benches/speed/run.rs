//! Runs the programs that are compared, and measures them from outside.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::load::Load;
use crate::support::kpis::END;
use crate::support::scenario;
use crate::support::servers::{self, Version};

const GATE: &str = env!("CARGO_BIN_EXE_gate");

/// What one run took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    /// From start to end.
    pub seconds: f64,
    /// CPU, user and system.
    pub cpu_seconds: f64,
    /// The largest resident set.
    pub peak_kib: f64,
}

impl Figures {
    /// Of each figure separately.
    pub fn median(runs: &[Self]) -> Self {
        let of = |pick: fn(&Self) -> f64| middle(runs.iter().map(pick).collect());
        Self {
            seconds: of(|run| run.seconds),
            cpu_seconds: of(|run| run.cpu_seconds),
            peak_kib: of(|run| run.peak_kib),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, cpu) = (self.seconds, self.cpu_seconds);
        write!(
            f,
            "{seconds:.3} s, CPU {cpu:.2} s, peak {:.1} MiB",
            self.peak_kib / 1024.0
        )
    }
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// `gate check`, which must end in GO: a fast HOLD would be no figure.
pub fn gate(plan: &Path, url: &str, folder: &Path, bare: bool) -> Figures {
    let evidence = folder.join("evidence");
    let mut command = timed(GATE);
    command.arg("check").arg(plan).args(["--source", url]);
    command
        .args(["--at", &END.to_string(), "--evidence"])
        .arg(&evidence);
    if bare {
        command.arg("--no-answers");
    }
    let figures = measure(&mut command);
    fs::remove_dir_all(&evidence).expect("evidence");
    figures
}

/// The same requests, eight at a time, answers discarded.
pub fn curl(requests: &Path) -> Figures {
    let mut command = timed("curl");
    command.args([
        "--silent",
        "--fail",
        "--parallel",
        "--parallel-max",
        "8",
        "--config",
    ]);
    measure(command.arg(requests))
}

/// One query after the other; seconds for all.
pub fn promtool(load: &Load, url: &str) -> f64 {
    let program = servers::promtool(Version::V3_5);
    let begin = Instant::now();
    for query in &load.queries {
        let status = Command::new(&program)
            .args(["query", "range", "--step=30s"])
            .arg(format!("--start={}", Load::start()))
            .arg(format!("--end={END}"))
            .args([url, query])
            .stdout(Stdio::null())
            .status()
            .expect("promtool runs");
        assert!(status.success());
    }
    begin.elapsed().as_secs_f64()
}

/// How long the text of the one answer is.
pub fn answer_bytes(requests: &Path, folder: &Path) -> u64 {
    let text = fs::read_to_string(requests).expect("requests");
    let (kept, answer) = (folder.join("kept"), folder.join("answer"));
    fs::write(&kept, text.replace("/dev/null", &answer.to_string_lossy())).expect("requests");
    curl(&kept);
    let length = fs::metadata(&answer).expect("answer").len();
    fs::remove_file(answer).expect("answer");
    length
}

/// The scenario with the smallest answers, and the CPU milliseconds of its replay (mean of 100 runs).
pub fn replay() -> (String, f64) {
    let size = |path: &Path| {
        fs::metadata(path.join("answers.json.gz"))
            .expect("answers")
            .len()
    };
    let scenarios = scenario::all();
    let smallest = scenarios
        .iter()
        .min_by_key(|scenario| size(&scenario.folder));
    let smallest = smallest.expect("a scenario");
    let evidence = tempfile::tempdir().expect("a folder");
    // GNU time counts in hundredths of a second: many runs in one process, then the mean.
    let script = "for i in {1..100}; do \"$@\"; done >/dev/null 2>&1; true";
    let mut command = timed("bash");
    command
        .args(["-c", script, "replay", GATE, "check"])
        .arg(smallest.plan());
    command
        .args(["--replay", &smallest.answers(), "--evidence"])
        .arg(evidence.path());
    let figures = measure(command.current_dir(scenario::repository()));
    (smallest.name(), figures.cpu_seconds * 10.0)
}

fn timed(program: &str) -> Command {
    let mut command = Command::new("/usr/bin/time");
    command.args(["--format=figures %e %U %S %M", program]);
    command
}

fn measure(command: &mut Command) -> Figures {
    let begin = Instant::now();
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("/usr/bin/time (GNU time) runs");
    let seconds = begin.elapsed().as_secs_f64();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    let line = errors
        .lines()
        .find_map(|line| line.strip_prefix("figures "));
    let numbers: Vec<f64> = line
        .expect("figures of GNU time")
        .split(' ')
        .map(|word| word.parse().expect("a number"))
        .collect();
    Figures {
        seconds,
        cpu_seconds: numbers[1] + numbers[2],
        peak_kib: numbers[3],
    }
}
