//! Signing a request. The signature is made by `object_store`, which reads the clock for it; here is what it is made of, and what it
//! says of that clock.

use object_store::aws::{AwsAuthorizer, AwsCredential};
use object_store::client::{HttpRequest, HttpRequestBody};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName};
use reqwest::{Request, Url};

use super::super::super::fault::Fault;
use super::super::skew::off_by;
use super::recipe::Keys;
use crate::secret::Secret;
use crate::units::Instant;

/// All but the unreserved characters (RFC 3986, 2.3): as signatures count a query, so that a blank is `%20`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What a signature adds to a request.
const ADDED: [HeaderName; 4] = [
    AUTHORIZATION,
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("x-amz-security-token"),
];

/// A signature, for what is said about it.
pub(in crate::http) struct Signed {
    /// When it was made, by this machine's clock.
    at: Option<Instant>,
    /// Whoever has it can repeat the request for some minutes.
    pub(in crate::http) signature: Secret,
    /// Where the keys were found.
    pub(super) step: String,
}

/// Signs a request, and writes its query as the signature counts it.
pub(super) fn sign(
    request: &mut Request,
    keys: &Keys,
    service: &str,
    region: &str,
) -> Result<Signed, Fault> {
    let credential = credential(keys)?;
    write_query(request.url_mut());
    let mut signed = counterpart(request)?;
    AwsAuthorizer::new(&credential, service, region)
        .try_authorize(&mut signed, None)
        .map_err(|_| Fault::misconfigured("the request cannot be signed"))?;
    for name in ADDED {
        if let Some(value) = signed.headers().get(&name) {
            let mut value = value.clone();
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
    }
    let text = |name: &str| {
        let value = signed.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let signature = text("authorization").rsplit('=').next().unwrap_or_default();
    Ok(Signed {
        at: instant(text("x-amz-date")),
        signature: Secret::new(signature.to_owned()),
        step: keys.step.clone(),
    })
}

/// Keys that can stand in headers: what cannot would end the program in the crate below.
fn credential(keys: &Keys) -> Result<AwsCredential, Fault> {
    let token = keys.token.as_ref().map(Secret::expose);
    let is_fit = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    let parts = [Some(keys.id.as_str()), Some(keys.secret.expose()), token];
    if !parts.into_iter().flatten().all(is_fit) {
        let step = &keys.step;
        let message = format!(
            "the access key of {step} holds characters that no key of Amazon has: is it cut off or quoted?"
        );
        return Err(Fault::misconfigured(message));
    }
    Ok(AwsCredential {
        key_id: keys.id.clone(),
        secret_key: keys.secret.expose().to_owned(),
        token: token.map(str::to_owned),
    })
}

/// What is signed of a request: method, address and body, and headers of Amazon's own that the plan sets. Others may change on
/// the way.
fn counterpart(request: &Request) -> Result<HttpRequest, Fault> {
    let body = request.body().and_then(reqwest::Body::as_bytes);
    let mut signed = HttpRequest::new(HttpRequestBody::from(body.unwrap_or_default().to_vec()));
    *signed.method_mut() = request.method().clone();
    let mut url = request.url().clone();
    url.set_path(&single_slashes(request.url().path()));
    url.set_fragment(None);
    *signed.uri_mut() = (url.as_str().parse())
        .map_err(|_| Fault::misconfigured("this address cannot be signed"))?;
    for (name, value) in request.headers() {
        if name.as_str().starts_with("x-amz-") {
            if value.to_str().is_err() {
                let message = format!("the header {name} holds characters that cannot be signed");
                return Err(Fault::misconfigured(message));
            }
            signed.headers_mut().append(name, value.clone());
        }
    }
    Ok(signed)
}

/// Amazon counts several slashes as one.
fn single_slashes(path: &str) -> String {
    let mut single = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !single.ends_with('/') {
            single.push(letter);
        }
    }
    single
}

/// Writes the query of an address so that it means the same in every reading.
fn write_query(url: &mut Url) {
    if url.query().is_none() {
        return;
    }
    let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let pairs = url.query_pairs();
    let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)));
    let query = pairs.collect::<Vec<_>>().join("&");
    url.set_query((!query.is_empty()).then_some(&query));
}

/// `20261127T223000Z`.
fn instant(text: &str) -> Option<Instant> {
    let time = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    Some(Instant::from_secs(time.and_utc().timestamp()))
}

impl Signed {
    /// What a refusal says of this machine's clock: by the date of the answer, or else in words.
    pub(super) fn skew(&self, headers: &HeaderMap, said: &str) -> Option<String> {
        let is_of_time = [
            "Signature expired",
            "not yet current",
            "RequestTimeTooSkewed",
            "RequestExpired",
        ];
        let is_of_time = is_of_time.iter().any(|part| said.contains(part));
        match off_by(self.at, headers) {
            Some(off) => Some(format!(
                "this machine's clock is {off}: set it, since a signature counts for a few minutes"
            )),
            None if is_of_time => Some(
                "is this machine's clock right? A signature counts for a few minutes".to_owned(),
            ),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::DATE;

    use super::*;

    fn keys(token: Option<&str>) -> Keys {
        Keys {
            id: "AKIDEXAMPLE".to_owned(),
            secret: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned()),
            token: token.map(|token| Secret::new(token.to_owned())),
            step: "the plan".to_owned(),
        }
    }

    fn request(url: &str) -> Request {
        Request::new(reqwest::Method::GET, Url::parse(url).expect("an address"))
    }

    #[test]
    fn a_query_is_sent_as_it_is_signed_with_blanks_as_percent_20() {
        for (url, sent) in [
            (
                "http://h/p?query=up+%2B+1&time=1",
                "http://h/p?query=up%20%2B%201&time=1",
            ),
            ("http://h/p?a=*~%7E&b", "http://h/p?a=%2A~~&b="),
            ("http://h/p?", "http://h/p"),
            ("http://h/p", "http://h/p"),
        ] {
            let mut request = request(url);
            sign(&mut request, &keys(None), "aps", "eu-central-1").expect("signed");
            assert_eq!(request.url().as_str(), sent);
        }
    }

    #[test]
    fn a_token_is_sent_and_signed_and_nothing_of_it_is_shown() {
        let mut request = request("https://h/workspaces/ws-1/api/v1/query");
        let signed = sign(&mut request, &keys(Some("t0ken==")), "aps", "eu-central-1");
        let signed = signed.expect("signed");
        let header = |name: &str| request.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header("x-amz-security-token"), "t0ken==");
        let authorization = header("authorization");
        assert!(
            authorization.contains(
                "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"
            ),
            "{authorization}"
        );
        assert!(
            authorization.contains("/eu-central-1/aps/aws4_request"),
            "{authorization}"
        );
        assert!(authorization.ends_with(signed.signature.expose()));
        assert_eq!(signed.signature.expose().len(), 64);
        let shown = format!("{request:?}");
        assert!(
            !shown.contains("t0ken") && !shown.contains("AKID"),
            "{shown}"
        );
    }

    #[test]
    fn keys_that_cannot_be_sent_are_an_error_and_not_the_end() {
        for (id, secret, token) in [
            ("AK\nID", "s", None),
            ("", "s", None),
            ("AKID", "s s", None),
            ("AKID", "s", Some("é")),
            ("AKID", "s", Some("a\u{0}b")),
        ] {
            let keys = Keys {
                id: id.to_owned(),
                secret: Secret::new(secret.to_owned()),
                ..keys(token)
            };
            let signed = sign(&mut request("http://h/"), &keys, "aps", "r");
            let fault = signed.map(|_| ()).expect_err("refused");
            assert!(
                fault.message.contains("the access key of the plan"),
                "{}",
                fault.message
            );
        }
    }

    #[test]
    fn a_clock_that_is_off_is_named() {
        let mut headers = HeaderMap::new();
        headers.insert(
            DATE,
            "Fri, 20 Nov 2026 00:00:00 GMT".parse().expect("a date"),
        );
        let signed = |at: &str| Signed {
            at: instant(at),
            signature: Secret::default(),
            step: String::new(),
        };
        let said = |at: &str| signed(at).skew(&headers, "");
        assert_eq!(said("20261120T000300Z"), None);
        let ahead = said("20261120T001000Z").expect("ahead");
        assert!(ahead.contains("10m ahead of the server's"), "{ahead}");
        let behind = said("20261119T230000Z").expect("behind");
        assert!(behind.contains("1h behind the server's"), "{behind}");
        let undated = signed("20261120T000000Z").skew(&HeaderMap::new(), "Signature expired: …");
        assert!(undated.expect("asked").contains("clock right?"));
    }
}
