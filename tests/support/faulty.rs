//! A server that answers as it is told, byte by byte: for faults that no healthy server produces.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::tls;

/// A request as it came: the head, and the body.
#[derive(Debug, Clone)]
pub struct Received {
    /// Request line and headers.
    pub head: String,
    /// The form.
    pub body: String,
}

/// Listens on a loopback port until the test process ends.
pub struct Faulty {
    url: String,
    seen: Arc<Mutex<Vec<Received>>>,
}

impl Faulty {
    /// Answers each request with these bytes and closes the connection.
    pub fn answering(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::new(move |asked, stream| {
            let _ = stream.write_all(&answer(asked));
        })
    }

    /// Handles each connection as it is told.
    pub fn new(serve: impl Fn(&Received, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (serve, log) = (Arc::new(serve), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (serve, log) = (Arc::clone(&serve), Arc::clone(&log));
                std::thread::spawn(move || {
                    let mut stream = stream;
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
                    if let Some(asked) = read(&mut stream) {
                        log.lock().expect("the log").push(asked.clone());
                        serve(&asked, &mut stream);
                    }
                });
            }
        });
        Self { url, seen }
    }

    /// The same over TLS, with a certificate for `localhost` and its key (PEM).
    pub fn secure(
        (certificate, key): (&str, &str),
        answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let config = tls::server(certificate, key);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                let config = Arc::clone(&config);
                std::thread::spawn(move || {
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
                    let session = rustls::ServerConnection::new(config).expect("a session");
                    let mut stream = rustls::StreamOwned::new(session, stream);
                    if let Some(asked) = read(&mut stream) {
                        log.lock().expect("the log").push(asked.clone());
                        let _ = stream.write_all(&answer(&asked));
                        stream.conn.send_close_notify();
                        let _ = stream.flush();
                    }
                });
            }
        });
        Self {
            url: format!("https://localhost:{port}"),
            seen,
        }
    }

    /// The base address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was asked so far.
    pub fn seen(&self) -> Vec<Received> {
        self.seen.lock().expect("the log").clone()
    }
}

/// An answer with a status line such as `200 OK`.
pub fn answer(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").into_bytes()
}

/// A successful API answer.
pub fn json(body: &str) -> Vec<u8> {
    answer("200 OK", "application/json", body)
}

fn read(stream: &mut impl Read) -> Option<Received> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(Received {
                    head: head.to_owned(),
                    body: body.to_owned(),
                });
            }
        }
        match stream.read(&mut piece).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(piece.get(..count)?),
        }
    }
}
