//! What a check found, as statements that other tools read: in-toto Statement v1 with a test result, SLSA's verification
//! summary, and their DSSE envelopes. Pure: evidence in, bytes out. Must not claim more than the evidence: only GO is PASSED.

mod dsse;
mod key;
mod statement;

use crate::evidence::Evidence;
use crate::plan::{Policy, Subject};

pub use dsse::{bundle, envelope};
pub use key::AttestKey;

/// An attestation, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The whole Statement, JSON with a final line end: what is signed.
    pub statement: String,
    /// Its predicate alone.
    pub predicate: String,
}

/// What a check is about, and its evidence.
#[derive(Debug, Clone, Copy)]
pub struct Attested<'a> {
    /// What was found.
    pub evidence: &'a Evidence,
    /// What is released, by digest: the plan's subjects and those of the command line.
    pub subjects: &'a [Subject],
    /// The evidence document: its file name and SHA-256, 64 lower-case hex digits.
    pub document: (&'a str, &'a str),
}

/// The test result: PASSED for GO, FAILED for everything else, an undecided gate included.
#[must_use]
pub fn test_result(attested: Attested<'_>) -> Attestation {
    statement::test_result(attested)
}

/// The verification summary for a policy; its subjects are what is released.
#[must_use]
pub fn verification_summary(attested: Attested<'_>, policy: &Policy) -> Attestation {
    statement::verification_summary(attested, policy)
}
