//! The stops that somebody lifted: what tripped in a stage's run, who resumed, and whether the exit has been good since. Must not say
//! that a lifted stop still holds anything.

use super::{History, RecordedCheck, Rollout};
use crate::kind::{CriterionKind, GateKind, List};
use crate::ledger::{Entry, EventKind, Trip};
use crate::plan::Hold;
use crate::plan::Stage;
use crate::plan::criteria::Ask;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// A stop that tripped, and that a resume has lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifted<'a> {
    /// The first check that saw it.
    pub check: RecordedCheck<'a>,
    /// What tripped.
    pub trip: &'a Trip,
    /// The resume that lifted it.
    pub resumed: &'a Entry,
}

impl<'a> History<'a> {
    /// The stops that were lifted since the stage last began, went on after a rollback or was rolled back, oldest first, unless a check
    /// found its exit GO since then: they belong to what happens next. Whoever goes on after a rollback lifts none.
    #[must_use]
    pub fn lifted(self, stage: &str) -> Vec<Lifted<'a>> {
        let exit = GateKind::Exit.of(stage);
        let begun = self.beginning(stage).map(|(entry, _)| entry);
        let since = [self.turned(stage), begun].into_iter().flatten();
        let since = since.map(|entry| entry.number).max().unwrap_or(0);
        let goes_on = |entry: &&Entry| {
            entry.event.kind() == EventKind::Resumed && entry.event.stage() == Some(stage)
        };
        let mut lifted: Vec<Lifted<'_>> = Vec::new();
        let checks = self.checks_and_looks(&exit);
        for check in checks.filter(|check| check.entry.number > since) {
            let mut later = self.entries().iter().filter(goes_on);
            let Some(resumed) = later.find(|resumed| check.is_cleared_by(resumed)) else {
                continue;
            };
            for trip in &check.gate.tripped {
                let is_known = lifted
                    .iter()
                    .any(|one| one.resumed == resumed && one.trip.is(trip));
                if !is_known {
                    lifted.push(Lifted {
                        check,
                        trip,
                        resumed,
                    });
                }
            }
        }
        let good = self.checks(&exit).rev();
        let mut good = good.filter(|check| check.gate.verdict == Verdict::Go);
        let good = good.next().map_or(0, |check| check.entry.number);
        lifted.retain(|one| one.resumed.number > good);
        lifted
    }

    /// The last resume that lifted a stop: stops look back no further than that. One that ended a pause alone lifts none, so that
    /// nothing is lost which tripped after the last check.
    #[must_use]
    pub fn lifting(self, stage: &str) -> Option<&'a Entry> {
        let latest = self.entries().iter().rev();
        let mut resumes = latest.filter(|entry| {
            entry.event.kind() == EventKind::Resumed && entry.event.stage() == Some(stage)
        });
        resumes.find(|resumed| !self.before(resumed).trips(stage).is_empty())
    }

    /// What the last check of the exit said of a stop that tripped.
    #[must_use]
    pub fn last_seen(self, stage: &str, trip: &Trip) -> Option<(RecordedCheck<'a>, &'a Trip)> {
        let last = self.checks(&GateKind::Exit.of(stage)).next_back()?;
        let seen = last.gate.tripped.iter().find(|one| one.is(trip))?;
        Some((last, seen))
    }
}

impl<'a> Rollout<'a> {
    /// Whether a stop of the stage was lifted, and no check of its exit has found better than NO-GO since: whoever pauses it then goes
    /// back rather than on.
    #[must_use]
    pub fn is_still_bad(&self, stage: &'a str) -> bool {
        let last = self.history().judged(&GateKind::Exit.of(stage));
        let is_bad = last.is_some_and(|check| match check.gate.verdict {
            Verdict::NoGo | Verdict::Stop => true,
            Verdict::Go | Verdict::Hold => false,
        });
        is_bad && !self.history().lifted(stage).is_empty()
    }

    /// When a stop on a KPI can trip again at the earliest, if its points are judged from a time on: a stop that has to last needs
    /// that long. `None` if no stop of the plan is this one.
    #[must_use]
    pub fn trips_again(&self, stage: &Stage, trip: &Trip, judged_from: Instant) -> Option<Instant> {
        let gate = stage.gate(GateKind::Exit)?;
        let mut stops = gate.criteria.iter().filter(|one| {
            one.list == List::Stop
                && trip.kind == CriterionKind::Kpis
                && one.ask.name() == trip.name
        });
        stops.find_map(|one| {
            let Ask::Kpi(ask) = &one.ask else {
                return None;
            };
            let lasts = match ask.condition.hold {
                Some(Hold::For(length)) => length,
                // The longest look-back has to be over first.
                Some(hold @ Hold::Over(..)) => {
                    hold.lookbacks().into_iter().max().unwrap_or_default()
                }
                // So many points have to come first, the first of them at once.
                Some(Hold::Points(count)) => {
                    let later = i64::from(count.get()) - 1;
                    Duration::from_millis(ask.step.millis().saturating_mul(later))
                }
                Some(Hold::Share(_) | Hold::But(_)) | None => Duration::ZERO,
            };
            let is_this = trip.condition.as_ref() == Some(&ask.condition.text);
            is_this.then_some(judged_from + lasts + ask.kpi.delay)
        })
    }
}
