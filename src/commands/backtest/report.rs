//! `--report` of a backtest. Must not count.

use crate::backtest::Backtest;
use crate::cli::{BacktestArgs, BacktestKind};
use crate::commands::surroundings::Surroundings;
use crate::output::{OutputError, Target};
use crate::report::backtest::{csv, html, json};

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
