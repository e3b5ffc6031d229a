//! Whether the records that are there say what the entries of a ledger say, and fit what it holds (T1). Must not decide what follows, nor
//! read a plan.

use std::path::{Path, PathBuf};

use super::objection::Dispute;
use super::places::Places;
use super::records::{RecordHead, Records};
use crate::commands::evidence_file::EvidenceFile;
use crate::evidence::{Claim, differences};
use crate::ledger::{Chain, Checked, Entry, file_name};
use crate::output::draft_of;

/// The checks of a ledger, the last first.
pub(super) fn checks(chain: &Chain) -> impl Iterator<Item = (&Entry, &Checked)> {
    let entries = chain.ledger().entries().iter().rev();
    entries.filter_map(|one| Some((one, one.event.checked()?)))
}

/// The last record that is there says the same as its entry, and what was before it is what its check saw: so it speaks for
/// every earlier one. One that is not there may be kept elsewhere.
pub(super) fn last_there(
    chain: &Chain,
    records: &Records,
    places: &Places<'_>,
) -> Result<(), Dispute> {
    for (entry, checked) in checks(chain) {
        match kept(checked, records, places) {
            Kept::Record(path) => {
                let read = EvidenceFile::read(&path);
                let held = read
                    .map_err(|error| unusable(entry, &error))
                    .and_then(|record| speaks_for(entry, checked, &record, chain));
                return held.map_err(|found| Dispute {
                    record: path,
                    found,
                    is_read: true,
                });
            }
            Kept::Draft(draft) => {
                let held = speaks_for(entry, checked, &draft, chain);
                return held.map_err(|found| Dispute {
                    record: draft.path,
                    found,
                    is_read: true,
                });
            }
            Kept::Nowhere => {}
        }
    }
    Ok(())
}

fn unusable(entry: &Entry, error: &anyhow::Error) -> String {
    let number = entry.number;
    format!("the record of entry {number} cannot be used: {error:#}")
}

/// Where a record is.
pub(super) enum Kept {
    Record(PathBuf),
    /// Under the name of a draft, with the content that its entry names: its check was killed, or is just about to give it its name.
    Draft(Box<EvidenceFile>),
    Nowhere,
}

/// Where the record of an entry is: where the entry says, or under its name in another of the places. There, a record of another
/// check may have the same name: two folders may each hold one of the same second.
pub(super) fn kept(checked: &Checked, records: &Records, places: &Places<'_>) -> Kept {
    let path = &checked.evidence_path;
    let (name, place) = (file_name(path), places.written(path));
    let found = records.find(name, place, places);
    if let Some(record) = found.filter(|found| may_be(checked, found, name, place, places)) {
        return Kept::Record(record);
    }
    let draft = draft_of(Path::new(name)).to_string_lossy().into_owned();
    let draft = records.find(&draft, place, places);
    let draft = draft.and_then(|draft| EvidenceFile::read(&draft).ok());
    match draft.filter(|draft| draft.sha256 == checked.evidence_sha256) {
        Some(draft) => Kept::Draft(Box::new(draft)),
        None => Kept::Nowhere,
    }
}

/// Whether a file is where the entry says that its record is or, if it is elsewhere, has the digest that the entry names.
fn may_be(
    checked: &Checked,
    found: &Path,
    name: &str,
    place: Option<usize>,
    places: &Places<'_>,
) -> bool {
    let own = place.and_then(|index| places.folders.get(index));
    own.is_some_and(|own| own.path.join(name) == found)
        || EvidenceFile::read(found).is_ok_and(|record| record.sha256 == checked.evidence_sha256)
}

/// The first record that the ledger contradicts, the one that saw most before all others.
pub(super) fn fitting(records: &[&RecordHead], chain: &Chain) -> Result<(), Dispute> {
    let mut disputes: Vec<_> = (records.iter())
        .filter_map(|record| Some((record, record.claim().holds_in(chain).err()?)))
        .collect();
    disputes.sort_by_key(|(record, _)| record.claim().entries());
    match disputes.pop() {
        Some((record, says)) => Err(Dispute {
            record: record.path.clone(),
            found: says.to_string(),
            is_read: true,
        }),
        None => Ok(()),
    }
}

fn speaks_for(
    entry: &Entry,
    checked: &Checked,
    record: &EvidenceFile,
    chain: &Chain,
) -> Result<(), String> {
    let claim = Claim::of(&record.evidence);
    let held = claim.map_or(Ok(()), |claim| claim.holds_in(chain));
    held.map_err(|says| says.to_string())?;
    same(entry, checked, record)
}

/// How an entry and the record that it names differ.
///
/// # Errors
/// In what.
pub fn same(entry: &Entry, checked: &Checked, record: &EvidenceFile) -> Result<(), String> {
    let number = entry.number;
    if record.sha256 != checked.evidence_sha256 {
        return Err(format!("entry {number} names another record of that name"));
    }
    let keys = differences(checked, &record.evidence);
    if keys.is_empty() {
        return Ok(());
    }
    let keys = keys.join(", ");
    Err(format!("entry {number} says something else: {keys}"))
}
