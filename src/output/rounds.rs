//! The file of a watch's rounds, a line for each: appended, synced now and then. Must not know what a line says.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::digest::Running;

/// So many lines may be lost in a power cut.
const SYNC_EVERY: u32 = 10;

/// A new file.
#[derive(Debug)]
pub struct Rounds {
    file: File,
    path: PathBuf,
    digest: Running,
    unsynced: u32,
    bytes: u64,
}

impl Rounds {
    /// Creates it: `STAMP.rounds.jsonl`, or `STAMP-2.rounds.jsonl` where that is taken.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn create(folder: &Path, stamp: &str) -> io::Result<Self> {
        let mut number = 1;
        loop {
            let name = match number {
                1 => format!("{stamp}.rounds.jsonl"),
                number => format!("{stamp}-{number}.rounds.jsonl"),
            };
            let path = folder.join(name);
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => {
                    return Ok(Self {
                        file,
                        path,
                        digest: Running::default(),
                        unsynced: 0,
                        bytes: 0,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {
                    number += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a line.
    ///
    /// # Errors
    /// A disk that is full, and the like.
    pub fn append(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{line}\n");
        self.file.write_all(line.as_bytes())?;
        self.digest.update(line.as_bytes());
        self.bytes += line.len() as u64;
        self.unsynced += 1;
        if self.unsynced >= SYNC_EVERY {
            self.sync()?;
        }
        Ok(())
    }

    /// Makes sure that all of it is on the disk.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn sync(&mut self) -> io::Result<()> {
        self.unsynced = 0;
        self.file.sync_data()
    }

    /// How many bytes were written.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of what was written, 64 lower-case hex digits.
    #[must_use]
    pub fn sha256(&self) -> String {
        self.digest.hex()
    }
}
