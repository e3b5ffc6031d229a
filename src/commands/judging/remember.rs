//! A check as the ledger records it: what it found, and where its evidence is. Must not judge.

use std::path::Path;

use super::job::Job;
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::commands::load::LoadedPlan;
use crate::evidence::Evidence;
use crate::ledger::{Checked, Event, GateChecked, Trip};

/// The entry of a check whose evidence is at a path and has a digest.
pub fn entry(job: &Job, evidence: &Evidence, path: &Path, sha256: &str) -> Event {
    Event::Checked(Checked {
        evaluated_at: evidence.evaluated_at,
        release: job.loaded.plan.release.id(),
        plan_sha256: evidence.plan.sha256.clone(),
        vars: job.request.vars.clone(),
        evidence_path: beside(&job.loaded, path),
        evidence_sha256: sha256.to_owned(),
        verdict: evidence.verdict,
        gates: evidence.gates.iter().map(gate).collect(),
    })
}

fn gate(gate: &GateAssessment) -> GateChecked {
    GateChecked {
        look: gate.look,
        start_disputed: gate.start_disputed(),
        gate: gate.name(),
        verdict: gate.verdict,
        verdict_without_approvals: gate.verdict_without_approvals,
        tripped: (gate.criteria.iter())
            .filter(|_| gate.trips_last())
            .filter(|one| one.outcome == Outcome::Tripped)
            .map(trip)
            .collect(),
    }
}

fn trip(criterion: &CriterionAssessment) -> Trip {
    Trip {
        kind: criterion.kind,
        name: criterion.name.clone(),
        condition: criterion.condition.clone(),
        reason: criterion.reason.clone(),
    }
}

/// The path relative to the plan's folder if it is below it, otherwise absolute: the ledger may be read from anywhere.
fn beside(loaded: &LoadedPlan, path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = loaded.folder().canonicalize();
    let below = folder
        .ok()
        .and_then(|folder| whole.strip_prefix(folder).ok().map(Path::to_owned));
    below.unwrap_or(whole).to_string_lossy().into_owned()
}
