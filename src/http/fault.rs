//! What went wrong with one attempt, and whether another may go better (rule 8).
//!
//! Names causes; must not wait or ask again itself.

use std::error::Error;
use std::time::Duration;

use reqwest::StatusCode;

use super::wording::{Wording, page_words};
use crate::samples::{Failure, FailureCode};

/// One attempt that failed.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) code: FailureCode,
    /// For people, free of secrets.
    pub(crate) message: String,
    pub(crate) again: Again,
}

/// Whether another attempt may go better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// No.
    No,
    /// Yes, after a pause.
    Later,
    /// Yes, but not before the server's `Retry-After`.
    After(Duration),
}

impl Fault {
    /// Asking again will not help.
    pub(crate) fn last(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            again: Again::No,
        }
    }

    /// It may pass.
    pub(crate) fn passing(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            again: Again::Later,
            ..Self::last(code, message)
        }
    }

    /// Settings that cannot be used.
    pub(crate) fn misconfigured(message: impl Into<String>) -> Self {
        Self::last(FailureCode::SourceMisconfigured, message)
    }

    /// The same with more context: `prefix: message`.
    pub(super) fn of(mut self, prefix: &str) -> Self {
        self.message = format!("{prefix}: {}", self.message);
        self
    }

    pub(crate) fn into_failure(self) -> Failure {
        Failure {
            code: self.code,
            message: self.message,
        }
    }

    /// Waits at least as long as the server says, if another attempt makes sense at all.
    pub(super) fn not_before(mut self, pause: Option<Duration>) -> Self {
        if let (Again::Later, Some(pause)) = (self.again, pause) {
            self.again = Again::After(pause);
        }
        self
    }
}

/// No answer began: name resolution, connection, TLS. `way` says where a redirect led and which proxy was taken, if any.
pub(super) fn no_answer(error: reqwest::Error, way: &str, wording: &Wording) -> Fault {
    let error = error.without_url();
    let words = wording.chain(&error);
    let way = if way.is_empty() {
        String::new()
    } else {
        format!("{way},")
    };
    if let Some(tls) = tls_error(&error) {
        let hint = tls_hint(tls);
        return Fault::last(
            FailureCode::SourceTls,
            if way.is_empty() {
                format!("the TLS handshake failed: {words}{hint}")
            } else {
                let subject = wording.subject;
                format!("the TLS handshake with {subject}{way} failed: {words}{hint}")
            },
        );
    }
    if error.is_builder() {
        return Fault::misconfigured(format!("the request cannot be made: {words}"));
    }
    Fault::passing(
        FailureCode::SourceUnreachable,
        format!("{}{way} cannot be reached: {words}", wording.subject),
    )
}

/// The answer broke off.
pub(super) fn broken_off(error: reqwest::Error, wording: &Wording) -> Fault {
    let words = wording.chain(&error.without_url());
    Fault::passing(
        FailureCode::AnswerGarbled,
        format!("the answer broke off: {words}"),
    )
}

/// A body sent as gzip that is not gzip, or is cut off.
pub(super) fn packed_badly(error: &std::io::Error) -> Fault {
    Fault::passing(
        FailureCode::AnswerGarbled,
        format!("the answer cannot be decompressed: {error}"),
    )
}

/// The TLS error somewhere below.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    error
        .downcast_ref::<rustls::Error>()
        .or_else(|| wrapped(error).and_then(tls_error))
        .or_else(|| error.source().and_then(tls_error))
}

/// What an I/O error wraps: its `source` leaves that out.
fn wrapped<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    Some(error.downcast_ref::<std::io::Error>()?.get_ref()?)
}

/// What a reader may do about it, by a hint in the error's text.
const TLS_HINTS: [(&str, &str); 6] = [
    (
        "CaUsedAsEndEntity",
        " (the server's certificate is a self-signed authority: give it one that an authority signed, and name that authority in tls_config.ca_file)",
    ),
    (
        "BadSignature",
        " (it was not signed by the authority in tls_config.ca_file)",
    ),
    (
        "UnknownIssuer",
        " (name the authority's certificate in tls_config.ca_file)",
    ),
    ("InvalidContentType", " (does the server speak plain http?)"),
    ("corrupt message", " (does the server speak plain http?)"),
    (
        "CertificateRequired",
        " (the server asks for a client certificate: set tls_config.cert_file and key_file)",
    ),
];

fn tls_hint(error: &rustls::Error) -> &'static str {
    let text = error.to_string();
    TLS_HINTS
        .iter()
        .find(|(sign, _)| text.contains(sign))
        .map_or("", |(_, hint)| hint)
}

/// What an unsuccessful status means, with the words of its body.
pub(super) fn by_status(status: StatusCode, body: &[u8], wording: &Wording) -> Fault {
    let text = String::from_utf8_lossy(body);
    told(status, &text, page_words(&text), None, wording)
}

/// The same for a server of which more is known: what it said, and what to do.
pub(super) fn told(
    status: StatusCode,
    body: &str,
    said: &str,
    cure: Option<&str>,
    wording: &Wording,
) -> Fault {
    let number = status.as_u16();
    let (code, hint) = match number {
        401 => (
            FailureCode::SourceUnauthorized,
            " (are the credentials right?)",
        ),
        403 => (
            FailureCode::SourceForbidden,
            " (are these credentials allowed to do this?)",
        ),
        400 if body.contains("HTTP request to an HTTPS server") => {
            (FailureCode::SourceTls, " (write https:// in the plan)")
        }
        413 | 414 => (
            FailureCode::QueryRejected,
            " (the query is too long for the server or a proxy in front of it)",
        ),
        429 => (FailureCode::SourceRateLimited, ""),
        500..=599 => (FailureCode::SourceError, ""),
        _ => (
            FailureCode::SourceNotFound,
            " (is this the API's address? a path prefix may be missing)",
        ),
    };
    let hint = cure.map_or_else(|| hint.to_owned(), |cure| format!(" ({cure})"));
    let said = wording.said(said);
    Fault {
        code,
        message: format!("{} answered {number}{said}{hint}", wording.subject),
        again: again(number),
    }
}

/// Which statuses are worth another attempt (rule 8).
pub(crate) fn again(status: u16) -> Again {
    match status {
        429 | 500 | 502 | 503 | 504 => Again::Later,
        _ => Again::No,
    }
}

/// A success that is not the API's JSON; `origin` says where a redirect led, if there was one.
pub(super) fn not_the_api(is_page: bool, body: &[u8], origin: &str, wording: &Wording) -> Fault {
    let words = wording.clean(page_words(&String::from_utf8_lossy(body)));
    let what = if is_page { "an HTML page" } else { "something" };
    let said = if words.is_empty() {
        String::new()
    } else {
        format!(", “{words}”")
    };
    let subject = wording.subject;
    Fault::last(
        FailureCode::SourceNotApi,
        format!(
            "{subject} answered with {what} that is not the API's JSON{said}{origin} (a login page? a wrong path?)"
        ),
    )
}
