//! What went wrong with one attempt, and whether another may go better (rule 8).
//!
//! Names causes; must not wait or ask again itself.

use std::error::Error;
use std::time::Duration;

use reqwest::StatusCode;

use super::words::{Secrets, page_words};
use crate::samples::{Failure, FailureCode};

/// One attempt that failed.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) code: FailureCode,
    pub(super) message: String,
    pub(super) again: Again,
}

/// Whether another attempt may go better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It is the last word.
    No,
    /// After a pause.
    Later,
    /// Not before the server's `Retry-After`.
    After(Duration),
}

impl Fault {
    pub(super) fn last(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            again: Again::No,
        }
    }

    pub(super) fn passing(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            again: Again::Later,
            ..Self::last(code, message)
        }
    }

    /// Its message without secrets: an address to go to comes from outside, too.
    pub(super) fn without(mut self, secrets: &Secrets) -> Self {
        self.message = secrets.clean(&self.message);
        self
    }

    pub(super) fn into_failure(self) -> Failure {
        Failure {
            code: self.code,
            message: self.message,
        }
    }

    /// Waits at least as long as the server says, where another attempt makes sense at all.
    pub(super) fn not_before(mut self, pause: Option<Duration>) -> Self {
        if let (Again::Later, Some(pause)) = (self.again, pause) {
            self.again = Again::After(pause);
        }
        self
    }
}

/// No answer began: name resolution, connection, TLS.
pub(super) fn no_answer(error: reqwest::Error, secrets: &Secrets) -> Fault {
    let error = error.without_url();
    let words = secrets.chain(&error);
    if let Some(tls) = tls_error(&error) {
        let hint = tls_hint(tls);
        return Fault::last(
            FailureCode::SourceTls,
            format!("TLS cannot be agreed on: {words}{hint}"),
        );
    }
    if error.is_builder() {
        return Fault::last(
            FailureCode::SourceMisconfigured,
            format!("the request cannot be made: {words}"),
        );
    }
    Fault::passing(
        FailureCode::SourceUnreachable,
        format!("the source cannot be reached: {words}"),
    )
}

/// The answer broke off.
pub(super) fn broken_off(error: reqwest::Error, secrets: &Secrets) -> Fault {
    let words = secrets.chain(&error.without_url());
    Fault::passing(
        FailureCode::AnswerGarbled,
        format!("the answer broke off: {words}"),
    )
}

/// The error of TLS somewhere below; an I/O error shows what it wraps only through `get_ref`.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let wrapped = || {
        let inner = error.downcast_ref::<std::io::Error>()?.get_ref()?;
        tls_error(inner)
    };
    error
        .downcast_ref::<rustls::Error>()
        .or_else(wrapped)
        .or_else(|| error.source().and_then(tls_error))
}

fn tls_hint(error: &rustls::Error) -> &'static str {
    let text = error.to_string();
    let hints = [
        (
            "CaUsedAsEndEntity",
            " (the server's certificate is self-signed as an authority: give it one that an authority signed and name that in tls_config.ca_file)",
        ),
        (
            "BadSignature",
            " (another authority than tls_config.ca_file signed it)",
        ),
        (
            "UnknownIssuer",
            " (name the authority's certificate in tls_config.ca_file)",
        ),
        ("InvalidContentType", " (does the server speak plain http?)"),
        ("corrupt message", " (does the server speak plain http?)"),
        (
            "CertificateRequired",
            " (the server asks for a client certificate: tls_config.cert_file and key_file)",
        ),
    ];
    hints
        .iter()
        .find(|(sign, _)| text.contains(sign))
        .map_or("", |(_, hint)| hint)
}

/// What a body that is not the API's says, with the status it came with.
pub(super) fn by_status(status: StatusCode, body: &str, secrets: &Secrets) -> Fault {
    let words = secrets.clean(&page_words(body));
    let said = if words.is_empty() {
        String::new()
    } else {
        format!(": {words}")
    };
    let number = status.as_u16();
    let (code, hint) = match number {
        401 => (
            FailureCode::SourceUnauthorized,
            " (are the credentials right?)",
        ),
        403 => (
            FailureCode::SourceForbidden,
            " (may these credentials query?)",
        ),
        400 if body.contains("HTTP request to an HTTPS server") => {
            (FailureCode::SourceTls, " (write https:// in the plan)")
        }
        413 | 414 => (
            FailureCode::QueryRejected,
            " (the query is too long for the server or a proxy before it)",
        ),
        429 => (FailureCode::SourceRateLimited, ""),
        500..=599 => (FailureCode::SourceError, ""),
        _ => (
            FailureCode::SourceNotFound,
            " (is this the API's address? a path prefix may be missing)",
        ),
    };
    let message = format!("the source answered {number}{said}{hint}");
    Fault {
        code,
        message,
        again: again(number),
    }
}

/// The statuses of rule 8.
fn again(status: u16) -> Again {
    match status {
        429 | 500 | 502 | 503 | 504 => Again::Later,
        _ => Again::No,
    }
}

/// What the API says of a query that it did not answer.
pub(super) fn by_word(status: StatusCode, kind: &str, words: &str, secrets: &Secrets) -> Fault {
    let words = secrets.clean(words);
    let number = status.as_u16();
    let timed_out = kind == "timeout"
        || words.contains("timed out")
        || words.contains("context deadline exceeded");
    let (code, again) = match (kind, number) {
        _ if timed_out => (FailureCode::QueryTimeout, Again::Later),
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
    let said = if words.is_empty() {
        "no reason".to_owned()
    } else {
        words
    };
    let subject = match code {
        FailureCode::QueryTimeout => "the source ran out of time for the query",
        FailureCode::QueryRejected => "the source refused the query",
        _ => "the source answered with an error",
    };
    Fault {
        code,
        message: format!("{subject}: {said}"),
        again,
    }
}

/// A 2xx that is not the API's JSON.
pub(super) fn not_the_api(is_page: bool, body: &str, origin: &str, secrets: &Secrets) -> Fault {
    let words = secrets.clean(&page_words(body));
    let what = if is_page { "an HTML page" } else { "something" };
    let said = if words.is_empty() {
        String::new()
    } else {
        format!(", “{words}”")
    };
    Fault::last(
        FailureCode::SourceNotApi,
        format!(
            "the source answered with {what} that is not the API's JSON{said}{origin} (a login page? a wrong path?)"
        ),
    )
}
