//! From the command line, or from what was recorded, to plans that are ready to be judged, and to what becomes of their check.
//! Must not ask a source.
//!
//! `job` (one plan, with T, S, gates, variables) · `baselines` (captured ones) · `plan_changes` (what changed since) · `select` (which gates) ·
//! `reports` (which are wanted, and where) · `evidence` (what was found) · `remember` (what the ledger keeps of it).

mod baselines;
pub mod evidence;
pub mod job;
mod plan_changes;
pub mod remember;
pub mod reports;
pub mod select;
