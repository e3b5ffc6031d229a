//! The metrics of the staged checklist, canary next to stable, scraped every 30 s.

use super::super::exposition::Series;
use super::HOUR;
use super::recorder::Recorder;

const LATENCY: [f64; 12] = [
    0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5,
];

/// `healthy`; `rejections`: the canary's orders are rejected by policy four times as often as stable's;
/// `latency`: the canary is 40 % slower.
pub fn history(fault: &str) -> Option<Vec<Series>> {
    if !["healthy", "rejections", "latency"].contains(&fault) {
        return None;
    }
    let mut recorder = Recorder::new(30, &[(2 * HOUR, 0)]);
    track(&mut recorder, "stable", 100.0, 0.09, 0.01);
    let median = if fault == "latency" { 0.126 } else { 0.092 };
    let rejected = if fault == "rejections" { 0.04 } else { 0.01 };
    track(&mut recorder, "canary", 5.0, median, rejected);
    Some(recorder.finish())
}

/// One track: requests a second, median latency in seconds, share of orders that policy rejects.
fn track(recorder: &mut Recorder, track: &str, rate: f64, median: f64, rejected: f64) {
    let labels = format!("service=\"pharmacy\",track=\"{track}\"");
    let mut count = |name: &str, extra: &str, rate: f64| {
        recorder.counter(&format!("{name}{{{labels}{extra}}}"), |_| rate);
    };
    count("http_requests_total", ",code=\"200\"", rate);
    count("http_requests_total", ",code=\"404\"", rate * 0.012);
    count("http_requests_total", ",code=\"500\"", rate * 0.002);
    count("prescription_uploads_total", ",result=\"ok\"", rate * 0.2);
    count(
        "prescription_uploads_total",
        ",result=\"failed\"",
        rate * 0.001,
    );
    count("prescription_dedup_total", "", rate * 0.004);
    count("prescription_dedup_mismatch_total", "", 0.0);
    count("orders_total", ",result=\"created\"", rate * 0.3);
    count(
        "orders_total",
        ",result=\"rejected_by_policy\"",
        rate * 0.3 * rejected,
    );
    recorder.histogram(
        "http_request_duration_seconds",
        &labels,
        &LATENCY,
        rate,
        |_| median,
    );
}
