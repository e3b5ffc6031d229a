//! An answer: its bytes, counted as they stream in, and examined if they are not what they should be.
//!
//! Must not keep a body unless asked to, nor more of it than the limit.

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode};

use super::fault::{self, Fault};
use super::sent::Sent;
use super::settings::Limit;
use super::unpack::{PIECE_BYTES, Unpacker};
use super::wording::Wording;
use crate::samples::FailureCode;

/// How much of a body that is not an answer is read.
const MAX_BEGINNING_BYTES: usize = 64 * 1024;
/// How much of any body is kept for a message about it.
const MAX_HEAD_BYTES: usize = 1024;

/// An answer whose body is still to be read.
pub(crate) struct Received {
    response: Response,
    /// Where the body comes as gzip.
    unpacker: Option<Unpacker>,
    limit: Limit,
    taken: u64,
    /// The first bytes, for a message about them.
    head: Vec<u8>,
    /// Where it was looked at already.
    beginning: Option<Vec<u8>>,
    pub(crate) wording: Wording,
    /// Where a redirect led, to append to a message; empty without one.
    pub(crate) origin: String,
    /// What went with the request.
    pub(super) sent: Sent,
}

impl Received {
    pub(super) fn new(
        response: Response,
        limit: Limit,
        wording: Wording,
        origin: String,
        sent: Sent,
    ) -> Self {
        Self {
            unpacker: is_gzip(&response).then(Unpacker::new),
            response,
            limit,
            taken: 0,
            head: Vec::new(),
            beginning: None,
            wording,
            origin,
            sent,
        }
    }

    /// Appends the next bytes; `false` at the end.
    pub(crate) async fn append(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        // Decompressed bytes never have to be waited for: without a pause, decoding a bomb would outlast its timeout.
        tokio::task::coop::consume_budget().await;
        let chunk = self.response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| fault::broken_off(error, &self.wording))? else {
            let end = self.unpacker.as_mut().map_or(Ok(()), Unpacker::finish);
            return match end {
                Ok(()) => Ok(false),
                Err(error) => Err(fault::packed_badly(&error)),
            };
        };
        for piece in chunk.chunks(PIECE_BYTES) {
            match &mut self.unpacker {
                None => self.take(piece, buffer)?,
                Some(unpacker) => {
                    let bytes = unpacker.push(piece);
                    let bytes = bytes.map_err(|error| fault::packed_badly(&error))?;
                    self.take(&bytes, buffer)?;
                }
            }
        }
        Ok(true)
    }

    fn take(&mut self, bytes: &[u8], buffer: &mut Vec<u8>) -> Result<(), Fault> {
        self.taken += bytes.len() as u64;
        if self.taken > self.limit.bytes {
            return Err(too_large(self.limit));
        }
        if self.head.is_empty() {
            self.head.extend(bytes.iter().take(MAX_HEAD_BYTES));
        }
        buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// The whole body.
    pub(crate) async fn whole(&mut self) -> Result<Vec<u8>, Fault> {
        let mut body = self.beginning.take().unwrap_or_default();
        while self.append(&mut body).await? {}
        Ok(body)
    }

    /// The beginning of the body, for a message; unreadable parts are left out. The same each time.
    pub(crate) async fn beginning(&mut self) -> Vec<u8> {
        if let Some(beginning) = &self.beginning {
            return beginning.clone();
        }
        let mut body = Vec::new();
        while body.len() < MAX_BEGINNING_BYTES && self.append(&mut body).await.unwrap_or(false) {}
        self.beginning = Some(body.clone());
        body
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    pub(super) fn location(&self) -> Option<&str> {
        location(&self.response)
    }

    /// Whether it says that it is a page for people.
    pub(crate) fn is_page(&self) -> bool {
        self.has_type("html")
    }

    fn has_type(&self, word: &str) -> bool {
        let kind = self.headers().get(CONTENT_TYPE);
        kind.and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.to_ascii_lowercase().contains(word))
    }

    /// What a body is if its beginning is not JSON at all.
    pub(crate) fn foreign(&self) -> Option<Fault> {
        let start = self.head.trim_ascii_start().first();
        let is_page = self.is_page() || start == Some(&b'<');
        let is_other = start.is_some_and(|start| !b"{[".contains(start)) && !self.has_type("json");
        (is_page || is_other)
            .then(|| fault::not_the_api(is_page, &self.head, &self.origin, &self.wording))
    }
}

fn is_gzip(response: &Response) -> bool {
    let encoding = response.headers().get(CONTENT_ENCODING);
    encoding
        .and_then(|encoding| encoding.to_str().ok())
        .is_some_and(|encoding| encoding.trim().eq_ignore_ascii_case("gzip"))
}

fn too_large(limit: Limit) -> Fault {
    let setting = limit
        .setting
        .map_or_else(String::new, |setting| format!(", the limit of {setting}"));
    let message = format!("the answer is larger than {} bytes{setting}", limit.bytes);
    Fault::last(FailureCode::AnswerTooLarge, message)
}

/// Where a redirect leads, as written.
pub(super) fn location(response: &Response) -> Option<&str> {
    response.headers().get(LOCATION)?.to_str().ok()
}
