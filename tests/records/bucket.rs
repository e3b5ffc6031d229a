//! An object store in memory that is strict about preconditions, as S3 and as Google's speak of them, and does on demand what
//! real ones do on bad days: refuse, slow down, lose an answer.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use percent_encoding::percent_decode_str;

/// What happens to a request, instead of what should.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This status with this body, and nothing done.
    Answer(u16, String),
    /// It is done, and the answer is lost.
    Lost,
    /// It is not done, and there is no answer.
    Gone,
}

impl Fault {
    /// As all three write it.
    pub fn coded(status: u16, code: &str) -> Self {
        let body =
            format!("<Error><Code>{code}</Code><Message>so it is, canarysecret</Message></Error>");
        Self::Answer(status, body)
    }
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, (Vec<u8>, u64)>,
    written: u64,
    faults: VecDeque<(&'static str, &'static str, Fault)>,
    asked: Vec<String>,
    careless: bool,
    is_away: bool,
}

/// The store. Its one bucket is `records`.
pub struct Bucket {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Bucket {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, state) = (stream.expect("a client"), Arc::clone(&shared));
                thread::spawn(move || serve(stream, &state));
            }
        });
        Self { port, state }
    }

    /// One that ignores preconditions.
    pub fn careless() -> Self {
        let bucket = Self::new();
        bucket.state.lock().expect("the store").careless = true;
        bucket
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// So many of the next requests with this method, whose path has this in it.
    pub fn fail(&self, count: usize, method: &'static str, path: &'static str, fault: &Fault) {
        let mut state = self.state.lock().expect("the store");
        state
            .faults
            .extend(vec![(method, path, fault.clone()); count]);
    }

    /// Whether it closes each connection without a word.
    pub fn is_away(&self, is_away: bool) {
        self.state.lock().expect("the store").is_away = is_away;
    }

    /// How many requests there were with this method, whose path has this in it.
    pub fn asked(&self, method: &str, path: &str) -> usize {
        let state = self.state.lock().expect("the store");
        let is_one = |line: &&String| line.starts_with(method) && line.contains(path);
        state.asked.iter().filter(is_one).count()
    }

    /// What an object holds, by the end of its name.
    pub fn text(&self, name: &str) -> String {
        let state = self.state.lock().expect("the store");
        let found = state.objects.iter().find(|(key, _)| key.ends_with(name));
        let bytes = found
            .map(|(_, (bytes, _))| bytes.clone())
            .unwrap_or_default();
        String::from_utf8(bytes).expect("text")
    }

    /// Puts the object with this end of its name where it was before it had that name.
    pub fn unname(&self, end: &str) {
        let mut state = self.state.lock().expect("the store");
        let named = state.objects.keys().find(|key| key.ends_with(end));
        let named = named.expect("an object").clone();
        let object = state.objects.remove(&named).expect("an object");
        let (folder, name) = named.rsplit_once('/').expect("a folder");
        state
            .objects
            .insert(format!("{folder}/.{name}.tmp"), object);
    }

    pub fn names(&self) -> Vec<String> {
        self.state
            .lock()
            .expect("the store")
            .objects
            .keys()
            .cloned()
            .collect()
    }
}

#[derive(Debug, Default)]
struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let Some(request) = read(&mut stream) else {
        return;
    };
    let answer = {
        let mut state = state.lock().expect("the store");
        state
            .asked
            .push(format!("{} {}", request.method, request.path));
        if state.is_away {
            return;
        }
        let is_meant = |(method, path, _): &(&str, &str, Fault)| {
            *method == request.method && request.path.contains(path)
        };
        let fault = state
            .faults
            .iter()
            .position(is_meant)
            .and_then(|at| state.faults.remove(at));
        match fault.map(|(_, _, fault)| fault) {
            None => Some(state.answer(&request)),
            Some(Fault::Answer(status, body)) => Some(response(status, "", body.as_bytes())),
            Some(Fault::Lost) => {
                state.answer(&request);
                None
            }
            Some(Fault::Gone) => None,
        }
    };
    if let Some(answer) = answer {
        let _ = stream.write_all(&answer);
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 8192];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let header = |line: &str| {
        line.split_once(':')
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers: BTreeMap<String, String> = lines.filter_map(header).collect();
    let length: usize = headers
        .get("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        body.extend_from_slice(&chunk[..read]);
    }
    Some(Request {
        method,
        path: percent_decode_str(path).decode_utf8_lossy().into_owned(),
        query: query.to_owned(),
        headers,
        body,
    })
}

fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status} it\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn refusal(status: u16, code: &str) -> Vec<u8> {
    response(
        status,
        "",
        format!("<Error><Code>{code}</Code><Message>no</Message></Error>").as_bytes(),
    )
}

/// As both of them mark a version.
fn marks(generation: u64) -> String {
    format!(
        "etag: \"tag-{generation}\"\r\nx-goog-generation: {generation}\r\nlast-modified: Thu, 26 Nov 2026 12:00:00 GMT\r\n"
    )
}

impl State {
    fn answer(&mut self, request: &Request) -> Vec<u8> {
        let Some(key) = request.path.strip_prefix("/records") else {
            return refusal(404, "NoSuchBucket");
        };
        let key = key.trim_start_matches('/').to_owned();
        match request.method.as_str() {
            "GET" if key.is_empty() => self.list(&request.query),
            "GET" => match self.objects.get(&key) {
                Some((bytes, generation)) => response(200, &marks(*generation), bytes),
                None => refusal(404, "NoSuchKey"),
            },
            "PUT" => self.put(key, request),
            "DELETE" => {
                self.objects.remove(&key);
                response(204, "", b"")
            }
            _ => refusal(405, "MethodNotAllowed"),
        }
    }

    fn put(&mut self, key: String, request: &Request) -> Vec<u8> {
        let there = self.objects.get(&key).map(|(_, generation)| *generation);
        let header = |name: &str| request.headers.get(name).map(String::as_str);
        let wanted = header("x-goog-if-generation-match")
            .map(|number| number == there.unwrap_or(0).to_string());
        let absent = header("if-none-match").map(|_| there.is_none());
        let same = header("if-match")
            .map(|tag| there.is_some_and(|generation| tag == format!("\"tag-{generation}\"")));
        if header("if-match").is_some() && there.is_none() {
            return refusal(404, "NoSuchKey");
        }
        if !self.careless && [wanted, absent, same].contains(&Some(false)) {
            return refusal(412, "PreconditionFailed");
        }
        self.written += 1;
        self.objects
            .insert(key, (request.body.clone(), self.written));
        response(200, &marks(self.written), b"")
    }

    fn list(&self, query: &str) -> Vec<u8> {
        let prefix = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("prefix="))
            .unwrap_or_default();
        let prefix = percent_decode_str(&prefix.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned();
        let is_flat = query.split('&').any(|pair| pair.starts_with("delimiter="));
        let mut body = "<ListBucketResult>".to_owned();
        for (key, (bytes, generation)) in self
            .objects
            .range(prefix.clone()..)
            .take_while(|(key, _)| key.starts_with(&prefix))
        {
            if is_flat && key[prefix.len()..].contains('/') {
                continue;
            }
            let key = key.replace('&', "&amp;").replace('<', "&lt;");
            let size = bytes.len();
            body.push_str(&format!(
                "<Contents><Key>{key}</Key><Size>{size}</Size><LastModified>2026-11-26T12:00:00.000Z</LastModified><ETag>\"tag-{generation}\"</ETag></Contents>"
            ));
        }
        response(200, "", (body + "</ListBucketResult>").as_bytes())
    }
}
