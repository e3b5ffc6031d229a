//! A ledger that several machines share: what is decided on a copy of it is recorded only if the place still holds what was read,
//! else it is decided again (R1). No lock is kept in the place.
//!
//! `desk` (the copies on this machine). Must not know which engine the place has, nor what an entry means.

mod desk;

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use super::to_record::{JournalError, NotItsBeginning, RecordError, ToKeep, ToRecord};
use crate::ledger::{Chain, Entry, LedgerError, Occasion, file_name, line};
use crate::records::{Engine, Name, PATIENCE, Trouble, pause};
use desk::{AT_A_TIME, Allowed, Desk, Draught};

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

    /// The other ledgers there, each with its name: their bytes, which may be broken.
    ///
    /// # Errors
    /// A place that cannot be read.
    pub fn others(&self) -> Result<Vec<(String, Vec<u8>)>, JournalError> {
        let in_words = |trouble: Trouble| self.trouble(&trouble);
        let mut names = self.engine.ledgers().map_err(in_words)?;
        names.retain(|name| *name != self.ledger);
        let mut others = Vec::new();
        for some in names.chunks(AT_A_TIME) {
            let contents = self.engine.fetch(some).map_err(in_words)?;
            let texts = some.iter().map(|name| name.as_str().to_owned());
            others.extend(texts.zip(contents));
        }
        Ok(others)
    }

    /// The files of the evidence there, by name; a draft by the name that it gets.
    ///
    /// # Errors
    /// A place that cannot be read.
    pub fn files(&self) -> Result<BTreeSet<String>, JournalError> {
        let read = self.engine.read(&self.ledger, &self.evidence);
        let files = read.map_err(|trouble| self.trouble(&trouble))?.files;
        let named = files.into_iter().map(|file| {
            let name = file.name.of_draft().unwrap_or(file.name);
            file_name(name.as_str()).to_owned()
        });
        Ok(named.collect())
    }

    /// Brings the copies up to date.
    pub(super) fn pull(&self) -> Result<(), JournalError> {
        Desk::of(self)?.pull().map(|_| ())
    }

    /// Records what `decide` makes of the ledger as it is, and returns it with the number of new entries. Nothing that others
    /// recorded meanwhile is written over: it is decided again.
    pub(super) fn append<R, D: Into<ToRecord>>(
        &self,
        occasion: &Occasion,
        mut decide: impl FnMut(&Chain) -> Result<D, R>,
    ) -> Result<(Chain, usize), RecordError<R>> {
        let desk = Desk::of(self)?;
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
        let desk = Desk::of(self)?;
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
        let desk = Desk::of(self)?;
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

fn unread(file: &ToKeep, source: io::Error) -> JournalError {
    JournalError::Read {
        path: file.content.clone(),
        source,
    }
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
