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

/// A plan's file name, as entries hold it.
#[must_use]
pub fn plan_name(plan: &Path) -> String {
    let name = plan.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Why a ledger is not this plan's: it is that of another release, or of a plan whose file differs only by its extension.
#[must_use]
pub fn not_of_this_plan(loaded: &LoadedPlan, ledger: &Ledger) -> Option<String> {
    of_another_release(loaded, ledger).or_else(|| of_another_file(&loaded.path, ledger))
}

/// `p.yaml` and `p.yml` have the same place for a ledger, and never share one (T8). A ledger that was moved along with its
/// plan to another name stays that plan's.
fn of_another_file(plan: &Path, ledger: &Ledger) -> Option<String> {
    let now = plan_name(plan);
    let then = ledger.entries().last()?.plan.as_str();
    let is_beside = Path::new(then).file_stem() == plan.file_stem();
    let path = journal(plan);
    (is_beside && now != then).then(|| {
        format!(
            "{} is the ledger of {then}, not of {now}: name the plan {then}, or give this one another name and with it a ledger of its own",
            path.path().display()
        )
    })
}

/// It holds checks of another release: what people did for one counts for no other.
fn of_another_release(loaded: &LoadedPlan, ledger: &Ledger) -> Option<String> {
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
