//! Google: service accounts, users, the machine; what is renewed; what a refusal says.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::{
    ONE, ask, asked, failure, form, header, line, said, source, times, variables, willing,
};
use crate::source_fake::{Fake, answer, json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gate::samples::FailureCode;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;

const CONFIG: &str = "{google_iam: {}}";
/// Made for this test; nothing trusts it.
const KEY: &str = include_str!("account.pem");

fn file(json: &serde_json::Value) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), json.to_string()).expect("a file");
    file
}

fn account() -> tempfile::NamedTempFile {
    file(&serde_json::json!({
        "type": "service_account", "project_id": "shop", "private_key_id": "key-1", "private_key": KEY,
        "client_email": "gate@shop.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token",
    }))
}

fn user(token_uri: &str) -> serde_json::Value {
    serde_json::json!({
        "type": "authorized_user", "client_id": "id.apps", "client_secret": "client-s3cret",
        "refresh_token": "refresh-s3cret", "quota_project_id": "billing", "token_uri": token_uri,
    })
}

/// The header and the claims of a token, once its signature is found to be right.
fn token(request: &str) -> (serde_json::Value, serde_json::Value) {
    let token = header(request, "authorization").expect("a token");
    let token = token.strip_prefix("Bearer ").expect("a bearer");
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let der = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).expect("a key");
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("a key");
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    public
        .verify(signed.as_bytes(), &signature)
        .expect("signed by the account");
    let (head, claims) = signed.split_once('.').expect("claims");
    let read = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    (read(head), read(claims))
}

#[tokio::test]
async fn a_service_account_makes_its_own_token() {
    let (fake, file) = (willing().await, account());
    let named = format!(
        "{{google_iam: {{credentials_file: '{}'}}}}",
        file.path().display()
    );
    let path = file.path().display().to_string();
    let found = variables(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)]);
    assert!(
        ask(&source(&fake.url(), &named), &variables(&[]))
            .await
            .is_ok()
    );
    assert!(ask(&source(&fake.url(), CONFIG), &found).await.is_ok());
    let requests = fake.requests();
    assert_eq!(requests.len(), 2);
    for request in &requests {
        let (head, claims) = token(request);
        assert_eq!(
            (head["alg"].as_str(), head["kid"].as_str()),
            (Some("RS256"), Some("key-1"))
        );
        assert_eq!(claims["iss"], "gate@shop.iam.gserviceaccount.com");
        let lasts = claims["exp"].as_i64().zip(claims["iat"].as_i64());
        assert_eq!(lasts.map(|(until, made)| until - made), Some(3600));
        // Google refuses parameters that it does not know.
        let asked: Vec<String> = form(request).into_iter().map(|(name, _)| name).collect();
        assert_eq!(asked, ["query", "start", "end", "step"]);
        assert_eq!(header(request, "x-goog-user-project"), None);
    }
}

#[tokio::test]
async fn a_user_has_a_token_and_a_project_that_pays() {
    let fake = willing().await;
    let issuer = Fake::start(|request| {
        assert_eq!(said(request, "grant_type"), "refresh_token");
        assert_eq!(said(request, "refresh_token"), "refresh-s3cret");
        assert_eq!(
            (said(request, "client_id"), said(request, "client_secret")),
            ("id.apps".into(), "client-s3cret".into())
        );
        json(
            200,
            r#"{"access_token":"ya29.user","expires_in":3599,"token_type":"Bearer"}"#,
        )
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let usual = folder.path().join("application_default_credentials.json");
    std::fs::write(&usual, user(&issuer.url()).to_string()).expect("a file");
    let environment = variables(&[("CLOUDSDK_CONFIG", &folder.path().display().to_string())]);
    assert!(
        ask(&source(&fake.url(), CONFIG), &environment)
            .await
            .is_ok()
    );
    let request = &fake.requests()[0];
    assert_eq!(header(request, "authorization"), Some("Bearer ya29.user"));
    assert_eq!(header(request, "x-goog-user-project"), Some("billing"));
    assert_eq!(form(&issuer.requests()[0]).len(), 4);
}

#[tokio::test]
async fn the_machine_has_a_token_that_is_renewed_once_after_401() {
    let count = AtomicUsize::new(0);
    let machine = Fake::start(move |request| {
        assert_eq!(
            line(request),
            "GET /computeMetadata/v1/instance/service-accounts/default/token"
        );
        assert_eq!(header(request, "metadata-flavor"), Some("Google"));
        let number = count.fetch_add(1, SeqCst);
        json(
            200,
            &format!(r#"{{"access_token":"ya29.{number}","expires_in":3599}}"#),
        )
    })
    .await;
    let host = machine.url().replace("http://", "");
    let environment = variables(&[("GCE_METADATA_HOST", &host), ("HOME", "/no/such")]);
    let fake = Fake::start(|request| match header(request, "authorization") {
        Some("Bearer ya29.1") => json(200, ONE),
        Some(_) => json(
            401,
            r#"{"error":{"code":401,"message":"invalid credentials"}}"#,
        ),
        None => panic!("no token"),
    })
    .await;
    let answers = asked(&source(&fake.url(), CONFIG), &["a", "b"], &environment).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((machine.queries(), fake.queries()), (2, 3));
}

#[tokio::test]
async fn what_is_missing_or_unfit_is_named() {
    let fake = willing().await;
    let denied = Fake::start(|_| {
        json(
            400,
            r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
        )
    })
    .await;
    let cases = [
        (
            serde_json::json!({"type": "external_account"}),
            "credentials of type external_account are not supported",
        ),
        (
            serde_json::json!({"private_key": KEY}),
            "it is not a file of credentials as Google issues them",
        ),
        (
            serde_json::json!({"type": "service_account", "private_key": "no", "private_key_id": "k", "client_email": "e"}),
            "its private_key, private_key_id or client_email cannot be used",
        ),
        (
            serde_json::json!({"type": "service_account", "disable_oauth": true}),
            "`disable_oauth` does not belong there",
        ),
        (
            serde_json::json!({"type": "authorized_user", "client_id": "i"}),
            "it has no client_secret",
        ),
        (
            user("http://example.com/token"),
            "token_uri is not https: credentials do not go there",
        ),
        (
            user(&denied.url()),
            "Google's token endpoint answered 400: Token has been expired or revoked. (sign in again: `gcloud auth application-default login`)",
        ),
    ];
    for (json, says) in cases {
        let file = file(&json);
        let path = file.path().display().to_string();
        let environment = variables(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)]);
        let (_, message) = failure(&source(&fake.url(), CONFIG), &environment).await;
        let begin =
            format!("no token of Google for google_iam: GOOGLE_APPLICATION_CREDENTIALS `{path}`: ");
        assert!(
            message.starts_with(&begin) && message.contains(says),
            "{says}:\n{message}"
        );
        assert!(
            !message.contains("s3cret") && !message.contains("PRIVATE"),
            "{message}"
        );
    }
    let nowhere = variables(&[("GCE_METADATA_HOST", "127.0.0.1:1"), ("HOME", "/no/such")]);
    let (code, message) = failure(&source(&fake.url(), CONFIG), &nowhere).await;
    assert_eq!(code, FailureCode::SourceUnauthorized);
    for part in [
        "the plan has no credentials_file, GOOGLE_APPLICATION_CREDENTIALS is not set",
        "there is no `/no/such/.config/gcloud/application_default_credentials.json`",
        "Google's metadata server cannot be reached",
    ] {
        assert!(message.contains(part), "{part}:\n{message}");
    }
    assert_eq!(fake.queries(), 0);
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let file = account();
    let environment = variables(&[(
        "GOOGLE_APPLICATION_CREDENTIALS",
        &file.path().display().to_string(),
    )]);
    let denied = Fake::start(|_| {
        json(
            403,
            r#"{"error":{"code":403,"message":"Permission monitoring.timeSeries.list denied"}}"#,
        )
    })
    .await;
    let (code, message) = failure(&source(&denied.url(), CONFIG), &environment).await;
    assert_eq!(code, FailureCode::SourceForbidden);
    assert_eq!(
        message,
        "the source answered 403: Permission monitoring.timeSeries.list denied (the identity needs the role Monitoring Viewer (roles/monitoring.viewer) in the project)"
    );
    let (_, now) = times(0);
    let late = Fake::start(move |_| {
        answer(
            401,
            "application/json",
            "Date: Fri, 20 Nov 2020 00:00:00 GMT\r\n",
            b"{}",
        )
    })
    .await;
    let (_, message) = failure(&source(&late.url(), CONFIG), &environment).await;
    assert!(
        message.contains("ahead of the server's: set it, since the token says when it was made"),
        "{message}"
    );
    let right = Fake::start(move |_| answer(401, "application/json", &now, b"{}")).await;
    let (_, message) = failure(&source(&right.url(), CONFIG), &environment).await;
    assert!(!message.contains("clock"), "{message}");
}
