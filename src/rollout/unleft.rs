//! A stage that another one goes on behind, though it was not left: the finding alone. Must not find it.

use crate::ledger::Entry;

/// A stage that another one, which has begun, stands behind though it was not left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedOver<'a> {
    /// The stage that has begun.
    pub stage: &'a str,
    /// The stage right before it that was not left with GO.
    pub before: &'a str,
    /// The start.
    pub start: &'a Entry,
    /// Since when that start speaks for nothing: another version took the place of the one that ran then, or the stage before
    /// began anew.
    pub since: &'a Entry,
    /// Whether the stage before began anew since.
    pub anew: bool,
}
