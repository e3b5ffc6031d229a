//! A token that whoever has it may use, as OAuth issues it. Must not show it.

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::super::fault::Fault;
use super::super::issuer::{Said, seconds, without};
use super::super::kept::Granted;
use super::super::wording::Wording;
use super::skew::off_by;
use crate::secret::Secret;
use crate::units::Instant;

/// A token, and the project that is charged for what a user asks.
#[derive(Clone)]
pub(in crate::http) struct Bearer {
    pub(in crate::http) token: Secret,
    pub(in crate::http) project: Option<String>,
    /// When this machine made it, if it did.
    pub(super) made: Option<Instant>,
}

impl Bearer {
    pub(in crate::http) fn plain(token: Secret) -> Self {
        Self {
            token,
            project: None,
            made: None,
        }
    }

    /// The token of an answer (RFC 6749, 5.1).
    pub(super) fn of(said: &Said, wording: &Wording) -> Result<Granted<Self>, Fault> {
        let json = said.json();
        let token = json.get("access_token").and_then(Value::as_str);
        let token = token.filter(|token| !token.is_empty());
        let Some(token) = token else {
            return Err(without(wording, "a token"));
        };
        let token = Secret::new(token.to_owned());
        Ok(Granted {
            secrets: vec![token.clone()],
            what: Self::plain(token),
            lasts: json.get("expires_in").and_then(seconds),
        })
    }

    /// What a refusal says of this machine's clock.
    pub(in crate::http) fn skew(&self, headers: &HeaderMap) -> Option<String> {
        let off = off_by(self.made, headers)?;
        Some(format!(
            "this machine's clock is {off}: set it, since the token says when it was made"
        ))
    }
}
