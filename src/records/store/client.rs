//! HTTP for object stores: our own client below the crate's requests, so that no redirect is followed, no proxy taken unasked,
//! nothing tried again behind our back, and what a server said when it refused is kept as it was. Must not decide what that
//! means.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use object_store::{ClientConfigKey, ClientOptions};
use percent_encoding::percent_decode_str;

use crate::http::element;
use crate::records::{CONNECTING, PATIENCE};

/// More than any refusal needs, in bytes.
const MAX_REFUSAL: usize = 64 * 1024;
/// A machine has its metadata at hand, or none.
const METADATA: Duration = Duration::from_secs(2);

/// How to connect.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    /// Plain HTTP is allowed.
    pub(super) plain: bool,
    /// As `HTTPS_PROXY` and its kin say.
    pub(super) proxy_from_environment: bool,
    /// Further authorities.
    pub(super) authorities: Vec<reqwest::Certificate>,
    /// What the paths of all requests to the store itself begin with: whatever else is asked is asked for credentials, and
    /// what is missing there is no record.
    pub(super) path: String,
}

/// Who was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Asked {
    /// The store.
    #[default]
    Store,
    /// A host that has credentials.
    Credentials(String),
}

/// A server's refusal.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    pub(super) asked: Asked,
    pub(super) status: u16,
    /// Such as `NoSuchBucket`.
    pub(super) code: String,
    pub(super) message: String,
    /// What a wrong region's answer says of the right one.
    pub(super) region: String,
}

/// No answer.
#[derive(Debug)]
pub(super) struct Silence {
    pub(super) asked: Asked,
    /// Nothing was sent: there was no connection.
    pub(super) unsent: bool,
    source: HttpError,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let plain = options
            .get_config_value(&ClientConfigKey::AllowHttp)
            .as_deref()
            == Some("true");
        let is_metadata = plain && !self.plain;
        let mut builder = reqwest::Client::builder()
            .user_agent(crate::version::USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(if is_metadata { METADATA } else { CONNECTING })
            .timeout(PATIENCE)
            .https_only(!plain)
            .http1_only()
            .tls_certs_merge(self.authorities.iter().cloned());
        if !self.proxy_from_environment || is_metadata {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| object_store::Error::Generic {
                store: "HTTP",
                source: Box::new(error),
            })?;
        Ok(HttpClient::new(Frank {
            client: HttpClient::new(client),
            path: self.path.clone(),
        }))
    }
}

/// Turns refusals into errors that hold what was said.
#[derive(Debug)]
struct Frank {
    client: HttpClient,
    path: String,
}

impl HttpService for Frank {
    fn call<'s, 'f>(
        &'s self,
        request: HttpRequest,
    ) -> BoxFuture<'f, Result<HttpResponse, HttpError>>
    where
        's: 'f,
        Self: 'f,
    {
        self.ask(request).boxed()
    }
}

impl Frank {
    fn asked(&self, request: &HttpRequest) -> Asked {
        let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
        let rest = path.strip_prefix(&self.path);
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            Asked::Store
        } else {
            Asked::Credentials(request.uri().host().unwrap_or_default().to_owned())
        }
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let asked = self.asked(&request);
        let response = match self.client.execute(request).await {
            Ok(response) => response,
            Err(source) => {
                let unsent = source.kind() == HttpErrorKind::Connect;
                let silence = Silence {
                    asked,
                    unsent,
                    source,
                };
                return Err(HttpError::new(HttpErrorKind::Unknown, silence));
            }
        };
        let (parts, body) = response.into_parts();
        if parts.status.is_success() {
            return Ok(HttpResponse::from_parts(parts, body));
        }
        let said = Said {
            asked,
            status: parts.status.as_u16(),
            ..read(&beginning(body).await)
        };
        // A kind that is never tried again.
        Err(HttpError::new(HttpErrorKind::Unknown, said))
    }
}

/// As much as a refusal needs.
async fn beginning(body: HttpResponseBody) -> String {
    let mut bytes = Vec::new();
    let mut stream = body.bytes_stream();
    while let Some(Ok(chunk)) = stream.next().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_REFUSAL {
            bytes.truncate(MAX_REFUSAL);
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `<Error><Code>…</Code><Message>…</Message></Error>`, which all three have; otherwise the text as it is.
fn read(body: &str) -> Said {
    let code = element(body, "Code").unwrap_or_default();
    let message = element(body, "Message").unwrap_or(if code.is_empty() { body } else { "" });
    Said {
        code: code.to_owned(),
        message: message.to_owned(),
        region: element(body, "Region").unwrap_or_default().to_owned(),
        ..Said::default()
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.message)
    }
}

impl Error for Said {}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.asked {
            Asked::Store => f.write_str("no answer"),
            Asked::Credentials(host) => write!(f, "no answer from {host}"),
        }
    }
}

impl Error for Silence {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The outermost layer says "HTTP error", and its cause again.
        self.source.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read() {
        let said = read(
            "<?xml?><Error><Code>NoSuchBucket</Code><Message>it is\nnot there</Message><Region>eu-central-1</Region></Error>",
        );
        assert_eq!(
            (
                said.code.as_str(),
                said.message.as_str(),
                said.region.as_str()
            ),
            ("NoSuchBucket", "it is\nnot there", "eu-central-1")
        );
        assert_eq!(read("slow down").message, "slow down");
        assert_eq!(read("<Error><Code>A</Code></Error>").message, "");
        assert_eq!(read("").message, "");
    }
}
