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
    assert_eq!(again.code, first.code);
    let read = |folder: &str| {
        let path = workplace.files(folder, "-go.json").remove(0);
        fs::read(workplace.path().join(path)).expect("evidence")
    };
    assert_eq!(read("plan.evidence"), read("again"));
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
fn m16_a_captured_baseline_that_was_replaced_leaves_a_trace() {
    let (_server, workplace) = bench("errors", "<= baseline");
    let capture = |from: &str| {
        let times = ["--from", from, "--to", AT, "-o", "base.json"];
        workplace.gate(&[&["capture", "plan.yaml"], &times[..]].concat())
    };
    let check = |more: &[&str]| {
        let check = ["check", "plan.yaml", "--gate", "pilot/exit", "--at", AT];
        workplace.gate(&[&check[..], more].concat())
    };
    capture("1795131600").says(0, "captured 1 query");
    let first = check(&["--evidence", "first"]);
    first.says(0, "GO").never_says("since #");
    let whole = workplace.files("first", ".txt").remove(0);
    let whole = fs::read_to_string(whole).expect("a report");
    assert!(
        whole.contains("baseline base.json: captured at "),
        "{whole}"
    );
    check(&[]).says(0, "GO").never_says("since #");
    let base = workplace.path().join("base.json");
    fs::remove_file(&base).expect("the baseline");
    capture("1795125600").says(0, "captured 1 query");
    let said = "pilot/exit since #2: baseline base.json content `captured at ";
    check(&["--report", "markdown=gate.md"]).says(0, said);
    let markdown = fs::read_to_string(workplace.path().join("gate.md")).expect("a report");
    assert!(
        markdown.contains("baseline base.json: captured at "),
        "{markdown}"
    );
    assert!(markdown.contains("base.json content"), "{markdown}");
    let record = workplace.files("plan.evidence", "go.json").remove(0);
    let record = fs::read_to_string(record).expect("evidence");
    let record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
    assert_eq!(record["baselines"][0]["path"], "base.json", "{record}");
    // The check after it was made with the same file; without its record, nobody knows.
    check(&[]).says(0, "GO").never_says("since #");
    fs::remove_dir_all(workplace.path().join("plan.evidence")).expect("the evidence");
    check(&[]).says(
        0,
        "what it was is not known: the record of the earlier check",
    );
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
