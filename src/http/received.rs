//! An answer: its bytes, counted while they stream, and looked at when they are not what they should be.
//!
//! Must not keep a body unless it is asked for, nor more than the limit of it.

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode};

use super::fault::{self, Fault};
use super::settings::Limit;
use super::wording::Wording;
use crate::samples::FailureCode;

/// How much is read of a body that is not an answer.
const MAX_BEGINNING_BYTES: usize = 64 * 1024;
/// How much of any body is kept for a message about it.
const MAX_HEAD_BYTES: usize = 1024;

/// An answer whose body is still to be read.
pub(crate) struct Received {
    response: Response,
    limit: Limit,
    taken: u64,
    /// The first bytes, for a message about them.
    head: Vec<u8>,
    pub(crate) wording: Wording,
    /// Where a redirect led, to follow a message; empty where none did.
    pub(crate) origin: String,
}

impl Received {
    pub(super) fn new(response: Response, limit: Limit, wording: Wording, origin: String) -> Self {
        Self {
            response,
            limit,
            taken: 0,
            head: Vec::new(),
            wording,
            origin,
        }
    }

    /// Appends the next bytes; `false` at the end.
    pub(crate) async fn append(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        // What is unpacked is always at hand: without a pause, decoding a bomb would outlast its timeout.
        tokio::task::coop::consume_budget().await;
        let chunk = self.response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| fault::broken_off(error, &self.wording))? else {
            return Ok(false);
        };
        self.taken += chunk.len() as u64;
        if self.taken > self.limit.bytes {
            return Err(too_large(self.limit));
        }
        if self.head.is_empty() {
            self.head.extend(chunk.iter().take(MAX_HEAD_BYTES));
        }
        buffer.extend_from_slice(&chunk);
        Ok(true)
    }

    /// The whole body.
    pub(crate) async fn whole(&mut self) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        while self.append(&mut body).await? {}
        Ok(body)
    }

    /// The beginning of the body, for a message; what cannot be read is left out.
    pub(crate) async fn beginning(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = self.response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= MAX_BEGINNING_BYTES {
                break;
            }
        }
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

    /// What a body is whose beginning is not JSON at all.
    pub(crate) fn foreign(&self) -> Option<Fault> {
        let start = self.head.trim_ascii_start().first();
        let is_page = self.is_page() || start == Some(&b'<');
        let is_other = start.is_some_and(|start| !b"{[".contains(start)) && !self.has_type("json");
        (is_page || is_other)
            .then(|| fault::not_the_api(is_page, &self.head, &self.origin, &self.wording))
    }
}

fn too_large(limit: Limit) -> Fault {
    let setting = limit
        .setting
        .map_or_else(String::new, |setting| format!(", the limit of {setting}"));
    let message = format!("the answer is larger than {} bytes{setting}", limit.bytes);
    Fault::last(FailureCode::AnswerTooLarge, message)
}

/// Where a redirect leads, as it is written.
pub(super) fn location(response: &Response) -> Option<&str> {
    response.headers().get(LOCATION)?.to_str().ok()
}
