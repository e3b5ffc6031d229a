//! A server's complete answers: a JSON document below its address, or whatever the address itself answers.
//!
//! A GET, retried within the timeout. Must not know what a document says.

use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::fault::Fault;
use super::received::Received;
use super::server::{Method, Server};
use crate::samples::FailureCode;

/// What an address answers, whatever it is.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Empty if it is not wanted.
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// The JSON document at a path below the server's address.
    ///
    /// # Errors
    /// No answer within the timeout, a status that is not a success, a body that is not the document.
    pub(crate) async fn document<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &[(&str, String)],
    ) -> Result<T, Fault> {
        let turn = self.turn().await?;
        turn.insist(|| async {
            let mut received = self.call(Method::Get, path, form).await?;
            let body = received.whole().await?;
            serde_json::from_slice(&body).map_err(|error| unreadable(&error, &body, &received))
        })
        .await
    }

    /// Whatever this server's own address answers, with its body if wanted. Redirects that are not followed are
    /// answers like any other.
    ///
    /// # Errors
    /// No answer within the timeout.
    pub(crate) async fn page(&self, with_body: bool) -> Result<Page, Fault> {
        let turn = self.turn().await?;
        turn.insist(|| async {
            let mut received = self.send(false, "", &[]).await?;
            let body = if with_body {
                received.whole().await?
            } else {
                Vec::new()
            };
            Ok(Page {
                status: received.status().as_u16(),
                headers: received.headers().clone(),
                body,
            })
        })
        .await
    }
}

fn unreadable(error: &serde_json::Error, body: &[u8], received: &Received) -> Fault {
    if let Some(foreign) = received.foreign() {
        return foreign;
    }
    let origin = &received.origin;
    let message = if body.trim_ascii().is_empty() {
        format!("the answer is empty{origin}")
    } else {
        let said = received.wording.clean(&error.to_string());
        format!("the answer cannot be read: {said}{origin}")
    };
    // Complete JSON of another shape will not change if asked for again.
    match error.classify() {
        Category::Data => Fault::last(FailureCode::AnswerGarbled, message),
        Category::Io | Category::Syntax | Category::Eof => {
            Fault::passing(FailureCode::AnswerGarbled, message)
        }
    }
}
