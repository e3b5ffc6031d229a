//! Lists that people keep: incidents and releases, as CSV or YAML, from ledgers, from selectors. Must not guess what a row means.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow, bail};

use crate::backtest::{Incident, Incidents, Release};
use crate::commands::bounded;
use crate::evaluate::History;
use crate::ledger;
use crate::samples::{Failure, Question};
use crate::units::Instant;

/// A list beyond this is refused unread.
const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// A row: its texts by column.
type Row = BTreeMap<String, String>;

/// The incidents of a file.
pub(super) fn incidents(named: &str) -> anyhow::Result<Vec<Incident>> {
    let read = |(number, row): (usize, Row)| {
        incident(&row).with_context(|| format!("{named}: row {number}"))
    };
    rows(Path::new(named), &["start", "end", "name", "stage"])?
        .into_iter()
        .map(read)
        .collect()
}

fn incident(row: &Row) -> anyhow::Result<Incident> {
    let (start, end) = (instant(row, "start")?, instant(row, "end")?);
    if end < start {
        bail!("the incident ends at {end}, before it starts at {start}");
    }
    let text = |key: &str| row.get(key).filter(|text| !text.is_empty()).cloned();
    Ok(Incident {
        name: text("name").unwrap_or_else(|| format!("incident of {start}")),
        start,
        end,
        stage: text("stage"),
    })
}

/// The releases of a file.
pub(super) fn releases(path: &Path) -> anyhow::Result<Vec<Release>> {
    let shown = path.display();
    let read = |(number, row): (usize, Row)| {
        let text = |key: &str| row.get(key).cloned().unwrap_or_default();
        let release = instant(&row, "started").map(|started| Release {
            name: text("name"),
            stage: text("stage"),
            started,
            outcome: text("outcome"),
        });
        let release = release.with_context(|| format!("{shown}: row {number}"))?;
        if release.stage.is_empty() {
            bail!("{shown}: row {number}: no `stage`");
        }
        Ok(release)
    };
    rows(path, &["stage", "started", "name", "outcome"])?
        .into_iter()
        .map(read)
        .collect()
}

/// The starts that a ledger holds.
pub(super) fn starts(path: &Path) -> anyhow::Result<Vec<Release>> {
    let shown = path.display();
    let bytes = bounded::read(path, bounded::MAX_BYTES)
        .with_context(|| format!("the ledger {shown} cannot be read"))?;
    let chain = ledger::line::read(&bytes)
        .map_err(|error| anyhow!("the ledger {shown} cannot be used: {error}"))?;
    let started = chain.ledger().entries().iter().filter_map(|entry| {
        let (stage, started) = entry.event.started()?;
        Some(Release {
            name: format!("#{}", entry.number),
            stage: stage.to_owned(),
            started,
            outcome: String::new(),
        })
    });
    Ok(started.collect())
}

/// When a selector finds something: each point, and what lies less than 5 minutes apart is one. Without an answer to all of it nobody
/// knows what is quiet: the first question that has none is returned with why.
pub(super) fn found<'q>(
    selector: &str,
    asked: &'q [Question],
    history: &History,
) -> Result<Vec<Incident>, (&'q Question, Failure)> {
    let mut spans = Vec::new();
    for question in asked {
        let reply = history.cut(question).map_err(|why| (question, why))?;
        let points = reply.series.iter().flat_map(|series| &series.points);
        let fires = points.filter(|point| point.value != 0.0 && !point.value.is_nan());
        spans.extend(fires.map(|point| (point.at, point.at)));
    }
    Ok(Incidents::joined(spans, selector))
}

fn instant(row: &Row, key: &str) -> anyhow::Result<Instant> {
    let text = row
        .get(key)
        .filter(|text| !text.is_empty())
        .with_context(|| format!("no `{key}`"))?;
    Instant::parse(text).with_context(|| format!("`{key}`"))
}

/// The rows of a table or list, numbered as people count them.
fn rows(path: &Path, known: &[&str]) -> anyhow::Result<Vec<(usize, Row)>> {
    let shown = path.display();
    let text = bounded::read(path, MAX_BYTES).with_context(|| format!("{shown} cannot be read"))?;
    let text = String::from_utf8(text).with_context(|| format!("{shown} is not UTF-8"))?;
    let is_csv = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let rows = if is_csv {
        of_csv(&text)
    } else {
        of_yaml(&text)
    };
    let rows = rows.with_context(|| format!("{shown} cannot be used"))?;
    for (number, row) in &rows {
        if let Some(other) = row.keys().find(|key| !known.contains(&key.as_str())) {
            bail!(
                "{shown}: row {number}: unknown column `{other}`; the columns are {}",
                known.join(", ")
            );
        }
    }
    Ok(rows)
}

fn of_csv(text: &str) -> anyhow::Result<Vec<(usize, Row)>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headings = reader.headers()?.clone();
    let mut rows = Vec::new();
    for (place, record) in reader.records().enumerate() {
        let record = record?;
        let cells = headings.iter().zip(&record);
        let row = cells
            .map(|(key, value)| (key.to_lowercase(), value.to_owned()))
            .collect();
        rows.push((place + 1, row));
    }
    Ok(rows)
}

fn of_yaml(text: &str) -> anyhow::Result<Vec<(usize, Row)>> {
    let list: Vec<BTreeMap<String, serde_yaml::Value>> = serde_yaml::from_str(text)?;
    let scalar = |value: serde_yaml::Value| match value {
        serde_yaml::Value::String(text) => Ok(text),
        serde_yaml::Value::Number(number) => Ok(number.to_string()),
        serde_yaml::Value::Null => Ok(String::new()),
        other => Err(anyhow!("expected a text, found {other:?}")),
    };
    let rows = list.into_iter().enumerate().map(|(place, row)| {
        let cells = row
            .into_iter()
            .map(|(key, value)| Ok((key, scalar(value)?)));
        Ok((place + 1, cells.collect::<anyhow::Result<Row>>()?))
    });
    rows.collect()
}
