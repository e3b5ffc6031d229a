//! What people did, from the record to the shape of the file. Takes everything over as it is; works nothing out.

use crate::evaluate::{Basis, Overridden, Settle};
use crate::evidence::LedgerSeen;

use super::wire;

impl From<&LedgerSeen> for wire::Ledger {
    fn from(ledger: &LedgerSeen) -> Self {
        Self {
            path: ledger.path.clone(),
            entries: ledger.entries,
            head_sha256: ledger.head_sha256.clone(),
        }
    }
}

impl From<&Overridden> for wire::Overridden {
    fn from(overridden: &Overridden) -> Self {
        Self {
            by: overridden.by.clone(),
            at: overridden.at.to_string(),
            why: overridden.why.clone(),
            expires: overridden.expires.to_string(),
            entry: overridden.entry,
        }
    }
}

/// What an outcome rests on besides samples.
pub(super) fn basis(basis: &Basis) -> wire::Basis {
    match basis {
        Basis::Entry {
            number,
            by,
            at,
            why,
            links,
        } => wire::Basis::Entry {
            number: *number,
            by: by.clone(),
            at: at.to_string(),
            why: why.clone(),
            links: links.clone(),
        },
        Basis::File {
            path,
            sha256,
            bytes,
            modified,
        } => wire::Basis::File {
            path: path.clone(),
            sha256: sha256.clone(),
            bytes: *bytes,
            modified: modified.to_string(),
        },
    }
}

/// The command that settles a criterion, with the plan in its place.
pub(super) fn settle(settle: &Settle, plan: &str) -> wire::Settle {
    wire::Settle {
        command: settle.command(plan),
        owed_by: settle.owed_by.clone(),
    }
}
