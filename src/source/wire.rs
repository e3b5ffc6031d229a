//! The answer format of Prometheus' HTTP API, decoded as it streams.
//!
//! Knows the format alone: no HTTP, no retries. Must not repair an answer: what is not of the form is garbled.

use super::collect::{Collected, Collector};
use super::entry::Times;
use super::number;
use super::scanner::{Chunks, ScanError, Scanner};
use crate::samples::Labels;

/// More remarks than this are counted, not kept.
const MAX_REMARKS: usize = 20;

/// What the body said, the samples aside.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    success: Option<bool>,
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
    /// VictoriaMetrics' word for an answer from which some nodes are missing.
    pub(super) partial: bool,
}

/// What the body is.
pub(super) enum Answer {
    /// Samples.
    Data(Box<Collected>),
    /// `status: error`.
    Refused,
    /// The query gives a string, not numbers.
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
    /// One pair whose value is no number.
    Text,
}

/// Reads a whole body into `collector`.
///
/// # Errors
/// A body that is cut, no JSON, not of the format, or not what was asked for.
pub(super) async fn decode<C: Chunks>(
    chunks: C,
    times: Times,
    mut collector: Collector,
) -> Result<(Envelope, Answer), ScanError<C::Error>> {
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
    let verdict = conclude(&envelope, times, collector);
    verdict
        .map(|answer| (envelope, answer))
        .map_err(|what| scanner.garbled(what))
}

fn conclude(
    envelope: &Envelope,
    times: Times,
    collector: Collector,
) -> Result<Answer, &'static str> {
    match envelope.success {
        None => return Err("the answer has no status"),
        Some(false) => return Ok(Answer::Refused),
        Some(true) => {}
    }
    let shape = envelope.shape.ok_or("the answer has no result")?;
    let declared = envelope
        .result_type
        .as_deref()
        .ok_or("the answer has no result type")?;
    let ranged = matches!(times, Times::Grid(_));
    match (declared, shape) {
        ("string", Shape::Text | Shape::Scalar) => Ok(Answer::Text),
        ("matrix", Shape::Matrix | Shape::Empty) if ranged => {
            Ok(Answer::Data(Box::new(collector.finish())))
        }
        ("vector", Shape::Vector | Shape::Empty) | ("scalar", Shape::Scalar) if !ranged => {
            Ok(Answer::Data(Box::new(collector.finish())))
        }
        ("scalar", Shape::Text) => Err("a value that is no number"),
        ("matrix" | "vector" | "scalar", _) => {
            Err("the result is not of the type that was asked for")
        }
        _ => Err("a result type that is not known"),
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
        "status" if envelope.success.is_some() => Err(scanner.garbled("`status` twice")),
        "status" => {
            let success = match scanner.string().await?.as_str() {
                "success" => true,
                "error" => false,
                _ => return Err(scanner.garbled("a status that is neither success nor error")),
            };
            envelope.success = Some(success);
            Ok(())
        }
        "data" => data(scanner, envelope, collector).await,
        "errorType" => remember(scanner, &mut envelope.error_type).await,
        "error" => remember(scanner, &mut envelope.error).await,
        "warnings" => remarks(scanner, &mut envelope.warnings).await,
        "infos" => remarks(scanner, &mut envelope.infos).await,
        "isPartial" => {
            envelope.partial |= scanner.word().await? == b"true";
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
    scanner.expect(b'[', "expected a list of texts").await?;
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
                return Err(scanner.garbled("`resultType` twice"));
            }
            "resultType" => envelope.result_type = Some(scanner.string().await?),
            "result" if envelope.shape.is_some() => return Err(scanner.garbled("`result` twice")),
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
        // Some relatives write `null` for no series.
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
            return Err(scanner.garbled("series of several kinds"));
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
    let at = number::time(&time).ok_or_else(|| scanner.garbled("a time that is none"))?;
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
            "metric" if labels.is_some() => return Err(scanner.garbled("`metric` twice")),
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
            // Floats and histograms may stand side by side in a series, in one form or the other.
            if shape
                .replace((found, histogram))
                .is_some_and(|(before, was)| before != found || was == histogram)
            {
                return Err(scanner.garbled("samples of a series twice"));
            }
        }
        if !scanner.goes_on(b'}').await? {
            break;
        }
    }
    let labels = labels.ok_or_else(|| scanner.garbled("a series without labels"))?;
    let (shape, _) = shape.ok_or_else(|| scanner.garbled("a series without samples"))?;
    collector.end_series(labels);
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
        if !scanner.goes_on(b'}').await? {
            break;
        }
    }
    let count = pairs.len();
    let labels: Labels = pairs.into_iter().collect();
    if labels.iter().count() < count {
        return Err(scanner.garbled("a label twice"));
    }
    Ok(labels)
}

async fn values<C: Chunks>(
    scanner: &mut Scanner<C>,
    collector: &mut Collector,
) -> Result<(), ScanError<C::Error>> {
    scanner.expect(b'[', "expected a list of samples").await?;
    if scanner.is_empty(b']').await? {
        return Ok(());
    }
    loop {
        let ran = quick_pairs(scanner.ahead(), collector);
        scanner.advance(ran);
        pair(scanner, collector).await?;
        if !scanner.goes_on(b']').await? {
            return Ok(());
        }
    }
}

/// Reads as many whole `[time,"value"],` as are here in just this form, without a blank. Returns their length.
/// Whatever is of another form is left to `pair`, which decides.
fn quick_pairs(ahead: &[u8], collector: &mut Collector) -> usize {
    let mut read = 0;
    while let Some((length, time, value)) = ahead.get(read..).and_then(quick_pair) {
        let (Some(at), Some(number)) = (number::time(time), number::value(value)) else {
            break;
        };
        collector.point(at, number, value);
        read += length;
    }
    read
}

/// The length of `[time,"value"],`, its time and its value.
fn quick_pair(ahead: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let inner = ahead.strip_prefix(b"[")?;
    let comma = inner.iter().take(20).position(|byte| *byte == b',')?;
    let (time, rest) = inner.split_at_checked(comma)?;
    let rest = rest.strip_prefix(b",\"")?;
    let quote = rest.iter().position(|byte| *byte == b'"')?;
    let (value, rest) = rest.split_at_checked(quote)?;
    rest.starts_with(b"\"],")
        .then_some((comma + quote + 6, time, value))
}

/// Reads one `[time, "value"]`.
async fn pair<C: Chunks>(
    scanner: &mut Scanner<C>,
    collector: &mut Collector,
) -> Result<(), ScanError<C::Error>> {
    scanner.expect(b'[', "expected a sample").await?;
    let time = scanner.word().await?;
    scanner.expect(b',', "expected a comma").await?;
    let text = scanner.string().await?;
    let at = number::time(&time).ok_or_else(|| scanner.garbled("a time that is none"))?;
    let value = number::value(text.as_bytes())
        .ok_or_else(|| scanner.garbled("a value that no 64-bit float can hold, or no number"))?;
    scanner.expect(b']', "expected the end of a sample").await?;
    collector.point(at, value, text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{Grid, Series};
    use crate::units::{Duration, Instant};
    use serde_json::Value;

    /// A body in memory that comes in chunks of a given size.
    pub(super) struct Memory {
        bytes: Vec<u8>,
        size: usize,
    }

    impl Chunks for Memory {
        type Error = ();
        async fn append(&mut self, buffer: &mut Vec<u8>) -> Result<bool, ()> {
            let rest = self.bytes.split_off(self.size.min(self.bytes.len()));
            buffer.extend_from_slice(&self.bytes);
            let any = !self.bytes.is_empty();
            self.bytes = rest;
            Ok(any)
        }
    }

    fn range() -> Times {
        let (start, end) = (Instant::from_secs(0), Instant::from_secs(2_000_000_000));
        Times::Grid(Grid::inside(start, end, Duration::from_secs(60)).expect("grid"))
    }

    fn at() -> Times {
        Times::At(Instant::from_secs(1_795_132_800))
    }

    fn read(body: &str, times: Times, size: usize) -> Result<(Envelope, Answer), ScanError<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("runtime");
        let chunks = Memory {
            bytes: body.as_bytes().to_vec(),
            size,
        };
        runtime.block_on(decode(chunks, times, Collector::new(times, false)))
    }

    fn series_of(body: &str, times: Times, size: usize) -> Vec<Series> {
        match read(body, times, size) {
            Ok((_, Answer::Data(collected))) => collected.series,
            Ok((envelope, _)) => panic!("no data: {envelope:?}"),
            Err(error) => panic!("{error:?}: {body}"),
        }
    }

    fn fixture(name: &str) -> String {
        let path = format!("{}/fixtures/responses/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(&path).expect(&path)
    }

    /// The same answer by way of a JSON tree: times in milliseconds and values as bits.
    fn by_tree(body: &str) -> Vec<(String, Vec<(i64, u64)>)> {
        let tree: Value = serde_json::from_str(body).expect("JSON");
        let pair = |pair: &Value| {
            let at = (pair[0].as_f64().expect("time") * 1000.0).round();
            #[expect(clippy::cast_possible_truncation, reason = "a time")]
            let at = at as i64;
            (
                at,
                pair[1]
                    .as_str()
                    .expect("text")
                    .parse::<f64>()
                    .expect("value")
                    .to_bits(),
            )
        };
        let one = |series: &Value| {
            let labels: std::collections::BTreeMap<String, String> =
                serde_json::from_value(series["metric"].clone()).expect("labels");
            let labels: Labels = labels.into_iter().collect();
            let points = match series.get("values") {
                Some(values) => values
                    .as_array()
                    .expect("values")
                    .iter()
                    .map(pair)
                    .collect(),
                None => vec![pair(&series["value"])],
            };
            (labels.to_string(), points)
        };
        tree["data"]["result"]
            .as_array()
            .expect("result")
            .iter()
            .map(one)
            .collect()
    }

    fn flat(series: &[Series]) -> Vec<(String, Vec<(i64, u64)>)> {
        let points = |series: &Series| {
            (series.points.iter())
                .map(|point| (point.at.millis(), point.value.to_bits()))
                .collect()
        };
        series
            .iter()
            .map(|series| (series.labels.to_string(), points(series)))
            .collect()
    }

    #[test]
    fn recorded_answers_are_read_as_a_json_tree_reads_them_whatever_the_chunks() {
        let cases = [
            ("range.json", range()),
            ("range-nan.json", range()),
            ("range-victoriametrics.json", range()),
            ("range-warning.json", range()),
            ("vector.json", at()),
            ("vector-info.json", at()),
            ("floats.json", at()),
            ("label-escapes.json", at()),
        ];
        for (name, times) in cases {
            let body = fixture(name);
            for size in [1, 2, 3, 7, 64, 1 << 20] {
                assert_eq!(
                    flat(&series_of(&body, times, size)),
                    by_tree(&body),
                    "{name} in {size}"
                );
            }
        }
    }

    #[test]
    fn every_cut_of_an_answer_is_noticed() {
        for name in ["range.json", "label-escapes.json"] {
            let times = if name == "range.json" { range() } else { at() };
            let body = fixture(name);
            for end in 0..body.trim_end().len() {
                let cut = body.get(..end).unwrap_or_default();
                assert!(
                    matches!(read(cut, times, 16), Err(ScanError::Cut(_))),
                    "{cut}"
                );
            }
        }
    }

    #[test]
    fn the_envelope_may_come_in_any_order_with_unknown_keys() {
        let body = r#" {"stats":{"a":[1,{"b":null}]},"data":{"result":[{"values":[ [60 , "1"] ],"x":[],"metric":{"a":"b"}}],"resultType":"matrix"},"isPartial":true,"infos":["i"],"warnings":["w"],"status":"success"} "#;
        let (envelope, answer) = read(body, range(), 5).expect("answer");
        assert!(matches!(answer, Answer::Data(collected) if collected.series.len() == 1));
        assert!(envelope.partial);
        assert_eq!(
            (envelope.warnings, envelope.infos),
            (vec!["w".to_owned()], vec!["i".to_owned()])
        );
    }

    #[test]
    fn scalars_are_a_series_without_labels_and_strings_are_none() {
        let scalar = series_of(&fixture("scalar.json"), at(), 9);
        assert!(scalar.len() == 1 && scalar[0].labels.is_empty() && scalar[0].points.len() == 1);
        assert!(matches!(
            read(&fixture("string.json"), at(), 9),
            Ok((_, Answer::Text))
        ));
        let number = r#"{"status":"success","data":{"resultType":"string","result":[1,"5"]}}"#;
        assert!(matches!(read(number, at(), 9), Ok((_, Answer::Text))));
    }

    #[test]
    fn native_histograms_are_noticed() {
        for name in ["native-histogram-range.json", "native-mixed-range.json"] {
            assert!(
                read(&fixture(name), range(), 50).expect(name).0.histograms,
                "{name}"
            );
        }
    }

    #[test]
    fn the_servers_refusal_is_read() {
        let (envelope, answer) = read(&fixture("error-parse.json"), range(), 10).expect("answer");
        assert!(matches!(answer, Answer::Refused));
        assert_eq!(envelope.error_type.as_deref(), Some("bad_data"));
        assert!(
            envelope
                .error
                .is_some_and(|error| error.contains("parse error"))
        );
    }

    #[test]
    fn what_is_not_of_the_form_is_garbled() {
        let wrapped = |kind: &str, result: &str| {
            format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#)
        };
        let bodies = [
            "null".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            r#"{"status":"success"}"#.to_owned(),
            r#"{"status":"fine","data":{}}"#.to_owned(),
            r#"{"status":"success","data":null}"#.to_owned(),
            r#"{"status":"error","status":"success","data":{"resultType":"matrix","result":[]}}"#
                .to_owned(),
            wrapped("vector", "[]"),
            wrapped("scalar", r#"[1,"1"]"#),
            wrapped("series", "[]"),
            wrapped("matrix", r#"[{"metric":{},"value":[1,"1"]}]"#),
            wrapped("matrix", r#"[{"values":[[1,"1"]]}]"#),
            wrapped("matrix", r#"[{"metric":{}}]"#),
            wrapped("matrix", r#"[{"metric":{"a":"1","a":"2"},"values":[]}]"#),
            wrapped(
                "matrix",
                r#"[{"metric":{},"values":[[1,"1"]],"values":[[2,"2"]]}]"#,
            ),
            wrapped("matrix", r#"[{"metric":{},"values":[[1,1]]}]"#),
            wrapped("matrix", r#"[{"metric":{},"values":[[1,"1e400"]]}]"#),
            wrapped("matrix", r#"[{"metric":{},"values":[[1,"one"]]}]"#),
            wrapped("matrix", r#"[{"metric":{},"values":[["1","1"]]}]"#),
            wrapped("matrix", r#"[{"metric":{},"values":[[1,"1"],]}]"#),
            wrapped("matrix", r#"[{"metric":{},"values":[[1,"1",2]]}]"#),
            wrapped("matrix", r#"[{"metric":{},"values":[[01,"1"]]}]"#),
            wrapped("matrix", r#"[{"metric":{},"values":[[01,"1"],[2,"2"]]}]"#),
            wrapped("matrix", r#"[{"metric":{},"values":[]} {}]"#),
            format!("{}x", wrapped("matrix", "[]")),
            format!("{}{}", wrapped("matrix", "[]"), wrapped("matrix", "[]")),
        ];
        for body in bodies {
            for size in [1, 1000] {
                assert!(
                    matches!(read(&body, range(), size), Err(ScanError::Garbled { .. })),
                    "{body}"
                );
            }
        }
    }

    /// Any JSON value as text, with blanks between tokens.
    fn json() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            any::<f64>()
                .prop_filter("finite", |number| number.is_finite())
                .prop_map(|number| number.to_string()),
            ".{0,8}".prop_map(|text| Value::from(text).to_string()),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4)
                    .prop_map(|list| format!("[ {} ]", list.join(" ,"))),
                proptest::collection::vec((".{0,4}", inner), 0..4).prop_map(|pairs| {
                    let pairs: Vec<String> = pairs
                        .into_iter()
                        .map(|(key, value)| format!("{}: {value}", Value::from(key)))
                        .collect();
                    format!("{{{}}}", pairs.join(", "))
                }),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn samples_are_read_as_a_json_tree_reads_them(
            samples in proptest::collection::vec((0_i64..4_000_000_000_000, proptest::num::f64::ANY), 0..40),
            size in 1_usize..200,
            blank in "[ \n]{0,1}",
        ) {
            let text = |value: f64| if value.is_infinite() { if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() } } else { value.to_string() };
            let pairs: Vec<String> = samples.iter().map(|(at, value)| format!("[{}{blank},\"{}\"]", Instant::from_millis(*at).unix(), text(*value))).collect();
            let body = format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{}]}}]}}}}"#, pairs.join(","));
            let series = series_of(&body, range(), size);
            let read: Vec<(i64, u64)> = series[0].points.iter().map(|point| (point.at.millis(), if point.value.is_nan() { 0 } else { point.value.to_bits() })).collect();
            let sent: Vec<(i64, u64)> = samples.iter().map(|(at, value)| (*at, if value.is_nan() { 0 } else { value.to_bits() })).collect();
            proptest::prop_assert_eq!(read, sent);
        }

        #[test]
        fn unknown_values_are_skipped_whole(value in json(), size in 1_usize..40) {
            let body = format!(r#"{{"x":{value},"status":"success","data":{{"resultType":"matrix","result":[],"y":{value}}}}}"#);
            proptest::prop_assert!(read(&body, range(), size).is_ok(), "{}", body);
        }

        #[test]
        fn what_serde_refuses_is_refused(value in json(), at in 0_usize..60, byte in proptest::num::u8::ANY, size in 1_usize..40) {
            let mut body = format!(r#"{{"status":"success","x":{value},"data":{{"resultType":"matrix","result":[]}}}}"#).into_bytes();
            let at = at % body.len();
            body[at] = byte;
            let Ok(body) = String::from_utf8(body) else { return Ok(()) };
            if serde_json::from_str::<serde::de::IgnoredAny>(&body).is_err() {
                proptest::prop_assert!(read(&body, range(), size).is_err(), "{}", body);
            }
        }

        #[test]
        fn no_body_panics(body in ".{0,200}", size in 1_usize..40) {
            let _ = read(&body, range(), size);
            let _ = read(&format!(r#"{{"status":"success","data":{{"result":[{body}"#), at(), size);
        }
    }
}
