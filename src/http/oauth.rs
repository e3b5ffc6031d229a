//! OAuth 2 client credentials: tokens are fetched when they are first needed, and renewed.
//!
//! Must not show a token, nor what the endpoint said if it may hold one.

use std::path::Path;
use std::time::Duration;

use reqwest::{StatusCode, Url};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::basic::{basic, take_user_info};
use super::client::{Channel, Proxies};
use super::cloud::Bearer;
use super::fault::{self, Fault};
use super::issuer::send;
use super::kept::Granted;
use super::settings::read;
use super::wording::Wording;
use crate::plan::Oauth2;
use crate::samples::FailureCode;
use crate::secret::Secret;

/// What messages about a token begin with.
const NO_TOKEN: &str = "no token from oauth2.token_url";

/// OAuth 2 client credentials (RFC 6749, 4.4).
pub(super) struct Oauth {
    url: Url,
    channel: Channel,
    client_id: String,
    client_secret: Secret,
    form: Vec<(String, String)>,
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
        })
    }

    /// A new token.
    pub(super) async fn token(&self, wording: &Wording) -> Result<Granted<Bearer>, Fault> {
        let fetched = self.fetch(&wording.about("the token endpoint")).await;
        let answer = fetched.map_err(|fault| fault.of(NO_TOKEN))?;
        let token = Secret::new(answer.access_token);
        Ok(Granted {
            secrets: vec![token.clone()],
            what: Bearer::plain(token),
            lasts: answer.expires_in.map(Duration::from_secs),
        })
    }

    /// Asks with the client's secret in the header, as the RFC prefers, then in the form, as some servers require.
    async fn fetch(&self, wording: &Wording) -> Result<TokenAnswer, Fault> {
        let client = self.channel.client(&self.url)?;
        let (id, secret) = (self.client_id.as_str(), self.client_secret.expose());
        let request = client
            .post(self.url.clone())
            .basic_auth(in_form(id), Some(in_form(secret)))
            .form(&self.form);
        let said = send(request, wording).await?;
        if !matches!(said.status.as_u16(), 400 | 401) {
            return token_answer(said.status, &said.body, wording);
        }
        let mut form = self.form.clone();
        form.push(("client_id".to_owned(), id.to_owned()));
        form.push(("client_secret".to_owned(), secret.to_owned()));
        let request = client.post(self.url.clone()).form(&form);
        let said = send(request, wording).await?;
        token_answer(said.status, &said.body, wording)
    }
}

/// As the RFC requires for both parts of the header (2.3.1).
fn in_form(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
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
