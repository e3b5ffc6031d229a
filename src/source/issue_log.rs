//! The issue log that a team keeps, as YAML, JSON or CSV. Must not guess what a row means.

use super::failure::Fault;
use crate::findings::Issue;
use crate::samples::FailureCode;
use std::path::Path;

/// Reads a log.
pub(super) fn read(_folder: &Path, _path: &str) -> Result<Vec<Issue>, Fault> {
    Err(Fault::last(
        FailureCode::SourceMisconfigured,
        "this version does not look it up",
    ))
}
