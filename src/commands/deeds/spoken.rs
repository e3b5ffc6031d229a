//! What people say is kept for good: nothing is recorded that holds what looks like a credential (T14). Must not repeat it.

use super::refusal::Refusal;
use crate::ledger::{Event, IncidentDetails, Occasion, RollbackTold};
use crate::secret::prose::credential_in;

/// What to do about it.
const ADVICE: &str = "leave it out, or say where it is kept: the ledger is read by many, and nothing is taken out of it";

/// Refuses a reason, links, or an event that holds a credential.
pub fn harmless(occasion: &Occasion, events: &[Event]) -> Result<(), Refusal> {
    let said = [
        ("--by", occasion.by.name.as_str()),
        ("--why", &occasion.why),
    ];
    let links = occasion.links.iter().map(|link| ("--link", link.as_str()));
    let told = events.iter().flat_map(words);
    let mut all = said.into_iter().chain(links).chain(told);
    let found = all.find_map(|(place, text)| Some((place, credential_in(text)?)));
    match found {
        Some((place, what)) => {
            let reason = format!("{place} holds {what}, or what looks like one");
            Err(Refusal::usage(reason).line(ADVICE))
        }
        None => Ok(()),
    }
}

/// The words of an event that somebody chose, each with where they were given.
fn words(event: &Event) -> Vec<(&'static str, &str)> {
    match event {
        Event::Noted { text, .. } => vec![("the note", text)],
        Event::IncidentOpened { details, .. } | Event::IncidentUpdated { details, .. } => {
            in_details(details)
        }
        Event::RolledBack { told, .. } | Event::RollbackUpdated { told, .. } => in_rollback(told),
        Event::Started { .. }
        | Event::Checked(_)
        | Event::Confirmed { .. }
        | Event::Approved { .. }
        | Event::IncidentClosed { .. }
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::Overridden { .. }
        | Event::Repaired { .. }
        | Event::Reopened { .. }
        | Event::Superseded { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. }
        | Event::Watch(_) => Vec::new(),
    }
}

fn in_details(details: &IncidentDetails) -> Vec<(&'static str, &str)> {
    let given = [
        ("--description", &details.description),
        ("--workaround", &details.workaround),
        ("--owner", &details.owner),
    ];
    let given = given.into_iter();
    given
        .filter_map(|(place, text)| Some((place, text.as_deref()?)))
        .collect()
}

fn in_rollback(told: &RollbackTold) -> Vec<(&'static str, &str)> {
    let steps = told.steps.iter();
    let by = steps.filter_map(|step| Some(("--done", step.by.as_deref()?)));
    let said = [("--cause", &told.cause), ("--fix", &told.fix)];
    let said = said
        .into_iter()
        .filter_map(|(place, text)| Some((place, text.as_deref()?)));
    let files = told.files.iter().map(|file| ("--file", file.path.as_str()));
    by.chain(said).chain(files).collect()
}
