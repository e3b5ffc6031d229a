//! A ledger under another name than its records, or the plan, say: it was renamed together with its plan or left behind by it, or moved
//! away when the next release began. Must not take one that does not name the record.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::MAX_BYTES;
use super::places::LEDGER;
use super::{Home, folder, name};
use crate::commands::bounded;
use crate::ledger::{Chain, PlanThen, line};
use crate::output::JournalError;
use crate::plan::{self, release_id};
use crate::rollout::version_of;

/// So far below a folder of records ledgers are looked for: deeper than any repository has plans.
const MAX_DEPTH: usize = 16;

/// The ledger in one of these folders with an entry for the record of this digest.
pub fn naming(folders: &[PathBuf], sha256: &str) -> Option<PathBuf> {
    let mut all = folders.iter().flat_map(|folder| in_folder(folder));
    all.find(|path| read(path).is_some_and(|chain| chain.ledger().entry_of(sha256).is_some()))
}

/// The ledgers in a folder, by name.
pub fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut found: Vec<PathBuf> = paths
        .filter(|path| path.to_string_lossy().ends_with(LEDGER))
        .collect();
    found.sort();
    found
}

/// A ledger whose plan is gone.
#[derive(Debug)]
pub struct Left<L> {
    /// Where it is.
    pub ledger: L,
    /// The plan's name there; `None` where nothing in it can be read.
    pub of: Option<String>,
    /// The release and version that it is of, where that can be read.
    pub release: Option<String>,
    /// What is wrong with the ledger, if it is broken: then nobody knows what it stopped.
    pub broken: Option<String>,
}

/// A ledger beside a plan that is not its own, but of the same release, of whatever version, or of one that nobody can read, and whose
/// plan is gone: under the name that the ledger has, and under the one that its last entry has.
pub fn left_behind(plan: &Path, home: &Home, release: &Named) -> Option<Left<PathBuf>> {
    // By its name, since `./` in front makes another path of it: somebody else may be making it just now.
    let own = home.ledger();
    let mut others = in_folder(folder(own))
        .into_iter()
        .filter(|path| path.file_name() != own.file_name());
    let gone = |ledger: PathBuf| {
        let found = of_release(&ledger, bounded::read(&ledger, MAX_BYTES), release)?;
        // This plan's own, of another version, was moved out of its way.
        let is_own = found.of.as_ref().is_some_and(|of| *of == name(plan));
        if is_own && !found.is_of_version {
            return None;
        }
        let of = found.of.iter().map(PathBuf::from);
        let named = of.chain(plans_by_name(&ledger));
        let mut there = named.map(|name| plan.with_file_name(name));
        let is_there = there.any(|one| one != plan && one.symlink_metadata().is_ok());
        (!is_there).then_some(found.at(ledger))
    };
    others.find_map(gone)
}

/// A ledger in a place that plans of several folders have in common, a shared one or a folder, whose plan is not where it was, and that
/// is, or was once, of the same version of the release: nobody can move those of other versions out of the way there. Both as the place
/// has them.
///
/// # Errors
/// A place that cannot be read.
pub fn left_there(home: &Home, release: &Named) -> Result<Option<Left<String>>, JournalError> {
    let others: Vec<(String, io::Result<Vec<u8>>)> = match (home.is_shared(), home.whole()) {
        (Some(shared), _) => {
            let others = shared.others()?.into_iter();
            others.map(|(name, bytes)| (name, Ok(bytes))).collect()
        }
        (None, Some(whole)) => others_below(whole, home),
        (None, None) => Vec::new(),
    };
    let gone = |(ledger, bytes): (String, io::Result<Vec<u8>>)| {
        let path = Path::new(&ledger);
        let mut found = of_release(path, bytes, release).filter(|one| one.is_of_version)?;
        let of = found.of.iter().map(PathBuf::from);
        let mut named = of.chain(plans_by_name(path));
        let is_there = |name: PathBuf| {
            let plan = home.plan_there(&ledger, &name.to_string_lossy());
            plan.symlink_metadata().is_ok() && !is_exported(&ledger, home, &plan, release)
        };
        let is_gone = !named.any(is_there);
        let there = |of: String| path.with_file_name(of).to_string_lossy().into_owned();
        found.of = found.of.map(there);
        is_gone.then(|| found.at(ledger.clone()))
    };
    Ok(others.into_iter().find_map(gone))
}

/// The ledgers in a folder and those below it, by name, but for the plan's own.
fn others_below(whole: &Path, home: &Home) -> Vec<(String, io::Result<Vec<u8>>)> {
    let mut ledgers = Vec::new();
    below(whole, MAX_DEPTH, &mut ledgers);
    let others = ledgers.into_iter().filter(|path| path != home.ledger());
    let named = others.filter_map(|path| {
        let name = path.strip_prefix(whole).ok()?;
        let bytes = bounded::read(&path, MAX_BYTES);
        Some((name.to_string_lossy().into_owned(), bytes))
    });
    named.collect()
}

/// Links are not followed: they may lead in a circle.
fn below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    found.extend(in_folder(folder));
    if depth == 0 {
        return;
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path()).collect();
    folders.retain(|path| {
        let name = name(path);
        !name.starts_with('.') && !name.ends_with(".evidence")
    });
    folders.sort();
    for folder in folders {
        below(&folder, depth - 1, found);
    }
}

/// Whether a ledger lies where an export puts it, under the plan's own name and without the path of its folder, and the plan that is
/// at that place in the repository is of another release.
fn is_exported(ledger: &str, home: &Home, plan: &Path, (release, _): &Named) -> bool {
    let is_flat = home.is_shared().is_none() && *ledger == home.name();
    let named = || plan::release(&bounded::read(plan, bounded::MAX_BYTES).ok()?);
    is_flat && named().is_some_and(|(name, _)| name != *release)
}

/// Name and version of a release.
pub type Named = (String, Option<String>);

/// What a ledger says of itself.
struct Found {
    of: Option<String>,
    release: Option<String>,
    /// Whether it is, or was once, of the very version that is asked, as far as anybody can tell.
    is_of_version: bool,
    broken: Option<String>,
}

impl Found {
    fn at<L>(self, ledger: L) -> Left<L> {
        Left {
            ledger,
            of: self.of,
            release: self.release,
            broken: self.broken,
        }
    }

    fn broken(why: &impl ToString) -> Self {
        Self {
            of: None,
            release: None,
            is_of_version: true,
            broken: Some(why.to_string()),
        }
    }
}

/// Whether a plan was of some version of a release.
fn is_of_name(then: &PlanThen, (name, _): &Named) -> bool {
    let of = then.release.as_deref();
    of.is_some_and(|of| version_of((of, then.version.as_deref()), name).is_some())
}

/// Whether a plan was of the very version of a release.
fn is_of_version(then: &PlanThen, (name, version): &Named) -> bool {
    let of = then.release.as_deref();
    let id = |name: &str, version: &Option<String>| release_id(name, version.as_deref());
    of.is_some_and(|of| id(of, &then.version) == id(name, version))
}

/// What a ledger says of itself, if it may be of a release. Of one that is broken, whatever line names the release speaks for it: what
/// was recorded after that may be what is damaged. One that was moved away for the next release is over.
fn of_release(ledger: &Path, bytes: io::Result<Vec<u8>>, now: &Named) -> Option<Found> {
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return Some(Found::broken(&error)),
    };
    let (plans, broken): (Vec<PlanThen>, _) = match line::read(&bytes) {
        Ok(chain) => {
            let entries = chain.ledger().entries().iter();
            (entries.map(|entry| entry.plan.clone()).collect(), None)
        }
        Err(error) => match plans_named(&bytes) {
            none if none.is_empty() => return Some(Found::broken(&error)),
            plans => (plans, Some(error.to_string())),
        },
    };
    let last = plans.last()?;
    let named = plans.iter().rfind(|plan| plan.release.is_some())?;
    let (name, version) = (named.release.as_deref()?, named.version.as_deref());
    let release = release_id(name, version);
    let is_of_it = plans.iter().any(|plan| is_of_name(plan, now));
    let own = Home::beside(Path::new(&last.file)).ledger().to_owned();
    let is_over = for_release(&own, &release).file_name() == ledger.file_name();
    (is_of_it && !is_over).then(|| Found {
        of: Some(last.file.clone()),
        release: Some(release),
        is_of_version: plans.iter().any(|plan| is_of_version(plan, now)),
        broken,
    })
}

/// The plans whose ledger has that name.
fn plans_by_name(ledger: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let name = name(ledger);
    let stem = name.strip_suffix(LEDGER).unwrap_or(&name).to_owned();
    let endings = ["yaml", "yml"].into_iter();
    endings.map(move |ending| PathBuf::from(format!("{stem}.{ending}")))
}

/// Where the ledger of a release goes that is over: `PLAN-STEM.RELEASE.ledger.jsonl`, with the release in characters that need no
/// quotes.
pub fn for_release(ledger: &Path, release: &str) -> PathBuf {
    let word = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '-'
        }
    };
    let release: String = release.chars().map(word).collect();
    let name = name(ledger);
    let stem = name.strip_suffix(LEDGER).unwrap_or(&name);
    ledger.with_file_name(format!("{stem}.{release}{LEDGER}"))
}

/// The plans that the lines of a broken ledger name, as far as they can be read, verified or not, in whatever encoding an editor has
/// saved it.
fn plans_named(bytes: &[u8]) -> Vec<PlanThen> {
    #[derive(Deserialize)]
    struct Line {
        plan: PlanThen,
    }
    let text = decoded(bytes);
    let lines = text.lines();
    let read = lines.filter_map(|line| serde_json::from_str::<Line>(line.trim()).ok());
    read.map(|line| line.plan).collect()
}

/// Text as UTF-8, or as UTF-16 where every other byte of its beginning is zero, as of plain letters; without a byte order mark.
fn decoded(bytes: &[u8]) -> String {
    let wide = |of: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks_exact(2);
        let units = pairs.filter_map(|pair| Some(of(pair.try_into().ok()?)));
        String::from_utf16_lossy(&units.collect::<Vec<u16>>())
    };
    let text = match bytes {
        [0xff, 0xfe, ..] | [_, 0, _, 0, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, _, 0, _, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.trim_start_matches('\u{feff}').to_owned()
}

/// The plan of a ledger, in a folder of plans; of one that is broken, as far as its lines can be read.
pub fn plan_of(ledger: &Path, plans: &Path) -> Option<PathBuf> {
    let bytes = bounded::read(ledger, MAX_BYTES).ok()?;
    let of = match line::read(&bytes) {
        Ok(chain) => chain.ledger().entries().last()?.plan.file.clone(),
        Err(_) => plans_named(&bytes).pop()?.file,
    };
    is_its_own(ledger, &of).then(|| plans.join(of))
}

/// Whether a ledger has the name of its plan: one that was moved away has not.
fn is_its_own(ledger: &Path, of: &str) -> bool {
    Home::beside(Path::new(of)).ledger().file_name() == ledger.file_name()
}

/// For which plan a ledger speaks, or for which record: one that cannot be read, or is broken, for none.
fn read(path: &Path) -> Option<Chain> {
    line::read(&bounded::read(path, MAX_BYTES).ok()?).ok()
}
