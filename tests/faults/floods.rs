//! Oversized answers: so large, so many or so well compressed that keeping them would exhaust memory.
//!
//! Must not hold a flood itself: pieces are made once and sent again and again.

use std::io::Write as _;
use std::net::TcpStream;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::healthy::T;
use super::list::{List, head};

/// At most this much is sent, unless the reader hangs up.
const FLOOD_BYTES: usize = 10_000_000_000;
/// One series, up to its first point.
const POINTS: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"site":"BER1"},"values":["#;
const SERIES: &str = r#"{"status":"success","data":{"resultType":"matrix","result":["#;
/// Of pieces that are sent again and again.
const PIECE_BYTES: usize = 1 << 20;

/// Every flood.
pub fn add(list: &mut List) {
    list.family = "floods";
    list.raw("10 GB of blanks", false, |_, stream| {
        flood(stream, "", &" ".repeat(PIECE_BYTES));
    });
    list.raw("10 GB of points", false, |_, stream| {
        flood(stream, POINTS, &points());
    });
    list.raw("10 GB of series", false, |_, stream| {
        flood(stream, SERIES, &series(r#""site":"x""#));
    });
    list.raw("10 GB of labels", false, |_, stream| {
        let labels = (0..PIECE_BYTES / 16).map(|number| format!("\"l{number}\":\"x\","));
        flood(
            stream,
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"#,
            &labels.collect::<String>(),
        );
    });
    list.raw("10 GB of warnings", false, |_, stream| {
        let warnings = format!("\"{}\",", "x".repeat(1000)).repeat(1000);
        flood(stream, r#"{"status":"success","warnings":["#, &warnings);
    });
    list.raw("10 GB of one text", false, |_, stream| {
        flood(
            stream,
            r#"{"status":"success","error":""#,
            &"x".repeat(PIECE_BYTES),
        );
    });
    list.raw("10 GB of brackets", false, |_, stream| {
        flood(
            stream,
            r#"{"status":"success","x":"#,
            &"[".repeat(PIECE_BYTES),
        );
    });
    list.raw("10 GB of an error", false, |_, stream| {
        let start = "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n";
        pour(stream, start.as_bytes(), "x".repeat(PIECE_BYTES).as_bytes());
    });
    list.raw("10 GB of a head", false, |_, stream| {
        pour(
            stream,
            b"HTTP/1.1 200 OK\r\n",
            "X: y\r\n".repeat(10_000).as_bytes(),
        );
    });
    list.raw("10 GB of interim answers", false, |_, stream| {
        pour(
            stream,
            b"",
            "HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000).as_bytes(),
        );
    });
    packed(list);
    list.body("100 000 series of one point", false, |_| {
        let one = |number: usize| {
            format!("{{\"metric\":{{\"site\":\"S{number}\"}},\"values\":[[{T},\"0.25\"]]}}")
        };
        let all: Vec<String> = (0..100_000).map(one).collect();
        format!("{SERIES}{}]}}}}", all.join(","))
    });
    list.body("100 000 series without a label", false, |_| {
        let all = vec![format!("{{\"metric\":{{}},\"values\":[[{T},\"0.25\"]]}}"); 100_000];
        format!("{SERIES}{}]}}}}", all.join(","))
    });
}

/// Floods that are small on the wire.
fn packed(list: &mut List) {
    list.raw("10 GB of blanks, packed into 10 MB", false, |_, stream| {
        bomb(stream, "", &" ".repeat(PIECE_BYTES));
    });
    list.raw("10 GB of points, packed", false, |_, stream| {
        bomb(stream, POINTS, &points());
    });
    list.raw("10 GB of series, packed", false, |_, stream| {
        bomb(stream, SERIES, &series(""));
    });
}

fn points() -> String {
    format!("[{T},\"0\"],").repeat(PIECE_BYTES / 17)
}

fn series(label: &str) -> String {
    format!("{{\"metric\":{{{label}}},\"values\":[[1,\"0\"]]}},").repeat(PIECE_BYTES / 40)
}

fn flood(stream: &mut TcpStream, start: &str, piece: &str) {
    pour(stream, (head("") + start).as_bytes(), piece.as_bytes());
}

fn pour(stream: &mut TcpStream, start: &[u8], piece: &[u8]) {
    let mut sent = stream.write_all(start);
    for _ in 0..FLOOD_BYTES / piece.len() {
        if sent.is_err() {
            return;
        }
        sent = stream.write_all(piece);
    }
}

/// A gzip body that never ends: the pieces stand behind full flushes, so that one can be sent again and again.
fn bomb(stream: &mut TcpStream, start: &str, piece: &str) {
    let mut deflate = Compress::new(Compression::best(), false);
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let head = head("Content-Encoding: gzip\r\n");
    let start = [
        head.as_bytes(),
        &gzip,
        &flushed(&mut deflate, start.as_bytes()),
    ];
    let packed = flushed(&mut deflate, piece.as_bytes());
    let mut sent = stream.write_all(&start.concat());
    for _ in 0..FLOOD_BYTES / piece.len() {
        if sent.is_err() {
            return;
        }
        sent = stream.write_all(&packed);
    }
}

fn flushed(deflate: &mut Compress, bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(bytes.len() + 1024);
    let status = deflate.compress_vec(bytes, &mut packed, FlushCompress::Full);
    assert!(matches!(status, Ok(Status::Ok)), "{status:?}");
    packed
}
