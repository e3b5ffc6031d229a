//! What is to be recorded, and why it was not: shared by the ledger's file and by places that several machines share.
//! Must not open anything.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::visible;
use crate::ledger::{Event, LedgerError, Occasion, Unwritable};

/// Files beyond this are refused unread: a few hundred thousand entries.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
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
    /// What several machines share is damaged.
    #[error("the ledger {ledger} is broken: {source}")]
    BrokenThere {
        /// Its name and its place.
        ledger: String,
        /// Where, and how.
        source: LedgerError,
    },
    /// The place that several machines share does not do what it is asked for.
    #[error("{found}")]
    Shared {
        /// The place.
        place: String,
        /// Why.
        found: String,
        /// What to do.
        advice: String,
    },
    /// The place holds less than was seen there from this machine, or something else.
    #[error("the ledger in {place} {}", set_back(*.seen, *.there, *.is_beginning))]
    SetBack {
        /// The place.
        place: String,
        /// What was seen.
        copy: PathBuf,
        /// So many entries were seen.
        seen: usize,
        /// So many are there.
        there: usize,
        /// Whether what is there is the beginning of what was seen.
        is_beginning: bool,
    },
    /// What the place holds cannot be copied to this machine.
    #[error("what {place} holds cannot be copied to `{}`: {source}", visible(.path))]
    Uncopied {
        /// The place.
        place: String,
        /// The copy.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
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

impl JournalError {
    /// Whether it may pass without anybody's doing: a place that is away or says no for now, a disk that is full. What is damaged, or was
    /// set back, stays so.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Read { .. }
            | Self::Write { .. }
            | Self::Shared { .. }
            | Self::Uncopied { .. } => true,
            Self::Part { .. }
            | Self::Broken { .. }
            | Self::BrokenThere { .. }
            | Self::SetBack { .. }
            | Self::Entry { .. } => false,
        }
    }
}

fn set_back(seen: usize, there: usize, is_beginning: bool) -> String {
    let entries = if seen == 1 {
        "1 entry was".to_owned()
    } else {
        format!("{seen} entries were")
    };
    let are = if there == 1 { "is" } else { "are" };
    if is_beginning {
        format!("was set back: {entries} seen here, {there} {are} there")
    } else {
        format!(
            "does not go on from what was seen here: {entries} seen, and the {there} there {are} not the same"
        )
    }
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

/// A ledger is not the beginning of the one that should take its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotItsBeginning;

/// What is to be recorded: entries, and what they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToRecord {
    /// Entries that come first, and that were recorded elsewhere before, each with who, when and why.
    pub brought: Vec<(Occasion, Event)>,
    /// The entries.
    pub events: Vec<Event>,
    /// Files of the evidence that a place which several machines share does not have yet.
    pub files: Vec<ToKeep>,
}

/// A file of the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToKeep {
    /// Its name in the folder of the evidence.
    pub name: String,
    /// Where its content is.
    pub content: PathBuf,
    /// Whether it speaks of the ledger, so that nobody must see it before the ledger has its entry.
    pub is_last: bool,
}

impl ToKeep {
    /// One that has its name already.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        Self::under_the_name_of(path, path)
    }

    /// One that gets the name of another path.
    #[must_use]
    pub(super) fn under_the_name_of(named: &Path, content: &Path) -> Self {
        let name = named.file_name().unwrap_or_default();
        Self {
            name: name.to_string_lossy().into_owned(),
            content: content.to_owned(),
            is_last: named != content,
        }
    }
}

impl ToRecord {
    /// How many entries it makes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.events.len() + self.brought.len()
    }

    /// Every entry with its occasion: `own` is that of those which are new.
    pub(super) fn entries(self, own: &Occasion) -> impl Iterator<Item = (Occasion, Event)> {
        let new = self.events.into_iter();
        let new = new.map(|event| (own.clone(), event));
        self.brought.into_iter().chain(new)
    }
}

impl From<Vec<Event>> for ToRecord {
    fn from(events: Vec<Event>) -> Self {
        Self {
            events,
            ..Self::default()
        }
    }
}
