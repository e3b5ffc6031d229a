//! Who ran a check, where: known to evidence and recorded answers alike. Data only; `commands` finds it out.

use serde::{Deserialize, Serialize};

/// Who ran a check, where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunIdentity {
    /// The login.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The CI run's address, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<String>,
    /// The commit, if CI says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The command line, secrets removed.
    #[serde(default)]
    pub command: Vec<String>,
}
