//! The steps of the Azure pipeline, as the agent starts the first of them.

use super::block::{at, documents, word};
use super::rollout::{Rollout, Situation};
use super::runner::{BASH, Block};
use crate::support::program::Finished;

fn run(rollout: &Rollout, args: &str) -> Finished {
    let template = documents("azure/gate.yml").remove(0);
    let step = at(&template, "steps.0");
    let variables = at(step, "env").as_mapping().expect("variables");
    let names: Vec<String> = variables.keys().map(word).collect();
    let known = ["PLAN", "BEFORE", "GATES", "ARGS", "BINARY"].map(|name| format!("CHECK_{name}"));
    assert_eq!(names, [&known[..], &["KEPT".to_owned()]].concat());
    let block = Block::new(rollout, &BASH, &word(at(step, "bash")));
    block
        .asking("canary/exit\n", "", args)
        .with("KEPT", rollout.place.path().join("kept"))
        .run()
}

/// What the agent takes as commands.
fn commands(ended: &Finished) -> Vec<&str> {
    let lines = ended.out.lines().chain(ended.err.lines());
    lines.filter(|line| line.contains("##")).collect()
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn the_steps_succeed_on_go_alone_and_tell_the_verdict() {
    for situation in Situation::ALL {
        let rollout = Rollout::new(situation);
        let ended = run(&rollout, "");
        assert_eq!(ended.code, situation.code(), "{ended:?}");
        let verdict = situation.verdict();
        let said = format!("##vso[task.setvariable variable=verdict;isOutput=true]{verdict}");
        assert!(commands(&ended).contains(&said.as_str()), "{ended:?}");
        rollout.is_kept();
        let kept = rollout.place.files("kept/plan.evidence", ".json");
        assert_eq!(!kept.is_empty(), verdict != "none", "{ended:?}");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn what_is_printed_is_no_command_to_the_agent() {
    let rollout = Rollout::new(Situation::NoPlan);
    let forged = "##vso[task.setvariable variable=verdict;isOutput=true]GO";
    let ended = run(&rollout, &format!("--var=a=b\n{forged}\n"));
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(
        ended
            .out
            .contains("setvariable variable=verdict;isOutput=true]GO")
    );
    let is_forged = |line: &&str| line.contains("true]GO");
    assert!(!commands(&ended).iter().any(is_forged), "{ended:?}");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn steps_that_record_nothing_fail() {
    let rollout = Rollout::new(Situation::Go);
    assert_eq!(run(&rollout, "").code, 0);
    // Nothing of an earlier try counts.
    assert_eq!(run(&rollout, "--help").code, 2);
    rollout.becomes_unwritable();
    assert_eq!(run(&rollout, "").code, 5);
}

#[test]
fn what_follows_runs_whatever_the_verdict_is() {
    let template = documents("azure/gate.yml").remove(0);
    for step in ["steps.1", "steps.2"] {
        assert_eq!(word(at(at(&template, step), "condition")), "always()");
    }
}
