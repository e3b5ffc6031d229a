//! What comes as gzip → the bytes that were packed, while they stream.
//!
//! Must not end where a member ends: what follows it is part of the answer too.

use std::io::{self, Write as _};

use flate2::write::MultiGzDecoder;

/// This many bytes are unpacked at a time: even a bomb makes no more than about 16 MiB of them before somebody looks.
pub(super) const PIECE_BYTES: usize = 16 * 1024;

/// Unpacks one body.
pub(super) struct Unpacker {
    decoder: MultiGzDecoder<Vec<u8>>,
    began: bool,
}

impl Unpacker {
    pub(super) fn new() -> Self {
        Self {
            decoder: MultiGzDecoder::new(Vec::new()),
            began: false,
        }
    }

    /// What the next bytes hold.
    ///
    /// # Errors
    /// They are not gzip.
    pub(super) fn push(&mut self, packed: &[u8]) -> io::Result<Vec<u8>> {
        self.began |= !packed.is_empty();
        self.decoder.write_all(packed)?;
        self.decoder.flush()?;
        Ok(std::mem::take(self.decoder.get_mut()))
    }

    /// Checks that nothing is missing. An empty body is complete.
    ///
    /// # Errors
    /// The body is cut off, or its checksum differs.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if self.began {
            self.decoder.try_finish()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).expect("written");
        encoder.finish().expect("packed")
    }

    fn unpacked(bytes: &[u8], size: usize) -> io::Result<String> {
        let mut unpacker = Unpacker::new();
        let mut text = Vec::new();
        for piece in bytes.chunks(size) {
            text.extend(unpacker.push(piece)?);
        }
        unpacker.finish()?;
        Ok(String::from_utf8(text).expect("text"))
    }

    #[test]
    fn m14c_what_stands_behind_a_member_is_read_however_it_comes() {
        let two = [packed("{\"a\":1}"), packed("{\"a\":2}")].concat();
        for size in 1..=two.len() {
            let text = unpacked(&two, size).expect("gzip");
            assert_eq!(text, "{\"a\":1}{\"a\":2}", "{size}");
        }
        let garbage = [packed("{}"), b"{\"a\":2}".to_vec()].concat();
        assert!((1..=garbage.len()).all(|size| unpacked(&garbage, size).is_err()));
    }

    #[test]
    fn a_body_that_is_cut_or_damaged_is_refused() {
        let whole = packed(&"checkout ".repeat(200));
        assert_eq!(unpacked(&whole, 7).expect("gzip").len(), 1800);
        for end in 1..whole.len() {
            assert!(unpacked(&whole[..end], 7).is_err(), "{end}");
        }
        let mut damaged = whole.clone();
        let checksum = damaged.len() - 6;
        damaged[checksum] ^= 1;
        assert!(unpacked(&damaged, 7).is_err());
        assert_eq!(unpacked(b"", 7).expect("nothing"), "");
    }
}
