//! A ledger's file, opened and locked against other writers. Must not know what its lines mean.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::publish::{folder, sync_folder};

/// A ledger is held for milliseconds; a process that holds it this long hangs.
const PATIENCE: Duration = Duration::from_secs(30);
/// A file that is replaced this often while it is waited for is given up on.
const MAX_SWAPS: usize = 100;

/// Whether others may read at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// They may.
    Read,
    /// They may not.
    Write,
    /// They may not, and the file is created if it is missing.
    Create,
}

/// The file and its content.
#[derive(Debug)]
pub(super) struct Held {
    file: File,
    pub(super) bytes: Vec<u8>,
}

impl Held {
    /// Opens, locks and reads a file of at most `limit` bytes. Dropping the value releases the lock.
    pub(super) fn open(path: &Path, purpose: Purpose, limit: u64) -> io::Result<Self> {
        for _ in 0..MAX_SWAPS {
            let file = open(path, purpose)?;
            locked(&file, purpose)?;
            // If the file was replaced in the meantime, the new one is the ledger.
            if is_at(&file, path)? {
                return Self::filled(file, limit);
            }
        }
        Err(io::Error::other("it keeps being replaced"))
    }

    fn filled(mut file: File, limit: u64) -> io::Result<Self> {
        let mut bytes = Vec::new();
        (&mut file).take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(too_large(limit));
        }
        Ok(Self { file, bytes })
    }

    /// Writes from `start` on in one piece, and syncs. A partial write is taken back.
    pub(super) fn write(
        &mut self,
        start: usize,
        bytes: &[u8],
        path: &Path,
    ) -> Result<(), Unwritten> {
        let start = start as u64;
        let written = self.put(start, bytes).and_then(|()| {
            // An empty file may be new: its name must survive a power cut as well.
            if self.bytes.is_empty() {
                sync_folder(folder(path))?;
            }
            Ok(())
        });
        written.map_err(|source| Unwritten {
            taken_back: self.take_back(start).is_ok(),
            source,
        })
    }

    fn put(&mut self, start: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(start))?;
        self.file.write_all(bytes)?;
        let end = start + bytes.len() as u64;
        if end < self.bytes.len() as u64 {
            self.file.set_len(end)?;
        }
        self.file.sync_all()
    }

    /// Puts back what was there from `start` on.
    fn take_back(&mut self, start: u64) -> io::Result<()> {
        let before = usize::try_from(start).map_err(io::Error::other)?;
        self.file.seek(SeekFrom::Start(start))?;
        self.file
            .write_all(self.bytes.get(before..).unwrap_or_default())?;
        self.file.set_len(self.bytes.len() as u64)?;
        self.file.sync_all()
    }
}

/// Why something was not written.
#[derive(Debug)]
pub(super) struct Unwritten {
    pub(super) source: io::Error,
    /// Whether the file is as it was before.
    pub(super) taken_back: bool,
}

/// Refuses anything but a regular file, a file beyond `limit` bytes and, unless it is only read, a read-only file.
pub(super) fn plain(metadata: &Metadata, purpose: Purpose, limit: u64) -> io::Result<()> {
    let invalid = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    if metadata.is_symlink() {
        return invalid("it is a symbolic link");
    }
    if metadata.is_dir() {
        return invalid("it is a folder");
    }
    if !metadata.is_file() {
        return invalid("it is not a regular file");
    }
    if purpose != Purpose::Read && metadata.permissions().readonly() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is read-only",
        ));
    }
    if metadata.len() > limit {
        return Err(too_large(limit));
    }
    Ok(())
}

fn too_large(limit: u64) -> io::Error {
    let mebibytes = limit / (1024 * 1024);
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("it exceeds the {mebibytes} MiB that a ledger may have"),
    )
}

fn open(path: &Path, purpose: Purpose) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(purpose != Purpose::Read)
        .create(purpose == Purpose::Create)
        .truncate(false)
        .open(path)
}

fn locked(file: &File, purpose: Purpose) -> io::Result<()> {
    let shared = purpose == Purpose::Read;
    let tried = if shared {
        file.try_lock_shared()
    } else {
        file.try_lock()
    };
    match tried {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => wait(file.try_clone()?, shared),
        // Where files cannot be locked they can still be read; a line that is being written then looks torn, never whole.
        Err(TryLockError::Error(error)) if shared && error.kind() == io::ErrorKind::Unsupported => {
            Ok(())
        }
        Err(TryLockError::Error(error)) => Err(unlockable(&error)),
    }
}

/// Waits for the lock on a thread that can be abandoned: the lock belongs to the open file, not to the thread.
fn wait(file: File, shared: bool) -> io::Result<()> {
    let (done, waiting) = mpsc::channel();
    thread::spawn(move || {
        let outcome = if shared {
            file.lock_shared()
        } else {
            file.lock()
        };
        // Nobody listens any more after the timeout.
        let _ = done.send(outcome);
    });
    match waiting.recv_timeout(PATIENCE) {
        Ok(outcome) => outcome.map_err(|error| unlockable(&error)),
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("another process has held it for {} s", PATIENCE.as_secs()),
        )),
    }
}

fn unlockable(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("it cannot be locked: {error}"))
}

/// Whether the path still leads to the file that was opened.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let opened = file.metadata()?;
    match path.symlink_metadata() {
        Ok(found) => Ok((found.dev(), found.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// An open file cannot be replaced there.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}
