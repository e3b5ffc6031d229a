//! The ledger of a plan: where it is, whether it may be used, and what to say if it may not. Must not decide what is recorded.
//!
//! `agreement` (ledger and records hold each other) · `elsewhere` (a ledger under another name) · `objection` (what speaks against a ledger, in words) · `places` (where
//! records are looked for) · `linked` (other names of the plan's file) · `records` (their beginnings) · `known` (what a check knows of it).

pub mod agreement;
pub mod elsewhere;
pub mod known;
pub mod linked;
pub mod objection;
pub mod places;
pub mod records;

use std::io;
use std::path::{Path, PathBuf};

use super::load::LoadedPlan;
use crate::ledger::{Chain, Damage, Event, Occasion, PlanThen};
use crate::output::{Appended, Journal, JournalError, RecordError};

pub use crate::output::MAX_LEDGER_BYTES as MAX_BYTES;

/// `PLAN-STEM.ledger.jsonl` beside a plan.
#[must_use]
pub fn journal(plan: &Path) -> Journal {
    let stem = plan
        .file_stem()
        .map_or_else(|| "plan".into(), |stem| stem.to_string_lossy());
    let path: PathBuf = plan.with_file_name(format!("{stem}.ledger.jsonl"));
    Journal::at(path)
}

/// Reads and verifies the ledger of a plan; `None` if there is none.
///
/// # Errors
/// A file that cannot be read, or is broken.
pub fn read(loaded: &LoadedPlan) -> Result<Option<Chain>, JournalError> {
    journal(&loaded.path).read()
}

/// The same, and proves that the ledger can be appended to. Call it before any source is asked.
///
/// # Errors
/// A file that cannot be read or written, or is broken.
pub fn prove(loaded: &LoadedPlan) -> Result<Option<Chain>, JournalError> {
    journal(&loaded.path).prove()
}

/// Records what `decide` makes of the ledger as it is, under its lock.
///
/// # Errors
/// A refusal by `decide`, or a file that does not allow it.
pub fn record<R>(
    loaded: &LoadedPlan,
    occasion: &Occasion,
    decide: impl Fn(&Chain) -> Result<Vec<Event>, R>,
) -> Result<Appended, RecordError<R>> {
    journal(&loaded.path).append(occasion, decide)
}

/// The same for something that can be done only once: see [`Journal::append_once`].
///
/// # Errors
/// As [`record`].
pub fn record_once<R>(
    plan: &Path,
    occasion: &Occasion,
    decide: impl FnOnce(&Chain) -> Result<Vec<Event>, R>,
) -> Result<Appended, RecordError<R>> {
    journal(plan).append_once(occasion, decide)
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

/// The name of a ledger's file.
pub fn name(ledger: &Path) -> String {
    let name = ledger.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// A path as people would write it: without `./` in front.
pub fn without_dot(path: &Path) -> String {
    let shown = path.strip_prefix(".").unwrap_or(path);
    shown.to_string_lossy().into_owned()
}

/// The folder of a file.
pub fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
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
        JournalError::Broken { source, .. } if source.damage == Damage::Older => {
            "look at what it stopped or signed, then move it away with its evidence".to_owned()
        }
        JournalError::Broken { .. } => {
            format!("see `gate ledger {plan} verify`, and restore it")
        }
        JournalError::Part { .. } => format!("see `gate ledger {plan} verify`"),
        JournalError::Read { source, .. } => remedy(source, "make it readable"),
        JournalError::Write { source, .. } => remedy(source, "make it writable"),
        JournalError::Entry { .. } => "word it differently".to_owned(),
    };
    format!("{decided}: {error}; {advice}")
}

/// What to do about a file that cannot be read or written.
fn remedy(error: &io::Error, otherwise: &str) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::InvalidInput => "put a regular file in its place",
        io::ErrorKind::FileTooLarge => {
            "move it away together with its evidence, and begin a new one"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
        io::ErrorKind::TimedOut => "look for a process that hangs",
        _ => otherwise,
    };
    remedy.to_owned()
}
