//! A ledger under another name than its records say: it was renamed together with its plan, or moved away when the next release
//! began. Must not take one that does not name the record.

use std::path::{Path, PathBuf};

use super::MAX_BYTES;
use super::places::LEDGER;
use super::{Home, folder, name};
use crate::commands::bounded;
use crate::ledger::{Chain, line};
use crate::output::JournalError;
use crate::rollout::History;

/// The ledger in one of these folders with an entry for the record of this digest.
pub fn naming(folders: &[PathBuf], sha256: &str) -> Option<PathBuf> {
    let mut all = folders.iter().flat_map(|folder| in_folder(folder));
    all.find(|path| read(path).is_some_and(|chain| chain.ledger().entry_of(sha256).is_some()))
}

/// The ledgers in a folder, by name.
pub fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut found: Vec<PathBuf> = paths
        .filter(|path| path.to_string_lossy().ends_with(LEDGER))
        .collect();
    found.sort();
    found
}

/// A ledger beside a plan that is not its own, but of the same release, and whose plan is gone; and that plan's name.
pub fn left_behind(plan: &Path, home: &Home, release: &str) -> Option<(PathBuf, String)> {
    let own = home.ledger().to_owned();
    let others = in_folder(folder(&own))
        .into_iter()
        .filter(|path| *path != own);
    others
        .filter_map(|path| Some((of_a_plan_that_is_gone(&path, folder(plan), release)?, path)))
        .map(|(of, path)| (path, of))
        .next()
}

/// A ledger in a place that several machines share, of the same release, whose plan is not where it was; and that plan's name. Both
/// as the place has them.
///
/// # Errors
/// A place that cannot be read.
pub fn left_there(home: &Home, release: &str) -> Result<Option<(String, String)>, JournalError> {
    let Some(shared) = home.is_shared() else {
        return Ok(None);
    };
    let gone = |(ledger, chain): &(String, Chain)| {
        let of = &chain.ledger().entries().last()?.plan.file;
        let plan = home.plan_there(ledger, of);
        let is_its_own = Home::beside(&plan).ledger().file_name() == Path::new(ledger).file_name();
        let is_same = History::of(Some(chain.ledger())).release().as_deref() == Some(release);
        let is_gone = is_its_own && is_same && plan.symlink_metadata().is_err();
        let plan = Path::new(ledger).with_file_name(of);
        is_gone.then(|| (ledger.clone(), plan.to_string_lossy().into_owned()))
    };
    Ok(shared.others()?.iter().find_map(gone))
}

/// The plan of a ledger of this release, if it is not in its folder. A ledger that was moved away has not the name of its plan.
fn of_a_plan_that_is_gone(ledger: &Path, plans: &Path, release: &str) -> Option<String> {
    let chain = read(ledger)?;
    let is_same = History::of(Some(chain.ledger())).release().as_deref() == Some(release);
    let plan = named_by(&chain, ledger, plans)?;
    (is_same && plan.symlink_metadata().is_err()).then(|| name(&plan))
}

/// The plan of a ledger, in a folder of plans.
pub fn plan_of(ledger: &Path, plans: &Path) -> Option<PathBuf> {
    named_by(&read(ledger)?, ledger, plans)
}

fn named_by(chain: &Chain, ledger: &Path, plans: &Path) -> Option<PathBuf> {
    let of = &chain.ledger().entries().last()?.plan.file;
    let plan = plans.join(of);
    let is_its_own = Home::beside(&plan).ledger().file_name() == ledger.file_name();
    is_its_own.then_some(plan)
}

/// One that cannot be read, or is broken, names nothing.
fn read(path: &Path) -> Option<Chain> {
    line::read(&bounded::read(path, MAX_BYTES).ok()?).ok()
}
