//! The evidence of a rollout, file by file with digests. Must not leave a file out, nor vouch for one: that is `gate verify`'s job.

use super::{Check, RolloutFacts};
use crate::evidence::{Answers, PlanCopy};
use crate::report::sheet::Cell;

/// The columns.
pub(super) const HEAD: [&str; 4] = ["File", "What", "Ledger entry", "SHA-256"];

/// The evidence documents alone, oldest first: each holds the digests of its answers and its plan.
pub(super) fn documents(rollout: &RolloutFacts<'_>) -> Vec<Vec<Cell>> {
    let checks = rollout.checks.iter();
    checks.map(|check| document(rollout, check)).collect()
}

/// The evidence documents, oldest first, each with its answers and its copy of the plan.
pub(super) fn rows(rollout: &RolloutFacts<'_>) -> Vec<Vec<Cell>> {
    rollout
        .checks
        .iter()
        .flat_map(|check| of_check(rollout, check))
        .collect()
}

fn of_check(rollout: &RolloutFacts<'_>, check: &Check) -> Vec<Vec<Cell>> {
    let evidence = &check.evidence;
    let mut rows = vec![document(rollout, check)];
    if let Answers::Kept { path, sha256 } = &evidence.answers {
        rows.push(row(path, "its answers".to_owned(), "", sha256));
    }
    if let PlanCopy::Kept(path) = &evidence.plan.copy {
        rows.push(row(path, "its plan".to_owned(), "", &evidence.plan.sha256));
    }
    rows
}

fn document(rollout: &RolloutFacts<'_>, check: &Check) -> Vec<Cell> {
    let evidence = &check.evidence;
    let entry = match (rollout.ledger, rollout.entry_of(check)) {
        (None, _) => "no ledger available".to_owned(),
        (Some(_), Some(entry)) => entry.number.to_string(),
        (Some(_), None) => "NOT in the ledger: not counted".to_owned(),
    };
    let gates: Vec<String> = evidence
        .gates
        .iter()
        .map(|gate| format!("{} {}", gate.name(), gate.verdict.word()))
        .collect();
    let what = format!("check at {}: {}", evidence.evaluated_at, gates.join(", "));
    row(&check.file, what, &entry, &check.sha256)
}

fn row(file: &str, what: String, entry: &str, sha256: &str) -> Vec<Cell> {
    vec![
        Cell::Code(file.to_owned()),
        Cell::text(what),
        Cell::text(entry),
        Cell::Code(sha256.to_owned()),
    ]
}
