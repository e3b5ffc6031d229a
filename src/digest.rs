//! SHA-256 in hexadecimal: of plans, answers, evidence and the lines of a ledger. Reads no file: bytes in, text out.

use ring::digest::{Context, SHA256};

/// The SHA-256 of pieces that follow one another: 64 lower-case hex digits.
#[must_use]
pub fn sha256_hex<P: AsRef<[u8]>>(pieces: &[P]) -> String {
    let mut digest = Running::default();
    for piece in pieces {
        digest.update(piece.as_ref());
    }
    digest.hex()
}

/// The digest of what is still being written.
#[derive(Clone)]
pub struct Running(Context);

impl Default for Running {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex())
    }
}

impl Running {
    /// The next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Of all pieces so far: 64 lower-case hex digits.
    #[must_use]
    pub fn hex(&self) -> String {
        let digest = self.0.clone().finish();
        let mut text = String::with_capacity(64);
        // Each line of a ledger has two digests: formatting would take longer than the digest itself.
        for byte in digest.as_ref() {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
        text
    }
}

/// The hex digit of a number below 16.
fn digit(number: u8) -> char {
    char::from(if number < 10 {
        b'0' + number
    } else {
        b'a' + (number - 10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_one_of_fips_180() {
        assert_eq!(
            sha256_hex(&["a", "bc"]),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
