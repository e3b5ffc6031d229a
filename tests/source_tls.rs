//! TLS with a private authority, a client certificate, another name, and without any check.

use std::path::Path;
use std::sync::Arc;

use crate::source_fake::{json, read_request, source};
use crate::support::tls::Authority;
use gate::plan::{SecretSource, Source, TlsVersion};
use gate::samples::{FailureCode, Observation};
use gate::secret::Secret;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt as _;

const ONE: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;

/// Serves one answer over TLS with a certificate for `name`; asks for a client certificate if `clients` is given.
async fn serve(chain: String, key: String, clients: Option<&Authority>) -> u16 {
    gate::http::install_crypto();
    let builder = rustls::ServerConfig::builder();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = rustls::RootCertStore::empty();
            roots
                .add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("root"))
                .expect("root");
            let verifier = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots))
                .build()
                .expect("verifier");
            builder.with_client_cert_verifier(verifier)
        }
    };
    let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).expect("certificate")];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("key");
    let config = builder.with_single_cert(chain, key).expect("config");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("listener");
    let port = listener.local_addr().expect("address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    read_request(&mut stream).await;
                    let _ = stream.write_all(&json(200, ONE)).await;
                    let _ = stream.shutdown().await;
                }
            });
        }
    });
    port
}

#[expect(clippy::unnecessary_wraps, reason = "settings are optional")]
fn inline(pem: &str) -> Option<SecretSource> {
    Some(SecretSource::Inline(Secret::new(pem.to_owned())))
}

type Change = fn(&mut Source);

async fn trusting(port: u16, change: impl FnOnce(&mut Source)) -> Observation {
    let mut source = source(&format!("https://localhost:{port}"));
    change(&mut source);
    crate::source_fake::ask(&source).await
}

fn failed(observation: Observation, code: FailureCode, word: &str) {
    let failure = observation.expect_err("a failure");
    assert_eq!(failure.code, code, "{}", failure.message);
    assert!(failure.message.contains(word), "{}", failure.message);
}

#[tokio::test]
async fn a_private_authority_is_trusted_if_the_plan_names_it() {
    let authority = Authority::new();
    let (chain, key) = authority.issue("localhost");
    let port = serve(chain, key, None).await;
    assert!(
        trusting(port, |source| source.http.tls.ca = inline(&authority.pem()))
            .await
            .is_ok()
    );
    failed(
        trusting(port, |_| {}).await,
        FailureCode::SourceTls,
        "ca_file",
    );
    failed(
        trusting(port, |source| {
            source.http.tls.ca = inline(&Authority::new().pem());
        })
        .await,
        FailureCode::SourceTls,
        "ca_file",
    );
    assert!(
        trusting(port, |source| source.http.tls.insecure_skip_verify = true)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_name_on_the_certificate_must_match() {
    let authority = Authority::new();
    let (chain, key) = authority.issue("prometheus.internal");
    let port = serve(chain, key, None).await;
    let ca = inline(&authority.pem());
    failed(
        trusting(port, |source| source.http.tls.ca = ca.clone()).await,
        FailureCode::SourceTls,
        "localhost",
    );
    let named = trusting(port, |source| {
        source.http.tls.ca = ca.clone();
        source.http.tls.server_name = Some("prometheus.internal".to_owned());
    });
    assert!(named.await.is_ok());
}

#[tokio::test]
async fn a_client_certificate_is_shown_if_there_is_one() {
    let authority = Authority::new();
    let (chain, key) = authority.issue("localhost");
    let port = serve(chain, key, Some(&authority)).await;
    let (cert, key) = authority.issue("gate");
    let folder = tempfile::tempdir().expect("folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("file");
        Some(SecretSource::File(path))
    };
    let with = trusting(port, |source| {
        source.http.tls.ca = file("ca.pem", &authority.pem());
        source.http.tls.cert = file("cert.pem", &cert);
        source.http.tls.key = file("key.pem", &key);
    });
    let observation = with.await;
    assert!(observation.is_ok(), "{observation:?}");
    let without = trusting(port, |source| source.http.tls.ca = inline(&authority.pem())).await;
    assert!(without.is_err());
}

#[tokio::test]
async fn an_authority_as_server_certificate_gets_a_hint() {
    let key = KeyPair::generate().expect("key");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("params");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let chain = params.self_signed(&key).expect("certificate").pem();
    let port = serve(chain.clone(), key.serialize_pem(), None).await;
    failed(
        trusting(port, |source| source.http.tls.ca = inline(&chain)).await,
        FailureCode::SourceTls,
        "is a self-signed authority",
    );
}

#[tokio::test]
async fn tls_to_a_plain_port_gets_a_hint() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("listener");
    let port = listener.local_addr().expect("address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let mut hello = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut hello).await;
        }
    });
    failed(
        trusting(port, |_| {}).await,
        FailureCode::SourceTls,
        "plain http",
    );
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named() {
    let cases: [(Change, &str); 4] = [
        (
            |source| source.http.tls.ca = inline("no pem"),
            "tls_config.ca",
        ),
        (
            |source| {
                source.http.tls.ca = Some(SecretSource::File(Path::new("none.pem").to_owned()));
            },
            "none.pem",
        ),
        (|source| source.http.tls.cert = inline("x"), "cert"),
        (
            |source| {
                source.http.tls.min_version = Some(TlsVersion::Tls13);
                source.http.tls.max_version = Some(TlsVersion::Tls12);
            },
            "min_version",
        ),
    ];
    for (change, word) in cases {
        failed(
            trusting(1, change).await,
            FailureCode::SourceMisconfigured,
            word,
        );
    }
}
