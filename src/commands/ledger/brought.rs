//! What another machine recorded offline, as it comes to stand in a ledger (R7): the entries that are not there yet, in their order, each
//! judged by the rules of its command. All of them, or none. Must not open a file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::{
    ApproveArgs, Command, ConfirmArgs, IncidentAction, IncidentArgs, NoteArgs, OverrideArgs,
    PauseArgs, QuestionArgs, Signed, StartArgs, Time, Until,
};
use crate::commands::deeds::refusal::Refusal;
use crate::commands::deeds::{Deed, spoken};
use crate::commands::pause::Pause;
use crate::commands::resume::Resume;
use crate::ledger::{Answer, Chain, Entry, Event, Ledger, Occasion};
use crate::output::ToRecord;
use crate::units::Instant;

/// Why nothing is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The ledgers do not begin with the same entry.
    Unrelated,
    /// All of it is there.
    Nothing,
    /// This entry, by its number there, does not fit.
    Entry(u64, Refusal),
}

/// What a command decides that is given on an occasion, with a ledger as it then is.
pub type Judge<'a> = dyn Fn(&Ledger, &Occasion, &dyn Deed) -> Result<Vec<Event>, Refusal> + 'a;

/// What is to be recorded so that `here` has what `there` has; `mark` is who imports it, and when, `file` the name of the other ledger.
///
/// # Errors
/// Why nothing is.
pub fn brought(
    here: &Chain,
    there: &Chain,
    (mark, file): (&Occasion, &str),
    judge: &Judge<'_>,
) -> Result<ToRecord, Unfit> {
    let shared = here.lines().zip(there.lines());
    let shared = shared.take_while(|(one, other)| one == other).count();
    if shared == 0 {
        return Err(Unfit::Unrelated);
    }
    let (ours, theirs) = (origins(here), origins(there));
    let known: BTreeSet<&str> = ours.iter().map(String::as_str).collect();
    let new = there.ledger().entries().iter().zip(&theirs).skip(shared);
    let new: Vec<(&Entry, &String)> = new
        .filter(|(entry, origin)| !known.contains(origin.as_str()) && is_brought(&entry.event))
        .collect();
    if new.is_empty() {
        return Err(Unfit::Nothing);
    }
    let apart = here.ledger().entries().iter().zip(&ours).skip(shared);
    let apart: Vec<&Entry> = apart
        .filter(|(_, origin)| !theirs.contains(origin))
        .map(|(entry, _)| entry)
        .collect();
    let imported = Event::Imported {
        file: file.to_owned(),
        head_sha256: there.head().to_owned(),
        lines: new.iter().map(|(_, origin)| (*origin).clone()).collect(),
    };
    let mut to_record = ToRecord::from(vec![imported]);
    let mut chain = here.clone();
    for (entry, _) in new {
        let number = entry.number;
        let occasion = occasion(entry);
        (fits(entry, mark, &apart).and_then(|()| judged(entry, &occasion, chain.ledger(), judge)))
            .map_err(|refusal| Unfit::Entry(number, refusal))?;
        let appended = chain.append(&occasion, entry.event.clone());
        appended.map_err(|why| Unfit::Entry(number, Refusal::usage(why.to_string())))?;
        to_record.brought.push((occasion, entry.event.clone()));
    }
    Ok(to_record)
}

/// Where each entry of a ledger was recorded first: the digest of its line there.
fn origins(chain: &Chain) -> Vec<String> {
    let mut origins: Vec<String> = Vec::new();
    for entry in chain.ledger().entries() {
        if let Event::Imported { lines, .. } = &entry.event {
            origins.truncate(origins.len().saturating_sub(lines.len()));
            origins.extend(lines.iter().cloned());
        }
        origins.push(chain.digest(entry.number).unwrap_or_default().to_owned());
    }
    origins
}

/// What was said of a file, or of its entries, stays with it.
fn is_brought(event: &Event) -> bool {
    !matches!(event, Event::Imported { .. } | Event::Repaired { .. })
}

fn occasion(entry: &Entry) -> Occasion {
    Occasion {
        at: entry.at,
        by: entry.by.clone(),
        plan: entry.plan.clone(),
        why: entry.why.clone(),
        links: entry.links.clone(),
        nonce: entry.nonce.clone(),
    }
}

/// Whether an entry is of the plan's version, and of something that nobody has spoken of here since the ledgers parted: who recorded
/// it there did not know of that.
fn fits(entry: &Entry, mark: &Occasion, apart: &[&Entry]) -> Result<(), Refusal> {
    let [then, now] = [&entry.plan, &mark.plan].map(|plan| (&plan.release, &plan.version));
    if then != now {
        let why = "it was recorded for another version of the release than the plan names";
        return Err(Refusal::standing(why));
    }
    let Some(subject) = subject(&entry.event) else {
        return Ok(());
    };
    let mut also = apart
        .iter()
        .filter(|other| speaks_of(&other.event, &subject));
    match also.next() {
        Some(other) => Err(Refusal::standing(format!(
            "#{} here speaks of {subject}, too, and neither knew of the other: record here what holds now",
            other.number
        ))),
        None => Ok(()),
    }
}

/// What an entry speaks of, where two that speak of the same may contradict each other.
fn subject(event: &Event) -> Option<String> {
    match event {
        Event::Confirmed { stage, id, .. } => Some(format!("{id} of {stage}")),
        Event::Approved { gate, role, .. } => Some(format!("{role} for {gate}")),
        Event::Overridden { gate, .. } => Some(gate.to_string()),
        Event::IncidentOpened { id, .. }
        | Event::IncidentUpdated { id, .. }
        | Event::IncidentClosed { id } => Some(id.clone()),
        Event::Started { stage, .. }
        | Event::Paused { stage }
        | Event::Resumed { stage }
        | Event::RolledBack { stage, .. }
        | Event::RollbackUpdated { stage, .. }
        | Event::Reopened { stage, .. } => Some(stands(stage)),
        Event::Checked(_)
        | Event::Superseded { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. } => None,
    }
}

fn stands(stage: &str) -> String {
    format!("where {stage} stands")
}

/// Also a stop that tripped: whoever resumed did not know of it.
fn speaks_of(event: &Event, subject: &str) -> bool {
    let gates = event.checked().into_iter().flat_map(|check| &check.gates);
    let mut tripped = gates.filter(|gate| !gate.tripped.is_empty());
    self::subject(event).as_deref() == Some(subject)
        || tripped.any(|gate| stands(&gate.gate.stage) == subject)
}

/// Whether the command of an entry, given on its occasion, records that very entry.
fn judged(
    entry: &Entry,
    occasion: &Occasion,
    ledger: &Ledger,
    judge: &Judge<'_>,
) -> Result<(), Refusal> {
    spoken::harmless(occasion, std::slice::from_ref(&entry.event))?;
    let command = command(entry)?;
    let ledger = by(ledger, occasion.at);
    let events = with_deed(&command, |deed| judge(&ledger, occasion, deed));
    let events = events.unwrap_or_else(|| Err(again("it is of another command")))?;
    if events == [entry.event.clone()] {
        return Ok(());
    }
    Err(again(
        "with the plan and the ledger as they are here, its command would record something else",
    ))
}

/// The ledger as if everything in it had been recorded by a time: what counts is the order, and that somebody acts by the clock that he
/// had.
fn by(ledger: &Ledger, time: Instant) -> Ledger {
    let entries = ledger.entries().iter().cloned();
    let entries = entries.map(|entry| Entry {
        at: entry.at.min(time),
        ..entry
    });
    Ledger::new(entries.collect())
}

/// What is made of the deed that a command does; `None` if it is none that is brought.
fn with_deed<R>(command: &Command, make: impl FnOnce(&dyn Deed) -> R) -> Option<R> {
    Some(match command {
        Command::Start(arguments) => make(arguments),
        Command::Confirm(arguments) => make(arguments),
        Command::Approve(arguments) => make(arguments),
        Command::Incident(arguments) => make(arguments),
        Command::Pause(arguments) => make(&Pause(arguments)),
        Command::Resume(arguments) => make(&Resume(arguments)),
        Command::Override(arguments) => make(arguments),
        Command::Note(arguments) => make(arguments),
        Command::Check(_)
        | Command::Validate(_)
        | Command::Report(_)
        | Command::Verify(_)
        | Command::Schema(_)
        | Command::Capture(_)
        | Command::Rollback(_)
        | Command::Supersede(_)
        | Command::Status(_)
        | Command::Records(_)
        | Command::Ledger(_) => return None,
    })
}

/// An entry that only its command can record.
fn again(why: &str) -> Refusal {
    Refusal::standing(format!("{why}: record it here with its command"))
}

/// The command that records an entry.
fn command(entry: &Entry) -> Result<Command, Refusal> {
    let plan = Path::new(&entry.plan.file).to_owned();
    let signed = Signed {
        by: Some(entry.by.name.clone()),
        why: Some(entry.why.clone()),
        links: entry.links.clone(),
    };
    match &entry.event {
        Event::Started { .. } | Event::Approved { .. } | Event::Overridden { .. } => {
            of_gate(entry, plan, signed)
        }
        Event::Confirmed {
            stage, id, answer, ..
        } => Ok(Command::Confirm(ConfirmArgs {
            plan,
            ids: vec![id.clone()],
            stage: Some(stage.clone()),
            no: *answer == Answer::No,
            not_applicable: *answer == Answer::NotApplicable,
            all: false,
            revoke: *answer == Answer::Revoked,
            signed,
        })),
        Event::Paused { stage } => Ok(Command::Pause(halt(stage, plan, signed))),
        Event::Resumed { stage } => Ok(Command::Resume(halt(stage, plan, signed))),
        Event::Noted {
            stage,
            text,
            checkpoint,
            role,
            reviewed_issues,
            lesson,
        } => Ok(Command::Note(NoteArgs {
            plan,
            text: text.clone(),
            checkpoint: *checkpoint,
            lesson: *lesson,
            role: role.clone(),
            reviewed_issues: *reviewed_issues,
            day: None,
            stage: stage.clone(),
            signed,
        })),
        Event::IncidentOpened { .. }
        | Event::IncidentUpdated { .. }
        | Event::IncidentClosed { .. } => Ok(Command::Incident(IncidentArgs {
            plan,
            action: incident(&entry.event)?,
            signed,
        })),
        Event::Checked(_) => Err(Refusal::standing(
            "it is a check, whose record speaks of that ledger: check again here, or import the other way round",
        )),
        Event::RolledBack { .. }
        | Event::RollbackUpdated { .. }
        | Event::Reopened { .. }
        | Event::Superseded { .. } => Err(again("it changes what other entries mean")),
        Event::Repaired { .. } | Event::LedgerBegun { .. } | Event::Imported { .. } => {
            Err(again("it is about that ledger"))
        }
    }
}

fn halt(stage: &str, plan: PathBuf, signed: Signed) -> PauseArgs {
    PauseArgs {
        plan,
        stage: Some(stage.to_owned()),
        signed,
    }
}

/// The command that records an entry which rests on a gate.
fn of_gate(entry: &Entry, plan: PathBuf, signed: Signed) -> Result<Command, Refusal> {
    let question = QuestionArgs::default();
    match &entry.event {
        Event::Started {
            stage,
            at,
            overridden,
            ..
        } => Ok(Command::Start(StartArgs {
            plan,
            stage: stage.clone(),
            at: (*at != entry.at).then_some(Time::At(*at)),
            overriding: *overridden,
            allowed_signers: None,
            question,
            signed,
        })),
        Event::Approved {
            gate,
            role,
            expires,
            revoked,
            ..
        } => Ok(Command::Approve(ApproveArgs {
            plan,
            role: role.clone(),
            gate: Some(gate.clone()),
            evidence: None,
            expires: expires.map(Until::At),
            revoke: *revoked,
            sign: None,
            question,
            signed,
        })),
        Event::Overridden { gate, expires, .. } => Ok(Command::Override(OverrideArgs {
            plan,
            gate: gate.clone(),
            expires: Until::At(*expires),
            question,
            signed,
        })),
        Event::Checked(_)
        | Event::Confirmed { .. }
        | Event::IncidentOpened { .. }
        | Event::IncidentUpdated { .. }
        | Event::IncidentClosed { .. }
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::RolledBack { .. }
        | Event::RollbackUpdated { .. }
        | Event::Reopened { .. }
        | Event::Superseded { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. } => Err(again("it rests on no gate")),
    }
}

/// What an entry says of an incident, as its command is given it.
fn incident(event: &Event) -> Result<IncidentAction, Refusal> {
    Ok(match event {
        Event::IncidentOpened {
            stage,
            opened_at,
            details,
            ..
        } => IncidentAction::Open {
            severity: details.severity.clone().unwrap_or_default(),
            description: details.description.clone().unwrap_or_default(),
            workaround: details.workaround.clone(),
            owner: details.owner.clone(),
            target: details.target.map(Until::At),
            opened: opened_at.map(Time::At),
            stage: stage.clone(),
        },
        Event::IncidentUpdated { id, details } => IncidentAction::Update {
            id: id.clone(),
            severity: details.severity.clone(),
            description: details.description.clone(),
            workaround: details.workaround.clone(),
            owner: details.owner.clone(),
            target: details.target.map(Until::At),
        },
        Event::IncidentClosed { id } => IncidentAction::Close { id: id.clone() },
        Event::Started { .. }
        | Event::Checked(_)
        | Event::Confirmed { .. }
        | Event::Approved { .. }
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::RolledBack { .. }
        | Event::RollbackUpdated { .. }
        | Event::Reopened { .. }
        | Event::Superseded { .. }
        | Event::Overridden { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. } => return Err(again("it is about no incident")),
    })
}

#[cfg(test)]
mod tests;
