//! Detached signatures, made and checked as in git, by running `ssh-keygen`: encrypted keys, agents and hardware keys work, and
//! any other `ssh-keygen` can check them. Must not know a key, nor decide whose signature counts.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chrono::{Local, TimeZone};
use thiserror::Error;

use super::bounded;
use super::signers_list;
use crate::output::write_new;
use crate::units::Instant;

/// What a signature is for: one made for another purpose does not count (T13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Evidence, by whoever made the check.
    Evidence,
    /// The statement of somebody who approves.
    Approval,
}

impl Purpose {
    /// The namespace of its signatures.
    const fn namespace(self) -> &'static str {
        match self {
            Self::Evidence => "gate",
            Self::Approval => "gate-approval",
        }
    }
}

/// A signature and what it is of.
#[derive(Clone, Copy)]
pub struct Signed<'a> {
    /// What was signed.
    pub bytes: &'a [u8],
    /// The signature's file.
    pub path: &'a Path,
    /// What it ought to be for.
    pub purpose: Purpose,
}

/// Whose key made a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As the list of allowed signers says; at least one.
    pub principals: Vec<String>,
    /// The key's fingerprint: `SHA256:…`.
    pub key: String,
}

const PROGRAM: &str = "ssh-keygen";
/// At most this many leftover files to sign may exist side by side.
const MAX_SCRATCHES: u32 = 1000;

/// Why something is not signed, or a signature does not count.
#[derive(Debug, Error)]
pub enum SignatureError {
    /// The program is missing.
    #[error("`ssh-keygen` cannot be run: {0}; install OpenSSH 8.2 or later")]
    Program(io::Error),
    /// The key is missing.
    #[error(
        "the key {path} cannot be read: {source}; name a private key, or a public key whose private half an agent holds"
    )]
    Key {
        /// The file.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// What the program needs cannot be written.
    #[error("{path} cannot be written: {source}")]
    Scratch {
        /// The file.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// The evidence to sign cannot be read again.
    #[error("the evidence cannot be read again: {0}")]
    Unread(#[from] io::Error),
    /// The program made no signature.
    #[error("`ssh-keygen` made no signature with the key {key}: {said}")]
    NotSigned {
        /// The key.
        key: String,
        /// What it said.
        said: String,
    },
    /// The signature could not be stored.
    #[error("the signature could not be stored: {0}")]
    NotKept(String),
    /// The signature does not count.
    #[error("{0}")]
    Refused(String),
}

/// Checks that a key can sign, as far as possible without signing. Call it before any source is asked.
///
/// # Errors
/// No `ssh-keygen`, no key.
pub fn prove(key: &Path) -> Result<(), SignatureError> {
    let mut command = Command::new(PROGRAM);
    // Without arguments it would begin to make a key; an invalid operation ends with its usage.
    command.args(["-Y", "none"]).stdin(Stdio::null());
    command.output().map_err(SignatureError::Program)?;
    bounded::read(key, bounded::MAX_SMALL_BYTES).map_err(|source| SignatureError::Key {
        path: key.display().to_string(),
        source,
    })?;
    Ok(())
}

/// Whether the list of signers lets a key sign checks at a time: a text is signed with it, and the signature thrown away.
///
/// # Errors
/// No program, no signature, or one that would not count.
pub fn prove_listed(
    key: &Path,
    allowed: &Path,
    candidates: &[String],
    at: Instant,
) -> Result<Found, SignatureError> {
    let sample = Sample(std::env::temp_dir().join(format!("gate-{}.sig", std::process::id())));
    // What a killed run with this number left behind.
    let _ = std::fs::remove_file(&sample.0);
    let (bytes, purpose) = (SAMPLE, Purpose::Evidence);
    sign(bytes, purpose, key, &sample.0)?;
    let path = sample.0.as_path();
    let signed = Signed {
        bytes,
        path,
        purpose,
    };
    verify(signed, allowed, candidates, at)
}

/// What is signed to see whether a signature would count: no evidence.
const SAMPLE: &[u8] = b"gate: whose key is this?\n";

/// A signature that nobody keeps.
struct Sample(PathBuf);

impl Drop for Sample {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Where the signature of a file goes: beside it.
#[must_use]
pub fn place(signed: &Path) -> PathBuf {
    let mut name = signed.file_name().unwrap_or_default().to_os_string();
    name.push(".sig");
    signed.with_file_name(name)
}

/// Signs bytes with a key for a purpose, and writes the signature to a new file, synced. Questions (a passphrase, a touch) go to the
/// terminal, or to `SSH_ASKPASS`.
///
/// # Errors
/// No program, no signature, or no room for it.
pub fn sign(
    bytes: &[u8],
    purpose: Purpose,
    key: &Path,
    target: &Path,
) -> Result<(), SignatureError> {
    let scratch = Scratch::holding(bytes, target)?;
    let mut command = Command::new(PROGRAM);
    command.args(["-q", "-Y", "sign", "-n", purpose.namespace(), "-f"]);
    command.arg(key).arg(&scratch.unsigned);
    command.stdout(Stdio::null()).stderr(Stdio::inherit());
    let status = command.status().map_err(SignatureError::Program)?;
    let not_signed = |said: String| SignatureError::NotSigned {
        key: key.display().to_string(),
        said,
    };
    if !status.success() {
        return Err(not_signed(format!("it ended with {status}; see above")));
    }
    let signature = std::fs::read(&scratch.signature)
        .map_err(|error| not_signed(format!("its signature cannot be read: {error}")))?;
    write_new(target, &signature).map_err(|error| SignatureError::NotKept(error.to_string()))
}

/// The bytes to sign, in a file under a hidden name beside the target, with the signature beside it. Both are removed again.
struct Scratch {
    unsigned: PathBuf,
    signature: PathBuf,
}

impl Scratch {
    /// Neither what a killed run left behind nor another run's file blocks it.
    fn holding(bytes: &[u8], target: &Path) -> Result<Self, SignatureError> {
        let mut made = Self::numbered(target, 0);
        for number in 1..MAX_SCRATCHES {
            match &made {
                Err((_, source)) if source.kind() == io::ErrorKind::AlreadyExists => {
                    made = Self::numbered(target, number);
                }
                _ => break,
            }
        }
        let failed = |path: &Path, source| SignatureError::Scratch {
            path: path.display().to_string(),
            source,
        };
        let (scratch, mut file) = made.map_err(|(path, source)| failed(&path, source))?;
        match file.write_all(bytes) {
            Ok(()) => Ok(scratch),
            Err(source) => Err(failed(&scratch.unsigned, source)),
        }
    }

    fn numbered(target: &Path, number: u32) -> Result<(Self, File), (PathBuf, io::Error)> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let name = format!(".{name}.{}-{number}.unsigned", std::process::id());
        let unsigned = target.with_file_name(&name);
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).open(&unsigned) {
            Err(source) => Err((unsigned, source)),
            Ok(file) => Ok((
                Self {
                    signature: target.with_file_name(format!("{name}.sig")),
                    unsigned,
                },
                file,
            )),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A process killed in between leaves this file, whose name is then not used again.
        let _ = std::fs::remove_file(&self.signature);
        let _ = std::fs::remove_file(&self.unsigned);
    }
}

/// Who signed: the principals whose key made the signature by a file of allowed signers, and who were allowed to for this
/// purpose at the given time. Where the file says `*@example.com`, those of `candidates` that match.
///
/// # Errors
/// No program, or a signature that does not count, with the reason.
pub fn verify(
    signed: Signed<'_>,
    allowed: &Path,
    candidates: &[String],
    at: Instant,
) -> Result<Found, SignatureError> {
    let key = fits(signed)?;
    let at = verify_time(at);
    let listed = asked_about(signed, allowed, candidates, &at)?;
    if listed.is_empty() {
        let shown = allowed.display();
        let reason = format!("nobody in {shown} has the key {key} at that time");
        return Err(SignatureError::Refused(reason));
    }
    let (mut principals, mut reasons) = (Vec::new(), Vec::new());
    for principal in listed {
        let mut command = Command::new(PROGRAM);
        let namespace = signed.purpose.namespace();
        command.args(["-Y", "verify", "-n", namespace, "-I", &principal]);
        command.args(at.iter()).arg("-f").arg(allowed);
        let output = fed(command.arg("-s").arg(signed.path), signed.bytes)?;
        if output.status.success() {
            principals.push(principal);
        } else {
            reasons.push(format!("{principal}: {}", words(&output)));
        }
    }
    if principals.is_empty() {
        let (shown, said) = (allowed.display(), reasons.join("; "));
        let advice = if said.contains("namespace") {
            "; write namespaces=\"gate,gate-approval\" there"
        } else {
            ""
        };
        let reason =
            format!("{shown} has the key {key}, but does not let it sign this ({said}){advice}");
        return Err(SignatureError::Refused(reason));
    }
    Ok(Found { principals, key })
}

/// The names that the key may sign under: `ssh-keygen` names those of one line only. Where a line has a pattern, the candidates
/// too.
fn asked_about(
    signed: Signed<'_>,
    allowed: &Path,
    candidates: &[String],
    at: &[String],
) -> Result<Vec<String>, SignatureError> {
    let mut names = find_principals(signed, allowed, at)?;
    names.extend(signers_list::listed(allowed, signed.path));
    if names.iter().any(|name| is_pattern(name)) {
        names.extend(candidates.iter().cloned());
    }
    names.retain(|name| !is_pattern(name));
    names.sort();
    names.dedup();
    Ok(names)
}

/// Whether a name in a list of allowed signers stands for several, or for all but some.
fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '!'])
}

fn find_principals(
    signed: Signed<'_>,
    allowed: &Path,
    at: &[String],
) -> Result<Vec<String>, SignatureError> {
    let mut command = Command::new(PROGRAM);
    command.args(["-Y", "find-principals"]).args(at);
    command.arg("-f").arg(allowed).arg("-s").arg(signed.path);
    let output = fed(&mut command, signed.bytes)?;
    let found = String::from_utf8_lossy(&output.stdout);
    Ok(found.lines().map(str::to_owned).collect())
}

/// Whether a signature matches what it is of, whoever made it: the key's fingerprint.
///
/// # Errors
/// No program, or a signature that does not match.
pub fn fits(signed: Signed<'_>) -> Result<String, SignatureError> {
    bounded::open(signed.path).map_err(|error| {
        let shown = signed.path.display();
        SignatureError::Refused(format!("{shown} cannot be read: {error}"))
    })?;
    let mut command = Command::new(PROGRAM);
    let namespace = signed.purpose.namespace();
    command.args(["-Y", "check-novalidate", "-n", namespace, "-s"]);
    let output = fed(command.arg(signed.path), signed.bytes)?;
    if !output.status.success() {
        return Err(SignatureError::Refused(words(&output)));
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut said = said.split_whitespace();
    let key = said.find(|word| word.starts_with("SHA256:"));
    let unnamed = || SignatureError::Refused("its key has no fingerprint".to_owned());
    Ok(key.ok_or_else(unnamed)?.to_owned())
}

/// Runs a command on bytes.
fn fed(command: &mut Command, bytes: &[u8]) -> Result<Output, SignatureError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .map_err(SignatureError::Program)?;
    if let Some(mut stdin) = child.stdin.take() {
        // If it refuses the signature at once, it does not read what was signed.
        let _ = stdin.write_all(bytes);
    }
    child.wait_with_output().map_err(SignatureError::Program)
}

/// What the program said, on one line.
fn words(output: &Output) -> String {
    let said = [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes));
    let said = said.join(" ");
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The option that sets the time, in this machine's zone, as `ssh-keygen` expects it.
fn verify_time(at: Instant) -> Vec<String> {
    let time = Local.timestamp_millis_opt(at.millis()).single();
    let option = time.map(|time| format!("-Overify-time={}", time.format("%Y%m%d%H%M%S")));
    option.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_lies_beside_what_is_signed() {
        let signed = Path::new("e/20261120T140000Z-go.json");
        assert_eq!(place(signed), Path::new("e/20261120T140000Z-go.json.sig"));
    }

    #[test]
    fn a_missing_key_is_noticed_at_once() {
        let error = prove(Path::new("/no/key")).expect_err("no key").to_string();
        assert!(error.contains("/no/key"), "{error}");
    }
}
