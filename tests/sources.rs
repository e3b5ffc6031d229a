//! Sources as the plan describes them, against real servers: credentials, certificates, a proxy, a limit on concurrent queries.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::exposition::Series;
use crate::support::faulty::{Faulty, Received, json};
use crate::support::program::{Finished, Workplace};
use crate::support::servers::{Options, PASSWORD, Version, prometheus, prometheus_with};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// T: 2026-11-20T00:00:00Z.
const T: i64 = 1_795_132_800;

fn samples() -> Vec<Series> {
    vec![Series::new(
        "errors",
        (T - 3600..=T).step_by(15).map(|at| (at, 0.5)),
    )]
}

fn plan(source: &str) -> String {
    format!(
        "release: test\nsource: {source}\nkpis: {{errors: {{query: errors}}}}\nstages: [{{name: canary, observe: trailing, window: 10m, exit: {{kpis: {{errors: \"< 1\"}}}}}}]\n"
    )
}

fn check(workplace: &Workplace, source: &str) -> Finished {
    workplace.write("plan.yaml", plan(source));
    workplace.gate(&["check", "plan.yaml", "--at", "1795132800"])
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn basic_authentication_with_a_password_from_a_file() {
    let server = prometheus_with(Version::V3_5, &samples(), &Options::basic_auth("reader"));
    let workplace = Workplace::new();
    workplace.write("password", format!("{PASSWORD}\n"));
    workplace.write("stale", "an old password\n");
    let source = |file: &str| {
        format!(
            "{{url: \"{}\", timeout: 2s, http_config: {{basic_auth: {{username: reader, password_file: {file}}}}}}}",
            server.url()
        )
    };
    check(&workplace, &source("password"))
        .says(0, "GO")
        .never_says(PASSWORD);
    check(&workplace, &source("stale"))
        .says(3, "401")
        .never_says("an old password");
    check(&workplace, &source("nowhere")).says(3, "nowhere");
    for file in workplace.files("plan.evidence", ".json") {
        let text = std::fs::read_to_string(file).expect("evidence");
        assert!(!text.contains(PASSWORD) && !text.contains("an old password"));
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_private_authority_and_a_client_certificate() {
    let authority = authority();
    let (server_certificate, server_key) = issue(&authority, "127.0.0.1");
    let (client_certificate, client_key) = issue(&authority, "gate");
    let options = Options::tls(&server_certificate, &server_key, Some(&authority.pem()));
    let server = prometheus_with(Version::V3_5, &samples(), &options);
    let workplace = Workplace::new();
    workplace.write("ca.pem", authority.pem());
    workplace.write("client.pem", client_certificate);
    workplace.write("client.key", client_key);
    let source = |tls: &str| {
        format!(
            "{{url: \"{}\", timeout: 2s, http_config: {{tls_config: {{{tls}}}}}}}",
            server.url()
        )
    };
    let whole = "ca_file: ca.pem, cert_file: client.pem, key_file: client.key";
    check(&workplace, &source(whole)).says(0, "GO");
    check(&workplace, &source("ca_file: ca.pem")).says(3, "HOLD");
    check(
        &workplace,
        &source("cert_file: client.pem, key_file: client.key"),
    )
    .says(3, "UnknownIssuer");
}

pub(crate) fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("params");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("authority")
}

/// Certificate and key, PEM.
pub(crate) fn issue(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> (String, String) {
    let key = KeyPair::generate().expect("key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("params");
    let certificate = params.signed_by(&key, authority).expect("certificate");
    (certificate.pem(), key.serialize_pem())
}

/// Passes a request on to where its absolute address says, as a proxy does.
fn pass_on(asked: &Received) -> Vec<u8> {
    let (first, headers) = asked.head.split_once("\r\n").expect("a head");
    let address = first
        .split(' ')
        .nth(1)
        .and_then(|address| address.strip_prefix("http://"))
        .expect("an absolute address");
    let (host, path) = address.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("the server");
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\n{headers}\r\nConnection: close\r\n\r\n{}",
        asked.body
    )
    .expect("asked");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("answered");
    reply
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_proxy_that_the_plan_names() {
    let server = prometheus(Version::V3_5, &samples());
    let proxy = Faulty::answering(pass_on);
    let workplace = Workplace::new();
    let with_password = proxy.url().replace("http://", "http://me:hunter2@");
    let source = format!(
        "{{url: \"{}\", timeout: 2s, http_config: {{proxy_url: \"{with_password}\"}}}}",
        server.url()
    );
    check(&workplace, &source)
        .says(0, "GO")
        .never_says("hunter2");
    let seen = proxy.seen();
    assert!(
        seen.iter()
            .any(|asked| asked.head.starts_with("POST http://127.0.0.1")),
        "{seen:?}"
    );
    assert!(seen.iter().all(|asked| {
        asked
            .head
            .to_lowercase()
            .contains("proxy-authorization: basic ")
    }));
    check(
        &workplace,
        &source.replace(proxy.url().trim_start_matches("http://"), "127.0.0.1:1"),
    )
    .says(3, "HOLD")
    .never_says("hunter2");
}

#[test]
fn no_more_queries_at_a_time_than_the_plan_allows_and_equal_ones_once() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&running), Arc::clone(&most));
    let server = Faulty::new(move |asked, stream| {
        let is_query = asked.head.contains("query_range");
        if is_query {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(30));
            // Before the answer, since its receiver may ask again at once.
            now.fetch_sub(1, Ordering::SeqCst);
        }
        let _ = stream.write_all(&json(
            r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
        ));
    });
    let kpis: String = (0..40)
        .map(|i| format!("  k{i}: {{query: up{}}}\n", i % 20))
        .collect::<Vec<_>>()
        .concat();
    let conditions: Vec<String> = (0..40).map(|i| format!("k{i}: \"< 1\"")).collect();
    let workplace = Workplace::with_plan(&format!(
        "release: test\nsource: {{url: \"{}\", concurrency: 3}}\nkpis:\n{kpis}stages: [{{name: a, observe: trailing, window: 10m, exit: {{kpis: {{{}}}}}}}]\n",
        server.url(),
        conditions.join(", ")
    ));
    workplace
        .gate(&["check", "plan.yaml", "--at", "1795132800"])
        .says(3, "the query found no series");
    let asked = server
        .seen()
        .iter()
        .filter(|asked| asked.head.contains("query_range"))
        .count();
    assert_eq!(asked, 20, "equal queries are asked once");
    assert_eq!(most.load(Ordering::SeqCst), 3);
}
