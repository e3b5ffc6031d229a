//! Git over HTTP, as forges serve it: git's own server behind a door that asks for a token, and that has bad days.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use gate::records::{Cause, Committed, Engine, Version};

use super::remote::{Place, git};
use crate::records::writers::{get, name, put, put_with};

/// `bot:canarytoken`.
const TOKEN: &str = "Ym90OmNhbmFyeXRva2Vu";

/// What the door does with pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// Lets whoever has the token read and write.
    Open,
    /// Lets nobody in: the token has expired.
    Expired,
    /// Lets nobody write.
    ReadOnly,
    /// Lets the push in, and its answer not out.
    Mute,
    /// Answers a push with 502.
    Broken,
}

/// A forge.
struct Forge {
    port: u16,
    door: Arc<Mutex<Door>>,
}

struct Request {
    method: String,
    path: String,
    query: String,
    head: String,
    body: Vec<u8>,
}

impl Forge {
    fn serving(folder: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let door = Arc::new(Mutex::new(Door::Open));
        let shared = Arc::clone(&door);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, folder, shared) = (
                    stream.expect("a client"),
                    folder.clone(),
                    Arc::clone(&shared),
                );
                thread::spawn(move || serve(stream, &folder, &shared));
            }
        });
        Self { port, door }
    }

    fn set(&self, door: Door) {
        *self.door.lock().expect("the door") = door;
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/remote.git", self.port)
    }
}

fn serve(mut stream: TcpStream, folder: &Path, door: &Mutex<Door>) {
    let Some(request) = read(&mut stream) else {
        return;
    };
    let door = *door.lock().expect("the door");
    let has_token = ["basic", "Basic"]
        .iter()
        .any(|word| request.head.contains(&format!("{word} {TOKEN}")));
    let writes = format!("{}{}", request.path, request.query).contains("git-receive-pack");
    let pushes = writes && request.method == "POST";
    let answer = match door {
        _ if !has_token => status("401 Unauthorized"),
        Door::Expired => status("401 Unauthorized"),
        Door::ReadOnly if writes => status("403 Forbidden"),
        Door::Broken if pushes => status("502 Bad Gateway"),
        Door::Mute if pushes => {
            backend(&request, folder);
            return;
        }
        Door::Open | Door::ReadOnly | Door::Broken | Door::Mute => backend(&request, folder),
    };
    let _ = stream.write_all(&answer);
}

fn status(status: &str) -> Vec<u8> {
    let realm = "www-authenticate: Basic realm=\"forge\"\r\n";
    format!("HTTP/1.1 {status}\r\n{realm}content-length: 0\r\nconnection: close\r\n\r\n")
        .into_bytes()
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 8192]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut sent = bytes.split_off(end + 4);
    let body = loop {
        if let Some(body) = whole(&head, &sent) {
            break body;
        }
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        sent.extend_from_slice(&chunk[..read]);
    };
    let mut words = head.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    Some(Request {
        method,
        path,
        query,
        head,
        body,
    })
}

/// The body, once all of it is there.
fn whole(head: &str, sent: &[u8]) -> Option<Vec<u8>> {
    if header(head, "transfer-encoding").is_some() {
        return unchunked(sent);
    }
    let length: usize = header(head, "content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    (sent.len() >= length).then(|| sent.to_vec())
}

fn unchunked(mut sent: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = sent.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(&String::from_utf8_lossy(&sent[..end]), 16).ok()?;
        let chunk = sent.get(end + 2..end + 2 + length)?;
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(chunk);
        sent = sent.get(end + 4 + length..)?;
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// What git's own server answers.
fn backend(request: &Request, folder: &Path) -> Vec<u8> {
    let of = |name| header(&request.head, name).unwrap_or_default();
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REMOTE_USER", "bot")
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", &request.path)
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_TYPE", of("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", of("content-encoding"))
        .env("GIT_PROTOCOL", of("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("git http-backend runs");
    let mut stdin = child.stdin.take().expect("its input");
    let body = request.body.clone();
    let writer = thread::spawn(move || drop(stdin.write_all(&body)));
    let out = child.wait_with_output().expect("its answer").stdout;
    writer.join().expect("its input");
    let head = String::from_utf8_lossy(&out[..out.len().min(4096)]).into_owned();
    let status = header(&head, "status").unwrap_or("200 OK");
    let mut answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\n").into_bytes();
    answer.extend_from_slice(&out);
    answer
}

/// A forge that the user's clone knows, with the token as a checkout in CI keeps it.
fn forge(place: &Place) -> Forge {
    let forge = Forge::serving(place.folder());
    place.reach(&forge.url());
    let key = format!("http.http://127.0.0.1:{}/.extraheader", forge.port);
    git(
        &place.user,
        &["config", &key, &format!("AUTHORIZATION: basic {TOKEN}")],
    );
    forge
}

#[test]
fn r2_records_go_over_http_with_the_token_of_the_checkout() {
    let place = Place::new();
    let _forge = forge(&place);
    let engine = place.engine();
    // More than git sends in one piece.
    let large: Vec<u8> = (0..600_000_u32)
        .flat_map(|number| (number.wrapping_mul(2_654_435_761) >> 8).to_le_bytes())
        .collect();
    let files = [(name("evidence/large.bin"), large.as_slice())];
    put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &files).expect("written");
    let other = place.engine();
    let (text, version) = get(&other, "api.ledger.jsonl");
    assert_eq!(text.as_deref(), Some("1\n"));
    assert!(matches!(
        put(&other, "api.ledger.jsonl", "1\n2\n", &version),
        Committed::Written(_)
    ));
    assert_eq!(
        put(&engine, "api.ledger.jsonl", "1\nx\n", &version),
        Committed::Stale
    );
}

#[test]
fn r2_a_credential_helper_of_the_clone_is_asked() {
    let place = Place::new();
    let forge = Forge::serving(place.folder());
    place.reach(&forge.url());
    let helper = "!f() { echo username=bot; echo password=canarytoken; }; f";
    git(&place.user, &["config", "credential.helper", helper]);
    let engine = place.engine();
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    assert_eq!(get(&engine, "api.ledger.jsonl").0.as_deref(), Some("1\n"));
}

#[test]
fn r2_a_token_that_has_expired_or_may_not_write_is_refused() {
    let place = Place::new();
    let forge = forge(&place);
    let engine = place.engine();
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    let (_, version) = get(&engine, "api.ledger.jsonl");
    forge.set(Door::ReadOnly);
    let read_only =
        put_with(&engine, "api.ledger.jsonl", "1\n2\n", &version, &[]).expect_err("read only");
    assert!(
        read_only.to_string().contains("may not be written: "),
        "{read_only}"
    );
    let rehearsed = engine.probe().expect_err("read only");
    assert_eq!(get(&engine, "api.ledger.jsonl").0.as_deref(), Some("1\n"));
    forge.set(Door::Expired);
    let expired = engine
        .read(&name("api.ledger.jsonl"), &name("evidence"))
        .expect_err("expired");
    for trouble in [read_only, rehearsed, expired] {
        assert_eq!(trouble.cause, Cause::Refused, "{trouble}");
        let said = format!("{trouble} {trouble:?}");
        assert!(
            !said.contains(TOKEN) && !said.contains("canarytoken"),
            "{said}"
        );
    }
}

#[test]
fn r5_a_push_over_http_without_an_answer_is_unknown() {
    let place = Place::new();
    let forge = forge(&place);
    let engine = place.engine();
    forge.set(Door::Broken);
    let trouble =
        put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[]).expect_err("502");
    assert_eq!(trouble.cause, Cause::Unknown, "{trouble}");
    assert_eq!(get(&engine, "api.ledger.jsonl").0, None);
    forge.set(Door::Mute);
    let trouble =
        put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[]).expect_err("no answer");
    assert_eq!(trouble.cause, Cause::Unknown, "{trouble}");
    assert_eq!(get(&engine, "api.ledger.jsonl").0.as_deref(), Some("1\n"));
}
