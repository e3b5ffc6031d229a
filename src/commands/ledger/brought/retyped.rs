//! The command that somebody types to record an entry once more, where it cannot be imported. Must not judge whether it may.

use crate::kind::Action;
use crate::ledger::{Answer, Entry, Event, IncidentDetails};
use crate::rollout::NextStep;

/// Whether forgetting it would let a rollout go on that somebody held.
pub(super) fn holds(event: &Event) -> bool {
    match event {
        Event::Paused { .. }
        | Event::RolledBack { .. }
        | Event::Reopened { .. }
        | Event::IncidentOpened { .. } => true,
        Event::Checked(check) => check.gates.iter().any(|gate| !gate.tripped.is_empty()),
        Event::Confirmed { answer, .. } => match answer {
            Answer::No | Answer::Revoked => true,
            Answer::Yes | Answer::NotApplicable => false,
        },
        Event::Approved { revoked, .. } => *revoked,
        Event::Started { .. }
        | Event::IncidentUpdated { .. }
        | Event::IncidentClosed { .. }
        | Event::Resumed { .. }
        | Event::RollbackUpdated { .. }
        | Event::Superseded { .. }
        | Event::Overridden { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. }
        | Event::Watch(_) => false,
    }
}

/// The command; `None` where only its own machine can say it, or where it takes more than one.
pub(super) fn retyped(entry: &Entry) -> Option<NextStep> {
    let mut step = of_event(&entry.event)?;
    if !entry.why.is_empty() {
        step.arguments.extend(words(&["--why", &entry.why]));
    }
    for link in &entry.links {
        step.arguments.extend(words(&["--link", link]));
    }
    Some(step)
}

fn of_event(event: &Event) -> Option<NextStep> {
    let step = NextStep::new;
    Some(match event {
        // What tripped then trips again, or somebody has to say what became of it.
        Event::Checked(_) if holds(event) => step(Action::Check, &[]),
        Event::Started {
            stage, overridden, ..
        } if *overridden => step(Action::Start, &[stage, "--override"]),
        Event::Started { stage, .. } => step(Action::Start, &[stage]),
        Event::Confirmed {
            stage, id, answer, ..
        } => {
            let mut confirm = step(Action::Confirm, &[id, "--stage", stage]);
            confirm.arguments.extend(match answer {
                Answer::Yes => None,
                Answer::No => Some("--no".to_owned()),
                Answer::NotApplicable => Some("--not-applicable".to_owned()),
                Answer::Revoked => Some("--revoke".to_owned()),
            });
            confirm
        }
        Event::Approved {
            gate,
            role,
            revoked,
            ..
        } => {
            let mut approve = step(Action::Approve, &[role, "--gate", &gate.to_string()]);
            approve
                .arguments
                .extend(revoked.then(|| "--revoke".to_owned()));
            approve
        }
        Event::Overridden { gate, expires, .. } => {
            let (gate, expires) = (gate.to_string(), expires.to_string());
            step(Action::Override, &[&gate, "--expires", &expires])
        }
        Event::IncidentOpened { stage, details, .. } => {
            let mut open = step(Action::Incident, &["open"]);
            open.arguments.extend(described(details));
            let stage = stage.iter().flat_map(|stage| words(&["--stage", stage]));
            open.arguments.extend(stage);
            open
        }
        Event::IncidentUpdated { id, details } => {
            let mut update = step(Action::Incident, &["update", id]);
            update.arguments.extend(described(details));
            update
        }
        Event::IncidentClosed { id } => step(Action::Incident, &["close", id]),
        Event::Paused { stage } => step(Action::Pause, &["--stage", stage]),
        Event::Resumed { stage } => step(Action::Resume, &["--stage", stage]),
        Event::RolledBack { stage, .. } => step(Action::Rollback, &["--stage", stage]),
        Event::Reopened { stage, .. } => step(Action::Rollback, &["--to", stage]),
        Event::Noted {
            takes_back: None,
            text,
            checkpoint: false,
            ..
        } => step(Action::Note, &[text]),
        Event::Checked(_)
        | Event::RollbackUpdated { .. }
        | Event::Superseded { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. }
        | Event::Watch(_) => return None,
    })
}

fn described(details: &IncidentDetails) -> Vec<String> {
    let target = details.target.map(|target| target.to_string());
    let said = [
        ("--severity", &details.severity),
        ("--description", &details.description),
        ("--workaround", &details.workaround),
        ("--owner", &details.owner),
        ("--target", &target),
    ];
    let said = said.into_iter();
    let given = said.filter_map(|(option, value)| Some([option.to_owned(), value.clone()?]));
    given.flatten().collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
