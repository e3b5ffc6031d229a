//! A shell as the systems start one: a block and an environment that says all there is.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::rollout::Rollout;
use crate::support::program::{Finished, finished};
use crate::support::servers::PASSWORD;

/// Bash as GitHub and Azure start it.
pub const BASH: [&str; 5] = ["bash", "--noprofile", "--norc", "-eo", "pipefail"];
/// The shell that a file of its own asks for with `#!/bin/sh`.
pub const SH: [&str; 1] = ["sh"];

/// A block of shell in the folder of a rollout.
pub struct Block<'r> {
    rollout: &'r Rollout,
    shell: Vec<String>,
    environment: Vec<(String, String)>,
}

impl<'r> Block<'r> {
    /// The text, run by this shell from a file, as the systems do.
    pub fn new(rollout: &'r Rollout, shell: &[&str], text: &str) -> Self {
        rollout.place.write("block", text);
        let mut shell: Vec<String> = shell.iter().map(|&word| word.to_owned()).collect();
        shell.push(rollout.place.path().join("block").display().to_string());
        Self {
            rollout,
            shell,
            environment: Vec::new(),
        }
    }

    /// A command and its arguments, without a shell.
    pub fn of_command(rollout: &'r Rollout, words: &[String]) -> Self {
        Self {
            rollout,
            shell: words.to_vec(),
            environment: Vec::new(),
        }
    }

    /// With a variable.
    pub fn with(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        let value = value.as_ref().display().to_string();
        self.environment.push((name.to_owned(), value));
        self
    }

    /// With what the recipes' own variables say: `CHECK_PLAN` and so on.
    pub fn asking(self, gates: &str, before: &str, args: &str) -> Self {
        let program = self.rollout.program();
        self.with("CHECK_PLAN", "plan.yaml")
            .with("CHECK_GATES", gates)
            .with("CHECK_BEFORE", before)
            .with("CHECK_ARGS", args)
            .with("CHECK_BINARY", program)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.shell[0]);
        let folder = self.rollout.place.path();
        command
            .args(&self.shell[1..])
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", folder)
            .env("USER", "tester")
            .envs(self.rollout.environment())
            .envs(self.environment.clone());
        command
    }

    /// Runs it. No secret is in what it prints.
    #[track_caller]
    pub fn run(&self) -> Finished {
        let ended = match self.command().output() {
            Ok(output) => finished(&output),
            // What a container without the program ends with.
            Err(error) => Finished {
                code: 127,
                out: String::new(),
                err: error.to_string(),
            },
        };
        ended.never_says(PASSWORD);
        ended
    }

    /// Starts it, in a group of its own that a signal can be sent to.
    pub fn begin(&self) -> Child {
        let mut command = self.command();
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("the shell runs")
    }
}

/// Interrupts what was begun once it has recorded something, and waits for its end.
pub fn interrupted(rollout: &Rollout, child: Child) -> Finished {
    let has_recorded = || !rollout.place.files("plan.evidence", ".json").is_empty();
    for _ in 0..600 {
        if has_recorded() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(has_recorded(), "nothing was recorded");
    let group = format!("-{}", child.id());
    let mut kill = Command::new("kill");
    let sent = kill.args(["-INT", "--", &group]).status();
    assert!(sent.expect("kill runs").success());
    finished(&child.wait_with_output().expect("its end"))
}
