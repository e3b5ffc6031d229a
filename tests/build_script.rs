//! What `build.rs` finds out about the source, and what makes it run again. It is compiled by itself and run in folders of all kinds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// The script, compiled once.
static SCRIPT: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("build-script");
    let mut rustc = Command::new("rustc");
    rustc.current_dir(env!("CARGO_MANIFEST_DIR"));
    rustc.args(["--edition", "2024", "build.rs", "-o"]);
    let compiled = rustc.arg(&program).status().expect("rustc runs");
    assert!(compiled.success(), "build.rs compiles by itself");
    (folder, program)
});

/// What the script said.
struct Said(Vec<String>);

impl Said {
    fn of(&self, key: &str) -> Vec<&str> {
        let lines = self.0.iter();
        lines.filter_map(|line| line.strip_prefix(key)).collect()
    }

    fn variable(&self, name: &str) -> &str {
        let found = self.of(&format!("cargo::rustc-env=GATE_BUILT_{name}="));
        assert_eq!(found.len(), 1, "{name} in {:?}", self.0);
        found[0]
    }

    fn found(&self) -> [&str; 3] {
        ["COMMIT", "DATE", "MODIFIED"].map(|name| self.variable(name))
    }

    fn watched(&self) -> Vec<&str> {
        self.of("cargo::rerun-if-changed=")
    }
}

/// Runs it in a folder, of a build whose profile is not for debugging.
fn run(folder: &Path, environment: &[(&str, &str)]) -> Said {
    let mut script = Command::new(&SCRIPT.1);
    script.current_dir(folder);
    for name in ["GATE_COMMIT", "SOURCE_DATE_EPOCH"] {
        script.env_remove(name);
    }
    script.env("PROFILE", "release");
    script.envs(environment.iter().copied());
    let output = script.output().expect("the script runs");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    Said(text.lines().map(str::to_owned).collect())
}

fn git(folder: &Path, words: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=ada", "-c", "user.email=ada@example.com"]);
    git.env("GIT_COMMITTER_DATE", "2026-11-20T23:30:00-05:00");
    let done = git.args(words).current_dir(folder).output().expect("git");
    assert!(done.status.success(), "git {words:?}: {done:?}");
    String::from_utf8(done.stdout)
        .expect("UTF-8")
        .trim()
        .to_owned()
}

/// A clone with one commit, in which everything is that the script looks at.
fn clone() -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    git(path, &["init", "--quiet", "--initial-branch=main"]);
    fs::create_dir_all(path.join("docs/schema")).expect("made");
    fs::create_dir(path.join("src")).expect("made");
    for file in [
        "build.rs",
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "src/lib.rs",
        "docs/schema/a.json",
    ] {
        fs::write(path.join(file), "one\n").expect("written");
    }
    let commit = committed(path);
    (folder, commit)
}

fn committed(path: &Path) -> String {
    git(path, &["add", "--all"]);
    git(path, &["commit", "--quiet", "--allow-empty", "-m", "x"]);
    git(path, &["rev-parse", "HEAD"])
}

/// 2026-11-20T23:30:00-05:00.
const DATE: &str = "1795235400";

#[test]
fn a_clone_tells_its_commit_and_its_date() {
    let (folder, commit) = clone();
    assert_eq!(run(folder.path(), &[]).found(), [&commit, DATE, ""]);
    let next = committed(folder.path());
    assert_ne!(commit, next);
    assert_eq!(run(folder.path(), &[]).found(), [&next, DATE, ""]);
}

#[test]
fn a_clone_whose_source_was_changed_says_so_and_the_readme_is_no_source() {
    let (folder, commit) = clone();
    fs::write(folder.path().join("README.md"), "two\n").expect("written");
    assert_eq!(run(folder.path(), &[]).found(), [&commit, DATE, ""]);
    for file in ["src/lib.rs", "Cargo.lock", "docs/schema/a.json"] {
        fs::write(folder.path().join(file), "two\n").expect("written");
        assert_eq!(run(folder.path(), &[]).variable("MODIFIED"), "modified");
        git(folder.path(), &["checkout", "--", file]);
    }
    fs::write(folder.path().join("src/new.rs"), "two\n").expect("written");
    assert_eq!(run(folder.path(), &[]).variable("MODIFIED"), "modified");
}

#[test]
fn what_the_environment_says_comes_before_git() {
    let (folder, commit) = clone();
    let given = "0123456789abcdef0123456789abcdef01234567";
    let said = run(folder.path(), &[("GATE_COMMIT", given)]);
    assert_eq!(said.found(), [given, "", ""]);
    assert_eq!(
        said.of("cargo::rerun-if-env-changed="),
        ["GATE_COMMIT", "SOURCE_DATE_EPOCH"]
    );
    let said = run(folder.path(), &[("SOURCE_DATE_EPOCH", "1795132800")]);
    assert_eq!(said.found(), [&commit, "1795132800", ""]);
    // Of a hook of another repository.
    let other = clone().0;
    committed(other.path());
    let said = run(
        folder.path(),
        &[("GIT_DIR", &other.path().join(".git").to_string_lossy())],
    );
    assert_eq!(said.variable("COMMIT"), commit);
}

#[test]
fn what_cannot_be_a_commit_or_a_date_ends_the_build() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, value, says) in [
        ("GATE_COMMIT", "main", "a commit is 7 to 64 hexadecimal"),
        ("SOURCE_DATE_EPOCH", "today", "write seconds since 1970"),
        ("SOURCE_DATE_EPOCH", "-1", "write seconds since 1970"),
    ] {
        let said = run(folder.path(), &[(name, value)]);
        let errors = said.of("cargo::error=").join("");
        assert!(
            errors.contains(says) && errors.contains(value),
            "{:?}",
            said.0
        );
    }
}

#[test]
fn without_git_the_package_tells_or_nobody_does() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(run(folder.path(), &[]).found(), ["", "", ""]);
    let commit = "89abcdef0123456789abcdef0123456789abcdef";
    let note = |dirty: &str| {
        format!(
            "{{\n  \"git\": {{\n    \"sha1\": \"{commit}\"{dirty}\n  }},\n  \"path_in_vcs\": \"\"\n}}"
        )
    };
    let path = folder.path().join(".cargo_vcs_info.json");
    fs::write(&path, note("")).expect("written");
    assert_eq!(run(folder.path(), &[]).found(), [commit, "", ""]);
    fs::write(&path, note(",\n    \"dirty\": true")).expect("written");
    assert_eq!(run(folder.path(), &[]).found(), [commit, "", "modified"]);
    // An unpacked package in somebody else's clone is not that clone.
    let (other, _) = clone();
    let inside = other.path().join("vendor");
    fs::create_dir(&inside).expect("made");
    assert_eq!(run(&inside, &[]).found(), ["", "", ""]);
    fs::copy(&path, inside.join(".cargo_vcs_info.json")).expect("copied");
    assert_eq!(run(&inside, &[]).variable("COMMIT"), commit);
}

#[test]
fn a_debug_build_does_not_follow_the_commits() {
    let (folder, _) = clone();
    let said = run(folder.path(), &[("PROFILE", "debug")]);
    assert_eq!(said.found(), ["", "", ""]);
    assert_eq!(said.watched(), ["build.rs"]);
}

/// Cargo runs the script again where one of them is newer, and each time for one that is missing.
#[test]
fn what_is_watched_exists_and_changes_with_the_commit() {
    let (folder, _) = clone();
    let beside = tempfile::tempdir().expect("a folder");
    let worktree = beside.path().join("wt");
    git(
        folder.path(),
        &["worktree", "add", "-q", &worktree.to_string_lossy()],
    );
    let bare = tempfile::tempdir().expect("a folder");
    let from = folder.path().to_string_lossy();
    git(
        bare.path(),
        &[
            "clone",
            "-q",
            "-c",
            "core.logAllRefUpdates=false",
            &from,
            "c",
        ],
    );
    let unlogged = bare.path().join("c");
    git(&unlogged, &["pack-refs", "--all"]);
    for clone in [folder.path(), &worktree, &unlogged] {
        let before = newest(clone);
        committed(clone);
        assert!(newest(clone) > before, "{}", clone.display());
    }
}

/// When the newest of what is watched outside the sources was changed.
fn newest(clone: &Path) -> std::time::SystemTime {
    let said = run(clone, &[]);
    let watched = said.watched();
    let paths: Vec<PathBuf> = watched.iter().map(|path| clone.join(path)).collect();
    for path in &paths {
        assert!(path.exists(), "{} is watched", path.display());
    }
    let of_git = paths
        .iter()
        .filter(|path| path.to_string_lossy().contains(".git"));
    of_git
        .map(|path| within(path))
        .max()
        .expect("something of git")
}

fn within(path: &Path) -> std::time::SystemTime {
    let metadata = path.metadata().expect("there");
    let own = metadata.modified().expect("a time");
    if !metadata.is_dir() {
        return own;
    }
    let below = fs::read_dir(path).expect("a folder");
    let below = below.map(|entry| within(&entry.expect("an entry").path()));
    below.max().map_or(own, |newest| newest.max(own))
}
