//! What a report on a rollout is made from: its checks, the plan of the last one, its ledger, and where it stood. Must not fill
//! in what is missing.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};

use super::{Failure, ledger};
use crate::commands::bounded;
use crate::commands::evidence_file::EvidenceFile;
use crate::ledger::{Chain, Ledger};
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
    /// Checks of several releases, and a ledger that may not be used.
    pub fn of(
        mut subjects: Vec<EvidenceFile>,
        named: Option<&Path>,
        now: Instant,
    ) -> Result<Self, Failure> {
        subjects.sort_by_cached_key(|one| (one.evidence.evaluated_at, one.path.clone()));
        let latest = subjects.last().context("there is no evidence")?;
        let all: Vec<&EvidenceFile> = subjects.iter().collect();
        one_release(&all, latest, named)?;
        let chain = ledger::of(&all, latest, named)?;
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
