//! Secrets stay out of everything that is kept or made of a check: ledger, plan copy, reports, attestations, and what `verify`,
//! `status` and `ledger` show of them.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::support::faulty::{Faulty, Received, answer, json};
use crate::support::program::{Finished, Workplace};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const CANARY: &str = "c4nary-s3cret";

/// What a careless server makes of all that it was sent.
const REPLIES: [fn(&str) -> Vec<u8>; 4] = [
    |echo| answer("403 Forbidden", "text/plain", echo),
    |echo| {
        let text = serde_json::Value::from(echo);
        let body = format!(r#"{{"status":"error","errorType":"bad_data","error":{text}}}"#);
        answer("400 Bad Request", "application/json", &body)
    },
    |echo| json(&format!(r#"{{"said":{}}}"#, serde_json::Value::from(echo))),
    |echo| answer("200 OK", "text/html", &format!("<title>{echo}</title>")),
];

/// The request as it was, and what is encoded in its words.
fn echo(asked: &Received) -> String {
    let words = asked.head.split_whitespace();
    let decoded = words.filter_map(|word| String::from_utf8(STANDARD.decode(word).ok()?).ok());
    let decoded: Vec<String> = decoded.collect();
    format!("{} {}", asked.head.replace("\r\n", " "), decoded.join(" "))
}

/// A plan that sends the secret to its source; and to a probe, inline, where `inline` says so.
fn plan(url: &str, inline: bool) -> String {
    let user = if inline { "alice" } else { "${CANARY}" };
    let source = url.replace("://", &format!("://{user}:${{CANARY}}@"));
    let other = url.replace("://", &format!("://alice:{CANARY}@"));
    let entry = if inline {
        format!(
            "{{kpis: {{errors: \"< 1\"}}, probes: [{{url: '{other}/v?key={CANARY}', json: {{/said: x}}}}], no_alerts: {{firing: ['{{severity=\"sev1\"}}']}}}}"
        )
    } else {
        "{kpis: {errors: \"< 1\"}, no_alerts: ['{severity=\"sev1\"}']}".to_owned()
    };
    format!(
        "release: {{name: test, subjects: [{{name: a, sha256: {}}}]}}\nsource: {{url: \"{source}\", timeout: 300ms}}\nkpis: {{errors: {{query: errors}}}}\nstages:\n  - name: pilot\n    window: 5m\n    entry: {entry}\n    exit: {{kpis: {{errors: \"< 1\"}}, confirmations: [well]}}\n",
        "0".repeat(64)
    )
}

/// Everything below a folder but the plan itself, unpacked; what is Base64 in it as well.
fn contents(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all += &contents(&path);
        } else if !path.ends_with("plan.yaml") && !path.ends_with("key.pem") {
            let bytes = fs::read(&path).expect("a file");
            let mut text = String::new();
            let unpacked = flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text);
            if unpacked.is_err() {
                text = String::from_utf8_lossy(&bytes).into_owned();
            }
            let quoted = text.split('"');
            let decoded =
                quoted.filter_map(|word| String::from_utf8(STANDARD.decode(word).ok()?).ok());
            let decoded: Vec<String> = decoded.collect();
            all += &format!("\n{}: {text} {}", path.display(), decoded.join(" "));
        }
    }
    all
}

#[track_caller]
fn is_silent(what: &str, text: &str) {
    for secret in [
        CANARY,
        &STANDARD.encode(CANARY),
        &STANDARD.encode(format!("alice:{CANARY}")),
        &STANDARD.encode(format!("{CANARY}:{CANARY}")),
    ] {
        if let Some(at) = text.find(secret) {
            let from = text.floor_char_boundary(at.saturating_sub(300));
            panic!("{what}: `{secret}` after: {}", &text[from..at]);
        }
    }
}

/// Types a command with the secret in its environment; it must end with one of these codes, and say nothing of it.
fn run(workplace: &Workplace, line: &str, codes: &[i32]) -> Finished {
    let words: Vec<&str> = line.split(' ').collect();
    let finished = workplace.gate_with(&words, &[("CANARY", CANARY)]);
    assert!(codes.contains(&finished.code), "{line}: {finished:?}");
    is_silent(line, &format!("{}{}", finished.out, finished.err));
    finished
}

#[test]
fn nothing_that_is_kept_or_made_of_a_check_shows_a_secret() {
    for reply in REPLIES {
        for inline in [false, true] {
            let server = Faulty::answering(move |asked| reply(&echo(asked)));
            let workplace = Workplace::with_plan(&plan(server.url(), inline));
            let key = rcgen::KeyPair::generate().expect("a key");
            workplace.write("key.pem", key.serialize_pem());
            let reports = ["html", "markdown", "junit", "github", "csv"]
                .map(|kind| format!("--report {kind}=report.{kind}"))
                .join(" ");
            run(
                &workplace,
                &format!(
                    "check plan.yaml --gate pilot/entry --gate pilot/exit {reports} --attest made.intoto.json --attest-key key.pem"
                ),
                &[1, 3],
            );
            run(&workplace, "confirm plan.yaml well --stage pilot", &[0, 1]);
            run(
                &workplace,
                "start plan.yaml pilot --override --why late",
                &[0],
            );
            run(&workplace, "note plan.yaml seen", &[0]);
            for line in [
                "ledger plan.yaml",
                "ledger plan.yaml --format json",
                "ledger plan.yaml verify",
                "status plan.yaml",
                "status plan.yaml --format json",
                "verify plan.evidence",
                "check plan.yaml --format json",
            ] {
                run(&workplace, line, &[0, 1, 3]);
            }
            is_silent("files", &contents(workplace.path()));
            let copies = workplace.files("plan.evidence", ".plan.yaml").len();
            assert_eq!(
                copies > 0,
                !inline,
                "a plan that holds a secret is not copied"
            );
            let sent = server
                .seen()
                .iter()
                .any(|asked| echo(asked).contains(CANARY));
            assert!(sent, "the secret was not even sent");
        }
    }
}

/// A plan whose answers are fine, with this in place of a part of it.
fn plain(url: &str, part: &str, by: &str) -> String {
    let plan = format!(
        "release: test\nsource: {{url: \"{url}\", timeout: 3s}}\nvars: {{v: x}}\nkpis: {{errors: {{query: 'errors{{i=\"$v\"}}', unit: ratio}}}}\nrollback: [{{do: undo}}]\nstages:\n  - name: pilot\n    window: 5m\n    entry: {{kpis: {{errors: \"< 1\"}}}}\n    exit: {{kpis: {{errors: \"< 1\"}}}}\n"
    );
    assert!(plan.contains(part), "{part}");
    plan.replace(part, by)
}

fn empty() -> Faulty {
    Faulty::answering(|_| {
        json(r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
    })
}

#[test]
fn t14_a_parameter_that_is_named_like_a_credential_is_never_shown() {
    let server = empty();
    let by = format!("timeout: 3s, params: {{token: {CANARY}}}");
    let workplace = Workplace::with_plan(&plain(server.url(), "timeout: 3s", &by));
    let reports =
        ["html", "markdown", "junit", "csv"].map(|kind| format!("--report {kind}=r.{kind}"));
    run(
        &workplace,
        &format!("check plan.yaml --gate pilot/entry {}", reports.join(" ")),
        &[3],
    );
    for line in [
        "start plan.yaml pilot --override --why late",
        "status plan.yaml",
        "check plan.yaml --gate pilot/exit --format json",
        "verify plan.evidence",
    ] {
        run(&workplace, line, &[0, 1, 3]);
    }
    is_silent("files", &contents(workplace.path()));
    assert!(workplace.files("plan.evidence", ".plan.yaml").is_empty());
    let seen = server.seen();
    let is_sent = |asked: &Received| asked.head.contains(CANARY) || asked.body.contains(CANARY);
    assert!(seen.iter().any(is_sent), "it was not even sent");
}

#[test]
fn t14_a_plan_with_a_credential_in_its_words_is_not_judged() {
    let server = empty();
    let address = format!("https://u:{CANARY}@h");
    for (part, by) in [
        ("$v", address.clone()),
        ("v: x", format!("v: '{address}'")),
        (
            "do: undo",
            format!("do: 'curl -u admin:{CANARY} https://h'"),
        ),
        ("unit: ratio", format!("unit: ratio, title: '{address}'")),
        (
            "unit: ratio",
            format!("unit: ratio, runbook: 'https://h/?token={CANARY}'"),
        ),
        ("rollback:", format!("foo: password={CANARY}\nrollback:")),
    ] {
        let workplace = Workplace::with_plan(&plain(server.url(), part, &by));
        for line in [
            "check plan.yaml --gate pilot/entry --report html=r.html",
            "start plan.yaml pilot",
            "rollback plan.yaml --stage pilot --why x",
            "validate plan.yaml",
        ] {
            run(&workplace, line, &[2]);
        }
        is_silent(&by, &contents(workplace.path()));
    }
    let workplace = Workplace::with_plan(&plain(server.url(), "v: x", "v: y"));
    for command in [
        "check plan.yaml --gate pilot/entry",
        "start plan.yaml pilot",
    ] {
        run(&workplace, &format!("{command} --var v={address}"), &[2]);
    }
    is_silent("--var", &contents(workplace.path()));
    assert!(server.seen().is_empty(), "something was asked");
}

#[test]
fn t14_what_people_say_is_not_recorded_with_a_credential_in_it() {
    let workplace = Workplace::with_plan(&plain("http://127.0.0.1:1", "v: x", "v: y"));
    for said in [
        "password = c4nary-s3cret",
        "password is c4nary-s3cret",
        "password -> c4nary-s3cret",
        "mysql -pc4nary-s3cret -u root",
        "Server=h;Uid=u;Pwd=c4nary-s3cret;",
        "login admin:c4nary-s3cret",
        "https://hooks.slack.com/services/T000/B000/c4nary-s3cret",
        "https://h/x?code=c4nary-s3cret",
    ] {
        let finished = workplace.gate(&["note", "plan.yaml", said]);
        assert_eq!(finished.code, 2, "{said}: {finished:?}");
        is_silent(said, &format!("{}{}", finished.out, finished.err));
    }
    is_silent("files", &contents(workplace.path()));
}
