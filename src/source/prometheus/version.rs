//! What a server says about its version.
//!
//! A courtesy to readers of the evidence, and the name of the server's own parameters: whatever fails here fails silently and
//! decides nothing.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::timeout;

use crate::http::{Method, Server};

/// No check waits longer than this for a version, or longer than for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct BuildInfo {
    data: Build,
}

#[derive(Deserialize)]
struct Build {
    #[serde(default)]
    version: String,
    /// What else speaks the API of Prometheus, and counts its own versions.
    #[serde(default)]
    application: Option<String>,
}

/// What a server says of itself.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// Such as `2.42.0`, or `VictoriaMetrics`, which gives none of its own.
    pub(super) shown: String,
    pub(super) lookback: Lookback,
}

/// How a server is told how far back a point looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookback {
    /// `lookback_delta`.
    Delta,
    /// `max_lookback`.
    Max,
    /// Not at all: it ignores both.
    Ignored,
    /// It is another program that speaks the API: nobody knows.
    Unknown,
}

/// The first Prometheus that knows `lookback_delta`; those before it ignore it without a word.
const FIRST_WITH_LOOKBACK: (u64, u64) = (2, 43);

/// What the server says; `None` where it says nothing, or not in time.
pub(super) async fn ask(server: &Server) -> Option<Version> {
    let patience = PATIENCE.min(server.timeout());
    timeout(patience, fetch(server)).await.ok().flatten()
}

async fn fetch(server: &Server) -> Option<Version> {
    let call = server.call(Method::Get, "api/v1/status/buildinfo", &[]);
    let mut received = call.await.ok()?;
    if received.headers().contains_key("x-server-hostname") {
        return Some(Version {
            shown: "VictoriaMetrics".to_owned(),
            lookback: Lookback::Max,
        });
    }
    let info: BuildInfo = serde_json::from_slice(&received.beginning().await).ok()?;
    let shown = received.wording.clean(&info.data.version);
    (!shown.is_empty()).then(|| Version {
        lookback: lookback(&info.data),
        shown,
    })
}

/// Thanos counts from 0, and knows `lookback_delta` as well.
fn lookback(build: &Build) -> Lookback {
    let application = build.application.as_deref().unwrap_or_default();
    if !application.is_empty() && application != "Prometheus" {
        return Lookback::Unknown;
    }
    let mut numbers = build.version.split('.').map(str::parse::<u64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(0)), Some(Ok(_))) => Lookback::Delta,
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) < FIRST_WITH_LOOKBACK => {
            Lookback::Ignored
        }
        (Some(Ok(_)), Some(Ok(_))) => Lookback::Delta,
        _ => Lookback::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(version: &str, application: Option<&str>) -> Lookback {
        lookback(&Build {
            version: version.to_owned(),
            application: application.map(str::to_owned),
        })
    }

    #[test]
    fn m6_which_server_knows_lookback_follows_from_its_build_information() {
        assert_eq!(of("2.42.0+ds", None), Lookback::Ignored);
        assert_eq!(of("1.8.2", None), Lookback::Ignored);
        for version in ["2.43.0", "3.5.3+ds1", "10.0.0", "0.34.1"] {
            assert_eq!(of(version, None), Lookback::Delta, "{version}");
        }
        assert_eq!(of("2.10.0", Some("Grafana Mimir")), Lookback::Unknown);
        assert_eq!(of("HEAD", None), Lookback::Unknown);
    }
}
