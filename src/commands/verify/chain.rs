//! Whether the ledger holds, and remembers this check. Must not repair or fill in anything.

use std::path::{Path, PathBuf};

use super::point::Point;
use crate::commands::evidence_file::EvidenceFile;
use crate::digest::sha256_hex;
use crate::evidence::LedgerSeen;
use crate::ledger::{Chain, line};

/// The ledger of a check, if available, and whether it agrees with it.
pub fn ledger(subject: &EvidenceFile, named: Option<&Path>) -> (Option<Chain>, Point) {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match beside(subject) {
            Ok(path) => path,
            Err(says) => return (None, Point::absent("ledger", says)),
        },
    };
    match read(&path) {
        Err(says) => (None, Point::off("ledger", says)),
        Ok(chain) => {
            let point = remembered(subject, &path, &chain);
            (Some(chain), point)
        }
    }
}

/// Beside the plan, or copied to the evidence.
fn beside(subject: &EvidenceFile) -> Result<PathBuf, String> {
    let Some(seen) = &subject.evidence.ledger else {
        return Err("the check read none".to_owned());
    };
    let folders = subject.plan_folders();
    let mut places = folders.iter().map(|folder| folder.join(&seen.path));
    let is_name = Path::new(&seen.path).file_name() == Some(seen.path.as_ref());
    let found = places.find(|place| is_name && place.is_file());
    found.ok_or_else(|| {
        format!(
            "{} is not available; give --ledger FILE to have it verified",
            seen.path
        )
    })
}

fn read(path: &Path) -> Result<Chain, String> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    line::read(&bytes).map_err(|error| format!("{shown}: {error}"))
}

fn remembered(subject: &EvidenceFile, path: &Path, chain: &Chain) -> Point {
    let shown = path.display();
    if let Some(seen) = &subject.evidence.ledger
        && let Err(says) = continued(seen, chain)
    {
        return Point::off("ledger", format!("{shown}: {says}"));
    }
    let ledger = chain.ledger();
    match ledger.entry_of(&subject.sha256) {
        Some(entry) => Point::holds(
            "ledger",
            format!(
                "entry {} of {shown} names this evidence; its chain of {} holds",
                entry.number,
                ledger.entries().len()
            ),
        ),
        None => Point::off(
            "ledger",
            format!(
                "no entry of {shown} names this evidence: it is other evidence, or was written by a replay"
            ),
        ),
    }
}

/// What the check saw is still the beginning of the ledger, which also reveals lines cut off at the end.
fn continued(seen: &LedgerSeen, chain: &Chain) -> Result<(), String> {
    let count = usize::try_from(seen.entries).unwrap_or(usize::MAX);
    if count > chain.lines().len() {
        let now = chain.lines().len();
        return Err(format!(
            "it has {now} entries, but the check saw {count}: the last ones were removed"
        ));
    }
    let head = match count.checked_sub(1) {
        None => sha256_hex(&[""]),
        Some(last) => chain
            .lines()
            .nth(last)
            .map_or_else(String::new, |line| sha256_hex(&[line])),
    };
    if head == seen.head_sha256 {
        return Ok(());
    }
    Err(format!("entry {count} is not the one that the check saw"))
}
