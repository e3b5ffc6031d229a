//! A watch for programs: `gate.watch/v1`, as `/status.json` answers. Holds no logic of its own.

use serde::Serialize;

use super::now::{LastRecord, Now, worst_series};
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome, Window};
use crate::kind::{CriterionKind, GateName, List};
use crate::ledger::WatchEnd;
use crate::report::words;
use crate::unicode_safety::escape_json;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// The value of `schema`.
const SCHEMA: &str = "gate.watch/v1";

/// The watch as JSON, keys in a fixed order, with a final newline. Times are RFC 3339 in UTC, lengths seconds.
#[must_use]
pub fn status(now: &Now) -> String {
    let mut text = serde_json::to_string_pretty(&Document::from(now)).unwrap_or_default();
    text.push('\n');
    escape_json(&text)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool_version: &'a str,
    plan: &'a str,
    plan_sha256: &'a str,
    release: &'a str,
    version: Option<&'a str>,
    stage: &'a str,
    every_seconds: f64,
    /// The worst of the gates.
    verdict: Verdict,
    /// Whether it is HOLD only because the window runs.
    pending: bool,
    /// What decided it, in one line.
    summary: String,
    gates: Vec<Gate<'a>>,
    round: Round,
    /// `null` once the watch is over.
    next_round: Option<Instant>,
    /// The sources that did not answer.
    away: Vec<Away<'a>>,
    /// `null` while nothing was recorded.
    recorded: Option<Recorded<'a>>,
    /// `null` while the records can be reached.
    records_away: Option<RecordsAway>,
    /// Why the watch is over; `null` while it lasts.
    ended: Option<WatchEnd>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Round {
    at: Instant,
    number: u64,
    whole: bool,
    took_seconds: f64,
    /// How many questions and inquiries were sent.
    asked: usize,
    /// How many points came back.
    points: usize,
    /// How many rounds fell out so far.
    missed: u64,
}

#[derive(Serialize)]
struct Away<'a> {
    source: &'a str,
    since: Instant,
    /// When it is tried again; `null` if in each round.
    next_try: Option<Instant>,
}

#[derive(Serialize)]
struct RecordsAway {
    since: Instant,
}

#[derive(Serialize)]
struct Recorded<'a> {
    at: Instant,
    verdict: Verdict,
    path: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "as the key is called everywhere")]
struct Gate<'a> {
    gate: GateName,
    verdict: Verdict,
    summary: String,
    window: Option<Span>,
    criteria: Vec<Criterion<'a>>,
}

#[derive(Serialize)]
struct Span {
    start: Instant,
    end: Instant,
    observed_seconds: f64,
    length_seconds: f64,
    complete: bool,
    completes_at: Option<Instant>,
}

#[derive(Serialize)]
struct Criterion<'a> {
    list: List,
    kind: CriterionKind,
    name: &'a str,
    condition: Option<&'a str>,
    outcome: Outcome,
    reason: &'a str,
    /// Of the worst series, in the KPI's unit.
    value: Option<f64>,
    bound: Option<f64>,
    /// Which series that is, by the label of `per`.
    series: Option<&'a str>,
}

impl<'a> From<&'a Now> for Document<'a> {
    fn from(now: &'a Now) -> Self {
        let evidence = &now.evidence;
        let release = &evidence.plan.release;
        let away = now.away.iter();
        Self {
            schema: SCHEMA,
            tool_version: &evidence.tool_version,
            plan: &evidence.plan.path,
            plan_sha256: &evidence.plan.sha256,
            release: &release.name,
            version: release.version.as_deref(),
            stage: &now.stage,
            every_seconds: now.every.seconds(),
            verdict: evidence.verdict,
            pending: evidence.is_pending(),
            summary: words::decided_by(evidence),
            gates: evidence.deciding().map(Gate::from).collect(),
            round: Round {
                at: evidence.evaluated_at,
                number: now.rounds,
                whole: now.whole,
                took_seconds: now.took.seconds(),
                asked: now.asked,
                points: now.points,
                missed: now.missed,
            },
            next_round: now.next,
            away: away
                .map(|one| Away {
                    source: &one.source,
                    since: one.since,
                    next_try: one.next_try,
                })
                .collect(),
            recorded: now.recorded.as_ref().map(Recorded::from),
            records_away: now.records_away.map(|since| RecordsAway { since }),
            ended: now.ended,
            notes: &evidence.notes,
        }
    }
}

impl<'a> From<&'a LastRecord> for Recorded<'a> {
    fn from(record: &'a LastRecord) -> Self {
        Self {
            at: record.at,
            verdict: record.verdict,
            path: &record.path,
            sha256: &record.sha256,
        }
    }
}

impl<'a> From<&'a GateAssessment> for Gate<'a> {
    fn from(gate: &'a GateAssessment) -> Self {
        Self {
            gate: gate.name(),
            verdict: gate.verdict,
            summary: words::gate_in_words(gate),
            window: gate.window.as_ref().map(Span::from),
            criteria: gate.criteria.iter().map(Criterion::from).collect(),
        }
    }
}

impl From<&Window> for Span {
    fn from(window: &Window) -> Self {
        let observed = window.start.until(window.end).min(window.length);
        Self {
            start: window.start,
            end: window.end,
            observed_seconds: observed.max(Duration::ZERO).seconds(),
            length_seconds: window.length.seconds(),
            complete: window.complete,
            completes_at: window.completes_at,
        }
    }
}

impl<'a> From<&'a CriterionAssessment> for Criterion<'a> {
    fn from(criterion: &'a CriterionAssessment) -> Self {
        let series = worst_series(criterion);
        Self {
            list: criterion.list,
            kind: criterion.kind,
            name: &criterion.name,
            condition: criterion.condition.as_deref(),
            outcome: criterion.outcome,
            reason: &criterion.reason,
            value: series.and_then(|one| one.value),
            bound: series.and_then(|one| one.bound),
            series: series.and_then(|one| one.per.as_deref()),
        }
    }
}
