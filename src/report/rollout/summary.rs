//! The one-page deployment summary: stages, key metrics, rollbacks, before and after, risks, evidence, sign-offs.
//! Must not judge again.

use super::stages::{StageFacts, all, metrics, standing, total};
use super::{RolloutFacts, changes, files, plan_history, rollbacks, signed};
use crate::assessment::CriterionAssessment;
use crate::kind::{GateKind, List};
use crate::ledger::Ledger;
use crate::plan::{Release, Stage};
use crate::report::measured::{measured, required};
use crate::report::sheet::{Block, Cell, Fact, Sheet, Tone, fact};
use crate::report::{plan_findings, words};
use crate::rollout::not_in_plan;

const STAGES: [&str; 7] = [
    "Stage",
    "Traffic",
    "Started",
    "Duration",
    "Exit gate",
    "State",
    "Metrics met",
];
const METRICS: [&str; 4] = ["Metric", "Measured", "Limit", "Outcome"];

/// The summary.
pub(super) fn summary(rollout: &RolloutFacts<'_>) -> Sheet {
    let stages = all(rollout);
    let newest = rollout.newest().map(|check| &check.evidence);
    let mut sheet = Sheet {
        kind: "Deployment summary",
        title: newest.map(words::release).unwrap_or_default(),
        standing: Some(standing(rollout, &stages)),
        blocks: Vec::new(),
    };
    warnings(&mut sheet, rollout, &stages);
    sheet.facts(about(rollout, &stages));
    let rows = stages.iter().map(stage_row).collect();
    sheet.table("Stages", &STAGES, rows, "no stage was judged");
    key_metrics(&mut sheet, &stages);
    tell_rollbacks(&mut sheet, rollout);
    plan_history::write(&mut sheet, rollout);
    let none = "no condition of these checks compares with a baseline that was measured";
    sheet.table(
        "Before and after",
        &changes::HEAD,
        changes::rows(&stages),
        none,
    );
    risks(&mut sheet, rollout);
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
    sheet.blocks.push(Block::Text(
        "gate verify shows whether these files are whole and unchanged.".to_owned(),
    ));
    about_the_plan(&mut sheet, rollout);
    sheet
}

/// What must be seen first.
pub(super) fn warnings(sheet: &mut Sheet, rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) {
    let mut lines: Vec<String> = Vec::new();
    for flag in stages.iter().flat_map(|stage| &stage.flags) {
        if !lines.contains(flag) {
            lines.push(flag.clone());
        }
    }
    lines.extend(about_the_question(rollout));
    lines.extend(signed::overrides(rollout));
    if rollout.ledger.is_none() {
        lines.push("no ledger is available: rollbacks, incidents and signatures since the checks are not known".to_owned());
    }
    sheet.blocks.extend(lines.into_iter().map(Block::Warning));
}

/// What the plan of the last check leaves out: stages that it does not have, and checks of another question.
fn about_the_question(rollout: &RolloutFacts<'_>) -> Vec<String> {
    let Some(rollout) = rollout.rollout else {
        return Vec::new();
    };
    let unknown = rollout.unknown_stages().into_iter().map(not_in_plan);
    let entries = rollout.history().entries().iter();
    let checks = entries.filter_map(|entry| entry.event.checked());
    let others = checks.filter(|check| check.vars != rollout.vars).count();
    let others = (others > 0).then(|| {
        format!("{others} of the recorded checks were made with --var: this report tells the plan's own question")
    });
    unknown.chain(others).collect()
}

/// When it is that a report says how things stand.
pub(super) fn as_of(rollout: &RolloutFacts<'_>) -> Option<Fact> {
    let rollout = rollout.rollout?;
    Some(fact("As of", rollout.now.to_string()))
}

/// Who proceeded on what, also where that is over; nothing if nobody did.
pub(super) fn tell_overrides(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let rows = signed::override_rows(rollout);
    if !rows.is_empty() {
        sheet.table("Overrides", &signed::OVERRIDES, rows, "");
    }
}

/// What was found out about the plan of the last check.
pub(super) fn about_the_plan(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let newest = rollout.newest().map(|check| &check.evidence);
    let lines = newest.map(plan_findings::lines).unwrap_or_default();
    if !lines.is_empty() {
        sheet
            .blocks
            .push(Block::Heading("About the plan".to_owned()));
        sheet.blocks.push(Block::List(lines));
    }
}

fn about(rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) -> Vec<Fact> {
    let Some(newest) = rollout.newest() else {
        return Vec::new();
    };
    let release = &newest.evidence.plan.release;
    let total = match total(stages) {
        None => "not known: no stage with a recorded start was left with GO".to_owned(),
        Some(total) if standing(rollout, stages).0 == Tone::Good => total.to_string(),
        Some(total) => format!("{total} so far"),
    };
    let rollbacks = rollbacks::all(rollout).map(|all| all.len().to_string());
    let mut facts = release_facts(release);
    facts.extend(deployment(stages).map(|kinds| fact("Deployment", kinds)));
    facts.extend(as_of(rollout));
    facts.extend([
        fact("Last check", newest.evidence.evaluated_at.to_string()),
        fact("Total deployment time", total),
        fact(
            "Rollbacks",
            rollbacks.unwrap_or_else(|| "not known: no ledger is available".to_owned()),
        ),
        fact("Checks", rollout.checks.len().to_string()),
    ]);
    facts
}

/// What is released and who is responsible for it.
pub(super) fn release_facts(release: &Release) -> Vec<Fact> {
    let named = [
        ("Type", &release.kind),
        ("Release manager", &release.owner),
        ("On call", &release.on_call),
    ];
    let known = named
        .into_iter()
        .filter_map(|(name, value)| Some(fact(name, value.clone()?)));
    let subjects = release.subjects.iter();
    let subjects =
        subjects.map(|one| fact("Released", format!("{} sha256:{}", one.name, one.sha256)));
    known.chain(subjects).collect()
}

/// `canary, full`.
fn deployment(stages: &[StageFacts<'_>]) -> Option<String> {
    let mut kinds: Vec<&str> = Vec::new();
    for kind in stages.iter().filter_map(|stage| stage.planned?.kind) {
        if !kinds.contains(&kind.word()) {
            kinds.push(kind.word());
        }
    }
    (!kinds.is_empty()).then(|| kinds.join(", "))
}

fn stage_row(stage: &StageFacts<'_>) -> Vec<Cell> {
    let exit = stage
        .exit
        .map(|exit| Cell::Verdict(exit.verdict, exit.overridden));
    vec![
        Cell::text(stage.named()),
        Cell::of(stage.traffic.as_ref()),
        Cell::of(started(stage).as_ref()),
        Cell::of(stage.duration().as_ref()),
        exit.unwrap_or_else(|| Cell::text(unjudged(stage))),
        Cell::of(stage.state.map(|state| state.word().to_owned()).as_ref()),
        Cell::of(stage.metrics().as_ref()),
    ]
}

/// Why there is no verdict on a stage's exit.
pub(super) fn unjudged(stage: &StageFacts<'_>) -> &'static str {
    let has_no_exit = |planned: &Stage| planned.gate(GateKind::Exit).is_none();
    if stage.planned.is_some_and(has_no_exit) {
        "no exit gate"
    } else {
        "not judged yet"
    }
}

/// `2026-11-18T09:00:00Z (first 2026-11-16T08:30:00Z)`.
fn started(stage: &StageFacts<'_>) -> Option<String> {
    let started = stage.started?;
    Some(match stage.first_started {
        Some(first) => format!("{started} (first {first})"),
        None => started.to_string(),
    })
}

/// Every KPI of each stage with its limit, by the check of its exit gate that counts.
fn key_metrics(sheet: &mut Sheet, stages: &[StageFacts<'_>]) {
    sheet.blocks.push(Block::Heading("Key metrics".to_owned()));
    for stage in stages {
        let Some(exit) = stage.exit else { continue };
        let traffic = stage
            .traffic
            .iter()
            .map(|share| format!(", {share} of traffic"));
        let name = std::iter::once(stage.named())
            .chain(traffic)
            .collect::<String>();
        sheet
            .blocks
            .push(Block::Part(format!("{name}, at {}", exit.at)));
        let rows: Vec<Vec<Cell>> = metrics(exit).into_iter().map(metric_row).collect();
        match (exit.gate, rows.is_empty()) {
            (None, _) => sheet.blocks.push(Block::Warning(format!(
                "the evidence of the check at {} is not among the files given",
                exit.at
            ))),
            (Some(_), true) => sheet
                .blocks
                .push(Block::Text("no KPI is asked about".to_owned())),
            (Some(_), false) => {
                sheet.rows(&format!("Key metrics of {}", stage.name), &METRICS, rows);
            }
        }
    }
    if stages.iter().all(|stage| stage.exit.is_none()) {
        sheet
            .blocks
            .push(Block::Text("no exit gate has been judged yet".to_owned()));
    }
}

fn metric_row(criterion: &CriterionAssessment) -> Vec<Cell> {
    let limit = match criterion.list {
        List::Stop => format!("trips at {}", required(criterion)),
        List::Entry | List::Exit | List::Recovery | List::Watch => required(criterion),
    };
    let name = criterion.title.as_ref().unwrap_or(&criterion.name);
    vec![
        Cell::text(name.clone()),
        Cell::of(measured(criterion).as_ref()),
        Cell::text(limit),
        Cell::Outcome(criterion.outcome),
    ]
}

fn tell_rollbacks(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    sheet.blocks.push(Block::Heading("Rollbacks".to_owned()));
    match rollbacks::all(rollout) {
        None => sheet
            .blocks
            .push(Block::Text("not known: no ledger is available".to_owned())),
        Some(all) if all.is_empty() => sheet
            .blocks
            .push(Block::Text("none is recorded".to_owned())),
        Some(all) => {
            for (number, story) in (1..).zip(all) {
                sheet.blocks.push(Block::Part(format!("Rollback {number}")));
                sheet.facts(story);
            }
        }
    }
}

/// Open incidents, and what can go wrong according to the plan.
fn risks(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let open = rollout.ledger.map(Ledger::incidents).unwrap_or_default();
    let incidents = open
        .into_iter()
        .filter(|one| one.closed.is_none())
        .map(|one| {
            let known = one.details;
            let severity = known
                .severity
                .unwrap_or_else(|| "severity unknown".to_owned());
            let what = known
                .description
                .unwrap_or_else(|| "no description".to_owned());
            vec![
                Cell::text(format!("{} {severity}: {what}", one.id)),
                Cell::text("open incident"),
                Cell::of(known.owner.as_ref()),
                Cell::of(known.workaround.as_ref()),
                Cell::of(known.target.map(|at| at.to_string()).as_ref()),
            ]
        });
    let known = rollout
        .plan
        .map_or(&[][..], |plan| &plan.release.details.risks);
    let risks = known.iter().map(|risk| {
        let grade = [("likelihood", &risk.likelihood), ("impact", &risk.impact)];
        let grade = grade
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)));
        vec![
            Cell::of(risk.text.as_ref()),
            Cell::text(
                std::iter::once("known risk".to_owned())
                    .chain(grade)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            Cell::of(risk.owner.as_ref()),
            Cell::of(risk.mitigation.as_ref()),
            Cell::of(None),
        ]
    });
    let head = ["Risk", "Kind", "Owner", "Mitigation", "Due"];
    let none = "no incident is open in the ledger, and the plan names no risk";
    let none = if rollout.ledger.is_some() {
        none
    } else {
        "not known: no ledger is available, and the plan names no risk"
    };
    sheet.table(
        "Remaining risks",
        &head,
        incidents.chain(risks).collect(),
        none,
    );
}
