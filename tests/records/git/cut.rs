//! A connection that carries the push and loses the answer (R5): what was written is there, and nobody says that it is not.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use gate::records::{Cause, Version};

use super::remote::{Daemon, Place};
use crate::records::writers::{get, put_with};

/// Passes everything on, until a pack was sent: from then on nothing comes back. Its port.
fn cutting(to: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.expect("a client");
            let server = TcpStream::connect(("127.0.0.1", to)).expect("the server");
            thread::spawn(move || pass(client, server));
        }
    });
    port
}

fn pass(mut client: TcpStream, mut server: TcpStream) {
    let (mut back_from, mut back_to) = (
        server.try_clone().expect("a clone"),
        client.try_clone().expect("a clone"),
    );
    let back = thread::spawn(move || {
        let _ = std::io::copy(&mut back_from, &mut back_to);
    });
    let mut bytes = [0; 8192];
    let mut all = Vec::new();
    while let Ok(read) = client.read(&mut bytes) {
        let chunk = &bytes[..read];
        all.extend_from_slice(chunk);
        if all.windows(4).any(|four| four == b"PACK") {
            // The answer is lost, the push is not.
            let _ = client.shutdown(Shutdown::Write);
        }
        if read == 0 || server.write_all(chunk).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
    let _ = back.join();
}

#[test]
fn r5_an_answer_lost_after_the_push_is_unknown_and_reading_again_tells() {
    let place = Place::new();
    let daemon = Daemon::serving(&place.folder());
    place.reach(&format!(
        "git://127.0.0.1:{}/remote.git",
        cutting(daemon.port)
    ));
    let engine = place.engine();
    let trouble =
        put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[]).expect_err("no answer");
    assert_eq!(trouble.cause, Cause::Unknown, "{trouble}");
    let begin = std::time::Instant::now();
    while get(&engine, "api.ledger.jsonl").0.is_none() {
        assert!(begin.elapsed().as_secs() < 10, "it was never written");
    }
    assert_eq!(get(&engine, "api.ledger.jsonl").0.as_deref(), Some("1\n"));
}
