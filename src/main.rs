//! The `gate` binary: arguments → run → exit code, nothing else.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    gate::commands::fail_on_panic();
    let cli = gate::cli::Cli::parse();
    let words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let surroundings = gate::commands::Surroundings::read(cli.records.as_deref());
    let exit = gate::commands::run(&cli, &words, &surroundings);
    ExitCode::from(exit.code())
}
