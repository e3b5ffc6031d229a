//! Where the stages meet: arguments in, exit code out. The one place that reads the clock and the environment.

mod attest;
mod capture;
mod check;
mod diagnostics;
mod identity;
mod interrupt;
mod job;
mod journal;
mod known;
mod ledger;
mod load;
mod online;
mod ordered;
mod people;
mod progress;
mod remember;
mod report;
mod reports;
mod select;
mod signature;
mod status;
mod surroundings;
mod validate;
mod verify;
mod who;

use crate::cli::{Cli, Command, SchemaOf};
use crate::exit::Exit;

pub use diagnostics::fail_on_panic;
pub use surroundings::Surroundings;

/// Runs a command. `words` is the command line as it was given, for the record.
#[must_use]
pub fn run(cli: &Cli, words: &[String], surroundings: &Surroundings) -> Exit {
    crate::http::install_crypto();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            diagnostics::say(&format!(
                "no verdict was reached: the program cannot start its workers: {error}"
            ));
            return Exit::Unrecorded;
        }
    };
    let exit = match &cli.command {
        Command::Check(arguments) => runtime.block_on(check::check(arguments, words, surroundings)),
        Command::Validate(arguments) => {
            runtime.block_on(validate::validate(arguments, surroundings))
        }
        Command::Status(arguments) => status::status(arguments, surroundings),
        Command::Capture(arguments) => runtime.block_on(capture::capture(arguments, surroundings)),
        Command::Verify(arguments) => verify::verify(arguments, surroundings),
        Command::Report(arguments) => report::report(arguments, surroundings),
        Command::Schema(arguments) => schema(arguments.of),
        Command::Start(arguments) => people::start(arguments, surroundings),
        Command::Confirm(arguments) => people::confirm(arguments, surroundings),
        Command::Approve(arguments) => people::approve(arguments, surroundings),
        Command::Incident(arguments) => people::incident(arguments, surroundings),
        Command::Pause(arguments) => people::pause(arguments, surroundings),
        Command::Resume(arguments) => people::resume(arguments, surroundings),
        Command::Rollback(arguments) => people::rollback(arguments, surroundings),
        Command::Override(arguments) => people::overrule(arguments, surroundings),
        Command::Note(arguments) => people::note(arguments, surroundings),
        Command::Ledger(arguments) => ledger::ledger(arguments, surroundings),
    };
    // A name look-up that hangs must not keep a finished run from ending.
    runtime.shutdown_background();
    exit
}

/// `gate schema`.
fn schema(of: SchemaOf) -> Exit {
    let text = match of {
        SchemaOf::Plan => crate::schema::PLAN,
        SchemaOf::Evidence => crate::schema::EVIDENCE,
        SchemaOf::Ledger => crate::schema::LEDGER,
    };
    match crate::output::print_stdout(text) {
        Ok(()) => Exit::Go,
        Err(error) => {
            diagnostics::say(&format!("the schema could not be printed: {error}"));
            Exit::Unrecorded
        }
    }
}

/// Answers are decoded beside the asking; more workers only contend for the same bytes.
const WORKERS: usize = 2;
