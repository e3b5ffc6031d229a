//! How `gate` says who it is: extra headers, basic, bearer, OAuth 2 client credentials.
//! Must not show a secret, nor hand it to another host.
//!
//! Secrets are read when the source is first asked and go nowhere but into requests.

use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::client::{Channel, Proxies};
use super::failure::{self, Fault};
use super::words::Secrets;
use crate::plan::{Auth, HttpConfig, Oauth2, SecretSource};
use crate::samples::FailureCode;
use crate::secret::Secret;

/// A token is renewed this long before it expires.
const TOKEN_MARGIN: Duration = Duration::from_secs(10);
/// A token answer is no longer than this.
const MAX_TOKEN_BYTES: usize = 256 * 1024;

/// Reads a secret or the file that holds it; `what` is the setting's name.
pub(super) fn read(what: &str, source: &SecretSource, folder: &Path) -> Result<Secret, Fault> {
    match source {
        SecretSource::Inline(secret) => Ok(secret.clone()),
        SecretSource::File(path) => std::fs::read_to_string(folder.join(path))
            .map(|text| Secret::new(text.trim().to_owned()))
            .map_err(|error| {
                let message = format!(
                    "the file `{}` of {what} cannot be read: {error}",
                    path.display()
                );
                Fault::last(FailureCode::SourceMisconfigured, message)
            }),
    }
}

/// What goes with each request to the source's own host.
pub(super) struct Credentials {
    headers: HeaderMap,
    oauth: Option<Oauth>,
}

impl Credentials {
    /// Reads all secrets, and tells `secrets` what must never be printed.
    pub(super) fn new(
        http: &HttpConfig,
        url: &Url,
        folder: &Path,
        secrets: &mut Secrets,
    ) -> Result<Self, Fault> {
        let mut headers = HeaderMap::new();
        for (name, value) in &http.headers {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| unusable(format!("`{name}` is no name of a header")))?;
            let value = read("http_headers", value, folder)?;
            secrets.add(value.expose());
            headers.append(name, sensitive("http_headers", value.expose())?);
        }
        let mut oauth = None;
        match &http.auth {
            None => {
                if let Some(value) = user_info(url, secrets) {
                    headers.insert(AUTHORIZATION, sensitive("the address", &value)?);
                }
            }
            Some(Auth::Basic { username, password }) => {
                let user = read("basic_auth.username", username, folder)?;
                let password = match password {
                    Some(password) => read("basic_auth.password", password, folder)?,
                    None => Secret::default(),
                };
                let value = basic(user.expose(), password.expose(), secrets);
                headers.insert(AUTHORIZATION, sensitive("basic_auth", &value)?);
            }
            Some(Auth::Header {
                scheme,
                credentials,
            }) => {
                let value = read("authorization.credentials", credentials, folder)?;
                secrets.add(value.expose());
                let value = format!("{scheme} {}", value.expose());
                headers.insert(AUTHORIZATION, sensitive("authorization", &value)?);
            }
            Some(Auth::Oauth2(settings)) => oauth = Some(Oauth::new(settings, folder, secrets)?),
        }
        Ok(Self { headers, oauth })
    }

    /// Whether there is anything that must stay with the first host.
    pub(super) fn any(&self) -> bool {
        !self.headers.is_empty() || self.oauth.is_some()
    }

    /// Adds them to a request.
    pub(super) async fn apply(
        &self,
        request: RequestBuilder,
        secrets: &Secrets,
    ) -> Result<RequestBuilder, Fault> {
        let request = request.headers(self.headers.clone());
        match &self.oauth {
            Some(oauth) => Ok(request.bearer_auth(oauth.token(secrets).await?.expose())),
            None => Ok(request),
        }
    }

    /// Forgets a token that was refused; `true` where another one may be had.
    pub(super) async fn renew(&self) -> bool {
        match &self.oauth {
            Some(oauth) => oauth.token.lock().await.take().is_some(),
            None => false,
        }
    }

    /// Adds what was received later on: every token, also those that were given up, since answers may still show them.
    pub(super) fn received(&self, secrets: &Secrets) -> Secrets {
        let mut secrets = secrets.clone();
        let tokens = self.oauth.as_ref().map(|oauth| oauth.tokens());
        for token in tokens.iter().flat_map(|tokens| tokens.iter()) {
            secrets.add(token.expose());
        }
        secrets
    }
}

fn unusable(message: impl Into<String>) -> Fault {
    Fault::last(FailureCode::SourceMisconfigured, message)
}

fn sensitive(what: &str, value: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| unusable(format!("{what} holds characters that no header may hold")))?;
    value.set_sensitive(true);
    Ok(value)
}

fn basic(user: &str, password: &str, secrets: &mut Secrets) -> String {
    let pair = format!("{user}:{password}");
    // A user without a password is a token by another name.
    secrets.add(if password.is_empty() { user } else { password });
    secrets.add(&pair);
    format!("Basic {}", STANDARD.encode(pair))
}

/// User and password of an address, as basic authorization.
pub(super) fn user_info(url: &Url, secrets: &mut Secrets) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decode = |text: &str| percent_decoded(text);
    let (user, password) = (
        decode(url.username()),
        decode(url.password().unwrap_or_default()),
    );
    Some(basic(&user, &password, secrets))
}

/// Undoes percent encoding; what is not of that form stays.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = after
            .get(if code.is_some() { 2 } else { 0 }..)
            .unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// OAuth 2 client credentials (RFC 6749, 4.4).
struct Oauth {
    url: Url,
    channel: Channel,
    client_id: String,
    client_secret: Secret,
    form: Vec<(String, String)>,
    /// The token and when it is to be renewed.
    token: Mutex<Option<(Secret, Option<Instant>)>>,
    /// Every token of this run.
    received: std::sync::Mutex<Vec<Secret>>,
}

/// The answer of a token endpoint (RFC 6749, 5.1).
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    /// Seconds.
    expires_in: Option<u64>,
}

impl Oauth {
    fn new(settings: &Oauth2, folder: &Path, secrets: &mut Secrets) -> Result<Self, Fault> {
        let client_secret = read("oauth2.client_secret", &settings.client_secret, folder)?;
        let _ = basic(&settings.client_id, client_secret.expose(), secrets);
        for (_, value) in &settings.endpoint_params {
            // Some of them are secrets (`assertion`, `password`), and none needs to be shown.
            secrets.add(value);
        }
        let mut url = Url::parse(settings.token_url.expose())
            .map_err(|_| unusable("oauth2.token_url is no address"))?;
        let _ = user_info(&url, secrets);
        // An address that takes no user info has none to lose.
        let _ = (url.set_username(""), url.set_password(None));
        let proxy = settings
            .proxy_url
            .as_ref()
            .map(|url| url.expose().to_owned());
        if let Some(url) = proxy.as_deref().and_then(|proxy| Url::parse(proxy).ok()) {
            let _ = user_info(&url, secrets);
        }
        let proxies = Proxies {
            urls: [proxy.clone(), proxy],
            except: None,
        };
        let mut form = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        if !settings.scopes.is_empty() {
            form.push(("scope".to_owned(), settings.scopes.join(" ")));
        }
        form.extend(settings.endpoint_params.iter().cloned());
        Ok(Self {
            url,
            channel: Channel::new(folder, settings.tls.clone(), proxies, false),
            client_id: settings.client_id.clone(),
            client_secret,
            form,
            token: Mutex::new(None),
            received: std::sync::Mutex::default(),
        })
    }

    fn tokens(&self) -> std::sync::MutexGuard<'_, Vec<Secret>> {
        // Nothing can panic while it is held: a poisoned list is as good as another.
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token, fetched where there is none or it is about to expire. One fetch at a time.
    async fn token(&self, secrets: &Secrets) -> Result<Secret, Fault> {
        let mut place = self.token.lock().await;
        if let Some((token, until)) = place.as_ref()
            && until.is_none_or(|until| Instant::now() < until)
        {
            return Ok(token.clone());
        }
        let answer = self.fetch(secrets).await?;
        let until = answer.expires_in.map(|seconds| {
            Instant::now() + Duration::from_secs(seconds.min(86_400)).saturating_sub(TOKEN_MARGIN)
        });
        let token = Secret::new(answer.access_token);
        self.tokens().push(token.clone());
        *place = Some((token.clone(), until));
        Ok(token)
    }

    /// Asks with the client's secret in the header, as the RFC prefers, then in the form, as some servers want it.
    async fn fetch(&self, secrets: &Secrets) -> Result<TokenAnswer, Fault> {
        let client = self.channel.client(&self.url)?;
        let post = || client.post(self.url.clone());
        let escaped = |text: &str| {
            reqwest::Url::parse_with_params("x:", [("", text)]).map_or_else(
                |_| text.to_owned(),
                |url| {
                    url.query()
                        .unwrap_or_default()
                        .trim_start_matches('=')
                        .to_owned()
                },
            )
        };
        let request = post()
            .basic_auth(
                escaped(&self.client_id),
                Some(escaped(self.client_secret.expose())),
            )
            .form(&self.form);
        let (status, body) = send(request, secrets).await?;
        if status.is_success() {
            return token_answer(&body);
        }
        if !matches!(status.as_u16(), 400 | 401) {
            return Err(refused(status, &body, secrets));
        }
        let mut form = self.form.clone();
        form.push(("client_id".to_owned(), self.client_id.clone()));
        form.push((
            "client_secret".to_owned(),
            self.client_secret.expose().to_owned(),
        ));
        let (status, body) = send(post().form(&form), secrets).await?;
        if status.is_success() {
            return token_answer(&body);
        }
        Err(refused(status, &body, secrets))
    }
}

async fn send(request: RequestBuilder, secrets: &Secrets) -> Result<(StatusCode, Vec<u8>), Fault> {
    let of_tokens = |mut fault: Fault| {
        fault.message = format!("no token from oauth2.token_url: {}", fault.message);
        fault
    };
    let mut answer = request
        .send()
        .await
        .map_err(|error| of_tokens(failure::no_answer(error, secrets)))?;
    let mut body = Vec::new();
    while body.len() < MAX_TOKEN_BYTES {
        let chunk = answer.chunk().await;
        match chunk.map_err(|error| of_tokens(failure::broken_off(error, secrets)))? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => break,
        }
    }
    Ok((answer.status(), body))
}

fn token_answer(body: &[u8]) -> Result<TokenAnswer, Fault> {
    // What the endpoint sent may hold a token: it is not shown.
    serde_json::from_slice(body).map_err(|_| {
        Fault::last(
            FailureCode::SourceUnauthorized,
            "oauth2.token_url answered without an access token",
        )
    })
}

fn refused(status: StatusCode, body: &[u8], secrets: &Secrets) -> Fault {
    let mut fault = failure::by_status(status, &String::from_utf8_lossy(body), secrets);
    if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
        fault.code = FailureCode::SourceUnauthorized;
    }
    fault.message = format!("no token from oauth2.token_url: {}", fault.message);
    fault
}
