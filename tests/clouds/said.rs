//! No secret of a vendor comes to light: not in what is printed, in evidence, or in recorded answers, whatever a server says.

use std::path::Path;

use crate::support::faulty::{Faulty, Received, answer, json};
use crate::support::program::Workplace;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const CANARY: &str = "c4nary-s3cret";

/// A config, and the environment that it is used in. `SERVER` is a server that repeats all it hears.
type Carrier = (&'static str, &'static [(&'static str, &'static str)]);

const CARRIERS: [Carrier; 11] = [
    (
        "{sigv4: {region: r, access_key: AKIA, secret_key: '${CANARY}'}}",
        &[],
    ),
    (
        "{sigv4: {region: r, access_key: AKIA, secret_key_file: secret.txt}}",
        &[],
    ),
    (
        "{sigv4: {region: r}}",
        &[
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", CANARY),
            ("AWS_SESSION_TOKEN", CANARY),
        ],
    ),
    (
        "{sigv4: {region: r, role_arn: 'arn:aws:iam::1:role/x'}}",
        &[
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "other"),
            ("AWS_SESSION_TOKEN", CANARY),
            ("AWS_ENDPOINT_URL_STS", "SERVER"),
        ],
    ),
    (
        "{sigv4: {region: r}}",
        &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "secret.txt"),
            ("AWS_ROLE_ARN", "arn:x"),
            ("AWS_ENDPOINT_URL_STS", "SERVER"),
        ],
    ),
    (
        "{sigv4: {region: r}}",
        &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "SERVER"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", CANARY),
        ],
    ),
    (
        "{sigv4: {region: r}}",
        &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "SERVER/grant")],
    ),
    (
        "{azuread: {oauth: {tenant_id: t, client_id: c, client_secret: '${CANARY}'}}}",
        &[("AZURE_AUTHORITY_HOST", "SERVER")],
    ),
    (
        "{azuread: {workload_identity: {tenant_id: t, client_id: c, token_file_path: secret.txt}}}",
        &[("AZURE_AUTHORITY_HOST", "SERVER")],
    ),
    (
        "{azuread: {}}",
        &[
            ("IDENTITY_ENDPOINT", "SERVER/grant"),
            ("IDENTITY_HEADER", CANARY),
        ],
    ),
    (
        "{google_iam: {}}",
        &[("GOOGLE_APPLICATION_CREDENTIALS", "user.json")],
    ),
];

/// Grants the canary where it is asked for credentials at `/grant`, and repeats what it hears everywhere else.
fn careless(asked: &Received) -> Vec<u8> {
    if asked.head.contains(" /grant") {
        return json(&format!(
            r#"{{"access_token":"{CANARY}","expires_in":3600,"AccessKeyId":"ASIA","SecretAccessKey":"{CANARY}","Token":"{CANARY}"}}"#
        ));
    }
    let form = percent_encoding::percent_decode_str(&asked.body).decode_utf8_lossy();
    let echo = format!("{} {} {form}", asked.head.replace("\r\n", " "), asked.body);
    let echo = serde_json::Value::from(echo).to_string();
    answer(
        "403 Forbidden",
        "application/json",
        &format!(r#"{{"message":{echo}}}"#),
    )
}

/// Everything below a folder but what holds the secret itself.
fn contents(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all += &contents(&path);
        } else if !path.ends_with("secret.txt") && !path.ends_with("user.json") {
            all += &String::from_utf8_lossy(&std::fs::read(&path).expect("a file"));
        }
    }
    all
}

#[test]
fn no_secret_of_a_vendor_comes_to_light() {
    for (config, environment) in CARRIERS {
        let server = Faulty::answering(careless);
        let filled = |text: &str| text.replace("SERVER", server.url());
        let workplace = Workplace::with_plan(&format!(
            "release: test\nsource: {{url: \"{}\", timeout: 1s, http_config: {config}}}\nkpis: {{errors: {{query: errors}}}}\nstages: [{{name: pilot, observe: trailing, window: 5m, exit: {{kpis: {{errors: \"< 1\"}}}}}}]\n",
            server.url()
        ));
        workplace.write("secret.txt", CANARY);
        let user = format!(
            r#"{{"type":"authorized_user","client_id":"i","client_secret":"other-secret","refresh_token":"{CANARY}","token_uri":"{}"}}"#,
            server.url()
        );
        workplace.write("user.json", user);
        let environment: Vec<(&str, String)> = environment
            .iter()
            .map(|(name, value)| (*name, filled(value)))
            .chain([("CANARY", CANARY.to_owned())])
            .collect();
        let environment: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let what = format!("{config} {environment:?}");
        for arguments in [
            &[
                "check",
                "plan.yaml",
                "--at",
                "1795132800",
                "--format",
                "text",
            ][..],
            &[
                "check",
                "plan.yaml",
                "--at",
                "1795132800",
                "--format",
                "json",
            ],
            &["validate", "plan.yaml", "--online"],
        ] {
            let finished = workplace.gate_with(arguments, &environment);
            let seen = format!(
                "{}{}{}",
                finished.out,
                finished.err,
                contents(workplace.path())
            );
            for secret in [CANARY, &STANDARD.encode(CANARY)] {
                assert!(!seen.contains(secret), "{what}: `{secret}` in:\n{seen}");
            }
            assert!(seen.contains("403"), "{what}:\n{seen}");
            // Whoever has a signature may use it for some minutes.
            let signature = seen.split("Signature=").nth(1).unwrap_or("***");
            assert!(signature.starts_with("***"), "{what}:\n{seen}");
        }
        assert_eq!(workplace.files("plan.evidence", ".json").len(), 2);
        assert!(!server.seen().is_empty(), "{what}");
    }
}

#[test]
fn plain_http_to_another_machine_is_refused_before_anything_is_asked() {
    for config in ["{sigv4: {region: r}}", "{google_iam: {}}", "{azuread: {}}"] {
        let workplace = Workplace::with_plan(&format!(
            "release: test\nsource: {{url: \"http://prometheus.example.com\", http_config: {config}}}\nkpis: {{errors: {{query: errors}}}}\nstages: [{{name: pilot, observe: trailing, window: 5m, exit: {{kpis: {{errors: \"< 1\"}}}}}}]\n"
        ));
        let key = config
            .trim_start_matches('{')
            .split(':')
            .next()
            .expect("a key");
        workplace.gate(&["validate", "plan.yaml"]).says(
            2,
            &format!("`{key}` beside an address that begins with `http://`"),
        );
        let secure = [
            "validate",
            "plan.yaml",
            "--source",
            "https://prometheus.example.com",
        ];
        assert_eq!(workplace.gate(&secure).code, 0);
    }
}

#[test]
fn every_recipe_is_a_valid_plan() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sources.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let plans: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(plans.len(), 7);
    for plan in plans {
        let workplace = Workplace::with_plan(plan);
        let validate = ["validate", "plan.yaml"];
        let finished = workplace.gate_with(&validate, &[("GRAFANA_TOKEN", "x")]);
        assert_eq!(finished.code, 0, "{plan}\n{}", finished.err);
    }
}
