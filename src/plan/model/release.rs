//! What is released, its variables, and how it is rolled back. Holds valid values; checks none.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::plan::ReleaseDetails;
use crate::units::Duration;

/// The release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Such as minor.
    pub kind: Option<String>,
    /// Who is responsible for it.
    pub owner: Option<String>,
    /// Whom to call.
    pub on_call: Option<String>,
    /// What is being released, by digest.
    pub subjects: Vec<Subject>,
    /// Name and address, in plan order.
    pub links: Vec<(String, String)>,
    /// More for people.
    pub details: ReleaseDetails,
}

impl Release {
    /// What distinguishes it from another one: its name, and its version if it has one.
    #[must_use]
    pub fn id(&self) -> String {
        release_id(&self.name, self.version.as_deref())
    }
}

/// What distinguishes a release from another one: its name, and its version if it has one.
#[must_use]
pub fn release_id(name: &str, version: Option<&str>) -> String {
    match version {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}

/// Whether two versions are the same as readers see them: after NFKC, without blanks around them and a `v` before the number. A
/// version that is not there is only the same as another one that is not there.
#[must_use]
pub fn is_same_version(one: Option<&str>, other: Option<&str>) -> bool {
    one.map(as_compared) == other.map(as_compared)
}

fn as_compared(version: &str) -> String {
    let seen: String = version.nfkc().collect();
    let seen = seen.trim();
    let number = seen.strip_prefix(['v', 'V']);
    let number = number.filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    number.unwrap_or(seen).to_owned()
}

/// An artifact that is being released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// SHA-256, 64 lower-case hex digits.
    pub sha256: String,
}

/// A variable with its values: one (a scalar) or several (an alternation).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// `$name`.
    pub name: String,
    /// At least one.
    pub values: Vec<String>,
}

/// One of several ways to roll back (L11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackOption {
    /// Unique in the plan.
    pub name: String,
    /// When it is enough.
    pub when: Option<String>,
}

/// A step of the rollback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollbackStep {
    /// What to do.
    pub action: String,
    /// Who does it.
    pub owner: Option<String>,
    /// How long it takes.
    pub takes: Option<Duration>,
    /// The way to roll back that it belongs to; `None` if the plan has one way only.
    pub option: Option<RollbackOption>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l6_versions_are_the_same_as_readers_see_them() {
        let is_same = |one, other| is_same_version(Some(one), Some(other));
        for one in ["v2.0", " 2.0 ", "V2.0", "\u{ff12}.0", "\u{ff56}2.0"] {
            assert!(is_same("2.0", one), "{one}");
        }
        for other in ["2.1", "2.0-2", "2.0.0", "", "vv2.0"] {
            assert!(!is_same("2.0", other), "{other}");
        }
        assert!(!is_same("vega", "ega"));
        assert!(is_same_version(None, None));
        assert!(!is_same_version(None, Some("none")));
    }
}
