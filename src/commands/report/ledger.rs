//! The ledger of what is reported on: where it is, and whether it may be used. Holds no rule of its own: the one routine for all
//! commands says so.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::Failure;
use crate::commands::diagnostics::say;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::ledger_file::elsewhere;
use crate::commands::ledger_file::objection::{Dispute, Objection};
use crate::commands::ledger_file::{Home, folder, without_dot};
use crate::evidence::Claim;
use crate::ledger::Chain;
use crate::output::Journal;

/// The ledger that is named, or the one of these checks, which are of one rollout, and where it is; `latest` is one of them. `None`
/// if there is none.
///
/// # Errors
/// One that cannot be read, is broken, or contradicts the records; a named one of another release; none where there ought to be
/// one.
pub(super) fn of(
    subjects: &[&EvidenceFile],
    latest: &EvidenceFile,
    named: Option<&Path>,
) -> Result<Option<(PathBuf, Chain)>, Failure> {
    let beside = || place(speaker(subjects, latest));
    let Some(path) = named.map(Path::to_owned).or_else(beside) else {
        return Ok(None);
    };
    let folders: Vec<PathBuf> = (subjects.iter())
        .map(|one| one.folder().to_owned())
        .collect();
    let release = latest.evidence.plan.release.id();
    let witnesses = Witnesses::of_records(&path, Some(&release), &folders);
    let journal = Journal::at(path.clone());
    let read = witnesses.read(|| journal.read()).map_err(|error| {
        let why = anyhow!("{error}");
        Failure::Ledger(why)
    })?;
    let refused = |objection| Failure::Objection(Box::new(objection), plan(&path, latest));
    match read {
        (None, Ok(())) if named.is_some() => Err(Failure::Usage(anyhow!(
            "there is no ledger {}",
            path.display()
        ))),
        (chain, Ok(())) => {
            if let Some(chain) = &chain {
                agreeing(subjects, chain, &path).map_err(refused)?;
            }
            Ok(chain.map(|chain| (path, chain)))
        }
        (_, Err(Objection::NotOfThisPlan(why))) if named.is_some() => {
            Err(Failure::Usage(anyhow!(why.in_one_line())))
        }
        (_, Err(Objection::NotOfThisPlan(why))) => {
            say(&format!("reported without a ledger: {}", why.found));
            Ok(None)
        }
        (_, Err(objection @ (Objection::Disputed { .. } | Objection::Lost(_)))) => {
            Err(refused(objection))
        }
    }
}

/// Whether the ledger that is named, or that of `latest`, names all of these checks.
pub(super) fn names_all(
    subjects: &[&EvidenceFile],
    latest: &EvidenceFile,
    named: Option<&Path>,
) -> bool {
    let path = named
        .map(Path::to_owned)
        .or_else(|| place(speaker(subjects, latest)));
    let chain = path.and_then(|path| Journal::at(path).read().ok().flatten());
    chain.is_some_and(|chain| {
        let ledger = chain.ledger();
        let mut subjects = subjects.iter();
        subjects.all(|one| ledger.entry_of(&one.sha256).is_some())
    })
}

/// The record that says which ledger there is: the newest that saw one. A check without a ledger hides none (T1).
fn speaker<'a>(subjects: &[&'a EvidenceFile], latest: &'a EvidenceFile) -> &'a EvidenceFile {
    let saw = subjects.iter().filter(|one| one.evidence.ledger.is_some());
    saw.max_by_key(|one| one.evidence.evaluated_at)
        .copied()
        .unwrap_or(latest)
}

/// Where the ledger of a record is, or ought to be: beside the plan or the evidence, under the name that the record says or, if
/// it was renamed together with its plan, under another.
fn place(record: &EvidenceFile) -> Option<PathBuf> {
    let seen = record.evidence.ledger.as_ref();
    let plan = plan_name(record);
    let name = match seen {
        Some(seen) => seen.path.clone(),
        None => Home::beside(Path::new(plan)).name(),
    };
    let folders = record.plan_folders();
    let is_name = Path::new(&name).file_name() == Some(name.as_ref());
    let mut places = folders.iter().map(|folder| folder.join(&name));
    let found = places.find(|path| is_name && path.symlink_metadata().is_ok());
    let ought_to_be = || {
        seen.filter(|_| is_name)?;
        let mut with_plan = folders.iter().filter(|folder| folder.join(plan).is_file());
        Some(with_plan.next()?.join(&name))
    };
    found
        .or_else(|| elsewhere::naming(&folders, &record.sha256))
        .or_else(ought_to_be)
}

pub(super) fn plan_name(record: &EvidenceFile) -> &str {
    let path = &record.evidence.plan.path;
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The plan beside a ledger, as commands name it.
fn plan(ledger: &Path, record: &EvidenceFile) -> String {
    without_dot(&folder(ledger).join(plan_name(record)))
}

/// What was given may lie anywhere, also where the ledger's records are not looked for.
fn agreeing(subjects: &[&EvidenceFile], chain: &Chain, ledger: &Path) -> Result<(), Objection> {
    let aside: Vec<&str> = chain.ledger().set_aside().collect();
    let counting = subjects
        .iter()
        .filter(|one| !aside.contains(&one.name().as_ref()));
    for subject in counting {
        let held = Claim::of(&subject.evidence).map_or(Ok(()), |claim| claim.holds_in(chain));
        held.map_err(|says| Objection::Disputed {
            ledger: without_dot(ledger),
            copied_from: None,
            folders: Vec::new(),
            dispute: Dispute {
                record: subject.path.clone(),
                found: says.to_string(),
                is_read: true,
            },
        })?;
    }
    Ok(())
}
