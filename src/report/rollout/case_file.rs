//! The case file of each rollback (L11), in the order of release notes: what happened, cause, fix, what was rolled back and how,
//! the files that show it, what was measured before and after. Must not judge.

use super::opening::begun;
use super::rollbacks::{NOT_YET, PARTS, Part, before, evidence_fact, head, went_on};
use super::stages::all;
use super::{RolloutFacts, incidents};
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::kind::GateKind;
use crate::ledger::Incident;
use crate::report::sheet::{Block, Cell, Sheet};
use crate::rollout::{Case, GONE, History, Standing, StepOfCase, planned_step};

const STEPS: [&str; 8] = [
    "Step", "Way", "What", "Owner", "State", "By", "Took", "Planned",
];
const FILES: [&str; 4] = ["File", "SHA-256", "Bytes", "Recorded"];
const METRICS: [&str; 4] = ["Metric", "Before", "After", "Recovered when"];
const INCIDENTS: [&str; 5] = [
    "Incident",
    "Severity",
    "What",
    "State",
    "Solution or workaround",
];
/// Of a metric that nobody has looked at since.
const NOT_AFTER: &str = "not measured after";

/// The case file of every rollback, oldest first.
pub(super) fn rollbacks(rollout: &RolloutFacts<'_>) -> Sheet {
    let mut sheet = begun("Rollback case file", rollout, &all(rollout));
    let Some(ledger) = rollout.ledger else {
        let none = "not known: no ledger is available".to_owned();
        sheet.blocks.push(Block::Text(none));
        return sheet;
    };
    let cases = History::of(Some(ledger)).cases();
    if cases.is_empty() {
        let none = "the ledger holds no rollback".to_owned();
        sheet.blocks.push(Block::Text(none));
    }
    for (number, case) in (1..).zip(&cases) {
        sheet
            .blocks
            .push(Block::Heading(format!("Rollback {number}: {}", case.stage)));
        write(&mut sheet, rollout, case);
    }
    sheet
}

fn write(sheet: &mut Sheet, rollout: &RolloutFacts<'_>, case: &Case<'_>) {
    let mut facts = head(rollout, case);
    facts.push(evidence_fact(rollout, case));
    facts.extend(went_on(case));
    sheet.facts(facts);
    for part in &PARTS {
        told(sheet, part, case);
    }
    ways(sheet, rollout, case);
    sheet.rows("Steps", &STEPS, steps(rollout, case));
    part(
        sheet,
        "Files",
        &FILES,
        files(case),
        "none is recorded: gate rollback --file records one",
    );
    part(
        sheet,
        "Metrics before and after",
        &METRICS,
        metrics(rollout, case),
        match looks(rollout, case) {
            (None, None) => "no record of a check before or after it is at hand",
            (Some(_), _) | (_, Some(_)) => "the checks before and after it asked about no KPI",
        },
    );
    part(
        sheet,
        "Incidents",
        &INCIDENTS,
        incident_rows(rollout, case),
        "none was recorded between the start of the stage and the next one",
    );
}

/// A part with a table; without rows it says what is missing instead.
fn part(sheet: &mut Sheet, name: &str, columns: &[&str], rows: Vec<Vec<Cell>>, none: &str) {
    sheet.blocks.push(Block::Part(name.to_owned()));
    if rows.is_empty() {
        sheet.blocks.push(Block::Text(none.to_owned()));
    }
    sheet.rows(name, columns, rows);
}

/// What people said, each with who and when.
fn told(sheet: &mut Sheet, part: &Part, case: &Case<'_>) {
    sheet.blocks.push(Block::Part(part.name.to_owned()));
    let said = part.said(case).into_iter();
    let said: Vec<String> = said
        .map(|(entry, text)| format!("{text} ({}, {})", entry.by.called(), entry.at))
        .collect();
    if said.is_empty() {
        sheet.blocks.push(Block::Text(NOT_YET.to_owned()));
    }
    for text in said {
        sheet.blocks.push(Block::Text(text));
    }
}

/// Which ways were taken: one, several, or none.
fn ways(sheet: &mut Sheet, rollout: &RolloutFacts<'_>, case: &Case<'_>) {
    let taken = case.known.options();
    sheet
        .blocks
        .push(Block::Part("What was rolled back".to_owned()));
    let when = |name: &str| {
        let plan = rollout.plan?;
        let mut options = plan.rollback.iter().filter_map(|step| step.option.as_ref());
        let option = options.find(|option| option.name == name)?;
        option.when.clone()
    };
    let lines = case.known.ways().into_iter().map(|name| {
        let mark = match taken.as_slice() {
            [] => "not said whether it was taken",
            taken if taken.contains(&name) => "taken",
            _ if case.known.is_done_elsewhere(name) => {
                "all its steps were done as parts of other ways"
            }
            _ => "not taken",
        };
        let when = when(name).map_or_else(String::new, |when| format!(" ({when})"));
        format!("{name}{when}: {mark}")
    });
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        sheet.blocks.push(Block::List(lines));
    } else if case.known.steps().is_empty() {
        let none = "the plan had no rollback steps".to_owned();
        sheet.blocks.push(Block::Text(none));
    }
}

fn steps(rollout: &RolloutFacts<'_>, case: &Case<'_>) -> Vec<Vec<Cell>> {
    let steps = case.known.steps();
    let row = |step: &StepOfCase<'_>| {
        let told = step.told;
        let planned = rollout.plan.and_then(|plan| planned_step(plan, told));
        let is_gone = step.standing == Standing::Open && rollout.plan.is_some();
        let what = match planned {
            None if is_gone => format!("{} ({GONE})", told.action),
            Some(_) | None => told.action.clone(),
        };
        let done_by = case.said(step).filter(|_| match step.standing {
            Standing::Done | Standing::NotNeeded => true,
            Standing::OtherWay | Standing::Open | Standing::As(_) => false,
        });
        let by = told
            .by
            .clone()
            .or_else(|| Some(done_by?.by.called().to_owned()));
        vec![
            Cell::text(told.number.to_string()),
            Cell::of(told.option.as_ref()),
            Cell::text(what),
            Cell::of(planned.and_then(|step| step.owner.as_ref())),
            Cell::text(step.standing.words()),
            Cell::of(by.as_ref()),
            Cell::of(told.took.map(|took| took.to_string()).as_ref()),
            Cell::of(
                planned
                    .and_then(|step| step.takes)
                    .map(|takes| takes.to_string())
                    .as_ref(),
            ),
        ]
    };
    steps.iter().map(row).collect()
}

fn files(case: &Case<'_>) -> Vec<Vec<Cell>> {
    let files = case.files().into_iter();
    let row = files.map(|(entry, file)| {
        vec![
            Cell::Code(file.path.clone()),
            Cell::Code(file.sha256.clone()),
            Cell::text(file.bytes.to_string()),
            Cell::text(format!("{} by {}", entry.at, entry.by.called())),
        ]
    });
    row.collect()
}

/// Each KPI as the last check of the exit before the rollback found it, and as the check that showed the recovery did or, without
/// one, the last look at the recovery; what the recovery does not ask, as the last check of the exit since found it.
fn metrics(rollout: &RolloutFacts<'_>, case: &Case<'_>) -> Vec<Vec<Cell>> {
    let (before, after) = looks(rollout, case);
    let exit = GateKind::Exit.of(case.stage);
    let is_after = |number: u64| case.after.iter().any(|one| one.number == number);
    let exits = History::of(rollout.ledger).checks(&exit).rev();
    let later: Vec<&GateAssessment> = exits
        .filter(|check| is_after(check.entry.number) && check.check.evaluated_at > case.entry.at)
        .filter_map(|check| rollout.told_by(check).gate)
        .collect();
    let since = |name: &str| {
        let mut found = later.iter().map(|gate| worst(Some(gate), name));
        found.find(|one| value_of(*one).is_some()).flatten()
    };
    let mut names: Vec<&str> = Vec::new();
    for one in measured(before).chain(measured(after)) {
        if !names.contains(&one.name.as_str()) {
            names.push(&one.name);
        }
    }
    let row = |name: &str| {
        let (was, is) = (worst(before, name), worst(after, name));
        let title = was.or(is).and_then(|one| one.title.clone());
        let limit = is.and_then(|one| one.condition.as_ref());
        vec![
            Cell::text(title.unwrap_or_else(|| name.to_owned())),
            value(was),
            match value_of(is.or_else(|| since(name))) {
                Some((value, outcome)) => Cell::Judged(value, outcome),
                None => Cell::text(NOT_AFTER),
            },
            Cell::of(limit),
        ]
    };
    names.into_iter().map(row).collect()
}

/// What the record of the last check of the exit before the rollback says, and that of the check that showed the recovery or, without
/// one, of the last look at it; `None` where it is not at hand.
fn looks<'a>(
    rollout: &RolloutFacts<'a>,
    case: &Case<'a>,
) -> (Option<&'a GateAssessment>, Option<&'a GateAssessment>) {
    let exit = GateKind::Exit.of(case.stage);
    let recovery = GateKind::Recovery.of(case.stage);
    let before = before(rollout, case).judged(&exit);
    let recovered = rollout.recovered(case).map(|found| found.check);
    let mut looks = History::of(rollout.ledger).checks(&recovery).rev();
    let is_after = |number: u64| case.after.iter().any(|one| one.number == number);
    let after = recovered.or_else(|| looks.find(|check| is_after(check.entry.number)));
    let told = |check| rollout.told_by(check).gate;
    (before.and_then(told), after.and_then(told))
}

fn measured(gate: Option<&GateAssessment>) -> impl Iterator<Item = &CriterionAssessment> {
    let criteria = gate.into_iter().flat_map(|gate| &gate.criteria);
    criteria.filter(|one| one.kpi.is_some())
}

/// What a gate says of a KPI: the first criterion on it that speaks against the gate, or else the first.
fn worst<'a>(gate: Option<&'a GateAssessment>, name: &str) -> Option<&'a CriterionAssessment> {
    let mut about = measured(gate).filter(|one| one.name == name).peekable();
    let first = about.peek().copied();
    let mut bad = about.filter(|one| match one.outcome {
        Outcome::Tripped | Outcome::Unmet => true,
        Outcome::Met | Outcome::Clear | Outcome::Unknown => false,
    });
    bad.next().or(first)
}

fn value(criterion: Option<&CriterionAssessment>) -> Cell {
    match value_of(criterion) {
        Some((value, outcome)) => Cell::Judged(value, outcome),
        None => Cell::of(None),
    }
}

fn value_of(criterion: Option<&CriterionAssessment>) -> Option<(String, Outcome)> {
    let one = criterion?;
    Some((one.kpi.as_ref()?.decisive_value()?, one.outcome))
}

/// The incidents of the stage, or of none, that were opened from the start of the stage up to the next rollback of it.
fn incident_rows(rollout: &RolloutFacts<'_>, case: &Case<'_>) -> Vec<Vec<Cell>> {
    let Some(ledger) = rollout.ledger else {
        return Vec::new();
    };
    let began = before(rollout, case).turned(case.stage);
    let from = began.map_or(0, |entry| entry.number);
    let until = case
        .after
        .last()
        .map_or(case.entry.number, |last| last.number);
    let incidents = ledger.incidents().into_iter();
    let own = |one: &Incident| one.stage.as_deref().is_none_or(|of| of == case.stage);
    let about = incidents.filter(|one| own(one) && (from..=until).contains(&one.entry));
    let row = |one: Incident| {
        vec![
            Cell::text(incidents::named(&one)),
            Cell::of(one.severity_in_words().as_ref()),
            Cell::of(one.details.description.as_ref()),
            Cell::text(incidents::state(&one)),
            incidents::solution(ledger, &one),
        ]
    };
    about.map(row).collect()
}
