//! A server with Prometheus' HTTP API: answers questions, in several requests if a range is long (rules 2 and 8).
//!
//! Knows the API's calls and words. Must not judge samples.

mod call;
mod catalogue;
mod decode;
mod errors;
mod held;
mod memory;
mod rules;
mod scanner;
mod version;

pub use catalogue::{Catalogue, Held, Span};
pub use held::holds_data;
pub use memory::read_answer;

use tokio::sync::OnceCell;

use self::call::{pieces, request};
use self::decode::{Decoded, Envelope};
use self::errors::{explain, refused, unreadable};
use self::scanner::{Chunks, ScanError};
use self::version::{Lookback, Version};
use super::recording::{Collected, Collector, Join, Outcome, Piece, Times};
use super::request::Request;
use super::seam::{Answer, Pending, Source};
use crate::findings::Rule;
use crate::http::{ClockSeen, Fault, Limit, Method, Received, Server, Settings, Wording};
use crate::plan;
use crate::samples::{Asked, FailureCode, Question};
use crate::units::{Duration, Instant};

/// A server of a plan.
pub(super) struct Prometheus {
    server: Server,
    /// An answer that may not be whole counts as whole.
    allow_partial: bool,
    lookback: Option<Duration>,
    /// What the server says of its version; asked once.
    version: OnceCell<Option<Version>>,
    /// The time of whoever asks.
    now: Instant,
}

impl Prometheus {
    /// Prepares to ask it; nothing is sent yet.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub(super) fn new(source: &plan::Source, request: &Request<'_>) -> Result<Self, Fault> {
        let settings = Settings {
            subject: "the source",
            url: &source.url,
            http: source.http.clone(),
            folder: request.folder,
            environment: request.environment,
            timeout: source.timeout.to_std(),
            concurrency: source.concurrency,
            compression: source.compression,
            limit: Limit {
                bytes: source.max_answer_bytes,
                setting: Some("max_answer"),
            },
            params: &source.params,
            method: source.method,
            clock: request.clock,
            explain,
        };
        Ok(Self {
            server: Server::new(&settings, request.pool)?,
            allow_partial: source.allow_partial,
            lookback: source.lookback,
            version: OnceCell::new(),
            now: request.now,
        })
    }

    /// One turn for all requests of the question: the timeout covers them together, with their retries.
    async fn ask(&self, question: &Question, keep: bool) -> Result<Outcome, Fault> {
        let pieces = pieces(&question.asked)?;
        let lookback = self.lookback().await?;
        let turn = self.server.turn().await?;
        let mut joined = Join::new(match &question.asked {
            Asked::Range(grid) if pieces.len() > 1 => grid.count(),
            Asked::Range(_) | Asked::At(_) | Asked::Captured(_) => 0,
        });
        for times in pieces {
            let piece = turn.insist(|| self.attempt(&question.query, times, &lookback, keep));
            joined.add(times, piece.await?);
        }
        Ok(joined.finish())
    }

    /// One request and its answer.
    async fn attempt(
        &self,
        query: &str,
        times: Times,
        lookback: &[(&'static str, String)],
        keep: bool,
    ) -> Result<Piece, Fault> {
        let (call, mut form) = request(query, times);
        form.extend_from_slice(lookback);
        let mut received = self.server.call(Method::Post, call, &form).await?;
        if received.is_page() {
            // A page for people is not an answer, whatever it says; its beginning goes into the message.
            let _ = received.append(&mut Vec::new()).await;
            return Err(unreadable(ScanError::Cut(0), &received));
        }
        let collector = Collector::new(times, keep, self.server.max_bytes() / 2);
        match decode::decode(&mut received, times, collector).await {
            Ok((envelope, Decoded::Data(collected))) => {
                self.piece(&envelope, *collected, &received.wording)
            }
            Ok((envelope, decoded @ (Decoded::Refused | Decoded::Text))) => {
                let status = received.status();
                Err(refused(status, &envelope, &decoded, &received.wording))
            }
            Err(error) => Err(unreadable(error, &received)),
        }
    }

    /// How far back a point looks, in the words of the server that is asked (M6): as its build information says, in both
    /// where it says nothing.
    ///
    /// # Errors
    /// A server that would ignore it: what it answers is not what was asked.
    async fn lookback(&self) -> Result<Vec<(&'static str, String)>, Fault> {
        let Some(lookback) = self.lookback else {
            return Ok(Vec::new());
        };
        let version = self.known_version().await;
        let names: &[&'static str] = match version.map(|version| version.lookback) {
            Some(Lookback::Max) => &["max_lookback"],
            Some(Lookback::Delta) => &["lookback_delta"],
            Some(Lookback::Ignored) => return Err(lookback_ignored(version)),
            Some(Lookback::Unknown) | None => &["lookback_delta", "max_lookback"],
        };
        let length = format!("{}ms", lookback.millis());
        Ok(names.iter().map(|name| (*name, length.clone())).collect())
    }

    /// Whether the server was asked what it is, and did not name one of which it is known how it takes `lookback`.
    fn may_ignore_lookback(&self) -> bool {
        let asked = self.version.get();
        asked.is_some_and(|version| {
            (version.as_ref()).is_none_or(|version| version.lookback == Lookback::Unknown)
        })
    }

    async fn known_version(&self) -> Option<&Version> {
        let asked = self.version.get_or_init(|| version::ask(&self.server));
        asked.await.as_ref()
    }

    /// Samples, with the remarks that came with them.
    fn piece(
        &self,
        envelope: &Envelope,
        collected: Collected,
        wording: &Wording,
    ) -> Result<Piece, Fault> {
        if envelope.histograms {
            return Err(Fault::last(
                FailureCode::NativeHistogram,
                "the answer holds native histograms, which have no value to compare: use histogram_quantile or histogram_count in the query",
            ));
        }
        let (mut warnings, mut notes) = remarks(envelope, wording);
        if self.allow_partial {
            notes.splice(0..0, warnings.drain(..));
        }
        if self.lookback.is_some() && self.may_ignore_lookback() {
            notes.push(MAY_IGNORE_LOOKBACK.to_owned());
        }
        Ok(Piece::new(collected, warnings, notes))
    }
}

impl Source for Prometheus {
    fn answer<'a>(&'a self, question: &'a Question, keep: bool) -> Pending<'a, Answer> {
        Box::pin(async move {
            match self.ask(question, keep).await {
                Ok(outcome) => (Ok(outcome.reply), Some(outcome.records)),
                Err(fault) => (Err(fault.into_failure()), None),
            }
        })
    }

    fn rules(&self) -> Pending<'_, Result<Vec<Rule>, Fault>> {
        Box::pin(rules::ask(&self.server, self.allow_partial, self.now))
    }

    fn version(&self) -> Pending<'_, Option<String>> {
        Box::pin(async {
            self.known_version()
                .await
                .map(|version| version.shown.clone())
        })
    }

    fn clock_seen(&self) -> ClockSeen {
        self.server.clock_seen()
    }
}

impl Chunks for &mut Received {
    type Error = Fault;

    async fn append(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        Received::append(self, buffer).await
    }
}

/// What makes an answer doubtful, and remarks that do not (rule 8).
fn remarks(envelope: &Envelope, wording: &Wording) -> (Vec<String>, Vec<String>) {
    // Older servers put their remarks among the warnings.
    let (mut notes, mut warnings): (Vec<String>, Vec<String>) = envelope
        .warnings
        .iter()
        .map(|text| wording.clean(text))
        .partition(|text| is_harmless(text));
    if envelope.partial {
        warnings.push("isPartial: some of the storage did not answer".to_owned());
    }
    notes.extend(envelope.infos.iter().map(|text| wording.clean(text)));
    (warnings, notes)
}

/// Remarks on a query whose answer is whole all the same: no series and no sample was left out, none made up.
const HARMLESS: [&str; 4] = [
    "PromQL info:",
    "PromQL warning: this native histogram metric is not a counter",
    "PromQL warning: this native histogram metric is not a gauge",
    "PromQL warning: ratio value should be between -1 and 1",
];

fn is_harmless(remark: &str) -> bool {
    HARMLESS.iter().any(|known| remark.starts_with(known))
}

/// What is noted if `lookback` was sent to a server that nothing is known of.
const MAY_IGNORE_LOOKBACK: &str =
    "the source does not say which server it is: it is unknown whether it supports `lookback`";

/// A server that ignores `lookback`.
fn lookback_ignored(version: Option<&Version>) -> Fault {
    let shown = version.map_or("", |version| version.shown.as_str());
    Fault::misconfigured(format!(
        "the source is Prometheus {shown}, which ignores `lookback` (2.43 and later support it): remove it, and use a guard such as `time() - timestamp(x)` to notice that samples stopped"
    ))
}
