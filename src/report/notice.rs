//! What a notice says: as a `CloudEvent` for programs, as five lines for Slack. In the words of the reports. Must not send anything, nor
//! know who is told.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use super::end::{due, what_next};
use super::measured::focus;
use super::occurrence::{NoticeKind, Occurrence};
use super::{decided, escape, times, words};
use crate::assessment::{CriterionAssessment, GateAssessment, Window};
use crate::evidence::Evidence;
use crate::kind::{GateName, List};
use crate::ledger::WatchEnd;
use crate::plan::{RollbackStep, ToldOf};
use crate::samples::Labels;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// What stays in a part of a URI (RFC 3986, unreserved).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The record that a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordSeen {
    /// Where it is.
    pub path: String,
    /// 64 lower-case hex digits.
    pub sha256: String,
}

/// What is told, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its type.
    pub kind: NoticeKind,
    /// By what a receiver asks for it.
    pub event: ToldOf,
    /// The same whenever the same thing is told again: 64 lower-case hex digits.
    pub id: String,
    /// Whose verdict it is.
    pub gate: GateName,
    /// As it is by now.
    pub verdict: Verdict,
    /// Where the record is, if there is one.
    pub record: Option<String>,
    /// `CloudEvents` 1.0, structured JSON.
    pub cloud_event: String,
    /// What Slack's incoming webhooks take.
    pub slack: String,
}

impl Notice {
    /// What is told of a gate when something happened at a time.
    #[must_use]
    pub fn of(
        (evidence, gate): (&Evidence, &GateAssessment),
        at: Instant,
        what: Occurrence<'_>,
        record: Option<&RecordSeen>,
    ) -> Self {
        let (kind, name) = (what.kind(), gate.name());
        let id = what.id(&evidence.plan.sha256, &name, at);
        let event = CloudEvent {
            specversion: "1.0",
            id: &id,
            source: format!(
                "gate/{}/{}",
                encoded(&evidence.plan.release.name),
                encoded(&gate.stage)
            ),
            kind,
            subject: name.to_string(),
            time: at,
            datacontenttype: "application/json",
            data: data((evidence, gate), what, record),
        };
        Self {
            kind,
            event: what.event(gate.verdict),
            gate: name,
            verdict: gate.verdict,
            record: record.map(|record| record.path.clone()),
            cloud_event: serde_json::to_string(&event).unwrap_or_default(),
            slack: slack((evidence, gate), at, what, record),
            id,
        }
    }
}

/// The envelope.
#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    /// A URI reference.
    source: String,
    #[serde(rename = "type")]
    kind: NoticeKind,
    subject: String,
    time: Instant,
    datacontenttype: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    release: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    stage: &'a str,
    gate: String,
    /// Of changes alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Verdict>,
    verdict: Verdict,
    exit_code: u8,
    summary: String,
    /// Of a source that is away or back.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    /// Why the watch ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<WatchEnd>,
    deciding: Vec<Deciding<'a>>,
    window: Option<WindowSeen>,
    rollback: Vec<Step<'a>>,
    evidence: Option<&'a RecordSeen>,
    next: Option<String>,
}

/// A criterion that decided.
#[derive(Serialize)]
struct Deciding<'a> {
    list: List,
    name: &'a str,
    condition: Option<&'a str>,
    outcome: &'static str,
    value: Value,
    bound: Value,
    series: Option<&'a Labels>,
    reason: &'a str,
}

#[derive(Serialize)]
struct WindowSeen {
    start: Instant,
    end: Instant,
    observed_seconds: i64,
    length_seconds: i64,
}

#[derive(Serialize)]
struct Step<'a> {
    r#do: &'a str,
    owner: Option<&'a str>,
    takes: Option<String>,
}

fn data<'a>(
    (evidence, gate): (&'a Evidence, &'a GateAssessment),
    what: Occurrence<'a>,
    record: Option<&'a RecordSeen>,
) -> Data<'a> {
    let release = &evidence.plan.release;
    let told = summary(evidence, gate);
    let steps: &[RollbackStep] = match gate.verdict {
        Verdict::Stop => &evidence.rollback,
        Verdict::Go | Verdict::Hold | Verdict::NoGo => &[],
    };
    let (from, source, reason, summary) = match what {
        Occurrence::Changed(from) => (from, None, None, told),
        Occurrence::SourceAway(source) | Occurrence::SourceBack(source, _) => {
            let words = what.in_words(evidence.evaluated_at);
            (None, Some(source), None, format!("{words}; {told}"))
        }
        Occurrence::Checkpoint | Occurrence::CheckpointDue(_) => {
            let words = what.in_words(evidence.evaluated_at);
            (None, None, None, format!("{words}; {told}"))
        }
        Occurrence::Ended(reason) => {
            let words = what.in_words(evidence.evaluated_at);
            (None, None, Some(reason), format!("{words}; {told}"))
        }
    };
    Data {
        release: &release.name,
        version: release.version.as_deref(),
        stage: &gate.stage,
        gate: gate.name().to_string(),
        from,
        verdict: gate.verdict,
        exit_code: evidence.exit().code(),
        summary,
        source,
        reason,
        deciding: decided::deciding(gate).into_iter().map(deciding).collect(),
        window: gate.window.as_ref().map(observed),
        rollback: steps.iter().map(step).collect(),
        evidence: record,
        next: due(evidence).command(),
    }
}

fn deciding(criterion: &CriterionAssessment) -> Deciding<'_> {
    let series = criterion.kpi.as_ref().and_then(focus);
    let number = |value: Option<f64>| value.map_or(Value::Null, number);
    Deciding {
        list: criterion.list,
        name: &criterion.name,
        condition: criterion.condition.as_deref(),
        outcome: criterion.outcome.word(),
        value: number(series.and_then(|series| series.value)),
        bound: number(series.and_then(|series| series.bound)),
        series: series.map(|series| &series.labels),
        reason: &criterion.reason,
    }
}

/// JSON has no words of its own for what is not finite.
fn number(value: f64) -> Value {
    let finite = serde_json::Number::from_f64(value).map(Value::Number);
    finite.unwrap_or_else(|| Value::String(value.to_string()))
}

fn observed(window: &Window) -> WindowSeen {
    let seconds = |length: Duration| length.millis() / 1000;
    WindowSeen {
        start: window.start,
        end: window.end,
        observed_seconds: seconds(length_observed(window)),
        length_seconds: seconds(window.length),
    }
}

/// While a stage settles nothing is observed.
fn length_observed(window: &Window) -> Duration {
    let observed = window.start.until(window.end);
    observed.clamp(Duration::ZERO, window.length.max(Duration::ZERO))
}

fn step(step: &RollbackStep) -> Step<'_> {
    Step {
        r#do: &step.action,
        owner: step.owner.as_deref(),
        takes: step.takes.map(|takes| takes.to_string()),
    }
}

/// What decided the gate, with the numbers.
fn summary(evidence: &Evidence, gate: &GateAssessment) -> String {
    let alone = Evidence {
        verdict: gate.verdict,
        gates: vec![gate.clone()],
        ..evidence.clone()
    };
    let told = words::decided_by(&alone);
    let prefix = format!("{}: ", gate.name());
    told.strip_prefix(&prefix).unwrap_or(&told).to_owned()
}

/// Five lines: the verdict, what decided it, how much of the window was observed, the record, what to do next.
fn slack(
    (evidence, gate): (&Evidence, &GateAssessment),
    at: Instant,
    what: Occurrence<'_>,
    record: Option<&RecordSeen>,
) -> String {
    let (gate_name, release) = (gate.name(), words::release(evidence));
    let headline = format!("{gate_name} of {release}: {}", what.in_words(at));
    let window = gate.window.as_ref().map_or_else(
        || "no window".to_owned(),
        |window| {
            let part = times::part_of(length_observed(window), window.length);
            format!("{part} observed")
        },
    );
    let record = record.map_or_else(
        || "nothing recorded yet".to_owned(),
        |record| format!("evidence {}", record.path),
    );
    let lines = [
        format!("*{}* {}", gate.verdict.word(), mrkdwn(&headline)),
        mrkdwn(&summary(evidence, gate)),
        mrkdwn(&window),
        mrkdwn(&record),
        mrkdwn(&what_next(evidence)),
    ];
    serde_json::json!({ "text": lines.join("\n") }).to_string()
}

/// A text in which Slack finds no link and nobody to call: `&`, `<` and `>` as it wants them. Always one line.
fn mrkdwn(text: &str) -> String {
    let text = escape(text).replace('\n', " ");
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;
    use crate::rollout::{AfterStop, steps};

    fn notice(evidence: &Evidence, what: Occurrence<'_>) -> (Notice, Value) {
        let record = RecordSeen {
            path: "plan.evidence/20261126T120500Z-stop.json".to_owned(),
            sha256: "a".repeat(64),
        };
        let gate = evidence.deciding().next().expect("a gate");
        let at = evidence.evaluated_at;
        let notice = Notice::of((evidence, gate), at, what, Some(&record));
        let event = serde_json::from_str(&notice.cloud_event).expect("JSON");
        (notice, event)
    }

    #[test]
    fn w17_a_change_is_a_cloud_event_with_the_numbers_and_the_next_command() {
        let mut evidence = scenarios::stop();
        let pause = steps::pause("pilot");
        evidence.gates[0].after_stop = Some(AfterStop {
            done: Vec::new(),
            open_steps: vec![1],
            done_steps: Vec::new(),
            commands: vec![pause.clone()],
        });
        let (notice, event) = notice(&evidence, Occurrence::Changed(Some(Verdict::Hold)));
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["type"], "gate.verdict.changed");
        assert_eq!(event["datacontenttype"], "application/json");
        assert_eq!(event["subject"], notice.gate.to_string());
        let data = &event["data"];
        assert_eq!(
            (&data["from"], &data["verdict"]),
            (&"HOLD".into(), &"STOP".into())
        );
        assert_eq!(data["exit_code"], 4);
        assert_eq!(data["deciding"][0]["list"], "stop");
        assert_eq!(data["deciding"][0]["outcome"], "tripped");
        assert!(data["deciding"][0]["value"].is_f64(), "{data}");
        assert!(data["rollback"][0]["do"].is_string(), "{data}");
        assert_eq!(data["evidence"]["sha256"], "a".repeat(64));
        // As the report of the check says it.
        let next = pause.command(&evidence.plan.path);
        assert_eq!(data["next"], next);
        let said = what_next(&evidence);
        assert!(said.ends_with(&next), "{said}");
        assert!(notice.slack.contains(&mrkdwn(&said)), "{}", notice.slack);
        assert_eq!(notice.event, ToldOf::Stop);
    }

    #[test]
    fn w16_the_same_change_has_one_id_and_another_has_another() {
        let evidence = scenarios::stop();
        let changed = |from| notice(&evidence, Occurrence::Changed(from)).0.id;
        assert_eq!(changed(Some(Verdict::Hold)), changed(None));
        let away = |source| notice(&evidence, Occurrence::SourceAway(source)).0.id;
        assert_ne!(away("eu"), away("us"));
        assert_ne!(away("eu"), changed(None));
        let later = Evidence {
            evaluated_at: evidence.evaluated_at + Duration::from_secs(1),
            ..evidence.clone()
        };
        assert_ne!(
            notice(&later, Occurrence::Changed(None)).0.id,
            changed(None)
        );
    }

    #[test]
    fn w17_slack_gets_five_lines_in_which_nothing_is_a_link() {
        for (name, evidence) in scenarios::all()
            .into_iter()
            .chain([("hostile", scenarios::hostile())])
        {
            let (notice, event) = notice(&evidence, Occurrence::Changed(None));
            let slack: Value = serde_json::from_str(&notice.slack).expect("JSON");
            let text = slack["text"].as_str().expect("a text");
            assert_eq!(text.lines().count(), 5, "{name}: {text}");
            assert!(!text.contains(['<', '>']), "{name}: {text}");
            let word = evidence.deciding().next().expect("a gate").verdict.word();
            assert!(text.starts_with(&format!("*{word}* ")), "{name}: {text}");
            assert!(
                event["data"]["summary"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            );
        }
        let stop = notice(&scenarios::stop(), Occurrence::Changed(Some(Verdict::Hold))).0;
        assert!(stop.slack.contains("was HOLD"), "{}", stop.slack);
        assert!(stop.slack.contains("&gt;"), "{}", stop.slack);
    }

    #[test]
    fn what_else_is_told_says_what_happened_first() {
        let evidence = scenarios::go();
        let since = evidence.evaluated_at - Duration::from_secs(1260);
        for (what, kind, words) in [
            (
                Occurrence::SourceAway("eu"),
                "gate.source.away",
                "source eu does not answer; ",
            ),
            (
                Occurrence::SourceBack("eu", since),
                "gate.source.back",
                "source eu is back after 21m; ",
            ),
            (
                Occurrence::Ended(WatchEnd::Complete),
                "gate.watch.ended",
                "the watch ended: the window is complete; ",
            ),
        ] {
            let (notice, event) = notice(&evidence, what);
            assert_eq!(event["type"], kind);
            assert_eq!(notice.kind.word(), kind);
            let summary = event["data"]["summary"].as_str().expect("words");
            assert!(summary.starts_with(words), "{summary}");
        }
    }
}
