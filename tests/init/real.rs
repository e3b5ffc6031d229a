//! On real servers: three days of a shop with an incident in them.

use std::fs;

use crate::support::exposition::Series;
use crate::support::program::Workplace;
use crate::support::servers::{self, Server, Version};

use super::{AT, init, with};

const END: i64 = 1_795_132_800;
const START: i64 = END - 3 * 86_400;
/// From when to when one in sixteen requests failed, and answers took ten times as long.
const INCIDENT: (i64, i64) = (END - 6 * 3600, END - 6 * 3600 + 1800);

/// A counter that rises by so much at each sample.
fn counter(key: &str, rise: impl Fn(i64) -> f64) -> Series {
    let mut sum = 0.0;
    let points = (START..=END).step_by(30).map(|at| {
        sum += rise(at);
        (at, sum.floor())
    });
    Series::new(key, points.collect::<Vec<_>>())
}

/// Something that is no pattern, from 0 to 1.
fn noise(at: i64, of: u64) -> f64 {
    let mut x = u64::try_from(at).unwrap_or_default() ^ (of.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    x ^= x >> 33;
    x = x.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    x ^= x >> 33;
    f64::from(u32::try_from(x & 0xFFFF).unwrap_or_default()) / 65_535.0
}

fn is_incident(at: i64) -> bool {
    INCIDENT.0 <= at && at < INCIDENT.1
}

fn shop() -> Vec<Series> {
    let requests = |at: i64| 360.0 * (0.8 + 0.4 * noise(at, 1));
    let failed = |at: i64| {
        let share = if is_incident(at) {
            0.06
        } else {
            0.002 + 0.002 * noise(at, 2)
        };
        requests(at) * share
    };
    let name = |code: &str| format!("http_requests_total{{job=\"shop-api\",code=\"{code}\"}}");
    let mut all = vec![
        counter(&name("200"), |at| requests(at) - failed(at)),
        counter(&name("500"), failed),
        counter(
            "http_request_duration_seconds_count{job=\"shop-api\"}",
            requests,
        ),
    ];
    for (le, share) in [
        ("0.1", 0.7),
        ("0.25", 0.93),
        ("0.5", 0.97),
        ("1", 0.995),
        ("2.5", 0.999),
        ("+Inf", 1.0),
    ] {
        let key = format!("http_request_duration_seconds_bucket{{job=\"shop-api\",le=\"{le}\"}}");
        let is_slow = |at: i64| is_incident(at) && le != "+Inf" && le != "2.5";
        all.push(counter(&key, move |at| {
            let share = if is_slow(at) { share / 3.0 } else { share };
            requests(at) * share
        }));
    }
    // What lies in the last bucket says nothing.
    for (le, share) in [("3600", 0.3), ("+Inf", 1.0)] {
        all.push(counter(
            &format!("order_to_ship_seconds_bucket{{job=\"shop-api\",le=\"{le}\"}}"),
            move |_| share,
        ));
    }
    let seen = (START..=END).step_by(30).map(|at| {
        #[expect(clippy::cast_precision_loss, reason = "seconds")]
        let last = at as f64 - 40.0 * noise(at, 3);
        (at, last)
    });
    all.push(Series::new(
        "webhook_last_received_timestamp_seconds{job=\"shop-api\"}",
        seen.collect::<Vec<_>>(),
    ));
    let fires = (INCIDENT.0 + 120..=INCIDENT.1)
        .step_by(30)
        .map(|at| (at, 1.0));
    all.push(Series::new(
        "ALERTS{alertname=\"Shop5xx\",alertstate=\"firing\",severity=\"sev1\"}",
        fires.collect::<Vec<_>>(),
    ));
    all
}

fn drafts_a_plan_that_catches_the_incident(server: &Server, name: &str) {
    let workplace = Workplace::new();
    let run = init(&workplace, server.url(), &with(&["--template", "canary"]));
    println!("{name}\n{}{}", run.out, run.err);
    run.says(
        0,
        "plan.yaml: 5 stages, 3 KPIs, valid, every query answered",
    );
    run.says(
        0,
        "order_to_ship_p95: its p95 lies in the last bucket (+Inf) at 100% of the points",
    );
    run.says(0, "taken as incidents: caught by")
        .never_says("warning");
    let plan = fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan");
    println!("{plan}");
    super::each_number_says_why(&plan);
    let check = workplace.gate(&[
        "check",
        "plan.yaml",
        "--gate",
        "canary-1/exit",
        "--started",
        "1h",
        "--at",
        AT,
        "--no-ledger",
    ]);
    check.never_says("no-data").never_says("query-rejected");
    assert!(
        [0, 1, 3].contains(&check.code),
        "{}{}",
        check.out,
        check.err
    );
    let incidents = format!("start,end,name\n{},{},down\n", INCIDENT.0, INCIDENT.1);
    workplace.write("incidents.csv", incidents);
    let back = workplace.gate(&[
        "backtest",
        "plan.yaml",
        "--from",
        "1794960000",
        "--to",
        AT,
        "--stage",
        "canary-1",
        "--incidents",
        "incidents.csv",
        "--fail-on",
        "missed > 0",
    ]);
    println!("{}{}", back.out, back.err);
    assert_eq!(back.code, 0, "{}{}", back.out, back.err);
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn i_1_prometheus_of_each_version_gives_a_plan_that_catches_the_incident() {
    for version in Version::ALL {
        drafts_a_plan_that_catches_the_incident(
            &servers::prometheus(version, &shop()),
            version.number(),
        );
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn i_1_victoria_metrics_gives_a_plan_that_catches_the_incident() {
    drafts_a_plan_that_catches_the_incident(&servers::victoria_metrics(&shop()), "VictoriaMetrics");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn what_prometheus_says_of_a_selector_is_shown_under_it() {
    let server = servers::prometheus(Version::V3_5, &shop()[..1]);
    let run = init(
        &Workplace::new(),
        server.url(),
        &["--yes", "--match", "{job=}"],
    );
    run.says(2, "--match is refused");
    assert!(run.err.contains("\n  {job=}\n       ^"), "{}", run.err);
}
