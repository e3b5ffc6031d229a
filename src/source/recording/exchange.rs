//! Requests with their answers as recorded, and the recording that they make up.
//!
//! Must not hold an uncompressed answer.

use serde::Serialize;

use crate::samples::{Asked, Captured, Failure, Grid, Observation, Origin, Question};
use crate::units::{Instant, Unit};

/// Recordings beyond this many bytes of text are left out (design 7).
pub(crate) const MAX_TEXT_BYTES: u64 = 256 * 1024 * 1024;

/// What the sources answered, as they sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recording {
    /// Every request with its answer, in the order of the questions.
    Kept(Vec<Exchange>),
    /// Not kept, because ….
    LeftOut(String),
}

/// One request with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub(super) question: Question,
    pub(super) times: Times,
    /// Which piece of a split range this is, from 1, and of how many.
    pub(super) part: Option<(usize, usize)>,
    pub(super) body: Body,
}

/// The instants for which an entry holds values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// At each point of a grid: times are implied.
    Grid(Grid),
    /// At one instant.
    At(Instant),
    /// Each value has its own.
    Own,
}

/// The text of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    /// The series, compressed; empty if there is no answer.
    pub(super) gz: Vec<u8>,
    /// Bytes of the series before compression.
    pub(super) text_bytes: u64,
    pub(super) end: End,
}

/// The pieces of an answer for the recording: one, unless the range is long. A body is `None` if its text became
/// too large, the whole is `None` if nothing is kept.
pub(crate) type Records = Option<Vec<(Times, Option<Body>)>>;

/// What follows the series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// Remarks that came with the samples.
    Remarks {
        warnings: Vec<String>,
        notes: Vec<String>,
        captured: Option<Captured>,
    },
    /// Why there is no answer.
    Failure(Failure),
}

impl Body {
    /// The body of a question that has no answer.
    pub(super) fn failed(failure: &Failure) -> Self {
        Self {
            gz: Vec::new(),
            text_bytes: 0,
            end: End::Failure(failure.clone()),
        }
    }

    /// What follows the compressed part.
    pub(super) fn end_text(&self) -> String {
        match &self.end {
            End::Failure(failure) => format!("\"failure\":{}}}", json(failure)),
            End::Remarks {
                warnings,
                notes,
                captured,
            } => {
                let (warnings, notes) = (list("warnings", warnings), list("notes", notes));
                let captured = captured.as_ref().map(json);
                let captured = captured.map_or(String::new(), |it| format!(",\"captured\":{it}"));
                format!("{warnings}{notes}{captured}}}")
            }
        }
    }
}

/// An entry of the answer, unless it is empty.
fn list(key: &str, texts: &[String]) -> String {
    if texts.is_empty() {
        return String::new();
    }
    format!(",\"{key}\":{}", json(texts))
}

/// As JSON; plain strings always serialize.
pub(super) fn json<T: Serialize + ?Sized>(text: &T) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

impl Times {
    /// Those for a question without an answer.
    fn asked(asked: &Asked) -> Self {
        match asked {
            Asked::Range(grid) => Self::Grid(*grid),
            Asked::At(at) => Self::At(*at),
            Asked::Captured(_) => Self::Own,
        }
    }
}

/// Gathers requests with their answers, in the order of the questions.
pub(crate) struct Recorder {
    wanted: bool,
    /// `None` once the text of an answer is too large.
    exchanges: Option<Vec<Exchange>>,
}

impl Recorder {
    pub(crate) fn new(wanted: bool) -> Self {
        Self {
            wanted,
            exchanges: Some(Vec::new()),
        }
    }

    /// The next question, with its outcome.
    pub(crate) fn add(&mut self, question: &Question, observation: &Observation, records: Records) {
        if let (true, Some(exchanges)) = (self.wanted, &mut self.exchanges) {
            match exchanges_of(question, observation, records) {
                Some(new) => exchanges.extend(new),
                None => self.exchanges = None,
            }
        }
    }

    /// The recording, unless its text is too large.
    pub(crate) fn finish(self) -> Recording {
        if !self.wanted {
            return Recording::LeftOut("not asked for".to_owned());
        }
        match self
            .exchanges
            .filter(|all| text_bytes(all) <= MAX_TEXT_BYTES)
        {
            Some(exchanges) => Recording::Kept(exchanges),
            None => Recording::LeftOut("the answers are larger than 256 MiB of text".to_owned()),
        }
    }
}

fn text_bytes(exchanges: &[Exchange]) -> u64 {
    let bytes = exchanges.iter().map(|exchange| exchange.body.text_bytes);
    bytes.sum()
}

/// One for each piece; `None` if the text of one became too large.
fn exchanges_of(
    question: &Question,
    observation: &Observation,
    records: Records,
) -> Option<Vec<Exchange>> {
    let exchange = |times, part, body| Exchange {
        question: question.clone(),
        times,
        part,
        body,
    };
    if let Err(failure) = observation {
        let times = Times::asked(&question.asked);
        return Some(vec![exchange(times, None, Body::failed(failure))]);
    }
    let records = records?;
    let of = records.len();
    let pieces = records
        .into_iter()
        .enumerate()
        .map(|(index, (times, body))| {
            let part = (of > 1).then_some((index + 1, of));
            Some(exchange(times, part, body?))
        });
    pieces.collect()
}

/// What an entry of a captured baseline is called, and what its values are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    /// The KPI's name, or `NAME guard`.
    pub(super) kpi: &'a str,
    /// `None` for a guard.
    pub(super) unit: Option<Unit>,
}

impl Exchange {
    /// What precedes the body: who was asked what, for when. Entries of a captured baseline have a label.
    pub(super) fn head(&self, label: Option<Label<'_>>) -> String {
        let mut head = match &self.question.origin {
            Origin::Source(name) => format!("{{\"source\":{}", json(name)),
            Origin::File(path) => format!("{{\"file\":{}", json(path)),
        };
        let captured = match &self.question.asked {
            Asked::Captured(name) => Some(name.as_str()),
            Asked::Range(_) | Asked::At(_) => None,
        };
        if let Some(name) = label.map(|label| label.kpi).or(captured) {
            head.push_str(&format!(",\"kpi\":{}", json(name)));
        }
        if let Some(unit) = label.and_then(|label| label.unit) {
            head.push_str(&format!(",\"unit\":{}", json(unit.word())));
        }
        head.push_str(&format!(",\"query\":{}", json(&self.question.query)));
        match self.times {
            Times::Grid(grid) => head.push_str(&grid_text(&grid)),
            Times::At(at) => head.push_str(&format!(",\"at\":\"{at}\"")),
            Times::Own => {}
        }
        if let Some((part, of)) = self.part {
            head.push_str(&format!(",\"part\":\"{part}/{of}\""));
        }
        head.push(',');
        head
    }
}

fn grid_text(grid: &Grid) -> String {
    let (start, end) = (grid.first(), grid.last());
    let step = Instant::from_millis(grid.step().millis()).unix();
    format!(",\"start\":\"{start}\",\"end\":\"{end}\",\"step\":{step}")
}
