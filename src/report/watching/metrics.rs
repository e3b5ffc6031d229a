//! A watch as metrics (W22): the text format of Prometheus, version 0.0.4, for `/metrics` and for the textfile collector. Must not
//! judge, and gives no series a label that samples named.
//!
//! Its own few lines, since the official client crate writes `OpenMetrics` alone, whose counters Prometheus' text parser and the
//! textfile collector read as untyped.

use std::collections::BTreeSet;

use super::now::{Now, worst_series};
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::kind::{List, words};
use crate::ledger::WatchEnd;
use crate::report::escape;
use crate::units::Duration;
use crate::verdict::Verdict;

words! {
    /// What a metric is.
    enum Type: "type of a metric" {
        /// It goes up and down.
        Gauge = "gauge",
        /// It only goes up while the process lives.
        Counter = "counter",
    }
}

/// Names and values, in the order in which they are written.
type Labels = Vec<(&'static str, String)>;

/// The text, with a final newline.
#[must_use]
pub fn metrics(now: &Now) -> String {
    let mut text = String::new();
    of_gates(&mut text, now);
    of_criteria(&mut text, now);
    of_rounds(&mut text, now);
    of_others(&mut text, now);
    text
}

fn of_gates(text: &mut String, now: &Now) {
    let verdicts = now.evidence.deciding().flat_map(|gate| {
        Verdict::all().map(move |verdict| {
            let mut labels = of_gate(now, gate);
            labels.push(("verdict", verdict.word().to_owned()));
            (labels, truth(gate.verdict == verdict))
        })
    });
    family(
        text,
        ("gate_verdict", Type::Gauge),
        "Whether a watched gate has this verdict: 1 for one of the four, 0 for the others.",
        verdicts,
    );
    let windows = || {
        let gates = now.evidence.deciding();
        gates.filter_map(|gate| Some((of_gate(now, gate), gate.window.as_ref()?)))
    };
    family(
        text,
        ("gate_window_observed_seconds", Type::Gauge),
        "How much of the observation window was observed.",
        windows().map(|(labels, window)| {
            let observed = window.start.until(window.end).min(window.length);
            (labels, observed.max(Duration::ZERO).seconds())
        }),
    );
    family(
        text,
        ("gate_window_seconds", Type::Gauge),
        "How long the observation window is.",
        windows().map(|(labels, window)| (labels, window.length.seconds())),
    );
}

fn of_criteria(text: &mut String, now: &Now) {
    let criteria = || {
        let gates = now.evidence.deciding();
        gates.flat_map(|gate| gate.criteria.iter().map(move |one| (gate, one)))
    };
    let outcomes = criteria().flat_map(|(gate, criterion)| {
        possible(criterion.list).into_iter().map(move |outcome| {
            let mut labels = of_criterion(now, gate, criterion);
            labels.push(("outcome", outcome.word().to_owned()));
            (labels, truth(criterion.outcome == outcome))
        })
    });
    family(
        text,
        ("gate_criterion", Type::Gauge),
        "Whether a criterion of a watched gate has this outcome: 1 for one, 0 for the others.",
        outcomes,
    );
    let worst = |of: fn(&crate::assessment::SeriesAssessment) -> Option<f64>| {
        criteria().filter_map(move |(gate, criterion)| {
            let series = worst_series(criterion)?;
            let value = of(series)?;
            let mut labels = of_criterion(now, gate, criterion);
            labels.extend(series.per.iter().map(|per| ("series", per.clone())));
            Some((labels, value))
        })
    };
    family(
        text,
        ("gate_criterion_value", Type::Gauge),
        "What was measured of the worst series of a criterion, in the unit of its KPI.",
        worst(|series| series.value),
    );
    family(
        text,
        ("gate_criterion_limit", Type::Gauge),
        "What the worst series of a criterion was compared with, in the unit of its KPI.",
        worst(|series| series.bound),
    );
}

fn of_rounds(text: &mut String, now: &Now) {
    // Whoever asks whether somebody watches is not to be told of a watch that has seen its stage through; one that was interrupted
    // has not.
    let is_over = now.ended.is_some_and(is_through);
    let begun = (!is_over).then_some(now.evidence.evaluated_at);
    family(
        text,
        ("gate_round_timestamp_seconds", Type::Gauge),
        "The time as of which the last round judged, in Unix seconds; absent once the watch has ended by itself.",
        begun.map(|at| (of_watch(now), seconds_since_epoch(at))),
    );
    family(
        text,
        ("gate_rounds_total", Type::Counter),
        "How many rounds this watch has judged.",
        [(of_watch(now), count(now.rounds))],
    );
    family(
        text,
        ("gate_round_seconds", Type::Gauge),
        "How long the last round took.",
        [(of_watch(now), now.took.seconds())],
    );
}

fn of_others(text: &mut String, now: &Now) {
    let sources = now.evidence.sources.iter().filter(|source| {
        let asked = format!("{}=", source.name);
        now.evidence.asked.iter().any(|one| one.starts_with(&asked))
    });
    family(
        text,
        ("gate_source_up", Type::Gauge),
        "Whether a source answered in the last round.",
        sources.map(|source| {
            let mut labels = of_watch(now);
            labels.push(("source", source.name.clone()));
            let is_away = now.away.iter().any(|one| one.source == source.name);
            (labels, truth(!is_away))
        }),
    );
    family(
        text,
        ("gate_records_up", Type::Gauge),
        "Whether the records could be reached in the last round.",
        [(of_watch(now), truth(now.records_away.is_none()))],
    );
    family(
        text,
        ("gate_notices_total", Type::Counter),
        "How many notices this watch has sent, by the kind of the receiver and what became of them.",
        now.notices.iter().map(|one| {
            let mut labels = of_watch(now);
            labels.push(("kind", one.kind.clone()));
            labels.push(("result", one.result.clone()));
            (labels, count(one.count))
        }),
    );
    let mut labels = of_watch(now);
    labels.push(("version", now.evidence.tool_version.clone()));
    family(
        text,
        ("gate_build_info", Type::Gauge),
        "The version that watches, as a label; always 1.",
        [(labels, 1.0)],
    );
}

/// Whether a watch that ended so has nothing left to watch, or was told when to end.
fn is_through(end: WatchEnd) -> bool {
    match end {
        WatchEnd::Stop
        | WatchEnd::Complete
        | WatchEnd::Grace
        | WatchEnd::Limit
        | WatchEnd::FailFast
        | WatchEnd::Left
        | WatchEnd::RolledBack => true,
        WatchEnd::Interrupted | WatchEnd::Unrecorded => false,
    }
}

/// The outcomes that criteria of a list can have.
fn possible(list: List) -> [Outcome; 3] {
    match list {
        List::Stop => [Outcome::Clear, Outcome::Unknown, Outcome::Tripped],
        List::Entry | List::Exit | List::Recovery | List::Watch => {
            [Outcome::Met, Outcome::Unknown, Outcome::Unmet]
        }
    }
}

/// On every series: where several watches write files for one collector, no two series of theirs are the same.
fn of_watch(now: &Now) -> Labels {
    vec![
        ("release", now.evidence.plan.release.id()),
        ("stage", now.stage.clone()),
    ]
}

fn of_gate(now: &Now, gate: &GateAssessment) -> Labels {
    let mut labels = of_watch(now);
    labels.push(("gate", gate.name().to_string()));
    labels
}

fn of_criterion(now: &Now, gate: &GateAssessment, criterion: &CriterionAssessment) -> Labels {
    let mut labels = of_gate(now, gate);
    labels.push(("list", criterion.list.word().to_owned()));
    labels.push(("kind", criterion.kind.word().to_owned()));
    labels.push(("name", criterion.name.clone()));
    let condition = criterion.condition.iter();
    labels.extend(condition.map(|condition| ("condition", condition.clone())));
    labels
}

fn truth(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a watch has no 2^53 rounds or notices"
)]
fn count(of: u64) -> f64 {
    of as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this era are exact"
)]
fn seconds_since_epoch(at: crate::units::Instant) -> f64 {
    at.millis() as f64 / 1000.0
}

/// One metric with its series. Without any, nothing is written; of series with the same labels, only the first, since a text with
/// two is refused whole.
fn family(
    text: &mut String,
    (name, kind): (&str, Type),
    help: &str,
    samples: impl IntoIterator<Item = (Labels, f64)>,
) {
    let mut written = BTreeSet::new();
    for (labels, value) in samples {
        let labels = in_braces(&labels);
        if written.is_empty() {
            text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        }
        if written.insert(labels.clone()) {
            text.push_str(&format!("{name}{labels} {}\n", number(value)));
        }
    }
}

/// `{release="R1.0",stage="pilot"}`. What a reader would not see or a parser stumble over is made visible first; then the two
/// characters are escaped that the format asks for: line feeds are gone by then.
fn in_braces(labels: &Labels) -> String {
    let pairs = labels.iter().map(|(name, value)| {
        let value = escape(value).replace('\\', r"\\").replace('"', "\\\"");
        format!("{name}=\"{value}\"")
    });
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

/// As Go reads numbers.
fn number(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        let sign = if value > 0.0 { '+' } else { '-' };
        format!("{sign}Inf")
    } else if size == 0.0 || (1e-6..1e15).contains(&size) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;
    use crate::report::watching::now::{AwayNow, Notices};
    use crate::units::Instant;

    fn now(evidence: crate::evidence::Evidence) -> Now {
        Now {
            stage: evidence.gates[0].stage.clone(),
            evidence,
            every: Duration::from_secs(60),
            took: Duration::from_millis(250),
            whole: true,
            rounds: 12,
            missed: 1,
            next: Some(Instant::from_secs(1_800_000_000)),
            asked: 20,
            points: 600,
            away: Vec::new(),
            notices: vec![Notices {
                kind: "slack".to_owned(),
                result: "delivered".to_owned(),
                count: 3,
            }],
            recorded: None,
            records_away: None,
            ended: None,
        }
    }

    fn series(text: &str) -> Vec<&str> {
        let lines = text.lines();
        lines.filter(|line| !line.starts_with('#')).collect()
    }

    #[test]
    fn w22_a_watch_in_metrics() {
        let text = metrics(&now(scenarios::no_go()));
        let lines = series(&text);
        let has = |start: &str, end: &str| {
            assert!(
                lines
                    .iter()
                    .any(|line| line.starts_with(start) && line.ends_with(end)),
                "{start} … {end} in\n{text}"
            );
        };
        has("gate_verdict{release=", "verdict=\"NO-GO\"} 1");
        has("gate_verdict{release=", "verdict=\"GO\"} 0");
        has("gate_criterion{release=", "outcome=\"unmet\"} 1");
        has("gate_criterion{release=", "outcome=\"met\"} 0");
        has("gate_criterion_value{release=", "");
        has("gate_criterion_limit{release=", "");
        has("gate_rounds_total{release=", "} 12");
        has("gate_round_seconds{release=", "} 0.25");
        has("gate_notices_total{release=", "result=\"delivered\"} 3");
        has("gate_build_info{release=", "} 1");
        has("gate_source_up{release=", "} 1");
        has("gate_records_up{release=", "} 1");
        has("gate_round_timestamp_seconds{release=", "");
    }

    #[test]
    fn w22_there_are_few_series_and_each_once() {
        for (name, evidence) in scenarios::all() {
            if evidence.gates.is_empty() {
                continue;
            }
            let now = now(evidence);
            let text = metrics(&now);
            let lines = series(&text);
            let criteria: usize = now
                .evidence
                .deciding()
                .map(|gate| gate.criteria.len())
                .sum();
            assert!(lines.len() <= 30 + 12 * criteria, "{name}: {}", lines.len());
            let keys: BTreeSet<&str> = lines
                .iter()
                .map(|line| line.rsplit_once(' ').expect("a value").0)
                .collect();
            assert_eq!(keys.len(), lines.len(), "{name}:\n{text}");
        }
    }

    #[test]
    fn w22_a_source_that_is_away_is_not_up() {
        let mut now = now(scenarios::no_go());
        let source = now.evidence.sources[0].name.clone();
        now.evidence.asked = vec![format!("{source}=http://127.0.0.1:9090")];
        let line = |now: &Now| {
            let text = metrics(now);
            let found = text.lines().find(|line| line.starts_with("gate_source_up"));
            found.map(str::to_owned).expect("the source")
        };
        assert!(line(&now).ends_with(" 1"));
        now.away.push(AwayNow {
            source,
            since: Instant::from_secs(0),
            next_try: None,
        });
        assert!(line(&now).ends_with(" 0"));
        now.evidence.asked.clear();
        assert!(!metrics(&now).contains("gate_source_up"), "nobody asked it");
    }

    #[test]
    fn w22_the_time_goes_with_a_watch_that_saw_its_stage_through_and_no_other() {
        for (end, stays) in [
            (None, true),
            (Some(WatchEnd::Interrupted), true),
            (Some(WatchEnd::Unrecorded), true),
            (Some(WatchEnd::Stop), false),
            (Some(WatchEnd::Complete), false),
        ] {
            let mut now = now(scenarios::go());
            now.ended = end;
            let text = metrics(&now);
            assert_eq!(
                text.contains("gate_round_timestamp_seconds{"),
                stays,
                "{end:?}"
            );
            assert!(text.contains("gate_verdict{"), "{end:?}");
        }
    }

    #[test]
    fn labels_are_escaped_as_the_format_asks() {
        let labels = vec![
            ("a", "quote \" slash \\ line\nnul \0".to_owned()),
            ("b", "München".to_owned()),
        ];
        assert_eq!(
            in_braces(&labels),
            "{a=\"quote \\\" slash \\\\ line nul \\\\u{0}\",b=\"München\"}"
        );
        let hostile = metrics(&now(scenarios::hostile()));
        assert!(!hostile.contains('\u{1b}') && !hostile.contains('\r'));
    }

    #[test]
    fn of_series_with_the_same_labels_the_first_is_written() {
        let mut text = String::new();
        let one = || vec![("name", "x".to_owned())];
        let samples = [(one(), 1.0), (one(), 2.0)];
        family(&mut text, ("m", Type::Gauge), "Help.", samples);
        assert_eq!(text, "# HELP m Help.\n# TYPE m gauge\nm{name=\"x\"} 1\n");
        family(&mut text, ("n", Type::Gauge), "Help.", []);
        assert!(!text.contains(" n "), "without series there is nothing");
    }

    #[test]
    fn numbers_are_as_go_reads_them() {
        for (value, text) in [
            (0.0, "0"),
            (0.062, "0.062"),
            (12.0, "12"),
            (1_800_000_000.5, "1800000000.5"),
            (1e300, "1e300"),
            (-2.5e-9, "-2.5e-9"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
