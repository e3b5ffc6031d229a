//! Records in a folder that plans of several folders of a repository have in common: a plan that is moved does not begin anew (T1).

use std::fs;
use std::process::Command;

use crate::support::program::{Finished, Workplace};

const PLAN: &str = "
release: {name: checkout, version: '2.1'}
stages:
  - { name: pilot, exit: { confirmations: [lead] } }
  - { name: wave-1, exit: { confirmations: [lead] } }
";

/// A repository whose plan keeps its records in the folder `rec` beside it; its pilot is paused.
struct Repository(Workplace);

impl Repository {
    fn paused() -> Self {
        let here = Self(Workplace::new());
        for folder in ["repo/.git", "repo/svc", "rec"] {
            fs::create_dir_all(here.0.path().join(folder)).expect("a folder");
        }
        here.0.write("repo/svc/plan.yaml", PLAN);
        here.gate("start repo/svc/plan.yaml pilot --by ada", "rec")
            .says(0, "recorded #1");
        here.gate("check repo/svc/plan.yaml --by ada", "rec")
            .says(3, "HOLD");
        here.gate("pause repo/svc/plan.yaml --why odd --by ada", "rec")
            .says(0, "recorded #3");
        // The folder of the plan's own records was made there.
        assert!(here.0.path().join("rec/svc/plan.ledger.jsonl").is_file());
        here
    }

    fn gate(&self, line: &str, records: &str) -> Finished {
        let words: Vec<&str> = line.split(' ').collect();
        self.0.gate(&[&words[..], &["--records", records]].concat())
    }

    fn moves(&self, from: &str, to: &str) {
        let [from, to] = [from, to].map(|name| self.0.path().join(name));
        fs::rename(from, to).expect("moved");
    }

    /// Types what a message says about moving.
    fn follows(&self, said: &Finished) {
        let lines = said.err.lines().map(str::trim);
        let lines: Vec<&str> = lines
            .filter(|line| line.starts_with("mv ") || line.starts_with("mkdir "))
            .collect();
        assert!(lines.len() > 1, "{said:?}");
        for line in lines {
            let mut shell = Command::new("sh");
            let shell = shell.args(["-c", line]).current_dir(self.0.path());
            assert!(shell.status().expect("a shell").success(), "{line}");
        }
    }
}

#[test]
fn t1_a_moved_plan_does_not_begin_anew_in_a_folder_of_records() {
    for (from, to, plan) in [
        ("repo/svc/plan.yaml", "repo/plan.yaml", "repo/plan.yaml"),
        ("repo/svc", "repo/svc2", "repo/svc2/plan.yaml"),
    ] {
        let here = Repository::paused();
        here.moves(from, to);
        fs::create_dir_all(here.0.path().join("rec/svc2")).expect("a folder");
        for line in ["records PLAN", "ledger PLAN", "status PLAN"] {
            here.gate(&line.replace("PLAN", plan), "rec")
                .says(2, "its plan svc/plan.yaml is not here");
        }
        here.gate(&format!("ledger {plan} begin --by ada"), "rec")
            .says(2, "it needs a reason");
        let refused = here.gate(&format!("check {plan} --by ada"), "rec");
        refused
            .says(
                2,
                "svc/plan.ledger.jsonl in rec is a ledger of checkout 2.1, too",
            )
            .says(2, "begin a new ledger knowingly");
        here.follows(&refused);
        here.gate(&format!("check {plan} --by ada"), "rec")
            .says(3, "paused");
    }
}

#[test]
fn t1_a_checkout_without_its_repository_does_not_begin_anew() {
    let here = Repository::paused();
    fs::remove_dir(here.0.path().join("repo/.git")).expect("removed");
    here.gate("check repo/svc/plan.yaml --by ada", "rec")
        .says(2, "this checkout has no repository (.git)")
        .never_says("mv ");
}

/// An exported folder holds the ledger without the path of the plan's folder, also where there is another plan at that place.
#[test]
fn t1_an_exported_folder_is_no_place_without_a_ledger() {
    for other in [None, Some(PLAN.replace("checkout", "cart"))] {
        let here = Repository::paused();
        here.gate("records repo/svc/plan.yaml export X", "rec")
            .says(0, "3 entries and 4 files")
            .says(0, "next, to look at the copy: gate verify X/plan.evidence");
        here.gate("verify X/plan.evidence", "rec")
            .says(0, "1 of 1 verified");
        if let Some(other) = other {
            here.0.write("repo/plan.yaml", other);
        }
        let refused = here.gate("check repo/svc/plan.yaml --by ada", "X");
        refused.says(2, "plan.ledger.jsonl in X is a ledger of checkout 2.1, too");
        here.follows(&refused);
        here.gate("check repo/svc/plan.yaml --by ada", "X")
            .says(3, "paused");
    }
}

/// What is copied in part would stand in the way of the next try.
#[test]
fn an_export_that_fails_leaves_nothing() {
    let here = Repository::paused();
    let large = here.0.path().join("rec/svc/plan.evidence/large.txt");
    let file = fs::File::create(&large).expect("a file");
    file.set_len(1024 * 1024 * 1024).expect("a sparse file");
    here.gate("records repo/svc/plan.yaml export X", "rec")
        .says(5, "nothing was exported");
    let left = fs::read_dir(here.0.path()).expect("a folder").flatten();
    assert!(left.count() == 2, "repo and rec");
    fs::remove_file(&large).expect("removed");
    here.gate("records repo/svc/plan.yaml export X", "rec")
        .says(0, "3 entries");
}

/// What is brought from beside the plan is there twice until somebody removes it.
#[test]
fn an_import_says_what_may_be_removed_and_what_comes_next() {
    let here = Workplace::with_plan(PLAN);
    fs::create_dir(here.path().join("rec")).expect("a folder");
    here.gate(&["check", "plan.yaml", "--by", "ada"])
        .says(3, "HOLD");
    let brought = [
        "records",
        "plan.yaml",
        "--records",
        "rec",
        "import",
        ".",
        "--by",
        "ada",
    ];
    here.gate(&brought)
        .says(0, "rm -r plan.ledger.jsonl plan.evidence\n")
        .says(0, "next: gate status plan.yaml\n");
    here.write("rec/plan.evidence/extra.json", "{}");
    here.gate(&["records", "plan.yaml", "--records", "rec"])
        .says(0, "no entry names extra.json")
        .says(0, "move them away if they are of another rollout");
}
