//! KPI histories for the rollout plans: what a Prometheus would have scraped, healthy or with one fault.
//!
//! Every history ends at `END`. The same name gives the same samples everywhere; nothing reads a clock.

mod batch;
mod canary;
mod logistics;
pub mod recorder;
mod site;
mod staged;

use super::exposition::Series;

/// When every history ends: 2026-11-20T00:00:00Z.
pub const END: i64 = 1_795_132_800;

/// Prometheus' rules for the alerts that the plans ask about.
pub const RULES: &str = include_str!("alerts.yml");

/// The planted incidents of `logistics four-weeks`, as a list for `--incidents`.
pub const INCIDENTS: &str = "start,end,name
2026-11-02T10:00:00Z,2026-11-02T11:40:00Z,label outage
2026-11-09T13:00:00Z,2026-11-09T14:05:00Z,payment outage
";

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The history of a name such as `canary healthy`.
pub fn history(name: &str) -> Option<Vec<Series>> {
    let (plan, fault) = name.split_once(' ')?;
    match plan {
        "canary" => canary::history(fault),
        "batch" => batch::history(fault),
        "staged" => staged::history(fault),
        "logistics" => logistics::history(fault),
        "site" => site::history(fault),
        _ => None,
    }
}
