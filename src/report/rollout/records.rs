//! Where ledger and evidence of a rollout are kept, as its plan says it. Must not open the place.

use crate::plan::Plan;
use crate::report::sheet::{Block, Fact, Sheet, fact};

/// Nothing where they are beside the plan, and the plan asks for no ledger.
pub(super) fn write(sheet: &mut Sheet, plan: &Plan) {
    let records = &plan.records;
    let parts = records.place.iter().flat_map(|place| place.shown());
    let mut facts: Vec<Fact> = parts.map(|(name, value)| fact(name, value)).collect();
    if records.is_ledger_required {
        let asked = "required: nothing is GO before somebody has begun one";
        facts.push(fact("Ledger", asked.to_owned()));
    }
    if facts.is_empty() {
        return;
    }
    sheet.blocks.push(Block::Part("Records".to_owned()));
    sheet.facts(facts);
}
