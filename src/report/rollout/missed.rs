//! The days without the checkpoint that the plan asks for, also of stages that were left since (L8). Must not count them itself.

use super::RolloutFacts;
use crate::report::sheet::{Block, Cell, Sheet};
use crate::report::status;

/// A row for each stage and run of days; nothing where none was missed, or plan or ledger is not available.
pub(super) fn write(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let known = rollout.rollout.map(|known| known.status(""));
    let stages = known.into_iter().flat_map(|known| known.stages);
    let rows = stages.flat_map(|stage| {
        let lines = status::missed(&stage.missed).into_iter();
        lines.map(move |line| vec![Cell::text(stage.name.clone()), Cell::text(line)])
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    if !rows.is_empty() {
        let heading = "Missed checkpoints";
        sheet.blocks.push(Block::Heading(heading.to_owned()));
        sheet.rows(heading, &["Stage", "Missed"], rows);
    }
}
