//! A file that is replaced whole again and again, for readers that look at it at any moment. Must not know what it says.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::publish::{Draft, folder};

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced(PathBuf);

impl Replaced {
    /// Proves that a file can be put there; what is there stays as it is, and no folder is created.
    ///
    /// # Errors
    /// A folder that is not there or cannot be written, or something there that is no file: a link, too, is not replaced.
    pub fn prove(path: &Path) -> io::Result<Self> {
        if !folder(path).is_dir() {
            return Err(io::Error::other("its folder is not there"));
        }
        let is_file = |found: fs::Metadata| found.is_file();
        if !path.symlink_metadata().map_or(true, is_file) {
            return Err(io::Error::other("it is not a file"));
        }
        Draft::fresh(path)?.fill(&["writable\n"])?;
        Ok(Self(path.to_owned()))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Puts the text there in one step: whoever reads sees all of it, or all of the one before.
    ///
    /// # Errors
    /// A folder that cannot be written (any more).
    pub fn write(&self, text: &str) -> io::Result<()> {
        let mut draft = Draft::fresh(&self.0)?;
        draft.fill(&[text])?;
        draft.replace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gate.prom");
        fs::write(&path, "earlier").expect("written");
        let file = Replaced::prove(&path).expect("writable");
        assert_eq!(fs::read_to_string(&path).expect("content"), "earlier");
        file.write("first\n").expect("written");
        file.write("second\n").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("content"), "second\n");
        assert_eq!(names(folder.path()), ["gate.prom"]);
    }

    #[test]
    fn what_is_no_file_and_a_folder_that_is_not_there_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("missing/gate.prom");
        let error = Replaced::prove(&missing).expect_err("no folder");
        assert!(error.to_string().contains("its folder is not there"));
        assert!(!missing.parent().expect("a folder").exists());
        let link = folder.path().join("link.prom");
        std::os::unix::fs::symlink(folder.path().join("aim"), &link).expect("a link");
        for other in [folder.path(), link.as_path()] {
            let error = Replaced::prove(other).expect_err("no file");
            assert!(error.to_string().contains("it is not a file"), "{error}");
        }
    }
}
