//! Whether the ledger holds, and remembers this check as its record says. Must not repair or fill in anything.

use std::path::Path;

use super::document::Document;
use super::ledgers::Place;
use super::point::Point;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::ledger_file::agreement::same;
use crate::commands::ledger_file::folder;
use crate::commands::ledger_file::records::draft;
use crate::evidence::Claim;
use crate::ledger::{Chain, Checked, Entry, SetAside, file_name};

/// Whether a ledger agrees with a record.
pub fn ledger(
    document: &Document,
    record: &EvidenceFile,
    place: &Place,
    chain: &Result<Chain, String>,
) -> Point {
    let shown = place.path.display();
    let chain = match chain {
        Ok(chain) => chain,
        Err(says) => return Point::off("ledger", says),
    };
    if let Some(number) = set_aside(chain, record) {
        let says = format!(
            "entry {number} of {shown} set it aside: the ledger in which it was recorded was gone"
        );
        return Point::not_shown("ledger", says);
    }
    if is_leftover(record, chain) {
        let says =
            "its check was killed before it was recorded, and its verdict never printed: remove it";
        return Point::not_shown("ledger", says);
    }
    match remembered(document, record, place, chain) {
        Ok(number) => {
            let count = chain.lines().len();
            let says = format!(
                "entry {number} of {shown} names this evidence; its chain of {count} holds"
            );
            Point::holds("ledger", says)
        }
        Err(says) => Point::off("ledger", format!("{shown}: {says}")),
    }
}

/// The entry that set a record aside.
fn set_aside(chain: &Chain, record: &EvidenceFile) -> Option<u64> {
    let is_this =
        |one: &SetAside| one.sha256 == record.sha256 && file_name(&one.path) == record.name();
    let mut entries = chain.ledger().entries().iter();
    let found = entries.find(|entry| entry.event.set_aside().iter().any(is_this));
    found.map(|entry| entry.number)
}

/// Whether the draft of a check that was killed lies beside its record.
fn is_leftover(record: &EvidenceFile, chain: &Chain) -> bool {
    let draft = record.folder().join(draft(&record.name()));
    draft.symlink_metadata().is_ok()
        && Claim::of(&record.evidence).is_some_and(|claim| claim.was_about_to_follow_in(chain))
}

/// The number of the entry that records a check.
fn remembered(
    document: &Document,
    record: &EvidenceFile,
    place: &Place,
    chain: &Chain,
) -> Result<u64, String> {
    let claim = Claim::of(&record.evidence);
    if let Some(claim) = claim {
        claim.holds_in(chain).map_err(|says| says.to_string())?;
    }
    let Some((entry, checked)) = entry(chain, record) else {
        return Err(
            "no entry names this evidence: it is other evidence, or was written by a replay"
                .to_owned(),
        );
    };
    let own = claim.and_then(|claim| claim.ledger.entry.as_ref());
    if own.is_some_and(|own| own.number != entry.number) {
        return Err(format!("entry {} names it too", entry.number));
    }
    same(entry, checked, record)?;
    in_place(document, record, place, checked)
        .map_err(|says| format!("entry {} {says}", entry.number))?;
    Ok(entry.number)
}

/// The entry that names a record by its digest.
pub fn entry<'a>(chain: &'a Chain, record: &EvidenceFile) -> Option<(&'a Entry, &'a Checked)> {
    let entry = chain.ledger().entry_of(&record.sha256)?;
    Some((entry, entry.event.checked()?))
}

/// Whether a record is where its entry says. Where nothing is there, the record may have been copied together with its ledger,
/// or it was written outside the plan's folder.
fn in_place(
    document: &Document,
    record: &EvidenceFile,
    ledger: &Place,
    checked: &Checked,
) -> Result<(), String> {
    let named = &checked.evidence_path;
    let expected = folder(&ledger.path).join(named);
    let elsewhere = Err(format!("names {named}, not {}", document.path.display()));
    if document.path.file_name() != expected.file_name() {
        return elsewhere;
    }
    let is_together = record.folder() == folder(&ledger.path);
    let is_apart = ledger.is_named || is_together || Path::new(named).is_absolute();
    match (expected.canonicalize(), document.path.canonicalize()) {
        (Ok(expected), Ok(found)) if expected == found => Ok(()),
        (Err(_), Ok(_)) if is_apart && document.is_on_top() => Ok(()),
        _ => elsewhere,
    }
}
