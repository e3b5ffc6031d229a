//! Whole checks, replayed: every folder of `fixtures/` must end with the exit code and print the bytes that it
//! says. Adding a case adds no code here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::scenario::{self, Scenario};

/// `gate` with nothing of this machine around it.
fn gate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gate"));
    command.current_dir(folder).env_clear();
    command
}

/// Judges a scenario again from its recorded answers, without any server.
pub fn replay(scenario: &Scenario, evidence: &Path) -> std::process::Output {
    gate(scenario::repository())
        .arg("check")
        .arg(scenario.plan())
        .args(["--replay", &scenario.answers(), "--evidence"])
        .arg(evidence)
        .output()
        .expect("gate runs")
}

#[test]
fn every_scenario_prints_what_it_says_and_exits_as_it_says() {
    let mut wrong = Vec::new();
    for scenario in scenario::all() {
        let evidence = tempfile::tempdir().expect("a folder");
        let output = replay(&scenario, evidence.path());
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let exit = output.status.code().map(|code| code.to_string());
        if exit.as_deref() != Some(scenario.read("exit").trim()) {
            let errors = String::from_utf8_lossy(&output.stderr);
            wrong.push(format!("{}: exit {exit:?}: {errors}", scenario.name()));
        }
        if printed != scenario.read("expected.txt") {
            wrong.push(format!("{} printed:\n{printed}", scenario.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_replay_writes_the_same_evidence() {
    for scenario in scenario::all() {
        let documents: BTreeSet<Vec<u8>> = (0..2)
            .map(|_| {
                let evidence = tempfile::tempdir().expect("a folder");
                replay(&scenario, evidence.path());
                fs::read(scenario::written(evidence.path(), ".json")).expect("evidence")
            })
            .collect();
        assert_eq!(documents.len(), 1, "{}", scenario.name());
    }
}

#[test]
fn each_verdict_is_the_end_of_some_scenario() {
    let exits: BTreeSet<String> = scenario::all()
        .iter()
        .map(|scenario| scenario.read("exit").trim().to_owned())
        .collect();
    assert_eq!(Vec::from_iter(exits), ["0", "1", "3", "4"]);
}

#[test]
fn every_rollout_plan_has_a_scenario() {
    let replayed: BTreeSet<String> = scenario::all().iter().map(Scenario::plan).collect();
    for plan in scenario::plans() {
        let name = plan.file_name().expect("a name").to_string_lossy();
        let path = format!("rollout-plans/{name}");
        assert!(replayed.contains(&path), "{name}");
    }
}
