//! Which `gate` this is: the number of the release, and for people the commit that was built. Must not look at the clock.

use std::sync::LazyLock;

use crate::units::Instant;

/// The number of the release. Evidence, answers, ledgers and reports hold it alone, so that what a release writes is the same
/// whichever commit it was built from.
pub const NUMBER: &str = env!("CARGO_PKG_VERSION");

/// The name by which requests tell servers who asks.
pub const USER_AGENT: &str = concat!("gate/", env!("CARGO_PKG_VERSION"));

/// What `build.rs` found out; each is empty where nobody knew.
const COMMIT: &str = env!("GATE_BUILT_COMMIT");
const DATE: &str = env!("GATE_BUILT_DATE");
const MODIFIED: &str = env!("GATE_BUILT_MODIFIED");

/// So many digits of a commit are told.
const DIGITS: usize = 12;

/// The number, and in parentheses the commit, its date in UTC, and whether the source was changed since: what `gate --version` says.
#[must_use]
pub fn told() -> &'static str {
    static TOLD: LazyLock<String> = LazyLock::new(|| words(NUMBER, COMMIT, &date(), MODIFIED));
    &TOLD
}

/// The day of the commit in UTC, `2026-11-27`; empty if it is not known.
#[must_use]
pub fn date() -> String {
    day(DATE)
}

fn day(seconds: &str) -> String {
    let seconds: Option<i64> = seconds.parse().ok();
    let day = seconds.map(|seconds| Instant::from_secs(seconds).to_string());
    day.map_or_else(String::new, |day| day.split('T').take(1).collect())
}

fn words(number: &str, commit: &str, date: &str, modified: &str) -> String {
    let commit = commit.get(..DIGITS).unwrap_or(commit);
    let known = |words: &[&str], between: &str| {
        let known = words.iter().copied().filter(|word| !word.is_empty());
        known.collect::<Vec<_>>().join(between)
    };
    let source = known(&[&known(&[commit, date], " "), modified], ", ");
    if source.is_empty() {
        return number.to_owned();
    }
    format!("{number} ({source})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_what_is_known_of_the_commit() {
        let commit = "d16f3a5b1c2d4e5f60718293a4b5c6d7e8f90a1b";
        for (commit, date, modified, told) in [
            (commit, "2026-11-27", "", "1.2.3 (d16f3a5b1c2d 2026-11-27)"),
            (
                commit,
                "2026-11-27",
                "modified",
                "1.2.3 (d16f3a5b1c2d 2026-11-27, modified)",
            ),
            (commit, "", "", "1.2.3 (d16f3a5b1c2d)"),
            ("d16f3a5", "", "", "1.2.3 (d16f3a5)"),
            ("", "2026-11-27", "", "1.2.3 (2026-11-27)"),
            ("", "", "", "1.2.3"),
        ] {
            assert_eq!(words("1.2.3", commit, date, modified), told);
        }
    }

    #[test]
    fn a_date_is_the_day_in_utc() {
        assert_eq!(day("1795132799"), "2026-11-19");
        assert_eq!(day("1795132800"), "2026-11-20");
        assert_eq!(day(""), "");
    }
}
