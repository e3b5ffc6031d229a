//! What lies on this machine of a place that several machines share, while it is read or written: copies of its ledger and evidence,
//! and what they bear witness of (T1). Must not decide what is recorded.

use std::fs;
use std::io;
use std::path::Path;

use super::Shared;
use crate::digest::sha256_hex;
use crate::ledger::{Event, line, without_address};
use crate::output::held::{Held, Purpose};
use crate::output::publish::{Draft, folder};
use crate::output::to_record::{JournalError, MAX_BYTES};
use crate::records::{Author, Cause, Change, Committed, Listed, Name, Snapshot, Trouble};

/// So many files are fetched at a time.
pub(super) const AT_A_TIME: usize = 64;

/// The copies, while a place is read or written: other processes of this machine wait.
pub(super) struct Desk<'a> {
    shared: &'a Shared,
    _lock: Held,
}

/// What the place may hold, beside what follows on from the copy of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// A ledger that somebody began anew since, knowingly.
    Begun,
    /// None at all, too: one is about to be begun anew.
    Missing,
    /// Whatever it is: the copy is about to be brought back.
    Any,
}

/// What is to be written, and the last line of the ledger by which it is known.
pub(super) struct Draught<'a> {
    pub(super) ledger: &'a [u8],
    pub(super) files: Vec<(Name, Vec<u8>)>,
    /// Those that nobody must see before the ledger.
    pub(super) last: Vec<Name>,
    pub(super) by: &'a str,
    pub(super) says: String,
}

impl<'a> Desk<'a> {
    /// Waits until no other process of this machine is there.
    pub(super) fn of(shared: &'a Shared) -> Result<Self, JournalError> {
        let lock = || {
            crate::output::make_folder(&shared.copies)?;
            Held::open(&shared.copies.join(".lock"), Purpose::Create, MAX_BYTES)
        };
        let lock = lock().map_err(|source| shared.uncopied(shared.copies.clone(), source))?;
        Ok(Self {
            shared,
            _lock: lock,
        })
    }

    /// Brings the copies up to date, and returns what the place holds.
    pub(super) fn pull(&self) -> Result<Snapshot, JournalError> {
        self.pull_if(self.shared.allowed)
    }

    pub(super) fn pull_if(&self, allowed: Allowed) -> Result<Snapshot, JournalError> {
        let Shared {
            engine,
            ledger,
            evidence,
            copies,
            ..
        } = self.shared;
        let in_words = |trouble: Trouble| self.shared.trouble(&trouble);
        let snapshot = engine.read(ledger, evidence).map_err(in_words)?;
        self.holds_what_was_seen(snapshot.ledger.as_deref(), allowed)?;
        let missing: Vec<Name> = (snapshot.files.iter())
            .filter(|file| !is_copied(file, copies))
            .map(|file| file.name.clone())
            .collect();
        for names in missing.chunks(AT_A_TIME) {
            let contents = engine.fetch(names).map_err(in_words)?;
            for (name, content) in names.iter().zip(contents) {
                self.copy(&copies.join(name.as_str()), &content)?;
            }
        }
        if let Some(ledger) = &snapshot.ledger
            && allowed != Allowed::Any
        {
            self.keep_ledger(ledger)?;
        }
        self.name_drafts(&snapshot)?;
        Ok(snapshot)
    }

    /// Where a writer was killed between its line and the name of its record, the place holds a draft for good. Its copy gets the
    /// name once the ledger names its digest, so that a machine which only reads sees what the ledger speaks of.
    fn name_drafts(&self, snapshot: &Snapshot) -> Result<(), JournalError> {
        let ledger = snapshot.ledger.as_deref().unwrap_or_default();
        let copies = &self.shared.copies;
        for file in &snapshot.files {
            let Some(name) = file.name.of_draft() else {
                continue;
            };
            let (draft, named) = (copies.join(file.name.as_str()), copies.join(name.as_str()));
            let Ok(content) = fs::read(&draft) else {
                continue;
            };
            if !named.exists() && names(ledger, &sha256_hex(&[&content])) {
                let moved = fs::rename(&draft, &named);
                moved.map_err(|error| self.shared.uncopied(named, error))?;
            }
        }
        Ok(())
    }

    /// Whether the place holds what is to be written; `false` if somebody else was faster. What the place says of it is not relied
    /// on: the ledger is read back, since an answer may be lost on its way, and a server may not compare what it was told to (R5).
    pub(super) fn writes(
        &self,
        before: &Snapshot,
        draught: &Draught<'_>,
    ) -> Result<bool, JournalError> {
        let Shared {
            engine,
            ledger,
            evidence,
            ..
        } = self.shared;
        let files: Vec<(Name, &[u8])> = (draught.files.iter())
            .map(|(name, content)| (name.clone(), content.as_slice()))
            .collect();
        let written = engine.commit(&Change {
            ledger,
            bytes: draught.ledger,
            expected: &before.version,
            files: &files,
            last: &draught.last,
            author: author(draught.by),
            message: &draught.says,
        });
        let lost = match written {
            Ok(Committed::Stale) => return Ok(false),
            Ok(Committed::Written(_)) => None,
            Err(trouble) => match trouble.cause {
                Cause::Unknown => Some(trouble),
                Cause::Away | Cause::Refused | Cause::Misplaced | Cause::TooLarge => {
                    return Err(self.shared.trouble(&trouble));
                }
            },
        };
        let read = engine.read(ledger, evidence);
        let found = read.map_err(|trouble| self.shared.trouble(&lost.unwrap_or(trouble)))?;
        // Others may have gone on from it.
        let ledger = found.ledger.unwrap_or_default();
        let is_there = |name: &Name| found.files.iter().any(|file| file.name == *name);
        Ok(ledger.starts_with(draught.ledger)
            && files
                .iter()
                .all(|(name, _)| is_there(name) || is_there(&name.draft())))
    }

    /// The ledger as it was last seen from here.
    fn seen(&self) -> Result<Vec<u8>, JournalError> {
        let path = self.shared.path();
        match fs::read(&path) {
            Ok(seen) => Ok(seen),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.shared.uncopied(path, error)),
        }
    }

    /// The copy bears witness (T1): what was seen here is the beginning of what is there, or the place was set back.
    pub(super) fn holds_what_was_seen(
        &self,
        found: Option<&[u8]>,
        allowed: Allowed,
    ) -> Result<(), JournalError> {
        let (seen, found) = (self.seen()?, found.unwrap_or_default());
        let is_allowed = match allowed {
            Allowed::Begun => is_begun_anew(&seen, found),
            Allowed::Missing => found.is_empty() || is_begun_anew(&seen, found),
            Allowed::Any => true,
        };
        if is_allowed || found.starts_with(&seen) {
            return Ok(());
        }
        Err(JournalError::SetBack {
            place: self.shared.shown(),
            copy: self.shared.path(),
            seen: lines(&seen),
            there: lines(found),
            is_beginning: seen.starts_with(found),
        })
    }

    /// The copy of the ledger is what the place holds. One that does not go on in it was given up knowingly, and is kept beside it.
    pub(super) fn keep_ledger(&self, ledger: &[u8]) -> Result<(), JournalError> {
        let (path, seen) = (self.shared.path(), self.seen()?);
        if seen == ledger {
            return Ok(());
        }
        if !ledger.starts_with(&seen) {
            let digest = sha256_hex(&[&seen]);
            let mut aside = path.clone().into_os_string();
            aside.push(format!(".{}", digest.get(..8).unwrap_or(&digest)));
            let moved = fs::rename(&path, aside);
            moved.map_err(|error| self.shared.uncopied(path.clone(), error))?;
        }
        self.copy(&path, ledger)
    }

    fn copy(&self, path: &Path, content: &[u8]) -> Result<(), JournalError> {
        let write = || {
            crate::output::make_folder(folder(path))?;
            let mut draft = Draft::fresh(path)?;
            draft.fill(&[content])?;
            draft.replace()
        };
        write().map_err(|error| self.shared.uncopied(path.to_owned(), error))
    }
}

/// Whether a ledger was begun knowingly after another one ended: an earlier beginning that came back is none.
pub(super) fn is_begun_anew(seen: &[u8], found: &[u8]) -> bool {
    let (Ok(seen), Ok(found)) = (line::read(seen), line::read(found)) else {
        return false;
    };
    let first = found.ledger().entries().first();
    let last = seen.ledger().entries().last();
    first.zip(last).is_some_and(|(first, last)| {
        matches!(first.event, Event::LedgerBegun { .. })
            && first.at >= last.at
            && seen.lines().next() != found.lines().next()
    })
}

fn lines(ledger: &[u8]) -> usize {
    ledger.split_inclusive(|byte| *byte == b'\n').count()
}

/// Evidence never changes under its name, nor under that which a draft is to get.
fn is_copied(file: &Listed, copies: &Path) -> bool {
    let is_there = |name: &Name| {
        let found = copies.join(name.as_str()).metadata();
        found.is_ok_and(|found| found.is_file() && found.len() == file.size)
    };
    is_there(&file.name) || file.name.of_draft().is_some_and(|name| is_there(&name))
}

/// Who records, name and address apart: `Ada Lovelace <ada@example.com>`.
fn author(by: &str) -> Author<'_> {
    let name = without_address(by);
    let address = by.get(name.len()..).filter(|rest| !rest.is_empty());
    Author {
        name,
        address: address.map(|rest| rest.trim_matches([' ', '<', '>'])),
    }
}

/// Whether a ledger names a file by its digest.
fn names(ledger: &[u8], digest: &str) -> bool {
    String::from_utf8_lossy(ledger).contains(digest)
}
