//! A day of a release at sixty times its speed, or three hours of it, against a real Prometheus that is stopped twice. Memory stays
//! flat, little is written, and the end is what a check says.
//!
//! ```text
//! tests/servers/fetch.sh
//! cargo test --test integration -- --ignored --nocapture watch::long
//! GATE_WATCH_MINUTES=24 cargo test --test integration -- --ignored --nocapture watch::long
//! ```

use std::time::Duration;

use super::{Watching, kinds, records, rounds, verified};
use crate::support::exposition::Series;
use crate::support::live::now;
use crate::support::program::Workplace;
use crate::support::servers::{self, Options, Server, Version};

/// A second here is a minute of the day.
const SITES: [&str; 3] = ["BER1", "HAM1", "MUC1"];
const BOUNDS: [f64; 5] = [0.1, 0.25, 0.5, 1.0, 2.5];

/// How many minutes it takes.
fn minutes() -> u32 {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no other way to be asked for more"
    )]
    let asked = std::env::var("GATE_WATCH_MINUTES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// Orders by the hour of the day, a point each second.
struct Day {
    start: i64,
    seconds: i64,
}

#[expect(clippy::cast_precision_loss, reason = "a day has few seconds")]
impl Day {
    /// How busy it is, between 0.2 and 1.8.
    fn load(&self, second: i64) -> f64 {
        let part = second as f64 / self.seconds as f64;
        1.0 + 0.8 * (part * std::f64::consts::TAU - 2.0).sin()
    }

    /// A counter that grows by this each second.
    fn counter(&self, key: String, rate: impl Fn(i64) -> f64) -> Series {
        let mut sum = 0.0;
        let points = (-120..self.seconds).map(|second| {
            sum += rate(second);
            (self.start + second, sum)
        });
        Series::new(key, points)
    }

    fn gauge(&self, key: String, value: impl Fn(i64) -> f64) -> Series {
        let points = (-120..self.seconds).map(|second| (self.start + second, value(second)));
        Series::new(key, points)
    }

    /// Of each site: requests, of which one in a hundred and more fail for half an hour in the morning; how long orders take; a queue.
    fn samples(&self) -> Vec<Series> {
        let mut all = Vec::new();
        for (place, site) in SITES.into_iter().enumerate() {
            let incident = (site == "HAM1").then_some(60..90);
            let is_bad = |second: i64| incident.as_ref().is_some_and(|span| span.contains(&second));
            let requests = |second: i64| 20.0 * self.load(second) + place as f64;
            let failing =
                |second: i64| requests(second) * if is_bad(second) { 0.03 } else { 0.002 };
            let key = |code: u16| format!("http_requests_total{{site=\"{site}\",code=\"{code}\"}}");
            all.push(self.counter(key(200), |second| requests(second) - failing(second)));
            all.push(self.counter(key(500), failing));
            for bound in BOUNDS {
                let key = format!("order_seconds_bucket{{site=\"{site}\",le=\"{bound}\"}}");
                let within = 1.0 - (-bound * 6.0_f64).exp();
                all.push(self.counter(key, |second| requests(second) * within));
            }
            let key = format!("order_seconds_bucket{{site=\"{site}\",le=\"+Inf\"}}");
            all.push(self.counter(key, requests));
            all.push(
                self.gauge(format!("queue_length{{site=\"{site}\"}}"), |second| {
                    40.0 * self.load(second) + (second % 7) as f64
                }),
            );
        }
        all
    }
}

fn plan(url: &str, minutes: u32) -> String {
    format!(
        "release: {{name: checkout, version: 2.1.0}}
sources: {{main: {{url: \"{url}\", timeout: 2s}}}}
kpis:
  error_rate: {{query: '100 * sum by (site) (rate(http_requests_total{{code=\"500\"}}[10s])) / sum by (site) (rate(http_requests_total[10s]))', unit: percent, step: 1s, per: site}}
  order_p95: {{query: 'histogram_quantile(0.95, sum by (site, le) (rate(order_seconds_bucket[10s])))', unit: seconds, step: 1s, per: site}}
  queue: {{query: 'queue_length', step: 1s, per: site}}
stages:
  - name: pilot
    window: {minutes}m
    exit: {{kpis: {{error_rate: '< 1% for 75%', order_p95: '< 2s', queue: '< 200'}}}}
    stop: {{kpis: {{error_rate: '> 10% for 30s'}}}}
"
    )
}

/// Prometheus with the samples of the whole day, those of later included: it answers for no time that has not come.
fn prometheus(day: &Day, port: Option<u16>) -> Server {
    let options = Options {
        port,
        ..Options::default()
    };
    servers::prometheus_with(Version::V3_5, &day.samples(), &options)
}

#[test]
#[ignore = "takes minutes, and needs the servers: tests/all.sh"]
fn a_day_at_sixty_times_its_speed_with_a_prometheus_that_is_stopped_twice() {
    let minutes = minutes();
    #[expect(clippy::cast_possible_truncation, reason = "seconds of this era")]
    let day = Day {
        start: now() as i64,
        seconds: i64::from(minutes) * 60 + 300,
    };
    let mut server = prometheus(&day, None);
    let (port, url) = (server.port(), server.url().to_owned());
    let workplace = Workplace::with_plan(&plan(&url, minutes));
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    let mut watching = Watching::begin(&workplace, &["--checkpoint", "6m", "--heartbeat", "1m"]);
    watching.until("recorded  ");
    let third = Duration::from_secs(u64::from(minutes) * 60 / 3);
    let mut memory = Vec::new();
    for _ in 0..2 {
        pass(third, &mut watching, &mut memory);
        drop(server);
        std::thread::sleep(Duration::from_secs(20));
        server = prometheus(&day, Some(port));
    }
    pass(third * 2, &mut watching, &mut memory);
    let finished = watching.end();
    println!("{}\nresident memory, KiB: {memory:?}", finished.err);
    finished.says(0, "GO");
    let end = records(&workplace).pop().expect("a record");
    assert_eq!(end["watch"]["away"].as_array().map(Vec::len), Some(2));
    is_what_a_check_says(&workplace, &end);
    is_frugal(&workplace, &memory);
    verified(&workplace);
    drop(server);
}

/// Waits for so long, or until it has ended, and notes its memory four times a minute.
fn pass(time: Duration, watching: &mut Watching, memory: &mut Vec<u64>) {
    for _ in 0..time.as_secs() / 15 {
        std::thread::sleep(Duration::from_secs(15));
        if !watching.goes_on() {
            return;
        }
        memory.push(watching.resident());
    }
}

#[track_caller]
fn is_what_a_check_says(workplace: &Workplace, end: &serde_json::Value) {
    let window = &end["gates"][0]["window"];
    let (at, started) = (&end["evaluated_at"], &window["started"]);
    let (at, started) = (at.as_str().expect("T"), started.as_str().expect("S"));
    let check = ["check", "plan.yaml", "--at", at, "--started", started];
    let more = ["--no-ledger", "--evidence", "other", "--gate", "pilot/exit"];
    workplace.gate(&[&check[..], &more].concat()).says(0, "GO");
    let again = std::fs::read_to_string(&workplace.files("other", ".json")[0]).expect("a record");
    let again: serde_json::Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(end["gates"], again["gates"]);
}

#[track_caller]
fn is_frugal(workplace: &Workplace, memory: &[u64]) {
    let rounds = rounds(workplace);
    let sets = records(workplace).len();
    let bytes: u64 = workplace
        .files("plan.evidence", ".rounds.jsonl")
        .iter()
        .map(|path| path.metadata().expect("rounds").len())
        .sum();
    println!(
        "{} rounds in {bytes} bytes, {sets} sets of evidence",
        rounds.len()
    );
    println!("{:?}", kinds(workplace));
    assert!(sets <= 20 && bytes <= 1_000_000);
    // After the first minutes.
    let settled = memory.get(memory.len() / 4..).unwrap_or_default();
    let (least, most) = (settled.iter().min(), settled.iter().max());
    let (least, most) = (least.expect("memory"), most.expect("memory"));
    assert!(most - least <= 4096, "from {least} to {most} KiB");
    assert!(*most <= 60 * 1024, "{most} KiB");
}
