//! Documents of a server beside samples: a GET, retried within the timeout like a query (rule 8).
//!
//! Must not know what a document says.

use reqwest::header::HeaderMap;
use reqwest::{Response, Url};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tokio::time::Instant;

use super::Server;
use crate::samples::FailureCode;
use crate::source::body::is_page;
use crate::source::call::below;
use crate::source::failure::{self, Fault};
use crate::source::redirect::shown;
use crate::source::words::Secrets;

/// What an address answers, whatever it is.
pub(in crate::source) struct Page {
    pub(in crate::source) status: u16,
    /// Empty where it is not wanted.
    pub(in crate::source) body: Vec<u8>,
}

impl Server {
    /// The JSON document at a path below the server's address.
    ///
    /// # Errors
    /// No answer within the timeout, a status that is no success, a body that is not the document.
    pub(in crate::source) async fn document<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &[(&str, String)],
    ) -> Result<T, Fault> {
        if let Some(lost) = self.standing.lost.get() {
            return Err(lost.clone());
        }
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        let url = below(&self.base, path);
        let deadline = Instant::now() + self.timeout;
        self.insist(deadline, || self.decoded(&url, form)).await
    }

    async fn decoded<T: DeserializeOwned>(
        &self,
        url: &Url,
        form: &[(&str, String)],
    ) -> Result<T, Fault> {
        let (response, way) = self.send_to(url.clone(), form, false).await?;
        let secrets = self.credentials.received(&self.secrets);
        let origin = match way.hops {
            0 => String::new(),
            _ => format!(", redirected to {}", secrets.clean(&shown(&way.url))),
        };
        if !response.status().is_success() {
            return Err(self.refusal(response, &secrets, &origin).await);
        }
        let headers = response.headers().clone();
        let body = self.body(response, &secrets).await?;
        serde_json::from_slice(&body)
            .map_err(|error| unreadable(&error, &headers, &body, &origin, &secrets))
    }

    /// Whatever this server's own address answers, and its body where that is wanted.
    ///
    /// # Errors
    /// No answer within the timeout.
    pub(in crate::source) async fn page(&self, with_body: bool) -> Result<Page, Fault> {
        let deadline = Instant::now() + self.timeout;
        self.insist(deadline, || self.page_once(with_body)).await
    }

    async fn page_once(&self, with_body: bool) -> Result<Page, Fault> {
        let (response, _) = self.send_to(self.base.clone(), &[], false).await?;
        let status = response.status().as_u16();
        let body = if with_body {
            self.body(response, &self.secrets).await?
        } else {
            Vec::new()
        };
        Ok(Page { status, body })
    }

    /// The whole body, unless it is larger than the limit.
    async fn body(&self, mut response: Response, secrets: &Secrets) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        let broken_off = |error| failure::broken_off(error, secrets);
        while let Some(chunk) = response.chunk().await.map_err(broken_off)? {
            if (body.len() + chunk.len()) as u64 > self.max_bytes {
                let message = format!("the answer is larger than {} bytes", self.max_bytes);
                return Err(Fault::last(FailureCode::AnswerTooLarge, message));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn unreadable(
    error: &serde_json::Error,
    headers: &HeaderMap,
    body: &[u8],
    origin: &str,
    secrets: &Secrets,
) -> Fault {
    let start = body.trim_ascii_start().first();
    let is_page = is_page(headers) || start == Some(&b'<');
    if is_page || start.is_some_and(|start| !b"{[".contains(start)) {
        let text = String::from_utf8_lossy(body);
        return failure::not_the_api(is_page, &text, origin, secrets);
    }
    let said = secrets.clean(&error.to_string());
    let message = match start {
        None => format!("the answer is empty{origin}"),
        Some(_) => format!("the answer cannot be read: {said}{origin}"),
    };
    // Whole JSON of another shape will not change by asking again.
    match error.classify() {
        Category::Data => Fault::last(FailureCode::AnswerGarbled, message),
        Category::Io | Category::Syntax | Category::Eof => {
            Fault::passing(FailureCode::AnswerGarbled, message)
        }
    }
}
