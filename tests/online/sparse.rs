//! `gate validate --online` warns where samples are too sparse for what is asked of them (M15): ranges shorter than two scrapes, and
//! comparisons `at P` of a canary with too few events.

use super::{AT, T, online, samples};
use crate::support::exposition::Series;
use crate::support::faulty::{Faulty, Received, json};
use crate::support::program::{Finished, Workplace};
use crate::support::servers::{self, Server, Version};

/// Samples each 15s (those that there are anyway), each minute, each 5m, and of the last 5m alone.
fn servers() -> Vec<Server> {
    let counter = |at: i64| f64::from(i32::try_from(at - T + 20_000).expect("small"));
    let each = |from: i64, step: usize| {
        let times = (T - from..=T).step_by(step);
        times.map(move |at| (at + 7, counter(at)))
    };
    let mut all = samples();
    all.push(Series::new("minutely_total", each(3 * 3600, 60)));
    all.push(Series::new("rare_total", each(3 * 3600, 300)));
    all.push(Series::new("young_total", each(300, 15)));
    let mut servers: Vec<Server> = Version::ALL
        .into_iter()
        .map(|version| servers::prometheus(version, &all))
        .collect();
    servers.push(servers::victoria_metrics(&all));
    servers
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m15_a_range_shorter_than_two_scrapes_is_told_with_what_to_write() {
    for server in servers() {
        let query = |query: &str| {
            online(
                &server,
                &format!("query: '{query}', per: job, step: 15s"),
                AT,
            )
        };
        for (asked, told) in [
            (
                "sum(rate(http_requests_total[15s]))",
                "the range of `http_requests_total[15s]` is too short: a sample comes about every 15s, and Prometheus' `rate` needs at least two samples in its range: it finds nothing, or leaves gaps; use at least 4 scrapes, `[1m]` (for `$step`: `step: 1m`)",
            ),
            (
                "sum(increase(http_requests_total{job=\"checkout\"}[$step]))",
                "(for `$step`: `step: 1m`)",
            ),
            (
                "sum(rate(minutely_total[1m]))",
                "a sample comes about every 1m, and Prometheus' `rate` needs at least two samples in its range: it finds nothing, or leaves gaps; use at least 4 scrapes, `[4m]`",
            ),
            (
                "sum(rate(rare_total[5m]))",
                "a sample comes about every 5m, and Prometheus' `rate` needs at least two samples in its range: it finds nothing, or leaves gaps; use at least 4 scrapes, `[20m]`",
            ),
            (
                "max_over_time(minutely_total[30s])",
                "a sample comes about every 1m, and not every range has one: there are gaps",
            ),
        ] {
            let seen = query(asked);
            assert!(
                seen.err.contains("warning: the range of"),
                "{asked}: {}",
                seen.err
            );
            assert!(words(&seen).contains(told), "{asked}: {}", seen.err);
        }
        for right in [
            "sum(rate(http_requests_total[30s]))",
            "sum(rate(minutely_total[2m]))",
            "max_over_time(minutely_total[1m])",
            "max_over_time(sum(rate(minutely_total[5m]))[1m:15s])",
            // Nobody knows yet.
            "sum(rate(young_total[15s]))",
            // It has a finding of its own.
            "sum(rate(htp_requests_total[15s]))",
        ] {
            query(right).never_says("too short");
        }
        query("sum(rate(htp_requests_total[15s]))").says(0, "no such metric");
    }
}

/// On one line.
fn words(seen: &Finished) -> String {
    seen.err.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A source that has so many samples in 10m, and finds nothing for what is asked.
#[test]
fn m15_a_range_too_short_for_any_answer_is_the_reason_of_none() {
    let server = Faulty::answering(|asked| match value(asked, "query") {
        Some(query) if query.starts_with("max%28count_over_time") => {
            answer(asked, |_| query.contains("599s").then_some(10.0))
        }
        Some(query) if query.starts_with("count%28") => json(
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1795132800,"3"]}]}}"#,
        ),
        _ => answer(asked, |_| None),
    });
    let seen = validate(
        &server,
        "query: 'sum(rate(x_total[30s]))', unit: ratio",
        "< 1",
    );
    assert_eq!(seen.code, 0, "{}", seen.err);
    let said = words(&seen);
    let reason = "exit: k: warning: the query finds no series: each of its metrics has data, but too few samples for a range of the query";
    assert!(said.contains(reason), "{said}");
    let short = "exit: k: warning: the range of `x_total[30s]` is too short: a sample comes about every 1m,";
    assert_eq!(said.matches(short).count(), 1, "{said}");
    // Recovery asks the same of another span: what is too short is told once.
    assert_eq!(said.matches("is too short").count(), 1, "{said}");
    assert!(said.contains("use at least 4 scrapes, `[4m]`"), "{said}");
}

const RATIO: &str = "ratio: {errors: 'errors', total: 'all'}, missing: zero, step: 1m";
const SURE: &str = "<= 2% at 95%";
const FEW: &str = "`at` needs 48 points with events";

/// A source in which every so many minutes so many events a minute happened.
fn traffic(each: i64, events: f64) -> Faulty {
    Faulty::answering(move |asked| {
        let is_all = value(asked, "query").as_deref() == Some("all");
        let rate = |at: i64| {
            if (at / 60) % each == 0 {
                events / 60.0
            } else {
                0.0
            }
        };
        answer(asked, |at| is_all.then(|| rate(at)))
    })
}

#[test]
fn m15_a_comparison_of_a_canary_with_too_few_events_is_told() {
    let few = validate(&traffic(3, 1.0), RATIO, SURE);
    few.says(0, "valid");
    let said = words(&few);
    let told = "canary/exit: k: warning: `at` needs 48 points with events, and 41 of 121 from 2026-11-19T22:00:00Z to 2026-11-20T00:00:00Z have one: what is compared is likely to stay unknown (`too-few-samples` or `undecided`); a longer window, a coarser `step` or more traffic helps";
    assert!(said.contains(told), "{said}");
    // One event in each of 61 points is enough, but not in half of the 49 of recovery; a part of one in all of them is not.
    let half = validate(&traffic(2, 1.0), RATIO, SURE);
    half.never_says("canary/exit: k: warning");
    assert!(words(&half).contains(
        "canary/recovery: k: warning: `at` needs 48 points with events, and 25 of 49 from"
    ));
    assert!(words(&validate(&traffic(1, 0.9), RATIO, SURE)).contains("and 0 of 121 from"));
    // Only `at` needs them, and only where there is something.
    validate(&traffic(3, 1.0), RATIO, "< 2%").never_says(FEW);
    let nothing = Faulty::answering(|asked| answer(asked, |_| None));
    validate(&nothing, RATIO, SURE).never_says(FEW);
}

#[test]
fn m15_each_place_that_compares_is_told_and_none_whose_cohort_comes_yet() {
    let server = traffic(3, 1.0);
    let plan = format!(
        "release: r\nsource: {}\nkpis: {{k: {{{RATIO}}}}}\nstages:\n  - name: canary\n    window: 2h\n    stop: {{kpis: {{k: ['> 9%', '> 3% at 99%']}}}}\n    exit: {{kpis: {{k: ['< 3%', '{SURE}']}}}}\n",
        server.url()
    );
    let told = |plan: &str| {
        let workplace = Workplace::with_plan(plan);
        let seen = workplace.gate(&["validate", "plan.yaml", "--online", "--at", AT]);
        let said = words(&seen);
        ["stop", "exit", "recovery"].map(|list| {
            said.matches(&format!("canary/{list}: k: warning: {FEW}"))
                .count()
        })
    };
    assert_eq!(told(&plan), [1, 1, 1]);
    let coming = plan.replace("window: 2h", "window: 2h\n    cohort: {track: [canary]}");
    assert_eq!(told(&coming), [0, 0, 0]);
}

fn validate(server: &Faulty, kpi: &str, condition: &str) -> Finished {
    let workplace = Workplace::with_plan(&format!(
        "release: r\nsource: {}\nkpis: {{k: {{{kpi}}}}}\nstages:\n  - {{name: canary, window: 2h, exit: {{kpis: {{k: '{condition}'}}}}}}\n",
        server.url()
    ));
    workplace.gate(&["validate", "plan.yaml", "--online", "--at", AT])
}

/// A value of the form that was sent, as it was sent.
fn value(asked: &Received, name: &str) -> Option<String> {
    let mut pairs = asked
        .body
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(key, _)| *key == name);
    found.map(|(_, value)| value.to_owned())
}

/// One series, of these values; none where there are none.
fn answer(asked: &Received, value_at: impl Fn(i64) -> Option<f64>) -> Vec<u8> {
    let number = |name: &str| value(asked, name).and_then(|text| text.parse::<i64>().ok());
    let (Some(start), Some(end), Some(step)) = (number("start"), number("end"), number("step"))
    else {
        return json(r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#);
    };
    let times = (start..=end).step_by(usize::try_from(step).expect("a step"));
    let points = times.filter_map(|at| Some(format!("[{at},\"{}\"]", value_at(at)?)));
    let points: Vec<String> = points.collect();
    let series = if points.is_empty() {
        String::new()
    } else {
        format!("{{\"metric\":{{}},\"values\":[{}]}}", points.join(","))
    };
    json(&format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}"
    ))
}
