//! Key metrics: each KPI once, stage by stage, beside its limit and its stop. Shows what the checks found; must not judge again.

use super::stages::{StageFacts, metrics};
use crate::assessment::CriterionAssessment;
use crate::kind::List;
use crate::report::decided::ON_ITS_WAY;
use crate::report::measured::measured_alone;
use crate::report::series::is_good;
use crate::report::sheet::{Block, Cell, Sheet, Table};

/// More stages than this get a table of their own: a page has no more room.
const STAGES: usize = 6;
const HEADING: &str = "Key metrics";

/// The tables, and which evidence is missing.
pub(super) fn write(sheet: &mut Sheet, stages: &[StageFacts<'_>]) {
    sheet.blocks.push(Block::Heading(HEADING.to_owned()));
    for stage in stages {
        let unseen = stage.leaving.filter(|exit| exit.gate.is_none());
        sheet.blocks.extend(unseen.map(|exit| {
            Block::Warning(format!(
                "{}: the evidence of the check at {} is not among the files given",
                stage.name, exit.at
            ))
        }));
    }
    let seen =
        (stages.iter()).filter(|stage| stage.leaving.is_some_and(|exit| exit.gate.is_some()));
    let seen: Vec<&StageFacts<'_>> = seen.collect();
    let names = names(&seen);
    if names.is_empty() {
        let none = if seen.is_empty() {
            "no exit gate has been judged yet"
        } else {
            "no KPI is asked about"
        };
        sheet.blocks.push(Block::Text(none.to_owned()));
        return;
    }
    for stages in seen.chunks(STAGES) {
        sheet.blocks.push(Block::Table(table(&names, stages)));
    }
    sheet.blocks.push(Block::Text(
        "Measured is what the condition compares: its reduced value, or the worst point of the window.".to_owned(),
    ));
}

/// The KPIs of all stages, each once, in the order in which they are asked about.
fn names(stages: &[&StageFacts<'_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for exit in stages.iter().filter_map(|stage| stage.leaving) {
        for criterion in metrics(exit) {
            if !names.contains(&criterion.name) {
                names.push(criterion.name.clone());
            }
        }
    }
    names
}

fn table(names: &[String], stages: &[&StageFacts<'_>]) -> Table {
    let mut head: Vec<String> = ["Metric", "Limit", "Stop"].map(str::to_owned).to_vec();
    head.extend(columns(stages));
    Table {
        caption: HEADING.to_owned(),
        head,
        rows: names.iter().map(|name| row(name, stages)).collect(),
    }
}

/// The share of traffic tells stages apart if each has its own; otherwise their names do.
fn columns(stages: &[&StageFacts<'_>]) -> Vec<String> {
    let shares: Vec<&String> = stages
        .iter()
        .filter_map(|stage| stage.traffic.as_ref())
        .collect();
    let repeated = |share: &String| shares.iter().filter(|one| **one == share).count() > 1;
    let column = |stage: &&StageFacts<'_>| match &stage.traffic {
        Some(share) if !repeated(share) => share.clone(),
        Some(share) => format!("{} ({share})", stage.name),
        None => stage.name.clone(),
    };
    stages.iter().map(column).collect()
}

fn row(name: &str, stages: &[&StageFacts<'_>]) -> Vec<Cell> {
    let asked: Vec<Vec<&CriterionAssessment>> =
        stages.iter().map(|stage| of(name, stage)).collect();
    let all = || asked.iter().flatten().copied();
    let title = all().find_map(|one| one.title.clone());
    let (stop, limit): (Vec<_>, Vec<_>) = all().partition(|one| one.list == List::Stop);
    let mut row = vec![
        Cell::text(title.unwrap_or_else(|| name.to_owned())),
        conditions(&limit),
        conditions(&stop),
    ];
    row.extend(asked.iter().map(|criteria| value(criteria)));
    row
}

/// What a stage's exit gate asks about a KPI, stops last.
fn of<'a>(name: &str, stage: &StageFacts<'a>) -> Vec<&'a CriterionAssessment> {
    let criteria = stage.leaving.map(metrics).unwrap_or_default();
    criteria
        .into_iter()
        .filter(|one| one.name == name)
        .collect()
}

/// As written; where stages differ, each once.
fn conditions(criteria: &[&CriterionAssessment]) -> Cell {
    let mut written: Vec<Cell> = Vec::new();
    for condition in criteria.iter().filter_map(|one| one.condition.as_ref()) {
        let condition = Cell::Code(condition.clone());
        if !written.contains(&condition) {
            written.push(condition);
        }
    }
    if written.is_empty() {
        return Cell::of(None);
    }
    Cell::Several(written)
}

/// What was measured, with the worst outcome of limit and stop.
fn value(criteria: &[&CriterionAssessment]) -> Cell {
    let Some(first) = criteria.first() else {
        return Cell::of(None);
    };
    let bad = criteria.iter().find(|one| !is_good(one.outcome));
    let outcome = bad.unwrap_or(first).outcome;
    let shown = criteria.iter().find_map(|one| measured_alone(one));
    let mut shown = shown.unwrap_or_else(|| "not measured".to_owned());
    if criteria.iter().any(|one| one.approach().is_some()) {
        shown.push_str(&format!(", stop {ON_ITS_WAY}"));
    }
    Cell::Judged(shown, outcome)
}
