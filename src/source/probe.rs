//! What an address answers to a GET. Must not judge the answer, nor keep more of it than was asked for.
//!
//! Redirects are answers like any other. A failure to connect is retried within the probe's timeout, an answer never.

use serde_json::Value;

use super::failure::Fault;
use super::prometheus::Server;
use super::{Pool, Request};
use crate::findings::{Access, Response};
use crate::plan::{Compression, HttpConfig, Source};

/// What answers a probe is small.
const MAX_BYTES: u64 = 4 << 20;

/// The way there: user info of the address becomes basic authorization.
pub(super) fn server(
    shown_url: &str,
    access: &Access,
    request: &Request<'_>,
) -> Result<Server, Fault> {
    let source = Source {
        name: "probe".to_owned(),
        url: access.url.clone(),
        shown_url: shown_url.to_owned(),
        http: HttpConfig {
            follow_redirects: false,
            ..HttpConfig::default()
        },
        timeout: access.timeout,
        concurrency: 1,
        allow_warnings: false,
        compression: Compression::Auto,
        max_answer_bytes: MAX_BYTES,
    };
    let mut server = super::ask::server(&source, request, &Pool::default())?;
    let values: Vec<String> = (server.base.query_pairs())
        .map(|(_, value)| value.into_owned())
        .collect();
    for value in values.iter().map(String::as_str).chain(server.base.query()) {
        server.secrets.add(value);
    }
    Ok(server)
}

/// Asks an address.
pub(super) async fn ask(
    server: Result<Server, Fault>,
    pointers: &[String],
) -> Result<Response, Fault> {
    let server = server.map_err(named)?;
    let page = server.page(!pointers.is_empty()).await.map_err(named)?;
    let body = serde_json::from_slice::<Value>(&page.body).ok();
    let value = |pointer: &String| {
        let value = body.as_ref()?.pointer(pointer)?;
        Some(server.secrets.blot(&value.to_string()))
    };
    Ok(Response {
        status: page.status,
        values: pointers
            .iter()
            .map(|pointer| (pointer.clone(), value(pointer)))
            .collect(),
    })
}

/// The fault of an address, not of the plan's source.
fn named(mut fault: Fault) -> Fault {
    fault.message = fault.message.replacen("the source", "the address", 1);
    fault
}
