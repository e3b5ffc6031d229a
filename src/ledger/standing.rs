//! Where a stage stands after the entries: one question, one function. Must not know a plan, nor judge.

use super::{Answer, Entry, Event, Ledger, RecordedCheck, Trip};
use crate::kind::GateKind;
use crate::units::Instant;
use crate::verdict::Verdict;

impl Ledger {
    /// S: when the stage began; where it was rolled back and went on again, when it went on, since what was observed
    /// before was not the release's. Never before the last rollback.
    #[must_use]
    pub fn start_of(&self, stage: &str) -> Option<Instant> {
        let mut start: Option<Instant> = None;
        let mut rolled_back: Option<Instant> = None;
        let mut waits = false;
        for entry in self.entries() {
            let begun = match &entry.event {
                Event::Started { stage: of, at, .. } if of == stage => Some(*at),
                Event::Resumed { stage: of } if of == stage && waits => Some(entry.at),
                Event::RolledBack { stage: of, .. } if of == stage => {
                    (rolled_back, waits) = (Some(entry.at), true);
                    None
                }
                _ => None,
            };
            if let Some(begun) = begun {
                start = Some(rolled_back.map_or(begun, |rolled_back| rolled_back.max(begun)));
                waits = false;
            }
        }
        start
    }

    /// When the stage began for the first time: what was measured before owes nothing to the release.
    #[must_use]
    pub fn first_start_of(&self, stage: &str) -> Option<Instant> {
        let starts = self
            .entries()
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Started { stage: of, at, .. } if of == stage => Some(*at),
                _ => None,
            });
        starts.min()
    }

    /// The last resume of the stage.
    #[must_use]
    pub fn resumed(&self, stage: &str) -> Option<&Entry> {
        self.last(|event| matches!(event, Event::Resumed { stage: of } if of == stage))
    }

    /// The pause of the stage that nobody has ended by a resume.
    #[must_use]
    pub fn paused(&self, stage: &str) -> Option<&Entry> {
        let paused =
            self.last(|event| matches!(event, Event::Paused { stage: of } if of == stage))?;
        let ended = self
            .resumed(stage)
            .is_some_and(|resumed| resumed.number > paused.number);
        (!ended).then_some(paused)
    }

    /// The last rollback of the stage, whatever came of it.
    #[must_use]
    pub fn rolled_back(&self, stage: &str) -> Option<&Entry> {
        self.last(|event| matches!(event, Event::RolledBack { stage: of, .. } if of == stage))
    }

    /// The rollback after which the stage has neither been started nor resumed.
    #[must_use]
    pub fn taken_back(&self, stage: &str) -> Option<&Entry> {
        let rolled_back = self.rolled_back(stage)?;
        let begun = self.last(|event| match event {
            Event::Started { stage: of, .. } | Event::Resumed { stage: of } => of == stage,
            _ => false,
        });
        let waits = begun.is_none_or(|begun| begun.number < rolled_back.number);
        waits.then_some(rolled_back)
    }

    /// The last start or rollback of the stage: what was found before says nothing of the stage as it is now.
    #[must_use]
    pub fn turned(&self, stage: &str) -> Option<&Entry> {
        self.last(|event| match event {
            Event::Started { stage: of, .. } | Event::RolledBack { stage: of, .. } => of == stage,
            _ => false,
        })
    }

    /// The start or rollback of the stage that a check of it did not know: what it found is not the stage's as it is now.
    #[must_use]
    pub fn turned_since(&self, stage: &str, recorded: RecordedCheck<'_>) -> Option<&Entry> {
        let RecordedCheck { entry, check, .. } = recorded;
        self.turned(stage)
            .filter(|turned| entry.number < turned.number || check.evaluated_at < turned.at)
    }

    /// The last rollback of the stage, while nothing has shown that it is well again: a recorded check whose recovery gate
    /// is GO; where the stage has no such gate, that it began again.
    #[must_use]
    pub fn unrecovered(&self, stage: &str, has_recovery: bool) -> Option<&Entry> {
        if !has_recovery {
            return self.taken_back(stage);
        }
        let rolled_back = self.rolled_back(stage)?;
        let recovered = self
            .checks(&GateKind::Recovery.of(stage))
            .filter(|recorded| recorded.entry.number > rolled_back.number)
            .filter(|recorded| recorded.check.evaluated_at >= rolled_back.at)
            .any(|recorded| recorded.gate.verdict == Verdict::Go);
        (!recovered).then_some(rolled_back)
    }

    /// The stage that was started last.
    #[must_use]
    pub fn running(&self) -> Option<&str> {
        let entry = self.last(|event| matches!(event, Event::Started { .. }))?;
        match &entry.event {
            Event::Started { stage, .. } => Some(stage),
            _ => None,
        }
    }

    /// The stages that were ever started, each once, in the order in which they first were.
    #[must_use]
    pub fn begun(&self) -> Vec<&str> {
        let mut stages: Vec<&str> = Vec::new();
        for entry in self.entries() {
            if let Event::Started { stage, .. } = &entry.event
                && !stages.contains(&stage.as_str())
            {
                stages.push(stage);
            }
        }
        stages
    }

    /// Whether people keep this ledger: it holds more than checks.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.entries()
            .iter()
            .any(|entry| !matches!(entry.event, Event::Checked(_) | Event::Repaired { .. }))
    }

    /// The last answer to a confirmation of a stage.
    #[must_use]
    pub fn answer(&self, stage: &str, id: &str) -> Option<(&Entry, Answer)> {
        self.entries()
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::Confirmed {
                    stage: of,
                    id: found,
                    answer,
                } if of == stage && found == id => Some((entry, *answer)),
                _ => None,
            })
    }

    /// The stop criteria of a stage that tripped in a recorded check after its last resume, each with the first check that
    /// saw it. A check of a time before the resume found what the resume has cleared.
    #[must_use]
    pub fn trips(&self, stage: &str) -> Vec<(&Entry, &Trip)> {
        let resumed = self.resumed(stage);
        let counts = |recorded: &RecordedCheck<'_>| {
            resumed.is_none_or(|resumed| {
                recorded.entry.number > resumed.number && recorded.check.evaluated_at >= resumed.at
            })
        };
        let mut trips: Vec<(&Entry, &Trip)> = Vec::new();
        for recorded in self.checks(&GateKind::Exit.of(stage)).filter(counts) {
            for trip in &recorded.gate.tripped {
                if !trips.iter().any(|(_, seen)| seen.is(trip)) {
                    trips.push((recorded.entry, trip));
                }
            }
        }
        trips
    }

    pub(super) fn last(&self, is: impl Fn(&Event) -> bool) -> Option<&Entry> {
        self.entries().iter().rev().find(|entry| is(&entry.event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{IdentitySource, Person};

    fn at(seconds: i64) -> Instant {
        Instant::from_secs(seconds)
    }

    fn started(seconds: i64) -> Event {
        let stage = "pilot".into();
        Event::Started {
            stage,
            at: at(seconds),
            overridden: false,
        }
    }

    fn resumed() -> Event {
        Event::Resumed {
            stage: "pilot".into(),
        }
    }

    fn rolled_back() -> Event {
        Event::RolledBack {
            stage: "pilot".into(),
            steps: Vec::new(),
        }
    }

    /// One entry every hundred seconds.
    fn ledger(events: Vec<Event>) -> Ledger {
        let entry = |(number, event): (u32, Event)| Entry {
            number: number.into(),
            at: at(i64::from(number) * 100),
            by: Person {
                name: "ada".into(),
                identity_source: IdentitySource::Given,
            },
            why: String::new(),
            links: Vec::new(),
            event,
        };
        Ledger::new((1..).zip(events).map(entry).collect())
    }

    #[test]
    fn a_stage_begins_when_somebody_says_so_and_anew_after_a_rollback() {
        let start = |events| ledger(events).start_of("pilot");
        assert_eq!(start(vec![]), None);
        assert_eq!(start(vec![started(90)]), Some(at(90)));
        assert_eq!(start(vec![started(90), resumed()]), Some(at(90)));
        assert_eq!(start(vec![started(90), rolled_back()]), Some(at(90)));
        let again = vec![started(90), rolled_back(), resumed(), resumed()];
        assert_eq!(start(again), Some(at(300)));
        // A start that is said to have been before the rollback is not believed.
        assert_eq!(
            start(vec![started(90), rolled_back(), started(90)]),
            Some(at(200))
        );
        assert_eq!(ledger(vec![started(90)]).start_of("pilot-2"), None);
    }

    #[test]
    fn the_first_start_stays_the_first() {
        let ledger = ledger(vec![started(90), rolled_back(), started(290)]);
        assert_eq!(ledger.first_start_of("pilot"), Some(at(90)));
    }

    #[test]
    fn a_stage_is_taken_back_until_it_goes_on() {
        let taken = |events| ledger(events).taken_back("pilot").map(|entry| entry.number);
        assert_eq!(taken(vec![started(90)]), None);
        assert_eq!(taken(vec![started(90), rolled_back()]), Some(2));
        assert_eq!(taken(vec![rolled_back(), resumed()]), None);
        assert_eq!(
            taken(vec![rolled_back(), resumed(), rolled_back()]),
            Some(3)
        );
        assert_eq!(taken(vec![rolled_back(), started(90)]), None);
    }
}
