//! A server in front of another that does not say what time it is, for `gate` at another time than the machine's.
//! Passes every byte on as it is, except the name of the header `Date`, and when rules were last evaluated.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Runs as long as the tests do.
pub struct Timeless {
    url: String,
    evaluated: Arc<Mutex<Option<String>>>,
}

impl Timeless {
    /// In front of the server at `url`.
    pub fn in_front_of(url: &str) -> Self {
        let behind = url.strip_prefix("http://").expect("http").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let evaluated = Arc::new(Mutex::new(None));
        let told = Arc::clone(&evaluated);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(&behind).expect("the server");
                let (up, down) = (client.try_clone(), server.try_clone());
                let told = Arc::clone(&told);
                pass_on(up.expect("a socket"), server, <[u8]>::to_vec);
                pass_on(down.expect("a socket"), client, move |bytes| {
                    let evaluated = told.lock().expect("a time").clone();
                    evaluated_at(without_date(bytes), evaluated.as_deref())
                });
            }
        });
        Self {
            url: format!("http://{address}"),
            evaluated,
        }
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on rules were evaluated at this second, such as `2026-11-20T14:00:00`.
    pub fn rules_evaluated_at(&self, second: &str) {
        *self.evaluated.lock().expect("a time") = Some(second.to_owned());
    }
}

/// Copies from one to the other until the first has no more.
fn pass_on(
    mut from: TcpStream,
    mut to: TcpStream,
    change: impl Fn(&[u8]) -> Vec<u8> + Send + 'static,
) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if to.write_all(&change(&buffer[..read])).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}

/// The head of an answer is written at once, so it is never cut within a line.
fn without_date(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in places(&bytes, b"\r\nDate: ") {
        bytes[at + 2] = b'X';
    }
    bytes
}

/// The list of rules is short enough to come in one piece.
fn evaluated_at(mut bytes: Vec<u8>, second: Option<&str>) -> Vec<u8> {
    const KEY: &[u8] = b"\"lastEvaluation\":\"";
    let Some(second) = second else { return bytes };
    for at in places(&bytes, KEY) {
        let from = at + KEY.len();
        bytes[from..from + second.len()].copy_from_slice(second.as_bytes());
    }
    bytes
}

fn places(bytes: &[u8], word: &[u8]) -> Vec<usize> {
    let starts = 0..bytes.len().saturating_sub(word.len());
    starts.filter(|at| bytes[*at..].starts_with(word)).collect()
}
