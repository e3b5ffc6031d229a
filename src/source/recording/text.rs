//! The text of one answer as recorded: built while it is decoded, and compressed at once.
//!
//! Same answer, same bytes. Must not hold the whole text of an answer.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::exchange::{Body, End, Times, json};
use crate::samples::Labels;
use crate::units::Instant;

/// The compressor is fed in blocks of this size, so that its output depends only on the text.
const BLOCK_BYTES: usize = 32 * 1024;

/// Compresses text as it comes, into one gzip member.
pub(super) struct Member {
    gz: GzEncoder<Vec<u8>>,
    block: Vec<u8>,
    text_bytes: u64,
}

impl Member {
    /// For samples: fast, while they arrive.
    pub(super) fn new() -> Self {
        Self::of(Compression::new(1))
    }

    /// For the text around them: short, and full of repetition.
    pub(super) fn dense() -> Self {
        Self::of(Compression::best())
    }

    fn of(level: Compression) -> Self {
        Self {
            gz: GzEncoder::new(Vec::new(), level),
            block: Vec::new(),
            text_bytes: 0,
        }
    }

    pub(super) fn push(&mut self, mut text: &[u8]) {
        self.text_bytes += text.len() as u64;
        while self.block.len() + text.len() >= BLOCK_BYTES {
            let (now, later) = text.split_at(BLOCK_BYTES - self.block.len());
            self.block.extend_from_slice(now);
            self.flush_block();
            text = later;
        }
        self.block.extend_from_slice(text);
    }

    pub(super) fn text_bytes(&self) -> u64 {
        self.text_bytes
    }

    fn flush_block(&mut self) {
        // Writing into a `Vec` cannot fail.
        let _ = self.gz.write_all(&self.block);
        self.block.clear();
    }

    /// The compressed member.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.flush_block();
        let mut gz = self.gz.finish().unwrap_or_default();
        gz.shrink_to_fit();
        gz
    }
}

/// Writes the text of one answer.
pub(crate) struct BodyWriter {
    times: Times,
    member: Member,
    any_series: bool,
    values: Vec<u8>,
    off_grid: Vec<u8>,
    /// The first grid position that has no entry in `values` yet.
    next: usize,
    from: Option<Instant>,
}

impl BodyWriter {
    pub(super) fn new(times: Times) -> Self {
        let mut member = Member::new();
        member.push(b"\"series\":[");
        Self {
            times,
            member,
            any_series: false,
            values: Vec::new(),
            off_grid: Vec::new(),
            next: 0,
            from: None,
        }
    }

    /// One sample of the series that is being read; `text` is the value as sent, digits and signs only.
    pub(super) fn point(&mut self, at: Instant, text: &[u8]) {
        match self.times {
            Times::Grid(grid) => {
                match grid.position(at).filter(|position| *position >= self.next) {
                    Some(position) => self.on_grid(at, position, text),
                    None => push_pair(&mut self.off_grid, at, text),
                }
            }
            Times::At(asked) => {
                if !self.values.is_empty() {
                    return push_pair(&mut self.off_grid, at, text);
                }
                push_quoted(&mut self.values, text);
                self.from = (asked != at).then_some(at);
            }
            Times::Own => push_pair(&mut self.off_grid, at, text),
        }
    }

    fn on_grid(&mut self, at: Instant, position: usize, text: &[u8]) {
        if self.values.is_empty() {
            self.from = (position > 0).then_some(at);
        } else {
            for _ in self.next..position {
                self.values.extend_from_slice(b",null");
            }
            self.values.push(b',');
        }
        push_quoted(&mut self.values, text);
        self.next = position + 1;
    }

    /// Ends the series that is being read.
    pub(super) fn series(&mut self, labels: &Labels) {
        if self.any_series {
            self.member.push(b",\n");
        }
        self.any_series = true;
        self.member.push(b"{\"labels\":");
        self.member.push(json(labels).as_bytes());
        self.push_values();
        if !self.off_grid.is_empty() {
            self.member.push(b",\"off_grid\":[");
            self.member.push(&self.off_grid);
            self.member.push(b"]");
        }
        self.member.push(b"}");
        self.values.clear();
        self.off_grid.clear();
        (self.next, self.from) = (0, None);
    }

    fn push_values(&mut self) {
        if self.values.is_empty() {
            return;
        }
        if let Times::At(_) = self.times {
            self.member.push(b",\"value\":");
            self.member.push(&self.values);
            if let Some(at) = self.from {
                self.member.push(format!(",\"at\":\"{at}\"").as_bytes());
            }
            return;
        }
        if let Some(from) = self.from {
            self.member.push(format!(",\"from\":\"{from}\"").as_bytes());
        }
        self.member.push(b",\"values\":[");
        self.member.push(&self.values);
        self.member.push(b"]");
    }

    pub(super) fn text_bytes(&self) -> u64 {
        self.member.text_bytes() + self.values.len() as u64
    }

    /// Ends the series of the answer.
    pub(super) fn finish(mut self, warnings: &[String], notes: &[String]) -> Body {
        self.member.push(b"]");
        Body {
            text_bytes: self.member.text_bytes(),
            gz: self.member.finish(),
            end: End::Remarks {
                warnings: warnings.to_vec(),
                notes: notes.to_vec(),
                captured: None,
            },
        }
    }
}

fn push_quoted(text: &mut Vec<u8>, value: &[u8]) {
    text.push(b'"');
    text.extend_from_slice(value);
    text.push(b'"');
}

fn push_pair(text: &mut Vec<u8>, at: Instant, value: &[u8]) {
    if !text.is_empty() {
        text.push(b',');
    }
    text.push(b'[');
    text.extend_from_slice(at.unix().as_bytes());
    text.push(b',');
    push_quoted(text, value);
    text.push(b']');
}
