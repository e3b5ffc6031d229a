//! What is needed to speak to a server. Holds values, and reads the files that hold secrets.

use std::path::Path;
use std::time::Duration;

use reqwest::StatusCode;

use super::clock::Clock;
use super::fault::Fault;
use super::wording::Wording;
use crate::bounded;
use crate::plan::{self, Compression, HttpConfig, Param, SecretSource};
use crate::secret::Secret;

const PLAIN_TIMEOUT: Duration = Duration::from_secs(30);
const PLAIN_CONCURRENCY: usize = 2;
const PLAIN_LIMIT: Limit = Limit {
    bytes: 64 << 20,
    setting: None,
};

/// How to speak to a server.
pub(crate) struct Settings<'a> {
    /// What messages call it, such as `the source`.
    pub(crate) subject: &'static str,
    /// Its address; may carry user info.
    pub(crate) url: &'a Secret,
    /// Credentials, TLS, proxies, redirects.
    pub(crate) http: HttpConfig,
    /// The plan's folder, to which `*_file` settings are relative.
    pub(crate) folder: &'a Path,
    /// Reads an environment variable; used only for proxies, if the plan says `proxy_from_environment`, and for the variables of
    /// a cloud vendor whose credentials it asks for.
    pub(crate) environment: &'a dyn Fn(&str) -> Option<String>,
    /// For one answer, retries included.
    pub(crate) timeout: Duration,
    /// How many requests at a time, at least one.
    pub(crate) concurrency: usize,
    /// Whether answers are compressed in transit.
    pub(crate) compression: Compression,
    /// How large an answer may be.
    pub(crate) limit: Limit,
    /// What goes along with every form.
    pub(crate) params: &'a [Param],
    /// How forms are sent.
    pub(crate) method: plan::Method,
    /// What the dates of answers are held against; `None` where they do not matter.
    pub(crate) clock: Option<Clock>,
    /// What the body of a refusal says, if it is from the server's own API.
    pub(crate) explain: fn(StatusCode, &[u8], &Wording) -> Option<Fault>,
}

impl<'a> Settings<'a> {
    /// For a server that a plan gives no settings for: one that is not a source.
    pub(crate) fn plain(subject: &'static str, url: &'a Secret, folder: &'a Path) -> Self {
        Self {
            subject,
            url,
            http: HttpConfig::default(),
            folder,
            environment: &|_| None,
            timeout: PLAIN_TIMEOUT,
            concurrency: PLAIN_CONCURRENCY,
            compression: Compression::Auto,
            limit: PLAIN_LIMIT,
            params: &[],
            method: plan::Method::Auto,
            clock: None,
            explain: |_, _, _| None,
        }
    }
}

/// How large an answer may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// In decoded bytes.
    pub(crate) bytes: u64,
    /// The plan's setting that raises it, if there is one.
    pub(crate) setting: Option<&'static str>,
}

/// Reads a secret or the file that holds it; `what` is the setting's name.
pub(super) fn read(what: &str, source: &SecretSource, folder: &Path) -> Result<Secret, Fault> {
    match source {
        SecretSource::Inline(secret) => Ok(secret.clone()),
        SecretSource::File(path) => {
            bounded::read_text(&folder.join(path), bounded::MAX_SMALL_BYTES)
                .map(|text| Secret::new(text.trim().to_owned()))
                .map_err(|error| {
                    let path = path.display();
                    Fault::misconfigured(format!(
                        "the file `{path}` of {what} cannot be read: {error}"
                    ))
                })
        }
    }
}
