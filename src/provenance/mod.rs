//! Who ran a check, where, and whose signatures it found: known to evidence and recorded answers alike. Data only, and what the
//! environment of a CI system says; `commands` finds it out.

mod systems;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use systems::{CiRun, ci_run, cleaned};

/// Who ran a check, where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunIdentity {
    /// In CI who triggered the run, as in the ledger; otherwise the login.
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

/// What was found about the signatures of approvals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignaturesSeen {
    /// Nothing says whose keys count, so no signature does.
    NoSigners,
    /// The list that says whose keys count cannot be read: which, and why.
    ListUnread(String),
    /// By the number of the approval's entry. An approval that is not in it was not looked at, and does not count.
    Seen(BTreeMap<u64, SignatureSeen>),
}

/// What was found about one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureSeen {
    /// It is good.
    By {
        /// Whose key made it, as the list of signers says; several if it lists the key for several.
        principals: Vec<String>,
        /// The key's fingerprint: `SHA256:…`.
        key: String,
    },
    /// It was made for this earlier entry, and counts once.
    Replayed(u64),
    /// It is missing or does not count, because ….
    Refused(String),
}
