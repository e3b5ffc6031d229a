//! `no_alerts`, and `alerts` in stop: nothing that the selectors name fires, shown by rules that could raise it.
//!
//! A source is asked over the judged span; an Alertmanager knows only what fires when it is asked. Must not take silence
//! for peace: what could fire is shown by [`super::alert_rules`].

use super::alert_rules::{self, Shown};
use super::gates::Place;
use super::setting::{Ruling, Setting};
use super::span::{self, Moment, Span};
use super::{Code, Undecided, case, series};
use crate::findings::{Alert, Found, Inquiry, Rule};
use crate::plan::{AlertsAsk, AlertsSource, Gate, List, Selector, Stage};
use crate::samples::{Asked, Grid, Labels, Observations, Origin, Question, Series};
use crate::units::{Duration, Instant};

/// What has to be asked over the window.
pub(super) fn questions(ask: &AlertsAsk, place: &Place<'_>) -> Vec<Question> {
    let AlertsSource::Source(source) = &ask.source else {
        return Vec::new();
    };
    let times = Times::new(place.criterion.list, place.stage, place.gate, place.moment);
    let times =
        times.map(|times| (ask.firing.iter()).flat_map(move |one| times.asked(ask, source, one)));
    times.into_iter().flatten().collect()
}

/// What has to be looked up.
pub(super) fn inquiries(ask: &AlertsAsk) -> Vec<Inquiry> {
    let rules = ask.rules.iter().map(|source| Inquiry::Rules {
        source: source.clone(),
    });
    let alertmanager = match &ask.source {
        AlertsSource::Source(_) => None,
        AlertsSource::Alertmanager(address) => Some(Inquiry::Alerts {
            alertmanager: address.clone(),
        }),
    };
    rules.chain(alertmanager).collect()
}

/// Judges the selectors together.
pub(super) fn assess(ask: &AlertsAsk, list: List, setting: &Setting<'_>) -> Ruling {
    let ruling = match &ask.source {
        AlertsSource::Source(source) => at_source(ask, source, list, setting),
        AlertsSource::Alertmanager(address) => at_alertmanager(ask, address, list, setting),
    };
    let selectors: Vec<&str> = ask.firing.iter().map(|one| one.text.as_str()).collect();
    let none = if list == List::Stop { "" } else { "no " };
    ruling
        .unwrap_or_else(|undecided| Ruling::open(undecided.code, undecided.reason))
        .requires(format!("{none}{}", selectors.join(" or ")))
}

/// For which instants a source is asked.
#[derive(Clone, Copy)]
enum Times {
    /// Over a span.
    Over(Span),
    /// At T: the gate has no window.
    At(Instant),
}

impl Times {
    fn new(list: List, stage: &Stage, gate: &Gate, moment: Moment) -> Result<Self, Undecided> {
        if list == List::Recovery && moment.rolled_back.is_none() {
            let reason = format!("no rollback of {} is recorded", stage.name);
            return Err(Undecided::new(Code::NotRolledBack, reason));
        }
        let Some(window) = gate.window else {
            return Ok(Self::At(moment.at));
        };
        let span = span::judged(list, stage, window, moment);
        // A range of under a second cannot be asked for.
        if span.length() < Duration::from_secs(1) {
            let reason = format!("nothing to judge yet: judged from {} on", span.start);
            return Err(Undecided::new(Code::EmptySpan, reason));
        }
        Ok(Self::Over(span))
    }

    /// Over a span two questions: the points of the grid say when, the whole range misses nothing between them.
    fn asked(self, ask: &AlertsAsk, source: &str, selector: &Selector) -> Vec<Question> {
        let alerts = firing(selector);
        let question = |query: String, asked| Question {
            origin: Origin::Source(source.to_owned()),
            query,
            asked,
        };
        let span = match self {
            Self::At(at) => return vec![question(alerts, Asked::At(at))],
            Self::Over(span) => span,
        };
        let seconds = span.length().millis() / 1000;
        let whole = format!("count_over_time({alerts}[{seconds}s])");
        let points = Grid::inside(span.start, span.end, ask.step);
        let points = points.map(|grid| question(alerts, Asked::Range(grid)));
        let whole = question(whole, Asked::At(span.end));
        points.into_iter().chain([whole]).collect()
    }

    fn shown(self) -> String {
        match self {
            Self::At(at) => format!("at {at}"),
            Self::Over(span) => format!("from {} to {}", span.start, span.end),
        }
    }
}

/// The series that a server keeps of firing alerts.
fn firing(selector: &Selector) -> String {
    let inner = selector.text.strip_prefix('{').unwrap_or_default();
    format!("ALERTS{{alertstate=\"firing\",{inner}")
}

/// What fired, and what of it cannot be known.
#[derive(Default)]
struct Seen {
    fired: Vec<String>,
    unknown: Option<Undecided>,
}

fn at_source(
    ask: &AlertsAsk,
    source: &str,
    list: List,
    setting: &Setting<'_>,
) -> Result<Ruling, Undecided> {
    let times = Times::new(list, setting.stage, setting.gate, setting.moment)?;
    let mut seen = Seen::default();
    for selector in &ask.firing {
        see(
            times,
            &times.asked(ask, source, selector),
            setting.observations,
            &mut seen,
        );
    }
    // What fires, fires, whichever rule raised it.
    if !seen.fired.is_empty() {
        return Ok(fires(&seen.fired));
    }
    let shown = shown(ask, setting)?;
    let raised = raised(ask, rules(ask, setting)?);
    if !shown.after && !raised.is_empty() {
        return Ok(fires(&raised));
    }
    if let Some(undecided) = seen.unknown {
        return Err(undecided);
    }
    let reason = format!("nothing fired {}, {}", times.shown(), able(&shown));
    conclude(list, setting, reason, shown)
}

/// Met, unless the window still runs.
fn conclude(
    list: List,
    setting: &Setting<'_>,
    reason: String,
    shown: Shown,
) -> Result<Ruling, Undecided> {
    let window = setting.gate.window;
    let incomplete =
        window.and_then(|window| case::incomplete(list, setting.stage, window, setting.moment));
    if let Some(Undecided {
        code,
        reason: so_far,
    }) = incomplete
    {
        return Err(Undecided::new(code, format!("{so_far}; so far {reason}")));
    }
    let mut ruling = Ruling::good(reason);
    ruling.notes = shown.notes;
    Ok(ruling)
}

fn able(shown: &Shown) -> String {
    match shown.rules {
        1 => "and 1 rule at work could have raised it".to_owned(),
        rules => format!("and {rules} rules at work could have raised it"),
    }
}

fn fires(fired: &[String]) -> Ruling {
    let more = match fired.len() {
        0 | 1 => String::new(),
        count => format!("; and {} more", count - 1),
    };
    let first = fired.first().map(String::as_str).unwrap_or_default();
    Ruling::bad(Code::Alert, format!("{first}{more}"))
}

/// Reads the answers about one selector.
fn see(times: Times, asked: &[Question], observations: &Observations, seen: &mut Seen) {
    let mut found: Vec<(Labels, String)> = Vec::new();
    for question in asked {
        match series::whole(observations, question) {
            Err(undecided) => seen.unknown = seen.unknown.take().or(Some(undecided)),
            Ok(reply) => {
                for one in &reply.series {
                    let labels = own(&one.labels);
                    let known = found.iter().any(|(known, _)| *known == labels);
                    if let (Some(when), false) = (when(one, question, times), known) {
                        found.push((labels, when));
                    }
                }
            }
        }
    }
    let said = found
        .into_iter()
        .map(|(labels, when)| format!("{labels} {when}"));
    seen.fired.extend(said);
}

/// When an alert fired, in the words of a reason; `None` where the series has no point.
fn when(series: &Series, question: &Question, times: Times) -> Option<String> {
    let points = || {
        series
            .points
            .iter()
            .filter(|point| point.value != 0.0 && !point.value.is_nan())
    };
    let (first, last) = (points().next()?.at, points().next_back()?.at);
    let said = match (&question.asked, times) {
        (Asked::Range(_), _) if first == last => format!("fired at {first}"),
        (Asked::Range(_), _) => format!(
            "fired at {} points from {first} to {last}",
            points().count()
        ),
        (_, Times::At(at)) => format!("fires at {at}"),
        (_, Times::Over(span)) => format!("fired between two points, after {}", span.start),
    };
    Some(said)
}

/// An alert's labels without what the server adds.
fn own(labels: &Labels) -> Labels {
    let pairs = labels
        .iter()
        .filter(|(name, _)| !["alertstate", "__name__"].contains(name));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The rules that could raise what the selectors name.
fn shown(ask: &AlertsAsk, setting: &Setting<'_>) -> Result<Shown, Undecided> {
    alert_rules::show(&ask.firing, rules(ask, setting)?, setting.moment.at)
}

/// What the rules raise as they are asked for: it may have begun a moment after T, or not be stored.
fn raised(ask: &AlertsAsk, rules: &[Rule]) -> Vec<String> {
    let firing = rules.iter().flat_map(|rule| &rule.firing);
    let firing = firing.filter(|labels| names(ask, labels));
    firing
        .map(|labels| format!("{labels} fires as the rules are asked for"))
        .collect()
}

fn rules<'s>(ask: &AlertsAsk, setting: &'s Setting<'_>) -> Result<&'s [Rule], Undecided> {
    let source = ask.rules.clone().ok_or_else(|| {
        let reason = "the plan has no source whose rules could show that such an alert can fire";
        Undecided::new(Code::NoAlertRule, reason)
    })?;
    match found(setting, &Inquiry::Rules { source })? {
        Found::Rules(rules) => Ok(rules),
        _ => Err(unfit()),
    }
}

fn found<'s>(setting: &'s Setting<'_>, inquiry: &Inquiry) -> Result<&'s Found, Undecided> {
    let found = setting.found(inquiry);
    found.map_err(|failure| Undecided::new(Code::Source(failure.code), failure.message))
}

/// A finding of another kind than was asked for.
fn unfit() -> Undecided {
    Undecided::new(
        Code::ContentUnreadable,
        "what was found does not answer what was asked",
    )
}

fn at_alertmanager(
    ask: &AlertsAsk,
    address: &str,
    list: List,
    setting: &Setting<'_>,
) -> Result<Ruling, Undecided> {
    let inquiry = Inquiry::Alerts {
        alertmanager: address.to_owned(),
    };
    // An Alertmanager is not asked over a span; whether there is one yet, it decides all the same.
    Times::new(list, setting.stage, setting.gate, setting.moment)?;
    let Found::Alerts(alerts) = found(setting, &inquiry)? else {
        return Err(unfit());
    };
    let named = alerts.iter().filter(|alert| names(ask, &alert.labels));
    let (counted, silenced): (Vec<&Alert>, Vec<&Alert>) =
        named.partition(|alert| !alert.suppressed || ask.silenced != Some(false));
    if !counted.is_empty() {
        let said: Vec<String> = counted.iter().map(|alert| held(alert)).collect();
        return Ok(fires(&said));
    }
    let mut shown = shown(ask, setting)?;
    if shown.after {
        let at = setting.moment.at;
        let reason = format!(
            "an Alertmanager says only what fires when it is asked, and that was after {at}"
        );
        return Err(Undecided::new(Code::NoData, reason));
    }
    received(ask, rules(ask, setting)?, alerts)?;
    shown
        .notes
        .push("as it was when the Alertmanager was asked: it keeps no history".to_owned());
    let silenced_note =
        |alert: &&Alert| format!("not counted, silenced or inhibited: {}", held(alert));
    shown.notes.extend(silenced.iter().map(silenced_note));
    let reason = format!("nothing fires, {}", able(&shown));
    conclude(list, setting, reason, shown)
}

fn names(ask: &AlertsAsk, labels: &Labels) -> bool {
    ask.firing
        .iter()
        .any(|selector| selector.accepts(|name| labels.get(name)))
}

fn held(alert: &Alert) -> String {
    let since = alert
        .since
        .map_or(String::new(), |since| format!(" since {since}"));
    let suppressed = if alert.suppressed {
        ", silenced or inhibited"
    } else {
        ""
    };
    format!("{} fires{since}{suppressed}", alert.labels)
}

/// What the rules raise has to have come to the Alertmanager: else its silence is that of a line that is cut.
fn received(ask: &AlertsAsk, rules: &[Rule], alerts: &[Alert]) -> Result<(), Undecided> {
    for rule in rules {
        for labels in rule.firing.iter().filter(|labels| names(ask, labels)) {
            let is_it = |alert: &Alert| alert.labels.get("alertname") == Some(&rule.name);
            if !alerts.iter().any(is_it) {
                let reason =
                    format!("{labels} fires at the source, and the Alertmanager does not hold it");
                return Err(Undecided::new(Code::AlertRuleBroken, reason));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Assessment, Facts, GateRef, Outcome, Request, assess, questions};
    use super::*;
    use crate::findings::Findings;
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
            at: T,
            started,
            gates: vec![GateRef { stage: 0, gate: 0 }],
            ledger: None,
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
        };
        let Assessment { gates } = assess(&plan, &request, facts);
        let kinds = ["alerts", "no_alerts"];
        let mut criteria = gates[0].criteria.iter();
        let criterion = criteria
            .find(|one| kinds.contains(&one.kind))
            .expect("alerts");
        (criterion.outcome, criterion.code)
    }

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
    fn silence_is_met_only_where_a_rule_could_break_it() {
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
    fn what_fires_as_the_rules_are_asked_for_is_no_peace() {
        let firing = rules(vec![rule("sev1", true)]);
        assert_eq!(
            judged(ENTRY, None, &firing, nothing),
            (Outcome::Unmet, Code::Alert)
        );
        let other = rules(vec![rule("sev2", true), rule("sev1", false)]);
        assert_eq!(judged(ENTRY, None, &other, nothing).0, Outcome::Met);
    }

    #[test]
    fn an_answer_that_is_missing_or_in_part_is_unknown_beside_a_whole_one() {
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
    fn the_whole_span_is_asked_for_at_once_and_at_points() {
        let asked = questions(&plan(EXIT), &request(None));
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
        findings.insert(Inquiry::Alerts { alertmanager }, Ok(Found::Alerts(alerts)));
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
}
