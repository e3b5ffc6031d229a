//! `gate records`: where the ledger and the evidence of a plan are kept, what is there, and how it gets from one place to another.
//! Must not judge what the entries say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::bounded;
use super::diagnostics::say;
use super::ledger::counted;
use super::ledger_file::agreement::Witnesses;
use super::ledger_file::objection::Objection;
use super::ledger_file::records::is_record;
use super::ledger_file::{self, Home, without_dot};
use super::surroundings::Surroundings;
use super::who::signer;
use crate::cli::{RecordsAction, RecordsArgs};
use crate::exit::Exit;
use crate::ledger::{Chain, file_name};
use crate::output::{
    JournalError, RecordError, ToKeep, draft_of, make_new_folder, print_stdout, write_new,
};
use crate::report::escape;
use crate::rollout::steps::quoted;

/// Shows, brings or copies the records of a plan.
pub fn records(arguments: &RecordsArgs, surroundings: &Surroundings) -> Exit {
    let (plan, decided) = (arguments.plan.as_path(), decided(arguments.action.as_ref()));
    let done = Home::of_path(plan, surroundings)
        .map_err(Stopped::Usage)
        .and_then(|home| match &arguments.action {
            None | Some(RecordsAction::Status) => status(plan, &home),
            Some(RecordsAction::Import { from, by }) => import(plan, &home, from, by.as_deref()),
            Some(RecordsAction::Export { to }) => export(&home, to),
        });
    match done {
        Ok(text) => match print_stdout(&text) {
            Ok(()) => Exit::Go,
            Err(error) => {
                say(&error.to_string());
                Exit::Unrecorded
            }
        },
        Err(Stopped::Usage(why)) => {
            say(&format!("{decided}: {why}"));
            Exit::Usage
        }
        Err(Stopped::Refused(why)) => {
            say(&format!("{decided}: {why}"));
            Exit::Refused
        }
        Err(Stopped::Objected(objection)) => objection.say(decided, &plan.to_string_lossy()),
        Err(Stopped::Journal(error)) => {
            ledger_file::say_trouble(decided, plan, &error);
            Exit::Unrecorded
        }
        Err(Stopped::File(path, why)) => {
            let path = escape(&path.to_string_lossy());
            say(&format!("{decided}: `{path}`: {why}"));
            Exit::Unrecorded
        }
    }
}

/// Why nothing was shown, brought or copied.
enum Stopped {
    Usage(String),
    Refused(String),
    Journal(JournalError),
    /// Records speak against the ledger.
    Objected(Objection),
    File(PathBuf, String),
}

impl From<JournalError> for Stopped {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

fn decided(action: Option<&RecordsAction>) -> &'static str {
    match action {
        None | Some(RecordsAction::Status) => "nothing is shown",
        Some(RecordsAction::Import { .. }) => "nothing was imported",
        Some(RecordsAction::Export { .. }) => "nothing was exported",
    }
}

fn status(plan: &Path, home: &Home) -> Result<String, Stopped> {
    // What other commands refuse to rest on is not well here either.
    let witnesses = Witnesses::of_ledger(plan, home, &[]);
    let (chain, allowed) = witnesses.read(|| home.journal().read())?;
    allowed.map_err(Stopped::Objected)?;
    if chain.is_none() && plan.symlink_metadata().is_err() {
        return Err(Stopped::Usage(format!(
            "there is neither a plan {} nor a ledger {}",
            escape(&plan.to_string_lossy()),
            escape(&home.shown())
        )));
    }
    let mut text = format!("{}\n", home.shown());
    if let Some(shared) = home.is_shared() {
        text += &format!("  {}\n", escape(&shared.probe()?));
        text += &format!("  copies: {}\n", escape(&home.folder().to_string_lossy()));
    }
    let Some(chain) = chain else {
        return Ok(text + "  no ledger: the first command that records something begins it\n");
    };
    let copies = evidence(&home.evidence())?;
    let files = match home.is_shared() {
        Some(shared) => shared.files()?,
        None => copies.clone(),
    };
    let named = named(&chain);
    let records = files.union(&copies).filter(|file| is_record(file));
    let orphans: Vec<&String> = records
        .filter(|file| !named.contains(file.as_str()))
        .collect();
    let entries = chain.lines().len();
    text += &format!(
        "  ledger: {}, head sha256 {}\n",
        counted(entries),
        chain.head()
    );
    text += &format!(
        "  evidence: {}, {} of {} records that entries name\n",
        counted_files(files.len()),
        named.iter().filter(|name| files.contains(**name)).count(),
        named.len()
    );
    let alone = copies.difference(&files).count();
    if alone > 0 {
        text += &format!(
            "  {} of evidence only on this machine\n",
            counted_files(alone)
        );
    }
    for orphan in &orphans {
        text += &format!("  no entry names {}\n", escape(orphan));
    }
    if !orphans.is_empty() {
        text += "  leave these where they are, or move them away if they are of another rollout\n";
    }
    Ok(text + &format!("next: gate status {}\n", shown(plan)))
}

/// A plan as people copy it into a command.
fn shown(plan: &Path) -> String {
    escape(&quoted(&plan.to_string_lossy()))
}

fn import(plan: &Path, home: &Home, from: &Path, by: Option<&str>) -> Result<String, Stopped> {
    let brought = home.of_folder(from);
    let unread = |path: &Path, error: std::io::Error| {
        Stopped::File(path.to_owned(), format!("it cannot be read: {error}"))
    };
    let lines = bounded::read(brought.ledger(), ledger_file::MAX_BYTES)
        .map_err(|error| unread(brought.ledger(), error))?;
    let by = signer(by, from).map_err(Stopped::Usage)?;
    let folder = brought.evidence();
    let files = evidence(&folder)?;
    let files: Vec<ToKeep> = files
        .iter()
        .map(|name| ToKeep::of(&folder.join(name)))
        .collect();
    match home.journal().extend(&lines, &files, &by.name) {
        Ok(chain) => Ok(format!(
            "{}: {} and {} of evidence are there now\n{}next: gate status {}\n",
            home.shown(),
            counted(chain.lines().len()),
            counted_files(files.len()),
            to_remove(plan, home, &brought),
            shown(plan)
        )),
        Err(RecordError::Refused(_)) => Err(Stopped::Refused(format!(
            "{} holds another ledger, or a longer one: it is not the beginning of {}; see `gate ledger PLAN`, here and there",
            home.shown(),
            escape(&brought.ledger().to_string_lossy())
        ))),
        Err(RecordError::Journal(error)) => Err(error.into()),
    }
}

/// What is beside the plan may be removed once it was brought elsewhere: two ledgers are one too many.
fn to_remove(plan: &Path, home: &Home, brought: &Home) -> String {
    let is_beside = home
        .left_beside(plan)
        .is_some_and(|left| left.canonicalize().ok() == brought.ledger().canonicalize().ok());
    if !is_beside {
        return String::new();
    }
    let path = |path: &Path| escape(&quoted(&without_dot(path)));
    format!(
        "what is beside the plan may be removed now: rm -r {} {}\n",
        path(brought.ledger()),
        path(&brought.evidence())
    )
}

fn export(home: &Home, to: &Path) -> Result<String, Stopped> {
    let chain = home.journal().read()?;
    let Some(chain) = chain else {
        return Err(Stopped::Refused(format!(
            "{} holds no ledger",
            home.shown()
        )));
    };
    if to.symlink_metadata().is_ok() {
        return Err(Stopped::Usage(format!(
            "`{}` is there already: name a folder that is not there yet",
            escape(&to.to_string_lossy())
        )));
    }
    // Whole or not at all: what is there already would stand in the way of the next try.
    let draft = draft_of(to);
    let files = copy_to(home, &chain, &draft).inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&draft);
    })?;
    std::fs::rename(&draft, to).map_err(|error| Stopped::File(to.to_owned(), error.to_string()))?;
    Ok(format!(
        "{}: {} and {} of evidence were copied\nnext, to look at the copy: gate verify {}\n",
        escape(&to.to_string_lossy()),
        counted(chain.lines().len()),
        counted_files(files),
        escape(&quoted(&home.of_folder(to).evidence().to_string_lossy()))
    ))
}

/// Ledger and evidence in a folder that is not there yet; how many files of evidence there are.
fn copy_to(home: &Home, chain: &Chain, to: &Path) -> Result<usize, Stopped> {
    let target = home.of_folder(to);
    let failed = |error: &dyn std::fmt::Display| Stopped::File(to.to_owned(), error.to_string());
    make_new_folder(to).map_err(|error| failed(&error))?;
    make_new_folder(&target.evidence()).map_err(|error| failed(&error))?;
    let files = evidence(&home.evidence())?;
    for name in &files {
        let from = home.evidence().join(name);
        let bytes = bounded::read(&from, bounded::MAX_BYTES);
        let bytes = bytes.map_err(|error| Stopped::File(from.clone(), error.to_string()))?;
        write_new(&target.evidence().join(name), &bytes).map_err(|error| failed(&error))?;
    }
    let lines = chain
        .lines()
        .fold(String::new(), |text, line| text + line + "\n");
    write_new(target.ledger(), lines.as_bytes()).map_err(|error| failed(&error))?;
    Ok(files.len())
}

fn counted_files(files: usize) -> String {
    match files {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}

/// The names of the records that entries name.
fn named(chain: &Chain) -> BTreeSet<&str> {
    let entries = chain.ledger().entries().iter();
    let checked = entries.filter_map(|entry| entry.event.checked());
    let own = checked.map(|checked| file_name(&checked.evidence_path));
    own.collect()
}

/// The files of a folder of evidence, by name, without drafts. One that is not there holds none.
fn evidence(folder: &Path) -> Result<BTreeSet<String>, Stopped> {
    let failed = |error: std::io::Error| Stopped::File(folder.to_owned(), error.to_string());
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let is_file = entry.file_type().map_err(failed)?.is_file();
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_draft = draft_of(Path::new("x")).extension() == Path::new(&name).extension();
        if is_file && !is_draft {
            names.insert(name);
        }
    }
    Ok(names)
}
