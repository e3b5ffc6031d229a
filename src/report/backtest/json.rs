//! A backtest for programs: `gate.backtest/v1`. Keys may be added, never renamed or dropped. Must not count.

use serde::Serialize;

use super::words;
use crate::backtest::{Backtest, Caught, Counted, CriterionTried, Period, Tried};
use crate::plan::Variable;
use crate::samples::SourceSeen;
use crate::units::Instant;

/// The form of the document.
pub(super) const SCHEMA: &str = "gate.backtest/v1";

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    sources: &'a [SourceSeen],
    #[serde(skip_serializing_if = "Option::is_none")]
    answers_sha256: Option<&'a str>,
    incidents: Vec<IncidentSeen<'a>>,
    gates: Vec<Gate<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    releases: Vec<Real<'a>>,
    #[serde(flatten)]
    remarks: Remarks<'a>,
}

/// What each document about a backtest ends with.
#[derive(Serialize)]
pub(super) struct Remarks<'a> {
    unanswered: Vec<Missing<'a>>,
    notes: &'a [String],
    fail_on: Vec<FailOnSeen<'a>>,
}

impl<'a> Remarks<'a> {
    pub(super) fn of(whole: &'a Backtest) -> Self {
        let unanswered = whole.unanswered.iter().map(|one| Missing {
            query: &one.query,
            from: one.from,
            to: one.to,
            code: &one.code,
            message: &one.message,
        });
        let conditions = whole.fail_on.iter().map(|(condition, holds)| FailOnSeen {
            condition: &condition.text,
            holds: *holds,
            untested: words::untested(whole, condition),
        });
        Self {
            unanswered: unanswered.collect(),
            notes: &whole.notes,
            fail_on: conditions.collect(),
        }
    }
}

/// What was judged, and by whom: the same in each document about a backtest.
#[derive(Serialize)]
pub(super) struct Head<'a> {
    schema: &'static str,
    tool: Tool<'a>,
    release: &'a str,
    plan: PlanSeen<'a>,
    #[serde(skip_serializing_if = "<[Variable]>::is_empty")]
    vars: &'a [Variable],
    from: Instant,
    to: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples_from: Option<Instant>,
    every: String,
    moments: bool,
    quiet_after: String,
}

impl<'a> Head<'a> {
    pub(super) fn of(whole: &'a Backtest, schema: &'static str) -> Self {
        let (path, sha256) = (&whole.plan.0, &whole.plan.1);
        Self {
            schema,
            tool: Tool {
                name: "gate",
                version: &whole.tool_version,
            },
            release: &whole.release,
            plan: PlanSeen { path, sha256 },
            vars: &whole.vars,
            from: whole.span.0,
            to: whole.span.1,
            samples_from: whole.samples_from,
            every: whole.every.to_string(),
            moments: whole.moments,
            quiet_after: whole.incidents.quiet_after.to_string(),
        }
    }
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct PlanSeen<'a> {
    path: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
pub(super) struct IncidentSeen<'a> {
    name: &'a str,
    start: Instant,
    end: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'a str>,
}

#[derive(Serialize)]
struct Gate<'a> {
    stage: &'a str,
    #[serde(rename = "gate")]
    kind: &'static str,
    watched_for: String,
    quiet_seconds: f64,
    outcomes: Vec<Outcomes>,
    false_stops: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    false_stops_a_week: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    false_stops_a_week_at_most: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    false_no_go: Option<f64>,
    incidents: Vec<How>,
    criteria: Vec<Criterion<'a>>,
    left_out: Vec<LeftOut<'a>>,
    unknown: Vec<Unknown<'a>>,
    releases: Vec<Pretended>,
}

#[derive(Serialize)]
struct Outcomes {
    outcome: &'static str,
    all: usize,
    quiet: usize,
    incident: usize,
}

/// How an incident was caught, in the order of the incidents.
#[derive(Serialize)]
pub(super) struct How {
    incident: String,
    caught: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
}

#[derive(Serialize)]
struct Criterion<'a> {
    list: &'static str,
    name: &'a str,
    condition: &'a str,
    judged_one_by_one: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    false_stops: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    false_no_go: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closest_call: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_it: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    incidents: Vec<How>,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    list: &'static str,
    name: &'a str,
}

/// What could not be decided.
#[derive(Serialize)]
pub(super) struct Unknown<'a> {
    name: &'a str,
    list: &'static str,
    code: &'static str,
    count: usize,
    first: Instant,
    last: Instant,
    reason: &'a str,
}

#[derive(Serialize)]
struct Pretended {
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<Instant>,
    at: Instant,
    period: &'static str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_by: Option<String>,
}

#[derive(Serialize)]
struct Real<'a> {
    name: &'a str,
    stage: &'a str,
    started: Instant,
    was: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_at: Option<Instant>,
}

#[derive(Serialize)]
pub(super) struct Missing<'a> {
    query: &'a str,
    from: Instant,
    to: Instant,
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
pub(super) struct FailOnSeen<'a> {
    condition: &'a str,
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    untested: Option<usize>,
}

/// The document, with a final newline.
#[must_use]
pub fn json(whole: &Backtest) -> String {
    let document = Document {
        head: Head::of(whole, SCHEMA),
        sources: &whole.sources,
        answers_sha256: whole.answers_sha256.as_deref(),
        incidents: seen(whole),
        gates: whole
            .gates
            .iter()
            .map(|(tried, counted)| gate(tried, counted))
            .collect(),
        releases: whole
            .releases
            .iter()
            .flat_map(|(tried, all)| real(tried, all))
            .collect(),
        remarks: Remarks::of(whole),
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// The incidents that something is counted against.
pub(super) fn seen(whole: &Backtest) -> Vec<IncidentSeen<'_>> {
    let all = whole.incidents.all.iter();
    all.map(|incident| IncidentSeen {
        name: &incident.name,
        start: incident.start,
        end: incident.end,
        stage: incident.stage.as_deref(),
    })
    .collect()
}

fn gate<'a>(tried: &'a Tried, counted: &'a Counted) -> Gate<'a> {
    let rate = counted.rate(counted.false_stops);
    Gate {
        stage: &tried.stage,
        kind: tried.gate.word(),
        watched_for: tried.trials.length.to_string(),
        quiet_seconds: counted.quiet_time.seconds(),
        outcomes: counted
            .outcomes
            .iter()
            .map(|count| Outcomes {
                outcome: count.verdict.word(),
                all: count.all,
                quiet: count.quiet,
                incident: count.incident,
            })
            .collect(),
        false_stops: counted.false_stops,
        false_stops_a_week: rate.map(|(rate, _)| rate),
        false_stops_a_week_at_most: rate.map(|(_, most)| most),
        false_no_go: counted.figures().false_no_go,
        incidents: how(counted, &counted.caught),
        criteria: tried
            .criteria
            .iter()
            .enumerate()
            .map(|(place, one)| criterion(counted, place, one))
            .collect(),
        left_out: tried
            .left
            .iter()
            .map(|left| LeftOut {
                list: left.list.word(),
                name: &left.name,
            })
            .collect(),
        unknown: unknown(tried),
        releases: pretended(tried, counted),
    }
}

/// What could not be decided of a gate.
pub(super) fn unknown(tried: &Tried) -> Vec<Unknown<'_>> {
    let all = tried.unknown.iter().filter_map(|unknown| {
        let criterion = tried.criteria.get(unknown.criterion)?;
        Some(Unknown {
            name: &criterion.name,
            list: criterion.list.word(),
            code: unknown.code.word(),
            count: unknown.count,
            first: unknown.between.0,
            last: unknown.between.1,
            reason: &unknown.reason,
        })
    });
    all.collect()
}

pub(super) fn how(counted: &Counted, caught: &[Caught]) -> Vec<How> {
    let pairs = counted.incidents.all.iter().zip(caught);
    pairs
        .map(|(incident, caught)| {
            let (word, seconds) = match caught {
                Caught::After(time) => ("caught", Some(time.seconds())),
                Caught::Missed => ("missed", None),
                Caught::Untested => ("untested", None),
            };
            How {
                incident: incident.name.clone(),
                caught: word,
                seconds,
            }
        })
        .collect()
}

fn criterion<'a>(counted: &Counted, place: usize, one: &'a CriterionTried) -> Criterion<'a> {
    let stop = counted.stops.iter().find(|stop| stop.criterion == place);
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    Criterion {
        list: one.list.word(),
        name: &one.name,
        condition: &one.condition,
        judged_one_by_one: one.swept.one_by_one(),
        limit: one.swept.scale.as_ref().map(|scale| scale.now),
        false_stops: stop.map(|stop| stop.false_stops),
        false_no_go: stop.is_none().then(|| one.failing(&counted.periods)),
        closest_call: stop.and_then(|stop| finite(stop.closest?.value)),
        only_it: stop.map(|stop| stop.only),
        incidents: stop.map_or_else(Vec::new, |stop| how(counted, &stop.caught)),
    }
}

fn pretended(tried: &Tried, counted: &Counted) -> Vec<Pretended> {
    let all = tried
        .trials
        .times
        .iter()
        .zip(&tried.outcomes)
        .zip(&counted.periods);
    all.map(|((trial, outcome), period)| Pretended {
        started: trial.started,
        at: trial.at,
        period: match period {
            Period::Quiet => "quiet",
            Period::Incident => "incident",
            Period::After => "after",
        },
        outcome: outcome.verdict.word(),
        stopped_at: outcome.stop.map(|(at, _)| at),
        stopped_by: outcome
            .stop
            .and_then(|(_, by)| tried.criteria.get(by).map(words::criterion)),
    })
    .collect()
}

fn real<'a>(tried: &'a Tried, all: &'a [crate::backtest::Release]) -> Vec<Real<'a>> {
    let pairs = all.iter().zip(&tried.outcomes);
    pairs
        .map(|(release, outcome)| Real {
            name: &release.name,
            stage: &release.stage,
            started: release.started,
            was: &release.outcome,
            outcome: outcome.verdict.word(),
            stopped_at: outcome.stop.map(|(at, _)| at),
        })
        .collect()
}
