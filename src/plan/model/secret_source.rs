//! Where a secret is. Must not read the file that it names.

use std::path::PathBuf;

use crate::secret::Secret;

/// A secret, or the file that holds it (relative to the plan's folder).
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// As written, environment filled in.
    Inline(Secret),
    /// Read when the source is first asked; surrounding white space is dropped.
    File(PathBuf),
}
