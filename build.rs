//! Finds out which commit is built, for `gate --version`. Must not fail where nobody knows, nor look at the clock: the same
//! source gives the same program.
//!
//! In this order: `GATE_COMMIT`; what git says, in a clone; what cargo wrote into the package of a registry. The date is
//! `SOURCE_DATE_EPOCH`, or that of git's commit. A debug build does not ask git, so that a commit makes nobody build again.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script is asked by its environment, and answers on standard output"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What goes into the program. A change of anything else is none of the build.
const BUILT: &[&str] = &["src", "docs/schema", "build.rs", "Cargo.toml", "Cargo.lock"];

/// What changes with the commit that is checked out: the first that exists, of each line.
const MOVED: &[&[&str]] = &[&["logs/HEAD", "HEAD"], &["reftable", "logs/HEAD", "refs"]];

/// The source, as far as it is known.
#[derive(Default)]
struct Source {
    commit: String,
    /// Seconds since 1970.
    date: String,
    is_modified: bool,
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    match source() {
        Ok(source) => {
            println!("cargo::rustc-env=GATE_BUILT_COMMIT={}", source.commit);
            println!("cargo::rustc-env=GATE_BUILT_DATE={}", source.date);
            let modified = if source.is_modified { "modified" } else { "" };
            println!("cargo::rustc-env=GATE_BUILT_MODIFIED={modified}");
        }
        Err(message) => println!("cargo::error={message}"),
    }
}

fn source() -> Result<Source, String> {
    let (commit, date) = (given("GATE_COMMIT"), given("SOURCE_DATE_EPOCH"));
    let mut source = match commit {
        Some(commit) if is_commit(&commit) => Source {
            commit,
            ..Source::default()
        },
        Some(other) => {
            return Err(format!(
                "GATE_COMMIT is `{other}`: a commit is 7 to 64 hexadecimal digits"
            ));
        }
        None if env::var("PROFILE").is_ok_and(|profile| profile == "debug") => Source::default(),
        None => of_git().or_else(packaged).unwrap_or_default(),
    };
    match date {
        Some(date) if date.parse::<u32>().is_ok() => source.date = date,
        Some(other) => {
            return Err(format!(
                "SOURCE_DATE_EPOCH is `{other}`: write seconds since 1970"
            ));
        }
        None => {}
    }
    Ok(source)
}

/// A variable, unless it is empty.
fn given(name: &str) -> Option<String> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What git says of this folder, if it is a clone: not if it merely lies in one.
fn of_git() -> Option<Source> {
    if !git(&["rev-parse", "--show-prefix"])?.is_empty() {
        return None;
    }
    for path in BUILT {
        println!("cargo::rerun-if-changed={path}");
    }
    for places in MOVED {
        if let Some(path) = places.iter().find_map(|name| in_git(name)) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    let told = git(&["show", "--no-patch", "--format=%H %ct", "HEAD"])?;
    let (commit, date) = told.split_once(' ')?;
    let changed = git(&[&["status", "--porcelain", "--"], BUILT].concat())?;
    Some(Source {
        commit: commit.to_owned(),
        date: date.to_owned(),
        is_modified: !changed.is_empty(),
    })
}

/// A file or folder of git, if it exists: cargo would build each time for one that does not.
fn in_git(name: &str) -> Option<PathBuf> {
    let path = git(&["rev-parse", "--git-path", name])?;
    Some(PathBuf::from(path)).filter(|path| path.exists())
}

/// What git answers, without its last line break. A hook's own variables would tell of another repository.
fn git(arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.arg("--no-optional-locks").args(arguments);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    let output = git.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim_end().to_owned())
}

/// What `cargo package` noted of the commit: `{"git": {"sha1": "…", "dirty": true}, …}`.
fn packaged() -> Option<Source> {
    let note = fs::read_to_string(Path::new(".cargo_vcs_info.json")).ok()?;
    let (_, rest) = note.split_once("\"sha1\"")?;
    let commit = rest.split('"').nth(1).filter(|commit| is_commit(commit))?;
    Some(Source {
        commit: commit.to_owned(),
        date: String::new(),
        is_modified: note.contains("\"dirty\": true"),
    })
}
