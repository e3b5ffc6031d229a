//! The one moment by which ages and expiries are told: the later of the clock and the newest date in the ledger, so that a slow
//! clock revives nothing. Must not read a clock, nor decide what follows.

use super::{History, Rollout};
use crate::ledger::{Entry, EventKind};
use crate::units::{Duration, Instant};

/// Clocks may differ by that much; what is dated further ahead of the clock comes from one that is wrong, here or there.
pub(super) const AHEAD: Duration = Duration::from_secs(120);

/// An entry that is dated after what the clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead<'a> {
    /// It.
    pub entry: &'a Entry,
    /// By how much.
    pub by: Duration,
}

impl Ahead<'_> {
    /// Whether asking again does not help: a GO of now, good for so long, has expired by that date, too.
    pub(super) fn outlasts(&self, valid: Duration) -> bool {
        self.by > AHEAD && self.by >= valid
    }
}

/// A time that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past<'a> {
    /// It.
    pub at: Instant,
    /// The entry that shows it, while the clock has not reached it.
    pub shown_by: Option<Ahead<'a>>,
}

impl<'a> History<'a> {
    /// The entry with the newest date.
    fn newest(self) -> Option<&'a Entry> {
        self.entries().iter().max_by_key(|entry| entry.at)
    }

    /// The entries, each with the moment that it was made at as far as the ledger shows it: the later of its date and the newest
    /// date before it. A clock that is behind makes nothing happen earlier.
    pub(super) fn dated(self) -> impl Iterator<Item = (&'a Entry, Instant)> {
        let mut newest: Option<Instant> = None;
        self.entries().iter().map(move |entry| {
            let at = newest.map_or(entry.at, |newest| newest.max(entry.at));
            newest = Some(at);
            (entry, at)
        })
    }

    /// The later of a clock and the newest date of any entry.
    #[must_use]
    pub fn present(self, clock: Instant) -> Instant {
        self.newest().map_or(clock, |newest| newest.at.max(clock))
    }
}

impl<'a> Rollout<'a> {
    /// By what ages and expiries are told: no time that an entry was made at is still to come.
    #[must_use]
    pub fn present(&self) -> Instant {
        self.history().present(self.now)
    }

    /// A time, if it has passed.
    pub(super) fn past(&self, at: Instant) -> Option<Past<'a>> {
        (at <= self.present()).then(|| Past {
            at,
            shown_by: self.newest_ahead().filter(|_| at > self.now),
        })
    }

    /// The newest entry, if it is dated further ahead of the clock than clocks may differ.
    #[must_use]
    pub fn dated_ahead(&self) -> Option<Ahead<'a>> {
        self.newest_ahead().filter(|ahead| ahead.by > AHEAD)
    }

    fn newest_ahead(&self) -> Option<Ahead<'a>> {
        let entry = self.history().newest()?;
        let by = self.now.until(entry.at);
        (by > Duration::ZERO).then_some(Ahead { entry, by })
    }

    /// The entry with which the stage last began, if a clock that is further ahead than clocks may differ has dated that.
    #[must_use]
    pub fn start_ahead(&self, stage: &str) -> Option<Ahead<'a>> {
        let began = self.history().start_of(stage)?;
        let entry = self.history().last_of(stage, &[EventKind::Started])?;
        let (_, dated) = entry.event.started()?;
        let by = self.now.until(began);
        (dated == began && self.is_ahead(began)).then_some(Ahead { entry, by })
    }

    /// Whether a time is so far ahead of the clock that one of the clocks is wrong.
    #[must_use]
    pub fn is_ahead(&self, at: Instant) -> bool {
        self.now.until(at) > AHEAD
    }
}
