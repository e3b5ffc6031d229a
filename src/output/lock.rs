//! A file that says that somebody is at work, held by the open file: a crash frees it. Must not know what the work is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Holds the file until it is dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "it is held, not read")] File);

/// What came of asking for it.
#[derive(Debug)]
pub enum Locking {
    /// It is ours.
    Held(Lock),
    /// Somebody else has it, and says this about themselves.
    Taken(String),
}

impl Lock {
    /// Takes the lock at a path, and writes there who holds it.
    ///
    /// # Errors
    /// A folder or a file that cannot be written.
    pub fn take(path: &Path, holder: &str) -> io::Result<Locking> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.seek(SeekFrom::Start(0))?;
                file.write_all(holder.as_bytes())?;
                Ok(Locking::Held(Self(file)))
            }
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Whoever holds it may be about to write.
                let _ = file.take(4096).read_to_string(&mut text);
                Ok(Locking::Taken(text.trim().to_owned()))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
