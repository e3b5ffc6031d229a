//! Whether a server holds any data of a span: by the label names that it knows from it (`/api/v1/labels`).
//!
//! Only for advice: a failure here means nothing.

use serde::Deserialize;

use super::Prometheus;
use crate::source::request::Request;
use crate::units::Instant;

#[derive(Deserialize)]
struct LabelNames {
    data: Option<Vec<String>>,
}

/// Whether the source of that name holds data from one instant to another, as exactly as its blocks allow; `None` if it
/// does not say.
pub async fn holds_data(
    request: &Request<'_>,
    source: &str,
    from: Instant,
    to: Instant,
) -> Option<bool> {
    let source = request.sources.iter().find(|one| one.name == source)?;
    let server = Prometheus::new(source, request).ok()?.server;
    let seconds = |instant: Instant| instant.millis().div_euclid(1000).to_string();
    let span = [("start", seconds(from)), ("end", seconds(to))];
    let names = server.document::<LabelNames>("api/v1/labels", &span).await;
    names
        .ok()
        .map(|names| names.data.is_some_and(|names| !names.is_empty()))
}
