//! Standard error: what went wrong, in words, with control characters escaped, wrapped where a person reads it.

use std::io::Write;

use crate::exit::Exit;
use crate::plan::{Problem, render};
use crate::report::{escape, fold};

use super::surroundings::{self, Look};

/// Prints one message.
pub fn say(message: &str) {
    write(&(shown(message, surroundings::stderr_width()) + "\n"));
}

/// One message as it is shown: wrapped on a terminal of so many columns; elsewhere on one line, where programs search for it.
pub fn shown(message: &str, columns: Option<usize>) -> String {
    let message = escape(message);
    match columns {
        Some(columns) => fold(&message, columns),
        None => message,
    }
}

/// Shows the problems of a plan at their places.
pub fn draw(path: &str, text: &[u8], problems: &[Problem], look: Look) {
    if !problems.is_empty() {
        write(&render(
            path,
            &String::from_utf8_lossy(text),
            problems,
            look.colour,
            look.width,
        ));
    }
}

/// At most this many codes are named.
const MAX_CODES: usize = 3;

/// How to have codes explained that were printed, once for all of them.
pub fn say_where_explained(codes: &[&str]) {
    let mut each: Vec<&str> = Vec::new();
    for code in codes {
        if !each.contains(code) {
            each.push(code);
        }
    }
    each.truncate(MAX_CODES);
    if !each.is_empty() {
        say(&format!("explained by: gate explain {}", each.join(" ")));
    }
}

/// If standard error is closed, nobody misses it.
fn write(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// An internal failure ends with its own exit code, never with one that means a verdict.
pub fn fail_on_panic() {
    std::panic::set_hook(Box::new(|info| {
        say(&format!(
            "no verdict was reached: an internal failure, please report it: {info}"
        ));
        std::process::exit(i32::from(Exit::Unrecorded.code()));
    }));
}
