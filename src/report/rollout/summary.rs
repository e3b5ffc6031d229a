//! The deployment summary: one page that everybody reads, in the order of release notes, and an appendix for auditors.
//! Must not judge again.

use super::contacts::{contacts, links};
use super::opening::{as_of, begun, release_facts, versions};
use super::stages::{StageFacts, all, rolled_back, standing, total};
use super::{
    RolloutFacts, appendix, changes, incidents, lessons, metrics, missed, pauses, record, risks,
    rollbacks, signed,
};
use crate::kind::GateKind;
use crate::ledger::{Event, Ledger};
use crate::plan::Stage;
use crate::report::sheet::{Block, Cell, Fact, Sheet, Tone, fact};
use crate::rollout::{Rollout, State};
use crate::units::Instant;

const STAGES: [&str; 7] = [
    "Stage",
    "Traffic",
    "Began",
    "Duration",
    "Status",
    "Metrics met",
    "Evidence",
];
const NOT_KNOWN: &str = "not known: no ledger is available";

/// The summary.
pub(super) fn summary(rollout: &RolloutFacts<'_>) -> Sheet {
    let stages = all(rollout);
    let mut sheet = begun("Deployment summary", rollout, &stages);
    sheet.blocks.push(Block::Head(head(rollout, &stages)));
    let rows = stages.iter().map(stage_row).collect();
    sheet.table("Stages", &STAGES, rows, "no stage was judged");
    metrics::write(&mut sheet, &stages);
    tell_rollbacks(&mut sheet, rollout);
    pauses::write(&mut sheet, rollout);
    missed::write(&mut sheet, rollout);
    incidents::write(&mut sheet, "Incidents", rollout);
    if let Some(plan) = rollout.plan {
        record::write(&mut sheet, plan);
    }
    risks::write(&mut sheet, "Remaining risks", rollout);
    let none = "no KPI was measured in two stages that were left, or compared with a baseline when one was left";
    let rows = changes::rows(&stages, rollout.plan);
    sheet.table("Performance before and after", &changes::HEAD, rows, none);
    lessons::write(&mut sheet, rollout);
    support(&mut sheet, rollout);
    sign_off(&mut sheet, rollout, &stages);
    appendix::write(&mut sheet, rollout, &stages);
    sheet
}

/// What is released, when, how it went, and who is responsible for it.
fn head(rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) -> Vec<Fact> {
    let newest = rollout.newest().map(|check| &check.evidence.plan.release);
    let mut facts = record::facts(rollout.plan);
    facts.extend(newest.map(release_facts).unwrap_or_default());
    facts.extend(versions(rollout));
    facts.extend(deployment(stages).map(|kinds| fact("Deployment", kinds)));
    facts.extend(times(rollout, stages));
    let known = |text: Option<String>| text.unwrap_or_else(|| NOT_KNOWN.to_owned());
    let rollbacks = rollbacks::all(rollout).map(|all| all.len().to_string());
    facts.push(fact("Rollbacks", known(rollbacks)));
    facts.push(fact(
        "Incidents",
        known(rollout.ledger.map(incidents::counted)),
    ));
    facts.push(fact("Approved by", known(approvers(rollout))));
    facts.extend(as_of(rollout));
    facts
}

/// From the first start to the end of the last stage that was left.
fn times(rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) -> Vec<Fact> {
    let Some((start, end)) = total(stages) else {
        let none = "not known: no stage with a recorded start was left with GO";
        return vec![fact("Total deployment time", none)];
    };
    let is_done = standing(rollout, stages).0 == Tone::Good;
    let so_far = if is_done { "" } else { " so far" };
    vec![
        fact("Began", start.to_string()),
        fact(
            if is_done { "Ended" } else { "Last stage left" },
            end.to_string(),
        ),
        fact(
            "Total deployment time",
            format!("{}{so_far}", start.until(end)),
        ),
    ]
}

/// Those whose signature holds or counted, with their roles; `None` without a ledger.
fn approvers(rollout: &RolloutFacts<'_>) -> Option<String> {
    let names = signed::approvers(rollout)?;
    Some(if names.is_empty() {
        "nobody".to_owned()
    } else {
        names.join(", ")
    })
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
    let evidence = stage.leaving.and_then(|exit| exit.file);
    vec![
        Cell::text(stage.named()),
        Cell::of(stage.traffic.as_ref()),
        Cell::of(started(stage).as_ref()),
        Cell::of(stage.duration().as_ref()),
        status(stage),
        Cell::of(stage.metrics().as_ref()),
        evidence.map_or_else(|| Cell::of(None), |file| Cell::Code(file.to_owned())),
    ]
}

/// The verdict with which the stage was left, or that it has now, its state, and what a later check found instead.
fn status(stage: &StageFacts<'_>) -> Cell {
    let verdict = stage.leaving.map_or_else(
        || Cell::text(unjudged(stage)),
        |exit| Cell::Verdict(exit.verdict, exit.overridden),
    );
    // Said beside the verdict.
    let is_told = stage.leaving.is_some_and(|exit| exit.overridden);
    let reached = stage
        .state
        .filter(|state| !(is_told && *state == State::Overridden));
    let reached = reached.map(|state| Cell::text(state.word()));
    let later = stage.later().map(Cell::text);
    Cell::Several(
        std::iter::once(verdict)
            .chain(reached)
            .chain(later)
            .collect(),
    )
}

/// Why there is no verdict on a stage's exit.
fn unjudged(stage: &StageFacts<'_>) -> &'static str {
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

fn tell_rollbacks(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    sheet.blocks.push(Block::Heading("Rollbacks".to_owned()));
    match rollbacks::all(rollout) {
        None => sheet.blocks.push(Block::Text(NOT_KNOWN.to_owned())),
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

/// Whom to ask, and where to look.
fn support(sheet: &mut Sheet, rollout: &RolloutFacts<'_>) {
    let Some(plan) = rollout.plan else { return };
    let facts: Vec<Fact> = contacts(plan).into_iter().chain(links(plan)).collect();
    if !facts.is_empty() {
        sheet
            .blocks
            .push(Block::Heading("Support and links".to_owned()));
        sheet.blocks.push(Block::Head(facts));
    }
}

/// Who stands for it, and what they can say of it now.
fn sign_off(sheet: &mut Sheet, rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) {
    let owner = rollout
        .newest()
        .and_then(|check| check.evidence.plan.release.owner.clone());
    let unknown = || "not known".to_owned();
    let date = last_signature(rollout.ledger).map(|at| at.to_string());
    sheet.blocks.push(Block::Heading("Sign-off".to_owned()));
    sheet.blocks.push(Block::Head(vec![
        fact(
            "Release manager",
            owner.unwrap_or_else(|| "not named in the plan".to_owned()),
        ),
        fact("Approved by", approvers(rollout).unwrap_or_else(unknown)),
        fact("Last signature", date.unwrap_or_else(unknown)),
        fact("Status", signed_off_as(rollout, stages)),
    ]));
}

fn last_signature(ledger: Option<&Ledger>) -> Option<Instant> {
    let mut latest = ledger?.entries().iter().rev();
    let last = latest.find(|one| matches!(one.event, Event::Approved { revoked: false, .. }))?;
    Some(last.at)
}

/// STABLE, MONITORING or ROLLED BACK; a rollout that is none of these says what it is.
fn signed_off_as(rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) -> String {
    if let Some(stage) = rolled_back(rollout, stages).first() {
        return format!("ROLLED BACK: {stage}");
    }
    // Once the rollout has gone on, the stage that it went back to is one that has not begun.
    let goes_on = (stages.iter()).any(|stage| stage.state == Some(State::Running));
    let waits = |stage: &&StageFacts<'_>| {
        let known = rollout.rollout.as_ref();
        known.is_some_and(|known| known.reopened_and_waiting(&stage.name).is_some())
    };
    if let Some(stage) = stages.iter().find(waits).filter(|_| !goes_on) {
        return format!("ROLLED BACK to {}", stage.name);
    }
    let begun = stages.iter().any(|stage| stage.started.is_some());
    let known = rollout.rollout.as_ref();
    if let Some((_, why)) = known.and_then(Rollout::disputed_end) {
        return format!("MONITORING: {why}");
    }
    let open = known.map(Rollout::open_incidents).unwrap_or_default();
    let open: Vec<&str> = open.iter().map(|one| one.id.as_str()).collect();
    if !open.is_empty() && begun {
        return format!("MONITORING: open: {}", open.join(", "));
    }
    match standing(rollout, stages).0 {
        Tone::Good => "STABLE: every stage was left with GO".to_owned(),
        Tone::Open if begun => "MONITORING: not every stage was left with GO".to_owned(),
        Tone::Open => "nothing has begun".to_owned(),
        Tone::Bad => "FAILED: not rolled back".to_owned(),
    }
}
