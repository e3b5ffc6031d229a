//! in-toto Statement v1 and its predicates, as structs in the order in which they are written. Signs nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Attestation, Attested};
use crate::assessment::GateAssessment;
use crate::plan::{Policy, Subject};
use crate::verdict::Verdict;

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";
const SUMMARY: &str = "https://slsa.dev/verification_summary/v1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Statement<'a, P> {
    #[serde(rename = "_type")]
    kind: &'static str,
    subject: Vec<Resource<'a>>,
    predicate_type: &'static str,
    predicate: &'a P,
}

/// A `ResourceDescriptor`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations<'a>>,
}

#[derive(Serialize)]
struct Digest<'a> {
    sha256: &'a str,
}

/// What the two words of a predicate cannot say.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Annotations<'a> {
    verdict: &'static str,
    gates: BTreeMap<String, &'static str>,
    release: &'a str,
    evaluated_at: String,
    gate_version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TestResult<'a> {
    result: &'static str,
    configuration: Vec<Resource<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    passed_tests: Vec<String>,
    warned_tests: Vec<String>,
    failed_tests: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    verifier: Verifier<'a>,
    time_verified: String,
    resource_uri: &'a str,
    policy: Resource<'a>,
    input_attestations: Vec<Resource<'a>>,
    verification_result: &'static str,
    verified_levels: Vec<String>,
}

#[derive(Serialize)]
struct Verifier<'a> {
    id: &'a str,
    version: BTreeMap<&'static str, &'a str>,
}

pub(super) fn test_result(attested: Attested<'_>) -> Attestation {
    let evidence = attested.evidence;
    let (passed, failed): (Vec<_>, Vec<_>) =
        (evidence.deciding()).partition(|gate: &&GateAssessment| gate.verdict == Verdict::Go);
    let plan = &evidence.plan;
    let predicate = TestResult {
        result: result(attested),
        configuration: vec![named(&plan.path, &plan.sha256)],
        url: evidence.run.ci.as_deref(),
        passed_tests: names(&passed),
        warned_tests: Vec::new(),
        failed_tests: names(&failed),
    };
    let (name, sha256) = attested.document;
    let document = Resource {
        annotations: Some(annotations(attested)),
        ..named(name, sha256)
    };
    let subjects = released(attested.subjects);
    attestation(
        TEST_RESULT,
        subjects.chain([document]).collect(),
        &predicate,
    )
}

fn names(gates: &[&GateAssessment]) -> Vec<String> {
    let names = gates.iter().map(|gate| gate.name().to_string());
    names.collect()
}

pub(super) fn verification_summary(attested: Attested<'_>, policy: &Policy) -> Attestation {
    let evidence = attested.evidence;
    let (name, sha256) = attested.document;
    let predicate = Summary {
        verifier: Verifier {
            id: &policy.verifier,
            version: BTreeMap::from([("gate", evidence.tool_version.as_str())]),
        },
        time_verified: evidence.evaluated_at.to_string(),
        resource_uri: &policy.resource,
        policy: Resource {
            name: None,
            uri: Some(&policy.uri),
            digest: policy.sha256.as_deref().map(|sha256| Digest { sha256 }),
            annotations: None,
        },
        input_attestations: vec![Resource {
            name: None,
            uri: Some(name),
            ..named(name, sha256)
        }],
        verification_result: result(attested),
        verified_levels: levels(attested),
    };
    let subjects = released(attested.subjects).collect();
    attestation(SUMMARY, subjects, &predicate)
}

/// Only what was shown passes: NO-GO, STOP and HOLD fail, whoever proceeds on them.
fn result(attested: Attested<'_>) -> &'static str {
    match attested.evidence.verdict {
        Verdict::Go => "PASSED",
        Verdict::Hold | Verdict::NoGo | Verdict::Stop => "FAILED",
    }
}

/// `GATE_PILOT_EXIT_GO` for each gate if all are GO.
fn levels(attested: Attested<'_>) -> Vec<String> {
    if result(attested) != "PASSED" {
        return vec!["FAILED".to_owned()];
    }
    let gates = attested.evidence.deciding();
    gates
        .map(|gate| format!("GATE_{}_GO", upper_snake(&gate.name().to_string())))
        .collect()
}

/// `PILOT_EXIT` of `pilot/exit`.
fn upper_snake(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        .to_ascii_uppercase()
}

fn annotations(attested: Attested<'_>) -> Annotations<'_> {
    let evidence = attested.evidence;
    let gates = evidence.deciding();
    Annotations {
        verdict: evidence.verdict.word(),
        gates: gates
            .map(|gate| (gate.name().to_string(), gate.verdict.word()))
            .collect(),
        release: &evidence.plan.release.name,
        evaluated_at: evidence.evaluated_at.to_string(),
        gate_version: &evidence.tool_version,
    }
}

fn named<'a>(name: &'a str, sha256: &'a str) -> Resource<'a> {
    Resource {
        name: Some(name),
        uri: None,
        digest: Some(Digest { sha256 }),
        annotations: None,
    }
}

fn released(subjects: &[Subject]) -> impl Iterator<Item = Resource<'_>> {
    subjects
        .iter()
        .map(|subject| named(&subject.name, &subject.sha256))
}

fn attestation<P: Serialize>(
    predicate_type: &'static str,
    subject: Vec<Resource<'_>>,
    predicate: &P,
) -> Attestation {
    let statement = Statement {
        kind: STATEMENT,
        subject,
        predicate_type,
        predicate,
    };
    Attestation {
        statement: json(&statement),
        predicate: json(predicate),
    }
}

/// Strings, lists and maps with string keys always serialize; and nobody takes empty text for a statement.
fn json<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    crate::unicode_safety::escape_json(&text) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::report::scenarios;
    use serde_json::{Value, json};

    fn subjects() -> Vec<Subject> {
        vec![Subject {
            name: "registry.example.com/shipping".to_owned(),
            sha256: "a".repeat(64),
        }]
    }

    fn attested<'a>(evidence: &'a Evidence, subjects: &'a [Subject]) -> Attested<'a> {
        Attested {
            evidence,
            subjects,
            document: ("20261120T140000Z-go.json", "b"),
        }
    }

    fn read(text: &str) -> Value {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn only_go_passes() {
        for (name, evidence) in scenarios::all() {
            let go = evidence.verdict == Verdict::Go;
            let expected = if go { "PASSED" } else { "FAILED" };
            let subjects = subjects();
            let attested = attested(&evidence, &subjects);
            let found = read(&test_result(attested).statement);
            assert_eq!(found["predicate"]["result"], expected, "{name}");
            assert_eq!(found["predicate"]["warnedTests"], json!([]), "{name}");
            let passed = found["predicate"]["passedTests"]
                .as_array()
                .expect("a list");
            let gates = evidence
                .gates
                .iter()
                .filter(|gate| gate.verdict == Verdict::Go);
            assert_eq!(passed.len(), gates.count(), "{name}");
        }
    }

    #[test]
    fn the_statement_names_what_is_released_and_the_evidence() {
        let (evidence, subjects) = (scenarios::hold_incomplete(), subjects());
        let made = test_result(attested(&evidence, &subjects));
        let found = read(&made.statement);
        assert_eq!(found["_type"], STATEMENT);
        assert_eq!(found["predicateType"], TEST_RESULT);
        assert_eq!(found["subject"][0]["digest"]["sha256"], "a".repeat(64));
        assert_eq!(found["subject"][1]["name"], "20261120T140000Z-go.json");
        assert_eq!(found["subject"][1]["annotations"]["verdict"], "HOLD");
        assert_eq!(found["predicate"], read(&made.predicate));
    }

    #[test]
    fn the_summary_speaks_for_the_policy() {
        let policy = Policy {
            uri: "https://example.com/policy".to_owned(),
            sha256: Some("c".repeat(64)),
            verifier: "https://example.com/gate".to_owned(),
            resource: "pkg:oci/shipping".to_owned(),
        };
        let subjects = subjects();
        let (go, stop) = (scenarios::go(), scenarios::stop());
        let found = read(&verification_summary(attested(&go, &subjects), &policy).statement);
        assert_eq!(found["predicateType"], SUMMARY);
        assert_eq!(found["subject"].as_array().map(Vec::len), Some(1));
        let predicate = &found["predicate"];
        assert_eq!(predicate["verificationResult"], "PASSED");
        let level = predicate["verifiedLevels"][0].as_str().expect("a level");
        assert!(
            level.starts_with("GATE_") && level.ends_with("_GO"),
            "{level}"
        );
        assert_eq!(predicate["policy"]["digest"]["sha256"], "c".repeat(64));
        assert_eq!(predicate["timeVerified"], "2026-11-20T14:00:00Z");
        let found = read(&verification_summary(attested(&stop, &subjects), &policy).predicate);
        assert_eq!(found["verificationResult"], "FAILED");
        assert_eq!(found["verifiedLevels"], json!(["FAILED"]));
    }
}
