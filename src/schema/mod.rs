//! JSON Schema (draft 2020-12; the plan's as draft-07, too) of what people and programs write: plans, evidence, ledgers, how a watch stands. Texts only: nothing is validated here.
//!
//! They are in `docs/schema/`, where editors find them; a test holds them and the code together.

/// Of a rollout plan.
pub const PLAN: &str = include_str!("../../docs/schema/plan.schema.json");
/// The same in draft-07 under an `$id`, for the catalogues of editors.
pub const PLAN_DRAFT_07: &str = include_str!("../../docs/schema/plan.draft-07.schema.json");
/// Of an evidence document.
pub const EVIDENCE: &str = include_str!("../../docs/schema/evidence.schema.json");
/// Of a line of a ledger.
pub const LEDGER: &str = include_str!("../../docs/schema/ledger.schema.json");
/// Of what a watch answers at `/status.json`.
pub const WATCH: &str = include_str!("../../docs/schema/watch.schema.json");
/// Of what `gate backtest` writes for programs.
pub const BACKTEST: &str = include_str!("../../docs/schema/backtest.schema.json");
/// Of what `gate tune` writes for programs.
pub const TUNE: &str = include_str!("../../docs/schema/tune.schema.json");
/// Of what `gate validate --format json` writes.
pub const VALIDATE: &str = include_str!("../../docs/schema/validate.schema.json");

#[cfg(test)]
mod tests;
