//! One `git` process: its surroundings, its time, its output. Must not know what it is for, and must not let it ask a person,
//! outlive its time, or inherit the repository of whoever called `gate`.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
use std::mem;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// What a caller's own repository would be to git (`git rev-parse --local-env-vars`, hooks), what changes its words, and
/// what it would write into its messages.
const NOT_INHERITED: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CURL_VERBOSE",
    "GIT_DEFAULT_HASH",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REFLOG_ACTION",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
    "GIT_TRACE_CURL",
    "GIT_TRACE_CURL_NO_DATA",
    "GIT_TRACE_PACKET",
    "GIT_TRACE_PACK_ACCESS",
    "GIT_TRACE_PERFORMANCE",
    "GIT_TRACE_SETUP",
    "GIT_TRACE_SHALLOW",
    "GIT_WORK_TREE",
];

/// Nobody is asked, and messages are the ones that are looked for.
const SET: &[(&str, &str)] = &[
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_DEFAULT_REF_FORMAT", "files"),
    ("GCM_INTERACTIVE", "never"),
    ("SSH_ASKPASS_REQUIRE", "force"),
    ("LC_ALL", "C"),
];

/// How much of what it says on standard error is kept, in bytes.
const MAX_WORDS: u64 = 64 * 1024;
/// A connection that ssh keeps open for later holds on to standard error: it is not waited for longer than this.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// A `git` that is about to run. Its surroundings may hold credentials: it cannot be printed.
pub(super) struct Call {
    command: Command,
    input: Vec<u8>,
    /// What it reads instead of a pipe.
    file: Option<File>,
    max_output: u64,
}

/// Settings of git. They may hold credentials: nobody sees more than how many there are.
#[derive(Clone, Default)]
pub(super) struct Settings(pub(super) Vec<(String, String)>);

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({} …)", self.0.len())
    }
}

/// What it said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) success: bool,
    pub(super) out: Vec<u8>,
    pub(super) err: String,
}

/// It said nothing that counts.
#[derive(Debug)]
pub(super) enum Mute {
    /// It cannot be started.
    NotStarted(io::Error),
    /// It was stopped when its time was over.
    Late,
    /// It said more than it may.
    TooMuch,
}

impl Call {
    /// In a folder, with settings from the environment (`GIT_CONFIG_COUNT`) only where they are kept.
    pub(super) fn new(program: &Path, folder: &Path) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder).envs(SET.iter().copied());
        for name in NOT_INHERITED {
            command.env_remove(name);
        }
        // Apart from ours, so that it can be stopped with all that it started.
        command.process_group(0);
        Self {
            command,
            input: Vec::new(),
            file: None,
            max_output: super::super::MAX_BYTES,
        }
    }

    pub(super) fn words<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Self {
        self.command.args(words);
        self
    }

    /// On this repository, with these settings instead of those from the environment.
    pub(super) fn on(mut self, repository: &Path, settings: &Settings) -> Self {
        self.command.env_remove("GIT_CONFIG_PARAMETERS");
        self.command.env("GIT_DIR", repository);
        self.command
            .env("GIT_CONFIG_COUNT", settings.0.len().to_string());
        for (index, (key, value)) in settings.0.iter().enumerate() {
            self.command.env(format!("GIT_CONFIG_KEY_{index}"), key);
            self.command.env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        self
    }

    pub(super) fn input(mut self, input: Vec<u8>) -> Self {
        self.input = input;
        self
    }

    /// Lets it hold this lock for as long as it runs, which may be longer than `gate` does, if that is killed: its standard
    /// input is the lock's file, which holds what it reads.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub(super) fn holding(mut self, lock: &File) -> Result<Self, Mute> {
        let input = mem::take(&mut self.input);
        let filled = || {
            let mut file = lock.try_clone()?;
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(&input)?;
            file.rewind()?;
            Ok(file)
        };
        self.file = Some(filled().map_err(Mute::NotStarted)?);
        Ok(self)
    }

    /// Runs it until it ends, or until then.
    pub(super) fn run(mut self, until: Instant) -> Result<Said, Mute> {
        let stdin = self.file.take().map_or_else(Stdio::piped, Stdio::from);
        self.command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(Mute::NotStarted)?;
        if let Some(mut stdin) = child.stdin.take() {
            let input = self.input;
            // If it ends early it does not read all, and what it says tells why.
            thread::spawn(move || stdin.write_all(&input));
        }
        let out = child.stdout.take().map(|pipe| drain(pipe, self.max_output));
        let err = child.stderr.take().map(|pipe| drain(pipe, MAX_WORDS));
        let success = wait(&mut child, until)?;
        let out = taken(out, until.saturating_duration_since(Instant::now())).ok_or(Mute::Late)?;
        if out.len() as u64 > self.max_output {
            return Err(Mute::TooMuch);
        }
        let err = taken(err, LAST_WORDS).unwrap_or_default();
        Ok(Said {
            success,
            out,
            err: String::from_utf8_lossy(&err).into_owned(),
        })
    }
}

/// Reads a pipe to its end, and keeps one byte more than it may have.
fn drain(mut pipe: impl Read + Send + 'static, limit: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // A pipe that breaks has ended; whether that was too early shows in what was read.
        let _ = (&mut pipe).take(limit + 1).read_to_end(&mut bytes);
        let _ = sender.send(bytes);
        let _ = io::copy(&mut pipe, &mut io::sink());
    });
    receiver
}

fn taken(receiver: Option<Receiver<Vec<u8>>>, patience: Duration) -> Option<Vec<u8>> {
    receiver?.recv_timeout(patience).ok()
}

/// Whether it succeeded. Stops it, and all that it started, if it takes too long.
fn wait(child: &mut Child, until: Instant) -> Result<bool, Mute> {
    let mut nap = Duration::from_micros(500);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) if Instant::now() < until => thread::sleep(nap),
            Ok(None) => break,
            Err(error) => return Err(Mute::NotStarted(error)),
        }
        nap = (nap * 2).min(Duration::from_millis(10));
    }
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.wait();
    Err(Mute::Late)
}

/// How `git` is found: by its name, unless told otherwise.
pub(super) fn program() -> PathBuf {
    PathBuf::from("git")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn shell(script: &str) -> Call {
        let mut call = Call::new(Path::new("/bin/sh"), Path::new("/"));
        call.command.args(["-c", script]);
        call
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[test]
    fn a_callers_repository_is_not_inherited() {
        let call = Call::new(Path::new("git"), Path::new("/"))
            .on(Path::new("/cache"), &Settings::default());
        let said =
            Call::new(Path::new("git"), Path::new("/")).words(["rev-parse", "--local-env-vars"]);
        let said = String::from_utf8(said.run(soon()).expect("git").out).expect("text");
        assert!(said.lines().count() > 10, "{said}");
        for name in said.lines() {
            assert!(
                call.command.get_envs().any(|(key, _)| key == name),
                "{name} would be inherited"
            );
        }
        let folder = call
            .command
            .get_envs()
            .find(|(key, _)| *key == "GIT_DIR")
            .expect("a repository")
            .1;
        assert_eq!(folder, Some("/cache".as_ref()));
    }

    #[test]
    fn what_takes_too_long_is_stopped_with_all_that_it_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("mark");
        let script = format!("(sleep 1; touch {}) & sleep 30", mark.display());
        let begin = Instant::now();
        let mute = shell(&script)
            .run(begin + Duration::from_millis(300))
            .expect_err("too late");
        assert!(matches!(mute, Mute::Late), "{mute:?}");
        assert!(begin.elapsed() < Duration::from_secs(5));
        thread::sleep(Duration::from_millis(1500));
        assert!(fs::metadata(&mark).is_err(), "a child went on");
    }

    #[test]
    fn a_connection_that_is_kept_open_for_later_is_not_waited_for() {
        let begin = Instant::now();
        let said = shell("sleep 5 >/dev/null & echo out; echo err >&2")
            .run(soon())
            .expect("words");
        assert_eq!(said.out, b"out\n");
        assert!(begin.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn output_is_bounded_and_input_may_be_ignored() {
        let mut call = shell("yes | head -c 1000000").input(vec![0; 1_000_000]);
        call.max_output = 1000;
        assert!(matches!(call.run(soon()), Err(Mute::TooMuch)));
        let said = shell("cat; exit 3")
            .input(b"in".to_vec())
            .run(soon())
            .expect("words");
        assert_eq!(
            (said.out.as_slice(), said.success),
            (b"in".as_slice(), false)
        );
    }
}
