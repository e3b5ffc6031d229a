//! OAuth 2 client credentials: tokens are fetched when they are first needed, and renewed.
//!
//! Must not show a token, nor what the endpoint said if it may hold one.

use std::path::Path;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::form_urlencoded::byte_serialize;

use super::basic::{basic, take_user_info};
use super::client::{Channel, Proxies};
use super::fault::{self, Fault};
use super::settings::read;
use super::wording::Wording;
use crate::plan::Oauth2;
use crate::samples::FailureCode;
use crate::secret::Secret;

/// A token is renewed this long before it expires.
const TOKEN_MARGIN: Duration = Duration::from_secs(10);
/// No token is kept longer than this.
const LONGEST: Duration = Duration::from_hours(24);
/// A token answer is no longer than this.
const MAX_TOKEN_BYTES: usize = 256 * 1024;
/// What messages about a token begin with.
const NO_TOKEN: &str = "no token from oauth2.token_url";

/// OAuth 2 client credentials (RFC 6749, 4.4).
pub(super) struct Oauth {
    url: Url,
    channel: Channel,
    client_id: String,
    client_secret: Secret,
    form: Vec<(String, String)>,
    /// The token and when to renew it.
    token: Mutex<Option<(Secret, Option<Instant>)>>,
    /// Every token of this run, including discarded ones, since answers may still show them.
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
    /// Reads the secrets, and tells `wording` what must never be printed.
    pub(super) fn new(
        settings: &Oauth2,
        folder: &Path,
        wording: &mut Wording,
    ) -> Result<Self, Fault> {
        let client_secret = read("oauth2.client_secret", &settings.client_secret, folder)?;
        let _ = basic(&settings.client_id, client_secret.expose(), wording);
        for (_, value) in &settings.endpoint_params {
            // Some of them are secrets (`assertion`, `password`), and none needs to be shown.
            wording.hide(value);
        }
        let mut url = Url::parse(settings.token_url.expose())
            .map_err(|_| Fault::misconfigured("oauth2.token_url is not an address"))?;
        let _ = take_user_info(&mut url, wording);
        let proxies = Proxies::of(settings.proxy_url.as_ref());
        proxies.hide(wording);
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

    /// Every token so far.
    pub(super) fn tokens(&self) -> MutexGuard<'_, Vec<Secret>> {
        // Nothing can panic while it is held: a poisoned list is as good as any.
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token, fetched if there is none or it is about to expire. One fetch at a time.
    pub(super) async fn token(&self, wording: &Wording) -> Result<Secret, Fault> {
        let mut place = self.token.lock().await;
        if let Some((token, until)) = place.as_ref()
            && until.is_none_or(|until| Instant::now() < until)
        {
            return Ok(token.clone());
        }
        let fetched = self.fetch(&wording.about("the token endpoint")).await;
        let answer = fetched.map_err(|fault| fault.of(NO_TOKEN))?;
        let until = answer.expires_in.map(|seconds| {
            let lasts = Duration::from_secs(seconds).min(LONGEST);
            Instant::now() + lasts.saturating_sub(TOKEN_MARGIN)
        });
        let token = Secret::new(answer.access_token);
        self.tokens().push(token.clone());
        *place = Some((token.clone(), until));
        Ok(token)
    }

    /// Discards a token that was refused; `true` if there was one, so that another can be fetched.
    pub(super) async fn forget(&self) -> bool {
        self.token.lock().await.take().is_some()
    }

    /// Asks with the client's secret in the header, as the RFC prefers, then in the form, as some servers require.
    async fn fetch(&self, wording: &Wording) -> Result<TokenAnswer, Fault> {
        let client = self.channel.client(&self.url)?;
        let (id, secret) = (self.client_id.as_str(), self.client_secret.expose());
        let request = client
            .post(self.url.clone())
            .basic_auth(in_form(id), Some(in_form(secret)))
            .form(&self.form);
        let (status, body) = send(request, wording).await?;
        if !matches!(status.as_u16(), 400 | 401) {
            return token_answer(status, &body, wording);
        }
        let mut form = self.form.clone();
        form.push(("client_id".to_owned(), id.to_owned()));
        form.push(("client_secret".to_owned(), secret.to_owned()));
        let request = client.post(self.url.clone()).form(&form);
        let (status, body) = send(request, wording).await?;
        token_answer(status, &body, wording)
    }
}

/// As the RFC requires for both parts of the header (2.3.1).
fn in_form(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

async fn send(request: RequestBuilder, wording: &Wording) -> Result<(StatusCode, Vec<u8>), Fault> {
    let answer = request.send().await;
    let mut answer = answer.map_err(|error| fault::no_answer(error, "", wording))?;
    let mut body = Vec::new();
    while body.len() < MAX_TOKEN_BYTES {
        let chunk = answer.chunk().await;
        match chunk.map_err(|error| fault::broken_off(error, wording))? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => break,
        }
    }
    Ok((answer.status(), body))
}

fn token_answer(status: StatusCode, body: &[u8], wording: &Wording) -> Result<TokenAnswer, Fault> {
    if status.is_success() {
        // What the endpoint sent may hold a token: it is not shown.
        return serde_json::from_slice(body).map_err(|_| {
            let message = format!("{} answered without one", wording.subject);
            Fault::last(FailureCode::SourceUnauthorized, message)
        });
    }
    let mut fault = fault::by_status(status, body, wording);
    if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
        fault.code = FailureCode::SourceUnauthorized;
    }
    Err(fault)
}
