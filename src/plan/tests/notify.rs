//! Who is told: how the plan says so, what is filled in when, and every way to say it wrongly.

use super::*;
use crate::plan::{Hook, Receiver, Recipient, ToldOf, receivers};

fn with(entries: &str) -> String {
    format!(
        "release: r\nstages:\n  - {{ name: s, exit: {{ confirmations: [lead] }} }}\nnotify: {entries}\n"
    )
}

fn environment(name: &str) -> Option<String> {
    match name {
        "SLACK" => Some("https://hooks.slack.example.com/services/T0/B0/S3CRETx9".to_owned()),
        "WRONG" => Some("ftp://h/S3CRETx9".to_owned()),
        _ => None,
    }
}

/// Code, message and help of the first problem; what is drawn shows no secret.
fn wrong(text: &str, problems: &[Problem]) -> (String, String, String) {
    let drawn = render("plan.yaml", text, problems, false, 120);
    assert!(drawn.contains("--> plan.yaml:4:"), "{drawn}");
    assert!(!drawn.contains("S3CRET"), "{drawn}");
    let first = &problems[0];
    let help = first.help.clone().unwrap_or_default();
    (first.code.to_string(), first.message.clone(), help)
}

#[test]
fn w16_receivers_are_read_and_their_addresses_are_filled_in_when_they_are_needed() {
    let text = with(
        "[{ slack: '${SLACK}', on: [STOP, NO-GO] }, { webhook: 'https://ops.example.com/h?code=7', timeout: 5s }, { exec: [./off.sh, ''], on: end }]",
    );
    let plan = loaded(&text, &options()).plan;
    let shown: Vec<String> = plan.notify.iter().map(Receiver::shown).collect();
    assert_eq!(shown, ["slack …", "webhook ops.example.com", "exec off.sh"]);
    let filled = receivers(text.as_bytes(), &environment).expect("receivers");
    let Recipient::Slack(Hook { url, .. }) = &filled[0].to else {
        panic!("{filled:?}");
    };
    assert!(url.expose().ends_with("S3CRETx9"));
    assert_eq!(filled[0].shown(), "slack hooks.slack.example.com");
    assert!(!format!("{filled:?}").contains("S3CRET"));
    assert_eq!(filled[0].timeout, Duration::from_secs(30));
    assert_eq!(filled[1].timeout, Duration::from_secs(5));
    let told = |event| {
        filled
            .iter()
            .map(|one| one.wants(event))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(ToldOf::Stop), [true, true, false]);
    assert_eq!(told(ToldOf::Go), [false, true, false]);
    assert_eq!(told(ToldOf::SourceAway), [false, false, false]);
    assert_eq!(told(ToldOf::End), [false, false, true]);
}

#[test]
fn w16_every_wrong_receiver_is_told_at_its_place() {
    for (entry, code, message, help) in [
        (
            "{ on: [STOP] }",
            "missing-key",
            "says nobody to tell",
            "one of slack, webhook, exec",
        ),
        (
            "{ slack: 'https://h/S3CRET', exec: [x] }",
            "conflicting-keys",
            "tells one receiver, not two",
            "an entry of its own",
        ),
        (
            "{ slack: 'https://h/S3CRET', on: [sotp] }",
            "unknown-word",
            "`sotp` is not an event",
            "",
        ),
        (
            "{ exec: [x], on: [STOP, STOP] }",
            "duplicate-name",
            "the event `STOP` occurs twice",
            "",
        ),
        (
            "{ slack: hooks.example.com/S3CRETx9 }",
            "bad-url",
            "does not have the form of a URL",
            "",
        ),
        ("{ exec: [] }", "empty-list", "", ""),
        ("{ exec: [''] }", "empty-value", "", ""),
        ("{ exec: [x], on: [] }", "empty-list", "", ""),
        (
            "{ exec: [x], http_config: { proxy_url: 'http://h' } }",
            "misplaced-key",
            "`http_config` beside `exec`",
            "",
        ),
        (
            "{ webhook: 'ftp://h/S3CRETx9' }",
            "bad-url",
            "neither `http://` nor `https://`",
            "",
        ),
        (
            "{ webhook: 'http://h', timeout: 0s }",
            "zero-duration",
            "",
            "",
        ),
        ("{ mail: x }", "unknown-key", "", ""),
    ] {
        let text = with(&format!("[{entry}]"));
        let problems = load(text.as_bytes(), &options()).expect_err(entry);
        let found = wrong(&text, &problems);
        assert_eq!(found.0, code, "{entry}: {found:?}");
        assert!(found.1.contains(message), "{entry}: {found:?}");
        assert!(found.2.contains(help), "{entry}: {found:?}");
    }
    let none = with("[]");
    let problems = load(none.as_bytes(), &options()).expect_err("nobody");
    assert_eq!(wrong(&none, &problems).0, "empty-list");
}

#[test]
fn w16_a_variable_that_is_not_set_is_an_error_only_for_those_who_tell() {
    let text = with("[{ slack: '${SLAKC}' }]");
    assert!(load(text.as_bytes(), &options()).is_ok());
    let problems = receivers(text.as_bytes(), &environment).expect_err("not set");
    let (code, message, _) = wrong(&text, &problems);
    assert_eq!(code, "unset-environment");
    assert_eq!(message, "the environment has no `SLAKC`");
    let text = with("[{ webhook: '${WRONG}' }]");
    let problems = receivers(text.as_bytes(), &environment).expect_err("ftp");
    let (code, message, _) = wrong(&text, &problems);
    assert_eq!(code, "bad-url");
    assert_eq!(message, "the value from the environment does not fit here");
}

#[test]
fn w18_a_plan_that_holds_an_address_is_not_copied() {
    let secret = |entries: &str| loaded(&with(entries), &options()).secret;
    let written = secret("[{ slack: 'https://hooks.example.com/x' }]").expect("a secret");
    assert_eq!(
        (written.line, written.what),
        (4, "the address of a Slack hook")
    );
    assert!(secret("[{ webhook: 'https://h/x?token=abc' }]").is_some());
    let header = "{ webhook: 'https://h/x', http_config: { authorization: { credentials: abc } } }";
    assert!(secret(&format!("[{header}]")).is_some());
    assert!(secret("[{ webhook: 'https://h/hooks/abc' }]").is_some());
    let unwritten = "{ webhook: 'https://h/hooks/${TOKEN}' }, { webhook: 'https://h/' }";
    assert!(secret(&format!("[{{ slack: '${{SLACK}}' }}, {unwritten}]")).is_none());
}
