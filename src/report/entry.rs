//! An entry of the ledger in words. Must not leave out what the entry holds, but for digests.

use crate::ledger::{
    Answer, Checked, Entry, Event, GateChecked, IncidentDetails, Person, StepDone, Trip,
};
use crate::verdict::Verdict;

/// Who did it, and how the name was found.
pub(super) fn who(person: &Person) -> String {
    format!("{} ({})", person.name, person.known_by.word())
}

/// What was done.
pub(super) fn what(entry: &Entry) -> String {
    match &entry.event {
        Event::Started {
            stage,
            at,
            overridden,
        } => {
            let begun = part(*at != entry.at, || format!(", which began at {at}"));
            let overridden = part(*overridden, || {
                ", OVERRIDDEN: its entry gate was not GO".to_owned()
            });
            format!("started {stage}{begun}{overridden}")
        }
        Event::Checked(checked) => checked_in_words(entry, checked),
        Event::Confirmed { stage, id, answer } => match answer {
            Answer::Yes => format!("confirmed {id} for {stage}"),
            Answer::No => format!("answered no to {id} for {stage}"),
            Answer::Revoked => format!("took back the answer to {id} for {stage}"),
        },
        Event::Approved {
            gate,
            role,
            evidence_path,
            apart,
            expires,
            revoked,
            evidence_sha256: _,
        } => {
            let until = expires.map_or(String::new(), |expires| format!(", until {expires}"));
            if *revoked {
                format!("took back the signature as {role} for {gate}")
            } else {
                format!(
                    "signed as {role} for {gate}, {} but for approvals{until}; evidence {evidence_path}",
                    apart.word()
                )
            }
        }
        Event::IncidentOpened { id, stage, details } => {
            let stage = stage
                .as_ref()
                .map_or(String::new(), |stage| format!(" in {stage}"));
            format!("opened {id}{stage}: {}", details_in_words(details))
        }
        Event::IncidentUpdated { id, details } => {
            format!("updated {id}: {}", details_in_words(details))
        }
        Event::IncidentClosed { id } => format!("closed {id}"),
        Event::Paused { stage } => format!("paused {stage}"),
        Event::Resumed { stage } => format!("resumed {stage}"),
        Event::RolledBack { stage, steps } => {
            let steps: Vec<String> = (1..).zip(steps).map(step_in_words).collect();
            let listed = part(!steps.is_empty(), || format!(": {}", steps.join("; ")));
            format!("rolled {stage} back{listed}")
        }
        Event::StepRecorded {
            stage,
            number,
            step,
        } => format!("rollback of {stage}: {}", step_in_words((*number, step))),
        Event::Overridden {
            gate,
            verdict,
            expires,
            evidence_sha256: _,
        } => format!("OVERRIDDEN: {gate} is {}, until {expires}", verdict.word()),
        Event::Noted {
            stage,
            text,
            checkpoint,
        } => {
            let stage = stage
                .as_ref()
                .map_or(String::new(), |stage| format!(" in {stage}"));
            let word = if *checkpoint { "checkpoint" } else { "note" };
            format!("{word}{stage}: {text}")
        }
        Event::Repaired { torn } if torn.is_empty() => {
            "repaired the ledger: the entry before had no line end".to_owned()
        }
        Event::Repaired { torn } => format!("repaired the ledger: took out the torn line {torn}"),
    }
}

fn part(is_there: bool, text: impl Fn() -> String) -> String {
    if is_there { text() } else { String::new() }
}

fn checked_in_words(entry: &Entry, checked: &Checked) -> String {
    let gates: Vec<String> = checked.gates.iter().map(gate_in_words).collect();
    let as_of = part(checked.evaluated_at != entry.at, || {
        format!(" as of {}", checked.evaluated_at)
    });
    format!(
        "checked{as_of}: {}; evidence {}",
        gates.join(", "),
        checked.evidence_path
    )
}

fn gate_in_words(gate: &GateChecked) -> String {
    let waits_for_signatures = gate.verdict == Verdict::Hold && gate.apart == Verdict::Go;
    let apart = part(waits_for_signatures, || {
        " (GO but for approvals)".to_owned()
    });
    let trips: Vec<String> = gate.tripped.iter().map(trip_in_words).collect();
    let tripped = part(!trips.is_empty(), || format!(" ({})", trips.join("; ")));
    format!("{} {}{apart}{tripped}", gate.gate, gate.verdict.word())
}

fn trip_in_words(trip: &Trip) -> String {
    let condition = trip.condition.as_ref();
    let condition = condition.map_or(String::new(), |condition| format!(" {condition}"));
    format!("tripped: {}{condition}, {}", trip.name, trip.reason)
}

fn details_in_words(details: &IncidentDetails) -> String {
    let target = details.target.map(|target| target.to_string());
    let known = [
        ("", details.severity.as_ref()),
        ("", details.description.as_ref()),
        ("workaround: ", details.workaround.as_ref()),
        ("owner ", details.owner.as_ref()),
        ("to be solved by ", target.as_ref()),
    ];
    let known = known.into_iter();
    let words = known.filter_map(|(word, value)| value.map(|value| format!("{word}{value}")));
    words.collect::<Vec<_>>().join(", ")
}

fn step_in_words((number, step): (usize, &StepDone)) -> String {
    let done = if step.done { "done" } else { "NOT done" };
    let by = step
        .by
        .as_ref()
        .map_or(String::new(), |by| format!(" by {by}"));
    let took = step
        .took
        .map_or(String::new(), |took| format!(" in {took}"));
    format!("{number}. {}: {done}{by}{took}", step.action)
}
