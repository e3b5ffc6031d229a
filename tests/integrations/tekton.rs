//! The task: its first step is a command without a shell, its second a script that ends with the first one's exit code.

use std::fs;

use serde_yaml::Value;

use super::block::{at, documents, word, words};
use super::rollout::{Rollout, Situation};
use super::runner::{Block, SH};

struct Task(Value);

impl Task {
    fn read() -> Self {
        Self(documents("tekton/task.yaml").remove(0))
    }

    fn step(&self, index: usize) -> &Value {
        at(&self.0, &format!("spec.steps.{index}"))
    }

    /// What the first step runs; `args` replaces the array of that name.
    fn command(&self, rollout: &Rollout, args: &[&str]) -> Vec<String> {
        let step = self.step(0);
        assert_eq!(words(at(step, "command")), ["/usr/bin/gate"]);
        let mut command = vec![rollout.program().to_owned()];
        for argument in words(at(step, "args")) {
            if argument == "$(params.args[*])" {
                command.extend(args.iter().map(|&word| word.to_owned()));
            } else {
                command.push(filled_in(&argument));
            }
        }
        command
    }

    /// Both steps: the exit code of the task, and its results.
    fn run(&self, rollout: &Rollout, args: &[&str]) -> (i32, String, String) {
        assert_eq!(word(at(self.step(0), "onError")), "continue");
        let first = Block::of_command(rollout, &self.command(rollout, args)).run();
        rollout.place.write("exitCode", first.code.to_string());
        let step = self.step(1);
        let script = Block::new(rollout, &SH, &word(at(step, "script")));
        let variables = at(step, "env").as_sequence().expect("variables");
        let script = variables.iter().fold(script, |script, variable| {
            let value = word(at(variable, "value"));
            script.with(&word(at(variable, "name")), filled_in(&value))
        });
        let last = script.run();
        let result = |name| fs::read_to_string(rollout.place.path().join(name)).expect("a result");
        (last.code, result("verdict"), result("exit-code"))
    }
}

/// What Tekton puts into a text.
fn filled_in(text: &str) -> String {
    let filled = [
        ("$(params.plan)", "plan.yaml"),
        ("$(context.taskRun.name)", "run-1"),
        ("$(steps.step-gate.exitCode.path)", "exitCode"),
        ("$(results.verdict.path)", "verdict"),
        ("$(results.exit-code.path)", "exit-code"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (name, value)| {
        text.replace(name, value)
    });
    assert!(!filled.contains("$("), "{filled}");
    filled
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn the_task_succeeds_on_go_alone_and_tells_the_verdict() {
    let task = Task::read();
    for situation in Situation::ALL {
        let rollout = Rollout::new(situation);
        let (code, verdict, told) = task.run(&rollout, &["--gate=canary/exit"]);
        assert_eq!(
            (code, verdict.as_str()),
            (situation.code(), situation.verdict())
        );
        assert_eq!(told, code.to_string());
        rollout.is_kept();
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_task_that_records_nothing_fails() {
    let rollout = Rollout::new(Situation::Go);
    let (code, verdict, _) = Task::read().run(&rollout, &["--help"]);
    assert_eq!((code, verdict.as_str()), (2, "none"));
}

#[test]
fn a_task_whose_first_step_left_no_exit_code_fails() {
    let task = Task::read();
    let place = crate::support::program::Workplace::new();
    place.write("block", word(at(task.step(1), "script")));
    let mut command = std::process::Command::new("sh");
    command
        .args(["block"])
        .current_dir(place.path())
        .env("EXIT_CODE", "exitCode");
    let ended = command.output().expect("sh runs");
    assert!(!ended.status.success());
}
