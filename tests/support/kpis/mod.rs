//! KPI histories for the rollout plans: what a Prometheus would have scraped, healthy or with one fault.
//!
//! Every history ends at `END`. The same name gives the same samples everywhere; nothing reads a clock.

mod batch;
mod canary;
mod logistics;
mod recorder;
mod site;
mod staged;

use super::exposition::Series;

/// When every history ends: 2026-11-20T00:00:00Z.
pub const END: i64 = 1_795_132_800;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_the_same_each_time_and_its_times_ascend() {
        let samples = history("canary healthy").expect("a history");
        assert_eq!(history("canary healthy"), Some(samples.clone()));
        for series in samples {
            assert!(
                series.points.is_sorted_by(|a, b| a.0 < b.0),
                "{}",
                series.key
            );
            assert!(series.points.iter().all(|point| point.0 <= END));
        }
    }

    #[test]
    fn unknown_names_give_no_history() {
        assert!(history("canary").is_none());
        assert!(history("canary imagined").is_none());
    }
}
