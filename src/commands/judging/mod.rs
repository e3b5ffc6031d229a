//! From the command line, or from what was recorded, to plans that are ready to be judged, and to what becomes of their check.
//! Only `ask` asks a source.
//!
//! `job` (one plan, with T, S, gates, variables) · `baselines` (captured ones) · `plan_changes` (what changed since) · `select` (which gates) ·
//! `reports` (which are wanted, and where) · `ask` (the sources) · `evidence` (what was found) · `known_part` (what stays while a source is away) · `recording` (written and recorded, together or not at all) · `remember` (what the ledger keeps of it) · `signing` (of the record).

pub mod ask;
mod baselines;
pub mod evidence;
pub mod job;
mod known_part;
mod plan_changes;
pub mod recording;
mod remember;
pub mod reports;
pub mod round;
pub mod select;
pub mod signing;
