//! What the program does and says when a store refuses, slows down, or loses an answer: recorded once, or exit code 5 with
//! the store's word, and nothing half recorded.

use std::fs;

use super::bucket::{Bucket, Fault};
use crate::support::program::{Finished, Workplace};

const LEDGER: &str = "plan.ledger.jsonl";

/// A machine whose records are in a store of the tests' own.
struct Shop {
    bucket: Bucket,
    machine: Workplace,
}

impl Shop {
    fn new() -> Self {
        let bucket = Bucket::new();
        let machine = Workplace::with_plan(&format!(
            "release: {{name: checkout, version: '2.1'}}\nrecords: {{s3: {{bucket: records, region: eu-central-1, endpoint: '{}', access_key: AKIDEXAMPLE, secret_key: canarysecret}}}}\nstages: [{{name: pilot, entry: {{confirmations: [ready]}}}}]\n",
            bucket.url()
        ));
        let shop = Self { bucket, machine };
        shop.gate(&["note", "plan.yaml", "begun", "--by", "ada"])
            .says(0, "recorded #1");
        shop
    }

    fn gate(&self, words: &[&str]) -> Finished {
        let home = self.machine.path().to_string_lossy().into_owned();
        let did = self.machine.gate_with(words, &[("HOME", &home)]);
        did.never_says("canarysecret");
        did
    }

    fn note(&self, text: &str) -> Finished {
        self.gate(&["note", "plan.yaml", text, "--by", "ada"])
    }

    fn lines(&self) -> usize {
        self.bucket.text(LEDGER).lines().count()
    }
}

#[test]
fn r1_another_writer_a_slow_store_and_a_lost_answer_are_one_entry() {
    let faults = [
        Fault::coded(412, "PreconditionFailed"),
        Fault::coded(409, "ConditionalRequestConflict"),
        Fault::coded(503, "SlowDown"),
        Fault::Lost,
        Fault::Gone,
    ];
    for fault in faults {
        let shop = Shop::new();
        shop.bucket.fail(2, "PUT", LEDGER, &fault);
        shop.note("seen").says(0, "recorded #2");
        assert_eq!(
            shop.bucket.text(LEDGER).matches("\"seen\"").count(),
            1,
            "{fault:?}"
        );
        shop.gate(&["ledger", "plan.yaml", "verify"])
            .says(0, "2 entries, every line verified");
    }
}

#[test]
fn a_refusal_is_told_and_nothing_is_recorded() {
    let refusals = [
        (403, "ExpiredToken"),
        (403, "AccessDenied"),
        (403, "RequestTimeTooSkewed"),
    ];
    for (status, code) in refusals {
        let shop = Shop::new();
        shop.bucket
            .fail(20, "PUT", LEDGER, &Fault::coded(status, code));
        shop.note("seen")
            .says(5, "nothing was recorded")
            .says(5, code);
        shop.gate(&["check", "plan.yaml", "--by", "ci"])
            .says(5, "the verdict could not be recorded")
            .says(5, code);
        assert_eq!(shop.lines(), 1, "{code}");
    }
}

#[test]
fn what_cannot_be_read_is_not_judged() {
    for (status, code) in [(403, "ExpiredToken"), (500, "InternalError")] {
        let shop = Shop::new();
        shop.bucket
            .fail(200, "GET", LEDGER, &Fault::coded(status, code));
        shop.gate(&["check", "plan.yaml", "--by", "ci"])
            .says(5, "no verdict was reached")
            .says(5, code);
        shop.gate(&["status", "plan.yaml"]).says(5, code);
        assert_eq!(shop.lines(), 1, "{code}");
    }
}

/// The names in a store hold the plan's path, so the ledger of a plan that was moved lies in another folder there (T1).
#[test]
fn t1_a_moved_plan_does_not_begin_anew_in_a_store() {
    let shop = Shop::new();
    let folder = |name: &str| shop.machine.path().join(name);
    for name in [".git", "svc"] {
        fs::create_dir(folder(name)).expect("a folder");
    }
    fs::copy(folder("plan.yaml"), folder("svc/plan.yaml")).expect("a plan");
    shop.gate(&["note", "svc/plan.yaml", "seen", "--by", "ada"])
        .says(0, "recorded #1");
    fs::rename(folder("svc"), folder("moved")).expect("moved");
    shop.gate(&["check", "moved/plan.yaml", "--by", "ci"])
        .says(2, "no verdict was reached")
        .says(2, "its plan svc/plan.yaml is not here");
}
