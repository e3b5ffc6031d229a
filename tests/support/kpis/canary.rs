//! The six metrics of the canary plan, scraped every 15 s, now and a day earlier.

use super::super::exposition::Series;
use super::recorder::{Recorder, during};
use super::{DAY, END, MINUTE};

const LATENCY: [f64; 16] = [
    0.01, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5,
];
const APP: &str = "app=\"spark-trading\"";
const TRACK: &str = "app=\"spark-trading\",track=\"canary\"";

/// `healthy`; `slow`: API P95 above its limit for three minutes; `errors`: 3 % of 5xx for eight minutes;
/// `blind`: request metrics are not scraped for five minutes.
pub fn history(fault: &str) -> Option<Vec<Series>> {
    let is = |name: &str| fault == name;
    if !["healthy", "slow", "errors", "blind"].contains(&fault) {
        return None;
    }
    let spans = [(DAY + 45 * MINUTE, DAY), (45 * MINUTE, 0)];
    let mut recorder = Recorder::new(15, &spans);
    requests(&mut recorder, is("errors"));
    latencies(&mut recorder, is("slow"));
    rest(&mut recorder);
    if is("blind") {
        for prefix in ["http_", "idempotency_"] {
            recorder.forget(prefix, 9 * MINUTE, 4 * MINUTE);
        }
    }
    Some(recorder.finish())
}

fn requests(recorder: &mut Recorder, errors: bool) {
    let failing = |ago| during(ago, 11 * MINUTE, 3 * MINUTE, 0.6, 0.03);
    let key = |code: u16| format!("http_requests_total{{{TRACK},code=\"{code}\"}}");
    recorder.counter(&key(200), |_| 20.0);
    recorder.counter(&key(404), |_| 0.2);
    recorder.counter(&key(503), |ago| if errors { failing(ago) } else { 0.03 });
    recorder.counter(&format!("idempotency_conflicts_total{{{TRACK}}}"), |_| 0.06);
}

fn latencies(recorder: &mut Recorder, slow: bool) {
    let median = |ago| {
        let inside = if slow { 0.11 } else { 0.07 };
        during(ago, 8 * MINUTE, 6 * MINUTE, inside, 0.07)
    };
    recorder.histogram(
        "http_request_duration_seconds",
        TRACK,
        &LATENCY,
        20.0,
        median,
    );
    recorder.histogram("db_query_duration_seconds", APP, &LATENCY, 80.0, |_| 0.012);
}

#[expect(clippy::cast_precision_loss, reason = "a Unix time in seconds")]
fn rest(recorder: &mut Recorder) {
    for (feed, lag) in [("quotes", 4), ("orders", 11)] {
        let key = format!("ws_last_message_timestamp_seconds{{{TRACK},feed=\"{feed}\"}}");
        recorder.gauge(&key, |ago| (END - ago - lag - (ago / 15) % 7) as f64);
    }
    recorder.counter(&format!("risk_blocks_total{{{TRACK}}}"), |_| 0.004);
    recorder.counter(&format!("csp_violations_total{{{APP}}}"), |_| 0.5);
    recorder.noisy_gauge(&format!("memory_usage_ratio{{{APP}}}"), 0.02, |_| 0.61);
    recorder.noisy_gauge(&format!("cpu_usage_ratio{{{APP}}}"), 0.05, |_| 0.37);
    recorder.gauge(&format!("bundle_size_bytes{{{TRACK}}}"), |_| 412_345.0);
    recorder.gauge(&format!("spark_up{{{APP}}}"), |_| 1.0);
}
