//! Detached signatures of evidence, made and checked as in git, by running `ssh-keygen`: encrypted keys, agents and
//! hardware keys work, and any other `ssh-keygen` can check them. Must not know a key, nor decide whose signature counts.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chrono::{Local, TimeZone};
use thiserror::Error;

use crate::output::write_new;
use crate::units::Instant;

/// What a signature is for: one made for another purpose does not count.
const NAMESPACE: &str = "gate";

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
    std::fs::File::open(key).map_err(|source| SignatureError::Key {
        path: key.display().to_string(),
        source,
    })?;
    Ok(())
}

/// Where the signature of a file goes: beside it, with `.ROLE` before `.sig` if somebody signs in a role.
#[must_use]
pub fn place(signed: &Path, role: Option<&str>) -> PathBuf {
    let mut name = signed.file_name().unwrap_or_default().to_os_string();
    if let Some(role) = role {
        name.push(format!(".{}", file_word(role)));
    }
    name.push(".sig");
    signed.with_file_name(name)
}

/// A role as part of a file name: anything but letters, digits, `-` and `_` becomes `%XX`.
pub fn file_word(role: &str) -> String {
    role.bytes()
        .map(|byte| match byte {
            b'-' | b'_' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// Signs bytes with a key, and writes the signature to a new file, synced. Questions (a passphrase, a touch) go to the
/// terminal, or to `SSH_ASKPASS`.
///
/// # Errors
/// No program, no signature, or no room for it.
pub fn sign(bytes: &[u8], key: &Path, target: &Path) -> Result<(), SignatureError> {
    let scratch = Scratch::holding(bytes, target)?;
    let mut command = Command::new(PROGRAM);
    command.args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"]);
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

/// Who signed: the principal in a file of allowed signers whose key made the signature, and who was allowed to at the given
/// time. If principals are given, one of them.
///
/// # Errors
/// No program, or a signature that does not count, with the reason.
pub fn verify(
    bytes: &[u8],
    signature: &Path,
    allowed: &Path,
    wanted: &[String],
    at: Instant,
) -> Result<String, SignatureError> {
    let at = verify_time(at);
    let principals = match wanted {
        [] => find_principals(bytes, signature, allowed, &at)?,
        wanted => wanted.to_vec(),
    };
    let mut reasons = Vec::new();
    for principal in principals {
        let mut command = Command::new(PROGRAM);
        command.args(["-Y", "verify", "-n", NAMESPACE, "-I", &principal]);
        command.args(at.iter()).arg("-f").arg(allowed);
        let output = fed(command.arg("-s").arg(signature), bytes)?;
        if output.status.success() {
            return Ok(principal);
        }
        reasons.push(format!("{principal}: {}", words(&output)));
    }
    Err(SignatureError::Refused(reasons.join("; ")))
}

fn find_principals(
    bytes: &[u8],
    signature: &Path,
    allowed: &Path,
    at: &[String],
) -> Result<Vec<String>, SignatureError> {
    let mut command = Command::new(PROGRAM);
    command.args(["-Y", "find-principals"]).args(at);
    command.arg("-f").arg(allowed).arg("-s").arg(signature);
    let output = fed(&mut command, bytes)?;
    let found = String::from_utf8_lossy(&output.stdout);
    let found: Vec<String> = found.lines().map(str::to_owned).collect();
    if !output.status.success() || found.is_empty() {
        let shown = allowed.display();
        let reason = format!("nobody in {shown} has this key: {}", words(&output));
        return Err(SignatureError::Refused(reason));
    }
    Ok(found)
}

/// Whether a signature matches bytes, whoever made it: the key's fingerprint.
///
/// # Errors
/// No program, or a signature that does not match.
pub fn fits(bytes: &[u8], signature: &Path) -> Result<String, SignatureError> {
    let mut command = Command::new(PROGRAM);
    command.args(["-Y", "check-novalidate", "-n", NAMESPACE, "-s"]);
    let output = fed(command.arg(signature), bytes)?;
    if !output.status.success() {
        return Err(SignatureError::Refused(words(&output)));
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let key = said
        .split_whitespace()
        .find(|word| word.starts_with("SHA256:"));
    Ok(key.unwrap_or("an unnamed key").to_owned())
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
        assert_eq!(
            place(signed, None),
            Path::new("e/20261120T140000Z-go.json.sig")
        );
        assert_eq!(
            place(signed, Some("product")),
            Path::new("e/20261120T140000Z-go.json.product.sig")
        );
        assert_eq!(
            place(signed, Some("../a b")),
            Path::new("e/20261120T140000Z-go.json.%2E%2E%2Fa%20b.sig")
        );
    }

    #[test]
    fn a_missing_key_is_noticed_at_once() {
        let error = prove(Path::new("/no/key")).expect_err("no key").to_string();
        assert!(error.contains("/no/key"), "{error}");
    }
}
