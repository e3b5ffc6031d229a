//! What can go wrong before an answer begins: connections, names, certificates.
//!
//! Each fault is a separate server, since it breaks more than an answer. Must not know how a verdict is reached.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::faulty::json;

/// A server that is broken as such. It lives as long as the test.
pub struct Broken {
    /// What is broken.
    pub family: &'static str,
    /// What the server did.
    pub name: &'static str,
    /// Whether the plan's question is answered anyway.
    pub earns: bool,
    /// The plan's source, a flow mapping.
    pub source: String,
    /// `/etc/hosts`, if the fault is in the name.
    pub hosts: Option<String>,
}

impl Broken {
    fn new(family: &'static str, name: &'static str, earns: bool, source: String) -> Self {
        Self {
            family,
            name,
            earns,
            source,
            hosts: None,
        }
    }
}

/// Every broken server; `body` is the healthy answer.
pub fn all(body: &str) -> Vec<Broken> {
    let mut list = sockets(body);
    list.extend(certificates(body));
    list.extend(names(body));
    list
}

/// Serves each connection on its own thread; gives the port.
fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
    port
}

/// A port on which nobody listens.
fn closed() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn at(address: &str) -> String {
    format!("{{url: \"{address}\", timeout: 1s}}")
}

/// Answers a whole request with these bytes.
fn reply(stream: &mut (impl Read + Write), bytes: &[u8]) {
    let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
    while !is_whole(&seen) {
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => seen.extend_from_slice(&piece[..count]),
            _ => return,
        }
    }
    let _ = stream.write_all(bytes);
    let _ = stream.flush();
}

/// Whether a request has its head and as much body as it says.
fn is_whole(seen: &[u8]) -> bool {
    let text = String::from_utf8_lossy(seen).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// Reads a part of the request, says something and hangs up: the unread rest makes the system send a reset.
fn resetting(said: Vec<u8>) -> u16 {
    listen(move |mut stream| {
        let _ = stream.read_exact(&mut [0; 8]);
        let _ = stream.write_all(&said);
        sleep(Duration::from_millis(20));
    })
}

fn sockets(body: &str) -> Vec<Broken> {
    let broken = |name, port: u16| {
        let source = at(&format!("http://127.0.0.1:{port}"));
        Broken::new("connections", name, false, source)
    };
    let whole = json(body);
    let head = whole.len() - body.len();
    vec![
        broken("refused the connection", closed()),
        broken("closed at once", listen(drop)),
        broken(
            "half closed at once",
            listen(|stream| {
                let _ = stream.shutdown(Shutdown::Write);
                sleep(Duration::from_secs(3));
            }),
        ),
        broken("reset before the head", resetting(Vec::new())),
        broken(
            "reset within the head",
            resetting(whole[..head / 2].to_vec()),
        ),
        broken(
            "reset between head and body",
            resetting(whole[..head].to_vec()),
        ),
        broken(
            "reset within the body",
            resetting(whole[..head + body.len() / 2].to_vec()),
        ),
        broken(
            "reset before the last byte",
            resetting(whole[..whole.len() - 1].to_vec()),
        ),
        broken(
            "took the connection and read nothing",
            listen(|_stream| sleep(Duration::from_secs(3))),
        ),
        broken(
            "spoke another protocol",
            listen(|mut stream| {
                let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
                sleep(Duration::from_millis(100));
            }),
        ),
        Broken::new(
            "connections",
            "an address that leads nowhere",
            false,
            at("http://192.0.2.1:9090"),
        ),
    ]
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("params");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("authority")
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).expect("params")
}

/// Certificate and key, PEM.
fn issue(params: &CertificateParams, authority: &Authority) -> (String, String) {
    let key = KeyPair::generate().expect("key");
    let certificate = params.signed_by(&key, authority).expect("certificate");
    (certificate.pem(), key.serialize_pem())
}

fn self_signed(params: &CertificateParams) -> (String, String) {
    let key = KeyPair::generate().expect("key");
    let certificate = params.self_signed(&key).expect("certificate");
    (certificate.pem(), key.serialize_pem())
}

/// A server that answers `body` over TLS; `clients` is the authority whose certificates it demands.
fn secure((chain, key): (String, String), clients: Option<&Authority>, body: &str) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = rustls::RootCertStore::empty();
            let root = CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("root");
            roots.add(root).expect("root");
            let verifier =
                rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().expect("verifier"))
        }
    };
    let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).expect("certificate")];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("key");
    let config = Arc::new(builder.with_single_cert(chain, key).expect("config"));
    let whole = json(body);
    listen(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
        let mut stream = StreamOwned::new(connection, stream);
        reply(&mut stream, &whole);
        stream.conn.send_close_notify();
        let _ = stream.flush();
    })
}

/// A YAML text of one line.
fn inline(pem: &str) -> String {
    format!("{pem:?}")
}

fn certificates(body: &str) -> Vec<Broken> {
    let root = authority();
    let trusting = |port: u16, more: &str| {
        format!(
            "{{url: \"https://localhost:{port}\", timeout: 1s, http_config: {{tls_config: {{ca: {}{more}}}}}}}",
            inline(&root.pem())
        )
    };
    let serving = |pair| secure(pair, None, body);
    let bad = |name, pair| Broken::new("certificates", name, false, trusting(serving(pair), ""));
    let mut expired = params("localhost");
    (expired.not_before, expired.not_after) =
        (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    let mut unborn = params("localhost");
    (unborn.not_before, unborn.not_after) = (date_time_ymd(2095, 1, 1), date_time_ymd(2096, 1, 1));
    let mut client_only = params("localhost");
    client_only.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let mut as_authority = params("localhost");
    as_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let good = || issue(&params("localhost"), &root);
    let untrusted = serving(good());
    vec![
        Broken::new(
            "certificates",
            "a good certificate",
            true,
            trusting(serving(good()), ""),
        ),
        bad("an expired certificate", issue(&expired, &root)),
        bad("a certificate that is not valid yet", issue(&unborn, &root)),
        bad(
            "a certificate for another name",
            issue(&params("other.example"), &root),
        ),
        bad(
            "a certificate of another authority",
            issue(&params("localhost"), &authority()),
        ),
        bad(
            "a self-signed certificate",
            self_signed(&params("localhost")),
        ),
        bad("an authority's own certificate", self_signed(&as_authority)),
        bad(
            "a certificate for clients alone",
            issue(&client_only, &root),
        ),
        Broken::new(
            "certificates",
            "a private authority that the plan does not name",
            false,
            at(&format!("https://localhost:{untrusted}")),
        ),
        Broken::new(
            "certificates",
            "demanded a certificate of the client",
            false,
            trusting(secure(good(), Some(&root), body), ""),
        ),
        Broken::new(
            "certificates",
            "an expired certificate, unchecked as the plan says",
            true,
            trusting(
                serving(issue(&expired, &root)),
                ", insecure_skip_verify: true",
            ),
        ),
        Broken::new(
            "certificates",
            "plain HTTP where TLS is expected",
            false,
            trusting(
                listen(|mut stream| reply(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n")),
                "",
            ),
        ),
        Broken::new(
            "certificates",
            "a handshake that never ends",
            false,
            trusting(listen(|_stream| sleep(Duration::from_secs(3))), ""),
        ),
        Broken::new(
            "certificates",
            "noise in the handshake",
            false,
            trusting(
                listen(|mut stream| {
                    let _ = stream.write_all(&[0x16, 3, 3, 0xff, 0xff].repeat(1000));
                }),
                "",
            ),
        ),
    ]
}

/// Misleading host names. Needs its own hosts file, which `gate` sees in place of the machine's.
fn names(body: &str) -> Vec<Broken> {
    let name = "prometheus.test";
    let whole = json(body);
    let living = listen(move |mut stream| reply(&mut stream, &whole));
    let other = listen(|mut stream| {
        let empty = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
        reply(&mut stream, &json(empty));
    });
    let page = listen(|mut stream| {
        reply(
            &mut stream,
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>Another service</title>",
        );
    });
    let known = |what, earns, port: u16, hosts: &str| Broken {
        hosts: Some(hosts.to_owned()),
        ..Broken::new("names", what, earns, at(&format!("http://{name}:{port}")))
    };
    vec![
        Broken::new(
            "names",
            "a name that does not resolve",
            false,
            at("http://prometheus.invalid:9090"),
        ),
        known(
            "a stale address, nobody there",
            false,
            living,
            "127.0.0.2 prometheus.test\n",
        ),
        known(
            "a stale address beside the living one",
            true,
            living,
            "127.0.0.2 prometheus.test\n127.0.0.1 prometheus.test\n",
        ),
        known(
            "a stale address, another Prometheus there",
            false,
            other,
            "127.0.0.1 prometheus.test\n",
        ),
        known(
            "a stale address, another service there",
            false,
            page,
            "127.0.0.1 prometheus.test\n",
        ),
        known(
            "an address of the other family alone",
            false,
            living,
            "::1 prometheus.test\n",
        ),
    ]
}
