//! A file as it is found: size, age, digest, and what is to be read out of it. Must not judge it.

use super::failure::Fault;
use crate::findings::{Content, File};
use crate::samples::FailureCode;
use std::path::Path;

/// Looks at a file.
pub(super) fn read(_folder: &Path, _path: &str, _content: &Content) -> Result<File, Fault> {
    Err(Fault::last(
        FailureCode::SourceMisconfigured,
        "this version does not look it up",
    ))
}
