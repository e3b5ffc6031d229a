//! Where the records of a rollout are looked for (T1): one list for all commands. Must not read a record.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{folder, name};
pub use crate::commands::home::paths::{LEDGER, own_folder};
use crate::ledger::{Chain, Event};

/// A folder in which there may be records of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// As it was given, or relative to the ledger.
    pub path: PathBuf,
    /// The file names of the records in it that entries of the ledger name.
    pub named: BTreeSet<&'a str>,
    /// Whether it is the plan's own: what is in it is of this plan, whatever it was called when the record was written.
    pub is_own: bool,
}

/// The folders, and how the ledger may be called by the records in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places<'a> {
    /// The plan's own folder first.
    pub folders: Vec<Place<'a>>,
    /// Which of them the folders are that entries write.
    written: BTreeMap<&'a str, usize>,
    /// The ledger's name, and those that it had when its plan was called otherwise.
    ledgers: BTreeSet<String>,
}

impl<'a> Places<'a> {
    /// The evidence folder of the ledger's plan and those that it had under earlier names; the given ones; and every folder in
    /// which an entry says that there is evidence.
    pub fn of(ledger: &Path, given: &[PathBuf], chain: &'a Chain) -> Self {
        let entries = chain.ledger().entries();
        let plans: BTreeSet<&str> = entries
            .iter()
            .map(|entry| entry.plan.file.as_str())
            .collect();
        let earlier = plans.iter().map(|plan| {
            let stem = Path::new(plan).file_stem().unwrap_or_default();
            stem.to_string_lossy().into_owned()
        });
        let stems: Vec<String> = earlier.collect();
        let mut found = Finder::beside(folder(ledger));
        found.add(own_folder(ledger));
        for stem in &stems {
            found.add(folder(ledger).join(format!("{stem}.evidence")));
        }
        for path in given {
            found.add(path.clone());
        }
        for entry in entries {
            found.add_evidence(&entry.event);
        }
        Self {
            folders: found.folders,
            written: found.by_written_path,
            ledgers: (stems.iter().map(|stem| format!("{stem}{LEDGER}")))
                .chain([name(ledger)])
                .collect(),
        }
    }

    /// The place of a record that an entry names.
    pub fn written(&self, evidence_path: &str) -> Option<usize> {
        self.written.get(split(evidence_path).0).copied()
    }

    /// Whether a record at a place, which names a ledger, means this one.
    pub fn means_this(&self, place: &Place<'_>, ledger: &str) -> bool {
        place.is_own || self.ledgers.contains(ledger)
    }
}

/// The folder and the name of a path, as entries write it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Collects folders, each once, however it is written.
struct Finder<'a> {
    ledger_folder: PathBuf,
    folders: Vec<Place<'a>>,
    by_real_path: BTreeMap<PathBuf, usize>,
    by_written_path: BTreeMap<&'a str, usize>,
}

impl<'a> Finder<'a> {
    fn beside(ledger_folder: &Path) -> Self {
        Self {
            ledger_folder: ledger_folder.to_owned(),
            folders: Vec::new(),
            by_real_path: BTreeMap::new(),
            by_written_path: BTreeMap::new(),
        }
    }

    /// Its index.
    fn add(&mut self, path: PathBuf) -> usize {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let next = self.folders.len();
        let index = *self.by_real_path.entry(real).or_insert(next);
        if index == next {
            self.folders.push(Place {
                path,
                named: BTreeSet::new(),
                is_own: next == 0,
            });
        }
        index
    }

    fn add_evidence(&mut self, event: &'a Event) {
        let checked = event.checked().map(|checked| &checked.evidence_path);
        let signed = || event.signed_evidence().map(|(path, _)| path);
        let path = checked.map(String::as_str).or_else(signed);
        let Some(path) = path.filter(|path| !path.is_empty()) else {
            return;
        };
        let (written, name) = split(path);
        let known = self.by_written_path.get(written).copied();
        let index = known.unwrap_or_else(|| self.add(self.ledger_folder.join(written)));
        self.by_written_path.insert(written, index);
        if checked.is_some()
            && let Some(place) = self.folders.get_mut(index)
        {
            place.named.insert(name);
        }
    }
}
