//! Ledgers that somebody rewrote who can compute SHA-256: lines that were changed, sealed and chained again.
//!
//! Must not use the crate under test.

use std::fmt::Write as _;

/// What precedes a line's own digest.
const SEAL: &str = ",\"sha256\":\"";
/// What precedes the digest of the line before.
const PREV: &str = "\"prev\":\"";
const DIGEST: usize = 64;

/// SHA-256 in lower-case hex digits.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("text");
        hex
    })
}

/// A ledger with other words in a line, counted from 0, and everything from there on sealed again.
pub fn rewritten(ledger: &str, line: usize, from: &str, to: &str) -> String {
    let mut lines: Vec<String> = ledger.lines().map(str::to_owned).collect();
    assert!(lines[line].contains(from), "{from} in {}", lines[line]);
    lines[line] = lines[line].replace(from, to);
    resealed(&(lines.join("\n") + "\n"), line)
}

/// A ledger in which a line, counted from 0, has a body that its seal does not fit: it and everything after it sealed again.
pub fn resealed(ledger: &str, line: usize) -> String {
    let mut lines: Vec<String> = ledger.lines().map(str::to_owned).collect();
    for index in line..lines.len() {
        let (body, _) = lines[index].rsplit_once(SEAL).expect("a seal");
        let mut body = body.to_owned();
        if index > line {
            let before = sha256(lines[index - 1].as_bytes());
            let start = body.find(PREV).expect("a chain") + PREV.len();
            body.replace_range(start..start + DIGEST, &before);
        }
        lines[index] = format!("{body}{SEAL}{}\"}}", sha256(body.as_bytes()));
    }
    lines.join("\n") + "\n"
}
