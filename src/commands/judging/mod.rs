//! From the command line, or from what was recorded, to plans that are ready to be judged. Must not ask a source.
//!
//! `job` (one plan, with T, S, gates, variables) · `plan_changes` (what changed since) · `select` (which gates).

pub mod job;
mod plan_changes;
pub mod select;
