//! SARIF 2.1.0 (OASIS): one run, one result for each finding, one rule for each code that was found.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Finding, Level, Validated};
use crate::codes::{self, Example, Explanation, without_links};
use crate::plan::LineSpan;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Of a finding without a code: a file that cannot be read.
const UNREAD: &str = "plan-unread";
/// What a path has in a URI.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The document.
#[must_use]
pub fn sarif(plans: &[Validated]) -> String {
    let found = plans.iter().flat_map(|plan| &plan.findings);
    let ids: BTreeSet<&str> = found.map(id).collect();
    let results = plans.iter().flat_map(|plan| {
        let each = plan.findings.iter();
        each.map(|finding| result(plan, finding))
            .collect::<Vec<_>>()
    });
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "gate",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": ids.into_iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "artifacts": plans.iter().map(artifact).collect::<Vec<_>>(),
            "results": results.collect::<Vec<_>>(),
        }],
    });
    let text = serde_json::to_string_pretty(&document);
    text.map(|text| text + "\n").unwrap_or_default()
}

fn id(finding: &Finding) -> &str {
    finding.code.unwrap_or(UNREAD)
}

fn artifact(plan: &Validated) -> Value {
    json!({ "location": { "uri": uri(&plan.path) } })
}

/// What the page of codes says of it.
fn rule(id: &str) -> Value {
    let Some(code) = codes::find(id) else {
        return json!({ "id": id, "shortDescription": { "text": "The plan cannot be read" } });
    };
    let meaning = without_links(code.meaning);
    json!({
        "id": code.code,
        "shortDescription": { "text": without_links(code.in_short()) },
        "fullDescription": { "text": meaning },
        "help": { "text": help(&code) },
    })
}

fn help(code: &Explanation) -> String {
    let example = match code.example {
        Example::Words(words) => words.to_owned(),
        Example::Keys(yaml) | Example::File(yaml) => format!("\n\n{yaml}"),
    };
    let text = format!("Example: {example}\n\nCure: {}", code.cure);
    without_links(&text)
}

fn result(plan: &Validated, finding: &Finding) -> Value {
    let mut result = json!({
        "ruleId": id(finding),
        "level": match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
        "message": { "text": finding.in_words() },
        "locations": [location(plan, finding.place.as_ref(), None)],
    });
    if let (false, Some(map)) = (finding.related.is_empty(), result.as_object_mut()) {
        let related = finding.related.iter();
        let related = related.map(|(place, label)| location(plan, Some(place), Some(label)));
        map.insert("relatedLocations".to_owned(), related.collect());
    }
    result
}

fn location(plan: &Validated, place: Option<&LineSpan>, label: Option<&str>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&plan.path) } });
    if let (Some(place), Some(map)) = (place, physical.as_object_mut()) {
        let region = json!({
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        });
        map.insert("region".to_owned(), region);
    }
    let mut location = json!({ "physicalLocation": physical });
    if let (Some(label), Some(map)) = (label, location.as_object_mut()) {
        map.insert("message".to_owned(), json!({ "text": label }));
    }
    location
}

/// A path as a URI: relative to where the command ran, as code scanning expects it, or of this machine.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let encoded = utf8_percent_encode(path, IN_PATH).to_string();
    if encoded.starts_with('/') {
        return format!("file://{encoded}");
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::validated::tests::examples;

    #[test]
    fn each_finding_is_a_result_with_a_rule() {
        let document: Value = serde_json::from_str(&sarif(&examples())).expect("JSON");
        let run = &document["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        let ids: Vec<&str> = rules
            .iter()
            .filter_map(|rule| rule["id"].as_str())
            .collect();
        assert_eq!(ids, ["no-series", UNREAD, "unknown-key"]);
        let results = run["results"].as_array().expect("results");
        assert_eq!(results.len(), 3);
        for result in results {
            assert!(ids.contains(&result["ruleId"].as_str().expect("a rule")));
        }
        let region = &results[0]["locations"][0]["physicalLocation"]["region"];
        assert_eq!(
            (&region["startLine"], &region["endColumn"]),
            (&3.into(), &4.into())
        );
        assert_eq!(
            results[0]["relatedLocations"][0]["message"]["text"],
            "of this map"
        );
    }

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("./plans/a b:1,2%.yaml"), "plans/a%20b%3A1%2C2%25.yaml");
        assert_eq!(uri("/tmp/é.yaml"), "file:///tmp/%C3%A9.yaml");
    }
}
