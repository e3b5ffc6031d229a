//! Answers as servers sent them, cut, garbled and made up; a JSON tree says what is right.

use super::*;
use crate::samples::{Grid, Series};
use crate::units::{Duration, Instant};
use serde_json::Value;

/// Enough for every answer here.
const ROOM_BYTES: u64 = 64 << 20;

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
    Times::Grid(Grid::inside(start, end, Duration::from_secs(120)).expect("grid"))
}

fn at() -> Times {
    Times::At(Instant::from_secs(1_795_132_800))
}

fn read(body: &str, times: Times, size: usize) -> Result<(Envelope, Decoded), ScanError<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("runtime");
    let chunks = Memory {
        bytes: body.as_bytes().to_vec(),
        size,
    };
    runtime.block_on(decode(
        chunks,
        times,
        Collector::new(times, false, ROOM_BYTES),
    ))
}

fn series_of(body: &str, times: Times, size: usize) -> Vec<Series> {
    match read(body, times, size) {
        Ok((_, Decoded::Data(collected))) => collected.series,
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
    assert!(matches!(answer, Decoded::Data(collected) if collected.series.len() == 1));
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
        Ok((_, Decoded::Text))
    ));
    let number = r#"{"status":"success","data":{"resultType":"string","result":[1,"5"]}}"#;
    assert!(matches!(read(number, at(), 9), Ok((_, Decoded::Text))));
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
    assert!(matches!(answer, Decoded::Refused));
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
