//! `no_incidents`, and `incidents` in stop: one criterion for the severities together. Must not look into any log.

use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{OneOrMany, Spanned, Text, text};
use crate::units::Duration;

maps! {
    Incidents {
        open: Spanned<OneOrMany>,
        since_start: Spanned<OneOrMany>,
        overdue: Spanned<OneOrMany>,
        within: Spanned<Within>,
        issue_log: Text,
    }

    /// A time from the start.
    Within { severities: Spanned<OneOrMany>, of_start: Text, }
}

/// Which incidents count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentsAsk {
    /// Severities of which none may be open.
    pub open: Vec<String>,
    /// Severities of which none may have been opened since the stage's start.
    pub since_start: Vec<String>,
    /// Severities of which none may be open past its target (L9).
    pub overdue: Vec<String>,
    /// Severities of which none may have been opened within this time from the stage's start (L9).
    pub within: Option<(Vec<String>, Duration)>,
    /// An issue log that the team keeps (YAML, JSON or CSV), relative to the plan's folder.
    pub issue_log: Option<String>,
}

impl IncidentsAsk {
    /// The severities that it names.
    pub fn severities(&self) -> impl Iterator<Item = &str> {
        let within = self.within.iter().flat_map(|(severities, _)| severities);
        let open = self.open.iter().chain(&self.overdue);
        let named = open.chain(&self.since_start).chain(within);
        named.map(String::as_str)
    }

    /// Whether it asks about what came up after the start of the stage, so that the start has to be known.
    #[must_use]
    pub fn counts_from_start(&self) -> bool {
        !self.since_start.is_empty() || self.within.is_some()
    }

    /// Which count, in the words of the format.
    pub(super) fn in_words(&self) -> String {
        let named = [
            ("open", &self.open),
            ("since start", &self.since_start),
            ("overdue", &self.overdue),
        ];
        let named = named
            .into_iter()
            .filter(|(_, severities)| !severities.is_empty());
        let named = named.map(|(what, severities)| format!("{what} {}", severities.join(" ")));
        let within = self.within.iter().map(|(severities, length)| {
            format!("within {length} of start {}", severities.join(" "))
        });
        let log = self
            .issue_log
            .iter()
            .map(|path| format!("issue log {path}"));
        let all: Vec<String> = named.chain(within).chain(log).collect();
        all.join(", ")
    }
}

/// One criterion for the severities together.
pub(super) fn read(
    checker: &mut Checker<'_>,
    written: &Spanned<Incidents>,
) -> Option<(IncidentsAsk, Span)> {
    let incidents = &written.value;
    let named = [&incidents.open, &incidents.since_start, &incidents.overdue];
    if named.iter().all(|list| list.is_none()) && incidents.within.is_none() {
        let message = "no severity is named";
        checker.report(
            Problem::error(ProblemCode::MissingKey, written.span.clone(), message)
                .help("such as `{ open: [sev1, sev2] }` or `{ since_start: [sev1] }`"),
        );
        return None;
    }
    let ask = IncidentsAsk {
        open: severities(checker, incidents.open.as_ref()),
        since_start: severities(checker, incidents.since_start.as_ref()),
        overdue: severities(checker, incidents.overdue.as_ref()),
        within: incidents
            .within
            .as_ref()
            .and_then(|one| within(checker, one)),
        issue_log: text(incidents.issue_log.as_ref()),
    };
    Some((ask, written.span.clone()))
}

fn severities(checker: &mut Checker<'_>, list: Option<&Spanned<OneOrMany>>) -> Vec<String> {
    let names = list.map(|list| checker.names_of(list, "the severity"));
    names.into_iter().flatten().map(|name| name.value).collect()
}

fn within(checker: &mut Checker<'_>, written: &Spanned<Within>) -> Option<(Vec<String>, Duration)> {
    let (value, at) = (&written.value, &written.span);
    let named = checker.required(value.severities.as_ref(), "severities", at, "`within`");
    let length = checker.required(value.of_start.as_ref(), "of_start", at, "`within`");
    let named = named.map(|list| severities(checker, Some(list)));
    let length = length.and_then(|text| checker.positive(text, "of_start"));
    Some((named?, length?))
}
