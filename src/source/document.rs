//! Files of recorded answers: their form, written and read. Shared by recordings and captured baselines.
//!
//! Reads as it streams. Must not take a garbled file for a shorter one: whatever does not fit is an error that says where.

use std::fmt;
use std::io::{BufReader, Read};
use std::marker::PhantomData;

use flate2::read::MultiGzDecoder;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::collect::{Collector, finish_record};
use super::entry::{Body, End, Entry, MAX_TEXT_BYTES, Member, Records, Times};
use super::join::{Join, Outcome, Piece};
use super::number;
use crate::samples::{
    Asked, Failure, FailureCode, Grid, Labels, Observation, Origin, Question, SourceSeen,
};
use crate::units::{Duration, Instant};

/// The first bytes of a gzip file.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Why a file of answers cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordedError {
    /// Cut, garbled, or not of the form.
    #[error("not a file of answers that `gate` wrote: {0}")]
    Form(String),
    /// Another version of the form, or another sort of file.
    #[error("the file is of the form `{found}`, `{expected}` is wanted")]
    Schema {
        /// What it says.
        found: String,
        /// What it should say.
        expected: &'static str,
    },
    /// A part of the file is not there.
    #[error("the file has no `{0}`")]
    Missing(&'static str),
    /// The same question stands in it twice.
    #[error("answer {0} repeats an earlier question")]
    Repeated(usize),
    /// A piece of a long range is missing or in the wrong place.
    #[error("answer {0} is a piece of a long range that does not follow the piece before it")]
    Piece(usize),
}

/// A source as it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceText {
    name: String,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

/// An answer as it stands in the file, its pieces put together.
pub(super) struct Item {
    pub(super) question: Question,
    /// The name of the KPI, in captured baselines.
    pub(super) kpi: Option<String>,
    /// The grid; `None` for one instant.
    pub(super) grid: Option<Grid>,
    pub(super) observation: Observation,
    /// One for each piece; `None` where no recording is wanted.
    pub(super) records: Records,
}

/// A whole file.
pub(super) struct Document<H> {
    pub(super) header: H,
    pub(super) sources: Vec<SourceSeen>,
    pub(super) items: Vec<Item>,
}

/// Writes a file: gzip members that follow one another, the answers as they were compressed when they came.
/// `header` is the text of the header's entry, such as `"check":{…}`.
pub(super) fn write(
    schema: &str,
    header: &str,
    sources: &[SourceSeen],
    entries: &[(Option<&str>, &Entry)],
) -> Vec<u8> {
    let sources: Vec<SourceText> = sources.iter().map(source_text).collect();
    // Plain texts always serialize.
    let sources = serde_json::to_string(&sources).unwrap_or_default();
    let mut between =
        format!("{{\"schema\":\"{schema}\",\n{header},\n\"sources\":{sources},\n\"answers\":[");
    let mut file = Vec::new();
    for (index, (kpi, entry)) in entries.iter().enumerate() {
        between.push_str(if index == 0 { "\n" } else { ",\n" });
        between.push_str(&entry.head(*kpi));
        if !entry.body.gz.is_empty() {
            append_member(&mut file, &between);
            file.extend_from_slice(&entry.body.gz);
            between.clear();
        }
        between.push_str(&entry.body.end_text());
    }
    between.push_str("\n]}\n");
    append_member(&mut file, &between);
    file
}

fn source_text(source: &SourceSeen) -> SourceText {
    SourceText {
        name: source.name.clone(),
        url: source.url.clone(),
        version: source.version.clone(),
    }
}

fn append_member(file: &mut Vec<u8>, text: &str) {
    let mut member = Member::new();
    member.push(text.as_bytes());
    file.extend(member.finish());
}

/// Reads a file, compressed or not.
pub(super) fn read<H: for<'de> Deserialize<'de>>(
    bytes: &[u8],
    schema: &'static str,
    header: &'static str,
    keep: bool,
) -> Result<Document<H>, RecordedError> {
    if bytes.starts_with(GZIP) {
        let reader = MultiGzDecoder::new(bytes).take(2 * MAX_TEXT_BYTES);
        return read_from(
            BufReader::with_capacity(64 * 1024, reader),
            schema,
            header,
            keep,
        );
    }
    read_from(bytes, schema, header, keep)
}

fn read_from<H: for<'de> Deserialize<'de>>(
    reader: impl Read,
    schema: &'static str,
    header: &'static str,
    keep: bool,
) -> Result<Document<H>, RecordedError> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    let top = Top {
        header,
        keep,
        kind: PhantomData,
    };
    let form = |error: serde_json::Error| RecordedError::Form(error.to_string());
    let raw: Raw<H> = top.deserialize(&mut json).map_err(form)?;
    json.end().map_err(form)?;
    let found = raw.schema.ok_or(RecordedError::Missing("schema"))?;
    if found != schema {
        return Err(RecordedError::Schema {
            found,
            expected: schema,
        });
    }
    let sources = raw.sources.ok_or(RecordedError::Missing("sources"))?;
    Ok(Document {
        header: raw.header.ok_or(RecordedError::Missing(header))?,
        sources: sources
            .into_iter()
            .map(|SourceText { name, url, version }| SourceSeen { name, url, version })
            .collect(),
        items: put_together(raw.answers.ok_or(RecordedError::Missing("answers"))?)?,
    })
}

/// One entry as it was read.
struct RawEntry {
    origin: Origin,
    kpi: Option<String>,
    query: String,
    times: Times,
    part: Option<(usize, usize)>,
    result: Result<Piece, Failure>,
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
            if !pieces
                .last()
                .is_some_and(|last| follows(last, &next, part, of))
            {
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
    let same = (&last.origin, &last.kpi, &last.query) == (&next.origin, &next.kpi, &next.query);
    same && next.part == Some((part, of))
        && before.step() == after.step()
        && before.last() + before.step() == after.first()
}

fn item(pieces: Vec<RawEntry>) -> Option<Item> {
    let (first, last) = (pieces.first()?, pieces.last()?);
    let grid = match (first.times, last.times) {
        (Times::Grid(first), Times::Grid(last)) => {
            Some(Grid::inside(first.first(), last.last(), first.step())?)
        }
        _ => None,
    };
    let asked = match (&first.origin, &first.kpi, first.times) {
        (Origin::File(_), Some(kpi), _) => Asked::Captured(kpi.clone()),
        (_, _, Times::At(at)) => Asked::At(at),
        _ => Asked::Range(grid?),
    };
    let question = Question {
        origin: first.origin.clone(),
        query: first.query.clone(),
        asked,
    };
    let kpi = first.kpi.clone();
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
                    grid,
                    observation: Err(failure),
                    records: None,
                });
            }
        }
    }
    let Outcome { mut reply, records } = joined.finish();
    if let Asked::Captured(_) = question.asked {
        reply.grid = grid;
    }
    Some(Item {
        question,
        kpi,
        grid,
        observation: Ok(reply),
        records: Some(records),
    })
}

/// The entries of an item that was read.
pub(super) fn entries_of(item: &Item) -> Option<Vec<Entry>> {
    let entry = |times, part, body| Entry {
        question: item.question.clone(),
        times,
        part,
        body,
    };
    if let Err(failure) = &item.observation {
        let times = match (&item.question.asked, item.grid) {
            (_, Some(grid)) => Times::Grid(grid),
            (Asked::At(at), None) => Times::At(*at),
            _ => Times::Own,
        };
        return Some(vec![entry(times, None, Body::failed(failure))]);
    }
    let records = item.records.as_ref()?;
    let of = records.len();
    let part = |index: usize| (of > 1).then_some((index + 1, of));
    records
        .iter()
        .enumerate()
        .map(|(index, (times, body))| Some(entry(*times, part(index), body.clone()?)))
        .collect()
}

/// The file's outermost object.
struct Top<H> {
    header: &'static str,
    keep: bool,
    kind: PhantomData<H>,
}

struct Raw<H> {
    schema: Option<String>,
    header: Option<H>,
    sources: Option<Vec<SourceText>>,
    answers: Option<Vec<RawEntry>>,
}

/// Implements `DeserializeSeed` by handing the seed itself on as the visitor of a map or of a list.
macro_rules! seed {
    ([$($generics:tt)*] $seed:ty => $value:ty, $form:ident) => {
        impl<'de, $($generics)*> DeserializeSeed<'de> for $seed {
            type Value = $value;
            fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
                json.$form(self)
            }
        }
    };
}

seed!([H: Deserialize<'de>] Top<H> => Raw<H>, deserialize_map);
seed!([] Entries => Vec<RawEntry>, deserialize_seq);
seed!([] EntrySeed => RawEntry, deserialize_map);
seed!([] SeriesList<'_> => (), deserialize_seq);
seed!([] OneSeries<'_> => (), deserialize_map);
seed!([] Values<'_> => (), deserialize_seq);
seed!([] OffGrid<'_> => (), deserialize_seq);

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

fn once<T, E: serde::de::Error>(
    place: &mut Option<T>,
    value: T,
    key: &'static str,
) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(key)),
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailureText {
    code: String,
    message: String,
}

/// What has been read of an entry.
#[derive(Default)]
struct Partial {
    origin: Option<Origin>,
    kpi: Option<String>,
    query: Option<String>,
    start: Option<Instant>,
    end: Option<Instant>,
    step: Option<Duration>,
    at: Option<Instant>,
    part: Option<(usize, usize)>,
    collector: Option<Collector>,
    warnings: Vec<String>,
    notes: Vec<String>,
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
                "query" => once(&mut partial.query, map.next_value()?, "query")?,
                "start" => once(
                    &mut partial.start,
                    instant(&map.next_value::<String>()?)?,
                    "start",
                )?,
                "end" => once(
                    &mut partial.end,
                    instant(&map.next_value::<String>()?)?,
                    "end",
                )?,
                "at" => once(
                    &mut partial.at,
                    instant(&map.next_value::<String>()?)?,
                    "at",
                )?,
                "step" => once(&mut partial.step, seconds(map.next_value()?)?, "step")?,
                "part" => once(
                    &mut partial.part,
                    part(&map.next_value::<String>()?)?,
                    "part",
                )?,
                "series" => {
                    let mut collector = Collector::new(partial.times()?, self.keep);
                    map.next_value_seed(SeriesList {
                        times: partial.times()?,
                        collector: &mut collector,
                    })?;
                    once(&mut partial.collector, collector, "series")?;
                }
                "warnings" => partial.warnings = map.next_value()?,
                "notes" => partial.notes = map.next_value()?,
                "failure" => once(&mut partial.failure, failure(map.next_value()?)?, "failure")?,
                other => return Err(A::Error::custom(format!("an answer has no `{other}`"))),
            }
        }
        partial.finish()
    }
}

impl Partial {
    /// The times of the entry. They must stand before the series, which imply theirs.
    fn times<E: serde::de::Error>(&self) -> Result<Times, E> {
        match (self.start, self.end, self.step, self.at) {
            (Some(start), Some(end), Some(step), None) => Grid::inside(start, end, step)
                .filter(|grid| grid.first() == start && grid.last() == end)
                .map(Times::Grid)
                .ok_or_else(|| {
                    E::custom("start and end are not multiples of the step, or in the wrong order")
                }),
            (None, None, None, Some(at)) => Ok(Times::At(at)),
            (None, None, None, None) if self.failure.is_some() => Ok(Times::Own),
            _ => Err(E::custom(
                "start, end and step, or at, must stand before the series",
            )),
        }
    }

    fn finish<E: serde::de::Error>(self) -> Result<RawEntry, E> {
        let times = self.times()?;
        let result = match (self.failure, self.collector) {
            (Some(failure), None) => Err(failure),
            (None, Some(collector)) => {
                let collected = collector.finish();
                Ok(Piece {
                    record: finish_record(collected.record, &self.warnings, &self.notes),
                    series: collected.series,
                    warnings: self.warnings,
                    notes: self.notes,
                })
            }
            _ => return Err(E::custom("an answer has either series or a failure")),
        };
        Ok(RawEntry {
            origin: self.origin.ok_or_else(|| E::missing_field("source"))?,
            kpi: self.kpi,
            query: self.query.ok_or_else(|| E::missing_field("query"))?,
            times,
            part: self.part,
            result,
        })
    }
}

fn instant<E: serde::de::Error>(text: &str) -> Result<Instant, E> {
    Instant::parse(text).map_err(E::custom)
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
        .ok_or_else(|| E::custom(format!("`{text}` is no piece such as `1/3`")))
}

fn failure<E: serde::de::Error>(text: FailureText) -> Result<Failure, E> {
    let code = FailureCode::ALL
        .into_iter()
        .find(|code| code.word() == text.code);
    let code = code.ok_or_else(|| E::custom(format!("`{}` is no code of a failure", text.code)))?;
    Ok(Failure {
        code,
        message: text.message,
    })
}

struct SeriesList<'a> {
    times: Times,
    collector: &'a mut Collector,
}

impl<'de> Visitor<'de> for SeriesList<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { times, collector } = self;
        while list
            .next_element_seed(OneSeries {
                times,
                collector: &mut *collector,
            })?
            .is_some()
        {}
        Ok(())
    }
}

struct OneSeries<'a> {
    times: Times,
    collector: &'a mut Collector,
}

impl<'de> Visitor<'de> for OneSeries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { times, collector } = self;
        let (mut labels, mut from, mut value, mut any) = (None, None, None, false);
        while let Some(key) = map.next_key::<String>()? {
            match (key.as_str(), times) {
                ("labels", _) => {
                    let pairs: std::collections::BTreeMap<String, String> = map.next_value()?;
                    once(&mut labels, pairs.into_iter().collect::<Labels>(), "labels")?;
                }
                ("from", Times::Grid(_)) | ("at", Times::At(_)) => {
                    once(&mut from, instant(&map.next_value::<String>()?)?, "from")?;
                }
                ("value", Times::At(_)) => once(&mut value, map.next_value::<String>()?, "value")?,
                ("values", Times::Grid(grid)) if !any => {
                    let first = match from {
                        None => Some(0),
                        Some(from) => grid.position(from),
                    };
                    let next =
                        first.ok_or_else(|| A::Error::custom("`from` is not on the grid"))?;
                    map.next_value_seed(Values {
                        grid,
                        next,
                        collector: &mut *collector,
                    })?;
                    any = true;
                }
                ("off_grid", _) => {
                    point_at(collector, times, from, value.take())?;
                    map.next_value_seed(OffGrid {
                        collector: &mut *collector,
                    })?;
                }
                (other, _) => {
                    return Err(A::Error::custom(format!(
                        "no place for `{other}` in a series"
                    )));
                }
            }
        }
        point_at(collector, times, from, value)?;
        collector.end_series(labels.ok_or_else(|| A::Error::missing_field("labels"))?);
        Ok(())
    }
}

/// The one value of an instant, where there is one.
fn point_at<E: serde::de::Error>(
    collector: &mut Collector,
    times: Times,
    at: Option<Instant>,
    text: Option<String>,
) -> Result<(), E> {
    if let (Some(text), Times::At(asked)) = (text, times) {
        sample(collector, at.unwrap_or(asked), &text)?;
    }
    Ok(())
}

fn sample<E: serde::de::Error>(
    collector: &mut Collector,
    at: Instant,
    text: &str,
) -> Result<(), E> {
    let value = number::value(text.as_bytes());
    let value = value.ok_or_else(|| E::custom(format!("`{}` is no value", text.escape_debug())))?;
    collector.point(at, value, text.as_bytes());
    Ok(())
}

struct Values<'a> {
    grid: Grid,
    next: usize,
    collector: &'a mut Collector,
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of values, null where there is none")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let count = self.grid.count();
        for position in self.next.. {
            let Some(text) = list.next_element::<Option<String>>()? else {
                break;
            };
            if position >= count {
                return Err(A::Error::custom("more values than the grid has points"));
            }
            if let Some(text) = text {
                sample(self.collector, self.grid.at(position), &text)?;
            }
        }
        Ok(())
    }
}

struct OffGrid<'a> {
    collector: &'a mut Collector,
}

impl<'de> Visitor<'de> for OffGrid<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of pairs of time and value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some((time, text)) = list.next_element::<(serde_json::Number, String)>()? {
            let at = number::time(time.to_string().as_bytes());
            let at = at.ok_or_else(|| A::Error::custom(format!("{time} is no time")))?;
            sample(self.collector, at, &text)?;
        }
        Ok(())
    }
}

/// Puts a remark before all others, in the answer and in its recording.
pub(super) fn add_note(item: &mut Item, note: &str) {
    if let Ok(reply) = &mut item.observation {
        reply.notes.insert(0, note.to_owned());
    }
    let first = item
        .records
        .as_mut()
        .and_then(|records| records.first_mut());
    if let Some((_, Some(body))) = first
        && let End::Remarks { notes, .. } = &mut body.end
    {
        notes.insert(0, note.to_owned());
    }
}
