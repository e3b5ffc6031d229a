//! Rules on alerts: when silence proves something. Runs all of judging on its own findings and answers.

use super::*;
use crate::assessment::{Assessment, Outcome};
use crate::evaluate::{Facts, GateRef, Request, assess, questions};
use crate::findings::{Access, Alert, Findings};
use crate::plan::{Options, Plan, load};
use crate::samples::{Failure, FailureCode, Observation, Point, Reply};

const T: Instant = Instant::from_secs(1_795_132_800);

fn plan(stage: &str) -> Plan {
    let text = format!("release: r\nsource: http://h\nstages:\n  - name: pilot\n{stage}");
    let options = Options {
        overrides: &[],
        environment: None,
        source_url: None,
    };
    load(text.as_bytes(), &options).expect("a plan").plan
}

fn request(started: Option<Instant>) -> Request {
    Request {
        later_starts: std::collections::BTreeMap::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        at: T,
        started,
        gates: vec![GateRef { stage: 0, gate: 0 }],
        ledger: None,
        plan_sha256: None,
        vars: Vec::new(),
        addresses: Vec::new(),
    }
}

fn rule(severity: &str, firing: bool) -> Rule {
    let pairs = [("alertname", "Down"), ("severity", severity)];
    let labels: Labels = pairs
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    Rule {
        name: "Down".into(),
        firing: if firing { vec![labels.clone()] } else { vec![] },
        labels,
        health: "ok".into(),
        error: None,
        evaluated: Some(T),
        interval: Duration::from_secs(15),
        doubt: None,
    }
}

fn rules(rules: Vec<Rule>) -> Findings {
    let source = "default".to_owned();
    Findings::from([(Inquiry::Rules { source }, Ok(Found::Rules(rules)))])
}

/// Judges with each question answered by what `answer` makes of it.
fn judged(
    stage: &str,
    started: Option<Instant>,
    findings: &Findings,
    answer: impl Fn(&Question) -> Observation,
) -> (Outcome, Code) {
    let (plan, request) = (plan(stage), request(started));
    let asked = questions(&plan, &request).into_iter();
    let observations: Observations = asked
        .map(|question| (question.clone(), answer(&question)))
        .collect();
    let facts = Facts {
        observations: &observations,
        findings,
        sources: &[],
        lost_ledger: None,
        plan_is_kept_out: false,
        recorded_at: None,
    };
    let Assessment { gates, .. } = assess(&plan, &request, facts);
    let kinds = ["alerts", "no_alerts"];
    let mut criteria = gates[0].criteria.iter();
    let criterion = criteria
        .find(|one| kinds.contains(&one.kind.word()))
        .expect("alerts");
    (criterion.outcome, criterion.code)
}

#[expect(clippy::unnecessary_wraps, reason = "an observation like any other")]
fn nothing(_: &Question) -> Observation {
    Ok(Reply::default())
}

fn fired(labels: &[(&str, &str)]) -> Reply {
    let labels = labels
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()));
    let points = vec![Point { at: T, value: 1.0 }];
    Reply {
        series: vec![Series {
            labels: labels.collect(),
            points,
        }],
        ..Reply::default()
    }
}

const ENTRY: &str = "    entry: {no_alerts: ['{severity=\"sev1\"}']}\n";
const EXIT: &str = "    window: 2h\n    exit: {no_alerts: ['{severity=\"sev1\"}']}\n";

#[test]
fn silence_is_met_only_if_a_rule_could_fire() {
    let quiet = rules(vec![rule("sev1", false)]);
    assert_eq!(judged(ENTRY, None, &quiet, nothing).0, Outcome::Met);
    let other = rules(vec![rule("sev2", false)]);
    assert_eq!(
        judged(ENTRY, None, &other, nothing),
        (Outcome::Unknown, Code::NoAlertRule)
    );
    assert_eq!(
        judged(ENTRY, None, &Findings::new(), nothing).0,
        Outcome::Unknown
    );
}

#[test]
fn each_question_alone_shows_what_fired() {
    let quiet = rules(vec![rule("sev1", false)]);
    for kind in [true, false] {
        let answer = |question: &Question| {
            let is_range = matches!(question.asked, Asked::Range(_));
            Ok(if is_range == kind {
                fired(&[("severity", "sev1")])
            } else {
                Reply::default()
            })
        };
        assert_eq!(
            judged(ENTRY, None, &quiet, answer),
            (Outcome::Unmet, Code::Alert),
            "{kind}"
        );
    }
}

#[test]
fn what_fires_when_the_rules_are_fetched_is_unmet() {
    let firing = rules(vec![rule("sev1", true)]);
    assert_eq!(
        judged(ENTRY, None, &firing, nothing),
        (Outcome::Unmet, Code::Alert)
    );
    let other = rules(vec![rule("sev2", true), rule("sev1", false)]);
    assert_eq!(judged(ENTRY, None, &other, nothing).0, Outcome::Met);
}

#[test]
fn a_missing_or_partial_answer_is_unknown_beside_a_complete_one() {
    let quiet = rules(vec![rule("sev1", false)]);
    let failure = Failure {
        code: FailureCode::SourceError,
        message: "no".into(),
    };
    let partial = Reply {
        warnings: vec!["cut".into()],
        ..Reply::default()
    };
    for lost in [true, false] {
        let with = |other: Observation| {
            move |question: &Question| {
                let is_range = matches!(question.asked, Asked::Range(_));
                if is_range == lost {
                    other.clone()
                } else {
                    nothing(question)
                }
            }
        };
        assert_eq!(
            judged(ENTRY, None, &quiet, with(Err(failure.clone()))).0,
            Outcome::Unknown
        );
        assert_eq!(
            judged(ENTRY, None, &quiet, with(Ok(partial.clone()))),
            (Outcome::Unknown, Code::AnswerPartial)
        );
    }
}

#[test]
fn nothing_is_met_while_the_window_runs_and_what_fired_is_unmet() {
    let quiet = rules(vec![rule("sev1", false)]);
    let started = Some(T - Duration::from_secs(3_600));
    assert_eq!(
        judged(EXIT, started, &quiet, nothing),
        (Outcome::Unknown, Code::WindowIncomplete)
    );
    let answer = |_: &Question| Ok(fired(&[("severity", "sev1")]));
    assert_eq!(judged(EXIT, started, &quiet, answer).0, Outcome::Unmet);
    let long_ago = Some(T - Duration::from_secs(7_200));
    assert_eq!(judged(EXIT, long_ago, &quiet, nothing).0, Outcome::Met);
    assert_eq!(
        judged(EXIT, Some(T), &quiet, nothing),
        (Outcome::Unknown, Code::EmptySpan)
    );
}

#[test]
fn the_whole_span_is_queried_at_once_and_at_points() {
    let started = Some(T - Duration::from_secs(7_200));
    let asked = questions(&plan(EXIT), &request(started));
    let shown: Vec<&str> = asked
        .iter()
        .map(|question| question.query.as_str())
        .collect();
    let alerts = "ALERTS{alertstate=\"firing\",severity=\"sev1\"}";
    assert_eq!(
        shown,
        [
            alerts.to_owned(),
            format!("count_over_time({alerts}[7200s])")
        ]
    );
    let without = EXIT.replace("    window: 2h\n", "");
    assert_eq!(
        questions(&plan(&without), &request(None))[0].asked,
        Asked::At(T)
    );
}

const MANAGED: &str = "    entry: {no_alerts: {firing: ['{severity=\"sev1\"}'], source: {alertmanager: 'http://a'}SILENCED}}\n";

fn managed(silenced: &str, alerts: Vec<Alert>, rule: Rule) -> (Outcome, Code) {
    let mut findings = rules(vec![rule]);
    let alertmanager = "http://a".to_owned();
    let asked = Inquiry::Alerts {
        gate: None,
        stop: false,
        access: Access::default(),
        alertmanager,
    };
    findings.insert(asked, Ok(Found::Alerts(alerts)));
    judged(
        &MANAGED.replace("SILENCED", silenced),
        None,
        &findings,
        nothing,
    )
}

#[test]
fn a_silence_hides_nothing_unless_the_plan_says_so() {
    let silent = || Alert {
        labels: rule("sev1", false).labels,
        since: Some(T),
        suppressed: true,
    };
    let of = |silenced| managed(silenced, vec![silent()], rule("sev1", true)).0;
    assert_eq!(of(""), Outcome::Unmet);
    assert_eq!(of(", silenced: true"), Outcome::Unmet);
    assert_eq!(of(", silenced: false"), Outcome::Met);
}

#[test]
fn an_alertmanager_that_knows_less_than_the_rules_shows_nothing() {
    assert_eq!(managed("", vec![], rule("sev1", false)).0, Outcome::Met);
    assert_eq!(
        managed("", vec![], rule("sev1", true)),
        (Outcome::Unknown, Code::AlertRuleBroken)
    );
    assert_eq!(
        managed("", vec![], rule("sev2", false)),
        (Outcome::Unknown, Code::NoAlertRule)
    );
}

#[test]
fn an_alertmanager_that_was_asked_long_after_t_shows_nothing() {
    let mut later = rule("sev1", false);
    later.evaluated = Some(T + Duration::from_secs(3_600));
    assert_eq!(managed("", vec![], later), (Outcome::Unknown, Code::NoData));
}
