//! A ledger under another name than its records say: it was renamed together with its plan, or moved away when the next release
//! began. Must not take one that does not name the record.

use std::path::{Path, PathBuf};

use super::MAX_BYTES;
use super::places::LEDGER;
use crate::commands::bounded;
use crate::ledger::{Chain, line};

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

/// One that cannot be read, or is broken, names nothing.
fn read(path: &Path) -> Option<Chain> {
    line::read(&bounded::read(path, MAX_BYTES).ok()?).ok()
}
