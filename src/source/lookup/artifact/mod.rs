//! A file as found: size, age, digest, and what is to be read from it. Must not judge it.

mod junit;
mod sarif;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::file::{Halt, Taken};
use super::json;
use crate::findings::File;
use crate::http::Fault;

/// What to read from a file besides its size, age and digest.
#[derive(Default)]
pub(super) struct Content {
    /// Test results.
    pub(super) junit: bool,
    /// Findings by level.
    pub(super) sarif: bool,
    /// The values at these JSON pointers.
    pub(super) pointers: Vec<String>,
}

/// Looks at a file; symbolic links are followed.
pub(super) fn read(path: &Path, wanted: &Content, halt: &Halt) -> Result<File, Fault> {
    let Content {
        junit,
        sarif,
        pointers,
    } = wanted;
    let by_pointer = !pointers.is_empty();
    let taken = Taken::read(path, *junit || *sarif || by_pointer, halt)?;
    let text = taken.text();
    Ok(File {
        bytes: taken.bytes,
        modified: taken.modified,
        junit: junit.then(|| text.clone().and_then(junit::count)),
        sarif: sarif.then(|| text.clone().and_then(sarif::count)),
        json: by_pointer.then(|| text.clone().and_then(|text| values(text, pointers))),
        sha256: taken.sha256,
    })
}

/// The value at each pointer as compact JSON text.
fn values(text: &[u8], pointers: &[String]) -> Result<BTreeMap<String, Option<String>>, String> {
    let document = json::read(text).map_err(|error| error.to_string())?;
    let values = pointers.iter().map(|pointer| {
        let value = document.pointer(pointer).map(Value::to_string);
        (pointer.clone(), value)
    });
    Ok(values.collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::samples::FailureCode;

    fn found(bytes: &[u8], content: &Content) -> File {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, bytes).expect("a file");
        read(&path, content, &Halt::default()).expect("readable")
    }

    #[test]
    fn a_file_is_known_by_its_digest() {
        let file = found(b"abc", &Content::default());
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((file.bytes, file.sha256.as_str()), (3, known));
        assert_eq!((file.junit, file.sarif, file.json), (None, None, None));
    }

    #[test]
    fn a_missing_file_differs_from_one_that_is_not_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let code = |path: &Path| {
            let fault = read(path, &Content::default(), &Halt::default());
            fault.expect_err("no file").code
        };
        assert_eq!(code(&folder.path().join("none")), FailureCode::FileMissing);
        assert_eq!(code(folder.path()), FailureCode::FileUnreadable);
    }

    #[test]
    fn values_are_read_by_pointer_and_garbled_text_is_said_to_be() {
        let content = Content {
            pointers: vec!["/a/0".into(), "/b".into()],
            ..Content::default()
        };
        let json = |text: &[u8]| found(text, &content).json.expect("asked for");
        let values = json(br#"{"a":["x",1]}"#).expect("JSON");
        assert_eq!(values["/a/0"].as_deref(), Some("\"x\""));
        assert_eq!(values["/b"], None);
        assert!(json(b"{\"a\":").is_err() && json(b"").is_err());
    }

    #[test]
    fn m14c_a_key_that_is_there_twice_makes_the_file_unreadable() {
        let content = Content {
            pointers: vec!["/failed".into()],
            ..Content::default()
        };
        let twice = found(br#"{"failed":4,"failed":0}"#, &content).json;
        let reason = twice.expect("asked for").expect_err("a doubt");
        assert!(reason.contains("`failed` twice"), "{reason}");
    }
}
