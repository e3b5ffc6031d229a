//! Amazon: each step of its chain, the roles, what is renewed, what a redirect and another attempt carry.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::signature::signed_by;
use super::{
    ONE, Variables, ask, asked, failure, header, line, said, source, times, variables, willing,
};
use crate::source_fake::{Fake, answer, html, json};
use gate::samples::FailureCode;

const CONFIG: &str = "{sigv4: {region: eu-central-1}}";
const BY: &str = "/eu-central-1/aps";

/// What a container or an instance is given.
fn own(id: &str) -> Vec<u8> {
    let (until, date) = times(3600);
    let body = format!(
        r#"{{"Code":"Success","AccessKeyId":"{id}","SecretAccessKey":"secret-{id}","Token":"token-{id}","Expiration":"{until}"}}"#
    );
    answer(200, "application/json", &date, body.as_bytes())
}

/// What the token service grants.
fn session(id: &str) -> Vec<u8> {
    let (until, date) = times(3600);
    let body = format!(
        "<R xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>secret-{id}</SecretAccessKey><SessionToken>token-{id}</SessionToken><Expiration>{until}</Expiration></Credentials></AssumeRoleResult></R>"
    );
    answer(200, "text/xml", &date, body.as_bytes())
}

/// Everything that a machine of Amazon's has at hand.
async fn machine() -> Fake {
    Fake::start(|request| {
        let session_of = |role: &str| session(&format!("ASIA{role}"));
        match line(request) {
            "PUT /latest/api/token" => {
                let seconds = header(request, "x-aws-ec2-metadata-token-ttl-seconds");
                assert_eq!(seconds, Some("21600"));
                answer(200, "text/plain", "", b"metadata-token")
            }
            metadata if metadata.starts_with("GET /latest/meta-data/") => {
                let token = header(request, "x-aws-ec2-metadata-token");
                assert_eq!(token, Some("metadata-token"));
                if metadata.ends_with("/security-credentials/") {
                    answer(200, "text/plain", "", b"the-role\n")
                } else {
                    assert!(metadata.ends_with("/security-credentials/the-role"));
                    own("ASIAINSTANCE")
                }
            }
            "GET /container" => {
                assert_eq!(header(request, "authorization"), Some("pod-token"));
                own("ASIACONTAINER")
            }
            "POST /" => {
                let role = said(request, "RoleArn");
                session_of(role.rsplit('/').next().expect("a role"))
            }
            other => panic!("unexpected: {other}"),
        }
    })
    .await
}

/// A folder with the files that the steps of the chain read.
fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    write(
        "credentials",
        "[ops]\naws_access_key_id = AKIAOPS\naws_secret_access_key = secret-AKIAOPS\n[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = secret-AKIADEFAULT\n",
    );
    write(
        "config",
        "[profile reader]\nrole_arn = arn:aws:iam::1:role/READER\nsource_profile = ops\nexternal_id = shop\nregion = eu-west-1\n[profile inner]\nrole_arn = arn:aws:iam::1:role/INNER\ncredential_source = EcsContainer\n",
    );
    write("web-identity", "pod.jwt.token\n");
    write("pod-token", "pod-token\n");
    folder
}

/// All steps at once: the environment in which each of them would be taken.
fn everything(machine: &Fake, folder: &tempfile::TempDir) -> Variables {
    let file = |name: &str| folder.path().join(name).display().to_string();
    variables(&[
        ("AWS_ACCESS_KEY_ID", "AKIAENV"),
        ("AWS_SECRET_ACCESS_KEY", "secret-AKIAENV"),
        ("AWS_SHARED_CREDENTIALS_FILE", &file("credentials")),
        ("AWS_CONFIG_FILE", &file("config")),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &file("web-identity")),
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/WEB"),
        ("AWS_ENDPOINT_URL_STS", &machine.url()),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            &format!("{}/container", machine.url()),
        ),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &file("pod-token")),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &machine.url()),
    ])
}

/// Who signed the only request that a source got.
fn only(fake: &Fake, secret: &str) -> String {
    let requests = fake.requests();
    assert_eq!(requests.len(), 1, "{requests:#?}");
    signed_by(&requests[0], secret)
}

#[tokio::test]
async fn the_first_step_that_is_set_up_counts() {
    let (machine, folder) = (machine().await, files());
    let mut variables = everything(&machine, &folder);
    let steps: [(&str, &[&str]); 5] = [
        ("AKIAENV", &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
        (
            "AKIADEFAULT",
            &["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"],
        ),
        ("ASIAWEB", &["AWS_WEB_IDENTITY_TOKEN_FILE"]),
        ("ASIACONTAINER", &["AWS_CONTAINER_CREDENTIALS_FULL_URI"]),
        ("ASIAINSTANCE", &[]),
    ];
    for (key, over) in steps {
        let fake = willing().await;
        let answer = ask(&source(&fake.url(), CONFIG), &variables).await;
        assert!(answer.is_ok(), "{key}: {answer:?}");
        assert_eq!(only(&fake, &format!("secret-{key}")), format!("{key}{BY}"));
        let token = format!("token-{key}");
        let token = key.starts_with("ASIA").then_some(token.as_str());
        assert_eq!(header(&fake.requests()[0], "x-amz-security-token"), token);
        for name in over {
            variables.remove(*name);
        }
    }
    // A token never stands in an address, and nothing is asked for that nobody asked for.
    let web = &machine.requests()[0];
    assert_eq!(line(web), "POST /");
    let names: Vec<String> = super::form(web).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "Action",
            "Version",
            "RoleArn",
            "RoleSessionName",
            "WebIdentityToken"
        ]
    );
    assert_eq!(said(web, "WebIdentityToken"), "pod.jwt.token");
    assert_eq!(header(web, "authorization"), None);
}

#[tokio::test]
async fn what_the_plan_says_comes_first() {
    let (machine, folder) = (machine().await, files());
    let environment = everything(&machine, &folder);
    for (config, secret, by) in [
        (
            "{sigv4: {region: us-east-1, access_key: AKIAPLAN, secret_key: secret-AKIAPLAN, service: execute-api}}",
            "secret-AKIAPLAN",
            "AKIAPLAN/us-east-1/execute-api",
        ),
        (
            "{sigv4: {region: eu-central-1, profile: ops}}",
            "secret-AKIAOPS",
            "AKIAOPS/eu-central-1/aps",
        ),
        (
            "{sigv4: {profile: reader}}",
            "secret-ASIAREADER",
            "ASIAREADER/eu-west-1/aps",
        ),
        (
            "{sigv4: {region: eu-central-1, profile: inner}}",
            "secret-ASIAINNER",
            "ASIAINNER/eu-central-1/aps",
        ),
        (
            "{sigv4: {region: eu-central-1, role_arn: 'arn:aws:iam::1:role/PLAN', external_id: ext}}",
            "secret-ASIAPLAN",
            "ASIAPLAN/eu-central-1/aps",
        ),
    ] {
        let fake = willing().await;
        let answer = ask(&source(&fake.url(), config), &environment).await;
        assert!(answer.is_ok(), "{config}: {answer:?}");
        assert_eq!(only(&fake, secret), by, "{config}");
    }
    let asked = machine.requests();
    let roles: Vec<&String> = asked
        .iter()
        .filter(|one| one.contains("AssumeRole"))
        .collect();
    let [reader, inner, plan] = roles.as_slice() else {
        panic!("{roles:#?}");
    };
    assert_eq!(signed_by(reader, "secret-AKIAOPS"), "AKIAOPS/eu-west-1/sts");
    assert_eq!(said(reader, "ExternalId"), "shop");
    assert_eq!(
        signed_by(inner, "secret-ASIACONTAINER"),
        "ASIACONTAINER/eu-central-1/sts"
    );
    assert_eq!(
        signed_by(plan, "secret-AKIAENV"),
        "AKIAENV/eu-central-1/sts"
    );
    assert_eq!(
        (said(plan, "ExternalId"), said(plan, "RoleSessionName")),
        ("ext".into(), "gate".into())
    );
}

#[tokio::test]
async fn a_query_in_an_address_is_sent_as_it_is_signed() {
    let fake = willing().await;
    let mut source = source(&format!("{}/workspaces/ws-1/", fake.url()), CONFIG);
    source.method = gate::plan::Method::Get;
    let keys = variables(&[
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "s+/="),
    ]);
    let query = r#"sum(rate(x{a=~"b+ c*",d!="é/%20"}[5m])) / 2 ~ *"#;
    let answer = asked(&source, &[query], &keys).await;
    assert!(answer[0].is_ok(), "{answer:?}");
    assert_eq!(only(&fake, "s+/="), "AKIA/eu-central-1/aps");
    let request = &fake.requests()[0];
    let line = line(request);
    assert!(
        line.starts_with("GET /workspaces/ws-1/api/v1/query_range?"),
        "{line}"
    );
    assert!(
        line.contains("b%2B%20c%2A") && !line.contains('+'),
        "{line}"
    );
    let names = line
        .split(['?', '&'])
        .skip(1)
        .filter_map(|pair| pair.split('=').next());
    assert_eq!(names.collect::<Vec<_>>(), ["query", "start", "end", "step"]);
}

#[tokio::test]
async fn a_session_that_is_over_is_renewed_once() {
    let fetched = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&fetched);
    let machine = Fake::start(move |request| match line(request) {
        "GET /container" => own(&format!("ASIA{}", count.fetch_add(1, SeqCst))),
        other => panic!("unexpected: {other}"),
    })
    .await;
    let environment = variables(&[(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        &format!("{}/container", machine.url()),
    )]);
    let over = r#"{"message":"The security token included in the request is expired"}"#;
    let fake = Fake::start(move |request| {
        if request.contains("ASIA0/") || request.contains("ASIA2/") {
            json(403, over)
        } else {
            json(200, ONE)
        }
    })
    .await;
    let source = source(&fake.url(), CONFIG);
    let answers = asked(&source, &["a", "b"], &environment).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((fetched.load(SeqCst), fake.queries()), (2, 3));
    // One that is over at once is not asked for without end: by POST and by GET, each once more.
    let stale = Fake::start(move |_| json(403, over)).await;
    let (code, message) = failure(&super::source(&stale.url(), CONFIG), &environment).await;
    assert_eq!(code, FailureCode::SourceForbidden);
    assert!(message.contains("the session of the container's credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI) has expired"), "{message}");
    assert_eq!(stale.queries(), 4);
}

#[tokio::test]
async fn keys_are_found_once_for_all_queries() {
    let machine = machine().await;
    let environment = variables(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &machine.url())]);
    let fake = willing().await;
    let answers = asked(&source(&fake.url(), CONFIG), &["a", "b", "c"], &environment).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((machine.queries(), fake.queries()), (3, 3));
}

#[tokio::test]
async fn each_attempt_is_signed_anew() {
    let count = AtomicUsize::new(0);
    let fake = Fake::start(move |_| match count.fetch_add(1, SeqCst) {
        0 => json(503, "{}"),
        _ => json(200, ONE),
    })
    .await;
    let keys = variables(&[
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ]);
    assert!(ask(&source(&fake.url(), CONFIG), &keys).await.is_ok());
    let requests = fake.requests();
    assert_eq!(requests.len(), 2);
    for request in &requests {
        assert_eq!(signed_by(request, "s"), "AKIA/eu-central-1/aps");
    }
}

#[tokio::test]
async fn a_signature_goes_to_no_other_host_and_is_made_anew_for_another_address() {
    let other = willing().await;
    let to = format!("Location: {}/api/v1/query_range\r\n", other.url());
    let fake = Fake::start(move |request| {
        if line(request).contains("/moved/") {
            answer(307, "text/plain", &to, b"")
        } else {
            answer(
                307,
                "text/plain",
                "Location: /moved/api/v1/query_range\r\n",
                b"",
            )
        }
    })
    .await;
    let environment = variables(&[
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_SESSION_TOKEN", "t0ken"),
    ]);
    assert!(
        ask(&source(&fake.url(), CONFIG), &environment)
            .await
            .is_ok()
    );
    for request in fake.requests() {
        assert_eq!(signed_by(&request, "s"), "AKIA/eu-central-1/aps");
    }
    assert_eq!(fake.queries(), 2);
    let there = &other.requests()[0];
    assert!(
        !there.to_lowercase().contains("x-amz") && header(there, "authorization").is_none(),
        "{there}"
    );
    assert!(!there.contains("t0ken"), "{there}");
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let keys = variables(&[
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "s3cret-key"),
    ]);
    let early = "Date: Fri, 20 Nov 2020 00:00:00 GMT\r\n";
    for (headers, body, says) in [
        (
            early,
            r#"{"message":"Signature not yet current: …"}"#,
            "ahead of the server's: set it, since a signature counts for a few minutes",
        ),
        (
            "",
            r#"{"message":"Signature expired: 20261120T000000Z is now earlier than …"}"#,
            "is this machine's clock right?",
        ),
        (
            "",
            r#"{"message":"The request signature we calculated does not match the signature you provided."}"#,
            "is the secret key of AWS_ACCESS_KEY_ID right?",
        ),
        (
            "",
            r#"{"message":"The security token included in the request is invalid."}"#,
            "does not know the access key of AWS_ACCESS_KEY_ID",
        ),
        (
            "",
            r#"{"message":"Credential should be scoped to a valid region."}"#,
            "the signature is for service aps in eu-central-1",
        ),
        (
            "",
            r#"{"message":"User: arn:aws:iam::1:user/x is not authorized to perform: aps:QueryMetrics"}"#,
            "needs aps:QueryMetrics",
        ),
    ] {
        let fake =
            Fake::start(move |_| answer(403, "application/json", headers, body.as_bytes())).await;
        let (code, message) = failure(&source(&fake.url(), CONFIG), &keys).await;
        assert_eq!(code, FailureCode::SourceForbidden);
        assert!(
            message.starts_with("the source answered 403: ") && message.contains(says),
            "{message}"
        );
    }
    // What the API itself says stays as it is.
    let fake = Fake::start(|_| {
        json(
            400,
            r#"{"status":"error","errorType":"bad_data","error":"no such function"}"#,
        )
    })
    .await;
    let (code, message) = failure(&source(&fake.url(), CONFIG), &keys).await;
    assert_eq!(code, FailureCode::QueryRejected);
    assert!(message.contains("no such function"), "{message}");
}

#[tokio::test]
async fn what_is_half_set_up_or_fails_is_named_and_nothing_takes_its_place() {
    let (machine, folder) = (machine().await, files());
    let denied = Fake::start(|_| {
        let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized</Message></Error></ErrorResponse>";
        answer(403, "text/xml", "", body.as_bytes())
    })
    .await;
    let (whole, denied) = (everything(&machine, &folder), denied.url());
    let but = |change: &[(&str, Option<&str>)]| {
        let mut changed = whole.clone();
        for (name, value) in change {
            match value {
                Some(value) => changed.insert((*name).to_owned(), (*value).to_owned()),
                None => changed.remove(*name),
            };
        }
        changed
    };
    let no_env = [("AWS_ACCESS_KEY_ID", None), ("AWS_SECRET_ACCESS_KEY", None)];
    let from = |more: &[(&'static str, Option<&'static str>)]| {
        but(&[
            &no_env[..],
            &[
                ("AWS_SHARED_CREDENTIALS_FILE", None),
                ("AWS_CONFIG_FILE", None),
            ][..],
            more,
        ]
        .concat())
    };
    let container = [("AWS_WEB_IDENTITY_TOKEN_FILE", None)];
    let mut refused = from(&[]);
    refused.insert("AWS_ENDPOINT_URL_STS".to_owned(), denied.clone());
    let mut gone = from(&container);
    gone.insert(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(),
        format!("{denied}/container"),
    );
    let cases = [
        (
            but(&[("AWS_SECRET_ACCESS_KEY", None)]),
            "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not: set both",
        ),
        (
            but(&[("AWS_ACCESS_KEY_ID", None)]),
            "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not: set both",
        ),
        (
            but(&[no_env[0], no_env[1], ("AWS_PROFILE", Some("nobody"))]),
            "there is no profile `nobody` in ",
        ),
        (
            but(&[no_env[0], no_env[1], ("AWS_CONFIG_FILE", Some("/no/such"))]),
            "the file of profiles `/no/such` cannot be read",
        ),
        (
            from(&[("AWS_ROLE_ARN", None)]),
            "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not: set both",
        ),
        (
            from(&[("AWS_WEB_IDENTITY_TOKEN_FILE", Some("/no/such"))]),
            "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE: the file `/no/such` cannot be read",
        ),
        (
            from(&[("AWS_ENDPOINT_URL_STS", Some("http://sts.example.com"))]),
            "AWS_ENDPOINT_URL_STS is not https: credentials do not go there",
        ),
        (
            refused,
            "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE: Amazon's token service (STS) answered 403: AccessDenied: Not authorized (does the role's trust policy name this identity?)",
        ),
        (
            gone,
            "the container's credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI): the container's credentials endpoint answered 403: AccessDenied: Not authorized (has the task or the pod a role?)",
        ),
        (
            from(&[
                container[0],
                (
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    Some("http://example.com/x"),
                ),
            ]),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is not https",
        ),
    ];
    let fake = willing().await;
    for (environment, says) in cases {
        let (_, message) = failure(&source(&fake.url(), CONFIG), &environment).await;
        assert!(
            message.starts_with("no credentials of Amazon for sigv4: ") && message.contains(says),
            "{says}:\n{message}"
        );
    }
    assert_eq!(fake.queries(), 0);
}

#[tokio::test]
async fn no_credentials_at_all_lists_where_they_were_looked_for() {
    let fake = willing().await;
    let source = source(&fake.url(), CONFIG);
    let off = variables(&[("AWS_EC2_METADATA_DISABLED", "true")]);
    let away = variables(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")]);
    for (environment, last) in [
        (off, "AWS_EC2_METADATA_DISABLED is true"),
        (away, "the instance's metadata service cannot be reached"),
    ] {
        let (code, message) = failure(&source, &environment).await;
        assert_eq!(code, FailureCode::SourceUnauthorized);
        for part in [
            "no credentials of Amazon for sigv4: the plan has no access_key, AWS_ACCESS_KEY_ID is not set",
            "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set",
            last,
            "set access_key and secret_key_file in the plan, or one of these",
        ] {
            assert!(message.contains(part), "{part}:\n{message}");
        }
    }
    let (_, message) = failure(&super::source(&fake.url(), "{sigv4: {}}"), &variables(&[])).await;
    assert!(message.contains("no region for sigv4"), "{message}");
    assert_eq!(fake.queries(), 0);
}

#[tokio::test]
async fn credentials_that_are_over_when_they_come_are_not_used() {
    let (_, date) = times(0);
    let body = r#"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2020-01-01T00:00:00Z"}"#;
    let machine =
        Fake::start(move |_| answer(200, "application/json", &date, body.as_bytes())).await;
    let environment = variables(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &machine.url())]);
    let fake = willing().await;
    let mut source = source(&fake.url(), CONFIG);
    source.timeout = gate::units::Duration::from_secs(1);
    let (_, message) = failure(&source, &environment).await;
    assert!(
        message.contains("gave credentials that expired at 2020-01-01T00:00:00Z"),
        "{message}"
    );
    assert_eq!(fake.queries(), 0);
    let page = Fake::start(|_| html(200, "hello")).await;
    let environment = variables(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &page.url())]);
    let (_, message) = failure(&source, &environment).await;
    assert!(
        message.ends_with("the container's credentials endpoint answered without credentials"),
        "{message}"
    );
}
