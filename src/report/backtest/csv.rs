//! A backtest as a table: a row for each start and criterion; releases that were begun come last, with their names. Must not round.

use crate::backtest::{Backtest, CriterionTried, Tried};
use crate::report::csv::text as csv_cell;

const HEADINGS: [&str; 12] = [
    "stage",
    "start",
    "end",
    "release",
    "verdict",
    "stop_at",
    "list",
    "kpi",
    "condition",
    "outcome",
    "value",
    "critical",
];

/// The table.
#[must_use]
pub fn csv(whole: &Backtest) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    // Memory takes all rows, and each is as wide as the headings.
    let _ = writer.write_record(HEADINGS);
    let pretended = whole.gates.iter().map(|(tried, _)| (tried, None));
    let begun = whole.releases.iter().map(|(tried, all)| (tried, Some(all)));
    for (tried, releases) in pretended.chain(begun) {
        for time in 0..tried.outcomes.len() {
            let release = releases.and_then(|all| all.get(time));
            let name = release.map_or("", |release| release.name.as_str());
            for criterion in &tried.criteria {
                if let Some(cells) = row(tried, criterion, (time, name)) {
                    let _ = writer.write_record(&cells);
                }
            }
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn row(
    tried: &Tried,
    criterion: &CriterionTried,
    (time, release): (usize, &str),
) -> Option<[String; 12]> {
    let trial = tried.trials.times.get(time)?;
    let outcome = tried.outcomes.get(time)?;
    let judged = criterion.swept.judged.get(time)?;
    let number = |value: Option<f64>| value.map_or_else(String::new, shown);
    Some([
        csv_cell(&tried.stage),
        trial.started.map_or_else(String::new, |at| at.to_string()),
        trial.at.to_string(),
        csv_cell(release),
        outcome.verdict.to_string(),
        outcome
            .stop
            .map_or_else(String::new, |(at, _)| at.to_string()),
        criterion.list.to_string(),
        csv_cell(&criterion.name),
        csv_cell(&criterion.condition),
        judged.outcome.to_string(),
        number(judged.value),
        number(judged.critical),
    ])
}

fn shown(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    format!("{value:?}")
}
