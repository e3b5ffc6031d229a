//! `gate.validate/v1`. Keys may be added, never renamed or dropped.

use serde::Serialize;

use super::{Finding, Level, Validated};
use crate::plan::LineSpan;

/// The form of the document.
const SCHEMA: &str = "gate.validate/v1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    exit_code: u8,
    plans: Vec<Plan<'a>>,
}

#[derive(Serialize)]
struct Plan<'a> {
    path: &'a str,
    exit_code: u8,
    asked: bool,
    summary: &'a str,
    findings: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    level: Level,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    place: Place,
    message: &'a str,
}

/// The document; `exit_code` is that of the run.
#[must_use]
pub fn json(plans: &[Validated], exit_code: u8) -> String {
    let document = Document {
        schema: SCHEMA,
        exit_code,
        plans: plans.iter().map(plan).collect(),
    };
    let text = serde_json::to_string_pretty(&document);
    // Writing to memory cannot fail; an empty document is none.
    text.map(|text| text + "\n").unwrap_or_default()
}

fn plan(plan: &Validated) -> Plan<'_> {
    Plan {
        path: &plan.path,
        exit_code: plan.exit_code,
        asked: plan.asked,
        summary: &plan.summary,
        findings: plan.findings.iter().map(found).collect(),
    }
}

fn found(finding: &Finding) -> Found<'_> {
    let related = finding.related.iter();
    Found {
        level: finding.level,
        code: finding.code,
        message: &finding.message,
        help: finding.help.as_deref(),
        place: finding.place.map(Place::from),
        asked_by: finding.asked_by.as_deref(),
        query: finding.query.as_deref(),
        related: related
            .map(|(place, message)| Related {
                place: (*place).into(),
                message,
            })
            .collect(),
    }
}

impl From<LineSpan> for Place {
    fn from(span: LineSpan) -> Self {
        Self {
            line: span.line,
            column: span.column,
            end_line: span.end_line,
            end_column: span.end_column,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::validated::tests::examples;

    #[test]
    fn all_plans_are_one_document() {
        let text = json(&examples(), 2);
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["schema"], SCHEMA);
        assert_eq!(document["exit_code"], 2);
        assert_eq!(document["plans"].as_array().map(Vec::len), Some(3));
        let first = &document["plans"][0]["findings"][0];
        assert_eq!(
            (&first["line"], &first["end_column"]),
            (&3.into(), &4.into())
        );
        assert_eq!(first["related"][0]["message"], "of this map");
        assert!(document["plans"][1]["findings"][0].get("line").is_none());
    }
}
