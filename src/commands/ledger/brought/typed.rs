//! The command that records an entry, as somebody types it. Must not judge whether it may.

use std::path::{Path, PathBuf};

use crate::cli::{
    ApproveArgs, Command, ConfirmArgs, IncidentAction, IncidentArgs, NoteArgs, OverrideArgs,
    PauseArgs, QuestionArgs, Signed, StartArgs, Time, Until,
};
use crate::commands::deeds::Deed;
use crate::commands::deeds::refusal::Refusal;
use crate::commands::pause::Pause;
use crate::commands::resume::Resume;
use crate::ledger::{Answer, Entry, Event};

/// What is made of the deed that a command does; `None` if it is none that is brought.
pub(super) fn with_deed<R>(command: &Command, make: impl FnOnce(&dyn Deed) -> R) -> Option<R> {
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
        | Command::Watch(_)
        | Command::Init(_)
        | Command::Validate(_)
        | Command::Report(_)
        | Command::Verify(_)
        | Command::Import(_)
        | Command::Schema(_)
        | Command::Capture(_)
        | Command::Backtest(_)
        | Command::Tune(_)
        | Command::Rollback(_)
        | Command::Supersede(_)
        | Command::Status(_)
        | Command::Records(_)
        | Command::Ledger(_)
        | Command::Test(_)
        | Command::Explain(_)
        | Command::Completions(_)
        | Command::Man(_) => return None,
    })
}

/// An entry that only its command can record.
pub(super) fn again(why: &str) -> Refusal {
    Refusal::standing(format!("{why}: record it here with its command"))
}

/// The command that records an entry.
///
/// # Errors
/// Why nobody can type it here.
pub(super) fn command(entry: &Entry) -> Result<Command, Refusal> {
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
            takes_back: Some(_),
            ..
        } => Err(again("it takes back an entry by its number there")),
        Event::Noted {
            stage,
            text,
            checkpoint,
            role,
            reviewed_issues,
            lesson,
            takes_back: None,
        } => Ok(Command::Note(NoteArgs {
            plan,
            text: text.clone(),
            checkpoint: *checkpoint,
            lesson: *lesson,
            take_back: None,
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
            "it is a check, whose record speaks of that ledger: import the other way round; or check again here, and import then",
        )),
        Event::RolledBack { .. }
        | Event::RollbackUpdated { .. }
        | Event::Reopened { .. }
        | Event::Superseded { .. } => Err(again("it changes what other entries mean")),
        Event::Watch(_) => Err(Refusal::standing("it is about a watch on that machine")),
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
        | Event::Imported { .. }
        | Event::Watch(_) => Err(again("it rests on no gate")),
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
        | Event::Imported { .. }
        | Event::Watch(_) => return Err(again("it is about no incident")),
    })
}
