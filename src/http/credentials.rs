//! How `gate` authenticates: extra headers, basic, bearer, OAuth 2 client credentials.
//! Must not show a secret, nor send it to another host.
//!
//! Secrets are read when the server is first asked and only go into requests.

use std::path::Path;

use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::basic::basic;
use super::fault::Fault;
use super::oauth::Oauth;
use super::settings::read;
use super::wording::Wording;
use crate::plan::{Auth, HttpConfig};
use crate::secret::Secret;

/// What goes with each request to the server's own host.
pub(super) struct Credentials {
    headers: HeaderMap,
    oauth: Option<Oauth>,
}

impl Credentials {
    /// Reads all secrets, and tells `wording` what must never be printed. `user_info` is the authorization from the
    /// address; one from the settings takes precedence.
    pub(super) fn new(
        http: &HttpConfig,
        user_info: Option<String>,
        folder: &Path,
        wording: &mut Wording,
    ) -> Result<Self, Fault> {
        let mut headers = extra(http, folder, wording)?;
        let mut oauth = None;
        let authorization = match &http.auth {
            None => user_info.map(|value| ("the address", value)),
            Some(Auth::Basic { username, password }) => {
                let user = read("basic_auth.username", username, folder)?;
                let password = match password {
                    Some(password) => read("basic_auth.password", password, folder)?,
                    None => Secret::default(),
                };
                let value = basic(user.expose(), password.expose(), wording);
                Some(("basic_auth", value))
            }
            Some(Auth::Header {
                scheme,
                credentials,
            }) => {
                let value = read("authorization.credentials", credentials, folder)?;
                if value.expose().is_empty() {
                    return Err(Fault::misconfigured(
                        "authorization.credentials is empty: no server would accept it",
                    ));
                }
                wording.hide(value.expose());
                Some(("authorization", format!("{scheme} {}", value.expose())))
            }
            Some(Auth::Oauth2(settings)) => {
                oauth = Some(Oauth::new(settings, folder, wording)?);
                None
            }
        };
        if let Some((what, value)) = authorization {
            headers.insert(AUTHORIZATION, sensitive(what, &value)?);
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
        wording: &Wording,
    ) -> Result<RequestBuilder, Fault> {
        let request = request.headers(self.headers.clone());
        match &self.oauth {
            Some(oauth) => Ok(request.bearer_auth(oauth.token(wording).await?.expose())),
            None => Ok(request),
        }
    }

    /// Discards a token that was refused; `true` if another one can be fetched.
    pub(super) async fn renew(&self) -> bool {
        match &self.oauth {
            Some(oauth) => oauth.forget().await,
            None => false,
        }
    }

    /// Also hides what was received later: every token.
    pub(super) fn received(&self, wording: &Wording) -> Wording {
        let mut wording = wording.clone();
        if let Some(oauth) = &self.oauth {
            for token in oauth.tokens().iter() {
                wording.hide(token.expose());
            }
        }
        wording
    }
}

/// The extra headers.
fn extra(http: &HttpConfig, folder: &Path, wording: &mut Wording) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    for (name, value) in &http.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Fault::misconfigured(format!("`{name}` is not a header name")))?;
        let value = read("http_headers", value, folder)?;
        wording.hide(value.expose());
        headers.append(name, sensitive("http_headers", value.expose())?);
    }
    Ok(headers)
}

fn sensitive(what: &str, value: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Fault::misconfigured(format!(
            "{what} holds characters that a header may not hold"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}
