//! What is released, its variables, and how it is rolled back. Holds valid values; checks none.

use serde::{Deserialize, Serialize};

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
