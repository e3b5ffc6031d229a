//! A bare repository of our own, which holds a copy of the branch as it was last seen, and from which changes are pushed. Only
//! ever a copy: it may be removed at any time. One `gate` at a time uses it; the lock ends with it, or with the git that it
//! started, if that outlives it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::super::{Author, Cause, Listed, Name, PATIENCE, Trouble};
use super::process::{Call, Mute, Said, Settings};
use super::words;

/// The branch as it was last seen.
pub(super) const SEEN: &str = "refs/gate/seen";
/// What is about to be pushed.
const NEXT: &str = "refs/gate/next";
/// Says, in a branch, that it holds records: this is never pushed over anything else.
pub(super) const MARKER: &str = ".gate-records";
/// How the marker begins.
pub(super) const MARK: &str = "gate records, version 1\n";
/// The rest of it, for whoever comes across the branch.
const ABOUT: &str =
    "Ledgers of rollouts and the evidence that they name. `gate` alone writes here.\n";
/// What a killed git leaves behind, and would then wait for.
const LEFTOVERS: &[&str] = &[
    "HEAD.lock",
    "config.lock",
    "gc.pid",
    "packed-refs.lock",
    "refs/gate/next.lock",
    "refs/gate/seen.lock",
    "shallow.lock",
];
/// Ours to decide, whatever the user's settings are.
const OURS: &[(&str, &str)] = &[
    ("core.hooksPath", "/dev/null"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("push.gpgSign", "false"),
    ("push.negotiate", "false"),
    ("fetch.prune", "false"),
    ("color.ui", "false"),
];
/// For tidying up: what no longer belongs to the branch goes at once, and before the next call.
const TIDYING: &[(&str, &str)] = &[
    ("gc.auto", "2000"),
    ("gc.autoDetach", "false"),
    ("gc.pruneExpire", "now"),
    ("core.hooksPath", "/dev/null"),
];

/// Where it is, and how it is used.
#[derive(Debug)]
pub(super) struct Cache {
    program: PathBuf,
    folder: PathBuf,
    format: String,
    /// Where git runs: what relative addresses of remotes are relative to.
    base: PathBuf,
    settings: Settings,
}

/// A cache that nobody else uses now.
#[derive(Debug)]
pub(super) struct Held<'a> {
    cache: &'a Cache,
    until: Instant,
    lock: File,
}

/// What the branch holds, as it was last seen.
#[derive(Debug)]
pub(super) struct Tip {
    pub(super) commit: String,
    pub(super) marker: Option<Blob>,
    pub(super) blobs: Vec<Option<Blob>>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) id: String,
    pub(super) bytes: Vec<u8>,
}

impl Cache {
    /// Whether it exists or not.
    pub(super) fn new(program: &Path, folder: &Path, base: &Path, format: &str) -> Self {
        Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            format: format.to_owned(),
            base: base.to_owned(),
            settings: settings(Settings::default(), OURS),
        }
    }

    /// The settings with which a remote is reached.
    pub(super) fn reach_by(&mut self, carried: Settings) {
        self.settings = settings(carried, OURS);
    }

    /// Waits until nobody else uses it.
    pub(super) fn hold(&self, until: Instant) -> Result<Held<'_>, Trouble> {
        let held = Held {
            cache: self,
            until,
            lock: self.lock(until)?,
        };
        for name in LEFTOVERS {
            // The lock is held: whoever wrote it is gone.
            let _ = fs::remove_file(self.repository().join(name));
        }
        if !self.repository().join("HEAD").exists() {
            held.create()?;
        }
        Ok(held)
    }

    fn lock(&self, until: Instant) -> Result<File, Trouble> {
        let unusable = |error: io::Error| {
            let found = format!(
                "the cache {} cannot be used: {error}",
                self.folder.display()
            );
            Trouble::misplaced(found, "make it a folder that you may write")
        };
        fs::create_dir_all(&self.folder).map_err(unusable)?;
        let options = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(self.folder.join("lock"));
        let lock = options.map_err(unusable)?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    let found = format!(
                        "another gate has used the cache {} for {} s",
                        self.folder.display(),
                        PATIENCE.as_secs()
                    );
                    return Err(Trouble::away(found));
                }
                Err(TryLockError::Error(error)) => return Err(unusable(error)),
            }
        }
    }

    fn repository(&self) -> PathBuf {
        self.folder.join("repository")
    }
}

fn settings(carried: Settings, ours: &[(&str, &str)]) -> Settings {
    let ours = ours
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Settings(carried.0.into_iter().chain(ours).collect())
}

impl Held<'_> {
    /// A git on this repository.
    pub(super) fn git<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Call {
        let call = Call::new(&self.cache.program, &self.cache.base);
        call.on(&self.cache.repository(), &self.cache.settings)
            .words(words)
    }

    /// Runs it within the time that there is.
    pub(super) fn call(&self, call: Call) -> Result<Said, Mute> {
        call.holding(&self.lock)?.run(self.until)
    }

    pub(super) fn run(&self, call: Call) -> Result<Said, Trouble> {
        self.call(call)
            .map_err(|mute| words::mute(mute, &self.cache.program))
    }

    /// For what is done here alone, and should not fail.
    fn local(&self, call: Call) -> Result<Vec<u8>, Trouble> {
        let said = self.run(call)?;
        if said.success {
            return Ok(said.out);
        }
        Err(self.broken(&words::said(&said.err, &words::Hidden::default())))
    }

    pub(super) fn broken(&self, words: &str) -> Trouble {
        let shown = self.cache.folder.display();
        let found = format!("the cache {shown} is broken: {words}");
        Trouble::misplaced(found, "remove it: it is only a copy")
    }

    /// Creates the repository; does nothing where it is there.
    fn create(&self) -> Result<(), Trouble> {
        let path = self.cache.repository();
        let path = path.to_string_lossy();
        let format = format!("--object-format={}", self.cache.format);
        let words = ["init", "--quiet", "--bare", "--template=", &format, &path];
        self.local(self.git(words)).map(drop)
    }

    /// Throws the copy away: it is had again from the remote.
    pub(super) fn begin_again(&self) -> Result<(), Trouble> {
        fs::remove_dir_all(self.cache.repository())
            .map_err(|error| self.broken(&error.to_string()))?;
        self.create()
    }

    /// The settings that hold everywhere: those that are seen from here, without the ones carried here.
    pub(super) fn everywhere(&self) -> Result<Vec<u8>, Trouble> {
        let call = Call::new(&self.cache.program, &self.cache.base);
        let call = call
            .on(&self.cache.repository(), &Settings::default())
            .words(["config", "--list", "-z"]);
        self.local(call)
    }

    /// The branch as it was last seen, and these files of it; `None` where it has not been seen.
    pub(super) fn tip(&self, names: &[Name]) -> Result<Option<Tip>, Trouble> {
        let mut asked = format!("{SEEN}\n{SEEN}:{MARKER}\n");
        for name in names {
            asked.push_str(&format!("{SEEN}:{name}\n"));
        }
        let out = self.local(self.git(["cat-file", "--batch"]).input(asked.into_bytes()))?;
        let mut objects = objects(&out)
            .ok_or_else(|| self.broken("its answer is cut off"))?
            .into_iter();
        let Some(Some(commit)) = objects.next() else {
            return Ok(None);
        };
        let marker = objects.next().flatten();
        let blobs: Vec<_> = objects.collect();
        if blobs.len() != names.len() {
            return Err(self.broken("its answer is not what was asked"));
        }
        Ok(Some(Tip {
            commit: commit.id,
            marker,
            blobs,
        }))
    }

    /// The mode of what is at a path, as git writes it; `None` if nothing is there.
    pub(super) fn mode(&self, path: &str) -> Result<Option<String>, Trouble> {
        let words = ["ls-tree", "-z", "--full-tree", SEEN, "--", path];
        let out = self.local(self.git(words))?;
        let text = String::from_utf8_lossy(&out);
        let mode = text.split(' ').next().filter(|mode| !mode.is_empty());
        Ok(mode.map(str::to_owned))
    }

    /// What is below a folder.
    pub(super) fn below(&self, folder: &Name) -> Result<Vec<Listed>, Trouble> {
        self.tree(&["--", &format!("{folder}/")])
    }

    /// All that the branch holds.
    pub(super) fn all(&self) -> Result<Vec<Listed>, Trouble> {
        self.tree(&[])
    }

    fn tree(&self, of: &[&str]) -> Result<Vec<Listed>, Trouble> {
        let words = ["ls-tree", "-r", "-z", "-l", "--full-tree", SEEN];
        let words = words.iter().chain(of).copied();
        let out = self.local(self.git(words))?;
        let text = String::from_utf8_lossy(&out);
        Ok(text.split('\0').filter_map(listed).collect())
    }

    /// Makes a commit of files on a tip, or the first of all; its id.
    pub(super) fn record(
        &self,
        on: Option<&str>,
        files: &[(&Name, &[u8])],
        author: Author<'_>,
        message: &str,
    ) -> Result<String, Trouble> {
        let stream = stream(on, files, author, message);
        let words = [
            "fast-import",
            "--quiet",
            "--force",
            "--done",
            "--date-format=now",
        ];
        let out = self.local(self.git(words).input(stream))?;
        let id = String::from_utf8_lossy(&out).trim().to_owned();
        if id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(id)
        } else {
            Err(self.broken("it did not say what it wrote"))
        }
    }

    /// Remembers what the branch is now.
    pub(super) fn see(&self, commit: Option<&str>) -> Result<(), Trouble> {
        let words = match commit {
            Some(commit) => vec!["update-ref", SEEN, commit],
            None => vec!["update-ref", "-d", SEEN],
        };
        self.local(self.git(words)).map(drop)
    }

    /// Keeps the copy small. Must not fail what has succeeded.
    pub(super) fn tidy(&self) {
        let call = Call::new(&self.cache.program, &self.cache.base);
        let call = call.on(
            &self.cache.repository(),
            &settings(Settings::default(), TIDYING),
        );
        let _ = self.run(call.words(["gc", "--auto", "--quiet"]));
    }
}

/// Whether what is here was the trouble, so that a new copy may help.
pub(super) fn is_broken(trouble: &Trouble) -> bool {
    trouble.cause == Cause::Misplaced && trouble.found.starts_with("the cache ")
}

/// `cat-file --batch`: `ID TYPE SIZE\nBYTES\n` or `NAME missing\n`. A folder in the place of a file is no file. `None` if it is cut off.
fn objects(mut out: &[u8]) -> Option<Vec<Option<Blob>>> {
    let mut found = Vec::new();
    while !out.is_empty() {
        let end = out.iter().position(|byte| *byte == b'\n')?;
        let head = String::from_utf8_lossy(out.get(..end)?).into_owned();
        out = out.get(end + 1..)?;
        if head.ends_with(" missing") {
            found.push(None);
            continue;
        }
        let mut words = head.rsplitn(3, ' ');
        let size: usize = words.next()?.parse().ok()?;
        let kind = words.next()?;
        let id = words.next()?.to_owned();
        let bytes = out.get(..size)?.to_vec();
        out = out.get(size..)?.strip_prefix(b"\n")?;
        found.push((kind != "tree").then_some(Blob { id, bytes }));
    }
    Some(found)
}

/// `MODE blob ID SIZE\tNAME`. What is no plain file, or has a name that nobody could have given, is not ours.
fn listed(line: &str) -> Option<Listed> {
    let (about, name) = line.split_once('\t')?;
    let mut about = about.split_whitespace();
    let is_file = about.next()?.starts_with("100");
    let size = about.nth(2)?.parse().ok()?;
    let name = Name::new(name).ok()?;
    is_file.then_some(Listed { name, size })
}

/// What `fast-import` reads.
fn stream(
    on: Option<&str>,
    files: &[(&Name, &[u8])],
    author: Author<'_>,
    message: &str,
) -> Vec<u8> {
    let mut stream = format!("feature done\ncommit {NEXT}\nmark :1\n").into_bytes();
    let who = person(author);
    stream.extend(format!("author {who} now\ncommitter {who} now\n").bytes());
    data(&mut stream, format!("gate: {}\n", line(message)).as_bytes());
    match on {
        Some(commit) => stream.extend(format!("from {commit}\n").bytes()),
        None => file(&mut stream, MARKER, format!("{MARK}{ABOUT}").as_bytes()),
    }
    for (name, bytes) in files {
        file(&mut stream, name.as_str(), bytes);
    }
    stream.extend(b"get-mark :1\ndone\n");
    stream
}

fn file(stream: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    stream.extend(format!("M 100644 inline \"{name}\"\n").bytes());
    data(stream, bytes);
}

fn data(stream: &mut Vec<u8>, bytes: &[u8]) {
    stream.extend(format!("data {}\n", bytes.len()).bytes());
    stream.extend(bytes);
    stream.push(b'\n');
}

/// Git keeps `<`, `>` and line ends for itself.
fn person(author: Author<'_>) -> String {
    let plain = |text: &str| line(&text.replace(['<', '>'], " "));
    let name = Some(plain(author.name)).filter(|name| !name.is_empty());
    let address = author
        .address
        .map(plain)
        .filter(|address| !address.is_empty());
    format!(
        "{} <{}>",
        name.as_deref().unwrap_or("gate"),
        address.as_deref().unwrap_or("gate@localhost")
    )
}

/// On one line.
fn line(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_to_the_byte() {
        let out = b"abc blob 4\na\nb\n\nx:y z missing\ndef tree 1\nq\n";
        let blob = Blob {
            id: "abc".to_owned(),
            bytes: b"a\nb\n".to_vec(),
        };
        assert_eq!(objects(out), Some(vec![Some(blob), None, None]));
        for end in 1..out.len() {
            if let Some(found) = objects(&out[..end]) {
                assert!(found.len() < 3, "cut at {end}");
            }
        }
    }

    #[test]
    fn only_files_that_we_could_have_written_are_listed() {
        let name = |line| listed(line).map(|one| (one.name.to_string(), one.size));
        assert_eq!(
            name("100644 blob abc      12\ta/b c"),
            Some(("a/b c".to_owned(), 12))
        );
        for line in [
            "120000 blob abc 12\ta",
            "160000 commit abc -\ta",
            "100644 blob abc 1\ta\nb",
            "",
        ] {
            assert_eq!(name(line), None, "{line}");
        }
    }

    #[test]
    fn who_records_cannot_write_into_the_stream() {
        let author = Author {
            name: "Ada <x>\nfrom y",
            address: Some("a@b>\n"),
        };
        assert_eq!(person(author), "Ada x from y <a@b>");
        assert_eq!(
            person(Author {
                name: " ",
                address: None
            }),
            "gate <gate@localhost>"
        );
        let name = Name::new("a\"b").expect("a name");
        let text =
            String::from_utf8(stream(None, &[(&name, b"1\n")], author, "go\ndone")).expect("text");
        assert!(text.contains("\ndata 14\ngate: go done\n\n"), "{text}");
        assert!(
            text.contains("M 100644 inline \"a\\\"b\"\ndata 2\n1\n\n"),
            "{text}"
        );
    }
}
