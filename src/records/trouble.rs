//! Why records could not be read or written. Each trouble says what was found, where, and what to do; none holds a credential.

use thiserror::Error;

/// What kind of trouble: what a caller may do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The answer was lost after the write may have happened: only reading again tells.
    Unknown,
    /// The place cannot be reached, or does not answer in time.
    Away,
    /// The place says no: a hook, a permission, an expired token.
    Refused,
    /// It is not such a place, or another than the one meant: no repository, no remote, a branch that holds something else,
    /// no such bucket, another region, a server without preconditions.
    Misplaced,
    /// More than may be read or written at once.
    TooLarge,
}

/// Something that stood in the way.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found}; {advice}")]
pub struct Trouble {
    /// What kind.
    pub cause: Cause,
    /// What was found, and where.
    pub found: String,
    /// What to do.
    pub advice: String,
}

impl Trouble {
    pub(super) fn new(cause: Cause, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            cause,
            found: found.into(),
            advice: advice.into(),
        }
    }

    pub(super) fn away(found: impl Into<String>) -> Self {
        Self::new(Cause::Away, found, "try again once it can be reached")
    }

    pub(super) fn unknown(found: impl Into<String>) -> Self {
        let advice = "whether it was recorded is not known: look with `gate records PLAN status`";
        Self::new(Cause::Unknown, found, advice)
    }

    pub(super) fn misplaced(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(Cause::Misplaced, found, advice)
    }

    pub(super) fn refused(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(Cause::Refused, found, advice)
    }

    pub(super) fn too_large(what: &str, limit: u64) -> Self {
        let found = format!(
            "{what} has more than the {} MiB that it may have",
            limit >> 20
        );
        Self::new(Cause::TooLarge, found, "record elsewhere, or less")
    }
}

/// A new file whose name is taken.
pub(super) fn taken(name: &super::Name, place: &str) -> Trouble {
    let found = format!("{name} is in {place} already, with other content");
    Trouble::misplaced(found, "nothing is ever replaced there: look who wrote it")
}

/// A file that should be there.
pub(super) fn missing(name: &super::Name, place: &str) -> Trouble {
    let found = format!("{name} is not in {place}");
    Trouble::misplaced(found, "look who removed it: a ledger names it")
}
