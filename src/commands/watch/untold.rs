//! What watches that were killed recorded, and may have told nobody (W15, W16): told at least once, with the id that it had. Must not
//! tell what the rounds of such a watch say was told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::bounded;
use crate::commands::judging::job::Job;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::telling;
use crate::kind::GateName;
use crate::ledger::{Checked, Entry, Event, GateChecked};
use crate::report::{Notice, RecordSeen};
use crate::rollout::History;
use crate::units::Instant;
use crate::verdict::Verdict;
use crate::watch::RoundLine;

/// A verdict that was recorded, and another one than before.
struct Change<'a> {
    gate: &'a GateName,
    before: Option<Verdict>,
    checked: &'a Checked,
}

/// The notices of verdicts that changed while a stage was watched and that nobody is known to have been told of, oldest first. Where
/// nothing tells what was told, only the last of each gate.
pub fn notices(job: &Job, stage: &str) -> Vec<Notice> {
    let (history, Some(chain)) = (History::of(job.request.ledger.as_ref()), &job.chain) else {
        return Vec::new();
    };
    let Some(since) = history.killed_since(stage) else {
        return Vec::new();
    };
    let told = told(&job.evidence_folder, since.at);
    let mut changes = changes(history, stage, since);
    if told.is_none() {
        changes = last_of_each(changes);
    }
    let told = told.unwrap_or_default();
    let witnesses = Witnesses::beside(&job.loaded, Some(&job.evidence_folder));
    let notices = changes.iter().filter_map(|change| {
        let evidence = witnesses.record(chain, change.checked)?;
        let gate = evidence
            .deciding()
            .find(|gate| gate.name() == *change.gate)?;
        let record = RecordSeen {
            path: shown(job, change.checked),
            sha256: change.checked.evidence_sha256.clone(),
        };
        telling::of_change((&evidence, gate), change.before, &record)
    });
    notices
        .filter(|notice| !told.contains(&notice.id))
        .collect()
}

/// The verdicts of a stage that an entry after `since` changed.
fn changes<'a>(history: History<'a>, stage: &str, since: &Entry) -> Vec<Change<'a>> {
    let mut before: BTreeMap<&GateName, Verdict> = BTreeMap::new();
    let mut changes = Vec::new();
    for entry in history.entries() {
        let Event::Checked(checked) = &entry.event else {
            continue;
        };
        for one in of_stage(checked, stage) {
            let before = before.insert(&one.gate, one.verdict);
            if entry.number > since.number && before != Some(one.verdict) {
                changes.push(Change {
                    gate: &one.gate,
                    before,
                    checked,
                });
            }
        }
    }
    changes
}

/// What a check found of the gates of a stage that decided.
fn of_stage<'a>(checked: &'a Checked, stage: &str) -> impl Iterator<Item = &'a GateChecked> {
    let gates = checked.gates.iter();
    gates.filter(move |one| one.gate.stage == stage && !one.look && !one.outlook)
}

fn last_of_each(changes: Vec<Change<'_>>) -> Vec<Change<'_>> {
    let mut seen = BTreeSet::new();
    let mut last: Vec<Change<'_>> = changes
        .into_iter()
        .rev()
        .filter(|change| seen.insert(change.gate))
        .collect();
    last.reverse();
    last
}

/// The ids of notices that were through according to the rounds of watches that began then or later; `None` where there are none.
fn told(folder: &Path, since: Instant) -> Option<BTreeSet<String>> {
    let stamp = since.stamp();
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let mut files = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.ends_with(".rounds.jsonl") && *name >= *stamp
    });
    let first = files.next()?;
    let files = std::iter::once(first).chain(files);
    let read = files.filter_map(|file| bounded::read(&file.path(), bounded::MAX_BYTES).ok());
    let mut told = BTreeSet::new();
    for bytes in read {
        let text = String::from_utf8_lossy(&bytes);
        // The last line may be torn.
        let rounds = text
            .lines()
            .filter_map(|line| serde_json::from_str::<RoundLine>(line).ok());
        told.extend(rounds.flat_map(|round| round.told));
    }
    Some(told)
}

/// The record's path as notices name it.
fn shown(job: &Job, checked: &Checked) -> String {
    let path = job.loaded.home.resolve(&checked.evidence_path);
    path.display().to_string()
}
