//! Whether the ledger holds, and remembers this check as its record says. Must not repair or fill in anything.

use std::path::Path;

use super::document::Document;
use super::ledgers::{Place, other_release};
use super::point::Point;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::ledger_file::folder;
use crate::commands::ledger_file::places::own_folder;
use crate::commands::ledger_file::witnessed::same;
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
    if entry(chain, record).is_none()
        && let Some(release) = other_release(chain, record)
    {
        let says = format!(
            "{shown} is that of {release}, another release: name this one's with --ledger FILE"
        );
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
    // The folder was renamed together with the plan.
    let is_own = record.folder().canonicalize().is_ok_and(|real| {
        let own = own_folder(&ledger.path).canonicalize();
        own.is_ok_and(|own| own == real)
    });
    let is_apart = ledger.is_named || is_together || is_own || Path::new(named).is_absolute();
    match (expected.canonicalize(), document.path.canonicalize()) {
        (Ok(expected), Ok(found)) if expected == found => Ok(()),
        (Err(_), Ok(_)) if is_apart && document.is_on_top() => Ok(()),
        _ => elsewhere,
    }
}
