//! Real servers on loopback ports: Prometheus, `VictoriaMetrics`, Alertmanager.
//!
//! The programs come from `tests/servers/fetch.sh`; if it cannot get them, everything here panics with the
//! script's words. A server lives as long as its `Server`, and never longer than the process that started it.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::exposition::{Series, open_metrics, prometheus_text};

/// Password of `Options::basic_auth`.
pub const PASSWORD: &str = "correct horse";
/// bcrypt of `PASSWORD`.
const PASSWORD_HASH: &str = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
/// How long a server may take to come up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Runs a program until its own standard input ends, then removes its folder: however the process that
/// holds the other end stops, the server stops too.
const LEASH: &str = r#"
folder=$1; shift
"$@" </dev/null & server=$!
{ cat >/dev/null; kill -KILL "$server"; rm -rf "$folder"; } <&0 2>/dev/null &
wait "$server"
"#;

/// Which Prometheus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The oldest that is supported.
    V2_42,
    /// The newest in Debian.
    V3_5,
}

impl Version {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V2_42, Self::V3_5];

    /// As people call it.
    pub fn number(self) -> &'static str {
        match self {
            Self::V2_42 => "2.42",
            Self::V3_5 => "3.5",
        }
    }

    fn suite(self) -> &'static str {
        match self {
            Self::V2_42 => "bookworm",
            Self::V3_5 => "sid",
        }
    }
}

/// How a Prometheus or an Alertmanager is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Further arguments, such as `--query.timeout=1s`.
    pub args: Vec<String>,
    /// `prometheus.yml` or `alertmanager.yml`; rule files are named relative to the server's folder.
    pub config: String,
    /// `web.yml`: authentication and TLS.
    pub web_config: Option<String>,
    /// Further files of the server's folder (rules, certificates): name and text.
    pub files: Vec<(String, String)>,
    /// A given port, if not just any free one will do.
    pub port: Option<u16>,
}

impl Options {
    /// Asks for this user and `PASSWORD`.
    pub fn basic_auth(user: &str) -> Self {
        Self {
            web_config: Some(format!("basic_auth_users: {{{user}: '{PASSWORD_HASH}'}}\n")),
            ..Self::default()
        }
    }

    /// Uses TLS with this certificate and key (PEM); asks for a client certificate of this authority, if any.
    pub fn tls(certificate: &str, key: &str, client_authority: Option<&str>) -> Self {
        let mut web_config =
            "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n".to_owned();
        let mut files = vec![
            ("server.crt".to_owned(), certificate.to_owned()),
            ("server.key".to_owned(), key.to_owned()),
        ];
        if let Some(authority) = client_authority {
            web_config +=
                "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.crt\n";
            files.push(("clients.crt".to_owned(), authority.to_owned()));
        }
        Self {
            web_config: Some(web_config),
            files,
            ..Self::default()
        }
    }

    fn scheme(&self) -> &'static str {
        let tls = self
            .web_config
            .as_ref()
            .is_some_and(|text| text.contains("tls_server_config"));
        if tls { "https" } else { "http" }
    }
}

/// A running server. Dropping it ends it.
pub struct Server {
    url: String,
    port: u16,
    folder: PathBuf,
    child: Child,
}

impl Server {
    /// The base address, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its data, settings and log are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Plain GET: status and body.
    pub fn get(&self, path: &str) -> (u16, String) {
        exchange(self.port, "GET", path, "")
    }

    /// Plain PUT: status and body.
    pub fn put(&self, path: &str, body: &str) -> (u16, String) {
        exchange(self.port, "PUT", path, body)
    }

    /// Plain POST: status and body.
    pub fn post(&self, path: &str, body: &str) -> (u16, String) {
        exchange(self.port, "POST", path, body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Prometheus with these samples.
pub fn prometheus(version: Version, samples: &[Series]) -> Server {
    prometheus_with(version, samples, &Options::default())
}

/// Prometheus with these samples and settings.
pub fn prometheus_with(version: Version, samples: &[Series], options: &Options) -> Server {
    let program = program(version.suite(), "prometheus");
    let launch = |folder: &Path, port: u16| {
        for (name, text) in &options.files {
            fs::write(folder.join(name), text).expect("file of the server");
        }
        fs::write(folder.join("prometheus.yml"), &options.config).expect("settings of the server");
        backfill(version, folder, samples);
        let mut command = leashed(folder, &program);
        command
            .current_dir(folder)
            // Retention counts back from the newest block, and the wall clock may be far from the samples.
            .args([
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                "--storage.tsdb.retention.time=100y",
            ])
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .args(&options.args);
        if let Some(text) = &options.web_config {
            fs::write(folder.join("web.yml"), text).expect("settings of the server");
            command.arg("--web.config.file=web.yml");
        }
        command
    };
    start(
        launch,
        "Server is ready to receive web requests",
        options.scheme(),
        options.port,
    )
}

/// Prometheus with these samples and alert rules, once each rule was evaluated.
pub fn prometheus_with_rules(samples: &[Series], rules: &str, port: Option<u16>) -> Server {
    let options = Options {
        config: "global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n".to_owned(),
        files: vec![("rules.yml".to_owned(), rules.to_owned())],
        port,
        ..Options::default()
    };
    let server = prometheus_with(Version::V3_5, samples, &options);
    let begin = Instant::now();
    while server
        .get("/api/v1/rules")
        .1
        .contains("\"health\":\"unknown\"")
    {
        assert!(begin.elapsed() < PATIENCE, "a rule was never evaluated");
        std::thread::sleep(Duration::from_millis(100));
    }
    server
}

/// `VictoriaMetrics` with these samples.
pub fn victoria_metrics(samples: &[Series]) -> Server {
    victoria_metrics_with(samples, &[])
}

/// `VictoriaMetrics` with these samples and further arguments.
pub fn victoria_metrics_with(samples: &[Series], args: &[&str]) -> Server {
    let program = program("bookworm", "victoria-metrics");
    let launch = |folder: &Path, port: u16| {
        let mut command = leashed(folder, &program);
        command
            .current_dir(folder)
            .args(["-storageDataPath=data", "-retentionPeriod=100y"])
            .args(["-search.latencyOffset=0s", "-loggerTimezone=UTC"])
            .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
            .args(args);
        command
    };
    let server = start(launch, "started VictoriaMetrics in", "http", None);
    let (status, body) = server.post("/api/v1/import/prometheus", &prometheus_text(samples));
    assert_eq!(status, 204, "the import was refused: {body}");
    server.get("/internal/force_flush");
    server.get("/internal/resetRollupResultCache");
    server
}

/// Alertmanager with this `alertmanager.yml`.
pub fn alertmanager(config: &str) -> Server {
    let options = Options {
        config: config.to_owned(),
        ..Options::default()
    };
    alertmanager_with(&options)
}

/// Alertmanager with these settings, the web server's included.
pub fn alertmanager_with(options: &Options) -> Server {
    let program = program("bookworm", "prometheus-alertmanager");
    let launch = |folder: &Path, port: u16| {
        fs::write(folder.join("alertmanager.yml"), &options.config)
            .expect("settings of the server");
        let mut command = leashed(folder, &program);
        command
            // Its templates are found from here.
            .current_dir(programs().join("bookworm"))
            .arg(format!(
                "--config.file={}",
                folder.join("alertmanager.yml").display()
            ))
            .arg(format!("--storage.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=");
        if let Some(text) = &options.web_config {
            let path = folder.join("web.yml");
            fs::write(&path, text).expect("settings of the server");
            command.arg(format!("--web.config.file={}", path.display()));
        }
        command
    };
    start(launch, "msg=\"Listening on\"", options.scheme(), None)
}

/// `promtool`, for comparisons.
pub fn promtool(version: Version) -> PathBuf {
    program(version.suite(), "promtool")
}

/// The library that gives a program another clock.
pub fn clock_library() -> PathBuf {
    let folder = programs().join("bookworm-clock/usr/lib");
    let machines = fs::read_dir(&folder).expect("the library's folder");
    let libraries = machines.map(|machine| {
        let machine = machine.expect("the library's folder").path();
        machine.join("faketime/libfaketime.so.1")
    });
    let found = libraries.into_iter().find(|path| path.exists());
    found.expect("the library of another clock")
}

/// The folder of the unpacked programs, fetched once.
fn programs() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    only_in_ignored_tests();
    FOLDER.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/fetch.sh");
        let output = Command::new("bash")
            .arg(&script)
            .stdin(Stdio::null())
            .output()
            .expect("bash runs tests/servers/fetch.sh");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
    })
}

/// Otherwise the test would pass only where the programs had been fetched before.
pub(super) fn only_in_ignored_tests() {
    assert!(
        !cfg!(test) || ignored_tests_run(),
        "mark this test with `#[ignore = \"needs the servers: tests/all.sh\"]`"
    );
}

/// Whether the test runner was asked to run ignored tests, which include those that need the servers.
fn ignored_tests_run() -> bool {
    // A bench is asked for by its name.
    let asked = ["--ignored", "--include-ignored", "--bench"];
    std::env::args().any(|word| asked.contains(&word.as_str()))
}

fn program(suite: &str, name: &str) -> PathBuf {
    programs().join(suite).join("usr/bin").join(name)
}

pub(super) fn leashed(folder: &Path, program: &Path) -> Command {
    let mut command = Command::new("bash");
    command
        .args(["-c", LEASH, "leash"])
        .arg(folder)
        .arg(program);
    command
}

/// Writes the samples as blocks of the server's own format.
fn backfill(version: Version, folder: &Path, samples: &[Series]) {
    if samples.is_empty() {
        return;
    }
    let text = folder.join("samples.om");
    fs::write(&text, open_metrics(samples)).expect("samples of the server");
    let output = Command::new(promtool(version))
        .args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"])
        // The text is parsed once for each block: days by day, weeks in a few.
        .arg(format!(
            "--max-block-duration={}",
            if weeks(samples) { "500h" } else { "24h" }
        ))
        .arg(&text)
        .arg(folder.join("data"))
        .output()
        .expect("promtool runs");
    assert!(
        output.status.success(),
        "the samples were refused: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::remove_file(&text).expect("samples of the server");
}

/// Whether they go on for more than five days.
fn weeks(samples: &[Series]) -> bool {
    let longest = samples.iter().filter_map(|series| {
        let (first, last) = (series.points.first()?, series.points.last()?);
        Some(last.0 - first.0)
    });
    longest.max().is_some_and(|length| length > 5 * 86_400)
}

/// Starts a server on a free port, or on another one if somebody else takes that first.
pub(super) fn start(
    launch: impl Fn(&Path, u16) -> Command,
    ready: &str,
    scheme: &str,
    fixed: Option<u16>,
) -> Server {
    for _ in 0..5 {
        let port = fixed.unwrap_or_else(free_port);
        let folder = tempfile::Builder::new()
            .prefix("gate-server-")
            .tempdir()
            .expect("folder of the server")
            .keep();
        let log = folder.join("log");
        let output = fs::File::create(&log).expect("log of the server");
        let child = launch(&folder, port)
            .stdin(Stdio::piped())
            .stdout(output.try_clone().expect("log of the server"))
            .stderr(output)
            .spawn()
            .expect("bash runs the server");
        let mut server = Server {
            url: format!("{scheme}://127.0.0.1:{port}"),
            port,
            folder,
            child,
        };
        match wait(&mut server.child, &log, ready, port) {
            Ok(()) => return server,
            Err(words) if words.contains("address already in use") && fixed.is_none() => {}
            Err(words) => panic!("the server did not come up: {words}"),
        }
    }
    panic!("the server did not come up: every port was taken")
}

fn wait(child: &mut Child, log: &Path, ready: &str, port: u16) -> Result<(), String> {
    let begin = Instant::now();
    loop {
        let text = fs::read_to_string(log).unwrap_or_default();
        // Some say that they are ready a moment before they listen.
        if text.contains(ready) && TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        let ended = child.try_wait().expect("state of the server").is_some();
        if ended || begin.elapsed() > PATIENCE {
            return Err(text);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// One request over plain HTTP/1.0, whose answer ends with the connection.
fn exchange(port: u16, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connection to the server");
    let length = body.len();
    let kind = if body.starts_with(['{', '[']) {
        "Content-Type: application/json\r\n"
    } else {
        ""
    };
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n{kind}Content-Length: {length}\r\n\r\n{body}"
    )
    .expect("request to the server");
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .expect("answer of the server");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").expect("head of the answer");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    (status.expect("status of the answer"), body.to_owned())
}
