//! Files of recorded answers: their form, written and read. Shared by recordings and captured baselines.
//!
//! Reads as it streams. Must not take a garbled file for a shorter one: whatever does not fit is an error that says where.

use std::borrow::Cow;
use std::io::{BufReader, Read};

use flate2::read::MultiGzDecoder;
use serde::de::DeserializeSeed as _;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::exchange::{End, Exchange, Label, MAX_TEXT_BYTES, Records, Times, json};
use super::join::{Join, Outcome};
use super::read::{Raw, RawEntry, Top};
use super::text::Member;
use crate::samples::{Asked, Captured, Grid, Observation, Origin, Question, SourceSeen};
use crate::units::{Duration, Instant, Unit};

/// The first bytes of a gzip file.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// A sort of file: its version, and the key of its header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) schema: &'static str,
    pub(super) key: &'static str,
}

/// Why a file of answers cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordedError {
    /// Cut, garbled, or not of the form.
    #[error("not written by `gate`: {0}")]
    Form(String),
    /// Another version of the form, or another sort of file.
    #[error("the file is `{found}`, not `{expected}`")]
    Schema {
        /// What it says.
        found: String,
        /// What it should say.
        expected: &'static str,
    },
    /// A part of the file is missing.
    #[error("the file has no `{0}`")]
    Missing(&'static str),
    /// A question is answered twice.
    #[error("answer {0} repeats an earlier question")]
    Repeated(usize),
    /// A piece of a long range is missing or in the wrong place.
    #[error("answer {0} is a piece of a long range that does not follow the piece before")]
    Piece(usize),
}

/// An answer as it is in the file, its pieces joined.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) question: Question,
    /// The name of the KPI, in captured baselines.
    pub(super) kpi: Option<String>,
    /// The unit of its values, in captured baselines; not of a guard's.
    pub(super) unit: Option<Unit>,
    /// The grid; `None` for one instant.
    pub(super) grid: Option<Grid>,
    pub(super) observation: Observation,
    /// One for each piece; `None` if no recording is wanted.
    pub(super) records: Records,
}

/// A whole file.
pub(super) struct Document<H> {
    pub(super) header: H,
    pub(super) sources: Vec<SourceSeen>,
    pub(super) items: Vec<Item>,
}

/// Writes a file: consecutive gzip members, the answers as they were compressed when they came.
pub(super) fn write<'a>(
    Form { schema, key }: Form,
    header: &impl Serialize,
    sources: &[SourceSeen],
    entries: &[(Option<Label<'_>>, &'a Exchange)],
) -> Vec<Cow<'a, [u8]>> {
    let (header, sources) = (json(header), json(sources));
    let mut between = format!(
        "{{\"schema\":\"{schema}\",\n\"{key}\":{header},\n\"sources\":{sources},\n\"answers\":["
    );
    let mut pieces = Vec::new();
    for (index, (label, entry)) in entries.iter().enumerate() {
        between.push_str(if index == 0 { "\n" } else { ",\n" });
        between.push_str(&entry.head(*label));
        if !entry.body.gz.is_empty() {
            pieces.push(member(&between));
            pieces.push(Cow::Borrowed(entry.body.gz.as_slice()));
            between.clear();
        }
        between.push_str(&entry.body.end_text());
    }
    between.push_str("\n]}\n");
    pieces.push(member(&between));
    pieces
}

fn member(text: &str) -> Cow<'static, [u8]> {
    let mut member = Member::dense();
    member.push(text.as_bytes());
    Cow::Owned(member.finish())
}

/// Reads a file, compressed or not.
pub(super) fn read<H: for<'de> Deserialize<'de>>(
    bytes: &[u8],
    form: Form,
    keep: bool,
) -> Result<Document<H>, RecordedError> {
    if bytes.starts_with(GZIP) {
        let reader = MultiGzDecoder::new(bytes).take(2 * MAX_TEXT_BYTES);
        return read_from(BufReader::with_capacity(64 * 1024, reader), form, keep);
    }
    read_from(bytes, form, keep)
}

fn read_from<H: for<'de> Deserialize<'de>>(
    reader: impl Read,
    form: Form,
    keep: bool,
) -> Result<Document<H>, RecordedError> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    let garbled = |error: serde_json::Error| RecordedError::Form(error.to_string());
    let raw = Top::new(form.key, keep).deserialize(&mut json);
    let raw: Raw<H> = raw.map_err(garbled)?;
    json.end().map_err(garbled)?;
    let found = raw.schema.ok_or(RecordedError::Missing("schema"))?;
    if found != form.schema {
        let expected = form.schema;
        return Err(RecordedError::Schema { found, expected });
    }
    Ok(Document {
        header: raw.header.ok_or(RecordedError::Missing(form.key))?,
        sources: raw.sources.ok_or(RecordedError::Missing("sources"))?,
        items: put_together(raw.answers.ok_or(RecordedError::Missing("answers"))?)?,
    })
}

/// Pieces of long ranges → whole answers.
fn put_together(entries: Vec<RawEntry>) -> Result<Vec<Item>, RecordedError> {
    let mut items = Vec::new();
    let mut rest = entries.into_iter().enumerate();
    while let Some((index, first)) = rest.next() {
        let of = match first.part {
            None => 1,
            Some((1, of)) => of,
            Some(_) => return Err(RecordedError::Piece(index + 1)),
        };
        let mut pieces = vec![first];
        for part in 2..=of {
            let (index, next) = rest.next().ok_or(RecordedError::Piece(index + part))?;
            let last = pieces.last();
            if !last.is_some_and(|last| follows(last, &next, part, of)) {
                return Err(RecordedError::Piece(index + 1));
            }
            pieces.push(next);
        }
        items.push(item(pieces).ok_or(RecordedError::Piece(index + 1))?);
    }
    Ok(items)
}

fn follows(last: &RawEntry, next: &RawEntry, part: usize, of: usize) -> bool {
    let (Times::Grid(before), Times::Grid(after)) = (last.times, next.times) else {
        return false;
    };
    (&last.origin, &last.kpi, &last.query) == (&next.origin, &next.kpi, &next.query)
        && last.unit == next.unit
        && next.part == Some((part, of))
        && before.step() == after.step()
        && before.last() + before.step() == after.first()
}

fn item(pieces: Vec<RawEntry>) -> Option<Item> {
    let (first, last) = (pieces.first()?, pieces.last()?);
    let grid = match (first.times, last.times) {
        (Times::Grid(first), Times::Grid(last)) => {
            Some(Grid::inside(first.first(), last.last(), first.step())?)
        }
        (Times::At(_) | Times::Own, _) | (Times::Grid(_), Times::At(_) | Times::Own) => None,
    };
    let asked = match (&first.origin, &first.kpi, first.times) {
        (Origin::File(_), Some(kpi), _) => Asked::Captured(kpi.clone()),
        (Origin::Source(_) | Origin::File(_), _, Times::At(at)) => Asked::At(at),
        (Origin::Source(_) | Origin::File(_), _, Times::Grid(_) | Times::Own) => {
            Asked::Range(grid?)
        }
    };
    let question = Question {
        origin: first.origin.clone(),
        query: first.query.clone(),
        asked,
    };
    let (kpi, unit, times) = (first.kpi.clone(), first.unit, first.times);
    let captured = first.captured.clone();
    let expected = if pieces.len() > 1 {
        grid.map_or(0, |grid| grid.count().min(1 << 20))
    } else {
        0
    };
    let mut joined = Join::new(expected);
    for piece in pieces {
        match piece.result {
            Ok(result) => joined.add(piece.times, result),
            Err(failure) => {
                return Some(Item {
                    question,
                    kpi,
                    unit,
                    grid,
                    observation: Err(failure),
                    records: None,
                });
            }
        }
    }
    let Outcome { mut reply, records } = joined.finish();
    if let Asked::Captured(_) = question.asked {
        reply.grid = match times {
            Times::At(at) => instant(at),
            Times::Grid(_) | Times::Own => grid,
        };
    }
    let mut item = Item {
        question,
        kpi,
        unit,
        grid,
        observation: Ok(reply),
        records: Some(records),
    };
    if let Some(captured) = captured {
        set_captured(&mut item, &captured);
    }
    Some(item)
}

/// The grid of one instant: a single point.
pub(super) fn instant(at: Instant) -> Option<Grid> {
    Grid::inside(at, at, Duration::from_millis(1))
}

/// Says what an answer was captured as, in the answer and in its recording.
pub(super) fn set_captured(item: &mut Item, as_: &Captured) {
    if let Ok(reply) = &mut item.observation {
        reply.captured = Some(as_.clone());
    }
    let records = item.records.iter_mut().flatten();
    if let Some((_, Some(body))) = records.into_iter().next()
        && let End::Remarks { captured, .. } = &mut body.end
    {
        *captured = Some(as_.clone());
    }
}
