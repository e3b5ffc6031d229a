//! Words that people write are kept and read by many: what looks like a credential in a plan, a reason, a note or a link is not
//! recorded, copied or shown (T14).

use std::fs;

use crate::support::program::{Finished, Workplace};
use crate::support::scenario;

const CANARY: &str = "S3CRET";

const PLAN: &str = "release: r
rollback: [switch back]
stages:
  - name: pilot
    entry: {confirmations: [lead], approvals: [product]}
    exit: {confirmations: [well]}
";

/// No file below the workplace but the plan holds the canary, and neither does what was said.
#[track_caller]
fn is_silent(workplace: &Workplace, finished: &Finished, what: &str) {
    let said = format!("{}{}", finished.out, finished.err);
    assert!(!said.contains(CANARY), "{what}: {said}");
    for folder in ["", "plan.evidence"] {
        for file in workplace.files(folder, "") {
            if file.is_file() && !file.ends_with("plan.yaml") {
                let bytes = fs::read(&file).expect("a file");
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(CANARY), "{what}: {}", file.display());
            }
        }
    }
}

#[test]
fn t14_a_credential_that_somebody_says_is_not_recorded() {
    let workplace = Workplace::with_plan(PLAN);
    workplace.gate(&["start", "plan.yaml", "pilot", "--override", "--why", "late"]);
    let before = fs::read(workplace.path().join("plan.ledger.jsonl")).expect("a ledger");
    let incident = [
        "incident",
        "plan.yaml",
        "open",
        "--severity",
        "sev1",
        "--description",
    ];
    let because = |command: &[&'static str]| [command, &["--why", "api_key=S3CRET"]].concat();
    for words in [
        vec!["note", "plan.yaml", "curl -uadmin:S3CRET http://h"],
        vec!["note", "plan.yaml", "x", "--by", "ann:S3CRET@example.com"],
        vec![
            "note",
            "plan.yaml",
            "x",
            "--link",
            "https://h/?token=S3CRET",
        ],
        vec![
            "note",
            "plan.yaml",
            "x",
            "--link",
            "https://h/#access_token=S3CRET",
        ],
        vec!["pause", "plan.yaml", "--why", "see https://u:S3CRET@h/"],
        vec![
            "rollback",
            "plan.yaml",
            "--why",
            "x",
            "--done",
            "1=token=S3CRET",
        ],
        [&incident[..], &["Authorization: Bearer S3CRET"]].concat(),
        [&incident[..], &["x", "--workaround", "pw: S3CRET"]].concat(),
        [&incident[..], &["x", "--owner", "ann:S3CRET@example.com"]].concat(),
        because(&["confirm", "plan.yaml", "well", "--stage", "pilot"]),
        because(&["rollback", "plan.yaml"]),
        because(&["ledger", "plan.yaml", "repair"]),
    ] {
        let finished = workplace.gate(&words);
        let nothing = if words.contains(&"repair") {
            "nothing was repaired: --why holds"
        } else {
            "nothing was recorded: "
        };
        finished
            .says(2, nothing)
            .says(2, "leave it out, or say where it is kept");
        is_silent(&workplace, &finished, &words.join(" "));
        let after = fs::read(workplace.path().join("plan.ledger.jsonl")).expect("a ledger");
        assert_eq!(before, after, "{words:?}");
    }
    workplace
        .gate(&[
            "note",
            "plan.yaml",
            "the token is rotated, see OPS-17",
            "--link",
            "https://h/d/x?orgId=1&from=now-1h#panel-2",
        ])
        .says(0, "a note on pilot");
}

#[test]
fn t14_a_plan_with_a_credential_in_a_comment_is_not_copied() {
    for comment in [
        "curl -H 'X-Api-Key: S3CRET'",
        "curl -uadmin:S3CRET",
        "Cookie: session=S3CRET",
        "Authentication Basic YWRtaW46S3CRET",
        "pw: S3CRET",
        "apikey S3CRET",
        "api_key=S3CRET",
        "token S3CRET",
        "AWS_SECRET_ACCESS_KEY S3CRET",
        "ghp_S3CRETS3CRETS3CRETS3CRETS3CRETS3CRET",
        "glpat-S3CRETS3CRETS3CRET",
        "https://h/#access_token=S3CRET",
    ] {
        let workplace = Workplace::with_plan(&format!("# {comment}\n{PLAN}"));
        let finished = workplace.gate(&["check", "plan.yaml", "--gate", "pilot/entry"]);
        finished.says(3, "HOLD");
        assert!(
            workplace.files("plan.evidence", ".plan.yaml").is_empty(),
            "{comment}"
        );
        is_silent(&workplace, &finished, comment);
    }
    let workplace = Workplace::with_plan(&format!("# the token is rotated by ops\n{PLAN}"));
    workplace.gate(&["check", "plan.yaml", "--gate", "pilot/entry"]);
    assert_eq!(workplace.files("plan.evidence", ".plan.yaml").len(), 1);
}

#[test]
fn t14_nothing_in_the_rollout_plans_is_taken_for_a_credential() {
    let plans = scenario::plans();
    assert!(plans.len() >= 5);
    for plan in plans {
        let bytes = fs::read(&plan).expect("a plan");
        let loaded = gate::plan::load(&bytes, &gate::plan::Options::default());
        let secret = loaded.expect("a plan").secret;
        assert_eq!(secret, None, "{}", plan.display());
    }
}

#[test]
fn t14_a_line_with_a_mistake_is_shown_without_its_credential() {
    let http = |config: &str| {
        format!(
            "release: r\nsource: {{url: http://h, http_config: {config}}}\n{}",
            &PLAN[11..]
        )
    };
    for plan in [
        http("{http_header: {X: {vals: [S3CRET]}}}"),
        http("{basic_auth: {username: u, pasword: S3CRET}}"),
        http("{basic_auth: {\"pass\\u0077ord\": S3CRET, x: y}}"),
        http("{bearer_tokn: S3CRET}"),
        format!(
            "source:\n  url: http://h\n  http_config:\n    basic_auth:\n      ? password\n      : [S3CRET]\n{PLAN}"
        ),
        format!("sorce: x # pw: S3CRET\n{PLAN}"),
        format!("sorce: ghp_S3CRETS3CRETS3CRETS3CRET\n{PLAN}"),
        PLAN.replace(
            "{confirmations: [well]}",
            "{probes: [{url: 'http://h', json: {/token: [equals S3CRET]}}]}",
        ),
    ] {
        let workplace = Workplace::with_plan(&plan);
        let finished = workplace.gate(&["validate", "plan.yaml"]);
        assert_eq!(finished.code, 2, "{plan}\n{finished:?}");
        is_silent(&workplace, &finished, &plan);
    }
}
