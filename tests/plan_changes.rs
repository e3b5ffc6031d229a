//! M16: a plan that changed since a gate was judged, or since its stage began, is in every report of the gate.

use std::fs;

use crate::support::program::Workplace;

const PLAN: &str = "release: R1.0\nstages:\n  - { name: pilot, window: 1h, exit: { confirmations: [lead, ops] } }\n";

/// A stage that began and was judged under the first version of the plan.
fn judged() -> Workplace {
    let workplace = Workplace::with_plan(PLAN);
    workplace
        .gate(&["start", "plan.yaml", "pilot"])
        .says(0, "began");
    workplace
        .gate(&["check", "plan.yaml", "--gate", "pilot/exit"])
        .says(3, "HOLD")
        .never_says("since #");
    workplace
}

fn check(workplace: &Workplace, more: &[&str]) -> crate::support::program::Finished {
    let check = ["check", "plan.yaml", "--gate", "pilot/exit"];
    workplace.gate(&[&check[..], more].concat())
}

#[test]
fn m16_what_changed_is_in_the_report_the_record_and_what_is_judged_again() {
    let workplace = judged();
    workplace.write("plan.yaml", PLAN.replace("[lead, ops]", "[lead]"));
    let gone = "pilot/exit since #1: exit ops `ops` → nothing, loosened";
    check(&workplace, &["--report", "markdown=gate.md"]).says(3, gone);
    let markdown = fs::read_to_string(workplace.path().join("gate.md")).expect("a report");
    assert!(markdown.contains("nothing, loosened"), "{markdown}");
    // Every later check says it again: the stage began under the first version.
    let again = check(&workplace, &["--format", "json"]);
    let record: serde_json::Value = serde_json::from_str(&again.out).expect("JSON");
    let change = &record["plan_changes"][0];
    assert_eq!(change["name"], "ops", "{record}");
    assert_eq!(change["was"], "ops");
    assert_eq!(change["now"], serde_json::Value::Null);
    assert_eq!(
        (&change["effect"], &change["since"]),
        (&"loosened".into(), &1.into())
    );
    let answers = record["answers"]["path"].as_str().expect("a path");
    let answers = format!("plan.evidence/{answers}");
    workplace
        .gate(&[
            "check",
            "plan.yaml",
            "--replay",
            &answers,
            "--evidence",
            "again",
        ])
        .says(3, gone);
}

#[test]
fn m16_a_time_before_the_last_check_does_not_hide_what_changed_since() {
    let workplace = judged();
    workplace.write("plan.yaml", PLAN.replace("[lead, ops]", "[lead]"));
    let gone = "pilot/exit since #1: exit ops `ops` → nothing, loosened";
    check(&workplace, &["--at", "1h"]).says(3, gone);
}

#[test]
fn m16_summary_and_handover_say_how_the_plan_changed() {
    let workplace = judged();
    workplace.write("plan.yaml", PLAN.replace("window: 1h", "window: 5m"));
    check(&workplace, &[]).says(3, "pilot/exit since #1: pilot window `1h` → `5m`, loosened");
    for kind in ["summary", "handover"] {
        workplace
            .gate(&["report", "plan.evidence", "--format", kind])
            .says(0, "Changes of the plan")
            .says(0, "loosened");
    }
}

#[test]
fn m16_a_version_that_is_not_available_is_not_passed_over() {
    let workplace = judged();
    for file in workplace.files("plan.evidence", "") {
        fs::remove_file(file).expect("a file");
    }
    workplace.write("plan.yaml", PLAN.replace("[lead, ops]", "[lead]"));
    check(&workplace, &[])
        .says(
            3,
            "pilot/exit since #1: the plan has changed, and the earlier version",
        )
        .says(3, "what changed is not known");
}

#[test]
fn m16_a_change_elsewhere_in_the_plan_does_not_concern_the_gate() {
    let workplace = judged();
    workplace.write(
        "plan.yaml",
        PLAN.replace("stages:", "rollback: [undo]\nstages:"),
    );
    check(&workplace, &[]).says(3, "HOLD").never_says("since #");
}
