//! A server with Prometheus' HTTP API: answers questions, in several requests if a range is long (rules 2 and 8).
//!
//! Knows the API's calls and words. Must not judge samples.

mod call;
mod decode;
mod errors;
mod held;
mod memory;
mod rules;
mod scanner;
mod version;

pub use held::holds_data;
pub use memory::read_answer;

use self::call::{pieces, request};
use self::decode::{Decoded, Envelope};
use self::errors::{explain, refused, unreadable};
use self::scanner::{Chunks, ScanError};
use super::recording::{Collected, Collector, Join, Outcome, Piece, Times};
use super::request::Request;
use super::seam::{Answer, Pending, Source};
use crate::findings::Rule;
use crate::http::{Fault, Limit, Method, Received, Server, Settings, Wording};
use crate::plan;
use crate::samples::{Asked, FailureCode, Question};
use crate::units::Instant;

/// A server of a plan.
pub(super) struct Prometheus {
    server: Server,
    /// Whether an answer with warnings counts as complete.
    allow_warnings: bool,
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
            explain,
        };
        Ok(Self {
            server: Server::new(&settings, request.pool)?,
            allow_warnings: source.allow_warnings,
            now: request.now,
        })
    }

    /// One turn for all requests of the question: the timeout covers them together, with their retries.
    async fn ask(&self, question: &Question, keep: bool) -> Result<Outcome, Fault> {
        let pieces = pieces(&question.asked)?;
        let turn = self.server.turn().await?;
        let mut joined = Join::new(match &question.asked {
            Asked::Range(grid) if pieces.len() > 1 => grid.count(),
            Asked::Range(_) | Asked::At(_) | Asked::Captured(_) => 0,
        });
        for times in pieces {
            let piece = turn.insist(|| self.attempt(&question.query, times, keep));
            joined.add(times, piece.await?);
        }
        Ok(joined.finish())
    }

    /// One request and its answer.
    async fn attempt(&self, query: &str, times: Times, keep: bool) -> Result<Piece, Fault> {
        let (call, form) = request(query, times);
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
        if self.allow_warnings {
            notes.splice(0..0, warnings.drain(..));
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
        Box::pin(rules::ask(&self.server, self.allow_warnings, self.now))
    }

    fn version(&self) -> Pending<'_, Option<String>> {
        Box::pin(version::ask(&self.server))
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
        .partition(|text| text.starts_with("PromQL info:"));
    if envelope.partial {
        warnings.push("isPartial: some of the storage did not answer".to_owned());
    }
    notes.extend(envelope.infos.iter().map(|text| wording.clean(text)));
    (warnings, notes)
}
