//! Records that cannot be reached (W12): when they are tried again, and for how long a watch goes on without. Must not reach for them.

use super::log::Gap;
use crate::units::{Duration, Instant};

/// So often they are tried again in each round; after that, once in this time.
const OFTEN: (u32, Duration) = (10, Duration::from_secs(60));

/// What could not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreached {
    /// Nobody knows what people have recorded meanwhile.
    Read,
    /// What others recorded is known, and nothing can be added.
    Written,
}

/// The account of a watch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outage {
    open: Option<Open>,
    past: Vec<Gap>,
    tries: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    of: Unreached,
    since: Instant,
    tries: u32,
    /// Not tried again before.
    next: Instant,
}

impl Outage {
    /// Since when they cannot be reached; `None` while they can.
    #[must_use]
    pub fn since(&self) -> Option<Instant> {
        self.open.map(|open| open.since)
    }

    /// Whether they cannot be read.
    #[must_use]
    pub fn is_of_reading(&self) -> bool {
        self.open.is_some_and(|open| open.of == Unreached::Read)
    }

    /// Whether they are to be tried in a round as of `at`: a place that keeps one waiting for long is not tried all the time.
    #[must_use]
    pub fn is_due(&self, at: Instant) -> bool {
        self.open.is_none_or(|open| at >= open.next)
    }

    /// They were tried at a round as of `at`, for so long, in vain. Returns whether that is news.
    pub fn failed(&mut self, at: Instant, of: Unreached, took: Duration) -> bool {
        let (often, pause) = OFTEN;
        let open = self.open.get_or_insert(Open {
            of,
            since: at,
            tries: 0,
            next: at,
        });
        let is_news = open.tries == 0;
        open.of = of;
        open.tries += 1;
        self.tries += 1;
        let pause = if open.tries >= often {
            pause
        } else {
            Duration::ZERO
        };
        // Begun and ended, and as long again.
        open.next = at + pause.max(Duration::from_millis(took.millis().saturating_mul(2)));
        is_news
    }

    /// They were reached for this at a round as of `at`. Returns since when they were not, if that is over: what can be read can not
    /// be written for that.
    pub fn reached(&mut self, at: Instant, by: Unreached) -> Option<Instant> {
        let open = self.open?;
        if open.of == Unreached::Written && by == Unreached::Read {
            return None;
        }
        self.open = None;
        self.past.push(Gap {
            start: open.since,
            end: at,
        });
        Some(open.since)
    }

    /// Whether they have been away for so long that nothing can be recorded for good.
    #[must_use]
    pub fn is_for_good(&self, at: Instant, grace: Duration) -> bool {
        self.open.is_some_and(|open| open.since.until(at) >= grace)
    }

    /// When they could not be reached, oldest first; what is written at `at` ends the last one.
    #[must_use]
    pub fn stretches(&self, at: Instant) -> Vec<Gap> {
        let open = self.open.map(|open| Gap {
            start: open.since,
            end: at,
        });
        self.past.iter().copied().chain(open).collect()
    }

    /// How often they were tried in vain.
    #[must_use]
    pub fn tries(&self) -> u64 {
        self.tries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_secs(seconds)
    }

    fn secs(seconds: i64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn w12_they_are_tried_in_each_round_and_later_once_a_minute() {
        let mut outage = Outage::default();
        assert!(outage.is_due(at(0)));
        let news: Vec<bool> = (0..10)
            .map(|second| outage.failed(at(second), Unreached::Read, Duration::ZERO))
            .collect();
        assert!(news[0] && !news[1..].contains(&true), "{news:?}");
        assert!(!outage.is_due(at(68)) && outage.is_due(at(69)));
        assert_eq!((outage.since(), outage.tries()), (Some(at(0)), 10));
    }

    #[test]
    fn w12_a_place_that_keeps_one_waiting_takes_half_of_the_time_at_most() {
        let mut outage = Outage::default();
        outage.failed(at(0), Unreached::Read, secs(40));
        assert!(!outage.is_due(at(79)) && outage.is_due(at(80)));
    }

    #[test]
    fn w12_what_can_be_read_again_is_not_yet_written() {
        let mut outage = Outage::default();
        outage.failed(at(0), Unreached::Written, Duration::ZERO);
        assert_eq!(outage.reached(at(5), Unreached::Read), None);
        assert!(!outage.is_of_reading());
        assert_eq!(outage.reached(at(6), Unreached::Written), Some(at(0)));
        outage.failed(at(10), Unreached::Read, Duration::ZERO);
        assert!(outage.is_of_reading());
        let stretch = |start, end| Gap {
            start: at(start),
            end: at(end),
        };
        assert_eq!(outage.stretches(at(12)), [stretch(0, 6), stretch(10, 12)]);
        assert_eq!(outage.reached(at(11), Unreached::Read), Some(at(10)));
        assert_eq!(outage.stretches(at(12)), [stretch(0, 6), stretch(10, 11)]);
        assert_eq!(outage.since(), None);
    }

    #[test]
    fn w12_after_the_time_of_grace_it_is_for_good() {
        let mut outage = Outage::default();
        assert!(!outage.is_for_good(at(9_999), secs(60)));
        outage.failed(at(100), Unreached::Read, Duration::ZERO);
        assert!(!outage.is_for_good(at(159), secs(60)));
        assert!(outage.is_for_good(at(160), secs(60)));
    }
}
