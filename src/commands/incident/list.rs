//! `gate incident PLAN list`: the incidents as they are now. Must not record anything.

use std::path::Path;

use crate::commands::deeds::one_plan;
use crate::commands::diagnostics::say;
use crate::commands::ledger_file::agreement;
use crate::commands::surroundings::Surroundings;
use crate::exit::Exit;
use crate::ledger::Incident;
use crate::output::print_stdout;
use crate::report::escape;
use crate::units::Instant;

/// Shows the open incidents of a plan, or all.
pub fn list(plan: &Path, all: bool, surroundings: &Surroundings) -> Exit {
    let loaded = match one_plan(plan, None, surroundings) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let chain = match agreement::read(&loaded, "nothing was listed") {
        Ok(chain) => chain.unwrap_or_default(),
        Err(exit) => return exit,
    };
    let text = listed(&chain.ledger().incidents(), all, surroundings.now);
    match print_stdout(&text) {
        Ok(()) => Exit::Go,
        Err(error) => {
            say(&error.to_string());
            Exit::Unrecorded
        }
    }
}

/// One line for each incident, oldest first.
fn listed(incidents: &[Incident], all: bool, now: Instant) -> String {
    let shown = incidents.iter().filter(|one| all || one.closed.is_none());
    let lines: Vec<String> = shown.map(|one| escape(&line(one, now)) + "\n").collect();
    if lines.is_empty() {
        let which = if all { "recorded" } else { "open" };
        return format!("no incident is {which}\n");
    }
    lines.concat()
}

fn line(incident: &Incident, now: Instant) -> String {
    let details = &incident.details;
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let (opened, plain) = (incident.apart(), || format!("opened {}", incident.opened));
    let state = match incident.closed {
        Some(closed) => format!("{}, closed {closed}", opened.unwrap_or_else(plain)),
        None => opened.map_or_else(
            || format!("open since {}", incident.opened),
            |opened| format!("open, {opened}"),
        ),
    };
    let mut parts = vec![format!(
        "{}  {}  {}",
        incident.id,
        said(&incident.severity_in_words()),
        said(&details.description)
    )];
    parts.push(state);
    parts.extend(
        details
            .workaround
            .iter()
            .map(|text| format!("workaround: {text}")),
    );
    parts.extend(details.owner.iter().map(|owner| format!("owner: {owner}")));
    parts.extend(details.target.map(|target| {
        let late = incident.closed.is_none() && target < now;
        format!("target: {target}{}", if late { ", OVERDUE" } else { "" })
    }));
    parts.join("; ")
}
