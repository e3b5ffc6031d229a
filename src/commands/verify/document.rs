//! What is verified, and where it was found. Data only.

use std::path::PathBuf;

/// A record, or what has the name of one.
pub struct Document {
    /// As given, or found in a folder that was given.
    pub path: PathBuf,
    /// That folder.
    pub root: Option<PathBuf>,
}

impl Document {
    /// Whether it was given, or is in the given folder itself.
    pub fn is_on_top(&self) -> bool {
        let root = self.root.as_deref();
        root.is_none_or(|root| self.path.parent() == Some(root))
    }
}
