//! The test support does what it says: exposition text, randomness, histories.

use crate::support::exposition::{Series, open_metrics, prometheus_text};
use crate::support::kpis::{END, history};
use crate::support::random::Random;

#[test]
fn values_are_written_as_servers_read_them() {
    let values = [1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-7];
    let series = Series::new("a{b=\"c\"}", (60..).zip(values));
    assert_eq!(
        open_metrics(&[series]),
        "a{b=\"c\"} 1.5 60\na{b=\"c\"} NaN 61\na{b=\"c\"} +Inf 62\na{b=\"c\"} -Inf 63\na{b=\"c\"} 0.0000001 64\n# EOF\n"
    );
}

#[test]
fn import_text_counts_in_milliseconds() {
    assert_eq!(
        prometheus_text(&[Series::new("a", [(60, 2.0)])]),
        "a 2 60000\n"
    );
}

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

#[test]
fn equal_names_give_equal_numbers_and_others_do_not() {
    let draw = |name: &str| {
        let mut random = Random::named(name);
        [random.bits(), random.bits()]
    };
    assert_eq!(draw("a"), draw("a"));
    assert_ne!(draw("a"), draw("b"));
    assert_ne!(draw("a")[0], draw("a")[1]);
}

#[test]
fn uniform_numbers_fill_their_range_evenly() {
    let mut random = Random::named("uniform");
    let mean = (0..10_000).map(|_| random.unit()).sum::<f64>() / 10_000.0;
    assert!((0.48..0.52).contains(&mean), "{mean}");
}
