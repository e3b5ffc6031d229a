//! The ledger of a plan: where it is, and what to say if it cannot be used. Must not decide what is recorded.

pub mod known;

use std::io;
use std::path::{Path, PathBuf};

use super::load::LoadedPlan;
use crate::ledger::{Chain, Damage, Event, Ledger, Occasion};
use crate::output::{Appended, Journal, JournalError, RecordError};
use crate::rollout::History;

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
    decide: impl Fn(&Ledger) -> Result<Vec<Event>, R>,
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

/// Why a ledger is not this plan's: it holds checks of another release. What people did for one counts for no other.
#[must_use]
pub fn of_another_release(loaded: &LoadedPlan, ledger: &Ledger) -> Option<String> {
    let (now, then) = (
        loaded.plan.release.id(),
        History::of(Some(ledger)).release()?,
    );
    let path = journal(&loaded.path);
    (now != then).then(|| {
        format!(
            "{} is the ledger of {then}, but the plan is for {now}; what people did for one release counts for no other: move the ledger away to begin a new one",
            path.path().display()
        )
    })
}

/// The message: what was decided (`no verdict was reached`, `nothing was recorded`), where and what is wrong, what to do.
#[must_use]
pub fn trouble(decided: &str, plan: &Path, error: &JournalError) -> String {
    let plan = plan.display();
    let advice = match error {
        JournalError::Broken { source, .. } if source.damage == Damage::Torn => {
            format!("take the torn line out with `gate ledger {plan} repair`")
        }
        JournalError::Broken { .. } => {
            format!("see `gate ledger {plan} verify`, and restore the file")
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
