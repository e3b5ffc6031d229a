//! The captured baselines that a plan compares with, as they are on disk, and which of them were replaced since a gate was
//! judged. Must not look at their values.

use crate::commands::bounded;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::load::LoadedPlan;
use crate::digest::sha256_hex;
use crate::kind::GateName;
use crate::plan::{Effect, PlanChange, baseline_files};
use crate::rollout::EarlierVersion;
use crate::samples::BaselineSeen;
use crate::source::captured::read_header;

/// Those of all gates, each once. One that cannot be read makes its criteria unknown, and is left out here.
pub fn seen(loaded: &LoadedPlan) -> Vec<BaselineSeen> {
    let gates = loaded.plan.stages.iter().flat_map(|stage| &stage.gates);
    let mut paths: Vec<&str> = gates.flat_map(baseline_files).collect();
    paths.sort_unstable();
    paths.dedup();
    let read = |path: &str| {
        let bytes = bounded::read(&loaded.folder().join(path), bounded::MAX_BYTES).ok()?;
        Some(BaselineSeen {
            path: path.to_owned(),
            sha256: sha256_hex(&[&bytes]),
            captured_at: read_header(&bytes).ok()?.captured_at,
        })
    };
    paths.into_iter().filter_map(read).collect()
}

/// Those of a gate that are not what they were in an earlier check.
pub fn replaced(
    version: &EarlierVersion<'_>,
    loaded: &LoadedPlan,
    now: &[BaselineSeen],
    gate: &GateName,
) -> Vec<PlanChange> {
    let used = of_gate(loaded, gate);
    let now: Vec<&BaselineSeen> = now
        .iter()
        .filter(|seen| used.contains(&seen.path.as_str()))
        .collect();
    if now.is_empty() {
        return Vec::new();
    }
    let (since, sha256) = (version.since.number, &version.check.plan_sha256);
    let change = |now: &BaselineSeen, was: Option<&BaselineSeen>, effect| PlanChange {
        name: format!("baseline {}", now.path),
        part: "content".to_owned(),
        was: was.map(BaselineSeen::in_short),
        now: Some(now.in_short()),
        effect,
        ..PlanChange::unknown(gate, since, sha256)
    };
    let Some(was) = recorded(version, loaded) else {
        let unknown = now.into_iter();
        return unknown
            .map(|now| change(now, None, Effect::Unknown))
            .collect();
    };
    let pairs = now.into_iter().filter_map(|now| {
        let was = was.iter().find(|was| was.path == now.path)?;
        (was.sha256 != now.sha256).then_some((now, was))
    });
    pairs
        .map(|(now, was)| change(now, Some(was), Effect::Changed))
        .collect()
}

fn of_gate<'l>(loaded: &'l LoadedPlan, gate: &GateName) -> Vec<&'l str> {
    let stages = &loaded.plan.stages;
    let stage = stages.iter().find(|stage| stage.name == gate.stage);
    let gate = stage.and_then(|stage| stage.gate(gate.kind));
    gate.map(baseline_files).unwrap_or_default()
}

/// What an earlier check found, by the digest that the ledger holds; `None` if its record is not available.
fn recorded(version: &EarlierVersion<'_>, loaded: &LoadedPlan) -> Option<Vec<BaselineSeen>> {
    let path = loaded.home.resolve(&version.check.evidence_path);
    let record = EvidenceFile::read(&path).ok()?;
    (record.sha256 == version.check.evidence_sha256).then_some(record.evidence.baselines)
}
