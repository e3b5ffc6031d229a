//! A remote, a user's clone of it with something in it, and servers before them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gate::records::git::{Git, Options};

/// `git`, which must succeed; what it printed.
pub fn git(folder: &Path, words: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "user.name=Test",
            "-c",
            "user.email=test@example.com",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(words)
        .stdin(Stdio::null())
        .output()
        .expect("git runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {words:?}: {err}");
    String::from_utf8(output.stdout).expect("text")
}

pub fn executable(path: &Path, text: &str) {
    fs::write(path, text).expect("a script");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a script that runs");
}

/// All files below a folder, with their bytes and modes.
pub fn files_of(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let about = fs::symlink_metadata(&path).expect("a file");
            let name = path.strip_prefix(folder).expect("below").to_owned();
            if about.is_dir() {
                folders.push(path);
            } else {
                found.insert(
                    name,
                    (
                        about.permissions().mode(),
                        fs::read(&path).expect("its bytes"),
                    ),
                );
            }
        }
    }
    found
}

/// A bare remote and a clone.
pub struct Place {
    folder: tempfile::TempDir,
    pub remote: PathBuf,
    pub user: PathBuf,
    caches: AtomicUsize,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (remote, user) = (folder.path().join("remote.git"), folder.path().join("user"));
        git(folder.path(), &["init", "--quiet", "--bare", "remote.git"]);
        git(folder.path(), &["clone", "--quiet", "remote.git", "user"]);
        fs::write(user.join("plan.yaml"), "plan").expect("a plan");
        git(&user, &["add", "."]);
        git(&user, &["commit", "--quiet", "--message=plan"]);
        git(&user, &["push", "--quiet", "origin", "HEAD:main"]);
        Self {
            folder,
            remote,
            user,
            caches: AtomicUsize::new(0),
        }
    }

    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Sets the remote's address.
    pub fn reach(&self, url: &str) {
        git(&self.user, &["remote", "set-url", "origin", url]);
    }

    pub fn new_cache(&self) -> PathBuf {
        let number = self.caches.fetch_add(1, Ordering::Relaxed);
        self.folder.path().join(format!("cache {number}"))
    }

    pub fn options(&self) -> Options {
        Options {
            folder: self.user.clone(),
            remote: "origin".to_owned(),
            branch: "gate-records".to_owned(),
            cache: self.new_cache(),
            program: None,
        }
    }

    /// As on a machine of its own.
    pub fn engine(&self) -> Git {
        Git::open(&self.options()).expect("an engine")
    }
}

/// `git daemon` on loopback, which lets anybody push.
pub struct Daemon {
    child: Child,
    pub port: u16,
}

impl Daemon {
    pub fn serving(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("an address")
            .port();
        let child = Command::new("git")
            .args([
                "daemon",
                "--reuseaddr",
                "--export-all",
                "--enable=receive-pack",
                "--listen=127.0.0.1",
            ])
            .arg(format!("--port={port}"))
            .arg(format!("--base-path={}", folder.display()))
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("git daemon runs");
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "git daemon did not come up"
            );
            thread::sleep(Duration::from_millis(20));
        }
        Self { child, port }
    }

    pub fn url(&self, name: &str) -> String {
        format!("git://127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It ends its own children, and `git` is its parent.
        let group = self.child.id().to_string();
        let _ = Command::new("pkill").args(["-TERM", "-P", &group]).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that gives this answer to so many requests; what they were.
pub fn answers(listener: TcpListener, answer: &'static str, count: usize) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut asked = String::new();
        for _ in 0..count {
            let (mut stream, _) = listener.accept().expect("a request");
            let mut bytes = [0; 8192];
            let read = stream.read(&mut bytes).expect("a request");
            asked.push_str(&String::from_utf8_lossy(&bytes[..read]));
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
        asked
    })
}
