//! The Jenkinsfile, run by Groovy with the steps that it asks for (`jenkins.groovy`): the shell is a real one.

use super::block::path;
use super::lint::{script, tools};
use super::rollout::{Rollout, Situation};
use super::runner::Block;
use crate::support::program::Finished;

fn build(rollout: &Rollout, args: &str) -> Finished {
    let groovy = tools().join("node/node_modules/npm-groovy-lint/lib/java/groovy/lib/*");
    let words = [
        "java".to_owned(),
        "-cp".to_owned(),
        groovy.display().to_string(),
        "groovy.ui.GroovyMain".to_owned(),
        script("jenkins.groovy").display().to_string(),
        path("jenkins/Jenkinsfile").display().to_string(),
    ];
    Block::of_command(rollout, &words)
        .asking("canary/exit", "", args)
        .run()
}

#[track_caller]
fn ended_as(build: &Finished, result: &str, description: &str) {
    for line in [
        format!("RESULT {result}"),
        format!("DESCRIPTION {description}"),
        "KEPT artifacts junit".to_owned(),
    ] {
        assert!(
            build.out.lines().any(|seen| seen == line),
            "{line}: {build:?}"
        );
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn the_build_succeeds_on_go_alone_and_hold_is_not_built() {
    for situation in Situation::ALL {
        let rollout = Rollout::new(situation);
        let result = match situation {
            Situation::Go => "SUCCESS",
            Situation::Hold | Situation::Away => "NOT_BUILT",
            Situation::NoGo
            | Situation::Stop
            | Situation::NoPlan
            | Situation::NoProgram
            | Situation::Unwritable => "FAILURE",
        };
        ended_as(&build(&rollout, ""), result, situation.verdict());
        rollout.is_kept();
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_build_that_records_nothing_fails() {
    let rollout = Rollout::new(Situation::Go);
    ended_as(&build(&rollout, ""), "SUCCESS", "GO");
    ended_as(&build(&rollout, "--help"), "FAILURE", "none");
}
