//! A notice given to a program: no shell, the `CloudEvent` on standard input, killed with its process group when its time is over. Must
//! not be reached without `--allow-exec`, nor print what the program says.

use std::ffi::OsString;
use std::io::{self, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{Place, Told};
use crate::report::Notice;

/// How much of what it says is kept, in bytes.
const MAX_WORDS: usize = 64 * 1024;
/// What it started and left behind may hold on to its output: that is not waited for longer than this.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Runs a program and its arguments until it ends, or its time is over.
pub(super) async fn run(
    words: &[String],
    notice: &Notice,
    timeout: Duration,
    place: &Place,
) -> Told {
    let Some((program, arguments)) = words.split_first() else {
        return Told::new("no program is named", 0);
    };
    let mut command = Command::new(found(program, &place.folder));
    command
        .args(arguments)
        .current_dir(&place.folder)
        .env("GATE_VERDICT", notice.verdict.word())
        .env("GATE_GATE", notice.gate.to_string())
        .env("GATE_EVIDENCE", record(notice))
        .env("GATE_PLAN", &place.plan)
        // Apart from ours, so that it can be stopped with all that it started.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let input = notice.cloud_event.clone().into_bytes();
    let ran = tokio::task::spawn_blocking(move || to_its_end(command, input, timeout)).await;
    ran.unwrap_or_else(|_| Told::new("it could not be waited for", 1))
}

/// A path is relative to the plan's folder; a bare name is looked for as a shell would.
fn found(program: &str, folder: &Path) -> PathBuf {
    if program.contains('/') {
        folder.join(program)
    } else {
        PathBuf::from(program)
    }
}

/// The record's path, absolute; empty where nothing is recorded.
fn record(notice: &Notice) -> OsString {
    let path = notice.record.as_ref().map(PathBuf::from);
    let path = path.map(|path| std::path::absolute(&path).unwrap_or(path));
    path.map(PathBuf::into_os_string).unwrap_or_default()
}

fn to_its_end(mut command: Command, input: Vec<u8>, timeout: Duration) -> Told {
    let until = Instant::now() + timeout;
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Told::new(format!("cannot be started: {error}"), 1),
    };
    if let Some(mut stdin) = child.stdin.take() {
        // If it ends early it does not read all, and need not.
        thread::spawn(move || stdin.write_all(&input));
    }
    let out = child.stdout.take().map(drain);
    let err = child.stderr.take().map(drain);
    let told = match wait(&mut child, until) {
        Ok(Some(status)) if status.success() => Told::delivered(1),
        Ok(Some(status)) => Told::new(ended(status), 1),
        Ok(None) => {
            let late = format!("killed after {} with all that it started", seconds(timeout));
            Told::new(late, 1)
        }
        Err(error) => Told::new(format!("cannot be waited for: {error}"), 1),
    };
    let said = [&out, &err].into_iter().flatten().flat_map(taken);
    Told {
        output: words(said.collect()),
        ..told
    }
}

/// Reads a pipe to its end, and hands over what is kept of it piece by piece.
fn drain(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let (mut piece, mut kept) = ([0; 4096], 0);
        while let Ok(count) = pipe.read(&mut piece) {
            if count == 0 {
                break;
            }
            // One byte more than is shown says that there was more.
            let room = (MAX_WORDS + 1 - kept).min(count);
            kept += room;
            let _ = sender.send(piece.get(..room).unwrap_or_default().to_vec());
        }
    });
    receiver
}

fn taken(pieces: &Receiver<Vec<u8>>) -> Vec<u8> {
    let until = Instant::now() + LAST_WORDS;
    let mut all = Vec::new();
    while let Ok(piece) = pieces.recv_timeout(until.saturating_duration_since(Instant::now())) {
        all.extend(piece);
    }
    all
}

fn words(mut said: Vec<u8>) -> String {
    let is_cut = said.len() > MAX_WORDS;
    said.truncate(MAX_WORDS);
    let mut words = String::from_utf8_lossy(&said).into_owned();
    if is_cut {
        words.push_str("\n… (no more than 64 KiB is shown)");
    }
    words
}

/// How it ended; `None` if its time was over: then it and all that it started are killed.
fn wait(child: &mut Child, until: Instant) -> io::Result<Option<ExitStatus>> {
    let mut nap = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            break;
        }
        thread::sleep(nap);
        nap = (nap * 2).min(Duration::from_millis(50));
    }
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    child.wait()?;
    Ok(None)
}

/// `exit status: 3`, `signal: 9 (SIGKILL)`.
fn ended(status: ExitStatus) -> String {
    format!("it ended with {status}")
}

fn seconds(length: Duration) -> String {
    format!("{}s", length.as_secs_f64())
}
