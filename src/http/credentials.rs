//! How `gate` authenticates: extra headers, basic, bearer, OAuth 2 client credentials, and what cloud vendors ask for.
//! Must not show a secret, nor send it to another host.
//!
//! Secrets are read when the server is first asked and only go into requests.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName};
use reqwest::{Request, RequestBuilder, StatusCode};

use super::basic::basic;
use super::cloud::{Amazon, Azure, Bearer, Google};
use super::fault::{self, Fault};
use super::issuer::{sensitive, words};
use super::kept::{Granted, Kept};
use super::oauth::Oauth;
use super::received::Received;
use super::sent::{Proof, Sent};
use super::settings::{Settings, read};
use super::wording::Wording;
use crate::plan::{Auth, HttpConfig};
use crate::secret::Secret;

/// Names the project that is charged for what a user asks Google.
const PROJECT: &str = "x-goog-user-project";

/// What goes with each request to the server's own host.
pub(super) struct Credentials {
    headers: HeaderMap,
    issued: Option<Issued>,
}

/// What is fetched once it is needed, and put into each request.
enum Issued {
    Token(Issuer, Kept<Bearer>),
    Signature(Box<Amazon>),
}

/// Who issues tokens.
enum Issuer {
    Oauth(Box<Oauth>),
    Google(Box<Google>),
    Azure(Box<Azure>),
}

impl Credentials {
    /// Reads all secrets, and tells `wording` what must never be printed. `user_info` is the authorization from the
    /// address; one from the settings takes precedence.
    pub(super) fn new(
        settings: &Settings<'_>,
        user_info: Option<String>,
        wording: &mut Wording,
    ) -> Result<Self, Fault> {
        let (http, folder) = (&settings.http, settings.folder);
        let mut headers = extra(settings, wording)?;
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
            Some(Auth::Oauth2(_) | Auth::Sigv4(_) | Auth::GoogleIam(_) | Auth::AzureAd(_)) => None,
        };
        if let Some((what, value)) = authorization {
            headers.insert(AUTHORIZATION, sensitive(what, &value)?);
        }
        Ok(Self {
            headers,
            issued: issued(settings, wording)?,
        })
    }

    /// Whether there is anything that must stay with the first host.
    pub(super) fn any(&self) -> bool {
        !self.headers.is_empty() || self.issued.is_some()
    }

    /// Adds the headers to a request.
    pub(super) fn with_headers(&self, request: RequestBuilder) -> RequestBuilder {
        request.headers(self.headers.clone())
    }

    /// Puts what is issued into a request that is complete otherwise: a signature is of all of it.
    pub(super) async fn put(
        &self,
        request: &mut Request,
        wording: &Wording,
    ) -> Result<Sent, Fault> {
        match &self.issued {
            None => Ok(Sent::default()),
            Some(Issued::Token(issuer, kept)) => {
                let (bearer, number) = kept.get(issuer.token(wording)).await?;
                let headers = request.headers_mut();
                let value = format!("Bearer {}", bearer.token.expose());
                headers.insert(AUTHORIZATION, sensitive("the token", &value)?);
                if let Some(project) = &bearer.project {
                    headers.insert(PROJECT, sensitive("quota_project_id", project)?);
                }
                Ok(Sent(Some((number, Proof::Token(bearer)))))
            }
            Some(Issued::Signature(amazon)) => {
                let (signed, number) = amazon.sign(request, wording).await?;
                Ok(Sent(Some((number, Proof::Signed(signed)))))
            }
        }
    }

    /// Discards what an answer refuses because it is over; `true` if asking again with something newer makes sense.
    pub(super) async fn renew(&self, received: &mut Received) -> bool {
        let status = received.status().as_u16();
        let Some(number) = received.sent.0.as_ref().map(|(number, _)| *number) else {
            return false;
        };
        match &self.issued {
            Some(Issued::Token(_, kept)) if status == 401 => kept.discard(number).await,
            Some(Issued::Signature(amazon)) if matches!(status, 400 | 401 | 403) => {
                let said = words(&received.beginning().await);
                if !Amazon::is_expired(received.headers(), &said) {
                    return false;
                }
                amazon.discard(number).await;
            }
            Some(Issued::Token(..) | Issued::Signature(_)) | None => return false,
        }
        true
    }

    /// The fault in a refusal of what a cloud vendor asks for, with what to do about it; `None` where nothing more is known
    /// than of any other.
    pub(super) fn explain(
        &self,
        status: StatusCode,
        body: &[u8],
        received: &Received,
    ) -> Option<Fault> {
        if !matches!(status.as_u16(), 400 | 401 | 403) {
            return None;
        }
        let (_, proof) = received.sent.0.as_ref()?;
        let headers = received.headers();
        let said = words(body);
        let cure = match (&self.issued, proof) {
            (Some(Issued::Signature(amazon)), Proof::Signed(signed)) => {
                amazon.cure(signed, status, headers, &said)
            }
            (Some(Issued::Token(issuer, _)), Proof::Token(bearer)) => {
                bearer.skew(headers).or_else(|| issuer.cure(status))
            }
            (Some(_) | None, Proof::Signed(_) | Proof::Token(_)) => None,
        };
        let (text, wording) = (String::from_utf8_lossy(body), &received.wording);
        Some(fault::told(status, &text, &said, Some(&cure?), wording))
    }

    /// Also hides what was received later: every token.
    pub(super) fn received(&self, wording: &Wording) -> Wording {
        let mut wording = wording.clone();
        let secrets = match &self.issued {
            None => Vec::new(),
            Some(Issued::Token(_, kept)) => kept.received().clone(),
            Some(Issued::Signature(amazon)) => amazon.received(),
        };
        for secret in &secrets {
            wording.hide(secret.expose());
        }
        wording
    }
}

impl Issuer {
    async fn token(&self, wording: &Wording) -> Result<Granted<Bearer>, Fault> {
        match self {
            Self::Oauth(oauth) => oauth.token(wording).await,
            Self::Google(google) => google.token(wording).await,
            Self::Azure(azure) => azure.token(wording).await,
        }
    }

    /// What to do where an identity may not do what it asks.
    fn cure(&self, status: StatusCode) -> Option<String> {
        let needs = match self {
            Self::Oauth(_) => return None,
            Self::Google(_) => Google::NEEDS,
            Self::Azure(_) => Azure::NEEDS,
        };
        (status == StatusCode::FORBIDDEN).then(|| needs.to_owned())
    }
}

/// What is issued later, if the settings ask for that.
fn issued(settings: &Settings<'_>, wording: &mut Wording) -> Result<Option<Issued>, Fault> {
    let (http, folder, environment) = (&settings.http, settings.folder, settings.environment);
    let issuer = match &http.auth {
        None | Some(Auth::Basic { .. } | Auth::Header { .. }) => return Ok(None),
        Some(Auth::Sigv4(sigv4)) => {
            let amazon = Amazon::new(sigv4, http, folder, environment, wording)?;
            return Ok(Some(Issued::Signature(Box::new(amazon))));
        }
        Some(Auth::Oauth2(oauth2)) => Issuer::Oauth(Box::new(Oauth::new(oauth2, folder, wording)?)),
        Some(Auth::GoogleIam(google)) => {
            Issuer::Google(Box::new(Google::new(google, http, folder, environment)))
        }
        Some(Auth::AzureAd(azure)) => {
            let azure = Azure::new(azure, http, folder, environment, wording)?;
            Issuer::Azure(Box::new(azure))
        }
    };
    Ok(Some(Issued::Token(issuer, Kept::default())))
}

/// The extra headers.
fn extra(settings: &Settings<'_>, wording: &mut Wording) -> Result<HeaderMap, Fault> {
    let HttpConfig {
        headers: written, ..
    } = &settings.http;
    let mut headers = HeaderMap::new();
    for (name, value) in written {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Fault::misconfigured(format!("`{name}` is not a header name")))?;
        let value = read("http_headers", value, settings.folder)?;
        wording.hide(value.expose());
        headers.append(name, sensitive("http_headers", value.expose())?);
    }
    Ok(headers)
}
