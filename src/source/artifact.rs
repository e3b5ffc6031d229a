//! A file as it is found: size, age, digest, and what is to be read out of it. Must not judge it.

use std::fs::{self, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use chrono::{DateTime, Utc};
use ring::digest::{Context, SHA256};
use serde_json::Value;

use super::failure::Fault;
use super::inquire::Halt;
use super::{junit, sarif};
use crate::findings::File;
use crate::samples::FailureCode;
use crate::units::Instant;

/// More than this is not taken apart; its digest is.
const MAX_CONTENT_BYTES: u64 = 64 << 20;
const CHUNK_BYTES: usize = 256 * 1024;

/// What is to be read out of a file beside its size, age and digest.
#[derive(Clone, Copy, Default)]
pub(super) struct Content<'a> {
    pub(super) junit: bool,
    pub(super) sarif: bool,
    pub(super) pointers: &'a [String],
}

/// Looks at a file; symbolic links are followed.
pub(super) fn read(path: &Path, wanted: Content<'_>, halt: &Halt) -> Result<File, Fault> {
    let keep = wanted.junit || wanted.sarif || !wanted.pointers.is_empty();
    let taken = take(path, keep, halt)?;
    let text = |what: fn(&[u8]) -> Result<_, String>| taken.kept().and_then(what);
    Ok(File {
        bytes: taken.bytes,
        modified: taken.modified,
        junit: wanted.junit.then(|| text(junit::count)),
        sarif: wanted.sarif.then(|| taken.kept().and_then(sarif::count)),
        json: (!wanted.pointers.is_empty())
            .then(|| taken.kept().and_then(|text| values(text, wanted.pointers))),
        sha256: taken.sha256,
    })
}

/// The whole of a file that people keep, such as an issue log.
pub(super) fn whole(path: &Path, halt: &Halt) -> Result<Vec<u8>, Fault> {
    let taken = take(path, true, halt)?;
    let size = taken.kept().map(|_| ());
    size.map_err(unreadable)?;
    Ok(taken.text)
}

/// A file that was read once from begin to end.
struct Taken {
    bytes: u64,
    modified: Instant,
    sha256: String,
    /// Its bytes, where they are wanted and not too many.
    text: Vec<u8>,
}

impl Taken {
    fn kept(&self) -> Result<&[u8], String> {
        if self.bytes > MAX_CONTENT_BYTES {
            return Err(format!("it has {} bytes, more than are read", self.bytes));
        }
        Ok(&self.text)
    }
}

fn unreadable(reason: impl std::fmt::Display) -> Fault {
    let message = format!("the file cannot be read: {reason}");
    Fault::last(FailureCode::FileUnreadable, message)
}

fn failed(error: &std::io::Error) -> Fault {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            Fault::last(FailureCode::FileMissing, "the file is not there")
        }
        _ => unreadable(error),
    }
}

fn take(path: &Path, keep: bool, halt: &Halt) -> Result<Taken, Fault> {
    // Looked at before it is opened: opening a pipe would wait for whoever writes into it.
    let regular = |about: &Metadata| {
        let refused = || unreadable("it is not a regular file");
        about.is_file().then_some(()).ok_or_else(refused)
    };
    regular(&fs::metadata(path).map_err(|error| failed(&error))?)?;
    let mut file = fs::File::open(path).map_err(|error| failed(&error))?;
    let about = file.metadata().map_err(|error| failed(&error))?;
    regular(&about)?;
    let mut taken = Taken {
        bytes: 0,
        modified: modified(&about)?,
        sha256: String::new(),
        text: Vec::new(),
    };
    stream(
        &mut file,
        &mut taken,
        keep && about.len() <= MAX_CONTENT_BYTES,
        halt,
    )?;
    if taken.bytes != about.len() {
        return Err(unreadable("it changed while it was read"));
    }
    Ok(taken)
}

fn modified(about: &Metadata) -> Result<Instant, Fault> {
    let time = about.modified().map_err(|error| failed(&error))?;
    Ok(Instant::from_millis(
        DateTime::<Utc>::from(time).timestamp_millis(),
    ))
}

fn stream(file: &mut fs::File, taken: &mut Taken, keep: bool, halt: &Halt) -> Result<(), Fault> {
    let mut digest = Context::new(&SHA256);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        if halt.is_called() {
            return Err(Fault::last(
                FailureCode::Interrupted,
                "the run was interrupted",
            ));
        }
        let count = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(&error)),
        };
        let read = chunk.get(..count).unwrap_or_default();
        digest.update(read);
        taken.bytes += count as u64;
        if keep && taken.bytes <= MAX_CONTENT_BYTES {
            taken.text.extend_from_slice(read);
        }
    }
    for byte in digest.finish().as_ref() {
        taken.sha256.push_str(&format!("{byte:02x}"));
    }
    Ok(())
}

fn values(
    text: &[u8],
    pointers: &[String],
) -> Result<std::collections::BTreeMap<String, Option<String>>, String> {
    let document: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let value = |pointer: &String| document.pointer(pointer).map(Value::to_string);
    Ok(pointers
        .iter()
        .map(|pointer| (pointer.clone(), value(pointer)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8], content: Content<'_>) -> File {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, bytes).expect("a file");
        read(&path, content, &Halt::default()).expect("readable")
    }

    #[test]
    fn a_file_is_known_by_its_digest() {
        let file = found(b"abc", Content::default());
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((file.bytes, file.sha256.as_str()), (3, known));
        assert_eq!((file.junit, file.sarif, file.json), (None, None, None));
    }

    #[test]
    fn what_is_no_file_is_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let code = |path: &Path| {
            let fault = read(path, Content::default(), &Halt::default());
            fault.expect_err("no file").code
        };
        assert_eq!(code(&folder.path().join("none")), FailureCode::FileMissing);
        assert_eq!(code(folder.path()), FailureCode::FileUnreadable);
    }

    #[test]
    fn values_are_read_by_pointer_and_garbled_text_is_said_to_be() {
        let pointers = ["/a/0".into(), "/b".into()];
        let content = Content {
            pointers: &pointers,
            ..Content::default()
        };
        let json = |text: &[u8]| found(text, content).json.expect("asked for");
        let values = json(br#"{"a":["x",1]}"#).expect("JSON");
        assert_eq!(values["/a/0"].as_deref(), Some("\"x\""));
        assert_eq!(values["/b"], None);
        assert!(json(b"{\"a\":").is_err() && json(b"").is_err());
    }
}
