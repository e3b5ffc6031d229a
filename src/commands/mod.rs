//! Where the stages meet: arguments in, exit code out. The one place that reads the clock and the environment.
//!
//! One file per subcommand, with a folder beside it for its own parts. Several share: `deeds` (what people do,
//! recorded), `judging` (from the command line to plans that are ready to be judged), `home` (where ledger and evidence are), `ledger_file`, `evidence_file`,
//! `signature`, `signed_approval`, `signers_list`, `load` (plans), `surroundings`, `identity`, `who`, `interrupt`, `progress`, `diagnostics`, `telling` (who is told), `printed` (texts that the program itself holds).

mod approve;
mod backtest;
mod capture;
mod check;
mod completions;
mod confirm;
mod deeds;
mod diagnostics;
mod evidence_file;
mod explain;
mod home;
mod identity;
mod import;
mod incident;
mod init;
mod interrupt;
mod judging;
mod ledger;
mod ledger_file;
mod load;
mod man;
mod note;
mod overrule;
mod pause;
mod printed;
mod progress;
mod records;
mod report;
mod resume;
mod rollback;
mod schema;
mod signature;
mod signatures_of;
mod signed_approval;
mod signers_list;
mod start;
mod status;
mod supersede;
mod surroundings;
mod telling;
mod test;
mod validate;
mod verify;
mod watch;
mod who;

use crate::bounded;
use crate::cli::{Cli, Command};
use crate::exit::Exit;

pub use diagnostics::fail_on_panic;
pub use surroundings::Surroundings;

/// Runs a command. `words` is the command line as given, for the record.
#[must_use]
pub fn run(cli: &Cli, words: &[String], surroundings: &Surroundings) -> Exit {
    crate::http::install_crypto();
    let exit = match &cli.command {
        Command::Check(arguments) => awaited(check::check(arguments, words, surroundings)),
        Command::Watch(arguments) => awaited(watch::watch(arguments, words, surroundings)),
        Command::Validate(arguments) => awaited(validate::validate(arguments, surroundings)),
        Command::Test(arguments) => test::test(arguments, surroundings),
        Command::Explain(arguments) => explain::explain(arguments, surroundings),
        Command::Init(arguments) => awaited(init::init(arguments, surroundings)),
        Command::Status(arguments) => status::status(arguments, surroundings),
        Command::Capture(arguments) => awaited(capture::capture(arguments, surroundings)),
        Command::Backtest(arguments) => awaited(backtest::backtest(arguments, words, surroundings)),
        Command::Tune(arguments) => awaited(backtest::tune(arguments, words, surroundings)),
        Command::Verify(arguments) => verify::verify(arguments, surroundings),
        Command::Report(arguments) => report::report(arguments, surroundings),
        Command::Import(arguments) => import::import(arguments),
        Command::Schema(arguments) => schema::schema(arguments.of),
        Command::Start(arguments) => deeds::record(arguments, surroundings),
        Command::Confirm(arguments) => deeds::record(arguments, surroundings),
        Command::Approve(arguments) => awaited(approve::approve(arguments, words, surroundings)),
        Command::Incident(arguments) => incident::incident(arguments, surroundings),
        Command::Pause(arguments) => pause::pause(arguments, surroundings),
        Command::Resume(arguments) => resume::resume(arguments, surroundings),
        Command::Rollback(arguments) => deeds::record(arguments, surroundings),
        Command::Supersede(arguments) => deeds::record(arguments, surroundings),
        Command::Override(arguments) => deeds::record(arguments, surroundings),
        Command::Note(arguments) => deeds::record(arguments, surroundings),
        Command::Records(arguments) => records::records(arguments, surroundings),
        Command::Ledger(arguments) => ledger::ledger(arguments, surroundings),
        Command::Completions(arguments) => completions::completions(arguments.shell),
        Command::Man(arguments) => man::man(arguments),
    };
    if let (Some(place), false) = (&cli.records, exit == Exit::Usage) {
        diagnostics::say(&format!(
            "each command on these records needs --records {place}, or GATE_RECORDS={place}"
        ));
    }
    exit
}

/// Runs a command that asks a source. The others need no workers, and are over before those would have begun.
fn awaited(command: impl Future<Output = Exit>) -> Exit {
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
    let exit = runtime.block_on(command);
    // A hanging name lookup must not keep a finished run from ending.
    runtime.shutdown_background();
    exit
}

/// Answers are decoded while others are awaited; more workers would only contend for the same bytes.
const WORKERS: usize = 2;
