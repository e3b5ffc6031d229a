//! A line for each round (W10), and what they add up to. Must not write them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::keeper::Verdicts;
use crate::kind::GateName;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// One round, as a line of `PLAN-STEM.evidence/T0.rounds.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundLine {
    /// T.
    pub t: Instant,
    /// The verdict of each gate that is watched, by name.
    pub gates: BTreeMap<String, Verdict>,
    /// Whether everything was asked.
    pub whole: bool,
    /// How many questions and inquiries were sent.
    pub asked: usize,
    /// How many points came back.
    pub points: usize,
    /// How long it took.
    pub ms: u64,
    /// The sources that did not answer.
    pub away: Vec<String>,
    /// The gates whose verdict changed.
    pub changed: Vec<String>,
    /// The ids of notices that are through since the line before: delivered or given up, by all who are told of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
}

/// A source that was away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Away {
    /// Its name in the plan.
    pub source: String,
    /// The first round without an answer.
    pub start: Instant,
    /// The first round with one again; `None` while it is away.
    pub end: Option<Instant>,
}

/// A stretch that nobody watched, since rounds fell out; or in which nothing could be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The last round before it.
    pub start: Instant,
    /// The first round after it.
    pub end: Instant,
}

/// A change of a gate's verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// The round that found it.
    pub at: Instant,
    /// The gate.
    pub gate: GateName,
    /// The verdict before.
    pub from: Verdict,
    /// The verdict since.
    pub to: Verdict,
}

/// What a watch has seen so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The first round.
    pub from: Instant,
    /// The last.
    pub to: Instant,
    /// How many were judged.
    pub rounds: u64,
    /// Of them, those that asked for everything.
    pub whole: u64,
    /// How many fell out.
    pub missed: u64,
    /// When sources were away.
    pub away: Vec<Away>,
    /// When nobody watched.
    pub gaps: Vec<Gap>,
    /// When the records could not be reached; absent where they always could.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records_away: Vec<Gap>,
    /// Each change of a verdict.
    pub changes: Vec<Changed>,
}

impl Summary {
    /// How long somebody watched: from the first round to the last, without the gaps.
    #[must_use]
    pub fn watched(&self) -> Duration {
        let gaps = self
            .gaps
            .iter()
            .map(|gap| gap.start.until(gap.end).millis());
        Duration::from_millis(self.from.until(self.to).millis() - gaps.sum::<i64>())
    }
}

/// Keeps the account.
#[derive(Debug, Clone, Default)]
pub struct Log {
    summary: Option<Summary>,
    verdicts: Verdicts,
}

impl Log {
    /// What was seen so far; `None` before the first round.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    /// The verdicts of the last round.
    #[must_use]
    pub fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// Since when a source is away.
    #[must_use]
    pub fn away_since(&self, source: &str) -> Option<Instant> {
        let away = self.summary.iter().flat_map(|summary| &summary.away);
        let mut open = away.filter(|away| away.end.is_none());
        open.find(|away| away.source == source)
            .map(|away| away.start)
    }

    /// Adds a round; so many before it have fallen out. Returns what changed.
    pub fn add(
        &mut self,
        at: Instant,
        (missed, is_whole): (u64, bool),
        verdicts: &Verdicts,
        away: &BTreeSet<String>,
    ) -> Vec<Changed> {
        let summary = self.summary.get_or_insert_with(|| Summary {
            from: at,
            to: at,
            rounds: 0,
            whole: 0,
            missed: 0,
            away: Vec::new(),
            gaps: Vec::new(),
            records_away: Vec::new(),
            changes: Vec::new(),
        });
        if missed > 0 {
            let start = summary.to;
            summary.gaps.push(Gap { start, end: at });
        }
        (summary.to, summary.missed) = (at, summary.missed + missed);
        (summary.rounds, summary.whole) = (summary.rounds + 1, summary.whole + u64::from(is_whole));
        for one in summary.away.iter_mut().filter(|one| one.end.is_none()) {
            one.end = (!away.contains(&one.source)).then_some(at);
        }
        for source in away {
            let mut open = summary.away.iter().filter(|one| one.end.is_none());
            if open.all(|one| one.source != *source) {
                summary.away.push(Away {
                    source: source.clone(),
                    start: at,
                    end: None,
                });
            }
        }
        let changes = changes(&self.verdicts, verdicts, at);
        summary.changes.extend(changes.iter().cloned());
        self.verdicts = verdicts.clone();
        changes
    }
}

fn changes(before: &Verdicts, now: &Verdicts, at: Instant) -> Vec<Changed> {
    let changed = now.iter().filter_map(|(gate, verdict)| {
        let from = *before.get(gate)?;
        (from != *verdict).then(|| Changed {
            at,
            gate: gate.clone(),
            from,
            to: *verdict,
        })
    });
    changed.collect()
}
