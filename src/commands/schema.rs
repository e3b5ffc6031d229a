//! `gate schema`: prints the JSON Schema of a format. Must not change it.

use super::printed::printed;
use crate::cli::SchemaOf;
use crate::exit::Exit;
use crate::schema;

/// Prints one schema.
pub fn schema(of: SchemaOf) -> Exit {
    let text = match of {
        SchemaOf::Plan => schema::PLAN,
        SchemaOf::PlanDraft07 => schema::PLAN_DRAFT_07,
        SchemaOf::Evidence => schema::EVIDENCE,
        SchemaOf::Ledger => schema::LEDGER,
        SchemaOf::Watch => schema::WATCH,
        SchemaOf::Backtest => schema::BACKTEST,
        SchemaOf::Tune => schema::TUNE,
        SchemaOf::Validate => schema::VALIDATE,
    };
    printed("the schema", text)
}
