//! How an entry of the ledger is cited in a reason: who, when, why. Must not judge it.

use crate::ledger::Entry;

/// `by Ada at 2026-11-20T14:00:00Z: printer replaced`.
pub(super) fn cited(entry: &Entry) -> String {
    let why: Vec<&str> = entry.why.split_whitespace().collect();
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(": {}", why.join(" "))
    };
    format!("by {} at {}{why}", entry.by.name, entry.at)
}
