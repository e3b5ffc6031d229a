//! What a report on a rollout is made from: its checks, the plan of the last one, its ledger, and where it stood. Must not fill
//! in what is missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::{Failure, ledger};
use crate::commands::bounded;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::ledger_file::folder;
use crate::commands::signatures_of::{self, Asking};
use crate::commands::status::stands;
use crate::digest::sha256_hex;
use crate::ledger::{Chain, Ledger};
use crate::plan::{self, Options, Plan, Release};
use crate::report::{Check, RolloutFacts, is_of_the_rollout};
use crate::rollout::{History, Next, Rollout, Status, steps};
use crate::units::Instant;

/// Everything available.
pub struct Material {
    checks: Vec<Check>,
    plan: Option<Plan>,
    chain: Option<Chain>,
    /// SHA-256 of the plan.
    plan_sha256: String,
    /// Where each source was when it was asked last, as `NAME=ADDRESS`.
    addresses: Vec<String>,
    /// When the report is made.
    now: Instant,
    /// The records of the ledger; `None` without one.
    witnesses: Option<Witnesses>,
    /// The release that the plan on disk is of, if the ledger does not know it yet, or no more.
    unknown: Option<Release>,
}

impl Material {
    /// From the given evidence and what is beside it, as of `now`: checks in the order of the ledger; the plan is that of the
    /// last one that the ledger holds and that is no forecast.
    ///
    /// # Errors
    /// Checks of several releases, and a ledger that may not be used.
    pub fn of(
        subjects: Vec<EvidenceFile>,
        named: Option<&Path>,
        now: Instant,
    ) -> Result<Self, Failure> {
        let gathered = Gathered::of(subjects, named)?;
        let judged = gathered.judged();
        // Nothing was recorded after now, whatever the clocks say.
        let ledger = gathered.chain.as_ref().map(|(_, chain)| chain.ledger());
        let now = History::of(ledger).present(now);
        Ok(gathered.with(judged, now))
    }

    /// The same as the rollout stands at this moment by the clock, for what may be done now: by the plan as it is on disk, if it
    /// is there.
    ///
    /// # Errors
    /// The same.
    pub fn at_this_moment(
        subjects: Vec<EvidenceFile>,
        named: Option<&Path>,
        now: Instant,
    ) -> Result<Self, Failure> {
        let gathered = Gathered::of(subjects, named)?;
        let on_disk = gathered.on_disk();
        let unknown = on_disk.as_ref().and_then(|one| gathered.unknown(one));
        let on_disk = on_disk.filter(|_| unknown.is_none());
        let plan = on_disk.unwrap_or_else(|| gathered.judged());
        Ok(Self {
            unknown,
            ..gathered.with(plan, now)
        })
    }

    /// Where the rollout stands; `None` without plan or ledger. While the plan is of a release that the ledger does not know, every
    /// command refuses it, and that comes first.
    pub fn status(&self) -> Option<Status> {
        let (rollout, witnesses) = (self.rollout().rollout?, self.witnesses.as_ref()?);
        let path = self.checks.last().map(|last| &last.evidence.plan.path);
        let mut status = stands(&rollout, path?, witnesses, self.chain.as_ref());
        if let Some(unknown) = &self.unknown {
            let (held, next) = of_another_release(unknown, rollout.history())?;
            status.held_elsewhere.insert(0, held);
            (status.next, status.to_hold) = (Some(next), None);
        }
        Some(status)
    }

    /// As reports need it.
    pub fn rollout(&self) -> RolloutFacts<'_> {
        let (plan, ledger) = (self.plan.as_ref(), self.chain.as_ref().map(Chain::ledger));
        let rollout = plan.zip(ledger).map(|(plan, ledger)| Rollout {
            plan,
            plan_sha256: Some(&self.plan_sha256),
            vars: &[],
            addresses: &self.addresses,
            ledger: Some(ledger),
            now: self.now,
        });
        RolloutFacts {
            checks: &self.checks,
            plan,
            ledger,
            rollout,
        }
    }
}

/// A plan, if it could be loaded, and its SHA-256.
struct Version {
    plan: Option<Plan>,
    sha256: String,
}

/// What was given, and the ledger of it.
struct Gathered {
    /// In the order of the ledger.
    subjects: Vec<EvidenceFile>,
    /// Which of them is the last that counts.
    last: usize,
    /// With its path.
    chain: Option<(PathBuf, Chain)>,
}

impl Gathered {
    fn of(mut subjects: Vec<EvidenceFile>, named: Option<&Path>) -> Result<Self, Failure> {
        subjects.sort_by_cached_key(|one| (one.evidence.evaluated_at, one.path.clone()));
        let latest = subjects.last().context("there is no evidence")?;
        let all: Vec<&EvidenceFile> = subjects.iter().collect();
        one_release(&all, latest, named)?;
        let chain = ledger::of(&all, latest, named)?;
        let ledger = chain.as_ref().map(|(_, chain)| chain.ledger());
        subjects.sort_by_cached_key(|one| number_of(&one.sha256, ledger));
        let counts = |one: &EvidenceFile| is_of_the_rollout(&one.sha256, &one.evidence, ledger);
        let last = subjects.iter().rposition(counts);
        Ok(Self {
            last: last.unwrap_or(subjects.len().saturating_sub(1)),
            subjects,
            chain,
        })
    }

    fn last(&self) -> Option<&EvidenceFile> {
        self.subjects.get(self.last)
    }

    /// The plan as it was judged last.
    fn judged(&self) -> Version {
        let last = self.last();
        let sha256 = last.map(|last| last.evidence.plan.sha256.clone());
        Version {
            plan: last.and_then(|last| load(&last.plan_file()?, last)),
            sha256: sha256.unwrap_or_default(),
        }
    }

    /// The plan beside the ledger, as it is.
    fn on_disk(&self) -> Option<Version> {
        let ((ledger, _), last) = (self.chain.as_ref()?, self.last()?);
        let path = folder(ledger).join(ledger::plan_name(last));
        let bytes = bounded::read(&path, bounded::MAX_BYTES).ok()?;
        let plan = load(&path, last).or_else(|| self.judged().plan);
        let sha256 = sha256_hex(&[&bytes]);
        Some(Version { plan, sha256 })
    }

    /// The release of a version of the plan, if the ledger is of another.
    fn unknown(&self, version: &Version) -> Option<Release> {
        let (_, chain) = self.chain.as_ref()?;
        let then = History::of(Some(chain.ledger())).release()?;
        let release = &version.plan.as_ref()?.release;
        (release.id() != then).then(|| release.clone())
    }

    /// With a version of the plan, and what it asks of signatures (T13).
    fn with(self, version: Version, now: Instant) -> Material {
        let Version { plan, sha256 } = version;
        let copies: Vec<PathBuf> = (self.subjects.iter())
            .map(|one| one.folder().to_owned())
            .collect();
        let witnesses = self.chain.as_ref().map(|(path, chain)| {
            let release = History::of(Some(chain.ledger())).release();
            Witnesses::of_records(path, release.as_deref(), &copies)
        });
        let chain = self.chain.map(|(path, chain)| match &plan {
            Some(plan) => {
                let (folder, copies) = (folder(&path), copies.as_slice());
                let asking = Asking {
                    plan,
                    folder,
                    records: folder,
                    copies,
                };
                signatures_of::status(asking, chain)
            }
            None => chain,
        });
        Material {
            checks: self.subjects.into_iter().map(check).collect(),
            plan,
            plan_sha256: sha256,
            addresses: as_last_asked(chain.as_ref().map(Chain::ledger)),
            now,
            chain,
            witnesses,
            unknown: None,
        }
    }
}

/// What to say, and to do, while the plan is of a release that the ledger does not know yet, or no more.
fn of_another_release(release: &Release, history: History<'_>) -> Option<(String, Next)> {
    let (now, then) = (release.id(), history.release()?);
    let version = release.version.as_deref();
    let is_next =
        history.version_then(&release.name).is_some() && history.superseded_from(version).is_none();
    let next = match version.filter(|_| is_next) {
        Some(version) => {
            let why = format!("{now} has not taken the place of {then} yet");
            Next::new(steps::supersede(version), &why)
        }
        None => Next {
            first: Some(format!("the plan is put back to {then}")),
            ..Next::new(
                steps::check_in_play(),
                &format!("{then} runs, and not {now}"),
            )
        },
    };
    let held = format!(
        "the plan is for {now} by now, but the ledger is of {then}: {}",
        next.why
    );
    Some((held, next))
}

/// Where each source was when it was asked last.
fn as_last_asked(ledger: Option<&Ledger>) -> Vec<String> {
    let entries = ledger.map_or(&[][..], Ledger::entries).iter();
    let checks = entries.filter_map(|entry| entry.event.checked());
    let mut last: BTreeMap<&str, &String> = BTreeMap::new();
    for asked in checks.flat_map(|check| &check.sources) {
        let name = asked.split_once('=').map_or("", |(name, _)| name);
        last.insert(name, asked);
    }
    last.into_values().cloned().collect()
}

/// The entry that records a check; 0 without one, so that checks that the ledger does not know come first.
fn number_of(sha256: &str, ledger: Option<&Ledger>) -> u64 {
    let entry = ledger.and_then(|ledger| ledger.entry_of(sha256));
    entry.map_or(0, |entry| entry.number)
}

fn check(subject: EvidenceFile) -> Check {
    let file = subject
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Check {
        file,
        sha256: subject.sha256,
        evidence: subject.evidence,
    }
}

/// A summary of two rollouts would describe neither. A plan may have been renamed: then its ledger names the checks of both names.
fn one_release(
    subjects: &[&EvidenceFile],
    latest: &EvidenceFile,
    named: Option<&Path>,
) -> anyhow::Result<()> {
    let mut rollouts: Vec<String> = Vec::new();
    for subject in subjects {
        let plan = &subject.evidence.plan;
        let name = format!("{} ({})", plan.release.name, stem(&plan.path));
        if !rollouts.contains(&name) {
            rollouts.push(name);
        }
    }
    if rollouts.len() > 1 && !ledger::names_all(subjects, latest, named) {
        bail!(
            "these are checks of several rollouts, {}: name those of only one",
            rollouts.join(" and ")
        );
    }
    Ok(())
}

/// The plan's file name without its extension.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_owned()
}

/// As it was judged, if possible: variables may have been set only for the check.
fn load(path: &Path, subject: &EvidenceFile) -> Option<Plan> {
    let bytes = bounded::read(path, bounded::MAX_BYTES).ok()?;
    let vars = subject.evidence.vars.iter();
    let overrides: Vec<(String, String)> = vars
        .flat_map(|one| {
            one.values
                .iter()
                .map(|value| (one.name.clone(), value.clone()))
        })
        .collect();
    let with = |overrides| {
        plan::load(
            &bytes,
            &Options {
                overrides,
                ..Options::default()
            },
        )
    };
    let loaded = with(&[]).or_else(|_| with(&overrides));
    loaded.ok().map(|loaded| loaded.plan)
}
