//! Whether the ledger holds, and remembers this check as its record says. Must not repair or fill in anything.

use std::path::Path;

use super::document::Document;
use super::point::Point;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::ledger_file::agreement::same;
use crate::commands::ledger_file::folder;
use crate::evidence::Claim;
use crate::ledger::{Chain, Checked, Entry, SetAside, file_name};

/// Whether a ledger agrees with a record.
pub fn ledger(
    document: &Document,
    record: &EvidenceFile,
    path: &Path,
    chain: &Result<Chain, String>,
) -> Point {
    let shown = path.display();
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
    match remembered(document, record, path, chain) {
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

/// The number of the entry that records a check.
fn remembered(
    document: &Document,
    record: &EvidenceFile,
    path: &Path,
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
    in_place(document, path, checked).map_err(|says| format!("entry {} {says}", entry.number))?;
    Ok(entry.number)
}

/// The entry that names a record by its digest.
pub fn entry<'a>(chain: &'a Chain, record: &EvidenceFile) -> Option<(&'a Entry, &'a Checked)> {
    let entry = chain.ledger().entry_of(&record.sha256)?;
    Some((entry, entry.event.checked()?))
}

/// Whether a record is where its entry says; where nothing is there, everything may have been moved together.
fn in_place(document: &Document, ledger: &Path, checked: &Checked) -> Result<(), String> {
    let named = &checked.evidence_path;
    let expected = folder(ledger).join(named);
    let elsewhere = Err(format!("names {named}, not {}", document.path.display()));
    if document.path.file_name() != expected.file_name() {
        return elsewhere;
    }
    match (expected.canonicalize(), document.path.canonicalize()) {
        (Ok(expected), Ok(found)) if expected == found => Ok(()),
        (Err(_), Ok(_)) if document.is_on_top() => Ok(()),
        _ => elsewhere,
    }
}
