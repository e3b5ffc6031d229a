//! The metrics of the logistics plan, by carrier and by site, scraped every minute for two days.

use super::super::exposition::Series;
use super::recorder::{Recorder, during};
use super::{END, HOUR, MINUTE};

const LABELS: [f64; 10] = [0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0];
const SHIPPING: [f64; 9] = [
    1800.0, 3600.0, 5400.0, 7200.0, 9000.0, 10_800.0, 14_400.0, 21_600.0, 43_200.0,
];

/// `healthy`; `carrier-5xx`: dhl answers with 9 % of 5xx for half an hour; `missing-site`: MUC1 sends nothing.
pub fn history(fault: &str) -> Option<Vec<Series>> {
    if !["healthy", "carrier-5xx", "missing-site"].contains(&fault) {
        return None;
    }
    let mut recorder = Recorder::new(60, &[(51 * HOUR, 0)]);
    carrier(&mut recorder, "dhl", fault == "carrier-5xx");
    carrier(&mut recorder, "ups", false);
    for name in ["BER1", "HAM1", "MUC1"] {
        if name != "MUC1" || fault != "missing-site" {
            site(&mut recorder, name);
        }
    }
    Some(recorder.finish())
}

#[expect(clippy::cast_precision_loss, reason = "a Unix time in seconds")]
fn carrier(recorder: &mut Recorder, name: &str, failing: bool) {
    let labels = format!("carrier=\"{name}\"");
    let key = |code: u16| format!("integration_requests_total{{{labels},code=\"{code}\"}}");
    recorder.counter(&key(200), |_| 12.0);
    recorder.counter(&key(404), |_| 0.05);
    recorder.counter(&key(429), |_| 0.03);
    recorder.counter(&key(502), |ago| {
        let inside = if failing { 1.2 } else { 0.03 };
        during(ago, 9 * HOUR, 9 * HOUR - 30 * MINUTE, inside, 0.03)
    });
    recorder.histogram("label_creation_seconds", &labels, &LABELS, 3.0, |_| 0.35);
    let key = format!("webhook_last_event_timestamp_seconds{{{labels}}}");
    recorder.gauge(&key, |ago| (END - ago - 40 - (ago / 60) % 7 * 20) as f64);
}

fn site(recorder: &mut Recorder, name: &str) {
    let labels = format!("site=\"{name}\"");
    recorder.histogram("order_to_ship_seconds", &labels, &SHIPPING, 0.5, |_| 4800.0);
    recorder.counter(&format!("orders_total{{{labels}}}"), |_| 0.6);
    recorder.counter(&format!("order_exceptions_total{{{labels}}}"), |_| 0.009);
    recorder.counter(
        &format!("labels_total{{{labels},result=\"created\"}}"),
        |_| 0.6,
    );
    recorder.counter(
        &format!("labels_total{{{labels},result=\"failed\"}}"),
        |_| 0.001,
    );
}
