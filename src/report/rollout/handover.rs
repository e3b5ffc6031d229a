//! The handover pack: what is set up where, what is known to go wrong and what helps, whom to call, what to watch.
//! Must not judge again.

use super::stages::{StageFacts, all, standing};
use super::summary::{about_the_plan, as_of, release_facts, tell_overrides, warnings};
use super::{RolloutFacts, files, plan_history, signed};
use crate::kind::GateKind;
use crate::ledger::{Entry, Event, Incident, Ledger};
use crate::plan::criteria::Criterion;
use crate::plan::{Kpi, Plan, Stage};
use crate::report::sheet::{Block, Cell, Sheet, address, fact};
use crate::report::words;
use crate::units::Duration;

const SITES: [&str; 6] = ["Stage", "Kind", "Cohort", "Traffic", "Window", "State"];
const ISSUES: [&str; 6] = ["Issue", "Severity", "What", "Workaround", "Owner", "State"];
const KPIS: [&str; 5] = ["KPI", "Conditions", "Dashboard", "Runbook", "Owner"];

/// The pack.
pub(super) fn handover(rollout: &RolloutFacts<'_>) -> Sheet {
    let stages = all(rollout);
    let newest = rollout.newest().map(|check| &check.evidence);
    let mut sheet = Sheet {
        kind: "Handover",
        title: newest.map(words::release).unwrap_or_default(),
        standing: Some(standing(rollout, &stages)),
        blocks: Vec::new(),
    };
    warnings(&mut sheet, rollout, &stages);
    sheet.facts(as_of(rollout).into_iter().collect());
    sheet.facts(
        newest
            .map(|one| release_facts(&one.plan.release))
            .unwrap_or_default(),
    );
    sites(&mut sheet, rollout, &stages);
    issues(&mut sheet, rollout);
    if let Some(plan) = rollout.plan {
        escalation(&mut sheet, plan);
        kpis(&mut sheet, plan);
        links(&mut sheet, plan);
    }
    plan_history::write(&mut sheet, rollout);
    remarks(&mut sheet, rollout);
    tell_overrides(&mut sheet, rollout);
    let none = "nobody signed or confirmed anything";
    sheet.table(
        "Sign-offs",
        &signed::HEAD,
        signed::rows(rollout, &stages),
        none,
    );
    sheet.table(
        "Evidence",
        &files::HEAD,
        files::rows(rollout),
        "no evidence is available",
    );
    about_the_plan(&mut sheet, rollout);
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
        sheet.facts(owner.chain(about).chain(links).chain(notes).collect());
    }
}

fn has_details(stage: &Stage) -> bool {
    stage.details != crate::plan::StageDetails::default()
}

fn site_row(stage: &StageFacts<'_>) -> Option<Vec<Cell>> {
    let planned = stage.planned?;
    let cohort: Vec<String> = planned
        .cohort
        .iter()
        .map(|one| format!("{} {}", one.name, one.values.join(", ")))
        .collect();
    let exit = match stage.exit {
        Some(exit) => Some(format!("exit gate {} at {}", exit.verdict.word(), exit.at)),
        None => (stage.started.is_some() && planned.gate(GateKind::Exit).is_some())
            .then(|| "exit gate not judged yet".to_owned()),
    };
    let reached = stage.state.map(|state| state.word().to_owned());
    let standing: Vec<String> = reached.into_iter().chain(exit).collect();
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

/// `48h, the first 10m not judged, deadline 96h`.
fn window(stage: &Stage) -> Option<String> {
    let window = stage.window.map(|window| window.to_string());
    let settle =
        (stage.settle > Duration::ZERO).then(|| format!("the first {} not judged", stage.settle));
    let deadline = stage
        .deadline
        .map(|deadline| format!("deadline {deadline}"));
    let words: Vec<String> = window.into_iter().chain(settle).chain(deadline).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// What went wrong so far, open or not, and what helps; what can go wrong according to the plan.
fn issues(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let incidents = rollout.ledger.map(Ledger::incidents).unwrap_or_default();
    let none = if rollout.ledger.is_some() {
        "the ledger holds no incident"
    } else {
        "not known: no ledger is available"
    };
    let rows = incidents.iter().map(issue_row).collect();
    sheet.table("Known issues and workarounds", &ISSUES, rows, none);
    let risks = rollout
        .plan
        .map_or(&[][..], |plan| &plan.release.details.risks);
    let rows = risks.iter().map(|risk| {
        vec![
            Cell::of(risk.text.as_ref()),
            Cell::of(risk.mitigation.as_ref()),
            Cell::of(risk.owner.as_ref()),
        ]
    });
    sheet.rows(
        "Risks and mitigations",
        &["Risk", "Mitigation", "Owner"],
        rows.collect(),
    );
}

fn issue_row(incident: &Incident) -> Vec<Cell> {
    let known = &incident.details;
    let stage = incident.stage.as_ref().map(|stage| format!(" in {stage}"));
    let target = known.target.map(|at| format!(", to be solved by {at}"));
    let now = match incident.closed {
        Some(at) => format!("closed {at}"),
        None => format!(
            "OPEN since {}{}",
            incident.opened,
            target.unwrap_or_default()
        ),
    };
    vec![
        Cell::text(format!("{}{}", incident.id, stage.unwrap_or_default())),
        Cell::of(known.severity.as_ref()),
        Cell::of(known.description.as_ref()),
        Cell::of(known.workaround.as_ref()),
        Cell::of(known.owner.as_ref()),
        Cell::text(now),
    ]
}

/// Whom to call, from first to last, and how to roll the release back.
fn escalation(sheet: &mut Sheet, plan: &Plan) {
    let details = &plan.release.details;
    sheet.blocks.push(Block::Heading("Escalation".to_owned()));
    let on_call = plan
        .release
        .on_call
        .iter()
        .map(|who| fact("On call", who.clone()));
    let levels = details.escalation.iter().enumerate();
    let levels = levels.map(|(at, who)| fact(&format!("Escalation {}", at + 1), who.clone()));
    let contacts = details.contacts.iter();
    let contacts = contacts.map(|(name, text)| address(name, text));
    let channels = details.channels.iter();
    let channels = channels.map(|(name, text)| address(&format!("Channel {name}"), text));
    let facts: Vec<_> = on_call
        .chain(levels)
        .chain(contacts)
        .chain(channels)
        .collect();
    if facts.is_empty() {
        sheet.blocks.push(Block::Warning("the plan names nobody to call: add `on_call`, `escalation` or `contacts` to its release".to_owned()));
    }
    sheet.facts(facts);
    if !plan.rollback.is_empty() {
        sheet.blocks.push(Block::Part("Rollback".to_owned()));
        let steps = plan.rollback.iter().enumerate();
        sheet.facts(
            steps
                .map(|(at, step)| fact(&format!("Step {}", at + 1), words::step_in_words(step)))
                .collect(),
        );
    }
}

fn kpis(sheet: &mut Sheet, plan: &Plan) {
    let rows = plan.kpis.iter().map(|kpi| kpi_row(plan, kpi)).collect();
    sheet.table(
        "Monitored KPIs and dashboards",
        &KPIS,
        rows,
        "the plan asks about no KPI",
    );
}

fn kpi_row(plan: &Plan, kpi: &Kpi) -> Vec<Cell> {
    let details = &kpi.details;
    let conditions = conditions(plan, &kpi.name);
    vec![
        Cell::text(kpi.title.as_ref().map_or_else(
            || kpi.name.clone(),
            |title| format!("{}: {title}", kpi.name),
        )),
        Cell::of(Some(&conditions.join("; ")).filter(|text| !text.is_empty())),
        Cell::address(details.dashboard.as_ref()),
        Cell::address(details.runbook.as_ref()),
        Cell::of(details.owner.as_ref()),
    ]
}

/// What the plan in force requires of a KPI, each condition once, in order.
fn conditions(plan: &Plan, name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for stage in &plan.stages {
        for criterion in stage.gates.iter().flat_map(|gate| &gate.criteria) {
            let Some(condition) = condition(criterion, name) else {
                continue;
            };
            let words = format!("{} {} {condition}", stage.name, criterion.list.word());
            if !found.contains(&words) {
                found.push(words);
            }
        }
    }
    found
}

fn condition<'p>(criterion: &'p Criterion, name: &str) -> Option<&'p str> {
    let ask = criterion.ask.kpi().filter(|ask| ask.kpi.name == name)?;
    Some(&ask.condition.text)
}

fn links(sheet: &mut Sheet, plan: &Plan) {
    let details = &plan.release.details;
    let links = plan
        .release
        .links
        .iter()
        .chain(&details.monitoring)
        .chain(&details.further);
    let facts: Vec<_> = links.map(|(name, text)| address(name, text)).collect();
    if !facts.is_empty() {
        sheet
            .blocks
            .push(Block::Heading("Runbooks, links and monitoring".to_owned()));
        sheet.facts(facts);
    }
    if !details.notes.is_empty() {
        sheet.blocks.push(Block::List(details.notes.clone()));
    }
}

/// What people noted along the way: checkpoints of hypercare and remarks.
fn remarks(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let entries = rollout.ledger.map_or(&[][..], Ledger::entries);
    let rows: Vec<Vec<Cell>> = entries.iter().filter_map(remark).collect();
    if !rows.is_empty() {
        sheet.table(
            "Checkpoints and notes",
            &["At", "By", "Kind", "What"],
            rows,
            "",
        );
    }
}

fn remark(entry: &Entry) -> Option<Vec<Cell>> {
    let Event::Noted {
        text, checkpoint, ..
    } = &entry.event
    else {
        return None;
    };
    Some(vec![
        Cell::text(entry.at.to_string()),
        Cell::text(entry.by.name.clone()),
        Cell::text(if *checkpoint { "checkpoint" } else { "note" }),
        Cell::text(text.clone()),
    ])
}
