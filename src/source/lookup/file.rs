//! A file, read once from beginning to end: size, age, digest, and its bytes if wanted. Must not know what it says.

use std::fs::{self, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use chrono::{DateTime, Utc};
use ring::digest::{Context, SHA256};

use crate::http::Fault;
use crate::samples::FailureCode;
use crate::units::Instant;

/// Larger files are not kept, but their digest is computed.
const MAX_TEXT_BYTES: u64 = 64 << 20;
const CHUNK_BYTES: usize = 256 * 1024;

/// Tells threads that read files to stop: unlike tasks, they cannot be aborted.
#[derive(Clone, Default)]
pub(crate) struct Halt(Arc<AtomicBool>);

impl Halt {
    pub(crate) fn call(&self) {
        self.0.store(true, Relaxed);
    }

    fn check(&self) -> Result<(), Fault> {
        if self.0.load(Relaxed) {
            let message = "the run was interrupted";
            return Err(Fault::last(FailureCode::Interrupted, message));
        }
        Ok(())
    }
}

/// A file that was read.
pub(super) struct Taken {
    pub(super) bytes: u64,
    pub(super) modified: Instant,
    pub(super) sha256: String,
    /// Its bytes, if wanted and not too many.
    text: Vec<u8>,
}

impl Taken {
    /// Reads a file; symbolic links are followed. With `keep`, its bytes are kept unless they are too many.
    ///
    /// # Errors
    /// A file that is missing, cannot be read, is not a regular file, or changes while it is read; an interruption.
    pub(super) fn read(path: &Path, keep: bool, halt: &Halt) -> Result<Self, Fault> {
        // Checked before it is opened: opening a pipe would wait for its writer.
        let about = fs::metadata(path).map_err(|error| failed(&error))?;
        is_regular(&about)?;
        let mut file = fs::File::open(path).map_err(|error| failed(&error))?;
        let about = file.metadata().map_err(|error| failed(&error))?;
        is_regular(&about)?;
        let mut taken = Self {
            bytes: 0,
            modified: modified(&about)?,
            sha256: String::new(),
            text: Vec::new(),
        };
        taken.stream(&mut file, keep && about.len() <= MAX_TEXT_BYTES, halt)?;
        if taken.bytes != about.len() {
            return Err(unreadable("it changed while it was read"));
        }
        Ok(taken)
    }

    /// Its bytes.
    ///
    /// # Errors
    /// Too many.
    pub(super) fn text(&self) -> Result<&[u8], String> {
        if self.bytes > MAX_TEXT_BYTES {
            return Err(format!("it has {} bytes, too many to read", self.bytes));
        }
        Ok(&self.text)
    }

    fn stream(&mut self, file: &mut fs::File, keep: bool, halt: &Halt) -> Result<(), Fault> {
        let mut digest = Context::new(&SHA256);
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            halt.check()?;
            let count = match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(&error)),
            };
            let read = chunk.get(..count).unwrap_or_default();
            digest.update(read);
            self.bytes += count as u64;
            if keep && self.bytes <= MAX_TEXT_BYTES {
                self.text.extend_from_slice(read);
            }
        }
        for byte in digest.finish().as_ref() {
            self.sha256.push_str(&format!("{byte:02x}"));
        }
        Ok(())
    }
}

fn is_regular(about: &Metadata) -> Result<(), Fault> {
    if about.is_file() {
        return Ok(());
    }
    Err(unreadable("it is not a regular file"))
}

fn modified(about: &Metadata) -> Result<Instant, Fault> {
    let time = about.modified().map_err(|error| failed(&error))?;
    let millis = DateTime::<Utc>::from(time).timestamp_millis();
    Ok(Instant::from_millis(millis))
}

pub(super) fn unreadable(reason: impl std::fmt::Display) -> Fault {
    let message = format!("the file cannot be read: {reason}");
    Fault::last(FailureCode::FileUnreadable, message)
}

fn failed(error: &std::io::Error) -> Fault {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            Fault::last(FailureCode::FileMissing, "the file does not exist")
        }
        _ => unreadable(error),
    }
}
