//! The lines of the file: each carries the digest of the one before it and its own. Bytes in, a verified chain out; a
//! chain and an entry in, a line out. Must not open a file, nor repair what is broken.

use thiserror::Error;

use super::{Entry, Event, Ledger, Person, PlanThen, wire};
use crate::digest::sha256_hex;
use crate::provenance::SignaturesSeen;
use crate::unicode_safety::escape_json;
use crate::units::Instant;

/// The digest that the first line names as that of the line before it.
const NO_LINE: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// What precedes a line's own digest.
const SEAL: &str = ",\"sha256\":\"";
/// The number of digits in a digest.
const DIGEST: usize = 64;

/// Why a text is not a ledger: the first line that is wrong, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line} {damage}")]
pub struct LedgerError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub damage: Damage,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Damage {
    /// The last line has no line end: its writing was cut short.
    #[error("is torn: its writing was cut short")]
    Torn,
    /// No digest at its end, or not the line's digest.
    #[error("was changed after it was written")]
    Changed,
    /// Not what an entry looks like.
    #[error("is not an entry: {0}")]
    Form(String),
    /// An entry as an earlier version wrote it.
    #[error("is of gate 0.1, which is no longer read")]
    Older,
    /// What git leaves where two clones changed the same place of a file.
    #[error("is a mark of a conflict that git left: two clones recorded in the same file")]
    Conflict,
    /// Another entry follows from the same line.
    #[error(
        "follows from the same line as line {0}: two clones recorded in the same file, and git merged it"
    )]
    Merged(u64),
    /// It names a record that an entry before it has set aside.
    #[error(
        "names a record that entry {0} has set aside: what was recorded in the ledger before counts no longer"
    )]
    SetAside(u64),
    /// In the wrong place.
    #[error("is number {found} instead of {expected}: one was removed, repeated or moved")]
    Number {
        /// The number that comes next.
        expected: u64,
        /// The one that is there.
        found: u64,
    },
    /// Not chained to the line before it.
    #[error("does not follow from the line before it: a line was replaced, removed or inserted")]
    Unchained,
}

/// Why an entry was not appended.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the entry would not read back as it is: {0}")]
pub struct Unwritable(String);

/// Who did something, when and why: the same for all entries of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// When, in whole seconds.
    pub at: Instant,
    /// Who.
    pub by: Person,
    /// The plan, as it is.
    pub plan: PlanThen,
    /// Why; empty if nobody said.
    pub why: String,
    /// Addresses that say more.
    pub links: Vec<String>,
    /// What tells the line from any other that is written elsewhere at the same time; `None` where the ledger is locked.
    pub nonce: Option<String>,
}

impl Occasion {
    /// The same, with a nonce.
    #[must_use]
    pub fn with_nonce(&self, nonce: String) -> Self {
        Self {
            nonce: Some(nonce),
            ..self.clone()
        }
    }

    /// The entry of this number that would be recorded.
    #[must_use]
    pub fn entry(&self, number: u64, event: Event) -> Entry {
        Entry {
            number,
            at: self.at,
            by: self.by.clone(),
            plan: self.plan.clone(),
            why: self.why.clone(),
            links: self.links.clone(),
            nonce: self.nonce.clone(),
            event,
        }
    }
}

/// A ledger with the lines that it was read from, verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    ledger: Ledger,
    lines: Vec<Line>,
    /// The records that were set aside, by their digests, each with the number of the entry that says so.
    aside: Vec<(String, u64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    text: String,
    digest: String,
}

/// Reads a whole file and verifies every line: form, number, digest, chain.
///
/// # Errors
/// The first line that is wrong. Whole lines removed from the end cannot be detected from the file alone.
pub fn read(bytes: &[u8]) -> Result<Chain, LedgerError> {
    let (whole, torn) = split_torn(bytes);
    let mut chain = Chain::default();
    for line in whole.split_inclusive(|byte| *byte == b'\n') {
        chain.accept(line.strip_suffix(b"\n").unwrap_or(line))?;
    }
    if torn.is_empty() {
        Ok(chain)
    } else {
        Err(chain.broken(Damage::Torn))
    }
}

/// The complete lines, and what follows the last line end.
#[must_use]
pub fn split_torn(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    bytes.split_at(end.map_or(0, |end| end + 1))
}

impl Chain {
    /// The entries.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The lines as they are in the file, without their line ends.
    #[must_use]
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &str> {
        self.lines.iter().map(|line| line.text.as_str())
    }

    /// SHA-256 of the last line, 64 lower-case hex digits: what the next line names. Zeros if there is no line.
    #[must_use]
    pub fn head(&self) -> &str {
        self.lines.last().map_or(NO_LINE, |line| &line.digest)
    }

    /// SHA-256 of the line of this number, from 1; for 0, what the first line names. `None` if there is no such line.
    #[must_use]
    pub fn digest(&self, number: u64) -> Option<&str> {
        let Some(index) = number.checked_sub(1) else {
            return Some(NO_LINE);
        };
        let line = self.lines.get(usize::try_from(index).ok()?)?;
        Some(&line.digest)
    }

    /// The entry of this number, from 1.
    #[must_use]
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.ledger.entries.get(index)
    }

    /// The longest prefix whose last entry is not after `at`: what was known then.
    #[must_use]
    pub fn until(&self, at: Instant) -> Self {
        self.first(self.ledger.until(at))
    }

    /// The first entries, so many of them; all, if there are no more.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let entries = self.ledger.entries();
        Self {
            ledger: Ledger::new(entries.iter().take(count).cloned().collect())
                .with_signatures(self.ledger.signatures().cloned()),
            lines: self.lines.iter().take(count).cloned().collect(),
            aside: (self.aside.iter())
                .filter(|(_, number)| usize::try_from(*number).is_ok_and(|number| number <= count))
                .cloned()
                .collect(),
        }
    }

    /// How many bytes its lines have, with their line ends.
    #[must_use]
    pub fn size(&self) -> usize {
        self.lines().map(|line| line.len() + 1).sum()
    }

    /// The same chain, with what was found about the signatures of its approvals.
    #[must_use]
    pub fn with_signatures(self, signatures: Option<SignaturesSeen>) -> Self {
        Self {
            ledger: self.ledger.with_signatures(signatures),
            ..self
        }
    }

    /// Appends an entry, and returns its line without the line end.
    ///
    /// # Errors
    /// An entry that would not read back as it is: nothing is appended then.
    pub fn append(&mut self, occasion: &Occasion, event: Event) -> Result<&str, Unwritable> {
        let entry = occasion.entry(self.ledger.next_number(), event);
        let line = sealed(&entry, self.head());
        self.accept(line.as_bytes())
            .map_err(|error| Unwritable(error.damage.to_string()))?;
        Ok(self.lines.last().map_or("", |line| &line.text))
    }

    /// Takes the next line, without its line end, as it was found in a file.
    ///
    /// # Errors
    /// A line that is not an entry, was changed, or does not follow: nothing is taken then.
    pub fn accept(&mut self, bytes: &[u8]) -> Result<(), LedgerError> {
        let (entry, text) = self.verified(bytes).map_err(|damage| self.broken(damage))?;
        let aside = entry.event.set_aside().iter();
        let aside = aside.map(|record| (record.sha256.clone(), entry.number));
        self.aside.extend(aside);
        self.ledger.entries.push(entry);
        self.lines.push(Line {
            digest: sha256_hex(&[text]),
            text: text.to_owned(),
        });
        Ok(())
    }

    fn verified<'a>(&self, bytes: &'a [u8]) -> Result<(Entry, &'a str), Damage> {
        let text = unsealed(bytes)?;
        let node = serde_json::from_str(text).map_err(|error| form(&error.to_string()))?;
        let read = wire::read(node);
        let (entry, previous) = read.map_err(|wrong| {
            if wire::is_older(text) {
                Damage::Older
            } else {
                form(&wrong)
            }
        })?;
        if self.is_twin(&entry, &previous, text) {
            return Err(Damage::Merged(entry.number));
        }
        if entry.number != self.ledger.next_number() {
            return Err(Damage::Number {
                expected: self.ledger.next_number(),
                found: entry.number,
            });
        }
        if previous != self.head() {
            return Err(Damage::Unchained);
        }
        match self.setting_aside(&entry.event) {
            Some(number) => Err(Damage::SetAside(number)),
            None => Ok((entry, text)),
        }
    }

    /// The number of the entry that set aside the record that an event is about: nothing that comes after may rest on it.
    fn setting_aside(&self, event: &Event) -> Option<u64> {
        let named = match event.checked() {
            Some(checked) => checked.evidence_sha256.as_str(),
            None => event.signed_evidence()?.1,
        };
        let mut aside = self.aside.iter();
        let found = aside.find(|(sha256, _)| sha256 == named);
        found.map(|(_, number)| *number)
    }

    /// Whether it could stand where another entry stands.
    fn is_twin(&self, entry: &Entry, previous: &str, text: &str) -> bool {
        let before = entry.number.checked_sub(1);
        // Every line is asked, so the others are searched last.
        entry.number < self.ledger.next_number()
            && before.and_then(|number| self.digest(number)) == Some(previous)
            && !self.lines.iter().any(|line| line.text == text)
    }

    /// The line after those that were taken is wrong.
    fn broken(&self, damage: Damage) -> LedgerError {
        LedgerError {
            line: self.lines.len() + 1,
            damage,
        }
    }
}

fn form(wrong: &str) -> Damage {
    Damage::Form(wrong.to_owned())
}

/// The line of an entry, sealed with the digest of everything before the seal.
fn sealed(entry: &Entry, previous: &str) -> String {
    // Strings, numbers, lists and objects always serialize; if that ever changes, the line does not read back.
    let json = serde_json::to_string(&wire::write(entry, previous)).unwrap_or_default();
    let body = escape_json(json.strip_suffix('}').unwrap_or_default());
    format!("{body}{SEAL}{}\"}}", sha256_hex(&[&body]))
}

/// The text of a line with a valid seal.
fn unsealed(bytes: &[u8]) -> Result<&str, Damage> {
    if bytes.is_empty() {
        return Err(form("it is empty"));
    }
    if [&b"<<<<<<< "[..], b"=======", b">>>>>>> ", b"||||||| "]
        .iter()
        .any(|mark| bytes.starts_with(mark))
    {
        return Err(Damage::Conflict);
    }
    if bytes.ends_with(b"\r") {
        return Err(form(
            "it ends with a carriage return: something converted the file's line ends",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Damage::Changed)?;
    let seal = text.strip_suffix("\"}").and_then(|open| {
        let (rest, digest) = open.split_at_checked(open.len().checked_sub(DIGEST)?)?;
        Some((rest.strip_suffix(SEAL)?, digest))
    });
    match seal {
        Some((body, digest)) if sha256_hex(&[body]) == digest => Ok(text),
        _ => Err(Damage::Changed),
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
