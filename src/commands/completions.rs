//! `gate completions`: what a shell needs to complete the command line, made from its types. Must not install it.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::printed::printed;
use crate::cli::Cli;
use crate::exit::Exit;

/// Prints the script of one shell.
pub fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "gate", &mut script);
    printed("the completions", &String::from_utf8_lossy(&script))
}
