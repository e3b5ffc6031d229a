//! Findings of a static analysis (SARIF 2.1.0) → how many there are of each level. Suppressed ones count.
//!
//! Must not take a tool that failed, or did not look, for one that found nothing.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::source::lookup::json;

/// OASIS SARIF 2.1.0, 3.27.10.
const LEVELS: [&str; 4] = ["error", "warning", "note", "none"];

#[derive(Deserialize)]
struct Log {
    version: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    tool: Tool,
    /// Absent or null if the tool did not look (3.14.23).
    results: Option<Vec<SarifResult>>,
    #[serde(default)]
    invocations: Vec<Invocation>,
}

#[derive(Deserialize)]
struct Tool {
    driver: Component,
    #[serde(default)]
    extensions: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(default)]
    rules: Vec<RuleText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleText {
    id: String,
    #[serde(default)]
    default_configuration: Option<Configuration>,
}

#[derive(Deserialize)]
struct Configuration {
    level: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: Option<String>,
    rule_index: Option<i64>,
    rule: Option<Reference>,
    kind: Option<String>,
    level: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    id: Option<String>,
    index: Option<i64>,
    tool_component: Option<serde::de::IgnoredAny>,
}

/// Counts the findings of all runs by level.
///
/// # Errors
/// Not SARIF, or another version of it; a tool that failed or did not look.
pub(super) fn count(text: &[u8]) -> Result<BTreeMap<String, u64>, String> {
    let log = json::read(text).and_then(serde_json::from_value::<Log>);
    let log = log.map_err(|error| format!("not SARIF: {error}"))?;
    if log.version != "2.1.0" {
        return Err("not SARIF 2.1.0".to_owned());
    }
    if log.runs.is_empty() {
        return Err("it holds no run of a tool".to_owned());
    }
    let mut counts = BTreeMap::new();
    for run in &log.runs {
        if run.invocations.iter().any(has_failed) {
            return Err("a run of the tool was not successful".to_owned());
        }
        let Some(findings) = &run.results else {
            return Err("a run has no results: the tool did not look".to_owned());
        };
        for finding in findings {
            *counts.entry(level(finding, &run.tool)?).or_default() += 1;
        }
    }
    Ok(counts)
}

fn has_failed(invocation: &Invocation) -> bool {
    invocation.execution_successful == Some(false)
}

/// The finding's own level, or else its rule's, or else `warning`; a finding that is not a failure has `none` (3.27.10).
fn level(finding: &SarifResult, tool: &Tool) -> Result<String, String> {
    if finding.kind.as_deref().is_some_and(|kind| kind != "fail") {
        return Ok("none".to_owned());
    }
    let level = match &finding.level {
        Some(level) => Some(level.as_str()),
        None => of_rule(finding, tool)?,
    };
    let level = level.unwrap_or("warning");
    if LEVELS.contains(&level) {
        return Ok(level.to_owned());
    }
    Err("a finding has a level that SARIF does not know".to_owned())
}

/// The configured level of the rule: the rule with that id, or else at that index (3.27.7).
fn of_rule<'t>(finding: &SarifResult, tool: &'t Tool) -> Result<Option<&'t str>, String> {
    let referred = finding.rule.as_ref();
    let id = (finding.rule_id.as_ref()).or_else(|| referred?.id.as_ref());
    let mut rules = std::iter::once(&tool.driver)
        .chain(&tool.extensions)
        .flat_map(|component| &component.rules);
    let named = id.and_then(|id| rules.find(|rule| rule.id == *id));
    let rule = match named {
        Some(rule) => Some(rule),
        None => at_place(finding, tool)?,
    };
    let configured = rule.and_then(|rule| rule.default_configuration.as_ref());
    Ok(configured.and_then(|configured| configured.level.as_deref()))
}

/// An index refers to the driver's rules, unless the finding names another part of the tool.
fn at_place<'t>(finding: &SarifResult, tool: &'t Tool) -> Result<Option<&'t RuleText>, String> {
    let referred = finding.rule.as_ref();
    let index = (finding.rule_index).or_else(|| referred?.index);
    let Some(index) = index.filter(|index| *index >= 0) else {
        return Ok(None);
    };
    let elsewhere = referred.is_some_and(|rule| rule.tool_component.is_some());
    let place = usize::try_from(index).ok().filter(|_| !elsewhere);
    let rule = place.and_then(|place| tool.driver.rules.get(place));
    match rule {
        Some(rule) => Ok(Some(rule)),
        None => Err("a finding has no level, and its rule cannot be found".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(run: &str) -> String {
        format!(
            r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"t","rules":[{{"id":"R","defaultConfiguration":{{"level":"error"}}}}]}}}},{run}}}]}}"#
        )
    }

    #[test]
    fn levels_come_from_the_finding_then_from_its_rule() {
        let results = r#""results":[{"level":"note"},{"ruleId":"R"},{"ruleId":"X"},{"rule":{"id":"R"}},{"ruleId":"R","kind":"pass"},
            {"level":"error","suppressions":[{"kind":"inSource"}]}]"#;
        let counts = count(log(results).as_bytes()).expect("SARIF");
        let of = |level: &str| counts.get(level).copied().unwrap_or(0);
        assert_eq!(
            [of("error"), of("warning"), of("note"), of("none")],
            [3, 1, 1, 1]
        );
        assert!(
            count(log("\"results\":[]").as_bytes())
                .expect("SARIF")
                .is_empty()
        );
    }

    #[test]
    fn a_rule_is_found_by_its_index() {
        for place in [
            r#""ruleIndex":0"#,
            r#""rule":{"index":0}"#,
            r#""ruleId":"R/1","ruleIndex":0"#,
        ] {
            let counts = count(log(&format!(r#""results":[{{{place}}}]"#)).as_bytes());
            assert_eq!(counts.expect("SARIF").get("error"), Some(&1), "{place}");
        }
        for place in [
            r#""ruleIndex":7"#,
            r#""rule":{"index":0,"toolComponent":{"index":0}}"#,
        ] {
            let lost = log(&format!(r#""results":[{{{place}}}]"#));
            assert!(count(lost.as_bytes()).is_err(), "{place}");
        }
    }

    #[test]
    fn a_tool_that_did_not_look_found_nothing_out() {
        for run in [
            r#""results":null"#,
            r#""results":[],"invocations":[{"executionSuccessful":false}]"#,
            r#""results":[{"level":"critical"}]"#,
        ] {
            assert!(count(log(run).as_bytes()).is_err(), "{run}");
        }
        for text in [
            "",
            "{}",
            "[]",
            r#"{"version":"2.1.0","runs":[]}"#,
            r#"{"version":"2.0.0","runs":[]}"#,
            // What another reader would take for the other list of results.
            &log("\"results\":[],\"note\":{\"a\":1,\"a\":2}"),
        ] {
            assert!(count(text.as_bytes()).is_err(), "{text}");
        }
    }
}
