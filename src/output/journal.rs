//! The ledger's file: read, appended to, repaired. Under a lock, synced, and never left with half a line unless the process
//! dies. What may be appended is decided under the lock, on the ledger as it then is.

use std::io;
use std::path::{Path, PathBuf};

use super::held::{Held, Purpose, Unwritten, plain};
use super::publish::{Draft, folder};
use super::shared::Shared;
use super::to_record::{JournalError, MAX_BYTES, NotItsBeginning, RecordError, ToKeep, ToRecord};
use super::{make_folder, visible};
use crate::ledger::{Chain, Entry, Event, Occasion, line};

/// At most this much of a torn line is kept, in bytes.
const MAX_TORN: usize = 64 * 1024;

/// A ledger after entries were appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// All of it.
    pub chain: Chain,
    added: usize,
}

impl Appended {
    /// Whether the ledger begins with them.
    #[must_use]
    pub fn begins(&self) -> bool {
        self.added > 0 && self.added == self.chain.lines().len()
    }

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
#[derive(Debug, Clone)]
pub struct Journal {
    path: PathBuf,
    /// Where the ledger is that this file is a copy of.
    shared: Option<Shared>,
    /// A folder that was named for it, and that has to be there.
    named: Option<PathBuf>,
}

impl Journal {
    /// The ledger at a path.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self {
            path,
            shared: None,
            named: None,
        }
    }

    /// The ledger in a folder that was named, and that has to be there, or below it, where folders are made.
    #[must_use]
    pub fn in_folder(path: PathBuf, named: PathBuf) -> Self {
        Self {
            named: Some(named),
            ..Self::at(path)
        }
    }

    /// The copy of a ledger that several machines share.
    #[must_use]
    pub fn of(shared: Shared) -> Self {
        Self {
            path: shared.path(),
            shared: Some(shared),
            named: None,
        }
    }

    /// The same for whoever begins it anew after a look: a ledger that was seen in a shared place may be gone from there.
    #[must_use]
    pub fn anew(self) -> Self {
        Self {
            shared: self.shared.map(Shared::anew),
            ..self
        }
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
        if let Some(shared) = &self.shared {
            shared.pull()?;
        }
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
        if self.shared.is_some() {
            // Whether a place takes another entry is only known once it is asked to.
            return self.read();
        }
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
    pub fn append<R, D: Into<ToRecord>>(
        &self,
        occasion: &Occasion,
        decide: impl Fn(&Chain) -> Result<D, R>,
    ) -> Result<Appended, RecordError<R>> {
        if self.shared.is_none() && !self.exists(Purpose::Create)? {
            // A refusal is known before a file is created.
            decide(&Chain::default()).map_err(RecordError::Refused)?;
        }
        self.append_held(occasion, decide)
    }

    /// The same for what is better not done in vain, such as writing what the entries name: `decide` is called under the lock, on the
    /// lines as they then are. It is called again only where a place that several machines share has changed meanwhile: then
    /// nothing of the earlier call is recorded.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn append_held<R, D: Into<ToRecord>>(
        &self,
        occasion: &Occasion,
        mut decide: impl FnMut(&Chain) -> Result<D, R>,
    ) -> Result<Appended, RecordError<R>> {
        if let Some(shared) = &self.shared {
            let (chain, added) = shared.append(occasion, decide)?;
            return Ok(Appended { chain, added });
        }
        let was_missing = !self.exists(Purpose::Create)?;
        let mut held = self.hold(Purpose::Create)?;
        let mut chain = self.verified(&held.bytes)?;
        let decided = decide(&chain).map_err(|refused| {
            if was_missing && held.bytes.is_empty() {
                // Whoever waits for the lock finds the file gone, and creates it again.
                let _ = std::fs::remove_file(&self.path);
            }
            RecordError::Refused(refused)
        })?;
        let decided: ToRecord = decided.into();
        let added = decided.count();
        let lines = self.add(&mut chain, decided.entries(occasion))?;
        self.write(&mut held, None, &lines)?;
        Ok(Appended { chain, added })
    }

    /// Puts a longer ledger in the place of this one, with its evidence: all of it, or nothing. This one must be its beginning.
    ///
    /// # Errors
    /// A ledger that is not the beginning of the longer one; one that is broken; a file that cannot be read or written, or that is
    /// there with another content.
    pub fn extend(
        &self,
        longer: &[u8],
        files: &[ToKeep],
        by: &str,
    ) -> Result<Chain, RecordError<NotItsBeginning>> {
        let chain = self.verified(longer)?;
        if let Some(shared) = &self.shared {
            shared.extend(longer, files, by)?;
            return Ok(chain);
        }
        let mut held = self.hold(Purpose::Create)?;
        if !longer.starts_with(&held.bytes) {
            return Err(RecordError::Refused(NotItsBeginning));
        }
        let evidence = self.path.with_file_name(self.evidence_name());
        for file in files {
            copied(&file.content, &evidence.join(&file.name))
                .map_err(|source| self.unwritten(source))?;
        }
        let start = held.bytes.len();
        let rest = longer.get(start..).unwrap_or_default();
        if !rest.is_empty() {
            let written = held.write(start, rest, &self.path);
            written.map_err(|error| self.not_written(error))?;
        }
        Ok(chain)
    }

    /// The name of the folder of its evidence.
    fn evidence_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.strip_suffix(".ledger.jsonl").unwrap_or(&name);
        format!("{stem}.evidence")
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
        let lines = self.add(&mut chain, std::iter::once((occasion.clone(), event)))?;
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
        entries: impl Iterator<Item = (Occasion, Event)>,
    ) -> Result<String, JournalError> {
        let mut lines = String::new();
        for (occasion, event) in entries {
            let line = chain
                .append(&occasion, event)
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
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.may_be_missing(purpose),
            Err(source) => Err(self.refused(purpose, source)),
        }
    }

    fn may_be_missing(&self, purpose: Purpose) -> Result<bool, JournalError> {
        let Some(named) = &self.named else {
            return Ok(false);
        };
        if named.is_dir() {
            return match purpose {
                Purpose::Read => Ok(false),
                Purpose::Write | Purpose::Create => make_folder(folder(&self.path))
                    .map(|()| false)
                    .map_err(|source| self.refused(purpose, source)),
            };
        }
        let found = format!("there is no folder `{}`", visible(named));
        let source = io::Error::new(io::ErrorKind::NotFound, found);
        Err(self.refused(purpose, source))
    }

    fn hold(&self, purpose: Purpose) -> Result<Held, JournalError> {
        self.exists(purpose)?;
        Held::open(&self.path, purpose, MAX_BYTES).map_err(|source| self.refused(purpose, source))
    }

    fn verified(&self, bytes: &[u8]) -> Result<Chain, JournalError> {
        line::read(bytes).map_err(|source| match &self.shared {
            Some(shared) => shared.broken(source),
            None => JournalError::Broken {
                path: self.path.clone(),
                source,
            },
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

/// Copies a file to a new name; one that is there already with the same content stays.
fn copied(from: &Path, to: &Path) -> io::Result<()> {
    let content = std::fs::read(from)?;
    if std::fs::read(to).is_ok_and(|there| there == content) {
        return Ok(());
    }
    super::make_folder(folder(to))?;
    let mut draft = Draft::fresh(to)?;
    draft.fill(&[content])?;
    draft.publish()
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
