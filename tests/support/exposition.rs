//! Samples as the text that servers import.
//!
//! Must not know what the samples mean.

use std::fmt::Write;

/// One series: its name with labels, and what was sampled when.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Such as `up{job="api"}`.
    pub key: String,
    /// Seconds since the Unix epoch, and the value.
    pub points: Vec<(i64, f64)>,
}

impl Series {
    /// A series.
    pub fn new(key: impl Into<String>, points: impl IntoIterator<Item = (i64, f64)>) -> Self {
        Self {
            key: key.into(),
            points: points.into_iter().collect(),
        }
    }
}

/// `OpenMetrics` text (times in seconds), for `promtool tsdb create-blocks-from openmetrics`.
pub fn open_metrics(samples: &[Series]) -> String {
    lines(samples, "") + "# EOF\n"
}

/// Prometheus text (times in milliseconds), for `/api/v1/import/prometheus`.
pub fn prometheus_text(samples: &[Series]) -> String {
    lines(samples, "000")
}

fn lines(samples: &[Series], subsecond: &str) -> String {
    let mut text = String::new();
    for series in samples {
        for (at, value) in &series.points {
            let value = number(*value);
            writeln!(text, "{} {value} {at}{subsecond}", series.key).expect("write to a string");
        }
    }
    text
}

fn number(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    value.to_string()
}
