//! The one place that writes files: targets proved writable first, atomic, synced, never over an existing one.
//!
//! Must not know what a verdict means, nor compose text: bytes in, files out.

mod held;
mod journal;
mod lock;
mod publish;
mod replaced;
mod rounds;
mod shared;
mod stdout;
mod target;
mod to_record;

use std::borrow::Cow;
use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::digest::sha256_hex;
use crate::units::Instant;
use crate::verdict::Verdict;
use publish::{Draft, sync_folder};

pub use journal::{Appended, Journal, Repair};
pub use lock::{Lock, Locking};
pub use publish::{draft_of, finish, write_new};
pub use replaced::Replaced;
pub use rounds::Rounds;
pub use shared::Shared;
pub use stdout::print_stdout;
pub use target::Target;
pub use to_record::{
    JournalError, MAX_BYTES as MAX_LEDGER_BYTES, NotItsBeginning, RecordError, ToKeep, ToRecord,
};

/// At most this many checks with one verdict in one second get a name; the next is refused.
const MAX_NAMES: u32 = 10_000;

/// Why something could not be written. The caller decides on the exit code (5: a verdict without evidence is no verdict).
#[derive(Debug, Error)]
pub enum OutputError {
    /// The evidence folder cannot be created or written.
    #[error(
        "no verdict was reached: the evidence folder `{}` cannot be written: {source}; make it writable, or use --evidence FOLDER or --records PLACE",
        visible(.path)
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file of the evidence cannot be written.
    #[error(
        "the verdict could not be recorded: `{}` cannot be written: {source}; free some space or choose another folder with --evidence",
        visible(.path)
    )]
    Evidence {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Every name of this second is taken.
    #[error(
        "the verdict could not be recorded: `{}` holds {MAX_NAMES} checks named {stem}; choose another folder with --evidence",
        visible(.folder)
    )]
    NamesTaken {
        /// The folder.
        folder: PathBuf,
        /// Stamp and verdict.
        stem: String,
    },
    /// A file that would have to be overwritten.
    #[error("nothing was written: `{}` already exists; remove it or choose another name", visible(.0))]
    Exists(PathBuf),
    /// A file that the user named cannot be written.
    #[error("nothing was written: `{}` cannot be written: {source}; choose another place", visible(.path))]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A report that would have to be overwritten.
    #[error(
        "no verdict was reached: the report `{}` already exists; overwrite it with --force, or choose another name with --report",
        visible(.0)
    )]
    ReportExists(PathBuf),
    /// A report cannot be written; noticed before any source was asked.
    #[error(
        "no verdict was reached: the report `{}` cannot be written: {source}; choose another place with --report",
        visible(.path)
    )]
    ReportTarget {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A report cannot be written, although its place had been tested.
    #[error(
        "the verdict could not be recorded: the report `{}` cannot be written: {source}; the evidence is complete",
        visible(.path)
    )]
    Report {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error("the verdict could not be printed: standard output cannot be written: {0}")]
    Stdout(io::Error),
}

/// A path for an error message, with control characters escaped.
fn visible(path: &Path) -> String {
    crate::report::escape(&path.to_string_lossy())
}

/// The files of one check, by name inside the evidence folder. They share everything before the extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The record.
    pub json: String,
    /// The printed text.
    pub text: String,
    /// What the sources answered, gzip.
    pub answers: String,
    /// The plan as it was judged.
    pub plan: String,
    /// A signature of the record.
    pub signature: String,
}

impl Names {
    /// The names of the `number`th check (from 1) of a second.
    fn numbered(stem: &str, number: u32) -> Self {
        let stem = match number {
            1 => stem.to_owned(),
            number => format!("{stem}-{number}"),
        };
        Self {
            json: format!("{stem}.json"),
            text: format!("{stem}.txt"),
            answers: format!("{stem}.answers.json.gz"),
            plan: format!("{stem}.plan.yaml"),
            signature: format!("{stem}.json.sig"),
        }
    }
}

/// What the names of a check's files begin with: `20261120T140000Z-no-go`.
#[must_use]
pub fn stem(evaluated_at: Instant, verdict: Verdict) -> String {
    format!(
        "{}-{}",
        evaluated_at.stamp(),
        verdict.word().to_ascii_lowercase()
    )
}

/// So many hexadecimal digits of a record's digest are in its name where several machines share a place.
const DIGITS: usize = 8;

/// Whether this may follow [`stem`] in the name of a record: nothing, the number of a further check of that second, and before it
/// the digits by which two machines do not meet.
#[must_use]
pub fn is_after_stem(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('-') else {
        return rest.is_empty();
    };
    let is_digits = |text: &str| {
        text.len() == DIGITS && text.bytes().all(|byte| b"0123456789abcdef".contains(&byte))
    };
    let is_number = |text: &str| {
        let number = text.parse::<u32>().ok().filter(|number| *number > 1);
        number.is_some_and(|number| number.to_string() == text)
    };
    match rest.split_once('-') {
        Some((digits, number)) => is_digits(digits) && is_number(number),
        None => is_digits(rest) || is_number(rest),
    }
}

/// The documents of one check, rendered once their names are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents {
    /// The record.
    pub json: String,
    /// The printed text.
    pub text: String,
}

/// What is kept beside the record as it is, in pieces.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attached<'a> {
    /// What the sources answered, gzip.
    pub answers: Option<&'a [Cow<'a, [u8]>]>,
    /// The plan as it was judged.
    pub plan: Option<&'a [u8]>,
}

/// Where a check was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The record: it is there only when everything else is.
    pub json: PathBuf,
    /// The printed text.
    pub text: PathBuf,
    /// What the sources answered, where it is kept.
    pub answers: Option<PathBuf>,
}

/// The files of a check that its ledger does not hold yet. Dropping it removes them: evidence that no ledger knows would speak
/// against the ledger. So the record gets its name last, once the ledger holds it; the draft of a check that is killed in between
/// is known by the digest that the ledger holds.
#[derive(Debug)]
pub struct Unrecorded {
    recorded: Recorded,
    published: Published,
    draft: Draft,
}

impl Unrecorded {
    /// Where the record will be.
    #[must_use]
    pub fn json(&self) -> &Path {
        &self.recorded.json
    }

    /// Its files, for a place that several machines share: the record has only a draft yet.
    #[must_use]
    pub fn to_keep(&self) -> Vec<ToKeep> {
        let published = self.published.0.iter().map(|path| (path, path.as_path()));
        let files = published.chain([(&self.recorded.json, self.draft.path())]);
        files
            .map(|(named, content)| ToKeep::under_the_name_of(named, content))
            .collect()
    }

    /// The files stay, and the record gets its name.
    ///
    /// # Errors
    /// A name that was taken meanwhile, or cannot be given: the draft stays then, for the next check to finish.
    pub fn keep(self) -> Result<Recorded, OutputError> {
        let Self {
            recorded,
            published,
            draft,
        } = self;
        published.keep();
        // Another check may have seen the entry in the ledger, and been faster.
        if let Err(source) = draft.publish()
            && !draft.is_at_its_target()
        {
            draft.leave();
            return Err(not_recorded(recorded.json, source));
        }
        drop(draft);
        let folder = publish::folder(&recorded.json).to_owned();
        sync_folder(&folder).map_err(|source| not_recorded(folder, source))?;
        Ok(recorded)
    }
}

/// An evidence folder that has been written to.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// Whether names must not be those of another machine either.
    is_shared: bool,
}

impl Store {
    /// Creates the folder if it is missing, and proves that it is writable with a file that is removed again. Call it before
    /// any source is asked: a verdict that cannot be recorded need not be reached.
    ///
    /// # Errors
    /// A folder that cannot be created or written.
    pub fn open(folder: &Path) -> Result<Self, OutputError> {
        prove_writable(folder).map_err(|source| OutputError::Folder {
            path: folder.to_owned(),
            source,
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            is_shared: false,
        })
    }

    /// The same folder, whose files go to a place that several machines share: names have 8 digits of the record's digest (R4).
    #[must_use]
    pub fn shared(self, is_shared: bool) -> Self {
        Self { is_shared, ..self }
    }

    /// Records one check as `STAMP-VERDICT.json`, `.txt` and, if they are kept, `.answers.json.gz` and `.plan.yaml`. A name
    /// that is taken gets `-2`, `-3` … before the extension, the same for all. `render` gets the names, since the record holds them;
    /// it is called again in the rare case that somebody takes a name in between, so it must give the same for the same names.
    ///
    /// When this returns, the files are synced to disk; they stay only if they are kept. The record gets its name only then: if it exists, so does the rest.
    ///
    /// # Errors
    /// A file that cannot be written, or no free name. Then nothing of this check is left behind.
    pub fn write(
        &self,
        at: Instant,
        verdict: Verdict,
        attached: Attached<'_>,
        render: impl Fn(&Names) -> Documents,
    ) -> Result<Unrecorded, OutputError> {
        let mut stem = stem(at, verdict);
        if self.is_shared {
            // As it would be under the plain name: the record cannot hold its own digest.
            let plain = render(&Names::numbered(&stem, 1));
            let digest = sha256_hex(&[&plain.json]);
            stem = format!("{stem}-{}", digest.get(..DIGITS).unwrap_or_default());
        }
        for number in 1..=MAX_NAMES {
            let names = Names::numbered(&stem, number);
            let Some(record) = self.reserve(&names)? else {
                continue;
            };
            if let Some(recorded) = self.fill(&names, record, attached, &render)? {
                return Ok(recorded);
            }
        }
        Err(OutputError::NamesTaken {
            folder: self.folder.clone(),
            stem,
        })
    }

    /// The draft of the record is the reservation: whoever created it owns all its names. `None` if a name is taken.
    fn reserve(&self, names: &Names) -> Result<Option<Draft>, OutputError> {
        let target = self.folder.join(&names.json);
        let draft = match Draft::create(&target) {
            Ok(draft) => draft,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(source) => return Err(not_recorded(target, source)),
        };
        let all = [
            &names.json,
            &names.text,
            &names.answers,
            &names.plan,
            &names.signature,
        ];
        let taken = all
            .into_iter()
            .any(|name| self.folder.join(name).symlink_metadata().is_ok());
        Ok((!taken).then_some(draft))
    }

    /// Writes all files of a reservation, and publishes all but the record. `None` if somebody else took a name in between.
    fn fill(
        &self,
        names: &Names,
        mut record: Draft,
        attached: Attached<'_>,
        render: &impl Fn(&Names) -> Documents,
    ) -> Result<Option<Unrecorded>, OutputError> {
        let documents = render(names);
        let mut published = Published::default();
        let printed = [Cow::Borrowed(documents.text.as_bytes())];
        let plan = attached.plan.map(|bytes| [Cow::Borrowed(bytes)]);
        let answers = attached.answers.map(|pieces| (&names.answers, pieces));
        let plan = plan.as_ref().map(|bytes| (&names.plan, bytes.as_slice()));
        let files = answers.into_iter().chain(plan);
        let files = files.chain([(&names.text, printed.as_slice())]);
        for (name, pieces) in files {
            let target = self.folder.join(name);
            if !published.add(&target, pieces)? {
                return Ok(None);
            }
        }
        // The other files are on disk under their names before the record says that they are.
        self.sync()?;
        let json = self.folder.join(&names.json);
        record
            .fill(&[documents.json.as_bytes()])
            .map_err(|source| not_recorded(json.clone(), source))?;
        self.sync()?;
        let recorded = Recorded {
            json,
            text: self.folder.join(&names.text),
            answers: (attached.answers).map(|_| self.folder.join(&names.answers)),
        };
        Ok(Some(Unrecorded {
            recorded,
            published,
            draft: record,
        }))
    }

    fn sync(&self) -> Result<(), OutputError> {
        sync_folder(&self.folder).map_err(|source| not_recorded(self.folder.clone(), source))
    }
}

/// Files under their final names. They are removed again unless `keep` says that the whole check is on disk.
#[derive(Debug, Default)]
struct Published(Vec<PathBuf>);

impl Published {
    /// Drafts, writes and publishes one file; `false` if the name is taken.
    fn add(&mut self, target: &Path, pieces: &[Cow<[u8]>]) -> Result<bool, OutputError> {
        let mut draft = match Draft::create(target) {
            Ok(draft) => draft,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            Err(source) => return Err(not_recorded(target.to_owned(), source)),
        };
        draft
            .fill(pieces)
            .map_err(|source| not_recorded(target.to_owned(), source))?;
        self.publish(target, &draft)
    }

    fn publish(&mut self, target: &Path, draft: &Draft) -> Result<bool, OutputError> {
        match draft.publish() {
            Ok(()) => {
                self.0.push(target.to_owned());
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(source) => Err(not_recorded(target.to_owned(), source)),
        }
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        // The record first: a record without the rest must not be seen even for a moment.
        for path in self.0.iter().rev() {
            // An error is already on its way to the user, and matters more than a leftover.
            let _ = fs::remove_file(path);
        }
    }
}

fn not_recorded(path: PathBuf, source: io::Error) -> OutputError {
    OutputError::Evidence { path, source }
}

fn prove_writable(folder: &Path) -> io::Result<()> {
    make_folder(folder)?;
    Draft::fresh(&folder.join("probe"))?.fill(&["writable\n"])
}

/// Creates a folder that must not be there yet.
///
/// # Errors
/// One that is there, or cannot be created.
pub fn make_new_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().create(folder)?;
    match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

/// Creates a folder with its parents, and syncs the parent so that the folder survives a power cut.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).create(folder)?;
    match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

#[cfg(test)]
mod tests;
