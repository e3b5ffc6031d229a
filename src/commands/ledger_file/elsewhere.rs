//! A ledger under another name than its records say: it was renamed together with its plan, or moved away when the next release
//! began. Must not take one that does not name the record.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::MAX_BYTES;
use super::places::LEDGER;
use super::{Home, folder};
use crate::commands::bounded;
use crate::ledger::{Chain, LedgerError, PlanThen, line};
use crate::output::JournalError;
use crate::plan::release_id;
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

/// A ledger whose plan is gone.
#[derive(Debug)]
pub struct Left<L> {
    /// Where it is.
    pub ledger: L,
    /// The plan's name there.
    pub of: String,
    /// What is wrong with the ledger, if it is broken: then nobody knows what it stopped.
    pub broken: Option<LedgerError>,
}

/// A ledger beside a plan that is not its own, but of the same release, and whose plan is gone.
pub fn left_behind(plan: &Path, home: &Home, release: &str) -> Option<Left<PathBuf>> {
    let own = home.ledger().to_owned();
    let mut others = in_folder(folder(&own))
        .into_iter()
        .filter(|path| *path != own);
    let gone = |ledger: PathBuf| {
        let bytes = bounded::read(&ledger, MAX_BYTES).ok()?;
        let (of, broken) = plan_of_release(&ledger, &bytes, release)?;
        let is_gone = plan.with_file_name(&of).symlink_metadata().is_err();
        is_gone.then_some(Left { ledger, of, broken })
    };
    others.find_map(gone)
}

/// A ledger in a place that several machines share, of the same release, whose plan is not where it was. Both as the place has them.
///
/// # Errors
/// A place that cannot be read.
pub fn left_there(home: &Home, release: &str) -> Result<Option<Left<String>>, JournalError> {
    let Some(shared) = home.is_shared() else {
        return Ok(None);
    };
    let gone = |(ledger, bytes): (String, Vec<u8>)| {
        let (of, broken) = plan_of_release(Path::new(&ledger), &bytes, release)?;
        let plan = home.plan_there(&ledger, &of);
        let is_gone = plan.symlink_metadata().is_err();
        let of = Path::new(&ledger).with_file_name(of);
        let of = of.to_string_lossy().into_owned();
        is_gone.then_some(Left { ledger, of, broken })
    };
    Ok(shared.others()?.into_iter().find_map(gone))
}

/// The name of the plan of a ledger, if that is of a release; and what is wrong with the ledger. Of one that is broken, whatever line
/// names the release speaks for it: what was recorded after that may be what is damaged.
fn plan_of_release(
    ledger: &Path,
    bytes: &[u8],
    release: &str,
) -> Option<(String, Option<LedgerError>)> {
    let (of, broken) = match line::read(bytes) {
        Ok(chain) => {
            let is_same = History::of(Some(chain.ledger())).release().as_deref() == Some(release);
            let last = chain.ledger().entries().last().filter(|_| is_same)?;
            (last.plan.file.clone(), None)
        }
        Err(error) => {
            let of_release = |plan: &PlanThen| {
                let name = plan.release.as_deref();
                name.is_some_and(|name| release_id(name, plan.version.as_deref()) == release)
            };
            (
                plans_named(bytes).filter(of_release).last()?.file,
                Some(error),
            )
        }
    };
    is_its_own(ledger, &of).then_some((of, broken))
}

/// The plans that the lines of a broken ledger name, as far as they can be read, verified or not.
fn plans_named(bytes: &[u8]) -> impl Iterator<Item = PlanThen> {
    #[derive(Deserialize)]
    struct Line {
        plan: PlanThen,
    }
    let lines = bytes.split(|byte| *byte == b'\n');
    let read = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    read.map(|line| line.plan)
}

/// The plan of a ledger, in a folder of plans.
pub fn plan_of(ledger: &Path, plans: &Path) -> Option<PathBuf> {
    named_by(&read(ledger)?, ledger, plans)
}

fn named_by(chain: &Chain, ledger: &Path, plans: &Path) -> Option<PathBuf> {
    let of = &chain.ledger().entries().last()?.plan.file;
    is_its_own(ledger, of).then(|| plans.join(of))
}

/// Whether a ledger has the name of its plan: one that was moved away has not.
fn is_its_own(ledger: &Path, of: &str) -> bool {
    Home::beside(Path::new(of)).ledger().file_name() == ledger.file_name()
}

/// For which plan a ledger speaks, or for which record: one that cannot be read, or is broken, for none.
fn read(path: &Path) -> Option<Chain> {
    line::read(&bounded::read(path, MAX_BYTES).ok()?).ok()
}
