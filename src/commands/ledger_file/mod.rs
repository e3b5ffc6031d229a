//! The ledger of a plan: where it is, whether it may be used, and what to say if it may not. Must not decide what is recorded.
//!
//! `agreement` (ledger and records hold each other) · `elsewhere` (a ledger under another name) · `left` (one that may be the plan's) · `objection` (what speaks against a ledger, in words) · `places` (where
//! records are looked for) · `linked` (other names of the plan's file) · `records` (their beginnings) · `known` (what a check knows of it) ·
//! `witnessed` (entries and the records that are there) · `moved` (plans and ledgers apart, in words) ·
//! `rest` (a long ledger of which recorded answers keep a part).

pub mod agreement;
pub mod elsewhere;
pub mod known;
mod left;
pub mod linked;
mod moved;
pub mod objection;
pub mod places;
pub mod records;
pub mod rest;
pub mod witnessed;

use std::io;
use std::path::Path;

use super::diagnostics::say;
use super::load::LoadedPlan;
use crate::exit::Exit;
use crate::ledger::{Chain, Damage, Occasion, PlanThen};
use crate::output::{Appended, JournalError, RecordError, ToRecord};
use crate::rollout::steps::quoted;

pub use super::home::paths::{folder, name, without_dot};
pub use super::home::{Home, Unusable};
pub use crate::output::MAX_LEDGER_BYTES as MAX_BYTES;

/// Reads and verifies the ledger of a plan; `None` if there is none.
///
/// # Errors
/// A file that cannot be read, or is broken.
pub fn read(loaded: &LoadedPlan) -> Result<Option<Chain>, JournalError> {
    loaded.home.journal().read()
}

/// The same, and proves that the ledger can be appended to. Call it before any source is asked.
///
/// # Errors
/// A file that cannot be read or written, or is broken.
pub fn prove(loaded: &LoadedPlan) -> Result<Option<Chain>, JournalError> {
    loaded.home.journal().prove()
}

/// Records what `decide` makes of the ledger as it is, under its lock.
///
/// # Errors
/// A refusal by `decide`, or a file that does not allow it.
pub fn record<R, D: Into<ToRecord>>(
    loaded: &LoadedPlan,
    occasion: &Occasion,
    decide: impl Fn(&Chain) -> Result<D, R>,
) -> Result<Appended, RecordError<R>> {
    loaded.home.journal().append(occasion, decide)
}

/// The same for what is better not done in vain: see [`crate::output::Journal::append_held`].
///
/// # Errors
/// As [`record`].
pub fn record_held<R, D: Into<ToRecord>>(
    home: &Home,
    occasion: &Occasion,
    decide: impl FnMut(&Chain) -> Result<D, R>,
) -> Result<Appended, RecordError<R>> {
    home.journal().append_held(occasion, decide)
}

/// Says that a ledger begins: where one was expected, it is kept elsewhere.
pub fn announce(appended: &Appended, home: &Home) {
    if appended.begins() {
        say(&format!(
            "a new ledger begins: {}; if this rollout was recorded before, that is elsewhere",
            home.shown()
        ));
    }
}

/// A plan's file name, as entries hold it.
#[must_use]
pub fn plan_name(plan: &Path) -> String {
    let name = plan.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// A plan as entries hold it that are written now.
#[must_use]
pub fn plan_now(loaded: &LoadedPlan) -> PlanThen {
    let release = &loaded.plan.release;
    PlanThen {
        file: plan_name(&loaded.path),
        sha256: Some(loaded.sha256.clone()),
        release: Some(release.name.clone()),
        version: release.version.clone(),
    }
}

/// The message: what was decided (`no verdict was reached`, `nothing was recorded`), where and what is wrong, what to do.
#[must_use]
pub fn trouble(decided: &str, plan: &Path, error: &JournalError) -> String {
    let plan = plan.display();
    let advice = match error {
        JournalError::Broken { source, .. } if source.damage == Damage::Torn => {
            format!("take the torn line out with `gate ledger {plan} repair`")
        }
        JournalError::Broken { source, .. } if sides(&source.damage).is_some() => {
            "keep one side, import the other".to_owned()
        }
        JournalError::Broken { source, .. } if source.damage == Damage::Older => {
            "look at what it stopped or signed, then move it away with its evidence".to_owned()
        }
        JournalError::Broken { .. } => {
            format!("see `gate ledger {plan} verify`, and restore it")
        }
        JournalError::BrokenThere { .. } => {
            "put the version before it back there (the branch's last whole commit, the bucket's last whole version), or record in another branch or prefix under `records`".to_owned()
        }
        JournalError::Shared { advice, .. } => advice.clone(),
        JournalError::SetBack { is_beginning, .. } if *is_beginning => {
            "bring back what was seen".to_owned()
        }
        JournalError::SetBack { .. } => "look at both".to_owned(),
        JournalError::Uncopied { source, .. } => match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
            io::ErrorKind::TimedOut => "look for a process that hangs",
            _ => "make it writable, or set XDG_CACHE_HOME to a folder that is",
        }
        .to_owned(),
        JournalError::Part { .. } => format!("see `gate ledger {plan} verify`"),
        JournalError::Read { source, .. } => remedy(source, "make it readable"),
        JournalError::Write { source, .. } if is_unwritable(source) => {
            "make it writable, or keep the records elsewhere: --records PLACE".to_owned()
        }
        JournalError::Write { source, .. } => remedy(source, "make it writable"),
        JournalError::Entry { .. } => "word it differently".to_owned(),
    };
    format!("{decided}: {error}; {advice}")
}

/// Says why something was not done, if the ledger of a plan is what stood in the way, and returns the exit code.
pub fn say_unusable(error: &anyhow::Error) -> Option<Exit> {
    let Unusable {
        decided,
        plan,
        error,
    } = error.downcast_ref()?;
    say_trouble(decided, plan, error);
    Some(Exit::Unrecorded)
}

/// How what was seen here gets back to its place, each command on a line of its own.
fn ways_back(plan: &str, copy: &Path, there: usize, is_beginning: bool) -> Vec<String> {
    let plan = quoted(plan);
    let seen = quoted(&copy.to_string_lossy());
    let mut lines = vec![format!("what was seen is kept: {seen}")];
    if !is_beginning {
        lines.push("after a look move it away, and add what only it has".to_owned());
        lines.push(format!("  mv {seen} seen.jsonl"));
        lines.push(format!("  gate ledger {plan} import seen.jsonl"));
        return lines;
    }
    let from = quoted(&folder(copy).to_string_lossy());
    lines.push(format!("  gate records {plan} import {from}"));
    if there == 0 {
        lines.push("or, if it was given up, begin a new one".to_owned());
        lines.push(format!("  gate ledger {plan} begin --why <reason>"));
    }
    lines
}

/// Says it; where two clones recorded in one file, with the commands that bring together what both did.
pub fn say_trouble(decided: &str, plan: &Path, error: &JournalError) {
    say(&trouble(decided, plan, error));
    if let JournalError::SetBack {
        copy,
        there,
        is_beginning,
        ..
    } = error
    {
        for line in ways_back(&plan.to_string_lossy(), copy, *there, *is_beginning) {
            say(&line);
        }
    }
    let JournalError::Broken { path, source } = error else {
        return;
    };
    let Some((ours, theirs)) = sides(&source.damage) else {
        return;
    };
    let (at, ledger) = (without_dot(folder(path)), name(path));
    let git = match at.as_str() {
        "" | "." => "git".to_owned(),
        at => format!("git -C {}", quoted(at)),
    };
    let show = quoted(&format!("{theirs}:./{ledger}"));
    say(&format!("  {git} show {show} > other.jsonl"));
    say(&format!("  {git} checkout {ours} -- {}", quoted(&ledger)));
    let plan = quoted(&plan.to_string_lossy());
    say(&format!("  gate ledger {plan} import other.jsonl"));
    say("with `records: git` in the plan, clones share a ledger");
}

/// Git's words for what the one and the other clone recorded, where both are in one file.
fn sides(damage: &Damage) -> Option<(&'static str, &'static str)> {
    match damage {
        Damage::Conflict => Some(("--ours", ":3")),
        Damage::Merged(_) => Some(("HEAD^1", "HEAD^2")),
        Damage::Torn
        | Damage::Changed
        | Damage::Form(_)
        | Damage::Older
        | Damage::SetAside(_)
        | Damage::Number { .. }
        | Damage::Unchained => None,
    }
}

/// Whether a place does not let anybody write, such as a read-only mount.
pub fn is_unwritable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
    )
}

/// What to do about a file that cannot be read or written.
fn remedy(error: &io::Error, otherwise: &str) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::InvalidInput => "put a regular file in its place",
        io::ErrorKind::FileTooLarge => {
            "move it away together with its evidence, and begin a new one"
        }
        io::ErrorKind::NotFound => "create it, or name another place (git, s3://…, gs://…, az://…)",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
        io::ErrorKind::TimedOut => "look for a process that hangs",
        _ => otherwise,
    };
    remedy.to_owned()
}
