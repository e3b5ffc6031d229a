//! The metrics of the batch release plan, scraped every 30 s, now and a week earlier.

use super::super::exposition::Series;
use super::recorder::{Recorder, during};
use super::{DAY, HOUR, MINUTE};

const LATENCY: [f64; 14] = [
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5,
];
const SERVICE: &str = "service=\"shop\"";

/// `healthy`; `conversion-drop`: a quarter fewer orders for 50 minutes; `critical-error`: one, 20 minutes ago.
pub fn history(fault: &str) -> Option<Vec<Series>> {
    if !["healthy", "conversion-drop", "critical-error"].contains(&fault) {
        return None;
    }
    let spans = [(7 * DAY + 3 * HOUR, 7 * DAY), (3 * HOUR, 0)];
    let mut recorder = Recorder::new(30, &spans);
    let key = |code: u16| format!("http_requests_total{{{SERVICE},code=\"{code}\"}}");
    recorder.counter(&key(200), |_| 200.0);
    recorder.counter(&key(404), |_| 2.0);
    recorder.counter(&key(500), |_| 0.06);
    recorder.histogram(
        "http_request_duration_seconds",
        SERVICE,
        &LATENCY,
        200.0,
        |ago| {
            if ago < DAY { 0.121 } else { 0.12 }
        },
    );
    recorder.counter(&format!("sessions_total{{{SERVICE}}}"), |_| 40.0);
    let orders = if fault == "conversion-drop" { 0.9 } else { 1.2 };
    recorder.counter(&format!("orders_total{{{SERVICE}}}"), |ago| {
        during(ago, 55 * MINUTE, 5 * MINUTE, orders, 1.2)
    });
    let errors = if fault == "critical-error" { 1.0 } else { 0.0 };
    recorder.gauge(&format!("critical_errors_total{{{SERVICE}}}"), |ago| {
        during(ago, 20 * MINUTE, 0, errors, 0.0)
    });
    Some(recorder.finish())
}
