//! A server on loopback that answers as the test says, byte for byte, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gate::http::Pool;
use gate::plan::{Compression, HttpConfig, Method, Source};
use gate::samples::{Asked, Grid, Observation, Origin, Question};
use gate::secret::Secret;
use gate::source::{Answered, Request};
use gate::units;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub struct Fake {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    pub async fn start(reply: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start_slow(Duration::ZERO, reply).await
    }

    /// Answers each request after a pause. A request for the version is answered with 404 and not remembered.
    pub async fn start_slow(
        pause: Duration,
        reply: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
        let port = listener.local_addr().expect("address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, reply) = (Arc::clone(&requests), Arc::new(reply));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (seen, reply) = (Arc::clone(&seen), Arc::clone(&reply));
                tokio::spawn(async move {
                    let request = read_request(&mut stream).await;
                    let bytes = if request.contains("buildinfo") {
                        html(404, "no version")
                    } else {
                        let bytes = reply(&request);
                        seen.lock().expect("lock").push(request);
                        tokio::time::sleep(pause).await;
                        bytes
                    };
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self {
            port,
            requests,
            task,
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn source(&self) -> Source {
        source(&self.url())
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("lock").clone()
    }

    pub fn queries(&self) -> usize {
        self.requests().len()
    }
}

/// Head and body of one request.
pub async fn read_request(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_lowercase()
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.lines().next()?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return text,
        }
    }
}

pub fn answer(status: u16, kind: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes = format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub fn json(status: u16, body: &str) -> Vec<u8> {
    answer(status, "application/json", "", body.as_bytes())
}

pub fn html(status: u16, title: &str) -> Vec<u8> {
    answer(
        status,
        "text/html",
        "",
        format!("<html><head><title>{title}</title></head></html>").as_bytes(),
    )
}

/// The same value at every point that is asked for; to anything but a range, an empty answer.
pub fn ranged(request: &str, value: &str) -> Vec<u8> {
    let body = request.split("\r\n\r\n").nth(1).unwrap_or_default();
    let of = |name: &str| {
        let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == name)?;
        value.parse::<f64>().ok()
    };
    let Some(((start, end), step)) = of("start").zip(of("end")).zip(of("step")) else {
        return json(200, "{}");
    };
    let mut points = Vec::new();
    let mut at = start;
    while at <= end {
        points.push(format!("[{at},\"{value}\"]"));
        at += step;
    }
    let values = points.join(",");
    json(
        200,
        &format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{values}]}}]}}}}"#
        ),
    )
}

pub fn source(url: &str) -> Source {
    Source {
        name: "default".to_owned(),
        url: Secret::new(url.to_owned()),
        shown_url: "http://shown".to_owned(),
        written_url: None,
        http: HttpConfig::default(),
        timeout: units::Duration::from_secs(1),
        concurrency: 4,
        allow_partial: false,
        compression: Compression::Auto,
        max_answer_bytes: 256 << 20,
        lookback: None,
        delay: units::Duration::ZERO,
        params: Vec::new(),
        method: Method::Auto,
    }
}

/// This many points from the epoch on, `step` seconds apart.
pub fn grid(points: i64, step: i64) -> Grid {
    let (start, end) = (
        units::Instant::from_secs(0),
        units::Instant::from_secs((points - 1) * step),
    );
    Grid::inside(start, end, units::Duration::from_secs(step)).expect("grid")
}

/// A range of this many minutes.
pub fn range(points: i64) -> Asked {
    Asked::Range(grid(points, 60))
}

pub fn question(query: &str, asked: Asked) -> Question {
    Question {
        origin: Origin::Source("default".to_owned()),
        query: query.to_owned(),
        asked,
    }
}

pub fn request<'a>(
    sources: &'a [Source],
    questions: &'a [Question],
    pool: &'a Pool,
    keep_answers: bool,
) -> Request<'a> {
    gate::http::install_crypto();
    Request {
        sources,
        folder: ".".as_ref(),
        questions,
        inquiries: &[],
        keep_answers,
        pool,
        environment: &|_| None,
        now: units::Instant::from_secs(0),
        clock: None,
    }
}

pub async fn ask_all(sources: &[Source], questions: &[Question], keep_answers: bool) -> Answered {
    gate::source::ask(
        request(sources, questions, &Pool::default(), keep_answers),
        &|_| {},
        std::future::pending(),
    )
    .await
}

/// The outcome of one question for two points.
pub async fn ask(source: &Source) -> Observation {
    let question = question("q", range(2));
    let mut answered = ask_all(
        std::slice::from_ref(source),
        std::slice::from_ref(&question),
        false,
    )
    .await;
    answered
        .observations
        .remove(&question)
        .expect("observation")
}
