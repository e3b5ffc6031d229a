//! The `gate` binary as a user runs it: in its own folder, in a scrubbed environment.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Gives a program another hosts file.
pub const WITH_HOSTS: &str = r#"mount --bind hosts /etc/hosts && exec "$@""#;

/// Reports that a test cannot run here, past the test runner's capture. If `CI` is set, nothing may be left out.
#[expect(
    clippy::disallowed_methods,
    reason = "tests have no other way to hear of CI"
)]
pub fn skipped(what: &str) {
    assert!(
        std::env::var_os("CI").is_none(),
        "CI may not leave this out: {what}"
    );
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
}

/// A folder with plans, gone with the test.
pub struct Workplace {
    folder: tempfile::TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Finished {
    /// The exit code was this, and the user sees the sentence.
    #[track_caller]
    pub fn says(&self, code: i32, sentence: &str) -> &Self {
        self.begins_in_few_words();
        let seen = format!("{}{}", self.out, self.err);
        // Reports wrap their lines: compare words.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words(&seen).contains(&words(sentence)),
            "expected: {sentence}\nseen:\n{seen}"
        );
        assert_eq!(self.code, code, "seen:\n{seen}");
        self
    }

    /// The first line of a refusal says what was decided, where, and what to do in what a terminal shows at a glance. What the
    /// parser of the command line, the plan, a folder or `ssh-keygen` says is theirs.
    #[track_caller]
    fn begins_in_few_words(&self) {
        let first = self.err.lines().next().unwrap_or_default();
        let is_refusal = [1, 2, 5].contains(&self.code);
        let theirs = first.starts_with("error") || first.contains("Could not verify signature");
        let temporary = std::env::temp_dir().to_string_lossy().into_owned();
        let is_ours = is_refusal && !theirs && !first.contains(&temporary);
        let length = first.chars().count();
        assert!(!is_ours || length <= 200, "{length} characters: {first}");
    }

    /// The user does not see the sentence.
    #[track_caller]
    pub fn never_says(&self, text: &str) -> &Self {
        let seen = format!("{}{}", self.out, self.err);
        assert!(!seen.contains(text), "`{text}` in:\n{seen}");
        self
    }
}

impl Workplace {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// One that holds `plan.yaml`.
    pub fn with_plan(text: &str) -> Self {
        let workplace = Self::new();
        workplace.write("plan.yaml", text);
        workplace
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), text).expect("a file");
    }

    /// Runs `gate` in the folder.
    pub fn gate(&self, arguments: &[&str]) -> Finished {
        self.gate_with(arguments, &[])
    }

    /// Runs `gate` in the folder; if a hosts file is given, it replaces the machine's, which needs root and `unshare`.
    pub fn gate_among(&self, hosts: Option<&str>, arguments: &[&str]) -> Finished {
        let Some(hosts) = hosts else {
            return self.gate(arguments);
        };
        self.write("hosts", hosts);
        self.gate_inside(
            &["unshare", "--mount", "sh", "-c", WITH_HOSTS, "sh"],
            arguments,
        )
    }

    /// Has another program run `gate` in the folder: its arguments come before those of `gate`.
    pub fn gate_inside(&self, outer: &[&str], arguments: &[&str]) -> Finished {
        let mut command = Command::new(outer[0]);
        command
            .args(&outer[1..])
            .arg(env!("CARGO_BIN_EXE_gate"))
            .args(arguments)
            .current_dir(self.path());
        finished(&command.output().expect("the outer program runs"))
    }

    /// Runs `gate` in the folder with environment variables.
    pub fn gate_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Finished {
        let output = self
            .command(arguments, environment)
            .output()
            .expect("gate runs");
        finished(&output)
    }

    /// The command, for tests that need more control.
    pub fn command(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gate"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command.env("USER", "tester").env("HOSTNAME", "bench");
        command.envs(environment.iter().copied());
        command
    }

    /// The files with this ending in a folder below this one, by name.
    pub fn files(&self, folder: &str, ending: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path().join(folder))
            .map(|entries| entries.flatten().collect::<Vec<_>>());
        let paths = entries
            .unwrap_or_default()
            .into_iter()
            .map(|entry| entry.path());
        let mut found: Vec<PathBuf> = paths
            .filter(|path| path.to_string_lossy().ends_with(ending))
            .collect();
        found.sort();
        found
    }

    /// The only evidence document.
    #[track_caller]
    pub fn evidence(&self) -> serde_json::Value {
        let found = self.files("plan.evidence", ".json");
        assert_eq!(found.len(), 1, "{found:?}");
        serde_json::from_slice(&fs::read(&found[0]).expect("evidence")).expect("JSON")
    }
}

pub fn finished(output: &Output) -> Finished {
    Finished {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout.clone()).expect("UTF-8"),
        err: String::from_utf8(output.stderr.clone()).expect("UTF-8"),
    }
}
