//! `gate ledger`: shows what was recorded, verifies that nothing was changed, repairs a torn last line, begins a new ledger in the place
//! of one that is gone, and imports what another machine recorded. Only that reads the plan: a record must stay readable after its
//! plan has changed.

mod begin;
mod brought;
mod import;

use super::deeds::spoken;
use super::diagnostics::say;
use super::ledger_file::agreement::Witnesses;
use super::ledger_file::objection::Objection;
use super::ledger_file::{self, Home, folder, say_trouble};
use super::surroundings::Surroundings;
use super::who::signer;
use crate::cli::{EntriesFormat, LedgerAction, LedgerArgs};
use crate::exit::Exit;
use crate::ledger::{Chain, Occasion};
use crate::output::{JournalError, OutputError, RecordError, Repair, print_stdout};
use crate::report::{entries, escape};
use crate::rollout::History;

/// Shows, verifies or repairs the ledger of a plan.
pub fn ledger(arguments: &LedgerArgs, surroundings: &Surroundings) -> Exit {
    let home = match Home::of_path(&arguments.plan, surroundings) {
        Ok(home) => home,
        Err(why) => {
            say(&format!("the ledger is not found: {why}"));
            return Exit::Usage;
        }
    };
    if let (Some(other), true) = (
        &arguments.other,
        arguments.action != Some(LedgerAction::Import),
    ) {
        let other = other.display();
        say(&format!("nothing was done: `{other}` is only for `import`"));
        return Exit::Usage;
    }
    let outcome = match arguments.action {
        None => show(arguments, &home, surroundings),
        Some(LedgerAction::Verify) => verify(arguments, &home),
        Some(LedgerAction::Repair) => repair(arguments, &home, surroundings),
        Some(LedgerAction::Begin) => begin::begin(arguments, &home, surroundings),
        Some(LedgerAction::Import) => import::import(arguments, surroundings),
    };
    outcome.unwrap_or_else(|exit| exit)
}

fn show(arguments: &LedgerArgs, home: &Home, surroundings: &Surroundings) -> Result<Exit, Exit> {
    let (chain, allowed) = held("nothing is shown", arguments, home)?;
    if chain.is_none() && allowed.is_ok() {
        nothing_recorded(arguments, home)?;
    }
    let chain = chain.unwrap_or_default();
    if let Some(backwards) = History::of(Some(chain.ledger())).backwards_in_words() {
        say(&backwards);
    }
    let kept = chain.ledger().entries().len();
    let found = chain
        .ledger()
        .filter(arguments.stage.as_deref(), &arguments.kinds);
    if found.len() < kept {
        say(&format!("{} of {}", found.len(), counted(kept)));
    }
    // Whoever has to settle a dispute needs to see the entries.
    let printed = printed(&shown(&chain, arguments, surroundings))?;
    let plan = arguments.plan.to_string_lossy();
    allowed.map_err(|objection| objection.say("nothing rests on this ledger", &plan))?;
    Ok(printed)
}

/// The ledger, and whether it may be used.
fn held(
    decided: &str,
    arguments: &LedgerArgs,
    home: &Home,
) -> Result<(Option<Chain>, Result<(), Objection>), Exit> {
    let witnesses = Witnesses::of_ledger(&arguments.plan, home, &arguments.folders);
    let read = witnesses.read(|| home.journal().read());
    read.map_err(|error| fail(decided, arguments, &error))
}

/// A plan without a ledger is one thing, a typo in its path another.
fn nothing_recorded(arguments: &LedgerArgs, home: &Home) -> Result<(), Exit> {
    let ledger = escape(&home.shown());
    if arguments.plan.symlink_metadata().is_ok() {
        say(&format!("nothing has been recorded: there is no {ledger}"));
        return Ok(());
    }
    say(&format!(
        "nothing is shown: there is neither a plan {} nor a ledger {ledger}; name the plan that the ledger belongs to",
        arguments.plan.display()
    ));
    Err(Exit::Usage)
}

fn shown(chain: &Chain, arguments: &LedgerArgs, surroundings: &Surroundings) -> String {
    let found = chain
        .ledger()
        .filter(arguments.stage.as_deref(), &arguments.kinds);
    match arguments.format {
        EntriesFormat::Text => entries(&found, &surroundings.stdout.style()),
        EntriesFormat::Json => {
            let lines = (1..)
                .zip(chain.lines())
                .filter(|(number, _)| found.iter().any(|entry| entry.number == *number));
            let lines: Vec<&str> = lines.map(|(_, line)| line).collect();
            format!("[{}]\n", lines.join(",\n"))
        }
    }
}

fn verify(arguments: &LedgerArgs, home: &Home) -> Result<Exit, Exit> {
    let (chain, allowed) = held("the ledger is not verified", arguments, home)?;
    let path = escape(&home.shown());
    let plan = arguments.plan.to_string_lossy();
    let decided = match &chain {
        Some(_) => "every line is verified, but not the ledger",
        None => "the ledger is not verified",
    };
    allowed.map_err(|objection| objection.say(decided, &plan))?;
    let Some(chain) = chain else {
        say(&format!("the ledger is not verified: there is no {path}"));
        return Err(Exit::NoGo);
    };
    let count = counted(chain.ledger().entries().len());
    printed(&format!(
        "{path}: {count}, every line verified\nhead sha256 {}\n",
        chain.head()
    ))
}

fn repair(arguments: &LedgerArgs, home: &Home, surroundings: &Surroundings) -> Result<Exit, Exit> {
    let path = escape(&home.shown());
    if home.ledger().symlink_metadata().is_err() {
        say(&format!("nothing was repaired: there is no {path}"));
        return Err(Exit::NoGo);
    }
    if home.is_shared().is_some() {
        // The copy is not the ledger: what it would gain is nowhere else.
        say(&format!(
            "nothing was repaired: {} is written whole or not at all\n  if it is broken, put the version before it back there",
            home.shown()
        ));
        return Err(Exit::Usage);
    }
    let occasion = occasion("nothing was repaired", arguments, home, surroundings)?;
    // What stays is held against the records first: a repair settles nothing else.
    let witnesses = Witnesses::of_ledger(&arguments.plan, home, &arguments.folders);
    let repaired = home
        .journal()
        .repair(&occasion, |chain| witnesses.allow(Some(chain)));
    let repaired = repaired.map_err(|error| match error {
        RecordError::Refused(objection) => {
            objection.say("nothing was repaired", &arguments.plan.to_string_lossy())
        }
        RecordError::Journal(error) => fail("nothing was repaired", arguments, &error),
    })?;
    let (chain, done) = match &repaired {
        Repair::NotNeeded(chain) => (chain, "there was nothing to repair".to_owned()),
        Repair::Ended(chain) => (chain, "the last entry got its line end".to_owned()),
        Repair::TakenOut(chain) => (
            chain,
            format!(
                "a torn line was taken out; its text is in entry {}",
                chain.ledger().entries().len()
            ),
        ),
    };
    let count = counted(chain.ledger().entries().len());
    printed(&format!(
        "{path}: {done}: {count}, every line verified\nhead sha256 {}\n",
        chain.head()
    ))
}

/// Who, when and why; `otherwise` is what was decided if nobody is named.
fn occasion(
    otherwise: &str,
    arguments: &LedgerArgs,
    home: &Home,
    surroundings: &Surroundings,
) -> Result<Occasion, Exit> {
    let by = signer(arguments.by.as_deref(), folder(home.ledger())).map_err(|reason| {
        say(&format!("{otherwise}: {reason}"));
        Exit::Usage
    })?;
    let occasion = Occasion {
        at: surroundings.now,
        by,
        // It is not read.
        plan: ledger_file::plan_name(&arguments.plan).as_str().into(),
        why: arguments
            .why
            .as_deref()
            .unwrap_or_default()
            .trim()
            .to_owned(),
        links: Vec::new(),
        nonce: None,
    };
    spoken::harmless(&occasion, &[]).map_err(|refusal| {
        say(&format!("{otherwise}: {}", refusal.told()));
        refusal.exit()
    })?;
    Ok(occasion)
}

/// Reports what is wrong, and returns the exit code: a broken ledger is a finding, one that cannot be read or written
/// is a failure.
fn fail(decided: &str, arguments: &LedgerArgs, error: &JournalError) -> Exit {
    say_trouble(decided, &arguments.plan, error);
    match error {
        JournalError::Broken { .. } | JournalError::BrokenThere { .. } => Exit::NoGo,
        JournalError::Read { .. }
        | JournalError::Write { .. }
        | JournalError::Part { .. }
        | JournalError::Shared { .. }
        | JournalError::SetBack { .. }
        | JournalError::Uncopied { .. }
        | JournalError::Entry { .. } => Exit::Unrecorded,
    }
}

fn printed(text: &str) -> Result<Exit, Exit> {
    let Err(error) = print_stdout(text) else {
        return Ok(Exit::Go);
    };
    say(&if let OutputError::Stdout(error) = error {
        format!("standard output cannot be written: {error}")
    } else {
        error.to_string()
    });
    Err(Exit::Unrecorded)
}

pub(super) fn counted(entries: usize) -> String {
    match entries {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    }
}
