//! Records that several machines share: where a rollout's ledger and its evidence are kept, as bytes under names.
//!
//! `engine` (what a place must be able to do) · `name` (what files are called there) · `trouble` (why it could not be done) ·
//! `pause` (how long to wait before another try) · `git` (a branch of a repository) · `store` (S3, Google's and Azure's object
//! stores). Must not know what a ledger or a record says, must not decide again for its caller, and must not take a lost
//! answer for a yes or a no.

mod engine;
pub mod git;
mod name;
mod pause;
#[cfg(test)]
pub(crate) mod scripted;
pub mod store;
mod trouble;

pub use engine::{Author, Change, Committed, Engine, Listed, Snapshot, Version};
pub use name::{BadName, Name};
pub use pause::pause;
pub use trouble::{Cause, Trouble};

use std::time::Duration;

/// How long one call of an engine may take, all its tries included.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// How long a connection may take to come about.
pub const CONNECTING: Duration = Duration::from_secs(10);
/// How much one call may bring, in bytes.
pub const MAX_BYTES: u64 = crate::bounded::MAX_BYTES;
