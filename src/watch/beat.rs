//! When a watch judges: at multiples of its interval since the epoch (W3). Must not read a clock.

use crate::units::{Duration, Instant};

/// The interval of a watch, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat(Duration);

/// What is to be done by a clock after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Judge as of this time; so many rounds before it have fallen out.
    Judge(Instant, u64),
    /// Nothing is due before this time.
    Wait(Instant),
    /// The clock was set back behind the last round: it has to catch up until this time.
    SetBack(Instant),
}

impl Beat {
    /// The shortest and the longest interval.
    pub const BOUNDS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3600));
    /// Where none is given, at least this long.
    const AT_LEAST: Duration = Duration::from_secs(15);

    /// An interval as given; `None` if it is no whole number of seconds from 1 s to 1 h.
    #[must_use]
    pub fn of(every: Duration) -> Option<Self> {
        let (shortest, longest) = Self::BOUNDS;
        let is_fit = every >= shortest && every <= longest && every.millis() % 1000 == 0;
        is_fit.then_some(Self(every))
    }

    /// Where none is given: the smallest step of what is measured, at least 15 s, in whole seconds.
    #[must_use]
    pub fn for_steps(steps: impl Iterator<Item = Duration>) -> Self {
        let smallest = steps.min().unwrap_or(Duration::from_secs(60));
        let seconds = Duration::from_secs((smallest.millis() + 999) / 1000);
        Self(seconds.clamp(Self::AT_LEAST, Self::BOUNDS.1))
    }

    /// The interval.
    #[must_use]
    pub fn every(self) -> Duration {
        self.0
    }

    /// The last time of a round at or before a time.
    #[must_use]
    pub fn at_or_before(self, time: Instant) -> Instant {
        let past = time.millis().rem_euclid(self.0.millis());
        time - Duration::from_millis(past)
    }

    /// The time of the round after one as of `last`: the next multiple, or the time at which the watch ends if that comes before.
    #[must_use]
    pub fn next(self, last: Instant, until: Option<Instant>) -> Instant {
        let next = self.at_or_before(last) + self.0;
        let end = until.filter(|until| *until > last);
        end.map_or(next, |end| end.min(next))
    }

    /// What is due after a round as of `last`, when the clock shows `now`, and the watch ends at `until`.
    #[must_use]
    pub fn after(self, last: Instant, now: Instant, until: Option<Instant>) -> Turn {
        let next = self.next(last, until);
        if now < last {
            return Turn::SetBack(next);
        }
        if now < next {
            return Turn::Wait(next);
        }
        // The last round is at the end of the watch, and no later than it has to be.
        let end = until.filter(|until| *until > last && *until <= now);
        let due = self.at_or_before(now).max(end.unwrap_or(next));
        let between = next.until(due).millis() / self.0.millis();
        Turn::Judge(due, between.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_secs(seconds)
    }

    fn minute() -> Beat {
        Beat::of(Duration::from_secs(60)).expect("a minute")
    }

    #[test]
    fn w3_rounds_are_at_multiples_of_the_interval() {
        assert_eq!(minute().at_or_before(at(659)), at(600));
        assert_eq!(minute().at_or_before(at(660)), at(660));
        assert_eq!(minute().after(at(600), at(630), None), Turn::Wait(at(660)));
        assert_eq!(
            minute().after(at(600), at(660), None),
            Turn::Judge(at(660), 0)
        );
        // The first round need not be on a multiple.
        assert_eq!(minute().after(at(637), at(650), None), Turn::Wait(at(660)));
    }

    #[test]
    fn w3_a_round_that_is_not_through_lets_the_next_fall_out_counted() {
        assert_eq!(
            minute().after(at(600), at(719), None),
            Turn::Judge(at(660), 0)
        );
        assert_eq!(
            minute().after(at(600), at(725), None),
            Turn::Judge(at(720), 1)
        );
        assert_eq!(
            minute().after(at(600), at(4200), None),
            Turn::Judge(at(4200), 59)
        );
    }

    #[test]
    fn w13_the_last_round_is_at_the_end_of_the_watch_and_not_after_it() {
        let until = Some(at(690));
        let after = |last, now| minute().after(at(last), at(now), until);
        assert_eq!(after(600, 630), Turn::Wait(at(660)));
        assert_eq!(after(660, 670), Turn::Wait(at(690)));
        assert_eq!(after(660, 690), Turn::Judge(at(690), 0));
        assert_eq!(after(660, 700), Turn::Judge(at(690), 0));
        assert_eq!(after(600, 700), Turn::Judge(at(690), 0));
        assert_eq!(after(600, 850), Turn::Judge(at(840), 3), "asleep meanwhile");
        assert_eq!(after(690, 700), Turn::Wait(at(720)), "it could not end");
    }

    #[test]
    fn w3_time_never_goes_back() {
        assert_eq!(
            minute().after(at(600), at(599), None),
            Turn::SetBack(at(660))
        );
        assert_eq!(minute().after(at(600), at(600), None), Turn::Wait(at(660)));
    }

    #[test]
    fn an_interval_is_a_whole_number_of_seconds_up_to_an_hour() {
        for unfit in [0, 500, 1500, 3_600_001] {
            assert_eq!(Beat::of(Duration::from_millis(unfit)), None, "{unfit}");
        }
        let steps = |steps: &[i64]| {
            let steps = steps.iter().map(|one| Duration::from_millis(*one));
            Beat::for_steps(steps).every()
        };
        assert_eq!(steps(&[60_000, 30_000]), Duration::from_secs(30));
        assert_eq!(steps(&[5_000]), Duration::from_secs(15));
        assert_eq!(steps(&[20_500]), Duration::from_secs(21));
        assert_eq!(steps(&[]), Duration::from_secs(60));
    }
}
