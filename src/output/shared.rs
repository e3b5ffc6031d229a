//! A ledger that several machines share. Here is a copy of it, and of the evidence; what is decided on the copy is recorded only
//! if the place still holds what was read, else it is decided again (R1). No lock is kept in the place.
//!
//! Must not know which engine the place has, nor what an entry means.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use super::held::{Held, Purpose};
use super::publish::{Draft, folder};
use super::to_record::{JournalError, MAX_BYTES, NotItsBeginning, RecordError, ToKeep, ToRecord};
use crate::digest::sha256_hex;
use crate::ledger::{Chain, Entry, Event, LedgerError, Occasion, line, without_address};
use crate::records::{
    Author, Cause, Change, Committed, Engine, Listed, Name, PATIENCE, Snapshot, Trouble, pause,
};

/// So many files are fetched at a time.
const AT_A_TIME: usize = 64;

/// A place, and the folder of its copies.
#[derive(Debug, Clone)]
pub struct Shared {
    engine: Arc<dyn Engine>,
    ledger: Name,
    /// The folder of the evidence.
    evidence: Name,
    /// Where the copies are, under the same names.
    copies: PathBuf,
    allowed: Allowed,
}

/// The copies, while a place is read or written: other processes of this machine wait.
struct Desk<'a> {
    shared: &'a Shared,
    _lock: Held,
}

/// What the place may hold, beside what follows on from the copy of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowed {
    /// A ledger that somebody began anew since, knowingly.
    Begun,
    /// None at all, too: one is about to be begun anew.
    Missing,
    /// Whatever it is: the copy is about to be brought back.
    Any,
}

/// What is to be written, and the last line of the ledger by which it is known.
struct Draught<'a> {
    ledger: &'a [u8],
    files: Vec<(Name, Vec<u8>)>,
    /// Those that nobody must see before the ledger.
    last: Vec<Name>,
    by: &'a str,
    says: String,
}

impl Shared {
    /// A place, with the folder of its copies.
    #[must_use]
    pub fn of(engine: Arc<dyn Engine>, ledger: Name, evidence: Name, copies: PathBuf) -> Self {
        Self {
            engine,
            ledger,
            evidence,
            copies,
            allowed: Allowed::Begun,
        }
    }

    /// The same place for whoever begins a ledger anew there after a look: it may hold none, although one was seen here.
    pub(super) fn anew(self) -> Self {
        Self {
            allowed: Allowed::Missing,
            ..self
        }
    }

    /// Whether a ledger was seen there from this machine.
    #[must_use]
    pub fn was_seen(&self) -> bool {
        self.path().metadata().is_ok_and(|found| found.len() > 0)
    }

    /// The place, as people write it.
    #[must_use]
    pub fn shown(&self) -> String {
        self.engine.shown()
    }

    /// The ledger's name there, with its folder.
    #[must_use]
    pub fn ledger_name(&self) -> &str {
        self.ledger.as_str()
    }

    /// The other ledgers there, with their names; without those that are broken.
    ///
    /// # Errors
    /// A place that cannot be read.
    pub fn others(&self) -> Result<Vec<(String, Chain)>, JournalError> {
        let in_words = |trouble: Trouble| self.trouble(&trouble);
        let mut names = self.engine.ledgers().map_err(in_words)?;
        names.retain(|name| *name != self.ledger);
        let mut others = Vec::new();
        for some in names.chunks(AT_A_TIME) {
            let contents = self.engine.fetch(some).map_err(in_words)?;
            let read = some.iter().zip(contents).filter_map(|(name, bytes)| {
                let chain = line::read(&bytes).ok()?;
                Some((name.as_str().to_owned(), chain))
            });
            others.extend(read);
        }
        Ok(others)
    }

    /// Brings the copies up to date.
    pub(super) fn pull(&self) -> Result<(), JournalError> {
        self.desk()?.pull().map(|_| ())
    }

    /// Records what `decide` makes of the ledger as it is, and returns it with the number of new entries. Nothing that others
    /// recorded meanwhile is written over: it is decided again.
    pub(super) fn append<R, D: Into<ToRecord>>(
        &self,
        occasion: &Occasion,
        mut decide: impl FnMut(&Chain) -> Result<D, R>,
    ) -> Result<(Chain, usize), RecordError<R>> {
        let desk = self.desk()?;
        let mut waiting = Waiting::default();
        loop {
            let snapshot = desk.pull()?;
            let mut bytes = snapshot.ledger.clone().unwrap_or_default();
            let mut chain = self.verified(&bytes)?;
            let decided = decide(&chain).map_err(RecordError::Refused)?;
            let mut decided: ToRecord = decided.into();
            let files = std::mem::take(&mut decided.files);
            let (added, nonce) = (decided.count(), nonce());
            for (occasion, event) in decided.entries(occasion) {
                let occasion = match occasion.nonce {
                    // Recorded elsewhere, it keeps its own.
                    Some(_) => occasion,
                    None => occasion.with_nonce(nonce.clone()),
                };
                let line = chain.append(&occasion, event);
                let line = line.map_err(|source| JournalError::Entry {
                    path: self.path(),
                    source,
                })?;
                bytes.extend_from_slice(line.as_bytes());
                bytes.push(b'\n');
            }
            let last = files.iter().filter(|file| file.is_last);
            let draught = Draught {
                ledger: &bytes,
                last: last
                    .map(|file| self.named(file))
                    .collect::<Result<_, _>>()?,
                files: self.contents(&files)?,
                by: &occasion.by.name,
                says: said(&chain, added),
            };
            if desk.writes(&snapshot, &draught)? {
                desk.keep_ledger(&bytes)?;
                return Ok((chain, added));
            }
            waiting.wait(self)?;
        }
    }

    /// Puts a longer ledger in the place of the one that is its beginning.
    pub(super) fn extend(
        &self,
        longer: &[u8],
        files: &[ToKeep],
        by: &str,
    ) -> Result<(), RecordError<NotItsBeginning>> {
        let desk = self.desk()?;
        let draught = Draught {
            ledger: longer,
            files: self.contents(files)?,
            last: Vec::new(),
            by,
            says: "imported".to_owned(),
        };
        // What was seen here must be brought, too.
        desk.holds_what_was_seen(Some(longer), Allowed::Begun)?;
        let mut waiting = Waiting::default();
        loop {
            let snapshot = desk.pull_if(Allowed::Any)?;
            if !longer.starts_with(snapshot.ledger.as_deref().unwrap_or_default()) {
                return Err(RecordError::Refused(NotItsBeginning));
            }
            if snapshot.ledger.as_deref() == Some(longer) && self.has_copies_of(&draught.files) {
                return Ok(());
            }
            if desk.writes(&snapshot, &draught)? {
                desk.pull()?;
                return Ok(());
            }
            waiting.wait(self)?;
        }
    }

    /// Whether the place can be read and written, and keeps what is promised, in its own words.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn probe(&self) -> Result<String, JournalError> {
        let probed = self.engine.probe();
        probed.map_err(|trouble| self.trouble(&trouble))
    }

    /// Adds files to the evidence, without an entry.
    ///
    /// # Errors
    /// A place that does not take them.
    pub fn add(&self, files: &[ToKeep], by: &str) -> Result<(), JournalError> {
        let desk = self.desk()?;
        let files = self.contents(files)?;
        let mut waiting = Waiting::default();
        loop {
            let snapshot = desk.pull()?;
            let draught = Draught {
                ledger: snapshot.ledger.as_deref().unwrap_or_default(),
                files: files.clone(),
                last: Vec::new(),
                by,
                says: "a signature".to_owned(),
            };
            if desk.writes(&snapshot, &draught)? {
                return Ok(());
            }
            waiting.wait(self)?;
        }
    }

    /// The file of the ledger's copy.
    pub(super) fn path(&self) -> PathBuf {
        self.copies.join(self.ledger.as_str())
    }

    /// The files as the place will hold them.
    fn contents(&self, files: &[ToKeep]) -> Result<Vec<(Name, Vec<u8>)>, JournalError> {
        let content = |file: &ToKeep| {
            let content = fs::read(&file.content);
            let content = content.map_err(|error| unread(file, error))?;
            Ok((self.named(file)?, content))
        };
        files.iter().map(content).collect()
    }

    /// Whether the copies, which were just brought up to date, are these files: nothing is written that is there.
    fn has_copies_of(&self, files: &[(Name, Vec<u8>)]) -> bool {
        files.iter().all(|(name, content)| {
            let kept = fs::read(self.copies.join(name.as_str()));
            kept.is_ok_and(|kept| kept == *content)
        })
    }

    /// What a file is called in the place.
    fn named(&self, file: &ToKeep) -> Result<Name, JournalError> {
        let name = Name::new(&format!("{}/{}", self.evidence.as_str(), file.name));
        name.map_err(|error| unread(file, io::Error::other(error.to_string())))
    }

    fn desk(&self) -> Result<Desk<'_>, JournalError> {
        let lock = || {
            super::make_folder(&self.copies)?;
            Held::open(&self.copies.join(".lock"), Purpose::Create, MAX_BYTES)
        };
        let lock = lock().map_err(|source| self.uncopied(self.copies.clone(), source))?;
        Ok(Desk {
            shared: self,
            _lock: lock,
        })
    }

    fn verified(&self, bytes: &[u8]) -> Result<Chain, JournalError> {
        line::read(bytes).map_err(|source| self.broken(source))
    }

    /// Words for a ledger that is damaged there, not here.
    pub(super) fn broken(&self, source: LedgerError) -> JournalError {
        JournalError::BrokenThere {
            ledger: format!("{} in {}", self.ledger_name(), self.shown()),
            source,
        }
    }

    fn trouble(&self, trouble: &Trouble) -> JournalError {
        JournalError::Shared {
            place: self.shown(),
            found: trouble.found.clone(),
            advice: trouble.advice.clone(),
        }
    }

    fn uncopied(&self, path: PathBuf, source: io::Error) -> JournalError {
        JournalError::Uncopied {
            place: self.shown(),
            path,
            source,
        }
    }
}

impl Desk<'_> {
    /// Brings the copies up to date, and returns what the place holds.
    fn pull(&self) -> Result<Snapshot, JournalError> {
        self.pull_if(self.shared.allowed)
    }

    fn pull_if(&self, allowed: Allowed) -> Result<Snapshot, JournalError> {
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
    fn writes(&self, before: &Snapshot, draught: &Draught<'_>) -> Result<bool, JournalError> {
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
    fn holds_what_was_seen(
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
    fn keep_ledger(&self, ledger: &[u8]) -> Result<(), JournalError> {
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
            super::make_folder(folder(path))?;
            let mut draft = Draft::fresh(path)?;
            draft.fill(&[content])?;
            draft.replace()
        };
        write().map_err(|error| self.shared.uncopied(path.to_owned(), error))
    }
}

fn unread(file: &ToKeep, source: io::Error) -> JournalError {
    JournalError::Read {
        path: file.content.clone(),
        source,
    }
}

/// Whether a ledger was begun knowingly after another one ended: an earlier beginning that came back is none.
fn is_begun_anew(seen: &[u8], found: &[u8]) -> bool {
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

/// What is recorded, for people who look into the place itself.
fn said(chain: &Chain, added: usize) -> String {
    let entries = chain.ledger().entries();
    let new = entries.iter().skip(entries.len().saturating_sub(added));
    let said = |entry: &Entry| format!("#{} {}", entry.number, entry.event.kind().word());
    new.map(said).collect::<Vec<String>>().join(", ")
}

/// 64 random bits, as the standard library's maps have them: two writers of one name in one second write different lines.
fn nonce() -> String {
    format!("{:016x}", RandomState::new().hash_one(()))
}

/// How often, and how long, others were faster.
#[derive(Debug, Default)]
struct Waiting {
    tries: u32,
    waited: Duration,
}

impl Waiting {
    /// Waits a little longer than the time before.
    fn wait(&mut self, shared: &Shared) -> Result<(), JournalError> {
        if self.waited > PATIENCE {
            return Err(JournalError::Shared {
                place: shared.shown(),
                found: format!("others were faster {} times in a row", self.tries),
                advice: "try again".to_owned(),
            });
        }
        let pause = pause(self.tries);
        sleep(pause);
        self.waited += pause;
        self.tries += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
