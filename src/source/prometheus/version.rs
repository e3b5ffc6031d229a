//! What a server says about its version.
//!
//! A courtesy to readers of the evidence: whatever fails here fails silently and decides nothing.

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
}

/// The version, such as `2.42.0`, or `VictoriaMetrics`, which gives none of its own.
pub(super) async fn ask(server: &Server) -> Option<String> {
    let patience = PATIENCE.min(server.timeout());
    timeout(patience, fetch(server)).await.ok().flatten()
}

async fn fetch(server: &Server) -> Option<String> {
    let call = server.call(Method::Get, "api/v1/status/buildinfo", &[]);
    let mut received = call.await.ok()?;
    if received.headers().contains_key("x-server-hostname") {
        return Some("VictoriaMetrics".to_owned());
    }
    let info: BuildInfo = serde_json::from_slice(&received.beginning().await).ok()?;
    let version = received.wording.clean(&info.data.version);
    (!version.is_empty()).then_some(version)
}
