//! Which files are verified, and which records ledgers name that are not there (T2). Every file of a folder is looked at,
//! those in its subfolders too: a record that was renamed or moved is still one. Must not verify a record.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::document::Document;
use super::ledgers::{Ledgers, read};
use super::point::Point;
use crate::commands::bounded;
use crate::commands::evidence_file::above;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::ledger_file::objection::Objection;
use crate::commands::ledger_file::records::is_written_name;
use crate::commands::ledger_file::{folder, without_dot};
use crate::digest::sha256_hex;
use crate::evidence::v1;
use crate::ledger::{Chain, Checked, Entry, file_name};
use crate::output::draft_of;
use crate::rollout::History;

/// What is to be verified.
pub struct Found {
    /// By name.
    pub documents: Vec<Document>,
    /// The folders that were given.
    pub folders: Vec<PathBuf>,
}

/// The documents that are meant: files as they are, and every record in folders.
///
/// # Errors
/// What is not there; folders that hold no evidence and belong to no ledger.
pub fn found(given: &[PathBuf], named: Option<&Path>) -> anyhow::Result<Found> {
    let mut found = Found {
        documents: Vec::new(),
        folders: Vec::new(),
    };
    for path in given {
        let shown = path.display();
        let metadata = std::fs::metadata(path).with_context(|| shown.to_string())?;
        if !metadata.is_dir() {
            found.documents.push(Document {
                path: path.clone(),
                root: None,
            });
            continue;
        }
        let records = records(path).with_context(|| shown.to_string())?;
        if records.is_empty() && named.is_none() && ledgers(path).is_empty() {
            bail!("the folder {shown} holds no evidence");
        }
        found
            .documents
            .extend(records.into_iter().map(|record| Document {
                path: record,
                root: Some(path.clone()),
            }));
        found.folders.push(path.clone());
    }
    Ok(found)
}

/// Every record in a folder and those below it.
fn records(root: &Path) -> std::io::Result<BTreeSet<PathBuf>> {
    let (mut folders, mut found) = (vec![root.to_owned()], BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if is_record(&entry.path()) {
                found.insert(entry.path());
            }
        }
    }
    Ok(found)
}

/// By its name, or by how it begins. Drafts are no records: their checks were cut short.
fn is_record(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_draft = name.starts_with('.') && name.ends_with(".tmp");
    !is_draft && (is_written_name(&name) || begins_as_one(path))
}

fn begins_as_one(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = bounded::open(path).and_then(|file| file.take(256).read_to_end(&mut beginning));
    let text = String::from_utf8_lossy(&beginning);
    read.is_ok()
        && text.trim_start().starts_with('{')
        && text.contains(&format!("\"{}\"", v1::SCHEMA))
}

/// The ledgers of a folder: of the plan that it is named after, or copied into it.
fn ledgers(root: &Path) -> BTreeSet<PathBuf> {
    let whole = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let own = name.strip_suffix(".evidence");
    let own = own.map(|stem| above(root).join(format!("{stem}.ledger.jsonl")));
    let inside = std::fs::read_dir(root).into_iter().flatten().flatten();
    let inside = inside.map(|entry| entry.path());
    let inside = inside.filter(|path| path.to_string_lossy().ends_with(".ledger.jsonl"));
    let all = own.into_iter().chain(inside);
    all.filter(|path| path.symlink_metadata().is_ok()).collect()
}

/// What is not among the documents: for each ledger, the records that it names and that are not there as it says, and one that
/// contradicts it; each with a title.
pub fn missing(found: &Found, ledgers_read: &mut Ledgers) -> Vec<(String, Vec<Point>)> {
    let mut places: BTreeSet<PathBuf> = ledgers_read.places().collect();
    if !ledgers_read.are_named() {
        places.extend(found.folders.iter().flat_map(|root| ledgers(root)));
    }
    let mut all = Vec::new();
    for place in places {
        let shown = place.display();
        match ledgers_read.at(&place) {
            Err(_) if found.folders.is_empty() => {}
            Err(says) => all.push((shown.to_string(), vec![Point::off("ledger", says)])),
            Ok(chain) => {
                all.extend(not_there(chain, &place, found));
                all.extend(speaking_against(chain, &place, found));
            }
        }
    }
    all
}

fn not_there(chain: &Chain, ledger: &Path, found: &Found) -> Vec<(String, Vec<Point>)> {
    if found.folders.is_empty() {
        return Vec::new();
    }
    let shown = ledger.display().to_string();
    let entries = chain.ledger().entries().iter();
    let missing = entries.filter_map(|entry| {
        let checked = entry.event.checked()?;
        let point = absent(entry, checked, ledger, &found.folders)?;
        Some((title(entry, checked, &shown), vec![point]))
    });
    missing.collect()
}

/// A record elsewhere of a check that the ledger has lost.
fn speaking_against(chain: &Chain, ledger: &Path, found: &Found) -> Option<(String, Vec<Point>)> {
    let release = History::of(Some(chain.ledger())).release();
    let witnesses = Witnesses::of_records(ledger, release.as_deref(), &found.folders);
    witnesses.allow(Some(chain)).err()?;
    // A check may have been recorded since the ledger was read: as it is now, it names the records that are there by now.
    let chain = match read(ledger) {
        Ok(chain) => chain,
        Err(says) => return Some((without_dot(ledger), vec![Point::off("ledger", says)])),
    };
    let Err(Objection::Disputed { dispute, .. }) = witnesses.allow(Some(&chain)) else {
        return None;
    };
    let real = dispute.record.canonicalize().ok()?;
    let mut documents = found.documents.iter();
    if documents.any(|one| one.path.canonicalize().is_ok_and(|path| path == real)) {
        return None;
    }
    let says = format!("{}: {}", ledger.display(), dispute.found);
    Some((
        without_dot(&dispute.record),
        vec![Point::off("ledger", says)],
    ))
}

fn title(entry: &Entry, checked: &Checked, ledger: &str) -> String {
    format!(
        "{}: {} at {} in entry {} of {ledger}",
        checked.evidence_path,
        checked.verdict.word(),
        checked.evaluated_at,
        entry.number
    )
}

/// That the record of an entry is not there, or, where it is not among what is verified, is another one.
fn absent(entry: &Entry, checked: &Checked, ledger: &Path, roots: &[PathBuf]) -> Option<Point> {
    let expected = folder(ledger).join(&checked.evidence_path);
    let name = file_name(&checked.evidence_path);
    let copied = roots
        .iter()
        .any(|root| root.join(name).symlink_metadata().is_ok());
    match bounded::read(&expected, bounded::MAX_BYTES) {
        Ok(bytes) if sha256_hex(&[&bytes]) == checked.evidence_sha256 => None,
        Err(_) if copied && is_moved(entry, checked, ledger, roots) => Some(Point::off(
            "record",
            "it lies beside the ledger in another folder than the entry names",
        )),
        _ if copied => None,
        Ok(_) => Some(Point::off(
            "record",
            "it is not the one that the entry names",
        )),
        Err(_) if Path::new(&checked.evidence_path).is_absolute() => Some(Point::not_shown(
            "record",
            "it was written outside the plan's folder, and is not there",
        )),
        Err(_) if is_drafted(&expected, checked) => Some(Point::not_shown(
            "record",
            "its check was killed before the record got its name: the next `gate check` gives it",
        )),
        Err(error) => Some(Point::off(
            "record",
            format!("it ought to be there: {error}"),
        )),
    }
}

/// Whether a record that was written into the plan's folder lies in a folder beside the ledger, and not in the one that its entry
/// names. What was copied elsewhere may lie anywhere, and a plan that was renamed took the folder of its name along.
fn is_moved(entry: &Entry, checked: &Checked, ledger: &Path, roots: &[PathBuf]) -> bool {
    let path = Path::new(&checked.evidence_path);
    let own = Path::new(&entry.plan.file).with_extension("evidence");
    if path.parent() == Some(&own) {
        return false;
    }
    let real = |path: &Path| path.canonicalize().ok();
    let beside = real(folder(ledger));
    let mut roots = roots.iter().filter_map(|root| real(root));
    path.is_relative() && roots.any(|root| root.parent() == beside.as_deref())
}

/// Whether the draft of a record is there, with the content that its entry names.
fn is_drafted(record: &Path, checked: &Checked) -> bool {
    let draft = bounded::read(&draft_of(record), bounded::MAX_BYTES);
    draft.is_ok_and(|bytes| sha256_hex(&[&bytes]) == checked.evidence_sha256)
}
