//! What an outcome is based on other than samples, in words: who answered, when, which file. Shows the record, adds nothing.

use crate::assessment::{BasedOn, CriterionAssessment, Outcome};
use crate::ledger::known_as;
use crate::rollout::short;

/// `entry 12: Ada Lovelace at 2026-11-20T09:12:00Z, because …`, or a file with the beginning of its digest: the evidence has all of
/// it. If the report has already said who
/// and when, the entry's number and links are enough.
pub(super) fn in_words(based_on: &BasedOn, told: &str) -> String {
    match based_on {
        BasedOn::Entry {
            number,
            by,
            at,
            why,
            links,
        } => {
            let by = known_as(by);
            let is_told = told.contains(by) && told.contains(&at.to_string());
            let mut words = vec![format!("entry {number}")];
            if !is_told {
                words = vec![format!("entry {number}: {by} at {at}")];
                words.extend(Some(why.clone()).filter(|why| !why.is_empty()));
            }
            words.extend(links.iter().cloned());
            words.join(", ")
        }
        BasedOn::File {
            path,
            sha256,
            bytes,
            modified,
        } => {
            let sha256 = short(sha256);
            format!("{path}: {bytes} bytes, changed {modified}, sha256 {sha256}")
        }
    }
}

/// The addresses that reports show with a criterion, of the plan and of those who answered: they are meant to be followed.
pub(super) fn addresses(criterion: &CriterionAssessment) -> Vec<String> {
    let answers = criterion.based_on.iter().map(|one| match one {
        BasedOn::Entry { links, .. } => links.as_slice(),
        BasedOn::File { .. } => &[],
    });
    let link = criterion.link.iter();
    link.chain(answers.flatten()).cloned().collect()
}

/// Who said that a criterion is met, in a word: `mara, entry 27`.
pub(super) fn said_by(criterion: &CriterionAssessment) -> Option<String> {
    let said = criterion.based_on.iter().find_map(|one| match one {
        BasedOn::Entry { number, by, .. } => Some(format!("{}, entry {number}", known_as(by))),
        BasedOn::File { .. } => None,
    });
    said.filter(|_| criterion.outcome == Outcome::Met && !criterion.is_not_applicable())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Instant;

    fn of(why: &str, links: &[&str]) -> BasedOn {
        BasedOn::Entry {
            number: 12,
            by: "Ada".to_owned(),
            at: Instant::from_secs(0),
            why: why.to_owned(),
            links: links.iter().map(|&link| link.to_owned()).collect(),
        }
    }

    #[test]
    fn what_a_reason_says_is_not_said_twice() {
        let told = "answered no by Ada at 1970-01-01T00:00:00Z: broken";
        assert_eq!(in_words(&of("broken", &["x"]), told), "entry 12, x");
        assert!(in_words(&of("broken", &[]), "answered no by Ada").contains("broken"));
    }

    #[test]
    fn an_entry_says_who_when_why_and_where() {
        let entry = |why: &str, links: &[&str]| in_words(&of(why, links), "");
        assert_eq!(entry("", &[]), "entry 12: Ada at 1970-01-01T00:00:00Z");
        assert_eq!(
            entry("tested", &["https://example.com/1"]),
            "entry 12: Ada at 1970-01-01T00:00:00Z, tested, https://example.com/1"
        );
    }

    #[test]
    fn a_file_is_named_by_its_digest() {
        let file = BasedOn::File {
            path: "../sbom.json".to_owned(),
            sha256: "ab".repeat(32),
            bytes: 17,
            modified: Instant::from_secs(0),
        };
        let words = in_words(&file, "");
        assert!(
            words.starts_with("../sbom.json: 17 bytes, changed 1970-01-01T00:00:00Z, sha256 abab")
        );
    }
}
