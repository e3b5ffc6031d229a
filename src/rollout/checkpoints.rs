//! The checkpoints of hypercare: which days since the start have theirs, by whom, and which is owed (L8). A day begins at the
//! time of day of the start, and a checkpoint is held at the later of its date and the newest date before it: a
//! clock that is behind fills no day that is over. Must not take an ordinary remark for one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{History, NextStep, Rollout, steps};
use crate::kind::GateKind;
use crate::ledger::{Entry, Event, Person};
use crate::plan::Stage;
use crate::plan::criteria::{Ask, Attendance, CheckpointAsk, ISSUE_LOG, REVIEW};
use crate::units::{Duration, Instant};

/// What to do about a day that is over: nothing makes up for it.
pub const MISSED: &str = "a missed checkpoint stays missed: override the gate in your own name, or roll the stage back and begin it again";
/// The same in short, before the command that overrides.
pub const ACCEPT_MISSED: &str =
    "accept that a checkpoint was missed (or roll back and begin again)";

const DAY: Duration = Duration::from_secs(86_400);
/// Days are counted up to this many: a stage that was forgotten for years is not in hypercare.
const MAX_DAYS: usize = 1000;

/// A day of a stage without a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// From 1.
    #[serde(rename = "day")]
    pub number: usize,
    /// Where it begins, inclusive.
    pub start: Instant,
    /// Where it ends, exclusive.
    pub end: Instant,
    /// Whose checkpoint is missing: a role of the plan, or `issue-log`; `None` if the plan asks nobody, and nobody held one.
    pub by: Option<String>,
}

/// The checkpoints that one criterion asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<'a> {
    /// How many days are over.
    pub days: usize,
    /// Those of them without one, oldest first; at most a thousand.
    pub missed: Vec<Day>,
    /// The day that is not over, while it has none.
    pub open: Option<Day>,
    /// Whether half of that day is over.
    pub is_late: bool,
    /// The last one.
    pub last: Option<&'a Entry>,
}

/// What today's checkpoint is while nobody has held it, where that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Today<'h> {
    /// It is owed.
    Owed(&'h Day),
    /// It has time until the day is over, and only the window that runs waits for it.
    HasTime(&'h Day),
}

impl Held<'_> {
    /// The day that is not over and has none, where that counts: it is owed once half of it is over, or while nothing was held at
    /// all; before that it has time, and once the window is complete it counts no more.
    #[must_use]
    pub fn today(&self, window_runs: bool) -> Option<Today<'_>> {
        let today = self.open.as_ref()?;
        match (self.is_late, window_runs, self.days) {
            (true, ..) | (false, false, 0) => Some(Today::Owed(today)),
            (false, true, _) => Some(Today::HasTime(today)),
            (false, false, _) => None,
        }
    }
}

impl Day {
    /// What is missing: `no checkpoint by ops`, `no review of the issue log`.
    #[must_use]
    pub fn missing(&self) -> String {
        match self.by.as_deref() {
            Some(ISSUE_LOG) => format!("no {REVIEW}"),
            Some(role) => format!("no checkpoint by {role}"),
            None => "no daily checkpoint".to_owned(),
        }
    }

    /// `day 2 has no checkpoint by ops yet, due by 2026-11-20T12:00:00Z`: of a day that is not over.
    #[must_use]
    pub fn due(&self, ask: &CheckpointAsk) -> String {
        format!(
            "day {} has no {} yet, due by {}",
            self.number,
            ask.noun(),
            self.end
        )
    }
}

impl<'a> Rollout<'a> {
    /// The checkpoints of a stage that began at `start`, of the days up to `until`.
    #[must_use]
    pub fn checkpoints(
        &self,
        stage: &str,
        ask: &CheckpointAsk,
        start: Instant,
        until: Instant,
    ) -> Held<'a> {
        let held = self.held(stage, ask, start, None);
        let days = number_of(start, until, ask.every).unwrap_or(1) - 1;
        let day = |number: usize| day(start, ask.every, number, Some(ask.name().to_owned()));
        let is_missed = |number: &usize| !held.contains_key(number);
        let today = day(days + 1);
        let half = Duration::from_millis(ask.every.millis() / 2);
        let is_late = today.start + half <= until;
        Held {
            days,
            missed: (1..=days)
                .filter(is_missed)
                .take(MAX_DAYS)
                .map(day)
                .collect(),
            open: Some(today).filter(|today| is_missed(&today.number)),
            is_late,
            last: held.values().last().copied(),
        }
    }

    /// The entries that count, by the number of their day. With `distinct`, whoever held one in another role before on the same
    /// day does not count.
    fn held(
        &self,
        stage: &str,
        ask: &CheckpointAsk,
        start: Instant,
        besides: Option<&Entry>,
    ) -> BTreeMap<usize, &'a Entry> {
        let mut held = BTreeMap::new();
        let mut spoke: Vec<(usize, &Person, &str)> = Vec::new();
        let dated = self.history().dated();
        for (entry, at) in
            dated.filter(|(one, _)| besides.is_none_or(|not| one.number != not.number))
        {
            let Some((role, reviewed)) = self.history().checkpoint(entry, stage) else {
                continue;
            };
            let Some(number) = number_of(start, at, ask.every) else {
                continue;
            };
            let in_another = spoke.iter().any(|(day, person, of)| {
                *day == number && person.is(&entry.by) && role.is_some_and(|role| role != *of)
            });
            if ask.distinct && in_another {
                continue;
            }
            spoke.extend(role.map(|role| (number, &entry.by, role)));
            let counts = match &ask.shows {
                Attendance::Role(asked) => role == Some(asked),
                Attendance::IssueLog => reviewed,
            };
            if counts {
                held.insert(number, entry);
            }
        }
        held
    }

    /// The day of a checkpoint of a stage, and whether another one of that day counts, too.
    #[must_use]
    pub fn day_without(
        &self,
        stage: &str,
        ask: &CheckpointAsk,
        checkpoint: &Entry,
    ) -> Option<(usize, bool)> {
        let start = self.history().start_of(stage)?;
        let mut dated = self.history().dated();
        let (_, at) = dated.find(|(one, _)| one.number == checkpoint.number)?;
        let day = number_of(start, at, ask.every)?;
        let others = self.held(stage, ask, start, Some(checkpoint));
        Some((day, others.contains_key(&day)))
    }

    /// The role in which this person has already held today's checkpoint of a stage.
    #[must_use]
    pub fn held_today(&self, stage: &str, every: Duration, person: &Person) -> Option<&'a str> {
        let start = self.history().start_of(stage)?;
        let today = number_of(start, self.present(), every)?;
        let mut entries = self.history().dated();
        entries.find_map(|(entry, at)| {
            let (role, _) = self.history().checkpoint(entry, stage)?;
            let is_today = number_of(start, at, every) == Some(today);
            role.filter(|_| is_today && entry.by.is(person))
        })
    }

    /// What the exit of a stage asks about checkpoints.
    pub fn checkpoint_asks(stage: &Stage) -> impl Iterator<Item = &CheckpointAsk> {
        let criteria = stage.gates.iter().flat_map(|gate| &gate.criteria);
        criteria.filter_map(|criterion| match &criterion.ask {
            Ask::Checkpoint(ask) => Some(ask),
            Ask::Kpi(_)
            | Ask::Deadline(_)
            | Ask::Checklist { .. }
            | Ask::Confirmation(_)
            | Ask::Approval(_)
            | Ask::Incidents(_)
            | Ask::Alerts(_)
            | Ask::Artifact(_)
            | Ask::Probe(_)
            | Ask::Outside(_) => None,
        })
    }

    /// When the last checkpoint of a stage was held, by anybody, or else when it began; `started` where no ledger says that.
    #[must_use]
    pub fn last_checkpoint(&self, stage: &str, started: Option<Instant>) -> Option<Instant> {
        let began = self.history().start_of(stage).or(started)?;
        let history = self.history();
        let entries = history.dated();
        let held = entries.filter(|(entry, _)| history.checkpoint(entry, stage).is_some());
        held.map(|(_, at)| at).chain([began]).max()
    }

    /// Who owes today's, and by when.
    pub(super) fn checkpoint_owed(
        &self,
        stage: &Stage,
        ask: &CheckpointAsk,
    ) -> Option<(String, NextStep, bool)> {
        let start = self.history().start_of(&stage.name)?;
        let held = self.checkpoints(&stage.name, ask, start, self.now);
        let windows = self.windows(stage, true);
        let mut windows = windows.iter().filter(|one| one.kind == GateKind::Exit);
        let runs = windows.any(|window| window.completes_at > self.now);
        let (Today::Owed(open) | Today::HasTime(open)) = held.today(runs)?;
        Some((open.due(ask), steps::checkpoint(&stage.name, ask), false))
    }

    /// The days without one, oldest first: of a stage whose plan asks for checkpoints, those of each role, also after it was
    /// left; of any other, while it runs, the full days since the start without any.
    pub(super) fn missed(&self, stage: &'a Stage, start: Instant, is_under_way: bool) -> Vec<Day> {
        // The last stage is over once it was left.
        let over = self.ended(stage, start).or_else(|| self.left_at(stage));
        let until = over.unwrap_or(self.now).min(self.now);
        let mut asks = Self::checkpoint_asks(stage).peekable();
        if asks.peek().is_some() {
            let missed =
                asks.flat_map(|ask| self.checkpoints(&stage.name, ask, start, until).missed);
            let mut missed: Vec<Day> = missed.collect();
            missed.sort_by_key(|day| day.start);
            return missed;
        }
        if !is_under_way {
            return Vec::new();
        }
        let entries = self.history().dated();
        let held: Vec<usize> = entries
            .filter(|(entry, _)| self.history().checkpoint(entry, &stage.name).is_some())
            .filter_map(|(_, at)| number_of(start, at, DAY))
            .collect();
        let over = number_of(start, self.now, DAY).unwrap_or(1) - 1;
        let missed = (1..=over)
            .take(MAX_DAYS)
            .filter(|number| !held.contains(number));
        missed.map(|number| day(start, DAY, number, None)).collect()
    }
}

/// The number of the day in which a moment lies, from 1; `None` before the start.
#[must_use]
pub fn number_of(start: Instant, at: Instant, every: Duration) -> Option<usize> {
    let passed = usize::try_from(start.until(at).millis()).ok()?;
    let length = usize::try_from(every.millis())
        .ok()
        .filter(|length| *length > 0)?;
    Some(passed / length + 1)
}

fn day(start: Instant, every: Duration, number: usize, by: Option<String>) -> Day {
    let before = i64::try_from(number.saturating_sub(1)).unwrap_or(i64::MAX);
    let begins = start + Duration::from_millis(every.millis().saturating_mul(before));
    Day {
        number,
        start: begins,
        end: begins + every,
        by,
    }
}

impl<'a> History<'a> {
    /// The entry that takes a checkpoint back.
    #[must_use]
    pub fn takes_back(self, checkpoint: u64) -> Option<&'a Entry> {
        let mut entries = self.entries().iter();
        entries.find(|entry| {
            matches!(entry.event, Event::Noted { takes_back: Some(number), .. } if number == checkpoint && number < entry.number)
        })
    }

    /// Of a checkpoint of this stage, or one without a stage, that nobody has taken back: the role, and whether the issue log was gone
    /// through.
    fn checkpoint(self, entry: &'a Entry, stage: &str) -> Option<(Option<&'a str>, bool)> {
        let Event::Noted {
            stage: of,
            checkpoint: true,
            role,
            reviewed_issues,
            ..
        } = &entry.event
        else {
            return None;
        };
        let is_of_stage = of.as_deref().is_none_or(|of| of == stage);
        let counts = is_of_stage && self.takes_back(entry.number).is_none();
        counts.then_some((role.as_deref(), *reviewed_issues))
    }
}
