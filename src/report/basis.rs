//! What an outcome rests on besides samples, in words: who answered, when, which file. Shows the record, adds nothing.

use crate::evaluate::Basis;

/// `entry 12: Ada Lovelace at 2026-11-20T09:12:00Z: because …`, or a file with its digest.
pub(super) fn in_words(basis: &Basis) -> String {
    match basis {
        Basis::Entry {
            number,
            by,
            at,
            why,
            links,
        } => {
            let mut words = format!("entry {number}: {by} at {at}");
            for said in Some(why)
                .filter(|why| !why.is_empty())
                .into_iter()
                .chain(links)
            {
                words.push_str(&format!(", {said}"));
            }
            words
        }
        Basis::File {
            path,
            sha256,
            bytes,
            modified,
        } => format!("{path}: {bytes} bytes, changed {modified}, sha256 {sha256}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Instant;

    #[test]
    fn who_when_why_and_where_are_said() {
        let entry = |why: &str, links: &[&str]| {
            in_words(&Basis::Entry {
                number: 12,
                by: "Ada".to_owned(),
                at: Instant::from_secs(0),
                why: why.to_owned(),
                links: links.iter().map(|&link| link.to_owned()).collect(),
            })
        };
        assert_eq!(entry("", &[]), "entry 12: Ada at 1970-01-01T00:00:00Z");
        assert_eq!(
            entry("tested", &["https://example.com/1"]),
            "entry 12: Ada at 1970-01-01T00:00:00Z, tested, https://example.com/1"
        );
    }

    #[test]
    fn a_file_is_named_by_its_digest() {
        let file = Basis::File {
            path: "../sbom.json".to_owned(),
            sha256: "ab".repeat(32),
            bytes: 17,
            modified: Instant::from_secs(0),
        };
        let words = in_words(&file);
        assert!(
            words.starts_with("../sbom.json: 17 bytes, changed 1970-01-01T00:00:00Z, sha256 abab")
        );
    }
}
