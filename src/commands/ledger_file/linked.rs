//! A plan that has several names, through links: its file has one ledger. Must not choose between two.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::elsewhere::{in_folder, plan_of};
use super::{Home, folder, name};

/// More links after each other are no way to a file on any system.
const MAX_LINKS: usize = 40;

/// The other names of a plan's file that a link names, one after the other, and the one that no link leads to.
pub fn targets(plan: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut at = plan.to_owned();
    while let Ok(target) = std::fs::read_link(&at) {
        at = folder(&at).join(target);
        found.push(at.clone());
        if found.len() == MAX_LINKS {
            break;
        }
    }
    found.extend(plan.canonicalize());
    let mut seen = BTreeSet::from([place(plan)]);
    found.retain(|one| seen.insert(place(one)));
    found
}

/// Another name of the plan's file, beside the plan or beside the file itself, under which a ledger was kept.
pub fn other_name(plan: &Path, home: &Home) -> Option<PathBuf> {
    let real = plan.canonicalize().ok()?;
    let own = place(home.ledger());
    let beside = [plan, &real].map(|name| (folder(name).to_owned(), home.of_another(name)));
    let ledgers = beside.iter().flat_map(|(plans, home)| {
        let all = in_folder(folder(home.ledger())).into_iter();
        all.map(move |ledger| (ledger, plans))
    });
    ledgers
        .filter(|(ledger, _)| place(ledger) != own)
        .filter_map(|(ledger, plans)| plan_of(&ledger, plans))
        .find(|other| other.canonicalize().is_ok_and(|other| other == real))
}

/// Where a name is: links of folders are the same folder, the last name stays as it is.
fn place(path: &Path) -> PathBuf {
    let folder = folder(path);
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    real.join(name(path))
}
