//! What gate 0.1 wrote (`tests/older`): its answers are read, its evidence is refused by name, nothing is half understood.
//! Its ledgers, and its records beside a plan, are in `bound.rs`.

use std::fs;

use crate::support::program::Workplace;
use crate::support::scenario::repository;

const OTHER_VERSION: &str = "this evidence is incomplete, or was written by another version";

fn older(names: &[&str]) -> Workplace {
    let place = Workplace::new();
    for name in names {
        let file = repository().join("tests/older").join(name);
        place.write(name, fs::read(file).expect("a file"));
    }
    place
}

#[test]
fn recorded_answers_of_0_1_are_judged_as_they_were() {
    let place = older(&["plan.yaml", "answers.json.gz"]);
    let replayed = place.gate(&["check", "plan.yaml", "--replay", "answers.json.gz"]);
    replayed.says(0, "GO     canary-1/exit: 6/6 met, stops 2/2 clear");
}

#[test]
fn evidence_of_0_1_is_refused_by_name() {
    let place = older(&["evidence.json"]);
    for format in ["html", "summary", "handover", "status"] {
        let report = place.gate(&["report", "evidence.json", "--format", format]);
        report.says(2, OTHER_VERSION).never_says("GO  ");
    }
    place
        .gate(&["verify", "evidence.json"])
        .says(1, OTHER_VERSION);
}
