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

/// What tells a file that was touched: length, time, and the file itself.
pub type Trace = (u64, SystemTime, u64);

/// A file that bears no final name.
pub fn is_draft(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(".tmp")
}

/// Every file below a folder.
pub fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            below(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

/// As it stands on disk.
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

/// Whether a file says all that it has to say.
pub fn is_whole(path: &Path) -> Result<(), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match name.rsplit_once('.') {
        Some((_, "gz")) => unpacked(&bytes).and_then(|text| parsed(&text)).map(drop),
        Some((_, "json")) => is_whole_record(path, &parsed(&bytes)?),
        Some((_, "txt")) => text(&bytes),
        Some((_, "yaml")) => Ok(()),
        _ => Err("a kind of file that nothing is known about".to_owned()),
    }
}

fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let read = MultiGzDecoder::new(bytes).read_to_end(&mut text);
    read.map(|_| text).map_err(|error| error.to_string())
}

fn parsed(text: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

/// The printed text ends with the line that says when and by what.
fn text(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let last = text.lines().last().unwrap_or_default();
    let whole = last.starts_with("evaluated at") && text.ends_with('\n');
    if whole {
        Ok(())
    } else {
        Err(format!("it ends in `{last}`"))
    }
}

/// Where a record is, the printed text and the answers are too, and these are the answers.
fn is_whole_record(path: &Path, record: &Value) -> Result<(), String> {
    if !path.with_extension("txt").exists() {
        return Err("a record without its text".to_owned());
    }
    let name = record["answers"]["path"]
        .as_str()
        .ok_or("it names no answers")?;
    let answers = fs::read(path.with_file_name(name)).map_err(|error| error.to_string())?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &answers);
    let mut hex = String::new();
    for byte in digest.as_ref() {
        write!(hex, "{byte:02x}").expect("text");
    }
    if record["answers"]["sha256"] == hex.as_str() {
        Ok(())
    } else {
        Err("these are not its answers".to_owned())
    }
}
