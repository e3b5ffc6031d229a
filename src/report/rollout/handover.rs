//! The handover pack: what is set up where, what is known to go wrong and what helps, whom to call, what to watch.
//! Must not judge again.

use super::contacts::{contacts, links};
use super::opening::{as_of, begun, release_facts, versions};
use super::stages::{StageFacts, all};
use super::{
    RolloutFacts, appendix, asked, incidents, missed, plan_history, record, records, risks,
};
use crate::kind::GateKind;
use crate::ledger::{Entry, Event, Ledger};
use crate::plan::criteria::{Criterion, deadline_in_words};
use crate::plan::{Kpi, Plan, Stage};
use crate::report::after_stop;
use crate::report::sheet::{Block, Cell, Fact, Sheet, address, fact};
use crate::rollout::History;
use crate::units::Duration;

const SITES: [&str; 6] = ["Stage", "Kind", "Cohort", "Traffic", "Window", "State"];
const KPIS: [&str; 5] = ["KPI", "Conditions", "Dashboard", "Runbook", "Owner"];

/// The pack.
pub(super) fn handover(rollout: &RolloutFacts<'_>) -> Sheet {
    let stages = all(rollout);
    let newest = rollout.newest().map(|check| &check.evidence);
    let mut sheet = begun("Handover", rollout, &stages);
    let released = newest.map(|one| release_facts(&one.plan.release));
    let head = as_of(rollout)
        .into_iter()
        .chain(released.into_iter().flatten());
    let head = head
        .chain(versions(rollout))
        .chain(record::facts(rollout.plan));
    sheet.facts(head.collect());
    if let Some(plan) = rollout.plan {
        record::write(&mut sheet, plan);
    }
    sites(&mut sheet, rollout, &stages);
    missed::write(&mut sheet, rollout);
    incidents::write(&mut sheet, "Known issues and workarounds", rollout);
    risks::write(&mut sheet, "Risks and mitigations", rollout);
    if let Some(plan) = rollout.plan {
        escalation(&mut sheet, plan);
        kpis(&mut sheet, plan);
        tell_links(&mut sheet, plan);
        asked::of_people(&mut sheet, rollout, plan);
    }
    remarks(&mut sheet, rollout);
    sheet.blocks.push(Block::Appendix("Appendix".to_owned()));
    appendix::sign_offs(&mut sheet, rollout, &stages);
    plan_history::write(&mut sheet, rollout);
    appendix::documents(&mut sheet, rollout);
    if let Some(plan) = rollout.plan {
        asked::of_others(&mut sheet, plan);
        records::write(&mut sheet, plan);
    }
    appendix::about_the_plan(&mut sheet, rollout);
    sheet
}

/// What is set up where.
fn sites(sheet: &mut Sheet, rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) {
    let rows = stages.iter().filter_map(site_row).collect();
    sheet.table(
        "Site configuration",
        &SITES,
        rows,
        "the plan is not available",
    );
    let vars = rollout.newest().map(|check| &check.evidence.vars);
    let vars = vars.into_iter().flatten();
    sheet.facts(
        vars.map(|one| fact(&format!("${}", one.name), one.values.join(", ")))
            .collect(),
    );
    let planned = stages.iter().filter_map(|stage| stage.planned);
    for stage in planned.filter(|stage| has_details(stage)) {
        sheet.blocks.push(Block::Part(stage.name.clone()));
        let details = &stage.details;
        let after = stage.after.iter().map(|names| match names.as_slice() {
            [] => fact("After", "none"),
            names => fact("After", names.join(", ")),
        });
        let owner = details
            .owner
            .iter()
            .map(|owner| fact("Owner", owner.clone()));
        let about = details
            .description
            .iter()
            .map(|text| fact("Description", text.clone()));
        let links = details.links.iter().map(|(name, url)| address(name, url));
        let notes = details.notes.iter().map(|note| fact("Note", note.clone()));
        sheet.facts(
            after
                .chain(owner)
                .chain(about)
                .chain(links)
                .chain(notes)
                .collect(),
        );
    }
}

fn has_details(stage: &Stage) -> bool {
    stage.after.is_some() || stage.details != crate::plan::StageDetails::default()
}

fn site_row(stage: &StageFacts<'_>) -> Option<Vec<Cell>> {
    let planned = stage.planned?;
    let cohort: Vec<String> = planned
        .cohort
        .iter()
        .map(|one| format!("{} {}", one.name, one.values.join(", ")))
        .collect();
    let exit = match stage.leaving {
        Some(exit) => Some(format!("exit gate {} at {}", exit.verdict.word(), exit.at)),
        None => (stage.started.is_some() && planned.gate(GateKind::Exit).is_some())
            .then(|| "exit gate not judged yet".to_owned()),
    };
    let reached = stage.state.map(|state| state.word().to_owned());
    let standing: Vec<String> = (reached.into_iter().chain(exit))
        .chain(stage.later())
        .collect();
    let kind = planned.kind.map(|kind| kind.word().to_owned());
    Some(vec![
        Cell::text(stage.named()),
        Cell::of(kind.as_ref()),
        Cell::of(Some(&cohort.join("; ")).filter(|text| !text.is_empty())),
        Cell::of(stage.traffic.as_ref()),
        Cell::of(window(planned).as_ref()),
        Cell::of(Some(&standing.join(", ")).filter(|text| !text.is_empty())),
    ])
}

/// `48h, the first 10m not judged, through the exit gate within 96h`.
fn window(stage: &Stage) -> Option<String> {
    let window = stage.window.map(|window| window.to_string());
    let settle =
        (stage.settle > Duration::ZERO).then(|| format!("the first {} not judged", stage.settle));
    let deadline = stage.deadline.map(deadline_in_words);
    let words: Vec<String> = window.into_iter().chain(settle).chain(deadline).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// Whom to call, from first to last, and how to roll the release back.
fn escalation(sheet: &mut Sheet, plan: &Plan) {
    sheet.blocks.push(Block::Heading("Escalation".to_owned()));
    let on_call = plan.release.on_call.iter();
    let on_call = on_call.map(|who| fact("On call", who.clone()));
    let facts: Vec<Fact> = on_call.chain(contacts(plan)).collect();
    if facts.is_empty() {
        sheet.blocks.push(Block::Warning("the plan names nobody to call: add `on_call`, `escalation` or `contacts` to its release".to_owned()));
    }
    sheet.facts(facts);
    for way in after_stop::ways((1..).zip(&plan.rollback)) {
        let heading = way.heading.map(|heading| format!("Rollback, {heading}"));
        let heading = heading.unwrap_or_else(|| "Rollback".to_owned());
        sheet.blocks.push(Block::Part(heading));
        let steps = way.steps.into_iter();
        let steps = steps.map(|(number, step)| fact(&format!("Step {number}"), step));
        sheet.facts(steps.collect());
    }
}

fn kpis(sheet: &mut Sheet, plan: &Plan) {
    let rows: Vec<_> = plan.kpis.iter().map(|kpi| kpi_row(plan, kpi)).collect();
    // Dashboard, runbook and owner, where all KPIs have the same.
    let shared: Vec<usize> = (2..KPIS.len()).filter(|&at| is_shared(&rows, at)).collect();
    let facts = shared.iter().filter_map(|&place| {
        let (name, cell) = (KPIS.get(place)?, rows.first()?.get(place)?);
        Some((format!("{name} of each"), cell.clone()))
    });
    let facts: Vec<Fact> = facts.filter(|(_, cell)| *cell != Cell::of(None)).collect();
    let kept = rows.iter().map(|row| without(row, &shared));
    sheet.table(
        "Monitored KPIs and dashboards",
        &without(&KPIS, &shared),
        kept.collect(),
        "the plan asks about no KPI",
    );
    sheet.facts(facts);
}

/// Whether several rows have the same in a column.
fn is_shared(rows: &[Vec<Cell>], place: usize) -> bool {
    let mut column = rows.iter().map(|row| row.get(place));
    let first = column.next();
    rows.len() > 1 && column.all(|cell| Some(cell) == first)
}

/// What is in the other columns.
fn without<T: Clone>(row: &[T], columns: &[usize]) -> Vec<T> {
    let kept = row
        .iter()
        .enumerate()
        .filter(|(place, _)| !columns.contains(place));
    kept.map(|(_, cell)| cell.clone()).collect()
}

fn kpi_row(plan: &Plan, kpi: &Kpi) -> Vec<Cell> {
    let details = &kpi.details;
    let about = [&kpi.title, &details.description].into_iter().flatten();
    let about: Vec<&str> = about.map(String::as_str).collect();
    let name = match about.as_slice() {
        [] => kpi.name.clone(),
        about => format!("{}: {}", kpi.name, about.join("; ")),
    };
    let conditions = conditions(plan, &kpi.name);
    vec![
        Cell::text(name),
        Cell::of(Some(&conditions.join("; ")).filter(|text| !text.is_empty())),
        Cell::address(details.dashboard.as_ref()),
        Cell::address(details.runbook.as_ref()),
        Cell::of(details.owner.as_ref()),
    ]
}

/// What the plan in force requires of a KPI, each condition once, in order: with the stages that have it, unless all do.
fn conditions(plan: &Plan, name: &str) -> Vec<String> {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for stage in &plan.stages {
        for criterion in stage.gates.iter().flat_map(|gate| &gate.criteria) {
            let Some(condition) = condition(criterion, name) else {
                continue;
            };
            let words = format!("{} {condition}", criterion.list.word());
            match found.iter_mut().find(|(known, _)| *known == words) {
                Some((_, stages)) if !stages.contains(&stage.name.as_str()) => {
                    stages.push(&stage.name);
                }
                Some(_) => {}
                None => found.push((words, vec![&stage.name])),
            }
        }
    }
    let all = plan.stages.len();
    let shown = found.into_iter().map(|(words, stages)| {
        if stages.len() == all {
            return words;
        }
        format!("{words} ({})", stages.join(", "))
    });
    shown.collect()
}

fn condition<'p>(criterion: &'p Criterion, name: &str) -> Option<&'p str> {
    let ask = criterion.ask.kpi().filter(|ask| ask.kpi.name == name)?;
    Some(&ask.condition.text)
}

fn tell_links(sheet: &mut Sheet, plan: &Plan) {
    let (facts, notes) = (links(plan), &plan.release.details.notes);
    if facts.is_empty() && notes.is_empty() {
        return;
    }
    let heading = "Runbooks, links and monitoring";
    sheet.blocks.push(Block::Heading(heading.to_owned()));
    sheet.facts(facts);
    if !notes.is_empty() {
        sheet.blocks.push(Block::List(notes.clone()));
    }
}

/// What people noted along the way: checkpoints of hypercare and remarks.
fn remarks(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let entries = rollout.ledger.map_or(&[][..], Ledger::entries);
    let history = History::of(rollout.ledger);
    let rows = entries.iter().filter_map(|entry| remark(history, entry));
    let rows: Vec<Vec<Cell>> = rows.collect();
    if !rows.is_empty() {
        sheet.table(
            "Checkpoints and notes",
            &["At", "By", "Kind", "What"],
            rows,
            "",
        );
    }
}

fn remark(history: History<'_>, entry: &Entry) -> Option<Vec<Cell>> {
    let Event::Noted {
        text,
        checkpoint,
        role,
        reviewed_issues,
        lesson,
        takes_back,
        ..
    } = &entry.event
    else {
        return None;
    };
    let word = crate::report::entry::note_word(*checkpoint, *lesson);
    let back = history.takes_back(entry.number);
    let back = back.map(|by| format!("taken back (entry {})", by.number));
    let takes = takes_back.map(|number| format!("takes back entry {number}"));
    let words = std::iter::once(word.to_owned()).chain(role.clone());
    let words = words.chain(reviewed_issues.then(|| "issue log reviewed".to_owned()));
    let words = words.chain(back).chain(takes);
    let words: Vec<String> = words.collect();
    Some(vec![
        Cell::text(entry.at.to_string()),
        Cell::text(entry.by.called().to_owned()),
        Cell::text(words.join(", ")),
        Cell::text(text.clone()),
    ])
}
