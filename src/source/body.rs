//! The bytes of an answer: counted while they stream, looked at when they are not what they should be.
//!
//! Must not keep a body.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Response, StatusCode};
use serde::Deserialize;

use super::failure::{self, Fault};
use super::scanner::{Chunks, ScanError};
use super::wire::{Answer, Envelope};
use super::words::Secrets;
use crate::samples::FailureCode;

/// As much of a body that is no answer as is looked at.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// The beginning of a body that is no answer; what cannot be read is left out.
pub(super) async fn beginning(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= MAX_ERROR_BYTES {
            break;
        }
    }
    body
}

/// An error of the API beside a status that is no success.
#[derive(Deserialize)]
pub(super) struct ErrorBody {
    #[serde(rename = "errorType", default)]
    pub(super) kind: String,
    pub(super) error: String,
}

/// The bytes of an answer, counted.
pub(super) struct Flow<'a> {
    pub(super) response: Response,
    pub(super) taken: u64,
    pub(super) most: u64,
    /// The first bytes, for a message about them.
    pub(super) head: Vec<u8>,
    pub(super) secrets: &'a Secrets,
}

impl Chunks for &mut Flow<'_> {
    type Error = Fault;

    async fn append(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        // What is unpacked is always at hand: without a pause, decoding a bomb would outlast its timeout.
        tokio::task::coop::consume_budget().await;
        let chunk = self.response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| failure::broken_off(error, self.secrets))? else {
            return Ok(false);
        };
        self.taken += chunk.len() as u64;
        if self.taken > self.most {
            let message = format!(
                "the answer is larger than {} bytes, the limit of max_answer_bytes",
                self.most
            );
            return Err(Fault::last(FailureCode::AnswerTooLarge, message));
        }
        if self.head.is_empty() {
            self.head.extend(chunk.iter().take(1024));
        }
        buffer.extend_from_slice(&chunk);
        Ok(true)
    }
}

pub(super) fn is_page(headers: &HeaderMap) -> bool {
    has_type(headers, "html")
}

fn has_type(headers: &HeaderMap, word: &str) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().contains(word))
}

pub(super) fn unreadable(
    error: ScanError<Fault>,
    headers: &HeaderMap,
    head: &[u8],
    origin: &str,
    secrets: &Secrets,
) -> Fault {
    let error = match error {
        ScanError::Chunks(fault) => return fault,
        ScanError::TooMuch(_) => {
            return Fault::last(
                FailureCode::AnswerTooLarge,
                format!("{error}{origin}: narrow the query, or raise the limit"),
            );
        }
        other => other,
    };
    let start = head.trim_ascii_start().first();
    let is_page = is_page(headers) || start == Some(&b'<');
    let foreign = start.is_some_and(|start| *start != b'{') && !has_type(headers, "json");
    if is_page || foreign {
        return failure::not_the_api(is_page, &String::from_utf8_lossy(head), origin, secrets);
    }
    let message = match error {
        ScanError::Cut(0) => "the answer is empty".to_owned(),
        other => other.to_string(),
    };
    Fault::passing(FailureCode::AnswerGarbled, format!("{message}{origin}"))
}

pub(super) fn refused(
    status: StatusCode,
    envelope: &Envelope,
    answer: &Answer,
    secrets: &Secrets,
) -> Fault {
    if let Answer::Text = answer {
        let message = "the source refused the query: it gives a string, not numbers";
        return Fault::last(FailureCode::QueryRejected, message);
    }
    let kind = envelope.error_type.as_deref().unwrap_or_default();
    failure::by_word(
        status,
        kind,
        envelope.error.as_deref().unwrap_or_default(),
        secrets,
    )
}
