//! What an object store's refusal means, by what the server itself said: whether something is there, whether it was certainly
//! not written, whether it may have been. What is not known may have been written.

use std::error::Error;

use super::super::{PATIENCE, Trouble};
use super::client::{Asked, Said, Silence};
use crate::secret::address;

/// What became of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no such object.
    Missing,
    /// It is there already, is another version by now, or is just being written: certainly not written.
    Changed,
    /// Nothing was sent.
    Unsent(String),
    /// The server wants to be asked more slowly: certainly not done.
    Slower(String),
    /// It may have been done.
    Lost(String),
    /// Nothing that passes.
    Final(Trouble),
}

/// How messages mention the store.
#[derive(Debug)]
pub(super) struct Wording {
    /// `s3://BUCKET/PREFIX`.
    pub(super) place: String,
    /// What must not be shown.
    pub(super) words: crate::http::Wording,
}

/// The server's codes that are refusals of whoever asks, with what to do.
const REFUSED: &[(&str, &str)] = &[
    ("ExpiredToken", "get a new token: this one has expired"),
    (
        "TokenRefreshRequired",
        "get a new token: this one has expired",
    ),
    (
        "InvalidAccessKeyId",
        "check the access key: the store does not know it",
    ),
    ("InvalidToken", "check the session token, or get a new one"),
    (
        "InvalidAuthenticationInfo",
        "check the token, or get a new one: this one is not valid",
    ),
    ("SignatureDoesNotMatch", "check the secret key"),
    (
        "RequestTimeTooSkewed",
        "set this machine's clock: it differs too much from the store's",
    ),
    (
        "AuthenticationFailed",
        "check the key or the token, and this machine's clock",
    ),
    (
        "AuthorizationPermissionMismatch",
        "give whoever runs this the right to read and write objects there",
    ),
    (
        "AccessDenied",
        "give whoever runs this the right to read, list and write objects there",
    ),
];
/// Codes for a place that is not what was meant, with what to do.
const MISPLACED: &[(&str, &str)] = &[
    (
        "NoSuchBucket",
        "create the bucket, or name the right one under `records`",
    ),
    ("InvalidBucketName", "name a bucket of that kind"),
    (
        "ContainerNotFound",
        "create the container, or name the right one under `records`",
    ),
    ("ContainerBeingDeleted", "name another container"),
    (
        "ResourceNotFound",
        "name the right account and container under `records`",
    ),
    (
        "PermanentRedirect",
        "name the bucket's region under `records`",
    ),
    (
        "TemporaryRedirect",
        "name the bucket's region under `records`",
    ),
    (
        "AuthorizationHeaderMalformed",
        "name the bucket's region under `records`",
    ),
    (
        "IllegalLocationConstraintException",
        "name the bucket's region under `records`",
    ),
    ("InvalidRegion", "name the bucket's region under `records`"),
    (
        "LeaseIdMissing",
        "end the lease on it: a ledger is written by many",
    ),
    (
        "BlobImmutableDueToPolicy",
        "take the policy off: a ledger is written again and again",
    ),
    (
        "RetentionPolicyNotMet",
        "take the retention policy off: a ledger is written again and again",
    ),
    (
        "ObjectUnderActiveHold",
        "release the hold: a ledger is written again and again",
    ),
    (
        "NotImplemented",
        "use a store that keeps `If-Match` and `If-None-Match`",
    ),
];
/// Codes of servers that have done nothing, and say so.
const SLOWER: &[&str] = &[
    "SlowDown",
    "ServerBusy",
    "TooManyRequests",
    "RequestLimitExceeded",
    "rateLimitExceeded",
    "Throttling",
];

impl Wording {
    /// What an error of the crate means while something is read.
    pub(super) fn sort(&self, error: &object_store::Error) -> Fault {
        let words = match self.known(error) {
            Ok(fault) => return fault,
            Err(words) => words,
        };
        // Credentials that cannot be read, an answer that is none of a store.
        let found = format!("{} cannot be asked: {words}", self.place);
        let advice = "check the settings and the credentials under `records`";
        Fault::Final(Trouble::misplaced(found, advice))
    }

    /// The same while something is written: an answer that cannot be read may have been a yes.
    pub(super) fn sort_write(&self, error: &object_store::Error) -> Fault {
        self.known(error).unwrap_or_else(Fault::Lost)
    }

    /// What is known from what the server said, or from its silence; otherwise the words.
    fn known(&self, error: &object_store::Error) -> Result<Fault, String> {
        let causes = causes(error);
        if let Some(said) = causes.iter().find_map(|cause| cause.downcast_ref::<Said>()) {
            return Ok(self.said(said));
        }
        if let Some(silence) = causes
            .iter()
            .find_map(|cause| cause.downcast_ref::<Silence>())
        {
            return Ok(self.silence(silence));
        }
        let words = causes.last().map(ToString::to_string).unwrap_or_default();
        let words = self.clean(&words);
        // A body that breaks off.
        if causes
            .iter()
            .any(|cause| cause.is::<object_store::client::HttpError>())
        {
            return Ok(Fault::Lost(words));
        }
        Err(words)
    }

    fn said(&self, said: &Said) -> Fault {
        let words = self.words(said);
        if let Asked::Credentials(host) = &said.asked {
            return Fault::Final(self.no_credentials(host, &words));
        }
        let known = |table: &[(&str, &'static str)]| {
            let line = table.iter().find(|(code, _)| *code == said.code);
            line.map(|(_, advice)| *advice)
        };
        if let Some(advice) = known(MISPLACED) {
            return Fault::Final(self.misplaced(said, &words, advice));
        }
        if let Some(advice) = known(REFUSED) {
            return Fault::Final(Trouble::refused(
                format!("{} refused: {words}", self.place),
                advice,
            ));
        }
        if SLOWER.contains(&said.code.as_str()) {
            return Fault::Slower(words);
        }
        self.status(said, words)
    }

    fn status(&self, said: &Said, words: String) -> Fault {
        let misplaced = |advice| Fault::Final(self.misplaced(said, &words, advice));
        match said.status {
            404 => Fault::Missing,
            304 | 412 => Fault::Changed,
            409 => Fault::Changed,
            429 => Fault::Slower(words),
            401 | 403 => Fault::Final(Trouble::refused(
                format!("{} refused: {words}", self.place),
                "give whoever runs this the right to read, list and write objects there",
            )),
            413 => Fault::Final(Trouble::too_large(
                "what was to be written",
                super::super::MAX_BYTES,
            )),
            300..=399 => misplaced("name the bucket's region, or its endpoint, under `records`"),
            501 => misplaced("use a store that keeps `If-Match` and `If-None-Match`"),
            400..=499 => misplaced("check the settings under `records`"),
            _ => Fault::Lost(words),
        }
    }

    fn misplaced(&self, said: &Said, words: &str, advice: &str) -> Trouble {
        let region = match said.region.as_str() {
            "" => String::new(),
            region => format!(" (it is in {})", self.clean(region)),
        };
        Trouble::misplaced(
            format!("{} cannot hold records: {words}{region}", self.place),
            advice,
        )
    }

    fn silence(&self, silence: &Silence) -> Fault {
        let words = self.clean(&chain(silence));
        if let Asked::Credentials(host) = &silence.asked {
            return Fault::Final(self.no_credentials(host, &words));
        }
        if silence.unsent {
            Fault::Unsent(words)
        } else {
            Fault::Lost(words)
        }
    }

    fn no_credentials(&self, host: &str, words: &str) -> Trouble {
        let found = if is_metadata(host) {
            format!(
                "there are no credentials for {}: none are given, and this machine has none of its own",
                self.place
            )
        } else {
            format!(
                "{} gives no credentials for {}: {words}",
                self.clean(host),
                self.place
            )
        };
        Trouble::refused(
            found,
            "set the variables that hold them, or name them under `records`",
        )
    }

    /// The words of a refusal: `NoSuchBucket, The specified bucket does not exist (404)`.
    fn words(&self, said: &Said) -> String {
        let parts = [said.code.as_str(), said.message.as_str()].map(|part| self.clean(part));
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        match parts.join(", ") {
            words if words.is_empty() => format!("status {}", said.status),
            words => format!("{words} ({})", said.status),
        }
    }

    /// A text from outside as it may be shown.
    pub(super) fn clean(&self, text: &str) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = address::without_queries(&address::without_user_info(&text));
        self.words.clean(&text)
    }

    /// No answer in time, while reading.
    pub(super) fn late(&self) -> Trouble {
        Trouble::away(format!(
            "{} did not answer within {} s",
            self.place,
            PATIENCE.as_secs()
        ))
    }

    /// Why something could not be read.
    pub(super) fn unread(&self, fault: Fault) -> Trouble {
        match fault {
            Fault::Final(trouble) => trouble,
            Fault::Slower(words) => Trouble::away(format!(
                "{} wants to be asked more slowly: {words}",
                self.place
            )),
            Fault::Unsent(words) | Fault::Lost(words) => {
                Trouble::away(format!("{} cannot be reached: {words}", self.place))
            }
            Fault::Missing | Fault::Changed => {
                Trouble::away(format!("{} changes while it is read", self.place))
            }
        }
    }

    /// Why something could not be written.
    pub(super) fn unwritten(&self, fault: Fault) -> Trouble {
        match fault {
            Fault::Lost(words) => Trouble::unknown(format!(
                "{} did not say whether it wrote: {words}",
                self.place
            )),
            Fault::Missing => Trouble::misplaced(
                format!("{} is not there", self.place),
                "create the bucket, or name the right one under `records`",
            ),
            Fault::Final(_) | Fault::Slower(_) | Fault::Unsent(_) | Fault::Changed => {
                self.unread(fault)
            }
        }
    }
}

/// Where a cloud's machines ask for their credentials.
fn is_metadata(host: &str) -> bool {
    host.starts_with("169.254.") || host == "metadata.google.internal" || host == "metadata"
}

/// An error and what is below it.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    let mut causes = vec![error];
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause);
        next = cause.source();
    }
    causes
}

/// What is below, without what only repeats it.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in causes(error).iter().skip(1) {
        let text = cause.to_string();
        if words.last().is_none_or(|last| !last.contains(&text)) {
            words.push(text);
        }
    }
    if words.is_empty() {
        error.to_string()
    } else {
        words.join(": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Cause;

    fn wording() -> Wording {
        let mut words = crate::http::Wording::new("the store");
        words.hide("canarysecret");
        Wording {
            place: "s3://b/p".to_owned(),
            words,
        }
    }

    fn sort(status: u16, code: &str) -> Fault {
        let said = Said {
            status,
            code: code.to_owned(),
            ..Said::default()
        };
        let error = object_store::Error::Generic {
            store: "S3",
            source: Box::new(said),
        };
        wording().sort(&error)
    }

    #[test]
    fn r3_certainty_is_what_the_server_said() {
        assert_eq!(sort(404, "NoSuchKey"), Fault::Missing);
        assert_eq!(sort(412, "PreconditionFailed"), Fault::Changed);
        assert_eq!(sort(409, "ConditionalRequestConflict"), Fault::Changed);
        for code in ["SlowDown", "ServerBusy"] {
            assert!(matches!(sort(503, code), Fault::Slower(_)), "{code}");
        }
        for (status, code) in [(500, "InternalError"), (502, ""), (503, ""), (504, "")] {
            assert!(matches!(sort(status, code), Fault::Lost(_)), "{status}");
        }
    }

    #[test]
    fn r3_a_refusal_says_what_to_do() {
        for (status, code, cause, advice) in [
            (400, "ExpiredToken", Cause::Refused, "get a new token"),
            (403, "RequestTimeTooSkewed", Cause::Refused, "clock"),
            (403, "AccessDenied", Cause::Refused, "right to read"),
            (403, "", Cause::Refused, "right to read"),
            (404, "NoSuchBucket", Cause::Misplaced, "create the bucket"),
            (
                404,
                "ContainerNotFound",
                Cause::Misplaced,
                "create the container",
            ),
            (301, "", Cause::Misplaced, "region"),
            (
                400,
                "AuthorizationHeaderMalformed",
                Cause::Misplaced,
                "region",
            ),
            (409, "BlobImmutableDueToPolicy", Cause::Misplaced, "policy"),
            (412, "LeaseIdMissing", Cause::Misplaced, "lease"),
            (501, "", Cause::Misplaced, "If-Match"),
            (413, "", Cause::TooLarge, ""),
        ] {
            let Fault::Final(trouble) = sort(status, code) else {
                panic!("{status} {code}");
            };
            assert_eq!(trouble.cause, cause, "{trouble}");
            assert!(trouble.advice.contains(advice), "{trouble}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        let said = Said {
            status: 403,
            message: "canarysecret at https://h/b?sig=abcdef \u{1b}[2J".to_owned(),
            ..Said::default()
        };
        let words = wording().words(&said);
        assert_eq!(words, "*** at https://h/b?… \\u{1b}[2J (403)");
    }
}
