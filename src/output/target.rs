//! A report that the user named: proved writable before any source is asked, written after the evidence. Over an existing
//! file only where the user said so; a job summary, which the CI service created for that, is appended to.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::publish::{Draft, folder, sync_folder};
use super::{OutputError, make_folder};

/// A place for one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    path: PathBuf,
    how: How,
}

/// What becomes of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// It stays, and the report is refused.
    Kept,
    /// The report takes its place.
    Replaced,
    /// The report is added at its end.
    Appended,
}

impl Target {
    /// Proves that a new file can be created there; missing folders are created. Call it before any source is asked.
    ///
    /// # Errors
    /// A file or link of that name, or a place that cannot be written.
    pub fn new_file(path: &Path) -> Result<Self, OutputError> {
        if path.symlink_metadata().is_ok() {
            return Err(OutputError::ReportExists(path.to_owned()));
        }
        Self::file(path, How::Kept)
    }

    /// Proves that a file can be written there, also over one that is there. A link, a folder or a device is none: it is not
    /// replaced.
    ///
    /// # Errors
    /// Something else of that name, or a place that cannot be written.
    pub fn any_file(path: &Path) -> Result<Self, OutputError> {
        let is_file = |found: fs::Metadata| found.is_file();
        if !path.symlink_metadata().map_or(true, is_file) {
            return Err(OutputError::ReportTarget {
                path: path.to_owned(),
                source: io::Error::other("it is not a file"),
            });
        }
        Self::file(path, How::Replaced)
    }

    fn file(path: &Path, how: How) -> Result<Self, OutputError> {
        let prove = || -> io::Result<()> {
            make_folder(folder(path))?;
            Draft::fresh(path)?.fill(&["writable\n"])
        };
        prove().map_err(|source| OutputError::ReportTarget {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            how,
        })
    }

    /// Proves that a file can be appended to; creates it if it is missing. Call it before any source is asked.
    ///
    /// # Errors
    /// A place that cannot be written.
    pub fn appended(path: &Path) -> Result<Self, OutputError> {
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .map_err(|source| OutputError::ReportTarget {
                path: path.to_owned(),
                source,
            })?;
        Ok(Self {
            path: path.to_owned(),
            how: How::Appended,
        })
    }

    /// How many bytes are there already; none for a new file.
    #[must_use]
    pub fn taken(&self) -> u64 {
        match self.how {
            How::Kept | How::Replaced => 0,
            How::Appended => fs::metadata(&self.path).map_or(0, |found| found.len()),
        }
    }

    /// The error for a place without room for even a short report.
    #[must_use]
    pub fn full(&self) -> OutputError {
        OutputError::Report {
            path: self.path.clone(),
            source: io::Error::other("it is full"),
        }
    }

    /// Writes the report whole and syncs it to disk.
    ///
    /// # Errors
    /// A file that somebody created there in between, or a place that cannot be written.
    pub fn write(&self, text: &str) -> Result<(), OutputError> {
        let written = match self.how {
            How::Kept => self.publish(text, Draft::publish),
            How::Replaced => self.publish(text, Draft::replace),
            How::Appended => self.append(text),
        };
        written.map_err(|source| OutputError::Report {
            path: self.path.clone(),
            source,
        })
    }

    fn publish(&self, text: &str, give_name: fn(&Draft) -> io::Result<()>) -> io::Result<()> {
        let mut draft = Draft::fresh(&self.path)?;
        draft.fill(&[text])?;
        give_name(&draft)?;
        sync_folder(folder(&self.path))
    }

    fn append(&self, text: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).open(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let name = |entry: io::Result<fs::DirEntry>| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        };
        entries.map(name).collect()
    }

    #[test]
    fn proving_leaves_nothing_behind_and_writing_leaves_the_report() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("reports/page.html");
        let target = Target::new_file(&path).expect("writable");
        assert!(names(&folder.path().join("reports")).is_empty());
        target.write("<p>").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("content"), "<p>");
        assert_eq!(names(&folder.path().join("reports")), ["page.html"]);
    }

    #[test]
    fn a_file_that_is_there_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("page.html");
        let target = Target::new_file(&path).expect("writable");
        fs::write(&path, "earlier").expect("written");
        let before = Target::new_file(&path).expect_err("it is there");
        assert!(before.to_string().starts_with("no verdict was reached"));
        let after = target.write("later").expect_err("it is there");
        assert!(
            after
                .to_string()
                .starts_with("the verdict could not be recorded")
        );
        assert_eq!(fs::read_to_string(&path).expect("content"), "earlier");
        assert_eq!(names(folder.path()), ["page.html"]);
    }

    #[test]
    fn l16_a_file_is_replaced_where_that_was_asked_for_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("page.html");
        fs::write(&path, "earlier").expect("written");
        let target = Target::any_file(&path).expect("writable");
        assert_eq!(fs::read_to_string(&path).expect("content"), "earlier");
        target.write("later").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("content"), "later");
        assert_eq!(names(folder.path()), ["page.html"]);
        let link = folder.path().join("link.html");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        for other in [folder.path(), link.as_path()] {
            let error = Target::any_file(other).expect_err("no file").to_string();
            assert!(error.contains("it is not a file"), "{error}");
        }
    }

    #[test]
    fn a_summary_is_appended_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("summary");
        fs::write(&path, "before\n").expect("written");
        let target = Target::appended(&path).expect("writable");
        assert_eq!(target.taken(), 7);
        target.write("GO\n").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("content"), "before\nGO\n");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_before_anything_is_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "").expect("written");
        for path in [
            folder.path().join("file/page.html"),
            PathBuf::from("/"),
            PathBuf::new(),
        ] {
            let error = Target::new_file(&path).expect_err("no place");
            assert!(
                error.to_string().starts_with("no verdict was reached"),
                "{error}"
            );
        }
        assert!(Target::appended(folder.path()).is_err());
    }
}
