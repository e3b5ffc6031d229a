//! What an auditor asks for, after the page that everybody reads: sign-offs, overrides, changes of the plan, artifacts, and
//! every file with its digest. Must not leave a file out.

use super::stages::StageFacts;
use super::{RolloutFacts, files, plan_history, signed};
use crate::assessment::{BasedOn, CriterionAssessment};
use crate::kind::{CriterionKind, GateName};
use crate::report::plan_findings;
use crate::report::sheet::{Block, Cell, Sheet, fact};

const ARTIFACTS: [&str; 4] = ["Artifact", "Gate", "Outcome", "SHA-256"];

/// The whole appendix.
pub(super) fn write(sheet: &mut Sheet, rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) {
    sheet.blocks.push(Block::Appendix("Appendix".to_owned()));
    sign_offs(sheet, rollout, stages);
    plan_history::write(sheet, rollout);
    artifacts(sheet, stages);
    evidence(sheet, rollout);
    about_the_plan(sheet, rollout);
}

/// Who signed and confirmed, and who proceeded on what, also where that is over.
pub(super) fn sign_offs(sheet: &mut Sheet, rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) {
    let overridden = signed::override_rows(rollout);
    if !overridden.is_empty() {
        sheet.table("Overrides", &signed::OVERRIDES, overridden, "");
    }
    let none = "nobody signed or confirmed anything";
    let rows = signed::rows(rollout, stages);
    sheet.table("Signatures and confirmations", &signed::HEAD, rows, none);
}

/// The files that gates asked for, as the checks found them.
fn artifacts(sheet: &mut Sheet, stages: &[StageFacts<'_>]) {
    let gates = stages.iter().flat_map(|stage| [stage.entry, stage.leaving]);
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for gate in gates.flatten().filter_map(|judged| judged.gate) {
        let asked = gate
            .criteria
            .iter()
            .filter(|one| one.kind == CriterionKind::Artifacts);
        rows.extend(asked.map(|one| artifact(&gate.name(), one)));
    }
    if !rows.is_empty() {
        sheet.table("Artifacts", &ARTIFACTS, rows, "");
    }
}

fn artifact(gate: &GateName, criterion: &CriterionAssessment) -> Vec<Cell> {
    let digest = criterion.based_on.iter().find_map(|one| match one {
        BasedOn::File { sha256, .. } => Some(Cell::Code(sha256.clone())),
        BasedOn::Entry { .. } => None,
    });
    vec![
        Cell::Code(criterion.name.clone()),
        Cell::text(gate.to_string()),
        Cell::Outcome(criterion.outcome),
        digest.unwrap_or_else(|| Cell::of(None)),
    ]
}

/// Every file of the checks, and what was released.
fn evidence(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let verified = "gate verify shows whether these files are whole and unchanged.";
    write_evidence(sheet, rollout, files::rows(rollout), verified);
}

/// The documents of the checks, and what was released.
pub(super) fn documents(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let verified = "Each record holds the digests of its answers and its plan; gate verify shows whether all of them are whole and unchanged.";
    write_evidence(sheet, rollout, files::documents(rollout), verified);
}

fn write_evidence(
    sheet: &mut Sheet,
    rollout: &RolloutFacts<'_>,
    rows: Vec<Vec<Cell>>,
    verified: &str,
) {
    let none = "no evidence is available";
    sheet.table("Evidence", &files::HEAD, rows, none);
    let newest = rollout.newest().map(|check| &check.evidence.plan.release);
    let subjects = newest.map_or(&[][..], |release| &release.subjects).iter();
    let subjects =
        subjects.map(|one| fact("Released", format!("{} sha256:{}", one.name, one.sha256)));
    sheet.facts(subjects.collect());
    sheet.blocks.push(Block::Text(verified.to_owned()));
}

/// What was found out about the plan of the last check.
pub(super) fn about_the_plan(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let newest = rollout.newest().map(|check| &check.evidence);
    let lines = newest.map(plan_findings::lines).unwrap_or_default();
    if !lines.is_empty() {
        sheet
            .blocks
            .push(Block::Heading("About the plan".to_owned()));
        sheet.blocks.push(Block::List(lines));
    }
}
