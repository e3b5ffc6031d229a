//! The records of a rollout, as far as they speak of its ledger: their beginnings are read, not whole files. Must not judge what
//! they say, nor pass over one that cannot be read.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::places::{Place, Places};
use crate::commands::bounded;
use crate::evidence::v1::{Head, head};
use crate::evidence::{Claim, LedgerSeen};
use crate::output::is_after_stem;
use crate::verdict::Verdict;

/// Enough for the beginning of a record with a dozen links and variables.
const BEGINNING: usize = 4 * 1024;
/// Readers at a time: what takes time is opening the files.
const READERS: usize = 4;
/// Fewer files than this are not worth a reader of their own.
const WORTH_A_READER: usize = 64;
/// The length of `20261120T140000Z`.
const STAMP: usize = 16;

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

/// What has a record's name, or ought to hold records, and cannot be read as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub path: PathBuf,
    pub why: String,
}

/// What is in the places of a ledger's records.
#[derive(Debug, Default)]
pub struct Records {
    /// Those that speak of the ledger and that none of its entries names, by place and name. The others need not be opened: the
    /// entry holds what they say.
    pub unnamed: Vec<RecordHead>,
    /// The names of the records, and of drafts, in each of the places.
    names: Vec<HashSet<String>>,
}

impl Records {
    /// Of all places. A folder that is not there holds none.
    ///
    /// # Errors
    /// The first folder, or file with the name of a record, that cannot be read.
    pub fn of(places: &Places<'_>) -> Result<Self, Unreadable> {
        let mut all = Self::default();
        for place in &places.folders {
            let names = names(place)?;
            let found = unnamed(place, &names)?.into_iter();
            all.unnamed
                .extend(found.filter(|record| places.means_this(place, &record.ledger.path)));
            all.names.push(names.into_keys().collect());
        }
        Ok(all)
    }

    /// Where a file of this name is: in the place that is preferred, or in any other.
    pub fn find(
        &self,
        name: &str,
        preferred: Option<usize>,
        places: &Places<'_>,
    ) -> Option<PathBuf> {
        let holds = |index: usize| {
            self.names
                .get(index)
                .is_some_and(|names| names.contains(name))
        };
        let all = preferred.into_iter().chain(0..places.folders.len());
        let place = all
            .filter(|index| holds(*index))
            .find_map(|index| places.folders.get(index));
        place.map(|place| place.path.join(name))
    }
}

fn unnamed(
    place: &Place<'_>,
    names: &HashMap<String, bool>,
) -> Result<Vec<RecordHead>, Unreadable> {
    let is_open =
        |name: &str, is_file: bool| is_record(name) && !(is_file && place.named.contains(name));
    let mut files: Vec<&String> = (names.iter())
        .filter(|(name, is_file)| is_open(name, **is_file))
        .map(|(name, _)| name)
        .collect();
    files.sort();
    let piece = files.len().div_ceil(READERS).max(WORTH_A_READER);
    let read: Result<Vec<Vec<RecordHead>>, Unreadable> = std::thread::scope(|scope| {
        let readers: Vec<_> = (files.chunks(piece))
            .map(|piece| scope.spawn(|| heads(piece, &place.path)))
            .collect();
        // A reader that fails must not look like a folder without records.
        let joined = readers.into_iter().map(|reader| {
            reader
                .join()
                .unwrap_or_else(|failure| std::panic::resume_unwind(failure))
        });
        joined.collect()
    });
    Ok(read?.into_iter().flatten().collect())
}

fn heads(names: &[&String], folder: &Path) -> Result<Vec<RecordHead>, Unreadable> {
    let mut heads = Vec::new();
    for name in names {
        let path = folder.join(name);
        let Some(head) = beginning(name, &path)? else {
            continue;
        };
        if let Some(ledger) = head.ledger.clone() {
            heads.push(RecordHead {
                name: (*name).clone(),
                path,
                head,
                ledger,
            });
        }
    }
    Ok(heads)
}

/// The names in a folder of records and drafts, and whether they may be files: a link may lead to one, since stores of large
/// files keep records so.
fn names(place: &Place<'_>) -> Result<HashMap<String, bool>, Unreadable> {
    let folder = &place.path;
    let unreadable = |error: &io::Error| Unreadable {
        path: folder.clone(),
        why: error.to_string(),
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(unreadable(&error)),
    };
    let mut found = HashMap::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(&error))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if is_record(&name) || name.ends_with(".json.tmp") {
            let kind = entry.file_type();
            let may_be = kind.is_ok_and(|kind| kind.is_file() || kind.is_symlink());
            found.insert(name, may_be);
        }
    }
    Ok(found)
}

/// Everything else that a check writes has more than one dot in its name, or another ending.
pub fn is_record(name: &str) -> bool {
    let stem = name.strip_suffix(".json");
    stem.is_some_and(|stem| !stem.is_empty() && !stem.contains('.'))
}

/// Whether a file is named as checks name their records: `STAMP-VERDICT.json`, `STAMP-VERDICT-2.json`.
pub fn is_written_name(name: &str) -> bool {
    let stem = name.strip_suffix(".json");
    let stem = stem.filter(|stem| !stem.contains('.'));
    let parts = stem.and_then(|stem| stem.split_once('-'));
    parts.is_some_and(|(stamp, rest)| {
        let is_stamp = stamp.len() >= STAMP && stamp.ends_with('Z');
        is_stamp && Verdict::all().any(|verdict| is_verdict(rest, verdict))
    })
}

/// `no-go`, `no-go-2`.
fn is_verdict(words: &str, verdict: Verdict) -> bool {
    let rest = words.strip_prefix(&verdict.word().to_ascii_lowercase());
    rest.is_some_and(is_after_stem)
}

/// The beginning of a record; `None` for other files. What has the name of a record and cannot be read as one may speak against
/// the ledger.
fn beginning(name: &str, path: &Path) -> Result<Option<Head>, Unreadable> {
    let why = match read(path) {
        Ok(Some(head)) => return Ok(Some(head)),
        Ok(None) if is_of_another_version(path) => {
            "it was written by another version of gate, which this one does not read; move it away with the ledger of its time"
                .to_owned()
        }
        Ok(None) => "it is not a whole record".to_owned(),
        Err(error) => error.to_string(),
    };
    if is_written_name(name) {
        let path = path.to_owned();
        return Err(Unreadable { path, why });
    }
    Ok(None)
}

/// Whether it is whole, and evidence, but not as this version writes it.
fn is_of_another_version(path: &Path) -> bool {
    let bytes = bounded::read(path, bounded::MAX_BYTES).unwrap_or_default();
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let schema = document.get("schema").and_then(serde_json::Value::as_str);
    schema.is_some_and(|schema| schema.starts_with("gate.evidence/"))
}

fn read(path: &Path) -> io::Result<Option<Head>> {
    let mut file: File = bounded::open(path)?;
    let mut bytes = vec![0; BEGINNING];
    let count = file.read(&mut bytes)?;
    bytes.truncate(count);
    let found = head(&bytes);
    if found.is_some() {
        return Ok(found);
    }
    // A long list of links or variables.
    file.take(bounded::MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(head(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_known_by_their_names() {
        for name in ["20261120T140000Z-go.json", "20261120T140000Z-no-go-2.json"] {
            assert!(is_written_name(name) && is_record(name), "{name}");
        }
        for name in [
            "20261120T140000Z-go.plan.json",
            "20261120T140000Z-maybe.json",
            "summary.json",
            ".20261120T140000Z-go.json.tmp",
        ] {
            assert!(!is_written_name(name), "{name}");
        }
        assert!(is_record("summary.json") && !is_record(".json"));
    }
}
