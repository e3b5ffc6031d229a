//! Asking those who issue credentials: token endpoints, and metadata services of the machine. Must not show what they grant, nor
//! know what it is.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, StatusCode, Url};
use serde_json::Value;

use super::client::{Channel, Proxies};
use super::fault::{self, Fault};
use super::wording::{Wording, page_words};
use crate::plan::{HttpConfig, TlsConfig};
use crate::samples::FailureCode;
use crate::secret::address::is_loopback;

/// An answer with credentials is no longer than this.
const MAX_BYTES: usize = 256 * 1024;
/// An issuer somewhere else answers within this time.
const FAR: Duration = Duration::from_secs(10);
/// A machine has its metadata at hand, or none.
const NEAR: Duration = Duration::from_secs(2);

/// The ways to those who issue credentials for a cloud.
pub(super) struct Ways {
    /// To the vendor: through the proxy that the source takes, trusting whom it trusts.
    far: Channel,
    /// To the machine's own services: never through a proxy.
    near: Channel,
}

/// An answer, whatever it says.
pub(super) struct Said {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Ways {
    pub(super) fn new(
        http: &HttpConfig,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let trust = TlsConfig {
            ca: http.tls.ca.clone(),
            min_version: http.tls.min_version,
            max_version: http.tls.max_version,
            ..TlsConfig::default()
        };
        let proxies = Proxies::new(http, environment);
        Self {
            far: Channel::new(folder, trust, proxies, false),
            near: Channel::new(folder, TlsConfig::default(), Proxies::default(), false),
        }
    }

    /// Asks the vendor.
    pub(super) async fn far(
        &self,
        url: &Url,
        wording: &Wording,
        request: impl FnOnce(&reqwest::Client) -> Result<RequestBuilder, Fault>,
    ) -> Result<Said, Fault> {
        let request = request(self.far.client(url)?)?;
        within(FAR, request, wording).await
    }

    /// Asks the machine. It is not asked twice: one that has no such service would only be waited for.
    pub(super) async fn near(
        &self,
        url: &Url,
        wording: &Wording,
        request: impl FnOnce(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Said, Fault> {
        let request = request(self.near.client(url)?);
        let said = within(NEAR, request, wording).await;
        said.map_err(|fault| Fault::last(FailureCode::SourceUnauthorized, fault.message))
    }
}

async fn within(time: Duration, request: RequestBuilder, wording: &Wording) -> Result<Said, Fault> {
    let said = tokio::time::timeout(time, send(request, wording)).await;
    said.unwrap_or_else(|_| {
        let (subject, seconds) = (wording.subject, time.as_secs());
        let message = format!("{subject} did not answer within {seconds}s");
        Err(Fault::passing(FailureCode::SourceUnreachable, message))
    })
}

/// One request and its answer.
pub(super) async fn send(request: RequestBuilder, wording: &Wording) -> Result<Said, Fault> {
    let answer = request.send().await;
    let mut answer = answer.map_err(|error| fault::no_answer(error, "", wording))?;
    let mut body = Vec::new();
    while body.len() < MAX_BYTES {
        let chunk = answer.chunk().await;
        match chunk.map_err(|error| fault::broken_off(error, wording))? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => break,
        }
    }
    Ok(Said {
        status: answer.status(),
        headers: answer.headers().clone(),
        body,
    })
}

impl Said {
    /// The answer, if it grants something; `cure` is what to do where it is refused.
    pub(super) fn granted(self, cure: &str, wording: &Wording) -> Result<Self, Fault> {
        if self.status.is_success() {
            return Ok(self);
        }
        let said = wording.said(&words(&self.body));
        let number = self.status.as_u16();
        Err(Fault {
            code: FailureCode::SourceUnauthorized,
            message: format!("{} answered {number}{said} ({cure})", wording.subject),
            again: fault::again(number),
        })
    }

    /// A text, such as the name of a role.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).trim().to_owned()
    }

    /// What a JSON object says; an empty one where it is none. What it holds is not shown.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// An answer that should have granted something, and did not.
pub(super) fn without(wording: &Wording, what: &str) -> Fault {
    let message = format!("{} answered without {what}", wording.subject);
    Fault::last(FailureCode::SourceUnauthorized, message)
}

/// A number of seconds, which some issuers write as text.
pub(super) fn seconds(value: &Value) -> Option<Duration> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    number.map(Duration::from_secs)
}

/// What a refusal says, in its own words: those of OAuth (RFC 6749, 5.2), and of the JSON and the XML of vendors.
pub(super) fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if let Some(message) = element(&text, "Message") {
        let code = element(&text, "Code").map_or_else(String::new, |code| format!("{code}: "));
        return format!("{code}{message}");
    }
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let inner = json.get("error").filter(|error| error.is_object());
    let object = inner.unwrap_or(&json);
    let of = |name: &str| object.get(name).and_then(Value::as_str);
    let said = ["error_description", "message", "Message", "error"];
    let said = said.into_iter().find_map(of);
    said.map_or_else(|| page_words(&text).to_owned(), str::to_owned)
}

/// What stands in the first element of this name, without a parser: the XML of the vendors' answers is flat where it matters.
pub(crate) fn element<'b>(body: &'b str, name: &str) -> Option<&'b str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim())
}

/// The address of an issuer to whom a secret goes: https, or on this machine. `name` is what the address is from.
pub(super) fn address(text: &str, name: &str) -> Result<Url, Fault> {
    let url = Url::parse(text).ok().filter(Url::has_host);
    let url = url.ok_or_else(|| Fault::misconfigured(format!("{name} is not an address")))?;
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) {
        return Ok(url);
    }
    let message = format!("{name} is not https: credentials do not go there; write https://");
    Err(Fault::misconfigured(message))
}

/// The value of a header that is not shown.
pub(super) fn sensitive(what: &str, value: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Fault::misconfigured(format!(
            "{what} holds characters that a header may not hold"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_in_their_own_words() {
        for (body, said) in [
            (
                "<E><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not you</Message></Error></E>",
                "AccessDenied: Not you",
            ),
            (
                r#"{"error":"invalid_client","error_description":"AADSTS7: no"}"#,
                "AADSTS7: no",
            ),
            (r#"{"error":"invalid_grant"}"#, "invalid_grant"),
            (r#"{"error":{"code":403,"message":"denied"}}"#, "denied"),
            (r#"{"message":"bad token"}"#, "bad token"),
            ("<html><title>Sign in</title></html>", "Sign in"),
            ("slow down", "slow down"),
            ("", ""),
        ] {
            assert_eq!(words(body.as_bytes()), said, "{body}");
        }
    }

    #[test]
    fn credentials_go_to_https_or_to_this_machine() {
        for (text, may) in [
            ("https://sts.eu-central-1.amazonaws.com", true),
            ("http://127.0.0.1:8080", true),
            ("http://localhost:1", true),
            ("http://sts.example.com", false),
            ("ftp://127.0.0.1", false),
            ("sts.example.com", false),
            ("", false),
        ] {
            assert_eq!(address(text, "X").is_ok(), may, "{text}");
        }
    }
}
