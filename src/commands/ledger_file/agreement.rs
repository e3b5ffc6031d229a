//! Whether the ledger of a plan may be used: it is that of the plan's release, and it agrees with the records beside it (T1).
//! One routine for all commands; must not repair anything, nor decide what follows for a command.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::journal;
use super::records::{self, RecordHead};
use crate::commands::diagnostics::say;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::load::LoadedPlan;
use crate::evidence::differences;
use crate::exit::Exit;
use crate::ledger::{Chain, Checked, Entry, LostLedger};
use crate::rollout::History;

/// Why a ledger may not be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// It is that of another release, or of a plan whose file differs only by its extension: how, with what to do.
    NotOfThisPlan(String),
    /// Records contradict it: how, with what to do.
    Disputed(String),
    /// It is not there, and records speak of it.
    Lost(LostLedger),
}

impl Objection {
    /// In words, with what to do about it; `plan` is the plan's path as given.
    pub fn words(&self, plan: &str) -> String {
        match self {
            Self::NotOfThisPlan(reason) | Self::Disputed(reason) => reason.clone(),
            Self::Lost(lost) => super::lost(lost, plan),
        }
    }
}

/// The ledger beside a plan, for commands that only show something; `None` if there is none, and no record speaks of one.
///
/// # Errors
/// One that cannot be read, is broken or may not be used, once that has been reported after what was decided.
pub fn read(loaded: &LoadedPlan, decided: &str) -> Result<Option<Chain>, Exit> {
    let witnesses = Witnesses::beside(loaded, None);
    let chain = super::read(loaded).map_err(|error| {
        say(&super::trouble(decided, &loaded.path, &error));
        Exit::Unrecorded
    })?;
    witnesses.allow(chain.as_ref()).map_err(|objection| {
        say(&format!("{decided}: {}", objection.words(&loaded.shown())));
        match objection {
            Objection::NotOfThisPlan(_) => Exit::Usage,
            Objection::Disputed(_) | Objection::Lost(_) => Exit::Unrecorded,
        }
    })?;
    Ok(chain)
}

/// What the records beside a plan say of its ledger. Read them before the ledger is: a check that is being recorded meanwhile
/// writes its record first.
#[derive(Debug)]
pub struct Witnesses {
    plan: PathBuf,
    ledger: PathBuf,
    release: String,
    records: Vec<RecordHead>,
}

impl Witnesses {
    /// The records in the plan's own evidence folder and, if another one is named, in that.
    pub fn beside(loaded: &LoadedPlan, other: Option<&Path>) -> Self {
        let own = evidence_folder(&loaded.path);
        let other = other.filter(|other| *other != own).map(Path::to_owned);
        let folders = std::iter::once(own).chain(other);
        Self::of(&loaded.path, loaded.plan.release.id(), folders)
    }

    /// Where the plan itself is not read: the records of the release that the ledger is of or, if it holds no check, of the one
    /// that saw most.
    pub fn of_ledger(plan: &Path, chain: &Chain) -> Self {
        let all = Self::of(plan, String::new(), [evidence_folder(plan)]);
        let own = History::of(Some(chain.ledger())).release();
        let most = all.records.iter().max_by_key(|one| one.claim().entries());
        let release = own.or(most.map(|one| one.head.release.as_str()));
        Self {
            release: release.unwrap_or_default().to_owned(),
            ..all
        }
    }

    fn of(plan: &Path, release: String, folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let ledger = journal(plan).path().to_owned();
        let name = super::name(&ledger);
        let folders = folders.into_iter();
        Self {
            plan: plan.to_owned(),
            release,
            records: folders
                .flat_map(|folder| records::in_folder(&folder, &name))
                .collect(),
            ledger,
        }
    }

    /// Whether the ledger may be used as it is; `None` stands for one that is not there.
    ///
    /// # Errors
    /// Why not.
    pub fn allow(&self, chain: Option<&Chain>) -> Result<(), Objection> {
        let empty = Chain::default();
        let chain = chain.unwrap_or(&empty);
        self.of_this_plan(chain)?;
        let counting = self.counting(chain);
        if chain.lines().len() == 0 {
            return lost(&self.ledger, &counting).map_or(Ok(()), |lost| Err(Objection::Lost(lost)));
        }
        let disputed = |(at, says): (&Path, String)| Objection::Disputed(self.advice(at, &says));
        fitting(&counting, chain).map_err(disputed)?;
        self.last_check(chain)
            .map_err(|(at, says)| disputed((&at, says)))
    }

    /// Whether it is that of the plan's release, and of the plan's file.
    fn of_this_plan(&self, chain: &Chain) -> Result<(), Objection> {
        self.of_this_release(chain)?;
        self.of_this_file(chain)
    }

    /// `p.yaml` and `p.yml` have the same place for a ledger, and never share one (T8). A ledger that was moved along with its
    /// plan to another name stays that plan's.
    fn of_this_file(&self, chain: &Chain) -> Result<(), Objection> {
        let now = super::plan_name(&self.plan);
        let last = chain.ledger().entries().last();
        let then = last.map_or(now.as_str(), |last| &last.plan);
        let is_beside = Path::new(then).file_stem() == self.plan.file_stem();
        if !is_beside || now == then {
            return Ok(());
        }
        Err(Objection::NotOfThisPlan(format!(
            "{} is the ledger of {then}, not of {now}: name the plan {then}, or give this one another name and with it a ledger of its own",
            self.ledger.display()
        )))
    }

    /// What people did for one release counts for no other.
    fn of_this_release(&self, chain: &Chain) -> Result<(), Objection> {
        let now = &self.release;
        match History::of(Some(chain.ledger())).release() {
            Some(then) if then != now => Err(Objection::NotOfThisPlan(format!(
                "{} is the ledger of {then}, but the plan is for {now}; what people did for one release counts for no other: move the ledger away to begin a new one",
                self.ledger.display()
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// The records that speak of this ledger.
    fn counting(&self, chain: &Chain) -> Vec<&RecordHead> {
        let aside: BTreeSet<&str> = chain.ledger().set_aside().collect();
        (self.records.iter())
            .filter(|record| record.head.release == self.release)
            .filter(|record| !is_leftover(record, chain))
            .filter(|record| !aside.contains(record.name.as_str()))
            .collect()
    }

    fn advice(&self, record: &Path, says: &str) -> String {
        let (ledger, plan) = (self.ledger.display(), self.plan.display());
        format!(
            "the record {} and the ledger {ledger} contradict each other: {says}; restore both from where they are kept, or move the one away that is not of this rollout: without a ledger, `gate ledger {plan} begin` begins a new one",
            record.display()
        )
    }

    /// The last check's record says the same as its entry: nothing after it speaks of that entry.
    fn last_check(&self, chain: &Chain) -> Result<(), (PathBuf, String)> {
        let mut latest = chain.ledger().entries().iter().rev();
        let Some((entry, checked)) = latest.find_map(|one| Some((one, one.event.checked()?)))
        else {
            return Ok(());
        };
        let path = super::folder(&self.ledger).join(&checked.evidence_path);
        // It may be kept elsewhere.
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        let same = EvidenceFile::read(&path)
            .map_err(|error| format!("{error:#}"))
            .and_then(|record| same(entry, checked, &record));
        same.map_err(|says| (path, says))
    }
}

/// The first record that the ledger contradicts, the one that saw most before all others.
fn fitting<'a>(records: &[&'a RecordHead], chain: &Chain) -> Result<(), (&'a Path, String)> {
    let mut disputes: Vec<_> = (records.iter())
        .filter_map(|record| Some((record, record.claim().holds_in(chain).err()?)))
        .collect();
    disputes.sort_by_key(|(record, _)| record.claim().entries());
    match disputes.pop() {
        Some((record, says)) => {
            let at = record.head.evaluated_at;
            Err((&record.path, format!("{says} (checked for {at})")))
        }
        None => Ok(()),
    }
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

/// A check that was killed between its record and its entry leaves a draft beside the record: its verdict was never printed.
fn is_leftover(record: &RecordHead, chain: &Chain) -> bool {
    record.is_unfinished && record.claim().was_about_to_follow_in(chain)
}

fn lost(ledger: &Path, records: &[&RecordHead]) -> Option<LostLedger> {
    let last = records
        .iter()
        .max_by_key(|record| record.claim().entries())?;
    Some(LostLedger {
        path: super::name(ledger),
        records: records.len() as u64,
        entries: last.claim().entries(),
        last: last.head.evaluated_at,
    })
}

/// `PLAN-STEM.evidence` beside a plan.
pub fn evidence_folder(plan: &Path) -> PathBuf {
    let stem = plan
        .file_stem()
        .map_or_else(|| "plan".into(), |stem| stem.to_string_lossy());
    super::folder(plan).join(format!("{stem}.evidence"))
}
