//! What the faults spoil: a healthy Prometheus, and a plan that its answers meet.
//!
//! Must not know a fault.

use std::time::Duration;

use crate::support::exposition::Series;
use crate::support::faulty::{Received, answer};
use crate::support::servers::{Server, Version, prometheus};

/// T: 2026-11-20T00:00:00Z.
pub const T: i64 = 1_795_132_800;
/// T as an argument.
pub const AT: &str = "1795132800";
/// Of a query, in the plans.
pub const TIMEOUT: Duration = Duration::from_secs(1);
/// The one KPI, two sites of which must be there.
pub const KPI: &str = "query: 'errors{site=~\"$site\"}', per: site, max_age: 15s";
/// The two sites.
pub const COHORT: &str = "cohort: {site: [BER1, LEJ2]}";

/// Two sites, well below 1.
pub fn healthy() -> Server {
    let site = |name: &str, value: f64| {
        let points = (T - 3600..=T).step_by(15).map(move |at| (at, value));
        Series::new(format!("errors{{site=\"{name}\"}}"), points)
    };
    prometheus(Version::V3_5, &[site("BER1", 0.25), site("LEJ2", 0.5)])
}

/// What the healthy server answers for the five minutes before T.
pub fn whole(server: &Server, step: i64) -> String {
    let query = "errors%7Bsite%3D~%22BER1%7CLEJ2%22%7D";
    let path = format!(
        "/api/v1/query_range?query={query}&start={}&end={T}&step={step}",
        T - 300
    );
    let (status, body) = server.get(&path);
    assert_eq!(status, 200, "{body}");
    body
}

/// A plan whose source is the given flow mapping, such as `{url: "…"}`.
pub fn plan(source: &str) -> String {
    format!(
        "release: test\nsource: {source}\nkpis:\n  errors: {{{KPI}, step: 15s}}\nstages:\n  - {{name: pilot, observe: trailing, window: 5m, {COHORT}, exit: {{kpis: {{errors: \"< 1\"}}}}}}\n"
    )
}

/// A source at this address.
pub fn source(url: &str) -> String {
    format!("{{url: \"{url}\", timeout: 1s, compression: gzip}}")
}

/// The first part of the path, and the call behind it.
pub fn addressed(asked: &Received) -> (String, String) {
    let path = asked.head.split(' ').nth(1).unwrap_or_default();
    let (name, call) = path
        .trim_start_matches('/')
        .split_once('/')
        .unwrap_or((path, ""));
    (name.to_owned(), call.to_owned())
}

/// Whether a request carries the question.
pub fn has_form(asked: &Received) -> bool {
    asked.body.contains("query=errors") || asked.head.contains("?query=errors")
}

/// The word of a server that does not understand.
pub fn bad_data() -> Vec<u8> {
    let body = r#"{"status":"error","errorType":"bad_data","error":"unknown position"}"#;
    answer("400 Bad Request", "application/json", body)
}
