//! Object stores of others on loopback ports: moto and `MiniStack` (S3), s3rver (S3 without preconditions), Azurite (Azure).
//!
//! They come from `tests/servers/stores.sh`; if it cannot get them, everything here panics with the script's words.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use super::servers::{self, Server};

/// Azurite's well-known account.
pub const AZURE_ACCOUNT: &str = "devstoreaccount1";
/// Its well-known key.
pub const AZURE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// The folder of the unpacked programs, fetched once.
fn programs() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    servers::only_in_ignored_tests();
    FOLDER.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/stores.sh");
        let output = Command::new("bash")
            .arg(&script)
            .stdin(Stdio::null())
            .output();
        let output = output.expect("bash runs tests/servers/stores.sh");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
    })
}

/// A Python that has Amazon's own library, botocore.
pub fn python() -> PathBuf {
    programs().join("python/bin/python")
}

/// A store that speaks like S3.
pub struct Store(Server);

impl Store {
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// Creates a bucket.
    pub fn bucket(&self, name: &str) {
        let (status, body) = self.0.put(&format!("/{name}"), "");
        assert_eq!(status, 200, "{body}");
    }

    /// From now on every object of a bucket of S3 keeps its versions.
    pub fn keeps_versions(&self, bucket: &str) {
        let wanted = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        let (status, body) = self.0.put(&format!("/{bucket}?versioning"), wanted);
        assert_eq!(status, 200, "{body}");
    }
}

/// moto's server.
pub fn moto() -> Store {
    let python = programs().join("python/bin/python");
    let launch = |folder: &Path, port: u16| {
        let mut command = servers::leashed(folder, &python);
        command.args([
            "-m",
            "moto.server",
            "-H",
            "127.0.0.1",
            "-p",
            &port.to_string(),
        ]);
        command
    };
    Store(servers::start(
        launch,
        "Running on http://127.0.0.1",
        "http",
        None,
    ))
}

/// `MiniStack`, as far as it is a store: its own program would listen on all of the machine's addresses.
pub fn ministack() -> Store {
    let python = programs().join("python/bin/python");
    let launch = |folder: &Path, port: u16| {
        let mut command = servers::leashed(folder, &python);
        command
            .env("SERVICES", "s3")
            .env("GATEWAY_PORT", port.to_string())
            .env("IOT_MTLS_ENABLED", "0")
            .args([
                "-m",
                "hypercorn",
                "ministack.app:app",
                "--bind",
                &format!("127.0.0.1:{port}"),
            ]);
        command
    };
    Store(servers::start(
        launch,
        "Running on http://127.0.0.1",
        "http",
        None,
    ))
}

/// s3rver, which does not know preconditions of writes.
pub fn s3rver(bucket: &str) -> Store {
    let program = programs().join("node/node_modules/.bin/s3rver");
    let launch = |folder: &Path, port: u16| {
        let mut command = servers::leashed(folder, &program);
        command.args([
            "-a",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "--configure-bucket",
            bucket,
            "-d",
        ]);
        command.arg(folder.join("data"));
        command
    };
    Store(servers::start(launch, "S3rver listening", "http", None))
}

/// Azurite, with a container.
pub fn azurite(container: &str) -> Server {
    let program = programs().join("node/node_modules/.bin/azurite-blob");
    let launch = |folder: &Path, port: u16| {
        let mut command = servers::leashed(folder, &program);
        command
            .current_dir(folder)
            .args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()])
            .args([
                "--inMemoryPersistence",
                "--skipApiVersionCheck",
                "--disableTelemetry",
            ]);
        command
    };
    let server = servers::start(launch, "successfully listens", "http", None);
    create(&server, container);
    server
}

/// `PUT /ACCOUNT/CONTAINER?restype=container`, signed with the account's key.
#[expect(clippy::disallowed_methods, reason = "a signature is dated")]
fn create(server: &Server, container: &str) {
    let date = httpdate::fmt_http_date(SystemTime::now());
    let path = format!("/{AZURE_ACCOUNT}/{container}");
    let signed = format!(
        "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:2021-08-06\n/{AZURE_ACCOUNT}{path}\nrestype:container"
    );
    let key = hmac::Key::new(
        hmac::HMAC_SHA256,
        &STANDARD.decode(AZURE_KEY).expect("a key"),
    );
    let signature = STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", server.port())).expect("Azurite");
    let request = format!(
        "PUT {path}?restype=container HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-ms-date: {date}\r\nx-ms-version: 2021-08-06\r\n\
         authorization: SharedKey {AZURE_ACCOUNT}:{signature}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        server.port()
    );
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}
