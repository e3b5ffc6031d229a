//! Each rollback of the ledger as a story: what set it off, when, why, what was done, how long until it was well again.

use super::Rollout;
use crate::kind::GateKind;
use crate::ledger::{Entry, Event, Ledger, StepDone};
use crate::report::sheet::fact;
use crate::units::Instant;
use crate::verdict::Verdict;

/// A rollback as names and values.
pub(super) type Story = Vec<(String, String)>;

/// All rollbacks, oldest first; `None` where no ledger says.
pub(super) fn all(rollout: &Rollout<'_>) -> Option<Vec<Story>> {
    let ledger = rollout.ledger?;
    let stories = ledger
        .entries()
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::RolledBack { stage, steps } => Some(story(rollout, ledger, entry, stage, steps)),
            _ => None,
        });
    Some(stories.collect())
}

fn story(
    rollout: &Rollout<'_>,
    ledger: &Ledger,
    entry: &Entry,
    stage: &str,
    steps: &[StepDone],
) -> Story {
    let (before, after) = around(ledger, entry, stage);
    let traffic = rollout.plan.and_then(|plan| {
        let of = plan.stages.iter().find(|one| one.name == stage)?;
        of.traffic.clone()
    });
    let mut story = vec![
        fact("Trigger", trigger(&before, stage)),
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
        fact("Recovery", recovery(&after, entry, stage)),
    ];
    story.extend(
        done(&after, steps)
            .into_iter()
            .enumerate()
            .map(|(at, step)| fact(&format!("Step {}", at + 1), step)),
    );
    story.extend(went_on(&after, stage));
    let evidence = evidence(&before, &after, entry, stage);
    story.push(fact("Evidence", evidence.join(", ")));
    story
}

fn said(why: &str) -> String {
    if why.is_empty() {
        "not said".to_owned()
    } else {
        why.to_owned()
    }
}

/// The ledger as it was before, and the entries from then up to the next rollback of the stage.
fn around<'a>(ledger: &'a Ledger, entry: &Entry, stage: &str) -> (Ledger, Vec<&'a Entry>) {
    let entries = ledger.entries();
    let before: Vec<Entry> = entries
        .iter()
        .filter(|one| one.number < entry.number)
        .cloned()
        .collect();
    let is_next =
        |one: &&Entry| matches!(&one.event, Event::RolledBack { stage: of, .. } if of == stage);
    let later = entries.iter().filter(|one| one.number > entry.number);
    (
        Ledger::new(before),
        later.take_while(|one| !is_next(one)).collect(),
    )
}

/// The stops that had tripped, or that somebody decided.
fn trigger(before: &Ledger, stage: &str) -> String {
    let trips: Vec<String> = before
        .trips(stage)
        .iter()
        .map(|(entry, trip)| {
            format!(
                "stop tripped: {}, {} (entry {})",
                trip.name, trip.reason, entry.number
            )
        })
        .collect();
    if trips.is_empty() {
        "manual: no stop had tripped".to_owned()
    } else {
        trips.join("; ")
    }
}

/// The first recorded check after the rollback whose recovery gate is GO.
fn recovered<'a>(
    after: &[&'a Entry],
    since: Instant,
    stage: &str,
) -> Option<(&'a Entry, Instant, &'a str)> {
    let gate = GateKind::Recovery.of(stage);
    after.iter().find_map(|entry| match &entry.event {
        Event::Checked(checked) if checked.evaluated_at >= since => {
            let is_well =
                |one: &crate::ledger::GateChecked| one.gate == gate && one.verdict == Verdict::Go;
            let found = checked.gates.iter().any(is_well);
            found.then_some((*entry, checked.evaluated_at, checked.evidence_path.as_str()))
        }
        _ => None,
    })
}

fn recovery(after: &[&Entry], entry: &Entry, stage: &str) -> String {
    match recovered(after, entry.at, stage) {
        Some((check, at, _)) => {
            format!(
                "{}: {stage}/recovery GO at {at} (entry {})",
                entry.at.until(at),
                check.number
            )
        }
        None => "NOT SHOWN: no recorded check has its recovery gate at GO".to_owned(),
    }
}

/// The steps as they stand after what was recorded of them later.
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

/// Why the stage went on, where it did.
fn went_on(after: &[&Entry], stage: &str) -> Option<(String, String)> {
    after.iter().find_map(|entry| match &entry.event {
        Event::Resumed { stage: of } | Event::Started { stage: of, .. } if of == stage => {
            Some(fact(
                "Went on",
                format!("{} by {}: {}", entry.at, entry.by.name, said(&entry.why)),
            ))
        }
        _ => None,
    })
}

/// Of the trip, of the rollback, of the recovery.
fn evidence(before: &Ledger, after: &[&Entry], entry: &Entry, stage: &str) -> Vec<String> {
    let tripped = before
        .trips(stage)
        .into_iter()
        .filter_map(|(entry, _)| match &entry.event {
            Event::Checked(checked) => Some(checked.evidence_path.clone()),
            _ => None,
        });
    let recovered = recovered(after, entry.at, stage).map(|(_, _, path)| path.to_owned());
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
