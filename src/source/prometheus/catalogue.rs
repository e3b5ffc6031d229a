//! What a server holds: values of labels, and the labels of series, of some span. Bounded: what a server sends beyond that is not read.
//! Must not know what is looked for.

use std::collections::{BTreeMap, BTreeSet};

use super::Prometheus;
use super::scanner::{ScanError, Scanner};
use crate::http::{Fault, Method, Received};
use crate::plan;
use crate::samples::{Failure, FailureCode, Labels};
use crate::source::request::Request;
use crate::units::Instant;

/// More of one answer is not read.
const MAX_BYTES: u64 = 32 << 20;
/// More labels than this no series has.
const MAX_LABELS: usize = 1000;

/// A server whose metrics are looked up.
pub struct Catalogue(Prometheus);

/// What was asked for, up to a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<T> {
    /// In order, each once.
    pub all: BTreeSet<T>,
    /// Whether there is more than the limit.
    pub is_more: bool,
}

/// Some span of time.
pub type Span = (Instant, Instant);

/// An element of a list.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Element {
    Text(String),
    Labels(Labels),
}

impl Catalogue {
    /// The first source of a request; nothing is sent yet.
    ///
    /// # Errors
    /// Settings that cannot be used, or no source.
    pub fn of(request: &Request<'_>) -> Result<Self, Failure> {
        let Some(source) = request.sources.first() else {
            return Err(Fault::misconfigured("the plan has no source").into_failure());
        };
        let source = plan::Source {
            max_answer_bytes: MAX_BYTES,
            ..source.clone()
        };
        let server = Prometheus::new(&source, request);
        server.map(Self).map_err(Fault::into_failure)
    }

    /// What the server says of its version, if it does.
    pub async fn version(&self) -> Option<String> {
        let version = self.0.known_version().await;
        version.map(|version| version.shown.clone())
    }

    /// The values of a label in a span, of the series that a selector finds, up to so many.
    ///
    /// # Errors
    /// No answer, a refusal, or what is no list.
    pub async fn values(
        &self,
        label: &str,
        selector: Option<&str>,
        span: Span,
        most: usize,
    ) -> Result<Held<String>, Failure> {
        let path = format!("api/v1/label/{label}/values");
        let held = self
            .list(&path, &form(selector, span, most + 1), most)
            .await?;
        let text = |one| match one {
            Element::Text(text) => Some(text),
            Element::Labels(_) => None,
        };
        Ok(Held {
            all: held.all.into_iter().filter_map(text).collect(),
            is_more: held.is_more,
        })
    }

    /// The labels of the series that a selector finds in a span, up to so many series: servers may ignore the limit, and all that is
    /// beyond it stays unread.
    ///
    /// # Errors
    /// No answer, a refusal, or what is no list.
    pub async fn series(
        &self,
        selector: &str,
        span: Span,
        most: usize,
    ) -> Result<Held<Labels>, Failure> {
        let form = form(Some(selector), span, most);
        let held = self.list("api/v1/series", &form, most).await?;
        let labels = |one| match one {
            Element::Labels(labels) => Some(labels),
            Element::Text(_) => None,
        };
        Ok(Held {
            all: held.all.into_iter().filter_map(labels).collect(),
            is_more: held.is_more,
        })
    }

    async fn list(
        &self,
        path: &str,
        form: &[(&'static str, String)],
        most: usize,
    ) -> Result<Held<Element>, Failure> {
        let turn = self.0.server.turn().await.map_err(Fault::into_failure)?;
        let listed = turn.insist(|| self.attempt(path, form, most)).await;
        listed.map_err(Fault::into_failure)
    }

    async fn attempt(
        &self,
        path: &str,
        form: &[(&'static str, String)],
        most: usize,
    ) -> Result<Held<Element>, Fault> {
        let mut received = self.0.server.call(Method::Get, path, form).await?;
        if received.is_page() {
            // A page for people is no list; its beginning goes into the message.
            let _ = received.append(&mut Vec::new()).await;
            return Err(super::unreadable(ScanError::Cut(0), &received));
        }
        match data(&mut received, most).await {
            Ok(Some(held)) => Ok(held),
            Ok(None) => Err(Fault::last(
                FailureCode::SourceError,
                "the source did not list what it holds: its answer is no success",
            )),
            Err(error) => Err(super::unreadable(error, &received)),
        }
    }
}

fn form(selector: Option<&str>, (from, to): Span, limit: usize) -> Vec<(&'static str, String)> {
    let seconds = |at: Instant| at.millis().div_euclid(1000).to_string();
    let mut form: Vec<(&'static str, String)> = Vec::new();
    form.extend(selector.map(|selector| ("match[]", selector.to_owned())));
    form.push(("start", seconds(from)));
    form.push(("end", seconds(to)));
    form.push(("limit", limit.to_string()));
    form
}

type Read<'r> = Scanner<&'r mut Received>;

/// The elements of `data`, up to so many; the rest of the body is not read. `None` where the answer is no success.
async fn data(
    received: &mut Received,
    most: usize,
) -> Result<Option<Held<Element>>, ScanError<Fault>> {
    let mut read = Scanner::new(received);
    read.expect(b'{', "expected an object").await?;
    let mut is_success = false;
    loop {
        match read.key().await?.as_str() {
            "status" => is_success = read.string().await? == "success",
            "data" => {
                let held = elements(&mut read, most).await?;
                return Ok(is_success.then_some(held));
            }
            _ => read.skip().await?,
        }
        if !read.goes_on(b'}').await? {
            return Ok(None);
        }
    }
}

async fn elements(read: &mut Read<'_>, most: usize) -> Result<Held<Element>, ScanError<Fault>> {
    let mut all = BTreeSet::new();
    let mut is_more = false;
    // Go writes a list that was never filled as `null`.
    if read.peek().await? == b'n' {
        read.word().await?;
        return Ok(Held { all, is_more });
    }
    read.expect(b'[', "expected a list").await?;
    if read.is_empty(b']').await? {
        return Ok(Held { all, is_more });
    }
    loop {
        is_more = all.len() == most;
        if is_more {
            return Ok(Held { all, is_more });
        }
        all.insert(element(read).await?);
        if !read.goes_on(b']').await? {
            return Ok(Held { all, is_more });
        }
    }
}

async fn element(read: &mut Read<'_>) -> Result<Element, ScanError<Fault>> {
    if read.peek().await? == b'"' {
        return Ok(Element::Text(read.string().await?));
    }
    read.expect(b'{', "expected a text or the labels of a series")
        .await?;
    let mut labels = BTreeMap::new();
    if read.is_empty(b'}').await? {
        return Ok(Element::Labels(Labels::default()));
    }
    loop {
        let name = read.key().await?;
        labels.insert(name, read.string().await?);
        if labels.len() > MAX_LABELS {
            return Err(read.garbled("a series with too many labels"));
        }
        if !read.goes_on(b'}').await? {
            return Ok(Element::Labels(labels.into_iter().collect()));
        }
    }
}
