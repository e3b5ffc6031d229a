//! Findings in recorded answers: the form is frozen, and what was written reads as it was.

use std::collections::BTreeMap;

use super::*;
use crate::findings::{Access, Alert, File, Issue, JunitCounts, Response, Rule};
use crate::kind::GateKind;
use crate::plan::HttpConfig;
use crate::samples::{FailureCode, Labels};
use crate::secret::Secret;
use crate::units::{Duration, Instant};

/// Recorded answers that lie in archives are of this form. A new kind may be added, nothing may be changed.
const FROZEN: &str = include_str!("findings.json");

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Recorded(#[serde(with = "super")] Findings);

fn read(text: &str) -> Result<Findings, serde_json::Error> {
    serde_json::from_str::<Recorded>(text).map(|recorded| recorded.0)
}

fn labels(name: &str) -> Labels {
    [("alertname".to_owned(), name.to_owned())]
        .into_iter()
        .collect()
}

fn file() -> File {
    File {
        bytes: 3,
        modified: Instant::from_millis(1_795_132_800_123),
        sha256: "ab".repeat(32),
        junit: Some(Ok(JunitCounts {
            tests: 2,
            failures: 1,
        })),
        sarif: Some(Err("cut".into())),
        json: Some(Ok(BTreeMap::from([
            ("/a".into(), None),
            ("/b".into(), Some("1.0".into())),
        ]))),
    }
}

fn findings() -> Findings {
    let at = Some(Instant::from_millis(1_795_132_800_001));
    let path = || "a".to_owned();
    Findings::from([
        (
            Inquiry::Rules { source: path() },
            Ok(Found::Rules(vec![Rule {
                name: "Down".into(),
                labels: labels("Down"),
                health: "ok".into(),
                error: None,
                evaluated: at,
                interval: Duration::from_millis(1500),
                firing: vec![labels("Down")],
                doubt: None,
            }])),
        ),
        (
            Inquiry::Alerts {
                alertmanager: path(),
                gate: None,
                stop: false,
                access: Access::default(),
            },
            Ok(Found::Alerts(vec![Alert {
                labels: labels("x"),
                since: at,
                suppressed: true,
            }])),
        ),
        (
            Inquiry::Probe {
                gate: GateKind::Exit.of(&path()),
                number: 2,
                url: path(),
                pointers: vec!["/v".into()],
                headers: Vec::new(),
                access: Access {
                    url: Secret::new("http://u:p@h/".into()),
                    http: HttpConfig::default(),
                    timeout: Duration::from_secs(7),
                },
            },
            Ok(Found::Response(Response {
                status: 503,
                values: BTreeMap::from([("/v".into(), None)]),
                headers: BTreeMap::new(),
            })),
        ),
        (
            Inquiry::Artifact {
                path: path(),
                junit: true,
                sarif: true,
                pointers: vec!["/a".into()],
            },
            Ok(Found::File(file())),
        ),
        (
            Inquiry::Artifact {
                path: path(),
                junit: false,
                sarif: false,
                pointers: Vec::new(),
            },
            Err(Failure {
                code: FailureCode::FileMissing,
                message: "gone".into(),
            }),
        ),
        (
            Inquiry::IssueLog { path: path() },
            Ok(Found::Issues(vec![Issue {
                id: "1".into(),
                severity: "sev1".into(),
                open: None,
                opened: at,
                description: String::new(),
            }])),
        ),
    ])
}

#[test]
fn the_form_is_frozen_and_reads_as_it_was_written() {
    let text = serde_json::to_string_pretty(&Recorded(findings())).expect("text");
    assert_eq!(text, FROZEN.trim_end());
    assert_eq!(read(FROZEN).expect("findings"), findings());
}

#[test]
fn how_an_address_is_reached_is_not_recorded() {
    assert!(!FROZEN.contains("http://") && !FROZEN.contains("access"));
    let with = FROZEN.replace("\"number\": 2,", "\"number\": 2, \"access\": {},");
    assert!(with != FROZEN && read(&with).is_err());
}

#[test]
fn what_is_not_known_is_refused() {
    let refused = |finding: &str, why: &str| {
        let error = read(&format!("[{finding}]")).expect_err(finding);
        assert!(error.to_string().contains(why), "{error}");
    };
    let asked = r#""asked":{"issue-log":{"path":"a"}}"#;
    let found = r#""found":{"issues":[]}"#;
    let failed = |code: &str| format!(r#""failure":{{"code":"{code}","message":""}}"#);
    refused(&format!("{{{asked}}}"), "without an answer");
    let both = format!("{{{asked},{found},{}}}", failed("file-missing"));
    refused(&both, "two answers");
    let unknown = format!("{{{asked},{}}}", failed("whatever"));
    refused(&unknown, "unknown failure code `whatever`");
    let rumours = format!(r#"{{{asked},"found":{{"rumours":[]}}}}"#);
    refused(&rumours, "unknown variant");
    refused(&format!(r#"{{{asked},{found},"more":1}}"#), "unknown field");
    let twice = format!("{{{asked},{found}}},{{{asked},{found}}}");
    refused(&twice, "occurs twice");
}
