//! The alerting rules of a Prometheus-like server (`/api/v1/rules`). Must not decide which of them matter.

use serde::Deserialize;
use serde_json::Value;

use crate::findings::Rule;
use crate::http::{Fault, Server, Wording};
use crate::samples::{FailureCode, Labels};
use crate::units::{Duration, Instant};

/// How far behind the clock of whoever asks a server's clock may be ahead, and how long asking may take.
const MOST_AHEAD: Duration = Duration::from_secs(5 * 60);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RulesAnswer {
    status: String,
    #[serde(default)]
    error: Option<String>,
    data: Option<Data>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
    #[serde(default)]
    is_partial: Value,
    #[serde(default)]
    partial: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    groups: Vec<Group>,
    /// Present if the list was cut.
    #[serde(default)]
    group_next_token: Option<String>,
    #[serde(default)]
    is_partial: Value,
    #[serde(default)]
    partial: Value,
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
    state: Option<String>,
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

/// Asks a server for its rules; `now` is the time of whoever asks.
pub(super) async fn ask(
    server: &Server,
    allow_partial: bool,
    now: Instant,
) -> Result<Vec<Rule>, Fault> {
    let form = [("type", "alert".to_owned())];
    let answer: RulesAnswer = server.document("api/v1/rules", &form).await?;
    let wording = server.wording();
    let groups = whole(answer, allow_partial, &wording)?.into_iter();
    Ok(groups
        .flat_map(|group| rules(group, now, &wording))
        .collect())
}

/// The groups of an answer that claims to be whole.
fn whole(answer: RulesAnswer, allow_partial: bool, wording: &Wording) -> Result<Vec<Group>, Fault> {
    let subject = wording.subject;
    let refused = |code, message| Err(Fault::last(code, message));
    if answer.status != "success" || answer.error.is_some() {
        let said = wording.clean(answer.error.as_deref().unwrap_or(&answer.status));
        let message = format!("{subject} did not list its rules: {said}");
        return refused(FailureCode::SourceError, message);
    }
    let Some(data) = answer.data else {
        let message = format!("{subject} listed no rules: its answer has no data");
        return refused(FailureCode::AnswerGarbled, message);
    };
    let flags = [
        &answer.is_partial,
        &answer.partial,
        &data.is_partial,
        &data.partial,
    ];
    if flags.into_iter().any(may_be_true) {
        let message = format!("{subject} says that its list of rules is partial");
        return refused(FailureCode::SourceError, message);
    }
    if data.group_next_token.is_some_and(|token| !token.is_empty()) {
        let message = format!("{subject} cut its list of rules");
        return refused(FailureCode::AnswerGarbled, message);
    }
    let warning = answer.warnings.iter().flatten().next();
    if let Some(warning) = warning.filter(|_| !allow_partial) {
        let said = wording.clean(warning);
        let message = format!("the list of rules may be incomplete: {subject} warned: {said}");
        return refused(FailureCode::SourceError, message);
    }
    Ok(data.groups)
}

/// Anything but a plain no may mean yes.
fn may_be_true(flag: &Value) -> bool {
    !matches!(flag, Value::Null | Value::Bool(false))
}

fn rules(group: Group, now: Instant, wording: &Wording) -> Vec<Rule> {
    let interval = interval(group.interval);
    let rules = group.rules.into_iter().flatten().filter(is_alerting);
    rules
        .map(|rule| neutral(rule, interval, now, wording))
        .collect()
}

fn is_alerting(rule: &RuleText) -> bool {
    rule.kind.as_deref().is_none_or(|kind| kind == "alerting")
}

fn neutral(rule: RuleText, interval: Duration, now: Instant, wording: &Wording) -> Rule {
    let doubt = doubt(&rule, now).map(|doubt| wording.clean(&doubt));
    let alerts = rule.alerts.into_iter().flatten();
    let firing = alerts.filter(|alert| state(&alert.state) == Some(State::Firing));
    let error = rule.last_error.filter(|error| !error.is_empty());
    Rule {
        name: rule.name,
        labels: rule.labels.unwrap_or_default(),
        health: rule.health,
        error: error.map(|error| wording.clean(&error)),
        evaluated: rule.last_evaluation.as_deref().and_then(evaluated),
        interval,
        firing: firing.map(|alert| alert.labels).collect(),
        doubt,
    }
}

/// What a rule, or one of its alerts, is doing.
#[derive(PartialEq, Eq)]
enum State {
    Firing,
    /// Pending or inactive.
    Quiet,
}

/// `None` for a word that does not tell.
fn state(word: &str) -> Option<State> {
    match word.to_ascii_lowercase().as_str() {
        "firing" => Some(State::Firing),
        "pending" | "inactive" => Some(State::Quiet),
        _ => None,
    }
}

/// Why what the rule says of itself cannot be believed.
fn doubt(rule: &RuleText, now: Instant) -> Option<String> {
    if rule.state.is_none() {
        return Some("does not say which state it is in".to_owned());
    }
    let alerts = || rule.alerts.iter().flatten();
    let words = rule.state.iter().chain(alerts().map(|alert| &alert.state));
    let odd = words.into_iter().find(|word| state(word).is_none());
    if let Some(word) = odd {
        return Some(format!(
            "is in the state `{word}`, which does not say whether it fires"
        ));
    }
    let fires = |word: &str| state(word) == Some(State::Firing);
    if rule.state.as_deref().is_some_and(fires) && !alerts().any(|alert| fires(&alert.state)) {
        return Some("is said to fire, but none of its alerts does".to_owned());
    }
    let evaluated = rule.last_evaluation.as_deref().and_then(evaluated)?;
    (evaluated > now + MOST_AHEAD).then(|| {
        format!("was last evaluated at {evaluated}, which is in the future: it was asked at {now}")
    })
}

/// `None` for a time that cannot be read, and for the year 1, which stands for never.
fn evaluated(text: &str) -> Option<Instant> {
    let instant = Instant::parse(text).ok();
    instant.filter(|instant| *instant > Instant::from_secs(0))
}

/// An unreasonable interval counts as none, which leaves the shortest allowed age.
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

    const NOW: Instant = Instant::from_secs(1_795_132_800);

    /// The rules of an answer, or why there are none.
    fn read(text: &str) -> Result<Vec<Rule>, String> {
        let wording = Wording::new("the source");
        let answer = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let groups = whole(answer, false, &wording).map_err(|fault| fault.message)?;
        let groups = groups.into_iter();
        Ok(groups
            .flat_map(|group| rules(group, NOW, &wording))
            .collect())
    }

    #[test]
    fn rules_are_read_as_they_are_sent() {
        let rules = read(SENT).expect("an answer");
        let [down, fresh] = rules.as_slice() else {
            panic!("two")
        };
        assert_eq!(down.interval, Duration::from_secs(15));
        assert_eq!((down.firing.len(), &down.doubt), (1, &None));
        assert_eq!(down.labels.get("severity"), Some("sev1"));
        assert!(down.evaluated.is_some());
        assert_eq!((fresh.evaluated, fresh.health.as_str()), (None, "unknown"));
    }

    #[test]
    fn m14c_an_answer_that_does_not_claim_to_be_complete_is_refused() {
        let groups = r#""data":{"groups":[]}"#;
        assert_eq!(
            read(&format!(r#"{{"status":"success",{groups}}}"#)),
            Ok(Vec::new())
        );
        for text in [
            "{}".to_owned(),
            format!("{{{groups}}}"),
            r#"{"status":"success"}"#.to_owned(),
            r#"{"status":"success","data":{}}"#.to_owned(),
            r#"{"status":"success","data":[]}"#.to_owned(),
            format!(r#"{{"status":"error","errorType":"internal","error":"no",{groups}}}"#),
            format!(r#"{{"status":"success","error":"no",{groups}}}"#),
            format!(r#"{{"status":"partial",{groups}}}"#),
            format!(r#"{{"status":"success","isPartial":true,{groups}}}"#),
            format!(r#"{{"status":"success","partial":"yes",{groups}}}"#),
            r#"{"status":"success","data":{"groups":[],"isPartial":true}}"#.to_owned(),
            format!(r#"{{"status":"success",{groups},{groups}}}"#),
            format!(r#"{{"status":"success","warnings":["a store is down"],{groups}}}"#),
        ] {
            assert!(read(&text).is_err(), "{text}");
        }
        let whole = format!(r#"{{"status":"success","isPartial":false,"partial":null,{groups}}}"#);
        assert!(read(&whole).is_ok());
    }

    #[test]
    fn m14c_states_are_read_in_any_case_and_other_words_are_doubts() {
        let loud = SENT.replace("\"firing\"", "\"FIRING\"");
        let rules = read(&loud).expect("an answer");
        assert_eq!((rules[0].firing.len(), &rules[0].doubt), (1, &None));
        for (from, to) in [
            ("\"state\":\"pending\"", "\"state\":\"Alerting\""),
            ("\"state\":\"pending\",", ""),
            (
                "{\"state\":\"firing\",\"name\"",
                "{\"state\":\"on\",\"name\"",
            ),
        ] {
            let rules = read(&SENT.replace(from, to)).expect("an answer");
            let doubt = rules[0].doubt.as_deref().unwrap_or_default();
            assert!(
                doubt.contains("does not say whether it fires"),
                "{from} {doubt}"
            );
        }
        for nothing in ["{\"state\":null,\"name\"", "{\"name\""] {
            let text = SENT.replace("{\"state\":\"firing\",\"name\"", nothing);
            let rules = read(&text).expect("an answer");
            let doubt = rules[0].doubt.as_deref().unwrap_or_default();
            assert_eq!(doubt, "does not say which state it is in", "{nothing}");
        }
        let silent = SENT.replace(
            "\"state\":\"firing\",\"activeAt\"",
            "\"state\":\"pending\",\"activeAt\"",
        );
        let rules = read(&silent).expect("an answer");
        assert!(
            rules[0]
                .doubt
                .as_deref()
                .is_some_and(|doubt| doubt.contains("said to fire"))
        );
    }

    #[test]
    fn m14c_a_rule_of_the_future_is_not_believed() {
        let doubt = |evaluated: &str| {
            let text = SENT.replace("2026-11-20T00:00:01.123456789Z", evaluated);
            read(&text).expect("an answer")[0].doubt.clone()
        };
        // NOW is 2026-11-20T00:00:00Z.
        assert_eq!(doubt("2026-11-20T00:05:00Z"), None);
        let future = doubt("2026-11-20T00:05:01Z").expect("a doubt");
        assert!(future.contains("in the future"), "{future}");
        assert!(doubt("2099-01-01T00:00:00Z").is_some());
    }
}
