//! Records in an object store (R3): Amazon's S3 and what speaks like it, Google's, Azure's.
//!
//! `open` (settings → a store) · `client` (HTTP, and what a refusal said) · `fault` (what that means) · `runner` (futures on a
//! thread of their own) · `probe` (whether preconditions are kept). New objects are created, never written over; the ledger
//! is put in the place of the version that was read, and of no other. Nothing is tried again whose answer was lost.

mod client;
mod fault;
mod open;
mod probe;
mod runner;

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use object_store::path::Path;
use object_store::{
    GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
    PutResult, UpdateVersion,
};
use tokio::time::{Instant, sleep, timeout_at};

use super::trouble::{missing, taken};
use super::{
    Change, Committed, Engine, Listed, MAX_BYTES, Name, PATIENCE, Snapshot, Trouble, Version, pause,
};
use fault::{Fault, Wording};
use runner::Runner;

pub use open::{AzureAccess, GcsAccess, Kind, Options, S3Access};

/// How often a connection is tried that does not come about.
const CONNECTIONS: u32 = 3;
/// How often a server is asked that wants to be asked more slowly.
const SLOWER: u32 = 12;

/// An object store.
#[derive(Debug)]
pub struct Store {
    place: Arc<Place>,
    runner: Runner,
}

/// Where in which store.
#[derive(Debug)]
struct Place {
    store: Box<dyn ObjectStore>,
    /// What all names begin with; without slashes at its ends.
    prefix: String,
    /// Google's stores number what is written, the others have a tag for it.
    numbers: bool,
    wording: Wording,
}

impl Store {
    /// Makes the client; nothing is asked yet. `environment` gives the value of a variable: credentials, and the region.
    ///
    /// # Errors
    /// Settings that cannot be used, or plain HTTP to another machine.
    pub fn open(
        options: &Options,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Trouble> {
        let place = Arc::new(open::open(options, environment)?);
        let runner = Runner::start().map_err(|error| {
            Trouble::away(format!(
                "{} cannot be asked: no thread can be started ({error})",
                place.wording.place
            ))
        })?;
        Ok(Self { place, runner })
    }

    fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Trouble> {
        let lost = || {
            Trouble::unknown(format!(
                "what became of a request to {} is not known",
                self.place.wording.place
            ))
        };
        self.runner.run(work).unwrap_or_else(|| Err(lost()))
    }
}

/// What a request may do when it fails.
enum Next {
    /// Nothing: that is the answer.
    End(Fault),
    /// Ask again.
    Again,
}

impl Place {
    fn path(&self, name: &str) -> Path {
        if self.prefix.is_empty() {
            Path::from(name)
        } else {
            Path::from(format!("{}/{name}", self.prefix))
        }
    }

    /// The name of an object, without the prefix; `None` for what nobody could have written here.
    fn name(&self, path: &Path) -> Option<Name> {
        let text = percent_encoding::percent_decode_str(path.as_ref())
            .decode_utf8()
            .ok()?;
        let rest = match self.prefix.as_str() {
            "" => &*text,
            prefix => text.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        Name::new(rest).ok()
    }

    fn version(&self, tag: Option<String>, number: Option<String>) -> Result<Version, Trouble> {
        let version = if self.numbers { number } else { tag };
        version.map(Version::At).ok_or_else(|| {
            Trouble::misplaced(
                format!(
                    "{} does not say which version an object has",
                    self.wording.place
                ),
                "use a store that gives each an ETag",
            )
        })
    }

    /// Waits, where asking again may help.
    async fn after(&self, fault: Fault, tries: u32, until: Instant) -> Next {
        let most = match fault {
            Fault::Unsent(_) => CONNECTIONS,
            Fault::Slower(_) => SLOWER,
            Fault::Missing | Fault::Changed | Fault::Lost(_) | Fault::Final(_) => 0,
        };
        if tries >= most || Instant::now() >= until {
            return Next::End(fault);
        }
        sleep(pause(tries + 2)).await;
        Next::Again
    }

    /// One object, whole; `None` where there is none.
    async fn get(
        &self,
        name: &str,
        until: Instant,
    ) -> Result<Option<(ObjectMeta, Vec<u8>)>, Trouble> {
        let path = self.path(name);
        let mut tries = 0;
        loop {
            tries += 1;
            let fault = match self.get_once(&path, until).await? {
                Ok(found) => return Ok(Some(found)),
                Err(Fault::Missing) => return Ok(None),
                // Reading can be done again.
                Err(Fault::Lost(words)) => Fault::Unsent(words),
                Err(fault) => fault,
            };
            if let Next::End(fault) = self.after(fault, tries, until).await {
                return Err(self.wording.unread(fault));
            }
        }
    }

    async fn get_once(
        &self,
        path: &Path,
        until: Instant,
    ) -> Result<Result<(ObjectMeta, Vec<u8>), Fault>, Trouble> {
        let asked = timeout_at(until, self.store.get_opts(path, GetOptions::default())).await;
        let answer = match asked {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Ok(Err(self.wording.sort(&error))),
            Err(_) => return Err(self.wording.late()),
        };
        let meta = answer.meta.clone();
        if meta.size > MAX_BYTES {
            return Err(Trouble::too_large(path.as_ref(), MAX_BYTES));
        }
        match timeout_at(until, answer.bytes()).await {
            Ok(Ok(bytes)) => Ok(Ok((meta, bytes.to_vec()))),
            Ok(Err(error)) => Ok(Err(self.wording.sort(&error))),
            Err(_) => Err(self.wording.late()),
        }
    }

    /// What is below a folder.
    async fn list(&self, folder: &Name, until: Instant) -> Result<Vec<Listed>, Trouble> {
        let path = self.path(folder.as_str());
        let all = self.all(Some(&path), |_| true, until).await?;
        Ok(self.listed(&all, folder))
    }

    /// The ledgers of whatever plans, in whatever folders: their names hold the plans' paths.
    async fn ledgers(&self, until: Instant) -> Result<Vec<Name>, Trouble> {
        let folder = (!self.prefix.is_empty()).then(|| Path::from(self.prefix.as_str()));
        let is_ledger = |meta: &ObjectMeta| self.ledger_at(&meta.location).is_some();
        let all = self.all(folder.as_ref(), is_ledger, until).await?;
        let names = all.iter().filter_map(|meta| self.ledger_at(&meta.location));
        Ok(names.collect())
    }

    fn ledger_at(&self, location: &Path) -> Option<Name> {
        self.name(location).filter(Name::is_ledger)
    }

    /// What is below a folder, or anywhere, as far as it is wanted: the rest is not kept in memory.
    async fn all(
        &self,
        folder: Option<&Path>,
        is_wanted: impl Fn(&ObjectMeta) -> bool,
        until: Instant,
    ) -> Result<Vec<ObjectMeta>, Trouble> {
        let mut tries = 0;
        loop {
            tries += 1;
            let listed = self.store.list(folder);
            let wanted = listed.try_filter(|meta| ready(is_wanted(meta)));
            let fault = match timeout_at(until, wanted.try_collect()).await {
                Ok(Ok(all)) => return Ok(all),
                Ok(Err(error)) => match self.wording.sort(&error) {
                    Fault::Lost(words) => Fault::Unsent(words),
                    fault => fault,
                },
                Err(_) => return Err(self.wording.late()),
            };
            if let Next::End(fault) = self.after(fault, tries, until).await {
                return Err(self.wording.unread(fault));
            }
        }
    }

    fn listed(&self, all: &[ObjectMeta], folder: &Name) -> Vec<Listed> {
        let one = |meta: &ObjectMeta| {
            let name = self
                .name(&meta.location)
                .filter(|name| name.is_below(folder))?;
            Some(Listed {
                name,
                size: meta.size,
            })
        };
        let mut listed: Vec<Listed> = all.iter().filter_map(one).collect();
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        listed
    }

    /// One write, once: whether to try again is not decided here.
    async fn put_once(
        &self,
        path: &Path,
        bytes: PutPayload,
        mode: PutMode,
        until: Instant,
    ) -> Result<PutResult, Fault> {
        let options = PutOptions {
            mode,
            ..PutOptions::default()
        };
        match timeout_at(until, self.store.put_opts(path, bytes, options)).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(error)) => Err(self.wording.sort_write(&error)),
            Err(_) => Err(Fault::Lost(format!(
                "no answer within {} s",
                PATIENCE.as_secs()
            ))),
        }
    }

    /// One write, tried again as long as it was certainly not done.
    async fn put(
        &self,
        path: &Path,
        bytes: &PutPayload,
        mode: &PutMode,
        until: Instant,
    ) -> Result<PutResult, Fault> {
        let mut tries = 0;
        loop {
            tries += 1;
            let fault = match self
                .put_once(path, bytes.clone(), mode.clone(), until)
                .await
            {
                Ok(result) => return Ok(result),
                Err(fault) => fault,
            };
            if let Next::End(fault) = self.after(fault, tries, until).await {
                return Err(fault);
            }
        }
    }

    /// A new file. Since its content never changes, it may be tried again whatever became of it; `false` where it was there already.
    async fn add(&self, name: &Name, bytes: &[u8], until: Instant) -> Result<bool, Trouble> {
        let path = self.path(name.as_str());
        let payload = PutPayload::from(bytes.to_vec());
        let mut tries = 0;
        loop {
            tries += 1;
            let put = self.put_once(&path, payload.clone(), PutMode::Create, until);
            let fault = match put.await {
                Ok(_) => return Ok(true),
                Err(Fault::Changed) if self.is_same(name, bytes, until).await? => return Ok(false),
                // Somebody else is writing it: see what becomes of that.
                Err(Fault::Changed) => Fault::Unsent(format!("{name} is being written")),
                Err(Fault::Lost(words) | Fault::Unsent(words)) => Fault::Unsent(words),
                Err(fault @ (Fault::Missing | Fault::Slower(_) | Fault::Final(_))) => fault,
            };
            if let Next::End(fault) = self.after(fault, tries, until).await {
                return Err(self.wording.unwritten(fault));
            }
        }
    }

    /// Whether a file is there with this content.
    async fn is_same(&self, name: &Name, bytes: &[u8], until: Instant) -> Result<bool, Trouble> {
        match self.get(name.as_str(), until).await? {
            Some((_, there)) if there == bytes => Ok(true),
            Some(_) => Err(taken(name, &self.wording.place)),
            None => Ok(false),
        }
    }

    /// How to write on a version alone.
    fn mode(&self, expected: &Version) -> PutMode {
        match expected {
            Version::Absent => PutMode::Create,
            Version::At(version) if self.numbers => PutMode::Update(UpdateVersion {
                e_tag: None,
                version: Some(version.clone()),
            }),
            Version::At(tag) => PutMode::Update(UpdateVersion {
                e_tag: Some(tag.clone()),
                version: None,
            }),
        }
    }

    async fn read(
        &self,
        ledger: &Name,
        folder: &Name,
        until: Instant,
    ) -> Result<Snapshot, Trouble> {
        let found = self.get(ledger.as_str(), until).await?;
        let files = self.list(folder, until).await?;
        let (ledger, version) = match found {
            Some((meta, bytes)) => (Some(bytes), self.version(meta.e_tag, meta.version)?),
            None => (None, Version::Absent),
        };
        Ok(Snapshot {
            ledger,
            version,
            files,
        })
    }

    async fn commit(&self, change: &Owned, until: Instant) -> Result<Committed, Trouble> {
        // Evidence that is added for a ledger that has moved on is an orphan: look first.
        if !change.files.is_empty()
            && !self
                .is_still(&change.ledger, &change.expected, until)
                .await?
        {
            return Ok(Committed::Stale);
        }
        let mut new = Vec::new();
        for (name, bytes) in &change.files {
            let name = if change.last.contains(name) {
                name.draft()
            } else {
                name.clone()
            };
            if self.add(&name, bytes, until).await? {
                new.push(name);
            }
        }
        let written = self.replace(change, until).await;
        match &written {
            Ok(Committed::Written(_)) => self.name_last(change, until).await,
            // What nothing names would be in the way of nobody, but be there for good.
            Ok(Committed::Stale) => self.remove(&new, until).await,
            // It may have been written.
            Err(_) => {}
        }
        written
    }

    /// Puts the ledger in the place of the version that was read.
    async fn replace(&self, change: &Owned, until: Instant) -> Result<Committed, Trouble> {
        let (path, mode) = (
            self.path(change.ledger.as_str()),
            self.mode(&change.expected),
        );
        let payload = PutPayload::from(change.bytes.clone());
        match self.put(&path, &payload, &mode, until).await {
            Ok(result) => self.written(result),
            Err(Fault::Changed) => Ok(Committed::Stale),
            // It was there when it was read.
            Err(Fault::Missing) if change.expected != Version::Absent => Ok(Committed::Stale),
            Err(
                fault @ (Fault::Missing
                | Fault::Unsent(_)
                | Fault::Slower(_)
                | Fault::Lost(_)
                | Fault::Final(_)),
            ) => Err(self.wording.unwritten(fault)),
        }
    }

    /// Gives drafts their names. What cannot be named now stays a draft, which readers know by the digest that the ledger has.
    async fn name_last(&self, change: &Owned, until: Instant) {
        let mut drafts = Vec::new();
        for (name, bytes) in &change.files {
            if change.last.contains(name) && self.add(name, bytes, until).await.is_ok() {
                drafts.push(name.draft());
            }
        }
        self.remove(&drafts, until).await;
    }

    /// Removes what this call has added and nothing names. What stays is in nobody's way.
    async fn remove(&self, names: &[Name], until: Instant) {
        for name in names {
            let path = self.path(name.as_str());
            let _ = timeout_at(until, self.store.delete(&path)).await;
        }
    }

    fn written(&self, result: PutResult) -> Result<Committed, Trouble> {
        let version = self.version(result.e_tag, result.version);
        let silent = || Fault::Lost("it did not say which version it wrote".to_owned());
        let version = version.map_err(|_| self.wording.unwritten(silent()))?;
        Ok(Committed::Written(version))
    }

    async fn is_still(
        &self,
        ledger: &Name,
        expected: &Version,
        until: Instant,
    ) -> Result<bool, Trouble> {
        let version = match self.get(ledger.as_str(), until).await? {
            Some((meta, _)) => self.version(meta.e_tag, meta.version)?,
            None => Version::Absent,
        };
        Ok(version == *expected)
    }
}

/// A change that outlives its caller's borrow: futures run on another thread.
struct Owned {
    ledger: Name,
    bytes: Vec<u8>,
    expected: Version,
    files: Vec<(Name, Vec<u8>)>,
    last: Vec<Name>,
}

impl From<&Change<'_>> for Owned {
    fn from(change: &Change<'_>) -> Self {
        let files = change.files.iter();
        Self {
            ledger: change.ledger.clone(),
            bytes: change.bytes.to_vec(),
            expected: change.expected.clone(),
            files: files
                .map(|(name, bytes)| (name.clone(), bytes.to_vec()))
                .collect(),
            last: change.last.to_vec(),
        }
    }
}

/// When a call that begins now is over.
fn until() -> Instant {
    Instant::now() + PATIENCE.saturating_sub(Duration::from_secs(1))
}

impl Engine for Store {
    fn shown(&self) -> String {
        self.place.wording.place.clone()
    }

    fn read(&self, ledger: &Name, folder: &Name) -> Result<Snapshot, Trouble> {
        let (place, ledger, folder) = (Arc::clone(&self.place), ledger.clone(), folder.clone());
        self.run(async move { place.read(&ledger, &folder, until()).await })
    }

    fn ledgers(&self) -> Result<Vec<Name>, Trouble> {
        let place = Arc::clone(&self.place);
        self.run(async move { place.ledgers(until()).await })
    }

    fn fetch(&self, names: &[Name]) -> Result<Vec<Vec<u8>>, Trouble> {
        let (place, names) = (Arc::clone(&self.place), names.to_vec());
        self.run(async move {
            let (until, mut all, mut total) = (until(), Vec::new(), 0);
            for name in &names {
                let found = place.get(name.as_str(), until).await?;
                let (_, bytes) = found.ok_or_else(|| missing(name, &place.wording.place))?;
                total += bytes.len() as u64;
                if total > MAX_BYTES {
                    return Err(Trouble::too_large("what was asked of it", MAX_BYTES));
                }
                all.push(bytes);
            }
            Ok(all)
        })
    }

    fn commit(&self, change: &Change<'_>) -> Result<Committed, Trouble> {
        let (place, change) = (Arc::clone(&self.place), Owned::from(change));
        self.run(async move { place.commit(&change, until()).await })
    }

    fn probe(&self) -> Result<String, Trouble> {
        let place = Arc::clone(&self.place);
        self.run(async move { place.probe(until()).await })
    }
}
