//! `gate test`: the shipped plans hold to their own tests, and nothing passes by default.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use crate::support::program::{Finished, Workplace};
use crate::support::scenario::{plans, repository};

/// What CI runs, too: each plan of `rollout-plans/` with its tests.
#[test]
fn f8_the_shipped_plans_hold_to_their_tests() {
    let output = Command::new(env!("CARGO_BIN_EXE_gate"))
        .current_dir(repository())
        .env_clear()
        .arg("test")
        .args(plans())
        .output()
        .expect("gate runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{printed}{errors}");
    assert_eq!(errors, "");
}

#[test]
fn f8_each_shipped_plan_has_a_good_case_and_a_bad_one() {
    for plan in plans() {
        let folder = plan.with_extension("tests");
        let entries = fs::read_dir(&folder).expect("tests");
        let mut verdicts = BTreeSet::new();
        for path in entries.map(|entry| entry.expect("a file").path()) {
            if path.extension().is_none_or(|ending| ending != "yaml") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("a test");
            let case: Value = serde_yaml::from_str(&text).expect("YAML");
            let expect = case["expect"].as_mapping().expect("a map");
            verdicts.extend(expect.values().filter_map(Value::as_str).map(str::to_owned));
        }
        assert!(verdicts.contains("GO"), "{}", plan.display());
        let is_bad = verdicts.contains("STOP") || verdicts.contains("NO-GO");
        assert!(is_bad, "{}", plan.display());
    }
}

const PLAN: &str = "rollout-plans/batch-release-v2.1.0.yaml";
const ANSWERS: &str = "fixtures/batch-stop-conversion/answers.json.gz";

/// A plan with one test, beside its answers.
fn place(test: &str) -> Workplace {
    let workplace = Workplace::new();
    let from = |name: &str| repository().join(name);
    fs::copy(from(PLAN), workplace.path().join("plan.yaml")).expect("the plan");
    fs::create_dir(workplace.path().join("plan.tests")).expect("a folder");
    let answers = workplace.path().join("plan.tests/a.answers.json.gz");
    fs::copy(from(ANSWERS), answers).expect("the answers");
    workplace.write("plan.tests/case.yaml", test);
    workplace
}

fn run(test: &str) -> Finished {
    place(test).gate(&["test", "plan.yaml"])
}

/// Every file below, with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.display().to_string(), fs::read(&path).expect("a file"));
        }
    }
    all
}

#[test]
fn f8_what_is_as_expected_passes_and_nothing_is_written() {
    let workplace = place(
        "answers: a.answers.json.gz
expect:
  canary/exit: STOP
  criteria:
    canary/stop/conversion_rate: tripped
    canary/stop/critical_errors: clear
",
    );
    let before = files(workplace.path());
    let said = workplace.gate(&["test", "plan.yaml"]);
    said.says(0, "1 of 1 test passed");
    assert_eq!(files(workplace.path()), before);
    let junit = workplace.gate(&["test", "plan.yaml", "--format", "junit"]);
    assert_eq!(junit.code, 0);
    assert!(
        junit
            .out
            .contains(r#"tests="1" skipped="0" failures="0" errors="0""#),
        "{}",
        junit.out
    );
}

#[test]
fn f8_what_is_not_as_expected_says_what_and_why() {
    let test = "answers: a.answers.json.gz
expect:
  canary/exit: GO
  criteria: { canary/stop/conversion_rate: clear }
";
    let said = run(test);
    said.says(1, "failed case.yaml canary/exit: expected GO, got STOP");
    said.says(1, "tripped: conversion_rate");
    said.says(
        1,
        "canary/stop/conversion_rate: expected clear, got tripped",
    );
    said.says(1, "0 of 1 test passed, 1 failed; next: correct the plan");
    let junit = place(test).gate(&["test", "plan.yaml", "--format", "junit"]);
    assert_eq!(junit.code, 1);
    assert!(
        junit
            .out
            .contains("<failure message=\"canary/exit: expected GO, got STOP"),
        "{}",
        junit.out
    );
}

/// A reason is compared as exactly as a verdict.
#[test]
fn f8_another_reason_fails() {
    run("answers: a.answers.json.gz
expect: { criteria: { canary/stop/conversion_rate: stale } }
")
    .says(1, "expected stale, got breach");
}

#[test]
fn f8_another_start_is_judged_from_the_same_answers() {
    let workplace = place(
        "answers: a.answers.json.gz
started: 75m
expect: { canary/exit: STOP }
",
    );
    workplace
        .gate(&["test", "plan.yaml"])
        .says(0, "1 of 1 test passed");
    let from = repository().join("fixtures/batch-go/answers.json.gz");
    fs::copy(from, workplace.path().join("plan.tests/a.answers.json.gz")).expect("a copy");
    let said = workplace.gate(&["test", "plan.yaml"]);
    said.says(1, "expected STOP, got HOLD");
}

#[test]
fn f8_wrong_use_is_never_a_pass() {
    let cases = [
        ("expect: { canary/exit: STOP }\n", "it has no `answers`"),
        ("answers: a.answers.json.gz\n", "it expects nothing"),
        (
            "answers: a.answers.json.gz\nexpect: {}\n",
            "it expects nothing",
        ),
        (
            "answers: a.answers.json.gz\nexpect: { criteria: {} }\n",
            "not a map with entries",
        ),
        (
            "answers: a.answers.json.gz\nexpects: { canary/exit: STOP }\n",
            "unknown field `expects`",
        ),
        (
            "answers: a.answers.json.gz\nexpect: { canary/exit: STOP, canary/exit: STOP }\n",
            "duplicate",
        ),
        (
            "answers: a.answers.json.gz\nexpect: { canary: STOP }\n",
            "`canary` does not name a gate",
        ),
        (
            "answers: a.answers.json.gz\nexpect: { canry/exit: STOP }\n",
            "canry",
        ),
        (
            "answers: a.answers.json.gz\nexpect: { canary/exit: BAD }\n",
            "`BAD` is no verdict: GO, NO-GO, HOLD or STOP",
        ),
        (
            "answers: a.answers.json.gz\nexpect: { criteria: { canary/stop/conversion_rat: met } }\n",
            "names no criterion that was judged; the nearest are canary/stop/conversion_rate",
        ),
        (
            "answers: a.answers.json.gz\nexpect: { criteria: { canary/stop/error_rate: clear } }\n",
            "names 2 criteria: write `canary/stop/error_rate",
        ),
        (
            "answers: a.answers.json.gz\nexpect: { criteria: { canary/stop/conversion_rate: fine } }\n",
            "neither an outcome (met, unmet, unknown, clear, tripped) nor a reason code",
        ),
        (
            "answers: b.answers.json.gz\nexpect: { canary/exit: STOP }\n",
            "b.answers.json.gz cannot be read",
        ),
        (
            "answers: case.yaml\nexpect: { canary/exit: STOP }\n",
            "case.yaml cannot be used",
        ),
        (
            "answers: a.answers.json.gz\nat: 2h\nexpect: { canary/exit: STOP }\n",
            "2h is no fixed moment",
        ),
        (
            "answers: a.answers.json.gz\nat: 2026-11-21T00:00:00Z\nexpect: { canary/exit: STOP }\n",
            "the recorded answers do not hold",
        ),
        (
            "answers: a.answers.json.gz\nvars: { nobody: x }\nexpect: { canary/exit: STOP }\n",
            "nobody",
        ),
    ];
    for (test, sentence) in cases {
        let said = run(test);
        assert_eq!(said.code, 2, "{test}\n{}{}", said.out, said.err);
        said.says(2, sentence);
    }
}

#[test]
fn f8_answers_that_are_older_than_the_queries_are_no_pass() {
    let workplace = place("answers: a.answers.json.gz\nexpect: { canary/exit: HOLD }\n");
    let plan = workplace.path().join("plan.yaml");
    let text = fs::read_to_string(&plan).expect("the plan");
    assert!(text.contains("[5m]"), "{text}");
    fs::write(&plan, text.replacen("[5m]", "[7m]", 1)).expect("the plan");
    workplace
        .gate(&["test", "plan.yaml"])
        .says(2, "do not hold")
        .says(2, "record them again with gate check");
}

#[test]
fn f8_a_plan_without_tests_is_no_pass() {
    let workplace = Workplace::new();
    fs::copy(repository().join(PLAN), workplace.path().join("plan.yaml")).expect("the plan");
    workplace
        .gate(&["test", "plan.yaml"])
        .says(2, "it has no tests");
    fs::create_dir(workplace.path().join("plan.tests")).expect("a folder");
    workplace
        .gate(&["test", "plan.yaml"])
        .says(2, "it has no tests");
    workplace
        .gate(&["test", "other.yaml"])
        .says(2, "cannot be read");
    workplace.write(
        "plan.tests/a.yaml",
        "answers: x\nexpect: { canary/exit: GO }\n",
    );
    workplace.write("plan.yaml", "release: x\nkpi: {}\n");
    let said = workplace.gate(&["test", "plan.yaml"]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
}

/// Evidence names its answers; a folder holds them.
#[test]
fn f8_answers_are_named_by_evidence_or_folder() {
    let workplace = place("answers: .\nexpect: { canary/exit: STOP }\n");
    workplace
        .gate(&["test", "plan.yaml"])
        .says(0, "1 of 1 test passed");
    let replay = [
        "check",
        "plan.yaml",
        "--replay",
        "plan.tests/a.answers.json.gz",
        "--evidence",
        "plan.tests/record",
    ];
    assert_eq!(workplace.gate(&replay).code, 4);
    let record = fs::read_dir(workplace.path().join("plan.tests/record")).expect("evidence");
    let names = record.map(|entry| {
        entry
            .expect("a file")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let json = names
        .into_iter()
        .find(|name| name.ends_with("-stop.json"))
        .expect("a record");
    let test = format!("answers: record/{json}\nexpect: {{ canary/exit: STOP }}\n");
    workplace.write("plan.tests/case.yaml", &test);
    workplace
        .gate(&["test", "plan.yaml"])
        .says(0, "1 of 1 test passed");
    let answers = workplace.path().join(format!(
        "plan.tests/record/{}",
        json.replace(".json", ".answers.json.gz")
    ));
    fs::copy(
        repository().join("fixtures/batch-go/answers.json.gz"),
        answers,
    )
    .expect("a copy");
    workplace
        .gate(&["test", "plan.yaml"])
        .says(2, "are not the answers that the evidence");
}
