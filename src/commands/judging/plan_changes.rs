//! What changed in the gates of a check since they were judged last: earlier versions of the plan, from the copies kept
//! with their evidence. Must not compare them, nor accept a file that is not the recorded version.

use super::baselines;
use crate::commands::bounded;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::load::LoadedPlan;
use crate::digest::sha256_hex;
use crate::kind::GateName;
use crate::ledger::Ledger;
use crate::plan::{Options, Plan, PlanChange, changes, load};
use crate::rollout::{EarlierVersion, History};
use crate::samples::BaselineSeen;

/// What changed in these gates, gate by gate, the oldest version first.
pub fn since_last_judged(
    loaded: &LoadedPlan,
    vars: &[(String, String)],
    ledger: Option<&Ledger>,
    gates: &[GateName],
    baselines: &[BaselineSeen],
) -> Vec<PlanChange> {
    let history = History::of(ledger);
    let mut all = Vec::new();
    for gate in gates {
        for version in history.earlier_versions(gate, &loaded.sha256) {
            all.extend(since(&version, loaded, vars, gate));
        }
        for check in history.earlier_checks(gate) {
            let replaced = baselines::replaced(&check, loaded, baselines, gate);
            for change in replaced {
                // The same content may date from the stage's start and from the last check.
                let is_same = |one: &PlanChange| {
                    (&one.gate, &one.name, &one.was) == (&change.gate, &change.name, &change.was)
                };
                if !all.iter().any(is_same) {
                    all.push(change);
                }
            }
        }
    }
    all
}

fn since(
    version: &EarlierVersion<'_>,
    loaded: &LoadedPlan,
    vars: &[(String, String)],
    gate: &GateName,
) -> Vec<PlanChange> {
    let (number, sha256) = (version.since.number, &version.check.plan_sha256);
    let both = bytes(version, loaded).and_then(|was| {
        // Both without the environment, whose values are not what the author wrote.
        Some((plan(&was, vars)?, plan(&loaded.bytes, vars)?))
    });
    match both {
        Some((was, now)) => changes(&was, &now, gate, number, sha256),
        None => vec![PlanChange::unknown(gate, number, sha256)],
    }
}

/// The bytes of an earlier version, by the digest that the ledger holds.
fn bytes(version: &EarlierVersion<'_>, loaded: &LoadedPlan) -> Option<Vec<u8>> {
    let evidence = loaded.home.resolve(&version.check.evidence_path);
    let subject = EvidenceFile::read(&evidence).ok()?;
    let bytes = bounded::read(&subject.plan_file()?, bounded::MAX_BYTES).ok()?;
    (sha256_hex(&[&bytes]) == version.check.plan_sha256).then_some(bytes)
}

/// A version with the variables of this check; one without them is read as it is.
fn plan(bytes: &[u8], vars: &[(String, String)]) -> Option<Plan> {
    let with = |overrides| {
        let options = Options {
            overrides,
            ..Options::default()
        };
        load(bytes, &options)
    };
    let loaded = with(vars).or_else(|_| with(&[]));
    loaded.ok().map(|loaded| loaded.plan)
}
