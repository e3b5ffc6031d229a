//! Suggested limits for programs: `gate.tune/v1`. Keys may be added, never renamed or dropped. Must not choose a limit.

use serde::Serialize;

use super::json::{Head, How, IncidentSeen, Remarks, Unknown, how, seen, unknown};
use super::tuned::Suggested;
use crate::backtest::{Allowed, Backtest, Counted, CriterionTried, Suggestion, Tried, TuneVerdict};
use crate::kind::List;

/// The form of the document.
const SCHEMA: &str = "gate.tune/v1";

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers_sha256: Option<&'a str>,
    incidents: Vec<IncidentSeen<'a>>,
    gates: Vec<GateSeen<'a>>,
    allowed: AllowedSeen,
    limits: Vec<Row<'a>>,
    #[serde(flatten)]
    remarks: Remarks<'a>,
}

/// What the limits of a gate rest on.
#[derive(Serialize)]
struct GateSeen<'a> {
    stage: &'a str,
    #[serde(rename = "gate")]
    kind: &'static str,
    quiet_seconds: f64,
    unknown: Vec<Unknown<'a>>,
}

/// What a limit may cost.
#[derive(Serialize)]
struct AllowedSeen {
    false_stops: f64,
    per: String,
    false_no_go: f64,
    headroom: f64,
}

#[derive(Serialize)]
struct Row<'a> {
    stage: &'a str,
    #[serde(rename = "gate")]
    kind: &'static str,
    list: &'static str,
    name: &'a str,
    now: Side<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<Side<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    too_short: Option<&'a str>,
    loses: &'a [String],
    lost_from: Vec<LostFrom<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    driven_by: Option<DrivenBy<'a>>,
}

#[derive(Serialize)]
struct Side<'a> {
    condition: &'a str,
    false_ones: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    false_stops_a_week: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    false_stops_a_week_at_most: Option<f64>,
    caught: usize,
    of: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    incidents: Vec<How>,
}

/// The limit from which on an incident is not caught.
#[derive(Serialize)]
struct LostFrom<'a> {
    incident: &'a str,
    limit: &'a str,
}

/// The series that decides on a common limit.
#[derive(Serialize)]
struct DrivenBy<'a> {
    series: &'a str,
    needs: &'a str,
    least: &'a str,
}

/// The document, with a final newline.
#[must_use]
pub fn tuned_json(whole: &Backtest, suggested: Suggested<'_>, allowed: &Allowed) -> String {
    let gates = whole.gates.iter().zip(suggested);
    let limits = gates.flat_map(|(gate, suggestions)| {
        let rows = suggestions.iter();
        rows.filter_map(move |suggestion| row(gate, suggestion))
    });
    let seen_gates = whole.gates.iter().map(|(tried, counted)| GateSeen {
        stage: &tried.stage,
        kind: tried.gate.word(),
        quiet_seconds: counted.quiet_time.seconds(),
        unknown: unknown(tried),
    });
    let document = Document {
        head: Head::of(whole, SCHEMA),
        answers_sha256: whole.answers_sha256.as_deref(),
        incidents: seen(whole),
        gates: seen_gates.collect(),
        allowed: AllowedSeen {
            false_stops: allowed.false_stops,
            per: allowed.per.to_string(),
            false_no_go: allowed.false_no_go,
            headroom: allowed.headroom,
        },
        limits: limits.collect(),
        remarks: Remarks::of(whole),
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn row<'a>((tried, counted): &'a (Tried, Counted), suggestion: &'a Suggestion) -> Option<Row<'a>> {
    let criterion = tried.criteria.get(suggestion.criterion)?;
    let lost = suggestion.lost_from.iter();
    let driven = suggestion.driven_by.as_ref();
    Some(Row {
        stage: &tried.stage,
        kind: tried.gate.word(),
        list: criterion.list.word(),
        name: &criterion.name,
        now: side(counted, criterion, &suggestion.now),
        then: suggestion
            .then
            .as_ref()
            .ok()
            .map(|then| side(counted, criterion, then)),
        why_not: suggestion.then.as_ref().err().map(|why| why.words()),
        too_short: suggestion.too_short.as_deref(),
        loses: &suggestion.loses,
        lost_from: lost
            .map(|(incident, limit)| LostFrom { incident, limit })
            .collect(),
        driven_by: driven.map(|(series, needs, least)| DrivenBy {
            series,
            needs,
            least,
        }),
    })
}

fn side<'a>(counted: &Counted, criterion: &CriterionTried, verdict: &'a TuneVerdict) -> Side<'a> {
    let (caught, of) = Counted::caught_of(&verdict.caught);
    let is_stop = criterion.list == List::Stop;
    let rate = counted.rate(verdict.false_ones).filter(|_| is_stop);
    Side {
        condition: &verdict.condition,
        false_ones: verdict.false_ones,
        false_stops_a_week: rate.map(|(rate, _)| rate),
        false_stops_a_week_at_most: rate.map(|(_, most)| most),
        caught,
        of,
        incidents: how(counted, &verdict.caught),
    }
}
