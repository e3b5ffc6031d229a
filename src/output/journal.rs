//! The ledger's file: read, appended to, repaired. Under a lock, synced, and never left with half a line unless the process
//! dies. What may be appended is decided under the lock, on the ledger as it then is.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::held::{Held, Purpose, Unwritten, plain};
use super::publish::Draft;
use super::visible;
use crate::ledger::{Chain, Entry, Event, LedgerError, Occasion, Unwritable, line};

/// Files beyond this are refused unread: a few hundred thousand entries.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// At most this much of a torn line is kept, in bytes.
const MAX_TORN: usize = 64 * 1024;

/// Why a ledger was not read or written. Says neither what that means for the command nor what to do: callers know.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be read, or is not a file.
    #[error("the ledger `{}` cannot be read: {source}", visible(.path))]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file cannot be written, and is unchanged.
    #[error("the ledger `{}` cannot be written: {source}", visible(.path))]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file cannot be written, and may hold part of the line.
    #[error("the ledger `{}` was partly written and cannot be restored: {source}", visible(.path))]
    Part {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is damaged.
    #[error("the ledger `{}` is broken: {source}", visible(.path))]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where, and how.
        source: LedgerError,
    },
    /// A ledger cannot hold the entry.
    #[error("the ledger `{}` cannot hold this: {source}", visible(.path))]
    Entry {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Unwritable,
    },
}

/// Why nothing was recorded.
#[derive(Debug)]
pub enum RecordError<R> {
    /// Where the rollout stands does not allow it.
    Refused(R),
    /// The file does not.
    Journal(JournalError),
}

impl<R> From<JournalError> for RecordError<R> {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

/// A ledger after entries were appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// All of it.
    pub chain: Chain,
    added: usize,
}

impl Appended {
    /// The new entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        let entries = self.chain.ledger().entries();
        let before = entries.len().saturating_sub(self.added);
        entries.get(before..).unwrap_or_default()
    }
}

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// Every line is whole.
    NotNeeded(Chain),
    /// The last line was whole except for its line end: it was kept.
    Ended(Chain),
    /// The torn last line was taken out; its text is in the last entry.
    TakenOut(Chain),
}

/// The file of a ledger, which may not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    path: PathBuf,
}

impl Journal {
    /// The ledger at a path.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads and verifies it; `None` if there is none.
    ///
    /// # Errors
    /// A file that cannot be read, or is broken.
    pub fn read(&self) -> Result<Option<Chain>, JournalError> {
        if !self.exists(Purpose::Read)? {
            return Ok(None);
        }
        let held = self.hold(Purpose::Read)?;
        self.verified(&held.bytes).map(Some)
    }

    /// Reads and verifies it, and proves that it can be appended to: a verdict that cannot be recorded need not be reached.
    ///
    /// # Errors
    /// A file that cannot be read or written, or is broken; a folder in which it cannot be created.
    pub fn prove(&self) -> Result<Option<Chain>, JournalError> {
        if self.exists(Purpose::Write)? {
            let held = self.hold(Purpose::Write)?;
            return self.verified(&held.bytes).map(Some);
        }
        Draft::fresh(&self.path)
            .and_then(|mut draft| draft.fill(&["writable\n"]))
            .map_err(|source| self.unwritten(source))?;
        Ok(None)
    }

    /// Appends what `decide` makes of the ledger as it is: all of it, or nothing. `decide` may be called twice, and the last
    /// call counts. When this returns, the entries are synced to disk.
    ///
    /// # Errors
    /// A refusal by `decide`; a file that is broken, or cannot be read or written. The file is then unchanged, and is not
    /// created if it was missing.
    pub fn append<R>(
        &self,
        occasion: &Occasion,
        decide: impl Fn(&Chain) -> Result<Vec<Event>, R>,
    ) -> Result<Appended, RecordError<R>> {
        if !self.exists(Purpose::Create)? {
            // A refusal is known before a file is created.
            decide(&Chain::default()).map_err(RecordError::Refused)?;
        }
        self.append_once(occasion, decide)
    }

    /// The same for something that can be done only once, such as writing what the entries name: `decide` is called under the
    /// lock, on the lines as they then are.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn append_once<R>(
        &self,
        occasion: &Occasion,
        decide: impl FnOnce(&Chain) -> Result<Vec<Event>, R>,
    ) -> Result<Appended, RecordError<R>> {
        let was_missing = !self.exists(Purpose::Create)?;
        let mut held = self.hold(Purpose::Create)?;
        let mut chain = self.verified(&held.bytes)?;
        let events = decide(&chain).map_err(|refused| {
            if was_missing && held.bytes.is_empty() {
                // Whoever waits for the lock finds the file gone, and creates it again.
                let _ = std::fs::remove_file(&self.path);
            }
            RecordError::Refused(refused)
        })?;
        let added = events.len();
        let lines = self.add(&mut chain, occasion, events)?;
        self.write(&mut held, None, &lines)?;
        Ok(Appended { chain, added })
    }

    /// Takes out a torn last line and records that, with its text; or ends it, if only the line end is missing. `allow` says of
    /// what stays whether it may be used.
    ///
    /// # Errors
    /// A file that is missing, cannot be read or written, or is broken in any other way: a broken chain is never repaired.
    pub fn repair<R>(
        &self,
        occasion: &Occasion,
        allow: impl FnOnce(&Chain) -> Result<(), R>,
    ) -> Result<Repair, RecordError<R>> {
        let mut held = self.hold(Purpose::Write)?;
        let (whole, torn) = line::split_torn(&held.bytes);
        let mut chain = self.verified(whole)?;
        let is_whole = !torn.is_empty() && chain.accept(torn).is_ok();
        allow(&chain).map_err(RecordError::Refused)?;
        if torn.is_empty() {
            return Ok(Repair::NotNeeded(chain));
        }
        let (start, begin, text) = if is_whole {
            (held.bytes.len(), "\n", String::new())
        } else {
            (whole.len(), "", kept(torn))
        };
        let event = Event::Repaired { torn: text };
        let lines = self.add(&mut chain, occasion, vec![event])?;
        self.write(&mut held, Some(start), &format!("{begin}{lines}"))?;
        Ok(if is_whole {
            Repair::Ended(chain)
        } else {
            Repair::TakenOut(chain)
        })
    }

    /// The lines of new entries.
    fn add(
        &self,
        chain: &mut Chain,
        occasion: &Occasion,
        events: Vec<Event>,
    ) -> Result<String, JournalError> {
        let mut lines = String::new();
        for event in events {
            let line = chain
                .append(occasion, event)
                .map_err(|source| JournalError::Entry {
                    path: self.path.clone(),
                    source,
                })?;
            lines.push_str(line);
            lines.push('\n');
        }
        Ok(lines)
    }

    /// Writes at the end, or from `start` on.
    fn write(
        &self,
        held: &mut Held,
        start: Option<usize>,
        lines: &str,
    ) -> Result<(), JournalError> {
        let start = start.unwrap_or(held.bytes.len());
        if (start + lines.len()) as u64 > MAX_BYTES {
            let full = "it would exceed the 64 MiB that a ledger may have";
            return Err(self.unwritten(io::Error::new(io::ErrorKind::FileTooLarge, full)));
        }
        if lines.is_empty() {
            return Ok(());
        }
        let written = held.write(start, lines.as_bytes(), &self.path);
        written.map_err(|error| self.not_written(error))
    }

    fn not_written(&self, error: Unwritten) -> JournalError {
        if error.taken_back {
            return self.unwritten(error.source);
        }
        JournalError::Part {
            path: self.path.clone(),
            source: error.source,
        }
    }

    /// Whether there is a file, and one that serves the purpose.
    fn exists(&self, purpose: Purpose) -> Result<bool, JournalError> {
        match self.path.symlink_metadata() {
            Ok(metadata) => plain(&metadata, purpose, MAX_BYTES)
                .map(|()| true)
                .map_err(|source| self.refused(purpose, source)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(self.refused(purpose, source)),
        }
    }

    fn hold(&self, purpose: Purpose) -> Result<Held, JournalError> {
        self.exists(purpose)?;
        Held::open(&self.path, purpose, MAX_BYTES).map_err(|source| self.refused(purpose, source))
    }

    fn verified(&self, bytes: &[u8]) -> Result<Chain, JournalError> {
        line::read(bytes).map_err(|source| JournalError::Broken {
            path: self.path.clone(),
            source,
        })
    }

    fn refused(&self, purpose: Purpose, source: io::Error) -> JournalError {
        match purpose {
            Purpose::Read => JournalError::Read {
                path: self.path.clone(),
                source,
            },
            Purpose::Write | Purpose::Create => self.unwritten(source),
        }
    }

    fn unwritten(&self, source: io::Error) -> JournalError {
        JournalError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

/// The text of a torn line, as much of it as an entry should hold.
fn kept(torn: &[u8]) -> String {
    match torn.get(..MAX_TORN) {
        Some(beginning) if torn.len() > MAX_TORN => format!(
            "{} … ({} bytes in all)",
            String::from_utf8_lossy(beginning),
            torn.len()
        ),
        _ => String::from_utf8_lossy(torn).into_owned(),
    }
}
