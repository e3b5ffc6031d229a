//! The metrics of the logistics plan, by carrier and by site, scraped every minute for two days.

use super::super::exposition::Series;
use super::recorder::{Recorder, during};
use super::{DAY, END, HOUR, MINUTE};

const LABELS: [f64; 10] = [0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0];
const SHIPPING: [f64; 9] = [
    1800.0, 3600.0, 5400.0, 7200.0, 9000.0, 10_800.0, 14_400.0, 21_600.0, 43_200.0,
];

/// `healthy`; `carrier-5xx`: dhl answers with 9 % of 5xx for half an hour; `missing-site`: MUC1 sends nothing; `four-weeks`: what one
/// carrier and one site did.
pub fn history(fault: &str) -> Option<Vec<Series>> {
    if fault == "four-weeks" {
        return Some(four_weeks());
    }
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
    recorder.gauge(&key, newest_event);
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

/// A spike: from so long ago, for so long, a level instead of the usual one.
type Spike = (i64, i64, f64);

/// Of 5xx a second, of 12 requests: the payment outage, and two spikes that nobody calls an incident.
const CARRIER: [Spike; 3] = [
    (11 * DAY - 13 * HOUR, 65 * MINUTE, 1.4),
    (20 * DAY - 9 * HOUR, 25 * MINUTE, 0.72),
    (4 * DAY - 20 * HOUR, 14 * MINUTE, 0.68),
];
/// Of exceptions a second, of 0.6 orders: the label outage.
const EXCEPTIONS: [Spike; 2] = [
    (18 * DAY - 10 * HOUR, 100 * MINUTE, 0.05),
    (7 * DAY - 6 * HOUR, 20 * MINUTE, 0.021),
];

/// 28 days of dhl and BER1: what they do follows the day, two incidents, three spikes, and 5 hours without labels.
fn four_weeks() -> Vec<Series> {
    let mut recorder = Recorder::new(60, &[(28 * DAY + 2 * HOUR, 0)]);
    let level = |spikes: &[Spike], ago: i64, usual: f64| {
        let found = spikes
            .iter()
            .find(|(from, length, _)| (from - length..=*from).contains(&ago));
        found.map_or_else(|| usual * day(ago), |(.., level)| *level)
    };
    let key = |code: u16| format!("integration_requests_total{{carrier=\"dhl\",code=\"{code}\"}}");
    recorder.counter(&key(200), |_| 12.0);
    recorder.counter(&key(404), |_| 0.05);
    recorder.counter(&key(429), |_| 0.03);
    recorder.counter(&key(502), |ago| level(&CARRIER, ago, 0.03));
    let labels = "carrier=\"dhl\"";
    recorder.histogram("label_creation_seconds", labels, &LABELS, 3.0, |ago| {
        0.35 * day(ago)
    });
    let key = format!("webhook_last_event_timestamp_seconds{{{labels}}}");
    recorder.gauge(&key, newest_event);
    let labels = "site=\"BER1\"";
    recorder.histogram("order_to_ship_seconds", labels, &SHIPPING, 0.5, |_| 4800.0);
    recorder.counter(&format!("orders_total{{{labels}}}"), |_| 0.6);
    recorder.counter(&format!("order_exceptions_total{{{labels}}}"), |ago| {
        level(&EXCEPTIONS, ago, 0.009)
    });
    for (result, rate) in [("created", 0.6), ("failed", 0.001)] {
        recorder.counter(
            &format!("labels_total{{{labels},result=\"{result}\"}}"),
            move |ago| rate * day(ago),
        );
    }
    recorder.forget("labels_total", 2 * DAY, 2 * DAY - 5 * HOUR);
    recorder.finish()
}

/// How busy it is, between 0.7 and 1.3.
#[expect(clippy::cast_precision_loss, reason = "seconds of four weeks")]
fn day(ago: i64) -> f64 {
    0.3_f64.mul_add((ago as f64 / DAY as f64 * std::f64::consts::TAU).sin(), 1.0)
}

#[expect(clippy::cast_precision_loss, reason = "a Unix time in seconds")]
fn newest_event(ago: i64) -> f64 {
    (END - ago - 40 - (ago / 60) % 7 * 20) as f64
}
