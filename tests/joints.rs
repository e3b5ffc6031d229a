//! The joints of the rules on real servers: guards behind one number, gaps in what is bad, data that died in silence.

use crate::support::exposition::Series;
use crate::support::program::{Finished, Workplace};
use crate::support::servers::{Server, Version, prometheus, victoria_metrics};

/// T: 2026-11-20T00:00:00Z.
const T: i64 = 1_795_132_800;
const AT: &str = "1795132800";
const HOUR: i64 = 3600;
const HOLD: i32 = 3;

/// Those that look back as far as the source says.
fn servers(samples: &[Series]) -> Vec<Server> {
    vec![
        prometheus(Version::V3_5, samples),
        victoria_metrics(samples),
    ]
}

/// What a gauge shows every 15 s of the last hours; nothing where there is no value.
fn gauge(key: &str, hours: i64, value: impl Fn(i64) -> Option<f64>) -> Series {
    let times = (T - hours * HOUR..=T).step_by(15);
    let points = times.filter_map(|at| Some((at, value(T - at)?)));
    Series::new(key, points)
}

/// A counter that grows every minute of the last 26 hours while something holds, by the seconds before T.
fn counter(key: &str, by: f64, grows: impl Fn(i64) -> bool) -> Series {
    let mut total = 0.0;
    let times = (T - 26 * HOUR..=T).step_by(60);
    let points = times.map(|at| {
        total += if grows(T - at) { by } else { 0.0 };
        (at, total)
    });
    Series::new(key, points)
}

fn check(server: &Server, settings: &str, kpi: &str, stage: &str) -> Finished {
    let workplace = Workplace::with_plan(&format!(
        "release: test\nsource: {{url: \"{}\"{settings}}}\nkpis: {{errors: {{{kpi}}}}}\nstages: [{{name: canary, {stage}}}]\n",
        server.url()
    ));
    // Stops look back to the start.
    let started = if stage.contains("stop") { "1h" } else { "9d" };
    workplace.gate(&["check", "plan.yaml", "--at", AT, "--started", started])
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m9_a_shop_that_is_closed_at_night_is_judged_on_one_number() {
    let open = |hours: i64| move |ago: i64| (4 * HOUR..(4 + hours) * HOUR).contains(&ago);
    let shop = |hours| {
        [
            counter("requests_total", 60.0, open(hours)),
            counter("errors_total", 0.1, open(hours)),
        ]
    };
    let kpi = "query: 'sum(increase(errors_total[$window])) / sum(increase(requests_total[$window]))', unit: ratio, \
               guard: {query: 'sum(rate(requests_total[5m]))', is: '> 0.1'}";
    let stage = "window: 24h, exit: {kpis: {errors: '< 1%'}}";
    for server in servers(&shop(12)) {
        let said = check(&server, "", kpi, stage);
        said.says(0, "points quiet: guard 0 is not > 0.1");
    }
    for server in servers(&shop(2)) {
        let said = check(&server, "", kpi, stage);
        said.says(HOLD, "at least 20% must not be");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn rule_5_a_lost_scrape_does_not_clear_a_stop() {
    let bad = |from: i64, to: i64| {
        move |ago: i64| {
            let lost = (from..to).contains(&ago);
            (!lost).then_some(if (600..1800).contains(&ago) { 9.0 } else { 1.0 })
        }
    };
    let stage =
        "window: 1h, stop: {kpis: {errors: '> 5 for 15m'}}, exit: {kpis: {errors: 'median < 5'}}";
    let settings = ", lookback: 30s";
    for server in servers(&[gauge("errors", 2, bad(1200, 1290))]) {
        let said = check(&server, settings, "query: errors", stage);
        said.says(HOLD, "may have been > 5 for 15m");
    }
    for server in servers(&[gauge("errors", 2, bad(0, 0))]) {
        let said = check(&server, settings, "query: errors", stage);
        assert!(said.out.starts_with("STOP"), "{}", said.out);
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m9_data_that_died_before_the_shop_closed_are_stale() {
    let until = |end: i64| move |ago: i64| (ago >= end).then_some(1.0);
    let traffic = || gauge("traffic", 2, |ago| Some(if ago >= 900 { 1.0 } else { 0.0 }));
    let kpi = "query: errors, max_age: 5m, coverage: 50%, guard: {query: traffic, is: '> 0.5'}";
    let stage = "window: 1h, exit: {kpis: {errors: '< 5'}}";
    for server in servers(&[gauge("errors", 2, until(1800)), traffic()]) {
        check(&server, "", kpi, stage).says(HOLD, "at most 5m allowed");
    }
    for server in servers(&[gauge("errors", 2, until(900)), traffic()]) {
        check(&server, "", kpi, stage).says(0, "points quiet");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m8b_a_hole_behind_the_number_of_a_baseline_is_seen() {
    let whole = counter("errors_total", 1.0, |_| true);
    let holed = Series::new(
        "errors_total",
        whole.points.iter().copied().filter(|(at, _)| {
            let ago = T - at;
            !(2 * HOUR..=25 * HOUR - 600).contains(&ago)
        }),
    );
    let kpi = "query: 'sum(increase(errors_total[$window]))', unit: count, baseline: {offset: 24h}";
    let stage = "window: 1h, exit: {kpis: {errors: 'mean <= baseline * 100'}}";
    for server in servers(&[whole]) {
        check(&server, "", kpi, stage).says(0, "GO");
    }
    for server in servers(&[holed]) {
        let said = check(&server, "", kpi, stage);
        said.says(HOLD, "the baseline is unknown");
        said.says(HOLD, "in the place of `$window`");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m7_a_condition_on_the_last_minutes_does_not_hide_a_site_that_went_dark() {
    let site = |name: &str, end: i64| {
        let key = format!("errors{{site=\"{name}\"}}");
        gauge(&key, 2, move |ago| (ago >= end).then_some(1.0))
    };
    let stage = "window: 1h, exit: {kpis: {errors: '< 5 for 10m'}}";
    let kpi = "query: errors, per: site";
    for server in servers(&[site("a", 0), site("b", 1800)]) {
        check(&server, "", kpi, stage).says(HOLD, "site=b: the series ended");
        let any = format!("{kpi}, series: any");
        let said = check(&server, "", &any, stage);
        said.says(0, "series that ended, as the plan allows: site=b at");
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m15_a_recovery_gate_is_asked_for_what_its_check_would_ask() {
    let sparse = (T - 30 * HOUR..=T).step_by(600).map(|at| (at, 1.0));
    let server = prometheus(Version::V3_5, &[Series::new("errors_total", sparse)]);
    let workplace = Workplace::with_plan(&format!(
        "release: test\nsource: {}\nbaseline: {{offset: 7d}}\nkpis:\n  errors: {{query: 'sum(increase(errors_total[$window]))', unit: count}}\n\
         stages:\n  - {{name: canary, exit: {{confirmations: [lead]}}, recovery: {{window: 1h, kpis: {{errors: 'max <= baseline'}}}}}}\n",
        server.url()
    ));
    let said = workplace.gate(&["validate", "plan.yaml", "--online", "--at", AT]);
    let seen = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        seen.contains("canary/recovery: errors, the points behind `$window`"),
        "{}",
        said.err
    );
    assert!(seen.contains("the query finds no series"), "{}", said.err);
}
