//! What an address answers to a GET. Must not judge the answer, nor keep more of it than was asked for.
//!
//! Redirects are answers like any other, unless the plan follows them. Failed connections are retried within the probe's timeout, answers never.

use serde_json::Value;

use super::json;
use crate::findings::{Access, Response};
use crate::http::{Fault, Limit, Pool, Server, Settings, Wording};
use crate::samples::FailureCode;
use crate::source::request::Request;

/// Answers to probes are small.
const LIMIT: Limit = Limit {
    bytes: 4 << 20,
    setting: None,
};

/// Prepares to ask it: user info in the address becomes basic authentication.
pub(super) fn server(access: &Access, request: &Request<'_>) -> Result<Server, Fault> {
    let settings = Settings {
        timeout: access.timeout.to_std(),
        limit: LIMIT,
        http: access.http.clone(),
        environment: request.environment,
        ..Settings::plain("the address", &access.url, request.folder)
    };
    let mut server = Server::new(&settings, &Pool::default())?;
    server.hide_query();
    Ok(server)
}

/// The body, where it is JSON. One that says two things at once says nothing.
fn body(bytes: &[u8], wording: &Wording) -> Result<Option<Value>, Fault> {
    match json::read(bytes) {
        Ok(body) => Ok(Some(body)),
        // JSON, but not as it should be.
        Err(error) if error.is_data() => {
            let said = wording.clean(&error.to_string());
            let message = format!("the answer cannot be read: {said}");
            Err(Fault::last(FailureCode::AnswerGarbled, message))
        }
        Err(_) => Ok(None),
    }
}

/// Asks an address.
pub(super) async fn ask(
    server: &Server,
    pointers: &[String],
    headers: &[String],
) -> Result<Response, Fault> {
    let page = server.page(!pointers.is_empty()).await?;
    let wording = server.wording();
    let body = body(&page.body, &wording)?;
    let values = pointers.iter().map(|pointer| {
        let value = body.as_ref().and_then(|body| body.pointer(pointer));
        let value = value.map(|value| wording.blot(&value.to_string()));
        (pointer.clone(), value)
    });
    let headers = headers.iter().map(|name| {
        let values = page.headers.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let value = (!values.is_empty()).then(|| wording.blot(&values.join(", ")));
        (name.clone(), value)
    });
    Ok(Response {
        status: page.status,
        headers: headers.collect(),
        values: values.collect(),
    })
}
