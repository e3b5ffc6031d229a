//! Captured baselines: what the sources answered at an earlier time, under the names of the KPIs.
//!
//! A file that cannot be read is an observation, never an abort. Must not guess between several answers.

use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::document::{self, Document, Form, Item, RecordedError, set_captured};
use super::exchange::{Exchange, Label, Recording, Records};
use crate::bounded;
use crate::http::Fault;
use crate::samples::{Asked, Captured, FailureCode, Observation, Question, SourceSeen};
use crate::units::{Instant, Unit};

const FORM: Form = Form {
    schema: "gate.baseline/v1",
    key: "baseline",
};

/// What was captured, as it is in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The release whose plan asked.
    pub release: String,
    /// The plan's path, as given on the command line.
    pub plan: String,
    /// Where the span begins.
    pub from: Instant,
    /// Where it ends.
    pub to: Instant,
    /// When it was captured.
    pub captured_at: Instant,
}

/// A query to capture.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The name that the baseline looks it up by: the KPI's, or `NAME guard`.
    pub name: String,
    /// The unit of its values; `None` for a guard.
    pub unit: Option<Unit>,
    /// What is asked.
    pub question: Question,
}

/// Why a baseline cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaptureError {
    /// The answers were not kept.
    #[error("the answers cannot be kept: {0}")]
    LeftOut(String),
    /// A KPI has no answer.
    #[error("KPI `{0}` has no answer")]
    Unanswered(String),
}

/// The file: for each query the answer in `recording`, in the given order.
///
/// # Errors
/// A recording that was left out; a question that it does not hold or that has no answer.
pub fn write(
    header: &Header,
    sources: &[SourceSeen],
    captured: &[Entry],
    recording: &Recording,
) -> Result<Vec<u8>, CaptureError> {
    let entries = match recording {
        Recording::Kept(entries) => entries,
        Recording::LeftOut(reason) => return Err(CaptureError::LeftOut(reason.clone())),
    };
    let mut named: Vec<(Option<Label<'_>>, &Exchange)> = Vec::new();
    for one in captured {
        let label = Label {
            kpi: &one.name,
            unit: one.unit,
        };
        let before = named.len();
        let answers = entries
            .iter()
            .filter(|entry| entry.question == one.question && !entry.body.gz.is_empty());
        named.extend(answers.map(|entry| (Some(label), entry)));
        if named.len() == before {
            return Err(CaptureError::Unanswered(one.name.clone()));
        }
    }
    Ok(document::write(FORM, header, sources, &named).concat())
}

/// Reads the header of a baseline, and checks the whole file in passing.
///
/// # Errors
/// A file that is cut off, garbled, or not a captured baseline.
pub fn read_header(bytes: &[u8]) -> Result<Header, RecordedError> {
    document::read(bytes, FORM, false).map(|document| document.header)
}

/// A captured baseline that answers questions.
pub(crate) struct Baseline {
    /// As in the plan.
    path: String,
    document: Document<Header>,
}

impl Baseline {
    /// Reads the file; `path` is relative to `folder`. With `keep`, its answers can be recorded again.
    ///
    /// # Errors
    /// A file that cannot be read, or is not a captured baseline.
    pub(crate) fn open(folder: &Path, path: &str, keep: bool) -> Result<Self, Fault> {
        let bytes = bounded::read(&folder.join(path), bounded::MAX_BYTES)
            .map_err(|error| unusable(path, error))?;
        let document = document::read(&bytes, FORM, keep).map_err(|error| unusable(path, error))?;
        let path = path.to_owned();
        Ok(Self { path, document })
    }

    /// The answer to a question, with what it was captured as: that may be another query.
    ///
    /// # Errors
    /// A KPI that the file does not hold, or holds several times; a question with a time of its own.
    pub(crate) fn find(&self, question: &Question) -> Result<(Observation, Records), Fault> {
        let Asked::Captured(kpi) = &question.asked else {
            return Err(unusable(
                &self.path,
                "a captured baseline cannot answer for another time",
            ));
        };
        let item = choose(&self.document.items, kpi, &question.query)
            .map_err(|reason| unusable(&self.path, reason))?;
        let mut item = item.clone();
        let at = match item.question.asked {
            Asked::At(at) => document::instant(at),
            Asked::Range(_) | Asked::Captured(_) => None,
        };
        if let Ok(reply) = &mut item.observation {
            reply.grid = item.grid.or(at);
        }
        let header = &self.document.header;
        let captured = Captured {
            query: item.question.query.clone(),
            unit: item.unit,
            release: header.release.clone(),
            at: header.captured_at,
        };
        set_captured(&mut item, &captured);
        Ok((item.observation, item.records))
    }
}

fn unusable(path: &str, reason: impl std::fmt::Display) -> Fault {
    let message = format!("the captured baseline `{path}` cannot be used: {reason}");
    Fault::last(FailureCode::BaselineFile, message)
}

/// The answer for a KPI: the one to the same query, or else the only one.
fn choose<'a>(items: &'a [Item], kpi: &str, query: &str) -> Result<&'a Item, String> {
    let named: Vec<&Item> = items
        .iter()
        .filter(|item| item.kpi.as_deref() == Some(kpi))
        .collect();
    let same: Vec<&&Item> = named
        .iter()
        .filter(|item| item.question.query == query)
        .collect();
    match (same.as_slice(), named.as_slice()) {
        ([item], _) => Ok(item),
        ([], [item]) => Ok(item),
        (_, []) => Err(format!("it holds no `{kpi}`")),
        _ => Err(format!("it holds several answers for `{kpi}`")),
    }
}
