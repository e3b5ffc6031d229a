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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Event, IdentitySource, Person};
    use crate::units::Instant;

    #[test]
    fn a_reason_of_several_lines_becomes_one() {
        let event = Event::Paused {
            stage: "pilot".into(),
        };
        let mut entry = Entry {
            number: 1,
            at: Instant::from_secs(0),
            by: Person {
                name: "ada".into(),
                identity_source: IdentitySource::Given,
            },
            why: " carrier\n  down ".into(),
            links: Vec::new(),
            event,
        };
        assert_eq!(
            cited(&entry),
            "by ada at 1970-01-01T00:00:00Z: carrier down"
        );
        entry.why.clear();
        assert_eq!(cited(&entry), "by ada at 1970-01-01T00:00:00Z");
    }
}
