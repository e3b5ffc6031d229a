//! Something posted to a server's own address, once. Must not try again, nor know what is posted.

use std::time::Duration;

use super::fault::Fault;
use super::retry;
use super::server::{Load, Server};
use super::wording::page_words;

/// What was answered to a POST.
pub(crate) struct Posted {
    /// Of HTTP.
    pub(crate) status: u16,
    /// The beginning of what it says, fit to be printed; empty where it says nothing.
    pub(crate) said: String,
    /// What `Retry-After` asks for.
    pub(crate) wait: Option<Duration>,
}

impl Server {
    /// Posts a body of this type to the server's own address. Redirects are followed where they take the body along.
    ///
    /// # Errors
    /// No answer; a redirect that leads nowhere.
    pub(crate) async fn post(&self, kind: &'static str, body: &[u8]) -> Result<Posted, Fault> {
        let mut received = self.exchange(true, "", Load::Body(kind, body)).await?;
        let status = received.status();
        let wait = retry::asked_for(received.headers());
        let mut said = Vec::new();
        if !status.is_success() {
            said = received.beginning().await;
        }
        let said = String::from_utf8_lossy(&said);
        Ok(Posted {
            status: status.as_u16(),
            said: received.wording.clean(page_words(&said)),
            wait,
        })
    }
}
