//! Entries that are dated before the one before them: clocks that disagree, or one that was set back. Order is by number, never
//! by time (T6), so nothing follows from it; but people have to know. Must not decide anything.

use super::History;
use super::present::AHEAD;
use crate::ledger::Entry;

/// At most this many are named, the latest.
const MOST: usize = 3;

/// An entry that is dated before the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backwards<'a> {
    /// The one before it.
    pub before: &'a Entry,
    /// It.
    pub entry: &'a Entry,
}

impl<'a> History<'a> {
    /// Where times run backwards, oldest first.
    #[must_use]
    pub fn backwards(self) -> impl DoubleEndedIterator<Item = Backwards<'a>> {
        let pairs = self.entries().iter().zip(self.entries().iter().skip(1));
        pairs
            .filter(|(before, entry)| entry.at < before.at && !is_expected(before, entry))
            .map(|(before, entry)| Backwards { before, entry })
    }

    /// The latest of them in one sentence; `None` if there is none.
    #[must_use]
    pub fn backwards_in_words(self) -> Option<String> {
        let all = self.backwards().count();
        let latest: Vec<String> = (self.backwards().rev().take(MOST))
            .map(|one| one.to_string())
            .collect();
        let more = match all.saturating_sub(MOST) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let latest = latest.join(", ");
        (all > 0).then(|| {
            format!("times in the ledger run backwards: {latest}{more}; the numbers are the order")
        })
    }
}

/// A check is dated by its beginning, and recorded at its end: what others recorded meanwhile is before it. Where several machines
/// share the ledger, so that its entries have nonces, no two clocks agree to the second.
fn is_expected(before: &Entry, entry: &Entry) -> bool {
    let may_be = entry.event.checked().is_some() || entry.nonce.is_some();
    may_be && entry.at.until(before.at) <= AHEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Event, IdentitySource, Ledger, Person};
    use crate::units::Instant;

    fn ledger(seconds: &[i64]) -> Ledger {
        let entry = |(number, at): (u64, &i64)| Entry {
            nonce: None,
            number,
            at: Instant::from_secs(*at),
            by: Person {
                name: "ada".into(),
                identity_source: IdentitySource::Given,
            },
            plan: "plan.yaml".into(),
            why: String::new(),
            links: Vec::new(),
            event: Event::Paused {
                stage: "pilot".into(),
            },
        };
        Ledger::new((1..).zip(seconds).map(entry).collect())
    }

    fn words(seconds: &[i64]) -> Option<String> {
        History::of(Some(&ledger(seconds))).backwards_in_words()
    }

    #[test]
    fn clocks_of_machines_that_share_a_ledger_may_differ_by_two_minutes() {
        let shared = |seconds: &[i64]| {
            let entries = ledger(seconds).entries().to_vec();
            let noted = |entry: Entry| Entry {
                nonce: Some("00ff00ff00ff00ff".to_owned()),
                ..entry
            };
            let ledger = Ledger::new(entries.into_iter().map(noted).collect());
            History::of(Some(&ledger)).backwards_in_words()
        };
        assert_eq!(shared(&[200, 80]), None);
        let found = shared(&[200, 79]).expect("a clock that is wrong");
        assert!(found.contains("#2 is dated 2m1s before #1"), "{found}");
    }

    #[test]
    fn only_what_runs_backwards_is_named_the_latest_first() {
        assert_eq!(words(&[]), None);
        assert_eq!(words(&[1, 1, 2]), None);
        assert_eq!(
            words(&[100, 70]).as_deref(),
            Some(
                "times in the ledger run backwards: #2 is dated 30s before #1; the numbers are the order"
            )
        );
        let many = words(&[9, 8, 7, 6, 5]).expect("some");
        assert!(
            many.contains("#5 is dated 1s before #4, #4 is dated"),
            "{many}"
        );
        assert!(many.contains("before #2, and 1 more; "), "{many}");
    }
}
