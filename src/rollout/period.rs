//! From when to when a stage runs: S, E, or why it has not begun, as T knows it. Must not look at a sample.

use std::collections::BTreeMap;

use super::Rollout;
use crate::ledger::{Entry, Ledger};
use crate::plan::Stage;
use crate::units::Instant;

/// A stage's part of a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// It began, and where a stage that follows it began by T, it ended there.
    Begun {
        /// S.
        started: Instant,
        /// E, after S and not after T.
        ended: Option<Instant>,
    },
    /// It has no exit yet.
    NotBegun(NotBegun),
}

/// Why a stage has not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    /// Nothing records a start, and none is given.
    Unrecorded,
    /// It began then, after T.
    After(Instant),
    /// It began at the first instant, but that was recorded at the second, after T.
    RecordedAfter(Instant, Instant),
}

/// The first start of a stage that T does not know yet, though the ledger does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterStart {
    /// When the stage began.
    pub started_at: Instant,
    /// When that was recorded.
    pub recorded_at: Instant,
}

/// The stages whose first start T does not know yet.
pub type LaterStarts = BTreeMap<String, LaterStart>;

/// The starts of a whole ledger that are recorded after `at`, of stages that have none before.
#[must_use]
pub fn later_starts(ledger: &Ledger, at: Instant) -> LaterStarts {
    let mut later = LaterStarts::new();
    let mut known = Vec::new();
    for entry in ledger.entries() {
        let Some((stage, started_at)) = entry.event.started() else {
            continue;
        };
        if entry.at <= at {
            known.push(stage);
        } else {
            later.entry(stage.to_owned()).or_insert(LaterStart {
                started_at,
                recorded_at: entry.at,
            });
        }
    }
    for stage in known {
        later.remove(stage);
    }
    later
}

impl Period {
    /// S, where the stage has begun.
    #[must_use]
    pub fn started(self) -> Option<Instant> {
        match self {
            Self::Begun { started, .. } => Some(started),
            Self::NotBegun(_) => None,
        }
    }

    /// E, where the stage has ended.
    #[must_use]
    pub fn ended(self) -> Option<Instant> {
        match self {
            Self::Begun { ended, .. } => ended,
            Self::NotBegun(_) => None,
        }
    }

    /// Why the stage has not begun, where it has not.
    #[must_use]
    pub fn not_begun(self) -> Option<NotBegun> {
        match self {
            Self::Begun { .. } => None,
            Self::NotBegun(why) => Some(why),
        }
    }
}

impl<'a> Rollout<'a> {
    /// The part of a stage as of T. `given` is a start from the command line, which the recorded one has to agree
    /// with; `later` are the starts that are recorded after T.
    #[must_use]
    pub fn period(&self, stage: &Stage, given: Option<Instant>, later: &LaterStarts) -> Period {
        let recorded = self.history().start_of(&stage.name);
        let not_begun = match (recorded, later.get(&stage.name)) {
            (Some(recorded), _) if recorded > self.now => Some(NotBegun::After(recorded)),
            (None, Some(later)) if later.started_at > self.now => {
                Some(NotBegun::After(later.started_at))
            }
            (None, Some(later)) if given.is_none() => {
                Some(NotBegun::RecordedAfter(later.started_at, later.recorded_at))
            }
            _ => None,
        };
        match (not_begun, given.or(recorded)) {
            (Some(why), _) => Period::NotBegun(why),
            (None, None) => Period::NotBegun(NotBegun::Unrecorded),
            (None, Some(started)) => Period::Begun {
                started,
                ended: self.ended(stage, started),
            },
        }
    }

    /// E: the first recorded start, after S and not after T, of a stage that follows this one; others may run beside it. A
    /// rollback of this stage that was recorded after it brings the stage back.
    #[must_use]
    pub fn ended(&self, stage: &Stage, started: Instant) -> Option<Instant> {
        self.ending(stage, started).map(|(_, at)| at)
    }

    /// The entry that says so.
    #[must_use]
    pub fn ended_by(&self, stage: &Stage, started: Instant) -> Option<&'a Entry> {
        self.ending(stage, started).map(|(entry, _)| entry)
    }

    fn ending(&self, stage: &Stage, started: Instant) -> Option<(&'a Entry, Instant)> {
        let history = self.history();
        let turned = history.turned(&stage.name).map_or(0, |entry| entry.number);
        let rolled_back = history
            .rolled_back(&stage.name)
            .map_or(0, |entry| entry.number);
        let starts = history
            .entries()
            .iter()
            .filter(|entry| entry.number > rolled_back)
            .filter_map(|entry| Some((entry, self.start_after(entry, stage)?)));
        starts
            .filter(|(entry, at)| *at > started || (*at == started && entry.number > turned))
            .filter(|(_, at)| *at <= self.now)
            .min_by_key(|(_, at)| *at)
    }

    /// When a stage that follows this one began, where the entry says that.
    fn start_after(&self, entry: &Entry, stage: &Stage) -> Option<Instant> {
        let (name, at) = entry.event.started()?;
        // A start that was taken back ends nothing (L7).
        let reopened = self.history().reopened(name);
        if reopened.is_some_and(|reopened| reopened.number > entry.number) {
            return None;
        }
        let mut before = self.plan.before(self.stage(name)?).into_iter();
        before.any(|one| one.name == stage.name).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Event, IdentitySource, Person, RollbackTold};

    fn at(seconds: i64) -> Instant {
        Instant::from_secs(seconds)
    }

    fn plan() -> crate::plan::Plan {
        let text = "\
release: {name: shop}
stages:
  - {name: one, window: 10m, exit: {confirmations: well}}
  - {name: two, window: 10m, exit: {confirmations: well}}
  - {name: beside, after: none, window: 10m, exit: {confirmations: well}}
  - {name: three, after: two, window: 10m, exit: {confirmations: well}}
";
        let options = crate::plan::Options::default();
        let loaded = crate::plan::load(text.as_bytes(), &options);
        loaded.expect("a valid plan").plan
    }

    /// Entries that were made at these times.
    fn ledger(events: Vec<(i64, Event)>) -> Ledger {
        let entry = |(number, (recorded, event)): (u64, (i64, Event))| Entry {
            nonce: None,
            number,
            at: at(recorded),
            by: Person {
                name: "ada".into(),
                identity_source: IdentitySource::Given,
            },
            plan: "plan.yaml".into(),
            why: String::new(),
            links: Vec::new(),
            event,
        };
        Ledger::new((1..).zip(events).map(entry).collect())
    }

    fn started(stage: &str, seconds: i64) -> (i64, Event) {
        let event = Event::Started {
            stage: stage.into(),
            at: at(seconds),
            overridden: false,
            vars: Vec::new(),
            sources: Vec::new(),
        };
        (seconds, event)
    }

    fn rolled_back(stage: &str, seconds: i64) -> (i64, Event) {
        let event = Event::RolledBack {
            stage: stage.into(),
            told: RollbackTold::default(),
        };
        (seconds, event)
    }

    fn resumed(stage: &str, seconds: i64) -> (i64, Event) {
        let stage = stage.into();
        (seconds, Event::Resumed { stage })
    }

    fn period(stage: &str, now: i64, given: Option<i64>, ledger: &Ledger) -> Period {
        let plan = plan();
        let rollout = Rollout {
            plan: &plan,
            plan_sha256: None,
            vars: &[],
            addresses: &[],
            ledger: Some(ledger),
            now: at(now),
        };
        let stage = rollout.stage(stage).expect("a stage");
        rollout.period(stage, given.map(at), &LaterStarts::new())
    }

    #[test]
    fn m1_a_stage_begins_by_the_ledger_or_by_the_command_line() {
        let none = ledger(Vec::new());
        let unrecorded = Period::NotBegun(NotBegun::Unrecorded);
        assert_eq!(period("one", 100, None, &none), unrecorded);
        assert_eq!(period("one", 100, Some(5), &none).started(), Some(at(5)));
        let begun = ledger(vec![started("one", 10)]);
        assert_eq!(period("one", 100, None, &begun).started(), Some(at(10)));
        assert_eq!(period("two", 100, None, &begun), unrecorded);
    }

    #[test]
    fn m2_a_start_after_the_time_that_is_judged_does_not_count() {
        let begun = ledger(vec![started("one", 200)]);
        let after = Period::NotBegun(NotBegun::After(at(200)));
        assert_eq!(period("one", 100, None, &begun), after);
        assert_eq!(period("one", 100, Some(50), &begun), after);
        assert_eq!(period("one", 200, None, &begun).started(), Some(at(200)));
    }

    #[test]
    fn m2_a_start_that_is_recorded_later_is_named() {
        let whole = ledger(vec![
            started("one", 10),
            started("two", 200),
            (300, started("beside", 20).1),
        ]);
        let later = later_starts(&whole, at(100));
        assert_eq!(later.keys().collect::<Vec<_>>(), ["beside", "two"]);
        let plan = plan();
        let known = ledger(vec![started("one", 10)]);
        let rollout = Rollout {
            plan: &plan,
            plan_sha256: None,
            vars: &[],
            addresses: &[],
            ledger: Some(&known),
            now: at(100),
        };
        let of = |name: &str, given: Option<i64>| {
            let stage = rollout.stage(name).expect("a stage");
            rollout.period(stage, given.map(at), &later)
        };
        let after = Period::NotBegun(NotBegun::After(at(200)));
        assert_eq!(of("two", None), after);
        assert_eq!(of("two", Some(50)), after, "whatever --started says");
        let recorded_after = NotBegun::RecordedAfter(at(20), at(300));
        assert_eq!(of("beside", None), Period::NotBegun(recorded_after));
        assert_eq!(of("beside", Some(20)).started(), Some(at(20)));
        assert_eq!(of("one", None).started(), Some(at(10)));
    }

    #[test]
    fn m3_a_stage_ends_where_one_that_follows_it_begins() {
        let begun = ledger(vec![
            started("one", 10),
            started("beside", 20),
            started("two", 30),
            started("three", 40),
        ]);
        let ended = |stage: &str, now: i64| period(stage, now, None, &begun).ended();
        assert_eq!(ended("one", 100), Some(at(30)));
        assert_eq!(ended("one", 29), None, "not yet");
        assert_eq!(ended("two", 100), Some(at(40)));
        assert_eq!(ended("beside", 100), None, "nothing follows it");
        assert_eq!(ended("three", 100), None);
    }

    #[test]
    fn m3_a_start_before_its_own_ends_no_stage_and_a_rollback_brings_it_back() {
        let before = ledger(vec![started("two", 5), started("one", 10)]);
        assert_eq!(period("one", 100, None, &before).ended(), None);
        let mut events = vec![
            started("one", 10),
            started("two", 30),
            rolled_back("one", 50),
        ];
        assert_eq!(
            period("one", 100, None, &ledger(events.clone())).ended(),
            None
        );
        events.extend([resumed("one", 60), started("two", 70)]);
        let again = ledger(events);
        let begun = Period::Begun {
            started: at(60),
            ended: Some(at(70)),
        };
        assert_eq!(period("one", 100, None, &again), begun);
    }
}
