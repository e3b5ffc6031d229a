//! Files that must not be waited for: only regular files are read, and only up to a size. A pipe in the place of a file would
//! be waited for without end, a device has no end. Must not know what is in them.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// More than any key, password, certificate or list of signers has.
pub const MAX_SMALL_BYTES: u64 = 16 * 1024 * 1024;
/// More than `gate` writes into any file of a check.
pub const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// Reads a regular file of at most `limit` bytes; symbolic links are followed.
///
/// # Errors
/// Anything else in its place, at once.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut file = open(path)?;
    let length = file.metadata()?.len();
    if length > limit {
        return Err(too_large(limit));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    (&mut file).take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

/// The same for text.
///
/// # Errors
/// As [`read`]; bytes that are not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    let bytes = read(path, limit)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Opens a regular file; symbolic links are followed.
///
/// # Errors
/// Anything else in its place, at once.
pub fn open(path: &Path) -> io::Result<File> {
    // Checked before it is opened: opening a pipe waits for its writer.
    is_regular(&std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    is_regular(&file.metadata()?)?;
    Ok(file)
}

fn is_regular(about: &Metadata) -> io::Result<()> {
    if about.is_file() {
        return Ok(());
    }
    let what = if about.is_dir() {
        "it is a folder"
    } else {
        "it is not a regular file"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

fn too_large(limit: u64) -> io::Error {
    let what = format!("it exceeds the {} MiB that it may have", limit >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_the_size_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "1234").expect("written");
        assert_eq!(read(&path, 4).expect("read"), b"1234");
        let large = read(&path, 3).expect_err("too large");
        assert_eq!(large.kind(), io::ErrorKind::FileTooLarge);
        let of = |path: &Path| read(path, 4).expect_err("no file").to_string();
        assert_eq!(of(folder.path()), "it is a folder");
        assert_eq!(of(Path::new("/dev/zero")), "it is not a regular file");
    }
}
