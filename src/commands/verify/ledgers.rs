//! The ledgers that evidence is held against: where they are, and what is in them. Must not compare anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::document::Document;
use super::point::Point;
use crate::commands::bounded;
use crate::commands::evidence_file::{EvidenceFile, above};
use crate::commands::ledger_file::MAX_BYTES;
use crate::commands::ledger_file::elsewhere::in_folder;
use crate::ledger::{Chain, file_name, line};
use crate::rollout::History;

/// Where a ledger is.
pub struct Place {
    /// Its path.
    pub path: PathBuf,
    /// Whether somebody named it: it may have been copied to anywhere.
    pub is_named: bool,
}

/// Ledgers, each read once.
pub struct Ledgers {
    named: Option<PathBuf>,
    read: BTreeMap<PathBuf, Result<Chain, String>>,
    /// Those that records were held against.
    used: BTreeSet<PathBuf>,
}

impl Ledgers {
    /// Those beside the evidence, or the one that is named.
    pub fn of(named: Option<&Path>) -> Self {
        Self {
            named: named.map(Path::to_owned),
            read: BTreeMap::new(),
            used: named.map(Path::to_owned).into_iter().collect(),
        }
    }

    /// The one at a place; why it cannot be used.
    pub fn at(&mut self, path: &Path) -> &Result<Chain, String> {
        let new = || read(path);
        self.read.entry(path.to_owned()).or_insert_with(new)
    }

    /// Those that records were held against, or that are named.
    pub fn places(&self) -> impl Iterator<Item = PathBuf> {
        self.used.iter().cloned()
    }

    /// Whether one is named.
    pub fn are_named(&self) -> bool {
        self.named.is_some()
    }

    /// Where the ledger of a record is: named, beside the plan, or copied to the evidence; under the name that the record says or,
    /// if that one is gone or of another release, under another.
    pub fn place(&mut self, document: &Document, record: &EvidenceFile) -> Result<Place, Point> {
        if let Some(named) = &self.named {
            return Ok(Place {
                path: named.clone(),
                is_named: true,
            });
        }
        let Some(seen) = &record.evidence.ledger else {
            return Err(Point::absent("ledger", "the check read none"));
        };
        let root = document.root.as_deref();
        let near = root.map(|root| [above(root), root.to_owned()]);
        let folders = near.into_iter().flatten().chain(record.plan_folders());
        let folders: Vec<PathBuf> = folders.collect();
        let mut places = folders.iter().map(|folder| folder.join(&seen.path));
        let is_name = file_name(&seen.path) == seen.path;
        let found = places.find(|place| is_name && place.symlink_metadata().is_ok());
        let is_its = found
            .as_deref()
            .is_some_and(|found| self.is_of(found, record));
        let path = if is_its {
            found
        } else {
            self.naming(&folders, record).or(found)
        };
        let Some(path) = path else {
            let says = format!(
                "{} ought to be beside the plan or the evidence, and is not: {}; give --ledger FILE",
                seen.path,
                uncompared(seen.entries)
            );
            return Err(Point::not_shown("ledger", says));
        };
        self.used.insert(path.clone());
        Ok(Place {
            path,
            is_named: false,
        })
    }

    /// Whether a ledger may be that of a record: nobody can say of a broken one.
    fn is_of(&mut self, ledger: &Path, record: &EvidenceFile) -> bool {
        let chain = self.at(ledger).as_ref();
        chain.map_or(true, |chain| other_release(chain, record).is_none())
    }

    /// The ledger in one of these folders with an entry for a record.
    fn naming(&mut self, folders: &[PathBuf], record: &EvidenceFile) -> Option<PathBuf> {
        let mut all = folders.iter().flat_map(|folder| in_folder(folder));
        all.find(|path| {
            let chain = self.at(path).as_ref();
            chain.is_ok_and(|chain| chain.ledger().entry_of(&record.sha256).is_some())
        })
    }
}

/// That nobody looked whether entries are what a check saw.
fn uncompared(entries: u64) -> String {
    match entries {
        0 => "it was empty at that time".to_owned(),
        1 => "its 1 entry was not compared".to_owned(),
        count => format!("its {count} entries were not compared"),
    }
}

/// The release of a ledger, if it was never that of a record.
pub fn other_release(chain: &Chain, record: &EvidenceFile) -> Option<String> {
    let history = History::of(Some(chain.ledger()));
    let release = history.release()?;
    let is_its = history
        .releases()
        .contains(&record.evidence.plan.release.id());
    (!is_its).then_some(release)
}

/// A ledger as it is now.
///
/// # Errors
/// Why it cannot be used.
pub fn read(path: &Path) -> Result<Chain, String> {
    let shown = path.display();
    let bytes = bounded::read(path, MAX_BYTES)
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    line::read(&bytes).map_err(|error| format!("{shown}: {error}"))
}
