//! The records beside a plan, as far as they speak of its ledger: their beginnings are read, not whole files. Must not judge
//! what they say.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::commands::bounded;
use crate::evidence::v1::{Head, head};
use crate::evidence::{Claim, LedgerSeen};

/// Enough for the beginning of a record with a dozen links and variables.
const BEGINNING: usize = 4 * 1024;
/// Readers at a time: what takes time is opening the files.
const READERS: usize = 4;

/// The beginning of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordHead {
    /// Its file name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub head: Head,
    /// Its ledger.
    pub ledger: LedgerSeen,
    /// Whether its check was killed before the ledger was written: its draft is still there.
    pub is_unfinished: bool,
}

impl RecordHead {
    /// What it says of its ledger.
    pub fn claim(&self) -> Claim<'_> {
        Claim {
            evaluated_at: self.head.evaluated_at,
            verdict: self.head.verdict,
            ledger: &self.ledger,
        }
    }
}

/// Of the records in a folder, those that speak of a ledger of this name; sorted by name. A folder or a file that is not there
/// or cannot be read says nothing.
pub fn in_folder(folder: &Path, ledger: &str) -> Vec<RecordHead> {
    let names = names(folder);
    let records: Vec<&String> = names.iter().filter(|name| is_record(name)).collect();
    let pieces = records.chunks(records.len().div_ceil(READERS).max(1));
    std::thread::scope(|scope| {
        let read: Vec<_> = pieces
            .map(|piece| scope.spawn(|| heads(piece, &names, folder, ledger)))
            .collect();
        // A reader that fails must not look like a folder without records.
        let heads = read.into_iter().flat_map(|one| {
            one.join()
                .unwrap_or_else(|failure| std::panic::resume_unwind(failure))
        });
        heads.collect()
    })
}

fn heads(
    piece: &[&String],
    names: &BTreeSet<String>,
    folder: &Path,
    ledger: &str,
) -> Vec<RecordHead> {
    let heads = piece.iter().filter_map(|name| {
        let path = folder.join(name);
        let head = beginning(&path)?;
        let seen = head.ledger.clone().filter(|seen| seen.path == ledger)?;
        Some(RecordHead {
            is_unfinished: names.contains(&draft(name)),
            name: (*name).clone(),
            path,
            head,
            ledger: seen,
        })
    });
    heads.collect()
}

/// The names of the regular files in a folder, and of links to such files: stores of large files keep records so.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| {
        let kind = entry.file_type();
        kind.is_ok_and(|kind| kind.is_file() || kind.is_symlink() && entry.path().is_file())
    });
    files
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// What a check leaves beside its record if it is killed before it is recorded.
pub fn draft(name: &str) -> String {
    format!(".{name}.tmp")
}

/// Everything else that a check writes has more than one dot in its name, or another ending.
pub fn is_record(name: &str) -> bool {
    let stem = name.strip_suffix(".json");
    stem.is_some_and(|stem| !stem.is_empty() && !stem.contains('.'))
}

/// Of a file that is known to be a regular one: a thousand of them are to be read in a few milliseconds.
fn beginning(path: &Path) -> Option<Head> {
    let mut file = File::open(path).ok()?;
    let mut bytes = vec![0; BEGINNING];
    let count = file.read(&mut bytes).ok()?;
    bytes.truncate(count);
    head(&bytes).or_else(|| {
        // A long list of links or variables.
        let read = file.take(bounded::MAX_BYTES).read_to_end(&mut bytes);
        read.ok().and_then(|_| head(&bytes))
    })
}
