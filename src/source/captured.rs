//! Captured baselines: what the sources answered at an earlier time, under the names of the KPIs.
//!
//! A file that cannot be read is an observation, never an abort. Must not guess between several answers.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::document::{self, Document, Item, RecordedError, add_note};
use super::entry::{Exchange, Recording, Records};
use crate::samples::{Asked, Failure, FailureCode, Observation, Origin, Question, SourceSeen};
use crate::units::Instant;

const SCHEMA: &str = "gate.baseline/v1";

/// What was captured, as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// What the baseline is called.
    pub name: String,
    /// The plan's path, as given on the command line.
    pub plan: String,
    /// Where the span begins.
    pub from: Instant,
    /// Where it ends.
    pub to: Instant,
    /// When it was captured.
    pub captured_at: Instant,
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

/// The file: for each `(NAME or "NAME guard", question)` the answer in `recording`, in the given order.
///
/// # Errors
/// A recording that was left out; a question that it does not hold or that has no answer.
pub fn write(
    header: &Header,
    sources: &[SourceSeen],
    kpis: &[(String, Question)],
    recording: &Recording,
) -> Result<Vec<u8>, CaptureError> {
    let entries = match recording {
        Recording::Kept(entries) => entries,
        Recording::LeftOut(reason) => return Err(CaptureError::LeftOut(reason.clone())),
    };
    let mut named: Vec<(Option<&str>, &Exchange)> = Vec::new();
    for (kpi, question) in kpis {
        let before = named.len();
        let answers = entries
            .iter()
            .filter(|entry| entry.question == *question && !entry.body.gz.is_empty());
        named.extend(answers.map(|entry| (Some(kpi.as_str()), entry)));
        if named.len() == before {
            return Err(CaptureError::Unanswered(kpi.clone()));
        }
    }
    // Plain texts always serialize.
    let header = serde_json::to_string(header).unwrap_or_default();
    let pieces = document::write(SCHEMA, &format!("\"baseline\":{header}"), sources, &named);
    Ok(pieces.concat())
}

/// Reads the header of a baseline, and checks the whole file on the way.
///
/// # Errors
/// A file that is cut, garbled, or not a captured baseline.
pub fn read_header(bytes: &[u8]) -> Result<Header, RecordedError> {
    document::read::<Header>(bytes, SCHEMA, "baseline", false).map(|document| document.header)
}

/// A question's place, its observation, and the answer's pieces for the recording.
type Answer = (usize, Observation, Records);

/// Answers questions to files, each of which is read once. Paths are relative to `folder`.
pub(super) fn answer_all(
    folder: &Path,
    questions: Vec<(usize, Question)>,
    keep: bool,
) -> Vec<Answer> {
    let mut files: BTreeMap<String, Vec<(usize, Question)>> = BTreeMap::new();
    for (place, question) in questions {
        if let Origin::File(path) = &question.origin {
            files
                .entry(path.clone())
                .or_default()
                .push((place, question));
        }
    }
    let answer = |(path, questions): (String, Vec<(usize, Question)>)| {
        answer_file(folder, &path, &questions, keep)
    };
    files.into_iter().flat_map(answer).collect()
}

fn answer_file(
    folder: &Path,
    path: &str,
    questions: &[(usize, Question)],
    keep: bool,
) -> Vec<Answer> {
    let file = load(folder, path, keep);
    let answer = |(place, question): &(usize, Question)| match &file {
        Ok(document) => {
            let (observation, records) = answer(document, path, question);
            (*place, observation, records)
        }
        Err(failure) => (*place, Err(failure.clone()), None),
    };
    questions.iter().map(answer).collect()
}

fn unusable(path: &str, reason: impl std::fmt::Display) -> Failure {
    Failure {
        code: FailureCode::BaselineFile,
        message: format!("the captured baseline `{path}` cannot be used: {reason}"),
    }
}

fn load(folder: &Path, path: &str, keep: bool) -> Result<Document<Header>, Failure> {
    let bytes = std::fs::read(folder.join(path)).map_err(|error| unusable(path, error))?;
    document::read(&bytes, SCHEMA, "baseline", keep).map_err(|error| unusable(path, error))
}

fn answer(document: &Document<Header>, path: &str, question: &Question) -> (Observation, Records) {
    let Asked::Captured(kpi) = &question.asked else {
        return (
            Err(unusable(path, "it is asked for a time of its own")),
            None,
        );
    };
    match choose(&document.items, kpi, &question.query) {
        Ok((item, note)) => {
            let at = match item.question.asked {
                Asked::At(at) => document::instant(at),
                Asked::Range(_) | Asked::Captured(_) => None,
            };
            let mut item = Item {
                question: question.clone(),
                kpi: None,
                grid: item.grid,
                observation: item.observation.clone(),
                records: item.records.clone(),
            };
            if let Ok(reply) = &mut item.observation {
                reply.grid = item.grid.or(at);
            }
            if let Some(note) = note {
                add_note(&mut item, &note);
            }
            (item.observation, item.records)
        }
        Err(reason) => (Err(unusable(path, reason)), None),
    }
}

/// The answer of a KPI: the one to the same query, else the only one, with a note.
fn choose<'a>(
    items: &'a [Item],
    kpi: &str,
    query: &str,
) -> Result<(&'a Item, Option<String>), String> {
    let named: Vec<&Item> = items
        .iter()
        .filter(|item| item.kpi.as_deref() == Some(kpi))
        .collect();
    let same: Vec<&&Item> = named
        .iter()
        .filter(|item| item.question.query == query)
        .collect();
    match (same.as_slice(), named.as_slice()) {
        ([item], _) => Ok((item, None)),
        ([], [item]) => {
            let note = format!(
                "the baseline was captured with another query: {}",
                item.question.query
            );
            Ok((item, Some(note)))
        }
        (_, []) => Err(format!("it holds no `{kpi}`")),
        _ => Err(format!("it holds several answers of `{kpi}`")),
    }
}
