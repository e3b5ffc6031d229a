//! Azure: applications, workloads, the identity of the machine; what is renewed; what a refusal says.

use super::{
    ONE, Variables, ask, asked, failure, form, header, line, said, source, variables, willing,
};
use crate::source_fake::{Fake, json};
use gate::samples::FailureCode;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

const SCOPE: &str = "https://prometheus.monitor.azure.com/.default";

/// All of Microsoft's services in one: tokens say what they are for.
async fn microsoft() -> Fake {
    Fake::start(|request| {
        let line = line(request);
        let token = if line.starts_with("POST /my-tenant/oauth2/v2.0/token") {
            assert_eq!(said(request, "grant_type"), "client_credentials");
            assert_eq!(said(request, "client_id"), "my-client");
            match said(request, "client_secret").as_str() {
                "" => format!("workload-{}", said(request, "client_assertion")),
                secret => format!("secret-{secret}"),
            }
        } else if line.starts_with("GET /metadata/identity/oauth2/token?") {
            assert_eq!(header(request, "metadata"), Some("true"));
            "vm".to_owned()
        } else if line.starts_with("GET /msi/token?") {
            assert_eq!(header(request, "x-identity-header"), Some("app-secret"));
            "app".to_owned()
        } else {
            panic!("unexpected: {line}");
        };
        // Some of them write the number as text.
        json(
            200,
            &format!(r#"{{"access_token":"{token}","expires_in":"3599"}}"#),
        )
    })
    .await
}

/// An environment in which every way is open.
fn everything(microsoft: &Fake, token: &tempfile::NamedTempFile) -> Variables {
    variables(&[
        ("AZURE_TENANT_ID", "my-tenant"),
        ("AZURE_CLIENT_ID", "my-client"),
        ("AZURE_CLIENT_SECRET", "env-secret"),
        (
            "AZURE_FEDERATED_TOKEN_FILE",
            &token.path().display().to_string(),
        ),
        ("AZURE_AUTHORITY_HOST", &microsoft.url()),
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", &microsoft.url()),
        (
            "IDENTITY_ENDPOINT",
            &format!("{}/msi/token", microsoft.url()),
        ),
        ("IDENTITY_HEADER", "app-secret"),
    ])
}

fn assertion() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "pod-jwt\n").expect("a file");
    file
}

#[tokio::test]
async fn each_identity_has_its_token() {
    let (microsoft, token) = (microsoft().await, assertion());
    let mut environment = everything(&microsoft, &token);
    let oauth = "{azuread: {oauth: {tenant_id: my-tenant, client_id: my-client, client_secret: plan-secret}}}";
    let cases: [(&str, &[&str], &str); 7] = [
        (oauth, &[], "secret-plan-secret"),
        (
            "{azuread: {workload_identity: {}}}",
            &[],
            "workload-pod-jwt",
        ),
        (
            "{azuread: {managed_identity: {client_id: mine}}}",
            &[],
            "app",
        ),
        // What is found: a secret, a workload's token, the machine.
        (
            "{azuread: {}}",
            &["AZURE_CLIENT_SECRET"],
            "secret-env-secret",
        ),
        (
            "{azuread: {sdk: {}}}",
            &["AZURE_FEDERATED_TOKEN_FILE"],
            "workload-pod-jwt",
        ),
        (
            "{azuread: {sdk: {tenant_id: my-tenant}}}",
            &["IDENTITY_ENDPOINT"],
            "app",
        ),
        ("{azuread: {managed_identity: {}}}", &[], "vm"),
    ];
    for (config, over, token) in cases {
        let fake = willing().await;
        let answer = ask(&source(&fake.url(), config), &environment).await;
        assert!(answer.is_ok(), "{config}: {answer:?}");
        assert_eq!(
            header(&fake.requests()[0], "authorization"),
            Some(format!("Bearer {token}").as_str()),
            "{config}"
        );
        for name in over {
            environment.remove(*name);
        }
    }
    let requests = microsoft.requests();
    let names = |request: &str| {
        form(request)
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    assert_eq!(said(&requests[0], "scope"), SCOPE);
    assert_eq!(
        names(&requests[0]),
        ["grant_type", "client_id", "scope", "client_secret"]
    );
    assert_eq!(
        names(&requests[1]),
        [
            "grant_type",
            "client_id",
            "scope",
            "client_assertion_type",
            "client_assertion"
        ]
    );
    let resource = "resource=https%3A%2F%2Fprometheus.monitor.azure.com";
    assert_eq!(
        line(&requests[2]),
        format!("GET /msi/token?api-version=2019-08-01&{resource}&client_id=mine")
    );
    assert_eq!(
        line(&requests[6]),
        format!("GET /metadata/identity/oauth2/token?api-version=2018-02-01&{resource}")
    );
}

#[tokio::test]
async fn a_cloud_and_a_scope_say_what_a_token_is_for() {
    let (microsoft, token) = (microsoft().await, assertion());
    let environment = everything(&microsoft, &token);
    for (more, scope) in [
        (
            "cloud: AzureChina",
            "https://prometheus.monitor.azure.cn/.default",
        ),
        (
            "cloud: AzureGovernment",
            "https://prometheus.monitor.azure.us/.default",
        ),
        ("scope: 'api://thanos/.default'", "api://thanos/.default"),
    ] {
        let fake = willing().await;
        let config = format!("{{azuread: {{workload_identity: {{}}, {more}}}}}");
        assert!(
            ask(&source(&fake.url(), &config), &environment)
                .await
                .is_ok()
        );
        let requests = microsoft.requests();
        assert_eq!(said(requests.last().expect("asked"), "scope"), scope);
    }
}

#[tokio::test]
async fn a_token_is_renewed_once_after_401_with_the_newest_assertion() {
    let (count, token) = (AtomicUsize::new(0), assertion());
    let path = token.path().to_owned();
    let issuer = Fake::start(move |request| {
        let number = count.fetch_add(1, SeqCst);
        // Kubernetes replaces the file while it is used.
        std::fs::write(&path, "next-jwt").expect("a file");
        let expected = if number == 0 { "pod-jwt" } else { "next-jwt" };
        assert_eq!(said(request, "client_assertion"), expected);
        json(
            200,
            &format!(r#"{{"access_token":"entra-{number}","expires_in":3599}}"#),
        )
    })
    .await;
    let fake = Fake::start(|request| match header(request, "authorization") {
        Some("Bearer entra-1") => json(200, ONE),
        _ => json(401, "{}"),
    })
    .await;
    let mut environment = everything(&issuer, &token);
    environment.remove("AZURE_CLIENT_SECRET");
    let answers = asked(
        &source(&fake.url(), "{azuread: {}}"),
        &["a", "b"],
        &environment,
    )
    .await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((issuer.queries(), fake.queries()), (2, 3));
}

#[tokio::test]
async fn what_is_missing_or_refused_is_named() {
    let (fake, token) = (willing().await, assertion());
    let denied = Fake::start(|request| {
        let secret = said(request, "client_secret");
        json(401, &format!(r#"{{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret {secret} provided."}}"#))
    })
    .await;
    let whole = everything(&denied, &token);
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
    let no_secret = ("AZURE_CLIENT_SECRET", None);
    for (environment, says) in [
        (
            whole.clone(),
            "Microsoft Entra ID answered 401: AADSTS7000215: Invalid client secret *** provided. (is the client secret right, and not expired?)",
        ),
        (
            but(&[("AZURE_TENANT_ID", None)]),
            "AZURE_TENANT_ID is not set: set it, or write `tenant_id`",
        ),
        (
            but(&[("AZURE_CLIENT_ID", None)]),
            "AZURE_CLIENT_ID is not set: set it, or write `client_id`",
        ),
        (
            but(&[("AZURE_TENANT_ID", Some("a/b"))]),
            "AZURE_TENANT_ID is not the id of a tenant",
        ),
        (
            but(&[("AZURE_AUTHORITY_HOST", Some("http://login.example.com"))]),
            "AZURE_AUTHORITY_HOST is not https",
        ),
        (
            but(&[no_secret]),
            "(has the application a federated credential for this workload?)",
        ),
        (
            but(&[no_secret, ("AZURE_FEDERATED_TOKEN_FILE", Some("/no/such"))]),
            "the workload's token file `/no/such` cannot be read",
        ),
        (
            but(&[
                no_secret,
                ("AZURE_FEDERATED_TOKEN_FILE", None),
                ("IDENTITY_HEADER", None),
            ]),
            "IDENTITY_ENDPOINT is set and IDENTITY_HEADER is not",
        ),
        (
            but(&[no_secret, ("AZURE_FEDERATED_TOKEN_FILE", None)]),
            "Azure's managed identity endpoint answered 401",
        ),
    ] {
        let (_, message) = failure(&source(&fake.url(), "{azuread: {}}"), &environment).await;
        assert!(
            message.starts_with("no token of Microsoft for azuread: ") && message.contains(says),
            "{says}:\n{message}"
        );
        assert!(!message.contains("env-secret"), "{message}");
    }
    let nothing = variables(&[("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1")]);
    let (code, message) = failure(&source(&fake.url(), "{azuread: {}}"), &nothing).await;
    assert_eq!(code, FailureCode::SourceUnauthorized);
    assert!(message.contains("AZURE_CLIENT_SECRET and AZURE_FEDERATED_TOKEN_FILE are not set, and Azure's managed identity endpoint cannot be reached"), "{message}");
    assert_eq!(fake.queries(), 0);
}

#[tokio::test]
async fn a_refused_identity_is_told_which_role_it_needs() {
    let (microsoft, token) = (microsoft().await, assertion());
    let denied = Fake::start(|_| {
        json(
            403,
            r#"{"error":{"code":"Forbidden","message":"not allowed"}}"#,
        )
    })
    .await;
    let environment = everything(&microsoft, &token);
    let (_, message) = failure(&source(&denied.url(), "{azuread: {}}"), &environment).await;
    assert_eq!(
        message,
        "the source answered 403: not allowed (the identity needs the role Monitoring Data Reader on the workspace)"
    );
}
