//! Amazon: requests are signed (Signature Version 4) with keys that are found as Amazon's own tools find them.

mod ask;
mod chain;
mod profiles;
mod recipe;
mod sign;

use std::path::Path;

use reqwest::header::HeaderMap;
use reqwest::{Request, StatusCode};

use super::super::fault::Fault;
use super::super::issuer::Ways;
use super::super::kept::{Granted, Kept};
use super::super::wording::Wording;
use crate::plan::{HttpConfig, Sigv4};
use crate::secret::Secret;
use chain::Chain;
use recipe::Keys;
pub(in crate::http) use sign::Signed;

/// What messages about missing credentials begin with.
const NO_KEYS: &str = "no credentials of Amazon for sigv4";

/// Who signs requests.
pub(in crate::http) struct Amazon {
    service: String,
    region: String,
    chain: Chain,
    ways: Ways,
    kept: Kept<Keys>,
}

impl Amazon {
    /// Reads what the plan and the environment say; nothing is asked.
    pub(in crate::http) fn new(
        settings: &Sigv4,
        http: &HttpConfig,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
        wording: &mut Wording,
    ) -> Result<Self, Fault> {
        let chain = Chain::new(settings, folder, environment, wording)?;
        Ok(Self {
            service: settings.service.clone(),
            region: chain.region()?,
            chain,
            ways: Ways::new(http, folder, environment),
            kept: Kept::default(),
        })
    }

    /// Every secret so far.
    pub(in crate::http) fn received(&self) -> Vec<Secret> {
        self.kept.received().clone()
    }

    /// Signs a request as it is now; the number is that of the keys.
    pub(in crate::http) async fn sign(
        &self,
        request: &mut Request,
        wording: &Wording,
    ) -> Result<(Signed, u64), Fault> {
        let (keys, number) = self.kept.get(self.find(wording)).await?;
        let signed = sign::sign(request, &keys, &self.service, &self.region)?;
        Ok((signed, number))
    }

    async fn find(&self, wording: &Wording) -> Result<Granted<Keys>, Fault> {
        let recipe = self.chain.recipe();
        let found = match recipe {
            Ok(recipe) => ask::keys(&self.ways, &self.chain, &self.region, recipe, wording).await,
            Err(fault) => Err(fault),
        };
        found.map_err(|fault| fault.of(NO_KEYS))
    }

    /// Discards keys that were refused, where others can be found.
    pub(in crate::http) async fn discard(&self, number: u64) {
        self.kept.discard(number).await;
    }

    /// Whether a refusal is of a session that is over: a new one may do.
    pub(in crate::http) fn is_expired(headers: &HeaderMap, said: &str) -> bool {
        kind(headers).contains("ExpiredToken")
            || said.contains("ExpiredToken")
            || said.contains("security token included in the request is expired")
    }

    /// What to do about a refusal.
    pub(in crate::http) fn cure(
        &self,
        signed: &Signed,
        status: StatusCode,
        headers: &HeaderMap,
        said: &str,
    ) -> Option<String> {
        if let Some(skew) = signed.skew(headers, said) {
            return Some(skew);
        }
        let has = |part: &str| said.contains(part) || kind(headers).contains(part);
        let step = &signed.step;
        let hint = if Self::is_expired(headers, said) {
            format!("the session of {step} has expired and nothing newer was found: sign in again")
        } else if has("SignatureDoesNotMatch") || has("signature we calculated") {
            format!("is the secret key of {step} right?")
        } else if has("UnrecognizedClient")
            || has("InvalidClientTokenId")
            || has("token included in the request is invalid")
        {
            format!(
                "Amazon does not know the access key of {step}: is it of this partition, and still active?"
            )
        } else if has("should be scoped to") {
            format!(
                "the signature is for service {} in {}: set service and region",
                self.service, self.region
            )
        } else if status == StatusCode::FORBIDDEN {
            let needs = if self.service == "aps" {
                "aps:QueryMetrics and its kin"
            } else {
                "leave to do this"
            };
            format!("the identity of {step} needs {needs}: set its policy")
        } else {
            return None;
        };
        Some(hint)
    }
}

/// The kind of error that some of Amazon's services name in a header.
fn kind(headers: &HeaderMap) -> &str {
    let kind = headers.get("x-amzn-errortype");
    kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}
