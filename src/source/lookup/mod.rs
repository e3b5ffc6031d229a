//! Looks up what is asked for besides samples, one file for each kind.
//!
//! Must not judge what is found.

mod alertmanager;
mod artifact;
mod file;
mod issue_log;
mod json;
mod probe;

use tokio::task::spawn_blocking;

pub(super) use file::Halt;

use file::unreadable;

use super::request::Request;
use super::seam::{Pending, Sources};
use crate::findings::{Found, Inquiry};
use crate::http::Fault;
use crate::samples::Origin;

/// What is being looked up.
type Looking = Pending<'static, Result<Found, Fault>>;

/// The source of the plan that has to be asked, if there is one.
pub(super) fn source_of(inquiry: &Inquiry) -> Option<Origin> {
    match inquiry {
        Inquiry::Rules { source } => Some(Origin::Source(source.clone())),
        Inquiry::Alerts { .. }
        | Inquiry::Probe { .. }
        | Inquiry::Artifact { .. }
        | Inquiry::IssueLog { .. } => None,
    }
}

/// Begins to look one thing up.
pub(super) fn look(
    inquiry: &Inquiry,
    request: &Request<'_>,
    sources: &Sources,
    halt: &Halt,
) -> Looking {
    match inquiry.clone() {
        Inquiry::Rules { source } => {
            let source = sources.get(&Origin::Source(source));
            Box::pin(async move { source?.rules().await.map(Found::Rules) })
        }
        Inquiry::Alerts { access, .. } => {
            let server = alertmanager::server(&access, request);
            Box::pin(async move { alertmanager::ask(&server?).await.map(Found::Alerts) })
        }
        Inquiry::Probe {
            access,
            pointers,
            headers,
            ..
        } => {
            let server = probe::server(&access, request);
            Box::pin(async move {
                let response = probe::ask(&server?, &pointers, &headers).await;
                response.map(Found::Response)
            })
        }
        Inquiry::Artifact {
            path,
            junit,
            sarif,
            pointers,
        } => {
            let (path, halt) = (request.folder.join(path), halt.clone());
            let wanted = artifact::Content {
                junit,
                sarif,
                pointers,
            };
            in_thread(move || artifact::read(&path, &wanted, &halt).map(Found::File))
        }
        Inquiry::IssueLog { path } => {
            let (path, halt) = (request.folder.join(path), halt.clone());
            in_thread(move || issue_log::read(&path, &halt).map(Found::Issues))
        }
    }
}

/// Reads files in a separate thread, so that a slow disk does not delay what is asked over the network.
fn in_thread(read: impl FnOnce() -> Result<Found, Fault> + Send + 'static) -> Looking {
    let reading = spawn_blocking(read);
    Box::pin(async move {
        match reading.await {
            Ok(found) => found,
            Err(_) => Err(unreadable("its reader crashed")),
        }
    })
}
