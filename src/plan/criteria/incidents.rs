//! `no_incidents`, and `incidents` in stop: one criterion for the severities together. Must not look into any log.

use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{OneOrMany, Spanned, Text, text};

maps! {
    Incidents {
        open: Spanned<OneOrMany>,
        since_start: Spanned<OneOrMany>,
        issue_log: Text,
    }
}

/// Which incidents count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentsAsk {
    /// Severities of which none may be open.
    pub open: Vec<String>,
    /// Severities of which none may have been opened since the stage's start.
    pub since_start: Vec<String>,
    /// An issue log that the team keeps (YAML, JSON or CSV), relative to the plan's folder.
    pub issue_log: Option<String>,
}

impl IncidentsAsk {
    /// The severities that it names.
    pub fn severities(&self) -> impl Iterator<Item = &str> {
        let named = self.open.iter().chain(&self.since_start);
        named.map(String::as_str)
    }

    /// Which count, in the words of the format.
    pub(super) fn in_words(&self) -> String {
        let (open, since_start) = (self.open.join(" "), self.since_start.join(" "));
        let log = self.issue_log.as_deref().unwrap_or("none");
        format!("open {open}, since start {since_start}, issue log {log}")
    }
}

/// One criterion for the severities together.
pub(super) fn read(
    checker: &mut Checker<'_>,
    written: &Spanned<Incidents>,
) -> Option<(IncidentsAsk, Span)> {
    let incidents = &written.value;
    if incidents.open.is_none() && incidents.since_start.is_none() {
        let message = "no severity is named";
        checker.report(
            Problem::error(ProblemCode::MissingKey, written.span.clone(), message)
                .help("such as `{ open: [sev1, sev2] }` or `{ since_start: [sev1] }`"),
        );
        return None;
    }
    let mut severities = |list: Option<&Spanned<OneOrMany>>| -> Vec<String> {
        let names = list.map(|list| checker.names_of(list, "the severity"));
        names.into_iter().flatten().map(|name| name.value).collect()
    };
    let ask = IncidentsAsk {
        open: severities(incidents.open.as_ref()),
        since_start: severities(incidents.since_start.as_ref()),
        issue_log: text(incidents.issue_log.as_ref()),
    };
    Some((ask, written.span.clone()))
}
