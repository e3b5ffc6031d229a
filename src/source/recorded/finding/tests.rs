//! Findings in the recorded answers: what was written reads as it was.

use super::*;

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
    let content = Content {
        junit: true,
        sarif: true,
        pointers: vec!["/a".into()],
    };
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
            }])),
        ),
        (
            Inquiry::Alerts {
                alertmanager: path(),
            },
            Ok(Found::Alerts(vec![Alert {
                labels: labels("x"),
                since: at,
                suppressed: true,
            }])),
        ),
        (
            Inquiry::Probe {
                gate: path(),
                number: 2,
                url: path(),
                pointers: vec!["/v".into()],
            },
            Ok(Found::Response(Response {
                status: 503,
                values: BTreeMap::from([("/v".into(), None)]),
            })),
        ),
        (
            Inquiry::Artifact {
                path: path(),
                content,
            },
            Ok(Found::File(file())),
        ),
        (
            Inquiry::Artifact {
                path: path(),
                content: Content::default(),
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
fn what_was_written_reads_as_it_was() {
    let text = serde_json::to_string(&written(&findings())).expect("text");
    let texts: Vec<FindingText> = serde_json::from_str(&text).expect("texts");
    assert_eq!(read(texts), Ok(findings()));
}

#[test]
fn what_is_not_known_is_refused() {
    let refused = |text: &str| {
        let texts = serde_json::from_str::<Vec<FindingText>>(text);
        assert!(texts.map_or(true, |texts| read(texts).is_err()), "{text}");
    };
    let asked = r#""asked":{"issue-log":{"path":"a"}}"#;
    refused(&format!("[{{{asked}}}]"));
    refused(&format!(
        r#"[{{{asked},"found":{{"issues":[]}},"failure":{{"code":"file-missing","message":""}}}}]"#
    ));
    refused(&format!(
        r#"[{{{asked},"failure":{{"code":"whatever","message":""}}}}]"#
    ));
    refused(&format!(r#"[{{{asked},"found":{{"rumours":[]}}}}]"#));
    refused(&format!(
        r#"[{{{asked},"found":{{"issues":[]}},"more":1}}]"#
    ));
    let twice = format!(r#"{{{asked},"found":{{"issues":[]}}}}"#);
    refused(&format!("[{twice},{twice}]"));
}
