//! Whether the files of a workplace are whole: one rule for each kind of file.
//!
//! Must not use the crate under test.

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::chain;

/// What reveals that a file was touched: length, time, and the file itself.
pub type Trace = (u64, SystemTime, u64);

/// A file without a final name: a draft, or what `ssh-keygen` is to sign.
pub fn is_draft(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let endings = [".tmp", ".unsigned", ".unsigned.sig"];
    name.starts_with('.') && endings.iter().any(|ending| name.ends_with(ending))
}

/// Every file below a folder, which may not exist.
pub fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            below(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

/// As it is on disk.
#[cfg(unix)]
pub fn trace(path: &Path) -> Trace {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::symlink_metadata(path).expect("a file");
    (
        metadata.len(),
        metadata.modified().expect("a time"),
        metadata.ino(),
    )
}

/// Whether a file is complete.
pub fn is_whole(path: &Path) -> Result<(), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match name.rsplit_once('.') {
        Some((_, "gz")) => unpacked(&bytes).and_then(|text| parsed(&text)).map(drop),
        Some((_, "json")) => is_whole_document(path, &parsed(&bytes)?),
        Some((rest, "jsonl")) if rest.ends_with(".ledger") => {
            let entries = chain::entries(&bytes)?;
            chain::evidence_lies_there(path, &entries)
        }
        Some((_, "jsonl")) => bytes
            .split_inclusive(|byte| *byte == b'\n')
            .try_for_each(|line| parsed(line).map(drop)),
        Some((_, "txt")) => text(&bytes),
        Some((_, "html")) => ends(&bytes, "</html>"),
        Some((_, "xml")) => ends(&bytes, "</testsuites>"),
        Some((_, "sig")) => ends(&bytes, "-----END SSH SIGNATURE-----"),
        // The record says whether the copy of the plan is whole; tables and prose have no end mark.
        Some((_, "yaml" | "csv" | "md")) => ends(&bytes, ""),
        _ => Err("a kind of file that nothing is known about".to_owned()),
    }
}

fn ends(bytes: &[u8], mark: &str) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let whole = !text.is_empty() && text.trim_end().ends_with(mark);
    if whole {
        Ok(())
    } else {
        Err(format!("it does not end in `{mark}`"))
    }
}

/// SHA-256 in lower-case hex digits.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("text");
        hex
    })
}

fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let read = MultiGzDecoder::new(bytes).read_to_end(&mut text);
    read.map(|_| text).map_err(|error| error.to_string())
}

fn parsed(text: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

/// The printed text ends with the verdict that it begins with, and what is next.
fn text(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
    let verdict = text.split(' ').next().unwrap_or_default();
    let whole = last.starts_with(verdict) && text.ends_with('\n') && text.contains("evaluated at");
    if whole {
        Ok(())
    } else {
        Err(format!("it ends in `{last}`"))
    }
}

/// With a record come the printed text, the plan and the answers that it names. Other documents need only be whole.
fn is_whole_document(path: &Path, document: &Value) -> Result<(), String> {
    if document["schema"] != "gate.evidence/v1" {
        return Ok(());
    }
    if !path.with_extension("txt").exists() {
        return Err("a record without its text".to_owned());
    }
    names(path, &document["plan"]["copy"], &document["plan"]["sha256"])?;
    names(
        path,
        &document["answers"]["path"],
        &document["answers"]["sha256"],
    )
}

/// Whether the named file is beside the record, with that digest.
fn names(path: &Path, name: &Value, digest: &Value) -> Result<(), String> {
    let name = name.as_str().ok_or("a file is not named")?;
    let bytes = fs::read(path.with_file_name(name)).map_err(|error| format!("{name}: {error}"))?;
    if *digest == sha256(&bytes).as_str() {
        Ok(())
    } else {
        Err(format!("{name} is another one"))
    }
}
