//! Each rollback of the ledger as a story: what triggered it, when, why, what was done, how long recovery took.

use super::RolloutFacts;
use crate::ledger::{Entry, Event, EventKind, Ledger, StepDone};
use crate::report::sheet::{Cell, Fact, fact};
use crate::rollout::{History, RecordedCheck};

/// A rollback as names and values.
pub(super) type Story = Vec<Fact>;

/// All rollbacks, oldest first; `None` without a ledger.
pub(super) fn all(rollout: &RolloutFacts<'_>) -> Option<Vec<Story>> {
    let ledger = rollout.ledger?;
    let stories = ledger.entries().iter().filter_map(|entry| {
        let Event::RolledBack { stage, steps } = &entry.event else {
            return None;
        };
        Some(story(rollout, ledger, entry, stage, steps))
    });
    Some(stories.collect())
}

fn story(
    rollout: &RolloutFacts<'_>,
    ledger: &Ledger,
    entry: &Entry,
    stage: &str,
    steps: &[StepDone],
) -> Story {
    let (before, after) = around(ledger, entry, stage);
    let recovered = recovered(ledger, &after, entry, stage);
    let traffic = rollout.plan.and_then(|plan| {
        let of = plan.stages.iter().find(|one| one.name == stage)?;
        of.traffic.clone()
    });
    let mut story = vec![
        fact("Trigger", trigger(before, stage)),
        fact(
            "Stage",
            traffic.map_or_else(
                || stage.to_owned(),
                |share| format!("{stage}, {share} of traffic"),
            ),
        ),
        fact("Time", entry.at.to_string()),
        fact("By", entry.by.name.clone()),
        fact("Reason", said(&entry.why)),
        fact("Recovery", recovery(recovered, entry)),
    ];
    story.extend(
        done(&after, steps)
            .into_iter()
            .enumerate()
            .map(|(at, step)| fact(&format!("Step {}", at + 1), step)),
    );
    story.extend(went_on(&after, stage));
    let evidence = evidence(before, recovered, entry, stage);
    let evidence = evidence.into_iter().map(Cell::Address).collect();
    story.push(("Evidence".to_owned(), Cell::Several(evidence)));
    story
}

fn said(why: &str) -> String {
    if why.is_empty() {
        "not said".to_owned()
    } else {
        why.to_owned()
    }
}

/// What was known before, and the entries from then up to the next rollback of the stage.
fn around<'a>(ledger: &'a Ledger, entry: &Entry, stage: &str) -> (History<'a>, Vec<&'a Entry>) {
    let is_next =
        |one: &&Entry| matches!(&one.event, Event::RolledBack { stage: of, .. } if of == stage);
    let later = ledger.entries().iter();
    let later = later.filter(|one| one.number > entry.number);
    (
        History::of(Some(ledger)).before(entry),
        later.take_while(|one| !is_next(one)).collect(),
    )
}

/// The stops that had tripped, or that somebody decided.
fn trigger(before: History<'_>, stage: &str) -> String {
    let trips: Vec<String> = before
        .trips(stage)
        .iter()
        .map(|(check, trip)| {
            format!(
                "stop tripped: {}, {} (entry {})",
                trip.name, trip.reason, check.entry.number
            )
        })
        .collect();
    if trips.is_empty() {
        "manual: no stop had tripped".to_owned()
    } else {
        trips.join("; ")
    }
}

/// The check that showed that the stage has recovered, before the next rollback.
fn recovered<'a>(
    ledger: &'a Ledger,
    after: &[&Entry],
    entry: &Entry,
    stage: &str,
) -> Option<RecordedCheck<'a>> {
    let found = History::of(Some(ledger)).recovered(stage, entry, &[])?;
    let is_before_the_next = after.iter().any(|one| one.number == found.entry.number);
    is_before_the_next.then_some(found)
}

fn recovery(found: Option<RecordedCheck<'_>>, entry: &Entry) -> String {
    match found {
        Some(found) => {
            let at = found.check.evaluated_at;
            format!(
                "{}: {} GO at {at} (entry {})",
                entry.at.until(at),
                found.gate.gate,
                found.entry.number
            )
        }
        None => "NOT SHOWN: no recorded check has its recovery gate at GO".to_owned(),
    }
}

/// The steps with what was recorded about them later.
fn done(after: &[&Entry], steps: &[StepDone]) -> Vec<String> {
    let mut steps: Vec<Option<StepDone>> = steps.iter().cloned().map(Some).collect();
    for entry in after {
        if let Event::StepRecorded { number, step, .. } = &entry.event {
            if steps.len() < *number && *number <= 1000 {
                steps.resize(*number, None);
            }
            if let Some(place) = number.checked_sub(1).and_then(|at| steps.get_mut(at)) {
                *place = Some(step.clone());
            }
        }
    }
    steps.iter().flatten().map(step_in_words).collect()
}

fn step_in_words(step: &StepDone) -> String {
    let by = step.by.as_ref().map(|by| format!("by {by}"));
    let took = step.took.map(|took| format!("took {took}"));
    let state = if step.done { "done" } else { "not done" };
    let about: Vec<String> = std::iter::once(state.to_owned())
        .chain(by)
        .chain(took)
        .collect();
    format!("{} ({})", step.action, about.join(", "))
}

/// Why the stage went on, if it did.
fn went_on(after: &[&Entry], stage: &str) -> Option<Fact> {
    let goes_on = |event: &Event| {
        event.stage() == Some(stage)
            && [EventKind::Resumed, EventKind::Started].contains(&event.kind())
    };
    let entry = after.iter().find(|entry| goes_on(&entry.event))?;
    Some(fact(
        "Went on",
        format!("{} by {}: {}", entry.at, entry.by.name, said(&entry.why)),
    ))
}

/// The evidence of the trip, the rollback and the recovery.
fn evidence(
    before: History<'_>,
    recovered: Option<RecordedCheck<'_>>,
    entry: &Entry,
    stage: &str,
) -> Vec<String> {
    let tripped = before
        .trips(stage)
        .into_iter()
        .map(|(check, _)| check.check.evidence_path.clone());
    let recovered = recovered.map(|found| found.check.evidence_path.clone());
    let own = std::iter::once(format!("ledger entry {}", entry.number))
        .chain(entry.links.iter().cloned());
    let mut all: Vec<String> = Vec::new();
    for one in tripped.chain(own).chain(recovered) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}
