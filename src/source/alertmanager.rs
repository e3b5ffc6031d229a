//! The alerts that an Alertmanager holds (`/api/v2/alerts`). Must not decide which of them matter.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::failure::Fault;
use super::prometheus::Server;
use super::{Pool, Request};
use crate::findings::Alert;
use crate::plan::{Compression, HttpConfig, Source};
use crate::samples::FailureCode;
use crate::secret::Secret;
use crate::units::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_BYTES: u64 = 64 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlertText {
    labels: BTreeMap<String, String>,
    starts_at: Option<String>,
    status: StatusText,
}

#[derive(Deserialize)]
struct StatusText {
    state: State,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum State {
    Unprocessed,
    Active,
    Suppressed,
}

/// What an Alertmanager says of itself; an empty list of alerts could come from anybody.
#[derive(Deserialize)]
struct About {
    cluster: Cluster,
}

#[derive(Deserialize)]
struct Cluster {
    status: String,
}

/// The way there. Its address has no user info, and the plan no other settings for it.
pub(super) fn server(address: &str, request: &Request<'_>) -> Result<Server, Fault> {
    let source = Source {
        name: "alertmanager".to_owned(),
        url: Secret::new(address.to_owned()),
        shown_url: address.to_owned(),
        http: HttpConfig::default(),
        timeout: TIMEOUT,
        concurrency: 2,
        allow_warnings: false,
        compression: Compression::Auto,
        max_answer_bytes: MAX_BYTES,
    };
    // A source that is lost at the same address says nothing about this.
    super::ask::server(&source, request, &Pool::default())
}

/// Asks for all alerts, suppressed ones included.
pub(super) async fn ask(server: Result<Server, Fault>) -> Result<Vec<Alert>, Fault> {
    let server = server?;
    let (about, alerts) = tokio::try_join!(
        server.document::<About>("api/v2/status", &[]),
        server.document::<Vec<AlertText>>("api/v2/alerts", &[]),
    )
    .map_err(named)?;
    if !["ready", "settling", "disabled"].contains(&about.cluster.status.as_str()) {
        let status = server.secrets.clean(&about.cluster.status);
        let message = format!("the Alertmanager is not ready: its cluster is `{status}`");
        return Err(Fault::last(FailureCode::SourceError, message));
    }
    Ok(alerts.into_iter().map(neutral).collect())
}

/// The fault of an Alertmanager, not of the plan's source.
fn named(mut fault: Fault) -> Fault {
    fault.message = fault.message.replacen("the source", "the Alertmanager", 1);
    fault
}

fn neutral(alert: AlertText) -> Alert {
    Alert {
        labels: super::rules::labels(alert.labels),
        since: alert.starts_at.and_then(|text| Instant::parse(&text).ok()),
        suppressed: alert.status.state == State::Suppressed,
    }
}
