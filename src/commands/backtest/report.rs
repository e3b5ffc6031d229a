//! `--report` of a backtest. Must not count.

use anyhow::anyhow;

use crate::backtest::Backtest;
use crate::cli::{BacktestArgs, BacktestKind};
use crate::commands::surroundings::Surroundings;
use crate::output::{OutputError, Target};
use crate::report::backtest::{csv, html, json};
use crate::report::escape;

/// The places, proved writable before a source is asked.
pub(super) fn prove(
    arguments: &BacktestArgs,
    surroundings: &Surroundings,
) -> Result<Vec<(BacktestKind, Target)>, OutputError> {
    let overwrites = arguments.force || surroundings.in_ci;
    let prove = |report: &crate::cli::BacktestReport| {
        let target = if overwrites {
            Target::any_file(&report.path)?
        } else {
            Target::new_file(&report.path)?
        };
        Ok((report.kind, target))
    };
    arguments.reports.iter().map(prove).collect()
}

/// Writes them.
pub(super) fn write(
    reports: &[(BacktestKind, Target)],
    whole: &Backtest,
) -> Result<(), OutputError> {
    for (kind, target) in reports {
        let text = match kind {
            BacktestKind::Html => html(whole),
            BacktestKind::Csv => csv(whole),
            BacktestKind::Json => json(whole),
        };
        target.write(&text)?;
    }
    Ok(())
}

/// Why something was not written. A backtest reaches no verdict and records none.
pub(super) fn unwritten(error: OutputError) -> anyhow::Error {
    let shown = |path: &std::path::Path| escape(&path.to_string_lossy());
    match error {
        OutputError::ReportExists(path) => anyhow!(
            "nothing was judged: the report `{}` already exists; overwrite it with --force, or choose another name with --report",
            shown(&path)
        ),
        OutputError::ReportTarget { path, source } => anyhow!(
            "nothing was judged: the report `{}` cannot be written: {source}; choose another place with --report",
            shown(&path)
        ),
        OutputError::Report { path, source } => anyhow!(
            "the report `{}` cannot be written: {source}; it was judged: run it again with another place, or from answers kept with --save",
            shown(&path)
        ),
        OutputError::Stdout(source) => {
            anyhow!(
                "what was judged could not be printed: standard output cannot be written: {source}"
            )
        }
        OutputError::Folder { .. }
        | OutputError::Evidence { .. }
        | OutputError::NamesTaken { .. }
        | OutputError::Exists(_)
        | OutputError::File { .. } => error.into(),
    }
}
