//! The composite action: its steps as GitHub's runner goes through them.

use std::collections::BTreeMap;
use std::fs;

use serde_yaml::Value;

use super::block::{at, documents, word};
use super::rollout::{Rollout, Situation};
use super::runner::{BASH, Block, interrupted};
use crate::support::program::Finished;

/// How a use of the action ended.
struct Used {
    step: Finished,
    outputs: BTreeMap<String, String>,
    summary: String,
}

impl Used {
    fn output(&self, name: &str) -> &str {
        let value = self.outputs.get(name);
        value.map_or("", String::as_str)
    }

    /// What the runner takes as commands: none of it between `stop-commands` and its token.
    fn commands(&self) -> Vec<&str> {
        let (mut stopped, mut commands) = (None::<String>, Vec::new());
        for line in self.step.out.lines().map(str::trim_start) {
            match (&stopped, line.strip_prefix("::stop-commands::")) {
                (Some(token), _) if line == format!("::{token}::") => stopped = None,
                (Some(_), _) => {}
                (None, Some(token)) => stopped = Some(token.to_owned()),
                (None, None) if line.starts_with("::") || line.contains("##[") => {
                    commands.push(line);
                }
                (None, None) => {}
            }
        }
        assert_eq!(stopped, None, "commands were never allowed again");
        commands
    }
}

struct Action(Value);

impl Action {
    fn read() -> Self {
        Self(documents("github/action.yml").remove(0))
    }

    /// The step with its inputs: as given, or their defaults.
    fn block<'r>(&self, rollout: &'r Rollout, given: &[(&str, &str)]) -> Block<'r> {
        for (name, _) in given {
            at(&self.0, &format!("inputs.{name}"));
        }
        let input = |name: &str| {
            let given = given.iter().find(|(given, _)| *given == name);
            let default = || word(at(&self.0, &format!("inputs.{name}.default")));
            given.map_or_else(default, |(_, value)| (*value).to_owned())
        };
        let step = at(&self.0, "runs.steps.0");
        assert_eq!(word(at(step, "shell")), "bash");
        for name in ["output", "summary"] {
            rollout.place.write(name, "");
        }
        let folder = rollout.place.path();
        let block = Block::new(rollout, &BASH, &word(at(step, "run")))
            .with("CI", "true")
            .with("GITHUB_ACTIONS", "true")
            .with("RUNNER_TEMP", folder)
            .with("GITHUB_OUTPUT", folder.join("output"))
            .with("GITHUB_STEP_SUMMARY", folder.join("summary"));
        let environment = at(step, "env").as_mapping().expect("variables");
        environment.iter().fold(block, |block, (name, value)| {
            let value = word(value);
            let input_name = value
                .strip_prefix("${{ inputs.")
                .and_then(|rest| rest.strip_suffix(" }}"));
            block.with(&word(name), input(input_name.expect("an input")))
        })
    }

    fn used(&self, rollout: &Rollout, step: Finished) -> Used {
        let read = |name: &str| fs::read_to_string(rollout.place.path().join(name)).expect(name);
        let written = read("output");
        let of_step: BTreeMap<&str, &str> = written
            .lines()
            .map(|line| line.split_once('=').expect("NAME=VALUE"))
            .collect();
        let outputs = at(&self.0, "outputs").as_mapping().expect("outputs");
        let outputs = outputs.iter().map(|(name, told)| {
            let expression = word(at(told, "value"));
            let key = expression
                .strip_prefix("${{ steps.judge.outputs.")
                .and_then(|rest| rest.strip_suffix(" }}"))
                .expect("an output of the step");
            let value = of_step.get(key).copied().unwrap_or_default();
            (word(name), value.to_owned())
        });
        Used {
            step,
            outputs: outputs.collect(),
            summary: read("summary"),
        }
    }

    fn use_in(&self, rollout: &Rollout, given: &[(&str, &str)]) -> Used {
        let all = [
            &[("plan", "plan.yaml"), ("binary", rollout.program())],
            given,
        ]
        .concat();
        let step = self.block(rollout, &all).run();
        self.used(rollout, step)
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn the_action_succeeds_on_go_alone_and_tells_the_verdict() {
    let action = Action::read();
    for situation in Situation::ALL {
        let rollout = Rollout::new(situation);
        let used = action.use_in(&rollout, &[("gate", "canary/exit\n")]);
        let said = format!("{situation:?}: {}{}", used.step.out, used.step.err);
        assert_eq!(used.step.code, situation.code(), "{said}");
        assert_eq!(used.output("verdict"), situation.verdict(), "{said}");
        assert_eq!(
            used.output("exit-code"),
            situation.code().to_string(),
            "{said}"
        );
        rollout.is_kept();
        let is_there = fs::metadata(used.output("evidence")).is_ok();
        assert_eq!(is_there, situation.verdict() != "none", "{said}");
        // People read it in the job's summary, and beside the files.
        let title = match situation.verdict() {
            "none" => "No verdict was reached",
            verdict => verdict,
        };
        assert!(used.summary.contains(title), "{said}\n{}", used.summary);
        let commands = used.commands();
        let is_told = commands.iter().any(|line| line.contains("canary/exit"))
            || commands
                .iter()
                .any(|line| line.contains("no verdict was reached"));
        assert!(is_told, "{said}");
        let annotations = ["::error ", "::warning ", "::notice "];
        let is_annotation = |line: &&str| annotations.iter().any(|word| line.starts_with(word));
        assert!(commands.iter().all(is_annotation), "{commands:?}");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn what_records_nothing_is_no_success() {
    let action = Action::read();
    let rollout = Rollout::new(Situation::Go);
    let help = action.use_in(&rollout, &[("args", "--help")]);
    assert_eq!((help.step.code, help.output("verdict")), (2, "none"));
    let other = action.use_in(&rollout, &[("version", "0.0.9")]);
    assert_eq!((other.step.code, other.output("verdict")), (2, "none"));
    other.step.says(2, "the step asks for 0.0.9");
    let given = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("before", "production"),
    ];
    let same = action.use_in(&rollout, &given);
    assert_eq!((same.step.code, same.output("verdict")), (0, "GO"));
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn nothing_of_an_earlier_try_counts_and_a_second_try_is_judged_anew() {
    let action = Action::read();
    let rollout = Rollout::new(Situation::Go);
    let gate = [("gate", "canary/exit")];
    assert_eq!(action.use_in(&rollout, &gate).output("verdict"), "GO");
    rollout.becomes_unwritable();
    let second = action.use_in(&rollout, &gate);
    assert_eq!((second.step.code, second.output("verdict")), (5, "none"));
    assert_eq!(second.output("evidence"), "");
    rollout.becomes_writable();
    fs::rename(
        rollout.place.path().join("kept.evidence"),
        rollout.place.path().join("plan.evidence"),
    )
    .expect("put back");
    let third = action.use_in(&rollout, &gate);
    assert_eq!((third.step.code, third.output("verdict")), (0, "GO"));
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn an_override_is_told_as_what_it_is() {
    let action = Action::read();
    let rollout = Rollout::new(Situation::NoGo);
    let gate = ("gate", "canary/exit");
    assert_eq!(action.use_in(&rollout, &[gate]).output("verdict"), "NO-GO");
    let over = [
        "override",
        "plan.yaml",
        "canary/exit",
        "--why",
        "known",
        "--expires",
        "1h",
    ];
    rollout.gate(&over).says(0, "canary/exit");
    let refused = action.use_in(&rollout, &[gate]);
    assert_eq!((refused.step.code, refused.output("verdict")), (1, "NO-GO"));
    let passed = action.use_in(&rollout, &[gate, ("args", "--accept-overrides")]);
    assert_eq!(
        (passed.step.code, passed.output("verdict")),
        (0, "OVERRIDDEN")
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_job_that_is_cancelled_is_no_success() {
    let action = Action::read();
    let rollout = Rollout::new(Situation::Hold);
    let given = [
        ("plan", "plan.yaml"),
        ("binary", rollout.program()),
        ("gate", "canary/exit"),
        ("args", "--wait=1h\n--every=1s\n"),
    ];
    let child = action.block(&rollout, &given).begin();
    let used = action.used(&rollout, interrupted(&rollout, child));
    assert_ne!(used.step.code, 0, "{:?}", used.step);
    assert_eq!(used.output("verdict"), "HOLD");
}

#[test]
fn evidence_is_kept_whatever_the_verdict_is() {
    let action = Action::read();
    let keeps = at(&action.0, "runs.steps.1");
    assert!(word(at(keeps, "uses")).starts_with("actions/upload-artifact@"));
    assert!(word(at(keeps, "if")).starts_with("always() &&"));
    let paths = word(at(keeps, "with.path"));
    for output in ["reports", "kept"] {
        assert!(paths.contains(&format!("steps.judge.outputs.{output} ")));
    }
}
