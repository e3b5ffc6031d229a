//! A server in front of another that does not say what time it is, for `gate` at another time than the machine's.
//! Passes every byte on as it is, except the name of the header `Date`.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// The address of the server in front of the one at `url`; it runs as long as the tests do.
pub fn in_front_of(url: &str) -> String {
    let behind = url.strip_prefix("http://").expect("http").to_owned();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&behind).expect("the server");
            let (up, down) = (client.try_clone(), server.try_clone());
            pass_on(up.expect("a socket"), server, <[u8]>::to_vec);
            pass_on(down.expect("a socket"), client, without_date);
        }
    });
    format!("http://{address}")
}

/// Copies from one to the other until the first has no more.
fn pass_on(mut from: TcpStream, mut to: TcpStream, change: fn(&[u8]) -> Vec<u8>) {
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
    const DATE: &[u8] = b"\r\nDate: ";
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len().saturating_sub(DATE.len()) {
        if bytes[at..].starts_with(DATE) {
            bytes[at + 2] = b'X';
        }
    }
    bytes
}
