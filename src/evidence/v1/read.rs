//! From the text of the file back to the record, so that what was written can be shown and checked again.
//! Must not judge, nor fill in what the file does not say.

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::words;
use super::{SCHEMA, is_written, to_json, wire};
use crate::evidence::Evidence;

/// Why a text is not the evidence of a check.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Not JSON at all.
    #[error("this is not a JSON document: {0}")]
    NotJson(String),
    /// JSON of another kind.
    #[error("this is not evidence: its schema is {0}, not `{SCHEMA}`")]
    Schema(String),
    /// Evidence that lacks something, has it in another shape, or has an unknown word.
    #[error("this evidence is incomplete, or was written by another version: {0}")]
    Shape(String),
}

/// Only what says which kind of document it is.
#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    schema: Value,
}

/// Reads the record. Unknown keys are skipped, since the format only ever grows; [`unread`] names them.
///
/// # Errors
/// A text that is not JSON, of another schema, incomplete, or with words that this version does not know.
pub fn from_json(text: &str) -> Result<Evidence, ReadError> {
    let kind: Kind =
        serde_json::from_str(text).map_err(|error| ReadError::NotJson(error.to_string()))?;
    if kind.schema != SCHEMA {
        return Err(ReadError::Schema(if kind.schema.is_null() {
            "missing".to_owned()
        } else {
            kind.schema.to_string()
        }));
    }
    let document: wire::Document =
        serde_json::from_str(text).map_err(|error| ReadError::Shape(error.to_string()))?;
    words::evidence(document).map_err(|error| ReadError::Shape(error.to_string()))
}

/// Where the text says something that the record, rewritten, does not: as JSON pointers, at most `MAX_UNREAD`. An
/// auditor must be shown neither less than what is there, nor anything else.
#[must_use]
pub fn unread(text: &str, evidence: &Evidence) -> Vec<String> {
    let again = to_json(evidence);
    let mut places = Vec::new();
    if is_written(text, &again) {
        return places;
    }
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    differences("", &value(text), &value(&again), &mut places);
    if places.is_empty() {
        // The same content in another form: a repeated key, other spaces, another order.
        places.push("the form of the text".to_owned());
    }
    places
}

/// At most this many places are named individually.
pub const MAX_UNREAD: usize = 20;

/// The JSON pointers at which two documents differ, in the order of the first, at most [`MAX_UNREAD`].
pub fn differences(at: &str, left: &Value, right: &Value, places: &mut Vec<String>) {
    if places.len() >= MAX_UNREAD || left == right {
        return;
    }
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            for (key, value) in left {
                let other = right.get(key).unwrap_or(&ABSENT);
                differences(&pointer(at, key), value, other, places);
            }
            let added = right.keys().filter(|key| !left.contains_key(*key));
            places.extend(added.map(|key| pointer(at, key)));
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(&format!("{at}/{index}"), left, right, places);
            }
        }
        _ => places.push(if at.is_empty() { "/" } else { at }.to_owned()),
    }
    places.truncate(MAX_UNREAD);
}

/// What stands for a missing key. A key with `null` differs from it only in form.
static ABSENT: Value = Value::Null;

fn pointer(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    fn every_scenario() -> Vec<Evidence> {
        let scenarios = scenarios::all().into_iter();
        let mut all: Vec<Evidence> = scenarios.map(|(_, evidence)| evidence).collect();
        all.extend([scenarios::hostile(), odd()]);
        all
    }

    /// Values and lengths of time that are not round.
    fn odd() -> Evidence {
        let mut evidence = scenarios::stop();
        let kpi = evidence.gates[0].criteria[0].kpi.as_mut().expect("a KPI");
        kpi.step = Some(crate::units::Duration::from_millis(1500));
        let series = &mut kpi.series[0];
        series.trend = vec![Some(f64::NAN), None, Some(f64::NEG_INFINITY), Some(-0.0)];
        (series.value, series.summary) = (Some(f64::MIN_POSITIVE), None);
        evidence.started = Some(crate::units::Instant::from_millis(1_795_000_000_123));
        evidence
    }

    #[test]
    fn what_was_written_reads_back_and_is_rewritten_to_the_same_bytes() {
        for evidence in every_scenario() {
            let text = to_json(&evidence);
            let read = from_json(&text).expect("evidence");
            assert_eq!(to_json(&read), text);
            assert!(unread(&text, &read).is_empty());
        }
    }

    #[test]
    fn unknown_keys_are_named() {
        let text = to_json(&scenarios::go());
        let text = text.replacen("\"counts\": ", "\"mood\": \"fine\",\n      \"counts\": ", 1);
        let read = from_json(&text).expect("evidence");
        assert_eq!(unread(&text, &read), ["/gates/0/mood"]);
    }

    #[test]
    fn another_form_of_the_same_is_named() {
        let text = to_json(&scenarios::go()).replace("\n  ", "\n    ");
        let read = from_json(&text).expect("evidence");
        assert_eq!(unread(&text, &read), ["the form of the text"]);
    }

    #[test]
    fn what_is_not_evidence_is_refused_with_the_reason() {
        let go = to_json(&scenarios::go());
        for (text, reason) in [
            (String::new(), "this is not a JSON document: "),
            (
                "{}".to_owned(),
                "this is not evidence: its schema is missing",
            ),
            (
                "{\"schema\": 3}".to_owned(),
                "this is not evidence: its schema is 3",
            ),
            (
                go.replace("gate.evidence/v1", "gate.evidence/v2"),
                "this is not evidence: its schema is \"gate.evidence/v2\"",
            ),
            (
                go.replace("\"gates\"", "\"gales\""),
                "this evidence is incomplete, or was written by another version: missing field `gates`",
            ),
            (
                go.replace("\"verdict\": \"GO\"", "\"verdict\": \"PERHAPS\""),
                "this evidence is incomplete, or was written by another version: unknown verdict `PERHAPS`",
            ),
            (
                go.replacen("\"code\": \"met\"", "\"code\": \"liked\"", 1),
                "this evidence is incomplete, or was written by another version: unknown code `liked`",
            ),
        ] {
            let error = from_json(&text).expect_err(reason).to_string();
            assert!(error.starts_with(reason), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_values_survive(bits in proptest::prelude::any::<[u64; 5]>(), text in "(?s).{0,20}") {
            let mut evidence = scenarios::go();
            evidence.notes = vec![text.clone()];
            let criterion = &mut evidence.gates[0].criteria[0];
            criterion.reason = text;
            let series = &mut criterion.kpi.as_mut().expect("a KPI").series[0];
            let value = bits.map(f64::from_bits);
            (series.value, series.bound, series.baseline) = (Some(value[0]), Some(value[1]), Some(value[2]));
            series.trend = vec![Some(value[3]), None, Some(value[4])];
            let text = to_json(&evidence);
            proptest::prop_assert_eq!(to_json(&from_json(&text).expect("evidence")), text);
        }

        #[test]
        fn no_cut_or_change_panics(at in 0_usize..4000, byte in proptest::prelude::any::<char>()) {
            let text = to_json(&scenarios::stop());
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let (head, tail) = text.split_at(at);
            let _ = from_json(head);
            let _ = from_json(&format!("{head}{byte}{tail}"));
        }
    }
}
