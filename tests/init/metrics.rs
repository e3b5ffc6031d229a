//! A server that holds these series, by name and labels, and measures the same value of whatever it is asked.

use std::collections::BTreeSet;

use crate::support::faulty::{Faulty, Received, answer, json};

/// A series: its metric, and its labels.
#[derive(Debug, Clone)]
pub struct Held(pub String, pub Vec<(String, String)>);

/// `metric{label="value"}` as a series.
pub fn held(text: &str) -> Held {
    let (metric, rest) = text.split_once('{').unwrap_or((text, ""));
    let pairs = rest
        .trim_end_matches('}')
        .split(',')
        .filter(|pair| !pair.is_empty());
    let labels = pairs.map(|pair| {
        let (label, value) = pair.split_once('=').expect("a label");
        (label.to_owned(), value.trim_matches('"').to_owned())
    });
    Held(metric.to_owned(), labels.collect())
}

/// How it measures.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// The value of everything.
    pub value: f64,
    /// For how many seconds before what is asked there are samples.
    pub past: f64,
    /// Whether it tells versions apart.
    pub both_run: bool,
}

impl Default for Measured {
    fn default() -> Self {
        Self {
            value: 0.5,
            past: 20.0 * 86_400.0,
            both_run: false,
        }
    }
}

/// The server.
pub fn server(series: Vec<Held>, measured: Measured) -> Faulty {
    Faulty::answering(move |asked| respond_to(&series, measured, asked))
}

/// The parameters of a request.
pub fn form(asked: &Received) -> (String, Vec<(String, String)>) {
    let target = asked.head.split_whitespace().nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let text = if asked.body.is_empty() {
        query
    } else {
        &asked.body
    };
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    (path.to_owned(), pairs.into_owned().collect())
}

/// What it answers.
pub fn respond_to(series: &[Held], measured: Measured, asked: &Received) -> Vec<u8> {
    let (path, form) = form(asked);
    let of = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let matching: Vec<&Held> = (series.iter())
        .filter(|one| of("match[]").is_none_or(|selector| matches(one, selector)))
        .collect();
    let data = match path.as_str() {
        "/api/v1/status/buildinfo" => r#"{"version":"3.5.0"}"#.to_owned(),
        "/api/v1/series" => {
            let limit = of("limit")
                .and_then(|limit| limit.parse().ok())
                .unwrap_or(usize::MAX);
            let shown: Vec<String> = matching.iter().take(limit).map(|one| labels(one)).collect();
            format!("[{}]", shown.join(","))
        }
        "/api/v1/query" => instant(&of, measured),
        "/api/v1/query_range" => range(&of, measured),
        other => match other
            .strip_prefix("/api/v1/label/")
            .and_then(|rest| rest.strip_suffix("/values"))
        {
            Some(label) => {
                let values: BTreeSet<String> = matching
                    .iter()
                    .filter_map(|one| value(one, label))
                    .collect();
                serde_json::to_string(&values).expect("JSON")
            }
            None => return answer("404 Not Found", "text/plain", "not found"),
        },
    };
    json(&format!(r#"{{"status":"success","data":{data}}}"#))
}

fn value(series: &Held, label: &str) -> Option<String> {
    if label == "__name__" {
        return Some(series.0.clone());
    }
    let found = series.1.iter().find(|(name, _)| name == label);
    found.map(|(_, value)| value.clone())
}

/// Names, equality and three digits: no more is asked here.
fn matches(series: &Held, selector: &str) -> bool {
    let (metric, rest) = selector.split_once('{').unwrap_or((selector, ""));
    let named = metric.is_empty() || metric == series.0;
    let matchers = rest
        .trim_end_matches('}')
        .split(',')
        .filter(|one| !one.is_empty());
    named
        && matchers.into_iter().all(|matcher| {
            let (label, wanted) = matcher.split_once('=').expect("a matcher");
            let own = value(series, label);
            match wanted.strip_prefix('~') {
                Some(_) => own.is_some_and(|own| {
                    own.len() == 3 && own.bytes().all(|byte| byte.is_ascii_digit())
                }),
                None => own.as_deref() == Some(wanted.trim_matches('"')),
            }
        })
}

fn labels(series: &Held) -> String {
    let own = series
        .1
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let all: std::collections::BTreeMap<&str, &str> =
        own.chain([("__name__", series.0.as_str())]).collect();
    serde_json::to_string(&all).expect("JSON")
}

/// The values of the label that a query tells apart by, if it is one that the test speaks of.
fn apart(query: &str, measured: Measured) -> Vec<String> {
    if query.contains("by (site)") || query.contains("by (le, site)") {
        return ["BER1", "HAM1", "MUC1", "CGN1", "LEJ1"]
            .map(|site| format!(r#"{{"site":"{site}"}}"#))
            .to_vec();
    }
    if query.contains("by (track)") {
        let tracks: &[&str] = if measured.both_run {
            &["canary", "stable"]
        } else {
            &["stable"]
        };
        return tracks
            .iter()
            .map(|track| format!(r#"{{"track":"{track}"}}"#))
            .collect();
    }
    vec!["{}".to_owned()]
}

/// Samples come every 30s, and one event in a hundred fails.
fn value_of(query: &str, measured: Measured) -> f64 {
    if query.contains("count_over_time") {
        20.0
    } else if query.contains("5..") {
        measured.value / 100.0
    } else {
        measured.value
    }
}

fn instant<'f>(of: &impl Fn(&str) -> Option<&'f str>, measured: Measured) -> String {
    let query = of("query").unwrap_or_default();
    let value = value_of(query, measured);
    let time = of("time").unwrap_or("0");
    let all: Vec<String> = (apart(query, measured).iter())
        .map(|metric| format!(r#"{{"metric":{metric},"value":[{time},"{value}"]}}"#))
        .collect();
    format!(r#"{{"resultType":"vector","result":[{}]}}"#, all.join(","))
}

fn range<'f>(of: &impl Fn(&str) -> Option<&'f str>, measured: Measured) -> String {
    let number = |name: &str| {
        of(name)
            .and_then(|text| text.parse::<f64>().ok())
            .unwrap_or_default()
    };
    let (start, end, step) = (number("start"), number("end"), number("step").max(1.0));
    let query = of("query").unwrap_or_default();
    if query.contains("ALERTS") {
        return r#"{"resultType":"matrix","result":[]}"#.to_owned();
    }
    let value = value_of(query, measured);
    let mut points = Vec::new();
    let mut at = start;
    while at <= end {
        if at >= AT - measured.past {
            points.push(format!(r#"[{at},"{value}"]"#));
        }
        at += step;
    }
    if points.is_empty() {
        return r#"{"resultType":"matrix","result":[]}"#.to_owned();
    }
    let all: Vec<String> = (apart(query, measured).iter())
        .map(|metric| format!(r#"{{"metric":{metric},"values":[{}]}}"#, points.join(",")))
        .collect();
    format!(r#"{{"resultType":"matrix","result":[{}]}}"#, all.join(","))
}

/// As of when everything is asked.
pub const AT: f64 = 1_795_132_800.0;
