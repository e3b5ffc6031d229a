//! The alerting rules of a Prometheus-like server (`/api/v1/rules`). Must not decide which of them matter.

use serde::Deserialize;

use crate::findings::Rule;
use crate::http::{Fault, Server, Wording};
use crate::samples::{FailureCode, Labels};
use crate::units::{Duration, Instant};

#[derive(Deserialize)]
struct RulesAnswer {
    data: Data,
    #[serde(default)]
    warnings: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    groups: Vec<Group>,
    /// There where the list was cut.
    #[serde(default)]
    group_next_token: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    /// In seconds.
    #[serde(default)]
    interval: f64,
    #[serde(default)]
    rules: Option<Vec<RuleText>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleText {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    name: String,
    #[serde(default)]
    labels: Option<Labels>,
    #[serde(default)]
    health: String,
    #[serde(default)]
    last_error: Option<String>,
    #[serde(default)]
    last_evaluation: Option<String>,
    #[serde(default)]
    alerts: Option<Vec<AlertText>>,
}

#[derive(Deserialize)]
struct AlertText {
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    state: String,
}

/// Asks a server for its rules.
pub(super) async fn ask(server: &Server, allow_warnings: bool) -> Result<Vec<Rule>, Fault> {
    let form = [("type", "alert".to_owned())];
    let answer: RulesAnswer = server.document("api/v1/rules", &form).await?;
    let wording = server.wording();
    let rest = answer.data.group_next_token;
    if rest.is_some_and(|token| !token.is_empty()) {
        let message = format!("{} cut its list of rules", wording.subject);
        return Err(Fault::last(FailureCode::AnswerGarbled, message));
    }
    let warning = answer.warnings.iter().flatten().next();
    if let Some(warning) = warning.filter(|_| !allow_warnings) {
        let (subject, said) = (wording.subject, wording.clean(warning));
        let message = format!("the list of rules may not be whole: {subject} warned of {said}");
        return Err(Fault::last(FailureCode::SourceError, message));
    }
    let groups = answer.data.groups.into_iter();
    Ok(groups.flat_map(|group| rules(group, &wording)).collect())
}

fn rules(group: Group, wording: &Wording) -> Vec<Rule> {
    let interval = interval(group.interval);
    let rules = group.rules.into_iter().flatten().filter(is_alerting);
    rules.map(|rule| neutral(rule, interval, wording)).collect()
}

fn is_alerting(rule: &RuleText) -> bool {
    rule.kind.as_deref().is_none_or(|kind| kind == "alerting")
}

fn neutral(rule: RuleText, interval: Duration, wording: &Wording) -> Rule {
    let alerts = rule.alerts.into_iter().flatten();
    let firing = alerts.filter(|alert| alert.state == "firing");
    let error = rule.last_error.filter(|error| !error.is_empty());
    Rule {
        name: rule.name,
        labels: rule.labels.unwrap_or_default(),
        health: rule.health,
        error: error.map(|error| wording.clean(&error)),
        evaluated: rule.last_evaluation.as_deref().and_then(evaluated),
        interval,
        firing: firing.map(|alert| alert.labels).collect(),
    }
}

/// `None` for a time that cannot be read, and for the year 1, which stands for never.
fn evaluated(text: &str) -> Option<Instant> {
    let instant = Instant::parse(text).ok();
    instant.filter(|instant| *instant > Instant::from_secs(0))
}

/// An interval that is not reasonable counts as none: then the shortest age is allowed.
#[expect(clippy::cast_possible_truncation, reason = "bounded before")]
fn interval(seconds: f64) -> Duration {
    let millis = (seconds * 1000.0).round();
    if (0.0..1e12).contains(&millis) {
        Duration::from_millis(millis as i64)
    } else {
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Prometheus 3.5 sends it.
    const SENT: &str = r#"{"status":"success","data":{"groups":[{"name":"g","file":"rules.yml","rules":[
        {"state":"firing","name":"Down","query":"up == 0","duration":0,"keepFiringFor":0,"labels":{"severity":"sev1"},"annotations":{},
         "alerts":[{"labels":{"alertname":"Down","severity":"sev1"},"annotations":{},"state":"firing","activeAt":"2026-11-20T00:00:00Z","value":"1e+00"},
                   {"labels":{"alertname":"Down","job":"x"},"annotations":{},"state":"pending","activeAt":"2026-11-20T00:00:00Z","value":"1e+00"}],
         "health":"ok","evaluationTime":0.0003,"lastEvaluation":"2026-11-20T00:00:01.123456789Z","type":"alerting"},
        {"name":"sum","query":"1","health":"ok","evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z","type":"recording"},
        {"state":"unknown","name":"Fresh","query":"1","labels":{},"alerts":[],"health":"unknown","lastEvaluation":"0001-01-01T00:00:00Z","type":"alerting"}
        ],"interval":15,"limit":0}]}}"#;

    #[test]
    fn rules_are_read_as_they_are_sent() {
        let answer: RulesAnswer = serde_json::from_str(SENT).expect("an answer");
        let groups = answer.data.groups.into_iter();
        let rules: Vec<Rule> = groups
            .flat_map(|group| rules(group, &Wording::new("it")))
            .collect();
        assert_eq!(rules.len(), 2);
        let [down, fresh] = rules.as_slice() else {
            panic!("two")
        };
        assert_eq!(down.interval, Duration::from_secs(15));
        assert_eq!(down.firing.len(), 1);
        assert_eq!(down.labels.get("severity"), Some("sev1"));
        assert!(down.evaluated.is_some());
        assert_eq!((fresh.evaluated, fresh.health.as_str()), (None, "unknown"));
    }

    #[test]
    fn an_answer_without_groups_is_none() {
        for text in [
            "{}",
            r#"{"status":"success","data":{}}"#,
            r#"{"status":"success","data":[]}"#,
        ] {
            assert!(serde_json::from_str::<RulesAnswer>(text).is_err(), "{text}");
        }
    }
}
