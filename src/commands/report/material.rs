//! What a report on a rollout is made from: its checks, the plan of the last one, its ledger, and where it stood. Must not fill
//! in what is missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::commands::bounded;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::ledger_file;
use crate::evidence::Claim;
use crate::ledger::{Chain, Ledger, line};
use crate::plan::{self, Options, Plan};
use crate::report::{Check, RolloutFacts, is_of_the_rollout};
use crate::rollout::{History, Rollout};
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
}

impl Material {
    /// From the given evidence and what is beside it, as of `now`: checks in the order of the ledger; the plan is that of the
    /// last one that the ledger holds and that is no forecast.
    ///
    /// # Errors
    /// Checks of several releases, and a ledger that cannot be read or is broken.
    pub fn of(
        mut subjects: Vec<EvidenceFile>,
        named: Option<&Path>,
        now: Instant,
    ) -> anyhow::Result<Self> {
        subjects.sort_by_cached_key(|one| (one.evidence.evaluated_at, one.path.clone()));
        let latest = subjects.last().context("there is no evidence")?;
        one_release(&subjects)?;
        let chain = chain(latest, named)?;
        if let Some(chain) = &chain {
            agreeing(&subjects, chain)?;
        }
        let ledger = chain.as_ref().map(Chain::ledger);
        subjects.sort_by_cached_key(|one| number_of(&one.sha256, ledger));
        let mut counting = subjects.iter().rev();
        let last = counting.find(|one| is_of_the_rollout(&one.sha256, &one.evidence, ledger));
        let last = last.or(subjects.last()).context("there is no evidence")?;
        let plan = last.plan_file().and_then(|path| load(&path, last));
        let plan_sha256 = last.evidence.plan.sha256.clone();
        Ok(Self {
            checks: subjects.into_iter().map(check).collect(),
            plan,
            plan_sha256,
            addresses: as_last_asked(ledger),
            // Nothing was recorded after now, whatever the clocks say.
            now: History::of(ledger).present(now),
            chain,
        })
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

/// A report on a ledger that was set back, or is another one, would tell another story than the checks.
fn agreeing(subjects: &[EvidenceFile], chain: &Chain) -> anyhow::Result<()> {
    let aside: Vec<&str> = chain.ledger().set_aside().collect();
    let counting = subjects
        .iter()
        .filter(|one| !aside.contains(&one.name().as_ref()));
    for subject in counting {
        if let Some(claim) = Claim::of(&subject.evidence) {
            let held = claim.holds_in(chain);
            held.with_context(|| {
                format!(
                    "{} and its ledger contradict each other",
                    subject.path.display()
                )
            })?;
        }
    }
    Ok(())
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

/// A summary of two rollouts would describe neither.
fn one_release(subjects: &[EvidenceFile]) -> anyhow::Result<()> {
    let mut names: Vec<String> = Vec::new();
    for subject in subjects {
        let plan = &subject.evidence.plan;
        let name = format!("{} ({})", plan.release.name, stem(&plan.path));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > 1 {
        bail!(
            "these are checks of several rollouts, {}: name those of only one",
            names.join(" and ")
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

/// The named ledger, or the one beside the plan or the evidence; `None` if there is none.
fn chain(last: &EvidenceFile, named: Option<&Path>) -> anyhow::Result<Option<Chain>> {
    let Some(path) = named.map(Path::to_owned).or_else(|| ledger_file(last)) else {
        return Ok(None);
    };
    let shown = path.display();
    let bytes = bounded::read(&path, ledger_file::MAX_BYTES)
        .with_context(|| format!("the ledger {shown} cannot be read"))?;
    let chain = line::read(&bytes).with_context(|| format!("the ledger {shown} cannot be used"))?;
    Ok(Some(chain))
}

fn ledger_file(last: &EvidenceFile) -> Option<PathBuf> {
    let evidence = &last.evidence;
    let name = match &evidence.ledger {
        Some(seen) => seen.path.clone(),
        // The first check of a rollout saw no ledger, and created it.
        None => format!("{}.ledger.jsonl", stem(&evidence.plan.path)),
    };
    let is_name = Path::new(&name).file_name() == Some(name.as_ref());
    let mut places = last
        .plan_folders()
        .into_iter()
        .map(|folder| folder.join(&name));
    places.find(|path| is_name && path.is_file())
}
