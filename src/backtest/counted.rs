//! B7–B10: pretend releases, counted against incidents. Must not judge.

use super::Figures;
use super::incidents::Incidents;
use super::poisson::{per_week, upper_bound};
use super::tried::{CriterionTried, Tried};
use crate::assessment;
use crate::evaluate::{FirstTrip, Trial};
use crate::kind::List;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// Trips that are no further apart than this are one.
const ONE: Duration = Duration::from_secs(3600);
/// So long after an incident a stop still caught it.
const LATE: Duration = Duration::from_secs(15 * 60);

/// What a pretend release has to do with incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// It meets none, and does not begin soon after one.
    Quiet,
    /// It meets one.
    Incident,
    /// It begins soon after one: it says nothing of either.
    After,
}

/// How many pretend releases had an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeCount {
    /// The outcome.
    pub verdict: Verdict,
    /// Of all.
    pub all: usize,
    /// Of the quiet ones.
    pub quiet: usize,
    /// Of those that meet an incident.
    pub incident: usize,
}

/// What was counted of one gate.
#[derive(Debug, Clone)]
pub struct Counted {
    /// One for each pretend release.
    pub periods: Vec<Period>,
    /// GO, STOP, NO-GO, HOLD.
    pub outcomes: Vec<OutcomeCount>,
    /// How much was watched and decided while it was quiet.
    pub quiet_time: Duration,
    /// The incidents that are counted: those that begin in the span.
    pub incidents: Incidents,
    /// B8: distinct false stops of all criteria together: a release is stopped once.
    pub false_stops: usize,
    /// Of each stop, in plan order.
    pub stops: Vec<StopCount>,
    /// How each incident was caught by any stop.
    pub caught: Vec<Caught>,
}

/// What was counted of one stop.
#[derive(Debug, Clone)]
pub struct StopCount {
    /// Which criterion, by its place among those that were judged.
    pub criterion: usize,
    /// B8: distinct.
    pub false_stops: usize,
    /// How each incident was caught by it alone.
    pub caught: Vec<Caught>,
    /// How many incidents nothing else caught.
    pub only: usize,
    /// How near it came to a stop in a quiet release that it did not stop.
    pub closest: Option<Closest>,
}

/// Whether an incident was caught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caught {
    /// After so long, in the median of the releases that were running.
    After(Duration),
    /// Releases were running, and none was stopped by it.
    Missed,
    /// No pretend release had begun long enough before.
    Untested,
}

/// A call that was close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closest {
    /// The limit at which it would have tripped.
    pub value: f64,
    /// The limit that there is.
    pub limit: StopLimit,
}

/// A limit in the words of the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StopLimit(pub f64);

impl Counted {
    /// Counts. `span` is what was judged, from its first sample on.
    #[must_use]
    pub fn of(tried: &Tried, incidents: &Incidents, (from, to): (Instant, Instant)) -> Self {
        let of_stage = incidents.of_stage(&tried.stage);
        let periods: Vec<Period> = (tried.trials.times.iter())
            .map(|trial| period(&of_stage, watched(*trial, tried.trials.length)))
            .collect();
        let counting = Counting {
            tried,
            periods: &periods,
            incidents: &of_stage,
        };
        let stops: Vec<StopCount> = tried
            .criteria
            .iter()
            .enumerate()
            .filter(|(_, criterion)| criterion.list == List::Stop)
            .map(|(place, criterion)| counting.stop(place, criterion))
            .collect();
        let first: Vec<Option<FirstTrip>> = (tried.outcomes.iter())
            .map(|outcome| outcome.stop.map(|(at, _)| FirstTrip { at, series: 0 }))
            .collect();
        let mut counted = Self {
            outcomes: outcomes(tried, &periods),
            quiet_time: quiet_time(tried, &periods, (from, to)),
            false_stops: counting.false_stops(&first, Duration::ZERO),
            caught: counting.caught(&first, Duration::ZERO),
            stops,
            incidents: of_stage.clone(),
            periods: periods.clone(),
        };
        counted.only();
        counted
    }

    /// How many incidents only one stop caught.
    fn only(&mut self) {
        let is_caught = |caught: &[Caught], incident: usize| {
            matches!(caught.get(incident), Some(Caught::After(_)))
        };
        for incident in 0..self.incidents.all.len() {
            let mut by: Vec<&mut StopCount> = (self.stops.iter_mut())
                .filter(|stop| is_caught(&stop.caught, incident))
                .collect();
            if let [only] = by.as_mut_slice() {
                only.only += 1;
            }
        }
    }

    /// False stops of a count in a week of quiet time, and at most how many a week that leaves possible.
    #[must_use]
    pub fn rate(&self, false_stops: usize) -> Option<(f64, f64)> {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53")]
        let rate = per_week(false_stops as f64, self.quiet_time)?;
        Some((rate, per_week(upper_bound(false_stops), self.quiet_time)?))
    }

    /// How many pretend releases had an outcome.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> OutcomeCount {
        let found = self.outcomes.iter().find(|count| count.verdict == verdict);
        found.copied().unwrap_or(OutcomeCount {
            verdict,
            all: 0,
            quiet: 0,
            incident: 0,
        })
    }

    /// How many there were of a period.
    #[must_use]
    pub fn number(&self, period: Period) -> usize {
        self.periods.iter().filter(|one| **one == period).count()
    }

    /// How many incidents were caught, and how many could have been.
    #[must_use]
    pub fn caught_of(caught: &[Caught]) -> (usize, usize) {
        let tested = caught.iter().filter(|one| **one != Caught::Untested);
        let found = caught.iter().filter(|one| matches!(one, Caught::After(_)));
        (found.count(), tested.count())
    }

    /// For conditions.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53")]
    pub fn figures(&self) -> Figures {
        let share = |part: usize, of: usize| (of > 0).then(|| part as f64 / of as f64);
        let (caught, tested) = Self::caught_of(&self.caught);
        Figures {
            false_stops_a_week: self.rate(self.false_stops).map(|(rate, _)| rate),
            false_no_go: share(self.count(Verdict::NoGo).quiet, self.number(Period::Quiet)),
            hold: share(self.count(Verdict::Hold).all, self.periods.len()),
            missed: tested - caught,
            caught,
        }
    }
}

/// Counting one gate, with whatever trips.
pub(super) struct Counting<'a> {
    pub tried: &'a Tried,
    pub periods: &'a [Period],
    pub incidents: &'a Incidents,
}

impl Counting<'_> {
    fn stop(&self, place: usize, criterion: &CriterionTried) -> StopCount {
        let trips = criterion.trips();
        StopCount {
            criterion: place,
            false_stops: self.false_stops(&trips, criterion.lasts),
            caught: self.caught(&trips, criterion.lasts),
            only: 0,
            closest: self.closest(criterion),
        }
    }

    /// B8: distinct trips of quiet releases: those of one series that are near to each other are one. A bad state that lasts is seen by
    /// each release that begins in it, an hour after the one before, and is one, too.
    pub fn false_stops(&self, trips: &[Option<FirstTrip>], lasts: Duration) -> usize {
        let quiet = trips.iter().zip(self.periods);
        let quiet = quiet.filter(|(_, period)| **period == Period::Quiet);
        let mut all: Vec<(usize, Instant)> = quiet
            .filter_map(|(trip, _)| trip.map(|trip| (trip.series, trip.at)))
            .collect();
        all.sort_unstable();
        let apart = lasts.max(ONE);
        let (mut count, mut before) = (0, None);
        for (series, at) in all {
            let is_new = before.is_none_or(|(last, last_at): (usize, Instant)| {
                last != series || last_at.until(at) > apart
            });
            count += usize::from(is_new);
            before = Some((series, at));
        }
        count
    }

    /// B9: how each incident was caught.
    pub fn caught(&self, trips: &[Option<FirstTrip>], lasts: Duration) -> Vec<Caught> {
        let settle = self.tried.settle;
        let incidents = self.incidents.all.iter().map(|incident| {
            let (mut after, mut tested) = (Vec::new(), false);
            for (trial, trip) in self.tried.trials.times.iter().zip(trips) {
                let begun = watched(*trial, self.tried.trials.length).0;
                let is_running =
                    begun + lasts.max(settle) <= incident.start && incident.start <= trial.at;
                if !is_running || trip.is_some_and(|trip| trip.at < incident.start) {
                    continue;
                }
                tested = true;
                let caught = trip.filter(|trip| trip.at <= incident.end + LATE);
                after.extend(caught.map(|trip| incident.start.until(trip.at)));
            }
            after.sort_unstable();
            match (after.get(after.len() / 2), tested) {
                (Some(median), _) => Caught::After(*median),
                (None, true) => Caught::Missed,
                (None, false) => Caught::Untested,
            }
        });
        incidents.collect()
    }

    fn closest(&self, criterion: &CriterionTried) -> Option<Closest> {
        let scale = criterion.swept.scale.as_ref()?;
        let judged = criterion.swept.judged.iter().zip(self.periods);
        let quiet =
            judged.filter(|(judged, period)| **period == Period::Quiet && judged.trip.is_none());
        let worst = quiet
            .filter_map(|(judged, _)| judged.critical)
            .reduce(|worst, next| {
                let is_worse = if scale.high {
                    next > worst
                } else {
                    next < worst
                };
                if is_worse { next } else { worst }
            });
        worst.map(|value| Closest {
            value,
            limit: StopLimit(scale.now),
        })
    }
}

/// From when to when a pretend release is watched; of a moment, what it looks at.
pub(super) fn watched(trial: Trial, length: Duration) -> (Instant, Instant) {
    (trial.started.unwrap_or(trial.at - length), trial.at)
}

/// What quiet releases watched of a span, where something was decided: in what nobody watched or measured nothing could have stopped. It
/// meets no incident and does not begin soon after one, or it would not be quiet.
fn quiet_time(tried: &Tried, periods: &[Period], (from, to): (Instant, Instant)) -> Duration {
    let trials = tried.trials.times.iter().zip(&tried.outcomes).zip(periods);
    let decided = trials.filter(|((_, outcome), period)| {
        **period == Period::Quiet && outcome.verdict != Verdict::Hold
    });
    let spans = decided.map(|((trial, _), _)| watched(*trial, tried.trials.length));
    union(spans.map(|(begins, ends)| (begins.max(from), ends.min(to))))
}

/// How long at least one of these lasts, where they are in the order of their beginnings.
fn union(spans: impl Iterator<Item = (Instant, Instant)>) -> Duration {
    let (mut whole, mut until) = (Duration::ZERO, None);
    for (begins, ends) in spans {
        let begins = until.map_or(begins, |until| begins.max(until));
        if begins < ends {
            whole = whole + begins.until(ends);
            until = Some(ends);
        }
    }
    whole
}

fn period(incidents: &Incidents, (from, to): (Instant, Instant)) -> Period {
    if incidents.meets(from, to) {
        Period::Incident
    } else if incidents.is_soon_after(from) {
        Period::After
    } else {
        Period::Quiet
    }
}

fn outcomes(tried: &Tried, periods: &[Period]) -> Vec<OutcomeCount> {
    let order = [Verdict::Go, Verdict::Stop, Verdict::NoGo, Verdict::Hold];
    let count = |verdict| {
        let of = |period: Option<Period>| {
            let all = tried.outcomes.iter().zip(periods);
            all.filter(|(outcome, of)| {
                outcome.verdict == verdict && period.is_none_or(|period| period == **of)
            })
            .count()
        };
        OutcomeCount {
            verdict,
            all: of(None),
            quiet: of(Some(Period::Quiet)),
            incident: of(Some(Period::Incident)),
        }
    };
    order.map(count).to_vec()
}

impl CriterionTried {
    /// How many quiet releases its exit condition fails.
    #[must_use]
    pub fn failing(&self, periods: &[Period]) -> usize {
        let judged = self.swept.judged.iter().zip(periods);
        let fails = |(judged, period): &(&crate::evaluate::JudgedAt, &Period)| {
            **period == Period::Quiet && judged.outcome == assessment::Outcome::Unmet
        };
        judged.filter(fails).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b7_quiet_time_counts_what_overlaps_once_and_what_nobody_watched_not_at_all() {
        let at = |hour: i64| Instant::from_secs(hour * 3600);
        let hours = |spans: &[(i64, i64)]| {
            let spans = spans.iter().map(|(from, to)| (at(*from), at(*to)));
            union(spans).seconds() / 3600.0
        };
        let cases = [
            hours(&[(0, 2), (1, 3), (1, 2)]),
            hours(&[(0, 2), (24, 26)]),
            hours(&[(4, 3)]),
            hours(&[]),
        ];
        assert_eq!(cases, [3.0, 4.0, 0.0, 0.0]);
    }
}
