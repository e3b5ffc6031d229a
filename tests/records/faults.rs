//! What the program says, and how it ends, when a store does what stores do on bad days (R1, R3, R5).

use std::fs;

use super::bucket::{Bucket, Fault};
use crate::support::program::{Finished, Workplace};

const LEDGER: &str = "plan.ledger.jsonl";

/// A machine with a plan whose records are in a bucket.
struct Machine(Workplace);

impl Machine {
    fn of(bucket: &Bucket) -> Self {
        let plan = format!(
            "release: {{name: checkout, version: '2.1'}}
records: {{s3: {{bucket: records, prefix: gate, region: eu-central-1, endpoint: '{}', access_key: AKIDEXAMPLE, secret_key: canarysecret}}}}
stages: [{{name: pilot, entry: {{confirmations: [ready]}}}}]
",
            bucket.url()
        );
        Self(Workplace::with_plan(&plan))
    }

    fn gate(&self, words: &str) -> Finished {
        let home = self.0.path().to_string_lossy().into_owned();
        let words: Vec<&str> = words.split(' ').collect();
        let did = self.0.gate_with(&words, &[("HOME", &home)]);
        did.never_says("canarysecret");
        did
    }

    fn confirm(&self) -> Finished {
        self.gate("confirm plan.yaml ready --stage pilot --by ada")
    }
}

#[test]
fn r1_what_is_recorded_meanwhile_is_taken_into_account_and_the_entry_is_there_once() {
    for fault in [
        Fault::coded(412, "PreconditionFailed"),
        Fault::coded(409, "ConditionalRequestConflict"),
        Fault::coded(503, "SlowDown"),
        Fault::Gone,
        Fault::Lost,
    ] {
        let bucket = Bucket::new();
        let machine = Machine::of(&bucket);
        bucket.fail(2, "PUT", LEDGER, &fault);
        machine.confirm().says(0, "recorded #1");
        machine
            .gate("ledger plan.yaml verify")
            .says(0, "1 entry, every line verified");
    }
}

/// Plans of one name in two folders of a repository have a ledger each in one bucket.
#[test]
fn two_plans_of_one_name_in_a_repository_share_no_ledger() {
    let bucket = Bucket::new();
    let machine = Machine::of(&bucket);
    let root = machine.0.path();
    fs::create_dir(root.join(".git")).expect("a repository");
    for folder in ["svc-a", "svc-b"] {
        fs::create_dir(root.join(folder)).expect("a folder");
        let plan = root.join(folder).join("plan.yaml");
        fs::copy(root.join("plan.yaml"), plan).expect("a plan");
    }
    machine
        .gate("confirm svc-a/plan.yaml ready --stage pilot --by ada")
        .says(0, "recorded #1");
    machine
        .gate("check svc-b/plan.yaml --by ada")
        .says(3, "ready");
    let names = bucket.names();
    assert!(
        names
            .iter()
            .any(|name| name.ends_with("gate/svc-a/plan.ledger.jsonl")),
        "{names:?}"
    );
}

#[test]
fn r3_a_store_that_says_no_records_nothing_and_is_named() {
    for (status, code, sentence) in [
        (
            403,
            "AccessDenied",
            "give whoever runs this the right to read, list and write objects there",
        ),
        (400, "ExpiredToken", "get a new token: this one has expired"),
        (
            403,
            "RequestTimeTooSkewed",
            "set this machine's clock: it differs too much from the store's",
        ),
        (
            404,
            "NoSuchBucket",
            "create the bucket, or name the right one under `records`",
        ),
    ] {
        for method in ["GET", "PUT"] {
            let bucket = Bucket::new();
            let machine = Machine::of(&bucket);
            bucket.fail(50, method, LEDGER, &Fault::coded(status, code));
            machine
                .confirm()
                .says(5, "nothing was recorded: s3://records/gate")
                .says(5, code)
                .says(5, sentence);
            machine.gate("check plan.yaml --by ci").says(5, code);
            assert!(!bucket.names().iter().any(|name| name.contains(LEDGER)));
        }
    }
}

#[test]
fn what_cannot_be_read_is_neither_judged_nor_shown() {
    for (status, code) in [(403, "AccessDenied"), (500, "InternalError")] {
        let bucket = Bucket::new();
        let machine = Machine::of(&bucket);
        machine.confirm().says(0, "recorded #1");
        bucket.fail(200, "GET", LEDGER, &Fault::coded(status, code));
        machine
            .gate("check plan.yaml --by ci")
            .says(5, "no verdict was reached")
            .says(5, code);
        machine.gate("status plan.yaml").says(5, code);
    }
}

/// The names in a store hold the plan's path, so the ledger of a plan that was moved lies in another folder there (T1).
#[test]
fn t1_a_moved_plan_does_not_begin_anew_in_a_store() {
    let bucket = Bucket::new();
    let machine = Machine::of(&bucket);
    let folder = |name: &str| machine.0.path().join(name);
    for name in [".git", "svc"] {
        fs::create_dir(folder(name)).expect("a folder");
    }
    fs::rename(folder("plan.yaml"), folder("svc/plan.yaml")).expect("a plan");
    machine
        .gate("note svc/plan.yaml seen --by ada")
        .says(0, "recorded #1");
    fs::rename(folder("svc"), folder("moved")).expect("moved");
    machine
        .gate("check moved/plan.yaml --by ci")
        .says(2, "no verdict was reached")
        .says(2, "its plan svc/plan.yaml is not here");
    fs::remove_dir(folder(".git")).expect("removed");
    machine
        .gate("check moved/plan.yaml --by ci")
        .says(2, "this checkout has no repository (.git)")
        .never_says("put it back as");
}
