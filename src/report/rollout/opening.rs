//! How every report on a rollout begins: what it is about, how that stands, and what must be seen first. Must not judge again.

use super::stages::{StageFacts, standing};
use super::{RolloutFacts, signed};
use crate::plan::Release;
use crate::report::sheet::{Block, Fact, Sheet, fact};
use crate::report::words;
use crate::rollout::{History, not_in_plan, took_the_place};

/// A report on the rollout with what must be seen first.
pub(super) fn begun(
    kind: &'static str,
    rollout: &RolloutFacts<'_>,
    stages: &[StageFacts<'_>],
) -> Sheet {
    let newest = rollout.newest().map(|check| &check.evidence);
    let history = History::of(rollout.ledger);
    let superseded = history.superseded().next_back();
    let taken_place = superseded.and_then(|_| history.release());
    let mut sheet = Sheet {
        kind,
        title: taken_place
            .or_else(|| newest.map(words::release))
            .unwrap_or_default(),
        standing: Some(standing(rollout, stages)),
        blocks: Vec::new(),
    };
    warnings(&mut sheet, rollout, stages);
    sheet
}

fn warnings(sheet: &mut Sheet, rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) {
    let mut lines: Vec<String> = Vec::new();
    for flag in stages.iter().flat_map(|stage| &stage.flags) {
        if !lines.contains(flag) {
            lines.push(flag.clone());
        }
    }
    lines.extend(kept_windows(rollout));
    lines.extend(let_go(rollout));
    lines.extend(entries_owed(rollout));
    lines.extend(about_the_question(rollout));
    lines.extend(signed::overrides(rollout));
    if rollout.ledger.is_none() {
        lines.push("no ledger is available: rollbacks, incidents and signatures since the checks are not known".to_owned());
    }
    sheet.blocks.extend(lines.into_iter().map(Block::Warning));
}

/// The windows that go on although another version took their stages over (L6).
fn kept_windows(rollout: &RolloutFacts<'_>) -> Vec<String> {
    let known = rollout.rollout.iter();
    let kept = known.flat_map(|known| {
        let stages = known.plan.stages.iter();
        stages.flat_map(|stage| known.kept_windows(stage))
    });
    kept.collect()
}

/// The entries that are still to be passed, and the order that is still to be decided, for the version that took the stages over (L6).
fn entries_owed(rollout: &RolloutFacts<'_>) -> Vec<String> {
    let known = rollout.rollout.iter();
    let owed = known.flat_map(|known| {
        let stages = known.plan.stages.iter();
        stages.filter_map(|stage| known.still_owed(stage))
    });
    owed.collect()
}

/// What other versions let go of that took stages over (L6).
fn let_go(rollout: &RolloutFacts<'_>) -> Vec<String> {
    let history = History::of(rollout.ledger);
    let stages = history.begun().into_iter();
    stages.flat_map(|stage| history.let_go_of(stage)).collect()
}

/// What the plan of the last check leaves out: stages that it does not have, with what holds them, and checks of another question.
fn about_the_question(rollout: &RolloutFacts<'_>) -> Vec<String> {
    let Some(rollout) = rollout.rollout else {
        return Vec::new();
    };
    let held = rollout.held_elsewhere().into_iter();
    let held = held.map(|hold| rollout.told(&hold));
    let unknown = rollout.unknown_stages().into_iter().map(not_in_plan);
    let entries = rollout.history().entries().iter();
    let checks = entries.filter_map(|entry| entry.event.checked());
    let others = checks.filter(|check| check.vars != rollout.vars).count();
    let others = (others > 0).then(|| {
        format!("{others} of the recorded checks were made with --var: this report tells the plan's own question")
    });
    held.chain(unknown).chain(others).collect()
}

/// When it is that a report says how things stand.
pub(super) fn as_of(rollout: &RolloutFacts<'_>) -> Option<Fact> {
    let rollout = rollout.rollout?;
    Some(fact("As of", rollout.now.to_string()))
}

/// Which version of the release took the place of which (L6).
pub(super) fn versions(rollout: &RolloutFacts<'_>) -> Vec<Fact> {
    let superseded = History::of(rollout.ledger).superseded();
    let told = superseded.map(|entry| {
        let (said, by) = (took_the_place(entry), entry.by.called());
        let text = format!(
            "{said} at {} (#{} by {by}): {}",
            entry.at, entry.number, entry.why
        );
        fact("Superseded", text)
    });
    let passed = rollout.rollout.iter().flat_map(|known| {
        let stages = known.plan.stages.iter();
        stages.filter_map(|stage| known.entry_again(stage))
    });
    let passed = passed.filter_map(|again| {
        let (version, found) = (again.version().to_owned(), again.found.ok()?);
        Some(fact("Entry asked again", format!("for {version}: {found}")))
    });
    told.chain(passed).collect()
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
    known.collect()
}
