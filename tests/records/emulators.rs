//! Object stores that others wrote: two that speak like S3 and keep preconditions, one that does not, and Azure's own emulator.
//! Google's emulators do not have the interface that is used here, with preconditions (`stores` has a strict one).

use gate::records::store::{AzureAccess, Kind, Options, S3Access};
use gate::records::{Cause, Engine};
use gate::secret::Secret;

use super::stores::{open, s3};
use super::writers::{keeps_records, race};
use crate::support::program::Workplace;
use crate::support::stores::{self, AZURE_ACCOUNT, AZURE_KEY};

fn holds(options: &Options, name: &str) {
    println!("{name}: {}", open(options).probe().expect("a store"));
    keeps_records(&open(options), &open(options));
    let engines: Vec<Box<dyn Engine>> = (0..8)
        .map(|_| Box::new(open(options)) as Box<dyn Engine>)
        .collect();
    println!("{name}: {}", race(&engines, 25));
    let alone = Options {
        prefix: "alone".to_owned(),
        ..options.clone()
    };
    let engines: Vec<Box<dyn Engine>> = vec![Box::new(open(&alone))];
    println!("{name}, alone: {}", race(&engines, 25));
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn r3_moto_keeps_what_s3_keeps() {
    let server = stores::moto();
    server.bucket("records");
    holds(&s3("records", server.url()), "moto");
    let trouble = open(&s3("elsewhere", server.url()))
        .probe()
        .expect_err("no bucket");
    assert!(trouble.to_string().contains("NoSuchBucket"), "{trouble}");
}

/// Every write makes a version there, and none of them is in the way of the next.
#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn r3_a_bucket_that_keeps_versions_is_as_good_as_any() {
    let server = stores::moto();
    server.bucket("records");
    server.keeps_versions("records");
    keeps_records(
        &open(&s3("records", server.url())),
        &open(&s3("records", server.url())),
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn r3_ministack_keeps_what_s3_keeps() {
    let server = stores::ministack();
    server.bucket("records");
    holds(&s3("records", server.url()), "ministack");
    let trouble = open(&s3("elsewhere", server.url()))
        .probe()
        .expect_err("no bucket");
    assert!(trouble.to_string().contains("NoSuchBucket"), "{trouble}");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn r3_s3rver_ignores_preconditions_and_is_refused() {
    let server = stores::s3rver("records");
    let stranger = open(&s3("records", server.url()))
        .probe()
        .expect_err("a stranger");
    assert_eq!(stranger.cause, Cause::Refused, "{stranger}");
    let known = S3Access {
        key_id: "S3RVER".to_owned(),
        secret: Secret::new("S3RVER".to_owned()),
        token: None,
    };
    let options = Options {
        kind: Kind::S3 {
            bucket: "records".to_owned(),
            region: None,
            access: Some(known),
        },
        ..s3("records", server.url())
    };
    let trouble = open(&options).probe().expect_err("careless");
    assert_eq!(trouble.cause, Cause::Misplaced, "{trouble}");
    assert!(
        trouble.to_string().contains("ignores `If-None-Match`"),
        "{trouble}"
    );
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn r3_azurite_keeps_what_azure_keeps() {
    let server = stores::azurite("records");
    let options = |container: &str, key: &str| Options {
        kind: Kind::Azure {
            account: AZURE_ACCOUNT.to_owned(),
            container: container.to_owned(),
            access: Some(AzureAccess::Key(Secret::new(key.to_owned()))),
        },
        ..s3("", &format!("{}/{AZURE_ACCOUNT}", server.url()))
    };
    holds(&options("records", AZURE_KEY), "azurite");
    let trouble = open(&options("elsewhere", AZURE_KEY))
        .probe()
        .expect_err("no container");
    assert!(
        trouble.to_string().contains("ContainerNotFound"),
        "{trouble}"
    );
    let trouble = open(&options("records", "Y2FuYXJ5c2VjcmV0"))
        .probe()
        .expect_err("a wrong key");
    assert_eq!(trouble.cause, Cause::Refused, "{trouble}");
    assert!(
        !trouble.to_string().contains("Y2FuYXJ5c2VjcmV0"),
        "{trouble}"
    );
}

/// The program on two machines that have only the plan and the bucket; the key is in no output and in no object.
#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn r9_two_machines_share_a_bucket() {
    const SECRET: &str = "canary-secret-of-the-bucket";
    let server = stores::moto();
    server.bucket("records");
    let plan = format!(
        "release: {{name: checkout, version: '2.1'}}
records: {{s3: {{bucket: records, prefix: gate, region: eu-central-1, endpoint: '{}', access_key: AKIDEXAMPLE, secret_key: '${{SECRET}}'}}}}
stages: [{{name: pilot, entry: {{confirmations: [ready, lead]}}}}]
",
        server.url()
    );
    let machines = [Workplace::with_plan(&plan), Workplace::with_plan(&plan)];
    let gate = |machine: &Workplace, words: &[&str]| {
        let home = machine.path().to_string_lossy().into_owned();
        let did = machine.gate_with(words, &[("SECRET", SECRET), ("HOME", &home)]);
        did.never_says(SECRET);
        did
    };
    let confirm = |machine, id| {
        gate(
            machine,
            &["confirm", "plan.yaml", id, "--stage", "pilot", "--by", id],
        )
    };
    confirm(&machines[0], "ready").says(0, "recorded #1");
    confirm(&machines[1], "lead").says(0, "recorded #2");
    gate(&machines[0], &["check", "plan.yaml", "--by", "ci"]).says(0, "in s3://records/gate");
    gate(
        &machines[1],
        &["start", "plan.yaml", "pilot", "--by", "ada"],
    )
    .says(0, "recorded #4");
    gate(&machines[1], &["verify", "plan.yaml"]).says(0, "1 of 1 verified, 0 not shown, 0 off");
    gate(&machines[1], &["records", "plan.yaml"])
        .says(0, "can be written, and keeps preconditions")
        .says(0, "ledger: 4 entries");
    let exported = machines[1].path().join("exported");
    let to = exported.to_string_lossy().into_owned();
    gate(&machines[1], &["records", "plan.yaml", "export", &to]).says(0, "4 entries and 4 files");
    gate(
        &machines[0],
        &["records", "plan.yaml", "import", &to, "--by", "ada"],
    )
    .says(0, "4 entries");
    gate(&machines[0], &["note", "plan.yaml", "more", "--by", "ada"]).says(0, "recorded #5");
    gate(
        &machines[1],
        &["records", "plan.yaml", "import", &to, "--by", "ada"],
    )
    .says(1, "nothing was imported")
    .says(1, "or a longer one");
    let unset = machines[1].gate_with(&["status", "plan.yaml"], &[("HOME", &to)]);
    unset
        .says(5, "the environment does not have")
        .says(5, "${SECRET}");
}
