//! Texts that the program itself holds, on standard output. Must not compose them.

use super::diagnostics::say;
use crate::exit::Exit;
use crate::output::{OutputError, print_stdout};

/// Prints a text; `what` it is, for the case that it cannot be printed.
pub fn printed(what: &str, text: &str) -> Exit {
    let Err(error) = print_stdout(text) else {
        return Exit::Go;
    };
    let reason = if let OutputError::Stdout(source) = &error {
        format!("standard output cannot be written: {source}")
    } else {
        error.to_string()
    };
    say(&format!("{what} could not be printed: {reason}"));
    Exit::Unrecorded
}
