//! A record as its ledger holds it: what the entry of the check says of it. Must not judge.

use super::Evidence;
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::ledger::{Checked, GateChecked, Trip};

/// What the ledger records of a check. `vars` are those that `--var` changed, as `NAME=VALUE`; `path` leads to the record, whose
/// digest is `sha256`.
#[must_use]
pub fn checked(evidence: &Evidence, vars: Vec<String>, path: String, sha256: &str) -> Checked {
    Checked {
        evaluated_at: evidence.evaluated_at,
        release: evidence.plan.release.id(),
        plan_sha256: evidence.plan.sha256.clone(),
        vars,
        sources: evidence.asked.clone(),
        evidence_path: path,
        evidence_sha256: sha256.to_owned(),
        verdict: evidence.verdict,
        gates: evidence.gates.iter().map(gate).collect(),
    }
}

fn gate(gate: &GateAssessment) -> GateChecked {
    GateChecked {
        look: gate.look,
        outlook: gate.outlook,
        start_disputed: gate.start_disputed(),
        gate: gate.name(),
        verdict: gate.verdict,
        verdict_without_approvals: gate.verdict_without_approvals,
        tripped: (gate.criteria.iter())
            .filter(|_| gate.trips_last())
            .filter(|one| one.outcome == Outcome::Tripped)
            .map(trip)
            .collect(),
        not_met: gate.not_met(),
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

/// In what an entry differs from the record that it names, apart from path and digest, as the words of its keys.
#[must_use]
pub fn differences(entry: &Checked, evidence: &Evidence) -> Vec<&'static str> {
    // A key that is added has to be compared too.
    let Checked {
        evaluated_at,
        release,
        plan_sha256,
        vars,
        sources,
        evidence_path: _,
        evidence_sha256: _,
        verdict,
        gates,
    } = entry;
    let record = checked(evidence, Vec::new(), String::new(), "");
    let values = [
        ("evaluated_at", *evaluated_at == record.evaluated_at),
        ("release", *release == record.release),
        ("plan_sha256", *plan_sha256 == record.plan_sha256),
        ("vars", vars.iter().all(|var| is_judged(var, evidence))),
        ("sources", *sources == record.sources),
        ("verdict", *verdict == record.verdict),
        ("gates", *gates == record.gates),
    ];
    let differing = values.into_iter().filter(|(_, same)| !same);
    differing.map(|(key, _)| key).collect()
}

/// Whether the plan was judged with that value, `NAME=VALUE`.
fn is_judged(var: &str, evidence: &Evidence) -> bool {
    let Some((name, value)) = var.split_once('=') else {
        return false;
    };
    let mut vars = evidence.vars.iter().filter(|one| one.name == name);
    vars.any(|one| one.values.iter().any(|judged| judged == value))
}
