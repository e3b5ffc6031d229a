//! Each rollback of the ledger as a story: what triggered it, when, why, what was done, how long recovery took.

use super::RolloutFacts;
use crate::kind::GateKind;
use crate::ledger::{Entry, Event, EventKind, Ledger, StepDone};
use crate::report::sheet::{Cell, Fact, fact};
use crate::rollout::{History, RecordedCheck};
use crate::verdict::Verdict;

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

/// The stops that had tripped, otherwise the exit gate that was NO-GO, otherwise that somebody decided.
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
    let bad = judged_bad(before, stage);
    let bad = bad.first().map(|found| {
        format!(
            "{} was {} at {} (entry {}): {}",
            found.gate.gate,
            found.gate.verdict,
            found.check.evaluated_at,
            found.entry.number,
            not_met(found)
        )
    });
    let found: Vec<String> = trips.into_iter().chain(bad).collect();
    if found.is_empty() {
        return "by hand: no stop had tripped, and the exit gate was not NO-GO".to_owned();
    }
    found.join("; ")
}

/// The checks that found the exit gate NO-GO or STOP, from the first of them up to the rollback; none if a better one came
/// in between.
fn judged_bad<'a>(before: History<'a>, stage: &str) -> Vec<RecordedCheck<'a>> {
    let gate = GateKind::Exit.of(stage);
    let Some(last) = before.judged(&gate) else {
        return Vec::new();
    };
    let begun = [before.turned(stage), before.resumed(stage)];
    let begun = begun.into_iter().flatten().map(|entry| entry.number).max();
    let checks = before.checks(&gate).rev();
    let since = checks
        .filter(|one| one.entry.number <= last.entry.number && Some(one.entry.number) > begun);
    let mut bad: Vec<RecordedCheck<'_>> = since.take_while(is_bad).collect();
    bad.reverse();
    bad
}

fn is_bad(found: &RecordedCheck<'_>) -> bool {
    match found.gate.verdict {
        Verdict::NoGo | Verdict::Stop => true,
        Verdict::Go | Verdict::Hold => false,
    }
}

/// `error_rate < 1%, measured 3.94%`.
fn not_met(found: &RecordedCheck<'_>) -> String {
    let unmet = found.gate.not_met.iter().filter(|one| one.unmet);
    let words = unmet.map(|one| {
        let condition = one.condition.iter().map(|text| format!(" {text}"));
        let measured = one.measured.iter().map(|text| format!(", measured {text}"));
        std::iter::once(one.name.clone())
            .chain(condition)
            .chain(measured)
            .collect::<String>()
    });
    words.collect::<Vec<_>>().join("; ")
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
    let tripped = tripped.chain(
        judged_bad(before, stage)
            .into_iter()
            .map(|found| found.check.evidence_path.clone()),
    );
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
