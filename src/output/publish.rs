//! One file: drafted under a hidden name, synced, then given its final name in one step that replaces nothing unless that was
//! asked for.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::OutputError;

/// At most this many drafts of one target may exist at once.
const MAX_DRAFTS: u32 = 1000;

/// A file under a temporary name in the folder of its target. Removed when dropped.
#[derive(Debug)]
pub(super) struct Draft {
    file: File,
    path: PathBuf,
    target: PathBuf,
    is_left: bool,
}

/// The draft of a file that has not got its name yet.
#[must_use]
pub fn draft_of(target: &Path) -> PathBuf {
    hidden(target, "")
}

fn hidden(target: &Path, suffix: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}{suffix}.tmp"))
}

/// Gives a file the name that the process which drafted it could not give it any more; the caller knows the content.
///
/// # Errors
/// No draft, a name that is taken, or a folder that cannot be written.
pub fn finish(target: &Path) -> io::Result<()> {
    let path = draft_of(target);
    let draft = Draft {
        file: File::open(&path)?,
        path,
        target: target.to_owned(),
        is_left: false,
    };
    match draft.publish() {
        Ok(()) => sync_folder(folder(target)),
        Err(error) => {
            draft.leave();
            Err(error)
        }
    }
}

/// The folder of a file.
pub(super) fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl Draft {
    /// Creates an empty draft for a target, exclusively: its owner owns the name among all who write this way.
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        Self::suffixed(target, "")
    }

    /// Creates an empty draft that owns nothing: neither a crash's leftover nor another run's draft blocks it.
    pub(super) fn fresh(target: &Path) -> io::Result<Self> {
        (0..MAX_DRAFTS)
            .map(|number| Self::suffixed(target, &format!(".{}-{number}", std::process::id())))
            .find(
                |made| !matches!(made, Err(error) if error.kind() == io::ErrorKind::AlreadyExists),
            )
            .unwrap_or_else(|| {
                Err(io::Error::other(
                    "there are too many temporary files beside it",
                ))
            })
    }

    fn suffixed(target: &Path, suffix: &str) -> io::Result<Self> {
        if target.file_name().is_none() {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "it names no file");
            return Err(error);
        }
        let path = hidden(target, suffix);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        Ok(Self {
            file,
            path,
            target: target.to_owned(),
            is_left: false,
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the content and syncs it to disk.
    pub(super) fn fill<P: AsRef<[u8]>>(&mut self, pieces: &[P]) -> io::Result<()> {
        for piece in pieces {
            self.file.write_all(piece.as_ref())?;
        }
        self.file.sync_all()
    }

    /// Gives the file its final name. Whatever has that name already, a dangling symbolic link included, stays as it is
    /// and gives `AlreadyExists`.
    pub(super) fn publish(&self) -> io::Result<()> {
        match fs::hard_link(&self.path, &self.target) {
            Err(error) if knows_no_links(&error) => self.publish_by_renaming(),
            outcome => outcome,
        }
    }

    /// Whether the file has its name already.
    #[cfg(unix)]
    pub(super) fn is_at_its_target(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let (draft, target) = (self.file.metadata(), self.target.symlink_metadata());
        draft.is_ok_and(|draft| {
            target.is_ok_and(|target| (target.dev(), target.ino()) == (draft.dev(), draft.ino()))
        })
    }

    /// It is not known there.
    #[cfg(not(unix))]
    pub(super) fn is_at_its_target(&self) -> bool {
        false
    }

    /// The draft stays under its hidden name.
    pub(super) fn leave(mut self) {
        self.is_left = true;
    }

    /// Gives the file its final name, in the place of a file that has it already.
    pub(super) fn replace(&self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)
    }

    /// For file systems without hard links: takes the name exclusively, then puts the file there in one step.
    /// A crash between the two leaves an empty file, which no reader takes for a record.
    fn publish_by_renaming(&self) -> io::Result<()> {
        drop(
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&self.target)?,
        );
        fs::rename(&self.path, &self.target).inspect_err(|_| {
            let _ = fs::remove_file(&self.target);
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_left {
            // After a rename there is nothing left to remove; a leftover blocks nothing.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether a file system refuses hard links as such (FAT says "not permitted", others "not supported").
fn knows_no_links(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied | io::ErrorKind::TooManyLinks
    )
}

/// Syncs the names in a folder to disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems make names durable by themselves and refuse to sync them.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        outcome => outcome,
    }
}

/// Writes a file that the user named: whole or not at all, synced, and never over an existing one.
///
/// # Errors
/// A file or link of that name, or a place that cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    if path.symlink_metadata().is_ok() {
        return Err(OutputError::Exists(path.to_owned()));
    }
    let folder = folder(path);
    let write = || -> io::Result<()> {
        let mut draft = Draft::fresh(path)?;
        draft.fill(&[bytes])?;
        draft.publish()?;
        sync_folder(folder)
    };
    write().map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => OutputError::Exists(path.to_owned()),
        _ => OutputError::File {
            path: path.to_owned(),
            source,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_is_written_whole_and_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        write_new(&folder.path().join("base.json"), b"{}").expect("written");
        assert_eq!(names(folder.path()), ["base.json"]);
        assert_eq!(
            fs::read(folder.path().join("base.json")).expect("content"),
            b"{}"
        );
    }

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("base.json");
        fs::write(&path, "earlier").expect("written");
        assert!(matches!(
            write_new(&path, b"{}"),
            Err(OutputError::Exists(_))
        ));
        assert_eq!(fs::read(&path).expect("content"), b"earlier");
        assert_eq!(names(folder.path()), ["base.json"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_in_place_is_neither_followed_nor_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, aim) = (folder.path().join("base.json"), folder.path().join("aim"));
        std::os::unix::fs::symlink(&aim, &path).expect("a link");
        assert!(matches!(
            write_new(&path, b"{}"),
            Err(OutputError::Exists(_))
        ));
        assert!(!aim.exists());
        let draft = Draft::create(&path).expect("a draft");
        let error = draft.publish().expect_err("the name is taken");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert!(!aim.exists());
        drop(draft);
        assert_eq!(names(folder.path()), ["base.json"]);
    }

    #[test]
    fn without_hard_links_nothing_is_replaced_either() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("base.json");
        let mut draft = Draft::create(&path).expect("a draft");
        draft.fill(&["first"]).expect("filled");
        draft.publish_by_renaming().expect("published");
        drop(draft);
        let mut second = Draft::create(&path).expect("a draft");
        second.fill(&["second"]).expect("filled");
        let error = second.publish_by_renaming().expect_err("the name is taken");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        drop(second);
        assert_eq!(fs::read(&path).expect("content"), b"first");
        assert_eq!(names(folder.path()), ["base.json"]);
    }

    #[test]
    fn a_leftover_of_a_crash_does_not_block() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("base.json");
        std::mem::forget(Draft::fresh(&path).expect("a draft"));
        write_new(&path, b"{}").expect("written");
        assert!(path.exists());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("missing/base.json");
        let message = write_new(&path, b"{}").expect_err("no folder").to_string();
        assert!(message.starts_with("nothing was written: `"), "{message}");
        assert!(message.contains("missing/base.json"), "{message}");
        assert!(write_new(Path::new("/"), b"{}").is_err());
        assert!(write_new(Path::new(""), b"{}").is_err());
    }
}
