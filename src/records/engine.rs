//! What a place for shared records must be able to do: read a version, and write on that version alone (R1). Must not lock
//! anything there.

use std::fmt;

use super::{Name, Trouble};

/// Where records are kept that several machines share.
///
/// Calls block, for at most [`PATIENCE`](super::PATIENCE), and may come from any thread, also from one that drives futures.
pub trait Engine: fmt::Debug + Send + Sync {
    /// As people write it: `git (branch gate-records of origin)`, `s3://BUCKET/PREFIX`. Never holds a credential.
    fn shown(&self) -> String;

    /// The ledger as it is now, its version, and what is below a folder.
    ///
    /// # Errors
    /// Nothing can be said about what is there. A ledger that is not there yet is no error.
    fn read(&self, ledger: &Name, folder: &Name) -> Result<Snapshot, Trouble>;

    /// The ledgers there, of whatever plans.
    ///
    /// # Errors
    /// Nothing can be said about what is there.
    fn ledgers(&self) -> Result<Vec<Name>, Trouble>;

    /// The content of files, in the order of their names.
    ///
    /// # Errors
    /// One of them is not there or cannot be had, or all together have more than [`MAX_BYTES`](super::MAX_BYTES).
    fn fetch(&self, names: &[Name]) -> Result<Vec<Vec<u8>>, Trouble>;

    /// Adds new files, and then puts the ledger in the place of the version that was read (R4). A file that is there already,
    /// byte for byte, stays; no file is ever replaced.
    ///
    /// # Errors
    /// The ledger was not written; with [`Cause::Unknown`](super::Cause::Unknown), it may have been: read it again (R5).
    /// Files may have been added all the same.
    fn commit(&self, change: &Change<'_>) -> Result<Committed, Trouble>;

    /// Whether the place is there, may be written, and keeps preconditions. Says what was found, for people.
    ///
    /// # Errors
    /// It cannot be recorded there.
    fn probe(&self) -> Result<String, Trouble>;
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The ledger; `None` where there is none yet.
    pub ledger: Option<Vec<u8>>,
    /// Its version: what a change of it is based on.
    pub version: Version,
    /// The files below the folder, in the order of their names.
    pub files: Vec<Listed>,
}

/// Which ledger was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// There was none.
    Absent,
    /// The engine's own word for it; equal words mean equal bytes.
    At(String),
}

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it is called.
    pub name: Name,
    /// In bytes.
    pub size: u64,
}

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Which ledger.
    pub ledger: &'a Name,
    /// All of it, as it shall be.
    pub bytes: &'a [u8],
    /// The version that it rests on.
    pub expected: &'a Version,
    /// New files, which it names.
    pub files: &'a [(Name, &'a [u8])],
    /// Those of them that nobody must see before the ledger is written, since they speak of it: where not all is written at once,
    /// they are there as [drafts](Name::draft) until then.
    pub last: &'a [Name],
    /// Who records.
    pub author: Author<'a>,
    /// What is recorded, in a few words.
    pub message: &'a str,
}

/// Who records, for places that say so (git).
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// As people write it.
    pub name: &'a str,
    /// An e-mail address, if it is known.
    pub address: Option<&'a str>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It was written, and this is the ledger's version now.
    Written(Version),
    /// The ledger is another one by now, for certain: nothing was written over it. Read, and decide again.
    Stale,
}
