//! The component: its inputs are filled in by gitlab-ci-local, which reads GitLab's language, and its script is run as the runner
//! runs it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_yaml::Value;

use super::block::{at, path, word, words};
use super::lint::tools;
use super::rollout::{Rollout, Situation};
use super::runner::Block;
use crate::support::program::{Finished, Workplace};

/// The job as GitLab sees it, once it is included with these inputs.
fn job(inputs: &str) -> Value {
    let project = Workplace::new();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        let ended = command.args(arguments).current_dir(project.path()).output();
        assert!(ended.expect("git runs").status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet", "."]);
    git(&[
        "remote",
        "add",
        "origin",
        "https://example.com/group/project.git",
    ]);
    fs::create_dir(project.path().join("templates")).expect("a folder");
    let component = project.path().join("templates/gate.yml");
    fs::copy(path("gitlab/templates/gate.yml"), component).expect("the component");
    project.write(
        ".gitlab-ci.yml",
        format!("include:\n  - local: templates/gate.yml\n    inputs: {inputs}\n"),
    );
    git(&["add", "."]);
    let identity = [
        "-c",
        "user.name=tester",
        "-c",
        "user.email=tester@example.com",
    ];
    git(&[&identity[..], &["commit", "--quiet", "--message", "all"]].concat());
    let output = Command::new("node")
        .arg(tools().join("node/node_modules/.bin/gitlab-ci-local"))
        .arg("--preview")
        .current_dir(project.path())
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let whole: Value = serde_yaml::from_slice(&output.stdout).expect("YAML");
    at(&whole, "gate").clone()
}

/// The script as the runner starts it: all lines in one shell, which ends where one of them fails.
fn block<'r>(rollout: &'r Rollout, job: &Value) -> Block<'r> {
    let script = words(at(job, "script")).join("\n");
    let variables = at(job, "variables").as_mapping().expect("variables");
    let block = Block::new(rollout, &["bash", "-eo", "pipefail"], &script).with("CI", "true");
    variables
        .iter()
        .fold(block, |block, (name, value)| {
            block.with(&word(name), word(value))
        })
        // What differs from test to test.
        .with("CHECK_BINARY", rollout.program())
}

/// What the jobs that follow are told.
fn told(rollout: &Rollout) -> BTreeMap<String, String> {
    let path = rollout.place.path().join("gate-reports/gate.env");
    let text = fs::read_to_string(path).expect("variables");
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn ended_with(rollout: &Rollout, ended: &Finished, code: i32, verdict: &str) {
    assert_eq!(ended.code, code, "{ended:?}");
    let told = told(rollout);
    assert_eq!(told["GATE_VERDICT"], verdict, "{ended:?}");
    assert_eq!(told["GATE_EXIT_CODE"], code.to_string());
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn the_job_succeeds_on_go_alone_and_tells_the_verdict() {
    let job = job(r#"{plan: plan.yaml, gate: "canary/exit"}"#);
    for situation in Situation::ALL {
        let rollout = Rollout::new(situation);
        let ended = block(&rollout, &job).run();
        ended_with(&rollout, &ended, situation.code(), situation.verdict());
        rollout.is_kept();
    }
    // Nothing but GO may be let through, and only what says nothing about the release is tried again.
    assert_eq!(at(&job, "allow_failure"), &Value::Bool(false));
    assert_eq!(words(at(&job, "retry.exit_codes")), ["5"]);
    assert_eq!(word(at(&job, "artifacts.when")), "always");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_second_try_of_the_job_is_judged_anew() {
    let job = job(r#"{plan: plan.yaml, before: production, args: "--by=someone"}"#);
    let rollout = Rollout::new(Situation::Unwritable);
    ended_with(&rollout, &block(&rollout, &job).run(), 5, "none");
    rollout.becomes_writable();
    ended_with(&rollout, &block(&rollout, &job).run(), 0, "GO");
    rollout.becomes_unwritable();
    ended_with(&rollout, &block(&rollout, &job).run(), 5, "none");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_job_that_records_nothing_fails() {
    let job = job(r#"{plan: plan.yaml, args: "--help"}"#);
    let rollout = Rollout::new(Situation::Go);
    // What an earlier try left behind is no record of this one.
    let before = block(&rollout, &job).with("CHECK_ARGS", "");
    ended_with(&rollout, &before.run(), 0, "GO");
    ended_with(&rollout, &block(&rollout, &job).run(), 2, "none");
}
