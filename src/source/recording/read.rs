//! The text of a file of answers → entries, as it streams: one visitor for each level of the document.
//!
//! Must not hold more than one answer's points besides those already read, and must refuse what it does not know.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::collect::Collector;
use super::exchange::{MAX_TEXT_BYTES, Times};
use super::join::Piece;
use super::series::SeriesList;
use super::visit::{once, seed};
use crate::samples::{Captured, Failure, Grid, Origin, SourceSeen};
use crate::units::{Duration, Instant, Unit};

/// The file's outermost object.
pub(super) struct Top<H> {
    /// The key of the header.
    header: &'static str,
    keep: bool,
    kind: PhantomData<H>,
}

impl<H> Top<H> {
    pub(super) fn new(header: &'static str, keep: bool) -> Self {
        let kind = PhantomData;
        Self { header, keep, kind }
    }
}

/// What has been read of it.
pub(super) struct Raw<H> {
    pub(super) schema: Option<String>,
    pub(super) header: Option<H>,
    pub(super) sources: Option<Vec<SourceSeen>>,
    pub(super) answers: Option<Vec<RawEntry>>,
}

/// One entry as it was read.
pub(super) struct RawEntry {
    pub(super) origin: Origin,
    pub(super) kpi: Option<String>,
    pub(super) unit: Option<Unit>,
    pub(super) captured: Option<Captured>,
    pub(super) query: String,
    pub(super) times: Times,
    pub(super) part: Option<(usize, usize)>,
    pub(super) result: Result<Piece, Failure>,
}

seed!([H: Deserialize<'de>] Top<H> => Raw<H>, deserialize_map);
seed!([] Entries => Vec<RawEntry>, deserialize_seq);
seed!([] EntrySeed => RawEntry, deserialize_map);

impl<'de, H: Deserialize<'de>> Visitor<'de> for Top<H> {
    type Value = Raw<H>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with schema, sources and answers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw<H>, A::Error> {
        let mut raw = Raw {
            schema: None,
            header: None,
            sources: None,
            answers: None,
        };
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "schema" => once(&mut raw.schema, map.next_value()?, "schema")?,
                "sources" => once(&mut raw.sources, map.next_value()?, "sources")?,
                "answers" => {
                    let answers = map.next_value_seed(Entries { keep: self.keep })?;
                    once(&mut raw.answers, answers, "answers")?;
                }
                key if key == self.header => once(&mut raw.header, map.next_value()?, self.header)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(raw)
    }
}

#[derive(Clone, Copy)]
struct Entries {
    keep: bool,
}

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<RawEntry>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of answers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element_seed(EntrySeed { keep: self.keep })? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

struct EntrySeed {
    keep: bool,
}

/// What has been read of an entry.
#[derive(Default)]
struct Partial {
    origin: Option<Origin>,
    kpi: Option<String>,
    unit: Option<Unit>,
    captured: Option<Captured>,
    query: Option<String>,
    start: Option<Instant>,
    end: Option<Instant>,
    step: Option<Duration>,
    at: Option<Instant>,
    part: Option<(usize, usize)>,
    collector: Option<Collector>,
    warnings: Option<Vec<String>>,
    notes: Option<Vec<String>>,
    failure: Option<Failure>,
}

impl<'de> Visitor<'de> for EntrySeed {
    type Value = RawEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawEntry, A::Error> {
        let mut partial = Partial::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "source" => once(
                    &mut partial.origin,
                    Origin::Source(map.next_value()?),
                    "source",
                )?,
                "file" => once(&mut partial.origin, Origin::File(map.next_value()?), "file")?,
                "kpi" => once(&mut partial.kpi, map.next_value()?, "kpi")?,
                "unit" => once(&mut partial.unit, map.next_value()?, "unit")?,
                "captured" => once(&mut partial.captured, map.next_value()?, "captured")?,
                "query" => once(&mut partial.query, map.next_value()?, "query")?,
                "start" => once(&mut partial.start, map.next_value()?, "start")?,
                "end" => once(&mut partial.end, map.next_value()?, "end")?,
                "at" => once(&mut partial.at, map.next_value()?, "at")?,
                "step" => once(&mut partial.step, seconds(map.next_value()?)?, "step")?,
                "part" => once(
                    &mut partial.part,
                    part(&map.next_value::<String>()?)?,
                    "part",
                )?,
                "series" => {
                    let mut collector =
                        Collector::new(partial.times()?, self.keep, 8 * MAX_TEXT_BYTES);
                    map.next_value_seed(SeriesList {
                        times: partial.times()?,
                        collector: &mut collector,
                    })?;
                    once(&mut partial.collector, collector, "series")?;
                }
                "warnings" => once(&mut partial.warnings, map.next_value()?, "warnings")?,
                "notes" => once(&mut partial.notes, map.next_value()?, "notes")?,
                "failure" => once(&mut partial.failure, map.next_value()?, "failure")?,
                other => return Err(A::Error::custom(format!("an answer has no `{other}`"))),
            }
        }
        partial.finish()
    }
}

impl Partial {
    /// The times of the entry. They must come before the series, whose times are implied.
    fn times<E: serde::de::Error>(&self) -> Result<Times, E> {
        match (self.start, self.end, self.step, self.at) {
            (Some(start), Some(end), Some(step), None) => Grid::inside(start, end, step)
                .filter(|grid| grid.first() == start && grid.last() == end)
                .map(Times::Grid)
                .ok_or_else(|| {
                    E::custom("start and end are not multiples of the step, in the wrong order, or too far apart")
                }),
            (None, None, None, Some(at)) => Ok(Times::At(at)),
            (None, None, None, None) if self.failure.is_some() => Ok(Times::Own),
            _ => Err(E::custom(
                "start, end and step, or at, must come before the series",
            )),
        }
    }

    fn finish<E: serde::de::Error>(self) -> Result<RawEntry, E> {
        let times = self.times()?;
        let result = match (self.failure, self.collector) {
            (Some(failure), None) => Err(failure),
            (None, Some(collector)) => {
                let warnings = self.warnings.unwrap_or_default();
                let notes = self.notes.unwrap_or_default();
                Ok(Piece::new(collector.finish(), warnings, notes))
            }
            _ => return Err(E::custom("an answer has either series or a failure")),
        };
        Ok(RawEntry {
            origin: self.origin.ok_or_else(|| E::missing_field("source"))?,
            kpi: self.kpi,
            unit: self.unit,
            captured: self.captured,
            query: self.query.ok_or_else(|| E::missing_field("query"))?,
            times,
            part: self.part,
            result,
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "bounded before")]
fn seconds<E: serde::de::Error>(seconds: f64) -> Result<Duration, E> {
    let millis = (seconds * 1000.0).round();
    if !(1.0..1e15).contains(&millis) {
        return Err(E::custom(format!("a step of {seconds} seconds")));
    }
    Ok(Duration::from_millis(millis as i64))
}

fn part<E: serde::de::Error>(text: &str) -> Result<(usize, usize), E> {
    text.split_once('/')
        .and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)))
        .filter(|(part, of)| (1..=*of).contains(part) && *of > 1)
        .ok_or_else(|| E::custom(format!("`{text}` is not a piece such as `1/3`")))
}
