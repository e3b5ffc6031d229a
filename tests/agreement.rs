//! One truth about a rollout: `status`, `check`, `start` and the summary agree on what was left, what is running, what is
//! blocked and what is outstanding.

use crate::support::program::{Finished, Workplace};
use serde_json::Value;

/// The gates that are judged here ask only people: no server is needed.
const PLAN: &str = r#"
release: R1.0
source: http://127.0.0.1:9
vars: { env: prod }
kpis: { errors: { query: 'errors{env="$env"}' } }
stages:
  - { name: pilot, exit: { confirmations: [lead], approvals: [product] } }
  - { name: wave-1, window: 10m, entry: { confirmations: [ready] }, exit: { kpis: { errors: "< 1" } } }
"#;

/// Two lanes that join.
const JOINED: &str = "
release: R1.0
stages:
  - { name: pilot, exit: { confirmations: [lead] } }
  - { name: eu, after: none, entry: { confirmations: [translated] }, exit: { confirmations: [lead] } }
  - { name: joint, after: [pilot, eu], entry: { confirmations: [ready] } }
";

struct Rollout(Workplace);

impl Rollout {
    fn of(plan: &str) -> Self {
        Self(Workplace::with_plan(plan))
    }

    fn gate(&self, verb: &str, words: &[&str]) -> Finished {
        let by: &[&str] = if verb == "status" {
            &[]
        } else {
            &["--by", "mara"]
        };
        self.0.gate(&[&[verb, "plan.yaml"], words, by].concat())
    }

    fn status(&self, words: &[&str]) -> Value {
        let shown = self.gate("status", &[&["--format", "json"], words].concat());
        assert_eq!(shown.code, 0, "{shown:?}");
        serde_json::from_str(&shown.out).expect("JSON")
    }

    /// The state of a stage in `gate status`.
    fn state(&self, stage: &str) -> String {
        state(&self.status(&[]), stage)
    }

    /// The commands that `gate status` asks people for.
    fn owed(&self) -> Vec<String> {
        let status = self.status(&[]);
        let owed = status["outstanding"].as_array().expect("a list");
        let command = |one: &Value| one["command"].as_str().expect("a command").to_owned();
        owed.iter().map(command).collect()
    }

    /// The gates that `gate check` judges if none is named.
    fn judged(&self) -> Vec<String> {
        let shown = self.gate("check", &["--format", "json"]);
        let evidence: Value = serde_json::from_str(&shown.out).expect("JSON");
        let gates = evidence["gates"].as_array().expect("gates");
        let name = |gate: &Value| gate["gate"].as_str().expect("a name").to_owned();
        gates.iter().map(name).collect()
    }
}

fn state(status: &Value, stage: &str) -> String {
    let stages = status["stages"].as_array().expect("stages");
    let found = stages.iter().find(|one| one["stage"] == stage);
    found.expect("a stage")["state"]
        .as_str()
        .expect("a state")
        .to_owned()
}

const STAGING: [&str; 2] = ["--var", "env=staging"];

/// The pilot was left with GO, for staging.
fn left_in_staging() -> Rollout {
    let plan = PLAN.replace(", approvals: [product]", "");
    let rollout = Rollout::of(&plan);
    let start = [&["pilot"][..], &STAGING].concat();
    rollout.gate("start", &start).says(0, "pilot began");
    rollout.gate("confirm", &["lead"]).says(0, "confirmed");
    let check = [&["--gate", "pilot/exit"][..], &STAGING].concat();
    rollout.gate("check", &check).says(0, "GO");
    rollout.gate("confirm", &["ready"]).says(0, "confirmed");
    rollout
}

#[test]
fn a_go_with_another_variable_leaves_no_stage_for_anybody() {
    let rollout = left_in_staging();
    assert_eq!(rollout.state("pilot"), "running");
    assert_eq!(rollout.state("wave-1"), "not-started");
    rollout
        .gate("check", &["--gate", "wave-1/entry"])
        .says(3, "with --var env=staging")
        .says(3, "another question");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "with --var env=staging")
        .says(1, "another question");
    rollout
        .gate("status", &[])
        .says(0, "with --var env=staging")
        .never_says("left ");
    let summary = rollout
        .0
        .gate(&["report", "plan.evidence", "--format", "summary"]);
    summary.says(0, "PARTIAL: 0 of 2 stages left with GO");
}

#[test]
fn asking_the_same_other_question_gets_its_answer() {
    let rollout = left_in_staging();
    assert_eq!(state(&rollout.status(&STAGING), "pilot"), "left");
    assert_eq!(state(&rollout.status(&STAGING), "wave-1"), "at-entry");
    let check = [&["--gate", "wave-1/entry"][..], &STAGING].concat();
    rollout.gate("check", &check).says(0, "GO");
    rollout
        .gate("status", &STAGING)
        .says(0, "wave-1 may begin")
        .says(0, "gate start plan.yaml wave-1 --var env=staging");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "another question");
    rollout
        .gate("start", &["wave-1", "--var", "env=staging"])
        .says(0, "wave-1 began");
}

#[test]
fn an_override_of_another_question_lets_nothing_begin() {
    let plan = PLAN.replace(", approvals: [product]", "");
    let rollout = Rollout::of(&plan);
    rollout.gate("start", &["pilot"]).says(0, "pilot began");
    let check = [&["--gate", "pilot/exit"][..], &STAGING].concat();
    rollout.gate("check", &check).says(3, "HOLD");
    rollout
        .gate("override", &["pilot/exit", "--expires", "1h", "--why", "x"])
        .says(0, "with --var env=staging");
    assert_eq!(rollout.state("pilot"), "running");
    let accepted = ["--gate", "pilot/exit", "--accept-overrides"];
    rollout
        .gate("check", &accepted)
        .says(3, "HOLD")
        .never_says("OVERRIDDEN");
    let accepted = [&accepted[..], &STAGING].concat();
    rollout.gate("check", &accepted).says(0, "OVERRIDDEN");
    rollout.gate("start", &["wave-1"]).says(
        1,
        "cannot begin: pilot/exit was judged with --var env=staging",
    );
}

#[test]
fn a_signature_for_another_variable_is_outstanding_everywhere() {
    let rollout = Rollout::of(PLAN);
    let start = [&["pilot"][..], &STAGING].concat();
    rollout.gate("start", &start).says(0, "pilot began");
    rollout.gate("confirm", &["lead"]).says(0, "confirmed");
    let exit = ["--gate", "pilot/exit"];
    rollout
        .gate("check", &[&exit[..], &STAGING].concat())
        .says(3, "HOLD");
    // Signed is what was asked: it is judged again for another question, and nothing is signed.
    rollout
        .gate("approve", &["product"])
        .says(1, "check #3 answered another question")
        .says(1, "a signature for that would not hold");
    rollout
        .gate("approve", &[&["product"][..], &STAGING].concat())
        .says(0, "product signed for pilot/exit");
    let approve = "gate approve plan.yaml product --gate pilot/exit";
    assert!(!rollout.owed().contains(&approve.to_owned()));
    rollout
        .gate("check", &exit)
        .says(3, "with --var env=staging: that is another question")
        .says(3, "pilot was started with --var env=staging");
    assert!(!rollout.owed().contains(&approve.to_owned()));
    rollout
        .gate("check", &[&exit[..], &STAGING].concat())
        .says(0, "GO");
}

#[test]
fn a_stage_comes_next_once_everything_before_it_has_begun() {
    let rollout = Rollout::of(JOINED);
    let ready = "gate confirm plan.yaml ready --stage joint".to_owned();
    rollout.gate("start", &["pilot"]).says(0, "pilot began");
    assert_eq!(rollout.judged(), ["pilot/exit", "eu/entry"]);
    assert_eq!(rollout.state("joint"), "not-started");
    assert!(!rollout.owed().contains(&ready));
    rollout
        .gate("confirm", &["translated"])
        .says(0, "confirmed");
    rollout.gate("check", &["--gate", "eu/entry"]).says(0, "GO");
    rollout.gate("start", &["eu"]).says(0, "eu began");
    assert_eq!(rollout.judged(), ["pilot/exit", "eu/exit", "joint/entry"]);
    assert_eq!(rollout.state("joint"), "not-started");
    assert!(rollout.owed().contains(&ready));
}

#[test]
fn a_stage_without_an_exit_gate_is_left_once_it_has_begun() {
    let plan = "release: R1.0\nstages:\n  - { name: warm-up, entry: { confirmations: [a] } }\n  - { name: pilot, exit: { confirmations: [b] } }\n";
    let rollout = Rollout::of(plan);
    rollout.gate("confirm", &["a"]).says(0, "confirmed");
    rollout.gate("check", &[]).says(0, "GO");
    rollout.gate("start", &["warm-up"]).says(0, "warm-up began");
    assert_eq!(rollout.state("warm-up"), "left");
    assert_eq!(rollout.state("pilot"), "at-entry");
    rollout.gate("start", &["pilot"]).says(0, "pilot began");
}

#[test]
fn a_go_of_a_stage_that_has_not_begun_leaves_nothing_for_anybody() {
    let exit = "confirmations: [lead], approvals: [product]";
    let rollout = Rollout::of(&PLAN.replace(exit, "no_incidents: { open: [sev1] }"));
    rollout.gate("confirm", &["ready"]).says(0, "confirmed");
    rollout
        .gate("check", &["--gate", "pilot/exit", "--started", "1h"])
        .says(0, "GO");
    assert_eq!(rollout.state("wave-1"), "not-started");
    rollout
        .gate("check", &["--gate", "wave-1/entry"])
        .says(3, "pilot has not begun");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "pilot has not begun");
}

#[test]
fn a_rollback_or_stop_of_an_earlier_stage_blocks_every_later_one_for_everybody() {
    let plan = "release: R1.0\nstages:\n  - { name: pilot, exit: { confirmations: [lead] } }\n  - { name: wave-1, exit: { confirmations: [lead] } }\n  - { name: wave-2, entry: { confirmations: [ready] } }\n";
    let rollout = Rollout::of(plan);
    for stage in ["pilot", "wave-1"] {
        rollout.gate("start", &[stage]).says(0, "began");
        rollout
            .gate("confirm", &["lead", "--stage", stage])
            .says(0, "confirmed");
        let exit = format!("{stage}/exit");
        rollout.gate("check", &["--gate", &exit]).says(0, "GO");
    }
    rollout.gate("confirm", &["ready"]).says(0, "confirmed");
    rollout
        .gate("check", &["--gate", "wave-2/entry"])
        .says(0, "GO");
    assert_eq!(rollout.state("wave-2"), "at-entry");
    rollout
        .gate("rollback", &["--stage", "pilot", "--why", "labels fail"])
        .says(0, "rolled back");
    assert_eq!(rollout.state("wave-2"), "not-started");
    rollout
        .gate("check", &["--gate", "wave-2/entry"])
        .says(1, "pilot was rolled back");
    rollout
        .gate("start", &["wave-2"])
        .says(1, "pilot was rolled back");
}
