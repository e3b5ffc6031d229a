//! Object stores: what rests on preconditions, what is certain, and what is not. Against a strict store in memory, in both ways
//! of marking versions; the stores of others are in `emulators`.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use gate::records::store::{GcsAccess, Kind, Options, S3Access, Store};
use gate::records::{Cause, Committed, Engine, Trouble, Version};
use gate::secret::Secret;

use super::bucket::{Bucket, Fault};
use super::writers::{get, keeps_records, name, put, put_with, race};

fn secret() -> Secret {
    Secret::new("canarysecret".to_owned())
}

fn nothing(_: &str) -> Option<String> {
    None
}

pub fn s3(bucket: &str, endpoint: &str) -> Options {
    let access = S3Access {
        key_id: "AKIATEST".to_owned(),
        secret: secret(),
        token: None,
    };
    Options {
        kind: Kind::S3 {
            bucket: bucket.to_owned(),
            region: Some("us-east-1".to_owned()),
            access: Some(access),
        },
        prefix: "gate/api v2".to_owned(),
        endpoint: Some(endpoint.to_owned()),
        plain_http: false,
        proxy_from_environment: false,
        authorities: None,
    }
}

pub fn open(options: &Options) -> Store {
    Store::open(options, &nothing).expect("a store")
}

fn gcs(endpoint: &str) -> Options {
    Options {
        kind: Kind::Gcs {
            bucket: "records".to_owned(),
            access: Some(GcsAccess::Token(secret())),
        },
        ..s3("records", endpoint)
    }
}

/// Both ways of marking a version.
fn both(bucket: &Bucket) -> [Options; 2] {
    [s3("records", &bucket.url()), gcs(&bucket.url())]
}

fn read(engine: &Store) -> Result<gate::records::Snapshot, Trouble> {
    engine.read(&name("api.ledger.jsonl"), &name("evidence"))
}

#[test]
fn r3_records_rest_on_the_version_that_was_read() {
    for kind in 0..2 {
        let bucket = Bucket::new();
        let options = &both(&bucket)[kind];
        keeps_records(&open(options), &open(options));
    }
}

#[test]
fn r1_eight_writers_lose_nothing() {
    for kind in 0..2 {
        let bucket = Bucket::new();
        let options = &both(&bucket)[kind];
        let engines: Vec<Box<dyn Engine>> = (0..8)
            .map(|_| Box::new(open(options)) as Box<dyn Engine>)
            .collect();
        println!("strict store: {}", race(&engines, 5));
    }
}

#[test]
fn r5_an_answer_lost_after_the_write_is_unknown_and_never_tried_again() {
    for kind in 0..2 {
        let bucket = Bucket::new();
        let engine = open(&both(&bucket)[kind]);
        bucket.fail(1, "PUT", "api.ledger.jsonl", &Fault::Lost);
        let trouble = put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[])
            .expect_err("no answer");
        assert_eq!(trouble.cause, Cause::Unknown, "{trouble}");
        assert_eq!(bucket.asked("PUT", "api.ledger.jsonl"), 1);
        assert_eq!(get(&engine, "api.ledger.jsonl").0.as_deref(), Some("1\n"));
    }
}

#[test]
fn r5_an_error_that_may_come_after_the_write_is_unknown() {
    for (status, code) in [(500, "InternalError"), (502, ""), (503, ""), (504, "")] {
        let bucket = Bucket::new();
        let engine = open(&s3("records", &bucket.url()));
        bucket.fail(1, "PUT", "api.ledger.jsonl", &Fault::coded(status, code));
        let trouble = put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[])
            .expect_err("an error");
        assert_eq!(trouble.cause, Cause::Unknown, "{trouble}");
        assert_eq!(bucket.asked("PUT", "api.ledger.jsonl"), 1, "{status}");
    }
}

/// What a file holds never changes: it may be written again.
#[test]
fn r5_evidence_is_added_whatever_happens_to_its_answer() {
    for fault in [
        Fault::Lost,
        Fault::Gone,
        Fault::coded(500, "InternalError"),
        Fault::coded(409, "ConditionalRequestConflict"),
    ] {
        let bucket = Bucket::new();
        let engine = open(&s3("records", &bucket.url()));
        bucket.fail(1, "PUT", "evidence/a.json", &fault);
        let files = [(name("evidence/a.json"), b"1".as_slice())];
        let written = put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &files);
        assert!(
            matches!(written, Ok(Committed::Written(_))),
            "{fault:?}: {written:?}"
        );
        assert_eq!(
            bucket.names(),
            [
                "gate/api v2/api.ledger.jsonl",
                "gate/api v2/evidence/a.json"
            ]
        );
    }
}

#[test]
fn r4_no_ledger_is_written_without_its_evidence() {
    let bucket = Bucket::new();
    let engine = open(&s3("records", &bucket.url()));
    bucket.fail(100, "PUT", "evidence/a.json", &Fault::Gone);
    let files = [(name("evidence/a.json"), b"1".as_slice())];
    let trouble = put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &files)
        .expect_err("no evidence");
    assert_eq!(trouble.cause, Cause::Away, "{trouble}");
    assert_eq!(bucket.asked("PUT", "ledger"), 0);
    assert_eq!(bucket.names().len(), 0);
}

#[test]
fn r3_a_store_that_wants_to_be_asked_more_slowly_is() {
    let bucket = Bucket::new();
    let engine = open(&s3("records", &bucket.url()));
    for method in ["GET", "PUT"] {
        bucket.fail(
            3,
            method,
            "api.ledger.jsonl",
            &Fault::coded(503, "SlowDown"),
        );
    }
    assert_eq!(read(&engine).expect("a snapshot").version, Version::Absent);
    assert!(matches!(
        put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent),
        Committed::Written(_)
    ));
    assert_eq!(bucket.asked("PUT", "api.ledger.jsonl"), 4);
    bucket.fail(
        1000,
        "PUT",
        "api.ledger.jsonl",
        &Fault::coded(503, "SlowDown"),
    );
    let (_, version) = get(&engine, "api.ledger.jsonl");
    let begin = Instant::now();
    let trouble =
        put_with(&engine, "api.ledger.jsonl", "2\n", &version, &[]).expect_err("too slow");
    assert_eq!(trouble.cause, Cause::Away, "{trouble}");
    assert!(
        trouble
            .to_string()
            .contains("wants to be asked more slowly: SlowDown"),
        "{trouble}"
    );
    assert!(begin.elapsed() < Duration::from_mins(1));
}

#[test]
fn r1_a_definite_refusal_is_stale() {
    for fault in [
        Fault::coded(412, "PreconditionFailed"),
        Fault::coded(409, "ConditionalRequestConflict"),
    ] {
        let bucket = Bucket::new();
        let engine = open(&s3("records", &bucket.url()));
        bucket.fail(1, "PUT", "ledger", &fault);
        assert_eq!(
            put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent),
            Committed::Stale
        );
        assert_eq!(bucket.asked("PUT", "ledger"), 1);
    }
}

#[test]
fn r3_refusals_say_what_was_found_and_what_to_do() {
    for (status, code, cause, found, advice) in [
        (
            400,
            "ExpiredToken",
            Cause::Refused,
            "refused: ExpiredToken, so it is, *** (400)",
            "get a new token: this one has expired",
        ),
        (
            403,
            "RequestTimeTooSkewed",
            Cause::Refused,
            "RequestTimeTooSkewed",
            "set this machine's clock",
        ),
        (
            403,
            "SignatureDoesNotMatch",
            Cause::Refused,
            "SignatureDoesNotMatch",
            "check the secret key",
        ),
        (
            403,
            "AccessDenied",
            Cause::Refused,
            "AccessDenied",
            "the right to read, list and write objects",
        ),
        (
            301,
            "PermanentRedirect",
            Cause::Misplaced,
            "cannot hold records: PermanentRedirect",
            "name the bucket's region",
        ),
        (
            400,
            "AuthorizationHeaderMalformed",
            Cause::Misplaced,
            "AuthorizationHeaderMalformed",
            "name the bucket's region",
        ),
        (
            404,
            "NoSuchBucket",
            Cause::Misplaced,
            "NoSuchBucket",
            "create the bucket",
        ),
        (
            412,
            "LeaseIdMissing",
            Cause::Misplaced,
            "LeaseIdMissing",
            "end the lease on it",
        ),
        (
            409,
            "BlobImmutableDueToPolicy",
            Cause::Misplaced,
            "BlobImmutableDueToPolicy",
            "take the policy off",
        ),
        (
            501,
            "NotImplemented",
            Cause::Misplaced,
            "NotImplemented",
            "`If-Match` and `If-None-Match`",
        ),
        (
            418,
            "",
            Cause::Misplaced,
            "so it is, *** (418)",
            "check the settings",
        ),
    ] {
        let bucket = Bucket::new();
        let engine = open(&s3("records", &bucket.url()));
        bucket.fail(1, "GET", "ledger", &Fault::coded(status, code));
        bucket.fail(1, "PUT", "ledger", &Fault::coded(status, code));
        let written = put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[]);
        for trouble in [read(&engine).expect_err(code), written.expect_err(code)] {
            let said = trouble.to_string();
            assert_eq!(trouble.cause, cause, "{said}");
            assert!(
                said.starts_with(&format!("s3://records/gate/api v2 at {}", bucket.url())),
                "{said}"
            );
            assert!(
                said.contains(found) && said.contains(advice) && !said.contains("canary"),
                "{said}"
            );
        }
        assert_eq!(bucket.names().len(), 0, "{code}");
    }
}

#[test]
fn a_bucket_that_is_not_there_is_no_rollout_that_has_not_begun() {
    let bucket = Bucket::new();
    let engine = open(&s3("elsewhere", &bucket.url()));
    let trouble = read(&engine).expect_err("no bucket");
    assert!(trouble.to_string().contains("NoSuchBucket"), "{trouble}");
    let trouble =
        put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[]).expect_err("no bucket");
    assert_eq!(trouble.cause, Cause::Misplaced, "{trouble}");
}

/// A machine without a role answers 404 where its credentials would be: that is no missing ledger.
#[test]
fn missing_credentials_are_no_missing_ledger() {
    let bucket = Bucket::new();
    let mut options = s3("records", &bucket.url());
    options.kind = Kind::S3 {
        bucket: "records".to_owned(),
        region: None,
        access: None,
    };
    let metadata = bucket.url();
    bucket.fail(100, "PUT", "/latest/", &Fault::Answer(404, String::new()));
    let environment = |name: &str| (name == "AWS_METADATA_ENDPOINT").then(|| metadata.clone());
    let trouble =
        read(&Store::open(&options, &environment).expect("a store")).expect_err("no credentials");
    assert_eq!(trouble.cause, Cause::Refused, "{trouble}");
    assert!(
        trouble
            .to_string()
            .contains("127.0.0.1 gives no credentials for s3://records"),
        "{trouble}"
    );
    assert_eq!(bucket.asked("GET", "ledger"), 0);
}

#[test]
fn a_store_that_is_away_is_said() {
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    let engine = open(&s3("records", &format!("http://127.0.0.1:{port}")));
    let begin = Instant::now();
    let trouble =
        put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[]).expect_err("away");
    for trouble in [
        read(&engine).expect_err("away"),
        trouble,
        engine.probe().expect_err("away"),
    ] {
        assert_eq!(trouble.cause, Cause::Away, "{trouble}");
        assert!(
            trouble.to_string().contains("cannot be reached: ")
                && trouble.to_string().contains("refused"),
            "{trouble}"
        );
    }
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[test]
fn r3_a_store_that_ignores_preconditions_is_refused_by_name() {
    for kind in 0..2 {
        let bucket = Bucket::careless();
        let engine = open(&both(&bucket)[kind]);
        let trouble = engine.probe().expect_err("careless");
        assert_eq!(trouble.cause, Cause::Misplaced, "{trouble}");
        assert!(
            trouble
                .to_string()
                .contains(&format!("at {} ignores `If-None-Match`", bucket.url())),
            "{trouble}"
        );
        assert_eq!(bucket.names().len(), 0);
    }
}

#[test]
fn r3_a_probe_leaves_nothing_behind() {
    for kind in 0..2 {
        let bucket = Bucket::new();
        let engine = open(&both(&bucket)[kind]);
        let said = engine.probe().expect("a store");
        assert!(
            said.ends_with(" can be written, and keeps preconditions"),
            "{said}"
        );
        assert_eq!(bucket.asked("PUT", ".gate-probe-"), 4);
        assert_eq!(bucket.names().len(), 0);
    }
}

#[test]
fn an_engine_may_be_used_where_futures_are_driven() {
    let bucket = Bucket::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let engine = open(&s3("records", &bucket.url()));
        put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
        assert_eq!(get(&engine, "api.ledger.jsonl").0.as_deref(), Some("1\n"));
    });
}
