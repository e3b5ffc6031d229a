//! Who ran a check, where, whose signatures and which captured baselines it found: known to evidence and recorded answers alike. Data only; `commands` finds it out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::units::Instant;

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

/// What was found about the signatures of approvals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignaturesSeen {
    /// Nothing says whose keys count, so no signature does.
    NoSigners,
    /// By the number of the approval's entry. An approval that is not in it was not looked at, and does not count.
    Seen(BTreeMap<u64, SignatureSeen>),
}

/// What was found about one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureSeen {
    /// It is good.
    By {
        /// Who made it, as the list of signers says.
        principal: String,
        /// The key's fingerprint: `SHA256:…`.
        key: String,
    },
    /// It is missing or does not count, because ….
    Refused(String),
}

/// A captured baseline as a check found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineSeen {
    /// As in the plan.
    pub path: String,
    /// SHA-256 of its bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// When it was captured, as it says.
    pub captured_at: Instant,
}

impl BaselineSeen {
    /// `captured at 2026-11-19T23:00:00Z, sha256 0123456789ab…`.
    #[must_use]
    pub fn in_short(&self) -> String {
        let sha256 = self.sha256.get(..12).unwrap_or(&self.sha256);
        format!("captured at {}, sha256 {sha256}…", self.captured_at)
    }
}
