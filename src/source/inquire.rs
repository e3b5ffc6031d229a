//! Looks up what is asked for beside samples, one file for each kind. Must not judge what is found.

use super::ask::Servers;
use super::{Request, Wanted, alertmanager, artifact, issue_log, probe, rules};
use crate::findings::{Findings, Found, Inquiry};
use crate::samples::Failure;

/// One finding for each inquiry.
pub(super) async fn all(request: &Request<'_>, servers: &Servers) -> Findings {
    let mut findings = Findings::new();
    for wanted in request.inquiries {
        let found = one(wanted, request, servers).await;
        findings.insert(wanted.inquiry.clone(), found);
    }
    findings
}

async fn one(
    wanted: &Wanted<'_>,
    request: &Request<'_>,
    servers: &Servers,
) -> Result<Found, Failure> {
    let found = match &wanted.inquiry {
        Inquiry::Rules { source } => rules::ask(source, servers).await.map(Found::Rules),
        Inquiry::Alerts { alertmanager } => {
            alertmanager::ask(alertmanager).await.map(Found::Alerts)
        }
        Inquiry::Probe { pointers, .. } => probe::ask(wanted.probe, pointers)
            .await
            .map(Found::Response),
        Inquiry::Artifact { path, content } => {
            artifact::read(request.folder, path, content).map(Found::File)
        }
        Inquiry::IssueLog { path } => issue_log::read(request.folder, path).map(Found::Issues),
    };
    found.map_err(super::failure::Fault::into_failure)
}
