//! `gate check` from outside: how it ended, how long it took, how much memory it held at most.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::healthy::AT;
use crate::support::program::{WITH_HOSTS, Workplace};

const GATE: &str = env!("CARGO_BIN_EXE_gate");

/// How a check ended.
pub struct Measured {
    /// The verdict of the evidence.
    pub verdict: String,
    /// The exit code.
    pub code: i32,
    /// From start to end.
    pub seconds: f64,
    /// The largest resident set.
    pub peak_mib: f64,
    /// Why, in the words of the first criterion.
    pub reason: String,
}

/// Checks a plan, with another hosts file if one is given.
pub fn check(plan: &str, hosts: Option<&str>) -> Measured {
    let workplace = Workplace::with_plan(plan);
    let figures = workplace.path().join("figures");
    let mut words = vec![
        "/usr/bin/time",
        "--quiet",
        "--format=%M",
        "--output=figures",
    ];
    words.extend([
        GATE,
        "check",
        "plan.yaml",
        "--gate",
        "pilot/exit",
        "--at",
        AT,
    ]);
    if let Some(hosts) = hosts {
        workplace.write("hosts", hosts);
        words.splice(0..0, ["unshare", "--mount", "sh", "-c", WITH_HOSTS, "sh"]);
    }
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(workplace.path());
    let begin = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("/usr/bin/time (GNU time) runs");
    let seconds = begin.elapsed().as_secs_f64();
    let peak = fs::read_to_string(figures).expect("figures of GNU time");
    let peak: f64 = peak.trim().parse().expect("a number");
    let evidence = workplace.evidence();
    let criterion = &evidence["gates"][0]["criteria"][0];
    Measured {
        verdict: evidence["verdict"].as_str().expect("a verdict").to_owned(),
        code: status.code().expect("an exit code"),
        seconds,
        peak_mib: peak / 1024.0,
        reason: criterion["reason"].as_str().unwrap_or_default().to_owned(),
    }
}
