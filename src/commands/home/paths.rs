//! Names and folders of ledgers and evidence, as text and paths. Must not read a file.

use std::path::{Path, PathBuf};

/// The ending of a ledger's name, after the stem of its plan.
pub const LEDGER: &str = ".ledger.jsonl";

/// `PLAN-STEM.evidence` beside a ledger.
pub fn own_folder(ledger: &Path) -> PathBuf {
    let name = name(ledger);
    let stem = name.strip_suffix(LEDGER).unwrap_or(&name);
    folder(ledger).join(format!("{stem}.evidence"))
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

/// A folder with its links followed; as it is, if it is not there.
pub fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// The root of the repository that a folder is in.
pub fn repository(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
}

/// The path of a folder in the repository that it is in; empty, if it is in none.
pub fn below_root(folder: &Path) -> PathBuf {
    let below = repository(folder).and_then(|root| folder.strip_prefix(root).ok());
    below.map(Path::to_owned).unwrap_or_default()
}
