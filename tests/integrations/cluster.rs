//! Argo Rollouts and Argo Workflows: commands without a shell, whose exit codes the cluster judges by rules in the files.

use serde_yaml::Value;

use super::block::{at, documents, path, word, words};
use super::rollout::{Rollout, Situation};
use super::runner::Block;
use crate::support::program::Finished;

/// What becomes of a Job when its pod has ended.
#[derive(Debug, PartialEq, Eq)]
enum Job {
    Complete,
    Failed,
    TriedAgain,
}

/// As Kubernetes applies `podFailurePolicy`: the first rule that matches; without one the failure counts against `backoffLimit`.
fn job(spec: &Value, code: i32, is_disrupted: bool) -> Job {
    if code == 0 {
        return Job::Complete;
    }
    assert_eq!(word(at(spec, "template.spec.restartPolicy")), "Never");
    let rules = at(spec, "podFailurePolicy.rules").as_sequence();
    for rule in rules.expect("rules") {
        let matches = match rule.get("onExitCodes") {
            Some(codes) => {
                assert_eq!(word(at(codes, "operator")), "In");
                words(at(codes, "values")).contains(&code.to_string())
            }
            None => is_disrupted && word(at(rule, "onPodConditions.0.type")) == "DisruptionTarget",
        };
        if matches {
            return match word(at(rule, "action")).as_str() {
                "FailJob" => Job::Failed,
                "Ignore" | "Count" => Job::TriedAgain,
                other => panic!("unknown action {other}"),
            };
        }
    }
    Job::TriedAgain
}

/// Runs the container's command on a rollout.
fn run(rollout: &Rollout, container: &Value, filled: &[(&str, &str)]) -> Finished {
    assert_eq!(words(at(container, "command")), ["/usr/bin/gate"]);
    let mut command = vec![rollout.program().to_owned()];
    command.extend(words(at(container, "args")).into_iter().map(|argument| {
        let argument = argument.replace("/rollout/", "");
        let filled = filled.iter().fold(argument, |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        });
        assert!(!filled.contains("{{"), "{filled}");
        filled
    }));
    Block::of_command(rollout, &command).run()
}

fn template(index: usize) -> Value {
    let templates = documents("argo-rollouts/analysis-template.yaml");
    at(&templates[index], "spec.metrics.0.provider.job.spec").clone()
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_job_completes_on_go_alone() {
    let spec = template(1);
    let container = at(&spec, "template.spec.containers.0");
    for situation in Situation::ALL {
        let rollout = Rollout::new(situation);
        let filled = [("args.gate", "canary/exit"), ("args.wait", "2s")];
        let ended = run(&rollout, container, &filled);
        assert_eq!(ended.code, situation.code(), "{ended:?}");
        let expected = match situation {
            Situation::Go => Job::Complete,
            // Nothing is known of the release: another pod tries again, a few times.
            Situation::Unwritable | Situation::NoProgram => Job::TriedAgain,
            Situation::NoGo
            | Situation::Hold
            | Situation::Stop
            | Situation::Away
            | Situation::NoPlan => Job::Failed,
        };
        assert_eq!(job(&spec, ended.code, false), expected, "{situation:?}");
        rollout.is_kept();
    }
    // A node that is drained ends the wait with 3, and nothing is decided by that.
    assert_eq!(job(&spec, 3, true), Job::TriedAgain);
    assert_eq!(job(&spec, 137, false), Job::TriedAgain);
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_stage_begins_once() {
    let rollout = Rollout::new(Situation::Go);
    let spec = template(0);
    let container = at(&spec, "template.spec.containers.0");
    let start = |stage| run(&rollout, container, &[("args.stage", stage)]);
    assert_eq!(start("canary").code, 1, "it has begun");
    // The exit of the stage before was never GO.
    let early = start("production");
    assert_ne!(early.code, 0, "{early:?}");
    let check = ["check", "plan.yaml", "--gate", "canary/exit"];
    rollout.gate(&check).says(0, "GO");
    assert_eq!(start("production").code, 0);
    assert_eq!(word(at(&spec, "backoffLimit")), "0");
}

#[test]
fn a_failed_measurement_fails_the_analysis() {
    for template in documents("argo-rollouts/analysis-template.yaml") {
        // With a `failureLimit` or a `dryRun`, a Job that failed would be a success in the end.
        let metrics = at(&template, "spec.metrics")
            .as_sequence()
            .expect("metrics");
        let keys = |value: &Value| -> Vec<String> {
            value.as_mapping().expect("keys").keys().map(word).collect()
        };
        assert_eq!(
            metrics.iter().map(keys).collect::<Vec<_>>(),
            [["name", "provider"]]
        );
        assert_eq!(keys(at(&template, "spec")), ["args", "metrics"]);
    }
}

/// Whether the step is tried again, as the expression of the file says.
fn is_tried_again(expression: &str, code: i32) -> bool {
    let codes = expression
        .strip_prefix("asInt(lastRetry.exitCode) in ")
        .expect("a list of exit codes");
    let codes: Vec<i32> = serde_yaml::from_str(codes).expect("numbers");
    codes.contains(&code)
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_step_of_a_workflow_succeeds_on_go_alone_and_asks_again_on_hold() {
    let workflow = documents("argo-workflows/workflow-template.yaml").remove(0);
    let template = at(&workflow, "spec.templates.0");
    let expression = word(at(template, "retryStrategy.expression"));
    for situation in Situation::ALL {
        let rollout = Rollout::new(situation);
        let filled = [
            ("inputs.parameters.plan", "plan.yaml"),
            ("inputs.parameters.before", "production"),
            ("pod.name", "pod-1"),
        ];
        let ended = run(&rollout, at(template, "container"), &filled);
        assert_eq!(ended.code, situation.code(), "{ended:?}");
        let expected = match situation {
            Situation::Hold | Situation::Away | Situation::Unwritable => true,
            Situation::Go
            | Situation::NoGo
            | Situation::Stop
            | Situation::NoPlan
            | Situation::NoProgram => false,
        };
        let is_again = is_tried_again(&expression, ended.code);
        assert_eq!(is_again, expected, "{situation:?}");
        rollout.is_kept();
        let report = rollout.place.path().join("gate-reports/pod-1.html");
        assert_eq!(report.exists(), situation.verdict() != "none");
    }
}

#[test]
fn documents_have_the_kinds_of_their_systems() {
    let kinds = |file: &str| -> Vec<String> {
        let read = documents(file);
        read.iter()
            .map(|document| {
                let version = word(at(document, "apiVersion"));
                format!("{version} {}", word(at(document, "kind")))
            })
            .collect()
    };
    let template = "argoproj.io/v1alpha1 AnalysisTemplate";
    assert_eq!(kinds("argo-rollouts/analysis-template.yaml"), [template; 2]);
    assert_eq!(
        kinds("argo-workflows/workflow-template.yaml"),
        ["argoproj.io/v1alpha1 WorkflowTemplate"]
    );
    assert_eq!(kinds("tekton/task.yaml"), ["tekton.dev/v1 Task"]);
    assert_eq!(kinds("flagger/canary.yaml"), ["flagger.app/v1beta1 Canary"]);
    assert!(path("flagger/Dockerfile").exists());
}
