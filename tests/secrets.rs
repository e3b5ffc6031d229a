//! Secrets stay where they are: whatever a server does with what it was sent, no output, no evidence and no recorded
//! answer shows it.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::support::faulty::{Faulty, Received, answer, json};
use crate::support::program::{Finished, Workplace};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const AT: &str = "1795132800";
const CANARY: &str = "c4nary-s3cret";
const USER: &str = "alice";

/// Ways to carry the secret: what is in the source's address, and in `http_config`.
const CARRIERS: [(&str, &str); 14] = [
    ("${CANARY}@", "{}"),
    (
        "",
        "{basic_auth: {username: alice, password_file: secret.txt}}",
    ),
    ("", "{http_headers: {X-Key: {values: ['${CANARY}']}}}"),
    ("", "{http_headers: {X-Key: {files: [secret.txt]}}}"),
    (
        "",
        "{oauth2: {client_id: bob, client_secret: '${CANARY}', token_url: 'SERVER/token'}}",
    ),
    (
        "",
        "{oauth2: {client_id: bob, client_secret_file: secret.txt, token_url: 'SERVER/token'}}",
    ),
    (
        "",
        "{oauth2: {client_id: alice, client_secret: other, token_url: 'SERVER/token', endpoint_params: {assertion: '${CANARY}'}}}",
    ),
    ("", "{proxy_url: 'INFOSERVER'}"),
    ("alice:${CANARY}@", "{}"),
    ("", "{basic_auth: {username: alice, password: '${CANARY}'}}"),
    ("", "{authorization: {credentials: '${CANARY}'}}"),
    (
        "",
        "{authorization: {type: Token, credentials_file: secret.txt}}",
    ),
    ("", "{http_headers: {X-Key: {secrets: ['${CANARY}']}}}"),
    (
        "",
        "{basic_auth: {username: alice, password: c4nary-s3cret}}",
    ),
];

/// A name, and what is made of the echo.
type Reply = (&'static str, fn(&str) -> Vec<u8>);

/// What a careless server says, with everything that it was sent.
fn replies() -> Vec<Reply> {
    fn text(echo: &str) -> String {
        serde_json::Value::from(echo).to_string()
    }
    fn error(echo: &str, kind: &str) -> String {
        format!(
            r#"{{"status":"error","errorType":"{kind}","error":{}}}"#,
            text(echo)
        )
    }
    fn redirect(to: &str) -> Vec<u8> {
        format!(
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .into_bytes()
    }
    fn path(echo: &str) -> String {
        echo.split_whitespace().collect::<Vec<_>>().join("/")
    }
    vec![
        ("bad_data", |echo| {
            answer(
                "400 Bad Request",
                "application/json",
                &error(echo, "bad_data"),
            )
        }),
        ("internal", |echo| {
            answer(
                "500 Internal Server Error",
                "application/json",
                &error(echo, "internal"),
            )
        }),
        ("plain", |echo| {
            answer("502 Bad Gateway", "text/plain", echo)
        }),
        ("forbidden", |echo| {
            answer("403 Forbidden", "text/plain", echo)
        }),
        ("unauthorized", |echo| {
            answer("401 Unauthorized", "text/plain", echo)
        }),
        ("page", |echo| {
            answer("200 OK", "text/html", &format!("<title>{echo}</title>"))
        }),
        ("garbled", |echo| json(&format!("{{{echo}"))),
        ("error in a success", |echo| json(&error(echo, "execution"))),
        ("warning", |echo| {
            json(&format!(
                r#"{{"status":"success","warnings":[{}],"data":{{"resultType":"matrix","result":[]}}}}"#,
                text(echo)
            ))
        }),
        ("info", |echo| {
            json(&format!(
                r#"{{"status":"success","infos":[{}],"data":{{"resultType":"matrix","result":[]}}}}"#,
                text(echo)
            ))
        }),
        ("status line", |echo| {
            format!("HTTP/1.1 500 {}\r\n\r\n", path(echo)).into_bytes()
        }),
        ("no HTTP", |echo| echo.as_bytes().to_vec()),
        ("redirect to a path", |echo| {
            redirect(&format!("/login/{}", path(echo)))
        }),
        ("redirect with a query", |echo| {
            redirect(&format!("/login?next={}", path(echo)))
        }),
        ("redirect with user info", |_| {
            redirect("http://alice:c4nary-s3cret@127.0.0.1:1/")
        }),
        ("redirect to no web address", |echo| {
            redirect(&format!("ftp://127.0.0.1/{}", path(echo)))
        }),
    ]
}

/// What was sent, as a server would show it: headers of interest, what is encoded in them, and the form.
fn echo(asked: &Received) -> String {
    let lines = asked.head.lines().filter(|line| {
        let line = line.to_ascii_lowercase();
        ["authorization", "proxy-authorization", "x-key"]
            .iter()
            .any(|name| line.starts_with(name))
    });
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let decoded = words
        .iter()
        .filter_map(|word| String::from_utf8(STANDARD.decode(word).ok()?).ok());
    let decoded: Vec<String> = decoded.collect();
    format!(
        "sent {} {} {}",
        words.join(" "),
        decoded.join(" "),
        asked.body
    )
}

fn plan(url: &str, info: &str, config: &str) -> String {
    let config = config
        .replace("INFOSERVER", &url.replace("://", "://bob:${CANARY}@"))
        .replace("SERVER", url);
    let url = url.replace("://", &format!("://{info}"));
    format!(
        "release: test\nsource: {{url: \"{url}\", timeout: 300ms, http_config: {config}}}\nkpis:\n  errors: {{query: errors}}\nstages:\n  - {{name: pilot, observe: trailing, window: 5m, exit: {{kpis: {{errors: \"< 1\"}}}}}}\n"
    )
}

/// Everything below a folder, unpacked.
fn contents(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all += &contents(&path);
            continue;
        }
        if path.ends_with("plan.yaml") || path.ends_with("secret.txt") {
            continue;
        }
        all += &path.to_string_lossy();
        let bytes = fs::read(&path).expect("a file");
        let mut text = String::new();
        if flate2::read::MultiGzDecoder::new(&bytes[..])
            .read_to_string(&mut text)
            .is_err()
        {
            text = String::from_utf8_lossy(&bytes).into_owned();
        }
        all += &text;
    }
    all
}

fn is_silent(what: &str, finished: &Finished, workplace: &Workplace) {
    let seen = format!(
        "{}{}{}",
        finished.out,
        finished.err,
        contents(workplace.path())
    );
    // Base64 looks different after a name of another length.
    let pair = |user: &str| STANDARD.encode(format!("{user}:{CANARY}"));
    for secret in [CANARY, &STANDARD.encode(CANARY), &pair(USER), &pair("bob")] {
        assert!(!seen.contains(secret), "{what}: `{secret}` in:\n{seen}");
    }
}

fn workplace(plan: &str) -> Workplace {
    let workplace = Workplace::with_plan(plan);
    workplace.write("secret.txt", CANARY);
    workplace
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn no_answer_brings_a_secret_to_light() {
    std::thread::scope(|scope| {
        for (what, reply) in replies() {
            scope.spawn(move || no_reply_brings_a_secret_to_light(what, reply));
        }
    });
}

fn no_reply_brings_a_secret_to_light(what: &str, reply: fn(&str) -> Vec<u8>) {
    let server = Faulty::answering(move |asked| reply(&echo(asked)));
    for (info, config) in CARRIERS {
        let workplace = workplace(&plan(server.url(), info, config));
        for format in ["text", "json"] {
            let arguments = ["check", "plan.yaml", "--at", AT, "--format", format];
            let finished = workplace.gate_with(&arguments, &[("CANARY", CANARY)]);
            assert_eq!(finished.code, 3, "{what}: {}", finished.err);
            is_silent(&format!("{what}, {info}{config}"), &finished, &workplace);
        }
        assert_eq!(workplace.files("plan.evidence", ".json").len(), 2);
    }
    let sent = server.seen();
    let carried = sent
        .iter()
        .filter(|asked| echo(asked).contains(CANARY))
        .count();
    assert!(
        carried >= CARRIERS.len(),
        "{what}: the secret was not even sent"
    );
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn other_commands_are_as_silent() {
    for (what, reply) in replies() {
        let server = Faulty::answering(move |asked| reply(&echo(asked)));
        for (info, config) in CARRIERS.into_iter().take(2) {
            let workplace = workplace(&plan(server.url(), info, config));
            for arguments in [
                &["validate", "plan.yaml", "--online"][..],
                &["capture", "plan.yaml", "-o", "base.json.gz"],
            ] {
                let finished = workplace.gate_with(arguments, &[("CANARY", CANARY)]);
                is_silent(&format!("{what}, {arguments:?}"), &finished, &workplace);
            }
        }
    }
}

#[test]
fn mistakes_in_a_source_do_not_show_its_secrets() {
    let server = Faulty::answering(|_| Vec::new());
    let good = plan(server.url(), "", "{}");
    let plans = [
        good.replace(
            "timeout: 300ms",
            "timeout: never, url: 'http://alice:c4nary-s3cret@h'",
        ),
        plan(
            server.url(),
            "alice:c4nary-s3cret@",
            "{basic_auth: {username: a, password: c4nary-s3cret}}",
        ),
        plan("http://[::1", "alice:c4nary-s3cret@", "{}"),
        plan("htp://127.0.0.1", "alice:c4nary-s3cret@", "{}"),
        plan(
            server.url(),
            "",
            "{authorization: {credentials: c4nary-s3cret}, basic_auth: {username: a, password: c4nary-s3cret}}",
        ),
        plan(
            server.url(),
            "",
            "{authorization: {credential: c4nary-s3cret}}",
        ),
        plan(
            server.url(),
            "",
            "{basic_auth: {username: a, password: [c4nary-s3cret]}}",
        ),
        plan(
            server.url(),
            "",
            "{proxy_url: 'alice:c4nary-s3cret@nowhere'}",
        ),
        plan(
            server.url(),
            "",
            "{proxy_url: 'http://alice:c4nary-s3cret@127.0.0.1:1'}",
        ),
        plan(
            server.url(),
            "",
            "{oauth2: {client_id: a, client_secret: c4nary-s3cret, token_url: 'http://alice:c4nary-s3cret@127.0.0.1:1/'}}",
        ),
        plan(
            server.url(),
            "",
            "{http_headers: {'X Key': {values: [c4nary-s3cret]}}}",
        ),
        plan(
            server.url(),
            "",
            "{http_headers: {X-Key: {values: [\"c4nary-s3cret\\n\"]}}}",
        ),
    ];
    for plan in plans {
        let workplace = workplace(&plan);
        let finished = workplace.gate(&["check", "plan.yaml", "--at", AT]);
        assert_ne!(finished.code, 0, "{plan}");
        is_silent(&plan, &finished, &workplace);
    }
    let workplace = workplace(&good);
    for source in [
        "http://alice:c4nary-s3cret@127.0.0.1:1",
        "alice:c4nary-s3cret@127.0.0.1:1",
        "//alice:c4nary-s3cret@127.0.0.1",
        "ftp://alice:c4nary-s3cret@127.0.0.1",
        "http://alice:c4nary-s3cret@",
        // T14: what follows an unencoded `/`, `#` or `?` of a password is part of it.
        "http://alice:c4nary-s3cret/x@127.0.0.1:1",
        "http://alice:x/c4nary-s3cret@127.0.0.1:1",
        "http://alice:12/c4nary-s3cret@127.0.0.1:1",
        "http://alice:12#c4nary-s3cret@127.0.0.1:1",
        "http://alice:12?c4nary-s3cret@127.0.0.1:1",
        "http://127.0.0.1:1/?token=c4nary-s3cret",
        // The HTTP client would take these.
        "http:/alice:c4nary-s3cret@127.0.0.1:1",
        "http:alice:c4nary-s3cret@127.0.0.1:1",
        "http:\\\\alice:c4nary-s3cret@127.0.0.1:1",
    ] {
        let plan = good.replace(server.url(), source);
        let planned = self::workplace(&plan);
        let finished = planned.gate(&["check", "plan.yaml", "--at", AT]);
        assert_ne!(finished.code, 0, "{source}");
        is_silent(source, &finished, &planned);
        let commented = self::workplace(&format!("# {source}\n{good}"));
        let finished = commented.gate(&["check", "plan.yaml", "--at", AT]);
        is_silent(source, &finished, &commented);
        let finished = workplace.gate(&["check", "plan.yaml", "--at", AT, "--source", source]);
        assert_ne!(finished.code, 0, "{source}");
        is_silent(source, &finished, &workplace);
        let joined = format!("--source={source}");
        let finished = workplace.gate(&["check", "plan.yaml", "--at", AT, &joined]);
        is_silent(&joined, &finished, &workplace);
    }
}

/// Grants a token that is the canary, then says whatever the reply makes of what it was sent.
fn granting(reply: fn(&str) -> Vec<u8>) -> Faulty {
    Faulty::answering(move |asked| {
        if asked.head.contains("/token") {
            json(&format!(
                r#"{{"access_token":"{CANARY}","expires_in":3600}}"#
            ))
        } else {
            reply(&echo(asked))
        }
    })
}

#[test]
fn a_token_that_was_received_is_as_secret_as_one_that_was_given() {
    std::thread::scope(|scope| {
        for (what, reply) in replies() {
            scope.spawn(move || {
                let server = granting(reply);
                let config =
                    "{oauth2: {client_id: gate, client_secret: other, token_url: 'SERVER/token'}}";
                let workplace = workplace(&plan(server.url(), "", config));
                let finished = workplace.gate(&["check", "plan.yaml", "--at", AT]);
                assert_eq!(finished.code, 3, "{what}: {}", finished.err);
                is_silent(&format!("{what}, a token"), &finished, &workplace);
                let finished = workplace.gate(&["validate", "plan.yaml", "--online"]);
                is_silent(&format!("{what}, a token, online"), &finished, &workplace);
            });
        }
    });
}

/// What people's secrets hold, and what each encoder changes.
const AWKWARD: &str = "c4n+s3c\"r&t/$ <é>%z";
/// What stays of it whatever encoder it went through.
const REST: [&str; 2] = ["c4n", "s3c"];

#[test]
fn t15_a_token_endpoint_that_repeats_its_form_shows_no_secret() {
    fn json(text: &str) -> String {
        let text = serde_json::Value::from(text).to_string();
        text.replace('&', "\\u0026").replace('<', "\\u003c")
    }
    fn html(text: &str) -> String {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        text.replace('"', "&#34;").replace('/', "&#x2F;")
    }
    type Repeat = (&'static str, fn(&str) -> String);
    let repeats: [Repeat; 5] = [
        ("the form", |form| form.to_owned()),
        ("the form in lower case", |form| form.to_ascii_lowercase()),
        ("JSON", |_| {
            format!(
                "{{\"error\":\"invalid_client\",\"error_description\":{}}}",
                json(AWKWARD)
            )
        }),
        ("JSON within JSON", |_| {
            let inner = format!("{{\"said\":{}}}", json(AWKWARD));
            format!(
                "{{\"error\":\"invalid_client\",\"error_description\":{}}}",
                json(&inner)
            )
        }),
        ("HTML", |_| {
            format!("<html><title>no {}</title></html>", html(AWKWARD))
        }),
    ];
    for (what, repeat) in repeats {
        let server = Faulty::answering(move |asked| {
            answer("401 Unauthorized", "application/json", &repeat(&asked.body))
        });
        let config =
            "{oauth2: {client_id: bob, client_secret: '${CANARY}', token_url: 'SERVER/token'}}";
        let workplace = workplace(&plan(server.url(), "", config));
        let arguments = ["check", "plan.yaml", "--at", AT, "--format", "json"];
        let finished = workplace.gate_with(&arguments, &[("CANARY", AWKWARD)]);
        assert_eq!(finished.code, 3, "{what}: {}", finished.err);
        let sent = server.seen();
        assert!(
            sent.iter()
                .any(|asked| asked.body.contains("client_secret=c4n%2B")),
            "{what}: it was not even sent"
        );
        let seen = format!(
            "{}{}{}",
            finished.out,
            finished.err,
            contents(workplace.path())
        );
        for part in REST {
            assert!(!seen.contains(part), "{what}: `{part}` in:\n{seen}");
        }
    }
}

#[test]
fn the_password_of_a_proxy_that_the_environment_names_stays_hidden() {
    for (what, reply) in replies() {
        let proxy = Faulty::answering(move |asked| reply(&echo(asked)));
        let plan = plan(
            "http://prometheus.invalid:9090",
            "",
            "{proxy_from_environment: true}",
        );
        let workplace = workplace(&plan);
        let address = proxy.url().replace("://", &format!("://bob:{CANARY}@"));
        let arguments = ["check", "plan.yaml", "--at", AT];
        let finished = workplace.gate_with(&arguments, &[("HTTP_PROXY", &address)]);
        assert_eq!(finished.code, 3, "{what}: {}", finished.err);
        is_silent(&format!("{what}, a proxy"), &finished, &workplace);
        let carried = proxy
            .seen()
            .iter()
            .any(|asked| echo(asked).contains(CANARY));
        assert!(carried, "{what}: the secret was not even sent");
    }
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn a_secret_is_sent_to_no_host_but_its_own() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let away =
            Faulty::answering(|asked| json(&serde_json::Value::from(echo(asked)).to_string()));
        let to = away.url().to_owned();
        let server = Faulty::answering(move |asked| {
            if asked.head.contains("/token") {
                return json(&format!(
                    r#"{{"access_token":"{CANARY}","expires_in":3600}}"#
                ));
            }
            format!("HTTP/1.1 {status}\r\nLocation: {to}/api/v1/query_range\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
        });
        for (info, config) in CARRIERS {
            // A proxy is told its password whatever it is asked for: it is the host of that secret.
            if config.contains("proxy_url") {
                continue;
            }
            let workplace = workplace(&plan(server.url(), info, config));
            let finished =
                workplace.gate_with(&["check", "plan.yaml", "--at", AT], &[("CANARY", CANARY)]);
            is_silent(&format!("{status}, {info}{config}"), &finished, &workplace);
        }
        let pair = STANDARD.encode(format!("bob:{CANARY}"));
        let alone = STANDARD.encode(format!("{CANARY}:"));
        let seen = away.seen();
        assert!(!seen.is_empty(), "{status}: nobody came");
        for asked in seen {
            let all = format!("{}{}", asked.head, asked.body);
            for secret in [CANARY, &pair, &alone] {
                assert!(!all.contains(secret), "{status}: {all}");
            }
        }
    }
}
