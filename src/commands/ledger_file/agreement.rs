//! Whether the ledger of a plan may be used: it is that of the plan's release, and it agrees with the records of the rollout (T1).
//! One routine for all commands; must not decide what follows for a command.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::elsewhere;
use super::left::left;
use super::linked;
use super::moved::{kept_apart, moved};
use super::objection::{Dispute, Objection, Said};
use super::places::{Places, own_folder};
use super::records::{RecordHead, Records};
use super::witnessed::{Kept, checks, fitting, kept, last_there};
use super::{Home, without_dot};
use crate::commands::bounded;
use crate::commands::diagnostics::say;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::load::LoadedPlan;
use crate::evidence::Evidence;
use crate::exit::Exit;
use crate::ledger::{Chain, Checked, LostLedger, file_name};
use crate::output::{JournalError, Shared, finish};
use crate::plan;
use crate::rollout::{History, steps};

/// How often a ledger is read again that is being written while it is held against the records.
const MAX_READS: usize = 100;

/// The ledger beside a plan, for commands that only show something; `None` if there is none, and no record speaks of one.
///
/// # Errors
/// One that cannot be read, is broken or may not be used, once that has been reported after what was decided.
pub fn read(loaded: &LoadedPlan, decided: &str) -> Result<Option<Chain>, Exit> {
    let read = || super::read(loaded);
    let (chain, allowed) = Witnesses::beside(loaded, None)
        .read(read)
        .map_err(|error| {
            super::say_trouble(decided, &loaded.path, &error);
            Exit::Unrecorded
        })?;
    allowed.map_err(|objection| objection.say(decided, &loaded.shown()))?;
    Ok(chain)
}

/// Which ledger is held against which records.
#[derive(Debug)]
pub struct Witnesses {
    /// `None` where no plan is asked.
    plan: Option<AskedPlan>,
    ledger: PathBuf,
    /// `None` for the release that the ledger is of or, if it holds no check, that of the record that saw most.
    release: Option<String>,
    /// The release of the plan: name and version. `None` where the plan is not read.
    named: Option<(String, Option<String>)>,
    /// Whether it may be the ledger of whatever version of that release.
    is_of_any_version: bool,
    /// Where evidence may be, apart from what plan and ledger say.
    folders: Vec<PathBuf>,
    /// Whether the plan requires that somebody has begun it.
    is_required: bool,
}

/// The plan that asks, and where its records are.
#[derive(Debug)]
struct AskedPlan {
    path: PathBuf,
    home: Home,
}

impl Witnesses {
    /// The ledger of a plan; also the records of a folder that was named.
    pub fn beside(loaded: &LoadedPlan, other: Option<&Path>) -> Self {
        Self {
            plan: Some(AskedPlan {
                path: loaded.path.clone(),
                home: loaded.home.clone(),
            }),
            ledger: loaded.home.ledger().to_owned(),
            release: Some(loaded.plan.release.id()),
            named: Some((
                loaded.plan.release.name.clone(),
                loaded.plan.release.version.clone(),
            )),
            is_of_any_version: false,
            folders: other.into_iter().map(Path::to_owned).collect(),
            is_required: loaded.plan.records.is_ledger_required,
        }
    }

    /// The ledger of a plan, of whatever version of its release.
    pub fn of_any_version(loaded: &LoadedPlan) -> Self {
        Self {
            is_of_any_version: true,
            ..Self::beside(loaded, None)
        }
    }

    /// Where nothing rests on what the plan asks, which may be wrong: of it, the release and what it says of records are read.
    pub fn of_ledger(plan: &Path, home: &Home, folders: &[PathBuf]) -> Self {
        let bytes = bounded::read(plan, bounded::MAX_BYTES).unwrap_or_default();
        let records = plan::records(&bytes);
        Self {
            plan: Some(AskedPlan {
                path: plan.to_owned(),
                home: home.clone(),
            }),
            ledger: home.ledger().to_owned(),
            release: None,
            named: plan::release(&bytes),
            is_of_any_version: false,
            folders: folders.to_vec(),
            is_required: records.is_some_and(|records| records.is_ledger_required),
        }
    }

    /// The ledger of records that are there, which are of one release.
    pub fn of_records(ledger: &Path, release: Option<&str>, folders: &[PathBuf]) -> Self {
        Self {
            plan: None,
            ledger: ledger.to_owned(),
            release: release.map(str::to_owned),
            named: None,
            is_of_any_version: false,
            folders: folders.to_vec(),
            is_required: false,
        }
    }

    /// Reads a ledger, and says whether it may be used. A check that is recorded meanwhile must not look like one that the ledger
    /// lost: the ledger is then read again.
    ///
    /// # Errors
    /// A ledger that cannot be read, or is broken.
    pub fn read(
        &self,
        read: impl Fn() -> Result<Option<Chain>, JournalError>,
    ) -> Result<(Option<Chain>, Result<(), Objection>), JournalError> {
        let mut chain = read()?;
        for _ in 0..MAX_READS {
            let allowed = self.allow(chain.as_ref());
            if allowed.is_ok() {
                return Ok((chain, allowed));
            }
            let again = read()?;
            if again == chain {
                return Ok((chain, allowed));
            }
            chain = again;
        }
        let allowed = self.allow(chain.as_ref());
        Ok((chain, allowed))
    }

    /// Whether the ledger may be used as it is; `None` stands for one that is not there. Nobody must write to it meanwhile.
    ///
    /// # Errors
    /// Why not.
    pub fn allow(&self, chain: Option<&Chain>) -> Result<(), Objection> {
        let empty = Chain::default();
        let chain = chain.unwrap_or(&empty);
        self.of_this_plan(chain)?;
        self.of_this_name(chain)?;
        let places = Places::of(&self.ledger, &self.folders, chain);
        let records =
            Records::of(&places).map_err(|found| self.disputed(Dispute::unread(found)))?;
        let counting = self.counting(&records.unnamed, chain);
        if chain.lines().len() == 0 {
            let lost = self.lost(&counting).or_else(|| self.left());
            return lost.or_else(|| self.not_begun()).map_or(Ok(()), Err);
        }
        fitting(&counting, chain)
            .and_then(|()| last_there(chain, &records, &places))
            .map_err(|dispute| self.disputed(dispute))
    }

    /// Those of some checks, by number, whose record is not at hand, each in a line: nothing but its entry says what it found.
    pub fn without_record(&self, chain: &Chain, numbers: &[u64]) -> Vec<String> {
        let places = Places::of(&self.ledger, &self.folders, chain);
        let records = Records::of(&places).ok();
        let is_bare = |checked: &Checked| {
            let found = records
                .as_ref()
                .map(|records| kept(checked, records, &places));
            found.is_none_or(|found| matches!(found, Kept::Nowhere))
        };
        let rested_on = checks(chain).filter(|(entry, _)| numbers.contains(&entry.number));
        let bare = rested_on.filter(|(_, checked)| is_bare(checked));
        let told = bare.map(|(entry, checked)| {
            format!(
                "check #{} is known from its entry alone: its record {} is not there, and `gate verify` will say so",
                entry.number, checked.evidence_path
            )
        });
        told.collect()
    }

    /// The record of a check, if it is at hand and is what the entry names.
    pub fn record(&self, chain: &Chain, checked: &Checked) -> Option<Evidence> {
        let places = Places::of(&self.ledger, &self.folders, chain);
        let records = Records::of(&places).ok()?;
        let file = match kept(checked, &records, &places) {
            Kept::Record(path) => EvidenceFile::read(&path).ok()?,
            Kept::Draft(draft) => *draft,
            Kept::Nowhere => return None,
        };
        (file.sha256 == checked.evidence_sha256).then_some(file.evidence)
    }

    /// Gives records their names whose checks were killed before they did. Where a ledger is shared, that may be more than the last:
    /// a line may reach its place after its writer was killed and the next had looked.
    pub fn finish(&self, chain: &Chain) {
        let places = Places::of(&self.ledger, &self.folders, chain);
        let Ok(records) = Records::of(&places) else {
            return;
        };
        for (_, checked) in checks(chain) {
            let Kept::Draft(draft) = kept(checked, &records, &places) else {
                continue;
            };
            let record = draft.path.with_file_name(file_name(&checked.evidence_path));
            if let Err(error) = finish(&record) {
                say(&format!(
                    "a check was killed before its record got its name, {}, and it cannot be given: {error}",
                    record.display()
                ));
            }
        }
    }

    /// Whether it is that of the plan's release, and of the plan's file.
    fn of_this_plan(&self, chain: &Chain) -> Result<(), Objection> {
        self.of_this_release(chain)?;
        self.of_this_file(chain)
    }

    /// `p.yaml` and `p.yml` have the same place for a ledger, and never share one (T8). A plan that was renamed, so that the
    /// other file is gone, takes its ledger along.
    fn of_this_file(&self, chain: &Chain) -> Result<(), Objection> {
        let (Some(plan), Some(last)) = (&self.plan, chain.ledger().entries().last()) else {
            return Ok(());
        };
        let plan = &plan.path;
        let (now, then) = (super::plan_name(plan), &last.plan.file);
        let is_beside = Path::new(then).file_stem() == plan.file_stem();
        let other = plan.with_file_name(then);
        if now == *then || !is_beside || other.symlink_metadata().is_err() {
            return Ok(());
        }
        Err(Objection::NotOfThisPlan(Said {
            found: format!("{} is the ledger of {then}, not of {now}", self.ledger()),
            lines: vec![format!(
                "name the plan {then}, or give this one another name and with it a ledger of its own"
            )],
        }))
    }

    /// A plan that is reached through a link has the ledger of the file that the link leads to, if there is one; two names of one
    /// file never have one each (T1).
    fn of_this_name(&self, chain: &Chain) -> Result<(), Objection> {
        let Some(plan) = &self.plan else {
            return Ok(());
        };
        let AskedPlan { path: plan, home } = plan;
        let targets = linked::targets(plan);
        if let Some(target) = targets.iter().find(|target| home.keeps_apart(plan, target)) {
            return Err(kept_apart(plan, target));
        }
        let mut targets = targets.into_iter();
        let other = targets.find(|target| self.is_kept(&home.of_another(target)));
        let is_begun = chain.lines().len() > 0;
        let other = other.or_else(|| linked::other_name(plan, home).filter(|_| !is_begun));
        let Some(other) = other else {
            return Ok(());
        };
        let shown = without_dot(&other);
        Err(Objection::NotOfThisPlan(Said {
            found: format!(
                "{} and {shown} are one file, and its ledger is kept as {}",
                without_dot(plan),
                without_dot(home.of_another(&other).ledger())
            ),
            lines: vec![
                format!("name the plan by that path: {}", steps::quoted(&shown)),
                "if that ledger is of another rollout, move it and its evidence to another folder"
                    .to_owned(),
            ],
        }))
    }

    /// Whether a plan whose records are there has a ledger, or had one according to records beside it.
    fn is_kept(&self, home: &Home) -> bool {
        let ledger = home.ledger().to_owned();
        let is_there = ledger.metadata().is_ok_and(|found| found.len() > 0);
        let of_records = Self {
            plan: None,
            ledger,
            release: self.release.clone(),
            named: None,
            is_of_any_version: false,
            folders: Vec::new(),
            is_required: false,
        };
        is_there || matches!(of_records.allow(None), Err(Objection::Lost(_)))
    }

    /// Whether the plan requires that somebody begins it.
    pub fn is_required(&self) -> bool {
        self.is_required
    }

    /// A ledger elsewhere that may be this plan's, where it has none.
    pub fn left(&self) -> Option<Objection> {
        let AskedPlan { path, home } = self.plan.as_ref()?;
        left(path, home, self.named.as_ref())
    }

    /// The ledger as people name it.
    fn ledger(&self) -> String {
        let home = self.plan.as_ref().map(|plan| plan.home.shown());
        home.unwrap_or_else(|| without_dot(&self.ledger))
    }

    /// The place that several machines share, if the ledger is a copy of what is there.
    fn shared(&self) -> Option<&Shared> {
        self.plan.as_ref()?.home.is_shared()
    }

    /// How a release gets a ledger of its own where another one's is.
    fn make_room(&self, then: &str) -> Vec<String> {
        let counts = "what people did for one release counts for no other";
        if let Some(shared) = self.shared() {
            return vec![format!(
                "{counts}: under `records`, name another branch or prefix for this one than {}, or give its plan another file name",
                shared.shown()
            )];
        }
        vec![
            format!("{counts}: move the ledger away to begin a new one"),
            moved(&self.ledger, &elsewhere::for_release(&self.ledger, then)),
        ]
    }

    /// What people did for one release counts for no other.
    fn of_this_release(&self, chain: &Chain) -> Result<(), Objection> {
        let Some(now) = &self.release else {
            return Ok(());
        };
        let history = History::of(Some(chain.ledger()));
        // Records that are looked at for themselves may be of a version before.
        let is_of_before = self.plan.is_none() && history.releases().contains(now);
        let is_superseded = self.is_of_any_version && self.is_of_the_same_name(history);
        match history.release() {
            Some(then) if then != *now && !is_of_before && !is_superseded => {
                Err(Objection::NotOfThisPlan(Said {
                    found: format!(
                        "{} is the ledger of {then}, but the plan is for {now}",
                        self.ledger()
                    ),
                    lines: (self.goes_on(history, now).into_iter())
                        .chain(self.make_room(&then))
                        .collect(),
                }))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// How the rollout goes on with another version of the same release, or with the one that took the place of this (L6).
    fn goes_on(&self, history: History<'_>, now: &str) -> Vec<String> {
        let Some((name, version)) = &self.named else {
            return Vec::new();
        };
        let version = version.as_deref();
        let Some(then) = history.version_then(name) else {
            let alike = history.alike_in_text(name, version);
            return alike.map_or_else(Vec::new, |(name, version)| self.apart_lines(name, version));
        };
        if let Some(entry) = history.superseded_from(version) {
            let (then, number) = (then.unwrap_or("(none)"), entry.number);
            return vec![format!(
                "{now} was superseded at {} (#{number}): put version {then} back into the plan, or give what is deployed now a version of its own",
                entry.at
            )];
        }
        if let (None, Some(then)) = (version, then) {
            return vec![format!(
                "put version {then} back into the plan; or, if another one takes its place in the same rollout, give it a name, `release: {{ name: {name}, version: … }}`, and supersede with that"
            )];
        }
        let Some((version, plan)) = version.zip(self.plan.as_ref()) else {
            return Vec::new();
        };
        let step = steps::supersede(version).command(&without_dot(&plan.path));
        vec![
            format!("if {version} takes its place in the same rollout"),
            format!("  {step}"),
        ]
    }

    /// How to name a version where name and version are one text (L6).
    fn apart_lines(&self, name: &str, version: &str) -> Vec<String> {
        let Some(plan) = &self.plan else {
            return Vec::new();
        };
        let step = steps::supersede(version).command(&without_dot(&plan.path));
        vec![
            format!(
                "if {version} takes its place in the same rollout, write name and version apart, `release: {{ name: {name}, version: \"{version}\" }}`, and then"
            ),
            format!("  {step}"),
        ]
    }

    /// Whether the ledger is that of a version of the plan's release, as far as anybody can tell.
    fn is_of_the_same_name(&self, history: History<'_>) -> bool {
        self.named.as_ref().is_some_and(|(name, version)| {
            let version = version.as_deref();
            history.version_then(name).is_some() || history.alike_in_text(name, version).is_some()
        })
    }

    /// The records that count: those of this release, and of the versions of it that the ledger was of before, unless they were
    /// set aside.
    fn counting<'a>(&self, records: &'a [RecordHead], chain: &Chain) -> Vec<&'a RecordHead> {
        let mut releases = History::of(Some(chain.ledger())).releases();
        // A ledger that is gone was not yet that of the version which takes its place.
        if !self.is_of_any_version || !releases.is_empty() {
            releases.extend(self.release.clone());
        }
        if releases.is_empty() {
            let most = records.iter().max_by_key(|one| one.claim().entries());
            releases.extend(most.map(|one| one.head.release.clone()));
        }
        let aside: BTreeSet<&str> = chain.ledger().set_aside().collect();
        (records.iter())
            .filter(|record| releases.contains(&record.head.release))
            .filter(|record| !aside.contains(record.name.as_str()))
            .collect()
    }

    fn lost(&self, records: &[&RecordHead]) -> Option<Objection> {
        let last = records.iter().max_by_key(|one| one.claim().entries())?;
        let folders = records.iter().filter_map(|one| one.path.parent());
        Some(Objection::Lost(LostLedger {
            path: super::name(&self.ledger),
            records: records.len() as u64,
            entries: last.claim().entries(),
            last: Some(last.head.evaluated_at),
            folders: self.apart(folders),
        }))
    }

    /// Where the plan requires a ledger, somebody begins it: an empty place must not look like a rollout that has not begun.
    fn not_begun(&self) -> Option<Objection> {
        self.is_required.then(|| {
            Objection::Lost(LostLedger {
                path: match self.shared() {
                    Some(_) => self.ledger(),
                    None => super::name(&self.ledger),
                },
                records: 0,
                entries: 0,
                last: None,
                folders: self.apart(self.folders.iter().map(PathBuf::as_path)),
            })
        })
    }

    fn disputed(&self, dispute: Dispute) -> Objection {
        let named = self.folders.iter().map(PathBuf::as_path);
        let is_folder = dispute.record == own_folder(&self.ledger);
        let of_record = dispute.record.parent().filter(|_| !is_folder);
        let folders = named.chain(of_record);
        let shared = self.shared();
        let shared = shared.filter(|_| dispute.record.starts_with(super::folder(&self.ledger)));
        Objection::Disputed {
            ledger: self.ledger(),
            copied_from: shared.map(|shared| shared.shown().into()),
            folders: self.apart(folders),
            dispute,
        }
    }

    /// The folders that are not the plan's own, as commands name them.
    fn apart<'a>(&self, folders: impl Iterator<Item = &'a Path>) -> Vec<String> {
        let own = own_folder(&self.ledger);
        let apart: BTreeSet<String> = folders
            .filter(|folder| without_dot(folder) != without_dot(&own))
            .map(without_dot)
            .collect();
        apart.into_iter().collect()
    }
}
