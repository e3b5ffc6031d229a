//! Records on a branch of a git repository, by git's own plumbing (R2).
//!
//! `user` (what the user's repository says about the remote) · `cache` (a repository of our own, from which is pushed) ·
//! `one_place` (two addresses of one repository) · `process` (one git) · `words` (what it says). The user's repository, its index, work tree, hooks and settings are never
//! touched; ledger and files go into one commit, so that there are no orphans.

mod cache;
mod one_place;
mod process;
mod user;
mod words;

use std::path::{Path, PathBuf};
use std::time::Instant;

use cache::{Blob, Cache, Held, MARK, MARKER, SEEN, Tip};
use words::{Hidden, Pushed};

use super::{
    Author, Change, Committed, Engine, Listed, Name, PATIENCE, Snapshot, Trouble, Version, pause,
};
use crate::secret::address;

/// How often a push is tried again that was refused as stale while the branch stayed as it was.
const SAME: u32 = 5;

/// Which branch of which remote, and what is needed to get there.
#[derive(Debug, Clone)]
pub struct Options {
    /// A folder of the user's repository.
    pub folder: PathBuf,
    /// Its remote, by name, or an address.
    pub remote: String,
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// A folder for a copy of the branch: only ever a copy, for this branch of this remote alone.
    pub cache: PathBuf,
    /// The `git` to run; by default the one that is found.
    pub program: Option<PathBuf>,
}

/// A branch of a git repository.
#[derive(Debug)]
pub struct Git {
    program: PathBuf,
    remote: String,
    /// `refs/heads/BRANCH`.
    branch: String,
    cache: Cache,
    hidden: Hidden,
}

impl Git {
    /// Finds the user's repository and its remote; nothing is asked of the remote yet.
    ///
    /// # Errors
    /// No git, no repository, no such remote, no name for a branch, or no cache.
    pub fn open(options: &Options) -> Result<Self, Trouble> {
        let until = Instant::now() + PATIENCE;
        let program = options.program.clone().unwrap_or_else(process::program);
        let branch = branch(&options.branch)?;
        let found = user::look(&program, &options.folder, until)?;
        found.knows(&options.remote)?;
        found.is_one_place(&program, &options.remote, until)?;
        let mut cache = Cache::new(&program, &options.cache, &found.folder, &found.format);
        let held = cache.hold(until)?;
        let everywhere = held.everywhere()?;
        drop(held);
        cache.reach_by(found.carried(&options.remote, &everywhere));
        let mut hidden = found.hidden();
        hidden.hide_address(&options.remote);
        Ok(Self {
            program,
            remote: options.remote.clone(),
            branch,
            cache,
            hidden,
        })
    }

    fn short(&self) -> &str {
        self.branch
            .strip_prefix("refs/heads/")
            .unwrap_or(&self.branch)
    }

    /// As it is named in messages.
    fn place(&self) -> String {
        format!(
            "branch {} of {}",
            self.short(),
            address::without_user_info(&self.remote)
        )
    }

    /// Brings what the remote has; whether the branch is there.
    fn fetch_branch(&self, held: &Held<'_>) -> Result<bool, Trouble> {
        let refs = format!("+{}:{SEEN}", self.branch);
        let words = [
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-gc",
            "--no-recurse-submodules",
            "--",
            &self.remote,
            &refs,
        ];
        let said = held.run(held.git(words))?;
        if said.success {
            return Ok(true);
        }
        let is_absent = |line: &str| line.starts_with("fatal: couldn't find remote ref");
        if said.err.lines().any(is_absent) {
            held.see(None)?;
            return Ok(false);
        }
        if words::is_damage(&said.err) {
            return Err(held.broken(&words::said(&said.err, &self.hidden)));
        }
        Err(words::unread(&said.err, &self.place(), &self.hidden))
    }

    /// What the remote has now, with these files of it. A copy that is broken is had anew, once.
    fn current(&self, held: &Held<'_>, names: &[Name]) -> Result<Option<Tip>, Trouble> {
        let attempt = || {
            if self.fetch_branch(held)? {
                self.seen(held, names)
            } else {
                Ok(None)
            }
        };
        match attempt() {
            Err(trouble) if cache::is_broken(&trouble) => {
                held.begin_again()?;
                attempt()
            }
            other => other,
        }
    }

    /// The copy, if it is one of records.
    fn seen(&self, held: &Held<'_>, names: &[Name]) -> Result<Option<Tip>, Trouble> {
        let tip = held.tip(names)?;
        if let Some(tip) = &tip {
            self.is_ours(tip.marker.as_ref())?;
            if let Some(name) = names.first() {
                self.is_plain(held, name)?;
            }
        }
        Ok(tip)
    }

    /// What is in a file's place must be a file, in folders: anything else is neither read as missing, nor replaced.
    fn is_plain(&self, held: &Held<'_>, name: &Name) -> Result<(), Trouble> {
        let name = name.as_str();
        let folders = name
            .match_indices('/')
            .filter_map(|(end, _)| name.get(..end));
        for (path, is_file) in folders.map(|at| (at, false)).chain([(name, true)]) {
            let Some(mode) = held.mode(path)? else {
                return Ok(());
            };
            let fits = match mode.as_str() {
                "100644" | "100755" => is_file,
                "040000" => !is_file,
                _ => false,
            };
            if !fits {
                let found = kind(&mode);
                let expected = if is_file { "a file" } else { "a folder" };
                return Err(Trouble::misplaced(
                    format!(
                        "`{path}` on the {} is {found}, not {expected}",
                        self.place()
                    ),
                    "take it off the branch, and restore what was there before",
                ));
            }
        }
        Ok(())
    }

    fn is_ours(&self, marker: Option<&Blob>) -> Result<(), Trouble> {
        let advice =
            "name another branch under `records: {git: {branch: …}}`, one that is not there yet";
        match marker {
            Some(marker) if marker.bytes.starts_with(MARK.as_bytes()) => Ok(()),
            Some(_) => Err(Trouble::misplaced(
                format!(
                    "{} holds records that this gate does not know",
                    self.place()
                ),
                "use the gate that wrote them, or a newer one",
            )),
            None => Err(Trouble::misplaced(
                format!(
                    "{} holds something else: there is no `{MARKER}` in it",
                    self.place()
                ),
                advice,
            )),
        }
    }

    /// Pushes a commit onto what was seen.
    fn push(
        &self,
        held: &Held<'_>,
        commit: &str,
        on: Option<&str>,
        dry: bool,
    ) -> Result<Pushed, Trouble> {
        let lease = format!(
            "--force-with-lease={}:{}",
            self.branch,
            on.unwrap_or_default()
        );
        let refs = format!("{commit}:{}", self.branch);
        let mut words = vec![
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--recurse-submodules=no",
            &lease,
        ];
        if dry {
            words.push("--dry-run");
        }
        words.extend(["--", &self.remote, &refs]);
        let said = held.call(held.git(words));
        let said = said.map_err(|mute| words::mute_push(mute, &self.program))?;
        let porcelain = String::from_utf8_lossy(&said.out);
        let hidden = &self.hidden;
        if let Some(other) = words::in_the_way(&said.err) {
            let found = format!(
                "{} cannot be made: the branch {} is in its way",
                self.place(),
                other.escape_debug()
            );
            let advice =
                "rename that one, or name another branch under `records: {git: {branch: …}}`";
            return Err(Trouble::misplaced(found, advice));
        }
        match words::pushed(&porcelain, &self.branch) {
            Pushed::Refused => {
                let reason = words::said(words::reason(&porcelain), hidden);
                let remote = words::said(remote_lines(&said.err).as_str(), hidden);
                let remote = if remote.is_empty() {
                    String::new()
                } else {
                    format!(": {remote}")
                };
                let found = format!(
                    "the push to {} was refused ({reason}){remote}",
                    self.place()
                );
                let advice = "allow it, or name another branch under `records`";
                Err(Trouble::refused(found, advice))
            }
            Pushed::Unsaid => Err(words::unwritten(&said.err, &self.place(), hidden)),
            pushed @ (Pushed::Yes | Pushed::Stale) => Ok(pushed),
        }
    }

    /// Records on what was seen, and pushes it.
    fn attempt(
        &self,
        held: &Held<'_>,
        change: &Change<'_>,
        tip: Option<&Tip>,
    ) -> Result<Pushed, Trouble> {
        let mut files = self.new_files(change, tip)?;
        files.push((change.ledger, change.bytes));
        let on = tip.map(|tip| tip.commit.as_str());
        let commit = held.record(on, &files, change.author, change.message)?;
        let pushed = self.push(held, &commit, on, false)?;
        if pushed == Pushed::Yes {
            held.see(Some(&commit))?;
            held.tidy();
        }
        Ok(pushed)
    }

    /// The files that are not there yet.
    fn new_files<'c>(
        &self,
        change: &Change<'c>,
        tip: Option<&Tip>,
    ) -> Result<Vec<(&'c Name, &'c [u8])>, Trouble> {
        let mut new = Vec::new();
        for (index, (name, bytes)) in change.files.iter().enumerate() {
            let there = tip
                .and_then(|tip| tip.blobs.get(index + 1))
                .and_then(Option::as_ref);
            match there {
                None => new.push((name, *bytes)),
                Some(blob) if blob.bytes == *bytes => {}
                Some(_) => return Err(super::trouble::taken(name, &self.place())),
            }
        }
        Ok(new)
    }
}

/// What the remote said, without what git itself says about it.
fn remote_lines(err: &str) -> String {
    let lines = err.lines().filter(|line| line.starts_with("remote:"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What a tree holds under a mode.
fn kind(mode: &str) -> &'static str {
    match mode {
        "040000" => "a folder",
        "120000" => "a symbolic link",
        "160000" => "a submodule",
        "100644" | "100755" => "a file",
        _ => "something unknown",
    }
}

/// The ledger's version.
fn version(ledger: Option<&Blob>) -> Version {
    ledger.map_or(Version::Absent, |blob| Version::At(blob.id.clone()))
}

fn ledger(tip: Option<&Tip>) -> Option<&Blob> {
    tip.and_then(|tip| tip.blobs.first()?.as_ref())
}

/// The branch's full name, checked as `git check-ref-format` would.
fn branch(name: &str) -> Result<String, Trouble> {
    let is_bad = |part: &str| {
        part.is_empty() || part.starts_with('.') || part.to_ascii_lowercase().ends_with(".lock")
    };
    let bad = name.starts_with('-')
        || name.ends_with('.')
        || name.contains("..")
        || name.contains("@{")
        || name == "@"
        || name.contains(|letter: char| letter.is_control() || " ~^:?*[\\".contains(letter))
        || name.split('/').any(is_bad);
    if bad {
        let found = format!("`{}` cannot be the name of a branch", name.escape_debug());
        return Err(Trouble::misplaced(found, "name one such as `gate-records`"));
    }
    Ok(format!("refs/heads/{name}"))
}

impl Engine for Git {
    fn shown(&self) -> String {
        format!("git ({})", self.place())
    }

    fn read(&self, ledger: &Name, folder: &Name) -> Result<Snapshot, Trouble> {
        let held = self.cache.hold(Instant::now() + PATIENCE)?;
        let tip = self.current(&held, std::slice::from_ref(ledger))?;
        let files = match tip {
            Some(_) => held.below(folder)?,
            None => Vec::<Listed>::new(),
        };
        let blob = self::ledger(tip.as_ref());
        Ok(Snapshot {
            version: version(blob),
            ledger: blob.map(|blob| blob.bytes.clone()),
            files,
        })
    }

    fn ledgers(&self) -> Result<Vec<Name>, Trouble> {
        let held = self.cache.hold(Instant::now() + PATIENCE)?;
        if self.current(&held, &[])?.is_none() {
            return Ok(Vec::new());
        }
        let files = held.all()?.into_iter().map(|file| file.name);
        Ok(files.filter(Name::is_ledger).collect())
    }

    fn fetch(&self, names: &[Name]) -> Result<Vec<Vec<u8>>, Trouble> {
        let held = self.cache.hold(Instant::now() + PATIENCE)?;
        // What a file is never changes: what is here need not be had again.
        let mut tip = self.seen(&held, names).unwrap_or_default();
        if tip.as_ref().is_none_or(|tip| tip.blobs.contains(&None)) {
            tip = self.current(&held, names)?;
        }
        let blobs = tip.map(|tip| tip.blobs).unwrap_or_default();
        let mut blobs = blobs.into_iter();
        let content = |name: &Name| {
            let blob = blobs.next().flatten();
            blob.map(|blob| blob.bytes)
                .ok_or_else(|| super::trouble::missing(name, &self.place()))
        };
        names.iter().map(content).collect()
    }

    fn commit(&self, change: &Change<'_>) -> Result<Committed, Trouble> {
        let held = self.cache.hold(Instant::now() + PATIENCE)?;
        let mut names = vec![change.ledger.clone()];
        names.extend(change.files.iter().map(|(name, _)| name.clone()));
        // Most often the copy is what the caller has read.
        let mut tip = self.seen(&held, &names).unwrap_or_default();
        if version(ledger(tip.as_ref())) != *change.expected || tip.is_none() {
            tip = self.current(&held, &names)?;
        }
        let mut same = 0;
        loop {
            if version(ledger(tip.as_ref())) != *change.expected {
                return Ok(Committed::Stale);
            }
            match self.attempt(&held, change, tip.as_ref())? {
                Pushed::Yes => return written(&held, change.ledger),
                Pushed::Stale | Pushed::Refused | Pushed::Unsaid => {}
            }
            // Another rollout may have been recorded: that is no reason to decide anew.
            let before = tip.map(|tip| tip.commit);
            std::thread::sleep(pause(same));
            tip = self.current(&held, &names)?;
            same += u32::from(tip.as_ref().map(|tip| &tip.commit) == before.as_ref());
            if same > SAME {
                let found = format!(
                    "{} refuses every push as out of date, and does not change",
                    self.place()
                );
                return Err(Trouble::refused(
                    found,
                    "look whether the remote can be written at all",
                ));
            }
        }
    }

    fn probe(&self) -> Result<String, Trouble> {
        let held = self.cache.hold(Instant::now() + PATIENCE)?;
        let tip = self.current(&held, &[])?;
        let on = tip.as_ref().map(|tip| tip.commit.as_str());
        let author = Author {
            name: "gate",
            address: None,
        };
        let commit = held.record(on, &[], author, "whether this may be written")?;
        // A rehearsal: hooks and protected branches speak up at the first real push.
        self.push(&held, &commit, on, true)?;
        Ok(match on {
            Some(commit) => format!(
                "{} is at {}",
                self.place(),
                commit.get(..12).unwrap_or(commit)
            ),
            None => format!(
                "{} is not there yet: the first record begins it",
                self.place()
            ),
        })
    }
}

/// The version that was written, read back from what was pushed.
fn written(held: &Held<'_>, name: &Name) -> Result<Committed, Trouble> {
    let tip = held.tip(std::slice::from_ref(name))?;
    Ok(Committed::Written(version(ledger(tip.as_ref()))))
}

/// The folder below a cache folder for this branch of this remote, as the user's repository sees it.
#[must_use]
pub fn cache_name(folder: &Path, remote: &str, branch: &str) -> String {
    let folder = folder.to_string_lossy();
    let digest = crate::digest::sha256_hex(&[&*folder, "\n", remote, "\n", branch]);
    format!("git-{}", digest.get(..16).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_have_names_that_git_takes() {
        for name in ["gate-records", "a/b", "ü"] {
            assert_eq!(branch(name), Ok(format!("refs/heads/{name}")));
        }
        for name in [
            "", "-x", "a..b", "a b", "a:b", "a//b", "/a", "a/", ".a", "a.lock", "a/.b", "@",
            "a@{1}", "a\n", "a^", "a.",
        ] {
            assert!(branch(name).is_err(), "{name}");
        }
    }
}
