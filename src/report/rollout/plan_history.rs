//! How the plan changed during the rollout: what the checks found changed in its gates. Must not compare plans.

use super::RolloutFacts;
use crate::plan::{Effect, PlanChange};
use crate::report::plan_changes::{line, what};
use crate::report::sheet::{Block, Cell, Sheet};

const HEAD: [&str; 6] = ["Gate", "Since", "What", "Was", "Is", "Effect"];

/// A table, and what is not known; nothing where every check was made under the same plan.
pub(super) fn write(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let changes = all(rollout);
    let (unknown, known): (Vec<&PlanChange>, Vec<&PlanChange>) = changes
        .into_iter()
        .partition(|change| change.effect == Effect::Unknown);
    if known.is_empty() && unknown.is_empty() {
        return;
    }
    let heading = "Changes of the plan";
    sheet.blocks.push(Block::Heading(heading.to_owned()));
    let rows = known.into_iter().map(row).collect();
    sheet.rows(heading, &HEAD, rows);
    let unknown = unknown.into_iter().map(line);
    sheet.blocks.extend(unknown.map(Block::Warning));
}

/// Each once: a change is found by every check that follows it.
fn all<'a>(rollout: &RolloutFacts<'a>) -> Vec<&'a PlanChange> {
    let mut all: Vec<&PlanChange> = Vec::new();
    for change in rollout
        .checks
        .iter()
        .flat_map(|check| &check.evidence.plan_changes)
    {
        if !all.contains(&change) {
            all.push(change);
        }
    }
    all
}

fn row(change: &PlanChange) -> Vec<Cell> {
    let text = |text: &Option<String>| Cell::text(text.clone().unwrap_or_default());
    vec![
        Cell::text(change.gate.to_string()),
        Cell::text(format!("#{}", change.since)),
        Cell::text(what(change)),
        text(&change.was),
        text(&change.now),
        Cell::text(change.effect.word()),
    ]
}
