//! The ledgers that evidence is held against: where they are, and what is in them. Must not compare anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::point::Point;
use crate::commands::bounded;
use crate::commands::evidence_file::{EvidenceFile, above};
use crate::commands::ledger_file::MAX_BYTES;
use crate::ledger::{Chain, file_name, line};

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
}

impl Ledgers {
    /// Those beside the evidence, or the one that is named.
    pub fn of(named: Option<&Path>) -> Self {
        Self {
            named: named.map(Path::to_owned),
            read: BTreeMap::new(),
        }
    }

    /// The one at a place; why it cannot be used.
    pub fn at(&mut self, path: &Path) -> &Result<Chain, String> {
        let new = || read(path);
        self.read.entry(path.to_owned()).or_insert_with(new)
    }

    /// Those that were read, or are named.
    pub fn places(&self) -> impl Iterator<Item = PathBuf> {
        let read = self.read.keys().cloned();
        read.chain(self.named.clone())
    }

    /// Whether one is named.
    pub fn are_named(&self) -> bool {
        self.named.is_some()
    }

    /// Where the ledger of a record is: named, beside the plan, or copied to the evidence.
    pub fn place(&self, document: &Document, record: &EvidenceFile) -> Result<Place, Point> {
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
        let mut places = folders.map(|folder| folder.join(&seen.path));
        let is_name = file_name(&seen.path) == seen.path;
        let found = places.find(|place| is_name && place.symlink_metadata().is_ok());
        let beside = |path| Place {
            path,
            is_named: false,
        };
        found.map(beside).ok_or_else(|| {
            let says = format!(
                "{} ought to be beside the plan or the evidence, and is not: give --ledger FILE",
                seen.path
            );
            Point::not_shown("ledger", says)
        })
    }
}

fn read(path: &Path) -> Result<Chain, String> {
    let shown = path.display();
    let bytes = bounded::read(path, MAX_BYTES)
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    line::read(&bytes).map_err(|error| format!("{shown}: {error}"))
}
