//! GO is earned and recorded: captured values of a whole window, and no exit 0 without evidence on disk.

use std::fs;
use std::process::Stdio;

use crate::support::exposition::Series;
use crate::support::program::Workplace;
use crate::support::servers::{Server, Version, prometheus};

/// T: 2026-11-20T00:00:00Z.
const T: i64 = 1_795_132_800;
const AT: &str = "1795132800";

fn bench(query: &str, condition: &str) -> (Server, Workplace) {
    let times = (T - 3 * 3600..=T).step_by(15);
    let server = prometheus(
        Version::V3_5,
        &[Series::new("errors", times.map(|at| (at, 0.25)))],
    );
    let plan = format!(
        "release: test\nsource: {}\nbaseline: {{file: base.json}}\nkpis:\n  errors: {{query: '{query}'}}\nstages:\n  - {{name: pilot, observe: trailing, window: 20m, exit: {{kpis: {{errors: \"{condition}\"}}}}}}\n",
        server.url()
    );
    (server, Workplace::with_plan(&plan))
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn rule_6_a_value_of_a_whole_window_can_be_a_captured_baseline() {
    let (_server, workplace) = bench("max_over_time(errors[$window])", "<= baseline");
    let capture = [
        "capture",
        "plan.yaml",
        "--from",
        "1795131600",
        "--to",
        AT,
        "-o",
        "base.json",
    ];
    workplace.gate(&capture).says(0, "captured 2 queries");
    let check = ["check", "plan.yaml", "--at", AT];
    let first = workplace.gate(&check);
    first.says(0, "GO");
    fs::remove_file(workplace.path().join("base.json")).expect("the baseline");
    let answers = workplace
        .files("plan.evidence", ".answers.json.gz")
        .remove(0);
    let answers = answers.to_string_lossy().into_owned();
    let again = workplace.gate(&[
        "check",
        "plan.yaml",
        "--replay",
        &answers,
        "--evidence",
        "again",
    ]);
    assert_eq!((again.code, again.out), (first.code, first.out));
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m14b_a_baseline_captured_in_milliseconds_lets_no_seconds_pass() {
    let (_server, workplace) = bench("errors * 1000", "<= baseline");
    let seconds = fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan");
    let seconds = seconds.replace("{query: 'errors * 1000'}", "{query: errors, unit: seconds}");
    let (from, to) = (AT.replace("2800", "1600"), AT);
    let capture = [
        "capture",
        "plan.yaml",
        "--from",
        &from,
        "--to",
        to,
        "-o",
        "base.json",
    ];
    let milliseconds = seconds.replace(
        "errors, unit: seconds",
        "'errors * 1000', unit: milliseconds",
    );
    workplace.write("plan.yaml", milliseconds);
    workplace.gate(&capture).says(0, "captured 1 query");
    let check = || workplace.gate(&["check", "plan.yaml", "--at", AT]);
    check().says(0, "GO");
    workplace.write("plan.yaml", &seconds);
    check().says(
        3,
        "is in milliseconds, not seconds, and answers another query",
    );
    let evidence = workplace.files("plan.evidence", "hold.json").remove(0);
    let evidence = fs::read_to_string(evidence).expect("evidence");
    assert!(evidence.contains("\"baseline-differs\""), "{evidence}");
    let accepting = seconds.replace("unit: seconds", "unit: seconds, accept: [baseline-differs]");
    workplace.write("plan.yaml", accepting);
    check().says(0, "as the plan accepts: `base.json`");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn no_exit_0_without_evidence_on_disk() {
    let (_server, workplace) = bench("errors", "< 1");
    let check =
        |folder: &str| workplace.gate(&["check", "plan.yaml", "--at", AT, "--evidence", folder]);
    check("good").says(0, "GO");
    workplace.write("file", "");
    check("file").says(5, "no verdict");
    check("file/below").says(5, "no verdict");
    check("/proc/nowhere").says(5, "no verdict");
    check("/dev/full").says(5, "no verdict");
    std::os::unix::fs::symlink("nowhere/at/all", workplace.path().join("dangling"))
        .expect("a link");
    let dangling = check("dangling");
    assert!(
        dangling.code == 5 || !workplace.files("dangling", ".json").is_empty(),
        "{dangling:?}"
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn no_exit_0_if_the_verdict_could_not_be_printed() {
    let (_server, workplace) = bench("errors", "< 1");
    for format in ["text", "json"] {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("a full device");
        let arguments = ["check", "plan.yaml", "--at", AT, "--format", format];
        let mut command = workplace.command(&arguments, &[]);
        let status = command
            .stdout(full)
            .stderr(Stdio::null())
            .status()
            .expect("gate runs");
        assert_eq!(status.code(), Some(5), "{format}");
    }
}
