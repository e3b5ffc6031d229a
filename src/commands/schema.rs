//! `gate schema`: prints the JSON Schema of a format. Must not change it.

use super::diagnostics::say;
use crate::cli::SchemaOf;
use crate::exit::Exit;
use crate::output::print_stdout;
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
    match print_stdout(text) {
        Ok(()) => Exit::Go,
        Err(error) => {
            say(&format!("the schema could not be printed: {error}"));
            Exit::Unrecorded
        }
    }
}
