//! What the API says if it does not answer, and answers that are not the API's at all.
//!
//! Names causes; must not ask again.

use reqwest::StatusCode;
use serde::Deserialize;

use super::decode::{Decoded, Envelope};
use super::scanner::ScanError;
use crate::http::{Again, Fault, Received, Wording, again};
use crate::samples::FailureCode;

/// An API error with an unsuccessful status.
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "errorType", default)]
    kind: String,
    error: String,
}

/// What the body of a refusal says, if it is the API's.
pub(super) fn explain(status: StatusCode, body: &[u8], wording: &Wording) -> Option<Fault> {
    let said: ErrorBody = serde_json::from_slice(body).ok()?;
    Some(by_word(status, &said.kind, &said.error, wording))
}

/// An API answer without samples.
pub(super) fn refused(
    status: StatusCode,
    envelope: &Envelope,
    decoded: &Decoded,
    wording: &Wording,
) -> Fault {
    if let Decoded::Text = decoded {
        let subject = wording.subject;
        let message = format!("{subject} refused the query: it returns a string, not numbers");
        return Fault::last(FailureCode::QueryRejected, message);
    }
    let kind = envelope.error_type.as_deref().unwrap_or_default();
    let words = envelope.error.as_deref().unwrap_or_default();
    by_word(status, kind, words, wording)
}

/// What the API says about a query that it did not answer.
fn by_word(status: StatusCode, kind: &str, words: &str, wording: &Wording) -> Fault {
    let words = wording.clean(words);
    let number = status.as_u16();
    let timed_out = kind == "timeout"
        || words.contains("timed out")
        || words.contains("context deadline exceeded");
    // A store behind the server that is away for a moment, as Thanos reports it.
    let store_away = kind == "execution" && words.contains("Unavailable");
    let (code, again) = match (kind, number) {
        _ if timed_out => (FailureCode::QueryTimeout, Again::Later),
        _ if store_away => (FailureCode::SourceError, Again::Later),
        (_, 401) => (FailureCode::SourceUnauthorized, Again::No),
        (_, 403) => (FailureCode::SourceForbidden, Again::No),
        ("too_many_requests", _) | (_, 429) => (FailureCode::SourceRateLimited, Again::Later),
        ("bad_data" | "execution" | "too_large_entry", _) => {
            (FailureCode::QueryRejected, Again::No)
        }
        ("internal" | "unavailable" | "canceled", _) => (FailureCode::SourceError, Again::Later),
        ("not_found" | "not_acceptable", _) => (FailureCode::SourceNotFound, Again::No),
        (_, 500..=599) => (FailureCode::SourceError, again(number)),
        (_, 404 | 405) => (FailureCode::SourceNotFound, Again::No),
        _ => (FailureCode::QueryRejected, Again::No),
    };
    let what = if timed_out {
        "ran out of time for the query"
    } else if code == FailureCode::QueryRejected {
        "refused the query"
    } else {
        "answered with an error"
    };
    let said = if words.is_empty() {
        "no reason given"
    } else {
        &words
    };
    Fault {
        code,
        message: format!("{} {what}: {said}", wording.subject),
        again,
    }
}

/// A success that cannot be decoded.
pub(super) fn unreadable(error: ScanError<Fault>, received: &Received) -> Fault {
    let origin = &received.origin;
    let message = match error {
        ScanError::Chunks(fault) => return fault,
        ScanError::TooMuch(_) => {
            let message = format!("{error}{origin}: narrow the query, or raise the limit");
            return Fault::last(FailureCode::AnswerTooLarge, message);
        }
        ScanError::Cut(0) => "the answer is empty".to_owned(),
        ScanError::Cut(_) | ScanError::Garbled { .. } => error.to_string(),
    };
    received
        .foreign()
        .unwrap_or_else(|| Fault::passing(FailureCode::AnswerGarbled, format!("{message}{origin}")))
}
