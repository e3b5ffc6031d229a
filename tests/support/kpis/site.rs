//! The metrics of the site rollout, scraped every minute for the three days of hypercare and the day before.

use super::super::exposition::Series;
use super::HOUR;
use super::recorder::{Recorder, during};

const LATENCY: [f64; 10] = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 2.5];
const SHIPPING: [f64; 9] = [
    1800.0, 3600.0, 5400.0, 7200.0, 9000.0, 10_800.0, 14_400.0, 21_600.0, 43_200.0,
];

/// `healthy`; `exceptions`: 4 % of the orders for two hours, which is below the stop.
pub fn history(fault: &str) -> Option<Vec<Series>> {
    if !["healthy", "exceptions"].contains(&fault) {
        return None;
    }
    let mut recorder = Recorder::new(60, &[(98 * HOUR, 0)]);
    let labels = "site=\"BER1\"";
    recorder.histogram("order_to_ship_seconds", labels, &SHIPPING, 0.5, |_| 5000.0);
    recorder.histogram("site_request_seconds", labels, &LATENCY, 8.0, |_| 0.2);
    recorder.counter(&format!("orders_total{{{labels}}}"), |_| 0.6);
    recorder.counter(&format!("order_exceptions_total{{{labels}}}"), |ago| {
        let inside = if fault == "exceptions" { 0.025 } else { 0.009 };
        during(ago, 20 * HOUR, 18 * HOUR, inside, 0.009)
    });
    recorder.counter(
        &format!("labels_total{{{labels},result=\"created\"}}"),
        |_| 0.6,
    );
    recorder.counter(
        &format!("labels_total{{{labels},result=\"failed\"}}"),
        |_| 0.001,
    );
    recorder.counter(
        &format!("site_requests_total{{{labels},code=\"200\"}}"),
        |_| 8.0,
    );
    recorder.counter(
        &format!("site_requests_total{{{labels},code=\"503\"}}"),
        |_| 0.02,
    );
    Some(recorder.finish())
}
