//! Looks up what is asked for beside samples, all at the same time, one file for each kind.
//!
//! Must not judge what is found, and must not lose an inquiry: what has no answer says why.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::task::JoinSet;

use super::ask::{self, Servers};
use super::failure::Fault;
use super::{Request, alertmanager, artifact, issue_log, probe, rules};
use crate::findings::{Findings, Found, Inquiry};
use crate::samples::Failure;

/// What comes of an inquiry.
type Finding = Result<Found, Failure>;

/// Inquiries under way.
pub(super) struct Lookups {
    tasks: JoinSet<(usize, Finding)>,
    found: Vec<Option<Finding>>,
    halt: Halt,
}

/// Tells those who read files to stop: unlike a task, that cannot be aborted.
#[derive(Clone, Default)]
pub(super) struct Halt(Arc<AtomicBool>);

impl Halt {
    /// Whether to stop.
    pub(super) fn is_called(&self) -> bool {
        self.0.load(Relaxed)
    }
}

impl Lookups {
    /// Starts all of them.
    pub(super) fn start(request: &Request<'_>, servers: &Servers) -> Self {
        let halt = Halt::default();
        let mut tasks = JoinSet::new();
        for (place, inquiry) in request.inquiries.iter().enumerate() {
            spawn(&mut tasks, place, inquiry, request, servers, &halt);
        }
        Self {
            tasks,
            found: request.inquiries.iter().map(|_| None).collect(),
            halt,
        }
    }

    /// Waits for one more; `false` where there is none left.
    pub(super) async fn next(&mut self) -> bool {
        let Some(finished) = self.tasks.join_next().await else {
            return false;
        };
        if let Ok((place, finding)) = finished
            && let Some(found) = self.found.get_mut(place)
        {
            *found = Some(finding);
        }
        true
    }

    /// Whether none is left.
    pub(super) fn is_done(&self) -> bool {
        self.tasks.is_empty()
    }

    /// One finding for each inquiry; those without an answer were interrupted.
    pub(super) fn finish(mut self, request: &Request<'_>) -> Findings {
        self.halt.0.store(true, Relaxed);
        self.tasks.abort_all();
        let inquiries = request.inquiries.iter().cloned();
        let found = self.found.into_iter();
        let found = found.map(|found| found.unwrap_or_else(|| Err(ask::interrupted())));
        inquiries.zip(found).collect()
    }
}

fn spawn(
    tasks: &mut JoinSet<(usize, Finding)>,
    place: usize,
    inquiry: &Inquiry,
    request: &Request<'_>,
    servers: &Servers,
    halt: &Halt,
) {
    match inquiry {
        Inquiry::Artifact { .. } | Inquiry::IssueLog { .. } => {
            let (inquiry, folder) = (inquiry.clone(), request.folder.to_owned());
            let halt = halt.clone();
            tasks.spawn_blocking(move || (place, settled(in_file(&inquiry, &folder, &halt))));
        }
        Inquiry::Rules { source } => {
            let server = servers.get(source).cloned();
            let source = source.clone();
            tasks.spawn(async move {
                let found = rules::ask(&source, server).await;
                (place, settled(found.map(Found::Rules)))
            });
        }
        Inquiry::Alerts { alertmanager } => {
            let server = alertmanager::server(alertmanager, request);
            tasks.spawn(async move {
                let found = alertmanager::ask(server).await;
                (place, settled(found.map(Found::Alerts)))
            });
        }
        Inquiry::Probe {
            url,
            pointers,
            access,
            ..
        } => {
            let server = probe::server(url, access, request);
            let pointers = pointers.clone();
            tasks.spawn(async move {
                let found = probe::ask(server, &pointers).await;
                (place, settled(found.map(Found::Response)))
            });
        }
    }
}

fn settled(found: Result<Found, Fault>) -> Finding {
    found.map_err(Fault::into_failure)
}

fn in_file(inquiry: &Inquiry, folder: &Path, halt: &Halt) -> Result<Found, Fault> {
    match inquiry {
        Inquiry::Artifact {
            path,
            junit,
            sarif,
            pointers,
        } => {
            let content = artifact::Content {
                junit: *junit,
                sarif: *sarif,
                pointers,
            };
            artifact::read(&folder.join(path), content, halt).map(Found::File)
        }
        Inquiry::IssueLog { path } => issue_log::read(&folder.join(path), halt).map(Found::Issues),
        Inquiry::Rules { .. } | Inquiry::Alerts { .. } | Inquiry::Probe { .. } => {
            let message = "this is not looked up in a file";
            Err(Fault::last(
                crate::samples::FailureCode::SourceMisconfigured,
                message,
            ))
        }
    }
}
