//! Standard output. Must not panic if the reader has gone away.

use std::io::{self, Write};

use super::OutputError;

/// Writes text to standard output and flushes it. A closed pipe (`gate check | head -1`) is not an error: whoever closed
/// it has read enough, and the exit code stays the verdict's.
///
/// # Errors
/// Anything else that goes wrong, such as a full disk behind `>`.
pub fn print_stdout(text: &str) -> Result<(), OutputError> {
    settle(print(&mut io::stdout().lock(), text))
}

fn print(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn settle(outcome: io::Result<()>) -> Result<(), OutputError> {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(OutputError::Stdout(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_not_an_error() {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        drop(reader);
        assert!(settle(print(&mut writer, "GO\n")).is_ok());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_an_error() {
        let mut full = std::fs::File::create("/dev/full").expect("the device");
        let error = settle(print(&mut full, "GO\n")).expect_err("no room");
        assert!(
            error
                .to_string()
                .starts_with("the verdict could not be printed")
        );
    }
}
