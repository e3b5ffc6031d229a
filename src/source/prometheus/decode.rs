//! The answer format of Prometheus' HTTP API, decoded as it streams.
//!
//! Knows only the format: no HTTP, no retries. Must not repair an answer: what does not fit the format is garbled.

mod pairs;

use self::pairs::{has_room, pair, values};
use super::scanner::{Chunks, ScanError, Scanner};
use crate::samples::Labels;
use crate::source::number;
use crate::source::recording::{Collected, Collector, Times};

/// More remarks than this are counted, not kept.
const MAX_REMARKS: usize = 20;
/// No series has more labels than this.
const MAX_LABELS: usize = 1000;

/// What the body said, apart from the samples.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    success: Option<bool>,
    has_data: bool,
    result_type: Option<String>,
    shape: Option<Shape>,
    /// The server's word for the kind of error.
    pub(super) error_type: Option<String>,
    /// The server's words.
    pub(super) error: Option<String>,
    pub(super) warnings: Vec<String>,
    pub(super) infos: Vec<String>,
    /// Some samples are native histograms.
    pub(super) histograms: bool,
    /// VictoriaMetrics' flag for an answer from which some nodes are missing.
    pub(super) partial: bool,
}

impl Envelope {
    fn names_an_error(&self) -> bool {
        let texts = [&self.error_type, &self.error];
        texts.into_iter().flatten().any(|text| !text.is_empty())
    }
}

/// What the body is.
pub(super) enum Decoded {
    /// Samples.
    Data(Box<Collected>),
    /// `status: error`.
    Refused,
    /// The query returns a string, not numbers.
    Text,
}

/// What the result looks like; the declared type must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Empty,
    Vector,
    Matrix,
    /// One pair.
    Scalar,
    /// One pair whose value is not a number.
    Text,
}

/// Reads a whole body into `collector`.
///
/// # Errors
/// A body that is cut off, is not JSON or not in the format, or is not what was asked for.
pub(super) async fn decode<C: Chunks>(
    chunks: C,
    times: Times,
    mut collector: Collector,
) -> Result<(Envelope, Decoded), ScanError<C::Error>> {
    let mut scanner = Scanner::new(chunks);
    let mut envelope = Envelope::default();
    scanner.expect(b'{', "expected a JSON object").await?;
    if !scanner.is_empty(b'}').await? {
        loop {
            let key = scanner.key().await?;
            entry(&mut scanner, &key, &mut envelope, &mut collector).await?;
            if !scanner.goes_on(b'}').await? {
                break;
            }
        }
    }
    if scanner.peek_or_end().await?.is_some() {
        return Err(scanner.garbled("something follows the answer"));
    }
    let decoded = conclude(&envelope, times, collector);
    let decoded = decoded.map_err(|what| scanner.garbled(what))?;
    Ok((envelope, decoded))
}

fn conclude(
    envelope: &Envelope,
    times: Times,
    collector: Collector,
) -> Result<Decoded, &'static str> {
    match envelope.success {
        None => return Err("the answer has no status"),
        Some(false) => return Ok(Decoded::Refused),
        Some(true) if envelope.names_an_error() => {
            return Err("a success that names an error");
        }
        Some(true) => {}
    }
    let shape = envelope.shape.ok_or("the answer has no result")?;
    let declared = envelope
        .result_type
        .as_deref()
        .ok_or("the answer has no result type")?;
    let ranged = matches!(times, Times::Grid(_));
    let data = || Ok(Decoded::Data(Box::new(collector.finish())));
    match (declared, shape) {
        ("string", Shape::Text | Shape::Scalar) => Ok(Decoded::Text),
        ("matrix", Shape::Matrix | Shape::Empty) if ranged => data(),
        ("vector", Shape::Vector | Shape::Empty) | ("scalar", Shape::Scalar) if !ranged => data(),
        ("scalar", Shape::Text) => Err("a value that is not a number"),
        ("matrix" | "vector" | "scalar", _) => Err("the result is not of the requested type"),
        _ => Err("an unknown result type"),
    }
}

/// One entry of the envelope.
async fn entry<C: Chunks>(
    scanner: &mut Scanner<C>,
    key: &str,
    envelope: &mut Envelope,
    collector: &mut Collector,
) -> Result<(), ScanError<C::Error>> {
    match key {
        "status" if envelope.success.is_some() => Err(scanner.garbled("`status` occurs twice")),
        "status" => {
            let success = match scanner.string().await?.as_str() {
                "success" => true,
                "error" => false,
                _ => return Err(scanner.garbled("a status that is neither success nor error")),
            };
            envelope.success = Some(success);
            Ok(())
        }
        "data" if envelope.has_data => Err(scanner.garbled("`data` occurs twice")),
        "data" => {
            envelope.has_data = true;
            data(scanner, envelope, collector).await
        }
        "errorType" => remember(scanner, &mut envelope.error_type).await,
        "error" => remember(scanner, &mut envelope.error).await,
        "warnings" => remarks(scanner, &mut envelope.warnings).await,
        "infos" => remarks(scanner, &mut envelope.infos).await,
        "isPartial" => {
            // Anything but a plain no may mean yes.
            let word = scanner.word().await?;
            envelope.partial |= !matches!(word.as_slice(), b"false" | b"null");
            Ok(())
        }
        _ => scanner.skip().await,
    }
}

async fn remember<C: Chunks>(
    scanner: &mut Scanner<C>,
    place: &mut Option<String>,
) -> Result<(), ScanError<C::Error>> {
    if scanner.peek().await? == b'"' {
        *place = Some(scanner.string().await?);
        return Ok(());
    }
    scanner.skip().await
}

async fn remarks<C: Chunks>(
    scanner: &mut Scanner<C>,
    list: &mut Vec<String>,
) -> Result<(), ScanError<C::Error>> {
    if scanner.peek().await? == b'n' {
        return scanner.skip().await;
    }
    scanner.expect(b'[', "expected a list of strings").await?;
    if scanner.is_empty(b']').await? {
        return Ok(());
    }
    loop {
        let text = scanner.string().await?;
        if list.len() < MAX_REMARKS {
            list.push(text);
        }
        if !scanner.goes_on(b']').await? {
            return Ok(());
        }
    }
}

async fn data<C: Chunks>(
    scanner: &mut Scanner<C>,
    envelope: &mut Envelope,
    collector: &mut Collector,
) -> Result<(), ScanError<C::Error>> {
    if scanner.peek().await? != b'{' {
        return scanner.skip().await;
    }
    scanner.advance(1);
    if scanner.is_empty(b'}').await? {
        return Ok(());
    }
    loop {
        match scanner.key().await?.as_str() {
            "resultType" if envelope.result_type.is_some() => {
                return Err(scanner.garbled("`resultType` occurs twice"));
            }
            "resultType" => envelope.result_type = Some(scanner.string().await?),
            "result" if envelope.shape.is_some() => {
                return Err(scanner.garbled("`result` occurs twice"));
            }
            "result" => envelope.shape = Some(result(scanner, envelope, collector).await?),
            _ => scanner.skip().await?,
        }
        if !scanner.goes_on(b'}').await? {
            return Ok(());
        }
    }
}

async fn result<C: Chunks>(
    scanner: &mut Scanner<C>,
    envelope: &mut Envelope,
    collector: &mut Collector,
) -> Result<Shape, ScanError<C::Error>> {
    if scanner.peek().await? == b'n' {
        // Some compatible servers write `null` for no series.
        return match scanner.word().await?.as_slice() {
            b"null" => Ok(Shape::Empty),
            _ => Err(scanner.garbled("expected a list of series")),
        };
    }
    scanner.expect(b'[', "expected a list of series").await?;
    if scanner.is_empty(b']').await? {
        return Ok(Shape::Empty);
    }
    if scanner.peek().await? != b'{' {
        return scalar(scanner, collector).await;
    }
    let mut shape = None;
    loop {
        let found = series(scanner, envelope, collector).await?;
        if shape.replace(found).is_some_and(|before| before != found) {
            return Err(scanner.garbled("series of different kinds"));
        }
        if !scanner.goes_on(b']').await? {
            return Ok(found);
        }
    }
}

/// A scalar or string result, its opening bracket read.
async fn scalar<C: Chunks>(
    scanner: &mut Scanner<C>,
    collector: &mut Collector,
) -> Result<Shape, ScanError<C::Error>> {
    let time = scanner.word().await?;
    scanner.expect(b',', "expected a comma").await?;
    let text = scanner.string().await?;
    scanner.expect(b']', "expected the end of a pair").await?;
    let at = number::time(&time).ok_or_else(|| scanner.garbled("an invalid time"))?;
    let Some(value) = number::value(text.as_bytes()) else {
        return Ok(Shape::Text);
    };
    collector.point(at, value, text.as_bytes());
    collector.end_series(Labels::default());
    Ok(Shape::Scalar)
}

/// One series with its samples.
async fn series<C: Chunks>(
    scanner: &mut Scanner<C>,
    envelope: &mut Envelope,
    collector: &mut Collector,
) -> Result<Shape, ScanError<C::Error>> {
    scanner.expect(b'{', "expected a series").await?;
    let (mut labels, mut shape) = (None, None);
    if scanner.is_empty(b'}').await? {
        return Err(scanner.garbled("a series without samples"));
    }
    loop {
        let found = match scanner.key().await?.as_str() {
            "metric" if labels.is_some() => return Err(scanner.garbled("`metric` occurs twice")),
            "metric" => {
                labels = Some(metric(scanner).await?);
                None
            }
            "value" => {
                pair(scanner, collector).await?;
                Some((Shape::Vector, false))
            }
            "values" => {
                values(scanner, collector).await?;
                Some((Shape::Matrix, false))
            }
            "histogram" => Some((Shape::Vector, true)),
            "histograms" => Some((Shape::Matrix, true)),
            _ => {
                scanner.skip().await?;
                None
            }
        };
        if let Some((found, histogram)) = found {
            if histogram {
                scanner.skip().await?;
                envelope.histograms = true;
            }
            // A series may hold both floats and histograms, in one form or the other.
            if shape
                .replace((found, histogram))
                .is_some_and(|(before, was)| before != found || was == histogram)
            {
                return Err(scanner.garbled("the samples of a series occur twice"));
            }
        }
        if !scanner.goes_on(b'}').await? {
            break;
        }
    }
    let labels = labels.ok_or_else(|| scanner.garbled("a series without labels"))?;
    let (shape, _) = shape.ok_or_else(|| scanner.garbled("a series without samples"))?;
    collector.end_series(labels);
    has_room(collector)?;
    Ok(shape)
}

async fn metric<C: Chunks>(scanner: &mut Scanner<C>) -> Result<Labels, ScanError<C::Error>> {
    scanner.expect(b'{', "expected labels").await?;
    if scanner.is_empty(b'}').await? {
        return Ok(Labels::default());
    }
    let mut pairs = Vec::new();
    loop {
        let name = scanner.key().await?;
        pairs.push((name, scanner.string().await?));
        if pairs.len() > MAX_LABELS {
            return Err(scanner.garbled("a series has more than 1000 labels"));
        }
        if !scanner.goes_on(b'}').await? {
            break;
        }
    }
    let count = pairs.len();
    let labels: Labels = pairs.into_iter().collect();
    if labels.iter().count() < count {
        return Err(scanner.garbled("a label occurs twice"));
    }
    Ok(labels)
}

#[cfg(test)]
mod tests;
