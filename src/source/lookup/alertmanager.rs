//! The alerts that an Alertmanager holds (`/api/v2/alerts`). Must not decide which of them matter.

use serde::Deserialize;

use crate::findings::{Access, Alert};
use crate::http::{Fault, Pool, Server, Settings};
use crate::samples::{FailureCode, Labels};
use crate::source::request::Request;
use crate::units::Instant;

/// States of its cluster in which it knows all alerts.
const READY: [&str; 3] = ["ready", "settling", "disabled"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlertText {
    labels: Labels,
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

/// What an Alertmanager says about itself; an empty list of alerts could come from any server.
#[derive(Deserialize)]
struct About {
    cluster: Cluster,
}

#[derive(Deserialize)]
struct Cluster {
    status: String,
}

/// Prepares to ask it.
pub(super) fn server(access: &Access, request: &Request<'_>) -> Result<Server, Fault> {
    let settings = Settings {
        http: access.http.clone(),
        environment: request.environment,
        ..Settings::plain("the Alertmanager", &access.url, request.folder)
    };
    // A source that is lost at the same address says nothing about this one.
    Server::new(&settings, &Pool::default())
}

/// Asks for all alerts, including suppressed ones.
pub(super) async fn ask(server: &Server) -> Result<Vec<Alert>, Fault> {
    let (about, alerts) = tokio::try_join!(
        server.document::<About>("api/v2/status", &[]),
        server.document::<Vec<AlertText>>("api/v2/alerts", &[]),
    )?;
    let status = about.cluster.status.as_str();
    if !READY.contains(&status) {
        let status = server.wording().clean(status);
        let message = format!("the Alertmanager is not ready: its cluster is `{status}`");
        return Err(Fault::last(FailureCode::SourceError, message));
    }
    Ok(alerts.into_iter().map(neutral).collect())
}

fn neutral(alert: AlertText) -> Alert {
    Alert {
        labels: alert.labels,
        since: alert.starts_at.and_then(|text| Instant::parse(&text).ok()),
        suppressed: alert.status.state == State::Suppressed,
    }
}
