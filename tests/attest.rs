//! `gate check --attest`, seen by others: OpenSSL checks the signatures in every run, and `tests/attest/verify.py` has the
//! in-toto and DSSE packages from `PyPI` read what was written (`tests/attest/verify.sh`).

use std::fs;
use std::process::Command;

use crate::support::program::Workplace;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

const PLAN: &str = "release: {name: shipping, subjects: [{name: registry.example.com/shipping, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]}
policy: {uri: 'https://example.com/policy', verifier: 'https://example.com/gate', resource: 'pkg:oci/shipping'}
stages:
  - name: pilot
    entry: {confirmations: [lead]}
";

fn openssl(workplace: &Workplace, arguments: &[&str]) -> String {
    let mut command = Command::new("openssl");
    command.args(arguments).current_dir(workplace.path());
    let output = command.output().expect("openssl has to be installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A plan, and the keys `ed.pem` and `ec.pem` with their public halves.
fn with_keys() -> Workplace {
    let workplace = Workplace::with_plan(PLAN);
    openssl(
        &workplace,
        &["genpkey", "-algorithm", "ed25519", "-out", "ed.pem"],
    );
    let curve = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ];
    openssl(&workplace, &[&curve[..], &["-out", "ec.pem"]].concat());
    for name in ["ed", "ec"] {
        let (private, public) = (format!("{name}.pem"), format!("{name}.pub"));
        openssl(
            &workplace,
            &["pkey", "-in", &private, "-pubout", "-out", &public],
        );
    }
    workplace
}

const CHECK: [&str; 4] = ["check", "plan.yaml", "--at", "2026-11-20T14:00:00Z"];

fn check(workplace: &Workplace, more: &[&str]) {
    let finished = workplace.gate(&[&CHECK[..], more].concat());
    assert_eq!(finished.code, 3, "{}", finished.err);
}

fn read(workplace: &Workplace, file: &str) -> Value {
    let text = fs::read_to_string(workplace.path().join(file)).expect(file);
    serde_json::from_str(&text).expect("JSON")
}

/// What was signed, assembled here from the specification alone.
fn signed(envelope: &Value) -> (Vec<u8>, Vec<u8>) {
    let bytes = |text: &Value| {
        STANDARD
            .decode(text.as_str().expect("a text"))
            .expect("base64")
    };
    let (kind, body) = (
        envelope["payloadType"].as_str().expect("a type"),
        bytes(&envelope["payload"]),
    );
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), body.len());
    let signature = bytes(&envelope["signatures"][0]["sig"]);
    ([head.into_bytes(), body].concat(), signature)
}

#[test]
fn openssl_verifies_envelopes_of_both_kinds_of_key() {
    for (name, how) in [("ed", ["-rawin", "-rawin"]), ("ec", ["-rawin", "-digest"])] {
        let workplace = with_keys();
        let key = format!("{name}.pem");
        check(
            &workplace,
            &["--attest", "out.intoto.json", "--attest-key", &key],
        );
        let envelopes =
            fs::read_to_string(workplace.path().join("out.intoto.jsonl")).expect("envelopes");
        assert_eq!(envelopes.lines().count(), 2, "test result and summary");
        for line in envelopes.lines() {
            let (message, signature) = signed(&serde_json::from_str(line).expect("JSON"));
            workplace.write("message", message);
            workplace.write("signature", signature);
            let public = format!("{name}.pub");
            let mut verify = vec![
                "pkeyutl", "-verify", "-pubin", "-inkey", &public, "-in", "message",
            ];
            verify.extend(["-sigfile", "signature", how[0]]);
            if how[1] == "-digest" {
                verify.extend(["-digest", "sha256"]);
            }
            assert!(openssl(&workplace, &verify).contains("Verified Successfully"));
        }
        let bundle = read(&workplace, "out.sigstore.json");
        let hint = &bundle["verificationMaterial"]["publicKey"]["hint"];
        assert_eq!(*hint, bundle["dsseEnvelope"]["signatures"][0]["keyid"]);
        let id = Command::new("sh")
            .args([
                "-c",
                &format!("openssl pkey -pubin -in {name}.pub -outform DER | sha256sum"),
            ])
            .current_dir(workplace.path())
            .output()
            .expect("a shell");
        let id = String::from_utf8_lossy(&id.stdout).into_owned();
        assert_eq!(id.split_whitespace().next(), hint.as_str());
    }
}

#[test]
fn the_statement_covers_what_is_released_and_the_evidence() {
    let workplace = Workplace::with_plan(PLAN);
    let more = format!("other@sha256:{}", "B".repeat(64));
    check(&workplace, &["--attest", "out.json", "--subject", &more]);
    let statement = read(&workplace, "out.json");
    let names: Vec<&str> = (statement["subject"].as_array().expect("a list").iter())
        .filter_map(|subject| subject["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "registry.example.com/shipping",
            "other",
            "20261120T140000Z-hold.json"
        ]
    );
    let evidence = openssl(
        &workplace,
        &[
            "dgst",
            "-sha256",
            "-r",
            "plan.evidence/20261120T140000Z-hold.json",
        ],
    );
    let digest = statement["subject"][2]["digest"]["sha256"]
        .as_str()
        .expect("a digest");
    assert!(evidence.starts_with(digest), "{evidence}");
    assert_eq!(statement["predicate"]["result"], "FAILED");
    assert_eq!(statement["predicate"]["failedTests"][0], "pilot/entry");
    assert_eq!(
        read(&workplace, "out.predicate.json"),
        statement["predicate"]
    );
    let summary = read(&workplace, "out.vsa.json");
    assert_eq!(summary["predicate"]["verificationResult"], "FAILED");
    assert_eq!(
        read(&workplace, "out.vsa.predicate.json"),
        summary["predicate"]
    );
    // Without a key there is no envelope: one without a signature would only look like something.
    assert!(!workplace.path().join("out.intoto.jsonl").exists());
}

#[test]
fn what_cannot_be_attested_is_said_before_anything_is_judged() {
    let workplace = with_keys();
    let says = |more: &[&str], sentence: &str| {
        workplace
            .gate(&[&CHECK[..], more].concat())
            .says(2, sentence);
    };
    says(
        &["--attest", "o.json", "--attest-key", "none.pem"],
        "no verdict was reached: the key none.pem cannot be read",
    );
    says(
        &["--attest", "o.json", "--attest-key", "ed.pub"],
        "the key ed.pub cannot be used: this is not a private key in PEM",
    );
    says(&["--attest-key", "ed.pem"], "--attest <FILE>");
    says(
        &["--attest", "o.json", "--subject", "x@sha256:1"],
        "a subject is NAME@sha256: and 64 hexadecimal digits",
    );
    workplace.write("o.predicate.json", "mine");
    says(
        &["--attest", "o.json"],
        "o.predicate.json already exists: name another file with --attest",
    );
    workplace.write(
        "p.yaml",
        PLAN.replace("release: {name: shipping, ", "release: {name: shipping} #"),
    );
    let policy = ["check", "p.yaml", "--attest", "q.json"];
    workplace
        .gate(&policy)
        .says(2, "nothing says what is released: name it with --subject");
    let two = ["check", "plan.yaml", "p.yaml", "--attest", "q.json"];
    workplace
        .gate(&two)
        .says(2, "--attest is for a single plan");
    assert!(workplace.files("plan.evidence", ".json").is_empty());
}

#[test]
fn a_place_that_cannot_be_written_ends_without_a_verdict() {
    let workplace = Workplace::with_plan(PLAN);
    workplace
        .gate(&[&CHECK[..], &["--attest", "nowhere/o.json"]].concat())
        .says(5, "the verdict could not be attested");
}
