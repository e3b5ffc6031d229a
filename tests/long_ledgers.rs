//! A ledger that has grown long is not in every record again (R6): the record names it by length and digest, and keeps the lines that it
//! rests on. What is not at hand is said, and counts for nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::alterations::{Ledger, values_one_by_one};
use crate::support::program::Workplace;
use crate::support::sealed::rewritten;

const LEDGER: &str = "plan.ledger.jsonl";
const PLAN: &str = r#"
release: { name: checkout, version: "2.1.0", owner: mara }
stages:
  - name: pilot
    entry: { confirmations: [ready] }
    exit: { no_incidents: { open: [sev1] }, confirmations: [lead] }
"#;

/// A rollout with more remarks than a record keeps, and the path of its last record.
fn talkative() -> (Workplace, PathBuf) {
    let workplace = Workplace::with_plan(PLAN);
    gate(&workplace, "confirm plan.yaml ready --stage pilot", 0);
    gate(&workplace, "check plan.yaml", 0);
    gate(&workplace, "start plan.yaml pilot", 0);
    for number in 0..12 {
        let remark = format!("{number} {}", "quiet ".repeat(500));
        let noted = workplace.gate(&["note", "plan.yaml", &remark, "--by", "mara"]);
        assert_eq!(noted.code, 0, "{noted:?}");
    }
    gate(&workplace, "confirm plan.yaml lead --stage pilot", 0);
    let before = workplace.files("plan.evidence", ".json");
    // Of two checks of one second the second has a number in its name, which a replay elsewhere has not.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    gate(&workplace, "check plan.yaml", 0);
    let after = workplace.files("plan.evidence", ".json");
    let new = after.into_iter().find(|file| !before.contains(file));
    (workplace, new.expect("a record"))
}

fn gate(workplace: &Workplace, words: &str, code: i32) {
    let words: Vec<&str> = words.split(' ').chain(["--by", "mara"]).collect();
    let finished = workplace.gate(&words);
    assert_eq!(finished.code, code, "{words:?}: {finished:?}");
}

fn name(record: &Path) -> String {
    let name = record.file_name().expect("a name").to_string_lossy();
    format!("plan.evidence/{name}")
}

#[test]
fn r6_a_record_keeps_the_lines_that_it_rests_on_and_no_remarks() {
    let (workplace, record) = talkative();
    let whole = fs::metadata(workplace.path().join(LEDGER)).expect("a ledger");
    assert!(whole.len() > 32 * 1024);
    let answers = record.with_extension("answers.json.gz");
    let bytes = fs::metadata(&answers).expect("answers").len();
    assert!(bytes < 2048, "{bytes} bytes of answers");
    let verified = workplace.gate(&["verify", &name(&record)]);
    verified.says(0, "recomputed from plan and answers");
    workplace
        .gate(&["verify", "plan.evidence"])
        .says(0, "2 of 2 verified");
}

#[test]
fn r6_what_was_recorded_since_changes_nothing() {
    let (workplace, record) = talkative();
    gate(&workplace, "note plan.yaml since", 0);
    workplace
        .gate(&["verify", &name(&record)])
        .says(0, "recomputed from plan and answers");
}

#[test]
fn r6_a_record_alone_says_what_was_not_compared_and_the_ledger_completes_it() {
    let (workplace, record) = talkative();
    let elsewhere = Workplace::new();
    let audit = elsewhere.path().join("audit");
    fs::create_dir(&audit).expect("a folder");
    for file in workplace.files("plan.evidence", "") {
        fs::copy(&file, audit.join(file.file_name().expect("a name"))).expect("copied");
    }
    let copied = name(&record).replace("plan.evidence", "audit");
    elsewhere
        .gate(&["verify", &copied])
        .says(3, "holds report")
        .says(3, "its 16 entries were not compared")
        .says(3, "not shown verdict cannot be recomputed: the answers keep 3 of the 16 entries of plan.ledger.jsonl that were judged, and the ledger is not here")
        .says(3, "0 of 1 verified, 1 not shown, 0 off");
    let ledger = workplace.path().join(LEDGER);
    fs::copy(&ledger, elsewhere.path().join("kept.jsonl")).expect("copied");
    elsewhere
        .gate(&["verify", &copied, "--ledger", "kept.jsonl"])
        .says(0, "recomputed from plan and answers");
    fs::copy(&ledger, audit.join(LEDGER)).expect("copied");
    elsewhere
        .gate(&["verify", &copied])
        .says(0, "recomputed from plan and answers");
}

#[test]
fn r6_another_ledger_is_not_taken_for_the_rest() {
    let (workplace, record) = talkative();
    let path = workplace.path().join(LEDGER);
    let text = fs::read_to_string(&path).expect("a ledger");
    // A remark in the middle, which the record does not keep, with everything after it sealed again.
    let other = rewritten(&text, 7, "quiet quiet", "quiet riot!");
    fs::write(&path, other).expect("written");
    workplace
        .gate(&["verify", &name(&record)])
        .says(1, "OFF ledger")
        .says(1, "not shown verdict cannot be recomputed")
        .says(
            1,
            "the ledger at hand is another one (its entry 16 is not sha256",
        );
    let answers = name(&record).replace(".json", ".answers.json.gz");
    workplace
        .gate(&[
            "check",
            "plan.yaml",
            "--replay",
            &answers,
            "--evidence",
            "again",
        ])
        .says(
            2,
            "no verdict was reached: plan.yaml: the answers keep 3 of the 16 entries",
        )
        .says(2, "beside them or the plan");
    assert!(!workplace.path().join("again").exists());
}

#[test]
fn r6_a_replay_finds_the_ledger_beside_the_plan_and_gives_the_same_bytes() {
    let (workplace, record) = talkative();
    let answers = record.with_extension("answers.json.gz");
    let loose = workplace.path().join("loose.answers.json.gz");
    fs::copy(answers, loose).expect("copied");
    let finished = workplace.gate(&[
        "check",
        "plan.yaml",
        "--replay",
        "loose.answers.json.gz",
        "--evidence",
        "again",
    ]);
    assert_eq!(finished.code, 0, "{finished:?}");
    let again = name(&record).replace("plan.evidence", "again");
    let again = fs::read(workplace.path().join(again)).expect("a record");
    assert_eq!(again, fs::read(record).expect("a record"));
}

/// As T4 for a ledger that is kept whole; where it is gone, nothing may be called verified.
#[test]
fn r6_no_changed_value_goes_unnoticed() {
    let (workplace, _) = talkative();
    for ((what, ledger), tally) in values_one_by_one(&workplace, 29) {
        let gone = ledger == Ledger::Gone;
        assert!(tally.tried > 0, "{what}");
        let unnoticed = if gone {
            &tally.verified
        } else {
            &tally.unnoticed
        };
        assert!(unnoticed.is_empty(), "{what}, {ledger:?}: {unnoticed:#?}");
    }
}
