//! Where a plan's ledger and evidence are: beside it, or where the plan's `records:` or `--records` says. Decides for all commands;
//! must not read what is there.
//!
//! `engine` (what is behind a place that several machines share) · `paths` (names and folders).

mod engine;
pub mod paths;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::bounded;
use super::surroundings::Surroundings;
use crate::digest::sha256_hex;
use crate::output::{Journal, JournalError, Shared, ToKeep};
use crate::plan::{self, RecordsPlace};
use crate::records::Name;
use engine::{OfPlan, filled};
use paths::{LEDGER, below_root, folder, name, own_folder, real, repository, without_dot};

/// Where a plan's ledger and evidence are.
#[derive(Debug, Clone)]
pub struct Home {
    ledger: PathBuf,
    /// Another folder than the plan's.
    folder: Option<PathBuf>,
    /// The folder that was named, in which that one is, with those of other plans.
    whole: Option<PathBuf>,
    /// What the folder holds copies of.
    shared: Option<Shared>,
    /// The folder of plans to which names in that place are relative.
    root: PathBuf,
}

/// What the ledger of a plan did not allow, for whoever says it later.
#[derive(Debug, Error)]
#[error("{decided}: {error}")]
pub struct Unusable {
    /// What was decided.
    pub decided: &'static str,
    /// The plan.
    pub plan: PathBuf,
    /// Why.
    #[source]
    pub error: JournalError,
}

impl Home {
    /// `PLAN-STEM.ledger.jsonl` and `PLAN-STEM.evidence` beside a plan.
    #[must_use]
    pub fn beside(plan: &Path) -> Self {
        Self::in_folder(plan, None)
    }

    fn in_folder(plan: &Path, other: Option<PathBuf>) -> Self {
        let ledger = format!("{}{LEDGER}", stem(plan));
        Self {
            ledger: match &other {
                Some(folder) => folder.join(ledger),
                None => plan.with_file_name(ledger),
            },
            folder: other,
            whole: None,
            shared: None,
            root: PathBuf::new(),
        }
    }

    /// In another folder, which plans of one name in several folders of a repository may have in common: below it each has the path
    /// that its folder has in the repository. A folder below the plan's own is no other's.
    fn in_other_folder(plan: &Path, other: PathBuf) -> Self {
        let plans = real(folder(plan));
        let is_its_own = real(&other).starts_with(&plans);
        let below = if is_its_own {
            PathBuf::new()
        } else {
            below_root(&plans)
        };
        let kept = if below.as_os_str().is_empty() {
            other.clone()
        } else {
            other.join(&below)
        };
        Self {
            whole: Some(other),
            root: above(&plans, &below),
            ..Self::in_folder(plan, Some(kept))
        }
    }

    /// Where the command line says, or else the plan.
    ///
    /// # Errors
    /// A place that cannot be understood, in words.
    pub fn of(
        plan: &Path,
        written: Option<&RecordsPlace>,
        surroundings: &Surroundings,
    ) -> Result<Self, String> {
        if let Some(asked) = &surroundings.records {
            return match RecordsPlace::of_command_line(asked, written)? {
                RecordsPlace::Folder(other) => {
                    Ok(Self::in_other_folder(plan, PathBuf::from(other)))
                }
                place @ (RecordsPlace::Git(_)
                | RecordsPlace::S3(_)
                | RecordsPlace::Gcs(_)
                | RecordsPlace::Azure(_)) => Self::shared(plan, place),
            };
        }
        match written {
            None => Ok(Self::beside(plan)),
            Some(RecordsPlace::Folder(written)) => {
                let other = filled(written)?;
                Ok(Self::in_other_folder(plan, folder(plan).join(other)))
            }
            Some(
                place @ (RecordsPlace::Git(_)
                | RecordsPlace::S3(_)
                | RecordsPlace::Gcs(_)
                | RecordsPlace::Azure(_)),
            ) => Self::shared(plan, place.clone()),
        }
    }

    /// The same for a plan that is not read otherwise, and that may be gone or wrong by now: then its records are beside it, if there
    /// are any.
    ///
    /// # Errors
    /// As [`Home::of`].
    pub fn of_path(plan: &Path, surroundings: &Surroundings) -> Result<Self, String> {
        let bytes = bounded::read(plan, bounded::MAX_BYTES).unwrap_or_default();
        let Some(records) = plan::records(&bytes) else {
            let beside = Self::beside(plan);
            let is_known = surroundings.records.is_some() || beside.ledger.exists();
            if !is_known && plan.exists() {
                return Err(format!(
                    "{} does not say where its records are: mend it, or name the place with --records",
                    plan.display()
                ));
            }
            return Self::of(plan, None, surroundings);
        };
        Self::of(plan, records.place.as_ref(), surroundings)
    }

    /// In a place that several machines share, with copies in the user's cache: one folder for each place and folder of plans.
    fn shared(plan: &Path, place: RecordsPlace) -> Result<Self, String> {
        let stem = stem(plan);
        let plans = real(folder(plan));
        let engine = OfPlan::of(place, plans.clone());
        let key = format!("{}\n{}", engine.key()?, plans.display());
        let key = sha256_hex(&[key]);
        let copies = cache()?.join(key.get(..16).unwrap_or(&key));
        let engine = engine.with_cache(copies.join("engine"));
        let below = engine.below();
        let name = |ending: &str| {
            let name = below.join(format!("{stem}{ending}"));
            Name::new(&name.to_string_lossy()).map_err(|error| error.to_string())
        };
        let (ledger, evidence) = (name(LEDGER)?, name(".evidence")?);
        let shared = Shared::of(Arc::new(engine), ledger, evidence, copies.clone());
        Ok(Self {
            shared: Some(shared),
            root: above(&plans, &below),
            ..Self::in_folder(plan, Some(copies.join(below)))
        })
    }

    /// Whether the records of another name of the plan's file would be under another path of the same repository.
    #[must_use]
    pub fn keeps_apart(&self, plan: &Path, other: &Path) -> bool {
        let [own, others] = [plan, other].map(|one| real(folder(one)));
        let root = repository(&own);
        self.folder.is_some() && root.is_some() && root == repository(&others) && own != others
    }

    /// Where another plan's would be by the same rule.
    #[must_use]
    pub fn of_another(&self, plan: &Path) -> Self {
        Self::in_folder(plan, self.folder.clone())
    }

    /// A ledger beside a plan whose records are kept elsewhere.
    #[must_use]
    pub fn left_beside(&self, plan: &Path) -> Option<PathBuf> {
        let beside = Self::beside(plan).ledger;
        let is_left = beside.metadata().is_ok_and(|found| found.len() > 0);
        let is_own = || beside.canonicalize().ok() == self.ledger.canonicalize().ok();
        (is_left && !is_own()).then_some(beside)
    }

    /// Where the same records would be in a folder.
    #[must_use]
    pub fn of_folder(&self, folder: &Path) -> Self {
        Self {
            ledger: folder.join(self.name()),
            folder: Some(folder.to_owned()),
            whole: None,
            shared: None,
            root: PathBuf::new(),
        }
    }

    /// The folder that was named for the records of this plan and of others, if it is no place that several machines share.
    #[must_use]
    pub fn whole(&self) -> Option<&Path> {
        self.whole.as_deref()
    }

    /// Whether the plan's repository is not here, without which nobody knows under which path its records are.
    #[must_use]
    pub fn lacks_repository(&self) -> bool {
        repository(&self.root).is_none()
    }

    /// The place, for people.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.shared {
            Some(shared) => format!("{} in {}", shared.ledger_name(), shared.shown()),
            None => without_dot(&self.ledger),
        }
    }

    /// The place, for people, if the ledger is not beside the plan.
    #[must_use]
    pub fn elsewhere(&self) -> Option<String> {
        self.folder.as_ref().map(|_| self.shown())
    }

    /// The ledger's file.
    #[must_use]
    pub fn journal(&self) -> Journal {
        match &self.shared {
            Some(shared) => Journal::of(shared.clone()),
            None => match self.whole.as_ref().or(self.folder.as_ref()) {
                Some(named) => Journal::in_folder(self.ledger.clone(), named.clone()),
                None => Journal::at(self.ledger.clone()),
            },
        }
    }

    /// Adds a file of the evidence to a place that several machines share; elsewhere it is there already.
    ///
    /// # Errors
    /// A place that does not take it.
    pub fn add(&self, file: &Path, by: &str) -> Result<(), JournalError> {
        match &self.shared {
            Some(shared) => shared.add(&[ToKeep::of(file)], by),
            None => Ok(()),
        }
    }

    /// The ledger's path; that of its copy, if it is shared.
    #[must_use]
    pub fn ledger(&self) -> &Path {
        &self.ledger
    }

    /// Whether a folder is that of the evidence, however it is written.
    #[must_use]
    pub fn is_evidence(&self, folder: &Path) -> bool {
        real(folder) == real(&self.evidence())
    }

    /// The ledger's folder, to which what its entries name is relative.
    #[must_use]
    pub fn folder(&self) -> &Path {
        folder(&self.ledger)
    }

    /// Where the evidence is that an entry names.
    #[must_use]
    pub fn resolve(&self, evidence_path: &str) -> PathBuf {
        self.folder().join(evidence_path)
    }

    /// The folder of the evidence; that of its copies, if it is shared.
    #[must_use]
    pub fn evidence(&self) -> PathBuf {
        own_folder(&self.ledger)
    }

    /// The place that several machines share, if it is one.
    #[must_use]
    pub fn is_shared(&self) -> Option<&Shared> {
        self.shared.as_ref()
    }

    /// Where a plan would be whose ledger has a name in that place.
    #[must_use]
    pub fn plan_there(&self, ledger: &str, plan: &str) -> PathBuf {
        self.root.join(Path::new(ledger).with_file_name(plan))
    }

    /// The name of the ledger's file.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.ledger)
    }
}

/// The folder to which a path below it leads to these plans.
fn above(plans: &Path, below: &Path) -> PathBuf {
    let root = plans.ancestors().nth(below.components().count());
    root.unwrap_or(plans).to_owned()
}

fn stem(plan: &Path) -> String {
    plan.file_stem()
        .map_or_else(|| "plan".into(), |stem| stem.to_string_lossy())
        .into_owned()
}

/// The user's cache folder, as the XDG base directory specification has it.
fn cache() -> Result<PathBuf, String> {
    let set = |name| {
        super::surroundings::environment(name).filter(|value| Path::new(value).is_absolute())
    };
    let cache = set("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || set("HOME").or_else(|| set("LOCALAPPDATA"));
    let cache = cache.or_else(|| Some(Path::new(&home()?).join(".cache")));
    let cache = cache.ok_or_else(|| {
        "nowhere to keep copies of the records: set XDG_CACHE_HOME or HOME".to_owned()
    })?;
    Ok(cache.join("gate").join("records"))
}
